package release

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"math/bits"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"binhan/internal/fault"
)

//go:embed plans/*.json
var planFiles embed.FS

// The budgets of zero-concentrated differential privacy, in rho. The life of a case holds 1/2: 7/20 for the cube of its year, of which 1/10 goes to the cube of
// its quarter where quarters are published; 1/10 for what is known at its closing; 1/20 for the one correction.
var (
	CubeBudget        = Fraction{7, 20}
	YearAfterQuarters = Fraction{1, 4}
	QuarterBudget     = Fraction{1, 10}
	LateBudget        = Fraction{1, 10}
	CorrectionBudget  = Fraction{1, 20}
	LifetimeBudget    = Fraction{1, 2}
)

// Kind says which facts a cube counts. A case enters one cube of each kind, once.
type Kind string

// The kinds of cubes.
const (
	Year       Kind = "YEAR"       // people of a closed year (or of a pool of up to three), by the first contact
	Quarter    Kind = "QUARTER"    // people of a closed quarter; part of the budget of their year, whose cube is merged with its quarters
	Late       Kind = "LATE"       // what is known when a case is closed: service, outcome, time to the answer; by the year of closing
	Correction Kind = "CORRECTION" // the people of a published year again, after mistakes were corrected; supersedes it
)

// Kinds in the order of a case's life.
func Kinds() []Kind { return []Kind{Year, Quarter, Late, Correction} }

// BudgetOf is what a cube of this kind may spend; quarters: it is the year of published quarters.
func BudgetOf(k Kind, quarters bool) (Fraction, bool) {
	switch k {
	case Year, "":
		if quarters {
			return YearAfterQuarters, true
		}
		return CubeBudget, true
	case Quarter:
		return QuarterBudget, !quarters
	case Late:
		return LateBudget, !quarters
	case Correction:
		return CorrectionBudget, !quarters
	}
	return Fraction{}, false
}

// Size is the size class of a scope. It follows last year's published total, never this year's facts.
type Size string

// The size classes, by people in a year.
const (
	Small  Size = "small"  // under 100: four tables, three age groups, no month, no crossing by area
	Medium Size = "medium" // 100 to 1,000
	Large  Size = "large"  // above 1,000: communes and months inside areas as well
)

// SizeFor is the size class for a published (or noisy) number of people a year.
func SizeFor(people int64) Size {
	switch {
	case people < 100:
		return Small
	case people <= 1000:
		return Medium
	}
	return Large
}

// Plan says, before anybody looks at the facts, which tables a release has and how much budget each may spend. It is versioned, two people
// approve it, and a release cites it by its hash.
type Plan struct {
	Version string `json:"version"`
	// Kind is empty for a year.
	Kind Kind `json:"kind,omitempty"`
	Size Size `json:"size"`
	// Public: the release may be read by everybody, without signing in.
	Public bool `json:"public,omitempty"`
	// Quarters: the quarters of the year were published, and their measurements are merged into this cube.
	Quarters bool     `json:"quarters,omitempty"`
	Budget   Fraction `json:"budget"`
	Dims     []Dim    `json:"dims"`
	Tables   []Table  `json:"tables"`
	Display  Display  `json:"display"`
}

// Dim is one dimension with all the values that it can take, also those that nobody has: an empty row must not say that nobody came.
type Dim struct {
	Name string `json:"name"`
	// List is the code list of the values, for labels; "" when the values come with the scope.
	List string `json:"list,omitempty"`
	// Values are the codes in the order of printing. Empty in a plan for many scopes: Resolve fills them in.
	Values []string `json:"values,omitempty"`
	// Unknown is the code that stands for "not known", "" when there is none.
	Unknown string `json:"unknown,omitempty"`
	// Recode maps finer codes of the facts to those of the plan (age bands to the three groups of a small scope).
	Recode map[string]string `json:"recode,omitempty"`
	// Within names the dimension whose values are unions of this one's (communes within areas); Parents tells which.
	Within  string            `json:"within,omitempty"`
	Parents map[string]string `json:"parents,omitempty"`
}

// Table is one published table: the dimensions that it crosses (none for the total) and the budget that its noise spends.
type Table struct {
	ID   string   `json:"id"`
	Dims []string `json:"dims"`
	Rho  Fraction `json:"rho"`
	// Mentions is the largest number of cells in which one person counts, for the table of a dimension with several values a person ("all forms mentioned");
	// 0 otherwise. Its noise pays for all of them: the squared sensitivity is Mentions, not one.
	Mentions int64 `json:"mentions,omitempty"`
}

// sensitivity2 is the squared Euclidean sensitivity: how far one person moves the table.
func (t Table) sensitivity2() int64 { return max(1, t.Mentions) }

// sigma2 is the variance parameter that spends the table's rho: sensitivity2 / (2 rho).
func (t Table) sigma2() Fraction {
	return Fraction{t.Rho.Den * t.sensitivity2(), 2 * t.Rho.Num}.reduced()
}

// Display are the rules of printing. They keep readers from reading meaning into noise and are no protection.
type Display struct {
	// Unit: every count is a multiple of it.
	Unit int64 `json:"unit"`
	// WithholdBelow: a smaller count is printed as "under 10".
	WithholdBelow int64 `json:"withhold_below"`
	// Confidence of the intervals, in percent.
	Confidence int `json:"confidence"`
}

// display is the only set of rules that this version prints by.
var display = Display{Unit: 5, WithholdBelow: 10, Confidence: 95}

// dimOrder is the fixed order in which dimensions are written.
var dimOrder = []string{"area", "commune", "month", "form", "sex", "age", "relation", "sex_perp", "ethnic", "service", "outcome", "measure", "support", "time_bin", "repeat", "forms"}

// manyValued are the dimensions of which one person has several values, written with a plus between them in a facts file.
var manyValued = []string{"forms"}

// Bounds on what a plan may ask for; beyond them the noise would drown every number anyway.
const (
	maxPlanBytes = 4 << 20
	maxTables    = 64
	maxValues    = 20_000
	maxCells     = 2_000_000
	maxCodeBytes = 64
	maxMentions  = 8
)

var (
	planVersion = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,79}$`)
	tableID     = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
)

// DefaultPlan is the plan of a year for a size class. Dimensions of the place (area, commune) and the months come with the scope and the period.
func DefaultPlan(size Size) (Plan, error) { return ShippedPlan(Year, size) }

// ShippedPlan is the plan that comes with the program for a kind and a size class. It may be proposed and approved like any other.
func ShippedPlan(kind Kind, size Size) (Plan, error) {
	raw, err := planFiles.ReadFile("plans/" + planFile(kind, size))
	if err != nil {
		return Plan{}, fault.Bad(fault.Problem{Pointer: "/plan/size", Key: "release_size"})
	}
	return ParsePlan(raw)
}

// ParsePlan reads a plan strictly: unknown or repeated fields and trailing text are refused. The plan is not yet checked for sense, since its
// open dimensions may still be missing: see Resolve and Check.
func ParsePlan(raw []byte) (Plan, error) {
	if len(raw) > maxPlanBytes {
		return Plan{}, fault.Bad(fault.Problem{Pointer: "/plan", Key: "release_plan_too_large"})
	}
	if err := noRepeatedFields(raw); err != nil {
		return Plan{}, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var p Plan
	if err := dec.Decode(&p); err != nil {
		return Plan{}, unreadable(err, dec.InputOffset())
	}
	return p, nil
}

func unreadable(err error, at int64) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		at = kind.Offset
	}
	e := fault.Bad(fault.Problem{Pointer: "/plan", Key: "release_plan_unreadable", Args: map[string]any{"offset": at}})
	var f *fault.Error
	if errors.As(e, &f) {
		return f.Because(err)
	}
	return e
}

// noRepeatedFields walks the JSON text, since the decoder would silently keep the last of two budgets; it also refuses bad UTF-8 and text after
// the end.
func noRepeatedFields(raw []byte) error {
	if !utf8.Valid(raw) {
		return fault.Bad(fault.Problem{Pointer: "/plan", Key: "release_plan_utf8"})
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	type level struct {
		object, value bool // value: the next string is a value, not a name
		names         map[string]bool
	}
	var stack []level
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable(err, dec.InputOffset())
		}
		if d, ok := tok.(json.Delim); ok && (d == '}' || d == ']') {
			stack = stack[:len(stack)-1]
			if len(stack) == 0 && dec.More() {
				return fault.Bad(fault.Problem{Pointer: "/plan", Key: "release_plan_unreadable", Args: map[string]any{"offset": dec.InputOffset()}})
			}
			continue
		}
		if n := len(stack); n > 0 && stack[n-1].object {
			top := &stack[n-1]
			if name, ok := tok.(string); ok && !top.value {
				if top.names[strings.ToLower(name)] { // the decoder matches names without regard to case
					return fault.Bad(fault.Problem{Pointer: "/plan", Key: "release_plan_repeated", Args: map[string]any{"offset": dec.InputOffset()}})
				}
				top.names[strings.ToLower(name)], top.value = true, true
				continue
			}
			top.value = false
		}
		if d, ok := tok.(json.Delim); ok {
			if len(stack) > 32 {
				return fault.Bad(fault.Problem{Pointer: "/plan", Key: "release_plan_too_large"})
			}
			stack = append(stack, level{object: d == '{', names: map[string]bool{}})
		}
	}
}

// Resolve gives a copy of the plan whose open dimensions have the given values; parents are needed for a dimension that lies within another.
// Every parent value gets one more child for people of whom only the parent is known.
func (p Plan) Resolve(values map[string][]string, parents map[string]map[string]string) Plan {
	p.Dims = slices.Clone(p.Dims)
	p.Tables = slices.Clone(p.Tables)
	byName := map[string]*Dim{}
	for i := range p.Dims {
		d := &p.Dims[i]
		byName[d.Name] = d
		if len(d.Values) == 0 {
			d.Values = slices.Clone(values[d.Name])
		}
	}
	for i := range p.Dims {
		d := &p.Dims[i]
		if d.Within == "" || d.Parents != nil || byName[d.Within] == nil || len(byName[d.Within].Values) == 0 {
			continue
		}
		d.Parents = map[string]string{}
		for _, v := range d.Values {
			if parent, ok := parents[d.Name][v]; ok {
				d.Parents[v] = parent
			}
		}
		for _, parent := range byName[d.Within].Values {
			rest := restOf(parent)
			if _, there := d.Parents[rest]; !there {
				d.Values = append(d.Values, rest)
			}
			d.Parents[rest] = parent
		}
	}
	return p
}

// restOf is the code for "somewhere in this area, not known where".
func restOf(parent string) string { return parent + "-UNK" }

// Only gives a copy of the plan without the tables that need a dimension for which has is false. The tables that stay keep their budget, so that
// the cube spends less: a plan's budget is a ceiling that two people approved.
func (p Plan) Only(has func(dim string) bool) Plan {
	return p.keep(func(t Table) bool {
		for _, name := range t.Dims {
			if !has(name) {
				return false
			}
			for _, d := range p.Dims {
				if d.Name == name && d.Within != "" && !has(d.Within) {
					return false
				}
			}
		}
		return true
	})
}

func (p Plan) keep(want func(Table) bool) Plan {
	all := p.Tables
	p.Tables = nil
	used := map[string]bool{}
	for _, t := range all {
		if !want(t) {
			continue
		}
		p.Tables = append(p.Tables, t)
		for _, name := range t.Dims {
			used[name] = true
			for _, d := range p.Dims {
				if d.Name == name && d.Within != "" {
					used[d.Within] = true
				}
			}
		}
	}
	p.Dims = slices.DeleteFunc(slices.Clone(p.Dims), func(d Dim) bool { return !used[d.Name] })
	return p
}

// share spends the whole cube budget on the tables that are left: the total keeps its part, the others share the rest in the proportions of the plan.
func (p Plan) share() Plan { return p.spend(p.Budget) }

func (p Plan) spend(budget Fraction) Plan {
	p.Tables = slices.Clone(p.Tables)
	p.Budget = budget
	rest, others := budget.rat(), new(big.Rat)
	for _, t := range p.Tables {
		if len(t.Dims) == 0 {
			rest.Sub(rest, t.Rho.rat())
		} else {
			others.Add(others, t.Rho.rat())
		}
	}
	if others.Sign() == 0 || rest.Sign() <= 0 {
		return p
	}
	rest.Quo(rest, others)
	for i, t := range p.Tables {
		if len(t.Dims) > 0 {
			rho, ok := fractionOf(new(big.Rat).Mul(t.Rho.rat(), rest))
			if !ok {
				return p
			}
			p.Tables[i].Rho = rho
		}
	}
	return p
}

// afterQuarters is the plan of a year whose quarters were published: the same tables, each at 5/7 of its budget, because the quarters spent the rest.
func (p Plan) afterQuarters() Plan {
	p.Tables = slices.Clone(p.Tables)
	p.Quarters, p.Budget = true, YearAfterQuarters
	for i, t := range p.Tables {
		if rho, ok := fractionOf(new(big.Rat).Mul(t.Rho.rat(), new(big.Rat).Quo(YearAfterQuarters.rat(), CubeBudget.rat()))); ok {
			p.Tables[i].Rho = rho
		}
	}
	return p
}

// kind is the kind of the plan's cube.
func (p Plan) kind() Kind {
	if p.Kind == "" {
		return Year
	}
	return p.Kind
}

// Spent is the sum of the tables' budgets.
func (p Plan) Spent() Fraction {
	sum := new(big.Rat)
	for _, t := range p.Tables {
		sum.Add(sum, t.Rho.rat())
	}
	f, _ := fractionOf(sum)
	return f
}

// Check tells everything that is wrong with a plan: dimensions, domains, tables that could not be made to add up, and a budget that is not
// exactly that of a cube.
func (p Plan) Check() error {
	_, err := p.layout(true)
	return err
}

// layout is a checked plan, indexed for counting. Its dimensions are in the fixed order.
type layout struct {
	plan   Plan
	dims   []Dim
	index  []map[string]int // value -> position, finer codes included
	parent [][]int          // per dimension within another: position -> position of the parent
	within []int            // per dimension: the dimension that it lies within, or -1
	tables []shape          // smallest first
}

// shape is a table of the layout.
type shape struct {
	Table
	dims    []int // positions in layout.dims
	full    uint64
	cells   int
	strides []int
	margins []int // the tables (positions) to which this one must add up: the largest published ones inside it
	shared  int   // with two margins: the table that both contain
	aside   bool  // counts a person several times: it adds up to no other table
}

// layout checks the plan. whole: the budget must be spent to the last part, as in a published cube; a simulation on a file with fewer columns may
// spend less, never more.
func (p Plan) layout(whole bool) (*layout, error) {
	var bad fault.Problems
	l := &layout{plan: p}
	if !planVersion.MatchString(p.Version) {
		bad.Add("/plan/version", "release_plan_version")
	}
	if p.Size != Small && p.Size != Medium && p.Size != Large {
		bad.Add("/plan/size", "release_size")
	}
	if p.Display != display {
		bad.Add("/plan/display", "release_display", "unit", display.Unit, "below", display.WithholdBelow, "confidence", display.Confidence)
	}
	want, known := BudgetOf(p.Kind, p.Quarters)
	if !known {
		bad.Add("/plan/kind", "release_kind", "kinds", "YEAR, QUARTER, LATE, CORRECTION")
		return nil, bad.Err()
	}
	if p.Budget.Den == 0 || p.Budget.rat().Cmp(want.rat()) != 0 {
		bad.Add("/plan/budget", "release_budget", "want", want.String())
	}
	if len(p.Tables) > maxTables || len(p.Dims) > len(dimOrder) {
		bad.Add("/plan/tables", "release_plan_too_large")
		return nil, bad.Err()
	}
	at := l.addDims(p, &bad)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	l.addTables(p, at, &bad)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if spent := p.Spent(); spent.Den == 0 || spent.rat().Cmp(want.rat()) > 0 || whole && spent.rat().Cmp(want.rat()) != 0 {
		bad.Add("/plan/tables", "release_budget_sum", "have", spent.String(), "want", want.String())
	}
	l.findMargins(p, &bad)
	return l, bad.Err()
}

func (l *layout) addDims(p Plan, bad *fault.Problems) map[string]int {
	at := map[string]int{}
	pointer := map[string]string{}
	for i, d := range p.Dims {
		here := "/plan/dims/" + strconv.Itoa(i)
		if !slices.Contains(dimOrder, d.Name) {
			bad.Add(here+"/name", "release_unknown_dim")
			continue
		}
		if _, twice := pointer[d.Name]; twice {
			bad.Add(here+"/name", "release_dim_twice", "dim", d.Name)
			continue
		}
		pointer[d.Name] = here
		l.dims = append(l.dims, d)
	}
	slices.SortStableFunc(l.dims, func(a, b Dim) int { return slices.Index(dimOrder, a.Name) - slices.Index(dimOrder, b.Name) })
	for i, d := range l.dims {
		at[d.Name] = i
	}
	for _, d := range l.dims {
		here := pointer[d.Name]
		positions := map[string]int{}
		switch {
		case len(d.Values) == 0:
			bad.Add(here+"/values", "release_domain_empty", "dim", d.Name)
		case len(d.Values) > maxValues:
			bad.Add(here+"/values", "release_plan_too_large")
			continue
		}
		for j, v := range d.Values {
			if !goodCode(v) || d.Name == "month" && v != d.Unknown && !goodMonth(v) {
				bad.Add(here+"/values/"+strconv.Itoa(j), "release_code")
			} else if _, twice := positions[v]; twice {
				bad.Add(here+"/values/"+strconv.Itoa(j), "release_code_twice", "dim", d.Name)
			}
			positions[v] = j
		}
		if _, there := positions[d.Unknown]; d.Unknown != "" && !there {
			bad.Add(here+"/unknown", "release_unknown_missing", "dim", d.Name)
		}
		for from, to := range d.Recode {
			j, there := positions[to]
			if !there || !goodCode(from) {
				bad.Add(here+"/recode", "release_recode", "dim", d.Name)
				break
			}
			if k, taken := positions[from]; taken && k != j {
				bad.Add(here+"/recode", "release_recode", "dim", d.Name)
				break
			}
			positions[from] = j
		}
		l.index = append(l.index, positions)
		l.within = append(l.within, -1)
		l.parent = append(l.parent, nil)
	}
	if len(*bad) > 0 {
		return at
	}
	for i, d := range l.dims {
		if d.Within == "" {
			continue
		}
		over, there := at[d.Within]
		if !there || over == i || l.dims[over].Within != "" || d.Unknown != "" {
			bad.Add(pointer[d.Name]+"/within", "release_within", "dim", d.Name)
			continue
		}
		l.within[i] = over
		l.parent[i] = make([]int, len(d.Values))
		children := make([]int, len(l.dims[over].Values))
		sound := len(d.Parents) == len(d.Values)
		for j, v := range d.Values {
			k, ok := l.index[over][d.Parents[v]]
			if sound = sound && ok; !sound {
				break
			}
			l.parent[i][j] = k
			children[k]++
		}
		if !sound || slices.Contains(children, 0) {
			bad.Add(pointer[d.Name]+"/parents", "release_parents", "dim", d.Name)
		}
	}
	return at
}

func (l *layout) addTables(p Plan, at map[string]int, bad *fault.Problems) {
	ids, sets := map[string]bool{}, map[uint64]bool{}
	for i, t := range p.Tables {
		here := "/plan/tables/" + strconv.Itoa(i)
		s := shape{Table: t, cells: 1}
		if !tableID.MatchString(t.ID) {
			bad.Add(here+"/id", "release_table_id")
		} else if ids[t.ID] {
			bad.Add(here+"/id", "release_table_twice", "table", t.ID)
		}
		ids[t.ID] = true
		if t.Rho.Num <= 0 || t.Rho.Den <= 0 || t.Rho.rat().Cmp(CubeBudget.rat()) > 0 || t.Rho.Den/t.Rho.Num >= maxSigma2/maxMentions {
			bad.Add(here+"/rho", "release_rho")
		}
		many := slices.ContainsFunc(t.Dims, func(d string) bool { return slices.Contains(manyValued, d) })
		if many != (t.Mentions != 0) || many && (len(t.Dims) != 1 || t.Mentions < 1 || t.Mentions > maxMentions) {
			bad.Add(here+"/mentions", "release_mentions", "max", maxMentions)
		}
		s.aside = many
		last := -1
		for j, name := range t.Dims {
			d, there := at[name]
			switch {
			case !there:
				bad.Add(here+"/dims/"+strconv.Itoa(j), "release_unknown_dim")
				continue
			case d <= last:
				bad.Add(here+"/dims/"+strconv.Itoa(j), "release_dims_order")
				continue
			case l.within[d] >= 0 && slices.Contains(s.dims, l.within[d]):
				bad.Add(here+"/dims/"+strconv.Itoa(j), "release_within", "dim", name)
				continue
			}
			last = d
			s.dims = append(s.dims, d)
			s.full |= 1 << d
			if l.within[d] >= 0 {
				s.full |= 1 << l.within[d]
			}
			if s.cells *= len(l.dims[d].Values); s.cells > maxCells {
				bad.Add(here, "release_plan_too_large")
				s.cells = 1
			}
		}
		if s.aside {
			for _, d := range s.dims {
				if l.within[d] >= 0 {
					bad.Add(here+"/dims", "release_within", "dim", l.dims[d].Name)
				}
			}
		}
		if sets[s.full] && len(s.dims) == len(t.Dims) {
			bad.Add(here+"/dims", "release_table_twice", "table", t.ID)
		}
		sets[s.full] = true
		s.strides = make([]int, len(s.dims))
		for j, stride := len(s.dims)-1, 1; j >= 0; j-- {
			s.strides[j] = stride
			stride *= len(l.dims[s.dims[j]].Values)
		}
		l.tables = append(l.tables, s)
	}
	slices.SortStableFunc(l.tables, func(a, b shape) int {
		if a.aside != b.aside {
			if a.aside {
				return 1
			}
			return -1
		}
		return bits.OnesCount64(a.full) - bits.OnesCount64(b.full)
	})
	if len(l.tables) == 0 || l.tables[0].full != 0 {
		bad.Add("/plan/tables", "release_no_total")
	}
}

// findMargins finds for each table the largest published ones inside it, and refuses a plan that could not be printed so that every sum agrees:
// two tables that share dimensions need a published table of exactly those; a table may have at most two largest margins, which together
// cover it (then a rounding that agrees with both always exists: it is a flow).
func (l *layout) findMargins(p Plan, bad *fault.Problems) {
	bySet := map[uint64]int{}
	for i, t := range l.tables {
		bySet[t.full] = i
	}
	for i := range l.tables {
		for j := range i {
			if _, there := bySet[l.tables[i].full&l.tables[j].full]; !there && !l.tables[i].aside {
				bad.Add("/plan/tables", "release_table_overlap", "one", l.tables[j].ID, "other", l.tables[i].ID)
			}
		}
	}
	if len(*bad) > 0 {
		return
	}
	for i := range l.tables {
		t := &l.tables[i]
		if t.full == 0 || t.aside {
			continue
		}
		for j := range l.tables {
			inside := l.tables[j].full
			if inside == t.full || inside&^t.full != 0 {
				continue
			}
			if !slices.ContainsFunc(l.tables, func(o shape) bool {
				return o.full != t.full && o.full != inside && o.full&^t.full == 0 && inside&^o.full == 0
			}) {
				t.margins = append(t.margins, j)
			}
		}
		switch len(t.margins) {
		case 1:
			if l.nested(t) && !l.printsOnlyPublished(t, bySet) || !l.parentsPublished(t, bySet) {
				bad.Add("/plan/tables", "release_table_shape", "table", t.ID)
			}
		case 2:
			one, two := l.tables[t.margins[0]].full, l.tables[t.margins[1]].full
			t.shared = bySet[one&two]
			if one|two != t.full || l.nested(t) && !l.printsOnlyPublished(t, bySet) || !l.parentsPublished(t, bySet) {
				bad.Add("/plan/tables", "release_table_shape", "table", t.ID)
			}
		default:
			bad.Add("/plan/tables", "release_table_shape", "table", t.ID)
		}
	}
}

// parentsPublished: a table inside others (communes) stands beside the same table of what they lie within (areas).
func (l *layout) parentsPublished(t *shape, bySet map[uint64]int) bool {
	d := l.nestedDim(t)
	if d < 0 {
		return true
	}
	_, there := bySet[t.full&^(1<<d)]
	return there
}

// printsOnlyPublished: all sums that are printed below a table are tables themselves.
func (l *layout) printsOnlyPublished(t *shape, bySet map[uint64]int) bool {
	for s := range uint64(1) << len(t.dims) {
		if _, there := bySet[l.closure(t, s)]; !there {
			return false
		}
	}
	return true
}

// closure is the set of dimensions of some of a table's own ones (bit 0 the first), with those that they lie within.
func (l *layout) closure(t *shape, own uint64) uint64 {
	var set uint64
	for j, d := range t.dims {
		if own&(1<<j) != 0 {
			set |= 1 << d
			if over := l.within[d]; over >= 0 {
				set |= 1 << over
			}
		}
	}
	return set
}

// goodCode: printable, no separators of the published tables, not long. A code stands in files, pages and addresses.
func goodCode(s string) bool {
	if s == "" || len(s) > maxCodeBytes || !utf8.ValidString(s) || strings.TrimSpace(s) != s || strings.ContainsAny(s, `;="\<>`) {
		return false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return false
		}
	}
	return true
}

func goodMonth(s string) bool {
	if len(s) != 7 || s[4] != '-' {
		return false
	}
	year, err1 := strconv.ParseUint(s[:4], 10, 16)
	month, err2 := strconv.ParseUint(s[5:], 10, 8)
	return err1 == nil && err2 == nil && year >= 1900 && year <= 2199 && month >= 1 && month <= 12
}

// cell finds a table's cell for one position per dimension.
func (t *shape) cell(at []int) int {
	c := 0
	for j, d := range t.dims {
		c += at[d] * t.strides[j]
	}
	return c
}

// place is the inverse of cell: it fills in the positions of the table's dimensions and of those that they lie within.
func (l *layout) place(t *shape, cell int, at []int) {
	for j, d := range t.dims {
		at[d] = cell / t.strides[j] % len(l.dims[d].Values)
		if over := l.within[d]; over >= 0 {
			at[over] = l.parent[d][at[d]]
		}
	}
}

// onto maps each cell of t to the cell of the smaller table inside it.
func (l *layout) onto(t, smaller *shape) []int {
	to := make([]int, t.cells)
	at := make([]int, len(l.dims))
	for c := range to {
		l.place(t, c, at)
		to[c] = smaller.cell(at)
	}
	return to
}

// name writes a cell as published: "area=608;form=PHYSICAL", "" for the total.
func (l *layout) name(t *shape, cell int) string {
	at := make([]int, len(l.dims))
	l.place(t, cell, at)
	var b strings.Builder
	for j, d := range t.dims {
		if j > 0 {
			b.WriteByte(';')
		}
		fmt.Fprintf(&b, "%s=%s", l.dims[d].Name, l.dims[d].Values[at[d]])
	}
	return b.String()
}
