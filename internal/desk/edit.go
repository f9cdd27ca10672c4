package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/calendar"
	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/site"
	pages "binhan/web/pages/casefile"
	"binhan/web/ui"
)

// documentOf is what a correction corrects.
func documentOf(v casefile.View) casefile.Document {
	doc := casefile.Document{Survivor: v.Survivor, SafeContact: v.SafeContact, Intake: v.Intake, Needs: v.Needs, Status: v.Status, Risk: v.Risk}
	if v.Narrative != "" {
		doc.Narrative = &v.Narrative
	}
	return doc
}

// valuesOf writes a document into the names of its form: the paths of its JSON, dates in three parts, communes by name, times as the browser wants them.
func valuesOf(doc casefile.Document) (url.Values, error) {
	raw, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, err
	}
	out := url.Values{}
	var walk func(name string, v any)
	walk = func(name string, v any) {
		switch x := v.(type) {
		case map[string]any:
			for k, y := range x {
				walk(strings.TrimPrefix(name+"."+k, "."), y)
			}
		case []any:
			for _, y := range x {
				out.Add(name, fmt.Sprint(y))
			}
		case float64:
			out.Set(name, fmt.Sprintf("%.0f", x))
		case nil:
		default:
			out.Set(name, fmt.Sprint(x))
		}
	}
	walk("", tree)
	if d := out.Get("survivor.birth_date"); d != "" {
		for i, part := range strings.Split(d, "-") {
			out.Set("survivor.birth_date"+[]string{".year", ".month", ".day"}[min(i, 2)], part)
		}
		out.Del("survivor.birth_date")
	}
	if c := out.Get("survivor.commune"); c != "" {
		out.Set("survivor.commune", communeTyped(c))
	}
	if doc.Intake != nil && doc.Intake.ReceivedAt != nil {
		out.Set("intake.received_at", ui.Local(*doc.Intake.ReceivedAt))
	}
	return out, nil
}

func (d *Desk) editPage(r *site.Request, v casefile.View, have url.Values, f ui.Form) site.Reply {
	view := pages.Edit{ID: v.ID.String(), Code: v.Code, Form: f, Lists: lists(r.Lang, have), Risk: options(r.Lang, codelist.RiskLevel, v.Risk),
		Status: statusOptions(r.Lang, v.Status)}
	return page(r, pages.EditPage(d.opened(r, "page_casefile.edit_title", ui.CasePath(view.ID, "sua")), view))
}

// notByHand are the states that acts of their own give.
var notByHand = []string{"ERASED", "ARCHIVED", "CLOSED", "REOPENED"}

// statusOptions are the states that are set by hand, and the one that the case is in.
func statusOptions(l i18n.Language, now string) []ui.Option {
	return without(options(l, codelist.CaseStatus, now), slices.DeleteFunc(slices.Clone(notByHand), func(s string) bool { return s == now })...)
}

func (d *Desk) getEdit(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	v, err := d.o.Cases.Read(r.Context(), r.Who, id)
	if err == nil && len(v.Damaged) > 0 { // what she would save over is not gone yet
		err = fault.New(fault.Conflict, "case_damaged")
	}
	if err != nil {
		return site.Reply{}, err
	}
	have, err := valuesOf(documentOf(v))
	if err != nil {
		return site.Reply{}, err
	}
	return d.editPage(r, v, have, ui.Form{Values: have, Key: newKey(), Version: fmt.Sprint(v.Version)}), nil
}

// postEdit replaces what is recorded by what stands in the form: an emptied field is cleared. Every field of the document is on the form; a time that
// the browser's control cannot hold to the second stays as it was when nobody touched it.
func (d *Desk) postEdit(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	version, err := r.IfMatch()
	if err != nil {
		return site.Reply{}, err
	}
	var after casefile.Document
	if err := bind(r, &after, nil); err != nil {
		return site.Reply{}, err
	}
	_, err = d.o.Cases.Correct(r.Context(), r.Who, id, version, func(document []byte) (casefile.Document, error) {
		var before casefile.Document
		if err := site.Decode(document, &before); err != nil {
			return casefile.Document{}, err
		}
		doc := after
		if doc.Intake != nil && doc.Intake.ReceivedAt != nil && before.Intake != nil && before.Intake.ReceivedAt != nil &&
			ui.Local(*doc.Intake.ReceivedAt) == ui.Local(*before.Intake.ReceivedAt) {
			in := *doc.Intake
			in.ReceivedAt = before.Intake.ReceivedAt
			doc.Intake = &in
		}
		return doc, nil
	})
	if err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.CasePath(id.String()), "corrected"), nil
}

// editAgain shows the form again with everything typed. When somebody changed the case meanwhile, each field that now differs says what is stored,
// and the form then starts from that version: she sees both and chooses.
func (d *Desk) editAgain(r *site.Request, err error) (site.Reply, error) {
	id, idErr := r.ID("id")
	if idErr != nil {
		return site.Reply{}, idErr
	}
	v, readErr := d.o.Cases.Read(r.Context(), r.Who, id)
	if silent(readErr) {
		return page(r, d.typedAlone(r, refused(r, err, nil))), nil
	}
	if readErr != nil {
		return site.Reply{}, readErr
	}
	have, haveErr := valuesOf(documentOf(v))
	if haveErr != nil {
		return site.Reply{}, haveErr
	}
	f := refused(r, err, nil)
	if errors.Is(err, fault.Stale) {
		f.Version = fmt.Sprint(v.Version)
		f.Problems = bothVersions(r.Lang, v.UpdatedAt, url.Values(f.Values), have)
	}
	return d.editPage(r, v, have, f), nil
}

// bothVersions says at each field that differs what is stored now; the typed answer stands in the field.
func bothVersions(l i18n.Language, at time.Time, typed, stored url.Values) []ui.Problem {
	out := []ui.Problem{{Text: l.T("desk.changed_meanwhile", "at", moment(at))}}
	mine, theirs := settled(typed), settled(stored)
	names := map[string]bool{}
	for n := range mine {
		names[n] = true
	}
	for n := range theirs {
		names[n] = true
	}
	sorted := make([]string, 0, len(names))
	for n := range names {
		sorted = append(sorted, n)
	}
	slices.Sort(sorted)
	for _, n := range sorted {
		if slices.Equal(mine[n], theirs[n]) {
			continue
		}
		out = append(out, ui.Problem{Field: n, Text: l.T("desk.stored_now", "label", or(fieldLabel(l, n), n), "value", or(storedText(l, n, theirs[n]), l.T("desk.nothing")))})
	}
	return out
}

// settled is a form without what nobody answered, its dates whole, so that two of them can be compared.
func settled(typed url.Values) url.Values {
	out := url.Values{}
	for name, values := range answers(typed, nil) {
		if strings.HasPrefix(name, "_") || name == "idempotency_key" || name == "if_match" {
			continue
		}
		for _, v := range values {
			if v = strings.TrimSpace(strings.ReplaceAll(v, "\r\n", "\n")); v != "" {
				out.Add(name, v)
			}
		}
	}
	const born = "survivor.birth_date"
	if y := out.Get(born + ".year"); y != "" {
		out.Set(born, joined("-", y, twoDigits(out.Get(born+".month")), twoDigits(out.Get(born+".day"))))
	}
	for _, part := range []string{".year", ".month", ".day"} {
		out.Del(born + part)
	}
	return out
}

func twoDigits(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}

// listOf tells by which list a field's codes are read.
var listOf = map[string]codelist.Name{
	"survivor.sex": codelist.Sex, "survivor.ethnicity": codelist.Ethnicity, "survivor.occupation": codelist.Occupation, "survivor.marital_status": codelist.MaritalStatus,
	"survivor.language": codelist.SpokenLanguage, "survivor.disability": codelist.DisabilityType, "intake.channel": codelist.IntakeChannel, "intake.reporter": codelist.ReporterType,
	"needs": codelist.ServiceType, "status": codelist.CaseStatus, "risk": codelist.RiskLevel,
}

func storedText(l i18n.Language, name string, values []string) string {
	var out []string
	for _, v := range values {
		switch {
		case listOf[name] != "":
			v = label(l, listOf[name], v)
		case name == "survivor.commune":
			v = communeName(v)
		case name == "survivor.birth_date":
			v = partialDay(v)
		case name == "safe_contact.channel":
			v = saidOr(l, "desk.contact_", v)
		case name == "safe_contact.must_not":
			v = saidOr(l, "desk.must_not_", v)
		case name == "safe_contact.may_leave_message":
			yes := v == "true"
			v = yesNo(l, &yes)
		case name == "intake.received_at":
			if t, err := time.ParseInLocation("2006-01-02T15:04", v, calendar.Zone); err == nil {
				v = moment(t)
			}
		}
		out = append(out, v)
	}
	return strings.Join(out, " · ")
}

// caseCode is the code of a case for the head of its steps.
func (d *Desk) caseCode(r *site.Request) (uuid.UUID, string, error) {
	id, err := r.ID("id")
	if err != nil {
		return uuid.Nil, "", err
	}
	v, err := d.o.Cases.Read(r.Context(), r.Who, id)
	return id, v.Code, err
}
