package release

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/calendar"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
)

// State is where a release stands.
type State string

// The states of a release. It moves forward only; a failed one can be taken up again by an operator.
const (
	Preparing  State = "PREPARING"  // budget reserved, not drawn yet
	Prepared   State = "PREPARED"   // drawn and stored, waits for the second reader
	Published  State = "PUBLISHED"  // for everybody
	Superseded State = "SUPERSEDED" // published once, corrected since
	Failed     State = "FAILED"     // the draw did not end; nothing is stored
)

// Release is one cube of one scope and closed period.
type Release struct {
	ID          uuid.UUID  `json:"id"`
	Scope       string     `json:"scope"`
	Kind        Kind       `json:"kind"`
	Public      bool       `json:"public"`
	Period      Period     `json:"period"`
	State       State      `json:"state"`
	Plan        string     `json:"plan"`
	Size        Size       `json:"size"`
	CutOff      *time.Time `json:"cut_off"`
	SHA256      string     `json:"sha256,omitempty"`
	PreparedBy  string     `json:"prepared_by_role"`
	PublishedBy string     `json:"published_by_role,omitempty"`
	PublishedAt *time.Time `json:"published_at"`
	Supersedes  *uuid.UUID `json:"supersedes"`
}

// Location is where the release can be read.
func (r Release) Location() string { return "/api/v1/releases/" + r.ID.String() }

// PrepareCommand asks for the release of a closed period. Plan is a size class, or empty: the class then follows last year's published total.
type PrepareCommand struct {
	Scope  string `json:"scope"`
	Period Period `json:"period"`
	Plan   string `json:"plan,omitempty"`
	// Kind is a year when it is left out.
	Kind Kind `json:"kind,omitempty"`
	// Public: the release may be read by everybody once it is published.
	Public bool `json:"public,omitempty"`
}

func (c PrepareCommand) kind() Kind {
	if c.Kind == "" {
		return Year
	}
	return c.Kind
}

// maxMonths bounds a period: three years, the pool of a scope that is too small for one.
const maxMonths = 36

// closed checks the period: whole months, over by the end of yesterday. It gives its months.
func (p Period) closed(now time.Time) ([]string, error) {
	var bad fault.Problems
	from, err1 := time.Parse(time.DateOnly, p.From)
	to, err2 := time.Parse(time.DateOnly, p.To)
	if err1 != nil || from.Year() < 1900 {
		bad.Add("/period/from", "release_day")
	}
	if err2 != nil {
		bad.Add("/period/to", "release_day")
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	switch {
	case from.Day() != 1:
		bad.Add("/period/from", "release_whole_months")
	case to.AddDate(0, 0, 1).Day() != 1:
		bad.Add("/period/to", "release_whole_months")
	case to.Year() > 2199 || to.Before(from) || to.After(from.AddDate(0, maxMonths, -1)):
		bad.Add("/period/to", "release_period_length", "months", maxMonths)
	case p.To >= now.In(calendar.Zone).Format(time.DateOnly):
		bad.Add("/period/to", "release_period_open")
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return monthsBetween(p.From[:7], p.To[:7]), nil
}

// fits refuses a period that a kind of cube cannot have.
func (c PrepareCommand) fits(months []string) error {
	switch c.kind() {
	case Year, Late, Correction:
	case Quarter:
		if len(months) != 3 || !slices.Contains([]string{"01", "04", "07", "10"}, months[0][5:]) {
			return fault.Bad(fault.Problem{Pointer: "/period", Key: "release_whole_quarter"})
		}
	default:
		return fault.Bad(fault.Problem{Pointer: "/kind", Key: "release_kind", Args: map[string]any{"kinds": "YEAR, QUARTER, LATE, CORRECTION"}})
	}
	return nil
}

// Service prepares, checks, publishes and reads releases.
type Service struct {
	gate    *gate.Gate
	areas   func(scope string) []string
	journal *Journal
	name    Naming // of codes on paper
	shelf   shelf  // published releases that were opened lately
}

// Keep makes the service keep each draw outside of the database too, so that one that is restored to an earlier moment cannot draw again. Call it before the first use.
func (s *Service) Keep(j *Journal) { s.journal = j }

// New makes the service. registers gives the areas of an imported register by its scope, nil when there is no such register; the areas of
// provinces are known.
func New(g *gate.Gate, registers func(scope string) []string) *Service {
	return &Service{gate: g, areas: func(scope string) []string {
		if codelist.MustGet(codelist.AdminProvince).Has(scope) {
			return codelist.StatisticalAreas(scope)
		}
		if registers != nil {
			return registers(scope)
		}
		return nil
	}}
}

// planFor makes the plan of a scope and a period from an approved one: its tables, with all areas, communes and months listed, also those where nobody came. It is
// fixed before a fact is read and does not depend on any.
func (s *Service) planFor(p Plan, cmd PrepareCommand, months []string, quarters bool) (*layout, error) {
	areas := s.areas(cmd.Scope)
	if len(areas) == 0 {
		return nil, fault.Bad(fault.Problem{Pointer: "/scope", Key: "release_scope"})
	}
	first, _ := time.Parse(time.DateOnly, cmd.Period.From)
	last, _ := time.Parse(time.DateOnly, cmd.Period.To)
	values := map[string][]string{"area": areas, "month": append(slices.Clone(months), codelist.Unknown),
		"service": append(codelist.MustGet(codelist.ServiceType).Codes(), NoService, codelist.Unknown), "outcome": append(codelist.MustGet(codelist.ClosureReason).Codes(), codelist.Unknown),
		"time_bin": append(codelist.TimeBins(), codelist.Unknown)}
	parents := map[string]map[string]string{"commune": {}}
	for _, u := range codelist.Communes(last) {
		if area := codelist.Area(u.Code, last); slices.Contains(areas, area) {
			values["commune"] = append(values["commune"], u.Code)
			parents["commune"][u.Code] = area
		}
	}
	if len(values["commune"]) == 0 {
		p = p.Only(func(dim string) bool { return dim != "commune" }).share()
	}
	if quarters {
		p = p.afterQuarters()
	}
	p.Public = cmd.Public
	p = p.Resolve(values, parents)
	for i := range p.Dims {
		switch d := &p.Dims[i]; d.Name {
		case "area", "month", "service", "outcome", "time_bin":
			// Late entries carry a month of an earlier period; a code that came too late is an unknown area. Nobody is lost.
			d.Unknown = codelist.Unknown
		case "commune":
			// Who was recorded before the borders changed is counted in the commune that hers became part of.
			for _, u := range codelist.Communes(first) {
				if to := codelist.Successor(u); to.Code != u.Code && slices.Contains(values["commune"], to.Code) && !slices.Contains(values["commune"], u.Code) {
					if d.Recode == nil {
						d.Recode = map[string]string{}
					}
					d.Recode[u.Code] = to.Code
				}
			}
		}
	}
	p.Version = strings.Join([]string{p.Version, strings.ToLower(cmd.Scope), months[0], months[len(months)-1]}, ".")
	return p.layout(true)
}

// NoService is the service of a case that was referred to nobody.
const NoService = "NONE"
