package paper

import (
	"bytes"
	"strconv"
	"strings"

	"codeberg.org/go-pdf/fpdf"
)

// PDF writes the document as PDF with the used letters of its font embedded: the same bytes each time. Lines are broken and set here, word by word;
// the library only measures and draws. The result is not tagged: Docx and HTML are for whoever reads with a screen reader.
func (d Document) PDF() ([]byte, error) {
	return d.pdf(true)
}

func (d Document) pdf(compressed bool) ([]byte, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	f := fpdf.New("P", "mm", "A4", "")
	f.SetCompression(compressed)
	f.SetCatalogSort(true)
	f.SetCreationDate(d.made())
	f.SetModificationDate(d.made())
	f.SetProducer("Bình An", true)
	f.SetTitle(d.heading(), true)
	f.SetAuthor(d.Issuer, true)
	f.SetLang(language)
	f.SetAutoPageBreak(false, 0)
	f.SetMargins(marginLeft, marginTop, marginRight)
	f.SetCellMargin(0)
	for _, style := range []string{regular, bold, italic, boldItalic} {
		f.AddUTF8FontFromBytes(family, style, font(style))
	}
	p := &pdf{f: f, d: d}
	p.document()
	var b bytes.Buffer
	if err := f.Output(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

const family = "serif"

// pdf is the pen: where the next line comes, and what waits for the foot of the page.
type pdf struct {
	f        *fpdf.Fpdf
	d        Document
	y        float64
	width    float64 // of the text
	bottom   float64
	across   bool
	number   int // page number in its section
	notes    int // footnotes so far
	foot     [][]line
	footHigh float64
	again    func() // draws what stands again on top of each page: the head of a table
}

const mm = 25.4 / 72 // of a point

// segment is a piece of a word in one look. A word may have several: "chữ**đậm**".
type segment struct {
	text   string
	style  string
	size   float64
	raised bool
}

type token struct {
	segments []segment
	width    float64
	note     string // the footnote that its mark calls
	mark     int
}

type line struct {
	tokens []token
	width  float64 // natural, with single spaces
	indent float64
	last   bool // of its paragraph
	small  bool // the interval below a number
}

func (p *pdf) measure(text, style string, size float64) float64 {
	p.f.SetFont(family, style, size)
	return p.f.GetStringWidth(text)
}

func high(size float64) float64 { return size * mm * 1.15 * lineFactor }

// tokens cuts runs at spaces. A no-break space stays inside its word.
func (p *pdf) tokens(t Text, size float64, strong bool) []token {
	var out []token
	open := false
	add := func(s segment) {
		if !open {
			out = append(out, token{})
			open = true
		}
		last := &out[len(out)-1]
		if s.raised {
			last.width += p.measure(s.text, s.style, s.size*0.65)
		} else {
			last.width += p.measure(s.text, s.style, s.size)
		}
		last.segments = append(last.segments, s)
	}
	for _, r := range t {
		style := styleOf(r.Bold || strong, r.Italic)
		for i, part := range strings.Split(r.Text, " ") {
			if i > 0 {
				open = false
			}
			if part != "" {
				add(segment{text: part, style: style, size: size})
			}
		}
		if r.Note != "" {
			p.notes++
			add(segment{text: strconv.Itoa(p.notes), style: regular, size: size, raised: true})
			last := &out[len(out)-1]
			last.note, last.mark = r.Note, p.notes
		}
	}
	return out
}

// lines breaks a paragraph. A word that is wider than a line is cut where the line ends.
func (p *pdf) lines(t Text, size, width, indent float64, strong bool) []line {
	space := p.measure(" ", regular, size)
	var out []line
	cur := line{indent: indent}
	flush := func() {
		out = append(out, cur)
		cur = line{}
	}
	for _, word := range p.tokens(t, size, strong) {
		for {
			room := width - cur.indent - cur.width
			if len(cur.tokens) > 0 {
				room -= space
			}
			if word.width <= room+1e-6 {
				if len(cur.tokens) > 0 {
					cur.width += space
				}
				cur.tokens = append(cur.tokens, word)
				cur.width += word.width
				break
			}
			if len(cur.tokens) > 0 {
				flush()
				continue
			}
			head, rest := p.cut(word, room)
			cur.tokens = append(cur.tokens, head)
			cur.width += head.width
			if len(rest.segments) == 0 {
				break
			}
			flush()
			word = rest
		}
	}
	if len(cur.tokens) > 0 || len(out) == 0 {
		flush()
	}
	out[len(out)-1].last = true
	return out
}

// cut gives as much of a word as fits, at least one letter.
func (p *pdf) cut(word token, room float64) (head, rest token) {
	full := false
	for _, s := range word.segments {
		size := s.size
		if s.raised {
			size *= 0.65
		}
		n := 0
		for i, r := range s.text {
			w := p.measure(string(r), s.style, size)
			if full || head.width+w > room && head.width > 0 {
				full = true
				break
			}
			head.width += w
			n = i + len(string(r))
		}
		if n > 0 {
			head.segments = append(head.segments, segment{s.text[:n], s.style, s.size, s.raised})
		}
		if n < len(s.text) {
			rest.segments = append(rest.segments, segment{s.text[n:], s.style, s.size, s.raised})
			rest.width += p.measure(s.text[n:], s.style, size)
		}
	}
	if len(rest.segments) == 0 {
		head.note, head.mark = word.note, word.mark
	} else {
		rest.note, rest.mark = word.note, word.mark
	}
	return head, rest
}

// draw sets one line with its baseline at y.
func (p *pdf) draw(l line, x, y, width, size float64, align string) {
	space := p.measure(" ", regular, size)
	x += l.indent
	free := width - l.indent - l.width
	switch align {
	case "center":
		x += free / 2
	case "right":
		x += free
	case "both":
		if gaps := len(l.tokens) - 1; !l.last && gaps > 0 {
			space += free / float64(gaps)
		}
	}
	for i, word := range l.tokens {
		at := x
		for k, s := range word.segments {
			size, up := s.size, 0.0
			if s.raised {
				size, up = s.size*0.65, s.size*mm*0.35
			}
			text := s.text
			w := p.measure(text, s.style, size)
			if k == len(word.segments)-1 && i < len(l.tokens)-1 {
				text += " " // so that copied text has its spaces
			}
			p.f.Text(at, y-up, text)
			at += w
		}
		x += word.width + space
	}
}

// page begins a page: its number in the top margin but on the first of a section, the notice at its foot.
func (p *pdf) page() {
	p.endPage()
	size := fpdf.SizeType{Wd: pageWidth, Ht: pageHeight}
	orientation, wide, tall := "P", pageWidth, pageHeight
	if p.across {
		orientation, wide, tall = "L", pageHeight, pageWidth
	}
	p.f.AddPageFormat(orientation, size)
	p.f.SetTextColor(0, 0, 0)
	p.f.SetDrawColor(0, 0, 0)
	p.width, p.bottom = wide-marginLeft-marginRight, tall-marginBottom
	p.number++
	p.y = marginTop
	centred := func(text, style string, size, y float64) {
		w := p.measure(text, style, size)
		p.f.Text((wide-w)/2, y, text)
	}
	if p.number > 1 {
		centred(strconv.Itoa(p.number), regular, sizePage, pageNumberPlace+sizePage*mm)
	}
	if p.d.Notice != "" {
		centred(p.d.Notice, italic, 11, tall-pageNumberPlace)
	}
	if p.again != nil {
		p.again()
	}
}

// endPage sets the footnotes that the page called.
func (p *pdf) endPage() {
	if len(p.foot) > 0 {
		y := p.bottom - p.footHigh + 2
		p.f.SetLineWidth(0.2)
		p.f.Line(marginLeft, y, marginLeft+50, y)
		y += 1
		for _, note := range p.foot {
			for _, l := range note {
				y += high(sizeNote)
				p.draw(l, marginLeft, y-high(sizeNote)*0.25, p.width, sizeNote, "both")
			}
		}
	}
	p.foot, p.footHigh = nil, 0
}

// room is what is left of the page.
func (p *pdf) room() float64 { return p.bottom - p.footHigh - p.y }

// need begins a page when less than h is left.
func (p *pdf) need(h float64) {
	if p.room() < h-1e-6 {
		p.page()
	}
}

// noteLines are the lines of the footnotes that a line calls, and their height with the rule above the first.
func (p *pdf) noteLines(l line) (notes [][]line, h float64) {
	for _, word := range l.tokens {
		if word.note == "" {
			continue
		}
		before := p.notes
		ls := p.lines(Plain(strconv.Itoa(word.mark)+" "+word.note), sizeNote, p.width, 0, false)
		p.notes = before
		mark := &ls[0].tokens[0]
		mark.segments[0].raised = true
		notes = append(notes, ls)
		h += float64(len(ls)) * high(sizeNote)
	}
	if len(notes) > 0 && len(p.foot) == 0 {
		h += 3
	}
	return notes, h
}

// set prints lines from the top of where the pen is. No first or last line of a paragraph stands alone on a page.
func (p *pdf) set(ls []line, x, width, size float64, align string) {
	for i, l := range ls {
		notes, extra := p.noteLines(l)
		wanted := high(size) + extra
		if left := len(ls) - i; len(ls) > 2 && (i == 0 || left == 2) {
			wanted += high(size)
		}
		p.need(wanted)
		p.y += high(size)
		p.draw(l, x, p.y-high(size)*0.25, width, size, align)
		p.foot = append(p.foot, notes...)
		p.footHigh += extra
	}
}

func (p *pdf) paragraph(t Text, size, indent float64, align string, after float64) {
	p.set(p.lines(t, size, p.width, indent, false), marginLeft, p.width, size, align)
	p.y += after * mm
}

// words prints a text of one look.
func (p *pdf) words(text, style string, size float64, align string, after float64) {
	p.paragraph(Text{{Text: text, Bold: strings.Contains(style, bold), Italic: strings.Contains(style, italic)}}, size, 0, align, after)
}

func (p *pdf) rule(x, y, width float64) {
	p.f.SetLineWidth(0.25)
	p.f.Line(x, y, x+width, y)
}

// column prints lines of text under each other in a column and gives where it ends.
func (p *pdf) column(x, y, width float64, texts []segment, align string) float64 {
	for _, s := range texts {
		t := Text{{Text: s.text, Bold: strings.Contains(s.style, bold), Italic: strings.Contains(s.style, italic)}}
		for _, l := range p.lines(t, s.size, width, 0, false) {
			y += s.size * mm * 1.15
			p.draw(l, x, y-s.size*mm*0.25, width, s.size, align)
		}
	}
	return y
}

func (p *pdf) head() {
	d := p.d
	var office []segment
	if d.Superior != "" {
		for _, l := range inLines(d.Superior) {
			office = append(office, segment{text: l, size: sizeOffice})
		}
	}
	for _, l := range inLines(d.Issuer) {
		office = append(office, segment{text: l, style: bold, size: sizeOffice})
	}
	right := marginLeft + officeWidth
	left := p.column(marginLeft, p.y, officeWidth, office, "center")
	p.rule(marginLeft+officeWidth*0.3, left+1, officeWidth*0.4)
	end := p.column(right, p.y, countryWidth, []segment{{text: country, style: bold, size: sizeCountry}, {text: motto, style: bold, size: sizeMotto}}, "center")
	p.rule(right+(countryWidth-mottoWidth)/2, end+1, mottoWidth)
	y := max(left, end) + 3.5
	a := p.column(marginLeft, y, officeWidth, []segment{{text: d.NumberLine(), size: sizeNumber}}, "center")
	b := p.column(right, y, countryWidth, []segment{{text: d.DateLine(), style: italic, size: sizeDate}}, "center")
	p.y = max(a, b) + 7
}

func (p *pdf) document() {
	d := p.d
	p.page()
	p.head()
	p.f.SetFont(family, bold, sizeKind)
	p.f.Bookmark(d.heading(), 0, p.y)
	p.words(strings.ToUpper(d.Kind), bold, sizeKind, "center", 0)
	p.words(d.Title, bold, sizeKind, "center", 0)
	p.y += 1.5
	p.rule(marginLeft+p.width*0.325, p.y, p.width*0.35)
	p.y += 5
	for i, text := range d.to() {
		if i == 0 {
			p.words(text, regular, sizeBody, "center", 3)
			continue
		}
		p.paragraph(Plain(text), sizeBody, 40, "left", 0)
	}
	if len(d.To) > 0 {
		p.y += 2
	}
	for _, g := range d.Grounds {
		p.paragraph(Text{{Text: g, Italic: true}}, sizeBody, firstIndent, "both", afterParagraph)
	}
	signing := p.signingHeight()
	p.blocks(d.ended(), signing)
	p.need(signing)
	p.signing()
	for i, a := range d.Annexes {
		p.endPage()
		p.across, p.number = a.Landscape, 0
		p.page()
		p.f.SetFont(family, bold, sizeAnnex)
		p.f.Bookmark(d.annexName(i)+". "+a.Title, 0, p.y)
		p.words(d.annexName(i), bold, sizeAnnex, "center", 0)
		p.words(strings.ToUpper(a.Title), bold, sizeAnnex, "center", 0)
		p.words(d.AttachedTo(), italic, sizeBody, "center", 0)
		if a.Intro != "" {
			p.words(a.Intro, italic, sizeBody, "center", 0)
		}
		p.y += 1.5
		p.rule(marginLeft+p.width*0.4, p.y, p.width*0.2)
		p.y += 4
		p.blocks(a.Blocks, 0)
	}
	for i, n := range d.Notes {
		if i == 0 {
			p.y += 2
			p.need(3 * high(11))
			p.words(notesTitle, bold, 12, "left", 2)
		}
		p.words(n, italic, 11, "left", 2)
	}
	p.endPage()
}

// blocks prints a part. A heading stays with what follows it; the last paragraph, unless it is long, with the signature.
func (p *pdf) blocks(blocks []Block, signing float64) {
	for i, b := range blocks {
		switch {
		case b.Heading != nil:
			wanted := 0.0
			for k := i; k < len(blocks); k++ {
				wanted += high(sizeBody) + afterParagraph*mm
				if blocks[k].Heading == nil {
					wanted += 2 * high(sizeBody)
					if blocks[k].Table != nil {
						wanted += 25
					}
					break
				}
			}
			h := b.Heading
			run := Text{{Text: h.words(), Bold: true, Italic: h.Level == 3}}
			ls := p.lines(run, sizeBody, p.width, firstIndent, false)
			p.need(wanted + float64(len(ls)-1)*high(sizeBody))
			p.f.SetFont(family, bold, sizeBody)
			p.f.Bookmark(h.Number+". "+h.Title, min(h.Level, 3), p.y)
			p.set(ls, marginLeft, p.width, sizeBody, "both")
			p.y += afterParagraph * mm
		case len(b.Paragraph) > 0:
			if signing > 0 && i == len(blocks)-1 {
				notes := p.notes // measured here, called when printed
				h := float64(len(p.lines(b.Paragraph, sizeBody, p.width, firstIndent, false))) * high(sizeBody)
				if p.notes = notes; h < 60 {
					p.need(h + afterParagraph*mm + signing)
				}
			}
			p.paragraph(b.Paragraph, sizeBody, firstIndent, "both", afterParagraph)
		case len(b.List) > 0:
			for _, t := range b.List {
				p.paragraph(append(Text{{Text: "- "}}, t...), sizeBody, firstIndent, "both", afterParagraph)
			}
		case b.Table != nil:
			p.table(*b.Table)
		}
	}
}

const (
	cellMargin = 1.2 // beside the text of a cell
	cellAbove  = 0.7
	sizeRange  = 9.0
)

// leading is the height of a line of a table whose lines are lead high.
func (l line) leading(lead float64) float64 {
	if l.small {
		return sizeRange * mm * 1.15
	}
	return lead
}

// table prints a table; its head stands again on each page. A row stays on one page unless no page could hold it.
func (p *pdf) table(t Table) {
	size := t.size()
	lead := size * mm * 1.15
	widths := t.shares(p.width)
	x := make([]float64, len(widths)+1)
	x[0] = marginLeft
	for i, w := range widths {
		x[i+1] = x[i] + w
	}
	cells, levels := t.heads()
	tall := make([]float64, levels)
	texts := make([][]line, len(cells))
	for i, c := range cells {
		texts[i] = p.lines(Text{{Text: c.text, Bold: true}}, size, x[c.column+c.columns]-x[c.column]-2*cellMargin, 0, false)
		if c.rows == 1 {
			tall[c.row] = max(tall[c.row], float64(len(texts[i]))*lead+2*cellAbove)
		}
	}
	for i, c := range cells {
		has := 0.0
		for k := c.row; k < c.row+c.rows; k++ {
			has += tall[k]
		}
		if lacks := float64(len(texts[i]))*lead + 2*cellAbove - has; lacks > 0 {
			tall[c.row+c.rows-1] += lacks
		}
	}
	top := 0.0
	for _, h := range tall {
		top += h
	}
	head := func() {
		p.f.SetLineWidth(0.2)
		for i, c := range cells {
			y, h := p.y, 0.0
			for k := range c.row + c.rows {
				if k < c.row {
					y += tall[k]
				} else {
					h += tall[k]
				}
			}
			wide := x[c.column+c.columns] - x[c.column]
			p.f.Rect(x[c.column], y, wide, h, "D")
			at := y + (h-float64(len(texts[i]))*lead)/2
			for _, l := range texts[i] {
				at += lead
				p.draw(l, x[c.column]+cellMargin, at-lead*0.25, wide-2*cellMargin, size, "center")
			}
		}
		p.y += top
	}
	row := func(r Row) [][]line {
		out := make([][]line, len(r.Cells))
		for i, c := range r.Cells {
			out[i] = p.lines(Plain(c.Text), size, widths[i]-2*cellMargin, 0, r.Strong)
			if c.Range != nil {
				texts := []string{c.Range.String()}
				if room := widths[i] - 2*cellMargin; p.measure(texts[0], regular, sizeRange) > room { // after the dash, not inside a number
					lower, upper, _ := strings.Cut(texts[0], "–")
					texts = []string{lower + "–", upper}
				}
				for _, text := range texts {
					for _, l := range p.lines(Plain(text), sizeRange, widths[i]-2*cellMargin, 0, false) {
						l.small = true
						out[i] = append(out[i], l)
					}
				}
			}
		}
		return out
	}
	// tallest is how high the lines of the highest cell are.
	deep := func(ls []line) (h float64) {
		for _, l := range ls {
			h += l.leading(lead)
		}
		return h
	}
	tallest := func(ls [][]line) float64 {
		h := lead
		for _, l := range ls {
			h = max(h, deep(l))
		}
		return h
	}
	first := 0.0
	if len(t.Rows) > 0 {
		first = min(tallest(row(t.Rows[0])), 8*lead) + 2*cellAbove
	}
	caption := 0.0
	if t.Title != "" {
		caption += float64(len(p.lines(Text{{Text: t.Title, Bold: true}}, sizeBody, p.width, 0, false)))*high(sizeBody) + 1
	}
	if t.Unit != "" {
		caption += high(12) + 1
	}
	p.need(caption + top + first)
	if t.Title != "" {
		p.words(t.Title, bold, sizeBody, "center", 2)
	}
	if t.Unit != "" {
		p.words(t.Unit, italic, 12, "right", 2)
	}
	head()
	p.again = head
	for _, r := range t.Rows {
		ls := row(r)
		if h := tallest(ls) + 2*cellAbove; h > p.room() && h <= p.bottom-marginTop-top {
			p.page()
		}
		for whole := true; ; whole = false { // in pieces, when no page holds it
			room := p.room() - 2*cellAbove
			if room < lead {
				p.page()
				continue
			}
			parts, rest := make([][]line, len(ls)), false
			for i := range ls {
				n, used := 0, 0.0
				for n < len(ls[i]) && used+ls[i][n].leading(lead) <= room+1e-6 {
					used += ls[i][n].leading(lead)
					n++
				}
				parts[i], ls[i] = ls[i][:n], ls[i][n:]
				rest = rest || len(ls[i]) > 0
			}
			h := tallest(parts) + 2*cellAbove
			p.f.SetLineWidth(0.2)
			for i := range r.Cells {
				p.f.Rect(x[i], p.y, widths[i], h, "D")
				align := "left"
				if t.Columns[i].Numeric {
					align = "right"
				}
				at := p.y + cellAbove
				if whole && !rest { // in the middle of the row
					at = p.y + (h-deep(parts[i]))/2
				}
				for _, l := range parts[i] {
					at += l.leading(lead)
					p.draw(l, x[i]+cellMargin, at-l.leading(lead)*0.25, widths[i]-2*cellMargin, size, align)
				}
			}
			p.y += h
			if !rest {
				break
			}
			p.page()
		}
	}
	p.again = nil
	p.y += 1
	for _, n := range t.Notes {
		p.words(n, italic, 11, "left", 1)
	}
	p.y += 3
}

func (p *pdf) signer() (above []segment, name []segment) {
	for _, text := range p.d.Signature.Lines {
		above = append(above, segment{text: text, style: bold, size: sizeSign})
	}
	if p.d.Signature.Name != "" {
		name = []segment{{text: p.d.Signature.Name, style: bold, size: sizeSign}}
	}
	return above, name
}

func (p *pdf) signingHeight() float64 {
	half := textWidth / 2
	lines := func(all []segment, size float64) float64 {
		n := 0
		for _, s := range all {
			n += len(p.lines(Text{{Text: s.text, Bold: s.style == bold}}, s.size, half, 0, false))
		}
		return float64(n) * size * mm * 1.15
	}
	var to []segment
	for _, r := range p.d.recipients() {
		to = append(to, segment{text: r, size: sizeToLines})
	}
	above, name := p.signer()
	return 4 + max(sizeTo*mm*1.15+lines(to, sizeToLines), lines(above, sizeSign)+signatureRoom+lines(name, sizeSign))
}

func (p *pdf) signing() {
	half := p.width / 2
	p.y += 2
	to := []segment{{text: toHead, style: boldItalic, size: sizeTo}}
	for _, r := range p.d.recipients() {
		to = append(to, segment{text: r, size: sizeToLines})
	}
	above, name := p.signer()
	left := p.column(marginLeft, p.y, half, to, "left")
	right := p.column(marginLeft+half, p.y, half, above, "center") + signatureRoom
	right = p.column(marginLeft+half, right, half, name, "center")
	p.y = max(left, right)
}
