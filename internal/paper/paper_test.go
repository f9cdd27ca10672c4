package paper

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"

	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/i18n"
)

func TestDaysAndNumbersAreWrittenAsDocumentsWriteThem(t *testing.T) {
	t.Parallel()
	room := strings.Repeat("\u00a0", 6)
	for _, x := range []struct{ have, want string }{
		{Date{5, 12, 2022}.String(), "ngày 05 tháng 12 năm 2022"}, {Date{25, 2, 2026}.String(), "ngày 25 tháng 02 năm 2026"}, {Date{10, 3, 2026}.String(), "ngày 10 tháng 3 năm 2026"},
		{Date{1, 1, 2026}.String(), "ngày 01 tháng 01 năm 2026"}, {Date{0, 0, 2022}.String(), "ngày " + room + " tháng " + room + " năm 2022"},
		{Whole(0), "0"}, {Whole(999), "999"}, {Whole(23800), "23.800"}, {Whole(-1234567), "-1.234.567"}, {Number{125, 1}.String(), "12,5"}, {Number{5, 2}.String(), "0,05"}, {Number{-5, 1}.String(), "-0,5"}, {Number{1234567, 1}.String(), "123.456,7"},
		{roman(4), "IV"}, {roman(19), "XIX"}, {roman(39), "XXXIX"},
	} {
		if x.have != x.want {
			t.Errorf("%q, want %q", x.have, x.want)
		}
	}
}

func TestTheBlockOfWhoeverSignsFollowsModeAndOffice(t *testing.T) {
	t.Parallel()
	council := func(m Mode, title string) Signing {
		return Signing{Mode: m, Body: "Ủy ban nhân dân", Head: "Chủ tịch", Title: title}
	}
	office := func(m Mode, title string) Signing { return Signing{Mode: m, Head: "Giám đốc", Title: title} }
	for _, x := range []struct {
		s    Signing
		want []string
	}{
		{council(Together, ""), []string{"TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"}},
		{council(Head, ""), []string{"TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"}},
		{council(Deputy, "Phó Chủ tịch"), []string{"TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"}}, // the 2022 plan
		{council(Acting, ""), []string{"TM. ỦY BAN NHÂN DÂN", "Q. CHỦ TỊCH"}},
		{council(ByOrder, "Chánh Văn phòng"), []string{"TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"}},
		{council(ByPower, "Giám đốc Sở Nội vụ"), []string{"TUQ. CHỦ TỊCH", "GIÁM ĐỐC SỞ NỘI VỤ"}},
		{office(Head, ""), []string{"GIÁM ĐỐC"}}, // a department is led by its head alone: no TM.
		{office(Deputy, "Phó Giám đốc"), []string{"KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"}},
		{office(Acting, ""), []string{"Q. GIÁM ĐỐC"}},
		{office(ByOrder, "Trưởng phòng Bảo trợ xã hội"), []string{"TL. GIÁM ĐỐC", "TRƯỞNG PHÒNG BẢO TRỢ XÃ HỘI"}},
	} {
		if d := cmp.Diff(x.want, x.s.Signature().Lines); d != "" {
			t.Errorf("%+v:\n%s", x.s, d)
		}
	}
}

func TestNamesOfOfficesAreBrokenAsAClerkBreaksThem(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"Sở Nội vụ":                             {"SỞ NỘI VỤ"},
		"Ủy ban nhân dân tỉnh Kon Tum":          {"ỦY BAN NHÂN DÂN", "TỈNH KON TUM"},
		"Sở Lao động - Thương binh và Xã hội":   {"SỞ LAO ĐỘNG -", "THƯƠNG BINH VÀ XÃ HỘI"},
		"Ủy ban nhân dân thành phố Hồ Chí Minh": {"ỦY BAN NHÂN DÂN", "THÀNH PHỐ HỒ CHÍ MINH"},
	} {
		if d := cmp.Diff(want, inLines(name)); d != "" {
			t.Errorf("%s:\n%s", name, d)
		}
	}
}

// TestDocxKeepsToTheDecree reads the file back and holds it to Nghị định 30/2020/NĐ-CP, Phụ lục I.
func TestDocxKeepsToTheDecree(t *testing.T) {
	t.Parallel()
	d := sample()
	all := mustDocx(t, d)
	body := tree(t, all["word/document.xml"])

	sections := body.find("sectPr")
	if len(sections) != 1+len(d.Annexes) {
		t.Fatalf("%d sections", len(sections))
	}
	for i, s := range sections {
		size, margin, number := s.find("pgSz")[0], s.find("pgMar")[0], s.find("pgNumType")[0]
		w, h := "11906", "16838" // A4 in twips
		if i > 0 && d.Annexes[i-1].Landscape {
			w, h = h, w
		}
		if size.attr("w") != w || size.attr("h") != h {
			t.Errorf("section %d: %s x %s", i, size.attr("w"), size.attr("h"))
		}
		// 20, 20, 30 and 20 mm
		if margin.attr("top") != "1134" || margin.attr("bottom") != "1134" || margin.attr("left") != "1701" || margin.attr("right") != "1134" {
			t.Errorf("section %d: margins %v", i, margin.Attrs)
		}
		if len(s.find("titlePg")) != 1 || number.attr("start") != "1" || len(s.find("headerReference")) != 2 {
			t.Errorf("section %d: pages are not numbered from 1 with the first one hidden", i)
		}
	}
	if !strings.Contains(all["word/header1.xml"], " PAGE ") || strings.Contains(all["word/header2.xml"], "PAGE") {
		t.Error("the number stands on page 1, or on no page")
	}
	styles := map[string]element{}
	for _, s := range tree(t, all["word/styles.xml"]).find("style") {
		styles[s.attr("styleId")] = s
	}
	// style, half points, bold, italic, alignment: the decree's words in the comments of decree.go
	for _, x := range []struct {
		id           string
		low, high    int
		bold, italic bool
		align        string
	}{
		{"Country", 24, 26, true, false, "center"}, {"Motto", 26, 28, true, false, "center"}, {"Superior", 24, 26, false, false, "center"}, {"Issuer", 24, 26, true, false, "center"}, {"DocumentNumber", 26, 26, false, false, "center"},
		{"PlaceDate", 26, 28, false, true, "center"}, {"Title", 26, 28, true, false, "center"}, {"Subtitle", 26, 28, true, false, "center"}, {"BodyText", 26, 28, false, false, "both"}, {"Signer", 26, 28, true, false, "center"},
		{"RecipientsHead", 24, 24, true, true, "left"}, {"Recipients", 22, 22, false, false, "left"}, {"AnnexName", 28, 28, true, false, "center"}, {"AnnexOf", 26, 28, false, true, "center"}, {"Header", 26, 28, false, false, "center"},
	} {
		s, ok := styles[x.id]
		if !ok {
			t.Errorf("no style %s", x.id)
			continue
		}
		var size int
		fmt.Sscan(s.find("sz")[0].attr("val"), &size)
		if size < x.low || size > x.high || (len(s.find("b")) > 0) != x.bold || (len(s.find("i")) > 0) != x.italic || s.find("jc")[0].attr("val") != x.align {
			t.Errorf("style %s: %d half points, bold %v, italic %v, %s", x.id, size, len(s.find("b")) > 0, len(s.find("i")) > 0, s.find("jc")[0].attr("val"))
		}
	}
	if first := styles["BodyText"].find("ind")[0].attr("firstLine"); first != "567" {
		t.Errorf("first line %s", first)
	}
	if after := styles["BodyText"].find("spacing")[0].attr("after"); after != "120" {
		t.Errorf("%s twips between paragraphs", after)
	}
	for _, id := range []string{"Heading1", "Heading2", "Heading3", "AnnexName"} {
		if len(styles[id].find("outlineLvl")) != 1 || len(styles[id].find("keepNext")) != 1 {
			t.Errorf("%s is not in the navigation, or may stand alone at the foot of a page", id)
		}
	}
	for _, want := range []string{`w:ascii="Times New Roman"`, `<w:lang w:val="vi-VN"`, `<w:color w:val="000000"/>`} {
		if !strings.Contains(all["word/styles.xml"], want) {
			t.Errorf("styles lack %s", want)
		}
	}
	if !strings.Contains(all["word/fontTable.xml"], `<w:altName w:val="Liberation Serif"/>`) {
		t.Error("no stand-in is named for the font")
	}

	text := map[string][]string{}
	for _, p := range body.find("p") {
		id := ""
		if s := p.find("pStyle"); len(s) > 0 {
			id = s[0].attr("val")
		}
		if w := p.words(); w != "" {
			text[id] = append(text[id], w)
		}
	}
	blank := strings.Repeat("\u00a0", 8)
	want := map[string][]string{
		"Country": {"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"}, "Motto": {"Độc lập - Tự do - Hạnh phúc"},
		"Superior": {"ỦY BAN NHÂN DÂNTỈNH KON TUM"}, "Issuer": {"SỞ LAO ĐỘNG -THƯƠNG BINH VÀ XÃ HỘI"},
		"DocumentNumber": {"Số:" + blank + "/BC-SLĐTBXH"}, "PlaceDate": {"Kon Tum, ngày 05 tháng 12 năm 2022"}, "Title": {"BÁO CÁO"}, "Subtitle": {d.Title},
		"Addressee": {"Kính gửi:"}, "Addressees": {"- Bộ Lao động - Thương binh và Xã hội;", "- Ủy ban nhân dân tỉnh Kon Tum."},
		"Heading1":       {"I. CÔNG TÁC CHỈ ĐẠO, TRIỂN KHAI THỰC HIỆN", "II. KẾT QUẢ THỰC HIỆN", "III. ĐÁNH GIÁ CHUNG"},
		"Heading2":       {"1. Tổ chức Lễ phát động Tháng hành động", "2. Hoạt động truyền thông, tuyên truyền", "3. Phòng ngừa, phát hiện, ngăn chặn, xử lý các vụ việc bạo lực, xâm hại"},
		"Heading3":       {"a) Truyền thông trực tiếp", "b) Sản phẩm truyền thông"},
		"RecipientsHead": {"Nơi nhận:"},
		"Recipients":     {"- Như trên (b/c);", "- Các sở, ban, ngành là thành viên Ban Vì sự tiến bộ của phụ nữ tỉnh (p/h);", "- Ủy ban nhân dân các huyện, thành phố (t/h);", "- Lưu: VT, BĐG."},
		"Signer":         {"KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"},
		"AnnexName":      {"Phụ lục I", "Phụ lục II"},
		"AnnexTitle":     {"KẾT QUẢ HOẠT ĐỘNG TRONG THÁNG HÀNH ĐỘNG", "DANH SÁCH ĐƠN VỊ BÁO CÁO"},
	}
	for id, lines := range want {
		if diff := cmp.Diff(lines, text[id]); diff != "" {
			t.Errorf("%s:\n%s", id, diff)
		}
	}
	of := "(Kèm theo Báo cáo số" + blank + "/BC-SLĐTBXH ngày 05 tháng 12 năm 2022 của Sở Lao động - Thương binh và Xã hội)"
	if n := strings.Count(strings.Join(text["AnnexOf"], "\n"), of); n != 2 {
		t.Errorf("%q stands %d times", of, n)
	}
	last := text["BodyText"][len(text["BodyText"])-1]
	if !strings.HasSuffix(last, "tỉnh Kon Tum./.") || strings.Count(all["word/document.xml"], "./.") != 1 {
		t.Errorf("the text ends with %q", last)
	}

	// Each head row of each bordered table repeats; no row breaks.
	tables := 0
	for _, x := range body.find("tbl") {
		heads, whole := len(x.find("tblHeader")), len(x.find("cantSplit"))
		if rows := len(x.find("tr")); whole != rows {
			t.Errorf("%d of %d rows may break", rows-whole, rows)
		}
		if len(x.find("tblBorders")) == 0 {
			continue
		}
		if _, want := d.tables()[tables].heads(); heads != want {
			t.Errorf("table %d: %d head rows repeat, want %d", tables, heads, want)
		}
		tables++
	}
	if tables != len(d.tables()) {
		t.Errorf("%d tables", tables)
	}
	if n := len(tree(t, all["word/footnotes.xml"]).find("footnote")); n != 2+2 {
		t.Errorf("%d footnotes with the two separators", n)
	}
	if !strings.Contains(all["word/footer1.xml"], "Số liệu minh hoạ") {
		t.Error("the notice does not stand on the pages")
	}
	// Properties: the office, no person.
	if core := tree(t, all["docProps/core.xml"]); core.find("creator")[0].Text != d.Issuer || len(core.find("lastModifiedBy")) > 0 {
		t.Error("the properties name somebody")
	}
	for name := range all {
		if strings.Contains(strings.ToLower(name), "vba") || strings.Contains(name, "embed") || strings.Contains(all[name], "TargetMode") {
			t.Errorf("part %s", name)
		}
	}
}

func TestTheSameDocumentGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	write := map[string]func(Document) ([]byte, error){"docx": Document.Docx, "pdf": Document.PDF, "xlsx": Document.XLSX, "html": Document.HTML}
	for name, w := range write {
		first, err := w(sample())
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			again, err := w(sample())
			if err != nil || !bytes.Equal(first, again) {
				t.Fatalf("%s differs from itself: %v", name, err)
			}
		}
		other := sample()
		other.Archive = "VT"
		if changed, err := w(other); err != nil || bytes.Equal(first, changed) && name != "xlsx" {
			t.Errorf("%s: another document gives the same bytes: %v", name, err)
		}
	}
}

// chance makes documents; its figures are all different and nothing else looks like one.
func chance(seed uint64) Document {
	r := rand.New(rand.NewPCG(seed, 7))
	d := sample()
	d.Notice, d.Notes, d.Annexes, d.To, d.Grounds, d.Recipients = "", nil, nil, nil, nil, nil
	d.Body = []Block{{Paragraph: Plain("Báo cáo thử")}}
	words := strings.Fields("người bị bạo lực được tiếp nhận chuyển gửi tư vấn nghĩa ượng xã phường Đăk Glei Ngọk Tụ quyền trợ giúp")
	phrase := func(n int) string {
		var w []string
		for range 1 + r.IntN(n) {
			w = append(w, words[r.IntN(len(words))])
		}
		return strings.Join(w, " ")
	}
	used := map[int64]bool{}
	number := func() int64 {
		for {
			n := r.Int64N(50_000_000)
			if !used[n] {
				used[n] = true
				return n
			}
		}
	}
	for k := range 1 + r.IntN(4) {
		t := Table{ID: fmt.Sprintf("B%d", k), Title: phrase(6), Columns: []Column{{Head: []string{"Nội dung"}, Weight: 4}}}
		for c := range 1 + r.IntN(6) {
			head := []string{"Cột " + string(rune('a'+c))}
			if r.IntN(2) == 0 {
				head = []string{"Nhóm", head[0]}
			}
			t.Columns = append(t.Columns, Column{Head: head, Numeric: true, Weight: 2})
		}
		for range 1 + r.IntN(60) {
			row := Row{Strong: r.IntN(5) == 0, Cells: []Cell{Words(phrase(12))}}
			for range t.Columns[1:] {
				switch r.IntN(6) {
				case 0:
					row.Cells = append(row.Cells, Words([]string{"dưới mười", "–", "chưa phân biệt được", ""}[r.IntN(4)]))
				case 1:
					n := number()
					c := Count(n)
					c.Range = &Range{max(0, n-5), n + 7}
					row.Cells = append(row.Cells, c)
				case 2:
					n := Number{number(), 1 + r.IntN(3)}
					row.Cells = append(row.Cells, Cell{Text: n.String(), Number: &n})
				default:
					row.Cells = append(row.Cells, Count(number()))
				}
			}
			t.Rows = append(t.Rows, row)
		}
		b := Block{Table: &t}
		if r.IntN(2) == 0 {
			d.Annexes = append(d.Annexes, Annex{Title: phrase(5), Blocks: []Block{b}, Landscape: r.IntN(2) == 0})
		} else {
			d.Body = append([]Block{b}, d.Body...)
		}
	}
	return d
}

// TestAllFormatsHoldTheSameFigures is E16: random documents, read back from the files.
func TestAllFormatsHoldTheSameFigures(t *testing.T) {
	t.Parallel()
	total := 0
	for seed := range uint64(25) {
		d := chance(seed)
		want := d.Figures()
		total += len(want)
		for name, read := range map[string]func(*testing.T, Document) []string{"docx": docxFigures, "pdf": pdfFigures, "xlsx": xlsxFigures, "html": htmlFigures} {
			if diff := cmp.Diff(want, read(t, d)); diff != "" {
				t.Fatalf("document %d as %s:\n%s", seed, name, diff)
			}
		}
	}
	if total < 3000 {
		t.Errorf("only %d figures were compared", total)
	}
}

// TestTheMarksStandAsTheyAreInEveryFormat: "dưới 10", "chưa phân biệt được" and "–" are three facts, and no format turns one into a number or nothing.
func TestTheMarksStandAsTheyAreInEveryFormat(t *testing.T) {
	t.Parallel()
	d := sample()
	marks := []string{"dưới 10", "chưa phân biệt được", "chưa báo cáo"}
	table := &Table{ID: "B", Columns: []Column{{Head: []string{"Tên"}}, {Head: []string{"Số"}, Numeric: true}}}
	for _, m := range marks {
		table.Rows = append(table.Rows, Row{Cells: []Cell{Words("dòng"), Words(m)}})
	}
	d.Body, d.Annexes = []Block{{Table: table}}, nil
	raw, err := d.XLSX()
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sheet, err := f.GetRows("B")
	if err != nil {
		t.Fatal(err)
	}
	var drawn strings.Builder
	for _, p := range sheets(t, d) {
		for _, s := range p.strokes {
			drawn.WriteString(s.text)
		}
	}
	page := said(htmlPage(t, d))
	docx := tree(t, mustDocx(t, d)["word/document.xml"]).words()
	for i, m := range marks {
		if !strings.Contains(docx, m) || !strings.Contains(page, m) || !strings.Contains(drawn.String(), m) || sheet[len(sheet)-len(marks)+i][1] != m {
			t.Errorf("%q is missing in one of the formats", m)
		}
	}
}

func TestEveryVietnameseLetterAndEveryTextOfOursHasAGlyph(t *testing.T) {
	t.Parallel()
	n := 0
	for _, base := range "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY" {
		for _, tone := range []string{"", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"} {
			for _, r := range norm.NFC.String(string(base) + tone) {
				if n++; !covered()[r] {
					t.Errorf("no glyph for %c", r)
				}
			}
		}
	}
	if n != 24*6 {
		t.Errorf("%d letters: some are not composed", n)
	}
	if none := Lacking("đĐ0123456789 .,;:–-—“”‘’…()/%+=×÷±≤≥§•°₫²³\u00a0"); len(none) > 0 {
		t.Errorf("no glyph for %q", string(none))
	}
	for _, style := range []string{regular, bold, italic, boldItalic} {
		have := letters(font(style))
		if len(have) < 2000 || !slices.Contains(have, 'ợ') {
			t.Errorf("style %q: %d characters", style, len(have))
		}
	}
	for _, key := range i18n.Vietnamese.Keys() {
		if none := Lacking(strings.ReplaceAll(i18n.Vietnamese.Text(key), "\n", " ")); len(none) > 0 {
			t.Errorf("%s: no glyph for %q", key, string(none))
		}
	}
	for _, name := range codelist.Names() {
		for _, code := range codelist.Get(name).Codes() {
			if none := Lacking(codelist.Get(name).Label(code, i18n.Vietnamese)); len(none) > 0 {
				t.Errorf("%s %s: no glyph for %q", name, code, string(none))
			}
		}
	}
	if none := Lacking("a\U0001F600ខ中"); string(none) != "\U0001F600ខ中" {
		t.Errorf("said to be printable: %q", string(none))
	}
}

// TestWhatIsDrawnIsWhatTheFontHas is E15: the fonts are embedded and each character on the page has a glyph in its style.
func TestWhatIsDrawnIsWhatTheFontHas(t *testing.T) {
	t.Parallel()
	d := sample()
	have := map[string]map[rune]bool{}
	for style := range fontFile {
		have[style] = map[rune]bool{}
		for _, r := range letters(font(style)) {
			have[style][r] = true
		}
	}
	drawn := 0
	for _, p := range sheets(t, d) {
		for _, s := range p.strokes {
			if !utf8.ValidString(s.text) || !norm.NFC.IsNormalString(s.text) {
				t.Errorf("%q", s.text)
			}
			for _, r := range s.text {
				if drawn++; !have[s.style][r] {
					t.Errorf("%q in style %q: no glyph for %c", s.text, s.style, r)
				}
			}
		}
	}
	if drawn < 5000 {
		t.Errorf("only %d characters were read", drawn)
	}
	raw, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(raw, []byte("/FontFile2 ")); n != 4 {
		t.Errorf("%d fonts are embedded", n)
	}
	if bytes.Contains(raw, []byte("/Type1")) || bytes.Contains(raw, []byte("/JavaScript")) || len(raw) > 200_000 {
		t.Errorf("%d bytes, or a font from outside, or a script", len(raw))
	}
	if !bytes.Contains(raw, []byte("/Lang (vi-VN)")) || bytes.Count(raw, []byte("/Dest [")) != 1+8+2 {
		t.Errorf("%d bookmarks", bytes.Count(raw, []byte("/Dest [")))
	}
}

func TestPagesOfPDFAreNumberedFromTheSecondAndFromAnewInAnnexes(t *testing.T) {
	t.Parallel()
	var numbers []string
	for _, p := range sheets(t, sample()) {
		top := ""
		for _, s := range p.strokes {
			if s.y < marginTop-3 {
				top += s.text
			}
		}
		numbers = append(numbers, top)
	}
	if d := cmp.Diff([]string{"", "2", "", "", "2"}, numbers); d != "" {
		t.Error(d)
	}
}

// TestNothingIsDrawnBeyondTheMargins: long words, long rows, 200 rows, footnotes and a row that no page holds.
func TestNothingIsDrawnBeyondTheMargins(t *testing.T) {
	t.Parallel()
	d := sample()
	d.Notice = ""
	word := strings.Repeat("Nghiêng", 60)
	table := &Table{ID: "dài", Columns: []Column{{Head: []string{"STT"}}, {Head: []string{"Nội dung", "rất dài " + word[:40]}, Weight: 4}, {Head: []string{"Nội dung", "Số"}, Numeric: true}}}
	for i := range 200 {
		text := fmt.Sprintf("dòng %d", i)
		switch {
		case i == 50:
			text = word
		case i == 100:
			text = strings.Repeat("một dòng không trang nào chứa hết ", 300)
		}
		table.Rows = append(table.Rows, Row{Cells: []Cell{Words(fmt.Sprint(i + 1)), Words(text), Count(int64(900_000 + i))}})
	}
	body := []Block{{Paragraph: Text{{Text: "Chữ dài: " + word, Note: word}, {Text: " hết", Bold: true}}}, {Table: table}}
	for i := range 30 {
		body = append(body, Block{Paragraph: Text{{Text: strings.Repeat("lời có chú thích ", 12), Note: fmt.Sprintf("Chú thích số %d: %s", i, strings.Repeat("dài ", 40))}}})
	}
	d.Body = append(body, d.Body...)
	measure := &pdf{f: measuring()}
	pages := sheets(t, d)
	heads, rows := 0, map[string]int{}
	for n, p := range pages {
		for _, s := range p.strokes {
			end := s.x + measure.measure(strings.TrimSuffix(s.text, " "), s.style, s.size)
			if s.x < marginLeft-0.1 || end > p.wide-marginRight+0.1 || s.y > p.tall-marginBottom+0.1 || s.y < pageNumberPlace {
				t.Errorf("page %d: %q from %.1f to %.1f at %.1f", n+1, s.text, s.x, end, s.y)
			}
			if strings.TrimSpace(s.text) == "STT" {
				heads++
			}
			if strings.HasPrefix(s.text, "900.") {
				rows[s.text]++
			}
		}
	}
	if heads < 8 || len(rows) != 200 {
		t.Errorf("%d heads, %d rows on %d pages", heads, len(rows), len(pages))
	}
	for r, n := range rows {
		if n != 1 {
			t.Errorf("row %s stands %d times", r, n)
		}
	}
	if strings.Count(strings.Join(flat(pages), ""), "Nghiêng") < 3*60 {
		t.Error("a part of a long word is lost")
	}
	for i := range 30 { // a footnote stands on the page that calls it
		called, noted := -1, -1
		for n, p := range pages {
			for k, s := range p.strokes {
				if s.text == fmt.Sprint(i+2) && s.size < 9 && s.size > 7 {
					called = n
				}
				if strings.TrimSpace(s.text) == "số" && k+1 < len(p.strokes) && strings.TrimSpace(p.strokes[k+1].text) == fmt.Sprintf("%d:", i) {
					noted = n
				}
			}
		}
		if called != noted || called < 0 {
			t.Errorf("footnote %d is called on page %d and stands on page %d", i, called+1, noted+1)
		}
	}
	for name, w := range map[string]func() ([]byte, error){"docx": d.Docx, "xlsx": d.XLSX, "html": d.HTML} {
		if _, err := w(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func flat(pages []sheet) (all []string) {
	for _, p := range pages {
		for _, s := range p.strokes {
			all = append(all, s.text)
		}
	}
	return all
}

var hostile = []string{`</w:t></w:r><w:r><w:instrText> DDEAUTO cmd "/C calc" </w:instrText></w:r>`, `<script>alert(1)</script>`, `" onload="alert(1)`, `]]><!--`, `&amp;&#x41;&lt;`, `{{.Notes}}`, `) Tj ET (\`, `=1+1`, `+1`, `-1`, `@SUM(1)`, `=cmd|' /C calc'!A0`, `=HYPERLINK("https://evil.example")`, `1e3`, `TRUE`, `'chữ`, `&P&"Arial"`}

// TestTextIsDataInEveryFormat: markup, formulas, fields and codes of headers come back as the letters they are.
func TestTextIsDataInEveryFormat(t *testing.T) {
	t.Parallel()
	for _, x := range hostile {
		d := sample()
		d.Superior, d.Issuer, d.Title, d.Notice, d.Notes, d.Archive = x, x, x, x, []string{x}, x
		d.Signature.Name = x
		d.Body = []Block{{Heading: &Heading{1, "I", x}}, {Paragraph: Text{{Text: x, Note: x}, {Text: " hết"}}}, {List: []Text{Plain(x)}}, {Table: &Table{ID: "B", Title: x, Unit: x, Notes: []string{x}, Columns: []Column{{Head: []string{x}}, {Head: []string{x + "2"}, Numeric: true}}, Rows: []Row{{Cells: []Cell{Words(x), Words(x)}}}}}}
		d.Annexes = []Annex{{Title: x, Intro: x, Blocks: []Block{{Paragraph: Plain(x)}}}}
		all := mustDocx(t, d)
		doc := tree(t, all["word/document.xml"])
		if got := doc.words(); strings.Count(got, x) < 8 || len(doc.find("instrText")) > 0 {
			t.Errorf("docx: %q stands %d times", x, strings.Count(got, x))
		}
		if got := tree(t, all["docProps/core.xml"]).find("creator")[0].Text; got != x {
			t.Errorf("properties: %q", got)
		}
		if got := strings.Join(flat(sheets(t, d)), ""); strings.Count(got, x) < 4 {
			t.Errorf("pdf: %q stands %d times", x, strings.Count(got, x))
		}
		page := htmlPage(t, d)
		if got := said(page); strings.Count(got, x) < 8 {
			t.Errorf("html: %q stands %d times", x, strings.Count(got, x))
		}
		nodes(page, func(n *html.Node) {
			if n.Type == html.ElementNode && slices.Contains([]string{"script", "iframe", "img", "object", "form", "base"}, n.Data) {
				t.Errorf("html: an element %s", n.Data)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
					t.Errorf("html: an attribute %s", a.Key)
				}
			}
		})
		raw, err := d.XLSX()
		if err != nil {
			t.Fatal(err)
		}
		for name, part := range parts(t, raw) {
			if strings.Contains(strings.ToLower(name), "vba") || strings.Contains(part, "<f>") || strings.Contains(part, "<f ") || strings.Contains(part, "externalLink") || strings.Contains(part, "TargetMode") {
				t.Errorf("xlsx: %s holds a formula, a macro or a link", name)
			}
		}
		f, err := excelize.OpenReader(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, sheet := range f.GetSheetList() {
			rows, err := f.GetRows(sheet)
			if err != nil {
				t.Fatal(err)
			}
			for r := range rows {
				for c, v := range rows[r] {
					if v != x {
						continue
					}
					found++
					at := place(c+1, r+1)
					id, _ := f.GetCellStyle(sheet, at)
					style, err := f.GetStyle(id)
					if kind, _ := f.GetCellType(sheet, at); err != nil || kind != excelize.CellTypeSharedString && kind != excelize.CellTypeInlineString || style.NumFmt != 49 {
						t.Errorf("xlsx: %s %s is not text", sheet, at)
					}
				}
			}
		}
		if f.Close(); found < 8 {
			t.Errorf("xlsx: %q stands %d times", x, found)
		}
	}
}

// TestSheetsAreMadeToBeCountedWith: real numbers, frozen and printed heads, a row a number, notes.
func TestSheetsAreMadeToBeCountedWith(t *testing.T) {
	t.Parallel()
	d := sample()
	raw, err := d.XLSX()
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if diff := cmp.Diff([]string{"Hình thức", "PL1", "PL2", "Dữ liệu", "Ghi chú"}, f.GetSheetList()); diff != "" {
		t.Fatal(diff)
	}
	for sheet, head := range map[string]string{"Hình thức": "$4:$6", "PL1": "$4:$5", "PL2": "$3:$3", "Dữ liệu": "$1:$1"} {
		panes, err := f.GetPanes(sheet)
		if err != nil || !panes.Freeze || panes.YSplit == 0 {
			t.Errorf("%s: the head is not frozen: %+v %v", sheet, panes, err)
		}
		named := ""
		for _, n := range f.GetDefinedName() {
			if n.Scope == sheet && n.Name == "_xlnm.Print_Titles" {
				named = n.RefersTo
			}
		}
		if named != "'"+sheet+"'!"+head {
			t.Errorf("%s: printed heads are %q", sheet, named)
		}
	}
	rows, err := f.GetRows("Dữ liệu", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	numbers := 0
	for _, want := range [][]string{
		{"Bảng", "Dòng", "Loại dòng", "Cột", "Đơn vị tính", "Giá trị", "Từ", "Đến", "Ký hiệu"},
		{"Hình thức", "Bạo lực thể chất", "chi tiết", "Số người / Cả năm", "người", "205", "190", "220"},
		{"Hình thức", "Bạo lực tinh thần", "chi tiết", "Số người / Trong Tháng hành động", "người", "", "", "", "dưới 10"},
		{"PL1", "Tờ rơi, tờ gấp", "chi tiết", "Tổng số", "tờ", "23800"},
		{"PL1", "Kinh phí thực hiện", "tổng, nhóm", "Tổng số", "triệu đồng", "1234.5"},
	} {
		if !slices.ContainsFunc(rows, func(r []string) bool { return slices.Equal(r, want) }) {
			t.Errorf("no row %q", want)
		}
	}
	for _, r := range rows[1:] {
		if len(r) > 5 && r[5] != "" {
			numbers++
		}
	}
	want := 0
	for _, table := range d.tables() {
		for _, r := range table.Rows {
			for _, c := range r.Cells {
				if c.Number != nil {
					want++
				}
			}
		}
	}
	if numbers != want {
		t.Errorf("%d numbers in the long sheet, %d in the tables", numbers, want)
	}
	notes, err := f.GetRows("Ghi chú")
	if err != nil || len(notes) < 5 || notes[2][0] != "Số liệu minh hoạ" {
		t.Errorf("notes: %q %v", notes, err)
	}
}

func TestThePageCanBeReadByEar(t *testing.T) {
	t.Parallel()
	raw, err := sample().HTML()
	if err != nil {
		t.Fatal(err)
	}
	n := htmlPage(t, sample())
	level, ids, targets := 0, map[string]bool{}, []string{}
	nodes(n, func(n *html.Node) {
		if n.Type != html.ElementNode {
			return
		}
		if id := property(n, "id"); id != "" {
			if ids[id] {
				t.Errorf("id %s stands twice", id)
			}
			ids[id] = true
		}
		switch n.Data {
		case "html":
			if property(n, "lang") != "vi-VN" {
				t.Error("no language")
			}
		case "h1", "h2", "h3", "h4":
			is := int(n.Data[1] - '0')
			if is > level+1 || is == 1 && level > 0 {
				t.Errorf("%s %q after level %d", n.Data, said(n), level)
			}
			level = is
		case "th":
			if property(n, "scope") == "" {
				t.Errorf("th %q has no scope", said(n))
			}
		case "table":
			captions, names := 0, 0
			nodes(n, func(c *html.Node) {
				if c.Data == "caption" && said(c) != "" {
					captions++
				}
				if c.Data == "th" && property(c, "scope") == "row" {
					names++
				}
			})
			if captions != 1 || names == 0 {
				t.Errorf("a table with %d captions and %d named rows", captions, names)
			}
		case "a":
			to := property(n, "href")
			if !strings.HasPrefix(to, "#") {
				t.Errorf("a link leads to %q", to)
			}
			targets = append(targets, to[1:])
		}
	})
	for _, to := range targets {
		if !ids[to] {
			t.Errorf("#%s leads nowhere", to)
		}
	}
	if len(targets) != 4 {
		t.Errorf("%d links for two footnotes", len(targets))
	}
	for _, never := range []string{" style=", "<script", "http://", "https://", "url(", "@import"} {
		if bytes.Contains(raw, []byte(never)) {
			t.Errorf("the page holds %q", never)
		}
	}
	for _, must := range []string{"@media print", "table-header-group", "break-before: page", "size: A4"} {
		if !bytes.Contains(raw, []byte(must)) {
			t.Errorf("the page lacks %q", must)
		}
	}
}

// TestCheckSaysWhatIsMissing: each way to break a document is found where it is.
func TestCheckSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	if err := sample().Check(); err != nil {
		t.Fatal(err)
	}
	many := make([]Column, maxColumns+1)
	for _, x := range []struct {
		pointer, key string
		spoil        func(*Document)
	}{
		{"/issuer", "paper_missing", func(d *Document) { d.Issuer = "" }},
		{"/symbol", "paper_missing", func(d *Document) { d.Symbol = "" }},
		{"/place", "paper_missing", func(d *Document) { d.Place = "" }},
		{"/kind", "paper_missing", func(d *Document) { d.Kind = "" }},
		{"/title", "paper_missing", func(d *Document) { d.Title = "" }},
		{"/archive", "paper_missing", func(d *Document) { d.Archive = "" }},
		{"/signature/lines", "paper_signature", func(d *Document) { d.Signature.Lines = nil }},
		{"/body", "paper_body", func(d *Document) { d.Body = nil }},
		{"/to/1", "paper_missing", func(d *Document) { d.To[1] = "" }},
		{"/recipients/0/text", "paper_missing", func(d *Document) { d.Recipients[0].Text = "" }},
		{"/date/year", "paper_date", func(d *Document) { d.Date = Date{} }},
		{"/date/day", "paper_date", func(d *Document) { d.Date = Date{29, 2, 2022} }},
		{"/date/day", "paper_date", func(d *Document) { d.Date = Date{0, 12, 2022} }},
		{"/date/day", "paper_date", func(d *Document) { d.Date = Date{1, 13, 2022} }},
		{"/title", "paper_nfc", func(d *Document) { d.Title = norm.NFD.String("Tiếng Việt") }},
		{"/title", "paper_character", func(d *Document) { d.Title = "a\x00b" }},
		{"/title", "paper_character", func(d *Document) { d.Title = "a\nb" }},
		{"/title", "paper_character", func(d *Document) { d.Title = "a\u0085b" }},
		{"/title", "paper_character", func(d *Document) { d.Title = "a\u202eb" }},
		{"/title", "paper_character", func(d *Document) { d.Title = "a\u200bb" }},
		{"/title", "paper_character", func(d *Document) { d.Title = "a\ufffeb" }},
		{"/title", "paper_character", func(d *Document) { d.Title = "a\xffb" }},
		{"/title", "paper_character", func(d *Document) { d.Title = "\U0001F600" }},
		{"/title", "paper_too_much", func(d *Document) { d.Title = strings.Repeat("a", maxText+1) }},
		{"/body/0", "paper_block", func(d *Document) { d.Body[0] = Block{} }},
		{"/body/0", "paper_block", func(d *Document) { d.Body[0].Paragraph = Plain("hai thứ") }},
		{"/body/0/heading/level", "paper_level", func(d *Document) { d.Body[0].Heading = &Heading{4, "i", "x"} }},
		{"/body/1/paragraph", "paper_missing", func(d *Document) { d.Body[1].Paragraph = Plain("") }},
		{"/body/4/paragraph/1/note", "paper_character", func(d *Document) { d.Body[4].Paragraph[1].Note = "\x1b[2J" }},
		{"/annexes/0/title", "paper_missing", func(d *Document) { d.Annexes[0].Title = "" }},
		{"/annexes/1/blocks/0/table/id", "paper_table_id", func(d *Document) { d.Annexes[1].Blocks[0].Table.ID = "PL1" }},
		{"/annexes/1/blocks/0/table/id", "paper_table_id", func(d *Document) { d.Annexes[1].Blocks[0].Table.ID = "Ghi chú" }},
		{"/annexes/1/blocks/0/table/id", "paper_table_id", func(d *Document) { d.Annexes[1].Blocks[0].Table.ID = "a'!b" }},
		{"/annexes/1/blocks/0/table/id", "paper_table_id", func(d *Document) { d.Annexes[1].Blocks[0].Table.ID = strings.Repeat("ư", 32) }},
		{"/annexes/1/blocks/0/table", "paper_too_much", func(d *Document) { d.Annexes[1].Blocks[0].Table.Columns = many }},
		{"/annexes/1/blocks/0/table/rows/3", "paper_row", func(d *Document) { d.Annexes[1].Blocks[0].Table.Rows[3].Cells = nil }},
		{"/annexes/1/blocks/0/table/rows/3/cells/3/number", "paper_number", func(d *Document) { d.Annexes[1].Blocks[0].Table.Rows[3].Cells[3].Text = "432" }},
		{"/annexes/1/blocks/0/table/rows/3/cells/3/range", "paper_number", func(d *Document) { d.Annexes[1].Blocks[0].Table.Rows[3].Cells[3].Range = &Range{5, 4} }},
	} {
		d := sample()
		x.spoil(&d)
		err := d.Check()
		var e *fault.Error
		if fault.KindOf(err) != fault.Invalid || !asError(err, &e) || !slices.ContainsFunc(e.Problems, func(p fault.Problem) bool { return p.Pointer == x.pointer && p.Key == x.key }) {
			t.Errorf("want %s %s, got %v", x.pointer, x.key, err)
			continue
		}
		for _, p := range e.Problems {
			if !i18n.Vietnamese.Has("problem."+p.Key) || !i18n.English.Has("problem."+p.Key) {
				t.Errorf("no sentence for %s", p.Key)
			}
		}
		for name, w := range map[string]func() ([]byte, error){"docx": d.Docx, "pdf": d.PDF, "xlsx": d.XLSX, "html": d.HTML} {
			if raw, err := w(); err == nil || raw != nil {
				t.Errorf("%s was written in spite of %s %s", name, x.pointer, x.key)
			}
		}
	}
}
