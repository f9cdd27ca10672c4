// Package campaign is the yearly Month of Action (15 November to 15 December): what each unit did, who has not reported yet, and the report that the
// department sends to the province and the ministry.
//
// No case is in it, and it imports no slice that knows one. Units count events, leaflets, people who came and money; figures of cases enter a report only
// as cells of a published release, with their interval, and the database refuses any other. Texts are about activities; words that name people badly are
// found by a check before anybody signs.
//
// What a year is (theme, dates, deadlines, offices, signer, recipients, outline) is dated data: each change is a new edition, the old ones stay. The office
// that reads these reports has changed its name twice since 2022, so no office is written in the program.
//
// A unit's report is a draft that is saved as it is typed, then handed in; what was handed in is kept word for word. The department returns it with a
// reason, or the unit adds a supplement, which is kept beside what it corrects. The department's own report is computed anew at each look until an
// officer freezes a version; another person reads it, and only then is it published. A published version is superseded by the next, never edited.
package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/release"
)

// Service keeps campaigns.
type Service struct {
	gate     *gate.Gate
	releases *release.Service
}

// New makes the service. Figures of cases come from releases alone.
func New(g *gate.Gate, releases *release.Service) *Service {
	return &Service{gate: g, releases: releases}
}

// Level is an administrative level of the list campaign_level.
type Level string

// The levels at which units work. The district level ended on 30 June 2025.
const (
	Province Level = "PROVINCE"
	District Level = "DISTRICT"
	Commune  Level = "COMMUNE"
)

// Levels are the levels of a year, the highest first.
func Levels(year int) []Level {
	var out []Level
	day := time.Date(year, 11, 15, 0, 0, 0, 0, time.UTC)
	for _, e := range codelist.MustGet(codelist.CampaignLevel).On(day) {
		if l := Level(e.Code); l == Province || l == District || l == Commune {
			out = append(out, l)
		}
	}
	return out
}

// Settings are what a year is, but for its dates.
type Settings struct {
	Theme        string      `json:"theme"`
	Messages     []string    `json:"messages"`
	Guidance     string      `json:"guidance"`    // the ministry's letter
	Plan         string      `json:"plan"`        // the province's plan
	OfficeCode   string      `json:"office_code"` // list agency_succession: who issues the report
	Superior     string      `json:"superior"`
	Office       string      `json:"office"`
	Symbol       string      `json:"symbol"`
	Place        string      `json:"place"`
	Title        string      `json:"title"`
	To           []string    `json:"to"`
	Recipients   []Recipient `json:"recipients"`
	Archive      string      `json:"archive"`
	Signature    Signature   `json:"signature"`
	Outline      []Heading   `json:"outline"`
	Indicators   []Indicator `json:"indicators"`
	Illustrative bool        `json:"illustrative"` // its figures were made up to show the system
}

// Heading is a line of the year's outline.
type Heading struct {
	Code  string `json:"code"` // list report_section
	Title string `json:"title"`
	Hint  string `json:"hint,omitempty"`
	Unit  bool   `json:"unit"` // units write here
}

// level and number of a heading follow from its code: "II.1" is the first of the second.
func (h Heading) level() int { return 1 + strings.Count(h.Code, ".") }

func (h Heading) number() string { return h.Code[strings.LastIndexByte(h.Code, '.')+1:] }

// Indicator is a row of the year's table.
type Indicator struct {
	Code   string `json:"code"` // lists campaign_activity and campaign_product
	Label  string `json:"label"`
	Unit   string `json:"unit"`   // đơn vị tính
	People bool   `json:"people"` // whether people who came are counted
}

// Campaign is one year.
type Campaign struct {
	Year            int    `json:"year"`
	Version         int    `json:"version"`
	Province        string `json:"province"`
	StartsOn        string `json:"starts_on"` // days are YYYY-MM-DD
	EndsOn          string `json:"ends_on"`
	UnitsDueOn      string `json:"units_due_on"`      // units report before this day
	DepartmentDueOn string `json:"department_due_on"` // the department reports before this day
	Settings
	Successor string    `json:"successor,omitempty"` // who holds the issuing office's work today, when it is another
	At        time.Time `json:"at"`
	By        *Staff    `json:"by,omitempty"`
	Clock     Clock     `json:"clock"`
}

// Location is where the campaign can be read again.
func (c Campaign) Location() string { return "/api/v1/campaigns/" + strconv.Itoa(c.Year) }

// Staff is who did something.
type Staff struct {
	Username string `json:"username"`
	Name     string `json:"name"`
}

// Clock is how a deadline stands today: reports are due before a day, so the last day is the one before it. Days are working days, by the calendar of offices.
type Clock struct {
	DueOn       string `json:"due_on"`
	LastDay     string `json:"last_day"`
	Late        bool   `json:"late"`
	WorkingDays int    `json:"working_days"` // left until the end of the last day, or gone since; 0 on the last day
}

// clock tells how a deadline "before due" stands at now.
func clock(due string, now time.Time) Clock {
	day, err := time.ParseInLocation(time.DateOnly, due, calendar.Zone)
	if err != nil {
		return Clock{DueOn: due}
	}
	today := now.In(calendar.Zone)
	today = time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, calendar.Zone)
	last := day.AddDate(0, 0, -1)
	c := Clock{DueOn: due, LastDay: last.Format(time.DateOnly), Late: !today.Before(day)}
	from, to := today, last
	if c.Late {
		from, to = last, today
	}
	if to.Sub(from) > 400*24*time.Hour { // long gone: nobody counts
		c.WorkingDays = 250
		return c
	}
	for d := from.AddDate(0, 0, 1); !d.After(to); d = d.AddDate(0, 0, 1) {
		if calendar.Working(d) {
			c.WorkingDays++
		}
	}
	return c
}

// Unit is who reports in a year. A unit without an organisation has no account: the department types what it sent on paper.
type Unit struct {
	ID           uuid.UUID  `json:"id"`
	Code         string     `json:"code"`
	Name         string     `json:"name"`
	Kind         string     `json:"kind"` // list agency_type
	Level        Level      `json:"level"`
	Area         string     `json:"area,omitempty"`
	Organisation *uuid.UUID `json:"organisation"`
	Removed      bool       `json:"removed,omitempty"`
}

// levels are those at which a unit of this level may have worked: its own and those below.
func (u Unit) levels(year int) []Level {
	all := Levels(year)
	if i := slices.Index(all, u.Level); i >= 0 {
		return all[i:]
	}
	return all
}

type editionRow struct {
	Year     int             `db:"year"`
	Version  int             `db:"version"`
	Province string          `db:"province"`
	Starts   string          `db:"starts_on"`
	Ends     string          `db:"ends_on"`
	Units    string          `db:"units_due_on"`
	Dept     string          `db:"department_due_on"`
	Body     json.RawMessage `db:"body"`
	At       time.Time       `db:"at"`
	Username *string         `db:"username"`
	Name     *string         `db:"name"`
}

const editionColumns = `e.year, e.version, e.province, e.starts_on::text as starts_on, e.ends_on::text as ends_on, e.units_due_on::text as units_due_on,
	e.department_due_on::text as department_due_on, e.body, e.at, u.username, u.name`

func (r editionRow) campaign(now time.Time) (Campaign, error) {
	c := Campaign{Year: r.Year, Version: r.Version, Province: r.Province, StartsOn: r.Starts, EndsOn: r.Ends, UnitsDueOn: r.Units, DepartmentDueOn: r.Dept, At: r.At, By: staff(r.Username, r.Name)}
	if err := json.Unmarshal(r.Body, &c.Settings); err != nil {
		return c, fmt.Errorf("edition %d of %d: %w", r.Version, r.Year, err)
	}
	c.Successor = successor(c.OfficeCode, now)
	c.Clock = clock(c.UnitsDueOn, now)
	return c, nil
}

func staff(username, name *string) *Staff {
	if username == nil {
		return nil
	}
	s := Staff{Username: *username}
	if name != nil {
		s.Name = *name
	}
	return &s
}

// successor is the name of the office that holds the work of another today, "" when it is the same or not known.
func successor(code string, now time.Time) string {
	l := codelist.MustGet(codelist.AgencySuccession)
	last := code
	for range 8 {
		e, ok := l.Find(last)
		if !ok || e.ValidOn(now.In(calendar.Zone)) || e.ReplacedBy == "" {
			break
		}
		last = e.ReplacedBy
	}
	if last == code {
		return ""
	}
	e, _ := l.Find(last)
	return e.LabelVI
}

// edition reads the settings in force of a year; fault.NotFound when there is no such campaign.
func edition(tx *gate.Tx, year int) (Campaign, error) {
	var r editionRow
	err := tx.Get(&r, `select `+editionColumns+` from campaign.editions e left join lateral auth.staff(array[e.by_user]) u on true
		where e.year = $1 order by e.version desc limit 1`, year)
	if err != nil {
		return Campaign{}, err
	}
	return r.campaign(tx.Now)
}

// Year reads a year of the path; what is none names nothing.
func Year(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || len(text) != 4 || n < 2016 || n > 2100 {
		return 0, fault.Missing()
	}
	return n, nil
}

// List gives the campaigns, the newest first.
func (s *Service) List(ctx context.Context, who access.Actor) ([]Campaign, error) {
	return gate.Do(ctx, s.gate, who, access.ReadCampaign, access.Nothing, func(tx *gate.Tx) ([]Campaign, error) {
		var rows []editionRow
		err := tx.Select(&rows, `select distinct on (e.year) `+editionColumns+` from campaign.editions e left join lateral auth.staff(array[e.by_user]) u on true
			order by e.year desc, e.version desc limit 100`)
		if err != nil {
			return nil, err
		}
		tx.Opened(access.Campaign)
		return campaigns(rows, tx.Now)
	})
}

func campaigns(rows []editionRow, now time.Time) ([]Campaign, error) {
	out := make([]Campaign, 0, len(rows))
	for _, r := range rows {
		c, err := r.campaign(now)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// Read gives the settings of a year.
func (s *Service) Read(ctx context.Context, who access.Actor, year int) (Campaign, error) {
	return gate.Do(ctx, s.gate, who, access.ReadCampaign, access.Nothing, func(tx *gate.Tx) (Campaign, error) {
		tx.Opened(access.Campaign)
		return edition(tx, year)
	})
}

// History gives every edition of a year, the newest first.
func (s *Service) History(ctx context.Context, who access.Actor, year int) ([]Campaign, error) {
	return gate.Do(ctx, s.gate, who, access.ReadCampaign, access.Nothing, func(tx *gate.Tx) ([]Campaign, error) {
		var rows []editionRow
		err := tx.Select(&rows, `select `+editionColumns+` from campaign.editions e left join lateral auth.staff(array[e.by_user]) u on true where e.year = $1 order by e.version desc limit 200`, year)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			return nil, fault.Missing()
		}
		tx.Opened(access.Campaign)
		return campaigns(rows, tx.Now)
	})
}

// KeepCommand is a year's settings as the department writes them. A field that is left out keeps what it was; outline and indicators too.
type KeepCommand struct {
	StartsOn        string      `json:"starts_on,omitempty"`
	EndsOn          string      `json:"ends_on,omitempty"`
	UnitsDueOn      string      `json:"units_due_on,omitempty"`
	DepartmentDueOn string      `json:"department_due_on,omitempty"`
	Theme           *string     `json:"theme,omitempty"`
	Messages        []string    `json:"messages,omitempty"`
	Guidance        *string     `json:"guidance,omitempty"`
	Plan            *string     `json:"plan,omitempty"`
	OfficeCode      string      `json:"office_code,omitempty"`
	Superior        *string     `json:"superior,omitempty"`
	Office          *string     `json:"office,omitempty"`
	Symbol          *string     `json:"symbol,omitempty"`
	Place           *string     `json:"place,omitempty"`
	Title           *string     `json:"title,omitempty"`
	To              []string    `json:"to,omitempty"`
	Recipients      []Recipient `json:"recipients,omitempty"`
	Archive         *string     `json:"archive,omitempty"`
	Signature       *Signature  `json:"signature,omitempty"`
	Outline         []Heading   `json:"outline,omitempty"`
	Indicators      []Indicator `json:"indicators,omitempty"`
}

func put(dst *string, src *string) {
	if src != nil {
		*dst = *src
	}
}

// over writes the command over the settings that were.
func (k KeepCommand) over(c Campaign) Campaign {
	for dst, src := range map[*string]string{&c.StartsOn: k.StartsOn, &c.EndsOn: k.EndsOn, &c.UnitsDueOn: k.UnitsDueOn, &c.DepartmentDueOn: k.DepartmentDueOn, &c.OfficeCode: k.OfficeCode} {
		if src != "" {
			*dst = src
		}
	}
	put(&c.Theme, k.Theme)
	put(&c.Guidance, k.Guidance)
	put(&c.Plan, k.Plan)
	put(&c.Superior, k.Superior)
	put(&c.Office, k.Office)
	put(&c.Symbol, k.Symbol)
	put(&c.Place, k.Place)
	put(&c.Title, k.Title)
	put(&c.Archive, k.Archive)
	if k.Messages != nil {
		c.Messages = k.Messages
	}
	if k.To != nil {
		c.To = k.To
	}
	if k.Recipients != nil {
		c.Recipients = k.Recipients
	}
	if k.Signature != nil {
		c.Signature = *k.Signature
	}
	if k.Outline != nil {
		c.Outline = k.Outline
	}
	if k.Indicators != nil {
		c.Indicators = k.Indicators
	}
	return c
}

func short(ps *fault.Problems, at, text string, most int) {
	if len([]rune(text)) > most {
		ps.Add(at, "too_long", "most", most)
	}
}

func needs(ps *fault.Problems, at, text string, most int) {
	if text == "" {
		ps.Add(at, "required")
	}
	short(ps, at, text, most)
}

func isDay(ps *fault.Problems, at, text string) (time.Time, bool) {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil || d.Year() < 2000 || d.Year() > 2200 {
		ps.Add(at, "campaign_day")
		return d, false
	}
	return d, true
}

func (c Campaign) check() error {
	var ps fault.Problems
	starts, ok1 := isDay(&ps, "/starts_on", c.StartsOn)
	ends, ok2 := isDay(&ps, "/ends_on", c.EndsOn)
	units, ok3 := isDay(&ps, "/units_due_on", c.UnitsDueOn)
	dept, ok4 := isDay(&ps, "/department_due_on", c.DepartmentDueOn)
	if ok1 && starts.Year() != c.Year {
		ps.Add("/starts_on", "campaign_other_year", "year", c.Year)
	}
	if ok1 && ok2 && !ends.After(starts) {
		ps.Add("/ends_on", "campaign_ends_before")
	}
	if ok1 && ok3 && !units.After(starts) {
		ps.Add("/units_due_on", "campaign_due_before")
	}
	if ok3 && ok4 && !dept.After(units) {
		ps.Add("/department_due_on", "campaign_department_before")
	}
	needs(&ps, "/theme", c.Theme, 500)
	needs(&ps, "/office", c.Office, 200)
	needs(&ps, "/title", c.Title, 500)
	for at, text := range map[string]string{"/guidance": c.Guidance, "/plan": c.Plan, "/superior": c.Superior, "/archive": c.Archive, "/place": c.Place, "/signature/name": c.Signature.Name} {
		short(&ps, at, text, 300)
	}
	short(&ps, "/symbol", c.Symbol, 40)
	if !codelist.MustGet(codelist.AgencySuccession).Has(c.OfficeCode) {
		ps.Add("/office_code", "unknown_code", "list", string(codelist.AgencySuccession))
	}
	list := func(at string, items []string, most int) {
		if len(items) > 40 {
			ps.Add(at, "too_many_items", "most", 40)
		}
		for i, text := range items {
			needs(&ps, at+"/"+strconv.Itoa(i), text, most)
		}
	}
	list("/messages", c.Messages, 300)
	list("/to", c.To, 200)
	list("/signature/lines", c.Signature.Lines, 100)
	if m := c.Signature.Mode; m != "" && !codelist.MustGet(codelist.SignMode).Has(m) {
		ps.Add("/signature/mode", "unknown_code", "list", string(codelist.SignMode))
	}
	if len(c.Recipients) > 60 {
		ps.Add("/recipients", "too_many_items", "most", 60)
	}
	for i, r := range c.Recipients {
		at := "/recipients/" + strconv.Itoa(i)
		needs(&ps, at+"/text", r.Text, 200)
		if r.Tag != "" && !codelist.MustGet(codelist.RoutingAbbrev).Has(r.Tag) {
			ps.Add(at+"/tag", "unknown_code", "list", string(codelist.RoutingAbbrev))
		}
	}
	if len(c.Outline) == 0 || len(c.Outline) > 60 {
		ps.Add("/outline", "campaign_outline")
	}
	seen := map[string]bool{}
	for i, h := range c.Outline {
		at := "/outline/" + strconv.Itoa(i)
		if !codelist.MustGet(codelist.ReportSection).Has(h.Code) {
			ps.Add(at+"/code", "unknown_code", "list", string(codelist.ReportSection))
		} else if seen[h.Code] {
			ps.Add(at+"/code", "campaign_twice")
		}
		seen[h.Code] = true
		needs(&ps, at+"/title", h.Title, 300)
		short(&ps, at+"/hint", h.Hint, 500)
	}
	if len(c.Indicators) == 0 || len(c.Indicators) > 100 {
		ps.Add("/indicators", "campaign_indicators")
	}
	seen = map[string]bool{}
	for i, x := range c.Indicators {
		at := "/indicators/" + strconv.Itoa(i)
		if !indicatorKnown(x.Code) {
			ps.Add(at+"/code", "unknown_code", "list", string(codelist.CampaignActivity))
		} else if seen[x.Code] {
			ps.Add(at+"/code", "campaign_twice")
		}
		seen[x.Code] = true
		needs(&ps, at+"/label", x.Label, 200)
		needs(&ps, at+"/unit", x.Unit, 40)
	}
	return ps.Err()
}

func indicatorKnown(code string) bool {
	return codelist.MustGet(codelist.CampaignActivity).Has(code) || codelist.MustGet(codelist.CampaignProduct).Has(code)
}

func (c Campaign) indicator(code string) (Indicator, bool) {
	i := slices.IndexFunc(c.Indicators, func(x Indicator) bool { return x.Code == code })
	if i < 0 {
		return Indicator{}, false
	}
	return c.Indicators[i], true
}

func (c Campaign) heading(code string) (Heading, bool) {
	i := slices.IndexFunc(c.Outline, func(h Heading) bool { return h.Code == code })
	if i < 0 {
		return Heading{}, false
	}
	return c.Outline[i], true
}

func writeEdition(tx *gate.Tx, c Campaign) error {
	body, err := json.Marshal(c.Settings)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into campaign.editions (year, version, province, starts_on, ends_on, units_due_on, department_due_on, body, by_user) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		c.Year, c.Version, c.Province, c.StartsOn, c.EndsOn, c.UnitsDueOn, c.DepartmentDueOn, string(body), tx.Who.User)
	if gate.ConstraintOf(err) == "edition_is_written_once" {
		return fault.New(fault.Stale, "stale")
	}
	return err
}

// Keep changes the settings of a year; version is the one that was read. The edition before stays in the history.
func (s *Service) Keep(ctx context.Context, who access.Actor, year, version int, cmd KeepCommand) (Campaign, error) {
	return gate.Do(ctx, s.gate, who, access.KeepCampaign, access.Nothing, func(tx *gate.Tx) (Campaign, error) {
		was, err := edition(tx, year)
		if err != nil {
			return Campaign{}, err
		}
		if was.Version != version {
			return Campaign{}, fault.New(fault.Stale, "stale")
		}
		next := cmd.over(was)
		next.Version++
		if err := next.check(); err != nil {
			return Campaign{}, err
		}
		if err := writeEdition(tx, next); err != nil {
			return Campaign{}, err
		}
		tx.Opened(access.Campaign)
		return edition(tx, year)
	})
}

// BeginCommand opens the campaign of a year.
type BeginCommand struct {
	Year  int    `json:"year"`
	Theme string `json:"theme"`
}

// Begin opens a year from the one before: its offices, recipients and outline, with the dates moved; the office is the one that holds the work on the first
// day. Units are taken over as far as they still exist.
func (s *Service) Begin(ctx context.Context, who access.Actor, cmd BeginCommand) (Campaign, error) {
	var ps fault.Problems
	if cmd.Year < 2016 || cmd.Year > 2100 {
		ps.Add("/year", "out_of_range", "least", 2016, "most", 2100)
	}
	needs(&ps, "/theme", cmd.Theme, 500)
	if err := ps.Err(); err != nil {
		return Campaign{}, err
	}
	return gate.Do(ctx, s.gate, who, access.KeepCampaign, access.Nothing, func(tx *gate.Tx) (Campaign, error) {
		if _, err := edition(tx, cmd.Year); err == nil {
			return Campaign{}, fault.New(fault.Conflict, "campaign_there")
		} else if !errors.Is(err, fault.NotFound) {
			return Campaign{}, err
		}
		var before []int
		if err := tx.Select(&before, `select max(year) from campaign.editions where year < $1 having max(year) is not null`, cmd.Year); err != nil {
			return Campaign{}, err
		}
		c := Campaign{Year: cmd.Year, Province: tx.Who.Province, Settings: Settings{Outline: DefaultOutline(), Indicators: DefaultIndicators(), Signature: Signature{Lines: []string{"Giám đốc"}}}}
		if len(before) > 0 {
			was, err := edition(tx, before[0])
			if err != nil {
				return Campaign{}, err
			}
			c.Settings = was.Settings
		}
		y := strconv.Itoa(cmd.Year)
		c.StartsOn, c.EndsOn, c.UnitsDueOn, c.DepartmentDueOn = y+"-11-15", y+"-12-15", y+"-12-15", y+"-12-31"
		c.Theme, c.Messages, c.Guidance, c.Plan, c.Illustrative, c.Signature.Name = cmd.Theme, []string{}, "", "", false, ""
		c.Title = "Kết quả thực hiện Tháng hành động vì bình đẳng giới và phòng ngừa, ứng phó với bạo lực trên cơ sở giới năm " + y
		c.inherit(time.Date(cmd.Year, 11, 15, 0, 0, 0, 0, time.UTC))
		c.Version = 1
		if err := c.check(); err != nil {
			return Campaign{}, err
		}
		if err := writeEdition(tx, c); err != nil {
			return Campaign{}, err
		}
		if len(before) > 0 {
			var units []unitRow
			if err := tx.Select(&units, unitQuery+` where u.year = $1 and u.removed_at is null order by u.position, u.code`, before[0]); err != nil {
				return Campaign{}, err
			}
			for i, u := range units {
				if u.Level == string(District) && !slices.Contains(Levels(cmd.Year), District) {
					continue // the level has ended
				}
				tx.Later(`insert into campaign.units (id, year, code, name, kind, level, area, organisation_id, position) values ($1, $2, $3, $4, $5, $6, nullif($7, ''), $8, $9)`,
					uuid.Must(uuid.NewV7()), cmd.Year, u.Code, u.Name, u.Kind, u.Level, u.unit().Area, u.Organisation, i+1)
			}
		}
		tx.Opened(access.Campaign)
		tx.Answer(201)
		return edition(tx, cmd.Year)
	})
}

// inherit names the office that holds the work on a day, where the one of the settings has ended.
func (c *Campaign) inherit(on time.Time) {
	l := codelist.MustGet(codelist.AgencySuccession)
	code := c.OfficeCode
	if code == "" {
		code = "SNV_QN"
	}
	for range 8 {
		e, ok := l.Find(code)
		if !ok || e.ValidOn(on) || e.ReplacedBy == "" {
			break
		}
		code = e.ReplacedBy
	}
	if code == c.OfficeCode {
		return
	}
	e, _ := l.Find(code)
	name, province, found := strings.Cut(e.LabelVI, " tỉnh ")
	c.OfficeCode, c.Office = code, name
	if abbr := e.Note("abbr"); abbr != "" {
		c.Symbol = "BC-" + abbr
	}
	if found {
		c.Superior, c.Place = "Ủy ban nhân dân tỉnh "+province, province
	}
}

type unitRow struct {
	ID           uuid.UUID     `db:"id"`
	Year         int           `db:"year"`
	Code         string        `db:"code"`
	Name         string        `db:"name"`
	Kind         string        `db:"kind"`
	Level        string        `db:"level"`
	Area         *string       `db:"area"`
	Organisation uuid.NullUUID `db:"organisation_id"`
	Position     int           `db:"position"`
	Removed      *time.Time    `db:"removed_at"`
}

const unitQuery = `select u.id, u.year, u.code, u.name, u.kind, u.level, u.area, u.organisation_id, u.position, u.removed_at from campaign.units u`

func (r unitRow) unit() Unit {
	u := Unit{ID: r.ID, Code: r.Code, Name: r.Name, Kind: r.Kind, Level: Level(r.Level), Removed: r.Removed != nil}
	if r.Area != nil {
		u.Area = *r.Area
	}
	if r.Organisation.Valid {
		u.Organisation = &r.Organisation.UUID
	}
	return u
}

// unitOf finds a unit of a year by its id, its code or its organisation. A unit that this reader may not see is not there.
func unitOf(tx *gate.Tx, year int, name string) (Unit, error) {
	id, err := uuid.Parse(name)
	if err != nil || len(name) != 36 {
		id = uuid.Nil
	}
	if len(name) > 40 {
		return Unit{}, tx.Refuse()
	}
	var r unitRow
	err = tx.Get(&r, unitQuery+` where u.year = $1 and (u.id = $2 or u.organisation_id = $2 or u.code = $3) order by (u.id = $2) desc, u.position limit 1`, year, id, name)
	if errors.Is(err, fault.NotFound) {
		return Unit{}, tx.Refuse()
	}
	return r.unit(), err
}

// UnitCommand adds a unit to a year.
type UnitCommand struct {
	Code         string     `json:"code"`
	Name         string     `json:"name"`
	Kind         string     `json:"kind"`
	Level        Level      `json:"level"`
	Area         string     `json:"area,omitempty"`
	Organisation *uuid.UUID `json:"organisation,omitempty"`
}

// AddUnit puts a unit on the list of a year.
func (s *Service) AddUnit(ctx context.Context, who access.Actor, year int, cmd UnitCommand) (Unit, error) {
	var ps fault.Problems
	needs(&ps, "/name", cmd.Name, 200)
	if !unitCode(cmd.Code) {
		ps.Add("/code", "campaign_unit_code")
	}
	if !codelist.MustGet(codelist.AgencyType).Has(cmd.Kind) {
		ps.Add("/kind", "unknown_code", "list", string(codelist.AgencyType))
	}
	if !slices.Contains(Levels(year), cmd.Level) {
		ps.Add("/level", "unknown_code", "list", string(codelist.CampaignLevel))
	}
	short(&ps, "/area", cmd.Area, 10)
	if err := ps.Err(); err != nil {
		return Unit{}, err
	}
	return gate.Do(ctx, s.gate, who, access.KeepCampaign, access.Nothing, func(tx *gate.Tx) (Unit, error) {
		if _, err := edition(tx, year); err != nil {
			return Unit{}, err
		}
		if cmd.Organisation != nil {
			var there []uuid.UUID
			if err := tx.Select(&there, `select id from organisations where id = $1`, *cmd.Organisation); err != nil {
				return Unit{}, err
			}
			if len(there) == 0 {
				return Unit{}, fault.Bad(fault.Problem{Pointer: "/organisation", Key: "campaign_no_organisation"})
			}
		}
		id := uuid.Must(uuid.NewV7())
		_, err := tx.Exec(`insert into campaign.units (id, year, code, name, kind, level, area, organisation_id, position)
			select $1, $2, $3, $4, $5, $6, nullif($7, ''), $8, 1 + coalesce(max(u.position), 0) from campaign.units u where u.year = $2`,
			id, year, cmd.Code, cmd.Name, cmd.Kind, string(cmd.Level), cmd.Area, cmd.Organisation)
		if gate.ConstraintOf(err) == "unit_code_is_unique_in_its_year" {
			return Unit{}, fault.New(fault.Conflict, "campaign_unit_there")
		}
		if err != nil {
			return Unit{}, err
		}
		tx.Answer(201)
		return unitOf(tx, year, id.String())
	})
}

func unitCode(code string) bool {
	return code != "" && len(code) <= 40 && !strings.ContainsFunc(code, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' })
}

// RemoveUnit takes a unit off the list: it counts as missing no more. What it handed in stays.
func (s *Service) RemoveUnit(ctx context.Context, who access.Actor, year int, unit string) (Unit, error) {
	return gate.Do(ctx, s.gate, who, access.KeepCampaign, access.Nothing, func(tx *gate.Tx) (Unit, error) {
		u, err := unitOf(tx, year, unit)
		if err != nil {
			return Unit{}, err
		}
		if u.Removed {
			return Unit{}, fault.New(fault.Conflict, "campaign_unit_gone")
		}
		if _, err := tx.Exec(`update campaign.units set removed_at = $2 where id = $1`, u.ID, tx.Now); err != nil {
			return Unit{}, err
		}
		return unitOf(tx, year, u.ID.String())
	})
}

// Path is the page of a year.
func Path(year int) string { return "/chien-dich/" + strconv.Itoa(year) }

// UnitPath is the page of a unit's report.
func UnitPath(year int, u Unit) string { return Path(year) + "/don-vi/" + u.ID.String() }
