package campaign

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/release"
)

// Consolidation is what the units reported, added up: every total opens to its units, every figure has a definition, and the checks say what a reader
// should look at before she signs.
type Consolidation struct {
	Year        int               `json:"year"`
	CutOff      time.Time         `json:"cut_off"`
	Units       []UnitPart        `json:"units"`
	Indicators  []Total           `json:"indicators"`
	Budget      []MoneyTotal      `json:"budget"`
	BudgetTotal int64             `json:"budget_total"` // thousands of đồng
	Release     *ReleaseRef       `json:"release"`      // where the figures of cases come from; none: there are no figures of cases
	Cases       []CaseFigure      `json:"cases"`
	Figures     map[string]Figure `json:"figures"`
	Quotes      []Quote           `json:"quotes"` // what units wrote under each heading
	Checks      []Check           `json:"checks"`
}

// UnitPart is a unit in a consolidation: what of it counts, or that it is missing.
type UnitPart struct {
	ID     uuid.UUID  `json:"id"`
	Code   string     `json:"code"`
	Name   string     `json:"name"`
	Level  Level      `json:"level"`
	Number int        `json:"number"` // of the submission that counts; 0: missing
	Kind   string     `json:"kind,omitempty"`
	At     *time.Time `json:"at,omitempty"`
	Late   bool       `json:"late"`
	SHA256 string     `json:"sha256,omitempty"`
	sub    uuid.UUID
}

// Total is an indicator over all units.
type Total struct {
	Indicator
	Quantity     map[Level]int64 `json:"quantity"`
	Total        int64           `json:"total"`
	Participants int64           `json:"participants"`
	Women        int64           `json:"women"`
	Units        []UnitCount     `json:"units"` // who makes it up; units with nothing are left out
}

// UnitCount is what one unit adds to a total.
type UnitCount struct {
	Unit         string          `json:"unit"` // its code
	Quantity     map[Level]int64 `json:"quantity"`
	Total        int64           `json:"total"`
	Participants int64           `json:"participants"`
	Women        int64           `json:"women"`
}

// MoneyTotal is a source of money over all units, in thousands of đồng.
type MoneyTotal struct {
	Source       string           `json:"source"`
	Label        string           `json:"label"`
	ThousandDong int64            `json:"thousand_dong"`
	Units        map[string]int64 `json:"units"`
}

// ReleaseRef is the published release that figures of cases come from.
type ReleaseRef struct {
	ID     uuid.UUID `json:"id"`
	From   string    `json:"from"`
	To     string    `json:"to"`
	Scope  string    `json:"scope"`
	SHA256 string    `json:"sha256"`
}

// CaseFigure is one published cell. Count is nil when it is withheld.
type CaseFigure struct {
	Key     string    `json:"key"`
	Release uuid.UUID `json:"release_id"`
	Table   string    `json:"table_id"`
	Dims    string    `json:"dims"`
	Label   string    `json:"label"`
	Count   *int64    `json:"count"`
	Lower   int64     `json:"lower"`
	Upper   int64     `json:"upper"`
}

// Figure is one number that a text may show, under its key: {{TALK}}, {{TALK.PROVINCE}}, {{TALK.women}}, {{budget.SOCIALISED}}, {{case.total}}.
type Figure struct {
	Key        string `json:"key"`
	Value      int64  `json:"value"`
	Decimals   int    `json:"decimals"`
	Text       string `json:"text"`       // as it is printed
	Definition string `json:"definition"` // what it counts, and from whom
	Source     string `json:"source"`     // units, money, release or count
}

// Quote is what units wrote under a heading.
type Quote struct {
	Code string `json:"code"`
	Unit string `json:"unit"`
	Text string `json:"text"`
}

// Severity of a check.
type Severity string

// What a check means for signing.
const (
	OK    Severity = "ok"
	Look  Severity = "look"  // somebody should look; the report may be signed
	Stops Severity = "stops" // a version cannot be frozen
)

// Check is one thing that was looked at. Text is Vietnamese, ready to be read; Where names a heading, an indicator or a unit.
type Check struct {
	Key      string         `json:"key"`
	Severity Severity       `json:"severity"`
	Where    string         `json:"where,omitempty"`
	Args     map[string]any `json:"args,omitempty"`
}

// part is a unit with what it handed in.
type part struct {
	UnitPart
	area    string
	content Content
}

// parts reads what counts at the cut-off: of each unit the newest submission that came before it and was not returned before it.
func parts(tx *gate.Tx, year int, cutOff time.Time) ([]part, error) {
	var rows []struct {
		unitRow
		Sub    uuid.NullUUID `db:"sub"`
		Number *int          `db:"number"`
		Sort   *string       `db:"sub_kind"`
		At     *time.Time    `db:"at"`
		Late   *bool         `db:"late"`
		SHA    *string       `db:"sha256"`
		Body   *string       `db:"body"`
	}
	err := tx.Select(&rows, `select u.id, u.year, u.code, u.name, u.kind, u.level, u.area, u.organisation_id, u.position, u.removed_at,
		       s.id as sub, s.number, s.kind as sub_kind, s.at, s.late, s.sha256, s.body
		  from campaign.units u
		  left join lateral (select * from campaign.submissions s where s.unit_id = u.id and s.at <= $2
		                        and not exists (select 1 from campaign.moves m where m.submission_id = s.id and m.move = 'return' and m.at <= $2)
		                      order by s.number desc limit 1) s on true
		 where u.year = $1 and u.added_at <= $2 and (u.removed_at is null or u.removed_at > $2)
		 order by u.position, u.code limit 1000`, year, cutOff)
	out := make([]part, 0, len(rows))
	for _, r := range rows {
		p := part{UnitPart: UnitPart{ID: r.ID, Code: r.Code, Name: r.Name, Level: Level(r.Level), At: r.At, sub: r.Sub.UUID}}
		if r.Area != nil {
			p.area = *r.Area
		}
		if r.Number != nil {
			p.Number, p.Kind, p.Late, p.SHA256 = *r.Number, *r.Sort, *r.Late, *r.SHA
			if err := json.Unmarshal([]byte(*r.Body), &p.content); err != nil {
				return nil, fmt.Errorf("submission %s: %w", r.Sub.UUID, err)
			}
		}
		out = append(out, p)
	}
	return out, err
}

// add makes the totals.
func add(of Campaign, all []part, cutOff time.Time) Consolidation {
	c := Consolidation{Year: of.Year, CutOff: cutOff, Units: []UnitPart{}, Indicators: []Total{}, Budget: []MoneyTotal{}, Cases: []CaseFigure{}, Figures: map[string]Figure{}, Quotes: []Quote{}, Checks: []Check{}}
	levels := Levels(of.Year)
	for _, p := range all {
		c.Units = append(c.Units, p.UnitPart)
	}
	for _, k := range of.Indicators {
		t := Total{Indicator: k, Quantity: map[Level]int64{}, Units: []UnitCount{}}
		for _, l := range levels {
			t.Quantity[l] = 0
		}
		for _, p := range all {
			for _, x := range p.content.Indicators {
				if x.Code != k.Code {
					continue
				}
				u := UnitCount{Unit: p.Code, Quantity: map[Level]int64{}, Participants: value(x.Participants), Women: value(x.Women)}
				for _, l := range levels {
					if n := x.Quantity.At(l); n != nil && *n != 0 {
						u.Quantity[l] = *n
						t.Quantity[l] += *n
						u.Total += *n
					}
				}
				if u.Total == 0 && u.Participants == 0 {
					continue
				}
				t.Total += u.Total
				t.Participants += u.Participants
				t.Women += u.Women
				t.Units = append(t.Units, u)
			}
		}
		c.Indicators = append(c.Indicators, t)
	}
	sources := codelist.MustGet(codelist.BudgetSource)
	for _, code := range sources.Codes() {
		m := MoneyTotal{Source: code, Label: sources.Label(code, "vi"), Units: map[string]int64{}}
		for _, p := range all {
			for _, x := range p.content.Budget {
				if x.Source == code && x.ThousandDong != 0 {
					m.Units[p.Code] += x.ThousandDong
					m.ThousandDong += x.ThousandDong
				}
			}
		}
		c.BudgetTotal += m.ThousandDong
		c.Budget = append(c.Budget, m)
	}
	for _, h := range of.Outline {
		for _, p := range all {
			for _, s := range p.content.Sections {
				if s.Code == h.Code {
					c.Quotes = append(c.Quotes, Quote{h.Code, p.Code, s.Text})
				}
			}
		}
	}
	return c
}

func (c Consolidation) missing() []string {
	out := []string{}
	for _, u := range c.Units {
		if u.Number == 0 {
			out = append(out, u.Name)
		}
	}
	return out
}

// figures names every number that a text may show.
func (c *Consolidation) figures() {
	set := func(key string, n int64, decimals int, source, definition string) {
		c.Figures[key] = Figure{Key: key, Value: n, Decimals: decimals, Text: printed(n, decimals), Definition: definition, Source: source}
	}
	reported := len(c.Units) - len(c.missing())
	set("units", int64(len(c.Units)), 0, "count", "Số đơn vị phải báo cáo")
	set("units.reported", int64(reported), 0, "count", "Số đơn vị đã báo cáo đến lúc chốt số liệu")
	set("units.missing", int64(len(c.Units)-reported), 0, "count", "Số đơn vị chưa báo cáo đến lúc chốt số liệu")
	levels := codelist.MustGet(codelist.CampaignLevel)
	for _, t := range c.Indicators {
		what := t.Label + " (" + t.Unit + ")"
		set(t.Code, t.Total, 0, "units", what+", cộng các cấp của "+strconv.Itoa(len(t.Units))+" đơn vị có số liệu")
		for l, n := range t.Quantity {
			set(t.Code+"."+string(l), n, 0, "units", what+", "+strings.ToLower(levels.Label(string(l), "vi")))
		}
		if t.People {
			set(t.Code+".participants", t.Participants, 0, "units", t.Label+": lượt người tham gia")
			set(t.Code+".women", t.Women, 0, "units", t.Label+": lượt nữ tham gia")
		}
	}
	set("budget", c.BudgetTotal/100, 1, "money", "Tổng kinh phí, triệu đồng")
	for _, m := range c.Budget {
		set("budget."+m.Source, m.ThousandDong/100, 1, "money", "Kinh phí từ "+strings.ToLower(m.Label[:1])+m.Label[1:]+", triệu đồng")
	}
	for _, x := range c.Cases {
		f := Figure{Key: x.Key, Source: "release", Definition: x.Label + "; số đã công bố, khoảng từ " + printed(x.Lower, 0) + " đến " + printed(x.Upper, 0)}
		if x.Count == nil {
			f.Text = "dưới 10"
		} else {
			f.Value, f.Text = *x.Count, printed(*x.Count, 0)
		}
		c.Figures[x.Key] = f
	}
}

// printed writes a number as the country does: a dot between thousands, a comma before decimals.
func printed(n int64, decimals int) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	digits := strconv.FormatInt(n, 10)
	for len(digits) <= decimals {
		digits = "0" + digits
	}
	whole, rest := digits[:len(digits)-decimals], digits[len(digits)-decimals:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "." + whole[i:]
	}
	if decimals > 0 {
		whole += "," + rest
	}
	return sign + whole
}

// caseFigures are the cells that a report may show: the total and the tables of one dimension of one published release. They are read through the release's
// own door, by whoever makes the report.
func (s *Service) caseFigures(ctx context.Context, who access.Actor, of Campaign, want *uuid.UUID) (*ReleaseRef, []CaseFigure, error) {
	if s.releases == nil || s.gate.Policy().Any(who.Role, access.ReadRelease.Name) == 0 {
		return nil, []CaseFigure{}, nil
	}
	var chosen *release.Release
	cursor := ""
	for range 20 {
		p, err := s.releases.List(ctx, who, 100, cursor)
		if err != nil {
			return nil, nil, err
		}
		for i, r := range p.Items {
			switch {
			case want != nil && r.ID == *want,
				want == nil && r.State == release.Published && r.Scope == of.Province && r.Period.To >= strconv.Itoa(of.Year)+"-01-01" && r.Period.To <= strconv.Itoa(of.Year)+"-12-31" &&
					(chosen == nil || r.Period.To > chosen.Period.To):
				chosen = &p.Items[i]
			}
		}
		if cursor = p.Next; cursor == "" {
			break
		}
	}
	if chosen == nil {
		return nil, []CaseFigure{}, nil
	}
	tables, err := s.releases.Tables(ctx, who, chosen.ID)
	if err != nil {
		return nil, nil, err
	}
	ref := &ReleaseRef{ID: chosen.ID, From: chosen.Period.From, To: chosen.Period.To, Scope: chosen.Scope, SHA256: chosen.SHA256}
	out := []CaseFigure{}
	seen := map[string]bool{}
	for _, t := range tables {
		if len(t.Dims) > 1 || len(t.Dims) == 1 && !slices.Contains(caseTables, t.Dims[0]) {
			continue
		}
		for _, x := range t.Cells {
			dim, code, _ := strings.Cut(x.Dims, "=")
			key := "case.total"
			if dim != "" {
				key = "case." + dim + "." + code
			}
			if seen[key] {
				continue // the total stands in several tables, the same each time
			}
			seen[key] = true
			out = append(out, CaseFigure{Key: key, Release: chosen.ID, Table: t.TableID, Dims: x.Dims, Label: caseLabel(dim, code), Count: x.Count, Lower: x.Lower, Upper: x.Upper})
		}
	}
	return ref, out, nil
}

// caseTables are the dimensions that the yearly report speaks of.
var caseTables = []string{"form", "sex", "age", "area"}

func caseLabel(dim, code string) string {
	if dim == "" {
		return "Số người được tiếp nhận, hỗ trợ"
	}
	name := map[string]string{"form": "hình thức bạo lực", "sex": "giới tính", "age": "tuổi", "area": "địa bàn"}[dim]
	value := code
	switch {
	case code == codelist.Unknown:
		value = "chưa rõ"
	case dim == "form":
		value = codelist.MustGet(codelist.ViolenceForm).Label(code, "vi")
	case dim == "sex":
		value = codelist.MustGet(codelist.Sex).Label(code, "vi")
	case dim == "area":
		value = codelist.AreaLabel(code)
	case dim == "age":
		value = codelist.MustGet(codelist.AgeBands).Label(code, "vi")
		if value == code {
			value = codelist.MustGet(codelist.AgeBandReport).Label(code, "vi")
		}
	}
	return "Số người được tiếp nhận, hỗ trợ theo " + name + ": " + value
}

// badWords must not stand in a report: the words of the law are "người bị bạo lực" and "người có hành vi bạo lực".
var badWords = []string{"nạn nhân", "đối tượng", "thủ phạm", "hung thủ", "khai báo", "bị hại"}

// findBad gives the bad words of a text, each once.
func findBad(text string) []string {
	folded := strings.ToLower(text)
	var out []string
	for _, w := range badWords {
		for rest, at := folded, 0; ; {
			i := strings.Index(rest, w)
			if i < 0 {
				break
			}
			before, after := []rune(folded[:at+i]), []rune(rest[i+len(w):])
			if (len(before) == 0 || !unicode.IsLetter(before[len(before)-1])) && (len(after) == 0 || !unicode.IsLetter(after[0])) {
				out = append(out, w)
				break
			}
			at += i + len(w)
			rest = rest[i+len(w):]
		}
	}
	return out
}

// factor is how much a total may grow or shrink against the year before, or the last version, before somebody should look.
const factor = 3

// enough is the least total that is compared: small counts jump by themselves.
const enough = 10

// sameRows is how many equal rows two units must have before it is no chance.
const sameRows = 4

// check looks at everything a second reader would.
func (c *Consolidation) check(of Campaign, all []part, texts map[string]string, last *Frozen, yearBefore *Frozen, now time.Time) {
	say := func(key string, sev Severity, where string, args ...any) {
		x := Check{Key: key, Severity: sev, Where: where}
		for i := 0; i+1 < len(args); i += 2 {
			if x.Args == nil {
				x.Args = map[string]any{}
			}
			x.Args[args[i].(string)] = args[i+1]
		}
		c.Checks = append(c.Checks, x)
	}
	// Cut-off and who is missing.
	if !of.Clock.Late {
		say("before_due", Look, "", "due", vietnameseDay(of.UnitsDueOn))
	}
	if missing := c.missing(); len(missing) > 0 {
		say("missing", Look, "", "n", len(missing), "units", strings.Join(missing, "; "))
	} else {
		say("all_reported", OK, "", "n", len(c.Units))
	}
	for _, p := range all {
		if p.Number > 0 && p.Late {
			say("came_late", Look, p.Code, "unit", p.Name, "at", p.At.In(calendar.Zone).Format("02/01/2006"))
		}
	}
	// Totals: read again from the units, by another way than they were made.
	wrong := 0
	for _, t := range c.Indicators {
		var total, people, women int64
		for _, p := range all {
			for _, x := range p.content.Indicators {
				if x.Code == t.Code {
					total, people, women = total+x.Quantity.Total(), people+value(x.Participants), women+value(x.Women)
				}
			}
		}
		var levels int64
		for _, n := range t.Quantity {
			levels += n
		}
		if total != t.Total || levels != t.Total || people != t.Participants || women != t.Women {
			wrong++
			say("totals_differ", Stops, t.Code, "what", t.Label, "total", t.Total, "levels", levels)
		}
	}
	var money int64
	for _, p := range all {
		for _, m := range p.content.Budget {
			money += m.ThousandDong
		}
	}
	if money != c.BudgetTotal {
		wrong++
		say("budget_differs", Stops, "budget", "total", printed(c.BudgetTotal/100, 1), "sum", printed(money/100, 1))
	}
	if wrong == 0 {
		say("totals_agree", OK, "", "n", len(c.Indicators))
	}
	// Figures that cannot be, or hardly.
	odd := 0
	for _, p := range all {
		if p.Number == 0 {
			continue
		}
		for _, x := range p.content.Indicators {
			k, _ := of.indicator(x.Code)
			if value(x.Women) > value(x.Participants) {
				odd++
				say("women", Stops, p.Code, "unit", p.Name, "what", k.Label)
			}
			if k.People && x.Quantity.Total() > 0 && value(x.Participants) == 0 {
				odd++
				say("nobody_came", Look, p.Code, "unit", p.Name, "what", k.Label, "n", x.Quantity.Total(), "of", k.Unit)
			}
			if most, ok := codelist.MustGet(codelist.AdminDistrict2022).NoteInt(p.area, "pop2022"); ok && value(x.Participants) > int64(most) {
				odd++
				say("more_than_live_there", Look, p.Code, "unit", p.Name, "what", k.Label, "n", printed(value(x.Participants), 0), "most", printed(int64(most), 0))
			}
		}
		did := slices.ContainsFunc(p.content.Indicators, func(x Count) bool { return x.Quantity.Total() > 0 })
		if did && !slices.ContainsFunc(p.content.Budget, func(m Money) bool { return m.ThousandDong > 0 }) {
			odd++
			say("no_money", Look, p.Code, "unit", p.Name)
		}
	}
	for i, p := range all { // a sheet that was sent twice under two names
		for _, q := range all[:i] {
			if len(p.content.Indicators) >= sameRows && slices.EqualFunc(p.content.Indicators, q.content.Indicators, func(a, b Count) bool {
				return a.Code == b.Code && a.Quantity.Total() == b.Quantity.Total() && value(a.Participants) == value(b.Participants) && value(a.Women) == value(b.Women)
			}) {
				odd++
				say("same_figures", Look, p.Code, "unit", p.Name, "other", q.Name)
				break
			}
		}
	}
	if odd == 0 {
		say("figures_can_be", OK, "")
	}
	// Words: in the report they stop it, in a unit's text they are pointed at.
	bad := 0
	for _, h := range of.Outline {
		if words := findBad(texts[h.Code]); len(words) > 0 {
			bad++
			say("words", Stops, h.Code, "heading", h.Title, "words", strings.Join(words, ", "))
		}
		for _, token := range tokens(texts[h.Code]) {
			if _, ok := c.Figures[token]; !ok {
				bad++
				say("no_such_figure", Stops, h.Code, "heading", h.Title, "figure", token)
			}
		}
	}
	for _, p := range all {
		for _, s := range p.content.Sections {
			if words := findBad(s.Text); len(words) > 0 {
				say("unit_words", Look, p.Code, "unit", p.Name, "words", strings.Join(words, ", "))
				break
			}
		}
	}
	if bad == 0 {
		say("words_right", OK, "")
	}
	// Change against the last version and the year before.
	for _, was := range []struct {
		key string
		f   *Frozen
	}{{"changed_since_version", last}, {"changed_since_year", yearBefore}} {
		if was.f == nil {
			continue
		}
		for _, t := range c.Indicators {
			before, ok := was.f.Consolidation.Figures[t.Code]
			if ok && max(before.Value, t.Total) >= enough && (t.Total > before.Value*factor || before.Value > t.Total*factor) {
				say(was.key, Look, t.Code, "what", t.Label, "before", before.Text, "now", printed(t.Total, 0))
			}
		}
	}
	if c.Release == nil {
		say("no_release", Look, "II.4")
	} else {
		say("release", OK, "II.4", "from", vietnameseDay(c.Release.From), "to", vietnameseDay(c.Release.To))
	}
	slices.SortStableFunc(c.Checks, func(x, y Check) int {
		order := []Severity{Stops, Look, OK}
		return slices.Index(order, x.Severity) - slices.Index(order, y.Severity)
	})
}

func (c Consolidation) stops() bool {
	return slices.ContainsFunc(c.Checks, func(x Check) bool { return x.Severity == Stops })
}

// tokens are the figures that a text names.
func tokens(text string) []string {
	var out []string
	for {
		_, rest, ok := strings.Cut(text, "{{")
		if !ok {
			return out
		}
		name, after, ok := strings.Cut(rest, "}}")
		if !ok {
			return append(out, strings.TrimSpace(rest))
		}
		out = append(out, strings.TrimSpace(name))
		text = after
	}
}

// paragraphs puts the figures into a text: one paragraph a line.
func (c Consolidation) paragraphs(text string) []Paragraph {
	out := []Paragraph{}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		var p Paragraph
		for {
			before, rest, ok := strings.Cut(line, "{{")
			if before != "" {
				p.Spans = append(p.Spans, Span{Text: before})
			}
			if !ok {
				break
			}
			name, after, ok := strings.Cut(rest, "}}")
			name = strings.TrimSpace(name)
			if f, known := c.Figures[name]; known && ok {
				p.Spans = append(p.Spans, Span{Text: f.Text, Figure: name})
			} else {
				p.Spans = append(p.Spans, Span{Text: "…"})
			}
			line = after
		}
		out = append(out, p)
	}
	return out
}

// defaultText is the text of a heading before anybody wrote one.
func defaultText(of Campaign, c Consolidation, code string) string {
	has := func(keys ...string) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return c.Figures[k].Value > 0 })
	}
	clause := func(key, what string) string { // what nobody did is not said
		if !has(key) {
			return ""
		}
		text := "{{" + key + "}} " + what
		if has(key + ".participants") {
			text += " với {{" + key + ".participants}} lượt người tham gia, trong đó có {{" + key + ".women}} lượt nữ"
		}
		return text
	}
	sentence := func(begin string, clauses ...string) string {
		clauses = slices.DeleteFunc(clauses, func(c string) bool { return c == "" })
		if len(clauses) == 0 {
			return ""
		}
		return begin + " " + strings.Join(clauses, "; ") + "."
	}
	switch code {
	case "I":
		text := ""
		if of.Guidance != "" {
			text = "Thực hiện " + of.Guidance + ", " + of.Office + " đã tham mưu, hướng dẫn các đơn vị, địa phương triển khai Tháng hành động từ ngày " + vietnameseDay(of.StartsOn) + " đến ngày " + vietnameseDay(of.EndsOn) + " với chủ đề “" + of.Theme + "”.\n"
		}
		if has("DOCUMENT") {
			text += "Các cơ quan, đơn vị, địa phương đã ban hành {{DOCUMENT}} văn bản chỉ đạo, kế hoạch triển khai.\n"
		}
		return text + "Đến thời điểm chốt số liệu, {{units.reported}}/{{units}} đơn vị đã báo cáo."
	case "II.1":
		return sentence("Toàn tỉnh đã tổ chức", clause("LAUNCH", "lễ phát động"), clause("MEETING_MASS", "cuộc mít tinh, diễu hành"))
	case "II.2":
		return strings.Trim(strings.Join([]string{
			sentence("Tổ chức", clause("TALK", "cuộc nói chuyện chuyên đề, truyền thông trực tiếp"), clause("TRAINING", "lớp hội thảo, tập huấn"), clause("FORUM", "cuộc diễn đàn, đối thoại, tọa đàm"), clause("CONTEST", "cuộc thi, hội thi, giao lưu"),
				clause("CLUB", "buổi sinh hoạt câu lạc bộ"), clause("INTEGRATED", "buổi lồng ghép trong họp, sinh hoạt")),
			sentence("Treo, phát hành", clause("BANNER", "băng rôn, khẩu hiệu"), clause("PANO", "pa nô, áp phích"), clause("LEAFLET", "tờ rơi, tờ gấp"), clause("HANDBOOK", "cuốn sổ tay, tài liệu"), clause("BILINGUAL", "sản phẩm song ngữ"), clause("VIDEO", "video, infographic")),
			sentence("Đăng, phát", clause("NEWS", "tin, bài trên báo"), clause("WEB", "tin, bài trên cổng, trang thông tin điện tử"), clause("SOCIAL", "bài trên mạng xã hội"), clause("TV", "lượt truyền hình"), clause("RADIO", "chuyên mục phát thanh"), clause("LOUDSPEAKER", "lượt phát thanh cơ sở")),
		}, "\n"), "\n")
	case "II.3":
		return sentence("Các đơn vị đã thực hiện", clause("VISIT_GIFT", "suất quà, hỗ trợ cho phụ nữ, trẻ em"), clause("COUNSEL", "buổi tham vấn, tư vấn, trợ giúp pháp lý lưu động"), clause("MODEL", "mô hình phòng ngừa, ứng phó được duy trì, nhân rộng"),
			clause("TRUSTED_PLACE", "địa chỉ tin cậy, nhà tạm lánh ở cộng đồng"), clause("COMMEND", "lượt biểu dương tập thể, cá nhân"))
	case "II.4":
		if _, ok := c.Figures["case.total"]; ok && c.Release != nil {
			return "Theo số liệu thống kê đã công bố (kỳ từ ngày " + vietnameseDay(c.Release.From) + " đến ngày " + vietnameseDay(c.Release.To) + "), trên địa bàn có {{case.total}} người được tiếp nhận, hỗ trợ. Số liệu đã được bảo vệ để không nhận ra được ai và được làm tròn; chi tiết tại Phụ lục."
		}
		return "Chưa có số liệu thống kê đã công bố cho kỳ báo cáo này."
	case "II.5":
		if has("INSPECTION") {
			return "Tổ chức {{INSPECTION}} cuộc kiểm tra tình hình thực hiện công tác bình đẳng giới và vì sự tiến bộ của phụ nữ."
		}
	case "III":
		if has("budget") {
			text := "Tổng kinh phí thực hiện {{budget}} triệu đồng, trong đó: "
			var from []string
			for _, m := range c.Budget {
				if m.ThousandDong > 0 {
					r := []rune(m.Label)
					from = append(from, strings.ToLower(string(r[:1]))+string(r[1:])+" {{budget."+m.Source+"}} triệu đồng")
				}
			}
			return text + strings.Join(from, "; ") + "."
		}
	}
	return ""
}

// texts are those of the draft, and the default where nobody wrote.
func (c Consolidation) texts(of Campaign, written map[string]string) map[string]string {
	out := map[string]string{}
	for _, h := range of.Outline {
		text, ok := written[h.Code]
		if !ok {
			text = defaultText(of, c, h.Code)
		}
		out[h.Code] = text
	}
	return out
}

// report makes the report from the settings, the totals and the texts.
func (c Consolidation) report(of Campaign, texts map[string]string) Report {
	r := Report{Year: of.Year, State: "", Superior: of.Superior, Office: of.Office, Symbol: of.Symbol, Kind: codelist.MustGet(codelist.DocumentType).Label("BC", "vi"), Title: of.Title, Place: of.Place, To: of.To,
		Opening: []Paragraph{}, Sections: []ReportSection{}, Recipients: of.Recipients, Archive: of.Archive, Signature: of.Signature, Illustrative: of.Illustrative, Missing: c.missing(), CutOff: c.CutOff}
	if r.To == nil {
		r.To = []string{}
	}
	if r.Recipients == nil {
		r.Recipients = []Recipient{}
	}
	if of.Plan != "" || of.Guidance != "" {
		basis := of.Plan
		if basis == "" {
			basis = of.Guidance
		}
		r.Opening = append(r.Opening, Paragraph{Spans: []Span{{Text: "Thực hiện " + basis + ", " + of.Office + " báo cáo kết quả như sau:"}}})
	}
	for _, h := range of.Outline {
		r.Sections = append(r.Sections, ReportSection{Code: h.Code, Number: h.number(), Level: h.level(), Title: h.Title, Paragraphs: c.paragraphs(texts[h.Code])})
	}
	r.Annexes = c.annexes(of)
	return r
}

// annexes are the tables at the end: activities by level, money by source, units, and figures of cases where a release was published.
func (c Consolidation) annexes(of Campaign) []Annex {
	levels := Levels(of.Year)
	names := codelist.MustGet(codelist.CampaignLevel)
	number := func(n int64) Cell { return Cell{Text: printed(n, 0), Number: &Number{Value: n}} }
	a := Annex{Title: "Số liệu hoạt động", Columns: []Column{{"STT", true, 4}, {"Nội dung", false, 26}, {"Đơn vị tính", false, 9}, {"Tổng số", true, 9}}}
	for _, l := range levels {
		a.Columns = append(a.Columns, Column{names.Label(string(l), "vi"), true, 9})
	}
	a.Columns = append(a.Columns, Column{"Lượt người tham gia", true, 11}, Column{"Trong đó nữ", true, 9})
	for i, t := range c.Indicators {
		row := AnnexRow{Cells: []Cell{number(int64(i + 1)), {Text: t.Label}, {Text: t.Unit}, number(t.Total)}}
		for _, l := range levels {
			row.Cells = append(row.Cells, number(t.Quantity[l]))
		}
		if t.People {
			row.Cells = append(row.Cells, number(t.Participants), number(t.Women))
		} else {
			row.Cells = append(row.Cells, Cell{}, Cell{})
		}
		a.Rows = append(a.Rows, row)
	}
	out := []Annex{a}

	m := Annex{Title: "Kinh phí thực hiện", Note: "Đơn vị tính: triệu đồng", Columns: []Column{{"STT", true, 6}, {"Nguồn kinh phí", false, 50}, {"Số tiền", true, 20}}}
	for i, x := range c.Budget {
		m.Rows = append(m.Rows, AnnexRow{Cells: []Cell{number(int64(i + 1)), {Text: x.Label}, tenths(x.ThousandDong)}})
	}
	m.Rows = append(m.Rows, AnnexRow{Strong: true, Cells: []Cell{{}, {Text: "Tổng cộng"}, tenths(c.BudgetTotal)}})
	out = append(out, m)

	u := Annex{Title: "Tình hình báo cáo của các đơn vị", Columns: []Column{{"STT", true, 6}, {"Đơn vị", false, 48}, {"Tình hình", false, 24}, {"Kinh phí (triệu đồng)", true, 16}}}
	for i, p := range c.Units {
		state := "Chưa báo cáo"
		money := Cell{Text: "–"}
		if p.Number > 0 {
			state = "Đã báo cáo"
			if p.Kind == "SUPPLEMENT" {
				state = "Đã báo cáo, có bổ sung"
			}
			var sum int64
			for _, x := range c.Budget {
				sum += x.Units[p.Code]
			}
			money = tenths(sum)
		}
		u.Rows = append(u.Rows, AnnexRow{Cells: []Cell{number(int64(i + 1)), {Text: p.Name}, {Text: state}, money}})
	}
	out = append(out, u)

	if c.Release != nil && len(c.Cases) > 0 {
		k := Annex{Title: "Số người được tiếp nhận, hỗ trợ (số liệu thống kê đã công bố)",
			Note:    "Kỳ từ ngày " + vietnameseDay(c.Release.From) + " đến ngày " + vietnameseDay(c.Release.To) + "; đơn vị tính: người",
			Columns: []Column{{"STT", true, 6}, {"Nội dung", false, 48}, {"Số người", true, 14}, {"Khoảng", false, 18}},
			Notes:   []string{"Số liệu đã được bảo vệ và làm tròn để không nhận ra được ai; “dưới 10” là số không nêu. Khoảng là khoảng tin cậy của số đã công bố.", "Số ca được tiếp nhận, không phải số ca xảy ra. Mã bản công bố: " + c.Release.ID.String() + "."}}
		for i, x := range c.Cases {
			n := Cell{Text: "dưới 10"}
			if x.Count != nil {
				n = number(*x.Count)
			}
			k.Rows = append(k.Rows, AnnexRow{Strong: x.Dims == "", Cells: []Cell{number(int64(i + 1)), {Text: x.Label}, n, {Text: printed(x.Lower, 0) + " – " + printed(x.Upper, 0)}}})
		}
		out = append(out, k)
	}
	return out
}

func tenths(thousand int64) Cell {
	return Cell{Text: printed(thousand/100, 1), Number: &Number{Value: thousand / 100, Decimals: 1}}
}

// readyToFreeze is the refusal of a version whose checks stop it.
func (c Consolidation) readyToFreeze() error {
	if !c.stops() {
		return nil
	}
	var ps fault.Problems
	for _, x := range c.Checks {
		if x.Severity == Stops {
			args := []any{}
			for k, v := range x.Args {
				args = append(args, k, v)
			}
			ps.Add("/checks/"+x.Key, "campaign_check_"+x.Key, args...)
		}
	}
	return ps.Err()
}
