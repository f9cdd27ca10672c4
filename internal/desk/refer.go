package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/consent"
	"binhan/internal/directory"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/referral"
	"binhan/internal/site"
	pages "binhan/web/pages/referral"
	"binhan/web/ui"
)

// minimum is what is ticked until somebody unticks it.
var minimum = []string{"name", "safe_contact", "needs"}

// referForm is the page's form. Opinion is what she thinks of it; from it follows whether a consent or a ground in law is sent along.
type referForm struct {
	Service    string    `json:"service"`
	To         uuid.UUID `json:"to"`
	Priority   string    `json:"priority"`
	Reason     string    `json:"reason"`
	Needs      []string  `json:"needs"`
	NeedsNote  string    `json:"needs_note"`
	Fields     []string  `json:"fields"`
	Opinion    string    `json:"opinion"`
	Consent    string    `json:"consent"`
	By         string    `json:"consent_by"`
	Method     string    `json:"consent_method"`
	LegalBasis struct {
		Code   string `json:"code"`
		Reason string `json:"reason"`
	} `json:"legal_basis"`
	Draft bool `json:"draft"`
}

func (f referForm) command() referral.Command {
	return referral.Command{Service: f.Service, To: f.To, Priority: f.Priority, Reason: f.Reason, Needs: f.Needs, NeedsNote: f.NeedsNote, Fields: f.Fields, Draft: f.Draft}
}

// getRefer shows the form. ?service= chooses the service beforehand; a code, nothing about anybody.
func (d *Desk) getRefer(r *site.Request) (site.Reply, error) {
	typed := url.Values{"fields": minimum, "consent_by": {"SELF"}}
	if s := r.Query("service"); codelist.Get(codelist.ServiceType).Has(s) {
		typed.Set("service", s)
	}
	return d.referPage(r, ui.Form{Values: typed, Key: newKey()}, nil)
}

// referPage draws the form with exactly what the receiver would read of each field.
func (d *Desk) referPage(r *site.Request, f ui.Form, preview []ui.Row) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	l := r.Lang
	c, err := d.o.Cases.Read(r.Context(), r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	all, err := d.o.Referrals.Preview(r.Context(), r.Who, id, referral.Command{Fields: consent.Fields})
	if err != nil {
		return site.Reply{}, err
	}
	offers, err := d.o.Directory.Offers(r.Context(), r.Who, directory.OfferFilter{Commune: c.Commune})
	if err != nil {
		return site.Reply{}, err
	}
	given, err := d.o.Cases.Consents(r.Context(), r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.New{CaseID: id.String(), Code: c.Code, Form: f, Preview: preview, Services: offered(l, offers, r.Who.Organisation), Needs: without(options(l, codelist.ServiceType), notNeeds...),
		By: whoAnswers(l), Method: options(l, codelist.ConsentMethod), Bases: without(options(l, codelist.LegalBasis), "CONSENT", "AGREEMENT")}
	v.Receivers = receivers(l, offers, r.Who.Organisation, f.Get("service"))
	if r.HTTP().Method == http.MethodGet && len(v.Receivers) > 0 && slices.Contains(v.Receivers[0].Codes, f.Get("service")) && !v.Receivers[0].Busy {
		v.Form.Values["to"] = []string{v.Receivers[0].ID} // the nearest that can take it; one tap less in danger
	}
	for _, p := range options(l, codelist.ReferralPriority) {
		if h, ok := codelist.Get(codelist.ReferralPriority).NoteInt(p.Value, "ack_h"); ok {
			p.Hint = l.T("desk.answer_within", "n", h)
		}
		v.Priorities = append(v.Priorities, p)
	}
	v.Fields = shared(l, all)
	names := map[string]string{}
	for _, o := range offers {
		names[o.Organisation.ID.String()] = o.Organisation.Name
	}
	w := whole{orgs: names}
	for _, x := range given {
		if x.Live && (x.Recipient != "" || strings.HasPrefix(x.Purpose, "SHARE_")) {
			v.Consents = append(v.Consents, ui.Option{Value: x.ID.String(), Label: joined(", ", or(w.recipient(l, x.Recipient), label(l, codelist.ConsentPurpose, x.Purpose)), day(x.GivenAt))})
		}
	}
	for _, p := range shortNumbers(l) {
		if p.Number == "113" || p.Number == "115" {
			v.Phones = append(v.Phones, pages.Phone{Label: p.Number + " " + p.Label, Number: p.Number})
		}
	}
	return page(r, pages.NewPage(d.opened(r, "page_referral.new_title", ui.CasePath(v.CaseID, "chuyen-gui", "moi")), v)), nil
}

// offered are the services that somebody else offers today.
func offered(l i18n.Language, offers []directory.Offer, own uuid.UUID) []ui.Option {
	var codes []string
	for _, o := range offers {
		if o.Organisation.ID != own {
			codes = append(codes, o.Type)
		}
	}
	return only(options(l, codelist.ServiceType), codes...)
}

// receivers are all who offer something where she lives: the page leaves those that offer the chosen service. Offers come with the ones of her own commune first;
// whoever offers the service that was asked for goes before, whoever is full stands last.
func receivers(l i18n.Language, offers []directory.Offer, own uuid.UUID, service string) []pages.Receiver {
	type found struct {
		pages.Receiver
		weight int
	}
	var list []found
	at := map[uuid.UUID]int{}
	for _, o := range offers {
		if o.Organisation.ID == own {
			continue
		}
		i, known := at[o.Organisation.ID]
		if !known {
			i = len(list)
			at[o.Organisation.ID] = i
			list = append(list, found{Receiver: pages.Receiver{ID: o.Organisation.ID.String(), Name: o.Organisation.Name, Busy: true}})
		}
		x := &list[i]
		x.Offers, x.Codes = append(x.Offers, label(l, codelist.ServiceType, o.Type)), append(x.Codes, o.Type)
		x.Busy = x.Busy && full(o)
		x.Duty, x.Phone = or(x.Duty, duty(l, o)), or(x.Phone, o.Phone)
		if service == o.Type {
			x.weight += 4
		}
	}
	for i := range list {
		if !list[i].Busy {
			list[i].weight += 2
		}
	}
	slices.SortStableFunc(list, func(a, b found) int { return b.weight - a.weight })
	out := make([]pages.Receiver, len(list))
	for i, x := range list {
		out[i] = x.Receiver
	}
	return out
}

func full(o directory.Offer) bool {
	return !o.OpenNow || o.CapacityToday != nil && *o.CapacityToday == 0
}

func duty(l i18n.Language, o directory.Offer) string {
	switch {
	case !o.OpenNow:
		return l.T("desk.closed_now")
	case o.CapacityToday != nil:
		return l.T("desk.capacity", "n", *o.CapacityToday)
	}
	return ""
}

// shared are the fields that hold something, each as the receiver would read it, the minimum first.
func shared(l i18n.Language, all referral.Disclosed) []pages.Field {
	values := disclosedText(l, all)
	var out []pages.Field
	for _, code := range append(slices.Clone(minimum), consent.Fields...) {
		if values[code] == "" || slices.ContainsFunc(out, func(f pages.Field) bool { return f.Code == code }) {
			continue
		}
		f := pages.Field{Code: code, Label: l.T("desk.share_" + code), Value: values[code], Default: slices.Contains(minimum, code)}
		if key := "desk.share_note_" + code; l.Has(key) {
			f.Note = l.T(key)
		}
		out = append(out, f)
	}
	return out
}

// disclosedText is each shared field in words, by its code; what was not shared or is not known is not there.
func disclosedText(l i18n.Language, x referral.Disclosed) map[string]string {
	var incidents, people, files []string
	for _, i := range x.Incidents {
		incidents = append(incidents, incidentText(l, i))
	}
	for _, p := range x.Perpetrators {
		people = append(people, perpetratorText(l, p))
	}
	if n := len(x.Evidence); n > 0 {
		files = append(files, l.T("desk.files", "n", n))
	}
	years := ""
	if x.Age != nil {
		years = l.T("desk.years", "n", *x.Age)
	}
	return map[string]string{
		"name": x.Name, "sex": label(l, codelist.Sex, x.Sex), "age": years, "birth_date": partialDay(x.BirthDate), "phone": x.Phone, "id_number": x.IDNumber, "address": x.Address,
		"commune": communeNameOr(x.Commune), "safe_contact": contactText(l, x.SafeContact), "ethnicity": label(l, codelist.Ethnicity, x.Ethnicity),
		"language": label(l, codelist.SpokenLanguage, x.Language), "needs": joined(" · ", labels(l, codelist.ServiceType, x.Needs)...), "incident": joined("\n\n", incidents...),
		"narrative": x.Narrative, "risk": label(l, codelist.RiskLevel, x.Risk), "perpetrator": joined("\n", people...), "evidence": joined("", files...),
	}
}

// postRefer sends. What she agreed to on this page is recorded first, as a consent of its own, and the referral stands on it.
func (d *Desk) postRefer(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var f referForm
	if err := bind(r, &f, nil); err != nil {
		return site.Reply{}, err
	}
	if r.Values.Get("_preview") != "" {
		return d.preview(r, id, f)
	}
	if !f.Draft && f.Opinion != "REFUSED" && r.Values.Get("_receiver_read") != "yes" {
		// Chosen once, read once more: a referral that went to the wrong place has told it everything before it is recalled.
		return site.Reply{}, fault.Bad(fault.Problem{Pointer: "/_receiver_read", Key: "read_receiver_again"})
	}
	cmd := f.command()
	switch f.Opinion {
	case "GIVEN", "PARTLY":
		if err := d.onConsent(r, id, f, &cmd); err != nil {
			return site.Reply{}, err
		}
	case "NOT_ASKED":
		cmd.LegalBasis = &referral.LegalBasis{Code: f.LegalBasis.Code, Reason: f.LegalBasis.Reason}
	case "REFUSED":
		if !f.Draft {
			return site.Reply{}, fault.Bad(fault.Problem{Pointer: "/opinion", Key: "she_refused"})
		}
		return d.noteNeed(r, id, f)
	default:
		return site.Reply{}, fault.Bad(fault.Problem{Pointer: "/opinion", Key: "required"})
	}
	v, err := d.o.Referrals.Create(r.Context(), r.Who, id, cmd)
	if err != nil {
		return site.Reply{}, err
	}
	flash := "sent"
	if v.Status == referral.Draft {
		flash = "drafted"
	}
	return see(r, ui.TicketPath(v.ID.String()), flash), nil
}

func (d *Desk) preview(r *site.Request, id uuid.UUID, f referForm) (site.Reply, error) {
	r.Who.Request.Claim = nil // looking is not sending
	x, err := d.o.Referrals.Preview(r.Context(), r.Who, id, f.command())
	if err != nil {
		return site.Reply{}, err
	}
	values := disclosedText(r.Lang, x)
	var rows []ui.Row
	for _, code := range consent.Fields {
		rows = append(rows, ui.Row{Label: r.Lang.T("desk.share_" + code), Value: values[code]})
	}
	return d.referPage(r, ui.Form{Values: r.Values, Key: or(r.Values.Get("idempotency_key"), newKey())}, rows)
}

// onConsent names the consent on which the referral stands: an earlier one, or the one just given, which is written down first. Everything that can be
// refused without asking the database is refused before that, so that a mistyped form leaves no consent behind.
func (d *Desk) onConsent(r *site.Request, id uuid.UUID, f referForm, cmd *referral.Command) error {
	if f.Consent != "" && f.Consent != "new" {
		given, err := uuid.Parse(f.Consent)
		if err != nil {
			return fault.Bad(fault.Problem{Pointer: "/consent", Key: "no_such_consent"})
		}
		cmd.Consent = &given
		return nil
	}
	trial := *cmd
	trial.Consent = &uuid.UUID{}
	if err := trial.Check(); err != nil {
		return err
	}
	if err := answeredHow("GIVEN", f.By, f.Method, "/consent_by", "/consent_method"); err != nil {
		return err
	}
	to, err := d.receiver(r, f)
	if err != nil {
		return err
	}
	who := r.Who
	who.Request.Claim = nil // the idempotency key belongs to the referral
	v, err := d.o.Cases.Consent(r.Context(), who, id, consent.Command{Purpose: consent.PurposeFor(to.Type), Recipient: to.ID.String(), Fields: f.Fields, Decision: "GIVEN", By: f.By, Method: f.Method})
	if err != nil {
		return err
	}
	cmd.Consent = &v.ID
	r.Values.Set("consent", v.ID.String()) // if the referral is refused, the form goes on with this consent instead of recording it again
	return nil
}

// receiver finds the addressee among those who offer the service today.
func (d *Desk) receiver(r *site.Request, f referForm) (directory.Brief, error) {
	offers, err := d.o.Directory.Offers(r.Context(), r.Who, directory.OfferFilter{Type: f.Service})
	if err != nil {
		return directory.Brief{}, err
	}
	for _, o := range offers {
		if o.Organisation.ID == f.To && f.To != r.Who.Organisation {
			return o.Organisation, nil
		}
	}
	return directory.Brief{}, fault.Bad(fault.Problem{Pointer: "/to", Key: "service_not_offered"})
}

// noteNeed writes down what she would need where she did not agree to a referral: her answer, and the need in the case. Nothing leaves the case.
func (d *Desk) noteNeed(r *site.Request, id uuid.UUID, f referForm) (site.Reply, error) {
	if f.Service == "" {
		return site.Reply{}, fault.Bad(fault.Problem{Pointer: "/service", Key: "required"})
	}
	c, err := d.o.Cases.Read(r.Context(), r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	if !slices.Contains(c.Needs, f.Service) {
		who := r.Who
		who.Request.Claim = nil
		if _, err := d.o.Cases.Correct(r.Context(), who, id, c.Version, withNeed(f.Service)); err != nil {
			return site.Reply{}, err
		}
	}
	if f.To != uuid.Nil {
		to, err := d.receiver(r, f)
		if err != nil {
			return site.Reply{}, err
		}
		if _, err := d.o.Cases.Consent(r.Context(), r.Who, id, consent.Command{Purpose: consent.PurposeFor(to.Type), Recipient: to.ID.String(), Decision: "REFUSED", By: or(f.By, "SELF"), Method: f.Method}); err != nil {
			return site.Reply{}, err
		}
	}
	return see(r, ui.CasePath(id.String()), "need_noted"), nil
}

func withNeed(service string) casefile.Patch {
	return func(document []byte) (casefile.Document, error) {
		var doc casefile.Document
		err := site.Decode(document, &doc)
		doc.Needs = append(doc.Needs, service)
		return doc, err
	}
}

func (d *Desk) referAgain(r *site.Request, err error) (site.Reply, error) {
	return d.referPage(r, refused(r, err, nil), nil)
}
