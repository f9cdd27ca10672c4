package release

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"

	"binhan/internal/codelist"
)

// TestNoCellOfATableIsAFormula: a workbook writes whatever stands in a table as text, and nothing that can stand there begins as a formula does, so that the
// tables as CSV hold none either (the database refuses other codes: simulate_test, "a formula").
func TestNoCellOfATableIsAFormula(t *testing.T) {
	t.Parallel()
	var view TableView
	view.TableID, view.Dims = "area", []string{"area"}
	texts := []string{"=1+1", "+1", "-1", "@SUM(1)", "=cmd|' /C calc'!A0", "\t=1", `=HYPERLINK("https://evil.example")`, "1e3", "TRUE"}
	for _, x := range texts {
		c := CellView{}
		c.Dims = "area=" + x
		view.Cells = append(view.Cells, c)
	}
	raw, err := workbook([]TableView{view})
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for i, x := range texts {
		at, _ := excelize.CoordinatesToCellName(1, i+2)
		formula, err1 := f.GetCellFormula("area", at)
		value, err2 := f.GetCellValue("area", at)
		kind, err3 := f.GetCellType("area", at)
		if err1 != nil || err2 != nil || err3 != nil || formula != "" || value != x || kind != excelize.CellTypeSharedString && kind != excelize.CellTypeInlineString {
			t.Errorf("%q: formula %q, value %q, type %v, %v %v %v", x, formula, value, kind, err1, err2, err3)
		}
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
