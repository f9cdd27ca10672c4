package campaign_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/campaign"
	"binhan/internal/paper"
)

func span(text string) campaign.Paragraph {
	return campaign.Paragraph{Spans: []campaign.Span{{Text: text}}}
}

func TestAReportIsSetOnPaperWordForWord(t *testing.T) {
	t.Parallel()
	r := campaign.Report{Year: 2022, Version: 2, State: campaign.Prepared, SHA256: "abc", Superior: "Ủy ban nhân dân tỉnh Kon Tum", Office: "Sở Lao động - Thương binh và Xã hội", Symbol: "BC-SLĐTBXH", Kind: "Báo cáo", Title: "Kết quả thử", Place: "Kon Tum",
		Date: "2022-12-05", To: []string{"Bộ Lao động - Thương binh và Xã hội"}, Opening: []campaign.Paragraph{span("Căn cứ Kế hoạch thử;"), span("Sở báo cáo kết quả như sau:")},
		Sections: []campaign.ReportSection{
			{Code: "I", Number: "I", Level: 1, Title: "Công tác chỉ đạo", Paragraphs: []campaign.Paragraph{{Spans: []campaign.Span{{Text: "Đã phát "}, {Text: "23.800", Figure: "LEAFLET"}, {Text: " tờ rơi.\n- một;\n- hai.\n\nHết"}}}}},
			{Code: "II", Number: "II", Level: 1, Title: "Kết quả"},
		},
		Annexes: []campaign.Annex{{Title: "Số liệu", Note: "Đơn vị tính: triệu đồng", Columns: []campaign.Column{{Head: "STT", Numeric: true, Weight: 1}, {Head: "Nội dung", Weight: 5}, {Head: "Cấp tỉnh", Numeric: true, Weight: 2}, {Head: "Cấp xã", Numeric: true, Weight: 2}},
			Rows: []campaign.AnnexRow{{Strong: true, Cells: []campaign.Cell{{Text: "1", Number: &campaign.Number{Value: 1}}, {Text: "Tiền"}, {Text: "12,5", Number: &campaign.Number{Value: 125, Decimals: 1}}, {Text: "dưới 10"}}}}}},
		Recipients: []campaign.Recipient{{Text: "Như trên", Tag: "d/c"}}, Archive: "VT", Signature: campaign.Signature{Mode: "KT", Lines: []string{"KT. Giám đốc", "Phó Giám đốc"}},
		Illustrative: true, Missing: []string{"Xã Thử Nghiệm"}, CutOff: time.Date(2022, 12, 20, 1, 30, 0, 0, time.UTC)}
	want := paper.Document{Superior: r.Superior, Issuer: r.Office, Symbol: r.Symbol, Place: r.Place, Date: paper.Date{Day: 5, Month: 12, Year: 2022}, Kind: r.Kind, Title: r.Title, To: r.To, Grounds: []string{"Căn cứ Kế hoạch thử;"},
		Body: []paper.Block{
			{Paragraph: paper.Plain("Sở báo cáo kết quả như sau:")},
			{Heading: &paper.Heading{Level: 1, Number: "I", Title: "Công tác chỉ đạo"}},
			{Paragraph: paper.Text{{Text: "Đã phát "}, {Text: "23.800"}, {Text: " tờ rơi."}}},
			{List: []paper.Text{paper.Plain("một;"), paper.Plain("hai.")}},
			{Paragraph: paper.Plain("Hết")},
			{Heading: &paper.Heading{Level: 1, Number: "II", Title: "Kết quả"}},
		},
		Annexes: []paper.Annex{{Title: "Số liệu", Intro: "Đơn vị tính: triệu đồng", Blocks: []paper.Block{{Table: &paper.Table{ID: "PL1", Columns: []paper.Column{{Head: []string{"STT"}, Weight: 1}, {Head: []string{"Nội dung"}, Weight: 5}, {Head: []string{"Chia ra", "Cấp tỉnh"}, Numeric: true, Weight: 2}, {Head: []string{"Chia ra", "Cấp xã"}, Numeric: true, Weight: 2}},
			Rows: []paper.Row{{Strong: true, Cells: []paper.Cell{{Text: "1"}, {Text: "Tiền"}, {Text: "12,5", Number: &paper.Number{Value: 125, Decimals: 1}}, {Text: "dưới 10"}}}}}}}}},
		Recipients: []paper.Recipient{{Text: "Như trên", Tag: "đ/c"}}, Archive: "VT", Signature: paper.Signature{Lines: []string{"KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"}}, Notice: "Số liệu minh hoạ – Dự thảo",
		Notes: []string{"Chốt số liệu lúc 08:30 ngày 20/12/2022.", "Đơn vị chưa báo cáo khi chốt số liệu: Xã Thử Nghiệm.", "Phiên bản 2; mã kiểm tra abc."}, Made: r.CutOff}
	have := r.Document()
	if d := cmp.Diff(want, have); d != "" {
		t.Error(d)
	}
	if err := have.Check(); err != nil {
		t.Error(err)
	}
	r.Date, r.Illustrative, r.State = "", false, campaign.Published
	if d := r.Document(); d.Date != (paper.Date{Year: 2022}) || d.Notice != "" {
		t.Error(d.Date, d.Notice)
	}
}

// TestTheDemoReportIsPrintedInEveryFormat: the 2022 campaign of the demo can be printed as it is, and a frozen version gives the same bytes each time.
func TestTheDemoReportIsPrintedInEveryFormat(t *testing.T) {
	t.Parallel()
	g := begin(t)
	if _, err := g.s.Prepare(t.Context(), g.officer, 2022); err != nil {
		t.Fatal(err)
	}
	files := map[paper.Format][]byte{}
	for range 2 {
		r, err := g.s.Report(t.Context(), g.officer, 2022, 1)
		if err != nil {
			t.Fatal(err)
		}
		d := r.Document()
		figures := 0
		for _, a := range r.Annexes {
			for _, row := range a.Rows {
				for i, c := range row.Cells {
					if c.Number != nil && a.Columns[i].Head != "STT" {
						figures++
					}
				}
			}
		}
		if have := len(d.Figures()); have != figures || have < 50 {
			t.Errorf("%d figures on paper, %d in the report", have, figures)
		}
		if d.Notice != "Số liệu minh hoạ – Dự thảo" {
			t.Errorf("the made-up figures do not say so: %q", d.Notice)
		}
		for _, f := range []paper.Format{paper.FormatDocx, paper.FormatPDF, paper.FormatXLSX, paper.FormatHTML} {
			raw, err := d.Write(f)
			if err != nil {
				t.Fatalf("%s: %v", f, err)
			}
			if was, again := files[f]; again && !bytes.Equal(was, raw) {
				t.Errorf("%s differs from itself", f)
			}
			files[f] = raw
			if dir := os.Getenv("BINHAN_SHOTS"); dir != "" {
				if err := os.WriteFile(filepath.Join(dir, "report."+string(f)), raw, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
