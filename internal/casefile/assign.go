package casefile

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
)

// AssignCommand names who shall hold the case.
type AssignCommand struct {
	To uuid.UUID `json:"to"`
}

// Assign gives a case to another of the supervisor's own staff; the former holder no longer has it. To a supervisor of others it does not exist.
func (s *Service) Assign(ctx context.Context, who access.Actor, id uuid.UUID, cmd AssignCommand) (View, error) {
	if cmd.To == uuid.Nil {
		return View{}, fault.Bad(fault.Problem{Pointer: "/to", Key: "required"})
	}
	_, err := gate.Do(ctx, s.gate, who, access.AssignCase, access.On("case", id), func(tx *gate.Tx) (assigned, error) {
		tx.Answer(http.StatusCreated)
		tx.Opened(access.Record)
		var hers bool
		if err := tx.Get(&hers, `select exists (select from cases where id = $1 and owner = $2)`, id, cmd.To); err != nil {
			return assigned{}, err
		}
		if hers { // nothing would be given, and she would have to say once more why she opens what is hers
			return assigned{}, fault.New(fault.Conflict, "cannot_be_assigned")
		}
		tx.Later(`select standing.assign($1, $2)`, id, cmd.To)
		return assigned(id), tx.Flush()
	})
	if err != nil {
		return View{}, err
	}
	return s.Read(ctx, who, id)
}

type assigned uuid.UUID

// Location is where the case can be read again.
func (a assigned) Location() string { return "/api/v1/cases/" + uuid.UUID(a).String() }
