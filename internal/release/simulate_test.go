package release

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/fault"
	"binhan/internal/i18n"
)

// simulateText runs a simulation on texts and gives both files.
func simulateText(t testing.TB, d *dice, facts, plan string) (table []byte, m Manifest, err error) {
	t.Helper()
	dir := t.TempDir()
	o := SimulateOptions{Facts: filepath.Join(dir, "F.csv"), Out: filepath.Join(dir, "T.csv"), Manifest: filepath.Join(dir, "M.json")}
	if err := os.WriteFile(o.Facts, []byte(facts), 0o600); err != nil {
		t.Fatal(err)
	}
	if plan != "" {
		o.Plan = filepath.Join(dir, "P.json")
		if err := os.WriteFile(o.Plan, []byte(plan), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if d == nil {
		err = Simulate(t.Context(), o)
	} else {
		err = simulate(t.Context(), d, o)
	}
	if err != nil {
		left, _ := os.ReadDir(dir)
		if have := len(left); o.Plan == "" && have != 1 || o.Plan != "" && have != 2 {
			t.Errorf("a refused simulation left %d files", have)
		}
		return nil, Manifest{}, err
	}
	table, err1 := os.ReadFile(o.Out)
	raw, err2 := os.ReadFile(o.Manifest)
	if err := errors.Join(err1, err2, json.Unmarshal(raw, &m)); err != nil {
		t.Fatal(err)
	}
	return table, m, nil
}

// parsed reads published tables back as a stranger would.
func parsed(t testing.TB, table []byte) []PublishedTable {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(table)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"release_id", "table_id", "dims", "count", "lower", "upper"}, rows[0]); diff != "" {
		t.Fatal(diff)
	}
	var tables []PublishedTable
	for _, r := range rows[1:] {
		if len(tables) == 0 || tables[len(tables)-1].ID != r[1] {
			tables = append(tables, PublishedTable{ID: r[1]})
		}
		c := Cell{Dims: r[2], Shown: r[3] != "", Count: -1}
		var err1, err2, err3 error
		if c.Shown {
			c.Count, err1 = strconv.ParseInt(r[3], 10, 64)
		}
		c.Lower, err2 = strconv.ParseInt(r[4], 10, 64)
		c.Upper, err3 = strconv.ParseInt(r[5], 10, 64)
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(err)
		}
		last := &tables[len(tables)-1]
		last.Cells = append(last.Cells, c)
	}
	return tables
}

func TestSimulationWritesPublishedTables(t *testing.T) {
	t.Parallel()
	facts := "sex,form,case_id\n" + strings.Repeat("F,PHYSICAL,\n", 300) + strings.Repeat("M,SEXUAL,\n", 100)
	got, m, err := simulateText(t, seeded("published"), facts, "")
	if err != nil {
		t.Fatal(err)
	}
	want := `release_id,table_id,dims,count,lower,upper
simulated,total,,400,393,407
simulated,form,,400,393,407
simulated,form,form=PHYSICAL,300,294,306
simulated,form,form=PSYCHOLOGICAL,,0,11
simulated,form,form=SEXUAL,95,89,101
simulated,form,form=ECONOMIC,,0,9
simulated,form,form=UNK,,0,9
simulated,sex,,400,393,407
simulated,sex,sex=F,300,294,306
simulated,sex,sex=M,100,94,106
simulated,sex,sex=X,,0,9
simulated,sex,sex=UNK,,0,9
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if m.SHA256 != hash(got) || !m.MadeUp || m.ReleaseID != "simulated" || m.Method.Size != Medium || m.Method.Spent != CubeBudget {
		t.Errorf("manifest %+v", m)
	}
	header, rest, _ := bytes.Cut(got, []byte("\n"))
	for _, entry := range m.Tables {
		own := append(slices.Clone(header), '\n')
		for line := range bytes.Lines(rest) {
			if bytes.HasPrefix(line, []byte("simulated,"+entry.ID+",")) {
				own = append(own, line...)
			}
		}
		if hash(own) != entry.SHA256 {
			t.Errorf("%s has another hash than the manifest says", entry.ID)
		}
	}
	for _, l := range i18n.Languages {
		if m.Guarantee[string(l)] != l.Text("release.guarantee") || m.Guarantee[string(l)] == "" {
			t.Errorf("the manifest does not state the guarantee in %s", l)
		}
	}
}

func TestSimulationTakesSizeClassAndPeriodFromTheRows(t *testing.T) {
	t.Parallel()
	got := map[int]string{}
	for _, n := range []int{50, 500, 5000} {
		_, m, err := simulateText(t, nil, string(asCSV(people("classes", n, append([]string{"commune"}, mediumDims...)...))), "")
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, table := range m.Tables {
			ids = append(ids, table.ID)
		}
		got[n] = fmt.Sprintf("%s %s %s..%s: %s", m.Method.Size, m.Method.Spent, m.Period.From, m.Period.To, strings.Join(ids, " "))
	}
	want := map[int]string{
		50:   "small 7/20 2024-01-01..2024-12-31: total area form sex_age",
		500:  "medium 7/20 2024-01-01..2024-12-31: total area month form sex age relation commune sex_age area_form form_relation month_form form_sex_age",
		5000: "large 7/20 2024-01-01..2024-12-31: total area month form sex age relation commune area_month sex_age area_form form_relation month_form commune_form form_sex_age",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSimulationFollowsAGivenPlan(t *testing.T) {
	t.Parallel()
	raw, _ := json.Marshal(planOr(nil, Medium))
	facts := string(asCSV(people("given", 50, "form", "sex", "month", "relation")))
	table, m, err := simulateText(t, nil, facts, string(raw))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, p := range parsed(t, table) {
		ids = append(ids, p.ID)
	}
	if diff := cmp.Diff([]string{"total", "month", "form", "sex", "relation", "form_relation", "month_form"}, ids); diff != "" {
		t.Errorf("tables without their columns are dropped (-want +got)\n%s", diff)
	}
	if m.Method.Spent != (Fraction{7*17 + 6*56, 180 * 17}).reduced() || m.Method.SizeChosen != "plan" {
		t.Errorf("the tables keep the budget of the plan: %+v", m.Method)
	}
	bad := strings.Replace(string(raw), `"7/180"`, `"8/180"`, 1)
	if _, _, err := simulateText(t, nil, facts, bad); !errors.Is(err, fault.Invalid) {
		t.Errorf("a plan whose whole does not add up: %v", err)
	}
}

func TestSimulationOfNobodyPublishesZeros(t *testing.T) {
	t.Parallel()
	table, _, err := simulateText(t, nil, "area,form,sex,age,month,commune,relation\n", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parsed(t, table) {
		for _, c := range p.Cells {
			if c.Upper < 9 || c.Lower > 10 {
				t.Errorf("%s %q: %+v", p.ID, c.Dims, c)
			}
		}
	}
}

func TestPersonCountsOnceAYear(t *testing.T) {
	t.Parallel()
	f, err := ReadFacts(strings.NewReader("case_id,month,form,sex\n"+
		"a,2024-05,PHYSICAL,F\n"+
		"b,2024-05,SEXUAL,M\n"+
		"a,2024-02,SEXUAL,F\n"+ // earlier: this is the first file
		"a,2024-09,ECONOMIC,F\n"+
		"a,2025-01,ECONOMIC,F\n"+ // another year
		",2024-05,UNK,F\n"+
		",2024-05,UNK,F\n"), []string{"month", "form", "sex"})
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSpace(string(asCSV(f))), "\n")
	want := []string{"month,form,sex", "2024-02,SEXUAL,F", "2024-05,SEXUAL,M", "2025-01,ECONOMIC,F", "2024-05,UNK,F", "2024-05,UNK,F"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestFactsAreRefusedByRowAndColumn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		facts string
		want  []string
	}{
		"nothing":                   {"", []string{"/facts release_facts_empty"}},
		"an unknown column":         {"form,phone\n", []string{"/facts/1/2 release_facts_column_unknown"}},
		"a column twice":            {"form,form\n", []string{"/facts/1/2 release_facts_column_twice"}},
		"case_id twice":             {"case_id,form,case_id\n", []string{"/facts/1/3 release_facts_column_twice"}},
		"an empty header":           {"\"\"\n", []string{"/facts/1/1 release_facts_column_unknown"}},
		"a code outside the list":   {"form,sex\nPHYSICAL,F\nBEATING,F\n", []string{"/facts/3/form release_facts_outside"}},
		"a code in small letters":   {"sex\nf\n", []string{"/facts/2/sex release_facts_outside"}},
		"a blank":                   {"form,sex\nPHYSICAL,\n", []string{"/facts/2/sex release_facts_blank"}},
		"a short row":               {"form,sex\nPHYSICAL\n", []string{"/facts/2 release_facts_width"}},
		"a long row":                {"form,sex\nPHYSICAL,F,F\n", []string{"/facts/2 release_facts_width"}},
		"two problems":              {"form,sex\nPHYSICAL\n\nX,,\nPHYSICAL,\n", []string{"/facts/2 release_facts_width", "/facts/4 release_facts_width", "/facts/5/sex release_facts_blank"}},
		"a stray quote":             {"form,sex\nPHY\"SICAL,F\n", []string{"/facts/2 release_facts_quote"}},
		"an open quote":             {"form,sex\n\"PHYSICAL,F\n", []string{"/facts/2 release_facts_quote"}},
		"a month by name":           {"month\nMay 2024\n", []string{"/facts/2/month release_facts_month"}},
		"a thirteenth month":        {"month\n2024-13\n", []string{"/facts/2/month release_facts_month"}},
		"a day for a month":         {"month\n2024-05-01\n", []string{"/facts/2/month release_facts_month"}},
		"bad UTF-8":                 {"area\n\xff\xfe\n", []string{"/facts/2/area release_facts_code"}},
		"a null character":          {"area\na\x00b\n", []string{"/facts/2/area release_facts_code"}},
		"a separator in a code":     {"area\na;b\n", []string{"/facts/2/area release_facts_code"}},
		"a formula":                 {"area\n=1+1\n", []string{"/facts/2/area release_facts_code"}},
		"a code of a page":          {"area\n" + strings.Repeat("x", 5000) + "\n", []string{"/facts/2/area release_facts_code"}},
		"right-to-left marks":       {"area\nab\u202ec\n", []string{"/facts/2/area release_facts_code"}},
		"a commune in two areas":    {"area,commune\n1,x\n2,x\n" + strings.Repeat("1,y\n", 2000), []string{"/facts/3/commune release_facts_parent"}},
		"months over a century":     {"month\n1901-01\n2024-01\n", []string{"/facts/1/month release_facts_years"}},
		"UTF-16":                    {"\xff\xfef\x00o\x00r\x00m\x00", []string{"/facts/1/1 release_facts_column_unknown"}},
		"semicolons":                {"form;sex\nPHYSICAL;F\n", []string{"/facts/1/1 release_facts_column_unknown"}},
		"a case_id longer than one": {"case_id,sex\n" + strings.Repeat("x", 100) + ",F\n", []string{"/facts/2/case_id release_facts_code"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := simulateText(t, nil, c.facts, "")
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

func TestFactsAreReadAsSpreadsheetsWriteThem(t *testing.T) {
	t.Parallel()
	for name, facts := range map[string]string{
		"a byte order mark":        "\xef\xbb\xbfarea,sex\n\"Ia H'Drai\",F\n",
		"line ends of two letters": "area,sex\r\nIa H'Drai,F\r\n",
		"no last line end":         "area,sex\nIa H'Drai,F",
		"all quoted":               "\"area\",\"sex\"\n\"Ia H'Drai\",\"F\"\n",
		"an unused column":         "area,outcome,sex\nIa H'Drai,,F\n",
	} {
		f, err := ReadFacts(strings.NewReader(facts), []string{"area", "sex"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff("area,sex\nIa H'Drai,F\n", string(asCSV(f))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	// Two spellings of one name in Unicode are one area.
	f, err := ReadFacts(strings.NewReader("area\n\u0110\u0103k H\u00e0\n\u0110a\u0306k Ha\u0300\n"), []string{"area"})
	if err != nil || len(f.Values[0]) != 1 || f.Len() != 2 {
		t.Errorf("%q %v", f.Values, err)
	}
}

func TestCommunesStayInsideTheirAreas(t *testing.T) {
	t.Parallel()
	f := people("communes", 3000, append([]string{"commune"}, mediumDims...)...)
	rows := strings.Split(strings.TrimSpace(string(asCSV(f))), "\n")
	for i := 1; i < len(rows); i += 50 { // some are known by area only
		_, rest, _ := strings.Cut(rows[i], ",")
		rows[i] = "UNK," + rest
	}
	table, _, err := simulateText(t, seeded("communes"), strings.Join(rows, "\n"), "")
	if err != nil {
		t.Fatal(err)
	}
	area := map[string]string{}
	for i := range f.Len() {
		row := f.row(i)
		area[f.Values[0][row[0]]] = f.Values[1][row[1]]
	}
	for _, a := range KonTumAreas() {
		area[a+"-UNK"] = a
	}
	low, high, known := map[string]int64{}, map[string]int64{}, map[string]Cell{}
	for _, p := range parsed(t, table) {
		for _, c := range p.Cells {
			if commune, ok := strings.CutPrefix(c.Dims, "commune="); ok && p.ID == "commune" {
				a, there := area[commune]
				if !there {
					t.Fatalf("commune %s has no area", commune)
				}
				if c.Shown {
					low[a] += c.Count
					high[a] += c.Count
				} else {
					high[a] += 5 // a withheld number is 0 or 5
				}
			}
			known[c.Dims] = c
		}
	}
	for a, sum := range low {
		if c := known["area="+a]; c.Shown && (c.Count < sum || c.Count > high[a]) {
			t.Errorf("area %s is %d, its communes add up to %d to %d", a, c.Count, sum, high[a])
		}
	}
	if len(low) != 10 {
		t.Errorf("%d areas have communes", len(low))
	}
}

func TestSimulationWritesIntoAPipe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	facts := filepath.Join(dir, "F.csv")
	if err := os.WriteFile(facts, []byte("sex\nF\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Simulate(t.Context(), SimulateOptions{Facts: facts, Out: os.DevNull}); err != nil {
		t.Fatal(err)
	}
	if at, err := os.Stat(os.DevNull); err != nil || at.Mode().IsRegular() {
		t.Fatal("the device was replaced by a file")
	}
}

func TestSimulationTellsMissingFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := filepath.Join(dir, "F.csv")
	if err := os.WriteFile(good, []byte("sex\nF\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, o := range []SimulateOptions{
		{Facts: filepath.Join(dir, "none.csv"), Out: filepath.Join(dir, "T.csv")},
		{Facts: good, Plan: filepath.Join(dir, "none.json"), Out: filepath.Join(dir, "T.csv")},
		{Facts: good, Out: filepath.Join(dir, "none", "T.csv")},
		{Facts: dir, Out: filepath.Join(dir, "T.csv")},
		{Facts: good, Out: dir},
	} {
		if err := Simulate(t.Context(), o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}

func FuzzReadFacts(f *testing.F) {
	f.Add([]byte("case_id,area,commune,month,form,sex,age,relation\na,608,x,2024-01,PHYSICAL,F,A25_39,SPOUSE\n"))
	f.Add([]byte("form,sex\r\nSEXUAL,F\r\n"))
	f.Add([]byte("\xef\xbb\xbfarea\n\"a, b\"\n"))
	f.Add([]byte("case_id\n\n1\n1\n"))
	f.Add([]byte("month\n2024-12\n2023-01\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		facts, err := ReadFacts(bytes.NewReader(raw), wantedDims(nil))
		if err == nil {
			var s *simulated
			if s, err = simulateFacts(seeded("fuzz"), nil, facts, false); err == nil {
				if wrong := wrongSums(s.tables); len(wrong) > 0 {
					t.Fatalf("%v", wrong)
				}
			}
		}
		if err != nil && !errors.Is(err, fault.Invalid) {
			t.Fatalf("%v", err)
		}
	})
}

func BenchmarkSimulate(b *testing.B) {
	for _, n := range []int{50, 500, 5000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			dir := b.TempDir()
			o := SimulateOptions{Facts: filepath.Join(dir, "F.csv"), Out: filepath.Join(dir, "T.csv"), Manifest: filepath.Join(dir, "M.json")}
			if err := os.WriteFile(o.Facts, asCSV(people("bench", n, append([]string{"commune"}, mediumDims...)...)), 0o600); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := Simulate(b.Context(), o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
