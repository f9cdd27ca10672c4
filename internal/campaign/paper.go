package campaign

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/paper"
	"binhan/internal/site"
)

// Document sets the report on paper. Nothing is looked up and nothing is counted here: the words and figures are those of the report.
func (r Report) Document() paper.Document {
	d := paper.Document{Superior: r.Superior, Issuer: r.Office, Symbol: r.Symbol, Place: r.Place, Date: paper.Date{Year: r.Year}, Kind: r.Kind, Title: r.Title, To: r.To, Archive: r.Archive,
		Signature: paper.Signature{Name: r.Signature.Name}, Made: r.CutOff}
	if day, err := time.Parse(time.DateOnly, r.Date); err == nil {
		d.Date = paper.Date{Day: day.Day(), Month: int(day.Month()), Year: day.Year()}
	}
	for _, line := range r.Signature.Lines {
		d.Signature.Lines = append(d.Signature.Lines, strings.ToUpper(line))
	}
	for _, to := range r.Recipients {
		d.Recipients = append(d.Recipients, paper.Recipient{Text: to.Text, Tag: tag(to.Tag)})
	}
	// What a report rests on stands in italics; the sentence that leads to the report is its first paragraph.
	for _, p := range r.Opening {
		for _, text := range linesOf(p) {
			if strings.HasPrefix(text.String(), "Căn cứ ") {
				d.Grounds = append(d.Grounds, text.String())
			} else {
				d.Body = append(d.Body, paper.Block{Paragraph: text})
			}
		}
	}
	for _, s := range r.Sections {
		d.Body = append(d.Body, paper.Block{Heading: &paper.Heading{Level: s.Level, Number: s.Number, Title: s.Title}})
		var list []paper.Text
		flush := func() {
			if len(list) > 0 {
				d.Body, list = append(d.Body, paper.Block{List: list}), nil
			}
		}
		for _, p := range s.Paragraphs {
			for _, text := range linesOf(p) {
				if item, ok := strings.CutPrefix(text[0].Text, "- "); ok {
					text[0].Text = item
					list = append(list, text)
					continue
				}
				flush()
				d.Body = append(d.Body, paper.Block{Paragraph: text})
			}
		}
		flush()
	}
	for i, a := range r.Annexes {
		t := a.table("PL" + strconv.Itoa(i+1))
		d.Annexes = append(d.Annexes, paper.Annex{Title: a.Title, Intro: a.Note, Blocks: []paper.Block{{Table: &t}}, Landscape: len(a.Columns) > 7})
	}
	var notices []string
	if r.Illustrative {
		notices = append(notices, "Số liệu minh hoạ")
	}
	switch r.State {
	case Published, Superseded:
	default:
		notices = append(notices, "Dự thảo")
	}
	d.Notice = strings.Join(notices, " – ")
	if !r.CutOff.IsZero() {
		d.Notes = append(d.Notes, "Chốt số liệu lúc "+r.CutOff.In(calendar.Zone).Format("15:04")+" ngày "+r.CutOff.In(calendar.Zone).Format("02/01/2006")+".")
	}
	if len(r.Missing) > 0 {
		d.Notes = append(d.Notes, "Đơn vị chưa báo cáo khi chốt số liệu: "+strings.Join(r.Missing, "; ")+".")
	}
	if r.Version > 0 {
		d.Notes = append(d.Notes, fmt.Sprintf("Phiên bản %d; mã kiểm tra %s.", r.Version, r.SHA256))
	}
	return d
}

// linesOf gives a paragraph as runs, one text a line of it; empty lines are left out.
func linesOf(p Paragraph) []paper.Text {
	var out []paper.Text
	var cur paper.Text
	flush := func() {
		if strings.TrimSpace(cur.String()) != "" {
			cur[0].Text = strings.TrimLeft(cur[0].Text, " ")
			out = append(out, cur)
		}
		cur = nil
	}
	for _, s := range p.Spans {
		for i, part := range strings.Split(strings.ReplaceAll(s.Text, "\r\n", "\n"), "\n") {
			if i > 0 {
				flush()
			}
			if part = strings.ReplaceAll(part, "\t", " "); part != "" {
				cur = append(cur, paper.Run{Text: part})
			}
		}
	}
	flush()
	return out
}

// tag is the printed form of a code of routing_abbrev.
func tag(code string) string {
	if code == "d/c" {
		return "đ/c"
	}
	return code
}

func (a Annex) table(id string) paper.Table {
	t := paper.Table{ID: id, Notes: a.Notes}
	levels := codelist.MustGet(codelist.CampaignLevel)
	var names []string
	for _, code := range levels.Codes() {
		names = append(names, levels.Label(code, "vi"))
	}
	for _, c := range a.Columns {
		head := []string{c.Head}
		if slices.Contains(names, c.Head) {
			head = []string{"Chia ra", c.Head}
		}
		t.Columns = append(t.Columns, paper.Column{Head: head, Numeric: c.Numeric && c.Head != "STT", Weight: c.Weight})
	}
	for _, r := range a.Rows {
		row := paper.Row{Strong: r.Strong}
		for i, c := range r.Cells {
			cell := paper.Words(c.Text)
			if c.Number != nil && i < len(t.Columns) && t.Columns[i].Numeric {
				cell.Number = &paper.Number{Value: c.Number.Value, Decimals: c.Number.Decimals}
			}
			row.Cells = append(row.Cells, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (s *Service) paperRoutes() []site.Route {
	return []site.Route{{Method: http.MethodGet, Path: "/api/v1/campaigns/:year/report", Act: access.ReadCampaignReport, Do: s.getReport}}
}

type reportQuery struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
}

// getReport gives the report as data or as a file. Without a version it is the newest published one; the department sees the one in work while nothing is
// published. A report that cannot be printed (a character without a glyph, an office without a name) is refused with the place.
func (s *Service) getReport(r *site.Request) (site.Reply, error) {
	year := yearOf(r)
	var q reportQuery
	if err := r.QueryInto(&q); err != nil {
		return site.Reply{}, err
	}
	f := paper.Format(q.Format)
	if f.Type() == "" && q.Format != "" && q.Format != "json" {
		return site.Reply{}, fault.Bad(fault.Problem{Pointer: "/format", Key: "unknown_code", Args: map[string]any{"list": "json, docx, pdf, xlsx, html"}})
	}
	if q.Version < -1 || q.Version > 1_000_000 {
		return site.Reply{}, fault.Missing()
	}
	report, err := s.Report(r.Context(), r.Who, year, q.Version)
	if err != nil {
		return site.Reply{}, err
	}
	if f.Type() == "" {
		return site.Reply{Body: report}, nil
	}
	raw, err := report.Document().Write(f)
	if err != nil {
		return site.Reply{}, err
	}
	name := "bao-cao-thang-hanh-dong-" + strconv.Itoa(year)
	if report.Version > 0 {
		name += "-v" + strconv.Itoa(report.Version)
	}
	return site.Reply{Raw: raw, Type: f.Type(), Header: http.Header{"Content-Disposition": {`attachment; filename="` + name + `.` + string(f) + `"`}}}, nil
}
