package gallery

import (
	"binhan/web/pages/record"
	"binhan/web/ui"
	"binhan/web/ui/chart"
)

func (g maker) inspector(title, path string) ui.Shell {
	sh := g.shell(title, path)
	sh.Nav = []ui.NavItem{
		{Href: ui.PathToday, Label: g.say("Hôm nay", "Today"), Icon: "today"},
		{Href: ui.PathTrail, Label: g.say("Nhật ký", "Record"), Icon: "record", Current: true},
	}
	sh.User = &ui.User{Name: "Thanh Tra Thử", RoleLabel: g.say("Thanh tra", "Inspector"), OrgName: "Sở Nội vụ"}
	return sh
}

// record are the pages of the record of acts.
func (g maker) record() []Page {
	refused := record.Sign{Text: g.say("Bị từ chối", "Refused"), Tone: ui.Danger}
	night := record.Sign{Text: g.say("Ban đêm", "At night"), Tone: ui.Caution}
	looks := record.Looks{ID: "1", Code: "K7QM-51-26-T", All: true, Lead: g.say("3 người đã mở hồ sơ này, lần gần nhất hôm nay, 08:10. Có 2 lần cần xem trước.", "3 people opened this case, the last time today, 08:10. 2 times need a look first."),
		People: g.opts("a", "Giám Sát Thử, Trung tâm Công tác xã hội", "Giám Sát Thử, Trung tâm Công tác xã hội", "b", "Công An Thử Một, Công an xã Bờ Y", "Công An Thử Một, Công an xã Bờ Y"),
		Unusual: []record.Group{
			{Who: "Công An Thử Một", Where: "Công an xã Bờ Y", Role: g.say("Cán bộ đầu mối Công an", "Police focal person"), Day: g.say("Hôm nay", "Today"), Looks: []record.Look{
				{What: g.say("Xem hồ sơ", "See a case"), At: g.say("23:25–23:40, 2 lần", "23:25–23:40, 2 times"), Near: g.say("5 phút trước", "5 minutes ago"), Signs: []record.Sign{refused, night}}}},
			{Who: "Giám Sát Thử", Where: "Trung tâm Công tác xã hội", Role: g.say("Giám sát viên", "Supervisor"), Day: "23/11/2026", Looks: []record.Look{
				{What: g.say("Mở phần đang đóng", "Open what is covered"), At: "14:02", Opened: g.say("Danh tính", "Identity"), Standing: g.say("người giám sát", "supervisor"), Words: "Duyệt kế hoạch an toàn tuần này (thử).",
					Signs: []record.Sign{{Text: g.say("Mở phần che", "Opened what was covered"), Tone: ui.Caution}}}}}},
		Days: []record.Group{{Who: "Tư Vấn Thử Một", Where: "Trung tâm Công tác xã hội", Role: g.say("Nhân viên tham vấn", "Counsellor"), Day: g.say("Hôm nay", "Today"), Looks: []record.Look{
			{What: g.say("Xem hồ sơ", "See a case"), At: g.say("08:02–08:10, 3 lần", "08:02–08:10, 3 times"), Opened: g.say("Danh tính, An toàn, Nội dung kể", "Identity, safety, story"), Standing: g.say("người phụ trách", "holder")}}}},
		Next: "/ho-so/1/ai-da-xem?cursor=x", Printed: g.say("In lúc 24/11/2026 23:45, Tư Vấn Thử Một.", "Printed 24/11/2026 23:45, Tư Vấn Thử Một.")}
	nobody := record.Looks{ID: "1", Code: "K7QM-51-26-T", All: true, Lead: g.say("Ngoài bạn, chưa có ai mở hồ sơ này.", "Nobody but you has opened this case.")}

	hours := &chart.Columns{ID: "day", Title: g.say("Trong ngày 24/11/2026", "On 24/11/2026"), Series: 1, Source: g.say("Mỗi cột là hai giờ, kể cả lần từ chối.", "Each column is two hours, refusals included."),
		Finding: g.say("1.240 việc, 12 lần từ chối, 31 việc từ 22 giờ đến 5 giờ.", "1,240 acts, 12 refusals, 31 acts between 22:00 and 5:00.")}
	for i, n := range []int64{4, 0, 2, 40, 260, 290, 110, 240, 220, 40, 9, 25} {
		hours.Values = append(hours.Values, chart.Value{Label: []string{"0", "2", "4", "6", "8", "10", "12", "14", "16", "18", "20", "22"}[i], Count: n, Lower: n, Upper: n})
	}
	trail := record.Trail{Day: hours, Acts: g.opts("case.read", "Xem hồ sơ", "See a case"), Orgs: g.opts("congan-boy", "Công an xã Bờ Y", "Công an xã Bờ Y"), Next: "/nhat-ky?cursor=x", Rows: []record.Row{
		{ID: "4712", At: "24/11 23:25:52", Who: "congan.ngochoi", Where: "Công an xã Bờ Y", Act: g.say("Xem hồ sơ", "See a case"), Subject: "4d6a68bf", Case: "4d6a68bf", Refused: true, Why: g.say("không gắn với hồ sơ", "no tie to the case"), From: "192.0.2.7 · 8d11db95"},
		{ID: "4711", At: "24/11 23:25:50", Who: "tuvan.kontum", Where: "Trung tâm Công tác xã hội", Act: g.say("Xem hồ sơ", "See a case"), Subject: "4d6a68bf", Case: "4d6a68bf", Why: g.say("người phụ trách", "holder"), Opened: g.say("Thông tin chung, Danh tính, An toàn", "General, identity, safety"), From: "192.0.2.9 · 2913aa1a"}}}
	empty := record.Trail{Filter: ui.Form{Values: map[string][]string{"actor": {"khong-co-ai"}}}}

	outcomes := g.opts("seen", "Đã xem", "Seen", "explained", "Đã giải thích", "Explained", "pursued", "Đang làm rõ", "Being pursued")
	codes := g.opts("DUTY", "Trực theo lịch", "On duty by the roster", "MISTAKE", "Nhầm lẫn", "Mistake")
	finding := record.Finding{Key: "0cc175b9c0f1b6a831c399e269772661", Day: "2026-11-24", Title: g.say("Bị từ chối nhiều lần", "Refused many times"), Why: g.say("Từ bốn hồ sơ hoặc phiếu khác nhau trong một ngày.", "Four or more different cases or referrals in a day."),
		Who: "congan.ngochoi", Where: g.say("Cán bộ đầu mối Công an · Công an xã Bờ Y", "Police focal person · Công an xã Bờ Y"), When: g.say("24/11/2026, 23:24–23:25 · 6 hồ sơ", "24/11/2026, 23:24–23:25 · 6 cases"), Tone: ui.Caution, Weight: g.say("Vừa", "Middle"),
		Trail: "/nhat-ky?actor=congan.ngochoi", MaySay: true}
	said := finding
	said.Key, said.Done, said.State, said.Said = "92eb5ffee6ae2fec3ad71c777531578f", true, g.say("Đã giải thích", "Explained"), g.say("Trực theo lịch · thanhtra, 24/11/2026 23:50", "On duty by the roster · thanhtra, 24/11/2026 23:50")
	unusual := record.Unusual{Filter: ui.Form{Values: map[string][]string{"from": {"2026-11-18"}, "to": {"2026-11-24"}}}, Lead: g.say("2 mục từ 18/11/2026 đến 24/11/2026, 0 mục nặng.", "2 findings from 18/11/2026 to 24/11/2026, 0 of them grave."),
		Findings: []record.Finding{finding, said}, Outcomes: outcomes, Codes: codes}
	again := unusual
	again.Of = finding.Key
	again.Form = ui.Form{Values: map[string][]string{"outcome": {"explained"}}, Problems: []ui.Problem{{Field: "code", Text: g.say("Cần điền mục này.", "This is needed.")}}}
	anchor := record.Anchor{Exists: true, Rows: []ui.Row{{Label: g.say("Số mục", "Entries"), Value: "4.712"}, {Label: g.say("Đóng dấu lúc", "Sealed"), Value: "24/11/2026 23:26:05"}},
		Letters: []string{"D2LO", "HC4F", "ESEU", "H425", "6JDO", "H4KZ", "AIQF", "QXAS", "7SRH", "X5JO", "JOCH", "KYJ5", "C34Q"},
		Signed:  "binhan-audit\n4712\nHpbji4UkiUPzXfJG4/FZAiBYXBL8onv1LkuEdWE9Fvk=\ntime 2026-11-24T16:26:05Z\n\n— binhan-audit jI/6fwcsGfQ/Fwe4Kc+xMsigMBdB9OeZ9ryuFS", Printed: g.say("In lúc 24/11/2026 23:45, Thanh Tra Thử.", "Printed 24/11/2026 23:45, Thanh Tra Thử.")}
	wide := g.inspector("page_record.trail", ui.PathTrail)
	wide.Wide = true
	return []Page{
		{"record/looks", record.LooksPage(g.shell("page_record.looks", ui.PathCases), looks)},
		{"record/nobody", record.LooksPage(g.shell("page_record.looks", ui.PathCases), nobody)},
		{"record/trail", record.TrailPage(wide, trail)},
		{"record/nothing", record.TrailPage(wide, empty)},
		{"record/unusual", record.UnusualPage(g.inspector("page_record.unusual", ui.PathUnusual), unusual)},
		{"record/again", record.UnusualPage(g.inspector("page_record.unusual", ui.PathUnusual), again)},
		{"record/anchor", record.AnchorPage(g.inspector("page_record.anchor", ui.PathAnchor), anchor)},
	}
}
