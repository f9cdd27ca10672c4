package desk

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/campaign"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/site"
	pages "binhan/web/pages/campaign"
	"binhan/web/ui"
)

// ------------------------------------------------------------------ the department's report

func versionTone(s campaign.State) ui.Tone {
	switch s {
	case campaign.Published, campaign.Approved:
		return ui.Done
	case campaign.Superseded:
		return ui.Quiet
	case campaign.Rejected:
		return ui.Danger
	}
	return ui.Caution
}

func sectionID(code string) string { return "muc-" + strings.ReplaceAll(code, ".", "-") }

func figureID(key string) string { return "so-" + strings.ReplaceAll(key, ".", "-") }

// checkText is a check in words; where it has a place on the page, it leads there.
func checkText(l i18n.Language, c campaign.Check) pages.Finding {
	f := pages.Finding{Text: l.Fill("page_campaign.check_"+c.Key, c.Args), Tone: ui.Done}
	switch c.Severity {
	case campaign.Stops:
		f.Tone = ui.Danger
	case campaign.Look:
		f.Tone = ui.Caution
	}
	if codelist.MustGet(codelist.ReportSection).Has(c.Where) {
		f.Href = "#" + sectionID(c.Where)
	}
	return f
}

// fillWork draws a report and its totals onto the page.
func fillWork(l i18n.Language, v *pages.Work, rep campaign.Report, c campaign.Consolidation) {
	v.Title, v.Illustrative = rep.Title, rep.Illustrative
	v.Office = []ui.Row{{Label: l.T("page_campaign.office"), Value: joined(" · ", rep.Superior, rep.Office)}, {Label: l.T("page_campaign.symbol"), Value: "Số:      /" + rep.Symbol}, {Label: l.T("page_campaign.cut_off"), Value: moment(rep.CutOff)}}
	names := map[string]string{}
	for _, u := range c.Units {
		names[u.Code] = u.Name
	}
	for i, s := range rep.Sections {
		t := pages.Text{ID: sectionID(s.Code), Number: s.Number, Title: s.Title, Level: s.Level, Index: i}
		for _, p := range s.Paragraphs {
			var spans []pages.Span
			for _, x := range p.Spans {
				sp := pages.Span{Text: x.Text}
				if x.Figure != "" {
					sp.Href = "#" + figureID(x.Figure)
				}
				spans = append(spans, sp)
			}
			t.Paragraphs = append(t.Paragraphs, spans)
		}
		for _, q := range c.Quotes {
			if q.Code == s.Code {
				t.Quotes = append(t.Quotes, pages.Change{Where: names[q.Unit], Is: q.Text})
			}
		}
		v.Sections = append(v.Sections, t)
	}
	for i, a := range rep.Annexes {
		t := pages.Table{ID: "bang-" + strconv.Itoa(i+1), Title: a.Title, Note: a.Note, Notes: a.Notes}
		for _, k := range a.Columns {
			t.Heads, t.Numeric = append(t.Heads, k.Head), append(t.Numeric, k.Numeric)
		}
		for j, row := range a.Rows {
			r := pages.TableRow{Strong: row.Strong}
			for _, k := range row.Cells {
				r.Cells = append(r.Cells, k.Text)
			}
			switch {
			case i == 0 && j < len(c.Indicators):
				for _, u := range c.Indicators[j].Units {
					text := ui.Count(l, u.Total) + " " + c.Indicators[j].Unit
					if u.Participants > 0 {
						text = l.T("page_campaign.unit_count", "n", text, "people", ui.Count(l, u.Participants), "women", ui.Count(l, u.Women))
					}
					r.Opens = append(r.Opens, pages.Change{Where: names[u.Unit], Is: text})
				}
			case i == 1 && j < len(c.Budget):
				for _, u := range c.Units {
					if n := c.Budget[j].Units[u.Code]; n > 0 {
						r.Opens = append(r.Opens, pages.Change{Where: u.Name, Is: million(n)})
					}
				}
			}
			t.Rows = append(t.Rows, r)
		}
		v.Tables = append(v.Tables, t)
	}
	keys := []string{}
	for k := range c.Figures {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		f := c.Figures[k]
		v.Figures = append(v.Figures, pages.Figure{ID: figureID(k), Key: k, Text: f.Text, Definition: f.Definition, Source: f.Source})
	}
	for _, x := range c.Checks {
		v.Checks = append(v.Checks, checkText(l, x))
		v.Stops = v.Stops || x.Severity == campaign.Stops
	}
}

// reportFiles are the papers of a report, made elsewhere from the same value.
func reportFiles(year, number int) []pages.Link {
	var out []pages.Link
	for _, f := range []string{"docx", "pdf", "xlsx", "html"} {
		href := "/api/v1/campaigns/" + strconv.Itoa(year) + "/report?format=" + f
		if number != 0 {
			href += "&version=" + strconv.Itoa(number)
		}
		out = append(out, pages.Link{Href: href, Label: "." + f})
	}
	return out
}

func (d *Desk) versionsOf(r *site.Request, year int, v *pages.Work) ([]campaign.Version, error) {
	list, err := d.o.Campaigns.Versions(r.Context(), r.Who, year)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		v.Versions = append(v.Versions, pages.Version{Href: campaign.Path(year) + "/bao-cao/" + strconv.Itoa(x.Number), Label: r.Lang.T("page_campaign.version", "n", x.Number), State: r.Lang.T("page_campaign.version_" + string(x.State)), Tone: versionTone(x.State),
			Note: joined(" · ", moment(x.PreparedAt), staffName(x.PreparedBy))})
		if x.State == campaign.Prepared && may(r, access.DecideReport) || x.State == campaign.Approved && may(r, access.PublishReport) {
			v.Waiting = campaign.Path(year) + "/bao-cao/" + strconv.Itoa(x.Number)
		}
	}
	return list, nil
}

func changesOf(l i18n.Language, diff campaign.Difference) []pages.Change {
	var out []pages.Change
	for _, u := range diff.Units {
		out = append(out, pages.Change{Where: u.Name, Was: handed(l, u.Was), Is: handed(l, u.Is)})
	}
	for _, f := range diff.Figures {
		out = append(out, pages.Change{Where: f.Label, Was: f.Was, Is: f.Is})
	}
	for _, t := range diff.Texts {
		out = append(out, pages.Change{Where: t.Title, Was: t.Was, Is: t.Is})
	}
	return out
}

func handed(l i18n.Language, n int) string {
	if n == 0 {
		return ""
	}
	return l.T("page_campaign.kind_number", "n", n)
}

func (d *Desk) getWork(r *site.Request) (site.Reply, error) { return d.workPage(r, ui.Form{}) }

func (d *Desk) workPage(r *site.Request, f ui.Form) (site.Reply, error) {
	year, err := campaignYear(r)
	if err != nil {
		return site.Reply{}, err
	}
	l := r.Lang
	if r.Who.Role == access.UnitReporter { // the newest published one is hers to read
		x, err := d.o.Campaigns.Version(r.Context(), r.Who, year, 0)
		if err != nil {
			return site.Reply{}, err
		}
		return site.Reply{See: campaign.Path(year) + "/bao-cao/" + strconv.Itoa(x.Number)}, nil
	}
	live, err := d.o.Campaigns.Live(r.Context(), r.Who, year)
	if err != nil {
		return site.Reply{}, err
	}
	path := campaign.Path(year) + "/bao-cao"
	v := pages.Work{Year: strconv.Itoa(year), Back: campaign.Path(year), Path: path, State: l.T("page_campaign.in_work"), Tone: ui.Caution, MayWrite: may(r, access.WriteReport), Form: f, Files: reportFiles(year, -1), Decide: ui.Form{Key: newKey()}}
	fillWork(l, &v, live.Report, live.Consolidation)
	if v.Form.Values == nil {
		v.Form.Values = url.Values{}
		for i, s := range live.Report.Sections {
			v.Form.Values["texts."+strconv.Itoa(i)+".code"] = []string{s.Code}
			v.Form.Values["texts."+strconv.Itoa(i)+".text"] = []string{live.Texts[s.Code]}
		}
	}
	v.Form.Version = strconv.Itoa(live.Draft.Version)
	if v.MayWrite {
		for i := range v.Sections {
			v.Sections[i].Code, v.Sections[i].Name = "texts."+strconv.Itoa(i)+".code", "texts."+strconv.Itoa(i)+".text"
		}
	}
	if live.UpdatedAt != nil && v.MayWrite {
		v.Saved = l.T("page_campaign.saved_at", "at", moment(*live.UpdatedAt), "who", staffName(live.UpdatedBy))
	}
	list, err := d.versionsOf(r, year, &v)
	if err != nil {
		return site.Reply{}, err
	}
	waits := slices.ContainsFunc(list, func(x campaign.Version) bool { return x.State == campaign.Prepared || x.State == campaign.Approved })
	v.MayPrepare = may(r, access.PrepareReport) && !waits
	if waits && v.Waiting == "" {
		v.Facts = append(v.Facts, ui.Row{Label: l.T("page_campaign.next"), Value: l.T("page_campaign.version_waits")})
	}
	if len(list) > 0 && list[0].State == campaign.Rejected {
		v.Reason = list[0].Reason
	}
	if live.Changes != nil {
		v.ChangesSince = l.T("page_campaign.changes_since", "n", live.Changes.From)
		v.Changes = changesOf(l, *live.Changes)
	}
	return page(r, pages.WorkPage(d.campaignShell(r, "page_campaign.report_title", path), v)), nil
}

func (d *Desk) workAgain(r *site.Request, err error) (site.Reply, error) {
	f := refused(r, err, nil)
	if fault.KindOf(err) == fault.Stale {
		f.Problems = []ui.Problem{{Text: r.Lang.T("page_campaign.other_saved")}}
	}
	if len(f.Values) < 4 { // no texts were sent
		f.Values = nil
	}
	for i := range f.Problems {
		if strings.HasPrefix(f.Problems[i].Field, "checks") {
			f.Problems[i].Field = ""
		}
	}
	return d.workPage(r, f)
}

// postWorkSave keeps the texts that somebody changed. A text that is still the one that the figures make is not kept: it goes on following them.
func (d *Desk) postWorkSave(r *site.Request) (site.Reply, error) {
	year, err := campaignYear(r)
	if err != nil {
		return site.Reply{}, err
	}
	version, err := r.IfMatch()
	if err != nil {
		return site.Reply{}, err
	}
	var cmd campaign.TextsCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	live, err := d.o.Campaigns.Live(r.Context(), r.Who, year)
	if err != nil {
		return site.Reply{}, err
	}
	own := map[string]bool{}
	for _, t := range live.Draft.Texts {
		own[t.Code] = true
	}
	kept := []campaign.SectionText{}
	for _, t := range cmd.Texts {
		if own[t.Code] || t.Text != live.Texts[t.Code] {
			kept = append(kept, t)
		}
	}
	cmd.Texts, cmd.Release = kept, live.Draft.Release
	l, err := d.o.Campaigns.WriteTexts(r.Context(), r.Who, year, version, cmd)
	if err != nil {
		return site.Reply{}, err
	}
	if asksJSON(r) {
		return site.Reply{Body: savedReply{l.Draft.Version, clockNow()}}, nil
	}
	return see(r, campaign.Path(year)+"/bao-cao", "campaign_texts_saved"), nil
}

func (d *Desk) postWorkFreeze(r *site.Request) (site.Reply, error) {
	year, err := campaignYear(r)
	if err != nil {
		return site.Reply{}, err
	}
	x, err := d.o.Campaigns.Prepare(r.Context(), r.Who, year)
	if err != nil {
		return site.Reply{}, err
	}
	return see(r, campaign.Path(year)+"/bao-cao/"+strconv.Itoa(x.Number), "campaign_frozen"), nil
}

func versionNumber(r *site.Request) (int, error) {
	n, err := strconv.Atoi(r.Param("number"))
	if err != nil || n < 1 || n > 1_000_000 {
		return 0, fault.Missing()
	}
	return n, nil
}

func (d *Desk) getWorkVersion(r *site.Request) (site.Reply, error) {
	return d.versionPage(r, ui.Form{})
}

func (d *Desk) versionPage(r *site.Request, f ui.Form) (site.Reply, error) {
	year, err := campaignYear(r)
	if err != nil {
		return site.Reply{}, err
	}
	n, err := versionNumber(r)
	if err != nil {
		return site.Reply{}, err
	}
	l := r.Lang
	x, err := d.o.Campaigns.Version(r.Context(), r.Who, year, n)
	if err != nil {
		return site.Reply{}, err
	}
	path := campaign.Path(year) + "/bao-cao/" + strconv.Itoa(n)
	v := pages.Work{Year: strconv.Itoa(year), Back: campaign.Path(year), Path: path, Version: l.T("page_campaign.version", "n", n), State: l.T("page_campaign.version_" + string(x.State)), Tone: versionTone(x.State), Reason: x.Reason, Decide: f, Form: ui.Form{Problems: f.Problems},
		Files: reportFiles(year, n)}
	if v.Decide.Key == "" {
		v.Decide.Key = newKey()
	}
	if r.Who.Role == access.UnitReporter {
		v.Back = ui.PathCampaigns
	}
	fillWork(l, &v, x.Report, x.Consolidation)
	list, err := d.versionsOf(r, year, &v)
	if err != nil {
		return site.Reply{}, err
	}
	v.Waiting = "" // it is this one, or another that the list leads to
	mine := x.PreparedBy != nil && x.PreparedBy.Username == r.Who.Username
	v.MayDecide = x.State == campaign.Prepared && may(r, access.DecideReport) && !mine
	v.MayPublish = x.State == campaign.Approved && may(r, access.PublishReport) && !mine
	v.Facts = []ui.Row{{Label: l.T("page_campaign.prepared"), Value: joined(", ", moment(x.PreparedAt), staffName(x.PreparedBy))}, {Label: l.T("page_campaign.decided"), Value: joined(", ", momentOr(x.DecidedAt), staffName(x.DecidedBy))},
		{Label: l.T("page_campaign.published"), Value: joined(", ", momentOr(x.PublishedAt), staffName(x.PublishedBy))}, {Label: l.T("page_campaign.fingerprint"), Value: x.SHA256}}
	before := 0
	for _, y := range list {
		if y.Number < n && y.Number > before {
			before = y.Number
		}
	}
	if before > 0 {
		diff, err := d.o.Campaigns.Difference(r.Context(), r.Who, year, before, n)
		if err != nil {
			return site.Reply{}, err
		}
		v.ChangesSince, v.Changes = l.T("page_campaign.changes_since", "n", before), changesOf(l, diff)
	}
	return page(r, pages.WorkPage(d.campaignShell(r, "page_campaign.version_title", path), v)), nil
}

func (d *Desk) versionAgain(r *site.Request, err error) (site.Reply, error) {
	return d.versionPage(r, refused(r, err, nil))
}

func (d *Desk) decide(r *site.Request, cmd campaign.DecideCommand, flash string) (site.Reply, error) {
	year, err := campaignYear(r)
	if err != nil {
		return site.Reply{}, err
	}
	n, err := versionNumber(r)
	if err != nil {
		return site.Reply{}, err
	}
	if _, err := d.o.Campaigns.Decide(r.Context(), r.Who, year, n, cmd); err != nil {
		return site.Reply{}, err
	}
	return see(r, campaign.Path(year)+"/bao-cao/"+strconv.Itoa(n), flash), nil
}

func (d *Desk) postWorkApprove(r *site.Request) (site.Reply, error) {
	return d.decide(r, campaign.DecideCommand{Approve: true}, "campaign_approved")
}

func (d *Desk) postWorkReject(r *site.Request) (site.Reply, error) {
	var cmd campaign.ReturnCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	return d.decide(r, campaign.DecideCommand{Reason: cmd.Reason}, "campaign_sent_back")
}

func (d *Desk) postWorkPublish(r *site.Request) (site.Reply, error) {
	year, err := campaignYear(r)
	if err != nil {
		return site.Reply{}, err
	}
	n, err := versionNumber(r)
	if err != nil {
		return site.Reply{}, err
	}
	if _, err := d.o.Campaigns.Publish(r.Context(), r.Who, year, n); err != nil {
		return site.Reply{}, err
	}
	return see(r, campaign.Path(year)+"/bao-cao/"+strconv.Itoa(n), "campaign_published"), nil
}

// ------------------------------------------------------------------ the settings of a year

func eachLine(text string) []string {
	out := []string{}
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// recipientLine writes a line of Nơi nhận as people do: "Thường trực Tỉnh ủy (b/c)".
func recipientLine(x campaign.Recipient) string {
	if x.Tag == "" {
		return x.Text
	}
	return x.Text + " (" + strings.Replace(x.Tag, "d/c", "đ/c", 1) + ")"
}

func recipientOf(line string) campaign.Recipient {
	x := campaign.Recipient{Text: strings.Trim(strings.TrimSuffix(strings.TrimPrefix(line, "-"), ";"), " ")}
	if text, tag, ok := strings.Cut(x.Text, "("); ok && strings.HasSuffix(tag, ")") {
		if code := strings.Replace(strings.TrimSuffix(tag, ")"), "đ/c", "d/c", 1); codelist.MustGet(codelist.RoutingAbbrev).Has(code) {
			x.Text, x.Tag = strings.TrimSpace(text), code
		}
	}
	return x
}

func settingsValues(c campaign.Campaign) url.Values {
	v := url.Values{}
	var to []string
	for _, x := range c.Recipients {
		to = append(to, recipientLine(x))
	}
	for name, text := range map[string]string{"theme": c.Theme, "messages": strings.Join(c.Messages, "\n"), "starts_on": c.StartsOn, "ends_on": c.EndsOn, "units_due_on": c.UnitsDueOn, "department_due_on": c.DepartmentDueOn, "guidance": c.Guidance, "plan": c.Plan,
		"office_code": c.OfficeCode, "superior": c.Superior, "office": c.Office, "symbol": c.Symbol, "place": c.Place, "title": c.Title, "signature.mode": c.Signature.Mode, "signature.lines": strings.Join(c.Signature.Lines, "\n"),
		"signature.name": c.Signature.Name, "to": strings.Join(c.To, "\n"), "recipients": strings.Join(to, "\n"), "archive": c.Archive} {
		v.Set(name, text)
	}
	return v
}

func (d *Desk) getSettings(r *site.Request) (site.Reply, error) {
	return d.settingsPage(r, ui.Form{}, ui.Form{})
}

func (d *Desk) settingsPage(r *site.Request, f, unit ui.Form) (site.Reply, error) {
	year, err := campaignYear(r)
	if err != nil {
		return site.Reply{}, err
	}
	l := r.Lang
	history, err := d.o.Campaigns.History(r.Context(), r.Who, year)
	if err != nil {
		return site.Reply{}, err
	}
	b, err := d.o.Campaigns.Units(r.Context(), r.Who, year)
	if err != nil {
		return site.Reply{}, err
	}
	orgs, err := d.o.Directory.Organisations(r.Context(), r.Who)
	if err != nil {
		return site.Reply{}, err
	}
	c := history[0]
	path := campaign.Path(year) + "/thong-tin"
	v := pages.Settings{Year: strconv.Itoa(year), Title: campaignTitle(l, year), Back: campaign.Path(year), Path: path, Form: f, Unit: unit, Modes: options(l, codelist.SignMode), Kinds: options(l, codelist.AgencyType)}
	for _, e := range codelist.MustGet(codelist.AgencySuccession).Entries() {
		v.Offices = append(v.Offices, ui.Option{Value: e.Code, Label: e.Label(l)})
	}
	if v.Form.Values == nil {
		v.Form.Values = settingsValues(c)
		v.Form.Key = newKey()
	}
	v.Form.Version = strconv.Itoa(c.Version)
	if v.Unit.Key == "" {
		v.Unit.Key = newKey()
	}
	for _, x := range campaign.Levels(year) {
		v.Levels = append(v.Levels, ui.Option{Value: string(x), Label: label(l, codelist.CampaignLevel, string(x))})
	}
	for _, o := range orgs {
		v.Organisations = append(v.Organisations, ui.Option{Value: o.ID.String(), Label: o.Name})
	}
	for _, x := range b.Items {
		v.Units = append(v.Units, pages.Row{Name: x.Unit.Name, Level: label(l, codelist.CampaignLevel, string(x.Unit.Level)), Remind: campaign.UnitPath(year, x.Unit) + "/bo"})
	}
	for _, e := range history {
		v.History = append(v.History, ui.Event{At: moment(e.At), What: l.T("page_campaign.edition", "n", e.Version), Who: staffName(e.By)})
	}
	return page(r, pages.SettingsPage(d.campaignShell(r, "page_campaign.settings_title", path), v)), nil
}

func (d *Desk) settingsAgain(r *site.Request, err error) (site.Reply, error) {
	f := refused(r, err, nil)
	if fault.KindOf(err) == fault.Stale {
		f.Problems = []ui.Problem{{Text: r.Lang.T("page_campaign.other_saved")}}
	}
	for i := range f.Problems { // a list is one control on the page
		for _, name := range []string{"recipients", "messages", "to", "signature.lines"} {
			if strings.HasPrefix(f.Problems[i].Field, name+".") {
				f.Problems[i].Field = name
			}
		}
	}
	return d.settingsPage(r, f, ui.Form{})
}

func (d *Desk) postSettings(r *site.Request) (site.Reply, error) {
	year, err := campaignYear(r)
	if err != nil {
		return site.Reply{}, err
	}
	version, err := r.IfMatch()
	if err != nil {
		return site.Reply{}, err
	}
	typed, err := r.Form()
	if err != nil {
		return site.Reply{}, err
	}
	var cmd struct {
		StartsOn        string `json:"starts_on"`
		EndsOn          string `json:"ends_on"`
		UnitsDueOn      string `json:"units_due_on"`
		DepartmentDueOn string `json:"department_due_on"`
		Theme           string `json:"theme"`
		Messages        string `json:"messages"`
		Guidance        string `json:"guidance"`
		Plan            string `json:"plan"`
		OfficeCode      string `json:"office_code"`
		Superior        string `json:"superior"`
		Office          string `json:"office"`
		Symbol          string `json:"symbol"`
		Place           string `json:"place"`
		Title           string `json:"title"`
		To              string `json:"to"`
		Recipients      string `json:"recipients"`
		Archive         string `json:"archive"`
		Signature       struct {
			Mode  string `json:"mode"`
			Lines string `json:"lines"`
			Name  string `json:"name"`
		} `json:"signature"`
	}
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	recipients := []campaign.Recipient{}
	for _, line := range eachLine(cmd.Recipients) {
		recipients = append(recipients, recipientOf(line))
	}
	keep := campaign.KeepCommand{StartsOn: cmd.StartsOn, EndsOn: cmd.EndsOn, UnitsDueOn: cmd.UnitsDueOn, DepartmentDueOn: cmd.DepartmentDueOn, Theme: &cmd.Theme, Messages: eachLine(cmd.Messages), Guidance: &cmd.Guidance, Plan: &cmd.Plan, OfficeCode: cmd.OfficeCode,
		Superior: &cmd.Superior, Office: &cmd.Office, Symbol: &cmd.Symbol, Place: &cmd.Place, Title: &cmd.Title, To: eachLine(cmd.To), Recipients: recipients, Archive: &cmd.Archive,
		Signature: &campaign.Signature{Mode: cmd.Signature.Mode, Lines: eachLine(cmd.Signature.Lines), Name: cmd.Signature.Name}}
	if len(typed) > 0 && cmd.StartsOn == "" {
		return site.Reply{}, fault.Bad(fault.Problem{Pointer: "/starts_on", Key: "required"})
	}
	if _, err := d.o.Campaigns.Keep(r.Context(), r.Who, year, version, keep); err != nil {
		return site.Reply{}, err
	}
	return see(r, campaign.Path(year)+"/thong-tin", "campaign_kept"), nil
}

func (d *Desk) postNewUnit(r *site.Request) (site.Reply, error) {
	year, err := campaignYear(r)
	if err != nil {
		return site.Reply{}, err
	}
	var cmd campaign.UnitCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	if cmd.Organisation != nil && *cmd.Organisation == uuid.Nil {
		cmd.Organisation = nil
	}
	if _, err := d.o.Campaigns.AddUnit(r.Context(), r.Who, year, cmd); err != nil {
		return site.Reply{}, err
	}
	return see(r, campaign.Path(year)+"/thong-tin", "campaign_unit_added"), nil
}

func (d *Desk) newUnitAgain(r *site.Request, err error) (site.Reply, error) {
	f := refused(r, err, nil)
	return d.settingsPage(r, ui.Form{Problems: f.Problems}, f)
}
