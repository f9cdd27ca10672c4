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
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
)

// Draft is what the department has written for the report of a year so far.
type Draft struct {
	Version int           `json:"version"`
	Texts   []SectionText `json:"texts"`
	Release *uuid.UUID    `json:"release,omitempty"` // whose figures of cases it shows; none: the newest of the year
}

func (d Draft) written() map[string]string {
	m := map[string]string{}
	for _, t := range d.Texts {
		m[t.Code] = t.Text
	}
	return m
}

// Live is the report as it would be if it were frozen now.
type Live struct {
	Campaign      Campaign          `json:"campaign"`
	Draft         Draft             `json:"draft"`
	Texts         map[string]string `json:"texts"`
	Report        Report            `json:"report"`
	Consolidation Consolidation     `json:"consolidation"`
	Changes       *Difference       `json:"changes"` // since the last version
	UpdatedAt     *time.Time        `json:"updated_at"`
	UpdatedBy     *Staff            `json:"updated_by,omitempty"`
}

// Frozen is what a version holds: the report word for word and the totals it was made of.
type Frozen struct {
	Report        Report        `json:"report"`
	Consolidation Consolidation `json:"consolidation"`
}

// Version is a frozen report of a year.
type Version struct {
	ID          uuid.UUID  `json:"id"`
	Year        int        `json:"year"`
	Number      int        `json:"number"`
	State       State      `json:"state"`
	SHA256      string     `json:"sha256"`
	CutOff      time.Time  `json:"cut_off"`
	PreparedBy  *Staff     `json:"prepared_by,omitempty"`
	PreparedAt  time.Time  `json:"prepared_at"`
	DecidedBy   *Staff     `json:"decided_by,omitempty"`
	DecidedAt   *time.Time `json:"decided_at"`
	Reason      string     `json:"reason,omitempty"`
	PublishedBy *Staff     `json:"published_by,omitempty"`
	PublishedAt *time.Time `json:"published_at"`
	*Frozen
}

// Location is where the version can be read again.
func (v Version) Location() string {
	return "/api/v1/campaigns/" + strconv.Itoa(v.Year) + "/report/versions/" + strconv.Itoa(v.Number)
}

// Difference is what changed from one version to another.
type Difference struct {
	From    int            `json:"from"`
	To      int            `json:"to"` // 0: the report in work
	Figures []FigureChange `json:"figures"`
	Texts   []TextChange   `json:"texts"`
	Units   []UnitChange   `json:"units"`
}

// FigureChange is a number that changed. An empty text: it was not there.
type FigureChange struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Was   string `json:"was"`
	Is    string `json:"is"`
}

// TextChange is a heading whose text changed.
type TextChange struct {
	Code  string `json:"code"`
	Title string `json:"title"`
	Was   string `json:"was"`
	Is    string `json:"is"`
}

// UnitChange is a unit of which something else counts now: 0 is nothing.
type UnitChange struct {
	Code string `json:"code"`
	Name string `json:"name"`
	Was  int    `json:"was"`
	Is   int    `json:"is"`
}

func differ(from, to Frozen, a, b int) Difference {
	d := Difference{From: a, To: b, Figures: []FigureChange{}, Texts: []TextChange{}, Units: []UnitChange{}}
	keys := []string{}
	for k := range from.Consolidation.Figures {
		keys = append(keys, k)
	}
	for k := range to.Consolidation.Figures {
		if _, ok := from.Consolidation.Figures[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		was, is := from.Consolidation.Figures[k], to.Consolidation.Figures[k]
		if was.Text != is.Text {
			label := is.Definition
			if label == "" {
				label = was.Definition
			}
			d.Figures = append(d.Figures, FigureChange{k, label, was.Text, is.Text})
		}
	}
	text := func(f Frozen, code string) (title, body string) {
		for _, s := range f.Report.Sections {
			if s.Code == code {
				for i, p := range s.Paragraphs {
					if i > 0 {
						body += "\n"
					}
					body += p.Text()
				}
				return s.Title, body
			}
		}
		return "", ""
	}
	codes := []string{}
	for _, s := range append(slices.Clone(from.Report.Sections), to.Report.Sections...) {
		if !slices.Contains(codes, s.Code) {
			codes = append(codes, s.Code)
		}
	}
	for _, code := range codes {
		t1, was := text(from, code)
		t2, is := text(to, code)
		if was != is {
			if t2 == "" {
				t2 = t1
			}
			d.Texts = append(d.Texts, TextChange{code, t2, was, is})
		}
	}
	numbers := map[string]int{}
	for _, u := range from.Consolidation.Units {
		numbers[u.Code] = u.Number
	}
	seen := map[string]bool{}
	for _, u := range to.Consolidation.Units {
		seen[u.Code] = true
		if numbers[u.Code] != u.Number {
			d.Units = append(d.Units, UnitChange{u.Code, u.Name, numbers[u.Code], u.Number})
		}
	}
	for _, u := range from.Consolidation.Units {
		if !seen[u.Code] && u.Number != 0 {
			d.Units = append(d.Units, UnitChange{u.Code, u.Name, u.Number, 0})
		}
	}
	return d
}

type versionRow struct {
	ID        uuid.UUID  `db:"id"`
	Year      int        `db:"year"`
	Number    int        `db:"number"`
	State     string     `db:"state"`
	SHA256    string     `db:"sha256"`
	CutOff    time.Time  `db:"cut_off"`
	PreparedU *string    `db:"prepared_username"`
	PreparedN *string    `db:"prepared_name"`
	Prepared  time.Time  `db:"prepared_at"`
	DecidedU  *string    `db:"decided_username"`
	DecidedN  *string    `db:"decided_name"`
	Decided   *time.Time `db:"decided_at"`
	Reason    *string    `db:"reason"`
	PubU      *string    `db:"published_username"`
	PubN      *string    `db:"published_name"`
	Pub       *time.Time `db:"published_at"`
	Body      *string    `db:"body"`
}

const versionQuery = `select v.id, v.year, v.number, v.state, v.sha256, v.cut_off, p.username as prepared_username, p.name as prepared_name, v.prepared_at, d.username as decided_username,
	d.name as decided_name, v.decided_at, v.reason, b.username as published_username, b.name as published_name, v.published_at, case when $1 then v.body end as body
	from campaign.versions v left join lateral auth.staff(array[v.prepared_by]) p on true left join lateral auth.staff(array[v.decided_by]) d on true
	left join lateral auth.staff(array[v.published_by]) b on true`

func (r versionRow) version() (Version, error) {
	v := Version{ID: r.ID, Year: r.Year, Number: r.Number, State: State(r.State), SHA256: r.SHA256, CutOff: r.CutOff, PreparedBy: staff(r.PreparedU, r.PreparedN), PreparedAt: r.Prepared,
		DecidedBy: staff(r.DecidedU, r.DecidedN), DecidedAt: r.Decided, PublishedBy: staff(r.PubU, r.PubN), PublishedAt: r.Pub}
	if r.Reason != nil {
		v.Reason = *r.Reason
	}
	if r.Body != nil {
		sum := sha256.Sum256([]byte(*r.Body))
		if hex.EncodeToString(sum[:]) != r.SHA256 {
			return v, fmt.Errorf("version %d of %d is not what was frozen", r.Number, r.Year)
		}
		v.Frozen = &Frozen{}
		if err := json.Unmarshal([]byte(*r.Body), v.Frozen); err != nil {
			return v, fmt.Errorf("version %d of %d: %w", r.Number, r.Year, err)
		}
		v.Report.Version, v.Report.State, v.Report.SHA256 = v.Number, v.State, v.SHA256
	}
	return v, nil
}

// version reads one; number 0 is the newest that the reader sees.
func version(tx *gate.Tx, year, number int) (Version, error) {
	var r versionRow
	err := tx.Get(&r, versionQuery+` where v.year = $2 and ($3 = 0 or v.number = $3) order by v.number desc limit 1`, true, year, number)
	if err != nil {
		return Version{}, err
	}
	return r.version()
}

// lastFrozen is the newest version of a year that was not sent back, nil when there is none.
func lastFrozen(tx *gate.Tx, year int, published bool) (*Version, error) {
	var rows []versionRow
	err := tx.Select(&rows, versionQuery+` where v.year = $2 and v.state <> 'REJECTED' and (not $3 or v.state in ('PUBLISHED', 'SUPERSEDED')) order by v.number desc limit 1`, true, year, published)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	v, err := rows[0].version()
	return &v, err
}

// Versions lists the versions of a year without their text, the newest first.
func (s *Service) Versions(ctx context.Context, who access.Actor, year int) ([]Version, error) {
	return gate.Do(ctx, s.gate, who, access.ReadCampaignReport, access.Nothing, func(tx *gate.Tx) ([]Version, error) {
		if _, err := edition(tx, year); err != nil {
			return nil, err
		}
		var rows []versionRow
		if err := tx.Select(&rows, versionQuery+` where v.year = $2 order by v.number desc limit 200`, false, year); err != nil {
			return nil, err
		}
		tx.Opened(access.Campaign)
		out := make([]Version, 0, len(rows))
		for _, r := range rows {
			v, err := r.version()
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	})
}

// Version gives one version, whole; number 0 is the newest that the reader may see.
func (s *Service) Version(ctx context.Context, who access.Actor, year, number int) (Version, error) {
	return gate.Do(ctx, s.gate, who, access.ReadCampaignReport, access.Nothing, func(tx *gate.Tx) (Version, error) {
		tx.Opened(access.Campaign)
		return version(tx, year, number)
	})
}

// Report gives the report as it is printed. number -1 is the report in work, for the department alone; 0 is the newest published version and, for the
// department while nothing is published, the report in work.
func (s *Service) Report(ctx context.Context, who access.Actor, year, number int) (Report, error) {
	if number > 0 {
		v, err := s.Version(ctx, who, year, number)
		if err != nil {
			return Report{}, err
		}
		return v.Report, nil
	}
	if number == 0 {
		v, err := gate.Do(ctx, s.gate, who, access.ReadCampaignReport, access.Nothing, func(tx *gate.Tx) ([]*Version, error) { // a list: the door asks what is made for its place
			tx.Opened(access.Campaign)
			last, err := lastFrozen(tx, year, true)
			return []*Version{last}, err
		})
		if err != nil {
			return Report{}, err
		}
		if v[0] != nil {
			return v[0].Report, nil
		}
	}
	l, err := s.Live(ctx, who, year)
	return l.Report, err
}

// Difference tells what changed between two versions; to 0 is the report in work.
func (s *Service) Difference(ctx context.Context, who access.Actor, year, from, to int) (Difference, error) {
	a, err := s.Version(ctx, who, year, from)
	if err != nil {
		return Difference{}, err
	}
	if to == 0 {
		l, err := s.Live(ctx, who, year)
		if err != nil {
			return Difference{}, err
		}
		return differ(*a.Frozen, Frozen{l.Report, l.Consolidation}, from, 0), nil
	}
	b, err := s.Version(ctx, who, year, to)
	if err != nil {
		return Difference{}, err
	}
	return differ(*a.Frozen, *b.Frozen, from, to), nil
}

// Live makes the report of now: texts of the draft, totals of what counts, checks, and what changed since the last version.
func (s *Service) Live(ctx context.Context, who access.Actor, year int) (Live, error) {
	l, _, err := s.live(ctx, who, year)
	return l, err
}

func (s *Service) live(ctx context.Context, who access.Actor, year int) (Live, []part, error) {
	type base struct {
		l    Live
		all  []part
		last *Version
		prev *Version
		now  time.Time
	}
	b, err := gate.Do(ctx, s.gate, who, access.ReadCampaignReport, access.Nothing, func(tx *gate.Tx) (base, error) {
		var b base
		if tx.Who.Role == access.UnitReporter {
			return b, tx.Refuse() // the report in work is the department's alone
		}
		var err error
		if b.l.Campaign, err = edition(tx, year); err != nil {
			return b, err
		}
		if err := readDraft(tx, year, &b.l); err != nil {
			return b, err
		}
		b.now = tx.Now
		if b.all, err = parts(tx, year, tx.Now); err != nil {
			return b, err
		}
		if b.last, err = lastFrozen(tx, year, false); err != nil {
			return b, err
		}
		b.prev, err = lastFrozen(tx, year-1, true)
		tx.Opened(access.Campaign)
		return b, err
	})
	if err != nil {
		return Live{}, nil, err
	}
	l, of := b.l, b.l.Campaign
	c := add(of, b.all, b.now)
	if c.Release, c.Cases, err = s.caseFigures(ctx, who, of, l.Draft.Release); err != nil {
		return Live{}, nil, err
	}
	c.figures()
	l.Texts = c.texts(of, l.Draft.written())
	frozen := func(v *Version) *Frozen {
		if v == nil {
			return nil
		}
		return v.Frozen
	}
	c.check(of, b.all, l.Texts, frozen(b.last), frozen(b.prev), b.now)
	l.Consolidation, l.Report = c, c.report(of, l.Texts)
	if b.last != nil {
		d := differ(*b.last.Frozen, Frozen{l.Report, c}, b.last.Number, 0)
		l.Changes = &d
	}
	return l, b.all, nil
}

func readDraft(tx *gate.Tx, year int, l *Live) error {
	var rows []struct {
		Version  int             `db:"version"`
		Body     json.RawMessage `db:"body"`
		At       time.Time       `db:"updated_at"`
		Username *string         `db:"username"`
		Name     *string         `db:"name"`
	}
	err := tx.Select(&rows, `select d.version, d.body, d.updated_at, w.username, w.name from campaign.drafts d left join lateral auth.staff(array[d.updated_by]) w on true where d.year = $1`, year)
	l.Draft = Draft{Version: 1, Texts: []SectionText{}}
	if err != nil || len(rows) == 0 {
		return err
	}
	if err := json.Unmarshal(rows[0].Body, &l.Draft); err != nil {
		return err
	}
	l.Draft.Version, l.UpdatedAt, l.UpdatedBy = rows[0].Version, &rows[0].At, staff(rows[0].Username, rows[0].Name)
	return nil
}

// TextsCommand is the department's texts, whole. A heading that is left out gets the text that the figures make by themselves.
type TextsCommand struct {
	Texts   []SectionText `json:"texts"`
	Release *uuid.UUID    `json:"release,omitempty"`
}

// WriteTexts saves the texts of the report in work. version is the one that was read.
func (s *Service) WriteTexts(ctx context.Context, who access.Actor, year, version int, cmd TextsCommand) (Live, error) {
	if cmd.Texts == nil {
		return Live{}, fault.Bad(fault.Problem{Pointer: "/texts", Key: "required"})
	}
	_, err := gate.Do(ctx, s.gate, who, access.WriteReport, access.Nothing, func(tx *gate.Tx) (int, error) {
		of, err := edition(tx, year)
		if err != nil {
			return 0, err
		}
		var ps fault.Problems
		seen := map[string]bool{}
		for i, t := range cmd.Texts {
			at := "/texts/" + strconv.Itoa(i)
			if _, ok := of.heading(t.Code); !ok {
				ps.Add(at+"/code", "unknown_code", "list", string(codelist.ReportSection))
			} else if seen[t.Code] {
				ps.Add(at+"/code", "campaign_twice")
			}
			seen[t.Code] = true
			short(&ps, at+"/text", t.Text, mostText)
		}
		if err := ps.Err(); err != nil {
			return 0, err
		}
		var was Live
		if err := readDraft(tx, year, &was); err != nil {
			return 0, err
		}
		if was.Draft.Version != version {
			return 0, fault.New(fault.Stale, "stale")
		}
		body, err := json.Marshal(Draft{Texts: cmd.Texts, Release: cmd.Release})
		if err != nil {
			return 0, err
		}
		n, err := tx.Exec(`insert into campaign.drafts (year, version, body, updated_at, updated_by) values ($1, $2, $3, $4, $5)
			on conflict (year) do update set version = excluded.version, body = excluded.body, updated_at = excluded.updated_at, updated_by = excluded.updated_by
			where campaign.drafts.version = excluded.version - 1`, year, version+1, string(body), tx.Now, tx.Who.User)
		if err == nil && n == 0 {
			err = fault.New(fault.Stale, "stale")
		}
		tx.Opened(access.Campaign)
		return 0, err
	})
	if err != nil {
		return Live{}, err
	}
	return s.Live(ctx, who, year)
}

// Prepare freezes the report of now as the next version, for the second reader. A check that stops refuses it, and so does a version that still waits.
func (s *Service) Prepare(ctx context.Context, who access.Actor, year int) (Version, error) {
	if s.gate.Policy().Any(who.Role, access.PrepareReport.Name) == 0 {
		return gate.Do(ctx, s.gate, who, access.PrepareReport, access.Nothing, func(*gate.Tx) (Version, error) { return Version{}, nil })
	}
	l, all, err := s.live(ctx, who, year)
	if err != nil {
		return Version{}, err
	}
	if err := l.Consolidation.readyToFreeze(); err != nil {
		return Version{}, err
	}
	return gate.Do(ctx, s.gate, who, access.PrepareReport, access.Nothing, func(tx *gate.Tx) (Version, error) {
		body, err := json.Marshal(Frozen{l.Report, l.Consolidation})
		if err != nil {
			return Version{}, err
		}
		sum := sha256.Sum256(body)
		id := uuid.Must(uuid.NewV7())
		_, err = tx.Exec(`insert into campaign.versions (id, year, number, body, sha256, cut_off, prepared_by) values ($1, $2, 0, $3, $4, $5, $6)`,
			id, year, string(body), hex.EncodeToString(sum[:]), l.Consolidation.CutOff, tx.Who.User)
		switch gate.ConstraintOf(err) {
		case "version_waits_alone", "version_is_counted_once":
			return Version{}, fault.New(fault.Conflict, "campaign_version_waits")
		}
		if err != nil {
			return Version{}, err
		}
		for _, p := range all {
			tx.Later(`insert into campaign.version_units (version_id, unit_id, submission_id) values ($1, $2, $3)`, id, p.ID, uuid.NullUUID{UUID: p.sub, Valid: p.sub != uuid.Nil})
		}
		for _, x := range l.Consolidation.Cases {
			tx.Later(`insert into campaign.version_figures (version_id, key, release_id, table_id, dims, count, lower, upper) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
				id, x.Key, x.Release, x.Table, x.Dims, counted(x.Count), x.Lower, x.Upper)
		}
		if err := tx.Flush(); err != nil {
			return Version{}, err
		}
		tx.Opened(access.Campaign)
		tx.Answer(201)
		return version(tx, year, 0)
	})
}

// counted is a number or nothing, as the database takes it.
func counted(n *int64) any {
	if n == nil {
		return nil
	}
	return *n
}

// DecideCommand is what the second reader says. A rejection needs a reason.
type DecideCommand struct {
	Approve bool   `json:"approve"`
	Reason  string `json:"reason,omitempty"`
}

// Decide approves a version or sends it back; never by whoever prepared it.
func (s *Service) Decide(ctx context.Context, who access.Actor, year, number int, cmd DecideCommand) (Version, error) {
	var ps fault.Problems
	if !cmd.Approve {
		needs(&ps, "/reason", cmd.Reason, 2000)
	} else if cmd.Reason != "" {
		ps.Add("/reason", "campaign_reason_of_approval")
	}
	if err := ps.Err(); err != nil {
		return Version{}, err
	}
	to := Rejected
	if cmd.Approve {
		to = Approved
	}
	return s.step(ctx, who, access.DecideReport, year, number, Prepared, to, cmd.Reason)
}

// Publish makes an approved version the report of the year; the one before is superseded, and stays.
func (s *Service) Publish(ctx context.Context, who access.Actor, year, number int) (Version, error) {
	return s.step(ctx, who, access.PublishReport, year, number, Approved, Published, "")
}

func (s *Service) step(ctx context.Context, who access.Actor, act access.Act, year, number int, from, to State, reason string) (Version, error) {
	return gate.Do(ctx, s.gate, who, act, access.Nothing, func(tx *gate.Tx) (Version, error) {
		v, err := version(tx, year, number)
		if err != nil {
			return Version{}, err
		}
		if number == 0 || v.State != from {
			return Version{}, fault.New(fault.Conflict, "campaign_version_state")
		}
		if v.PreparedBy != nil && v.PreparedBy.Username == tx.Who.Username {
			return Version{}, fault.New(fault.Refused, "campaign_second_reader")
		}
		if to == Published {
			if _, err := tx.Exec(`update campaign.versions set state = 'SUPERSEDED' where year = $1 and state = 'PUBLISHED'`, year); err != nil {
				return Version{}, err
			}
		}
		n, err := tx.Exec(`update campaign.versions set state = $3, reason = nullif($4, '') where year = $1 and number = $2 and state = $5`, year, number, string(to), reason, string(from))
		switch gate.ConstraintOf(err) {
		case "reader_is_not_the_preparer", "publisher_is_not_the_preparer":
			return Version{}, fault.New(fault.Refused, "campaign_second_reader")
		}
		if err != nil {
			return Version{}, err
		}
		if n == 0 {
			return Version{}, fault.New(fault.Conflict, "campaign_version_state")
		}
		tx.Opened(access.Campaign)
		return version(tx, year, number)
	})
}
