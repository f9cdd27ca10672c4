package desk

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"binhan/internal/calendar"
	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/i18n"
	"binhan/internal/referral"
	"binhan/internal/survivor"
	"binhan/web/ui"
	"binhan/web/ui/fields"
)

// label is the name of a code in the reader's language; nothing for no code.
func label(l i18n.Language, list codelist.Name, code string) string {
	if code == "" {
		return ""
	}
	return codelist.Get(list).Label(code, l)
}

func labels(l i18n.Language, list codelist.Name, codes []string) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = label(l, list, c)
	}
	return out
}

// options are the choices of a list that hold today; keep are codes that a record already bears and that must stay choosable.
func options(l i18n.Language, list codelist.Name, keep ...string) []ui.Option {
	var out []ui.Option
	now := time.Now().In(calendar.Zone)
	for _, e := range codelist.Get(list).On(now) {
		out = append(out, ui.Option{Value: e.Code, Label: e.Label(l)})
	}
	return keeping(l, list, out, keep)
}

func keeping(l i18n.Language, list codelist.Name, out []ui.Option, keep []string) []ui.Option {
	for _, c := range keep {
		if c != "" && !slices.ContainsFunc(out, func(o ui.Option) bool { return o.Value == c }) {
			out = append(out, ui.Option{Value: c, Label: label(l, list, c)})
		}
	}
	return out
}

func without(out []ui.Option, codes ...string) []ui.Option {
	return slices.DeleteFunc(out, func(o ui.Option) bool { return slices.Contains(codes, o.Value) })
}

func only(out []ui.Option, codes ...string) []ui.Option {
	return slices.DeleteFunc(out, func(o ui.Option) bool { return !slices.Contains(codes, o.Value) })
}

// Ways to reach her and things to avoid are free text in the record; these are the ones offered.
var (
	contactChannels = []string{"PHONE", "SMS", "ZALO", "VIA_PERSON", "MEET", "NONE"}
	mustNots        = []string{"SMS", "VISIT", "LETTER", "LEAVE_MESSAGE", "CALL_AT_NIGHT", "SAY_WHO"}
)

func said(l i18n.Language, prefix string, codes []string, keep ...string) []ui.Option {
	var out []ui.Option
	for _, c := range codes {
		out = append(out, ui.Option{Value: c, Label: l.T(prefix + c)})
	}
	for _, c := range keep {
		if c != "" && !slices.Contains(codes, c) {
			out = append(out, ui.Option{Value: c, Label: c})
		}
	}
	return out
}

// saidOr is the label of a word that the page offers, or the word as somebody wrote it.
func saidOr(l i18n.Language, prefix, word string) string {
	if word != "" && l.Has(prefix+word) {
		return l.T(prefix + word)
	}
	return word
}

// whoAnswers are the people who can answer for a consent, in the words of the work rather than of the law.
func whoAnswers(l i18n.Language) []ui.Option {
	out := options(l, codelist.ConsentActor)
	for i, o := range out {
		out[i].Label = saidOr(l, "desk.consent_actor_", o.Value)
		if out[i].Label == o.Value {
			out[i].Label = o.Label
		}
	}
	return out
}

// lists are the choices of the case forms. have is what the record already bears.
func lists(l i18n.Language, have map[string][]string) fields.Lists {
	return fields.Lists{
		Channel:        options(l, codelist.IntakeChannel, have["intake.channel"]...),
		Reporter:       options(l, codelist.ReporterType, have["intake.reporter"]...),
		Sex:            options(l, codelist.Sex, have["survivor.sex"]...),
		Ethnicity:      options(l, codelist.Ethnicity, have["survivor.ethnicity"]...),
		Occupation:     options(l, codelist.Occupation, have["survivor.occupation"]...),
		MaritalStatus:  options(l, codelist.MaritalStatus, have["survivor.marital_status"]...),
		Disability:     options(l, codelist.DisabilityType, have["survivor.disability"]...),
		Language:       options(l, codelist.SpokenLanguage, have["survivor.language"]...),
		ContactChannel: said(l, "desk.contact_", contactChannels, have["safe_contact.channel"]...),
		MustNot:        said(l, "desk.must_not_", mustNots, have["safe_contact.must_not"]...),
		Place:          options(l, codelist.IncidentPlace),
		Acts:           options(l, codelist.DVAct),
		Relationship:   options(l, codelist.Relationship),
		Services:       without(options(l, codelist.ServiceType, have["needs"]...), notNeeds...),
		Communes:       communes(),
	}
}

// notNeeds are services for others than her.
var notNeeds = []string{"PERP_COUNSEL"}

// communes are today's, each with the names that went into it.
func communes() []ui.Commune {
	now := time.Now().In(calendar.Zone)
	var out []ui.Commune
	for _, u := range codelist.Communes(now) {
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

func communeName(code string) string {
	if u, ok := codelist.AnyCommune(code); ok {
		return u.Name
	}
	return code
}

// communeTyped is what the commune's control holds.
func communeTyped(code string) string {
	if code == "" {
		return ""
	}
	return ui.Commune{Code: code, Name: communeName(code)}.Value()
}

// partialDay writes a date in whatever precision is known: 24/11/2026, 11/2026, 2026.
func partialDay(text string) string {
	parts := strings.Split(text, "-")
	slices.Reverse(parts)
	return strings.Join(parts, "/")
}

func moment(t time.Time) string { return t.In(calendar.Zone).Format("02/01/2006 15:04") }

func momentOr(t *time.Time) string {
	if t == nil {
		return ""
	}
	return moment(*t)
}

func day(t time.Time) string { return ui.Day(t) }

func yesNo(l i18n.Language, b *bool) string {
	switch {
	case b == nil:
		return ""
	case *b:
		return l.T("ui.yes")
	}
	return l.T("ui.no")
}

func number(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

func riskTone(code string) ui.Tone {
	switch code {
	case "EXTREME", "HIGH":
		return ui.Danger
	case "MEDIUM":
		return ui.Caution
	}
	return ui.Plain
}

func priorityTone(code string) ui.Tone {
	switch code {
	case "P1":
		return ui.Danger
	case "P2":
		return ui.Caution
	}
	return ui.Plain
}

func statusTone(s referral.Status) ui.Tone {
	switch s {
	case referral.Escalated:
		return ui.Danger
	case referral.Sent, referral.Received, referral.InfoRequested, referral.Declined, referral.NoShow:
		return ui.Caution
	case referral.Accepted, referral.InService, referral.Feedback, referral.Completed:
		return ui.Done
	}
	return ui.Quiet
}

// contactText is a way to reach her in one paragraph, for whoever may read it.
func contactText(l i18n.Language, c *survivor.SafeContact) string {
	if c == nil {
		return ""
	}
	var lines []string
	for _, r := range contactRows(l, c) {
		if r.Value != "" {
			lines = append(lines, r.Label+": "+r.Value)
		}
	}
	return strings.Join(lines, "\n")
}

func contactRows(l i18n.Language, c *survivor.SafeContact) []ui.Row {
	var avoid []string
	for _, m := range c.MustNot {
		avoid = append(avoid, saidOr(l, "desk.must_not_", m))
	}
	way := saidOr(l, "desk.contact_", c.Channel)
	if way == "" && c.Value != "" {
		way = l.T("desk.contact_any")
	}
	return []ui.Row{
		{Label: or(way, l.T("desk.contact_any")), Value: or(c.Value, way)},
		{Label: l.T("page_casefile.read_hours"), Value: c.Hours},
		{Label: l.T("page_casefile.if_other_answers"), Value: c.CodeWord},
		{Label: l.T("page_casefile.read_message"), Value: yesNo(l, c.MayLeaveMessage)},
		{Label: l.T("page_casefile.read_must_not"), Value: strings.Join(avoid, " · ")},
	}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// perpetratorText is one sentence about a person who used violence.
func perpetratorText(l i18n.Language, p casefile.Perpetrator) string {
	parts := []string{p.Name, label(l, codelist.Sex, p.Sex)}
	if p.Age != nil {
		parts = append(parts, l.T("desk.years", "n", *p.Age))
	}
	parts = append(parts, label(l, codelist.Relationship, p.Relationship))
	return joined(", ", parts...)
}

func joined(sep string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), sep)
}

// incidentText is an event in a few lines, for the preview and the receiver.
func incidentText(l i18n.Language, i casefile.IncidentView) string {
	return joined("\n",
		joined(", ", incidentWhen(l, i), communeNameOr(i.Commune), label(l, codelist.IncidentPlace, i.Place)),
		joined(" · ", labels(l, codelist.ViolenceForm, i.Forms)...),
		joined(" · ", labels(l, codelist.DVAct, i.Acts)...),
		withLabel(l.T("page_casefile.read_relationship"), label(l, codelist.Relationship, i.Relationship)),
		i.Description)
}

func withLabel(name, value string) string {
	if value == "" {
		return ""
	}
	return name + ": " + value
}

func communeNameOr(code string) string {
	if code == "" {
		return ""
	}
	return communeName(code)
}

func incidentWhen(l i18n.Language, i casefile.IncidentView) string {
	if i.OccurredOn == "" {
		return l.T("desk.when_unknown")
	}
	return partialDay(i.OccurredOn)
}
