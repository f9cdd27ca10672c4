package referral

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/consent"
	"binhan/internal/directory"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/seal"
	"binhan/internal/survivor"
)

// lock finds a referral that the actor may move and holds its row until the act ends.
func lock(tx *gate.Tx, id uuid.UUID) (*record, error) {
	var r record
	if err := tx.Get(&r, `select `+columns+` from referrals r where r.id = $1 for update of r`, id); err != nil {
		return nil, err
	}
	tx.Opened(access.Envelope)
	r.Status = r.Status.At(tx.Now, r.SentAt, r.DueAck, r.DueAccept)
	return &r, nil
}

// talk opens the key under which both sides speak.
func talk(tx *gate.Tx, r *record) (*seal.Keys, error) {
	var key []byte
	if err := tx.Get(&key, `select narrative from referral_talk_keys where referral_id = $1`, r.ID); err != nil {
		return nil, err
	}
	return tx.Keys(r.ID, seal.Wrapped{Compartment: seal.Narrative, Key: key})
}

type words struct{ code, text string }

// move makes one move: locks, asks the machine, notes it, saves. more runs before the row is saved.
func (s *Service) move(ctx context.Context, who access.Actor, act access.Act, id uuid.UUID, name string, w words, more func(*gate.Tx, *record) error) (View, error) {
	_, err := gate.Do(ctx, s.gate, who, act, access.On("referral", id), func(tx *gate.Tx) (located, error) {
		r, err := lock(tx, id)
		if err != nil {
			return located{}, err
		}
		m := MoveOf(name)
		if !m.Allowed(r.Status) {
			return located{}, notNow(tx, r, name)
		}
		keys, err := talk(tx, r)
		if err != nil {
			return located{}, err
		}
		from := r.Status
		r.Status = m.To
		if more != nil {
			if err := more(tx, r); err != nil {
				return located{}, err
			}
		}
		if err := r.note(tx, keys, name, from, r.Status, w.code, w.text); err != nil {
			return located{}, err
		}
		r.save(tx)
		switch {
		case r.Status == Accepted:
			tx.Later(`select standing.accept($1)`, r.ID)
		case from.Open() && !r.Status.Open(), r.Status == Cancelled:
			tx.Later(`select standing.end_referral($1, $2)`, r.ID, name)
		}
		return located{id}, nil
	})
	if err != nil {
		return View{}, err
	}
	return s.Read(ctx, who, id)
}

// notNow says why the state does not allow the move; who lost a race is told who won it.
func notNow(tx *gate.Tx, r *record, name string) error {
	if name == "acceptance" && r.TakenBy.Valid {
		var taker casefile.Staff
		if err := tx.Get(&taker, `select id, username, name from auth.staff(array[$1]::uuid[])`, r.TakenBy.UUID); err != nil {
			return err
		}
		return fault.New(fault.Conflict, "referral_taken").With(map[string]any{"name": taker.Name})
	}
	return fault.New(fault.Conflict, "referral_state").With(map[string]any{"status": string(r.Status)})
}

func (r *record) save(tx *gate.Tx) {
	var ended any
	if !slices.Contains(live, r.Status) && r.Status != Feedback && r.Status != NoShow {
		ended = tx.Now
	}
	tx.Later(`update referrals
		   set status = $2, taken_by = $3, version = version + 1, ended_at = $4,
		       sent_at = $5, due_acknowledge = $6, due_accept = $7, due_first_contact = $8, due_outcome = $9,
		       acknowledged_at = case when $2 in ('RECEIVED', 'ACCEPTED') then coalesce(acknowledged_at, $10) else acknowledged_at end,
		       accepted_at = case when $2 = 'ACCEPTED' then $10::timestamptz else accepted_at end
		 where id = $1`,
		r.ID, string(r.Status), r.TakenBy, ended, timeOrNull(r.SentAt), timeOrNull(r.DueAck), timeOrNull(r.DueAccept), timeOrNull(r.DueContact), timeOrNull(r.DueOutcome), tx.Now)
}

// Send sends a draft. The snapshot stays the one that the sender saw; the consent is asked again.
func (s *Service) Send(ctx context.Context, who access.Actor, id uuid.UUID) (View, error) {
	v, err := s.move(ctx, who, access.SendReferral, id, "sending", words{}, func(tx *gate.Tx, r *record) error {
		if err := r.stillCovered(tx, r.ToOrg); err != nil {
			return err
		}
		if r.Consent.Valid {
			if err := s.agreed(tx, r.ToOrg); err != nil {
				return err
			}
		}
		r.send(tx.Now)
		r.save(tx)
		tx.Later(`select standing.address($1)`, r.ID)
		return taken(tx.Flush())
	})
	return v, err
}

func (r *record) stillCovered(tx *gate.Tx, org uuid.UUID) error {
	to, err := directory.Receives(tx, org, r.Service)
	if err != nil {
		return err
	}
	if !r.Consent.Valid {
		return nil
	}
	return consent.Covers(tx, r.Case, r.Consent.UUID, to.ID, to.Type, r.Fields)
}

// Acknowledge says that the referral arrived. Only the addressee may.
func (s *Service) Acknowledge(ctx context.Context, who access.Actor, id uuid.UUID) (View, error) {
	return s.move(ctx, who, access.AcknowledgeReferral, id, "acknowledgement", words{}, nil)
}

// Accept takes a referral into the receiver's care and opens what was shared. Of two who accept at once one wins; the other is told who did.
func (s *Service) Accept(ctx context.Context, who access.Actor, id uuid.UUID) (View, error) {
	return s.move(ctx, who, access.AcceptReferral, id, "acceptance", words{}, func(_ *gate.Tx, r *record) error {
		r.TakenBy = uuid.NullUUID{UUID: who.User, Valid: true}
		return nil
	})
}

// DeclineCommand is a no with its reason.
type DeclineCommand struct {
	Code   string `json:"code"`
	Reason string `json:"reason,omitempty"`
}

// Decline says no. The reason code is needed, so that the sender can go on at once.
func (s *Service) Decline(ctx context.Context, who access.Actor, id uuid.UUID, cmd DeclineCommand) (View, error) {
	var ps fault.Problems
	if cmd.Code == "" {
		ps.Add("/code", "required")
	}
	survivor.Code("/code", codelist.ReferralDecline, cmd.Code, &ps)
	survivor.Short("/reason", cmd.Reason, 2000, &ps)
	if cmd.Code == "OTHER" && cmd.Reason == "" {
		ps.Add("/reason", "required")
	}
	if err := ps.Err(); err != nil {
		return View{}, err
	}
	return s.move(ctx, who, access.DeclineReferral, id, "decline", words{cmd.Code, cmd.Reason}, nil)
}

// TextCommand is a question or an answer.
type TextCommand struct {
	Text string `json:"text"`
}

func (c TextCommand) check() error {
	var ps fault.Problems
	if c.Text == "" {
		ps.Add("/text", "required")
	}
	survivor.Short("/text", c.Text, 5000, &ps)
	return ps.Err()
}

// Ask asks the sender something; the referral waits for her.
func (s *Service) Ask(ctx context.Context, who access.Actor, id uuid.UUID, cmd TextCommand) (View, error) {
	if err := cmd.check(); err != nil {
		return View{}, err
	}
	return s.move(ctx, who, access.AskReferral, id, "question", words{"", cmd.Text}, nil)
}

// Answer answers the question. Only the sender may.
func (s *Service) Answer(ctx context.Context, who access.Actor, id uuid.UUID, cmd TextCommand) (View, error) {
	if err := cmd.check(); err != nil {
		return View{}, err
	}
	return s.move(ctx, who, access.AnswerReferral, id, "answer", words{"", cmd.Text}, nil)
}

// Start says that help began.
func (s *Service) Start(ctx context.Context, who access.Actor, id uuid.UUID) (View, error) {
	return s.move(ctx, who, access.StartReferral, id, "start", words{}, nil)
}

// OutcomeCommand reports what came of it.
type OutcomeCommand struct {
	Result      string     `json:"result"`
	DeliveredAt *time.Time `json:"delivered_at,omitempty"`
	Note        string     `json:"note,omitempty"`
}

// Results are the ways a service can end.
var Results = []string{"DELIVERED", "PARTLY", "NOT_DELIVERED", "NO_SHOW"}

// Report tells the sender what came of it.
func (s *Service) Report(ctx context.Context, who access.Actor, id uuid.UUID, cmd OutcomeCommand) (View, error) {
	var ps fault.Problems
	switch {
	case cmd.Result == "":
		ps.Add("/result", "required")
	case !slices.Contains(Results, cmd.Result):
		ps.Add("/result", "unknown_code", "list", "result")
	}
	if cmd.DeliveredAt != nil && cmd.DeliveredAt.After(time.Now().Add(5*time.Minute)) {
		ps.Add("/delivered_at", "in_the_future")
	}
	survivor.Short("/note", cmd.Note, 5000, &ps)
	if err := ps.Err(); err != nil {
		return View{}, err
	}
	name := "outcome"
	if cmd.Result == "NO_SHOW" {
		name = "no_show"
	}
	return s.move(ctx, who, access.ReportReferral, id, name, words{cmd.Result, cmd.Note}, nil)
}

// Close completes a referral that was answered. Only the sender may.
func (s *Service) Close(ctx context.Context, who access.Actor, id uuid.UUID) (View, error) {
	return s.move(ctx, who, access.CloseReferral, id, "closing", words{}, nil)
}

// ReasonCommand is a reason in words.
type ReasonCommand struct {
	Reason string `json:"reason,omitempty"`
}

// Withdraw calls a referral back; what it opened is closed with the next request. Only the sender may.
func (s *Service) Withdraw(ctx context.Context, who access.Actor, id uuid.UUID, cmd ReasonCommand) (View, error) {
	var ps fault.Problems
	survivor.Short("/reason", cmd.Reason, 2000, &ps)
	if err := ps.Err(); err != nil {
		return View{}, err
	}
	return s.move(ctx, who, access.WithdrawReferral, id, "withdrawal", words{"", cmd.Reason}, nil)
}

// ForwardCommand passes a referral on.
type ForwardCommand struct {
	To     uuid.UUID `json:"to"`
	Reason string    `json:"reason,omitempty"`
}

// Forward passes a referral, unopened, to another organisation that offers the service; the same consent is asked again for it. The forwarder answers
// with her own referral, which ends; the sender sees both.
func (s *Service) Forward(ctx context.Context, who access.Actor, id uuid.UUID, cmd ForwardCommand) (View, error) {
	var ps fault.Problems
	if cmd.To == uuid.Nil {
		ps.Add("/to", "required")
	}
	survivor.Short("/reason", cmd.Reason, 2000, &ps)
	if err := ps.Err(); err != nil {
		return View{}, err
	}
	return s.move(ctx, who, access.ForwardReferral, id, "forward", words{"", cmd.Reason}, func(tx *gate.Tx, r *record) error {
		to, err := directory.Receives(tx, cmd.To, r.Service)
		if err != nil {
			return err
		}
		if to.ID == who.Organisation || to.ID == r.FromOrg {
			return fault.Bad(fault.Problem{Pointer: "/to", Key: "receiver_is_sender"})
		}
		r.save(tx)
		next := *r
		next.ID, next.Code, next.ToOrg, next.CreatedAt = uuid.Must(uuid.NewV7()), newCode(tx.Now), to.ID, tx.Now
		next.ForwardedFrom = uuid.NullUUID{UUID: r.ID, Valid: true}
		next.TakenBy = uuid.NullUUID{}
		next.send(tx.Now)
		if err := next.insert(tx); err != nil {
			return err
		}
		_, ws, err := tx.NewKeys(next.ID, seal.Narrative)
		if err != nil {
			return err
		}
		tx.Later(`select standing.forward($1, $2)`, next.ID, ws[0].Key)
		return tx.Flush()
	})
}

// standingOn locks every referral that stands on a consent. While it waits for one, that one may be passed on to another receiver; so it asks until nothing new
// appears.
func standingOn(tx *gate.Tx, consentID uuid.UUID) (all []record, err error) {
	for known := -1; known != len(all); {
		known = len(all)
		all = nil
		if err := tx.Select(&all, `select `+columns+` from referrals r where r.consent_id = $1 order by r.id for update of r`, consentID); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// WithdrawConsent ends a consent and everything that stood on it: open referrals and what they disclosed. It must be as easy as giving it was.
func (s *Service) WithdrawConsent(ctx context.Context, who access.Actor, id uuid.UUID, cmd ReasonCommand) (consent.View, error) {
	var ps fault.Problems
	survivor.Short("/reason", cmd.Reason, 2000, &ps)
	if err := ps.Err(); err != nil {
		return consent.View{}, err
	}
	return gate.Do(ctx, s.gate, who, access.WithdrawConsent, access.On("consent", id), func(tx *gate.Tx) (consent.View, error) {
		// First the referrals, then the consent, as who sends a draft does: two who meet wait for each other once, not for ever.
		if _, err := standingOn(tx, id); err != nil {
			return consent.View{}, err
		}
		if err := consent.Close(tx, id); err != nil {
			return consent.View{}, err
		}
		tx.Because("consent withdrawn", nil)
		open, err := standingOn(tx, id)
		if err != nil {
			return consent.View{}, err
		}
		caseKeys, err := survivor.OpenKeys(tx, tx.Case, seal.Narrative)
		if err != nil {
			return consent.View{}, err
		}
		for i := range open {
			r := &open[i]
			from := r.Status
			if MoveOf("consent_withdrawal").Allowed(from) {
				r.Status = ConsentWithdrawn
				if err := r.note(tx, nil, "consent_withdrawal", from, r.Status, "", ""); err != nil {
					return consent.View{}, err
				}
				r.save(tx)
			}
			tx.Later(`select standing.end_referral($1, 'consent withdrawn')`, r.ID)
		}
		list, err := consent.OfCase(tx, caseKeys, tx.Case)
		if err != nil {
			return consent.View{}, err
		}
		for _, v := range list {
			if v.ID == id {
				return v, nil
			}
		}
		return consent.View{}, errors.New("consent vanished")
	})
}
