package rights

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/survivor"
)

// Restriction bars changing and sharing a case: it can be read until somebody lifts it. What is never barred: taking a consent back, ending a referral, and what
// danger to life or a duty to report demand (Law 91/2025/QH15 art. 19.1). The triggers case_is_free of the schema hold it.
type Restriction struct {
	ID       uuid.UUID      `json:"id"`
	Case     CaseRef        `json:"case"`
	Ground   string         `json:"ground"`
	SetBy    casefile.Staff `json:"set_by"`
	SetAt    time.Time      `json:"set_at"`
	LiftedAt *time.Time     `json:"lifted_at,omitempty"`
	Lifted   string         `json:"lifted,omitempty"`
}

// GroundCommand is a coded ground.
type GroundCommand struct {
	Ground string `json:"ground"`
}

// Restrict bars a case, once: of two at the same time the second finds it barred.
func (s *Service) Restrict(ctx context.Context, who access.Actor, caseID uuid.UUID, cmd GroundCommand) (Restriction, error) {
	var ps fault.Problems
	survivor.NeedCode("/ground", codelist.RestrictionGround, cmd.Ground, &ps)
	if err := ps.Err(); err != nil {
		return Restriction{}, err
	}
	return gate.Do(ctx, s.gate, who, access.RestrictCase, access.On("case", caseID), func(tx *gate.Tx) (Restriction, error) {
		tx.Answer(http.StatusCreated)
		about, err := s.bound(tx, caseID)
		if err != nil {
			return Restriction{}, err
		}
		x := Restriction{ID: uuid.Must(uuid.NewV7()), Case: about, Ground: cmd.Ground, SetBy: casefile.Staff{ID: who.User, Username: who.Username, Name: who.Name}, SetAt: tx.Now}
		tx.Later(`insert into rights.restrictions (id, case_id, case_code, ground, request_id, set_by, set_at)
			values ($1, $2, $3, $4, (select r.id from rights.requests r where r.case_id = $2 and r.kind in ('RESTRICT', 'OBJECT', 'RECTIFY') and r.ended_at is null order by r.id limit 1), $5, $6)`,
			x.ID, caseID, about.Code, cmd.Ground, who.User, tx.Now)
		tx.Because(cmd.Ground, nil)
		tx.Opened(access.Rights)
		err = tx.Flush()
		if gate.ConstraintOf(err) == "case_is_restricted_once" {
			return Restriction{}, fault.New(fault.Conflict, "case_restricted")
		}
		return x, err
	})
}

// bound finds the case of an act that takes its id from the address, and binds the act to it.
func (s *Service) bound(tx *gate.Tx, caseID uuid.UUID) (CaseRef, error) {
	about, err := findCase(tx, caseID.String())
	if err != nil {
		return CaseRef{}, err
	}
	if about.ID == uuid.Nil {
		return CaseRef{}, tx.Refuse()
	}
	return about, tx.Concerns(about.ID)
}

// Lift ends a restriction.
func (s *Service) Lift(ctx context.Context, who access.Actor, caseID uuid.UUID, cmd GroundCommand) (Restriction, error) {
	var ps fault.Problems
	survivor.NeedCode("/ground", codelist.RestrictionLift, cmd.Ground, &ps)
	if err := ps.Err(); err != nil {
		return Restriction{}, err
	}
	return gate.Do(ctx, s.gate, who, access.RestrictCase, access.On("case", caseID), func(tx *gate.Tx) (Restriction, error) {
		about, err := s.bound(tx, caseID)
		if err != nil {
			return Restriction{}, err
		}
		x, err := restrictionOf(tx, caseID)
		if err != nil {
			return Restriction{}, err
		}
		if x == nil {
			return Restriction{}, fault.New(fault.Conflict, "case_not_restricted")
		}
		n, err := tx.Exec(`update rights.restrictions set lifted_by = $2, lifted_at = $3, lift_ground = $4 where id = $1 and lifted_at is null`, x.ID, who.User, tx.Now, cmd.Ground)
		if err != nil {
			return Restriction{}, err
		}
		if n == 0 {
			return Restriction{}, fault.New(fault.Conflict, "case_not_restricted")
		}
		tx.Because(cmd.Ground, nil)
		tx.Opened(access.Rights)
		x.Case, x.LiftedAt, x.Lifted = about, &tx.Now, cmd.Ground
		return *x, nil
	})
}

func restrictionOf(tx *gate.Tx, caseID uuid.UUID) (*Restriction, error) {
	var rows []struct {
		ID       uuid.UUID `db:"id"`
		Code     string    `db:"case_code"`
		Ground   string    `db:"ground"`
		SetBy    uuid.UUID `db:"set_by"`
		Username string    `db:"username"`
		Name     string    `db:"name"`
		SetAt    time.Time `db:"set_at"`
	}
	err := tx.Select(&rows, `select x.id, x.case_code, x.ground, x.set_by, u.username, u.name, x.set_at
		  from rights.restrictions x cross join lateral auth.staff(array[x.set_by]) u where x.case_id = $1 and x.lifted_at is null`, caseID)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	r := rows[0]
	return &Restriction{ID: r.ID, Case: CaseRef{caseID, r.Code}, Ground: r.Ground, SetBy: casefile.Staff{ID: r.SetBy, Username: r.Username, Name: r.Name}, SetAt: r.SetAt}, nil
}

// Hold is a duty to keep a case that beats a request to erase and the end of a term.
type Hold struct {
	ID       uuid.UUID      `json:"id"`
	Case     CaseRef        `json:"case"`
	Ground   string         `json:"ground"`
	Until    string         `json:"until,omitempty"`
	SetBy    casefile.Staff `json:"set_by"`
	SetAt    time.Time      `json:"set_at"`
	LiftedAt *time.Time     `json:"lifted_at,omitempty"`
}

// HoldCommand sets a hold. Case is an id or a spoken code.
type HoldCommand struct {
	Case   string `json:"case"`
	Ground string `json:"ground"`
	Until  string `json:"until,omitempty"`
}

// Hold sets a legal hold. The office of data protection alone may.
func (s *Service) Hold(ctx context.Context, who access.Actor, cmd HoldCommand) (Hold, error) {
	var ps fault.Problems
	survivor.NeedCode("/ground", codelist.HoldGround, cmd.Ground, &ps)
	if cmd.Case == "" {
		ps.Add("/case", "required")
	}
	if cmd.Until != "" {
		d, err := time.ParseInLocation(time.DateOnly, cmd.Until, today(time.Now()).Location())
		if err != nil {
			ps.Add("/until", "not_a_date")
		} else if d.Before(today(time.Now())) {
			ps.Add("/until", "rights_already_past")
		}
	}
	if err := ps.Err(); err != nil {
		return Hold{}, err
	}
	return gate.Do(ctx, s.gate, who, access.HoldCase, access.Nothing, func(tx *gate.Tx) (Hold, error) {
		tx.Answer(http.StatusCreated)
		about, err := findCase(tx, cmd.Case)
		if err != nil {
			return Hold{}, err
		}
		if about.ID == uuid.Nil {
			return Hold{}, fault.Bad(fault.Problem{Pointer: "/case", Key: "rights_no_such_case"})
		}
		if err := tx.Concerns(about.ID); err != nil {
			return Hold{}, err
		}
		h := Hold{ID: uuid.Must(uuid.NewV7()), Case: about, Ground: cmd.Ground, Until: cmd.Until, SetBy: casefile.Staff{ID: who.User, Username: who.Username, Name: who.Name}, SetAt: tx.Now}
		tx.Later(`insert into rights.holds (id, case_id, case_code, ground, until, set_by, set_at) values ($1, $2, $3, $4, $5::date, $6, $7)`,
			h.ID, about.ID, about.Code, cmd.Ground, null(cmd.Until), who.User, tx.Now)
		tx.Because(cmd.Ground, nil)
		tx.Opened(access.Rights)
		err = tx.Flush()
		if gate.ConstraintOf(err) == "case_is_held_once" {
			return Hold{}, fault.New(fault.Conflict, "case_held_already")
		}
		return h, err
	})
}

// Release lifts a hold.
func (s *Service) Release(ctx context.Context, who access.Actor, id uuid.UUID) (Hold, error) {
	return gate.Do(ctx, s.gate, who, access.HoldCase, access.On("hold", id), func(tx *gate.Tx) (Hold, error) {
		hs, err := holds(tx, `x.id = $1`, id)
		if err != nil {
			return Hold{}, err
		}
		if len(hs) == 0 {
			return Hold{}, tx.Refuse()
		}
		h := hs[0]
		if err := tx.Concerns(h.Case.ID); err != nil {
			return Hold{}, err
		}
		if h.LiftedAt != nil {
			return Hold{}, fault.New(fault.Conflict, "rights_state")
		}
		tx.Later(`update rights.holds set lifted_by = $2, lifted_at = $3 where id = $1`, id, who.User, tx.Now)
		tx.Opened(access.Rights)
		h.LiftedAt = &tx.Now
		return h, tx.Flush()
	})
}

func holds(tx *gate.Tx, where string, args ...any) ([]Hold, error) {
	var rows []struct {
		ID       uuid.UUID  `db:"id"`
		Case     uuid.UUID  `db:"case_id"`
		Code     string     `db:"case_code"`
		Ground   string     `db:"ground"`
		Until    *time.Time `db:"until"`
		SetBy    uuid.UUID  `db:"set_by"`
		Username string     `db:"username"`
		Name     string     `db:"name"`
		SetAt    time.Time  `db:"set_at"`
		LiftedAt *time.Time `db:"lifted_at"`
	}
	err := tx.Select(&rows, `select x.id, x.case_id, x.case_code, x.ground, x.until, x.set_by, u.username, u.name, x.set_at, x.lifted_at
		  from rights.holds x cross join lateral auth.staff(array[x.set_by]) u where `+where+` order by x.set_at desc, x.id limit 200`, args...)
	if err != nil {
		return nil, err
	}
	out := make([]Hold, 0, len(rows))
	for _, r := range rows {
		h := Hold{ID: r.ID, Case: CaseRef{r.Case, r.Code}, Ground: r.Ground, SetBy: casefile.Staff{ID: r.SetBy, Username: r.Username, Name: r.Name}, SetAt: r.SetAt, LiftedAt: r.LiftedAt}
		if r.Until != nil {
			h.Until = r.Until.Format(time.DateOnly)
		}
		out = append(out, h)
	}
	return out, nil
}

// Term is a case whose term is over, or will be within the month.
type Term struct {
	Case      CaseRef    `json:"case"`
	Rule      string     `json:"rule"`
	KeepUntil string     `json:"keep_until"`
	ClosedOn  string     `json:"closed_on,omitempty"`
	Over      bool       `json:"over"`
	Held      bool       `json:"held"`
	Erasure   *uuid.UUID `json:"erasure,omitempty"`
	State     string     `json:"erasure_state,omitempty"`
}

// Retention is what the office and a supervisor decide on: what is due, and what must be kept nevertheless.
type Retention struct {
	Due   []Term `json:"due"`
	Holds []Hold `json:"holds"`
}

// Due lists what may be disposed of. The office sees all, a supervisor what her staff holds.
func (s *Service) Due(ctx context.Context, who access.Actor) (Retention, error) {
	years, _ := codelist.MustGet(codelist.RetentionTerm).NoteInt("UNCONVERTED", "years")
	return gate.Do(ctx, s.gate, who, access.SeeTerms, access.Nothing, func(tx *gate.Tx) (Retention, error) {
		tx.Opened(access.Rights)
		var rows []struct {
			Case      uuid.UUID     `db:"case_id"`
			Code      string        `db:"case_code"`
			Rule      string        `db:"rule"`
			KeepUntil time.Time     `db:"keep_until"`
			ClosedOn  *time.Time    `db:"closed_on"`
			Held      bool          `db:"held"`
			Erasure   uuid.NullUUID `db:"erasure"`
			State     *string       `db:"erasure_state"`
		}
		if err := tx.Select(&rows, `select case_id, case_code, rule, keep_until, closed_on, held, erasure, erasure_state from rights.due($1, 30, 200)`, years); err != nil {
			return Retention{}, err
		}
		out := Retention{Due: []Term{}}
		day := today(tx.Now).Format(time.DateOnly)
		for _, r := range rows {
			t := Term{Case: CaseRef{r.Case, r.Code}, Rule: r.Rule, KeepUntil: r.KeepUntil.Format(time.DateOnly), Held: r.Held, State: text(r.State)}
			t.Over = t.KeepUntil < day
			if r.ClosedOn != nil {
				t.ClosedOn = r.ClosedOn.Format(time.DateOnly)
			}
			if r.Erasure.Valid {
				t.Erasure = &r.Erasure.UUID
			}
			out.Due = append(out.Due, t)
		}
		var err error
		out.Holds, err = holds(tx, `x.lifted_at is null`)
		return out, err
	})
}

// CaseState is what the page of a case's rights begins with.
type CaseState struct {
	Case       CaseRef `json:"case"`
	Restricted bool    `json:"restricted"`
	Closed     bool    `json:"closed"`
}

// OfCase tells whether a case is restricted or closed, to her who may restrict it.
func (s *Service) OfCase(ctx context.Context, who access.Actor, caseID uuid.UUID) (CaseState, error) {
	look := access.RestrictCase
	look.Writes = false
	return gate.Do(ctx, s.gate, who, look, access.On("case", caseID), func(tx *gate.Tx) (CaseState, error) {
		about, err := s.bound(tx, caseID)
		if err != nil {
			return CaseState{}, err
		}
		tx.Opened(access.Rights)
		tx.Because("look", nil)
		x := CaseState{Case: about}
		var bars struct {
			Restricted bool `db:"restricted"`
			Closed     bool `db:"closed"`
		}
		err = tx.Get(&bars, `select exists (select 1 from rights.restrictions r where r.case_id = $1 and r.lifted_at is null) as restricted,
			exists (select 1 from rights.terms t where t.case_id = $1) as closed`, caseID)
		x.Restricted, x.Closed = bars.Restricted, bars.Closed
		return x, err
	})
}
