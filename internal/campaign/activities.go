package campaign

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
)

// UnitState is where a unit's report stands.
type UnitState string

// The states of a unit's report.
const (
	Empty         UnitState = "EMPTY"         // nobody has written anything
	Drafted       UnitState = "DRAFT"         // being written
	Submitted     UnitState = "SUBMITTED"     // handed in
	Returned      UnitState = "RETURNED"      // came back for correction, open again
	Supplementing UnitState = "SUPPLEMENTING" // a supplement is being written; what was handed in still counts
	Supplemented  UnitState = "SUPPLEMENTED"  // the supplement was handed in, beside what it corrects
)

// Open tells whether the report may be written in.
func (s UnitState) Open() bool {
	return s == Empty || s == Drafted || s == Returned || s == Supplementing
}

// Counted tells whether something that was handed in counts.
func (s UnitState) Counted() bool {
	return s == Submitted || s == Supplementing || s == Supplemented
}

// Move is one legal move of a unit's report.
type Move struct {
	Name     string
	From, To UnitState
}

// Moves is the whole machine. campaign.legal_move in the schema says the same.
var Moves = []Move{
	{"submission", Drafted, Submitted}, {"submission", Returned, Submitted}, {"submission", Supplementing, Supplemented},
	{"return", Submitted, Returned}, {"return", Supplemented, Returned},
	{"supplement", Submitted, Supplementing}, {"supplement", Supplemented, Supplementing},
}

func moveFrom(name string, from UnitState) (Move, bool) {
	i := slices.IndexFunc(Moves, func(m Move) bool { return m.Name == name && m.From == from })
	if i < 0 {
		return Move{}, false
	}
	return Moves[i], true
}

// Content is what a unit reports. Money is in thousands of đồng inside, and always a whole number of hundreds of them: one decimal of a triệu.
type Content struct {
	Sections   []SectionText `json:"sections"`
	Indicators []Count       `json:"indicators"`
	Events     []Event       `json:"events"`
	Budget     []Money       `json:"budget"`
}

// SectionText is what the unit writes under a heading.
type SectionText struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Quantity is how many, by the level at which it was done.
type Quantity struct {
	Province *int64 `json:"PROVINCE,omitempty"`
	District *int64 `json:"DISTRICT,omitempty"`
	Commune  *int64 `json:"COMMUNE,omitempty"`
}

// At is the number of a level, nil when none was given.
func (q Quantity) At(l Level) *int64 {
	switch l {
	case Province:
		return q.Province
	case District:
		return q.District
	}
	return q.Commune
}

func (q *Quantity) set(l Level, n *int64) {
	switch l {
	case Province:
		q.Province = n
	case District:
		q.District = n
	default:
		q.Commune = n
	}
}

// Total is the sum over levels.
func (q Quantity) Total() int64 {
	var sum int64
	for _, l := range []Level{Province, District, Commune} {
		if n := q.At(l); n != nil {
			sum += *n
		}
	}
	return sum
}

// Count is one row of the table: how many, who came.
type Count struct {
	Code         string   `json:"code"`
	Quantity     Quantity `json:"quantity"`
	Participants *int64   `json:"participants,omitempty"`
	Women        *int64   `json:"women,omitempty"`
	Note         string   `json:"note,omitempty"`
}

// Event is an activity with its day and place.
type Event struct {
	Code         string `json:"code"`
	On           string `json:"on"`
	Level        Level  `json:"level"`
	Place        string `json:"place,omitempty"`
	Participants *int64 `json:"participants,omitempty"`
	Women        *int64 `json:"women,omitempty"`
}

// Money is what was spent from one source, in thousands of đồng.
type Money struct {
	Source       string `json:"source"`
	ThousandDong int64  `json:"thousand_dong"`
	Note         string `json:"note,omitempty"`
}

// Finding is something wrong with a draft that would stop it from being handed in.
type Finding struct {
	Pointer string         `json:"pointer"`
	Key     string         `json:"key"`
	Args    map[string]any `json:"-"`
}

// Submission is what was handed in once, word for word.
type Submission struct {
	ID     uuid.UUID `json:"id"`
	Number int       `json:"number"`
	Kind   string    `json:"kind"` // MAIN or SUPPLEMENT
	At     time.Time `json:"at"`
	By     *Staff    `json:"by,omitempty"`
	Late   bool      `json:"late"`
	SHA256 string    `json:"sha256"`
	Back   bool      `json:"returned"` // it was returned, and counts no more
}

// Step is one move that was made.
type Step struct {
	Move   string    `json:"move"`
	From   UnitState `json:"from"`
	To     UnitState `json:"to"`
	At     time.Time `json:"at"`
	By     *Staff    `json:"by,omitempty"`
	Reason string    `json:"reason,omitempty"`
	Number int       `json:"number,omitempty"` // of the submission it concerns
}

// Activities is a unit's report as this reader may see it.
type Activities struct {
	Year    int       `json:"year"`
	Unit    Unit      `json:"unit"`
	State   UnitState `json:"state"`
	Version int       `json:"version"`
	Content
	Levels      []Level      `json:"levels"`
	Clock       Clock        `json:"clock"`
	UpdatedAt   *time.Time   `json:"updated_at"`
	UpdatedBy   *Staff       `json:"updated_by,omitempty"`
	Problems    []Finding    `json:"problems"`
	Submissions []Submission `json:"submissions"`
	History     []Step       `json:"history"`
	Moves       []string     `json:"moves"` // what this reader may do next
	MayWrite    bool         `json:"may_write"`
}

// Location is where the report can be read again.
func (a Activities) Location() string {
	return "/api/v1/campaigns/" + strconv.Itoa(a.Year) + "/units/" + a.Unit.ID.String() + "/activities"
}

// WriteCommand is a unit's whole report as it is saved. With draft, numbers that cannot be are taken too: somebody is in the middle of typing them.
type WriteCommand struct {
	Sections   []SectionText `json:"sections,omitempty"`
	Indicators []Count       `json:"indicators,omitempty"`
	Events     []Event       `json:"events,omitempty"`
	Budget     []Money       `json:"budget,omitempty"`
	Draft      bool          `json:"draft,omitempty"`
}

func (c WriteCommand) content() Content { return Content{c.Sections, c.Indicators, c.Events, c.Budget} }

const (
	mostText  = 20_000
	mostCount = 100_000_000
	mostMoney = 2_000_000_000 // thousands of đồng: two thousand tỷ
)

// readable tells what cannot even be kept in a draft: unknown codes, rows that stand twice, numbers out of all range.
func (c Content) readable(of Campaign, u Unit) fault.Problems {
	var ps fault.Problems
	seen := map[string]bool{}
	once := func(at, code string) {
		if seen[at[:2]+code] {
			ps.Add(at, "campaign_twice")
		}
		seen[at[:2]+code] = true
	}
	number := func(at string, n *int64) {
		if n != nil && (*n < 0 || *n > mostCount) {
			ps.Add(at, "out_of_range", "least", 0, "most", mostCount)
		}
	}
	for i, s := range c.Sections {
		at := "/sections/" + strconv.Itoa(i)
		if h, ok := of.heading(s.Code); !ok || !h.Unit {
			ps.Add(at+"/code", "unknown_code", "list", string(codelist.ReportSection))
		} else {
			once(at+"/code", s.Code)
		}
		short(&ps, at+"/text", s.Text, mostText)
	}
	levels := u.levels(of.Year)
	for i, x := range c.Indicators {
		at := "/indicators/" + strconv.Itoa(i)
		k, ok := of.indicator(x.Code)
		if !ok {
			ps.Add(at+"/code", "unknown_code", "list", string(codelist.CampaignActivity))
			continue
		}
		once(at+"/code", x.Code)
		for _, l := range []Level{Province, District, Commune} {
			n := x.Quantity.At(l)
			number(at+"/quantity/"+string(l), n)
			if n != nil && *n != 0 && !slices.Contains(levels, l) {
				ps.Add(at+"/quantity/"+string(l), "campaign_level_not_hers", "level", codelist.MustGet(codelist.CampaignLevel).Label(string(l), "vi"))
			}
		}
		number(at+"/participants", x.Participants)
		number(at+"/women", x.Women)
		if !k.People && (x.Participants != nil && *x.Participants > 0 || x.Women != nil && *x.Women > 0) {
			ps.Add(at+"/participants", "campaign_no_people", "what", k.Label)
		}
		short(&ps, at+"/note", x.Note, 500)
	}
	if len(c.Events) > 200 {
		ps.Add("/events", "too_many_items", "most", 200)
	}
	for i, e := range c.Events {
		at := "/events/" + strconv.Itoa(i)
		if _, ok := of.indicator(e.Code); !ok {
			ps.Add(at+"/code", "unknown_code", "list", string(codelist.CampaignActivity))
		}
		if e.Level != "" && !slices.Contains(levels, e.Level) {
			ps.Add(at+"/level", "unknown_code", "list", string(codelist.CampaignLevel))
		}
		if e.On != "" {
			isDay(&ps, at+"/on", e.On)
		}
		number(at+"/participants", e.Participants)
		number(at+"/women", e.Women)
		short(&ps, at+"/place", e.Place, 300)
	}
	for i, m := range c.Budget {
		at := "/budget/" + strconv.Itoa(i)
		if !codelist.MustGet(codelist.BudgetSource).Has(m.Source) {
			ps.Add(at+"/source", "unknown_code", "list", string(codelist.BudgetSource))
		} else {
			once(at+"/source", m.Source)
		}
		if m.ThousandDong < 0 || m.ThousandDong > mostMoney {
			ps.Add(at+"/thousand_dong", "out_of_range", "least", 0, "most", mostMoney)
		} else if m.ThousandDong%100 != 0 {
			ps.Add(at+"/thousand_dong", "campaign_one_decimal")
		}
		short(&ps, at+"/note", m.Note, 500)
	}
	return ps
}

func value(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// impossible tells which numbers cannot be, whatever happened: more women than people, people of events beyond those of the table, days outside of the campaign.
func (c Content) impossible(of Campaign) fault.Problems {
	var ps fault.Problems
	rows := map[string]Count{}
	for i, x := range c.Indicators {
		at := "/indicators/" + strconv.Itoa(i)
		rows[x.Code] = x
		if value(x.Women) > value(x.Participants) {
			ps.Add(at+"/women", "campaign_women", "women", *x.Women, "participants", value(x.Participants))
		}
		if value(x.Participants) > 0 && x.Quantity.Total() == 0 {
			ps.Add(at+"/participants", "campaign_people_of_nothing")
		}
	}
	held, came := map[string]int64{}, map[string]int64{}
	for i, e := range c.Events {
		at := "/events/" + strconv.Itoa(i)
		switch {
		case e.On == "":
			ps.Add(at+"/on", "required")
		case e.On < of.StartsOn && !(e.Code == "LAUNCH" && e.On >= month(of.StartsOn)) || e.On > of.EndsOn:
			ps.Add(at+"/on", "campaign_outside", "from", vietnameseDay(of.StartsOn), "to", vietnameseDay(of.EndsOn))
		}
		if e.Level == "" {
			ps.Add(at+"/level", "required")
		}
		if value(e.Women) > value(e.Participants) {
			ps.Add(at+"/women", "campaign_women", "women", *e.Women, "participants", value(e.Participants))
		}
		held[e.Code]++
		came[e.Code] += value(e.Participants)
		row, ok := rows[e.Code]
		switch {
		case !ok || held[e.Code] > row.Quantity.Total():
			ps.Add(at+"/code", "campaign_event_uncounted", "n", row.Quantity.Total())
		case came[e.Code] > value(row.Participants):
			ps.Add(at+"/participants", "campaign_event_people", "came", came[e.Code], "participants", value(row.Participants))
		}
	}
	return ps
}

// month is the first day of the month of a day: a launch may be held some days before the month of action, as in Ngọc Hồi on 11 November 2022.
func month(day string) string { return day[:len("2026-11")] + "-01" }

func vietnameseDay(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("02/01/2006")
}

// complete tells what stops a report from being handed in.
func (c Content) complete(of Campaign, u Unit) fault.Problems {
	ps := append(c.readable(of, u), c.impossible(of)...)
	if !c.something() {
		ps.Add("/indicators", "campaign_nothing")
	}
	return ps
}

// something tells whether there is anything in it.
func (c Content) something() bool {
	return slices.ContainsFunc(c.Sections, func(s SectionText) bool { return s.Text != "" }) ||
		slices.ContainsFunc(c.Indicators, func(x Count) bool { return x.Quantity.Total() > 0 })
}

// tidy leaves out rows that say nothing and puts the rest in the order of the year, so that the same report is always the same bytes.
func (c Content) tidy(of Campaign) Content {
	out := Content{Sections: []SectionText{}, Indicators: []Count{}, Events: []Event{}, Budget: []Money{}}
	for _, h := range of.Outline {
		for _, s := range c.Sections {
			if s.Code == h.Code && s.Text != "" {
				out.Sections = append(out.Sections, s)
			}
		}
	}
	for _, k := range of.Indicators {
		for _, x := range c.Indicators {
			if x.Code == k.Code && (x.Quantity != Quantity{} || x.Participants != nil || x.Women != nil || x.Note != "") {
				out.Indicators = append(out.Indicators, x)
			}
		}
	}
	for _, e := range c.Events {
		if e != (Event{}) {
			out.Events = append(out.Events, e)
		}
	}
	for _, b := range codelist.MustGet(codelist.BudgetSource).Codes() {
		for _, m := range c.Budget {
			if m.Source == b && (m.ThousandDong != 0 || m.Note != "") {
				out.Budget = append(out.Budget, m)
			}
		}
	}
	return out
}

type reportRow struct {
	State    string          `db:"state"`
	Version  int             `db:"version"`
	Body     json.RawMessage `db:"body"`
	Updated  time.Time       `db:"updated_at"`
	Username *string         `db:"username"`
	Name     *string         `db:"name"`
}

func (s *Service) readActivities(tx *gate.Tx, of Campaign, u Unit) (Activities, error) {
	a := Activities{Year: of.Year, Unit: u, Levels: u.levels(of.Year), Clock: of.Clock, Problems: []Finding{}, Submissions: []Submission{}, History: []Step{}, Moves: []string{}}
	var r reportRow
	err := tx.Get(&r, `select r.state, r.version, r.body, r.updated_at, w.username, w.name from campaign.reports r left join lateral auth.staff(array[r.updated_by]) w on true where r.unit_id = $1`, u.ID)
	if err != nil {
		return a, err
	}
	a.State, a.Version = UnitState(r.State), r.Version
	if a.State != Empty {
		a.UpdatedAt, a.UpdatedBy = &r.Updated, staff(r.Username, r.Name)
	}
	if err := json.Unmarshal(r.Body, &a.Content); err != nil {
		return a, fmt.Errorf("report of unit %s: %w", u.ID, err)
	}
	a.Content = a.Content.tidy(of)
	if a.State.Open() {
		for _, p := range a.Content.complete(of, u) {
			a.Problems = append(a.Problems, Finding{p.Pointer, p.Key, p.Args})
		}
	}
	if a.Submissions, err = submissions(tx, u.ID); err != nil {
		return a, err
	}
	var steps []struct {
		Move     string    `db:"move"`
		From     string    `db:"from_state"`
		To       string    `db:"to_state"`
		At       time.Time `db:"at"`
		Username *string   `db:"username"`
		Name     *string   `db:"name"`
		Reason   *string   `db:"reason"`
		Number   *int      `db:"number"`
	}
	if err := tx.Select(&steps, `select m.move, m.from_state, m.to_state, m.at, w.username, w.name, m.reason, s.number from campaign.moves m
		  left join campaign.submissions s on s.id = m.submission_id left join lateral auth.staff(array[m.by_user]) w on true
		 where m.unit_id = $1 order by m.at, m.id limit 500`, u.ID); err != nil {
		return a, err
	}
	for _, x := range steps {
		st := Step{Move: x.Move, From: UnitState(x.From), To: UnitState(x.To), At: x.At, By: staff(x.Username, x.Name)}
		if x.Reason != nil {
			st.Reason = *x.Reason
		}
		if x.Number != nil {
			st.Number = *x.Number
		}
		a.History = append(a.History, st)
	}
	policy := s.gate.Policy()
	var writes bool
	if err := tx.Get(&writes, `select campaign.writes($1)`, u.ID); err != nil {
		return a, err
	}
	a.MayWrite = writes && a.State.Open() && policy.Any(tx.Who.Role, access.WriteActivities.Name) != 0
	for _, m := range Moves {
		may := writes && policy.Any(tx.Who.Role, access.SubmitActivities.Name) != 0
		if m.Name == "return" {
			may = policy.Any(tx.Who.Role, access.ReturnActivities.Name) != 0
		}
		if m.From == a.State && may && !u.Removed {
			a.Moves = append(a.Moves, m.Name)
		}
	}
	tx.Opened(access.Campaign)
	return a, nil
}

func submissions(tx *gate.Tx, unit uuid.UUID) ([]Submission, error) {
	var rows []struct {
		ID       uuid.UUID `db:"id"`
		Number   int       `db:"number"`
		Kind     string    `db:"kind"`
		At       time.Time `db:"at"`
		Username *string   `db:"username"`
		Name     *string   `db:"name"`
		Late     bool      `db:"late"`
		SHA256   string    `db:"sha256"`
		Back     bool      `db:"back"`
	}
	err := tx.Select(&rows, `select s.id, s.number, s.kind, s.at, w.username, w.name, s.late, s.sha256,
		       exists (select 1 from campaign.moves m where m.submission_id = s.id and m.move = 'return') as back
		  from campaign.submissions s left join lateral auth.staff(array[s.by_user]) w on true
		 where s.unit_id = $1 order by s.number desc limit 100`, unit)
	out := make([]Submission, 0, len(rows))
	for _, r := range rows {
		out = append(out, Submission{ID: r.ID, Number: r.Number, Kind: r.Kind, At: r.At, By: staff(r.Username, r.Name), Late: r.Late, SHA256: r.SHA256, Back: r.Back})
	}
	return out, err
}

// Activities gives a unit's report: the draft while it is open, and what was handed in.
func (s *Service) Activities(ctx context.Context, who access.Actor, year int, unit string) (Activities, error) {
	return gate.Do(ctx, s.gate, who, access.ReadActivities, access.Nothing, func(tx *gate.Tx) (Activities, error) {
		return s.activities(tx, year, unit)
	})
}

func (s *Service) activities(tx *gate.Tx, year int, unit string) (Activities, error) {
	of, err := edition(tx, year)
	if err != nil {
		return Activities{}, err
	}
	u, err := unitOf(tx, year, unit)
	if err != nil {
		return Activities{}, err
	}
	return s.readActivities(tx, of, u)
}

// Handed gives what a unit handed in under a number.
func (s *Service) Handed(ctx context.Context, who access.Actor, year int, unit string, number int) (Content, error) {
	return gate.Do(ctx, s.gate, who, access.ReadActivities, access.Nothing, func(tx *gate.Tx) (Content, error) {
		u, err := unitOf(tx, year, unit)
		if err != nil {
			return Content{}, err
		}
		var body string
		if err := tx.Get(&body, `select body from campaign.submissions where unit_id = $1 and number = $2`, u.ID, number); err != nil {
			return Content{}, err
		}
		tx.Opened(access.Campaign)
		var c Content
		err = json.Unmarshal([]byte(body), &c)
		return c, err
	})
}

// writer refuses whoever may read the unit and not write for it.
func writer(tx *gate.Tx, u Unit) error {
	var writes bool
	if err := tx.Get(&writes, `select campaign.writes($1)`, u.ID); err != nil {
		return err
	}
	if !writes {
		return fault.New(fault.Refused, "campaign_not_her_unit")
	}
	return nil
}

// Write saves a unit's report, whole. version is the one that was read; fault.Stale when somebody else saved since.
func (s *Service) Write(ctx context.Context, who access.Actor, year int, unit string, version int, cmd WriteCommand) (Activities, error) {
	if cmd.Indicators == nil {
		return Activities{}, fault.Bad(fault.Problem{Pointer: "/indicators", Key: "required"}) // a report is saved whole: leaving its table out by mistake must not empty it
	}
	return gate.Do(ctx, s.gate, who, access.WriteActivities, access.Nothing, func(tx *gate.Tx) (Activities, error) {
		of, err := edition(tx, year)
		if err != nil {
			return Activities{}, err
		}
		u, err := unitOf(tx, year, unit)
		if err != nil {
			return Activities{}, err
		}
		if err := writer(tx, u); err != nil {
			return Activities{}, err
		}
		c := cmd.content()
		ps := c.readable(of, u)
		if !cmd.Draft {
			ps = append(ps, c.impossible(of)...)
		}
		if err := ps.Err(); err != nil {
			return Activities{}, err
		}
		if err := save(tx, of, u, version, c); err != nil {
			return Activities{}, err
		}
		return s.readActivities(tx, of, u)
	})
}

func save(tx *gate.Tx, of Campaign, u Unit, version int, c Content) error {
	var r struct {
		State   string `db:"state"`
		Version int    `db:"version"`
	}
	if err := tx.Get(&r, `select state, version from campaign.reports where unit_id = $1 for update`, u.ID); err != nil {
		return err
	}
	if !UnitState(r.State).Open() {
		return fault.New(fault.Conflict, "campaign_not_open")
	}
	if r.Version != version {
		return fault.New(fault.Stale, "stale")
	}
	body, err := json.Marshal(c.tidy(of))
	if err != nil {
		return err
	}
	_, err = tx.Exec(`update campaign.reports set body = $2, version = version + 1 where unit_id = $1`, u.ID, string(body))
	return err
}

// Submit hands the report in: whole, sound, and kept word for word from now on. version is the one that was read; 0 takes the newest.
func (s *Service) Submit(ctx context.Context, who access.Actor, year int, unit string, version int) (Activities, error) {
	return s.move(ctx, who, access.SubmitActivities, year, unit, version, "submission", "")
}

// Supplement opens a report that was handed in for a supplement. What was handed in goes on to count until the supplement is handed in, and stays beside it.
func (s *Service) Supplement(ctx context.Context, who access.Actor, year int, unit string) (Activities, error) {
	return s.move(ctx, who, access.SubmitActivities, year, unit, 0, "supplement", "")
}

// ReturnCommand says why a report is returned.
type ReturnCommand struct {
	Reason string `json:"reason"`
}

// Return gives a report back for correction. What was handed in counts no more, and stays.
func (s *Service) Return(ctx context.Context, who access.Actor, year int, unit string, cmd ReturnCommand) (Activities, error) {
	var ps fault.Problems
	needs(&ps, "/reason", cmd.Reason, 2000)
	if err := ps.Err(); err != nil {
		return Activities{}, err
	}
	return s.move(ctx, who, access.ReturnActivities, year, unit, 0, "return", cmd.Reason)
}

func (s *Service) move(ctx context.Context, who access.Actor, act access.Act, year int, unit string, version int, name, reason string) (Activities, error) {
	return gate.Do(ctx, s.gate, who, act, access.Nothing, func(tx *gate.Tx) (Activities, error) {
		of, err := edition(tx, year)
		if err != nil {
			return Activities{}, err
		}
		u, err := unitOf(tx, year, unit)
		if err != nil {
			return Activities{}, err
		}
		if name != "return" {
			if err := writer(tx, u); err != nil {
				return Activities{}, err
			}
		}
		var r reportRow
		if err := tx.Get(&r, `select r.state, r.version, r.body, r.updated_at, null as username, null as name from campaign.reports r where r.unit_id = $1`, u.ID); err != nil {
			return Activities{}, err
		}
		m, legal := moveFrom(name, UnitState(r.State))
		if !legal {
			return Activities{}, fault.New(fault.Conflict, "campaign_move_"+name)
		}
		if version != 0 && version != r.Version {
			return Activities{}, fault.New(fault.Stale, "stale")
		}
		var sub any
		switch name {
		case "submission":
			var c Content
			if err := json.Unmarshal(r.Body, &c); err != nil {
				return Activities{}, err
			}
			c = c.tidy(of)
			if err := c.complete(of, u).Err(); err != nil {
				return Activities{}, err
			}
			body, err := json.Marshal(c)
			if err != nil {
				return Activities{}, err
			}
			sum := sha256.Sum256(body)
			id := uuid.Must(uuid.NewV7())
			if _, err := tx.Exec(`insert into campaign.submissions (id, unit_id, number, kind, body, sha256, late, by_user) values ($1, $2, 0, 'MAIN', $3, $4, false, $5)`,
				id, u.ID, string(body), hex.EncodeToString(sum[:]), tx.Who.User); err != nil {
				return Activities{}, err
			}
			sub = id
		case "return":
			all, err := submissions(tx, u.ID)
			if err != nil {
				return Activities{}, err
			}
			for _, x := range all {
				if !x.Back {
					sub = x.ID
					break
				}
			}
			tx.Later(`select campaign.tell_returned($1)`, u.ID)
		}
		_, err = tx.Exec(`insert into campaign.moves (id, unit_id, move, from_state, to_state, by_user, reason, submission_id) values ($1, $2, $3, $4, $5, $6, nullif($7, ''), $8)`,
			uuid.Must(uuid.NewV7()), u.ID, name, string(m.From), string(m.To), tx.Who.User, reason, sub)
		switch gate.ConstraintOf(err) {
		case "report_moves_legally", "submission_is_counted_once":
			return Activities{}, fault.New(fault.Conflict, "campaign_move_"+name)
		}
		if err != nil {
			return Activities{}, err
		}
		return s.readActivities(tx, of, u)
	})
}

// today is the day of an instant where the offices are.
func today(t time.Time) string { return t.In(calendar.Zone).Format(time.DateOnly) }
