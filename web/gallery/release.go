package gallery

import (
	"binhan/internal/codelist"
	"binhan/web/pages/release"
	"binhan/web/ui"
	"binhan/web/ui/chart"
)

func (g maker) officer(title string) ui.Shell {
	sh := g.shell(title, ui.PathReleases)
	sh.Nav = []ui.NavItem{
		{Href: ui.PathOverview, Label: g.say("Tổng quan", "Overview"), Icon: "eye"}, {Href: ui.PathReleases, Label: g.say("Bảng số", "Statistics"), Icon: "table", Current: true},
		{Href: ui.PathReports, Label: g.say("Báo cáo", "Reports"), Icon: "file"}, {Href: ui.PathQuality, Label: g.say("Chất lượng", "Quality"), Icon: "shield"},
	}
	sh.User = &ui.User{Name: "Cán Bộ Thống Kê", RoleLabel: g.say("Chuyên viên bình đẳng giới (Sở)", "Gender equality officer"), OrgName: "Sở Nội vụ"}
	sh.Wide = true
	return sh
}

// about makes a published value: under ten is not a number.
func about(label string, n, half int64) chart.Value {
	if n < 10 {
		return chart.Value{Label: label, Mark: chart.Under}
	}
	return chart.Value{Label: label, Count: n, Lower: max(0, n-half), Upper: n + half}
}

func fig(v chart.Value) release.Figure {
	if v.Mark == chart.Missing {
		return release.Figure{Value: v}
	}
	return release.Figure{Value: v, Href: "/bang-so/2/form/o?cell=form%3DPHYSICAL"}
}

func figs(list ...chart.Value) (out []release.Figure) {
	for _, v := range list {
		out = append(out, fig(v))
	}
	return out
}

func make5(v chart.Value) []release.Figure { return figs(v, v, v, v, v) }

func (g maker) releases() []Page {
	sh := g.officer("page_release.list_title")
	published, prepared, waiting := g.say("Đã công bố", "Published"), g.say("Đã chuẩn bị, chờ công bố", "Prepared"), g.say("Đang chuẩn bị", "Being prepared")
	list := release.List{
		Rows: []release.Row{
			{ID: "3", Title: g.say("Kon Tum cũ, quý III năm 2026", "Former Kon Tum, Q3 2026"), Period: "01/07/2026 – 30/09/2026", Status: prepared, Tone: ui.Caution, Open: true},
			{ID: "2", Title: g.say("Kon Tum cũ, năm 2025", "Former Kon Tum, 2025"), Period: "01/01/2025 – 31/12/2025", Status: published, Tone: ui.Done, Published: "15/02/2026", Open: true},
			{ID: "1", Title: g.say("Kon Tum cũ, năm 2025 (bản đầu)", "Former Kon Tum, 2025 (first)"), Period: "01/01/2025 – 31/12/2025", Status: g.say("Đã thay thế", "Superseded"), Tone: ui.Quiet, Published: "20/01/2026", Note: g.say("thay bằng bản 15/02/2026", "replaced on 15/02/2026"), Open: true},
		},
		MayPrepare: true, Scopes: g.opts("51", "Tỉnh Quảng Ngãi", "Quảng Ngãi", "62", "Kon Tum cũ", "Former Kon Tum"), Plans: g.opts("medium", "Vừa (100 đến 1.000 người)", "Medium (100 to 1,000 people)"),
	}
	bad := list
	bad.Prepare = ui.Form{Values: map[string][]string{"scope": {"62"}, "period.from": {"2026-01-01"}}, Problems: []ui.Problem{{Field: "period.to", Text: g.say("Kỳ này chưa đóng. Chọn ngày cuối trước hôm nay.", "This period is not closed. Choose a last day before today.")}}}

	tables := []release.TableLink{
		{ID: "form", Href: "/bang-so/2/form", Title: g.say("Hình thức bạo lực", "Form of violence"), Note: g.say("5 dòng", "5 rows"), CSV: "/bang-so/2/form?format=csv", SHA: "8f1c2a90d4e7b6a35519e0c7f24b8d13"},
		{ID: "month", Href: "/bang-so/2/month", Title: g.say("Tháng tiếp nhận", "Month of the report"), Note: g.say("12 dòng", "12 rows"), CSV: "/bang-so/2/month?format=csv", SHA: "77ab10"},
		{ID: "area-form", Href: "/bang-so/2/area-form", Title: g.say("Địa bàn và hình thức bạo lực", "Area and form of violence"), Note: g.say("60 ô, 26 ô dưới 10", "60 cells, 26 under 10"), CSV: "/bang-so/2/area-form?format=csv", SHA: "c02e"},
		{ID: "sex-age", Href: "/bang-so/2/sex-age", Title: g.say("Giới tính và nhóm tuổi", "Sex and age band"), Note: g.say("24 ô, 8 ô dưới 10", "24 cells, 8 under 10"), CSV: "/bang-so/2/sex-age?format=csv", SHA: "190d"},
	}
	v := release.View{
		ID: "2", Title: list.Rows[1].Title, Status: published, Tone: ui.Done,
		Guarantee: g.say("Dù hồ sơ của một người có trong hệ thống hay không, mọi con số được công bố đều gần như nhau: ngay cả người biết hết các hồ sơ khác, nếu chấp nhận 5% báo nhầm, cũng chỉ phát hiện được hồ sơ đó nhiều nhất khoảng 26% số lần.",
			"Whether or not any one person’s case is in the system, every number we ever publish looks almost the same: even someone who knows all other cases, accepting 5 % false alarms, would detect that case at most about 26 % of the time."),
		Facts:  []ui.Row{{Label: g.say("Phạm vi", "Scope"), Value: g.say("Địa bàn tỉnh Kon Tum cũ", "Former Kon Tum")}, {Label: g.say("Ngày chốt", "Cut-off"), Value: "31/12/2025"}, {Label: g.say("Người chuẩn bị", "Prepared by"), Value: g.say("Chuyên viên bình đẳng giới (Sở)", "Gender equality officer")}, {Label: g.say("Người công bố", "Published by"), Value: g.say("Lãnh đạo Sở", "Department leader")}},
		Method: []ui.Row{{Label: g.say("Ngân sách riêng tư", "Privacy budget"), Value: "0,35"}, {Label: g.say("Đơn vị được bảo vệ", "Unit of protection"), Value: g.say("một người trong một năm báo cáo", "one person in one reporting year")}},
		Tables: tables, Manifest: "/bang-so/2/manifest.json",
	}
	approve, same, busy, few := v, v, v, v
	approve.ID, approve.Title, approve.Status, approve.Tone, approve.MayPublish = "3", list.Rows[0].Title, prepared, ui.Caution, true
	approve.Checks = []release.Check{{Text: g.say("Tổng các dòng khớp", "Rows add up"), OK: true}, {Text: g.say("Ngân sách còn đủ", "The budget suffices"), OK: true}, {Text: g.say("Đơn vị chưa báo cáo", "Units that have not reported"), Note: g.say("2 xã", "2 communes")}}
	same = approve
	same.MayPublish, same.WhyNot = false, g.say("Người chuẩn bị không tự công bố; cần người khác xem lại.", "Who prepared it does not publish it; another person must look.")
	busy.Status, busy.Tone, busy.Waiting, busy.Tables, busy.Guarantee = waiting, ui.Caution, true, nil, ""
	few.Tables = nil

	others := append([]release.TableLink(nil), tables...)
	others[0].Current = true
	source := g.say("Nguồn: sổ tiếp nhận của các đơn vị; chốt ngày 31/12/2025; 485 người (trong khoảng 475–495).", "Source: registers of the units; cut-off 31/12/2025; 485 people (between 475 and 495).")
	person := g.say("người", "people")
	forms := []chart.Value{
		about(g.say("Bạo lực thể chất", "Physical"), 240, 11), about(g.say("Bạo lực tinh thần", "Psychological"), 165, 11), about(g.say("Bạo lực kinh tế", "Economic"), 50, 9),
		about(g.say("Bạo lực tình dục", "Sexual"), 30, 9), about(g.say("Chưa rõ hình thức", "Unknown"), 0, 9),
	}
	one := release.Table{
		Release: "2", Back: "/bang-so/2", Heading: v.Title, ID: "form", Title: tables[0].Title, Unit: person, RowHead: g.say("Hình thức chính", "Main form"), Columns: []string{g.say("Số người", "People")},
		Source: source, CSV: tables[0].CSV, XLSX: "/bang-so/2/form?format=xlsx", Others: others, Counter: g.say("Dưới 10: 1 trên 6 ô", "Under 10: 1 of 6 cells"),
		Bars: &chart.Bars{ID: "form", Title: g.say("Hình thức bạo lực, năm 2025", "Form of violence, 2025"), Finding: g.say("Bạo lực thể chất nhiều nhất, khoảng một nửa số người.", "Physical violence is the most frequent, about half of the people."), Source: source, Values: forms},
	}
	for _, f := range append([]chart.Value{about(g.say("Tất cả", "All"), 485, 10)}, forms...) {
		one.Rows = append(one.Rows, release.TableRow{Label: f.Label, Total: f.Count == 485, Cells: figs(f)})
	}
	var months []chart.Value
	for i, n := range []int64{35, 20, 40, 45, 55, 40, 35, 50, 45, 60, 55, 5} {
		months = append(months, about(number(i+1), n, 9))
	}
	byMonth := one
	byMonth.ID, byMonth.Title, byMonth.RowHead, byMonth.Bars, byMonth.Rows, byMonth.Draft = "month", tables[1].Title, g.say("Tháng", "Month"), nil, nil, true
	byMonth.Lines = &chart.Lines{ID: "month", Title: g.say("Tháng tiếp nhận, năm 2025", "Month of the report, 2025"), Source: source, Values: months, Draft: true}
	for _, m := range months {
		byMonth.Rows = append(byMonth.Rows, release.TableRow{Label: g.say("Tháng ", "Month ") + m.Label, Cells: figs(m)})
	}

	cross := one
	cross.ID, cross.Title, cross.RowHead, cross.Bars = "area-form", tables[2].Title, g.say("Địa bàn", "Area"), nil
	cross.Columns = []string{g.say("Tất cả", "All"), g.say("Bạo lực thể chất", "Physical"), g.say("Bạo lực tinh thần", "Psychological"), g.say("Bạo lực kinh tế", "Economic"), g.say("Bạo lực tình dục", "Sexual")}
	cross.Counter = g.say("Dưới 10: 14 trên 40 ô", "Under 10: 14 of 40 cells")
	cross.Merges = []release.Merge{{Text: g.say("Gộp bạo lực kinh tế và tình dục: thêm 5 ô có số", "Merge economic and sexual: 5 more cells"), Href: "/bang-so/2/area-form2"}}
	cross.Notes = []string{g.say("Địa bàn theo huyện trước ngày 1/7/2025.", "Areas are the districts before 1 July 2025.")}
	cross.Rows = nil
	figures := [][]int64{{150, 80, 40, 20, 10}, {85, 40, 30, 10, 5}, {60, 25, 30, 5, 0}, {25, 15, 10, 0, 0}, {10, 5, 5, 0, 0}}
	names := []string{"Thành phố Kon Tum", "Huyện Ngọc Hồi", "Huyện Đăk Hà", "Huyện Sa Thầy", "Huyện Ia H'Drai"}
	for i, name := range names {
		row := release.TableRow{Label: name}
		for _, n := range figures[i] {
			row.Cells = append(row.Cells, fig(about("", n, 9)))
		}
		cross.Rows = append(cross.Rows, row)
	}
	cross.Rows = append(cross.Rows,
		release.TableRow{Label: "Huyện Tu Mơ Rông", Cells: make5(chart.Value{Mark: chart.Missing})},
		release.TableRow{Label: g.say("Tất cả", "All"), Total: true, Cells: figs(about("", 330, 10), about("", 165, 11), about("", 115, 11), about("", 35, 9), about("", 15, 9))})
	for c := 1; c < len(cross.Columns); c++ {
		b := chart.Bars{ID: "g" + number(c), Title: cross.Columns[c], Series: 1, Max: 90}
		for i, name := range names {
			b.Values = append(b.Values, about(name, figures[i][c], 9))
		}
		b.Values = append(b.Values, chart.Value{Label: "Huyện Tu Mơ Rông", Mark: chart.Missing}, chart.Value{Label: "Huyện Kon Plông", Count: 0})
		cross.Groups = append(cross.Groups, b)
	}
	nothing := one
	nothing.Rows, nothing.Bars = nil, nil

	one.Build = "/bang-so/xem?release=2&rows=form"
	v.Build, v.Quality, v.Open = "/bang-so/xem?release=2", "/chat-luong/2", "/so-lieu/2"
	place := one
	place.Rows, place.Bars, place.ID, place.RowHead, place.Title = nil, nil, "area", g.say("Địa bàn", "Area"), g.say("Địa bàn", "Area")
	o := codelist.KonTum()
	place.Map = &chart.Map{ID: "map", Title: g.say("Địa bàn, năm 2025", "Area, 2025"), Wide: o.Widest, Tall: o.Tallest}
	for i, c := range o.Communes {
		u, _ := codelist.AnyCommune(c.Code)
		val := about(u.Name, int64(i%7)*15, 9)
		if i%13 == 12 {
			val = chart.Value{Label: u.Name, Mark: chart.Missing}
		}
		place.Map.Places = append(place.Map.Places, chart.Place{Path: c.Path, Value: val})
		if i < 8 {
			place.Rows = append(place.Rows, release.TableRow{Label: u.Name, Cells: figs(val)})
		}
	}
	build := release.Builder{Action: ui.PathBuilder, Form: ui.Form{Values: map[string][]string{"release": {"2"}, "rows": {"area"}, "columns": {"form"}}}, Releases: []ui.Option{{Value: "2", Label: v.Title}},
		RowDims: g.opts("area", "Địa bàn", "Area", "form", "Hình thức bạo lực", "Form"), ColumnDims: g.opts("form", "Hình thức bạo lực", "Form"), Borders: g.opts("2025", "Xã, phường từ 01/7/2025", "Communes since 1 July 2025"),
		Shows: g.opts("share", "Số người và tỷ lệ", "People and share"), Sorts: g.opts("count", "Lớn nhất trước", "Largest first"), Table: cross, Undo: "/bang-so/xem?release=2"}
	build.Table.Whole, build.Table.Ranked = "/bang-so/2/area-form", true
	build.Table.Rows = append([]release.TableRow(nil), cross.Rows...)
	for i := range build.Table.Rows {
		if build.Table.Rows[i].Rank = number(i + 1); i > 1 {
			build.Table.Rows[i].Rank = g.say("chưa phân biệt được", "not told apart")
		}
	}
	unable := build
	unable.Problem = g.say("Kế hoạch bảng của kỳ này không có cách ghép đó.", "The plan does not cross these.")
	figure := release.Definition{Table: "form", Back: "/bang-so/2/form", Heading: one.Title, Name: g.say("Hình thức bạo lực chính: Bạo lực thể chất", "Main form: physical"), Figure: fig(forms[0]),
		What: []string{g.say("Số người được tiếp nhận trong kỳ.", "People received.")}, Facts: v.Facts, WhyTitle: g.say("Vì sao bị làm tròn?", "Why is it rounded?"), Why: []string{g.say("Số đã được làm nhiễu có kiểm soát.", "It has controlled noise.")}}
	small := figure
	small.Figure, small.WhyTitle, small.Merges = fig(forms[4]), g.say("Vì sao bị che?", "Why is it withheld?"), cross.Merges
	over := release.Overview{Short: g.say("năm 2025", "2025"), Title: v.Title, Period: list.Rows[1].Period, Href: "/bang-so/2", Build: "/bang-so/xem", Quality: "/chat-luong/2", Before: g.say("năm 2024", "2024"), Source: source, Map: place.Map, MapTable: "/bang-so/2/area",
		Bars: &chart.Bars{ID: "over", Title: g.say("Số người theo nhóm, năm 2025", "People by group, 2025"), Values: forms, Source: source}, Due: []release.Due{{Title: g.say("Các đơn vị gửi báo cáo", "Units report"), On: "15/12/2026", Href: "/chien-dich"}, {Title: g.say("Sở gửi báo cáo", "The department reports"), On: "31/12/2026", Href: "/chien-dich", Late: true}}}
	for i, f := range forms {
		h := release.Headline{Label: f.Label, Figure: fig(f), Before: fig(about("", 90, 9)), Change: g.say("tăng, từ 10 đến 50 người", "rose, by 10 to 50 people")}
		if i > 0 {
			h.Change, h.Alike = g.say("chưa phân biệt được", "not told apart"), true
		}
		over.Headlines = append(over.Headlines, h)
	}
	rows := []release.Report{{Title: v.Title, Period: list.Rows[1].Period, Published: "15/02/2026", Href: "/bang-so/2", Files: []release.File{{Label: "Excel", Href: "/api/v1/releases/2/tables?format=xlsx"}, {Label: "CSV", Href: "/api/v1/releases/2/tables?format=csv"}}}}
	late := fig(about("", 15, 9))
	quality := release.Quality{Title: v.Title, Href: "/bang-so/2", Guarantee: v.Guarantee, Coverage: cross.Counter, Late: &late, Unknown: []release.Headline{{Label: g.say("Giới tính", "Sex"), Figure: fig(forms[3])}}, Method: v.Method, People: v.Facts,
		Checks: []release.Check{{Text: g.say("Tổng các dòng khớp", "Rows add up"), OK: true, Note: tables[0].SHA}}, Tables: []release.QualityRow{{Label: tables[0].Title, Href: "/bang-so/2/form", Cells: one.Counter, Budget: "7/180", SHA: tables[0].SHA}}}
	open := ui.Shell{Lang: sh.Lang, Title: "reading.open_title", Path: ui.PathOpen, Assets: sh.Assets, Wide: true}
	public := release.Open{Title: v.Title, Status: published, Tone: ui.Done, Guarantee: v.Guarantee, Facts: v.Facts, Method: v.Method, Tables: tables, Manifest: "/so-lieu/2/manifest.json", ADX: "/so-lieu/2/adx.xml", Codes: "/so-lieu/2/adx-codes.csv"}

	page := func(title string) ui.Shell {
		s := g.officer(title)
		return s
	}
	return []Page{
		{"release/list", release.ListPage(sh, list)},
		{"release/list-refused", release.ListPage(sh, bad)},
		{"release/list-empty", release.ListPage(sh, release.List{})},
		{"release/release", release.Page(page("page_release.release"), v)},
		{"release/release-to-publish", release.Page(page("page_release.release"), approve)},
		{"release/release-same-person", release.Page(page("page_release.release"), same)},
		{"release/release-waiting", release.Page(page("page_release.release"), busy)},
		{"release/release-too-few", release.Page(page("page_release.release"), few)},
		{"release/table", release.TablePage(page("page_release.list_title"), one)},
		{"release/table-months", release.TablePage(page("page_release.list_title"), byMonth)},
		{"release/table-cross", release.TablePage(page("page_release.list_title"), cross)},
		{"release/table-map", release.TablePage(page("page_release.list_title"), place)},
		{"release/builder", release.BuilderPage(page("reading.build_title"), build)},
		{"release/builder-unable", release.BuilderPage(page("reading.build_title"), unable)},
		{"release/builder-empty", release.BuilderPage(page("reading.build_title"), release.Builder{})},
		{"release/figure", release.FigurePage(page("reading.figure_title"), figure)},
		{"release/figure-withheld", release.FigurePage(page("reading.figure_title"), small)},
		{"release/overview", release.OverviewPage(page("reading.overview_title"), over)},
		{"release/overview-empty", release.OverviewPage(page("reading.overview_title"), release.Overview{})},
		{"release/reports", release.ReportsPage(page("reading.reports_title"), release.Reports{Campaigns: "/chien-dich", Due: over.Due, Rows: rows})},
		{"release/qualities", release.QualitiesPage(page("reading.quality_title"), release.Qualities{Rows: rows})},
		{"release/quality", release.QualityPage(page("reading.quality_title"), quality)},
		{"release/open-list", release.OpenListPage(open, release.OpenList{Rows: rows, Catalogue: "/so-lieu/catalog.jsonld"})},
		{"release/open", release.OpenPage(open, public)},
		{"release/open-table", release.TablePage(open, one)},
		{"release/table-too-few", release.TablePage(page("page_release.list_title"), nothing)},
	}
}
