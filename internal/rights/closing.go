package rights

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/seal"
	"binhan/internal/survivor"
)

// CloseCommand ends the work on a case. SafetyChecked says that she was asked whether she is safe, or why she could not be asked stands in the note.
type CloseCommand struct {
	Reason        string `json:"reason"`
	Note          string `json:"note,omitempty"`
	SafetyChecked bool   `json:"safety_checked"`
}

// Closure is a closing or a reopening as it is read.
type Closure struct {
	Move      string         `json:"move"`
	Reason    string         `json:"reason"`
	At        time.Time      `json:"at"`
	By        casefile.Staff `json:"by"`
	Note      string         `json:"note,omitempty"`
	KeepUntil string         `json:"keep_until,omitempty"`
	Rule      string         `json:"rule,omitempty"`
	Case      uuid.UUID      `json:"case"`
	Status    string         `json:"status"`
}

// Location is where the case can be read again.
func (c Closure) Location() string { return "/api/v1/cases/" + c.Case.String() }

func closurePlace(id, caseID uuid.UUID) seal.Place {
	return seal.Place{Table: "case_closures", Column: "note", Row: id, Owner: caseID, Compartment: seal.Narrative}
}

// keep is the rule and the last day for which a case closed on a day is kept. The last day is rounded up to the end of its year, so that it does not tell a
// child's birthday. Of an unknown age the rule is the adult's.
func keep(p *survivor.Person, received, closed time.Time) (rule string, until time.Time) {
	terms := codelist.MustGet(codelist.RetentionTerm)
	years := func(code, key string) int { n, _ := terms.NoteInt(code, key); return n }
	rule, until = "ADULT", closed.AddDate(years("ADULT", "years"), 0, 0)
	if p != nil {
		if age, known := p.AgeOn(received); known && age < childUnder {
			rule, until = "CHILD", closed.AddDate(years("CHILD", "years"), 0, 0)
			grown := received.AddDate(years("CHILD", "child_until")-age, 0, 0)
			if grown.After(until) {
				until = grown
			}
		}
	}
	return rule, time.Date(until.Year(), 12, 31, 0, 0, 0, 0, calendar.Zone)
}

// childUnder is the age under which somebody is a child (Law on Children 2016 art. 1; a bill of 2026 may move it).
const childUnder = 16

// Close ends the work on a case for a coded reason, if no referral is open. From then on nothing of it changes until it is taken up again, and its term runs.
func (s *Service) Close(ctx context.Context, who access.Actor, id uuid.UUID, cmd CloseCommand) (Closure, error) {
	var ps fault.Problems
	survivor.NeedCode("/reason", codelist.ClosureReason, cmd.Reason, &ps)
	survivor.Short("/note", cmd.Note, 5000, &ps)
	if !cmd.SafetyChecked && len([]rune(cmd.Note)) < 5 {
		ps.Add("/safety_checked", "rights_safety_first")
	}
	if cmd.Reason == "OTHER" && cmd.Note == "" {
		ps.Add("/note", "required")
	}
	if err := ps.Err(); err != nil {
		return Closure{}, err
	}
	return gate.Do(ctx, s.gate, who, access.CloseCase, access.On("case", id), func(tx *gate.Tx) (Closure, error) {
		tx.Answer(http.StatusNoContent) // a replay shows no case: it was no case that was answered
		var status string
		if err := tx.Get(&status, `select status from cases where id = $1 for update`, id); err != nil {
			return Closure{}, err
		}
		if slices.Contains([]string{"CLOSED", "ARCHIVED", "ERASED"}, status) {
			return Closure{}, fault.New(fault.Conflict, "case_closed")
		}
		var open int
		if err := tx.Get(&open, `select count(*) from referrals where case_id = $1 and status in ('DRAFT', 'SENT', 'RECEIVED', 'INFO_REQUESTED', 'ACCEPTED', 'IN_SERVICE', 'FEEDBACK', 'NO_SHOW')`, id); err != nil {
			return Closure{}, err
		}
		if open > 0 {
			return Closure{}, fault.New(fault.Conflict, "case_has_open_referrals").With(map[string]any{"n": open})
		}
		v, err := casefile.Open(tx, id)
		if err != nil {
			return Closure{}, err
		}
		received, err := time.ParseInLocation(time.DateOnly, v.ReceivedOn, calendar.Zone)
		if err != nil {
			return Closure{}, err
		}
		day := today(tx.Now)
		rule, until := keep(v.Survivor, received, day)
		c, err := s.noteClosure(tx, id, "closure", cmd.Reason, cmd.Note)
		if err != nil {
			return Closure{}, err
		}
		tx.Later(`insert into rights.terms (case_id, rule, starts_on, keep_until) values ($1, $2, $3::date, $4::date)
			on conflict (case_id) do update set rule = excluded.rule, starts_on = excluded.starts_on, keep_until = excluded.keep_until`,
			id, rule, day.Format(time.DateOnly), until.Format(time.DateOnly))
		if err := casefile.PutLate(tx, id, day, cmd.Reason); err != nil {
			return Closure{}, err
		}
		tx.Later(`update cases set status = 'CLOSED', updated_at = $2, version = version + 1 where id = $1`, id, tx.Now)
		tx.Because(cmd.Reason, nil)
		tx.Opened(access.Record)
		c.KeepUntil, c.Rule, c.Status = until.Format(time.DateOnly), rule, "CLOSED"
		return c, tx.Flush()
	})
}

func (s *Service) noteClosure(tx *gate.Tx, id uuid.UUID, move, reason, note string) (Closure, error) {
	keys, err := survivor.OpenKeys(tx, id, seal.Narrative)
	if err != nil {
		return Closure{}, err
	}
	row := uuid.Must(uuid.NewV7())
	var sealed any
	if note != "" {
		if sealed, err = keys.Seal(closurePlace(row, id), []byte(note)); err != nil {
			return Closure{}, err
		}
	}
	tx.Later(`insert into case_closures (id, case_id, move, reason, at, by_user, note) values ($1, $2, $3, $4, $5, $6, $7)`, row, id, move, reason, tx.Now, tx.Who.User, sealed)
	return Closure{Move: move, Reason: reason, At: tx.Now, By: casefile.Staff{ID: tx.Who.User, Username: tx.Who.Username, Name: tx.Who.Name}, Note: note, Case: id}, nil
}

// ReopenCommand takes a closed case up again.
type ReopenCommand struct {
	Reason string `json:"reason"`
	Note   string `json:"note,omitempty"`
}

// Reopen takes a closed case up again for a coded reason. Its term stops.
func (s *Service) Reopen(ctx context.Context, who access.Actor, id uuid.UUID, cmd ReopenCommand) (Closure, error) {
	var ps fault.Problems
	survivor.NeedCode("/reason", codelist.ReopenReason, cmd.Reason, &ps)
	survivor.Short("/note", cmd.Note, 5000, &ps)
	if err := ps.Err(); err != nil {
		return Closure{}, err
	}
	return gate.Do(ctx, s.gate, who, access.ReopenCase, access.On("case", id), func(tx *gate.Tx) (Closure, error) {
		tx.Answer(http.StatusNoContent) // a replay shows no case: it was no case that was answered
		var status string
		if err := tx.Get(&status, `select status from cases where id = $1 for update`, id); err != nil {
			return Closure{}, err
		}
		if status != "CLOSED" {
			return Closure{}, fault.New(fault.Conflict, "case_not_closed")
		}
		if err := casefile.DropLate(tx, id); err != nil {
			return Closure{}, err
		}
		tx.Later(`update cases set status = 'REOPENED', updated_at = $2, version = version + 1 where id = $1`, id, tx.Now)
		tx.Later(`delete from rights.terms where case_id = $1`, id)
		c, err := s.noteClosure(tx, id, "reopening", cmd.Reason, cmd.Note)
		if err != nil {
			return Closure{}, err
		}
		tx.Because(cmd.Reason, nil)
		tx.Opened(access.Record)
		c.Status = "REOPENED"
		return c, tx.Flush()
	})
}
