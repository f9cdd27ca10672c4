package desk

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/i18n"
	"binhan/internal/referral"
	"binhan/internal/release"
	"binhan/internal/site"
	pages "binhan/web/pages/today"
	"binhan/web/ui"
)

func (d *Desk) todayRoutes() []site.Route {
	// What is on it depends on the role; each part asks for its own act.
	return []site.Route{{Method: "GET", Path: ui.PathToday, Anyone: true, Do: unlocked(d.getToday)}}
}

// todo is one thing to do, with what it is sorted by.
type todo struct {
	pages.Item
	due *time.Time
}

func (d *Desk) getToday(r *site.Request) (site.Reply, error) {
	now := time.Now()
	var todos []todo
	waiting := 0
	for _, box := range []struct {
		name string
		act  access.Act
		todo func(i18n.Language, referral.View) (verb string, due *time.Time)
	}{{"in", access.ListReceived, receiverTodo}, {"out", access.ListSent, senderTodo}} {
		if !may(r, box.act) {
			continue
		}
		list, err := d.box(r, box.name)
		if err != nil {
			return site.Reply{}, err
		}
		for _, v := range list {
			verb, due := box.todo(r.Lang, v)
			if verb == "" || box.name == "out" && !may(r, access.CreateReferral) && !v.Overdue {
				continue // who supervises is asked only where something is late
			}
			if box.name == "in" && (v.Status == referral.Sent || v.Status == referral.Escalated) {
				waiting++
			}
			todos = append(todos, referralTodo(r.Lang, now, v, verb, due))
		}
	}
	if may(r, access.ListCases) {
		more, err := d.caseTodos(r)
		if err != nil {
			return site.Reply{}, err
		}
		todos = append(todos, more...)
	}
	more, err := d.rightsTodos(r)
	if err != nil {
		return site.Reply{}, err
	}
	todos = append(todos, more...)
	if may(r, access.CheckRelease) {
		more, err := d.releaseTodos(r)
		if err != nil {
			return site.Reply{}, err
		}
		todos = append(todos, more...)
	}
	if may(r, access.ReadCampaign) {
		more, err := d.campaignTodos(r)
		if err != nil {
			return site.Reply{}, err
		}
		todos = append(todos, more...)
	}
	slices.SortStableFunc(todos, func(a, b todo) int {
		return cmp.Or(rankOf(a)-rankOf(b), compareDue(a.due, b.due))
	})
	v := pages.View{MayRecord: may(r, access.RecordCase), Lead: lead(r.Lang, todos), Emergency: may(r, access.ListBreakGlass), Known: may(r, access.AskKnown), Seals: may(r, access.AgreeSeal), Key: newKey()}
	if may(r, access.PlaceShelter) {
		v.Shelter = ui.ShelterPath(r.Who.Organisation.String())
	}
	if may(r, access.ListNotices) {
		var err error
		if v.Notices, v.Unseen, err = d.notices(r); err != nil {
			return site.Reply{}, err
		}
	}
	for _, t := range todos {
		v.Items = append(v.Items, t.Item)
	}
	sh := d.shell(r, "page_today.title", ui.PathToday)
	for i := range sh.Nav {
		switch sh.Nav[i].Href {
		case ui.PathReferralsIn:
			sh.Nav[i].Count = waiting
		case ui.PathToday:
			sh.Nav[i].Count = v.Unseen
		}
	}
	return page(r, pages.Page(sh, v)), nil
}

func todoItem(verb, code, detail, href, action string) pages.Item {
	return pages.Item{Verb: verb, Code: code, Detail: detail, Href: href, Action: action}
}

// box gives what lies in a box: the newest hundred, and of the older ones those that are overdue.
func (d *Desk) box(r *site.Request, name string) ([]referral.View, error) {
	var all []referral.View
	seen := map[uuid.UUID]bool{}
	for _, f := range []referral.Filter{{Box: name, Limit: 100}, {Box: name, Limit: 100, Overdue: true}} {
		p, err := d.o.Referrals.List(r.Context(), r.Who, f)
		if err != nil {
			return nil, err
		}
		for _, v := range p.Items {
			if !seen[v.ID] {
				seen[v.ID] = true
				all = append(all, v)
			}
		}
		if p.Next == nil {
			break // the box was not longer than its first page
		}
	}
	return all, nil
}

// receiverTodo is what a referral asks of the side that received it.
func receiverTodo(l i18n.Language, v referral.View) (string, *time.Time) {
	switch v.Status {
	case referral.Sent, referral.Escalated:
		return l.T("desk.todo_reply"), v.Due.Acknowledge
	case referral.Received:
		return l.T("desk.todo_decide"), v.Due.Accept
	case referral.Accepted:
		return l.T("desk.todo_first_contact"), v.Due.FirstContact
	case referral.InService:
		return l.T("desk.todo_outcome"), v.Due.Outcome
	}
	return "", nil
}

// senderTodo is what a referral asks of the side that sent it.
func senderTodo(l i18n.Language, v referral.View) (string, *time.Time) {
	switch v.Status {
	case referral.Draft:
		return l.T("desk.todo_send"), nil
	case referral.InfoRequested:
		return l.T("desk.todo_answer"), v.Due.Accept
	case referral.Declined:
		return l.T("desk.todo_elsewhere"), nil
	case referral.Feedback, referral.NoShow:
		return l.T("desk.todo_close"), nil
	case referral.Sent, referral.Escalated, referral.Received, referral.Accepted, referral.InService:
		if v.Overdue {
			_, due := nextDue(l, v)
			return l.T("desk.todo_call_receiver"), due
		}
	}
	return "", nil
}

func referralTodo(l i18n.Language, now time.Time, v referral.View, verb string, due *time.Time) todo {
	other := v.To.Name
	if v.Side == referral.Receiver {
		other = v.From.Name
	}
	t := todo{due: due, Item: pages.Item{Verb: verb, Code: v.Code, Detail: joined(" · ", label(l, codelist.ServiceType, v.Service), other, communeNameOr(v.Commune)),
		Urgent: v.Priority == "P1", Href: ui.TicketPath(v.ID.String()), Action: l.T("desk.open_referral")}}
	if due != nil {
		t.Deadline, t.Overdue = ui.Deadline(l, now, *due)
	}
	return t
}

// caseTodos are the cases worked on last: those whose danger nobody has judged yet ask for it, the others wait to be gone on with.
func (d *Desk) caseTodos(r *site.Request) ([]todo, error) {
	p, err := d.o.Cases.List(r.Context(), r.Who, casefile.Filter{Sort: "updated", Limit: 8})
	if err != nil {
		return nil, err
	}
	codes := shortCodes(p.Items)
	var out []todo
	for i, c := range p.Items {
		if ended(c.Status) {
			continue
		}
		verb := r.Lang.T("desk.todo_look")
		switch {
		case may(r, access.CorrectCase) && c.Risk == "":
			verb = r.Lang.T("desk.todo_risk")
		case may(r, access.CorrectCase):
			verb = r.Lang.T("desk.todo_continue")
		}
		out = append(out, todo{Item: pages.Item{Verb: verb, Code: codes[i], Urgent: c.Risk == "EXTREME", Href: ui.CasePath(c.ID.String()), Action: r.Lang.T("desk.open_case"),
			Detail: joined(" · ", label(r.Lang, codelist.CaseStatus, c.Status), communeNameOr(c.Commune), ui.Moment(r.Lang, time.Now(), c.UpdatedAt))}})
	}
	return out, nil
}

// releaseTodos are the releases that wait for their second reader, or for somebody to take an interrupted one up.
func (d *Desk) releaseTodos(r *site.Request) ([]todo, error) {
	list, err := d.o.Releases.Pending(r.Context(), r.Who)
	if err != nil {
		return nil, err
	}
	var out []todo
	for _, x := range list {
		verb := ""
		switch {
		case x.State == release.Prepared && may(r, access.PublishRelease):
			verb = r.Lang.T("desk.todo_publish")
		case x.State == release.Failed && may(r, access.PrepareRelease):
			verb = r.Lang.T("desk.todo_interrupted")
		}
		if verb != "" {
			out = append(out, todo{Item: pages.Item{Verb: verb, Detail: releaseTitle(r.Lang, x), Href: ui.ReleasePath(x.ID.String()), Action: r.Lang.T("desk.open_release")}})
		}
	}
	return out, nil
}

func ended(status string) bool {
	return slices.Contains([]string{"CLOSED", "ARCHIVED", "ERASED"}, status)
}

// rankOf: danger first, then what is late, then what has a deadline, then the rest.
func rankOf(t todo) int {
	switch {
	case t.Urgent && t.due != nil:
		return 0
	case t.Overdue:
		return 1
	case t.due != nil:
		return 2
	case t.Urgent:
		return 3
	}
	return 4
}

func compareDue(a, b *time.Time) int {
	switch {
	case a == nil || b == nil:
		return 0
	default:
		return a.Compare(*b)
	}
}

// lead says in one sentence what the day asks.
func lead(l i18n.Language, todos []todo) string {
	late, due := 0, 0
	for _, t := range todos {
		if t.Overdue {
			late++
		}
		if t.due != nil {
			due++
		}
	}
	switch {
	case late > 0:
		return l.T("desk.lead_late", "n", due, "late", late)
	case due > 0:
		return l.T("desk.lead", "n", due)
	}
	return ""
}

// nextDue is the deadline that runs now, and what it is for; nil when none runs.
func nextDue(l i18n.Language, v referral.View) (string, *time.Time) {
	switch v.Status {
	case referral.Sent, referral.Escalated:
		return l.T("desk.due_acknowledge"), v.Due.Acknowledge
	case referral.Received, referral.InfoRequested:
		return l.T("desk.due_accept"), v.Due.Accept
	case referral.Accepted:
		return l.T("desk.due_first_contact"), v.Due.FirstContact
	case referral.InService:
		return l.T("desk.due_outcome"), v.Due.Outcome
	}
	return "", nil
}

// dueWords is the running deadline in words, "" when none runs.
func dueWords(l i18n.Language, now time.Time, v referral.View) (string, bool) {
	what, due := nextDue(l, v)
	if due == nil {
		return "", false
	}
	words, late := ui.Deadline(l, now, *due)
	return l.T("desk.due_words", "what", what, "words", words), late
}
