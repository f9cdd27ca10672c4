package casefile

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/seal"
	"binhan/internal/survivor"
)

// reviewDays is how many working days may pass until an emergency opening is reviewed; after that the account opens nothing more.
const reviewDays = 2

// BreakGlassCommand opens one case in an emergency. Code is the kind of emergency (list breakglass_reason), Reason says it in words. Case is the code of the
// case as it was told over the telephone, where the route does not name the case.
type BreakGlassCommand struct {
	Case   string `json:"case,omitempty"`
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// String hides the reason.
func (BreakGlassCommand) String() string { return "emergency(…)" }

// BreakGlass is an emergency opening: who opened which case until when, and what came of it.
type BreakGlass struct {
	ID          uuid.UUID  `json:"id"`
	Case        *uuid.UUID `json:"case"` // nil once she who opened it may no longer see the case
	CaseCode    string     `json:"case_code,omitempty"`
	By          Staff      `json:"by"`
	Org         string     `json:"organisation"`
	Code        string     `json:"code"`
	Reason      string     `json:"reason,omitempty"`
	OpenedAt    time.Time  `json:"opened_at"`
	Until       time.Time  `json:"until"`
	SafetyAsked bool       `json:"safety_asked"`
	SafetyAt    *time.Time `json:"safety_at"`
	ReviewDue   time.Time  `json:"review_due"`
	ReviewedAt  *time.Time `json:"reviewed_at"`
	Verdict     string     `json:"verdict,omitempty"`
	Review      string     `json:"review,omitempty"`
}

// Location is where the emergency can be read again, while it lasts.
func (b BreakGlass) Location() string { return "/api/v1/break-glass/" + b.ID.String() }

func (c BreakGlassCommand) check(byCode bool) (spoken string, err error) {
	var ps fault.Problems
	if byCode {
		var ok bool
		spoken, ok = CleanCode(c.Case)
		switch {
		case strings.TrimSpace(c.Case) == "":
			ps.Add("/case", "required")
		case !ok || len(spoken) == 4: // the four letters alone would be a fifth of a guess
			ps.Add("/case", "case_code")
		}
	} else if c.Case != "" {
		ps.Add("/case", "unknown_field")
	}
	survivor.NeedCode("/code", codelist.BreakGlassReason, c.Code, &ps)
	reasoned("/reason", c.Reason, &ps)
	return spoken, ps.Err()
}

func reasoned(at, reason string, ps *fault.Problems) {
	if len([]rune(strings.TrimSpace(reason))) < 5 {
		ps.Add(at, "reason_needed")
	}
	survivor.Short(at, reason, 1000, ps)
}

// BreakGlass opens one case for hours to any case role of any organisation: the survivor who stands in an emergency room at night does not choose whose case
// she is. She who opens it must name the case by its whole code (or its id), which somebody who holds the case told her. A code that is wrong and a case that is sealed, walled off
// or erased are one answer: fault.NotFound, recorded, and one of a day's few tries. The holder and the supervisors are told in the same transaction; within two
// working days a supervisor reviews it, or she opens nothing more. The safety class stays closed until a second person opens it.
func (s *Service) BreakGlass(ctx context.Context, who access.Actor, id uuid.UUID, cmd BreakGlassCommand) (BreakGlass, error) {
	spoken, err := cmd.check(id == uuid.Nil)
	if err != nil {
		return BreakGlass{}, err
	}
	// The try is spent and on the record before the case is looked for, so that many at once try no more often than one.
	if _, err := gate.Do(ctx, s.gate, who, access.LookUpCase, access.Nothing, func(*gate.Tx) (int, error) { return 0, nil }); err != nil {
		return BreakGlass{}, err
	}
	limits := s.gate.Budgets()
	return gate.Do(ctx, s.gate, who, access.BreakTheGlass, access.Nothing, func(tx *gate.Tx) (BreakGlass, error) {
		tx.Answer(http.StatusCreated)
		var named any
		if id != uuid.Nil {
			named = id
		}
		opening := uuid.Must(uuid.NewV7())
		due := calendar.AddWorkingDays(tx.Now, reviewDays)
		var r struct {
			Outcome string        `db:"outcome"`
			Case    uuid.NullUUID `db:"case_id"`
			Opening uuid.NullUUID `db:"opening"`
			Until   *time.Time    `db:"until"`
		}
		err := tx.Get(&r, `select outcome, case_id, opening, until from standing.break_glass($1, $2, $3, $4, $5, $6, $7)`,
			opening, named, spoken, cmd.Code, int(limits.Emergency.Hours()), limits.Emergencies, due)
		if err != nil {
			return BreakGlass{}, err
		}
		b := BreakGlass{ID: r.Opening.UUID, By: Staff{who.User, who.Username, who.Name}, Org: who.OrgName, Code: cmd.Code, Reason: cmd.Reason, OpenedAt: tx.Now, ReviewDue: due}
		switch r.Outcome {
		case "unreviewed":
			return BreakGlass{}, fault.New(fault.Conflict, "break_glass_unreviewed")
		case "spent":
			return BreakGlass{}, fault.New(fault.TooMany, "budget_emergencies")
		case "held":
			return BreakGlass{}, fault.New(fault.Conflict, "case_is_hers")
		case "again": // pressed twice, or forgotten: it is open, and costs nothing more
			tx.Touch(r.Case.UUID)
			tx.Because(cmd.Code, nil)
			b.Case, b.Until = &r.Case.UUID, *r.Until
			return b, nil
		case "opened":
		default:
			return BreakGlass{}, tx.Refuse()
		}
		b.Case, b.Until = &r.Case.UUID, *r.Until
		tx.Touch(r.Case.UUID)
		keys, err := survivor.OpenKeys(tx, r.Case.UUID, seal.Narrative)
		if err != nil {
			return BreakGlass{}, err
		}
		sealed, err := keys.Seal(emergencyPlace("reason", opening, r.Case.UUID), []byte(cmd.Reason))
		if err != nil {
			return BreakGlass{}, err
		}
		tx.Because(cmd.Code, nil)
		tx.Later(`update break_glass set reason = $2 where id = $1`, opening, sealed)
		return b, nil
	})
}

func emergencyPlace(column string, id, caseID uuid.UUID) seal.Place {
	return seal.Place{Table: "break_glass", Column: column, Row: id, Owner: caseID, Compartment: seal.Narrative}
}

type emergencyRow struct {
	ID          uuid.UUID  `db:"id"`
	Case        uuid.UUID  `db:"case_id"`
	CaseCode    *string    `db:"case_code"`
	User        uuid.UUID  `db:"user_id"`
	Username    string     `db:"username"`
	Name        string     `db:"name"`
	Org         string     `db:"org_name"`
	Code        string     `db:"code"`
	Reason      []byte     `db:"reason"`
	OpenedAt    time.Time  `db:"opened_at"`
	Until       time.Time  `db:"until"`
	SafetyAsked *time.Time `db:"safety_asked_at"`
	SafetyAt    *time.Time `db:"safety_at"`
	ReviewDue   time.Time  `db:"review_due"`
	ReviewedAt  *time.Time `db:"reviewed_at"`
	Verdict     *string    `db:"verdict"`
	Review      []byte     `db:"review"`
}

func (r emergencyRow) view() BreakGlass {
	b := BreakGlass{ID: r.ID, By: Staff{r.User, r.Username, r.Name}, Org: r.Org, Code: r.Code, OpenedAt: r.OpenedAt, Until: r.Until, SafetyAsked: r.SafetyAsked != nil, SafetyAt: r.SafetyAt,
		ReviewDue: r.ReviewDue, ReviewedAt: r.ReviewedAt, Verdict: text(r.Verdict), CaseCode: text(r.CaseCode)}
	if r.CaseCode != nil { // the case itself is seen only by her who may see it now
		b.Case = &r.Case
	}
	return b
}

const selectEmergencies = `select b.id, b.case_id, c.code as case_code, b.user_id, u.username, u.name, o.name as org_name, b.code, b.reason, b.opened_at, b.until, b.safety_asked_at, b.safety_at,
       b.review_due, b.reviewed_at, b.verdict, b.review
  from break_glass b
  left join cases c on c.id = b.case_id
  join organisations o on o.id = b.organisation_id
  cross join lateral auth.staff(array[b.user_id]) u`

// BreakGlasses lists the emergencies that concern the caller: her own, and those on cases that she holds or supervises; what waits for a review first.
func (s *Service) BreakGlasses(ctx context.Context, who access.Actor) ([]BreakGlass, error) {
	return gate.Do(ctx, s.gate, who, access.ListBreakGlass, access.Nothing, func(tx *gate.Tx) ([]BreakGlass, error) {
		tx.Opened(access.Record)
		var rows []emergencyRow
		if err := tx.Select(&rows, selectEmergencies+` order by (b.reviewed_at is null) desc, b.opened_at desc, b.id limit 100`); err != nil {
			return nil, err
		}
		out := make([]BreakGlass, len(rows))
		for i, r := range rows {
			out[i] = r.view()
		}
		return out, nil
	})
}

// ReadBreakGlass opens one emergency with the words of her who opened the case, for those who judge it.
func (s *Service) ReadBreakGlass(ctx context.Context, who access.Actor, id uuid.UUID) (BreakGlass, error) {
	return gate.Do(ctx, s.gate, who, access.ReadBreakGlass, access.On("break_glass", id), func(tx *gate.Tx) (BreakGlass, error) {
		return readEmergency(tx, id)
	})
}

func readEmergency(tx *gate.Tx, id uuid.UUID) (BreakGlass, error) {
	tx.Opened(access.Record)
	var r emergencyRow
	if err := tx.Get(&r, selectEmergencies+` where b.id = $1`, id); err != nil {
		return BreakGlass{}, err
	}
	b := r.view()
	keys, err := survivor.OpenKeys(tx, r.Case, seal.Narrative)
	if err != nil || !keys.Has(seal.Narrative) {
		return b, err
	}
	for column, x := range map[string]struct {
		sealed []byte
		to     *string
	}{"reason": {r.Reason, &b.Reason}, "review": {r.Review, &b.Review}} {
		if len(x.sealed) > 0 {
			plain, err := keys.Open(emergencyPlace(column, id, r.Case), x.sealed)
			if err != nil {
				return BreakGlass{}, err
			}
			*x.to = string(plain)
		}
	}
	return b, nil
}

// ReviewCommand is the judgement of an emergency (list breakglass_verdict).
type ReviewCommand struct {
	Verdict string `json:"verdict"`
	Note    string `json:"note,omitempty"`
}

// Review judges an emergency, once. Whoever supervises the case does; where nobody else does, its holder; never she who opened it.
func (s *Service) Review(ctx context.Context, who access.Actor, id uuid.UUID, cmd ReviewCommand) (BreakGlass, error) {
	var ps fault.Problems
	survivor.NeedCode("/verdict", codelist.BreakGlassVerdict, cmd.Verdict, &ps)
	survivor.Short("/note", cmd.Note, 1000, &ps)
	if err := ps.Err(); err != nil {
		return BreakGlass{}, err
	}
	return gate.Do(ctx, s.gate, who, access.ReviewBreakGlass, access.On("break_glass", id), func(tx *gate.Tx) (BreakGlass, error) {
		tx.Because(cmd.Verdict, nil)
		if _, err := tx.Exec(`select standing.review_break_glass($1, $2)`, id, cmd.Verdict); err != nil {
			return BreakGlass{}, err
		}
		if cmd.Note != "" {
			keys, err := survivor.OpenKeys(tx, tx.Case, seal.Narrative)
			if err != nil {
				return BreakGlass{}, err
			}
			sealed, err := keys.Seal(emergencyPlace("review", id, tx.Case), []byte(cmd.Note))
			if err != nil {
				return BreakGlass{}, err
			}
			tx.Later(`update break_glass set review = $2 where id = $1`, id, sealed)
		}
		return readEmergency(tx, id)
	})
}

// AskSafety asks a second person to open the safety class too. She who opened the case does it, while the emergency lasts.
func (s *Service) AskSafety(ctx context.Context, who access.Actor, id uuid.UUID) error {
	_, err := gate.Do(ctx, s.gate, who, access.AskSafety, access.On("break_glass", id), func(tx *gate.Tx) (int, error) {
		_, err := tx.Exec(`select standing.ask_safety($1)`, id)
		return 0, err
	})
	return err
}

// OpenSafety is the second person's word: for the rest of the emergency she who opened the case may see where the survivor is and how to reach her.
func (s *Service) OpenSafety(ctx context.Context, who access.Actor, id uuid.UUID) error {
	_, err := gate.Do(ctx, s.gate, who, access.OpenSafety, access.On("break_glass", id), func(tx *gate.Tx) (int, error) {
		tx.Condition("second_person")
		_, err := tx.Exec(`select standing.open_safety($1)`, id)
		return 0, err
	})
	return err
}
