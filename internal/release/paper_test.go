package release_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/desk"
	"binhan/internal/i18n"
	"binhan/internal/paper"
	"binhan/internal/release"
)

var formats = []paper.Format{paper.FormatDocx, paper.FormatPDF, paper.FormatXLSX, paper.FormatHTML}

// TestAReleaseOnPaperHoldsTheNumbersOfTheAPI: a release of 5,000 people, every table of it, in four kinds of file (how long each took is said, and asserted nowhere); each number of the API
// stands on paper with its interval, each withheld one as "dưới 10", and the sheet for pivots is the CSV row by row. What the files hold is what the document
// holds: TestAllFormatsHoldTheSameFigures of package paper.
func TestAReleaseOnPaperHoldsTheNumbersOfTheAPI(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "paper", 5000)
	cmd := ask(2024)
	cmd.Plan = "large"
	r, err := o.Prepare(t.Context(), o.preparer, cmd)
	if err != nil {
		t.Fatal(err)
	}
	r = o.publish(t, r)

	began := time.Now()
	b, err := o.Book(t.Context(), o.preparer, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	d, err := release.Papers{Name: desk.CodeName}.Document(b, "")
	if err != nil {
		t.Fatal(err)
	}
	sizes := ""
	for _, f := range formats {
		raw, err := d.Write(f)
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		sizes += fmt.Sprintf(" %s %d KB after %.1f s;", f, len(raw)/1024, time.Since(began).Seconds())
		if dir := os.Getenv("BINHAN_SHOTS"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, "release."+string(f)), raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d tables, %d rows for pivots:%s", len(b.Tables), len(d.Data.Rows), sizes)

	views, err := o.Tables(t.Context(), o.preparer, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	var want, have []string
	under := 0
	var rows, pivots [][]string
	for _, v := range views {
		for _, c := range v.Cells {
			if c.Count == nil {
				under++
				continue
			}
			want = append(want, paper.Whole(*c.Count), paper.Range{Lower: c.Lower, Upper: c.Upper}.String())
		}
		raw, err := o.TableCSV(t.Context(), o.preparer, r.ID, v.TableID)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(strings.NewReader(string(raw))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines[1:] {
			rows = append(rows, l[1:]) // table, dims, count, lower, upper
		}
	}
	have = d.Figures()
	slices.Sort(want)
	slices.Sort(have)
	if diff := cmp.Diff(want, have); diff != "" {
		t.Error(diff)
	}
	marks := 0
	for _, a := range d.Annexes {
		for _, block := range a.Blocks {
			for _, row := range block.Table.Rows {
				for _, c := range row.Cells {
					if c.Text == i18n.Vietnamese.T("release.withheld") {
						marks++
					}
					if c.Text == "" {
						t.Errorf("an empty cell in %s", block.Table.Title)
					}
				}
			}
		}
	}
	if marks != under || under == 0 {
		t.Errorf("%d cells say dưới 10, %d are withheld", marks, under)
	}
	for _, row := range d.Data.Rows {
		n := len(row.Cells)
		line := []string{row.Cells[0].Text, row.Cells[n-1].Text}
		for _, c := range row.Cells[n-5 : n-2] {
			if c.Number != nil {
				line = append(line, fmt.Sprint(c.Number.Value))
			} else {
				line = append(line, "")
			}
		}
		pivots = append(pivots, line)
	}
	if diff := cmp.Diff(rows, pivots); diff != "" {
		t.Error(diff)
	}

	// One table alone holds its own numbers, and no other table is there.
	one, err := release.Papers{Name: desk.CodeName}.Document(b, "sex")
	if err != nil || len(one.Annexes) != 0 || len(one.Figures()) == 0 || len(one.Figures()) > 12 {
		t.Error(len(one.Annexes), one.Figures(), err)
	}
	if _, err := (release.Papers{}).Document(b, "nothing"); err == nil {
		t.Error("a table that is not there was printed")
	}
}

func n64(n int64) *int64 { return &n }

// shown is a cell as published.
func shown(dims string, n int64) release.CellView {
	return release.CellView{Dims: dims, Count: n64(n), Lower: n - 5, Upper: n + 5}
}

// book is a small release with known numbers.
func book(kind release.Kind, tables ...release.TableView) *release.Book {
	return release.DraftBook(release.Release{Scope: "51", Kind: kind, Period: year(2024)}, release.Checked{Tables: tables, Manifest: release.Manifest{Definition: "2026-1", SHA256: "ab", Method: release.Method{Plan: "p"}}})
}

// TestTheOfficialFormSaysWhatIsPublishedAndNothingElse: TT 23/2011 with its traps.
func TestTheOfficialFormSaysWhatIsPublishedAndNothingElse(t *testing.T) {
	t.Parallel()
	b := book(release.Year,
		release.TableView{TableID: "total", Dims: []string{}, Cells: []release.CellView{shown("", 400)}},
		release.TableView{TableID: "relation", Dims: []string{"relation"}, Cells: []release.CellView{shown("relation=SPOUSE", 200), shown("relation=EX_PARTNER", 20), shown("relation=PARTNER", 30), shown("relation=PARENT", 40), shown("relation=IN_LAW", 10),
			shown("relation=CHILD", 15), shown("relation=SIBLING", 10), shown("relation=OTHER_FAMILY", 10), shown("relation=OTHER_KNOWN", 40), shown("relation=STRANGER", 25)}},
		release.TableView{TableID: "forms", Dims: []string{"forms"}, Cells: []release.CellView{shown("forms=PHYSICAL", 260), shown("forms=PSYCHOLOGICAL", 310), {Dims: "forms=SEXUAL", Lower: 0, Upper: 9}, shown("forms=ECONOMIC", 55)}},
		release.TableView{TableID: "sex_age", Dims: []string{"sex", "age"}, Cells: []release.CellView{shown("sex=F", 360), shown("sex=M", 40),
			shown("age=A00_06", 10), shown("age=A07_12", 15), shown("age=A13_15", 20), shown("age=A60P", 30),
			shown("sex=F;age=A16_17", 20), shown("sex=F;age=A18_24", 60), shown("sex=F;age=A25_39", 120), shown("sex=F;age=A40_59", 90),
			shown("sex=M;age=A16_17", 10), shown("sex=M;age=A18_24", 10), shown("sex=M;age=A25_39", 10), {Dims: "sex=M;age=A40_59", Lower: 0, Upper: 9}}})
	f, ok := release.Papers{}.Form(b, release.FormFamily)
	if !ok {
		t.Fatal("no form")
	}
	const none = "chưa có số liệu công bố"
	say := func(v release.FormValue) string {
		if v.Count != nil {
			return fmt.Sprint(*v.Count)
		}
		return v.Mark
	}
	have := map[string][2]string{}
	for _, r := range f.Rows {
		if len(r.Values) == 2 {
			have[r.Number+" "+r.Label] = [2]string{say(r.Values[0]), say(r.Values[1])}
		}
	}
	for row, want := range map[string][2]string{
		"1 Tổng số hộ gia đình":             {none, none},
		"4 Số hộ gia đình có bạo lực":       {none, none},
		"1 Tổng số vụ bạo lực gia đình":     {"335", "400"}, // without acquaintances and strangers
		"2.1 Tinh thần":                     {none, "310"},
		"2.2 Thân thể":                      {none, "260"},
		"2.3 Tình dục":                      {none, "dưới 10"},
		"2.4 Kinh tế":                       {none, "55"},
		"3.1.1 Nam":                         {none, none}, // no table of perpetrators in this release
		"3.2.5 Xử lý hình sự":               {none, none},
		"4.1.1 Nam":                         {none, "40"},
		"4.1.2 Nữ":                          {none, "360"},
		"4.2.1 Dưới 16 tuổi":                {none, "45"},
		"4.2.2 Nữ từ 16 - 59 tuổi":          {none, "290"},
		" Nam từ 16 - 59 tuổi":              {none, none}, // a withheld part: a draft adds nothing up
		"4.2.3 Từ đủ 60 tuổi trở lên":       {none, "30"},
		"5.1 Người bị bạo lực dưới 16 tuổi": {none, none},
		"6.1 Người bị bạo lực được tư vấn":  {none, none},
	} {
		if have[row] != want {
			t.Errorf("%s: %q, want %q", row, have[row], want)
		}
	}
	if len(have) != 12+1+4+2+5+2+5+3+4 {
		t.Errorf("%d rows", len(have))
	}
	d := release.Papers{Name: desk.CodeName}.FormDocument(b, f)
	for _, format := range formats {
		raw, err := d.Write(format)
		if err != nil {
			t.Errorf("%s: %v", format, err)
		}
		if dir := os.Getenv("BINHAN_SHOTS"); dir != "" { // for looking at
			if err := os.WriteFile(filepath.Join(dir, "form."+string(format)), raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	// 335 has the interval of a sum, and the marks are words.
	if !slices.Contains(d.Figures(), "335") || d.Notice == "" || d.Issuer == "" {
		t.Error(d.Figures(), d.Notice, d.Issuer)
	}
	text := fmt.Sprint(f)
	for _, never := range []string{"nạn nhân", "thủ phạm", "đối tượng"} {
		if strings.Contains(strings.ToLower(text), never) {
			t.Errorf("the form says %q", never)
		}
	}
}

// TestTheStrategyIndicatorsComeFromPublishedCells: the first one from what is known at the end of cases, the others are not counted here and say so.
func TestTheStrategyIndicatorsComeFromPublishedCells(t *testing.T) {
	t.Parallel()
	bins := func(none, total int64) *release.Book {
		return book(release.Late, release.TableView{TableID: "time_bin", Dims: []string{"time_bin"}, Cells: []release.CellView{shown("", total), shown("time_bin=H1", 40), shown("time_bin=H12", 60), shown("time_bin=H48", 80), shown("time_bin=D7", 50),
			shown("time_bin=D30", 40), shown("time_bin=LATER", 20), shown("time_bin=NONE", none)}})
	}
	f, _ := release.Papers{}.Form(bins(110, 400), release.FormStrategy)
	if len(f.Rows) != 4 || f.Rows[0].Values[0].Percent == nil || *f.Rows[0].Values[0].Percent != 725 { // 290 of 400
		t.Fatalf("%+v", f.Rows)
	}
	if v := f.Rows[0].Values[0]; v.Lower > 700 || v.Lower < 650 || v.Upper < 750 || v.Upper > 800 || v.Target != "80% (năm 2025), 90% (năm 2030)" {
		t.Errorf("%+v", v)
	}
	for _, r := range f.Rows[1:] {
		if r.Values[0].Mark != "chưa có số liệu công bố" || r.Values[0].Target == "" {
			t.Errorf("%s: %+v", r.Label, r.Values)
		}
	}
	for name, b := range map[string]*release.Book{"few people": bins(10, 45), "a yearly release": book(release.Year, release.TableView{TableID: "total", Dims: []string{}, Cells: []release.CellView{shown("", 400)}})} {
		if f, _ := (release.Papers{}).Form(b, release.FormStrategy); f.Rows[0].Values[0].Mark != "chưa có số liệu công bố" {
			t.Errorf("%s: %+v", name, f.Rows[0].Values[0])
		}
	}
	d := release.Papers{Name: desk.CodeName}.FormDocument(bins(110, 400), f)
	if !slices.Contains(d.Figures(), "72,5") {
		t.Error(d.Figures())
	}
	for _, format := range formats {
		if _, err := d.Write(format); err != nil {
			t.Errorf("%s: %v", format, err)
		}
	}
	if _, ok := (release.Papers{}).Form(bins(1, 2), "khac"); ok {
		t.Error("a form that there is not")
	}
}
