package rights

import (
	"context"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/survivor"
)

// HandoverCommand says into whose hands a copy went, and how it was made sure who that is. The name of whoever takes it stands on the signed paper alone.
type HandoverCommand struct {
	To            string `json:"to"`             // list consent_actor
	IdentityCheck string `json:"identity_check"` // list dsr_identity_check
}

// Handover is the receipt of a copy.
type Handover struct {
	ID            uuid.UUID      `json:"id"`
	To            string         `json:"to"`
	IdentityCheck string         `json:"identity_check"`
	By            casefile.Staff `json:"by"`
	At            time.Time      `json:"at"`
}

// CopyMade is a copy that was made of a case, and its receipt once it was handed over. Its id is the mark on every page of the copy.
type CopyMade struct {
	ID        uuid.UUID      `json:"id"`
	Case      CaseRef        `json:"case"`
	By        casefile.Staff `json:"by"`
	At        time.Time      `json:"at"`
	Files     bool           `json:"files"`
	Protected bool           `json:"protected"`
	Request   string         `json:"request,omitempty"` // code of the request behind it
	Handover  *Handover      `json:"handover,omitempty"`
}

const selectCopies = `select c.id, c.case_id, x.code as case_code, c.made_by, u.username, u.name, c.made_at, c.with_files, c.protected, r.code as request,
       h.id as handover, h.to_whom, h.identity_check, h.by_user, w.username as by_username, w.name as by_name, h.at
  from rights.copies c
  join cases x on x.id = c.case_id
  cross join lateral auth.staff(array[c.made_by]) u
  left join rights.requests r on r.id = c.request_id
  left join rights.handovers h on h.copy_id = c.id
  left join lateral auth.staff(array[h.by_user]) w on true
 where c.case_id = $1 and ($2::uuid is null or c.id = $2)
 order by c.made_at desc, c.id desc
 limit 100`

func copiesOf(tx *gate.Tx, caseID uuid.UUID, one any) ([]CopyMade, error) {
	var rows []struct {
		ID         uuid.UUID     `db:"id"`
		Case       uuid.UUID     `db:"case_id"`
		CaseCode   string        `db:"case_code"`
		By         uuid.UUID     `db:"made_by"`
		Username   string        `db:"username"`
		Name       string        `db:"name"`
		At         time.Time     `db:"made_at"`
		Files      bool          `db:"with_files"`
		Protected  bool          `db:"protected"`
		Request    *string       `db:"request"`
		Handover   uuid.NullUUID `db:"handover"`
		To         *string       `db:"to_whom"`
		Check      *string       `db:"identity_check"`
		ByUser     uuid.NullUUID `db:"by_user"`
		ByUsername *string       `db:"by_username"`
		ByName     *string       `db:"by_name"`
		HandedAt   *time.Time    `db:"at"`
	}
	if err := tx.Select(&rows, selectCopies, caseID, one); err != nil {
		return nil, err
	}
	out := []CopyMade{}
	for _, r := range rows {
		c := CopyMade{ID: r.ID, Case: CaseRef{r.Case, r.CaseCode}, By: casefile.Staff{ID: r.By, Username: r.Username, Name: r.Name}, At: r.At, Files: r.Files, Protected: r.Protected, Request: text(r.Request)}
		if r.Handover.Valid {
			c.Handover = &Handover{r.Handover.UUID, text(r.To), text(r.Check), casefile.Staff{ID: r.ByUser.UUID, Username: text(r.ByUsername), Name: text(r.ByName)}, *r.HandedAt}
		}
		out = append(out, c)
	}
	return out, nil
}

// Copies lists the copies that were made of a case, the newest first, with their receipts; for whoever may make one. It opens nothing of the case.
func (s *Service) Copies(ctx context.Context, who access.Actor, caseID uuid.UUID) ([]CopyMade, error) {
	return s.copies(ctx, who, caseID, nil)
}

// CopyOf reads one of them, for its receipt.
func (s *Service) CopyOf(ctx context.Context, who access.Actor, caseID, id uuid.UUID) (CopyMade, error) {
	list, err := s.copies(ctx, who, caseID, id)
	if err != nil {
		return CopyMade{}, err
	}
	if len(list) == 0 {
		return CopyMade{}, fault.Missing()
	}
	return list[0], nil
}

func (s *Service) copies(ctx context.Context, who access.Actor, caseID uuid.UUID, one any) ([]CopyMade, error) {
	look := access.CopyCase // to look at the list needs no fresh proof
	look.Writes, look.StepUp = false, false
	return gate.Do(ctx, s.gate, who, look, access.On("case", caseID), func(tx *gate.Tx) ([]CopyMade, error) {
		tx.Opened(access.Record)
		tx.Because("copies", nil)
		return copiesOf(tx, caseID, one)
	})
}

// HandOver writes down that a copy was handed to the person concerned or to who acts for her. Once, by whoever may make a copy, with a fresh proof of who she is.
func (s *Service) HandOver(ctx context.Context, who access.Actor, caseID, id uuid.UUID, cmd HandoverCommand) (CopyMade, error) {
	var ps fault.Problems
	survivor.NeedCode("/to", codelist.ConsentActor, cmd.To, &ps)
	survivor.NeedCode("/identity_check", codelist.DSRIdentityCheck, cmd.IdentityCheck, &ps)
	if err := ps.Err(); err != nil {
		return CopyMade{}, err
	}

	return gate.Do(ctx, s.gate, who, access.CopyCase, access.On("case", caseID), func(tx *gate.Tx) (CopyMade, error) {
		list, err := copiesOf(tx, caseID, id)
		if err != nil {
			return CopyMade{}, err
		}
		if len(list) == 0 {
			return CopyMade{}, fault.Missing()
		}
		if list[0].Handover != nil {
			return CopyMade{}, fault.New(fault.Conflict, "copy_handed_over")
		}
		tx.Later(`insert into rights.handovers (id, copy_id, case_id, to_whom, identity_check, by_user, at) values ($1, $2, $3, $4, $5, $6, $7)`,
			uuid.Must(uuid.NewV7()), id, caseID, cmd.To, cmd.IdentityCheck, who.User, tx.Now)
		tx.Because("hand_over", nil)
		tx.Opened(access.Record)
		if list, err = copiesOf(tx, caseID, id); err != nil {
			return CopyMade{}, err
		}
		return list[0], nil
	})
}
