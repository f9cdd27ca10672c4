package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/i18n"
)

var today = day("2026-11-24")

func day(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return d
}

func notebook(t testing.TB) *Mapping {
	t.Helper()
	raw, err := os.ReadFile("testdata/so-tiep-nhan.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, string(raw))
}

func parsed(t testing.TB, text string) *Mapping {
	t.Helper()
	m, err := ParseMapping([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The made-up notebook, as rows of cells: a title, the header, then one call a row.
var (
	notebookHeader = []string{"STT", "Ngày tiếp nhận", "Ngày xảy ra", "Họ tên", "Điện thoại", "Xã, phường", "Giới tính", "Tuổi", "Hành vi", "Kinh tế", "Quan hệ",
		"Giới tính người gây bạo lực", "Dân tộc", "Người báo", "Nội dung", "Ghi chú", "Có con nhỏ", "Người nhập"}
	notebookRows = [][]string{
		{"1", "05/07/2024", "4/7/2024", "Người Thử Nghiệm Một", "0900000001", "xã Đắk Hà", "nữ", "31", "đánh đập, Chửi mắng", "x", "Chồng", "Nam", "Xơ Đăng", "", "Chuyện thử một", "gọi lại sau", "có", "cán bộ thử"},
		{"2", "2026-03-01", "", "Người Thử Nghiệm Hai", "", "Bờ Y", "", "45,9", "bỏ mặc", "", "hàng xóm", "", "", "Công an", "", "", "", ""},
		{"3", "1/2/2024", "", "Người Thử Nghiệm Ba", "", "Đăk Long (Đăk Hà)", "NAM", "", "", "không", "bố", "M", "54", "POLICE", "", "", "", ""},
	}
)

func ptr(n int) *int { return &n }

// notebookWant is what the notebook says in codes; keys are compared elsewhere.
func notebookWant() []Row {
	return []Row{
		{
			Number: 3, Line: 3, ReceivedOn: day("2024-07-05"), OccurredOn: day("2024-07-04"), Area: "617", Commune: "23425", Sex: "F", Age: ptr(31),
			Forms: []string{"PHYSICAL", "ECONOMIC", "PSYCHOLOGICAL"}, Acts: []string{"A", "B"}, Relationship: "HUSBAND", SexPerp: "M", Ethnicity: "14",
			Channel: "IN_PERSON", Reporter: "SELF", Person: Person{Name: "Người Thử Nghiệm Một", Phone: "0900000001"},
			Narrative: []Line{{Text: "Chuyện thử một"}, {Label: "Ghi chú", Text: "gọi lại sau"}, {Label: "Có con nhỏ"}},
		},
		{
			Number: 4, Line: 4, ReceivedOn: day("2026-03-01"), Area: "611", Commune: "23377", Sex: "UNK", Age: ptr(45), Forms: []string{"ECONOMIC"},
			Acts: []string{"D"}, Relationship: "UNKNOWN", Channel: "IN_PERSON", Reporter: "POLICE", Person: Person{Name: "Người Thử Nghiệm Hai"},
		},
		{
			Number: 5, Line: 5, ReceivedOn: day("2024-02-01"), Area: "615", Commune: "23504", Sex: "M", Relationship: "FATHER", SexPerp: "M", Ethnicity: "54",
			Channel: "IN_PERSON", Reporter: "POLICE", Person: Person{Name: "Người Thử Nghiệm Ba"},
		},
	}
}

func csvOf(delimiter string, rows ...[]string) string {
	var b strings.Builder
	for _, r := range rows {
		for i, c := range r {
			if i > 0 {
				b.WriteString(delimiter)
			}
			if strings.ContainsAny(c, delimiter+"\"\n\r") {
				c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
			}
			b.WriteString(c)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func notebookText(rows ...[]string) string {
	title := make([]string, len(notebookHeader))
	title[0] = "SỔ TIẾP NHẬN"
	return csvOf(";", append([][]string{title, notebookHeader}, rows...)...)
}

// read reads a text through a mapping.
func read(m *Mapping, text string) (rows []Row, untaken []Untaken, err error) {
	r, err := newReader(m, readText(strings.NewReader(text), int64(len(text)), m.File), today)
	if err != nil {
		return nil, nil, err
	}
	return drain(r)
}

func drain(r *Reader) (rows []Row, untaken []Untaken, err error) {
	for {
		outcome, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return rows, untaken, nil
		case err != nil:
			return nil, nil, err
		case outcome.Untaken != nil:
			untaken = append(untaken, *outcome.Untaken)
		default:
			rows = append(rows, *outcome.Row)
		}
	}
}

// withoutKeys is for tests that are about something else.
func withoutKeys(rows []Row) []Row {
	for i := range rows {
		rows[i].Key = Key{}
	}
	return rows
}

func TestNotebookBecomesCodes(t *testing.T) {
	t.Parallel()
	rows, untaken, err := read(notebook(t), notebookText(notebookRows...))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(notebookWant(), withoutKeys(rows)); diff != "" {
		t.Error(diff)
	}
	if len(untaken) > 0 {
		t.Errorf("untaken %+v", untaken)
	}
}

// workbookOf writes the notebook as a spreadsheet would: days as numbers with a format, ages as numbers.
func workbookOf(t testing.TB, sheet string, rows [][]any) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if _, err := f.NewSheet(sheet); err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if err := f.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetSheetDimension(sheet, fmt.Sprintf("A1:R%d", len(rows))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "so.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func notebookCells(t testing.TB) [][]any {
	t.Helper()
	rows := [][]any{{"SỔ TIẾP NHẬN"}, {}}
	for _, h := range notebookHeader {
		rows[1] = append(rows[1], h)
	}
	for _, r := range notebookRows {
		var cells []any
		for _, c := range r {
			if c == "" {
				cells = append(cells, nil)
			} else {
				cells = append(cells, c)
			}
		}
		rows = append(rows, cells)
	}
	rows[2][1], rows[2][7] = time.Date(2024, 7, 5, 10, 30, 0, 0, time.UTC), 31
	rows[3][1] = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	return rows
}

func TestWorkbookAndTextOfOneRegisterGiveTheSameRowsAndKeys(t *testing.T) {
	t.Parallel()
	m := notebook(t)
	want, _, err := read(m, notebookText(notebookRows...))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(context.Background(), m, workbookOf(t, "Sổ", notebookCells(t)), today)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, untaken, err := drain(r)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		want[i].Line = 0
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(untaken) > 0 {
		t.Errorf("untaken %+v", untaken)
	}
	if done, total := r.Position(); done != 5 || total != 5 {
		t.Errorf("read %d of %d rows", done, total)
	}
}

func TestWorkbookRowsAreAccountedFor(t *testing.T) {
	t.Parallel()
	cells := notebookCells(t)
	cells = append(cells, []any{}, append(append([]any{}, cells[2]...), "one cell too many"), []any{"4", "không phải ngày"}, []any{"5", 200000})
	r, err := Open(context.Background(), notebook(t), workbookOf(t, "Sổ", cells), today)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	rows, untaken, err := drain(r)
	if err != nil {
		t.Fatal(err)
	}
	want := []Untaken{
		{Row: 7, Troubles: []Trouble{{Class: TooManyCells}}},
		{Row: 8, Troubles: []Trouble{{Field: "received_on", Column: "Ngày tiếp nhận", Class: NotADate}, {Field: "commune", Column: "Xã, phường", Class: Empty}}},
		{Row: 9, Troubles: []Trouble{{Field: "received_on", Column: "Ngày tiếp nhận", Class: NotADate}, {Field: "commune", Column: "Xã, phường", Class: Empty}}},
	}
	if diff := cmp.Diff(want, untaken, cmp.AllowUnexported(Trouble{})); diff != "" {
		t.Error(diff)
	}
	if len(rows) != 3 || r.Blank() != 1 {
		t.Errorf("%d rows, %d blank", len(rows), r.Blank())
	}
}

func TestFilesThatAreNoRegisterAreRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		path, key string
		kind      fault.Kind
	}{
		"nothing there":        {filepath.Join(dir, "none.csv"), "intake_no_file", fault.NotFound},
		"a folder":             {dir, "intake_no_file", fault.Malformed},
		"empty":                {write("empty.csv", ""), "intake_no_header", fault.Malformed},
		"only a title":         {write("title.csv", "SỔ\n"), "intake_no_header", fault.Malformed},
		"a broken header":      {write("broken.csv", "SỔ\n\"STT;Ngày\n"), "intake_no_header", fault.Malformed},
		"an old workbook":      {write("old.xls", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and so on"), "intake_old_workbook", fault.MediaType},
		"half a workbook":      {write("half.xlsx", "PK\x03\x04 and so on"), "intake_bad_workbook", fault.Malformed},
		"another sheet":        {workbookOf(t, "Trang khác", notebookCells(t)), "intake_no_sheet", fault.Malformed},
		"another register":     {write("other.csv", "x\nfecha;provincia;edad\n2021-01-01;Salta;3\n"), "intake_other_file", fault.Malformed},
		"a file with no names": {write("bare.csv", csvOf(";", append([][]string{{"SỔ"}}, notebookRows...)...)), "intake_other_file", fault.Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Open(context.Background(), notebook(t), c.path, today)
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != c.kind || f.Key != c.key {
				t.Fatalf("refused as %v, not %s %s", err, c.kind, c.key)
			}
			if strings.Contains(err.Error(), "Thử Nghiệm") {
				t.Error("the refusal says a name")
			}
		})
	}
}

func TestMappingThatDoesNotFitIsRefusedWholeWithTheList(t *testing.T) {
	t.Parallel()
	header := func(change func(h []string) []string) string {
		return csvOf(";", []string{"SỔ"}, change(append([]string{}, notebookHeader...)))
	}
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"a column is missing":  {header(func(h []string) []string { h[6] = ""; return h }), []string{"intake_column_missing Giới tính"}},
		"a column is new":      {header(func(h []string) []string { return append(h, "Email", "Zalo") }), []string{"intake_column_unmapped Email", "intake_column_unmapped Zalo"}},
		"a column is doubled":  {header(func(h []string) []string { return append(h, "TUỔI") }), []string{"intake_column_doubled Tuổi", "intake_column_unmapped Tuổi", "intake_column_unmapped TUỔI"}},
		"synonyms are doubled": {header(func(h []string) []string { return append(h, "Ngày nhận") }), []string{"intake_column_doubled Ngày nhận", "intake_column_unmapped Ngày tiếp nhận", "intake_column_unmapped Ngày nhận"}},
		"a tick is missing":    {header(func(h []string) []string { h[9] = "Kinh tê mới"; return h }), []string{"intake_column_missing Kinh tế", "intake_column_unmapped Kinh tê mới"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := read(notebook(t), c.text)
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.Invalid {
				t.Fatalf("refused as %v", err)
			}
			var got []string
			for _, p := range f.Problems {
				got = append(got, fmt.Sprintf("%s %s", p.Key, p.Args["column"]))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHeadersForgiveCaseAccentsAndSpaces(t *testing.T) {
	t.Parallel()
	header := append([]string{}, notebookHeader...)
	header[1], header[3], header[5] = "  NGAY  TIEP NHAN ", "ho ten", "xa, phuong"
	rows, untaken, err := read(notebook(t), csvOf(";", []string{"SỔ"}, header, notebookRows[0]))
	if err != nil || len(rows) != 1 || len(untaken) != 0 {
		t.Fatalf("%d rows, %v, %v", len(rows), untaken, err)
	}
}

// change is the first row of the notebook with some cells written otherwise.
func change(cells map[string]string) []string {
	r := append([]string{}, notebookRows[0]...)
	for i, h := range notebookHeader {
		if v, ok := cells[h]; ok {
			r[i] = v
		}
	}
	return r
}

func TestCellsThatCannotBeTakenAreNamedByClass(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cells map[string]string
		want  []string
	}{
		{map[string]string{"Ngày tiếp nhận": ""}, []string{"received_on empty"}},
		{map[string]string{"Ngày tiếp nhận": "31/4/2024"}, []string{"received_on not_a_date"}},
		{map[string]string{"Ngày tiếp nhận": "29/2/2023"}, []string{"received_on not_a_date"}},
		{map[string]string{"Ngày tiếp nhận": "7/13/2024"}, []string{"received_on not_a_date"}},
		{map[string]string{"Ngày tiếp nhận": "05/07/24"}, []string{"received_on not_a_date"}},
		{map[string]string{"Ngày tiếp nhận": "mùng 5 tháng 7"}, []string{"received_on not_a_date"}},
		{map[string]string{"Ngày tiếp nhận": "45478"}, []string{"received_on not_a_date"}}, // the number of a day counts in a workbook only
		{map[string]string{"Ngày tiếp nhận": "0000-01-01", "Ngày xảy ra": ""}, []string{"received_on date_out_of_range"}},
		{map[string]string{"Ngày tiếp nhận": "0001-01-01", "Ngày xảy ra": ""}, []string{"received_on date_out_of_range"}},
		{map[string]string{"Ngày tiếp nhận": "31/12/2014", "Ngày xảy ra": ""}, []string{"received_on date_out_of_range"}},
		{map[string]string{"Ngày tiếp nhận": "25/11/2026"}, []string{"received_on date_out_of_range"}},
		{map[string]string{"Ngày xảy ra": "6/7/2024"}, []string{"occurred_on date_out_of_range"}},
		{map[string]string{"Tuổi": "-1"}, []string{"age number_out_of_range"}},
		{map[string]string{"Tuổi": "-0.5"}, []string{"age number_out_of_range"}},
		{map[string]string{"Tuổi": "121"}, []string{"age number_out_of_range"}},
		{map[string]string{"Tuổi": "999999999"}, []string{"age number_out_of_range"}},
		{map[string]string{"Tuổi": "99999999999999999999"}, []string{"age not_a_number"}},
		{map[string]string{"Tuổi": "1e2"}, []string{"age not_a_number"}},
		{map[string]string{"Tuổi": "NaN"}, []string{"age not_a_number"}},
		{map[string]string{"Tuổi": "0x1F"}, []string{"age not_a_number"}},
		{map[string]string{"Tuổi": "30 tuổi"}, []string{"age not_a_number"}},
		{map[string]string{"Tuổi": "٣١"}, []string{"age not_a_number"}},
		{map[string]string{"Giới tính": "gái"}, []string{"sex unknown_word"}},
		{map[string]string{"Hành vi": "đánh đập, giận"}, []string{"acts unknown_word"}},
		{map[string]string{"Kinh tế": "?"}, []string{"forms unknown_word"}},
		{map[string]string{"Có con nhỏ": "hai"}, []string{"extra unknown_word"}},
		{map[string]string{"Dân tộc": "Sao Hỏa"}, []string{"ethnicity unknown_word"}},
		{map[string]string{"Xã, phường": ""}, []string{"commune empty"}},
		{map[string]string{"Xã, phường": "Đăk Long"}, []string{"commune several_answers"}},
		{map[string]string{"Xã, phường": "Hà Nội"}, []string{"commune unknown_word"}},
		{map[string]string{"Xã, phường": "Hà Nội", "Tuổi": "x", "Ngày tiếp nhận": "y"}, []string{"received_on not_a_date", "age not_a_number"}},
		{map[string]string{"Điện thoại": "gọi hàng xóm"}, []string{"phone unfit"}},
		{map[string]string{"Họ tên": strings.Repeat("Ả", 201)}, []string{"name unfit"}},
		{map[string]string{"Họ tên": "Người\x00Thử"}, []string{" control_character"}},
		{map[string]string{"Họ tên": "Ng\xb0\xeci"}, []string{" bad_encoding"}},
		{map[string]string{"Họ tên": strings.Repeat("ả", maxCell)}, []string{" too_long"}},
	} {
		rows, untaken, err := read(notebook(t), notebookText(change(c.cells)))
		if err != nil || len(rows) > 0 || len(untaken) != 1 {
			t.Errorf("%v: %d rows, %d untaken, %v", c.cells, len(rows), len(untaken), err)
			continue
		}
		var got []string
		for _, trouble := range untaken[0].Troubles {
			got = append(got, trouble.Field+" "+string(trouble.Class))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v: %s", c.cells, diff)
		}
	}
}

func TestCellsThatLookOddAndAreRight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cells map[string]string
		check func(Row) bool
	}{
		{map[string]string{"Tuổi": "0"}, func(r Row) bool { return *r.Age == 0 }},
		{map[string]string{"Tuổi": "0,5"}, func(r Row) bool { return *r.Age == 0 }},
		{map[string]string{"Tuổi": "31.99"}, func(r Row) bool { return *r.Age == 31 }},
		{map[string]string{"Tuổi": "120.9"}, func(r Row) bool { return *r.Age == 120 }},
		{map[string]string{"Tuổi": " 7 "}, func(r Row) bool { return *r.Age == 7 }},
		{map[string]string{"Tuổi": ""}, func(r Row) bool { return r.Age == nil }},
		{map[string]string{"Ngày tiếp nhận": "29/02/2024", "Ngày xảy ra": ""}, func(r Row) bool { return r.ReceivedOn.Equal(day("2024-02-29")) }},
		{map[string]string{"Ngày tiếp nhận": "24/11/2026"}, func(r Row) bool { return r.ReceivedOn.Equal(today) }},
		{map[string]string{"Giới tính": " N\u01b0\u0303 "}, func(r Row) bool { return r.Sex == "F" }}, // decomposed, as some phones type
		{map[string]string{"Hành vi": "đánh đập,,  ĐÁNH  ĐẬP ,"}, func(r Row) bool { return cmp.Equal(r.Acts, []string{"A"}) }},
		{map[string]string{"Quan hệ": "chú rể cũ"}, func(r Row) bool { return r.Relationship == "UNKNOWN" }},
		{map[string]string{"Họ tên": "Y"}, func(r Row) bool { return r.Person.Name == "Y" }}, // a woman's name in several groups of the province
		{map[string]string{"Nội dung": "=HYPERLINK(\"x\")\nhai dòng"}, func(r Row) bool { return r.Narrative[0].Text == "=HYPERLINK(\"x\")\nhai dòng" }},
		{map[string]string{"Họ tên": "Ng\u01b0\u01a1\u0300i"}, func(r Row) bool { return r.Person.Name == "Người" }},
		{map[string]string{"Xã, phường": "23500"}, func(r Row) bool { return r.Commune == "23500" && r.Area == "615" }},
		{map[string]string{"Xã, phường": "TT. Đắk Hà"}, func(r Row) bool { return r.Commune == "23500" }},
		{map[string]string{"Xã, phường": "Quang Trung", "Ngày tiếp nhận": "1/7/2025"}, func(r Row) bool { return r.Commune == "23293" && r.Area == "608" }},
	} {
		rows, untaken, err := read(notebook(t), notebookText(change(c.cells)))
		if err != nil || len(rows) != 1 || !c.check(rows[0]) {
			t.Errorf("%v: %d rows, %+v, %v", c.cells, len(rows), untaken, err)
		}
	}
}

func TestOptionalColumnsMayBeThere(t *testing.T) {
	t.Parallel()
	header := append(append([]string{}, notebookHeader...), "CCCD", "Địa chỉ", "Năm sinh")
	for _, c := range []struct {
		year string
		want string
		band string
	}{{"1990", "", "A25_39"}, {"1909", "birth_year number_out_of_range", ""}, {"2025", "birth_year number_out_of_range", ""}, {"", "", "UNK"}} {
		cells := append(change(map[string]string{"Tuổi": ""}), "000000000001", "thôn Thử", c.year)
		rows, untaken, err := read(notebook(t), csvOf(";", []string{"SỔ"}, header, cells))
		if err != nil {
			t.Fatal(err)
		}
		if c.want != "" {
			if len(untaken) != 1 || untaken[0].Troubles[0].Field+" "+string(untaken[0].Troubles[0].Class) != c.want {
				t.Errorf("%s: %+v", c.year, untaken)
			}
			continue
		}
		if len(rows) != 1 || rows[0].Person.IDNumber != "000000000001" || rows[0].Person.Address != "thôn Thử" || rows[0].Fact("51").Age != c.band {
			t.Errorf("%s: %v %+v", c.year, rows, untaken)
		}
	}
}

func TestTextUnderAnUnnamedColumnIsReported(t *testing.T) {
	t.Parallel()
	header := append(append([]string{}, notebookHeader...), "")
	_, untaken, err := read(notebook(t), csvOf(";", []string{"SỔ"}, header, append(change(nil), ""), append(change(nil), "lạc chỗ")))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Untaken{{Row: 4, Line: 4, Troubles: []Trouble{{Class: UnnamedColumn}}}}, untaken, cmp.AllowUnexported(Trouble{})); diff != "" {
		t.Error(diff)
	}
}

func TestRegisterInAnOldFontIsRead(t *testing.T) {
	t.Parallel()
	m := parsed(t, `
name: tcvn
version: 1
scope: "51"
organisation: o
owner: u
file: {encoding: windows-1252, font: TCVN3}
fields:
  received_on: {header: Ngày, dates: [DD/MM/YYYY]}
  name: {header: Họ tên}
  commune: {header: Xã}
  relationship: {header: Quan hệ, words: {HUSBAND: [chồng]}}
`)
	// The bytes of a file typed in a .VnTime font.
	text := "Ng\xb5y,H\xe4 t\xaan,X\xb7,Quan h\xd6\n05/07/2024,Ng\xad\xeai Th\xf6 NghiÖm,\xa7\xa8k H\xb5,ch\xe5ng\n"
	text = strings.ReplaceAll(text, "Ö", "\xd6")
	rows, untaken, err := read(m, strings.ReplaceAll(text, "\xa7\xa8k H\xb5", "x\xb7 \xa7\xa8k H\xb5"))
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d rows, %+v, %v", len(rows), untaken, err)
	}
	if diff := cmp.Diff(Row{
		Number: 2, Line: 2, ReceivedOn: day("2024-07-05"), Area: "617", Commune: "23425", Relationship: "HUSBAND", Person: Person{Name: "Người Thử Nghiệm"},
	}, withoutKeys(rows)[0]); diff != "" {
		t.Error(diff)
	}
}

func TestSameRowIsKnownAgainHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	m := notebook(t)
	key := func(text string) Key {
		t.Helper()
		rows, untaken, err := read(m, text)
		if err != nil || len(rows) != 1 {
			t.Fatalf("%d rows, %+v, %v", len(rows), untaken, err)
		}
		return rows[0].Key
	}
	first := key(notebookText(notebookRows[0]))
	for name, text := range map[string]string{
		"other running number": notebookText(change(map[string]string{"STT": "99", "Người nhập": "khác"})),
		"other way of a day":   notebookText(change(map[string]string{"Ngày tiếp nhận": "2024-07-05"})),
		"decimals":             notebookText(change(map[string]string{"Tuổi": "31.0"})),
		"case and accents":     notebookText(change(map[string]string{"Giới tính": "NU", "Xã, phường": "Xã Đăk  Hà"})),
		"spaces in text":       notebookText(change(map[string]string{"Họ tên": "Người  Thử Nghiệm  Một "})),
	} {
		if got := key(text); got != first {
			t.Errorf("%s: another row", name)
		}
	}
	for name, text := range map[string]string{
		"other name":  notebookText(change(map[string]string{"Họ tên": "Người Thử Nghiệm Bốn"})),
		"other day":   notebookText(change(map[string]string{"Ngày tiếp nhận": "6/7/2024"})),
		"other age":   notebookText(change(map[string]string{"Tuổi": "32"})),
		"other words": notebookText(change(map[string]string{"Ghi chú": ""})),
	} {
		if got := key(text); got.Hash == first.Hash {
			t.Errorf("%s: the same row", name)
		}
	}
	renamed := parsed(t, strings.Replace(string(mustRead(t, "testdata/so-tiep-nhan.yaml")), "name: so-tiep-nhan", "name: so-khac", 1))
	if rows, _, _ := read(renamed, notebookText(notebookRows[0])); rows[0].Key == first {
		t.Error("the same row in another register")
	}
	extended := parsed(t, strings.Replace(string(mustRead(t, "testdata/so-tiep-nhan.yaml")), "{ticks: [{header: Kinh tế, code: ECONOMIC}]}",
		"{ticks: [{header: Tình dục, code: SEXUAL, optional: true}, {header: Kinh tế, code: ECONOMIC}]}", 1))
	if rows, _, _ := read(extended, notebookText(notebookRows[0])); rows[0].Key != first {
		t.Error("another row in a mapping that knows more columns")
	}
	swapped := func(order string) Key {
		m := parsed(t, small+"  forms: {ticks: ["+order+"]}\n")
		rows, _, _ := read(m, "Ngày,Giới,P,S\n5/7/2024,Nữ,x,-\n")
		return rows[0].Key
	}
	if p, s := "{header: P, code: PHYSICAL}", "{header: S, code: SEXUAL}"; swapped(p+","+s) != swapped(s+","+p) {
		t.Error("another row where the mapping lists its columns in another order")
	}
	revised := parsed(t, strings.Replace(string(mustRead(t, "testdata/so-tiep-nhan.yaml")), "version: 2", "version: 3", 1))
	if rows, _, _ := read(revised, notebookText(notebookRows[0])); rows[0].Key != first {
		t.Error("another row in a revised mapping")
	}
}

func mustRead(t testing.TB, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestRowsThatReadTheSameRemainSeveral(t *testing.T) {
	t.Parallel()
	one, two := notebookRows[0], notebookRows[1]
	rows, _, err := read(notebook(t), notebookText(one, two, one, change(map[string]string{"Tuổi": "x"}), one))
	if err != nil {
		t.Fatal(err)
	}
	var nth []int
	keys := map[Key]bool{}
	for _, r := range rows {
		nth = append(nth, r.Key.Nth)
		keys[r.Key] = true
	}
	if diff := cmp.Diff([]int{1, 1, 2, 3}, nth); diff != "" || len(keys) != 4 {
		t.Errorf("%d keys: %s", len(keys), diff)
	}
}

func TestIdentityNarrowsWhatMakesARow(t *testing.T) {
	t.Parallel()
	m := parsed(t, string(mustRead(t, "testdata/so-tiep-nhan.yaml"))+"identity: [received_on, name]\n")
	rows, _, err := read(m, notebookText(notebookRows[0], change(map[string]string{"Tuổi": "50"}), change(map[string]string{"Họ tên": "Y"})))
	if err != nil {
		t.Fatal(err)
	}
	if rows[0].Key.Hash != rows[1].Key.Hash || rows[1].Key.Nth != 2 || rows[0].Key.Hash == rows[2].Key.Hash {
		t.Error("identity does not decide")
	}
}

// The order of columns is the clerk's: it changes neither a row nor its key.
func TestColumnOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	m := notebook(t)
	want, _, err := read(m, notebookText(notebookRows...))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		order := make([]int, len(notebookHeader))
		for i := range order {
			order[i] = i
		}
		order = rapid.Permutation(order).Draw(t, "order")
		shuffle := func(r []string) []string {
			s := make([]string, len(r))
			for i, from := range order {
				s[i] = r[from]
			}
			return s
		}
		grid := [][]string{{"SỔ"}, shuffle(notebookHeader)}
		for _, r := range notebookRows {
			grid = append(grid, shuffle(r))
		}
		got, _, err := read(m, csvOf(";", grid...))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Whatever stands in a personal cell, neither the report nor any error nor any print of a row says it.
func TestNothingPersonalLeavesTheReader(t *testing.T) {
	t.Parallel()
	m := notebook(t)
	personal := []string{"Ngày tiếp nhận", "Ngày xảy ra", "Họ tên", "Điện thoại", "Xã, phường", "Tuổi", "Hành vi", "Dân tộc", "Người báo", "Nội dung", "Ghi chú", "Giới tính người gây bạo lực"}
	rapid.Check(t, func(t *rapid.T) {
		cells := map[string]string{}
		for _, h := range personal {
			if rapid.Bool().Draw(t, "touch") {
				cells[h] = "BÍMẬT" + rapid.StringMatching(`[a-z0-9;"]{0,8}`).Draw(t, h)
			}
		}
		text := notebookText(change(cells), notebookRows[1])
		r, err := newReader(m, readText(strings.NewReader(text), 0, m.File), today)
		if err != nil {
			t.Fatal(err)
		}
		report, err := DryRun(context.Background(), r, "so.csv", nil)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		for _, l := range i18n.Languages {
			if err := report.Text(&out, l); err != nil {
				t.Fatal(err)
			}
		}
		if err := report.JSON(&out); err != nil {
			t.Fatal(err)
		}
		rows, untaken, err := read(m, text)
		if err != nil {
			t.Fatal(err)
		}
		logger := slog.New(slog.NewTextHandler(&out, nil))
		for _, row := range rows {
			fmt.Fprintf(&out, "%v %+v %#v %s %q %x", row, row, row, row, row.Person, row.Person)
			logger.Info("row", "row", row, "person", row.Person)
		}
		fmt.Fprintf(&out, "%+v", untaken)
		if strings.Contains(out.String(), "BÍMẬT") || strings.Contains(out.String(), "Thử Nghiệm") || strings.Contains(out.String(), "0900000001") {
			t.Fatalf("it says %s", out.String())
		}
	})
}

func TestFactCountsAPersonByCodesAlone(t *testing.T) {
	t.Parallel()
	rows, _, err := read(notebook(t), notebookText(notebookRows...))
	if err != nil {
		t.Fatal(err)
	}
	var got []Fact
	for _, r := range rows {
		got = append(got, r.Fact("51"))
	}
	want := []Fact{
		{Scope: "51", ReceivedOn: day("2024-07-05"), Area: "617", Commune: "23425", Form: "PHYSICAL", Forms: []string{"PHYSICAL", "ECONOMIC", "PSYCHOLOGICAL"},
			Sex: "F", Age: "A25_39", Relation: "SPOUSE", SexPerp: "M", Ethnic: "XO_DANG"},
		{Scope: "51", ReceivedOn: day("2026-03-01"), Area: "611", Commune: "23377", Form: "ECONOMIC", Forms: []string{"ECONOMIC"}, Sex: "UNK", Age: "A40_59",
			Relation: "UNKNOWN", SexPerp: "UNK", Ethnic: "UNK"},
		{Scope: "51", ReceivedOn: day("2024-02-01"), Area: "615", Commune: "23504", Form: "UNK", Sex: "M", Age: "UNK", Relation: "PARENT", SexPerp: "M", Ethnic: "DTTS_KHAC"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, f := range got {
		for list, code := range map[codelist.Name]string{
			codelist.ViolenceForm: f.Form, codelist.Sex: f.Sex, codelist.AgeBands: f.Age, codelist.RelationshipGroups: f.Relation, codelist.EthnicityReportGroup: f.Ethnic,
		} {
			if !codelist.MustGet(list).Has(code) {
				t.Errorf("%s has no %s", list, code)
			}
		}
	}
	if diff := cmp.Diff(Fact{Scope: "x", Area: "UNK", Commune: "UNK", Form: "UNK", Sex: "UNK", Age: "UNK", Relation: "UNKNOWN", SexPerp: "UNK", Ethnic: "UNK"}, Row{}.Fact("x")); diff != "" {
		t.Error(diff)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(notebookText(notebookRows...))
	f.Add(notebookText(change(map[string]string{"Tuổi": "1e9", "Ngày tiếp nhận": "99999"})))
	f.Add(strings.ReplaceAll(notebookText(notebookRows...), ";", ";\""))
	m := notebook(f)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := newReader(m, readText(strings.NewReader(text), 0, m.File), today)
		if err != nil {
			return
		}
		report, err := DryRun(context.Background(), r, "x", nil)
		if err != nil {
			t.Fatal(err)
		}
		if report.ExitCode(false) != 0 || report.Rows.Read != r.rows {
			t.Fatalf("rows do not add up: %+v", report.Rows)
		}
	})
}
