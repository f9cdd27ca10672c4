package gallery

import (
	"binhan/internal/codelist"
	"binhan/web/pages/rights"
	"binhan/web/ui"
)

// rights are the pages on the rights of the person concerned.
func (g maker) rights() []Page {
	rows := []rights.Row{
		{Href: ui.RequestPath("1"), Code: "YC-4K7Q-26", Case: "K7QM-51-26-T", What: g.say("Cung cấp bản sao", "Provide copy"), State: g.say("Mới nhận", "Received"), Tone: ui.Danger, Due: g.say("quá hạn 3 giờ", "3 hours late"), Late: true},
		{Href: ui.RequestPath("2"), Code: "YC-9M4T-26", What: g.say("Xem dữ liệu", "Access"), State: g.say("Đã trả lời", "Answered"), Tone: ui.Caution, Due: g.say("còn 6 ngày", "6 days left")},
		{Href: ui.RequestPath("3"), Code: "YC-2HTN-26", Case: "P4RW-51-26-X", What: g.say("Xóa dữ liệu", "Erase"), State: g.say("Đã xong", "Done"), Tone: ui.Done},
	}
	ask := ui.Form{Key: "k", Values: map[string][]string{"kind": {"COPY"}}, Problems: []ui.Problem{{Field: "identity_check", Text: g.say("Cần điền mục này.", "This is needed.")}}}
	list := rights.Requests{Rows: rows, MayRegister: true, ByCode: true, Form: ui.Form{Key: "k"}, Kinds: g.code(codelist.DSRType), AskedBy: g.code(codelist.ConsentActor), Checks: g.code(codelist.DSRIdentityCheck), Days: g.say("ngày theo lịch", "calendar days")}
	refused := list
	refused.Form = ask
	facts := []ui.Row{{Label: g.say("Hồ sơ", "Case"), Value: "K7QM-51-26-T"}, {Label: g.say("Nhận lúc", "Received"), Value: "24/11/2026 09:10"}}
	request := rights.Request{ID: "1", Code: "YC-4K7Q-26", Kind: g.say("Cung cấp bản sao", "Provide copy"), State: g.say("Đã trả lời", "Answered"), Tone: ui.Caution, Facts: facts, Words: g.say("Muốn có bản sao để nộp tòa (thử).", "Wants a copy for the court (test)."),
		Moves: []rights.Move{{Path: "gia-han", Label: g.say("Gia hạn một lần", "Extend once"), Codes: g.code(codelist.DSRExtension), CodeLabel: g.say("Vì sao cần thêm thời gian?", "Why is more time needed?"), Text: true, TextLabel: g.say("Lý do đã báo", "The reason told"), Form: ui.Form{Key: "a"}},
			{Path: "xong", Label: g.say("Ghi là đã xong", "Say it is done"), Text: true, TextLabel: g.say("Đã làm gì", "What was done"), Form: ui.Form{Key: "b"}}},
		History: []ui.Event{{At: "24/11/2026 09:10", What: g.say("Ghi yêu cầu", "Registered"), Who: "Bảo Vệ Dữ Liệu Thử"}}}
	terms := rights.Terms{MayHold: true, May: true, Hold: ui.Form{Key: "k"}, Grounds: g.code(codelist.HoldGround), Rules: []ui.Row{{Label: g.say("Hồ sơ người lớn", "Adult"), Value: "91/2025/QH15 Đ14"}},
		Due:      []rights.TermRow{{ID: "1", Case: "K7QM-51-16-T", Rule: g.say("10 năm sau khi kết thúc", "10 years after closing"), KeepUntil: "31/12/2025", Over: true}, {ID: "2", Case: "P4RW-51-16-X", Rule: g.say("10 năm sau khi kết thúc", "10 years after closing"), KeepUntil: "31/12/2025", Over: true, Note: g.say("Đang giữ theo luật", "Held by law")}},
		Holds:    []rights.HoldRow{{ID: "3", Case: "P4RW-51-16-X", Ground: g.say("Hồ sơ đang phục vụ vụ án hình sự", "A criminal case needs the file"), Since: g.say("Từ 01/10/2026, Bảo Vệ Dữ Liệu Thử", "Since 01/10/2026, Bảo Vệ Dữ Liệu Thử")}},
		Erasures: []rights.Row{{Href: ui.ErasurePath("4"), Code: "XD-9M4T-26", Case: "H8CV-51-16-B", What: g.say("Hết thời hạn lưu giữ", "Term over"), State: g.say("Một người đã duyệt", "One has approved"), Tone: ui.Caution}}}
	certificate := rights.Erasure{ID: "4", Code: "XD-9M4T-26", Case: "H8CV-51-16-B", State: g.say("Đã xóa", "Erased"), Tone: ui.Done, Facts: facts, Done: true,
		Deed: []ui.Row{{Label: g.say("Số khóa đã hủy", "Keys destroyed"), Value: "7"}, {Label: g.say("Sổ xóa của kho khóa", "Ledger of the keys"), Value: "12 · 9f2c"}}}
	proposal := rights.Erasure{ID: "4", Code: "XD-9M4T-26", Case: "H8CV-51-16-B", State: g.say("Chờ duyệt", "Waits"), Tone: ui.Caution, Facts: facts, MayApprove: true, MayRefuse: true, Form: ui.Form{Key: "k"}, Refuse: ui.Form{Key: "l"}}
	classes := g.opts("identity", "Danh tính", "Identity", "safety", "Nơi ở, liên lạc an toàn", "Whereabouts")
	breaches := rights.Breaches{Rows: []rights.Row{{Href: ui.BreachPath("5"), Code: "SC-2HTN-26", Case: "–", What: g.say("Lộ, mất bí mật", "Disclosed"), State: g.say("Đang xử lý", "Open"), Tone: ui.Caution, Due: g.say("còn 20 giờ", "20 hours left")}},
		MayRecord: true, Form: ui.Form{Key: "k"}, Kinds: g.code(codelist.BreachKind), Classes: classes}
	breach := rights.Breach{ID: "5", Code: "SC-2HTN-26", State: g.say("Đang xử lý", "Open"), Tone: ui.Caution, Facts: facts, MayWrite: true, Form: ui.Form{Key: "k"}, Notice: []ui.Row{{Label: g.say("Việc đã xảy ra", "What happened"), Value: g.say("Gửi nhầm (thử).", "Sent wrongly (test).")}},
		Moves: g.opts("note", "Ghi chú", "Note", "notice", "Đã gửi thông báo", "Notice sent"), Minutes: []ui.Event{{At: "24/11/2026 09:10", What: g.say("Ghi sự cố", "Recorded"), Who: "Bảo Vệ Dữ Liệu Thử"}}}
	processing := rights.Processing{Sensitive: facts, Flows: facts, Terms: facts, Clocks: facts, Encryption: facts, Totals: facts, MayRecord: true, Form: ui.Form{Key: "k"}, Purposes: g.code(codelist.ConsentPurpose),
		Orgs: g.opts("1", "Công an xã Bờ Y", "Công an xã Bờ Y"), Agreements: []rights.Agreement{{Org: "Công an xã Bờ Y", Number: "01/QCPH", Term: "01/03/2026 –", Purposes: g.say("Chia sẻ với Công an", "Share with police"), Live: true}},
		Access: []rights.Grant{{Class: g.say("Danh tính", "Identity"), Role: g.say("Nhân viên tham vấn", "Counsellor"), Acts: g.say("Xem hồ sơ", "Read a case"), Standings: g.say("người phụ trách", "holder")}},
		Tables: []rights.Table{{Name: "public.survivors", Columns: []rights.Column{{Name: "identity", Class: "secret", Meaning: "sealed, compartment identity"}}}}}
	open := rights.Case{ID: "1", Code: "K7QM", Requests: rows[:1], Ask: ask, Restrict: ui.Form{Key: "b"}, Close: ui.Form{Key: "c"}, Copy: ui.Form{Key: "d"}, Erase: ui.Form{Key: "e"}, Kinds: g.code(codelist.DSRType), AskedBy: g.code(codelist.ConsentActor),
		Checks: g.code(codelist.DSRIdentityCheck), Grounds: g.code(codelist.RestrictionGround), Reasons: g.code(codelist.ClosureReason), ErasureOf: g.code(codelist.ErasureGround), May: rights.CaseMay{Close: true, Copy: true, History: true},
		History: []ui.Event{{At: "24/11/2026 09:10", What: g.say("Sửa: tên gọi", "Corrected: name"), Who: "Tư Vấn Thử Một"}}}
	barred := open
	barred.Restricted, barred.Closed, barred.Ask, barred.Requests, barred.History = true, true, ui.Form{Key: "a"}, nil, nil
	barred.Grounds, barred.Reasons = g.code(codelist.RestrictionLift), g.code(codelist.ReopenReason)
	of := func(title, at string) ui.Shell { return g.shell(title, at) }
	return []Page{
		{"rights/requests", rights.RequestsPage(of("page_rights.requests_title", ui.PathRequests), list)},
		{"rights/requests-refused", rights.RequestsPage(of("page_rights.requests_title", ui.PathRequests), refused)},
		{"rights/requests-none", rights.RequestsPage(of("page_rights.requests_title", ui.PathRequests), rights.Requests{Days: list.Days})},
		{"rights/request", rights.RequestPage(of("page_rights.request_title", ui.PathRequests), request)},
		{"rights/terms", rights.TermsPage(of("page_rights.terms_title", ui.PathTerms), terms)},
		{"rights/terms-none", rights.TermsPage(of("page_rights.terms_title", ui.PathTerms), rights.Terms{})},
		{"rights/erasure", rights.ErasurePage(of("page_rights.erasure_title", ui.PathTerms), proposal)},
		{"rights/certificate", rights.ErasurePage(of("page_rights.erasure_title", ui.PathTerms), certificate)},
		{"rights/breaches", rights.BreachesPage(of("page_rights.breaches_title", ui.PathBreaches), breaches)},
		{"rights/breach", rights.BreachPage(of("page_rights.breach_title", ui.PathBreaches), breach)},
		{"rights/processing", rights.ProcessingPage(of("page_rights.processing_title", ui.PathProcessing), processing)},
		{"rights/case", rights.CasePage(of("page_rights.case_title", ui.PathCases), open)},
		{"rights/case-barred", rights.CasePage(of("page_rights.case_title", ui.PathCases), barred)},
	}
}
