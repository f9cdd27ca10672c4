package campaign

import (
	"strings"

	"binhan/internal/codelist"
)

// DefaultOutline is the outline of a year that has none before it: the plan of 2022 and habit, of the list report_section. Appendix 2 of that plan was not
// found; a year may change its outline.
func DefaultOutline() []Heading {
	hints := map[string]string{
		"I":    "Văn bản đã ban hành, cách chỉ đạo, phân công.",
		"II.1": "Ngày, nơi tổ chức, số người dự.",
		"II.2": "Các hình thức truyền thông; số liệu chi tiết ghi ở bảng.",
		"II.3": "Thăm hỏi, tặng quà, mô hình hỗ trợ. Không nêu tên hay chuyện của ai.",
		"II.4": "Việc phòng ngừa, phối hợp. Không nêu vụ việc cụ thể; số liệu về người được hỗ trợ lấy từ bản đã công bố.",
		"II.5": "Số cuộc, nơi kiểm tra, kết quả chung.",
		"III":  "Nguồn kinh phí; số tiền ghi ở bảng.",
		"IV.1": "Điều làm được.",
		"IV.2": "Khó khăn và nguyên nhân.",
		"V":    "Việc sẽ làm tiếp.",
		"VI":   "Đề xuất với cấp trên.",
	}
	var out []Heading
	for _, e := range codelist.MustGet(codelist.ReportSection).Entries() {
		if e.Code == "PL" {
			continue // the annex is made of the tables
		}
		_, writes := hints[e.Code]
		out = append(out, Heading{Code: e.Code, Title: sentenceCase(e.LabelVI), Hint: hints[e.Code], Unit: writes})
	}
	return out
}

// sentenceCase writes a heading of the list, which stands there in capitals, in ordinary letters.
func sentenceCase(text string) string {
	if text != strings.ToUpper(text) {
		return text
	}
	r := []rune(text)
	return string(r[:1]) + strings.ToLower(string(r[1:]))
}

// indicators are the rows of the table: code, unit of counting, whether people are counted. The set follows the annexes of provinces (Đắk Nông 2019).
var indicators = []struct {
	code, unit string
	people     bool
}{
	{"DOCUMENT", "văn bản", false}, {"LAUNCH", "cuộc", true}, {"MEETING_MASS", "cuộc", true}, {"TALK", "cuộc", true}, {"TRAINING", "lớp", true}, {"FORUM", "cuộc", true},
	{"CONTEST", "cuộc", true}, {"CLUB", "buổi", true}, {"INTEGRATED", "buổi", true}, {"BANNER", "", false}, {"PANO", "", false}, {"LEAFLET", "", false}, {"HANDBOOK", "", false},
	{"CD", "", false}, {"VIDEO", "", false}, {"BILINGUAL", "", false}, {"LOUDSPEAKER", "", false}, {"TV", "", false}, {"RADIO", "", false}, {"NEWS", "", false}, {"WEB", "", false},
	{"SOCIAL", "", false}, {"MODEL", "mô hình", false}, {"TRUSTED_PLACE", "nơi", false}, {"COUNSEL", "buổi", true}, {"VISIT_GIFT", "suất", false}, {"COMMEND", "lượt", false}, {"INSPECTION", "cuộc", false},
}

// DefaultIndicators is the table of a year that has none before it.
func DefaultIndicators() []Indicator {
	activities, products := codelist.MustGet(codelist.CampaignActivity), codelist.MustGet(codelist.CampaignProduct)
	out := make([]Indicator, 0, len(indicators))
	for _, x := range indicators {
		e, ok := activities.Find(x.code)
		if !ok {
			e, _ = products.Find(x.code)
		}
		unit := x.unit
		if unit == "" {
			unit = e.Note("unit")
		}
		out = append(out, Indicator{Code: x.code, Label: e.LabelVI, Unit: unit, People: x.people})
	}
	return out
}
