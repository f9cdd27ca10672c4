package referral

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/directory"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/seal"
	"binhan/internal/survivor"
)

// Read opens a referral for its sender or its addressee; to anyone else it does not exist. What was shared is open to the sender always, to the receiver
// after acceptance and only while referral and consent live.
func (s *Service) Read(ctx context.Context, who access.Actor, id uuid.UUID) (View, error) {
	return gate.Do(ctx, s.gate, who, access.ReadReferral, access.On("referral", id), func(tx *gate.Tx) (View, error) {
		var r record
		if err := tx.Get(&r, `select `+columns+` from referrals r where r.id = $1`, id); err != nil {
			return View{}, err
		}
		tx.Opened(access.Envelope)
		r.Status = r.Status.At(tx.Now, r.SentAt, r.DueAck, r.DueAccept)
		side := sideOf(tx)
		if r.Status == Draft && side != Sender {
			return View{}, fault.Missing()
		}
		v, err := r.view(tx, side)
		if err != nil {
			return View{}, err
		}
		if err := r.history(tx, &v); err != nil {
			return View{}, err
		}
		may := side == Sender || r.Status.Open()
		if tx.Classes.Has(access.Disclosure) && may && r.Status != ConsentWithdrawn {
			v.Disclosed, err = r.disclosed(tx)
			switch {
			case errors.Is(err, fault.NotFound) && side == Receiver: // the consent that lent it is over
				v.Disclosed = nil
			case err != nil:
				return View{}, err
			default:
				v.Reason = v.Disclosed.Reason
			}
		}
		return v, nil
	})
}

// sideOf: a standing on the case itself is the sender's; one on the referral is the receiver's.
func sideOf(tx *gate.Tx) Side {
	if by := tx.By(); by.Has(access.Assigned) || by.Has(access.Supervising) {
		return Sender
	}
	return Receiver
}

func (r *record) view(tx *gate.Tx, side Side) (View, error) {
	v := View{ID: r.ID, Code: r.Code, Status: r.Status, Service: r.Service, Priority: r.Priority, AgeBand: r.AgeBand, Needs: orEmpty(r.Needs),
		Due: Due{r.DueAck, r.DueAccept, r.DueContact, r.DueOutcome}, SentAt: r.SentAt, Version: r.Version, Side: side,
		Overdue: r.overdue(tx.Now)}
	if r.Commune != nil {
		v.Commune = *r.Commune
	}
	orgs, err := directory.Names(tx, r.FromOrg, r.ToOrg)
	if err != nil {
		return View{}, err
	}
	v.From, v.To = orgs[r.FromOrg], orgs[r.ToOrg]
	if r.TakenBy.Valid {
		var taker casefile.Staff
		if err := tx.Get(&taker, `select id, username, name from auth.staff(array[$1]::uuid[])`, r.TakenBy.UUID); err != nil {
			return View{}, err
		}
		v.TakenBy = &taker
	}
	v.Moves = []string{}
	if side == Receiver || tx.By().Has(access.Assigned) {
		v.Moves = append(v.Moves, Next(side, r.Status)...)
	}
	if r.ForwardedFrom.Valid {
		v.ForwardedFrom = &r.ForwardedFrom.UUID
	}
	if side == Sender {
		v.Fields = orEmpty(r.Fields)
		live, err := agreement(tx, r.ToOrg)
		if err != nil {
			return View{}, err
		}
		v.NoAgreement = !live
		v.Case = &CaseRef{ID: r.Case}
		if err := tx.Get(&v.Case.Code, `select code from cases where id = $1`, r.Case); err != nil {
			return View{}, err
		}
		if r.Consent.Valid {
			v.Consent = &r.Consent.UUID
		} else {
			v.LegalBasis = *r.LegalBasis
		}
	} else if r.Status.Open() {
		v.Fields = orEmpty(r.Fields)
	}
	return v, nil
}

func (r *record) overdue(now time.Time) bool {
	switch r.Status {
	case Escalated, Expired:
		return true
	case InfoRequested:
		return r.DueAccept != nil && now.After(*r.DueAccept)
	case Accepted:
		return r.DueContact != nil && now.After(*r.DueContact)
	case InService:
		return r.DueOutcome != nil && now.After(*r.DueOutcome)
	}
	return false
}

func (r *record) disclosed(tx *gate.Tx) (*Disclosed, error) {
	var x struct {
		MadeFor uuid.UUID `db:"made_for"`
		Key     []byte    `db:"disclosure"`
		Sealed  []byte    `db:"sealed"`
	}
	err := tx.Get(&x, `select s.made_for, k.disclosure, s.sealed from referral_snapshots s join referral_keys k on k.referral_id = s.referral_id where s.referral_id = $1`, r.ID)
	if err != nil {
		return nil, err
	}
	keys, err := tx.Keys(x.MadeFor, seal.Wrapped{Compartment: seal.Disclosure, Key: x.Key})
	if err != nil {
		return nil, err
	}
	var d Disclosed
	return &d, survivor.OpenJSON(keys, snapshotPlace(x.MadeFor), x.Sealed, &d)
}

// talkOpen: an answer may hold what she told. The receiver reads it while the referral waits for her or is in her care, and no longer.
func talkOpen(v *View) bool {
	return v.Side == Sender || v.Status.Open() || slices.Contains([]Status{Sent, Received, InfoRequested, Escalated}, v.Status)
}

// history reads the moves. Words between the two sides are open to both; the reason of a withdrawal is the sender's alone.
func (r *record) history(tx *gate.Tx, v *View) error {
	var rows []struct {
		ID     uuid.UUID `db:"id"`
		Move   string    `db:"move"`
		From   Status    `db:"from_status"`
		To     Status    `db:"to_status"`
		At     time.Time `db:"at"`
		By     uuid.UUID `db:"by_user"`
		Name   string    `db:"name"`
		User   string    `db:"username"`
		Org    uuid.UUID `db:"by_org"`
		Code   *string   `db:"code"`
		Sealed []byte    `db:"sealed"`
	}
	err := tx.Select(&rows, `select m.id, m.move, m.from_status, m.to_status, m.at, m.by_user, u.name, u.username, m.by_org, m.code, m.sealed
		  from referral_moves m cross join lateral auth.staff(array[m.by_user]) u
		 where m.referral_id = $1 order by m.at, m.id`, r.ID)
	if err != nil {
		return err
	}
	var keys *seal.Keys
	orgs, err := directory.Names(tx, r.FromOrg, r.ToOrg)
	if err != nil {
		return err
	}
	for _, x := range rows {
		e := Entry{Move: x.Move, From: x.From, To: x.To, At: x.At, By: casefile.Staff{ID: x.By, Username: x.User, Name: x.Name}, Org: orgs[x.Org]}
		if x.Code != nil {
			e.Code = *x.Code
		}
		if len(x.Sealed) > 0 && talkOpen(v) && (x.Move != "withdrawal" || v.Side == Sender) && !tx.Held.Has(access.Supervising) {
			if keys == nil {
				if keys, err = talk(tx, r); err != nil {
					return err
				}
			}
			words, err := keys.Open(movePlace(x.ID, r.ID), x.Sealed)
			if err != nil {
				return err
			}
			e.Text = string(words)
		}
		v.History = append(v.History, e)
	}
	return nil
}

// Filter chooses in a box.
type Filter struct {
	Box     string `json:"box,omitempty"` // in (default) or out
	Status  string `json:"status,omitempty"`
	Overdue bool   `json:"overdue,omitempty"`
	Case    string `json:"case,omitempty"`
	Limit   int    `json:"limit,omitempty"`
	Cursor  string `json:"cursor,omitempty"`
}

// Page is a page of a box. An item is an envelope.
type Page struct {
	Items []View  `json:"items"`
	Next  *string `json:"next"`
}

// effective is Status.At in SQL; $5 is the act's time.
const effective = ` cross join lateral (select case
	when r.status in ('SENT', 'RECEIVED') and r.sent_at < $5::timestamptz - interval '30 days' then 'EXPIRED'
	when r.status = 'SENT' and r.due_acknowledge < $5 or r.status = 'RECEIVED' and r.due_accept < $5 then 'ESCALATED'
	else r.status end as status) e`

const listIn = `select ` + columns + `
  from (select distinct s.referral_id
          from case_standings s
         where s.holder = (select auth.org_id())
           and s.referral_id is not null
           and s.standing = any ((select gate.standings())::text[])
           and (s.until is null or s.until > now())) m
  join referrals r on r.id = m.referral_id
 ` + effective + `
 where r.to_org = (select auth.org_id())
   and r.status <> 'DRAFT'
   and ($1 = '' or e.status = $1)
   and ($2::uuid is null or r.id < $2)
   and (not $4 or e.status in ('ESCALATED', 'EXPIRED') or (e.status = 'INFO_REQUESTED' and r.due_accept < $5)
        or (e.status = 'ACCEPTED' and r.due_first_contact < $5) or (e.status = 'IN_SERVICE' and r.due_outcome < $5))
 order by r.id desc
 limit $3`

const listOut = `select ` + columns + `
  from my_cases m
  join referrals r on r.case_id = m.case_id
 ` + effective + `
 where ($1 = '' or e.status = $1)
   and ($2::uuid is null or r.id < $2)
   and (not $4 or e.status in ('ESCALATED', 'EXPIRED') or (e.status = 'INFO_REQUESTED' and r.due_accept < $5)
        or (e.status = 'ACCEPTED' and r.due_first_contact < $5) or (e.status = 'IN_SERVICE' and r.due_outcome < $5))
   and ($6::uuid is null or r.case_id = $6)
 order by r.id desc
 limit $3`

// List pages through the receiver's queue or the sender's referrals.
func (s *Service) List(ctx context.Context, who access.Actor, f Filter) (Page, error) {
	var ps fault.Problems
	survivor.Code("/status", codelist.ReferralStatus, f.Status, &ps)
	if f.Box == "" {
		f.Box = "in"
	}
	if f.Box != "in" && f.Box != "out" {
		ps.Add("/box", "unknown_code", "list", "in, out")
	}
	if f.Limit == 0 {
		f.Limit = 20
	}
	if f.Limit < 1 || f.Limit > 100 {
		ps.Add("/limit", "out_of_range", "least", 1, "most", 100)
	}
	var from, ofCase any
	if f.Cursor != "" {
		raw, err := base64.RawURLEncoding.Strict().DecodeString(f.Cursor)
		id, err2 := uuid.FromBytes(raw)
		if err != nil || err2 != nil {
			ps.Add("/cursor", "unreadable")
		}
		from = id
	}
	if f.Case != "" {
		id, err := uuid.Parse(f.Case)
		if err != nil || f.Box == "in" {
			ps.Add("/case", "unreadable")
		}
		ofCase = id
	}
	if err := ps.Err(); err != nil {
		return Page{}, err
	}
	act, subject := access.ListReceived, access.Nothing
	if f.Box == "out" {
		act = access.ListSent
	}
	if id, ok := ofCase.(uuid.UUID); ok { // a case that is not hers has no list of referrals, not an empty one
		act.On, subject = "case", access.On("case", id)
	}
	return gate.Do(ctx, s.gate, who, act, subject, func(tx *gate.Tx) (Page, error) {
		tx.Opened(access.Envelope)
		var rows []record
		var err error
		if f.Box == "in" {
			err = tx.Select(&rows, listIn, f.Status, from, f.Limit+1, f.Overdue, tx.Now)
		} else {
			err = tx.Select(&rows, listOut, f.Status, from, f.Limit+1, f.Overdue, tx.Now, ofCase)
		}
		if err != nil {
			return Page{}, err
		}
		for i := range rows {
			rows[i].Status = rows[i].Status.At(tx.Now, rows[i].SentAt, rows[i].DueAck, rows[i].DueAccept)
		}
		p := Page{Items: []View{}}
		if len(rows) > f.Limit {
			rows = rows[:f.Limit]
			last := rows[f.Limit-1].ID
			next := base64.RawURLEncoding.EncodeToString(last[:])
			p.Next = &next
		}
		return p, envelopes(tx, rows, f.Box, &p)
	})
}

// envelopes names the organisations and takers of a page in two queries, however long it is.
func envelopes(tx *gate.Tx, rows []record, box string, p *Page) error {
	if len(rows) == 0 {
		return nil
	}
	orgIDs := map[uuid.UUID]bool{}
	staffIDs, cases := []uuid.UUID{}, []uuid.UUID{}
	for _, r := range rows {
		orgIDs[r.FromOrg], orgIDs[r.ToOrg] = true, true
		if r.TakenBy.Valid {
			staffIDs = append(staffIDs, r.TakenBy.UUID)
		}
		cases = append(cases, r.Case)
	}
	ids := make([]uuid.UUID, 0, len(orgIDs))
	for id := range orgIDs {
		ids = append(ids, id)
	}
	orgs, err := directory.Names(tx, ids...)
	if err != nil {
		return err
	}
	var takers []casefile.Staff
	if err := tx.Select(&takers, `select id, username, name from auth.staff($1)`, gate.UUIDs(staffIDs)); err != nil {
		return err
	}
	var codes []CaseRef
	if box == "out" {
		if err := tx.Select(&codes, `select id, code from cases where id = any ($1)`, gate.UUIDs(cases)); err != nil {
			return err
		}
	}
	for _, r := range rows {
		v := View{ID: r.ID, Code: r.Code, Status: r.Status, Service: r.Service, Priority: r.Priority, From: orgs[r.FromOrg], To: orgs[r.ToOrg], AgeBand: r.AgeBand,
			Needs: orEmpty(r.Needs), Due: Due{r.DueAck, r.DueAccept, r.DueContact, r.DueOutcome}, Overdue: r.overdue(tx.Now), SentAt: r.SentAt, Version: r.Version,
			Side: map[string]Side{"in": Receiver, "out": Sender}[box]}
		v.Moves = append([]string{}, Next(v.Side, r.Status)...)
		if r.Commune != nil {
			v.Commune = *r.Commune
		}
		for _, t := range takers {
			if r.TakenBy.Valid && t.ID == r.TakenBy.UUID {
				v.TakenBy = &t
			}
		}
		for _, c := range codes {
			if c.ID == r.Case {
				v.Case = &c
			}
		}
		p.Items = append(p.Items, v)
	}
	return nil
}
