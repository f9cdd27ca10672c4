package release

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/paper"
	"binhan/internal/site"
)

// What leaves the house on paper: a published table, a whole release, the official form and the indicators of the strategy, each as a document of package paper, all
// from one book, so that page, CSV, API and every file hold the same numbers. The papers are Vietnamese, as offices read them.

// Three facts with three marks, and a fourth for what no release can say.
const (
	markUnder  = "dưới 10"                 // withheld: fewer than ten
	markAlike  = "chưa phân biệt được"     // two numbers whose intervals overlap
	markSilent = "chưa báo cáo"            // no number came
	markNone   = "chưa có số liệu công bố" // no published cell says it; it is never guessed
)

// Named makes the service call codes by their names on paper; without it a code stands for itself. Call it before the first use.
func (s *Service) Named(name Naming) { s.name = name }

// Papers makes documents of books; Name calls the codes by their names.
type Papers struct{ Name Naming }

func (s *Service) papers() Papers { return Papers{s.name} }

// called is the name of a code, Vietnamese.
func (p Papers) called(r Release, dim, code string) string {
	if p.Name == nil {
		return code
	}
	return p.Name(r, dim, code, i18n.Vietnamese)
}

const (
	vi       = i18n.Vietnamese
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

func dimension(dim string) string {
	if key := "reading.dim_" + dim; vi.Has(key) {
		return vi.T(key)
	}
	return dim
}

// figure is a published cell on paper: the number with its interval, or a mark.
func figure(c CellView, there bool) paper.Cell {
	switch {
	case !there:
		return paper.Words(markSilent)
	case c.Count == nil:
		return paper.Words(markUnder)
	}
	x := paper.Count(*c.Count)
	x.Range = &paper.Range{Lower: c.Lower, Upper: c.Upper}
	return x
}

// day writes a day of a period.
func writtenDay(day string) string {
	if t, err := time.Parse(time.DateOnly, day); err == nil {
		return t.Format("02/01/2006")
	}
	return day
}

func (p Papers) place(r Release) string { return p.called(r, "area", r.Scope) }

// office is who publishes: by the list of offices, whoever held the work on the day of publication. An imported register has none.
func office(r Release) (superior, name, symbol, place string) {
	if !codelist.MustGet(codelist.AdminProvince).Has(r.Scope) {
		return "", "", "BC", ""
	}
	day, _ := time.Parse(time.DateOnly, r.Period.To)
	if r.PublishedAt != nil {
		day = *r.PublishedAt
	}
	l := codelist.MustGet(codelist.AgencySuccession)
	code := "SLDTBXH_KT"
	for range 8 {
		e, ok := l.Find(code)
		if !ok || e.ValidOn(day.In(calendar.Zone)) || e.ReplacedBy == "" {
			break
		}
		code = e.ReplacedBy
	}
	e, _ := l.Find(code)
	name, province, _ := strings.Cut(e.LabelVI, " tỉnh ")
	return "Ủy ban nhân dân tỉnh " + province, name, "BC-" + e.Note("abbr"), province
}

// document is the frame of every paper of a release: who publishes, what period, how the numbers were protected.
func (p Papers) document(b *Book, title string) paper.Document {
	r := b.Release
	superior, name, symbol, place := office(r)
	if name == "" {
		name, place = p.place(r), p.place(r)
	}
	d := paper.Document{Superior: superior, Issuer: name, Symbol: symbol, Place: place, Kind: "Báo cáo", Title: title, Archive: "VT", Signature: paper.Signing{Head: "Giám đốc"}.Signature()}
	if r.PublishedAt != nil {
		d.Date.Year, d.Made = r.PublishedAt.In(calendar.Zone).Year(), *r.PublishedAt
	} else if t, err := time.Parse(time.DateOnly, r.Period.To); err == nil {
		d.Date.Year, d.Made = t.Year(), t
	}
	if b.Draft() {
		d.Notice = "Bản kiểm tra, chưa công bố"
	}
	d.Notes = append(d.Notes,
		"Kỳ số liệu: từ ngày "+writtenDay(r.Period.From)+" đến ngày "+writtenDay(r.Period.To)+"; phạm vi: "+p.place(r)+".",
		vi.T("release.footnote"), vi.T("release.guarantee"),
		"Khoảng in dưới mỗi số là khoảng tin cậy 95%. Dấu “"+markUnder+"”: số không nêu vì nhỏ. Dấu “"+markAlike+"”: hai số có khoảng chồng nhau, chưa nói được hơn kém. Dấu “"+markSilent+"”: không có số.",
		"Số ca được tiếp nhận, không phải số ca xảy ra.",
		"Phiên bản định nghĩa: "+b.Manifest.Definition+"; kế hoạch bảng: "+b.Manifest.Method.Plan+"; mã bản công bố: "+r.ID.String()+"; mã kiểm tra: "+b.Manifest.SHA256+".")
	if r.CutOff != nil {
		d.Notes = append(d.Notes, "Chốt số liệu ngày "+r.CutOff.In(calendar.Zone).Format("02/01/2006")+".")
	}
	return d
}

// method is the footnote at the first number.
func method(b *Book) string {
	return "Số công bố = số đếm + nhiễu Gauss rời rạc, làm tròn tới bội số của 5; ngân sách riêng tư rho = " + b.Manifest.Method.Spent.String() + ". " + vi.T("release.footnote")
}

// titleVI is the title of a table: its dimensions, the total without any.
func titleVI(t TableView) string {
	if len(t.Dims) == 0 {
		return "Tổng số người được tiếp nhận"
	}
	names := make([]string, len(t.Dims))
	for i, dim := range t.Dims {
		names[i] = strings.ToLower(dimension(dim))
	}
	return "Số người được tiếp nhận theo " + strings.Join(names, " và ")
}

// codesOf reads "dim=code;dim=code".
func codesOf(dims string) map[string]string {
	m := map[string]string{}
	for part := range strings.SplitSeq(dims, ";") {
		if dim, code, ok := strings.Cut(part, "="); ok {
			m[dim] = code
		}
	}
	return m
}

const all = "Tất cả"

// layOut sets a table: its last dimension across when that fits, the others down, sums last.
func (p Papers) layOut(b *Book, t TableView) paper.Table {
	out := paper.Table{ID: t.TableID, Title: titleVI(t), Unit: "Đơn vị tính: người"}
	var dims []string // a table of communes holds its areas too
	cells := make([]map[string]string, len(t.Cells))
	for i, c := range t.Cells {
		cells[i] = codesOf(c.Dims)
		for dim := range cells[i] {
			if !slices.Contains(dims, dim) {
				dims = append(dims, dim)
			}
		}
	}
	slices.SortFunc(dims, func(a, b string) int { return slices.Index(dimOrder, a) - slices.Index(dimOrder, b) })
	parents := map[string]map[string]string{}
	within := map[string]string{}
	for _, d := range b.Plan.Dims {
		if d.Within != "" {
			parents[d.Name], within[d.Name] = d.Parents, d.Within
		}
	}
	down, across := dims, ""
	if len(dims) > 1 && within[dims[len(dims)-1]] == "" {
		values := map[string]bool{}
		for _, c := range cells {
			values[c[dims[len(dims)-1]]] = true
		}
		if len(values) <= 14 { // a year of months, those not known and the sum
			down, across = dims[:len(dims)-1], dims[len(dims)-1]
		}
	}
	for _, dim := range down {
		out.Columns = append(out.Columns, paper.Column{Head: []string{dimension(dim)}, Weight: 4})
	}
	if len(down) == 0 {
		out.Columns = append(out.Columns, paper.Column{Head: []string{"Nội dung"}, Weight: 4})
	}
	type key struct{ row, column string }
	found := map[key]CellView{}
	var rows, columns []string
	codes := map[string]map[string]string{}
	for i, c := range t.Cells {
		var parts []string
		for _, dim := range down {
			code := cells[i][dim]
			for _, child := range down {
				if within[child] == dim && cells[i][child] != "" {
					code = parents[child][cells[i][child]]
				}
			}
			parts = append(parts, code)
		}
		row, column := strings.Join(parts, ";"), cells[i][across]
		if across == "" {
			column = ""
		}
		if !slices.Contains(columns, column) {
			columns = append(columns, column)
		}
		if codes[row] == nil {
			rows, codes[row] = append(rows, row), map[string]string{}
			for k, dim := range down {
				codes[row][dim] = parts[k]
			}
		}
		found[key{row, column}] = c
	}
	atEnd := func(list []string, is func(string) bool) []string { // sums stand last
		slices.SortStableFunc(list, func(a, b string) int {
			x, y := 0, 0
			if is(a) {
				x = 1
			}
			if is(b) {
				y = 1
			}
			return x - y
		})
		return list
	}
	columns = atEnd(columns, func(c string) bool { return c == "" })
	rows = atEnd(rows, func(r string) bool { return strings.Trim(r, ";") == "" })
	for _, c := range columns {
		switch {
		case across == "":
			out.Columns = append(out.Columns, paper.Column{Head: []string{"Số người"}, Numeric: true, Weight: 2})
		case c == "":
			out.Columns = append(out.Columns, paper.Column{Head: []string{all}, Numeric: true, Weight: 2})
		default:
			out.Columns = append(out.Columns, paper.Column{Head: []string{dimension(across), p.called(b.Release, across, c)}, Numeric: true, Weight: 2})
		}
	}
	for _, r := range rows {
		row := paper.Row{Strong: strings.Trim(r, ";") == ""}
		for _, dim := range down {
			name := all
			if code := codes[r][dim]; code != "" {
				name = p.called(b.Release, dim, code)
			} else {
				row.Strong = true
			}
			row.Cells = append(row.Cells, paper.Words(name))
		}
		if len(down) == 0 {
			row.Cells = append(row.Cells, paper.Words("Tổng số"))
		}
		for _, c := range columns {
			v, there := found[key{r, c}]
			row.Cells = append(row.Cells, figure(v, there))
		}
		out.Rows = append(out.Rows, row)
	}
	if t.TableID == "forms" || slices.Contains(t.Dims, "forms") {
		out.Notes = append(out.Notes, "Một người có thể kể nhiều hình thức; cộng các dòng không ra số người.")
	}
	return out
}

// highest says of a table of one dimension which value has most, and which cannot be told from it.
func (p Papers) highest(b *Book, t TableView) string {
	if len(t.Dims) != 1 || t.Dims[0] == "forms" {
		return ""
	}
	dim := t.Dims[0]
	var list []CellView
	for _, c := range t.Cells {
		m := codesOf(c.Dims)
		if c.Count != nil && len(m) == 1 && m[dim] != "" && m[dim] != codelist.UnknownRelation && !strings.HasSuffix(m[dim], codelist.Unknown) {
			list = append(list, c)
		}
	}
	if len(list) < 2 {
		return ""
	}
	slices.SortStableFunc(list, func(a, b CellView) int { return int(*b.Count - *a.Count) })
	say := func(c CellView) string {
		return fmt.Sprintf("%s (%s; khoảng %s)", p.called(b.Release, dim, codesOf(c.Dims)[dim]), paper.Whole(*c.Count), paper.Range{Lower: c.Lower, Upper: c.Upper})
	}
	text := dimension(dim) + ": nhiều nhất là " + say(list[0])
	var alike []string
	for _, c := range list[1:] {
		if c.Upper >= list[0].Lower {
			alike = append(alike, say(c))
		}
	}
	if len(alike) > 0 {
		text += "; " + markAlike + " với " + strings.Join(alike, ", ")
	}
	return text + "."
}

// data is the sheet for pivot tables: a row a cell, a column a dimension.
func (p Papers) data(b *Book, tables []TableView) *paper.Table {
	var dims []string
	for _, t := range tables {
		for _, c := range t.Cells {
			for dim := range codesOf(c.Dims) {
				if !slices.Contains(dims, dim) {
					dims = append(dims, dim)
				}
			}
		}
	}
	slices.SortFunc(dims, func(a, b string) int { return slices.Index(dimOrder, a) - slices.Index(dimOrder, b) })
	out := &paper.Table{Columns: []paper.Column{{Head: []string{"Bảng"}, Weight: 3}}}
	for _, dim := range dims {
		out.Columns = append(out.Columns, paper.Column{Head: []string{dimension(dim)}, Weight: 4})
	}
	for _, h := range []string{"Số người", "Từ", "Đến"} {
		out.Columns = append(out.Columns, paper.Column{Head: []string{h}, Numeric: true})
	}
	out.Columns = append(out.Columns, paper.Column{Head: []string{"Ký hiệu"}, Weight: 2}, paper.Column{Head: []string{"Mã ô"}, Weight: 6})
	for _, t := range tables {
		for _, c := range t.Cells {
			m := codesOf(c.Dims)
			row := paper.Row{Cells: []paper.Cell{paper.Words(t.TableID)}}
			for _, dim := range dims {
				switch code := m[dim]; {
				case code != "":
					row.Cells = append(row.Cells, paper.Words(p.called(b.Release, dim, code)))
				case slices.Contains(t.Dims, dim):
					row.Cells = append(row.Cells, paper.Words(all))
				default:
					row.Cells = append(row.Cells, paper.Cell{})
				}
			}
			if c.Count != nil {
				row.Cells = append(row.Cells, paper.Count(*c.Count), paper.Count(c.Lower), paper.Count(c.Upper), paper.Cell{})
			} else {
				row.Cells = append(row.Cells, paper.Cell{}, paper.Count(c.Lower), paper.Count(c.Upper), paper.Words(markUnder))
			}
			out.Rows = append(out.Rows, paper.Row{Cells: append(row.Cells, paper.Words(c.Dims))})
		}
	}
	return out
}

// Document sets a published release on paper, or one of its tables: the total and what stands out in the text, the tables as annexes. fault.NotFound when there is
// no such table.
func (p Papers) Document(b *Book, table string) (paper.Document, error) {
	title := "Số liệu thống kê về người được tiếp nhận, hỗ trợ do bạo lực trên cơ sở giới, " + p.place(b.Release) + ", " + periodVI(b.Release.Period)
	d := p.document(b, title)
	tables := b.Tables
	if table != "" {
		t, ok := b.Table(table)
		if !ok {
			return d, fault.Missing()
		}
		tables = []TableView{t}
	}
	say := func(runs ...paper.Run) { d.Body = append(d.Body, paper.Block{Paragraph: runs}) }
	heading := func(number, title string) {
		d.Body = append(d.Body, paper.Block{Heading: &paper.Heading{Level: 1, Number: number, Title: title}})
	}
	heading("I", "Phạm vi và cách làm")
	say(paper.Run{Text: "Số liệu gồm các hồ sơ được tiếp nhận từ ngày " + writtenDay(b.Release.Period.From) + " đến ngày " + writtenDay(b.Release.Period.To) + ", phạm vi " + p.place(b.Release) + "; mỗi hồ sơ chỉ vào số liệu của một kỳ. Mỗi số công bố kèm khoảng tin cậy 95%.", Note: method(b)})
	heading("II", "Kết quả")
	if c, _, ok := b.Find(""); ok {
		if c.Count == nil {
			say(paper.Run{Text: "Tổng số người được tiếp nhận trong kỳ: " + markUnder + "."})
		} else {
			say(paper.Run{Text: "Tổng số người được tiếp nhận trong kỳ: "}, paper.Run{Text: paper.Whole(*c.Count), Bold: true}, paper.Run{Text: " người (khoảng " + paper.Range{Lower: c.Lower, Upper: c.Upper}.String() + ")."})
		}
	}
	var list []paper.Text
	for _, t := range tables {
		if text := p.highest(b, t); text != "" {
			list = append(list, paper.Plain(text))
		}
	}
	if len(list) > 0 {
		d.Body = append(d.Body, paper.Block{List: list})
	}
	byDims := map[int][]paper.Block{}
	across := map[int]bool{}
	for _, t := range tables {
		x := p.layOut(b, t)
		if table != "" {
			d.Body = append(d.Body, paper.Block{Table: &x})
			continue
		}
		n := min(3, max(1, len(t.Dims)))
		byDims[n] = append(byDims[n], paper.Block{Table: &x})
		across[n] = across[n] || len(x.Columns) > 7
	}
	for n, title := range []string{1: "Số liệu theo từng nội dung", 2: "Số liệu theo hai nội dung", 3: "Số liệu theo ba nội dung"} {
		if len(byDims[n]) > 0 {
			d.Annexes = append(d.Annexes, paper.Annex{Title: title, Blocks: byDims[n], Landscape: across[n]})
		}
	}
	d.Data = p.data(b, tables)
	return d, nil
}

// periodVI calls a period what people call it.
func periodVI(p Period) string {
	from, err1 := time.Parse(time.DateOnly, p.From)
	to, err2 := time.Parse(time.DateOnly, p.To)
	if err1 != nil || err2 != nil {
		return p.From + " – " + p.To
	}
	spans := func(months int) bool { return from.Day() == 1 && to.Equal(from.AddDate(0, months, -1)) }
	switch {
	case from.Month() == 1 && spans(12):
		return fmt.Sprintf("năm %d", from.Year())
	case from.Month() == 1 && spans(6):
		return fmt.Sprintf("6 tháng đầu năm %d", from.Year())
	case from.Month()%3 == 1 && spans(3):
		return fmt.Sprintf("quý %s năm %d", []string{"I", "II", "III", "IV"}[from.Month()/3], from.Year())
	case spans(1):
		return fmt.Sprintf("tháng %d năm %d", from.Month(), from.Year())
	}
	return "từ ngày " + writtenDay(p.From) + " đến ngày " + writtenDay(p.To)
}

// onPaper answers with a file of the release, or of one of its tables.
func (s *Service) onPaper(ctx context.Context, r *site.Request, id uuid.UUID, table string, f paper.Format) (site.Reply, error) {
	b, err := s.Book(ctx, r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	d, err := s.papers().Document(b, table)
	if err != nil {
		return site.Reply{}, err
	}
	name := table
	if name == "" {
		name = "tables"
	}
	return file(d, id, name, f)
}

// file answers with a document as a file.
func file(d paper.Document, id uuid.UUID, name string, f paper.Format) (site.Reply, error) {
	raw, err := d.Write(f)
	return site.Reply{Raw: raw, Type: f.Type(), Header: attachment(id, name, string(f))}, err
}

func (s *Service) paperRoutes() []site.Route {
	return []site.Route{{Method: http.MethodGet, Path: "/api/v1/releases/:id/forms/:form", Act: access.ReadRelease, Do: s.getForm}}
}

type formQuery struct {
	Format string `json:"format"`
}

// getForm gives an official form filled from the published cells of a release.
func (s *Service) getForm(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var q formQuery
	if err := r.QueryInto(&q); err != nil {
		return site.Reply{}, err
	}
	f := paper.Format(q.Format)
	if f.Type() == "" && q.Format != "" && q.Format != "json" {
		return site.Reply{}, fault.Bad(fault.Problem{Pointer: "/format", Key: "unknown_code", Args: map[string]any{"list": "json, docx, pdf, xlsx, html"}})
	}
	b, err := s.Book(r.Context(), r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	form, ok := s.papers().Form(b, r.Param("form"))
	if !ok {
		return site.Reply{}, fault.Missing()
	}
	if f.Type() == "" {
		return site.Reply{Body: form}, nil
	}
	return file(s.papers().FormDocument(b, form), id, form.ID, f)
}
