package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/audit"
	"binhan/internal/calendar"
	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/site"
	pages "binhan/web/pages/record"
	"binhan/web/ui"
	"binhan/web/ui/chart"
)

func (d *Desk) recordRoutes() []site.Route {
	return []site.Route{
		get("/ho-so/:id/ai-da-xem", access.SeeAccess, d.getLooks),
		get(ui.PathTrail, access.ReadTrail, d.getTrail),
		get(ui.PathUnusual, access.ReadTrail, d.getUnusual),
		post(ui.PathUnusual+"/:key", access.ReviewFinding, d.postAnswer, d.answerAgain),
		get(ui.PathAnchor, access.ReadTrail, d.getAnchor),
	}
}

// looksOnPage is how many entries a page of "who looked" is made of, and unusualShown how many unusual ones stand before them, out of all time.
const (
	looksOnPage  = 100
	unusualShown = 40
)

func (d *Desk) getLooks(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var f casefile.AccessFilter
	if err := r.QueryInto(&f); err != nil {
		return site.Reply{}, err
	}
	f.Limit, f.Also = looksOnPage, unusualShown
	v := pages.Looks{ID: id.String(), Filter: ui.Form{Values: r.HTTP().URL.Query()}, All: f.Actor == "" && f.Show != "unusual" && f.Cursor == ""}
	p, err := d.o.Cases.Access(r.Context(), r.Who, id, f)
	if err != nil {
		return site.Reply{}, err
	}
	v.Code = p.Code
	l, now := r.Lang, time.Now()
	unusual := p.Unusual
	if f.Show == "unusual" {
		unusual = p.Items
	} else {
		rest := p.Items
		if f.Cursor == "" && len(unusual) < unusualShown { // they stand above already
			rest = slices.DeleteFunc(slices.Clone(rest), func(e casefile.AccessEntry) bool { return len(e.Signs) > 0 })
		}
		v.Days = groups(l, now, rest)
	}
	if f.Cursor == "" || f.Show == "unusual" {
		v.Unusual = groups(l, now, unusual)
	}
	v.People = lookers(p.Items, unusual)
	v.Lead = looksLead(l, now, r.Who.User, p.Items, len(unusual))
	v.Printed = l.T("record.printed", "at", moment(now), "who", r.Who.Name)
	if p.Next != nil {
		v.Next = pageAfter(ui.CasePath(v.ID, "ai-da-xem"), r.HTTP().URL.Query(), *p.Next)
	}
	return page(r, pages.LooksPage(d.shell(r, "page_record.looks", ui.CasePath(v.ID, "ai-da-xem")), v)), nil
}

// looksLead says in one sentence what the page holds.
func looksLead(l i18n.Language, now time.Time, me uuid.UUID, entries []casefile.AccessEntry, unusual int) string {
	people := map[uuid.UUID]bool{}
	var last time.Time
	for _, e := range entries {
		if e.Actor.ID != me && e.Allowed {
			people[e.Actor.ID] = true
			if e.At.After(last) {
				last = e.At
			}
		}
	}
	switch {
	case len(people) == 0 && unusual > 0:
		return l.T("record.lead_none_unusual", "n", unusual)
	case len(people) == 0:
		return l.T("record.lead_none")
	case unusual > 0:
		return l.T("record.lead_unusual", "people", len(people), "near", ui.Moment(l, now, last), "n", unusual)
	}
	return l.T("record.lead", "people", len(people), "near", ui.Moment(l, now, last))
}

// lookers are the people of the entries, by name.
func lookers(lists ...[]casefile.AccessEntry) []ui.Option {
	var out []ui.Option
	for _, list := range lists {
		for _, e := range list {
			if id := e.Actor.ID.String(); e.Actor.ID != uuid.Nil && !slices.ContainsFunc(out, func(o ui.Option) bool { return o.Value == id }) {
				out = append(out, ui.Option{Value: id, Label: joined(", ", e.Actor.Name, e.Actor.Organisation)})
			}
		}
	}
	slices.SortFunc(out, func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
	return out
}

// beside are acts that go with opening a case's page, and looking at this very list: lines of their own would bury the rest.
var beside = []string{access.SeeAccess.Name, access.ListSent.Name, access.ListEvidence.Name}

// groups puts entries together by day and person, in the order in which they come; what one person did in the same way on one day is one line.
func groups(l i18n.Language, now time.Time, entries []casefile.AccessEntry) []pages.Group {
	type key struct {
		day string
		who uuid.UUID
	}
	type same struct {
		first casefile.AccessEntry // the newest
		last  time.Time            // the oldest
		n     int
	}
	var order []key
	who := map[key]casefile.AccessEntry{}
	lines := map[key][]*same{}
	for _, e := range entries {
		if e.Allowed && slices.Contains(beside, e.Act) {
			continue
		}
		k := key{ui.Day(e.At), e.Actor.ID}
		if _, ok := who[k]; !ok {
			order, who[k] = append(order, k), e
		}
		i := slices.IndexFunc(lines[k], func(s *same) bool {
			return s.first.Act == e.Act && s.first.Allowed == e.Allowed && s.first.Standing == e.Standing && slices.Equal(s.first.Classes, e.Classes) && slices.Equal(s.first.Signs, e.Signs) &&
				e.Words == "" && s.first.Words == ""
		})
		if i >= 0 {
			lines[k][i].last = e.At
			lines[k][i].n++
			continue
		}
		lines[k] = append(lines[k], &same{e, e.At, 1})
	}
	var out []pages.Group
	for _, k := range order {
		e := who[k]
		g := pages.Group{Who: or(e.Actor.Name, l.T("record.somebody")), Where: e.Actor.Organisation, Role: label(l, codelist.Role, e.Role), Day: dayWords(l, now, e.At)}
		for _, s := range lines[k] {
			g.Looks = append(g.Looks, look(l, now, s.first, s.last, s.n))
		}
		out = append(out, g)
	}
	return out
}

func dayWords(l i18n.Language, now, at time.Time) string {
	switch ui.Day(at) {
	case ui.Day(now):
		return l.T("record.today")
	case ui.Day(now.AddDate(0, 0, -1)):
		return l.T("record.yesterday")
	}
	return ui.Day(at)
}

func clock(t time.Time) string { return t.In(calendar.Zone).Format("15:04") }

func look(l i18n.Language, now time.Time, e casefile.AccessEntry, oldest time.Time, n int) pages.Look {
	v := pages.Look{What: actWords(l, e.Act), At: clock(e.At), Standing: standingWords(l, e.Standing), Words: e.Words}
	switch {
	case n > 1 && clock(oldest) == clock(e.At):
		v.At = l.T("record.times_at_once", "at", clock(e.At), "n", n)
	case n > 1:
		v.At = l.T("record.times", "from", clock(oldest), "to", clock(e.At), "n", n)
	}
	if ago := now.Sub(e.At); ago >= 0 && ago < 12*time.Hour {
		v.Near = agoWords(l, ago)
	}
	var opened []string
	for _, c := range e.Classes {
		if c != string(access.Record) {
			opened = append(opened, saidOr(l, "class.", c))
		}
	}
	v.Opened = strings.Join(opened, ", ")
	v.Reason = reasonWords(l, e.Reason)
	if v.Reason == v.What {
		v.Reason = ""
	}
	for _, s := range e.Signs {
		tone := ui.Caution
		if s == casefile.SignRefused || s == casefile.SignBreakGlass {
			tone = ui.Danger
		}
		v.Signs = append(v.Signs, pages.Sign{Text: l.T("record.sign_" + s), Tone: tone})
	}
	return v
}

func agoWords(l i18n.Language, ago time.Duration) string {
	if ago < time.Hour {
		return l.T("record.minutes_ago", "n", max(1, int(ago.Minutes())))
	}
	return l.T("record.hours_ago", "n", int(ago.Hours()))
}

// actWords is an act in words, the name itself when nobody has put it into words.
func actWords(l i18n.Language, act string) string {
	if l.Has("act." + act) {
		return l.T("act." + act)
	}
	return saidOr(l, "record.act_", act)
}

// standingWords are the standings by which somebody might, in words; nothing for none.
func standingWords(l i18n.Language, standings string) string {
	var out []string
	for s := range strings.SplitSeq(standings, ",") {
		if s != "" && s != string(access.None) {
			out = append(out, saidOr(l, "standing.", s))
		}
	}
	return strings.Join(out, ", ")
}

// reasonWords is a coded reason in words: of the list of emergencies, or a word of our own; codes that nobody has put into words say nothing.
func reasonWords(l i18n.Language, code string) string {
	if code == "" || code == "reveal" {
		return ""
	}
	if s := label(l, codelist.BreakGlassReason, code); s != "" && s != code {
		return s
	}
	return code
}

// ------------------------------------------------------------------ for inspectors

func (d *Desk) getTrail(r *site.Request) (site.Reply, error) {
	f := audit.Filter{Limit: onAPage}
	if err := r.QueryInto(&f); err != nil {
		return site.Reply{}, err
	}
	f.Limit = onAPage
	p, err := d.o.Audit.List(r.Context(), r.Who, f)
	v := pages.Trail{Filter: ui.Form{Values: r.HTTP().URL.Query()}, Acts: acts(r.Lang)}
	if fault.KindOf(err) == fault.Invalid { // the form again, with the problem beside its field
		v.Filter.Problems = problems(r.Lang, err, v.Filter.Values)
		reply := page(r, pages.TrailPage(d.recordShell(r, "page_record.trail", ui.PathTrail), v))
		reply.Status = http.StatusUnprocessableEntity
		return reply, nil
	}
	if err != nil {
		return site.Reply{}, err
	}
	on := f.From
	if on == "" || f.To != "" && f.To != f.From {
		on = time.Now().In(calendar.Zone).Format(time.DateOnly)
		if f.To != "" {
			on = f.To
		}
	}
	if f.Cursor == "" && f.Actor == "" && f.Act == "" && f.Case == "" && f.Decision == "" && f.Organisation == "" {
		hours, err := d.o.Audit.Hours(r.Context(), r.Who, on)
		if err != nil {
			return site.Reply{}, err
		}
		v.Day = dayChart(r.Lang, on, hours)
	}
	orgs, err := d.o.Directory.Organisations(r.Context(), r.Who)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return site.Reply{}, err
	}
	for _, o := range orgs {
		v.Orgs = append(v.Orgs, ui.Option{Value: o.Code, Label: o.Name})
	}
	for _, e := range p.Items {
		v.Rows = append(v.Rows, trailRow(r.Lang, e))
	}
	if p.Next != nil {
		v.Next = pageAfter(ui.PathTrail, r.HTTP().URL.Query(), *p.Next)
	}
	return page(r, pages.TrailPage(d.recordShell(r, "page_record.trail", ui.PathTrail), v)), nil
}

func (d *Desk) recordShell(r *site.Request, title, path string) ui.Shell {
	sh := d.shell(r, title, path)
	sh.Wide = true
	return sh
}

// acts are the acts that can be looked for.
func acts(l i18n.Language) []ui.Option {
	var out []ui.Option
	names := []string{"session.open", "session.close", "session.unlock", "session.command"}
	for _, a := range access.Acts {
		names = append(names, a.Name)
	}
	for _, n := range names {
		out = append(out, ui.Option{Value: n, Label: actWords(l, n)})
	}
	return out
}

func short(id *uuid.UUID) string {
	if id == nil {
		return ""
	}
	s := id.String()
	return s[len(s)-8:] // ids of one hour begin alike
}

func trailRow(l i18n.Language, e audit.Entry) pages.Row {
	row := pages.Row{ID: strconv.FormatInt(e.ID, 10), At: e.At.In(calendar.Zone).Format("02/01 15:04:05"), Who: or(e.Username, l.T("record.somebody")), Where: e.Organisation, Act: actWords(l, e.Act),
		Subject: short(e.Subject), Case: short(e.Case), Refused: e.Decision == "refused", From: joined(" · ", e.Client, e.Device)}
	row.Why = joined(" · ", standingWords(l, e.Standing), saidOr(l, "record.why_", e.Reason), saidOr(l, "record.condition_", e.Condition))
	var opened []string
	for _, c := range e.Classes {
		opened = append(opened, saidOr(l, "class.", c))
	}
	row.Opened = strings.Join(opened, ", ")
	return row
}

// dayChart is one day of the record, two hours a column.
func dayChart(l i18n.Language, on string, hours []audit.Hour) *chart.Columns {
	var sums [12]int64
	var all, refused, night int64
	for _, h := range hours {
		n := h.Allowed + h.Refused
		sums[h.Hour/2] += n
		all, refused = all+n, refused+h.Refused
		if h.Hour >= 22 || h.Hour < 5 {
			night += n
		}
	}
	if all == 0 {
		return nil
	}
	c := &chart.Columns{ID: "day", Title: l.T("record.day_chart", "day", partialDay(on)), Source: l.T("record.day_source"), Series: 1,
		Finding: l.T("record.day_finding", "n", ui.Count(l, all), "refused", ui.Count(l, refused), "night", ui.Count(l, night))}
	for i, n := range sums {
		c.Values = append(c.Values, chart.Value{Label: strconv.Itoa(2 * i), Count: n, Lower: n, Upper: n})
	}
	return c
}

func (d *Desk) getUnusual(r *site.Request) (site.Reply, error) {
	return d.unusual(r, r.HTTP().URL.Query(), ui.Form{}, "")
}

func (d *Desk) unusual(r *site.Request, query url.Values, form ui.Form, of string) (site.Reply, error) {
	f := audit.FindingFilter{From: query.Get("from"), To: query.Get("to"), State: query.Get("state")}
	if f.State == "" {
		f.State = "open"
	}
	v := pages.Unusual{Form: form, Of: of}
	for _, o := range audit.Outcomes {
		v.Outcomes = append(v.Outcomes, ui.Option{Value: o, Label: r.Lang.T("record.outcome_" + o)})
	}
	for _, c := range audit.Codes {
		v.Codes = append(v.Codes, ui.Option{Value: c, Label: r.Lang.T("record.code_" + c)})
	}
	now := time.Now().In(calendar.Zone)
	if f.To == "" {
		f.To = now.Format(time.DateOnly)
	}
	if f.From == "" {
		if to, err := time.Parse(time.DateOnly, f.To); err == nil {
			f.From = to.AddDate(0, 0, -6).Format(time.DateOnly)
		}
	}
	v.Filter = ui.Form{Values: url.Values{"from": {f.From}, "to": {f.To}, "state": {f.State}}}
	list, err := d.o.Audit.Findings(r.Context(), r.Who, f)
	if fault.KindOf(err) == fault.Invalid {
		v.Form.Problems = append(v.Form.Problems, problems(r.Lang, err, v.Filter.Values)...)
		reply := page(r, pages.UnusualPage(d.shell(r, "page_record.unusual", ui.PathUnusual), v))
		reply.Status = http.StatusUnprocessableEntity
		return reply, nil
	}
	if err != nil {
		return site.Reply{}, err
	}
	key, at := "record.watch_never", ""
	if list.Watch.LookedAt != nil {
		key, at = "record.watch", moment(*list.Watch.LookedAt)
	}
	v.Watch = r.Lang.T(key, "cards", list.Watch.Cards, "staff", list.Watch.Staff, "at", at)
	grave := 0
	for _, x := range list.Items {
		v.Findings = append(v.Findings, d.finding(r, x))
		if x.Weight == 3 {
			grave++
		}
	}
	v.Lead = r.Lang.T("record.unusual_lead", "n", len(v.Findings), "from", partialDay(f.From), "to", partialDay(f.To), "grave", grave)
	return page(r, pages.UnusualPage(d.shell(r, "page_record.unusual", ui.PathUnusual), v)), nil
}

func (d *Desk) finding(r *site.Request, x audit.Finding) pages.Finding {
	l := r.Lang
	count := l.T("record.count_times", "n", x.Count)
	if slices.Contains([]string{"bulk", "night", "no_task", "refused", "colleague"}, x.Rule) {
		count = l.T("record.count_cases", "n", x.Count)
	}
	v := pages.Finding{Key: x.Key, Day: x.Day, Title: l.T("record.rule_" + x.Rule), Why: l.T("record.why_" + x.Rule), Who: or(x.Username, x.Actor.String()),
		Where: joined(" · ", label(l, codelist.Role, x.Role), x.Organisation), When: l.T("record.when", "day", partialDay(x.Day), "from", clock(x.FirstAt), "to", clock(x.LastAt), "count", count),
		Case: short(x.Case), Weight: l.T("record.weight_" + strconv.Itoa(x.Weight)), Tone: map[int]ui.Tone{3: ui.Danger, 2: ui.Caution, 1: ui.Quiet}[x.Weight], Done: x.State == "seen" || x.State == "explained",
		MaySay: may(r, access.ReviewFinding) && x.Actor != r.Who.User, Trail: ui.PathTrail + "?" + url.Values{"actor": {x.Username}, "from": {x.Day}, "to": {x.Day}}.Encode()}
	if x.State != "open" && x.ReviewedAt != nil {
		v.State = l.T("record.outcome_" + x.State)
		code := v.State
		if x.Code != "" {
			code = saidOr(l, "record.code_", x.Code)
		}
		v.Said = l.T("record.said", "code", code, "who", x.Reviewer, "at", moment(*x.ReviewedAt))
	}
	return v
}

func (d *Desk) postAnswer(r *site.Request) (site.Reply, error) {
	var cmd audit.ReviewCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	if err := d.o.Audit.Review(r.Context(), r.Who, r.Param("key"), cmd); err != nil {
		return site.Reply{}, err
	}
	back := url.Values{}
	for name, from := range map[string]string{"from": "_from", "to": "_to"} {
		if t, err := time.Parse(time.DateOnly, r.Values.Get(from)); err == nil {
			back.Set(name, t.Format(time.DateOnly))
		}
	}
	path := ui.PathUnusual
	if len(back) > 0 {
		path += "?" + back.Encode()
	}
	return see(r, path, "review_kept"), nil
}

func (d *Desk) answerAgain(r *site.Request, err error) (site.Reply, error) {
	return d.unusual(r, url.Values{"from": {r.Values.Get("_from")}, "to": {r.Values.Get("_to")}, "state": {"all"}}, refused(r, err, nil), r.Param("key"))
}

func (d *Desk) getAnchor(r *site.Request) (site.Reply, error) {
	s, err := d.o.Audit.Sealed(r.Context(), r.Who)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.Anchor{Exists: s.Signed != "", Signed: s.Signed, Printed: r.Lang.T("record.print_line", "at", moment(time.Now()), "who", r.Who.Name)}
	if v.Exists {
		v.Rows = []ui.Row{{Label: r.Lang.T("record.entries"), Value: ui.Count(r.Lang, s.Size)}, {Label: r.Lang.T("record.sealed_at"), Value: s.Time.In(calendar.Zone).Format("02/01/2006 15:04:05")}}
		v.Letters = strings.Fields(s.Letters())
	}
	return page(r, pages.AnchorPage(d.shell(r, "page_record.anchor", ui.PathAnchor), v)), nil
}
