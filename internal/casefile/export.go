package casefile

import (
	"context"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/survivor"
)

// ExportCommand takes a copy of a case out of the system. Purpose says what for.
type ExportCommand struct {
	Reason string `json:"reason"`
}

// Export is a copy of a case with the mark that it bears on every page: who took it, when, of which case. It never holds the safety class.
type Export struct {
	Mark Mark `json:"mark"`
	Case View `json:"case"`
}

// Mark is the watermark of a copy.
type Mark struct {
	Text string    `json:"text"`
	By   string    `json:"by"`
	Org  string    `json:"organisation"`
	At   time.Time `json:"at"`
	Code string    `json:"code"`
}

// MarkText stands across every page of a copy.
const MarkText = "Bí mật – không sao chụp"

// exported are the classes that may leave the system. Where she is and how to reach her stays inside.
var exported = access.SetOf(access.Record, access.Identity, access.Narrative, access.Evidence)

// Export takes one case out: an act of its own, with a reason and a proof of who she is, counted, marked. Only the holder may. There is no way to take out many at once.
func (s *Service) Export(ctx context.Context, who access.Actor, id uuid.UUID, cmd ExportCommand) (Export, error) {
	var ps fault.Problems
	reasoned("/reason", cmd.Reason, &ps)
	survivor.Short("/reason", cmd.Reason, 1000, &ps)
	if err := ps.Err(); err != nil {
		return Export{}, err
	}
	return gate.Do(ctx, s.gate, who, access.ExportCase, access.On("case", id), func(tx *gate.Tx) (Export, error) {
		v, _, err := open(tx, id, exported)
		if err != nil {
			return Export{}, err
		}
		note, err := sealReason(tx, id, cmd.Reason)
		if err != nil {
			return Export{}, err
		}
		tx.Because("export", note)
		return Export{Mark{MarkText, who.Name, who.OrgName, tx.Now, v.Code}, v}, nil
	})
}
