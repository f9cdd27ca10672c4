package casefile

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/survivor"
)

// SealCommand asks that a case look absent to everybody but its holder and those named (usernames): a member of staff who is herself a survivor, a person
// whom everybody knows. Why is of the list seal_reason. Second is the other person without whom no seal begins or ends; her supervisor when nobody is named.
type SealCommand struct {
	Why    string   `json:"why"`
	Names  []string `json:"names,omitempty"`
	Second string   `json:"second,omitempty"`
}

// Seal is what waits for the second person. Code is told only while the case is still open to her.
type Seal struct {
	ID      uuid.UUID `json:"id" db:"id"`
	Why     string    `json:"why" db:"why"`
	Lifting bool      `json:"lifting" db:"lifting"`
	AskedBy string    `json:"asked_by" db:"asked_by"`
	AskedAt time.Time `json:"asked_at" db:"asked_at"`
	Code    *string   `json:"case_code" db:"code"`
}

// AskSeal asks for a seal. Only the holder may; nothing changes until the second person agrees.
func (s *Service) AskSeal(ctx context.Context, who access.Actor, id uuid.UUID, cmd SealCommand) error {
	var ps fault.Problems
	survivor.NeedCode("/why", codelist.SealReason, cmd.Why, &ps)
	survivor.Short("/second", cmd.Second, 100, &ps)
	if len(cmd.Names) > 20 {
		ps.Add("/names", "too_many", "most", 20)
	}
	for _, n := range cmd.Names {
		survivor.Short("/names", n, 100, &ps)
	}
	if err := ps.Err(); err != nil {
		return err
	}
	_, err := gate.Do(ctx, s.gate, who, access.SealCase, access.On("case", id), func(tx *gate.Tx) (int, error) {
		tx.Answer(http.StatusCreated)
		tx.Because(cmd.Why, nil)
		var outcome string
		if err := tx.Get(&outcome, `select standing.ask_seal($1, $2, $3, $4, $5)`, uuid.Must(uuid.NewV7()), id, cmd.Why, gate.Texts(cmd.Names), strings.TrimSpace(cmd.Second)); err != nil {
			return 0, err
		}
		switch outcome {
		case "no_second":
			return 0, fault.Bad(fault.Problem{Pointer: "/second", Key: "no_second_person"})
		case "no_such_person":
			return 0, fault.Bad(fault.Problem{Pointer: "/names", Key: "no_such_person"})
		case "already":
			return 0, fault.New(fault.Conflict, "seal_asked_already")
		}
		return 0, nil
	})
	return err
}

// AskUnseal asks that the seal end. Its named holder may.
func (s *Service) AskUnseal(ctx context.Context, who access.Actor, id uuid.UUID) error {
	_, err := gate.Do(ctx, s.gate, who, access.UnsealCase, access.On("case", id), func(tx *gate.Tx) (int, error) {
		tx.Answer(http.StatusCreated)
		var seal uuid.NullUUID
		if err := tx.Get(&seal, `select standing.ask_unseal($1)`, id); err != nil {
			return 0, err
		}
		if !seal.Valid {
			return 0, fault.New(fault.Conflict, "not_sealed")
		}
		return 0, nil
	})
	return err
}

// Seals lists what waits for the caller as the second person.
func (s *Service) Seals(ctx context.Context, who access.Actor) ([]Seal, error) {
	return gate.Do(ctx, s.gate, who, access.ListSeals, access.Nothing, func(tx *gate.Tx) ([]Seal, error) {
		tx.Opened(access.Record)
		rows := []Seal{}
		err := tx.Select(&rows, `select id, why, lifting, asked_by, asked_at, code from standing.seals_waiting()`)
		return rows, err
	})
}

// AgreeSeal is the second person's word, for a seal or for its end. From then on the case is absent, or back.
func (s *Service) AgreeSeal(ctx context.Context, who access.Actor, id uuid.UUID) error {
	_, err := gate.Do(ctx, s.gate, who, access.AgreeSeal, access.Nothing, func(tx *gate.Tx) (int, error) {
		tx.Condition("second_person")
		var c uuid.NullUUID
		if err := tx.Get(&c, `select standing.agree_seal($1)`, id); err != nil {
			return 0, err
		}
		if !c.Valid {
			return 0, tx.Refuse()
		}
		tx.Touch(c.UUID)
		return 0, nil
	})
	return err
}
