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

// Service prepares, checks, publishes and reads releases.
type Service struct {
	gate  *gate.Gate
	areas func(scope string) []string
}

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

// planFor makes the plan of a scope and a period: the tables of the size class, with all areas, communes and months listed, also those where
// nobody came. It is fixed before a fact is read and does not depend on any.
func (s *Service) planFor(scope string, size Size, months []string, last time.Time) (*layout, error) {
	areas := s.areas(scope)
	if len(areas) == 0 {
		return nil, fault.Bad(fault.Problem{Pointer: "/scope", Key: "release_scope"})
	}
	p, err := DefaultPlan(size)
	if err != nil {
		return nil, err
	}
	values := map[string][]string{"area": areas, "month": append(slices.Clone(months), codelist.Unknown)}
	parents := map[string]map[string]string{"commune": {}}
	for _, u := range codelist.Communes(last) {
		if area := codelist.Area(u.Code, last); u.Province == scope && slices.Contains(areas, area) {
			values["commune"] = append(values["commune"], u.Code)
			parents["commune"][u.Code] = area
		}
	}
	if len(values["commune"]) == 0 {
		p = p.Only(func(dim string) bool { return dim != "commune" }).share()
	}
	p = p.Resolve(values, parents)
	for i := range p.Dims {
		if p.Dims[i].Name == "area" || p.Dims[i].Name == "month" {
			// Late entries carry a month of an earlier period; a code that came too late is an unknown area. Nobody is lost.
			p.Dims[i].Unknown = codelist.Unknown
		}
	}
	p.Version = strings.Join([]string{p.Version, strings.ToLower(scope), months[0], months[len(months)-1]}, ".")
	return p.layout(true)
}
