package intake

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/codelist"
	"binhan/internal/i18n"
)

// linea144 unpacks a year of the real register.
func linea144(t testing.TB, year string) string {
	t.Helper()
	f, err := os.Open("testdata/linea144-" + year + ".csv.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "linea144-"+year+".csv")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func shippedLinea144(t testing.TB) *Mapping {
	t.Helper()
	m, err := OpenMapping("linea144.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLinea144IsAccountedForRowByRow(t *testing.T) {
	t.Parallel()
	for year, want := range map[string]Report{
		"2021": {
			Rows:    Counts{Read: 25301, Taken: 25300, Untaken: 1},
			Reasons: []Reason{{Field: "age", Column: "edad_persona_en_situacion_de_violencia", Class: NumberOutOfRange, Rows: 1, FirstRow: 17431}},
			Untaken: []Untaken{{Row: 17431, Line: 17431, Troubles: []Trouble{{Field: "age", Column: "edad_persona_en_situacion_de_violencia", Class: NumberOutOfRange}}}},
			SHA256:  "a28ed231bbf372bc0c6596fe7ec98825314b7516234c254b451a5cacaccdeedc",
		},
		"2023": {
			Rows: Counts{Read: 5296, Taken: 5296}, Reasons: []Reason{}, Untaken: []Untaken{},
			SHA256: "53e6b4ddc5c960d0e240321dc21585a1f140a6752318e3f5f3c6ff6e31229fb4",
		},
	} {
		t.Run(year, func(t *testing.T) {
			t.Parallel()
			r, err := Open(context.Background(), shippedLinea144(t), linea144(t, year), today)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			got, err := DryRun(context.Background(), r, "linea144.csv", nil)
			if err != nil {
				t.Fatal(err)
			}
			want.Mapping, want.Version, want.Scope, want.File, want.DryRun = "linea144", 1, "linea144", "linea144.csv", true
			if diff := cmp.Diff(&want, got, cmp.AllowUnexported(Trouble{})); diff != "" {
				t.Error(diff)
			}
			if done, total := r.Position(); done != total || total == 0 {
				t.Errorf("read %d of %d bytes", done, total)
			}
		})
	}
}

// The file is counted twice: by the importer, and here by another reader and by hand-written rules. The two must agree cell by cell.
func TestLinea144CountsAgreeWithAnIndependentCount(t *testing.T) {
	t.Parallel()
	for _, year := range []string{"2021", "2023"} {
		t.Run(year, func(t *testing.T) {
			t.Parallel()
			path := linea144(t, year)
			r, err := Open(context.Background(), shippedLinea144(t), path, today)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			rows, untaken, err := drain(r)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]int{}
			keys := map[Key]bool{}
			for _, row := range rows {
				f := row.Fact("linea144")
				for _, cell := range []string{
					"month=" + f.ReceivedOn.Format("2006-01"), "area=" + f.Area, "form=" + f.Form, "sex=" + f.Sex, "age=" + f.Age, "relation=" + f.Relation,
					"sex_perp=" + f.SexPerp, "form,age=" + f.Form + f.Age, "area,relation=" + f.Area + f.Relation, "ethnic=" + f.Ethnic,
				} {
					got[cell]++
				}
				for _, form := range f.Forms {
					got["mentioned="+form]++
				}
				for _, line := range row.Narrative {
					got["line="+line.String()]++
				}
				keys[row.Key] = true
			}
			if len(keys) != len(rows) {
				t.Errorf("%d keys for %d rows", len(keys), len(rows))
			}
			want := countLinea144(t, path)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			t.Logf("%d rows, %d untaken, %d cells compared", len(rows), len(untaken), len(want))
		})
	}
}

var provinces = strings.Fields("AR-A AR-B AR-C AR-D AR-E AR-F AR-G AR-H AR-J AR-K AR-L AR-M AR-N AR-P AR-Q AR-R AR-S AR-T AR-U AR-V AR-W AR-X AR-Y AR-Z")

// countLinea144 is the oracle: it knows the file by heart, as the importer must not.
func countLinea144(t *testing.T, path string) map[string]int {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	grid, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	areas := map[string]string{
		"": "UNK", "buenos aires": "AR-B", "ciudad autónoma de buenos aires": "AR-C", "catamarca": "AR-K", "chaco": "AR-H", "chubut": "AR-U", "córdoba": "AR-X",
		"corrientes": "AR-W", "entre ríos": "AR-E", "formosa": "AR-P", "jujuy": "AR-Y", "la pampa": "AR-L", "la rioja": "AR-F", "mendoza": "AR-M", "misiones": "AR-N",
		"neuquén": "AR-Q", "río negro": "AR-R", "salta": "AR-A", "san juan": "AR-J", "san luis": "AR-D", "santa cruz": "AR-Z", "santa fe": "AR-S",
		"santiago del estero": "AR-G", "tierra del fuego, antártida e islas del atlántico sur": "AR-V", "tucumán": "AR-T",
	}
	sex := func(word string) string {
		switch strings.ReplaceAll(strings.ToLower(word), "ó", "o") {
		case "":
			return "UNK"
		case "mujer", "mujer trans":
			return "F"
		case "varon", "varon trans":
			return "M"
		}
		return "X"
	}
	relation := map[string]string{
		"": "UNKNOWN", "Otro": "UNKNOWN", "Pareja": "PARTNER", "Ex pareja": "EX_PARTNER", "Padre o tutor": "PARENT", "Madre o tutor": "PARENT",
		"Otro familiar": "OTHER_FAMILY", "Superior jerarquico": "OTHER_KNOWN", "Superior jerárquico": "OTHER_KNOWN",
	}
	band := func(years int) string {
		for _, b := range []struct {
			top  int
			code string
		}{{6, "A00_06"}, {12, "A07_12"}, {15, "A13_15"}, {17, "A16_17"}, {24, "A18_24"}, {39, "A25_39"}, {59, "A40_59"}, {120, "A60P"}} {
			if years <= b.top {
				return b.code
			}
		}
		return "too old"
	}
	lines := []string{
		"Bạo lực biểu tượng (violencia simbólica)", "Trong gia đình (modalidad doméstica)", "Tại cơ quan công quyền (modalidad institucional)",
		"Tại nơi làm việc (modalidad laboral)", "Xâm phạm quyền tự quyết sinh sản (contra la libertad reproductiva)", "Khi sinh đẻ (modalidad obstétrica)",
		"Trên phương tiện truyền thông (modalidad mediática)", "Cách thức khác (otras modalidades)",
	}
	count := map[string]int{}
	for _, c := range grid[1:] {
		age := "UNK"
		if c[3] != "" {
			years, err := strconv.ParseFloat(c[3], 64)
			if err != nil {
				t.Fatal(err)
			}
			if age = band(int(years)); age == "too old" {
				continue
			}
		}
		yes := func(i int) bool { return strings.EqualFold(c[i], "si") }
		form := "UNK"
		for _, f := range []struct {
			at   int
			code string
		}{{6, "PSYCHOLOGICAL"}, {8, "ECONOMIC"}, {5, "PHYSICAL"}, {7, "SEXUAL"}} { // the last one that applies is the main form
			if yes(f.at) {
				form = f.code
				count["mentioned="+f.code]++
			}
		}
		area, rel := areas[strings.ToLower(c[1])], relation[c[17]]
		if area == "" || rel == "" {
			t.Fatalf("the oracle does not know %q or %q", c[1], c[17])
		}
		for _, cell := range []string{
			"month=" + c[0][:7], "area=" + area, "form=" + form, "sex=" + sex(c[2]), "age=" + age, "relation=" + rel, "sex_perp=" + sex(c[18]),
			"form,age=" + form + age, "area,relation=" + area + rel, "ethnic=UNK",
		} {
			count[cell]++
		}
		for i, line := range lines {
			if yes(9 + i) {
				count["line="+line]++
			}
		}
	}
	return count
}

func TestLinea144BringsItsOwnAreas(t *testing.T) {
	t.Parallel()
	m := shippedLinea144(t)
	codes := m.AreaCodes()
	if last := codes[len(codes)-1]; last != codelist.Unknown {
		t.Errorf("the last area is %s", last)
	}
	own := slices.Sorted(slices.Values(codes[:len(codes)-1]))
	if diff := cmp.Diff(provinces, own); diff != "" {
		t.Error(diff)
	}
	if got := []string{m.AreaLabel("AR-X", i18n.Vietnamese), m.AreaLabel("AR-X", i18n.English), m.AreaLabel("UNK", i18n.English)}; !cmp.Equal(got, []string{"Córdoba", "Córdoba", "UNK"}) {
		t.Error(got)
	}
}

// Another year has other words. The importer says which, and a line in the mapping takes them: no programmer is needed.
func TestNextYearsWordsNeedOnlyAnotherMapping(t *testing.T) {
	t.Parallel()
	sample := string(mustRead(t, "testdata/linea144-sample.csv"))
	next := strings.NewReplacer("Ex pareja", "Expareja", "fecha,", "fecha_llamado,", ",Varon\n", ",Varón cis\n").Replace(sample)
	old := shippedLinea144(t)
	if _, _, err := read(old, next); err == nil {
		t.Fatal("a file with an unknown column was read")
	}
	renamed := strings.Replace(next, "fecha_llamado,", "fecha,", 1)
	r, err := newReader(old, readText(strings.NewReader(renamed), 0, old.File), today)
	if err != nil {
		t.Fatal(err)
	}
	report, err := DryRun(context.Background(), r, "next.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, w := range report.Words {
		words = append(words, w.Word)
	}
	if diff := cmp.Diff([]string{"Varón cis", "Expareja"}, words); diff != "" {
		t.Error(diff)
	}
	yaml := strings.NewReplacer("header: fecha\n", "header: [fecha, fecha_llamado]\n", "[Ex pareja]", "[Ex pareja, Expareja]", "M: [Varon,", "M: [Varon, Varón cis,").
		Replace(string(mustRead(t, "mappings/linea144.yaml")))
	mended := parsed(t, yaml)
	before, _, err := read(old, sample)
	if err != nil {
		t.Fatal(err)
	}
	after, _, err := read(mended, next)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(withoutKeys(before), withoutKeys(after)); diff != "" || len(after) < 30 {
		t.Error(len(after), diff)
	}
}

func TestSampleShowsWhatTheRegisterIsLike(t *testing.T) {
	t.Parallel()
	rows, untaken, err := read(shippedLinea144(t), string(mustRead(t, "testdata/linea144-sample.csv")))
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 37 || len(untaken) != 1 || untaken[0].Troubles[0].Class != NumberOutOfRange {
		t.Errorf("%d rows, %+v", len(rows), untaken)
	}
	seen := map[string]bool{}
	for _, r := range rows {
		f := r.Fact("linea144")
		seen["sex "+f.Sex], seen["form "+f.Form], seen["relation "+f.Relation], seen["area "+f.Area] = true, true, true, true
		if r.Key.Nth == 3 {
			seen["third of its kind"] = true
		}
	}
	for _, want := range []string{"sex F", "sex M", "sex X", "sex UNK", "form UNK", "relation PARENT", "relation OTHER_KNOWN", "area AR-G", "area AR-V", "area UNK", "third of its kind"} {
		if !seen[want] {
			t.Errorf("no %s in the sample", want)
		}
	}
}

func BenchmarkLinea144(b *testing.B) {
	m, path := shippedLinea144(b), linea144(b, "2021")
	for b.Loop() {
		r, err := Open(context.Background(), m, path, today)
		if err != nil {
			b.Fatal(err)
		}
		rows, untaken, err := drain(r)
		if err != nil || len(rows)+len(untaken) != 25301 {
			b.Fatal(len(rows), err)
		}
		_ = r.Close()
	}
}
