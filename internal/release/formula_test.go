package release

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"

	"binhan/internal/codelist"
	"binhan/internal/fault"
)

// TestNoCellOfATableIsAFormula: a workbook writes whatever stands in a table as text, and nothing that can stand there begins as a formula does, so that the
// tables as CSV hold none either (the database refuses other codes: simulate_test, "a formula").
func TestNoCellOfATableIsAFormula(t *testing.T) {
	t.Parallel()
	view := TableView{TableID: "area", Dims: []string{"area"}}
	texts := []string{"=1+1", "+1", "-1", "@SUM(1)", "=cmd|' /C calc'!A0", `=HYPERLINK("https://evil.example")`, "1e3", "TRUE"}
	for _, x := range texts {
		view.Cells = append(view.Cells, CellView{Dims: "area=" + x, Upper: 9})
	}
	r := Release{Scope: "62", Period: Period{"2022-01-01", "2022-12-31"}}
	d, err := Papers{}.Document(DraftBook(r, Checked{Tables: []TableView{view}, Manifest: Manifest{Definition: "1", SHA256: "0", Method: Method{Plan: "1"}}}), "area")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := d.XLSX()
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	found := map[string]int{}
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			for k, v := range rows[i] {
				at, _ := excelize.CoordinatesToCellName(k+1, i+1)
				if formula, err := f.GetCellFormula(sheet, at); err != nil || formula != "" {
					t.Errorf("%s %s holds the formula %q %v", sheet, at, formula, err)
				}
				if kind, err := f.GetCellType(sheet, at); err == nil && (kind == excelize.CellTypeSharedString || kind == excelize.CellTypeInlineString) {
					found[v]++
				}
			}
		}
	}
	for _, x := range texts {
		if found[x] != 2 { // in the table and in the sheet for pivots
			t.Errorf("%q stands %d times as text", x, found[x])
		}
	}
	view.Cells[0].Dims = "area=\t=1"
	if d, err = (Papers{}).Document(DraftBook(r, Checked{Tables: []TableView{view}, Manifest: Manifest{Definition: "1", SHA256: "0", Method: Method{Plan: "1"}}}), "area"); err == nil {
		_, err = d.XLSX()
	}
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("a tab was written: %v", err)
	}
	n := 0
	for _, name := range codelist.Names() {
		for _, code := range codelist.Get(name).Codes() {
			n++
			if code == "" || bytes.ContainsAny([]byte(code[:1]), "=+-@\t\r\"';") {
				t.Errorf("%s: the code %q begins as a formula does", name, code)
			}
		}
	}
	if n < 200 {
		t.Errorf("only %d codes", n)
	}
}
