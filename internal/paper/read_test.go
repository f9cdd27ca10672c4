package paper

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"golang.org/x/net/html"
)

// What the four formats hold, read back by other means than those that wrote them.

// parts unpacks an office file. Every part must be well-formed.
func parts(t *testing.T, raw []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(bytes.NewReader(b))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
		}
		all[f.Name] = string(b)
	}
	return all
}

// element is a node of an XML part.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

func (e element) find(name string) []element {
	var out []element
	for _, c := range e.Children {
		if c.XMLName.Local == name {
			out = append(out, c)
		}
		out = append(out, c.find(name)...)
	}
	return out
}

func (e element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (e element) words() string {
	var b strings.Builder
	for _, x := range e.find("t") {
		b.WriteString(x.Text)
	}
	return b.String()
}

func tree(t *testing.T, part string) element {
	t.Helper()
	var e element
	if err := xml.Unmarshal([]byte(part), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func mustDocx(t *testing.T, d Document) map[string]string {
	t.Helper()
	raw, err := d.Docx()
	if err != nil {
		t.Fatal(err)
	}
	return parts(t, raw)
}

// printed looks like a figure: digits with points and commas, or two of them with a dash.
var printed = regexp.MustCompile(`^-?[0-9][0-9.,]*(–-?[0-9][0-9.,]*)?$`)

// docxFigures are the figures of the bordered tables of a .docx, cell by cell.
func docxFigures(t *testing.T, d Document) []string {
	t.Helper()
	var all []string
	for _, table := range tree(t, mustDocx(t, d)["word/document.xml"]).find("tbl") {
		if len(table.find("tblBorders")) == 0 {
			continue
		}
		for _, row := range table.find("tr") {
			if len(row.find("tblHeader")) > 0 {
				continue
			}
			for _, cell := range row.find("tc") {
				for _, p := range cell.find("p") {
					if s := p.words(); printed.MatchString(s) {
						all = append(all, s)
					}
				}
			}
		}
	}
	return all
}

// stroke is a text that a PDF draws, in millimetres from the upper left corner.
type stroke struct {
	text  string
	x, y  float64
	style string
	size  float64
}

type sheet struct {
	wide, tall float64
	strokes    []stroke
}

var (
	pdfPage   = regexp.MustCompile(`(?s)<</Type /Page\b(.*?)endobj.*?stream\n(.*?)\nendstream`)
	pdfBox    = regexp.MustCompile(`/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]`)
	pdfStroke = regexp.MustCompile(`(?s)(?:/F([0-9a-f]+) ([0-9.]+) Tf|BT ([0-9.-]+) ([0-9.-]+) Td \((.*?[^\\]|(?:.*?[^\\])?(?:\\\\)+|)\) Tj ET)`)
)

// sheets reads an uncompressed PDF of ours.
func sheets(t *testing.T, d Document) []sheet {
	t.Helper()
	raw, err := d.pdf(false)
	if err != nil {
		t.Fatal(err)
	}
	fonts := map[string]string{} // resource name -> style
	names := regexp.MustCompile(`/F([0-9a-f]+) ([0-9]+) 0 R`).FindAllSubmatch(raw, -1)
	for _, n := range names {
		object := regexp.MustCompile(`\n` + string(n[2]) + ` 0 obj\n<</Type /Font\n/Subtype /Type0\n/BaseFont /utf8serif([BI]*)\n`).FindSubmatch(raw)
		if object != nil {
			fonts[string(n[1])] = string(object[1])
		}
	}
	if len(fonts) != 4 {
		t.Fatalf("%d fonts", len(fonts))
	}
	var out []sheet
	for _, p := range pdfPage.FindAllSubmatch(raw, -1) {
		s := sheet{pageWidth, pageHeight, nil}
		if box := pdfBox.FindSubmatch(p[1]); box != nil {
			w, _ := strconv.ParseFloat(string(box[1]), 64)
			h, _ := strconv.ParseFloat(string(box[2]), 64)
			s.wide, s.tall = w*mm, h*mm
		}
		style, size := "", 0.0
		for _, m := range pdfStroke.FindAllSubmatch(p[2], -1) {
			if len(m[1]) > 0 {
				style = fonts[string(m[1])]
				size, _ = strconv.ParseFloat(string(m[2]), 64)
				continue
			}
			x, _ := strconv.ParseFloat(string(m[3]), 64)
			y, _ := strconv.ParseFloat(string(m[4]), 64)
			s.strokes = append(s.strokes, stroke{decoded(m[5]), x * mm, s.tall - y*mm, style, size})
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		t.Fatal("no page was read")
	}
	return out
}

func decoded(raw []byte) string {
	var b []byte
	for i := 0; i < len(raw); i++ {
		if raw[i] == '\\' && i+1 < len(raw) {
			i++
			if raw[i] == 'r' {
				b = append(b, '\r')
				continue
			}
		}
		b = append(b, raw[i])
	}
	var u []uint16
	for i := 0; i+1 < len(b); i += 2 {
		u = append(u, uint16(b[i])<<8|uint16(b[i+1]))
	}
	return string(utf16.Decode(u))
}

// pdfFigures are the words that look like figures in letters as small as those of tables, in the order of drawing.
func pdfFigures(t *testing.T, d Document) []string {
	t.Helper()
	var all []string
	half := "" // an interval that goes on in the next line
	for _, s := range sheets(t, d) {
		for _, x := range s.strokes {
			w := half + strings.TrimSpace(x.text)
			if half = ""; x.size >= sizeBody {
				continue
			}
			if strings.HasSuffix(w, "–") && len(w) > len("–") {
				half = w
			} else if printed.MatchString(w) {
				all = append(all, w)
			}
		}
	}
	return all
}

// xlsxFigures are the numbers of the table sheets, as a Vietnamese reader would write them.
func xlsxFigures(t *testing.T, d Document) []string {
	t.Helper()
	raw, err := d.XLSX()
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []string
	for _, table := range d.tables() {
		rows, err := f.GetRows(table.ID, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		for r := range rows {
			lower := ""
			for c := range rows[r] {
				at := place(c+1, r+1)
				if kind, err := f.GetCellType(table.ID, at); err != nil || kind != excelize.CellTypeUnset || rows[r][c] == "" {
					continue
				}
				id, err := f.GetCellStyle(table.ID, at)
				if err != nil {
					t.Fatal(err)
				}
				style, err := f.GetStyle(id)
				if err != nil {
					t.Fatal(err)
				}
				decimals := 0
				if style.CustomNumFmt != nil {
					decimals = len(*style.CustomNumFmt) - len("#,##0.")
				}
				whole, rest, _ := strings.Cut(rows[r][c], ".")
				for len(rest) < decimals {
					rest += "0"
				}
				v, err := strconv.ParseInt(whole+rest, 10, 64)
				if err != nil {
					t.Fatalf("%s: %q", at, rows[r][c])
				}
				text := Number{v, decimals}.String()
				switch head := headOf(rows, r, c); head {
				case "Từ":
					lower = text
				case "Đến":
					all = append(all, lower+"–"+text)
				default:
					all = append(all, text)
				}
			}
		}
	}
	return all
}

// headOf is the nearest text above a cell of numbers.
func headOf(rows [][]string, r, c int) string {
	for i := r - 1; i >= 0; i-- {
		if c < len(rows[i]) && (rows[i][c] == "Từ" || rows[i][c] == "Đến" || rows[i][c] == "Số công bố") {
			return rows[i][c]
		}
	}
	return ""
}

// nodes walks a page.
func nodes(n *html.Node, visit func(*html.Node)) {
	visit(n)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		nodes(c, visit)
	}
}

func said(n *html.Node) string {
	var b strings.Builder
	nodes(n, func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	})
	return b.String()
}

func property(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func htmlPage(t *testing.T, d Document) *html.Node {
	t.Helper()
	raw, err := d.HTML()
	if err != nil {
		t.Fatal(err)
	}
	n, err := html.Parse(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func htmlFigures(t *testing.T, d Document) []string {
	t.Helper()
	var all []string
	nodes(htmlPage(t, d), func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == "td" {
			for _, part := range strings.Fields(strings.ReplaceAll(said(n), "khoảng ", " ")) {
				if printed.MatchString(part) && strings.HasPrefix(property(n, "class"), "number") {
					all = append(all, part)
				}
			}
		}
	})
	return all
}
