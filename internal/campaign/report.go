package campaign

import "time"

// Report is one version of the yearly report with every word and figure chosen, ready to be set on paper: nothing in it is looked up again. All texts are
// Vietnamese in ordinary letters (the layout of Decree 30/2020/NĐ-CP makes capitals of what stands in capitals), NFC, and hold no personal data but the
// name of whoever signs. The same value makes the .docx, the .pdf, the .xlsx annex and the page, so that no two of them can disagree.
type Report struct {
	Year    int    `json:"year"`
	Version int    `json:"version"` // 0: not frozen yet, a preview
	State   State  `json:"state"`   // of the version
	SHA256  string `json:"sha256,omitempty"`

	Superior string   `json:"superior"` // "Ủy ban nhân dân tỉnh Kon Tum"
	Office   string   `json:"office"`   // "Sở Lao động - Thương binh và Xã hội"
	Symbol   string   `json:"symbol"`   // what follows the number, which the clerk gives and the draft leaves blank: "BC-SLĐTBXH"
	Kind     string   `json:"kind"`     // "Báo cáo"
	Title    string   `json:"title"`    // the trích yếu: "Kết quả thực hiện Tháng hành động … năm 2022"
	Place    string   `json:"place"`    // "Kon Tum"
	Date     string   `json:"date"`     // YYYY-MM-DD; empty: the day and the month are left blank
	To       []string `json:"to"`       // Kính gửi; empty: the line is left out

	Opening  []Paragraph     `json:"opening"` // what the report rests on
	Sections []ReportSection `json:"sections"`
	Annexes  []Annex         `json:"annexes"`

	Recipients []Recipient `json:"recipients"` // Nơi nhận, in order, without the last line
	Archive    string      `json:"archive"`    // the last line: "VT, BĐG"
	Signature  Signature   `json:"signature"`

	// Illustrative: the figures were made up to show the system. Every rendering must say "Số liệu minh hoạ".
	Illustrative bool      `json:"illustrative"`
	Missing      []string  `json:"missing"` // units that had not reported at the cut-off, by name
	CutOff       time.Time `json:"cut_off"` // what came later is not in it
}

// ReportSection is a heading of the outline with its text. Level 1 is "I. CÔNG TÁC …", level 2 "1. Tổ chức …"; a section may have no text of its own.
type ReportSection struct {
	Code       string      `json:"code"`   // of the list report_section
	Number     string      `json:"number"` // "II", "1"
	Level      int         `json:"level"`
	Title      string      `json:"title"`
	Paragraphs []Paragraph `json:"paragraphs"`
}

// Paragraph is text with the figures inside it marked, so that a page can open each and paper prints them plainly.
type Paragraph struct {
	Spans []Span `json:"spans"`
}

// Span is a run of text; Figure is its key in Consolidation.Figures when the run is one figure, else "".
type Span struct {
	Text   string `json:"text"`
	Figure string `json:"figure,omitempty"`
}

// Text is the paragraph as it is printed.
func (p Paragraph) Text() string {
	text := ""
	for _, s := range p.Spans {
		text += s.Text
	}
	return text
}

// Annex is a table of the annex: a title, heads that repeat on each page, rows.
type Annex struct {
	Title   string     `json:"title"`
	Note    string     `json:"note,omitempty"` // under the title, in italics
	Columns []Column   `json:"columns"`
	Rows    []AnnexRow `json:"rows"`
	Notes   []string   `json:"notes,omitempty"` // under the table
}

// Column is a column of an annex. Weight is its share of the width.
type Column struct {
	Head    string `json:"head"`
	Numeric bool   `json:"numeric"`
	Weight  int    `json:"weight"`
}

// AnnexRow is a row of an annex: Strong rows are groups or sums, and are printed bold.
type AnnexRow struct {
	Cells  []Cell `json:"cells"`
	Strong bool   `json:"strong,omitempty"`
}

// Cell is a text or a number. Text is always what is printed ("23.800", "12,5", "dưới 10", "–"); Number is there when a spreadsheet may count with it.
type Cell struct {
	Text   string  `json:"text"`
	Number *Number `json:"number,omitempty"`
}

// Number is Value divided by ten to the power of Decimals.
type Number struct {
	Value    int64 `json:"value"`
	Decimals int   `json:"decimals"`
}

// Recipient is a line of Nơi nhận. Tag is a code of the list routing_abbrev ("b/c"), printed as its short form, or empty.
type Recipient struct {
	Text string `json:"text"`
	Tag  string `json:"tag,omitempty"`
}

// Signature is the block of whoever signs. Mode is a code of the list sign_mode or empty for a head who signs himself; Lines are what is printed above the
// name, in order: "KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC". The place of the signature itself stays blank.
type Signature struct {
	Mode  string   `json:"mode,omitempty"`
	Lines []string `json:"lines"`
	Name  string   `json:"name"`
}

// State is where a version of the report stands.
type State string

// The states of a version. A version is frozen when it is made; it moves forward only.
const (
	Prepared   State = "PREPARED"   // frozen by whoever prepares, waits for the second reader
	Rejected   State = "REJECTED"   // sent back by the second reader with a reason; the next version follows
	Approved   State = "APPROVED"   // read by the second reader
	Published  State = "PUBLISHED"  // sent
	Superseded State = "SUPERSEDED" // a later version was published
)
