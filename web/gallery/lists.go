package gallery

import (
	"strings"
	"time"

	"binhan/internal/codelist"
	"binhan/web/ui"
	"binhan/web/ui/fields"
)

// opts makes options of triples: value, Vietnamese, English.
func (g maker) opts(triples ...string) []ui.Option {
	var out []ui.Option
	for i := 0; i+2 < len(triples); i += 3 {
		out = append(out, ui.Option{Value: triples[i], Label: g.say(triples[i+1], triples[i+2])})
	}
	return out
}

// day is the day of the gallery.
var day = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

// code makes options of a real list, so that pages are as long as they will be.
func (g maker) code(name codelist.Name) []ui.Option {
	var out []ui.Option
	for _, e := range codelist.MustGet(name).On(day) {
		out = append(out, ui.Option{Value: e.Code, Label: e.Label(g.lang)})
	}
	return out
}

// communes are those of the province today, with their former names.
func communes() []ui.Commune {
	var out []ui.Commune
	for _, u := range codelist.Communes(day) {
		c := ui.Commune{Code: u.Code, Name: u.Name}
		var old []string
		for _, p := range codelist.Predecessors(u) {
			if p.Name != u.Name {
				old = append(old, p.Name)
			}
		}
		c.Old = strings.Join(old, ", ")
		out = append(out, c)
	}
	return out
}

func (g maker) lists() fields.Lists {
	return fields.Lists{
		Channel: g.code(codelist.IntakeChannel), Reporter: g.code(codelist.ReporterType), Sex: g.code(codelist.Sex), Ethnicity: g.code(codelist.Ethnicity),
		Occupation: g.code(codelist.Occupation), MaritalStatus: g.code(codelist.MaritalStatus), Disability: g.code(codelist.DisabilityType),
		Language: g.code(codelist.SpokenLanguage), Place: g.code(codelist.IncidentPlace), Acts: g.code(codelist.DVAct), Relationship: g.code(codelist.Relationship),
		Services: g.code(codelist.ServiceType), Communes: communes(),
		ContactChannel: g.opts("PHONE", "Gọi điện", "Phone call", "SMS", "Nhắn tin", "Text message", "PERSON", "Qua người tin cậy", "Through a trusted person"),
		MustNot:        g.opts("SMS", "Không nhắn tin", "No text messages", "VISIT", "Không đến nhà", "No home visit"),
	}
}

func (g maker) asks() []fields.ConsentAsk {
	return []fields.ConsentAsk{
		{Purpose: "INTAKE", Label: g.say("Lưu giữ thông tin để hỗ trợ", "Keep information for support"), Hint: g.say("Nói rõ: đây là thông tin nhạy cảm, chỉ người phụ trách đọc được.", "Say: this is sensitive information that only the person in charge can read.")},
		{Purpose: "CONTACT", Label: g.say("Liên hệ lại qua kênh an toàn", "Contact through a safe channel")},
		{Purpose: "STATISTICS", Label: g.say("Dùng số liệu đã khử nhận dạng cho thống kê", "Use de-identified data for statistics")},
	}
}

func (g maker) decisions() []ui.Option {
	return g.opts("GIVEN", "Đồng ý", "Given", "REFUSED", "Không đồng ý", "Refused")
}

func (g maker) by() []ui.Option {
	return g.opts("SELF", "Người ấy", "This person", "REP", "Người đại diện theo pháp luật", "Legal representative")
}

func (g maker) method() []ui.Option {
	return g.opts("WRITTEN", "Văn bản, chữ ký hoặc điểm chỉ", "Written", "AUDIO", "Cuộc gọi ghi âm", "Recorded call")
}

func (g maker) purposes() []ui.Option {
	return g.opts("SHARE_POLICE", "Chia sẻ với Công an", "Share with police", "SHARE_WU", "Chia sẻ với Hội Liên hiệp Phụ nữ", "Share with Women’s Union")
}
