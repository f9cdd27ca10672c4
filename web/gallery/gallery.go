// Package gallery shows every page in every state with made-up people, so that pages can be looked at, and tested in a browser, without a
// server, a database or a case. Nothing in the product imports it.
//
// Everybody here is plainly made up ("Người Thử Nghiệm Một"); telephone numbers are of no network.
package gallery

import (
	"strconv"
	"time"

	"github.com/a-h/templ"

	"binhan/internal/i18n"
	"binhan/web"
	"binhan/web/pages/casefile"
	"binhan/web/pages/failure"
	"binhan/web/pages/intake"
	"binhan/web/pages/referral"
	"binhan/web/pages/session"
	"binhan/web/pages/today"
	"binhan/web/ui"
)

// Page is one page in one state. Name is a path below /gallery/.
type Page struct {
	Name string
	Body templ.Component
}

// Pages are all of them, in a language.
func Pages(lang i18n.Language) []Page {
	g := maker{lang: lang}
	var all []Page
	for _, part := range [][]Page{g.session(), g.today(), g.intake(), g.cases(), g.referrals(), g.releases(), g.rights(), g.record(), g.failures()} {
		all = append(all, part...)
	}
	return all
}

type maker struct{ lang i18n.Language }

// say picks the sentence of the language.
func (g maker) say(vi, en string) string {
	if g.lang == i18n.English {
		return en
	}
	return vi
}

func (g maker) shell(title, at string) ui.Shell {
	nav := []ui.NavItem{
		{Href: ui.PathToday, Label: g.say("Hôm nay", "Today"), Icon: "today", Count: 3},
		{Href: ui.PathIntake, Label: g.say("Tiếp nhận", "Intake"), Icon: "intake"},
		{Href: ui.PathCases, Label: g.say("Hồ sơ", "Cases"), Icon: "cases"},
		{Href: ui.PathReferralsOut, Label: g.say("Chuyển gửi", "Referrals"), Icon: "send"},
	}
	for i := range nav {
		nav[i].Current = nav[i].Href == at
	}
	return ui.Shell{
		Lang: g.lang, Title: title, Path: at, Nav: nav, Assets: web.Assets(),
		User: &ui.User{Name: "Cán Bộ Thử Nghiệm", RoleLabel: g.say("Nhân viên tham vấn, tư vấn tâm lý", "Counsellor"), OrgName: "Trung tâm Công tác xã hội"},
	}
}

func (g maker) receiver(title, at string) ui.Shell {
	sh := g.shell(title, at)
	sh.Nav = []ui.NavItem{
		{Href: ui.PathReferralsIn, Label: g.say("Đến", "Received"), Icon: "inbox", Count: 2, Current: at == ui.PathReferralsIn},
		{Href: ui.PathToday, Label: g.say("Hôm nay", "Today"), Icon: "today"},
	}
	sh.User = &ui.User{Name: "Cán Bộ Tiếp Nhận", RoleLabel: g.say("Cán bộ đầu mối Công an", "Police focal point"), OrgName: "Công an xã Bờ Y"}
	return sh
}

func (g maker) bare(title, at string) ui.Shell {
	return ui.Shell{Lang: g.lang, Title: title, Path: at, Assets: web.Assets()}
}

func open(sh ui.Shell) ui.Shell {
	sh.CaseOpen = true
	return sh
}

func (g maker) session() []Page {
	refused := ui.Form{
		Values:   map[string][]string{"username": {"tuvan.kontum"}},
		Problems: []ui.Problem{{Field: "password", Text: g.say("Tên đăng nhập hoặc mật khẩu chưa đúng.", "User name or password is not right.")}},
	}
	return []Page{
		{"session/sign-in", session.SignInPage(g.bare("page_session.sign_in", ui.PathSignIn), session.SignIn{Demo: []ui.Row{
			{Label: "tuvan.kontum", Value: "Nhân viên tham vấn, Trung tâm Công tác xã hội"}, {Label: "congan.ngochoi", Value: "Công an xã Bờ Y"},
		}})},
		{"session/sign-in-refused", session.SignInPage(g.bare("page_session.sign_in", ui.PathSignIn), session.SignIn{Form: refused, Code: true, Back: ui.PathToday})},
		{"session/sign-in-provider", session.SignInPage(g.bare("page_session.sign_in", ui.PathSignIn), session.SignIn{Provider: g.say("Cổng công chức tỉnh", "Province portal")})},
		{"session/provider-code", session.CodePage(g.bare("page_provider.code_title", ui.PathSignIn), session.Code{Name: g.say("Cổng công chức tỉnh", "Province portal")})},
		{"session/provider-done", session.DonePage(g.bare("page_provider.proved_title", ui.PathSignIn))},
		{"session/locked", session.LockedPage(g.bare("ui.locked_title", ui.PathLock), session.Locked{Name: "Cán Bộ Thử Nghiệm", Back: ui.PathToday})},
		{"session/neutral", session.NeutralPage(g.bare("ui.neutral_title", ui.PathExit), session.Calendar(g.lang, time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)))},
		{"session/help", session.HelpPage(g.shell("ui.help", ui.PathHelp), session.Help{Lines: []ui.Row{{Label: "113", Value: "Công an (khẩn cấp)"}, {Label: "111", Value: "Tổng đài điện thoại quốc gia bảo vệ trẻ em"}}})},
	}
}

func (g maker) today() []Page {
	sh := g.shell("page_today.title", ui.PathToday)
	flash := sh
	flash.Flash = &ui.Flash{Text: g.say("Đã lưu hồ sơ 7K3M lúc 10:29.", "Case 7K3M saved at 10:29."), Tone: ui.Done}
	return []Page{
		{"today/list", today.Page(flash, today.View{
			MayRecord: true,
			Lead:      g.say("3 việc cần làm trước 17:00.", "3 things to do before 17:00."),
			Items: []today.Item{
				{Verb: g.say("Gọi cho nơi nhận", "Call the receiver"), Code: "7K3M", Detail: g.say("Bảo vệ an toàn khẩn cấp, Công an xã Bờ Y chưa trả lời", "Emergency protection, no answer yet from Công an xã Bờ Y"), Deadline: g.say("quá hạn 20 phút", "20 minutes overdue"), Overdue: true, Urgent: true, Href: "/phieu/1", Action: g.say("Mở phiếu", "Open the referral")},
				{Verb: g.say("Gọi lại", "Call again"), Code: "Q9TD", Detail: g.say("Giờ an toàn 13:30 đến 15:00", "Safe hours 13:30 to 15:00"), Deadline: g.say("còn 2 giờ", "2 hours left"), Href: "/ho-so/2", Action: g.say("Mở hồ sơ", "Open the case")},
				{Verb: g.say("Đánh giá lại mức nguy cơ", "Assess the risk again"), Code: "H4XV", Deadline: g.say("trước 17:00", "before 17:00"), Href: "/ho-so/3", Action: g.say("Mở hồ sơ", "Open the case")},
			},
			Done: []today.Item{{Verb: g.say("Trả lời câu hỏi", "Answered a question"), Code: "M2WB"}},
		})},
		{"today/empty", today.Page(sh, today.View{MayRecord: true})},
	}
}

func (g maker) intake() []Page {
	v := intake.View{
		Form: ui.Form{Key: "0192-made-up"}, Lists: g.lists(), Now: "2026-11-24T10:29", Consents: g.asks(),
		Decisions: g.decisions(), By: g.by(), Method: g.method(),
	}
	stopped, refused := v, v
	stopped.Form.Values = map[string][]string{"_safe": {"no"}, "intake.channel": {"PHONE_SMS"}, "safe_contact.hours": {"8 giờ đến 10 giờ"}}
	refused.Form = ui.Form{
		Key: "0192-made-up",
		Values: map[string][]string{
			"_safe": {"yes"}, "survivor.name": {"Người Thử Nghiệm Một Có Họ Và Tên Đệm Rất Là Dài Nguyễn Thị Hoàng Phương Khánh"}, "survivor.birth_year": {"3026"}, "survivor.commune": {"Xã Bờ"},
			"incident.occurred_on.day": {"31"}, "incident.occurred_on.month": {"2"}, "incident.occurred_on.year": {"2026"}, "incident.acts": {"A", "B"},
			"incident.perpetrators.1.name": {"Người Có Hành Vi Hai"}, "narrative": {"Theo lời người ấy:\nviệc xảy ra nhiều lần."}, "consents.0.decision": {"GIVEN"},
		},
		Problems: []ui.Problem{
			{Field: "intake.channel", Text: g.say("Chọn cách tin báo đến.", "Choose how the report came.")},
			{Field: "survivor.birth_year", Text: g.say("Năm sinh cần ở trong khoảng 1900 đến 2026.", "The year of birth must lie between 1900 and 2026.")},
			{Field: "incident.occurred_on", Text: g.say("Nhập ngày theo dạng ngày/tháng/năm, hoặc chọn “Không nhớ rõ”.", "Enter day, month and year, or choose “not sure”.")},
		},
	}
	sh := open(g.shell("page_intake.title", ui.PathIntake))
	return []Page{
		{"intake/new", intake.Page(sh, v)},
		{"intake/not-safe", intake.Page(sh, stopped)},
		{"intake/refused", intake.Page(sh, refused)},
	}
}

func (g maker) failures() []Page {
	sh := g.shell("", "")
	page := func(name string, status int, title string, v failure.View) Page {
		v.Status = status
		s := sh
		s.Title = title
		return Page{name, failure.Page(s, v)}
	}
	return []Page{
		page("failure/missing", 404, "page_failure.missing_title", failure.View{}),
		page("failure/refused", 403, "page_failure.refused_title", failure.View{Back: ui.PathToday, Ask: ui.PathHelp}),
		page("failure/conflict", 412, "page_failure.conflict_title", failure.View{
			Back: ui.CasePath("1"), Mine: []ui.Row{{Label: g.say("Giờ an toàn", "Safe hours"), Value: "8:00 – 10:00"}}, Theirs: []ui.Row{{Label: g.say("Giờ an toàn", "Safe hours"), Value: "13:30 – 15:00"}},
		}),
		page("failure/busy", 503, "page_failure.busy_title", failure.View{Code: "4F2K"}),
		{"failure/stranger", failure.Page(g.bare("page_failure.missing_title", ""), failure.View{Status: 404})},
	}
}

func (g maker) cases() []Page {
	list := open(g.shell("page_casefile.list_title", ui.PathCases))
	list.CaseOpen, list.Wide = false, true
	rows := []casefile.ListRow{
		{ID: "1", Code: "7K3M", Status: g.say("Đang thực hiện kế hoạch", "Plan in progress"), Risk: g.say("Nguy cơ rất cao, đe dọa tính mạng", "Extreme, life-threatening"), RiskTone: ui.Danger, Commune: "Xã Bờ Y", Opened: "03/11/2026", Updated: g.say("hôm nay, 09:12", "today, 09:12")},
		{ID: "2", Code: "Q9TD", Status: g.say("Mới tiếp nhận", "New"), Commune: "Phường Kon Tum", Opened: "24/11/2026", Updated: g.say("hôm nay, 08:40", "today, 08:40")},
		{ID: "3", Code: "H4XV", Status: g.say("Theo dõi, giám sát", "Monitoring"), Risk: g.say("Nguy cơ trung bình", "Medium"), RiskTone: ui.Caution, Commune: "Xã Đăk Rơ Wa", Opened: "19/10/2026", Updated: "20/11/2026"},
		{ID: "4", Code: "M2WB", Status: g.say("Sàng lọc, đánh giá ban đầu", "Screening"), Risk: g.say("Nguy cơ thấp", "Low"), Commune: "", Opened: "02/10/2026", Updated: "17/11/2026"},
	}
	base := casefile.List{Status: g.opts("NEW", "Mới tiếp nhận", "New", "OPEN", "Đang mở", "Open"), Risk: g.opts("HIGH", "Nguy cơ cao", "High"), Communes: communes(), MayOpen: true}
	full, empty, none, workload := base, base, base, base
	full.Rows, full.Next = rows, "/ho-so?cursor=c2"
	full.Filter = ui.Form{Values: map[string][]string{"risk": {"HIGH"}}}
	none.Searched = true
	none.Search = ui.Form{Values: map[string][]string{"name": {"nguoi thu nghiem chin"}}}
	workload.MayOpen = false
	for _, r := range rows {
		r.Owner = "Cán Bộ Thử Nghiệm Có Tên Dài"
		workload.Rows = append(workload.Rows, r)
	}

	sh := open(g.shell("page_casefile.title", ui.PathCases))
	v := g.view()
	reading, refused := v, v
	reading.Narrative.Folded = false
	reading.Narrative.Text = "Theo lời người ấy, việc bắt đầu từ mùa rẫy năm ngoái.\n\nNgười ấy muốn có chỗ ở yên ổn cho hai con và muốn được nói chuyện với một người phụ nữ.\nĐây là chữ bịa để thử trang."
	reading.Incidents = append([]casefile.Incident(nil), v.Incidents...)
	reading.Incidents[0].Description = "Chữ bịa để thử trang: một đoạn kể đủ dài để xem dòng chữ xuống hàng thế nào trên màn hình nhỏ và màn hình lớn."
	refused.Upload = ui.Form{Values: map[string][]string{"description": {"Giấy khám"}}, Problems: []ui.Problem{{Field: "file", Text: g.say("Chọn một tệp.", "Choose a file.")}}}
	refused.Form = ui.Form{Values: map[string][]string{"withdraw-1": {""}}, Problems: []ui.Problem{{Field: "withdraw-1", Text: g.say("Ý kiến này đã được rút lại lúc 10:12.", "This consent was already withdrawn at 10:12.")}}}
	fresh := casefile.View{
		ID: "2", Code: "Q9TD", Status: g.say("Mới tiếp nhận", "New"), ConsentState: g.say("Chưa hỏi ý kiến", "Not asked yet"), ConsentTone: ui.Caution,
		Owner: "Cán Bộ Thử Nghiệm", Opened: "24/11/2026", May: casefile.May{Edit: true, AddIncident: true, AddConsent: true, Refer: true, Upload: true},
	}
	closed := v
	closed.Withheld = []casefile.Class{{Code: "identity", Label: g.say("Danh tính", "Identity")}, {Code: "safety", Label: g.say("An toàn", "Safety")}, {Code: "narrative", Label: g.say("Nội dung kể", "Narrative")}, {Code: "evidence", Label: g.say("Tài liệu", "Evidence")}}
	closed.Contact = casefile.Contact{Withheld: true}
	closed.Narrative.Withheld = true
	closed.Identity, closed.Files = nil, nil
	closed.May = casefile.May{Reveal: true}

	edit := casefile.Edit{ID: "1", Code: "7K3M", Lists: g.lists(), Status: base.Status, Risk: base.Risk, Form: ui.Form{
		Version: `"7"`, Key: "k", Values: map[string][]string{
			"status": {"OPEN"}, "survivor.name": {"Người Thử Nghiệm Một"}, "survivor.sex": {"F"}, "survivor.birth_year": {"1992"}, "survivor.commune": {"Xã Bờ Y (23377)"},
			"safe_contact.channel": {"PHONE"}, "safe_contact.value": {"0900 000 001"}, "safe_contact.may_leave_message": {"false"}, "needs": {"SHELTER"},
		}}}
	incident := casefile.AddIncident{ID: "1", Code: "7K3M", Lists: g.lists(), Form: ui.Form{Key: "k"}}
	badIncident := incident
	badIncident.Form = ui.Form{Values: map[string][]string{"occurred_on.day": {"31"}, "occurred_on.month": {"11"}, "perpetrators.0.age": {"ba mươi"}},
		Problems: []ui.Problem{{Field: "occurred_on", Text: g.say("Nhập ngày theo dạng ngày/tháng/năm.", "Enter day, month and year.")}, {Field: "perpetrators.0.age", Text: g.say("Tuổi là một số.", "An age is a number.")}}}
	consent := casefile.AddConsent{ID: "1", Code: "7K3M", Form: ui.Form{Key: "k"}, Purposes: g.purposes(), Recipients: g.opts("1", "Công an xã Bờ Y", "Công an xã Bờ Y", "2", "Hội LHPN xã Bờ Y", "Hội LHPN xã Bờ Y"),
		Fields: g.opts("name", "Tên gọi", "Name", "safe_contact", "Liên lạc an toàn", "Safe contact", "needs", "Nhu cầu", "Needs", "incident", "Việc đã xảy ra", "What happened"), Decisions: g.decisions(), By: g.by(), Method: g.method()}
	badConsent := consent
	badConsent.Form.Problems = []ui.Problem{{Field: "decision", Text: g.say("Chọn câu trả lời.", "Choose the answer.")}, {Field: "purpose", Text: g.say("Chọn mục đích.", "Choose the purpose.")}}

	return []Page{
		{"casefile/list", casefile.ListPage(list, full)},
		{"casefile/list-empty", casefile.ListPage(list, empty)},
		{"casefile/list-none-found", casefile.ListPage(list, none)},
		{"casefile/list-workload", casefile.ListPage(list, workload)},
		{"casefile/case", casefile.Page(sh, v)},
		{"casefile/case-reading", casefile.Page(sh, reading)},
		{"casefile/case-refused", casefile.Page(sh, refused)},
		{"casefile/case-new", casefile.Page(sh, fresh)},
		{"casefile/case-closed", casefile.Page(sh, closed)},
		{"casefile/edit", casefile.EditPage(sh, edit)},
		{"casefile/incident", casefile.AddIncidentPage(sh, incident)},
		{"casefile/incident-refused", casefile.AddIncidentPage(sh, badIncident)},
		{"casefile/consent", casefile.AddConsentPage(sh, consent)},
		{"casefile/consent-refused", casefile.AddConsentPage(sh, badConsent)},
	}
}

func (g maker) view() casefile.View {
	return casefile.View{
		ID: "1", Code: "7K3M-51-26-4", Version: "7", Status: g.say("Đang thực hiện kế hoạch", "Plan in progress"), Owner: "Cán Bộ Thử Nghiệm", Organisation: "Trung tâm Công tác xã hội",
		Opened: "03/11/2026", Updated: g.say("hôm nay, 09:12", "today, 09:12"),
		Contact: casefile.Contact{Known: true, Channel: g.say("Gọi điện", "Phone"), Value: "0900 000 001", Call: "tel:0900000001", Hours: g.say("8 giờ đến 10 giờ, ngày thường", "8 to 10, weekdays"),
			CodeWord: g.say("Tôi gọi từ cửa hàng vải, hàng đã về", "Calling from the cloth shop, your order is here"), MayLeaveMessage: g.say("Không", "No"), MustNot: []string{g.say("Không nhắn tin", "No text messages"), g.say("Không đến nhà", "No home visit")}},
		Risk: g.say("Nguy cơ cao", "High risk"), RiskTone: ui.Danger, RiskAssessed: g.say("Đánh giá ngày 22/11/2026", "Assessed on 22/11/2026"),
		ConsentState: g.say("Đồng ý chia sẻ với Công an, Hội Phụ nữ", "Agreed to share with police and Women’s Union"), ConsentTone: ui.Done,
		Tasks: []casefile.Task{
			{Text: g.say("Đánh giá an toàn", "Safety assessment"), State: casefile.TaskDone, Note: "22/11/2026"},
			{Text: g.say("Kế hoạch an toàn", "Safety plan"), Href: "#", State: casefile.TaskDoing},
			{Text: g.say("Khám sức khỏe", "Health check"), Href: "#", State: casefile.TaskToDo, Note: g.say("Bệnh viện đã nhận phiếu", "The hospital has the referral")},
			{Text: g.say("Họp với trợ giúp viên pháp lý", "Meeting with legal aid"), State: casefile.TaskBlocked, Note: g.say("Chờ người ấy đồng ý", "Waits for consent")},
		},
		Identity: []ui.Row{
			{Label: g.say("Tên", "Name"), Value: "Người Thử Nghiệm Một"}, {Label: g.say("Giới tính, tuổi", "Sex, age"), Value: g.say("Nữ, 34 tuổi", "Female, 34")},
			{Label: g.say("Xã, phường", "Commune"), Value: "Xã Bờ Y"}, {Label: g.say("Chỗ ở", "Address"), Value: "Thôn Thử Nghiệm"}, {Label: g.say("Ngôn ngữ", "Language"), Value: g.say("Tiếng Xơ Đăng, cần phiên dịch", "Sedang, interpreter needed")}, {Label: g.say("Số căn cước", "Identity number"), Value: ""},
		},
		Needs: []string{g.say("Bố trí nơi tạm lánh", "Temporary shelter"), g.say("Tư vấn pháp luật", "Legal advice")},
		Incidents: []casefile.Incident{
			{When: g.say("khoảng tháng 11/2026", "about November 2026"), Place: g.say("Tại nhà, xã Bờ Y", "At home, Xã Bờ Y"), Relationship: g.say("Chồng", "Husband"), Forms: []string{g.say("Bạo lực thể chất", "Physical"), g.say("Bạo lực kinh tế", "Economic")},
				Acts:   []string{"Hành hạ, ngược đãi, đánh đập, đe dọa hoặc hành vi cố ý khác xâm hại đến sức khỏe, tính mạng", "Chiếm đoạt, hủy hoại tài sản chung của gia đình"},
				People: []string{g.say("Người Có Hành Vi Một, nam, 38 tuổi", "Người Có Hành Vi Một, male, 38")}},
			{When: "2025", Place: g.say("Nương rẫy", "Upland field"), Relationship: g.say("Chồng", "Husband"), Forms: []string{g.say("Bạo lực tinh thần", "Psychological")}},
		},
		Narrative: casefile.Narrative{Exists: true, Folded: true},
		Consents: []casefile.Consent{
			{ID: "1", Purpose: g.say("Chia sẻ với Công an", "Share with police"), Recipient: "Công an xã Bờ Y", Fields: []string{g.say("tên gọi", "name"), g.say("liên lạc an toàn", "safe contact"), g.say("nhu cầu", "needs")}, Decision: g.say("Đồng ý", "Given"), Tone: ui.Done, By: g.say("Người ấy, cuộc gọi ghi âm", "Herself, recorded call"), Until: "03/05/2027", MayEnd: true},
			{ID: "2", Purpose: g.say("Chụp ảnh, ghi âm làm chứng cứ", "Photos or recordings"), Decision: g.say("Không đồng ý", "Refused"), Tone: ui.Caution, By: g.say("Người ấy, 03/11/2026", "Herself, 03/11/2026")},
		},
		Files: []casefile.File{{ID: "1", Name: "giay-kham-thu-nghiem-co-ten-rat-dai-de-xem-no-xuong-dong-the-nao-tren-may-nho.pdf", Description: g.say("Giấy khám, bản chụp", "Medical note, copy"), Kind: "PDF", Size: "312 KB", Added: "04/11/2026", MayOpen: true}},
		Referrals: []casefile.Referral{
			{ID: "1", Code: "P-5TQ8", Service: g.say("Bảo vệ an toàn khẩn cấp", "Emergency protection"), To: "Công an xã Bờ Y", Status: g.say("Đã gửi", "Sent"), Tone: ui.Caution, Due: g.say("trả lời quá hạn 20 phút", "answer 20 minutes overdue"), Overdue: true},
			{ID: "2", Code: "P-8WRD", Service: g.say("Chăm sóc, điều trị y tế", "Medical care"), To: "Bệnh viện", Status: g.say("Đã tiếp nhận", "Accepted"), Tone: ui.Done, Due: g.say("gặp lần đầu: còn 1 ngày", "first contact: 1 day left")},
		},
		Access: []casefile.Access{
			{At: g.say("hôm nay, 09:12", "today, 09:12"), Who: "Cán Bộ Thử Nghiệm", Act: g.say("xem hồ sơ", "read the case"), Where: "Trung tâm Công tác xã hội", Standing: g.say("phụ trách", "in charge")},
			{At: g.say("hôm qua, 16:40", "yesterday, 16:40"), Who: "Giám Sát Thử Nghiệm", Act: g.say("mở nội dung kể", "opened the narrative"), Where: "Trung tâm Công tác xã hội", Standing: g.say("giám sát", "supervisor"), Reason: g.say("chuẩn bị họp ca", "case meeting")},
		},
		History: []ui.Event{
			{At: "22/11/2026 15:05", What: g.say("Đánh giá an toàn: nguy cơ cao", "Safety assessment: high risk"), Who: "Cán Bộ Thử Nghiệm"},
			{At: "03/11/2026 10:31", What: g.say("Mở hồ sơ", "Case opened"), Who: "Cán Bộ Thử Nghiệm"},
		},
		May: casefile.May{Edit: true, AddIncident: true, AddConsent: true, Withdraw: true, Refer: true, Upload: true},
	}
}

func (g maker) referrals() []Page {
	sh := open(g.shell("page_referral.new_title", ui.PathCases))
	v := referral.New{
		CaseID: "1", Code: "7K3M", Form: ui.Form{Key: "k"},
		Services: g.opts("SAFETY", "Bảo vệ an toàn khẩn cấp", "Emergency protection", "MEDICAL", "Chăm sóc, điều trị y tế", "Medical care", "SHELTER", "Bố trí nơi tạm lánh", "Temporary shelter", "COUNSELLING", "Tham vấn, tư vấn tâm lý", "Counselling", "LEGAL_AID", "Trợ giúp pháp lý", "Legal aid", "FOLLOW_UP", "Theo dõi, thăm hộ", "Follow-up"),
		Receivers: []referral.Receiver{
			{ID: "1", Name: "Công an xã Bờ Y", Place: "Xã Bờ Y", Offers: []string{g.say("Bảo vệ an toàn khẩn cấp", "Emergency protection")}, Duty: g.say("trực đến 17:00", "on duty until 17:00"), Phone: "0900 000 113", Codes: []string{"SAFETY", "INVESTIGATE"}},
			{ID: "2", Name: "Trung tâm Trợ giúp pháp lý nhà nước có tên rất dài số 1", Place: "Phường Kon Tum", Duty: g.say("hôm nay còn nhận 2", "takes 2 more today"), Busy: true, Codes: []string{"LEGAL_AID"}},
		},
		Priorities: []ui.Option{{Value: "P1", Label: g.say("Khẩn cấp", "Emergency"), Hint: g.say("trả lời trong 1 giờ", "answer within 1 hour")}, {Value: "P2", Label: g.say("Ưu tiên", "Priority"), Hint: g.say("trả lời trong 12 giờ", "answer within 12 hours")}, {Value: "P3", Label: g.say("Thường", "Routine"), Hint: g.say("trả lời trong 48 giờ", "answer within 48 hours")}},
		Needs:      g.lists().Services,
		Fields: []referral.Field{
			{Code: "name", Label: g.say("Tên gọi", "Name"), Value: "Người Thử Nghiệm Một", Default: true},
			{Code: "safe_contact", Label: g.say("Liên lạc an toàn", "Safe contact"), Value: g.say("Gọi 0900 000 001, 8 giờ đến 10 giờ; nếu người khác nghe máy: “Tôi gọi từ cửa hàng vải”", "Call 0900 000 001, 8 to 10"), Default: true},
			{Code: "needs", Label: g.say("Nhu cầu", "Needs"), Value: g.say("Bố trí nơi tạm lánh", "Temporary shelter"), Default: true},
			{Code: "address", Label: g.say("Chỗ ở", "Address"), Value: "Thôn Thử Nghiệm, Xã Bờ Y", Note: g.say("Chỉ khi nơi nhận phải đến tận nơi.", "Only if the receiver must go there.")},
			{Code: "incident", Label: g.say("Việc đã xảy ra", "What happened"), Value: g.say("Khoảng tháng 11/2026, tại nhà; bạo lực thể chất, kinh tế", "About November 2026, at home; physical, economic")},
			{Code: "narrative", Label: g.say("Nội dung kể", "Narrative"), Value: g.say("Khoảng 300 chữ, như đã ghi trong hồ sơ", "About 300 words, as recorded"), Note: g.say("Giúp người ấy không phải kể lại.", "So that it need not be told again.")},
			{Code: "phone", Label: g.say("Số điện thoại", "Phone"), Value: ""},
		},
		Consents: []ui.Option{{Value: "1", Label: g.say("Chia sẻ với Công an, 03/11/2026", "Share with police, 03/11/2026")}}, By: g.by(), Method: g.method(),
		Bases:  g.opts("EMERGENCY", "Bảo vệ tính mạng, sức khỏe trong trường hợp cấp bách", "Vital interest, urgent", "LAW", "Báo tin bắt buộc theo luật (trẻ em, tội phạm)", "Mandatory report"),
		Phones: []referral.Phone{{Label: g.say("Gọi trực ban Công an xã", "Call the duty desk"), Number: "0900 000 113"}, {Label: "113", Number: "113"}},
	}
	given, danger, refusedByHer, bad := v, v, v, v
	given.Form.Values = map[string][]string{"opinion": {"GIVEN"}, "service": {"SAFETY"}, "to": {"1"}, "priority": {"P1"}, "fields": {"name", "safe_contact", "needs", "incident"}}
	danger.Form.Values = map[string][]string{"opinion": {"NOT_ASKED"}, "service": {"SAFETY"}, "fields": {"name"}}
	refusedByHer.Form.Values = map[string][]string{"opinion": {"REFUSED"}}
	bad.Form.Values = given.Form.Values
	bad.Form.Problems = []ui.Problem{{Field: "fields", Text: g.say("Người ấy chưa đồng ý chia sẻ: việc đã xảy ra.", "Not agreed to: what happened.")}, {Field: "to", Text: g.say("Nơi này hôm nay đã đủ người. Gợi ý nơi gần nhất còn nhận: Công an xã Đăk Hà.", "Full today. Nearest that still takes: Công an xã Đăk Hà.")}}

	rows := []referral.QueueRow{
		{ID: "1", Code: "P-5TQ8", Service: g.say("Bảo vệ an toàn khẩn cấp", "Emergency protection"), Priority: g.say("Khẩn cấp", "Emergency"), PriorityTone: ui.Danger, Other: "Trung tâm Công tác xã hội", Commune: "Xã Bờ Y", AgeBand: g.say("25 đến 39 tuổi", "25 to 39"), Status: g.say("Đã gửi", "Sent"), Tone: ui.Caution, Due: g.say("trả lời quá hạn 20 phút", "answer 20 minutes overdue"), Overdue: true, Sent: g.say("hôm nay, 09:29", "today, 09:29")},
		{ID: "2", Code: "P-8WRD", Service: g.say("Tiếp nhận, giải quyết tố giác, tin báo về tội phạm", "Criminal report handling"), Priority: g.say("Ưu tiên", "Priority"), PriorityTone: ui.Caution, Other: "Cơ sở tham vấn", Commune: "Xã Đăk Hà", AgeBand: g.say("40 đến 59 tuổi", "40 to 59"), Status: g.say("Đã tiếp nhận", "Accepted"), Tone: ui.Done, Due: g.say("gặp lần đầu: còn 1 ngày", "first contact: 1 day left"), Sent: "23/11/2026 14:02"},
	}
	status := g.opts("SENT", "Đã chuyển", "Sent", "ACCEPTED", "Đã chấp nhận", "Accepted")
	in := g.receiver("page_referral.in_title", ui.PathReferralsIn)
	out := g.shell("page_referral.out_title", ui.PathReferralsOut)

	ticket := referral.Ticket{
		ID: "1", Code: "P-5TQ8", Version: "2", In: true, Service: g.say("Bảo vệ an toàn khẩn cấp", "Emergency protection"), Priority: g.say("Khẩn cấp", "Emergency"), PriorityTone: ui.Danger, Status: g.say("Đã gửi", "Sent"), Tone: ui.Caution,
		StatusText: g.say("Nơi gửi chờ câu trả lời trước 10:29.", "The sender waits for an answer before 10:29."), From: "Trung tâm Công tác xã hội", To: "Công an xã Bờ Y", Sent: g.say("hôm nay, 09:29", "today, 09:29"),
		Commune: "Xã Bờ Y", AgeBand: g.say("25 đến 39 tuổi", "25 to 39"), Needs: []string{g.say("Bố trí nơi tạm lánh", "Temporary shelter")},
		Due: []referral.Due{
			{Label: g.say("Báo đã nhận", "Confirm receipt"), At: "10:29", Met: true}, {Label: g.say("Trả lời", "Answer"), At: "10:29", Words: g.say("quá hạn 20 phút", "20 minutes overdue"), Overdue: true}, {Label: g.say("Gặp lần đầu", "First contact"), At: "11:29", Words: g.say("còn 40 phút", "40 minutes left")},
		},
		History:        []ui.Event{{At: "24/11/2026 09:29", What: g.say("Gửi phiếu", "Sent"), Who: "Trung tâm Công tác xã hội"}},
		Phones:         []referral.Phone{{Label: g.say("Gọi nơi gửi", "Call the sender"), Number: "0900 000 002"}},
		DeclineReasons: g.opts("OUT_OF_AREA", "Không thuộc địa bàn", "Outside area", "NO_CAPACITY", "Không đủ khả năng tiếp nhận", "No capacity", "CONFLICT_INTEREST", "Xung đột lợi ích, quen biết người gây bạo lực", "Conflict of interest"),
		ForwardTo:      g.opts("2", "Công an xã Đăk Hà", "Công an xã Đăk Hà"), Results: g.opts("DONE", "Đã hỗ trợ", "Given", "NO_SHOW", "Người cần hỗ trợ không đến", "Did not attend"),
		May: referral.Moves{Acknowledge: true, Accept: true, Decline: true, Ask: true, Forward: true},
	}
	declining, accepted, sender, stopped := ticket, ticket, ticket, ticket
	declining.Move = "decline"
	declining.Form = ui.Form{Values: map[string][]string{"reason": {"Xã bên cạnh gần hơn."}}, Problems: []ui.Problem{{Field: "code", Text: g.say("Chọn lý do.", "Choose a reason.")}}}
	accepted.Opened, accepted.Status, accepted.Tone, accepted.Taker = true, g.say("Đã tiếp nhận", "Accepted"), ui.Done, "Cán Bộ Tiếp Nhận"
	accepted.StatusText = g.say("Đã tiếp nhận lúc 10:12. Gặp lần đầu trước 11:29.", "Accepted at 10:12. First contact before 11:29.")
	accepted.Contact = []ui.Row{{Label: g.say("Gọi điện", "Phone"), Value: "0900 000 001"}, {Label: g.say("Giờ an toàn", "Safe hours"), Value: g.say("8 giờ đến 10 giờ, ngày thường", "8 to 10, weekdays")}, {Label: g.say("Nếu người khác nghe máy", "If someone else answers"), Value: "Tôi gọi từ cửa hàng vải, hàng đã về"}}
	accepted.Shared = []ui.Row{{Label: g.say("Tên gọi", "Name"), Value: "Người Thử Nghiệm Một"}, {Label: g.say("Việc đã xảy ra", "What happened"), Value: "Khoảng tháng 11/2026, tại nhà.\nChữ bịa để thử trang."}}
	accepted.Reason = g.say("Cần đưa đến nơi tạm lánh trong chiều nay.", "Needs to be taken to shelter this afternoon.")
	accepted.Told = []string{g.say("việc đã xảy ra", "what happened"), g.say("tình trạng sức khỏe", "health")}
	accepted.May = referral.Moves{Start: true, Outcome: true}
	accepted.Messages = []referral.Message{{At: "09:50", Who: "Công an xã Bờ Y", Text: g.say("Có cần xe đưa đón không?", "Is transport needed?"), Question: true}, {At: "09:58", Who: "Trung tâm Công tác xã hội", Text: g.say("Có, cho một người lớn và hai trẻ em.", "Yes, for one adult and two children.")}}
	sender.In, sender.CaseID, sender.CaseCode, sender.Opened = false, "1", "7K3M", true
	sender.Shared, sender.Contact, sender.Reason = accepted.Shared, accepted.Contact, accepted.Reason
	sender.StatusText = g.say("Đã gửi lúc 09:29. Nơi nhận cần trả lời trước 10:29.", "Sent at 09:29. The receiver must answer before 10:29.")
	sender.May = referral.Moves{Answer: true, Withdraw: true}
	sender.Messages = accepted.Messages[:1]
	sender.Outcome = []ui.Row{{Label: g.say("Kết quả", "Result"), Value: g.say("Đã đưa đến nơi tạm lánh", "Taken to shelter")}}
	stopped.Status, stopped.Tone, stopped.StatusText, stopped.Phones = g.say("Dừng do rút lại đồng ý", "Stopped, consent withdrawn"), ui.Quiet, "", nil
	stopped.Stopped = g.say("Người ấy đã rút lại đồng ý lúc 10:12. Phiếu dừng ở đây; điều đã chia sẻ không đọc được nữa.", "Consent was withdrawn at 10:12. The referral stops here; what was shared can no longer be read.")
	stopped.May, stopped.Due = referral.Moves{}, nil

	tsh := func(base ui.Shell) ui.Shell { return open(base) }
	return []Page{
		{"referral/new", referral.NewPage(sh, v)},
		{"referral/new-given", referral.NewPage(sh, given)},
		{"referral/new-danger", referral.NewPage(sh, danger)},
		{"referral/new-refused-by-her", referral.NewPage(sh, refusedByHer)},
		{"referral/new-refused", referral.NewPage(sh, bad)},
		{"referral/in", referral.QueuePage(in, referral.Queue{In: true, Rows: rows, Status: status, Next: "/chuyen-gui/den?cursor=c"})},
		{"referral/in-empty", referral.QueuePage(in, referral.Queue{In: true, Status: status})},
		{"referral/out", referral.QueuePage(out, referral.Queue{Rows: rows, Status: status, Chosen: "SENT", Overdue: true})},
		{"referral/ticket-envelope", referral.TicketPage(tsh(in), ticket)},
		{"referral/ticket-declining", referral.TicketPage(tsh(in), declining)},
		{"referral/ticket-accepted", referral.TicketPage(tsh(in), accepted)},
		{"referral/ticket-sender", referral.TicketPage(tsh(out), sender)},
		{"referral/ticket-stopped", referral.TicketPage(tsh(in), stopped)},
	}
}

func number(n int) string { return strconv.Itoa(n) }
