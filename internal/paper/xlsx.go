package paper

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

const (
	sheetNotes = "Ghi chú"
	sheetLong  = "Dữ liệu"
)

// XLSX writes the tables of the document as a workbook for people who go on counting: a sheet a table with real numbers, "Dữ liệu" with one number a row
// for pivot tables, "Ghi chú" with what the figures mean. A cell of text is text whatever it begins with; there is no formula, no macro, no link. The
// interval of an estimated number stands in two columns beside it.
func (d Document) XLSX() ([]byte, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	w := &book{f: excelize.NewFile(), d: d, styles: map[look]int{}}
	defer w.f.Close()
	for _, t := range d.tables() {
		w.sheet(t)
	}
	if data := d.data(); len(data.Rows) > 0 {
		w.long(data)
	}
	w.notes()
	if w.err == nil {
		w.err = w.f.DeleteSheet("Sheet1")
	}
	if w.err != nil {
		return nil, w.err
	}
	w.f.SetActiveSheet(0)
	made := d.made().Format("2006-01-02T15:04:05Z")
	if err := w.f.SetDocProps(&excelize.DocProperties{Title: d.heading(), Creator: d.Issuer, LastModifiedBy: d.Issuer, Created: made, Modified: made, Language: language}); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := w.f.Write(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// look is how a cell looks.
type look struct {
	number   bool
	decimals int
	bold     bool
	italic   bool
	center   bool
	border   bool
	wrap     bool
}

// book writes until something fails.
type book struct {
	f      *excelize.File
	d      Document
	styles map[look]int
	err    error
}

func (w *book) try(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *book) style(l look) int {
	if id, ok := w.styles[l]; ok {
		return id
	}
	s := excelize.Style{Font: &excelize.Font{Family: fontName, Size: 12, Bold: l.bold, Italic: l.italic}, Alignment: &excelize.Alignment{Vertical: "center", WrapText: l.wrap}}
	if l.number {
		s.Alignment.Horizontal = "right"
		if l.decimals == 0 {
			s.NumFmt = 3 // #,##0 in the marks of whoever opens it
		} else {
			format := "#,##0." + strings.Repeat("0", l.decimals)
			s.CustomNumFmt = &format
		}
	} else {
		s.NumFmt = 49 // text, also after somebody has edited it
	}
	if l.center {
		s.Alignment.Horizontal = "center"
	}
	if l.border {
		for _, side := range []string{"left", "top", "right", "bottom"} {
			s.Border = append(s.Border, excelize.Border{Type: side, Color: "000000", Style: 1})
		}
	}
	id, err := w.f.NewStyle(&s)
	w.try(err)
	w.styles[l] = id
	return id
}

func place(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		return "A1" // both are counted here and never outside
	}
	return name
}

func (w *book) text(sheet string, column, row int, text string, l look) {
	at := place(column, row)
	w.try(w.f.SetCellStyle(sheet, at, at, w.style(l)))
	if text != "" {
		w.try(w.f.SetCellStr(sheet, at, text))
	}
}

func (w *book) number(sheet string, column, row int, n Number, l look) {
	l.number, l.decimals = true, n.Decimals
	at := place(column, row)
	w.try(w.f.SetCellStyle(sheet, at, at, w.style(l)))
	if n.Decimals == 0 {
		w.try(w.f.SetCellInt(sheet, at, n.Value))
		return
	}
	w.try(w.f.SetCellFloat(sheet, at, n.Float(), n.Decimals, 64))
}

func (w *book) merge(sheet string, c1, r1, c2, r2 int) {
	if c1 != c2 || r1 != r2 {
		w.try(w.f.MergeCell(sheet, place(c1, r1), place(c2, r2)))
	}
}

// wide is a table in which each column with intervals has become three.
func wide(t Table) Table {
	out := t
	out.Columns, out.Rows = nil, make([]Row, len(t.Rows))
	for i := range t.Rows {
		out.Rows[i].Strong = t.Rows[i].Strong
	}
	for i, c := range t.Columns {
		ranged := slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Cells[i].Range != nil })
		if ranged {
			head := func(last string) []string { return append(slices.Clone(c.Head), last) }
			out.Columns = append(out.Columns, Column{head("Số công bố"), c.Numeric, c.Weight}, Column{head("Từ"), true, max(1, c.Weight/2)}, Column{head("Đến"), true, max(1, c.Weight/2)})
		} else {
			out.Columns = append(out.Columns, c)
		}
		for k, r := range t.Rows {
			cell := r.Cells[i]
			out.Rows[k].Cells = append(out.Rows[k].Cells, Cell{Text: cell.Text, Number: cell.Number})
			if ranged && cell.Range != nil {
				out.Rows[k].Cells = append(out.Rows[k].Cells, Count(cell.Range.Lower), Count(cell.Range.Upper))
			} else if ranged {
				out.Rows[k].Cells = append(out.Rows[k].Cells, Cell{}, Cell{})
			}
		}
	}
	return out
}

func (w *book) sheet(plain Table) {
	t := wide(plain)
	_, err := w.f.NewSheet(t.ID)
	w.try(err)
	columns, row := len(t.Columns), 1
	for _, line := range []struct {
		text string
		l    look
	}{{t.Title, look{bold: true, wrap: true}}, {t.Unit, look{italic: true}}, {w.d.Notice, look{italic: true, bold: true}}} {
		if line.text != "" {
			w.text(t.ID, 1, row, line.text, line.l)
			w.merge(t.ID, 1, row, columns, row)
			if len(line.text) > 70 && line.l.wrap {
				w.try(w.f.SetRowHeight(t.ID, row, 34)) // a merged cell does not grow by itself
			}
			row++
		}
	}
	cells, levels := t.heads()
	headRow := row
	l := look{bold: true, center: true, border: true, wrap: true}
	for level := range levels {
		for column := range columns {
			w.text(t.ID, column+1, headRow+level, "", l)
		}
	}
	for _, c := range cells {
		w.text(t.ID, c.column+1, headRow+c.row, c.text, l)
		w.merge(t.ID, c.column+1, headRow+c.row, c.column+c.columns, headRow+c.row+c.rows-1)
	}
	row += levels
	for _, r := range t.Rows {
		for i, c := range r.Cells {
			l := look{bold: r.Strong, border: true, wrap: !t.Columns[i].Numeric}
			if c.Number != nil {
				w.number(t.ID, i+1, row, *c.Number, l)
			} else {
				l.center = t.Columns[i].Numeric && c.Text != ""
				w.text(t.ID, i+1, row, c.Text, l)
			}
		}
		row++
	}
	for _, n := range t.Notes {
		w.text(t.ID, 1, row, n, look{italic: true})
		row++
	}
	for i, c := range t.Columns {
		name, err := excelize.ColumnNumberToName(i + 1)
		w.try(err)
		width := 12.0
		if !c.Numeric {
			width = min(60, max(8, 5*float64(max(1, c.Weight))))
		}
		w.try(w.f.SetColWidth(t.ID, name, name, width))
	}
	last := headRow + levels - 1
	w.try(w.f.SetPanes(t.ID, &excelize.Panes{Freeze: true, YSplit: last, TopLeftCell: place(1, last+1), ActivePane: "bottomLeft"}))
	w.printed(t.ID, headRow, last, columns > 6)
}

// printed sets the page: A4, as wide as one page, the head on each.
func (w *book) printed(sheet string, from, to int, across bool) {
	paper, high, wide, orientation := 9, 0, 1, "portrait"
	if across {
		orientation = "landscape"
	}
	w.try(w.f.SetPageLayout(sheet, &excelize.PageLayoutOptions{Size: &paper, Orientation: &orientation, FitToHeight: &high, FitToWidth: &wide}))
	yes := true
	w.try(w.f.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &yes}))
	left, right, top, bottom := marginLeft/25.4, marginRight/25.4, marginTop/25.4, marginBottom/25.4
	w.try(w.f.SetPageMargins(sheet, &excelize.PageLayoutMarginsOptions{Left: &left, Right: &right, Top: &top, Bottom: &bottom}))
	w.try(w.f.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{DifferentFirst: true, OddHeader: `&C&"` + fontName + `"&13&P`}))
	w.try(w.f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: "'" + sheet + "'!$" + strconv.Itoa(from) + ":$" + strconv.Itoa(to), Scope: sheet}))
}

// data is the table for pivots: the document's own, or one row a number of its tables.
func (d Document) data() Table {
	if d.Data != nil {
		return *d.Data
	}
	out := Table{Columns: []Column{{Head: []string{"Bảng"}, Weight: 3}, {Head: []string{"Dòng"}, Weight: 6}, {Head: []string{"Loại dòng"}, Weight: 2}, {Head: []string{"Cột"}, Weight: 4}, {Head: []string{"Đơn vị tính"}, Weight: 3},
		{Head: []string{"Giá trị"}, Numeric: true}, {Head: []string{"Từ"}, Numeric: true}, {Head: []string{"Đến"}, Numeric: true}, {Head: []string{"Ký hiệu"}, Weight: 3}}}
	for _, t := range d.tables() {
		label, unit := -1, -1
		for i, c := range t.Columns {
			if c.Numeric {
				continue
			}
			if strings.EqualFold(c.Head[len(c.Head)-1], "Đơn vị tính") {
				unit = i
			} else if label < 0 || c.Weight > t.Columns[label].Weight {
				label = i
			}
		}
		for _, r := range t.Rows {
			for i, c := range r.Cells {
				if !t.Columns[i].Numeric || c.Text == "" {
					continue
				}
				kind, of, measure := "chi tiết", "", strings.TrimPrefix(t.Unit, "Đơn vị tính: ")
				if r.Strong {
					kind = "tổng, nhóm"
				}
				if label >= 0 {
					of = r.Cells[label].Text
				}
				if unit >= 0 {
					measure = r.Cells[unit].Text
				}
				row := []Cell{Words(t.ID), Words(of), Words(kind), Words(strings.Join(t.Columns[i].Head, " / ")), Words(measure), {Text: "", Number: nil}, {}, {}, {}}
				if c.Number != nil {
					row[5] = Cell{Text: c.Text, Number: c.Number}
				} else {
					row[8] = Words(c.Text)
				}
				if c.Range != nil {
					row[6], row[7] = Count(c.Range.Lower), Count(c.Range.Upper)
				}
				out.Rows = append(out.Rows, Row{Cells: row})
			}
		}
	}
	return out
}

func (w *book) long(t Table) {
	_, err := w.f.NewSheet(sheetLong)
	w.try(err)
	for i, c := range t.Columns {
		w.text(sheetLong, i+1, 1, c.Head[0], look{bold: true})
		name, err := excelize.ColumnNumberToName(i + 1)
		w.try(err)
		w.try(w.f.SetColWidth(sheetLong, name, name, min(60, 6+5*float64(max(1, c.Weight)))))
	}
	for k, r := range t.Rows {
		for i, c := range r.Cells {
			if c.Number != nil {
				w.number(sheetLong, i+1, k+2, *c.Number, look{})
			} else if c.Text != "" {
				w.text(sheetLong, i+1, k+2, c.Text, look{})
			}
		}
	}
	w.try(w.f.AutoFilter(sheetLong, "A1:"+place(len(t.Columns), len(t.Rows)+1), nil))
	w.try(w.f.SetPanes(sheetLong, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	w.printed(sheetLong, 1, 1, true)
}

func (w *book) notes() {
	_, err := w.f.NewSheet(sheetNotes)
	w.try(err)
	lines := []string{w.d.heading(), w.d.Issuer}
	if w.d.Notice != "" {
		lines = append(lines, w.d.Notice)
	}
	lines = append(lines, w.d.Notes...)
	lines = append(lines, "Trang “"+sheetLong+"”: mỗi dòng một số, để lập bảng tổng hợp (PivotTable). Cột “Từ”, “Đến” là khoảng tin cậy; ô trống là không có số.")
	for i, text := range lines {
		w.text(sheetNotes, 1, i+1, text, look{bold: i == 0, wrap: true})
		w.try(w.f.SetRowHeight(sheetNotes, i+1, 17*float64(1+len([]rune(text))/95)))
	}
	w.try(w.f.SetColWidth(sheetNotes, "A", "A", 100))
	w.printed(sheetNotes, 1, 1, false)
}
