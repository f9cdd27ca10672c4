package release

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/i18n"
)

// SimulateOptions are the files of one simulated release.
type SimulateOptions struct {
	// Facts is a file of made-up facts: see ReadFacts.
	Facts string
	// Plan is a plan file; "" takes the default plan of the size class.
	Plan string
	// Out is where the published tables go, as CSV.
	Out string
	// Manifest is where the manifest goes; "" writes none.
	Manifest string
	// ReleaseID stands in the first column; "" is "simulated".
	ReleaseID string
	// Kind is the kind of cube when no plan is given; "" is a year.
	Kind Kind
	// Size is the size class for the other kinds, which in a real release is that of the year; "" is medium.
	Size Size
	// Quarters draws the quarters of the year too, from the months of the rows, and merges them into the year as a real one is merged. Their tables follow those
	// of the year in the same file, with -Q1 to -Q4 behind the release id.
	Quarters bool
}

// Simulate makes a release out of a file, with the code that makes the real ones, but without database, ledger or stored draw: each run draws
// anew, so that anyone can audit the method as often as wanted. Never run it on real cases: two runs on the same people are two draws.
//
// Domains that the plan leaves open come from the file; months in between are filled in. Tables whose dimensions the file lacks are dropped.
// Without a plan, the size class follows the noisy total, which is measured first: a class taken from the true number of rows would tell 99
// people from 100. A file or plan that cannot be taken is fault.Invalid, with row, column and reason; nothing is written then.
func Simulate(ctx context.Context, o SimulateOptions) error {
	return simulate(ctx, newDice(), o)
}

func simulate(ctx context.Context, d *dice, o SimulateOptions) error {
	var given *Plan
	if o.Plan != "" {
		raw, err := readSome(o.Plan, maxPlanBytes+1)
		if err != nil {
			return fmt.Errorf("read plan: %w", err)
		}
		p, err := ParsePlan(raw)
		if err != nil {
			return err
		}
		given = &p
	}
	in, err := os.Open(o.Facts)
	if err != nil {
		return fmt.Errorf("open facts: %w", err)
	}
	defer in.Close()
	facts, err := ReadFacts(in, wantedDims(given))
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if given == nil && o.Kind != Year && o.Kind != "" {
		size := o.Size
		if size == "" {
			size = Medium
		}
		p, err := ShippedPlan(o.Kind, size)
		if err != nil {
			return err
		}
		if facts, err = again(o.Facts, p); err != nil {
			return err
		}
		given = &p
	}
	s, err := simulateFacts(d, given, facts, o.Quarters)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	id := o.ReleaseID
	if id == "" {
		id = "simulated"
	}
	table, manifest, err := s.write(id)
	if err != nil {
		return err
	}
	for i, q := range s.quarters {
		rows, _, err := q.write(fmt.Sprintf("%s-Q%d", id, i+1))
		if err != nil {
			return err
		}
		_, rows, _ = bytes.Cut(rows, []byte("\n"))
		table = append(table, rows...)
	}
	if o.Manifest != "" {
		if err := replaceFile(o.Manifest, manifest); err != nil {
			return err
		}
	}
	return replaceFile(o.Out, table)
}

// again reads the file for a plan with other dimensions.
func again(path string, p Plan) (*Facts, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open facts: %w", err)
	}
	defer in.Close()
	return ReadFacts(in, wantedDims(&p))
}

// wantedDims are the dimensions of a plan, or of all default plans together.
func wantedDims(given *Plan) []string {
	var names []string
	for _, d := range planOr(given, Large).Dims {
		names = append(names, d.Name)
	}
	return names
}

func planOr(given *Plan, size Size) Plan {
	if given != nil {
		return *given
	}
	p, err := DefaultPlan(size)
	if err != nil {
		panic(err) // the embedded plans do not parse: a test catches it
	}
	return p
}

// simulated is a release made from a file.
type simulated struct {
	layout   *layout
	tables   []PublishedTable
	chosen   bool // the size class was chosen by the noisy total
	period   *Period
	quarters []*simulated
}

func simulateFacts(d *dice, given *Plan, facts *Facts, quarters bool) (*simulated, error) {
	var already []Measurement
	plan := planOr(given, Medium)
	if given == nil {
		// Whether a file can be taken must not depend on the size class, which is random at the borders.
		if err := plan.knows(facts); err != nil {
			return nil, err
		}
		var people int64
		for i := range facts.Len() {
			people += facts.people(i)
		}
		if quarters {
			plan = plan.afterQuarters()
		}
		total := shape{Table: plan.Tables[0], cells: 1} // the default plans begin with the total, at the same budget in each
		m, err := measure(d, &total, []int64{people})
		if err != nil {
			return nil, err
		}
		already = append(already, m)
		plan = planOr(nil, SizeFor(m.Values[0]))
		if quarters {
			plan = plan.afterQuarters()
		}
	}
	values, parents, err := domains(facts)
	if err != nil {
		return nil, err
	}
	whole := plan.Resolve(values, parents)
	if given != nil {
		if err := whole.checkWithoutFile(); err != nil {
			return nil, err
		}
	}
	usable := whole.Only(func(dim string) bool {
		return facts.Has(dim) && slices.ContainsFunc(whole.Dims, func(d Dim) bool { return d.Name == dim && len(d.Values) > 0 })
	})
	if given == nil {
		usable = usable.share()
	}
	l, err := usable.layout(false)
	if err != nil {
		return nil, err
	}
	c, err := tabulate(l, facts, true)
	if err != nil {
		return nil, err
	}
	measured, err := measureAll(d, l, c, already...)
	if err != nil {
		return nil, err
	}
	s := &simulated{layout: l, chosen: given == nil}
	var more []observed
	if quarters {
		if s.quarters, more, err = simulateQuarters(d, l, facts); err != nil {
			return nil, err
		}
	}
	if s.tables, err = l.protect(measured, more...); err != nil {
		return nil, err
	}
	months := values["month"]
	for _, d := range whole.Dims {
		if d.Name == "month" && len(d.Values) > 0 {
			months = d.Values
		}
	}
	if len(months) > 0 {
		s.period = monthsSpan(months)
	}
	return s, nil
}

// simulateQuarters draws the four quarters of the rows' months and gives what they say of the year's tables.
func simulateQuarters(d *dice, year *layout, f *Facts) ([]*simulated, []observed, error) {
	month := slices.Index(f.Dims, "month")
	if month < 0 {
		return nil, nil, fault.Bad(fault.Problem{Pointer: "/facts/1", Key: "release_facts_column_missing", Args: map[string]any{"row": 1, "column": "month"}})
	}
	p, err := ShippedPlan(Quarter, quarterSize(year.plan.Size))
	if err != nil {
		return nil, nil, err
	}
	values := map[string][]string{}
	for _, dim := range year.dims {
		values[dim.Name] = dim.Values
	}
	p = p.Only(f.Has).share().Resolve(values, nil)
	l, err := p.layout(false)
	if err != nil {
		return nil, nil, err
	}
	var out []*simulated
	var all [][]Measurement
	for q := range 4 {
		part := &Facts{Dims: f.Dims, Values: f.Values}
		for i := range f.Len() {
			row := f.row(i)
			if n, err := strconv.Atoi(f.Values[month][row[month]][5:]); err == nil && (n-1)/3 == q {
				part.rows = append(part.rows, row...)
				part.line = append(part.line, f.lineOf(i))
			}
		}
		c, err := tabulate(l, part, true)
		if err != nil {
			return nil, nil, err
		}
		m, err := measureAll(d, l, c)
		if err != nil {
			return nil, nil, err
		}
		tables, err := l.protect(m)
		if err != nil {
			return nil, nil, err
		}
		out, all = append(out, &simulated{layout: l, tables: tables}), append(all, m)
	}
	return out, year.fromQuarters(l, all), nil
}

// fromQuarters adds the measurements of quarters to further measurements of the year's tables: those of the same dimensions and the same values.
func (l *layout) fromQuarters(q *layout, measured [][]Measurement) []observed {
	var more []observed
	for i := range l.tables {
		for j := range q.tables {
			if !sameCells(l, &l.tables[i], q, &q.tables[j]) {
				continue
			}
			o := observed{table: i, values: make([]float64, l.tables[i].cells)}
			for _, m := range measured {
				o.sigma2 += m[j].Sigma2.float()
				for c, v := range m[j].Values {
					o.values[c] += float64(v)
				}
			}
			more = append(more, o)
		}
	}
	return more
}

// sameCells: two tables of two plans have the same cells in the same order, and the same people count in them.
func sameCells(l *layout, t *shape, o *layout, u *shape) bool {
	if t.cells != u.cells || !slices.Equal(t.Dims, u.Dims) || t.aside != u.aside {
		return false
	}
	for k, d := range t.dims {
		e := u.dims[k]
		if !slices.Equal(l.dims[d].Values, o.dims[e].Values) || l.dims[d].Unknown != o.dims[e].Unknown || !maps.Equal(l.dims[d].Recode, o.dims[e].Recode) {
			return false
		}
	}
	return true
}

// knows tells each row whose code is not in the plan's lists.
func (p Plan) knows(f *Facts) error {
	var bad fault.Problems
	for _, d := range p.Dims {
		column := slices.Index(f.Dims, d.Name)
		if column < 0 || len(d.Values) == 0 {
			continue
		}
		strange := map[uint32]bool{}
		for code, v := range f.Values[column] {
			if !slices.Contains(d.Values, v) {
				strange[uint32(code)] = !slices.Contains(manyValued, d.Name)
			}
		}
		for i := 0; len(strange) > 0 && i < f.Len() && len(bad) < maxProblems; i++ {
			if strange[f.row(i)[column]] {
				bad.Add(fmt.Sprintf("/facts/%d/%s", f.lineOf(i), d.Name), "release_facts_outside", "row", f.lineOf(i), "column", d.Name)
			}
		}
	}
	return bad.Err()
}

// checkWithoutFile checks a given plan as it is written, with a stand-in for the domains that neither the plan nor the file has.
func (p Plan) checkWithoutFile() error {
	standIn := map[string][]string{}
	for _, d := range p.Dims {
		switch {
		case d.Name == "month":
			standIn[d.Name] = []string{"2000-01"}
		case d.Within == "":
			standIn[d.Name] = []string{"NONE"}
		}
	}
	return p.Resolve(standIn, nil).Check()
}

// domains takes the values of each dimension from the file. The ten former districts and the months between the first and the last are
// completed, so that an empty row does not go missing.
func domains(f *Facts) (map[string][]string, map[string]map[string]string, error) {
	values, parents := map[string][]string{}, map[string]map[string]string{}
	for d, name := range f.Dims {
		v := slices.Clone(f.Values[d])
		slices.SortFunc(v, func(a, b string) int {
			switch {
			case a == b:
				return 0
			case a == notKnown:
				return 1
			case b == notKnown || a < b:
				return -1
			}
			return 1
		})
		values[name] = v
	}
	if f.Has("area") {
		values["area"] = withKonTum(values["area"])
	}
	if months := values["month"]; len(months) > 0 {
		values["month"] = monthsBetween(months[0], months[len(months)-1])
		if len(values["month"]) > 12*maxYears {
			return nil, nil, fault.Bad(fault.Problem{Pointer: "/facts/1/month", Key: "release_facts_years", Args: map[string]any{"row": 1, "column": "month", "max": maxYears}})
		}
	}
	if f.Has("commune") && f.Has("area") {
		var err error
		if parents["commune"], err = parentsIn(f); err != nil {
			return nil, nil, err
		}
		values["commune"] = slices.DeleteFunc(values["commune"], func(v string) bool { return parents["commune"][v] == "" })
	}
	return values, parents, nil
}

// maxYears bounds the period of one file.
const maxYears = 20

// KonTumAreas are the statistical areas of former Kon Tum: its ten districts of 2022 (list admin_district_2022).
func KonTumAreas() []string { return codelist.MustGet(codelist.AdminDistrict2022).Codes() }

// withKonTum completes the areas of a file that names no others than those of Kon Tum, its province and the unknown one, so that an area where
// nobody came is not missing.
func withKonTum(areas []string) []string {
	known := KonTumAreas()
	for _, a := range areas {
		switch {
		case a == notKnown || codelist.MustGet(codelist.AdminProvince).Has(a):
			known = append(known, a)
		case !slices.Contains(known, a):
			return areas
		}
	}
	return known
}

// monthsBetween lists the months from the first to the last, both included.
func monthsBetween(first, last string) []string {
	year, _ := strconv.Atoi(first[:4])
	month, _ := strconv.Atoi(first[5:])
	var months []string
	for at := first; at <= last; at = fmt.Sprintf("%04d-%02d", year, month) {
		months = append(months, at)
		if month++; month > 12 {
			year, month = year+1, 1
		}
	}
	return months
}

// monthsSpan is the period from the first day of the first month to the last day of the last one.
func monthsSpan(months []string) *Period {
	first, err1 := time.Parse("2006-01", slices.Min(months))
	last, err2 := time.Parse("2006-01", slices.Max(months))
	if err1 != nil || err2 != nil {
		return nil
	}
	return &Period{From: first.Format(time.DateOnly), To: last.AddDate(0, 1, -1).Format(time.DateOnly)}
}

// parentsIn reads from the rows in which area each commune lies; a commune in two areas is a problem of the file.
func parentsIn(f *Facts) (map[string]string, error) {
	area, commune := slices.Index(f.Dims, "area"), slices.Index(f.Dims, "commune")
	of := map[uint32]uint32{}
	var bad fault.Problems
	for i := range f.Len() {
		row := f.row(i)
		if f.Values[commune][row[commune]] == notKnown {
			continue
		}
		seen, ok := of[row[commune]]
		if !ok {
			of[row[commune]] = row[area]
		} else if seen != row[area] && len(bad) < maxProblems {
			bad.Add(fmt.Sprintf("/facts/%d/commune", f.lineOf(i)), "release_facts_parent", "row", f.lineOf(i), "column", "commune")
		}
	}
	parents := map[string]string{}
	for c, a := range of {
		parents[f.Values[commune][c]] = f.Values[area][a]
	}
	return parents, bad.Err()
}

// csvHeader is the first line of published tables.
var csvHeader = []string{"release_id", "table_id", "dims", "count", "lower", "upper"}

// tableCSV writes the rows of one table, with the header.
func tableCSV(release string, t PublishedTable) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(csvHeader)
	for _, c := range t.Cells {
		count := ""
		if c.Shown {
			count = strconv.FormatInt(c.Count, 10)
		}
		_ = w.Write([]string{release, t.ID, c.Dims, count, strconv.FormatInt(c.Lower, 10), strconv.FormatInt(c.Upper, 10)})
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// DefinitionVersion names the rules by which a case becomes a fact: main form, month, once a person and year.
const DefinitionVersion = "2026-1"

// CodeListVersion names the code lists that the plans take their domains from.
const CodeListVersion = "2026-11"

// Manifest says what a release is, so that it can be understood and checked without asking anybody.
type Manifest struct {
	ReleaseID    string            `json:"release_id"`
	MadeUp       bool              `json:"made_up,omitempty"`
	Scope        string            `json:"scope,omitempty"`
	Period       *Period           `json:"period"`
	CutOff       string            `json:"cut_off,omitempty"`
	Definition   string            `json:"definition_version"`
	CodeLists    map[string]string `json:"code_lists"`
	Kind         Kind              `json:"kind"`
	Public       bool              `json:"public"`
	Method       Method            `json:"method"`
	Guarantee    map[string]string `json:"guarantee"`
	Notes        map[string]string `json:"notes"`
	Tables       []TableEntry      `json:"tables"`
	SHA256       string            `json:"sha256"`
	PreparedBy   string            `json:"prepared_by_role,omitempty"`
	PublishedBy  string            `json:"published_by_role,omitempty"`
	Supersedes   string            `json:"supersedes,omitempty"`
	SupersededBy string            `json:"superseded_by,omitempty"`
}

// Period is a span of whole days, both ends included.
type Period struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Method is the mechanism and every parameter of it.
type Method struct {
	Name        string            `json:"name"`
	Unit        string            `json:"unit_of_protection"`
	Plan        string            `json:"plan"`
	PlanSHA256  string            `json:"plan_sha256"`
	Approved    string            `json:"approved_plan,omitempty"` // the plan that two people approved, of which this one is the copy for the scope and the period
	Size        Size              `json:"size"`
	SizeChosen  string            `json:"size_chosen_by"`
	Budget      Fraction          `json:"rho_budget"`
	Spent       Fraction          `json:"rho_spent"`
	Mu          float64           `json:"mu"`
	Domains     map[string]int    `json:"values_per_dimension"`
	Display     Display           `json:"display"`
	PostProcess []string          `json:"after_the_noise"`
	Sources     map[string]string `json:"sources"`
}

// TableEntry describes one table of the release. SHA256 is that of its CSV, header included.
type TableEntry struct {
	ID     string   `json:"id"`
	Dims   []string `json:"dims"`
	Rho    Fraction `json:"rho"`
	Sigma2 Fraction `json:"sigma2"`
	// Mentions is the most cells in which one person counts, when it is more than one.
	Mentions int64  `json:"mentions,omitempty"`
	Cells    int    `json:"cells"`
	SHA256   string `json:"sha256"`
}

// manifest fills in everything that the plan and the tables say.
func (l *layout) manifest(id string, tables []PublishedTable) (Manifest, []byte, error) {
	m := Manifest{
		ReleaseID:  id,
		Kind:       l.plan.kind(),
		Public:     l.plan.Public,
		Definition: DefinitionVersion,
		CodeLists:  map[string]string{},
		Guarantee:  map[string]string{},
		Notes:      map[string]string{},
	}
	for _, lang := range i18n.Languages {
		m.Guarantee[string(lang)] = lang.T("release.guarantee")
		m.Notes[string(lang)] = lang.T("release.footnote")
	}
	spec, err := json.Marshal(l.plan)
	if err != nil {
		return Manifest{}, nil, err
	}
	spent := l.plan.Spent()
	m.Method = Method{
		Name:       "discrete Gaussian noise on every cell of every table, zero-concentrated differential privacy",
		Unit:       "one person in one reporting year",
		Plan:       l.plan.Version,
		PlanSHA256: hash(spec),
		Size:       l.plan.Size,
		Budget:     l.plan.Budget,
		Spent:      spent,
		Mu:         math.Round(1e4*math.Sqrt(2*spent.float())) / 1e4,
		Domains:    map[string]int{},
		Display:    l.plan.Display,
		PostProcess: []string{
			"least squares over all tables by inverse variance",
			"non-negative multiples of the unit, top down, every sum agreeing",
			"95 % intervals: 1.96 standard deviations + 2, at least 5 to either side",
			"counts below the threshold withheld: lower 0, upper at least threshold - 1",
		},
		Sources: map[string]string{"sampler": "arXiv 2004.00010", "least squares": "arXiv 2305.08175"},
	}
	for _, d := range l.dims {
		m.Method.Domains[d.Name] = len(d.Values)
		if d.List != "" {
			m.CodeLists[d.List] = CodeListVersion
		}
	}
	var all bytes.Buffer
	for i, t := range tables {
		raw, err := tableCSV(id, t)
		if err != nil {
			return Manifest{}, nil, err
		}
		s := l.tables[i]
		m.Tables = append(m.Tables, TableEntry{ID: t.ID, Dims: t.Dims, Rho: s.Rho, Sigma2: s.sigma2(), Mentions: s.Mentions, Cells: len(t.Cells), SHA256: hash(raw)})
		if i > 0 {
			_, raw, _ = bytes.Cut(raw, []byte("\n"))
		}
		all.Write(raw)
	}
	m.SHA256 = hash(all.Bytes())
	return m, all.Bytes(), nil
}

func hash(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

func (s *simulated) write(id string) (table, manifest []byte, err error) {
	m, table, err := s.layout.manifest(id, s.tables)
	if err != nil {
		return nil, nil, err
	}
	m.MadeUp = true
	m.Method.SizeChosen = "plan"
	if s.chosen {
		m.Method.SizeChosen = "noisy total of the file"
	}
	m.Period = s.period
	manifest, err = json.MarshalIndent(m, "", "  ")
	return table, append(manifest, '\n'), err
}

// readSome reads a file, but no more of it than any good one has.
func readSome(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}

// replaceFile writes a file so that readers find the old one or the whole new one. What is not a regular file (a pipe, /dev/stdout) is written to.
func replaceFile(path string, content []byte) error {
	if at, err := os.Stat(path); err == nil && !at.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return fmt.Errorf("write %s: %w", filepath.Base(path), err)
		}
		_, err = f.Write(content)
		return errors.Join(err, f.Close())
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".release-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(content)
	if err = errors.Join(err, temp.Chmod(0o644), temp.Close()); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return os.Rename(temp.Name(), path)
}

// quarterSize is the class of a quarter's plan: small places have none of their own and use the smallest there is.
func quarterSize(s Size) Size {
	if s == Small {
		return Medium
	}
	return s
}
