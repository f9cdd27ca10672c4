package desk

import (
	"strconv"
	"time"

	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/i18n"
	"binhan/internal/site"
	pages "binhan/web/pages/intake"
	"binhan/web/ui"
	"binhan/web/ui/fields"
)

// firstConsents are asked at intake: to keep what she says, to call her back, to count. Sharing is asked when there is somebody to share with.
var firstConsents = []string{"INTAKE", "CONTACT", "STATISTICS"}

func asks(l i18n.Language) []fields.ConsentAsk {
	out := make([]fields.ConsentAsk, len(firstConsents))
	for i, p := range firstConsents {
		out[i] = fields.ConsentAsk{Purpose: p, Label: label(l, codelist.ConsentPurpose, p)}
		if key := "desk.ask_" + p; l.Has(key) {
			out[i].Hint = l.T(key)
		}
	}
	return out
}

func (d *Desk) intakePage(r *site.Request, f ui.Form) site.Reply {
	v := d.intakeView(r, f)
	// Whom to keep away from the first moment: her own colleagues are offered, the others can be added on the case. A form that cannot ask (the database does not answer) is
	// shown without the question: what was typed matters more.
	if people, err := d.o.Cases.Colleagues(r.Context(), r.Who, r.Who.Organisation); err == nil {
		v.Colleagues, v.Relations = staffOptions(people, r.Who.User), options(r.Lang, codelist.WallReason)
	}
	return page(r, pages.Page(d.opened(r, "page_intake.title", ui.PathIntake), v))
}

func (d *Desk) intakeView(r *site.Request, f ui.Form) pages.View {
	return pages.View{Form: f, Lists: lists(r.Lang, nil), Now: ui.Local(time.Now()), Consents: asks(r.Lang),
		Decisions: only(options(r.Lang, codelist.ConsentDecision), "GIVEN", "REFUSED"), By: whoAnswers(r.Lang), Method: options(r.Lang, codelist.ConsentMethod)}
}

func (d *Desk) getIntake(r *site.Request) (site.Reply, error) {
	return d.intakePage(r, ui.Form{Key: newKey()}), nil
}

func (d *Desk) postIntake(r *site.Request) (site.Reply, error) {
	var cmd casefile.RecordCommand
	err := bind(r, &cmd, nil)
	for i, c := range cmd.Consents { // before the check, which fills these in
		err = together(err, answeredHow(c.Decision, c.By, c.Method, "/consents/"+strconv.Itoa(i)+"/by", "/consents/"+strconv.Itoa(i)+"/method"))
	}
	if err = together(err, cmd.Check(time.Now())); err != nil {
		return site.Reply{}, err
	}
	v, err := d.o.Cases.Record(r.Context(), r.Who, cmd)
	if err != nil {
		return site.Reply{}, err
	}
	flash := "recorded"
	if v.Similar != nil {
		flash = "case_recorded_similar"
	}
	if r.Values.Get("_safe") == "no" {
		flash = "recorded_call_back"
	}
	return see(r, ui.CasePath(v.ID.String()), flash), nil
}

func (d *Desk) intakeAgain(r *site.Request, err error) (site.Reply, error) {
	return d.intakePage(r, refused(r, err, nil)), nil
}
