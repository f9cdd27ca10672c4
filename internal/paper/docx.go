package paper

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Docx writes the document as WordprocessingML (ECMA-376, transitional): the same bytes each time. Headings are Word's own, so that its navigation and
// a screen reader find them; heads of tables repeat; nothing is a macro, a field beyond the page number, or a link to the outside.
func (d Document) Docx() ([]byte, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	w := &docx{d: d}
	document := w.document()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, part := range []struct{ name, body string }{
		{"[Content_Types].xml", contentTypes},
		{"_rels/.rels", packageRels},
		{"docProps/core.xml", w.core()},
		{"docProps/app.xml", appProperties},
		{"word/document.xml", document},
		{"word/_rels/document.xml.rels", documentRels},
		{"word/styles.xml", styles()},
		{"word/numbering.xml", numbering},
		{"word/settings.xml", settings},
		{"word/fontTable.xml", fontTable},
		{"word/footnotes.xml", w.footnotes()},
		{"word/header1.xml", pageNumberHeader},
		{"word/header2.xml", xmlHead + `<w:hdr ` + wordNS + `><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr></w:p></w:hdr>`},
		{"word/footer1.xml", w.footer()},
	} {
		f, err := z.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate}) // no time: the same bytes each time
		if err != nil {
			return nil, err
		}
		if _, err := f.Write([]byte(part.body)); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

const (
	xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	wordNS  = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	rels    = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	word    = "application/vnd.openxmlformats-officedocument.wordprocessingml."

	contentTypes = xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/word/document.xml" ContentType="` + word + `document.main+xml"/>` +
		`<Override PartName="/word/styles.xml" ContentType="` + word + `styles+xml"/>` +
		`<Override PartName="/word/numbering.xml" ContentType="` + word + `numbering+xml"/>` +
		`<Override PartName="/word/settings.xml" ContentType="` + word + `settings+xml"/>` +
		`<Override PartName="/word/fontTable.xml" ContentType="` + word + `fontTable+xml"/>` +
		`<Override PartName="/word/footnotes.xml" ContentType="` + word + `footnotes+xml"/>` +
		`<Override PartName="/word/header1.xml" ContentType="` + word + `header+xml"/>` +
		`<Override PartName="/word/header2.xml" ContentType="` + word + `header+xml"/>` +
		`<Override PartName="/word/footer1.xml" ContentType="` + word + `footer+xml"/>` +
		`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>` +
		`<Override PartName="/docProps/app.xml" ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/></Types>`
	packageRels = xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="` + rels + `officeDocument" Target="word/document.xml"/>` +
		`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>` +
		`<Relationship Id="rId3" Type="` + rels + `extended-properties" Target="docProps/app.xml"/></Relationships>`
	documentRels = xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="` + rels + `styles" Target="styles.xml"/><Relationship Id="rId2" Type="` + rels + `numbering" Target="numbering.xml"/>` +
		`<Relationship Id="rId3" Type="` + rels + `settings" Target="settings.xml"/><Relationship Id="rId4" Type="` + rels + `fontTable" Target="fontTable.xml"/>` +
		`<Relationship Id="rId5" Type="` + rels + `footnotes" Target="footnotes.xml"/><Relationship Id="rId6" Type="` + rels + `header" Target="header1.xml"/>` +
		`<Relationship Id="rId7" Type="` + rels + `header" Target="header2.xml"/><Relationship Id="rId8" Type="` + rels + `footer" Target="footer1.xml"/></Relationships>`
	appProperties = xmlHead + `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>Bình An</Application></Properties>`
	numbering     = xmlHead + `<w:numbering ` + wordNS + `><w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:suff w:val="space"/><w:lvlText w:val="-"/><w:lvlJc w:val="left"/>` +
		`<w:pPr><w:ind w:left="0" w:firstLine="567"/></w:pPr><w:rPr><w:rFonts w:ascii="` + fontName + `" w:hAnsi="` + fontName + `" w:cs="` + fontName + `"/></w:rPr></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`
	settings = xmlHead + `<w:settings ` + wordNS + `><w:zoom w:percent="100"/><w:defaultTabStop w:val="567"/><w:characterSpacingControl w:val="doNotCompress"/>` +
		`<w:footnotePr><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>` +
		`<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat><w:themeFontLang w:val="` + language + `"/><w:decimalSymbol w:val=","/><w:listSeparator w:val=";"/></w:settings>`
	fontTable = xmlHead + `<w:fonts ` + wordNS + `><w:font w:name="` + fontName + `"><w:altName w:val="` + fontTwin + `"/><w:panose1 w:val="02020603050405020304"/><w:charset w:val="00"/><w:family w:val="roman"/><w:pitch w:val="variable"/></w:font>` +
		`<w:font w:name="` + fontTwin + `"><w:altName w:val="` + fontOther + `"/><w:panose1 w:val="02020603050405020304"/><w:charset w:val="00"/><w:family w:val="roman"/><w:pitch w:val="variable"/></w:font></w:fonts>`
	pageNumberHeader = xmlHead + `<w:hdr ` + wordNS + `><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>` +
		`<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>2</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:hdr>`
)

// twips are twentieths of a point.
func twips(mm float64) string  { return strconv.Itoa(int(math.Round(mm / 25.4 * 1440))) }
func halves(pt float64) string { return strconv.Itoa(int(math.Round(pt * 2))) }
func points(pt float64) string { return strconv.Itoa(int(math.Round(pt * 20))) }
func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder takes everything
	return b.String()
}

// style is a paragraph style: its properties are those of the element of the decree that it is named for.
type style struct {
	id, name, next string
	size           float64
	bold, italic   bool
	align          string
	before, after  float64 // points
	indent         float64 // first line, mm
	line           float64
	keep           bool
	outline        int // 1 to 9, 0: body
}

var paragraphStyles = []style{
	{id: "Normal", name: "Normal", size: sizeBody, line: lineFactor},
	{id: "Country", name: "Quốc hiệu", size: sizeCountry, bold: true, align: "center"},
	{id: "Motto", name: "Tiêu ngữ", size: sizeMotto, bold: true, align: "center"},
	{id: "Superior", name: "Cơ quan chủ quản", size: sizeOffice, align: "center"},
	{id: "Issuer", name: "Cơ quan ban hành", size: sizeOffice, bold: true, align: "center"},
	{id: "DocumentNumber", name: "Số, ký hiệu", size: sizeNumber, align: "center", before: 6},
	{id: "PlaceDate", name: "Địa danh, thời gian", size: sizeDate, italic: true, align: "center", before: 6},
	{id: "Title", name: "Title", size: sizeKind, bold: true, align: "center", before: 18, keep: true},
	{id: "Subtitle", name: "Subtitle", size: sizeKind, bold: true, align: "center", keep: true},
	{id: "Addressee", name: "Kính gửi", size: sizeBody, align: "center", before: 12, after: 6, line: lineFactor},
	{id: "Addressees", name: "Kính gửi, dòng", size: sizeBody, align: "left", line: lineFactor, indent: 40},
	{id: "Ground", name: "Căn cứ ban hành", size: sizeBody, italic: true, align: "both", after: afterParagraph, indent: firstIndent, line: lineFactor},
	{id: "BodyText", name: "Body Text", size: sizeBody, align: "both", after: afterParagraph, indent: firstIndent, line: lineFactor},
	{id: "ListBullet", name: "List Bullet", size: sizeBody, align: "both", after: afterParagraph, indent: firstIndent, line: lineFactor},
	{id: "Heading1", name: "heading 1", next: "BodyText", size: sizeBody, bold: true, align: "both", before: 6, after: afterParagraph, indent: firstIndent, line: lineFactor, keep: true, outline: 1},
	{id: "Heading2", name: "heading 2", next: "BodyText", size: sizeBody, bold: true, align: "both", after: afterParagraph, indent: firstIndent, line: lineFactor, keep: true, outline: 2},
	{id: "Heading3", name: "heading 3", next: "BodyText", size: sizeBody, bold: true, italic: true, align: "both", after: afterParagraph, indent: firstIndent, line: lineFactor, keep: true, outline: 3},
	{id: "AnnexName", name: "Phụ lục", next: "AnnexTitle", size: sizeAnnex, bold: true, align: "center", keep: true, outline: 1},
	{id: "AnnexTitle", name: "Tên phụ lục", size: sizeAnnex, bold: true, align: "center", keep: true},
	{id: "AnnexOf", name: "Kèm theo", size: sizeBody, italic: true, align: "center", after: 6, keep: true},
	{id: "Caption", name: "caption", size: sizeBody, bold: true, align: "center", before: 6, after: 3, keep: true},
	{id: "TableUnit", name: "Đơn vị tính", size: 12, italic: true, align: "right", after: 3, keep: true},
	{id: "TableText", name: "Ô chữ", size: 12, align: "left"},
	{id: "TableNumber", name: "Ô số", size: 12, align: "right"},
	{id: "TableHead", name: "Đầu bảng", size: 12, bold: true, align: "center"},
	{id: "TableNote", name: "Ghi chú bảng", size: 11, italic: true, align: "left", before: 3},
	{id: "RecipientsHead", name: "Nơi nhận", size: sizeTo, bold: true, italic: true, align: "left"},
	{id: "Recipients", name: "Nơi nhận, dòng", size: sizeToLines, align: "left"},
	{id: "Signer", name: "Chức vụ người ký", size: sizeSign, bold: true, align: "center"},
	{id: "FootnoteText", name: "footnote text", size: sizeNote, align: "both"},
	{id: "Header", name: "header", size: sizePage, align: "center"},
	{id: "Footer", name: "footer", size: 11, italic: true, align: "center"},
	{id: "Rule", name: "Đường kẻ", size: 2},
}

func styles() string {
	var b strings.Builder
	fonts := `<w:rFonts w:ascii="` + fontName + `" w:hAnsi="` + fontName + `" w:eastAsia="` + fontName + `" w:cs="` + fontName + `"/>`
	b.WriteString(xmlHead + `<w:styles ` + wordNS + `><w:docDefaults><w:rPrDefault><w:rPr>` + fonts + `<w:color w:val="000000"/><w:sz w:val="` + halves(sizeBody) + `"/><w:szCs w:val="` + halves(sizeBody) + `"/>` +
		`<w:lang w:val="` + language + `" w:eastAsia="` + language + `" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>`)
	for _, s := range paragraphStyles {
		first := ""
		if s.id == "Normal" {
			first = ` w:default="1"`
		}
		b.WriteString(`<w:style w:type="paragraph"` + first + ` w:styleId="` + s.id + `"><w:name w:val="` + escaped(s.name) + `"/>`)
		if s.id != "Normal" {
			b.WriteString(`<w:basedOn w:val="Normal"/>`)
		}
		if s.next != "" {
			b.WriteString(`<w:next w:val="` + s.next + `"/>`)
		}
		b.WriteString(`<w:qFormat/><w:pPr>`)
		if s.keep {
			b.WriteString(`<w:keepNext/><w:keepLines/>`)
		}
		line := s.line
		if line == 0 {
			line = 1
		}
		fmt.Fprintf(&b, `<w:spacing w:before="%s" w:after="%s" w:line="%d" w:lineRule="auto"/>`, points(s.before), points(s.after), int(math.Round(240*line)))
		if s.indent > 0 {
			b.WriteString(`<w:ind w:firstLine="` + twips(s.indent) + `"/>`)
		}
		if s.align != "" {
			b.WriteString(`<w:jc w:val="` + s.align + `"/>`)
		}
		if s.outline > 0 {
			b.WriteString(`<w:outlineLvl w:val="` + strconv.Itoa(s.outline-1) + `"/>`)
		}
		b.WriteString(`</w:pPr><w:rPr>`)
		if s.bold {
			b.WriteString(`<w:b/><w:bCs/>`)
		}
		if s.italic {
			b.WriteString(`<w:i/><w:iCs/>`)
		}
		b.WriteString(`<w:sz w:val="` + halves(s.size) + `"/><w:szCs w:val="` + halves(s.size) + `"/></w:rPr></w:style>`)
	}
	b.WriteString(`<w:style w:type="character" w:styleId="FootnoteReference"><w:name w:val="footnote reference"/><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>`)
	b.WriteString(`<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="0" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>`)
	b.WriteString(`</w:styles>`)
	return b.String()
}

// docx gathers the body; notes are the footnotes met so far.
type docx struct {
	d     Document
	b     strings.Builder
	notes []string
}

func (w *docx) write(parts ...string) {
	for _, p := range parts {
		w.b.WriteString(p)
	}
}

func runXML(text, properties string) string {
	if properties != "" {
		properties = `<w:rPr>` + properties + `</w:rPr>`
	}
	return `<w:r>` + properties + `<w:t xml:space="preserve">` + escaped(text) + `</w:t></w:r>`
}

// line writes a paragraph of one run.
func (w *docx) line(style, text, extra string) {
	w.write(`<w:p><w:pPr><w:pStyle w:val="`, style, `"/>`, extra, `</w:pPr>`)
	if text != "" {
		w.write(runXML(text, ""))
	}
	w.write(`</w:p>`)
}

// broken writes a paragraph with lines that are broken here.
func (w *docx) broken(style string, lines []string) {
	w.write(`<w:p><w:pPr><w:pStyle w:val="`, style, `"/></w:pPr>`)
	for i, l := range lines {
		if i > 0 {
			w.write(`<w:r><w:br/></w:r>`)
		}
		w.write(runXML(l, ""))
	}
	w.write(`</w:p>`)
}

// text writes a paragraph of runs.
func (w *docx) text(style string, t Text, extra string) {
	w.write(`<w:p><w:pPr><w:pStyle w:val="`, style, `"/>`, extra, `</w:pPr>`)
	for _, r := range t {
		properties := ""
		if r.Bold {
			properties += `<w:b/><w:bCs/>`
		}
		if r.Italic {
			properties += `<w:i/><w:iCs/>`
		}
		if r.Text != "" {
			w.write(runXML(r.Text, properties))
		}
		if r.Note != "" {
			w.notes = append(w.notes, r.Note)
			w.write(`<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteReference w:id="`, strconv.Itoa(len(w.notes)), `"/></w:r>`)
		}
	}
	w.write(`</w:p>`)
}

// rule writes a line of a part of the width in the middle, as the decree sets it under names and titles.
func (w *docx) rule(within, part float64) {
	side := twips(within * (1 - part) / 2)
	w.write(`<w:p><w:pPr><w:pStyle w:val="Rule"/><w:pBdr><w:top w:val="single" w:sz="6" w:space="1" w:color="000000"/></w:pBdr><w:spacing w:before="60"/><w:ind w:left="`, side, `" w:right="`, side, `"/></w:pPr></w:p>`)
}

// plainTable opens a table without lines, for what stands side by side.
func (w *docx) plainTable(widths ...float64) {
	w.write(`<w:tbl><w:tblPr><w:tblW w:w="`, twips(textWidth), `" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>`)
	for _, x := range widths {
		w.write(`<w:gridCol w:w="`, twips(x), `"/>`)
	}
	w.write(`</w:tblGrid>`)
}

func (w *docx) cell(width float64, properties string, fill func()) {
	w.write(`<w:tc><w:tcPr><w:tcW w:w="`, twips(width), `" w:type="dxa"/>`, properties, `</w:tcPr>`)
	fill()
	w.write(`</w:tc>`)
}

func (w *docx) document() string {
	d := w.d
	w.write(xmlHead, `<w:document `, wordNS, `><w:body>`)
	w.line("Rule", "", "") // LibreOffice sets a paragraph of its own before a table that comes first, and a tall one
	w.plainTable(officeWidth, countryWidth)
	w.write(`<w:tr><w:trPr><w:cantSplit/></w:trPr>`)
	w.cell(officeWidth, "", func() {
		if d.Superior != "" {
			w.broken("Superior", inLines(d.Superior))
		}
		w.broken("Issuer", inLines(d.Issuer))
		w.rule(officeWidth, 0.4)
	})
	w.cell(countryWidth, "", func() {
		w.line("Country", country, "")
		w.line("Motto", motto, "")
		w.rule(countryWidth, (mottoWidth+3)/countryWidth)
	})
	w.write(`</w:tr><w:tr><w:trPr><w:cantSplit/></w:trPr>`)
	w.cell(officeWidth, "", func() { w.line("DocumentNumber", d.NumberLine(), "") })
	w.cell(countryWidth, "", func() { w.line("PlaceDate", d.DateLine(), "") })
	w.write(`</w:tr></w:tbl>`)
	w.line("Title", strings.ToUpper(d.Kind), "")
	w.line("Subtitle", d.Title, "")
	w.rule(textWidth, 0.35)
	for i, line := range d.to() {
		if i == 0 {
			w.line("Addressee", line, "")
			continue
		}
		w.line("Addressees", line, "")
	}
	for i, g := range d.Grounds {
		extra := ""
		if i == 0 {
			extra = `<w:spacing w:before="160"/>`
		}
		w.line("Ground", g, extra)
	}
	body := d.ended()
	w.blocks(body, textWidth, true)
	w.signing()
	for i, a := range d.Annexes {
		w.section(i > 0 && d.Annexes[i-1].Landscape)
		width := textWidth
		if a.Landscape {
			width = landscapeWidth
		}
		w.line("AnnexName", d.annexName(i), "")
		w.line("AnnexTitle", strings.ToUpper(a.Title), "")
		w.line("AnnexOf", d.AttachedTo(), "")
		if a.Intro != "" {
			w.line("AnnexOf", a.Intro, "")
		}
		w.rule(width, 0.2)
		w.blocks(a.Blocks, width, false)
		if i == len(d.Annexes)-1 {
			w.closing()
		}
	}
	if len(d.Annexes) == 0 {
		w.closing()
	}
	w.write(w.sectionProperties(len(d.Annexes) > 0 && d.Annexes[len(d.Annexes)-1].Landscape), `</w:body></w:document>`)
	return w.b.String()
}

// closing writes the notes on the figures at the very end, where a paragraph must stand in any case.
func (w *docx) closing() {
	for i, n := range w.d.Notes {
		if i == 0 {
			w.line("Caption", notesTitle, `<w:jc w:val="left"/>`)
		}
		w.line("TableNote", n, "")
	}
	w.line("Rule", "", "")
}

// section ends the section so far in an empty paragraph of no height.
func (w *docx) section(landscape bool) {
	w.write(`<w:p><w:pPr><w:pStyle w:val="Rule"/>`, w.sectionProperties(landscape), `</w:pPr></w:p>`)
}

// sectionProperties: A4, the margins of the decree, page numbers from page 2 on, and from 1 again in each annex.
func (w *docx) sectionProperties(landscape bool) string {
	size := `<w:pgSz w:w="` + twips(pageWidth) + `" w:h="` + twips(pageHeight) + `"/>`
	if landscape {
		size = `<w:pgSz w:w="` + twips(pageHeight) + `" w:h="` + twips(pageWidth) + `" w:orient="landscape"/>`
	}
	return `<w:sectPr><w:headerReference w:type="default" r:id="rId6"/><w:headerReference w:type="first" r:id="rId7"/><w:footerReference w:type="default" r:id="rId8"/><w:footerReference w:type="first" r:id="rId8"/><w:type w:val="nextPage"/>` + size +
		`<w:pgMar w:top="` + twips(marginTop) + `" w:right="` + twips(marginRight) + `" w:bottom="` + twips(marginBottom) + `" w:left="` + twips(marginLeft) + `" w:header="` + twips(pageNumberPlace) + `" w:footer="` + twips(pageNumberPlace) + `" w:gutter="0"/>` +
		`<w:pgNumType w:start="1"/><w:titlePg/></w:sectPr>`
}

func (w *docx) blocks(blocks []Block, width float64, signed bool) {
	for i, b := range blocks {
		extra := ""
		if signed && i == len(blocks)-1 {
			extra = `<w:keepNext/>` // no signature alone on a page
		}
		switch {
		case b.Heading != nil:
			w.line("Heading"+strconv.Itoa(b.Heading.Level), b.Heading.words(), "")
		case len(b.Paragraph) > 0:
			w.text("BodyText", b.Paragraph, extra)
		case len(b.List) > 0:
			for k, t := range b.List {
				if k < len(b.List)-1 {
					w.text("ListBullet", t, `<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>`)
					continue
				}
				w.text("ListBullet", t, extra+`<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>`)
			}
		case b.Table != nil:
			w.table(*b.Table, width)
		}
	}
}

func (w *docx) table(t Table, width float64) {
	if t.Title != "" {
		w.line("Caption", t.Title, "")
	}
	if t.Unit != "" {
		w.line("TableUnit", t.Unit, "")
	}
	border := func(side string) string {
		return `<w:` + side + ` w:val="single" w:sz="4" w:space="0" w:color="000000"/>`
	}
	w.write(`<w:tbl><w:tblPr><w:tblW w:w="`, twips(width), `" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>`, border("top"), border("left"), border("bottom"), border("right"), border("insideH"), border("insideV"),
		`</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:top w:w="30" w:type="dxa"/><w:left w:w="70" w:type="dxa"/><w:bottom w:w="30" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar>`)
	if t.Title != "" {
		w.write(`<w:tblCaption w:val="`, escaped(t.Title), `"/>`)
	}
	w.write(`</w:tblPr><w:tblGrid>`)
	shares := t.shares(width)
	for _, x := range shares {
		w.write(`<w:gridCol w:w="`, twips(x), `"/>`)
	}
	w.write(`</w:tblGrid>`)
	size := `<w:sz w:val="` + halves(t.size()) + `"/><w:szCs w:val="` + halves(t.size()) + `"/>`
	cells, rows := t.heads()
	for level := range rows {
		w.write(`<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>`)
		for i := 0; i < len(t.Columns); {
			h, begins := headAt(cells, level, i)
			wide := 0.0
			for k := i; k < i+h.columns; k++ {
				wide += shares[k]
			}
			properties := ""
			if h.columns > 1 {
				properties += `<w:gridSpan w:val="` + strconv.Itoa(h.columns) + `"/>`
			}
			if h.rows > 1 {
				if begins {
					properties += `<w:vMerge w:val="restart"/>`
				} else {
					properties += `<w:vMerge/>`
				}
			}
			w.cell(wide, properties+`<w:vAlign w:val="center"/>`, func() {
				w.write(`<w:p><w:pPr><w:pStyle w:val="TableHead"/></w:pPr>`)
				if begins && h.text != "" {
					w.write(runXML(h.text, size))
				}
				w.write(`</w:p>`)
			})
			i += h.columns
		}
		w.write(`</w:tr>`)
	}
	for _, r := range t.Rows {
		w.write(`<w:tr><w:trPr><w:cantSplit/></w:trPr>`)
		for i, c := range r.Cells {
			style, look := "TableText", size
			if t.Columns[i].Numeric {
				style = "TableNumber"
			}
			if r.Strong {
				look = `<w:b/><w:bCs/>` + size
			}
			w.cell(shares[i], `<w:vAlign w:val="center"/>`, func() {
				w.write(`<w:p><w:pPr><w:pStyle w:val="`, style, `"/></w:pPr>`)
				if c.Text != "" {
					w.write(runXML(c.Text, look))
				}
				w.write(`</w:p>`)
				if c.Range != nil {
					w.write(`<w:p><w:pPr><w:pStyle w:val="`, style, `"/></w:pPr>`, runXML(c.Range.String(), `<w:sz w:val="18"/><w:szCs w:val="18"/>`), `</w:p>`)
				}
			})
		}
		w.write(`</w:tr>`)
	}
	w.write(`</w:tbl>`)
	for _, n := range t.Notes {
		w.line("TableNote", n, "")
	}
	w.line("Normal", "", `<w:spacing w:after="0" w:line="120" w:lineRule="exact"/>`) // two tables in a row would be one
}

// headAt finds the head cell that covers a place, and whether it begins in this row.
func headAt(cells []headCell, row, column int) (headCell, bool) {
	for _, c := range cells {
		if c.row <= row && row < c.row+c.rows && c.column <= column && column < c.column+c.columns {
			return c, c.row == row
		}
	}
	return headCell{row: row, column: column, rows: 1, columns: 1}, true
}

func (w *docx) signing() {
	d := w.d
	half := textWidth / 2
	w.plainTable(half, half)
	w.write(`<w:tr><w:trPr><w:cantSplit/></w:trPr>`)
	w.cell(half, "", func() {
		w.line("RecipientsHead", toHead, "")
		for _, r := range d.recipients() {
			w.line("Recipients", r, "")
		}
	})
	w.cell(half, "", func() {
		for _, line := range d.Signature.Lines {
			w.line("Signer", line, "")
		}
		w.line("Signer", "", `<w:spacing w:before="`+twips(signatureRoom)+`"/>`)
		w.line("Signer", d.Signature.Name, "")
	})
	w.write(`</w:tr></w:tbl>`)
}

func (w *docx) footnotes() string {
	var b strings.Builder
	b.WriteString(xmlHead + `<w:footnotes ` + wordNS + `><w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote><w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>`)
	for i, n := range w.notes {
		b.WriteString(`<w:footnote w:id="` + strconv.Itoa(i+1) + `"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr><w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>` + runXML(" "+n, "") + `</w:p></w:footnote>`)
	}
	b.WriteString(`</w:footnotes>`)
	return b.String()
}

func (w *docx) footer() string {
	text := ""
	if w.d.Notice != "" {
		text = runXML(w.d.Notice, "")
	}
	return xmlHead + `<w:ftr ` + wordNS + `><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>` + text + `</w:p></w:ftr>`
}

// core holds the title and no person's name.
func (w *docx) core() string {
	made := w.d.made().Format("2006-01-02T15:04:05Z")
	return xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		`<dc:title>` + escaped(w.d.heading()) + `</dc:title><dc:creator>` + escaped(w.d.Issuer) + `</dc:creator><dc:language>` + language + `</dc:language>` +
		`<dcterms:created xsi:type="dcterms:W3CDTF">` + made + `</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">` + made + `</dcterms:modified></cp:coreProperties>`
}

// heading is the name of the document in one line.
func (d Document) heading() string { return d.Kind + " " + lowerFirst(d.Title) }

func lowerFirst(s string) string {
	for i, r := range s {
		return strings.ToLower(string(r)) + s[i+len(string(r)):]
	}
	return s
}
