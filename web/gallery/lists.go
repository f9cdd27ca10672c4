package gallery

import (
	"binhan/web/ui"
	"binhan/web/ui/fields"
)

// communes are a few of today's, with former names.
var communes = []ui.Commune{
	{Code: "23293", Name: "Phường Kon Tum", Old: "Phường Quyết Thắng, Phường Thắng Lợi"},
	{Code: "23377", Name: "Xã Bờ Y", Old: "Xã Pờ Y, Thị trấn Plei Kần"},
	{Code: "23500", Name: "Xã Đăk Hà", Old: "Thị trấn Đăk Hà"},
	{Code: "23332", Name: "Xã Đăk Rơ Wa"},
	{Code: "23473", Name: "Xã Măng Đen"},
}

// opts makes options of triples: value, Vietnamese, English.
func (g maker) opts(triples ...string) []ui.Option {
	var out []ui.Option
	for i := 0; i+2 < len(triples); i += 3 {
		out = append(out, ui.Option{Value: triples[i], Label: g.say(triples[i+1], triples[i+2])})
	}
	return out
}

func (g maker) lists() fields.Lists {
	return fields.Lists{
		Channel:        g.opts("HOTLINE_DV", "Tổng đài điện thoại quốc gia về phòng, chống bạo lực gia đình", "National DV hotline", "PHONE_SMS", "Gọi điện, nhắn tin", "Phone or SMS", "IN_PERSON", "Trực tiếp báo tin", "In person"),
		Reporter:       g.opts("SELF", "Người bị bạo lực tự báo", "Survivor", "FAMILY", "Thành viên gia đình", "Family member", "ELDER", "Già làng, người có uy tín", "Village elder"),
		Sex:            g.opts("F", "Nữ", "Female", "M", "Nam", "Male", "X", "Khác / không xác định", "Other / not determined", "UNK", "Không biết", "Not known"),
		Ethnicity:      g.opts("01", "Kinh", "Kinh", "14", "Xơ Đăng", "Xo Dang", "13", "Ba Na", "Ba Na"),
		Occupation:     g.opts("FARMER", "Nông, lâm, ngư nghiệp", "Farming", "HOMEMAKER", "Nội trợ", "Homemaker"),
		MaritalStatus:  g.opts("MARRIED", "Đã kết hôn", "Married", "COHAB", "Chung sống như vợ chồng", "Cohabiting"),
		Disability:     g.opts("NONE", "Không khuyết tật", "None", "MOBILITY", "Khuyết tật vận động", "Mobility", "HEARING_SPEECH", "Khuyết tật nghe, nói", "Hearing and speech"),
		Language:       g.opts("vi", "Tiếng Việt (phổ thông)", "Vietnamese", "sed", "Tiếng Xơ Đăng", "Sedang"),
		ContactChannel: g.opts("PHONE", "Gọi điện", "Phone call", "SMS", "Nhắn tin", "Text message", "VIA_PERSON", "Qua người tin cậy", "Through a trusted person"),
		MustNot:        g.opts("SMS", "Không nhắn tin", "No text messages", "VISIT", "Không đến nhà", "No home visit"),
		Precision:      g.opts("DAY", "Đúng ngày", "Exact day", "ABOUT", "Khoảng thời gian đó", "About then", "UNK", "Không nhớ rõ", "Not sure"),
		Place:          g.opts("HOME", "Tại nhà", "Home", "FIELD", "Nương rẫy", "Upland field"),
		Acts: g.opts(
			"A", "Hành hạ, ngược đãi, đánh đập, đe dọa hoặc hành vi cố ý khác xâm hại đến sức khỏe, tính mạng", "Torture, ill-treatment, beating, threats or other intentional acts against health or life",
			"B", "Lăng mạ, chì chiết hoặc hành vi cố ý khác xúc phạm danh dự, nhân phẩm", "Insulting, nagging or other acts offending honour and dignity",
			"N", "Chiếm đoạt, hủy hoại tài sản chung của gia đình hoặc tài sản riêng của thành viên khác", "Appropriating or destroying family or personal property"),
		Relationship: g.opts("HUSBAND", "Chồng", "Husband", "EX_HUSBAND", "Chồng cũ (đã ly hôn)", "Ex-husband", "UNKNOWN", "Không rõ", "Unknown"),
		Services:     g.opts("SHELTER", "Bố trí nơi tạm lánh", "Temporary shelter", "MEDICAL", "Chăm sóc, điều trị y tế", "Medical care", "COUNSELLING", "Tham vấn, tư vấn tâm lý", "Counselling", "LEGAL_ADVICE", "Tư vấn pháp luật", "Legal advice"),
		Communes:     communes,
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
