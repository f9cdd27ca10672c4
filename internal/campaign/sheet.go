package campaign

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/unicode/norm"

	"binhan/internal/access"
	"binhan/internal/codelist"
	"binhan/internal/fault"
)

// A unit may fill its report in a workbook that the system gives it, and bring it back. The workbook carries a hidden key: the year, the unit, and beside
// each row the code of what it counts. What comes back is either taken whole or not at all: every cell that cannot be taken is named ("Bảng 1!D14") with the
// reason, so that it can be mended where it stands. Formulas are refused because their stored results may be old; merged cells because nobody can say
// whose number they hold; text where a number belongs because 1.200 is one thing in Hà Nội and another in a spreadsheet.

// SheetType is the media type of a workbook.
const SheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// MostSheet is the largest workbook that is taken, in bytes; unpackedSheet the largest it may be unpacked.
const (
	MostSheet     = 2 << 20
	unpackedSheet = 24 << 20
)

const (
	sheetGuide  = "Hướng dẫn"
	sheetCounts = "Bảng 1"
	sheetMoney  = "Bảng 2"
	sheetEvents = "Bảng 3"
	sheetTexts  = "Nội dung"
	sheetKey    = "_khoa"
	keyMark     = "binhan-campaign-1"
	headRow     = 4  // the row of heads; what is filled begins below
	eventRows   = 60 // rows for events
)

// table is a sheet of the workbook: its heads and which columns are numbers.
type table struct {
	sheet, title string
	heads        []string
	widths       []float64
}

func (of Campaign) countsTable() table {
	t := table{sheet: sheetCounts, title: "Bảng 1. Số liệu hoạt động", heads: []string{"STT", "Nội dung", "Đơn vị tính", "Tổng số"}, widths: []float64{6, 46, 12, 11}}
	for _, l := range Levels(of.Year) {
		t.heads = append(t.heads, codelist.MustGet(codelist.CampaignLevel).Label(string(l), "vi"))
		t.widths = append(t.widths, 11)
	}
	t.heads = append(t.heads, "Lượt người tham gia", "Trong đó nữ", "Ghi chú", "Mã")
	t.widths = append(t.widths, 14, 12, 28, 8)
	return t
}

var moneyTable = table{sheetMoney, "Bảng 2. Kinh phí thực hiện (triệu đồng, một chữ số thập phân)", []string{"STT", "Nguồn kinh phí", "Số tiền", "Ghi chú", "Mã"}, []float64{6, 46, 16, 30, 8}}

var eventsTable = table{sheetEvents, "Bảng 3. Các cuộc có ngày, nơi tổ chức", []string{"STT", "Ngày", "Hoạt động", "Cấp", "Nơi tổ chức", "Lượt người tham gia", "Trong đó nữ"}, []float64{6, 14, 46, 14, 34, 14, 12}}

var textsTable = table{sheetTexts, "Nội dung báo cáo", []string{"Mục", "Tiêu đề", "Nội dung"}, []float64{8, 44, 90}}

func cellName(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		return "?"
	}
	return name
}

// Sheet gives the workbook of a unit's report, filled with what is there.
func (s *Service) Sheet(ctx context.Context, who access.Actor, year int, unit string) ([]byte, Activities, error) {
	a, of, err := s.both(ctx, who, year, unit)
	if err != nil {
		return nil, a, err
	}
	raw, err := writeSheet(of, a)
	return raw, a, err
}

func (s *Service) both(ctx context.Context, who access.Actor, year int, unit string) (Activities, Campaign, error) {
	a, err := s.Activities(ctx, who, year, unit)
	if err != nil {
		return a, Campaign{}, err
	}
	of, err := s.Read(ctx, who, year)
	return a, of, err
}

// book writes a workbook and keeps the first error.
type book struct {
	f   *excelize.File
	err error
}

func (b *book) do(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *book) set(sheet string, column, row int, v any) {
	switch x := v.(type) {
	case string:
		if x != "" {
			b.do(b.f.SetCellStr(sheet, cellName(column, row), x)) // as text, so that it is never a formula
		}
	case *int64:
		if x != nil {
			b.do(b.f.SetCellInt(sheet, cellName(column, row), *x))
		}
	case int64:
		b.do(b.f.SetCellInt(sheet, cellName(column, row), x))
	case float64:
		b.do(b.f.SetCellFloat(sheet, cellName(column, row), x, 1, 64))
	}
}

func writeSheet(of Campaign, a Activities) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	b := &book{f: f}
	b.do(f.SetSheetName("Sheet1", sheetGuide))
	head, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center", Horizontal: "center"}, Border: thin, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"#E8EEF0"}}})
	b.do(err)
	text, err := f.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}, Border: thin})
	b.do(err)
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Size: 13}})
	b.do(err)
	thousands, money, days := "#,##0", "#,##0.0", "dd/mm/yyyy"
	number, err := f.NewStyle(&excelize.Style{CustomNumFmt: &thousands, Border: thin})
	b.do(err)
	decimal, err := f.NewStyle(&excelize.Style{CustomNumFmt: &money, Border: thin})
	b.do(err)
	day, err := f.NewStyle(&excelize.Style{CustomNumFmt: &days, Border: thin})
	b.do(err)

	guide := []string{
		of.Title, "Đơn vị: " + a.Unit.Name, "Thời gian: từ " + vietnameseDay(of.StartsOn) + " đến " + vietnameseDay(of.EndsOn) + "; nộp trước ngày " + vietnameseDay(of.UnitsDueOn) + ".", "",
		"Chỉ điền vào ô số, ô ngày và ô ghi chú. Không gộp ô, không dùng công thức, không thêm hoặc bớt dòng.",
		"Bảng 1: ghi số theo cấp. “Tổng số” để trống thì hệ thống tự cộng; nếu ghi thì phải bằng tổng các cấp.",
		"Bảng 2: triệu đồng, một chữ số thập phân (ví dụ 12,5).",
		"Bảng 3: ngày của từng cuộc, nằm trong thời gian của Tháng hành động.",
		"Nội dung: viết theo đề cương. Không ghi tên, chuyện riêng hay vụ việc của bất kỳ ai.",
		"Tệp này chỉ dùng cho đơn vị và năm ghi ở trên.",
	}
	for i, line := range guide {
		b.set(sheetGuide, 1, i+1, line)
	}
	b.do(f.SetCellStyle(sheetGuide, "A1", "A2", bold))
	b.do(f.SetColWidth(sheetGuide, "A", "A", 110))

	begin := func(t table) {
		_, err := f.NewSheet(t.sheet)
		b.do(err)
		b.set(t.sheet, 1, 1, t.title)
		b.set(t.sheet, 1, 2, a.Unit.Name+", năm "+strconv.Itoa(of.Year))
		b.do(f.SetCellStyle(t.sheet, "A1", "A1", bold))
		for i, h := range t.heads {
			b.set(t.sheet, i+1, headRow, h)
			column, err := excelize.ColumnNumberToName(i + 1)
			b.do(err)
			b.do(f.SetColWidth(t.sheet, column, column, t.widths[i]))
			if h == "Mã" {
				b.do(f.SetColVisible(t.sheet, column, false))
			}
		}
		b.do(f.SetCellStyle(t.sheet, cellName(1, headRow), cellName(len(t.heads), headRow), head))
		b.do(f.SetPanes(t.sheet, &excelize.Panes{Freeze: true, YSplit: headRow, TopLeftCell: cellName(1, headRow+1), ActivePane: "bottomLeft"}))
	}
	counts := of.countsTable()
	begin(counts)
	levels := Levels(of.Year)
	people := 5 + len(levels)
	rows := map[string]Count{}
	for _, x := range a.Indicators {
		rows[x.Code] = x
	}
	for i, k := range of.Indicators {
		row, x := headRow+1+i, rows[k.Code]
		b.set(sheetCounts, 1, row, int64(i+1))
		b.set(sheetCounts, 2, row, k.Label)
		b.set(sheetCounts, 3, row, k.Unit)
		for j, l := range levels {
			b.set(sheetCounts, 5+j, row, x.Quantity.At(l))
		}
		b.set(sheetCounts, people, row, x.Participants)
		b.set(sheetCounts, people+1, row, x.Women)
		b.set(sheetCounts, people+2, row, x.Note)
		b.set(sheetCounts, people+3, row, k.Code)
	}
	end := headRow + len(of.Indicators)
	b.do(f.SetCellStyle(sheetCounts, cellName(1, headRow+1), cellName(3, end), text))
	b.do(f.SetCellStyle(sheetCounts, cellName(4, headRow+1), cellName(people+1, end), number))
	b.do(f.SetCellStyle(sheetCounts, cellName(people+2, headRow+1), cellName(people+2, end), text))

	begin(moneyTable)
	sources := codelist.MustGet(codelist.BudgetSource)
	for i, code := range sources.Codes() {
		row := headRow + 1 + i
		b.set(sheetMoney, 1, row, int64(i+1))
		b.set(sheetMoney, 2, row, sources.Label(code, "vi"))
		for _, m := range a.Budget {
			if m.Source == code {
				b.set(sheetMoney, 3, row, float64(m.ThousandDong)/1000)
				b.set(sheetMoney, 4, row, m.Note)
			}
		}
		b.set(sheetMoney, 5, row, code)
	}
	total := headRow + 1 + len(sources.Codes())
	b.set(sheetMoney, 2, total, "Tổng cộng")
	b.do(f.SetCellStyle(sheetMoney, cellName(1, headRow+1), cellName(2, total), text))
	b.do(f.SetCellStyle(sheetMoney, cellName(3, headRow+1), cellName(3, total), decimal))
	b.do(f.SetCellStyle(sheetMoney, cellName(4, headRow+1), cellName(4, total), text))

	begin(eventsTable)
	for i := range eventRows {
		row := headRow + 1 + i
		b.set(sheetEvents, 1, row, int64(i+1))
		if i >= len(a.Events) {
			continue
		}
		e := a.Events[i]
		if d, err := time.Parse(time.DateOnly, e.On); err == nil {
			b.do(f.SetCellValue(sheetEvents, cellName(2, row), d))
		}
		k, _ := of.indicator(e.Code)
		b.set(sheetEvents, 3, row, k.Label)
		b.set(sheetEvents, 4, row, levelName(e.Level))
		b.set(sheetEvents, 5, row, e.Place)
		b.set(sheetEvents, 6, row, e.Participants)
		b.set(sheetEvents, 7, row, e.Women)
	}
	b.do(f.SetCellStyle(sheetEvents, cellName(1, headRow+1), cellName(7, headRow+eventRows), text))
	b.do(f.SetCellStyle(sheetEvents, cellName(2, headRow+1), cellName(2, headRow+eventRows), day))
	b.do(f.SetCellStyle(sheetEvents, cellName(6, headRow+1), cellName(7, headRow+eventRows), number))
	var names []string
	for _, l := range a.Unit.levels(of.Year) {
		names = append(names, levelName(l))
	}
	choice := excelize.NewDataValidation(true)
	choice.Sqref = cellName(4, headRow+1) + ":" + cellName(4, headRow+eventRows)
	b.do(choice.SetDropList(names))
	b.do(f.AddDataValidation(sheetEvents, choice))
	which := excelize.NewDataValidation(true)
	which.Sqref = cellName(3, headRow+1) + ":" + cellName(3, headRow+eventRows)
	which.SetSqrefDropList("'" + sheetCounts + "'!$B$" + strconv.Itoa(headRow+1) + ":$B$" + strconv.Itoa(end))
	b.do(f.AddDataValidation(sheetEvents, which))

	begin(textsTable)
	row := headRow + 1
	for _, h := range of.Outline {
		if !h.Unit {
			continue
		}
		b.set(sheetTexts, 1, row, h.Code)
		b.set(sheetTexts, 2, row, h.Title)
		for _, x := range a.Sections {
			if x.Code == h.Code {
				b.set(sheetTexts, 3, row, x.Text)
			}
		}
		row++
	}
	b.do(f.SetCellStyle(sheetTexts, cellName(1, headRow+1), cellName(3, row-1), text))

	_, err = f.NewSheet(sheetKey)
	b.do(err)
	b.set(sheetKey, 1, 1, keyMark)
	b.set(sheetKey, 1, 2, strconv.Itoa(of.Year))
	b.set(sheetKey, 1, 3, a.Unit.ID.String())
	b.do(f.SetSheetVisible(sheetKey, false, true))
	f.SetActiveSheet(1)
	if b.err != nil {
		return nil, fmt.Errorf("write the workbook of a unit: %w", b.err)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		return nil, fmt.Errorf("write the workbook of a unit: %w", err)
	}
	return out.Bytes(), nil
}

var thin = []excelize.Border{{Type: "left", Color: "#737E8A", Style: 1}, {Type: "right", Color: "#737E8A", Style: 1}, {Type: "top", Color: "#737E8A", Style: 1}, {Type: "bottom", Color: "#737E8A", Style: 1}}

func levelName(l Level) string {
	if l == "" {
		return ""
	}
	return codelist.MustGet(codelist.CampaignLevel).Label(string(l), "vi")
}

// SheetPreview is what a workbook would change, before anybody accepts it.
type SheetPreview struct {
	Version int `json:"version"` // of the report that it would replace: send it back in If-Match
	Content
	Changes []SheetChange `json:"changes"`
}

// SheetChange is a row that would become something else.
type SheetChange struct {
	Where string `json:"where"`
	Was   string `json:"was"`
	Is    string `json:"is"`
}

// ReadSheet reads a filled workbook of a unit and tells what it would change; nothing is kept. Every cell that cannot be taken is a problem whose pointer names
// it: "/Bảng 1!D14".
func (s *Service) ReadSheet(ctx context.Context, who access.Actor, year int, unit string, raw []byte) (SheetPreview, error) {
	a, of, err := s.both(ctx, who, year, unit)
	if err != nil {
		return SheetPreview{}, err
	}
	if !a.State.Open() {
		return SheetPreview{}, fault.New(fault.Conflict, "campaign_not_open")
	}
	if !a.MayWrite {
		return SheetPreview{}, fault.New(fault.Refused, "campaign_not_her_unit")
	}
	c, err := parseSheet(of, a.Unit, raw)
	if err != nil {
		return SheetPreview{}, err
	}
	return SheetPreview{Version: a.Version, Content: c, Changes: changes(of, a.Content, c)}, nil
}

// reader reads a workbook and gathers what is wrong with it.
type reader struct {
	f    *excelize.File
	ps   fault.Problems
	rows map[string][][]string
	bad  map[string]bool // cells that have a problem already
	base bool            // days counted from 1904
}

func (r *reader) problem(sheet string, column, row int, key string, args ...any) {
	at := "/" + sheet + "!" + cellName(column, row)
	if !r.bad[at] {
		r.bad[at] = true
		r.ps.Add(at, key, args...)
	}
}

// text is what stands in a cell, tidied; a formula is a problem.
func (r *reader) text(sheet string, column, row int) string {
	if formula, err := r.f.GetCellFormula(sheet, cellName(column, row)); err == nil && formula != "" {
		r.problem(sheet, column, row, "campaign_sheet_formula")
		return ""
	}
	rows := r.rows[sheet]
	if row > len(rows) || column > len(rows[row-1]) {
		return ""
	}
	return strings.TrimSpace(norm.NFC.String(strings.ReplaceAll(strings.ReplaceAll(rows[row-1][column-1], "\r\n", "\n"), "_x000D_", "")))
}

// float is the number of a cell; ok is false when the cell is empty or no number.
func (r *reader) float(sheet string, column, row int) (n float64, ok bool) {
	text := r.text(sheet, column, row)
	if text == "" {
		return 0, false
	}
	kind, err := r.f.GetCellType(sheet, cellName(column, row))
	if err == nil && (kind == excelize.CellTypeUnset || kind == excelize.CellTypeNumber) {
		if n, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(n) && !math.IsInf(n, 0) {
			return n, true
		}
	}
	r.problem(sheet, column, row, "campaign_sheet_text")
	return 0, false
}

// whole is a whole number of a cell, nil when it is empty.
func (r *reader) whole(sheet string, column, row int) *int64 {
	n, ok := r.float(sheet, column, row)
	if !ok {
		return nil
	}
	if n != math.Trunc(n) || n < 0 || n > mostCount {
		r.problem(sheet, column, row, "campaign_sheet_whole")
		return nil
	}
	v := int64(n)
	return &v
}

func (r *reader) words(sheet string, column, row, most int) string {
	text := r.text(sheet, column, row)
	if len([]rune(text)) > most {
		r.problem(sheet, column, row, "too_long", "most", most)
		return ""
	}
	if strings.ContainsFunc(text, func(c rune) bool { return c < 0x20 && c != '\n' && c != '\t' || c == 0x7f || c >= 0x80 && c < 0xa0 }) {
		r.problem(sheet, column, row, "control_character")
		return ""
	}
	return text
}

func parseSheet(of Campaign, u Unit, raw []byte) (Content, error) {
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{RawCellValue: true, UnzipSizeLimit: unpackedSheet, UnzipXMLSizeLimit: unpackedSheet})
	if err != nil {
		return Content{}, fault.New(fault.Malformed, "campaign_sheet_unreadable").Because(err)
	}
	defer f.Close()
	r := &reader{f: f, rows: map[string][][]string{}, bad: map[string]bool{}}
	counts := of.countsTable()
	sheets := f.GetSheetList()
	for _, name := range []string{sheetGuide, sheetCounts, sheetMoney, sheetEvents, sheetTexts, sheetKey} {
		if !slices.Contains(sheets, name) {
			return Content{}, fault.Bad(fault.Problem{Pointer: "/" + name, Key: "campaign_sheet_not_ours"})
		}
		if d, err := f.GetSheetDimension(name); err == nil {
			if _, last, ok := strings.Cut(d, ":"); ok {
				if c, rows, err := excelize.CellNameToCoordinates(last); err == nil && (rows > 5000 || c > 200) {
					return Content{}, fault.Bad(fault.Problem{Pointer: "/" + name + "!" + last, Key: "campaign_sheet_large"})
				}
			}
		}
		rows, err := f.GetRows(name)
		if err != nil || len(rows) > 5000 {
			return Content{}, fault.New(fault.Malformed, "campaign_sheet_unreadable").Because(err)
		}
		r.rows[name] = rows
	}
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		r.base = *props.Date1904
	}
	// Whose it is: the hidden key, before any number is looked at.
	switch {
	case r.text(sheetKey, 1, 1) != keyMark:
		return Content{}, fault.Bad(fault.Problem{Pointer: "/" + sheetKey, Key: "campaign_sheet_not_ours"})
	case r.text(sheetKey, 1, 2) != strconv.Itoa(of.Year):
		return Content{}, fault.Bad(fault.Problem{Pointer: "/" + sheetGuide + "!A1", Key: "campaign_sheet_other_year", Args: map[string]any{"year": of.Year, "other": number4(r.text(sheetKey, 1, 2))}})
	}
	if id, err := uuid.Parse(r.text(sheetKey, 1, 3)); err != nil || id != u.ID {
		return Content{}, fault.Bad(fault.Problem{Pointer: "/" + sheetGuide + "!A2", Key: "campaign_sheet_other_unit", Args: map[string]any{"unit": u.Name}})
	}
	for _, t := range []table{counts, moneyTable, eventsTable, textsTable} {
		for i, h := range t.heads {
			if r.text(t.sheet, i+1, headRow) != h {
				r.problem(t.sheet, i+1, headRow, "campaign_sheet_head", "head", h)
			}
		}
		merged, err := f.GetMergeCells(t.sheet)
		if err != nil {
			return Content{}, fault.New(fault.Malformed, "campaign_sheet_unreadable").Because(err)
		}
		for _, m := range merged {
			c1, r1, err1 := excelize.CellNameToCoordinates(m.GetStartAxis())
			_, r2, err2 := excelize.CellNameToCoordinates(m.GetEndAxis())
			if err1 == nil && err2 == nil && r2 >= headRow && c1 <= len(t.heads) {
				r.problem(t.sheet, c1, r1, "campaign_sheet_merged", "range", m.GetStartAxis()+":"+m.GetEndAxis())
			}
		}
	}
	if err := r.ps.Err(); err != nil {
		return Content{}, err
	}
	var c Content
	places := map[string][3]any{} // where a pointer of the content stands: sheet, column, row
	place := func(pointer, sheet string, column, row int) { places[pointer] = [3]any{sheet, column, row} }

	levels := Levels(of.Year)
	people := 5 + len(levels)
	seen := map[string]int{}
	for row := headRow + 1; row <= max(len(r.rows[sheetCounts]), headRow+len(of.Indicators)); row++ {
		code := r.text(sheetCounts, people+3, row)
		if _, ok := of.indicator(code); !ok || seen[code] > 0 {
			for column := 1; column <= people+2; column++ {
				if r.text(sheetCounts, column, row) != "" {
					r.problem(sheetCounts, column, row, "campaign_sheet_extra_row")
					break
				}
			}
			continue
		}
		seen[code] = row
		i := strconv.Itoa(len(c.Indicators))
		x := Count{Code: code}
		any := false
		for j, l := range levels {
			n := r.whole(sheetCounts, 5+j, row)
			x.Quantity.set(l, n)
			any = any || n != nil
			place("/indicators/"+i+"/quantity/"+string(l), sheetCounts, 5+j, row)
		}
		if total := r.whole(sheetCounts, 4, row); total != nil && (*total != x.Quantity.Total() || !any) {
			var parts []string
			for _, l := range levels {
				parts = append(parts, printed(value(x.Quantity.At(l)), 0))
			}
			r.problem(sheetCounts, 4, row, "campaign_sheet_total", "total", printed(*total, 0), "parts", strings.Join(parts, " + "))
		}
		x.Participants, x.Women = r.whole(sheetCounts, people, row), r.whole(sheetCounts, people+1, row)
		x.Note = r.words(sheetCounts, people+2, row, 500)
		place("/indicators/"+i+"/participants", sheetCounts, people, row)
		place("/indicators/"+i+"/women", sheetCounts, people+1, row)
		place("/indicators/"+i+"/note", sheetCounts, people+2, row)
		place("/indicators/"+i+"/code", sheetCounts, 2, row)
		c.Indicators = append(c.Indicators, x)
	}
	for i, k := range of.Indicators {
		if seen[k.Code] == 0 {
			r.problem(sheetCounts, 2, headRow+1+i, "campaign_sheet_row_gone", "what", k.Label)
		}
	}

	var sum int64
	var unread bool
	sources := codelist.MustGet(codelist.BudgetSource).Codes()
	for i, code := range sources {
		row := headRow + 1 + i
		if r.text(sheetMoney, 5, row) != code {
			r.problem(sheetMoney, 2, row, "campaign_sheet_row_gone", "what", codelist.MustGet(codelist.BudgetSource).Label(code, "vi"))
			continue
		}
		n, ok, fine := r.money(3, row)
		unread = unread || !fine
		if ok {
			at := "/budget/" + strconv.Itoa(len(c.Budget))
			place(at+"/thousand_dong", sheetMoney, 3, row)
			place(at+"/source", sheetMoney, 2, row)
			c.Budget = append(c.Budget, Money{Source: code, ThousandDong: n, Note: r.words(sheetMoney, 4, row, 500)})
			sum += n
		}
	}
	if n, ok, _ := r.money(3, headRow+1+len(sources)); ok && n != sum && !unread {
		r.problem(sheetMoney, 3, headRow+1+len(sources), "campaign_sheet_budget", "total", printed(n/100, 1), "sum", printed(sum/100, 1))
	}

	for row := headRow + 1; row <= len(r.rows[sheetEvents]); row++ {
		filled := 0
		for column := 2; column <= 7; column++ {
			if r.text(sheetEvents, column, row) != "" {
				filled++
			}
		}
		if filled == 0 {
			continue
		}
		if len(c.Events) >= 200 {
			r.problem(sheetEvents, 2, row, "too_many_items", "most", 200)
			break
		}
		i := strconv.Itoa(len(c.Events))
		e := Event{On: r.day(2, row), Place: r.words(sheetEvents, 5, row, 300), Participants: r.whole(sheetEvents, 6, row), Women: r.whole(sheetEvents, 7, row)}
		for _, k := range of.Indicators {
			if strings.EqualFold(k.Label, r.text(sheetEvents, 3, row)) {
				e.Code = k.Code
			}
		}
		if e.Code == "" {
			r.problem(sheetEvents, 3, row, "campaign_sheet_activity")
		}
		for _, l := range levels {
			if strings.EqualFold(levelName(l), r.text(sheetEvents, 4, row)) {
				e.Level = l
			}
		}
		if e.Level == "" {
			r.problem(sheetEvents, 4, row, "campaign_sheet_level")
		}
		for name, column := range map[string]int{"on": 2, "code": 3, "level": 4, "place": 5, "participants": 6, "women": 7} {
			place("/events/"+i+"/"+name, sheetEvents, column, row)
		}
		c.Events = append(c.Events, e)
	}

	known := map[string]bool{}
	for row := headRow + 1; row <= len(r.rows[sheetTexts]); row++ {
		code := r.text(sheetTexts, 1, row)
		h, ok := of.heading(code)
		if !ok || !h.Unit || known[code] {
			if code != "" || r.text(sheetTexts, 3, row) != "" {
				r.problem(sheetTexts, 1, row, "campaign_sheet_extra_row")
			}
			continue
		}
		known[code] = true
		place("/sections/"+strconv.Itoa(len(c.Sections))+"/text", sheetTexts, 3, row)
		c.Sections = append(c.Sections, SectionText{Code: code, Text: r.words(sheetTexts, 3, row, mostText)})
	}
	if err := r.ps.Err(); err != nil {
		return Content{}, err
	}
	// What could be read must also be possible; said where it stands in the workbook.
	for _, p := range append(c.readable(of, u), c.impossible(of)...) {
		at, ok := places[p.Pointer]
		if !ok {
			r.ps = append(r.ps, p)
			continue
		}
		args := []any{}
		for k, v := range p.Args {
			args = append(args, k, v)
		}
		r.problem(at[0].(string), at[1].(int), at[2].(int), p.Key, args...)
	}
	return c.tidy(of), r.ps.Err()
}

func number4(text string) string {
	if _, err := strconv.Atoi(text); err == nil && len(text) == 4 {
		return text
	}
	return "?"
}

// money is an amount in thousands of đồng from a cell in triệu; ok when there is one, fine when the cell could be read.
func (r *reader) money(column, row int) (n int64, ok, fine bool) {
	before := len(r.ps)
	x, there := r.float(sheetMoney, column, row)
	if !there {
		return 0, false, len(r.ps) == before
	}
	tens := math.Round(x * 10)
	if x < 0 || x*1000 > mostMoney || math.Abs(x*10-tens) > 1e-6 {
		r.problem(sheetMoney, column, row, "campaign_sheet_money")
		return 0, false, false
	}
	return int64(tens) * 100, true, true
}

// day is the day of a cell: a date of the workbook, or text written dd/mm/yyyy.
func (r *reader) day(column, row int) string {
	text := r.text(sheetEvents, column, row)
	if text == "" {
		return ""
	}
	if t, err := time.Parse("2/1/2006", text); err == nil {
		return t.Format(time.DateOnly)
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil && n >= 1 && n < 200_000 {
		if t, err := excelize.ExcelDateToTime(math.Trunc(n), r.base); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	r.problem(sheetEvents, column, row, "campaign_sheet_day")
	return ""
}

// changes lists what a workbook would change, in words.
func changes(of Campaign, was, is Content) []SheetChange {
	out := []SheetChange{}
	say := func(where, a, b string) {
		if a != b {
			out = append(out, SheetChange{where, a, b})
		}
	}
	count := func(c Content, code string) string {
		for _, x := range c.Indicators {
			if x.Code == code {
				text := printed(x.Quantity.Total(), 0)
				if x.Participants != nil || x.Women != nil {
					text += " (" + printed(value(x.Participants), 0) + " lượt người, " + printed(value(x.Women), 0) + " nữ)"
				}
				return text
			}
		}
		return ""
	}
	for _, k := range of.Indicators {
		say(k.Label, count(was, k.Code), count(is, k.Code))
	}
	money := func(c Content, code string) string {
		for _, m := range c.Budget {
			if m.Source == code {
				return printed(m.ThousandDong/100, 1) + " triệu đồng"
			}
		}
		return ""
	}
	for _, code := range codelist.MustGet(codelist.BudgetSource).Codes() {
		say(codelist.MustGet(codelist.BudgetSource).Label(code, "vi"), money(was, code), money(is, code))
	}
	if !slices.EqualFunc(was.Events, is.Events, func(a, b Event) bool {
		return a.Code == b.Code && a.On == b.On && a.Level == b.Level && a.Place == b.Place && value(a.Participants) == value(b.Participants) && value(a.Women) == value(b.Women)
	}) {
		say(eventsTable.title, strconv.Itoa(len(was.Events))+" cuộc", strconv.Itoa(len(is.Events))+" cuộc ")
	}
	text := func(c Content, code string) string {
		for _, s := range c.Sections {
			if s.Code == code {
				return s.Text
			}
		}
		return ""
	}
	for _, h := range of.Outline {
		say(h.Title, excerpt(text(was, h.Code)), excerpt(text(is, h.Code)))
	}
	return out
}

// excerpt is the beginning of a long text.
func excerpt(text string) string {
	if r := []rune(text); len(r) > 160 {
		return string(r[:160]) + "… (" + printed(int64(len(r)), 0) + " chữ cái)"
	}
	return text
}
