package desk

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/campaign"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/site"
	pages "binhan/web/pages/campaign"
	"binhan/web/ui"
)

// campaignRoutes are the pages of the Month of Action: for a reporter her unit's report, for the department the board, the reports and its own.
func (d *Desk) campaignRoutes() []site.Route {
	const year = ui.PathCampaigns + "/:year"
	const unit = year + "/don-vi/:unit"
	const work = year + "/bao-cao"
	upload := post(unit+"/bang-tinh", access.WriteActivities, d.postUnitSheet, d.unitAgain)
	upload.Big = campaign.MostSheet + 1<<16
	return []site.Route{
		get(ui.PathCampaigns, access.ReadCampaign, d.getCampaigns),
		post(ui.PathCampaigns, access.KeepCampaign, d.postCampaign, d.campaignsAgain),
		get(year, access.ReadCampaign, d.getCampaign),
		post(year+"/nhac", access.RemindUnit, d.postRemindAll, d.boardAgain),
		get(year+"/thong-tin", access.KeepCampaign, d.getSettings),
		post(year+"/thong-tin", access.KeepCampaign, d.postSettings, d.settingsAgain),
		post(year+"/thong-tin/don-vi", access.KeepCampaign, d.postNewUnit, d.newUnitAgain),
		post(unit+"/bo", access.KeepCampaign, d.postRemoveUnit, d.boardAgain),
		get(unit, access.ReadActivities, d.getUnit),
		post(unit+"/luu", access.WriteActivities, d.postUnitSave, d.unitAgain),
		post(unit+"/nop", access.SubmitActivities, d.postUnitSubmit, d.unitAgain),
		post(unit+"/bo-sung", access.SubmitActivities, d.postUnitSupplement, d.unitAgain),
		post(unit+"/tra-lai", access.ReturnActivities, d.postUnitReturn, d.unitReturnAgain),
		post(unit+"/nhac", access.RemindUnit, d.postRemind, d.boardAgain),
		get(unit+"/bang-tinh", access.ReadActivities, d.getUnitSheet),
		upload,
		get(work, access.ReadCampaignReport, d.getWork),
		post(work+"/luu", access.WriteReport, d.postWorkSave, d.workAgain),
		post(work+"/chot", access.PrepareReport, d.postWorkFreeze, d.workAgain),
		get(work+"/:number", access.ReadCampaignReport, d.getWorkVersion),
		post(work+"/:number/duyet", access.DecideReport, d.postWorkApprove, d.versionAgain),
		post(work+"/:number/tra-lai", access.DecideReport, d.postWorkReject, d.versionAgain),
		post(work+"/:number/ban-hanh", access.PublishReport, d.postWorkPublish, d.versionAgain),
	}
}

func (d *Desk) campaignShell(r *site.Request, title, path string) ui.Shell {
	sh := d.shell(r, title, path)
	sh.Wide = true
	return sh
}

func campaignTitle(l i18n.Language, year int) string {
	return l.T("page_campaign.year_title", "year", year)
}

// clockWords says how a deadline stands, in working days.
func clockWords(l i18n.Language, c campaign.Clock) string {
	day := partialDay(c.DueOn)
	switch {
	case c.Late && c.WorkingDays >= 250:
		return l.T("page_campaign.clock_past", "day", day)
	case c.Late:
		return l.T("page_campaign.clock_late", "day", day, "n", c.WorkingDays)
	case c.WorkingDays == 0:
		return l.T("page_campaign.clock_last", "day", day)
	}
	return l.T("page_campaign.clock_left", "day", day, "n", c.WorkingDays)
}

func unitStateTone(s campaign.UnitState, late bool) ui.Tone {
	switch s {
	case campaign.Submitted, campaign.Supplemented:
		return ui.Done
	case campaign.Returned:
		return ui.Caution
	case campaign.Empty:
		if late {
			return ui.Danger
		}
		return ui.Quiet
	}
	return ui.Caution
}

func (d *Desk) getCampaigns(r *site.Request) (site.Reply, error) {
	return d.campaignsPage(r, ui.Form{Key: newKey()})
}

func (d *Desk) campaignsPage(r *site.Request, f ui.Form) (site.Reply, error) {
	l := r.Lang
	list, err := d.o.Campaigns.List(r.Context(), r.Who)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.List{MayBegin: may(r, access.KeepCampaign), Form: f}
	for _, c := range list {
		y := pages.Year{Title: campaignTitle(l, c.Year), Theme: c.Theme, Days: l.T("page_campaign.days", "from", partialDay(c.StartsOn), "to", partialDay(c.EndsOn))}
		if r.Who.Role == access.UnitReporter {
			b, err := d.o.Campaigns.Units(r.Context(), r.Who, c.Year)
			if err != nil {
				return site.Reply{}, err
			}
			if len(b.Items) == 0 {
				continue // her unit had no part in that year
			}
			open := false
			for _, x := range b.Items {
				open = open || x.State.Open()
				y.Reports = append(y.Reports, pages.Report{Href: campaign.UnitPath(c.Year, x.Unit), Unit: x.Unit.Name, State: l.T("page_campaign.state_" + string(x.State)), Tone: unitStateTone(x.State, x.Late)})
			}
			if open {
				y.Deadline, y.Late = clockWords(l, c.Clock), c.Clock.Late
			}
		} else {
			y.Href = campaign.Path(c.Year)
		}
		v.Years = append(v.Years, y)
	}
	return page(r, pages.ListPage(d.campaignShell(r, "page_campaign.list_title", ui.PathCampaigns), v)), nil
}

func (d *Desk) postCampaign(r *site.Request) (site.Reply, error) {
	var cmd campaign.BeginCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	c, err := d.o.Campaigns.Begin(r.Context(), r.Who, cmd)
	if err != nil {
		return site.Reply{}, err
	}
	return see(r, campaign.Path(c.Year)+"/thong-tin", "campaign_begun"), nil
}

func (d *Desk) campaignsAgain(r *site.Request, err error) (site.Reply, error) {
	return d.campaignsPage(r, refused(r, err, nil))
}

func campaignYear(r *site.Request) (int, error) { return campaign.Year(r.Param("year")) }

func (d *Desk) getCampaign(r *site.Request) (site.Reply, error) {
	return d.boardPage(r, ui.Form{Key: newKey()})
}

func (d *Desk) boardPage(r *site.Request, f ui.Form) (site.Reply, error) {
	year, err := campaignYear(r)
	if err != nil {
		return site.Reply{}, err
	}
	if r.Who.Role == access.UnitReporter {
		return site.Reply{See: ui.PathCampaigns}, nil // her own report stands there
	}
	l := r.Lang
	c, err := d.o.Campaigns.Read(r.Context(), r.Who, year)
	if err != nil {
		return site.Reply{}, err
	}
	b, err := d.o.Campaigns.Units(r.Context(), r.Who, year)
	if err != nil {
		return site.Reply{}, err
	}
	path := campaign.Path(year)
	v := pages.Board{Year: strconv.Itoa(year), Title: campaignTitle(l, year), Theme: c.Theme, Messages: c.Messages, MayRemind: may(r, access.RemindUnit), MayKeep: may(r, access.KeepCampaign), Form: f,
		Report: path + "/bao-cao", Settings: path + "/thong-tin", Lead: l.T("page_campaign.board_lead", "done", b.Reported, "n", len(b.Items))}
	if b.Missing > 0 {
		v.Deadline, v.Late = clockWords(l, b.Clock), b.Clock.Late
	}
	remind := false
	for _, x := range b.Items {
		switch {
		case !x.Missing:
			v.Done++
		case x.State == campaign.Empty:
			v.None++
		default:
			v.Work++
		}
		row := pages.Row{Href: campaign.UnitPath(year, x.Unit), Name: x.Unit.Name, Level: label(l, codelist.CampaignLevel, string(x.Unit.Level)), State: l.T("page_campaign.state_" + string(x.State)), Tone: unitStateTone(x.State, x.Late), Late: x.Late,
			Todo: l.T("page_campaign.todo_" + x.Todo)}
		switch {
		case x.SubmittedAt != nil:
			row.Note = l.T("page_campaign.note_submitted", "at", moment(*x.SubmittedAt))
		case x.RemindedAt != nil:
			row.Note = l.T("page_campaign.note_reminded", "at", moment(*x.RemindedAt))
		case x.UpdatedAt != nil:
			row.Note = l.T("page_campaign.note_updated", "at", moment(*x.UpdatedAt))
		}
		if x.MayRemind && x.Missing && v.MayRemind {
			row.Remind = row.Href + "/nhac"
			remind = true
		}
		v.Rows = append(v.Rows, row)
	}
	if remind {
		v.RemindTo = path + "/nhac"
	}
	office := c.Office
	if c.Successor != "" {
		office = l.T("page_campaign.office_now", "office", c.Office, "successor", c.Successor)
	}
	v.Facts = []ui.Row{
		{Label: l.T("page_campaign.days_label"), Value: l.T("page_campaign.days", "from", partialDay(c.StartsOn), "to", partialDay(c.EndsOn))},
		{Label: l.T("page_campaign.units_due_on"), Value: l.T("page_campaign.before", "day", partialDay(c.UnitsDueOn))},
		{Label: l.T("page_campaign.department_due_on"), Value: l.T("page_campaign.before", "day", partialDay(c.DepartmentDueOn))},
		{Label: l.T("page_campaign.office"), Value: office}, {Label: l.T("page_campaign.guidance"), Value: c.Guidance}, {Label: l.T("page_campaign.plan"), Value: c.Plan},
	}
	return page(r, pages.BoardPage(d.campaignShell(r, "page_campaign.board_title", path), v)), nil
}

func (d *Desk) boardAgain(r *site.Request, err error) (site.Reply, error) {
	f := refused(r, err, nil)
	f.Values = nil
	return d.boardPage(r, f)
}

func (d *Desk) postRemindAll(r *site.Request) (site.Reply, error) {
	year, err := campaignYear(r)
	if err != nil {
		return site.Reply{}, err
	}
	if _, err := d.o.Campaigns.RemindAll(r.Context(), r.Who, year); err != nil {
		return site.Reply{}, err
	}
	return see(r, campaign.Path(year), "campaign_reminded"), nil
}

func (d *Desk) postRemind(r *site.Request) (site.Reply, error) {
	year, err := campaignYear(r)
	if err != nil {
		return site.Reply{}, err
	}
	if _, err := d.o.Campaigns.Remind(r.Context(), r.Who, year, r.Param("unit")); err != nil {
		return site.Reply{}, err
	}
	return see(r, campaign.Path(year), "campaign_reminded"), nil
}

func (d *Desk) postRemoveUnit(r *site.Request) (site.Reply, error) {
	year, err := campaignYear(r)
	if err != nil {
		return site.Reply{}, err
	}
	if _, err := d.o.Campaigns.RemoveUnit(r.Context(), r.Who, year, r.Param("unit")); err != nil {
		return site.Reply{}, err
	}
	return see(r, campaign.Path(year)+"/thong-tin", "campaign_unit_removed"), nil
}

// ------------------------------------------------------------------ a unit's report

func (d *Desk) getUnit(r *site.Request) (site.Reply, error) {
	return d.unitPage(r, unitForms{})
}

// unitForms are the forms of a unit's page after a refusal: the report itself, the reason of a return.
type unitForms struct {
	report, back ui.Form
	upload       ui.Form
}

func thousands(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

// million writes thousands of đồng as triệu with one decimal.
func million(thousand int64) string {
	return strconv.FormatInt(thousand/1000, 10) + "," + strconv.FormatInt(thousand%1000/100, 10)
}

// unitValues are the fields of a report, by their names in the body.
func unitValues(of campaign.Campaign, c campaign.Content) url.Values {
	v := url.Values{}
	i := 0
	for _, h := range of.Outline {
		if !h.Unit {
			continue
		}
		v.Set("sections."+strconv.Itoa(i)+".code", h.Code)
		for _, s := range c.Sections {
			if s.Code == h.Code {
				v.Set("sections."+strconv.Itoa(i)+".text", s.Text)
			}
		}
		i++
	}
	for i, k := range of.Indicators {
		at := "indicators." + strconv.Itoa(i) + "."
		v.Set(at+"code", k.Code)
		for _, x := range c.Indicators {
			if x.Code == k.Code {
				for _, l := range []campaign.Level{campaign.Province, campaign.District, campaign.Commune} {
					v.Set(at+"quantity."+string(l), thousands(x.Quantity.At(l)))
				}
				v.Set(at+"participants", thousands(x.Participants))
				v.Set(at+"women", thousands(x.Women))
				v.Set(at+"note", x.Note)
			}
		}
	}
	for i, e := range c.Events {
		at := "events." + strconv.Itoa(i) + "."
		v.Set(at+"code", e.Code)
		v.Set(at+"on", e.On)
		v.Set(at+"level", string(e.Level))
		v.Set(at+"place", e.Place)
		v.Set(at+"participants", thousands(e.Participants))
		v.Set(at+"women", thousands(e.Women))
	}
	for i, code := range codelist.MustGet(codelist.BudgetSource).Codes() {
		at := "budget." + strconv.Itoa(i) + "."
		v.Set(at+"source", code)
		for _, m := range c.Budget {
			if m.Source == code {
				v.Set(at+"thousand_dong", million(m.ThousandDong))
				v.Set(at+"note", m.Note)
			}
		}
	}
	return v
}

// typedNumbers reads numbers as people here write them: "1.200" people, "12,5" triệu. What is no number is left, to be refused where it stands.
func typedNumbers(v url.Values) {
	for name, values := range v {
		if len(values) != 1 || values[0] == "" {
			continue
		}
		text := strings.Map(func(c rune) rune {
			if c == ' ' || c == '\u00a0' || c == '.' {
				return -1
			}
			return c
		}, values[0])
		switch {
		case strings.Contains(name, ".quantity.") || strings.HasSuffix(name, ".participants") || strings.HasSuffix(name, ".women"):
			values[0] = text
		case strings.HasPrefix(name, "budget.") && strings.HasSuffix(name, ".thousand_dong"):
			whole, rest, _ := strings.Cut(text, ",")
			if len(rest) <= 3 {
				if n, err := strconv.ParseInt(whole+rest+strings.Repeat("0", 3-len(rest)), 10, 64); err == nil {
					values[0] = strconv.FormatInt(n, 10)
				}
			}
		}
	}
}

func asDraft(v url.Values) {
	typedNumbers(v)
	v.Set("draft", "true")
	for name := range v { // a row of events that says nothing but its level or kind is none
		if strings.HasPrefix(name, "_") {
			v.Del(name)
		}
	}
}

func (d *Desk) unitPage(r *site.Request, f unitForms) (site.Reply, error) {
	year, err := campaignYear(r)
	if err != nil {
		return site.Reply{}, err
	}
	l := r.Lang
	a, err := d.o.Campaigns.Activities(r.Context(), r.Who, year, r.Param("unit"))
	if err != nil {
		return site.Reply{}, err
	}
	of, err := d.o.Campaigns.Read(r.Context(), r.Who, year)
	if err != nil {
		return site.Reply{}, err
	}
	path := campaign.UnitPath(year, a.Unit)
	v := pages.Unit{Path: path, Title: campaignTitle(l, year), Theme: of.Theme, Name: a.Unit.Name, State: l.T("page_campaign.state_" + string(a.State)), Tone: unitStateTone(a.State, a.Clock.Late), MayWrite: a.MayWrite, Form: f.report,
		Back: ui.PathCampaigns, BackLabel: l.T("page_campaign.list_title"), Sheet: path + "/bang-tinh", Upload: f.upload, Return: f.back, Typed: a.MayWrite && r.Who.Role != access.UnitReporter,
		MaySubmit: slices.Contains(a.Moves, "submission"), MaySupplement: slices.Contains(a.Moves, "supplement"), MayReturn: slices.Contains(a.Moves, "return")}
	if r.Who.Role != access.UnitReporter {
		v.Back, v.BackLabel = campaign.Path(year), campaignTitle(l, year)
	}
	if a.State.Open() {
		v.Deadline, v.Late = clockWords(l, a.Clock), a.Clock.Late
	}
	if f.report.Values == nil {
		v.Form.Values = unitValues(of, a.Content)
		v.Form.Key = newKey()
		v.Form.Problems = f.report.Problems
	}
	v.Form.Version = strconv.Itoa(a.Version)
	if v.Return.Key == "" {
		v.Return.Key = newKey()
	}
	if a.UpdatedAt != nil && a.MayWrite {
		v.Saved = l.T("page_campaign.saved_at", "at", moment(*a.UpdatedAt), "who", staffName(a.UpdatedBy))
	}
	v.Outline = []pages.Link{{Href: "#bang-so", Label: l.T("page_campaign.table")}, {Href: "#cac-cuoc", Label: l.T("page_campaign.events")}, {Href: "#kinh-phi", Label: l.T("page_campaign.money")}, {Href: "#noi-dung", Label: l.T("page_campaign.texts")}}
	i := 0
	for _, h := range of.Outline {
		s := pages.Section{ID: "muc-" + strings.ReplaceAll(h.Code, ".", "-"), Number: h.Code[strings.LastIndexByte(h.Code, '.')+1:], Title: h.Title, Hint: h.Hint, Level: 1 + strings.Count(h.Code, ".")}
		if h.Unit {
			s.Name, s.Code, s.Value = "sections."+strconv.Itoa(i)+".text", "sections."+strconv.Itoa(i)+".code", h.Code
			i++
		}
		v.Sections = append(v.Sections, s)
	}
	for _, x := range a.Levels {
		v.Levels = append(v.Levels, pages.Level{Code: string(x), Label: label(l, codelist.CampaignLevel, string(x))})
		v.LevelNames = append(v.LevelNames, ui.Option{Value: string(x), Label: label(l, codelist.CampaignLevel, string(x))})
	}
	for i, k := range of.Indicators {
		v.Rows = append(v.Rows, pages.Indicator{Index: i, Code: k.Code, Label: k.Label, Unit: k.Unit, People: k.People})
		if k.People {
			v.Kinds = append(v.Kinds, ui.Option{Value: k.Code, Label: k.Label})
		}
	}
	var money int64
	for i, code := range codelist.MustGet(codelist.BudgetSource).Codes() {
		v.Money = append(v.Money, pages.Money{Index: i, Source: code, Label: label(l, codelist.BudgetSource, code)})
	}
	for _, m := range a.Budget {
		money += m.ThousandDong
	}
	v.MoneyTotal = million(money)
	rows := len(a.Events)
	for name := range v.Form.Values { // what was typed and refused may hold more
		if rest, ok := strings.CutPrefix(name, "events."); ok {
			if n, err := strconv.Atoi(rest[:strings.IndexByte(rest+".", '.')]); err == nil && n < 200 {
				rows = max(rows, n+1)
			}
		}
	}
	if a.MayWrite && f.report.Values == nil {
		rows += 2
	}
	for i := range rows {
		v.Events = append(v.Events, pages.Event{Index: i})
	}
	for _, p := range a.Problems {
		v.Findings = append(v.Findings, pages.Finding{Href: "#" + v.Form.ID(d.unitField(of, a.Content, p.Pointer)), Text: unitFinding(l, of, a.Content, p), Tone: ui.Caution})
	}
	for _, s := range a.Submissions {
		e := ui.Event{At: moment(s.At), What: l.T("page_campaign.kind_"+s.Kind, "n", s.Number), Who: staffName(s.By)}
		switch {
		case s.Back:
			e.Note = l.T("page_campaign.was_returned")
		case s.Late:
			e.Note = l.T("page_campaign.came_late")
		}
		v.Submissions = append(v.Submissions, e)
	}
	for _, s := range slices.Backward(a.History) {
		v.History = append(v.History, ui.Event{At: moment(s.At), What: l.T("page_campaign.move_" + s.Move), Who: staffName(s.By), Note: s.Reason})
		if s.Move == "return" && a.State == campaign.Returned && v.Returned == "" {
			v.Returned = s.Reason
		}
	}
	return page(r, pages.UnitPage(d.campaignShell(r, "page_campaign.unit_title", path), v)), nil
}

func staffName(s *campaign.Staff) string {
	if s == nil {
		return ""
	}
	return or(s.Name, s.Username)
}

// unitField finds the control of a pointer into the stored content: rows stand on the page in the order of the year, not of the body.
func (d *Desk) unitField(of campaign.Campaign, c campaign.Content, pointer string) string {
	parts := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	if len(parts) < 3 {
		return "indicators.0.code"
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		return ""
	}
	rest := strings.Join(parts[2:], ".")
	switch {
	case parts[0] == "indicators" && n < len(c.Indicators):
		n = slices.IndexFunc(of.Indicators, func(k campaign.Indicator) bool { return k.Code == c.Indicators[n].Code })
	case parts[0] == "budget" && n < len(c.Budget):
		n = slices.Index(codelist.MustGet(codelist.BudgetSource).Codes(), c.Budget[n].Source)
	}
	return parts[0] + "." + strconv.Itoa(n) + "." + rest
}

// unitFinding is a problem of a draft in words, after the name of its row.
func unitFinding(l i18n.Language, of campaign.Campaign, c campaign.Content, p campaign.Finding) string {
	text := l.Fill("problem."+p.Key, p.Args)
	parts := strings.Split(strings.TrimPrefix(p.Pointer, "/"), "/")
	if len(parts) > 2 {
		n, _ := strconv.Atoi(parts[1])
		switch {
		case parts[0] == "indicators" && n < len(c.Indicators):
			for _, k := range of.Indicators {
				if k.Code == c.Indicators[n].Code {
					return k.Label + ": " + text
				}
			}
		case parts[0] == "events":
			return l.T("page_campaign.event", "n", n+1) + ": " + text
		}
	}
	return text
}

// unitAgain shows the report with everything that was typed. What was refused was not saved; a submission that was refused has saved the draft.
func (d *Desk) unitAgain(r *site.Request, err error) (site.Reply, error) {
	if strings.HasPrefix(r.HTTP().Header.Get("Content-Type"), "multipart/") {
		return d.unitPage(r, unitForms{report: ui.Form{Problems: problems(r.Lang, err, nil)}})
	}
	f := refused(r, err, asDraft)
	if errors.Is(err, fault.Stale) {
		f.Problems = []ui.Problem{{Text: r.Lang.T("page_campaign.other_saved")}}
	}
	if len(f.Values) < 10 { // a supplement or a move: no report was sent
		f.Values = nil
	} else if year, yerr := campaignYear(r); yerr == nil {
		if of, oerr := d.o.Campaigns.Read(r.Context(), r.Who, year); oerr == nil {
			for i := range f.Problems { // a submission speaks of the stored rows, which leave the empty ones out
				if errors.Is(err, fault.Invalid) && strings.HasSuffix(r.Route.Path, "/nop") {
					if a, aerr := d.o.Campaigns.Activities(r.Context(), r.Who, year, r.Param("unit")); aerr == nil {
						var ferr *fault.Error
						if errors.As(err, &ferr) && i < len(ferr.Problems) {
							f.Problems = nil
							for _, p := range ferr.Problems {
								f.Problems = append(f.Problems, ui.Problem{Field: d.unitField(of, a.Content, p.Pointer), Text: unitFinding(r.Lang, of, a.Content, campaign.Finding{Pointer: p.Pointer, Key: p.Key, Args: p.Args})})
							}
						}
						break
					}
				}
			}
		}
	}
	return d.unitPage(r, unitForms{report: f})
}

// saveUnit saves what was typed, as a draft.
func (d *Desk) saveUnit(r *site.Request) (campaign.Activities, error) {
	year, err := campaignYear(r)
	if err != nil {
		return campaign.Activities{}, err
	}
	version, err := r.IfMatch()
	if err != nil {
		return campaign.Activities{}, err
	}
	var cmd campaign.WriteCommand
	if err := bind(r, &cmd, asDraft); err != nil {
		return campaign.Activities{}, err
	}
	return d.o.Campaigns.Write(r.Context(), r.Who, year, r.Param("unit"), version, cmd)
}

// savedReply answers the script that saves while somebody types.
type savedReply struct {
	Version int    `json:"version"`
	At      string `json:"at"`
}

// clockNow is the hour and minute, for the words beside a form that saves itself.
func clockNow() string { return time.Now().In(calendar.Zone).Format("15:04") }

func asksJSON(r *site.Request) bool { return r.HTTP().Header.Get("Accept") == "application/json" }

func (d *Desk) postUnitSave(r *site.Request) (site.Reply, error) {
	a, err := d.saveUnit(r)
	if err != nil {
		return site.Reply{}, err
	}
	if asksJSON(r) {
		return site.Reply{Body: savedReply{a.Version, clockNow()}}, nil
	}
	return see(r, campaign.UnitPath(a.Year, a.Unit), "campaign_saved"), nil
}

// postUnitSubmit saves what stands on the page and hands exactly that in.
func (d *Desk) postUnitSubmit(r *site.Request) (site.Reply, error) {
	claim := r.Who.Request.Claim
	r.Who.Request.Claim = nil // saving comes first and may be done twice; handing in takes the key
	a, err := d.saveUnit(r)
	r.Who.Request.Claim = claim
	if err != nil {
		return site.Reply{}, err
	}
	a, err = d.o.Campaigns.Submit(r.Context(), r.Who, a.Year, a.Unit.ID.String(), a.Version)
	if err != nil {
		return site.Reply{}, err
	}
	return see(r, campaign.UnitPath(a.Year, a.Unit), "campaign_submitted"), nil
}

func (d *Desk) postUnitSupplement(r *site.Request) (site.Reply, error) {
	year, err := campaignYear(r)
	if err != nil {
		return site.Reply{}, err
	}
	a, err := d.o.Campaigns.Supplement(r.Context(), r.Who, year, r.Param("unit"))
	if err != nil {
		return site.Reply{}, err
	}
	return see(r, campaign.UnitPath(a.Year, a.Unit), "campaign_supplement"), nil
}

func (d *Desk) postUnitReturn(r *site.Request) (site.Reply, error) {
	year, err := campaignYear(r)
	if err != nil {
		return site.Reply{}, err
	}
	var cmd campaign.ReturnCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	a, err := d.o.Campaigns.Return(r.Context(), r.Who, year, r.Param("unit"), cmd)
	if err != nil {
		return site.Reply{}, err
	}
	return see(r, campaign.UnitPath(a.Year, a.Unit), "campaign_returned"), nil
}

func (d *Desk) unitReturnAgain(r *site.Request, err error) (site.Reply, error) {
	f := refused(r, err, nil)
	return d.unitPage(r, unitForms{back: f, report: ui.Form{Problems: f.Problems}})
}

func (d *Desk) getUnitSheet(r *site.Request) (site.Reply, error) {
	year, err := campaignYear(r)
	if err != nil {
		return site.Reply{}, err
	}
	raw, a, err := d.o.Campaigns.Sheet(r.Context(), r.Who, year, r.Param("unit"))
	return site.Reply{Raw: raw, Type: campaign.SheetType, Header: http.Header{"Content-Disposition": {`attachment; filename="bao-cao-` + strconv.Itoa(year) + `-` + a.Unit.Code + `.xlsx"`}}}, err
}

// postUnitSheet reads a workbook and shows what it would change, or which cells cannot be taken; nothing is kept until somebody accepts it.
func (d *Desk) postUnitSheet(r *site.Request) (site.Reply, error) {
	year, err := campaignYear(r)
	if err != nil {
		return site.Reply{}, err
	}
	l := r.Lang
	a, err := d.o.Campaigns.Activities(r.Context(), r.Who, year, r.Param("unit"))
	if err != nil {
		return site.Reply{}, err
	}
	path := campaign.UnitPath(year, a.Unit)
	raw, err := campaign.Upload(r)
	if err != nil {
		return site.Reply{}, err
	}
	p, err := d.o.Campaigns.ReadSheet(r.Context(), r.Who, year, a.Unit.ID.String(), raw)
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid {
		v := pages.Refused{Back: path, Name: a.Unit.Name, Sheet: path + "/bang-tinh"}
		for _, x := range f.Problems {
			v.Cells = append(v.Cells, pages.Pair{Name: strings.TrimPrefix(x.Pointer, "/"), Value: l.Fill("problem."+x.Key, x.Args)})
		}
		reply := page(r, pages.RefusedPage(d.campaignShell(r, "page_campaign.refused_title", path), v))
		reply.Status = http.StatusUnprocessableEntity
		return reply, nil
	}
	if err != nil {
		return site.Reply{}, err
	}
	of, err := d.o.Campaigns.Read(r.Context(), r.Who, year)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.Preview{Path: path + "/luu", Back: path, Name: a.Unit.Name, Form: ui.Form{Key: newKey(), Version: strconv.Itoa(p.Version)}}
	values := unitValues(of, p.Content)
	for _, name := range sortedNames(values) {
		if text := values.Get(name); text != "" {
			v.Fields = append(v.Fields, pages.Pair{Name: name, Value: text})
		}
	}
	for _, c := range p.Changes {
		v.Changes = append(v.Changes, pages.Change{Where: c.Where, Was: c.Was, Is: c.Is})
	}
	return page(r, pages.PreviewPage(d.campaignShell(r, "page_campaign.preview_title", path), v)), nil
}

func sortedNames(v url.Values) []string {
	var names []string
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// campaignTodos are what the campaign asks of this reader today: her unit's report, or the department's.
func (d *Desk) campaignTodos(r *site.Request) ([]todo, error) {
	list, err := d.o.Campaigns.Deadlines(r.Context(), r.Who)
	if err != nil {
		return nil, err
	}
	var out []todo
	for _, x := range list {
		verb := r.Lang.T("page_campaign.todo_unit", "year", x.Year)
		switch {
		case x.What == "department" && x.State == string(campaign.Prepared) && may(r, access.DecideReport):
			verb = r.Lang.T("page_campaign.todo_decide", "year", x.Year)
		case x.What == "department" && x.State == string(campaign.Approved) && may(r, access.PublishReport):
			verb = r.Lang.T("page_campaign.todo_publish", "year", x.Year)
		case x.What == "department" && (x.State == string(campaign.Prepared) || x.State == string(campaign.Approved)):
			continue // it waits for another
		case x.What == "department" && !may(r, access.PrepareReport):
			continue // the second reader waits for a version
		case x.What == "department":
			verb = r.Lang.T("page_campaign.todo_department", "year", x.Year)
		}
		t := todo{Item: todoItem(verb, "", clockWords(r.Lang, x.Clock), x.Href, r.Lang.T("page_campaign.open"))}
		if due, err := time.ParseInLocation(time.DateOnly, x.Clock.DueOn, calendar.Zone); err == nil {
			t.due = &due
		}
		t.Overdue = x.Clock.Late
		out = append(out, t)
	}
	return out, nil
}
