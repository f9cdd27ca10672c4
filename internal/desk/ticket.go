package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/codelist"
	"binhan/internal/consent"
	"binhan/internal/directory"
	"binhan/internal/i18n"
	"binhan/internal/referral"
	"binhan/internal/site"
	pages "binhan/web/pages/referral"
	"binhan/web/ui"
)

// moveRoute is one move as the page makes it: name is the machine's, path the page's.
type moveRoute struct {
	name, path string
	act        access.Act
	do         site.Endpoint
}

// moves are those of the machine that a person makes, under the addresses of the pages.
func (d *Desk) moves() []moveRoute {
	s := d.o.Referrals
	return []moveRoute{
		{"sending", "gui", access.SendReferral, plain(s.Send, "sent")},
		{"acknowledgement", "da-nhan", access.AcknowledgeReferral, plain(s.Acknowledge, "acknowledged")},
		{"acceptance", "tiep-nhan", access.AcceptReferral, plain(s.Accept, "accepted")},
		{"decline", "chua-the-nhan", access.DeclineReferral, with(s.Decline, "declined")},
		{"question", "hoi", access.AskReferral, with(s.Ask, "asked")},
		{"answer", "tra-loi", access.AnswerReferral, with(s.Answer, "answered")},
		{"forward", "chuyen-tiep", access.ForwardReferral, with(s.Forward, "forwarded")},
		{"withdrawal", "thu-hoi", access.WithdrawReferral, with(s.Withdraw, "called_back")},
		{"start", "bat-dau", access.StartReferral, plain(s.Start, "started")},
		{"outcome", "ket-qua", access.ReportReferral, with(s.Report, "reported")},
		{"closing", "dong", access.CloseReferral, plain(s.Close, "closed")},
	}
}

// with makes the endpoint of a move that takes words.
func with[C any](move func(context.Context, access.Actor, uuid.UUID, C) (referral.View, error), flash string) site.Endpoint {
	return func(r *site.Request) (site.Reply, error) {
		id, err := r.ID("id")
		if err != nil {
			return site.Reply{}, err
		}
		var cmd C
		if err := bind(r, &cmd, nil); err != nil {
			return site.Reply{}, err
		}
		if _, err := move(r.Context(), r.Who, id, cmd); err != nil {
			return site.Reply{}, err
		}
		return see(r, ui.TicketPath(id.String()), flash), nil
	}
}

// plain makes the endpoint of a move that takes none.
func plain(move func(context.Context, access.Actor, uuid.UUID) (referral.View, error), flash string) site.Endpoint {
	return with(func(ctx context.Context, who access.Actor, id uuid.UUID, _ struct{}) (referral.View, error) {
		return move(ctx, who, id)
	}, flash)
}

func (d *Desk) getTicket(r *site.Request) (site.Reply, error) {
	return d.ticketPage(r, "", ui.Form{Key: newKey()})
}

// ticketAgain shows the referral as it stands now, with the refused move open and what was typed in it.
func (d *Desk) ticketAgain(move string) func(*site.Request, error) (site.Reply, error) {
	return func(r *site.Request, err error) (site.Reply, error) {
		return d.ticketPage(r, move, refused(r, err, nil))
	}
}

func (d *Desk) ticketPage(r *site.Request, move string, f ui.Form) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	x, err := d.o.Referrals.Read(r.Context(), r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	l, now := r.Lang, time.Now()
	v := pages.Ticket{
		ID: x.ID.String(), Code: x.Code, Version: fmt.Sprint(x.Version), In: x.Side == referral.Receiver, Service: label(l, codelist.ServiceType, x.Service),
		Priority: label(l, codelist.ReferralPriority, x.Priority), PriorityTone: priorityTone(x.Priority), Status: label(l, codelist.ReferralStatus, string(x.Status)), Tone: statusTone(x.Status),
		StatusText: statusText(l, x), From: x.From.Name, To: x.To.Name, Due: dues(l, now, x), Commune: communeNameOr(x.Commune), AgeBand: ageBand(l, x.AgeBand),
		Needs: labels(l, codelist.ServiceType, x.Needs), Outcome: outcome(l, x), History: courseOf(l, x), Form: f, Move: move, May: d.mayMove(r, x),
		DeclineReasons: options(l, codelist.ReferralDecline), Results: said(l, "desk.result_", referral.Results),
	}
	if x.Side != referral.Receiver && x.Service == "SHELTER" && (x.Status == referral.Accepted || x.Status == referral.InService) && may(r, access.LocateShelter) {
		v.Shelter = ui.ShelterPath(x.To.ID.String())
	}
	if x.SentAt != nil {
		v.Sent = moment(*x.SentAt)
	}
	if x.TakenBy != nil {
		v.Taker = x.TakenBy.Name
	}
	if x.Case != nil {
		v.CaseID, v.CaseCode = x.Case.ID.String(), x.Case.Code
	}
	disclose(l, x, &v)
	for _, e := range x.History {
		if (e.Move == "question" || e.Move == "answer") && e.Text != "" {
			v.Messages = append(v.Messages, pages.Message{At: moment(e.At), Who: joined(", ", e.By.Name, e.Org.Name), Text: e.Text, Question: e.Move == "question"})
		}
	}
	if err := d.directoryOf(r, x, &v); err != nil {
		return site.Reply{}, err
	}
	path := ui.PathReferralsOut
	if v.In {
		path = ui.PathReferralsIn
	}
	sh := d.opened(r, "page_referral.envelope", ui.TicketPath(v.ID))
	for i := range sh.Nav {
		sh.Nav[i].Current = sh.Nav[i].Href == path
	}
	return page(r, pages.TicketPage(sh, v)), nil
}

// mayMove asks state, role and side: a button that the gate would refuse does not stand on the page.
func (d *Desk) mayMove(r *site.Request, x referral.View) pages.Moves {
	can := map[string]bool{}
	for _, m := range d.moves() {
		can[m.name] = slices.Contains(x.Moves, m.name) && may(r, m.act)
	}
	return pages.Moves{Send: can["sending"], Acknowledge: can["acknowledgement"], Accept: can["acceptance"], Decline: can["decline"], Ask: can["question"], Answer: can["answer"],
		Forward: can["forward"], Withdraw: can["withdrawal"], Start: can["start"], Outcome: can["outcome"], Close: can["closing"]}
}

// disclose puts what lies open to this reader on the page. What was not shared is not there.
func disclose(l i18n.Language, x referral.View, v *pages.Ticket) {
	if x.NoAgreement && !v.In {
		v.Warning = l.T("desk.no_agreement")
	}
	if x.Disclosed == nil {
		switch {
		case x.Status == referral.ConsentWithdrawn:
			v.Stopped = l.T("desk.stopped_consent")
		case v.In && (x.Status == referral.Cancelled || x.Status == referral.Completed || x.Status == referral.Expired):
			v.Stopped = l.T("desk.stopped_over")
		}
		return
	}
	v.Opened = true
	v.Reason, v.NeedsNote = x.Disclosed.Reason, x.Disclosed.NeedsNote
	values := disclosedText(l, *x.Disclosed)
	if c := x.Disclosed.SafeContact; c != nil {
		v.Contact = contactRows(l, c)
	}
	for _, code := range consent.Fields {
		if code != "safe_contact" {
			v.Shared = append(v.Shared, ui.Row{Label: l.T("desk.share_" + code), Value: values[code]})
		}
	}
	if x.Disclosed.LegalReason != "" {
		v.Shared = append(v.Shared, ui.Row{Label: l.T("desk.legal_reason"), Value: joined(": ", label(l, codelist.LegalBasis, x.LegalBasis), x.Disclosed.LegalReason)})
	}
	for _, code := range []string{"incident", "narrative", "perpetrator", "needs", "evidence"} {
		if v.In && values[code] != "" {
			v.Told = append(v.Told, l.T("desk.told_"+code))
		}
	}
}

// directoryOf adds whom to call and where it could be passed on.
func (d *Desk) directoryOf(r *site.Request, x referral.View, v *pages.Ticket) error {
	open := slices.Contains([]referral.Status{referral.Sent, referral.Received, referral.Escalated, referral.InfoRequested, referral.Accepted, referral.InService}, x.Status)
	if !open {
		return nil
	}
	offers, err := d.o.Directory.Offers(r.Context(), r.Who, directory.OfferFilter{})
	if err != nil {
		return err
	}
	other := x.To.ID
	if v.In {
		other = x.From.ID
	}
	for _, o := range offers {
		if o.Organisation.ID == other && o.Phone != "" && len(v.Phones) == 0 {
			v.Phones = append(v.Phones, pages.Phone{Label: r.Lang.T("desk.call", "name", o.Organisation.Name), Number: o.Phone})
		}
		if v.May.Forward && o.Type == x.Service && o.Organisation.ID != x.To.ID && o.Organisation.ID != x.From.ID {
			v.ForwardTo = append(v.ForwardTo, ui.Option{Value: o.Organisation.ID.String(), Label: o.Organisation.Name, Hint: duty(r.Lang, o)})
		}
	}
	if len(v.ForwardTo) == 0 {
		v.May.Forward = false // nobody else offers it
	}
	for _, p := range shortNumbers(r.Lang) {
		if p.Number == "113" && x.Priority == "P1" {
			v.Phones = append(v.Phones, pages.Phone{Label: p.Number + " " + p.Label, Number: p.Number})
		}
	}
	return nil
}

// statusText says what the state means for this reader.
func statusText(l i18n.Language, x referral.View) string {
	side := "sender"
	if x.Side == referral.Receiver {
		side = "receiver"
	}
	key := "desk.ticket_" + side + "_" + string(x.Status)
	if !l.Has(key) {
		return ""
	}
	_, due := nextDue(l, x)
	return l.T(key, "sent", momentOr(x.SentAt), "due", momentOr(due))
}

// dues are the four deadlines with what became of each.
func dues(l i18n.Language, now time.Time, x referral.View) []pages.Due {
	met := func(moves ...string) bool {
		return slices.ContainsFunc(x.History, func(e referral.Entry) bool { return slices.Contains(moves, e.Move) })
	}
	var out []pages.Due
	for _, w := range []struct {
		key string
		at  *time.Time
		met bool
	}{
		{"acknowledge", x.Due.Acknowledge, met("acknowledgement", "acceptance", "decline", "question", "forward")},
		{"accept", x.Due.Accept, met("acceptance", "decline", "forward")},
		{"first_contact", x.Due.FirstContact, met("start", "outcome", "no_show")},
		{"outcome", x.Due.Outcome, met("outcome", "no_show")},
	} {
		if w.at == nil {
			continue
		}
		u := pages.Due{Label: l.T("desk.due_" + w.key), At: moment(*w.at), Met: w.met}
		if !w.met && !over(x) && x.Status != referral.Declined {
			u.Words, u.Overdue = ui.Deadline(l, now, *w.at)
		}
		out = append(out, u)
	}
	return out
}

func outcome(l i18n.Language, x referral.View) []ui.Row {
	for _, e := range slices.Backward(x.History) {
		if e.Move == "outcome" || e.Move == "no_show" {
			return []ui.Row{
				{Label: l.T("page_referral.result"), Value: saidOr(l, "desk.result_", e.Code)},
				{Label: l.T("desk.reported_at"), Value: moment(e.At)},
				{Label: l.T("page_referral.note"), Value: e.Text},
			}
		}
	}
	return nil
}

// courseOf is the course of a referral, the newest first.
func courseOf(l i18n.Language, x referral.View) []ui.Event {
	var out []ui.Event
	for _, e := range slices.Backward(x.History) {
		v := ui.Event{At: moment(e.At), What: l.T("move." + e.Move), Who: joined(", ", e.By.Name, e.Org.Name)}
		if e.Move == "creation" && e.To == referral.Sent {
			v.What = l.T("move.sending") // written and sent in one step
		}
		switch e.Move {
		case "decline":
			v.Note = joined(": ", label(l, codelist.ReferralDecline, e.Code), e.Text)
		case "forward", "withdrawal":
			v.Note = e.Text
		}
		out = append(out, v)
	}
	return out
}
