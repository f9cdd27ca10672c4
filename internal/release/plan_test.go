package release

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/i18n"
)

// problemsOf lists pointer and key of each problem.
func problemsOf(err error) []string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return nil
	}
	var out []string
	for _, p := range f.Problems {
		out = append(out, p.Pointer+" "+p.Key)
	}
	return out
}

func resolved(size Size) Plan {
	return planOr(nil, size).Resolve(map[string][]string{
		"area":    append(KonTumAreas(), "UNK"),
		"month":   monthsBetween("2024-01", "2024-12"),
		"commune": {"60801", "60802", "61001"},
	}, map[string]map[string]string{"commune": {"60801": "608", "60802": "608", "61001": "610"}})
}

func TestDefaultPlansSpendExactlyTheCubeBudget(t *testing.T) {
	t.Parallel()
	tables := map[Size]string{
		Small:  "total area form sex_age",
		Medium: "total area month form sex age relation sex_perp ethnic commune sex_age area_form form_relation month_form area_ethnic form_sex_age forms",
		Large:  "total area month form sex age relation sex_perp ethnic commune area_month commune_form sex_age area_form form_relation month_form area_ethnic form_sex_age forms",
	}
	for size, want := range tables {
		p := resolved(size)
		if err := p.Check(); err != nil {
			t.Errorf("%s: %v", size, err)
		}
		sum := new(big.Rat)
		var ids []string
		for _, table := range p.Tables {
			sum.Add(sum, big.NewRat(table.Rho.Num, table.Rho.Den))
			ids = append(ids, table.ID)
		}
		if sum.Cmp(big.NewRat(35, 100)) != 0 {
			t.Errorf("%s spends %s", size, sum)
		}
		if diff := cmp.Diff(want, strings.Join(ids, " ")); diff != "" {
			t.Errorf("%s: tables (-want +got)\n%s", size, diff)
		}
		if diff := cmp.Diff(Fraction{7, 180}, p.Tables[0].Rho); diff != "" {
			t.Errorf("%s: the total is measured before the class is known, at another budget\n%s", size, diff)
		}
	}
}

func TestPlanWithFewerTablesStillSpendsExactlyTheBudget(t *testing.T) {
	t.Parallel()
	dims := []string{"area", "commune", "month", "form", "sex", "age", "relation", "forms"}
	for _, size := range []Size{Small, Medium, Large} {
		for mask := range 1 << len(dims) {
			has := func(dim string) bool { return slices.Contains(dims, dim) && mask&(1<<slices.Index(dims, dim)) != 0 }
			p := resolved(size).Only(has).share()
			if _, err := p.layout(len(p.Tables) > 1); err != nil {
				t.Fatalf("%s with columns %b: %v", size, mask, err)
			}
			if given := resolved(size).Only(has); given.Spent().rat().Cmp(CubeBudget.rat()) > 0 {
				t.Fatalf("%s with columns %b spends %v", size, mask, given.Spent())
			}
		}
	}
}

func TestDomainsOfThePlansAreTheCodeLists(t *testing.T) {
	t.Parallel()
	for _, size := range []Size{Small, Medium, Large} {
		for _, d := range planOr(nil, size).Dims {
			if d.List == "" {
				continue
			}
			if diff := cmp.Diff(codelist.MustGet(codelist.Name(d.List)).Codes(), d.Values); diff != "" {
				t.Errorf("%s of %s is not its code list: a changed list needs a new version of the plan\n%s", d.Name, size, diff)
			}
		}
	}
	ages := map[string]string{}
	for _, e := range codelist.MustGet("age_band_report").Entries() {
		for _, from := range e.Codes("from") {
			if from != e.Code {
				ages[from] = e.Code
			}
		}
	}
	for _, d := range planOr(nil, Small).Dims {
		if diff := cmp.Diff(ages, d.Recode); d.Name == "age" && diff != "" {
			t.Errorf("the groups of ages are not those of the report\n%s", diff)
		}
	}
}

func TestPlanReadsBackWhatItWrites(t *testing.T) {
	t.Parallel()
	for _, size := range []Size{Small, Medium, Large} {
		want := resolved(size)
		raw, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParsePlan(raw)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", size, diff)
		}
	}
}

// nine is a plan of nine tables, each at 7/180.
func nine() Plan {
	p := plain(Medium).keep(func(t Table) bool { return t.ID != "form_relation" && t.ID != "month_form" })
	for i := range p.Tables {
		p.Tables[i].Rho = Fraction{7, 180}
	}
	i := slices.IndexFunc(p.Tables, func(t Table) bool { return t.ID == "sex_age" })
	p.Tables[i], p.Tables[i+1] = p.Tables[i+1], p.Tables[i]
	return p
}

func TestPlanIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	table := func(id string, rho Fraction, dims ...string) Table { return Table{ID: id, Dims: dims, Rho: rho} }
	for name, c := range map[string]struct {
		change func(*Plan)
		want   []string
	}{
		"a budget of its own":          {func(p *Plan) { p.Budget = Fraction{1, 2} }, []string{"/plan/budget release_budget"}},
		"no budget":                    {func(p *Plan) { p.Budget = Fraction{} }, []string{"/plan/budget release_budget"}},
		"tables that spend more":       {func(p *Plan) { p.Tables[3].Rho = Fraction{8, 180} }, []string{"/plan/tables release_budget_sum"}},
		"tables that spend less":       {func(p *Plan) { p.Tables[3].Rho = Fraction{6, 180} }, []string{"/plan/tables release_budget_sum"}},
		"one part in a billion more":   {func(p *Plan) { p.Tables[3].Rho = Fraction{7_000_000_001, 180_000_000_000} }, []string{"/plan/tables release_budget_sum"}},
		"a table without budget":       {func(p *Plan) { p.Tables[1].Rho = Fraction{0, 1} }, []string{"/plan/tables/1/rho release_rho"}},
		"a negative budget":            {func(p *Plan) { p.Tables[1].Rho = Fraction{-7, 180} }, []string{"/plan/tables/1/rho release_rho"}},
		"a budget too small to draw":   {func(p *Plan) { p.Tables[1].Rho = Fraction{1, maxFractionPart} }, []string{"/plan/tables/1/rho release_rho"}},
		"an unknown dimension":         {func(p *Plan) { p.Dims[0].Name = "phone" }, []string{"/plan/dims/0/name release_unknown_dim"}},
		"a table of unknown dimension": {func(p *Plan) { p.Tables[1].Dims = []string{"ethnic"} }, []string{"/plan/tables/1/dims/0 release_unknown_dim"}},
		"a dimension twice":            {func(p *Plan) { p.Dims[1] = p.Dims[0] }, []string{"/plan/dims/1/name release_dim_twice"}},
		"a table twice":                {func(p *Plan) { p.Tables[2] = p.Tables[1] }, []string{"/plan/tables/2/id release_table_twice", "/plan/tables/2/dims release_table_twice"}},
		"the same table by two names":  {func(p *Plan) { p.Tables[2].Dims = p.Tables[1].Dims }, []string{"/plan/tables/2/dims release_table_twice"}},
		"dimensions out of order":      {func(p *Plan) { p.Tables[7].Dims = []string{"form", "area"} }, []string{"/plan/tables/7/dims/1 release_dims_order"}},
		"a dimension twice in a table": {func(p *Plan) { p.Tables[7].Dims = []string{"area", "area"} }, []string{"/plan/tables/7/dims/1 release_dims_order"}},
		"no total":                     {func(p *Plan) { p.Tables = p.Tables[1:] }, []string{"/plan/tables release_no_total"}},
		"no tables":                    {func(p *Plan) { p.Tables = nil }, []string{"/plan/tables release_no_total"}},
		"an empty domain":              {func(p *Plan) { p.Dims[2].Values = nil }, []string{"/plan/dims/2/values release_domain_empty", "/plan/dims/2/unknown release_unknown_missing"}},
		"a code twice":                 {func(p *Plan) { p.Dims[0].Values[1] = "608" }, []string{"/plan/dims/0/values/1 release_code_twice"}},
		"a code with a separator":      {func(p *Plan) { p.Dims[0].Values[1] = "610;form=X" }, []string{"/plan/dims/0/values/1 release_code"}},
		"a code with a line break":     {func(p *Plan) { p.Dims[0].Values[1] = "61\n0" }, []string{"/plan/dims/0/values/1 release_code"}},
		"a month that is none":         {func(p *Plan) { p.Dims[1].Values[1] = "2024-13" }, []string{"/plan/dims/1/values/1 release_code"}},
		"an unknown code not listed":   {func(p *Plan) { p.Dims[2].Unknown = "?" }, []string{"/plan/dims/2/unknown release_unknown_missing"}},
		"recoding to nowhere":          {func(p *Plan) { p.Dims[4].Recode = map[string]string{"X": "Y"} }, []string{"/plan/dims/4/recode release_recode"}},
		"recoding a value away":        {func(p *Plan) { p.Dims[4].Recode = map[string]string{"A60P": "A40_59"} }, []string{"/plan/dims/4/recode release_recode"}},
		"other display rules":          {func(p *Plan) { p.Display.Unit = 1 }, []string{"/plan/display release_display"}},
		"no version":                   {func(p *Plan) { p.Version = "" }, []string{"/plan/version release_plan_version"}},
		"no size":                      {func(p *Plan) { p.Size = "huge" }, []string{"/plan/size release_size"}},
		"a table's name with a slash":  {func(p *Plan) { p.Tables[1].ID = "../x" }, []string{"/plan/tables/1/id release_table_id"}},
		"too many tables":              {func(p *Plan) { p.Tables = make([]Table, 65) }, []string{"/plan/tables release_plan_too_large"}},
		"crossings that share no published table": {func(p *Plan) {
			p.Tables[3] = table("month_form", Fraction{7, 180}, "month", "form")
		}, []string{"/plan/tables release_table_overlap"}},
		"three crossings round a triangle": {func(p *Plan) {
			p.Tables[4] = table("month_form", Fraction{7, 180}, "month", "form")
			p.Tables[8] = table("area_month", Fraction{7, 360}, "area", "month")
			p.Tables = append(p.Tables, table("area_month_form", Fraction{7, 360}, "area", "month", "form"))
		}, []string{"/plan/tables release_table_shape"}},
		"a kind that is none":               {func(p *Plan) { p.Kind = "WEEK" }, []string{"/plan/kind release_kind"}},
		"the budget of another kind":        {func(p *Plan) { p.Kind = Late }, []string{"/plan/budget release_budget"}},
		"a late cube of a year of quarters": {func(p *Plan) { p.Kind, p.Quarters = Late, true }, []string{"/plan/kind release_kind"}},
		"one person in cells that are one":  {func(p *Plan) { p.Tables[1].Mentions = 3 }, []string{"/plan/tables/1/mentions release_mentions"}},
		"all forms at the price of one form": {func(p *Plan) {
			p.Dims = append(p.Dims, Dim{Name: "forms", Values: []string{"PHYSICAL", "UNK"}, Unknown: "UNK"})
			p.Tables[1] = table("forms", Fraction{7, 180}, "forms")
		}, []string{"/plan/tables/1/mentions release_mentions"}},
		"all forms by area": {func(p *Plan) {
			p.Dims = append(p.Dims, Dim{Name: "forms", Values: []string{"PHYSICAL", "UNK"}, Unknown: "UNK"})
			p.Tables[7] = Table{ID: "area_forms", Dims: []string{"area", "forms"}, Rho: Fraction{7, 180}, Mentions: 3}
		}, []string{"/plan/tables/7/mentions release_mentions"}},
		"within itself": {func(p *Plan) { p.Dims[0].Within = "area" }, []string{"/plan/dims/0/within release_within"}},
		"within a dimension that is not there": {func(p *Plan) { p.Dims[0].Within = "commune" },
			[]string{"/plan/dims/0/within release_within"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := nine()
			for i := range p.Dims {
				p.Dims[i].Values = slices.Clone(p.Dims[i].Values)
			}
			c.change(&p)
			err := p.Check()
			if !errors.Is(err, fault.Invalid) {
				t.Fatalf("not refused: %v", err)
			}
			if diff := cmp.Diff(c.want, problemsOf(err)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			sayable(t, err)
		})
	}
}

func TestCommunesNeedOneAreaEach(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Dim){
		"a commune without area":         func(d *Dim) { delete(d.Parents, "60801") },
		"a commune in an unknown area":   func(d *Dim) { d.Parents["60801"] = "999" },
		"an area without communes":       func(d *Dim) { d.Values = d.Values[:len(d.Values)-1]; delete(d.Parents, "UNK-UNK") },
		"parents of communes not listed": func(d *Dim) { d.Parents["60899"] = "608" },
	} {
		p := resolved(Large)
		change(&p.Dims[1])
		if diff := cmp.Diff([]string{"/plan/dims/1/parents release_parents"}, problemsOf(p.Check())); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	both := resolved(Large)
	both.Tables[10].Dims = []string{"area", "commune"}
	if diff := cmp.Diff([]string{"/plan/tables/10/dims/1 release_within", "/plan/tables/10/dims release_table_twice"}, problemsOf(both.Check())); diff != "" && !errors.Is(both.Check(), fault.Invalid) {
		t.Errorf("area and commune crossed: %s", diff)
	}
}

func TestPlanTextIsReadStrictly(t *testing.T) {
	t.Parallel()
	good, _ := json.Marshal(resolved(Medium))
	deep := strings.Repeat("[", 20_000)
	for name, raw := range map[string]string{
		"empty":              "",
		"nothing":            "null and void",
		"a number":           "5 5",
		"an array":           "[]",
		"cut short":          string(good[:len(good)/2]),
		"text after the end": string(good) + "x",
		"two plans":          string(good) + string(good),
		"an unknown field":   `{"version":"1","seed":7}`,
		"two budgets":        `{"budget":"7/20","budget":"7/2"}`,
		"two budgets, cased": `{"budget":"7/20","Budget":"7/2"}`,
		"a nested repeat":    `{"dims":[{"name":"area","name":"form"}]}`,
		"a decimal budget":   `{"budget":0.35}`,
		"a decimal in text":  `{"budget":"0.35"}`,
		"a zero denominator": `{"budget":"7/0"}`,
		"a huge fraction":    `{"budget":"7/99999999999999999999999"}`,
		"wrong types":        `{"tables":{"id":"total"}}`,
		"depth":              deep,
		"deep objects":       strings.Repeat(`{"a":`, 20_000),
		"bad UTF-8":          "{\"version\":\"\xff\xfe\"}",
		"a byte order mark":  "\xef\xbb\xbf" + string(good),
		"not a number":       `{"budget":NaN}`,
		"ten megabytes":      `{"version":"` + strings.Repeat("x", 10<<20) + `"}`,
	} {
		p, err := ParsePlan([]byte(raw))
		if err == nil {
			err = p.Check()
		}
		if !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
		sayable(t, err)
	}
}

func TestSizeClassFollowsPeople(t *testing.T) {
	t.Parallel()
	got := map[int64]Size{}
	for _, n := range []int64{-3, 0, 99, 100, 1000, 1001, 1 << 40} {
		got[n] = SizeFor(n)
	}
	want := map[int64]Size{-3: Small, 0: Small, 99: Small, 100: Medium, 1000: Medium, 1001: Large, 1 << 40: Large}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// sayable checks that each problem has a sentence in every language, with all its placeholders filled.
func sayable(t *testing.T, err error) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) {
		return
	}
	for _, p := range f.Problems {
		for _, l := range i18n.Languages {
			key := "problem." + p.Key
			if text := l.Fill(key, p.Args); !l.Has(key) || strings.ContainsAny(text, "{}") {
				t.Errorf("%s in %s: %q with %v", key, l, text, fmt.Sprint(p.Args))
			}
		}
	}
}

func FuzzParsePlan(f *testing.F) {
	for _, size := range []Size{Small, Medium, Large} {
		raw, _ := json.Marshal(resolved(size))
		f.Add(raw)
	}
	f.Add([]byte(`{"budget":"7/20","dims":[{"name":"area","values":["1"]}],"tables":[{"id":"total","dims":[],"rho":"7/20"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := ParsePlan(raw)
		if err == nil {
			err = p.Check()
		}
		if err != nil && !errors.Is(err, fault.Invalid) {
			t.Fatalf("%v", err)
		}
		if err == nil && p.Spent().rat().Cmp(CubeBudget.rat()) != 0 {
			t.Fatalf("a plan that spends %v was taken", p.Spent())
		}
	})
}
