package desk

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"binhan/internal/access"
	"binhan/internal/codelist"
	"binhan/internal/i18n"
	"binhan/internal/referral"
	"binhan/internal/site"
	pages "binhan/web/pages/referral"
	"binhan/web/ui"
)

func (d *Desk) referralRoutes() []site.Route {
	routes := []site.Route{
		get("/ho-so/:id/chuyen-gui/moi", access.CreateReferral, d.getRefer),
		post("/ho-so/:id/chuyen-gui/moi", access.CreateReferral, d.postRefer, d.referAgain),
		get(ui.PathReferralsIn, access.ListReceived, d.queue("in", ui.PathReferralsIn)),
		get(ui.PathReferralsOut, access.ListSent, d.queue("out", ui.PathReferralsOut)),
		get("/phieu/:id", access.ReadReferral, d.getTicket),
	}
	for _, m := range d.moves() {
		routes = append(routes, post("/phieu/:id/"+m.path, m.act, m.do, d.ticketAgain(m.name)))
	}
	return routes
}

// queue lists a box: without a state chosen, what is not over, the most urgent first.
func (d *Desk) queue(box, path string) site.Endpoint {
	return func(r *site.Request) (site.Reply, error) {
		f := referral.Filter{Limit: 100}
		if err := r.QueryInto(&f); err != nil {
			return site.Reply{}, err
		}
		f.Box, f.Case = box, ""
		p, err := d.o.Referrals.List(r.Context(), r.Who, f)
		if err != nil {
			return site.Reply{}, err
		}
		now := time.Now()
		items := p.Items
		if f.Status == "" {
			items = slices.DeleteFunc(items, over)
		}
		slices.SortStableFunc(items, func(a, b referral.View) int { return urgency(a, b, now) })
		v := pages.Queue{In: box == "in", Chosen: f.Status, Overdue: f.Overdue, Status: options(r.Lang, codelist.ReferralStatus)}
		if v.In {
			v.Status = without(v.Status, string(referral.Draft))
		}
		for _, x := range items {
			v.Rows = append(v.Rows, queueRow(r.Lang, now, x))
		}
		if p.Next != nil {
			v.Next = pageAfter(path, r.HTTP().URL.Query(), *p.Next)
		}
		title := map[bool]string{true: "page_referral.in_title", false: "page_referral.out_title"}[v.In]
		return page(r, pages.QueuePage(d.shell(r, title, path), v)), nil
	}
}

// over tells whether nobody has anything to do with a referral any more.
func over(v referral.View) bool {
	return slices.Contains([]referral.Status{referral.Completed, referral.Cancelled, referral.ConsentWithdrawn, referral.Expired, referral.Forwarded}, v.Status)
}

func urgency(a, b referral.View, now time.Time) int {
	_, dueA := nextDue(i18n.Vietnamese, a)
	_, dueB := nextDue(i18n.Vietnamese, b)
	late := func(t *time.Time) int {
		if t != nil && now.After(*t) {
			return 0
		}
		return 1
	}
	running := func(t *time.Time) int {
		if t != nil {
			return 0
		}
		return 1
	}
	return cmp.Or(running(dueA)-running(dueB), strings.Compare(a.Priority, b.Priority), late(dueA)-late(dueB), compareDue(dueA, dueB))
}

func queueRow(l i18n.Language, now time.Time, x referral.View) pages.QueueRow {
	row := pages.QueueRow{ID: x.ID.String(), Code: x.Code, Service: label(l, codelist.ServiceType, x.Service), Priority: label(l, codelist.ReferralPriority, x.Priority), PriorityTone: priorityTone(x.Priority),
		Other: x.To.Name, Commune: communeNameOr(x.Commune), AgeBand: ageBand(l, x.AgeBand), Status: label(l, codelist.ReferralStatus, string(x.Status)), Tone: statusTone(x.Status)}
	if x.Side == referral.Receiver {
		row.Other = x.From.Name
	}
	row.Due, row.Overdue = dueWords(l, now, x)
	if x.SentAt != nil {
		row.Sent = ui.Moment(l, now, *x.SentAt)
	}
	return row
}

func ageBand(l i18n.Language, code string) string {
	if code == codelist.Unknown {
		return ""
	}
	return label(l, codelist.AgeBands, code)
}
