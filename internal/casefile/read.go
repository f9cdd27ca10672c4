package casefile

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/codelist"
	"binhan/internal/consent"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/seal"
	"binhan/internal/survivor"
)

// all are the classes of a case.
var all = access.SetOf(access.Record, access.Identity, access.Safety, access.Narrative, access.Evidence)

// Read opens a case as this reader may see it. Reading is an act: it is on the record.
func (s *Service) Read(ctx context.Context, who access.Actor, id uuid.UUID) (View, error) {
	return gate.Do(ctx, s.gate, who, access.ReadCase, access.On("case", id), func(tx *gate.Tx) (View, error) {
		return salvage(tx, id, all)
	})
}

// ReadFolded opens a case for a page on which the story stays folded: the key of its story is not opened, and of its events only when and where they were is told. Folded says
// that there is more that she may open; opening it is an act of its own.
func (s *Service) ReadFolded(ctx context.Context, who access.Actor, id uuid.UUID) (View, error) {
	return gate.Do(ctx, s.gate, who, access.ReadCase, access.On("case", id), func(tx *gate.Tx) (View, error) {
		v, err := salvage(tx, id, all&^access.SetOf(access.Narrative))
		if err == nil && tx.Classes.Has(access.Narrative) {
			v.Folded = true
			v.Withheld = slices.DeleteFunc(v.Withheld, func(c string) bool { return c == string(access.Narrative) })
		}
		return v, err
	})
}

// Open reads a whole case inside another act that the decision let open all of it: a referral takes its snapshot from here.
func Open(tx *gate.Tx, id uuid.UUID) (View, error) {
	v, _, err := open(tx, id, all)
	return v, damaged(err)
}

// damaged says of a part that does not open that the case cannot be changed, sent or copied: what would be written or handed on is not what was told.
func damaged(err error) error {
	if errors.Is(err, seal.ErrForged) {
		return fault.New(fault.Conflict, "case_damaged").Because(err)
	}
	return err
}

// RevealCommand names the classes to open and says why.
type RevealCommand struct {
	Classes []string `json:"classes"`
	Reason  string   `json:"reason,omitempty"`
	Code    string   `json:"code,omitempty"` // list opening_reason
}

// Reveal opens classes that reading withholds. The reason goes into the record, sealed with the story of the case.
func (s *Service) Reveal(ctx context.Context, who access.Actor, id uuid.UUID, cmd RevealCommand) (View, error) {
	var ps fault.Problems
	var want access.ClassSet
	if len(cmd.Classes) == 0 {
		ps.Add("/classes", "required")
	}
	for _, c := range cmd.Classes {
		switch access.Class(c) {
		case access.Identity, access.Safety, access.Narrative, access.Evidence:
			want |= access.SetOf(access.Class(c))
		default:
			ps.Add("/classes", "unknown_class")
		}
	}
	if cmd.Code == "" {
		reasoned("/reason", cmd.Reason, &ps)
	} else {
		survivor.NeedCode("/code", codelist.OpeningReason, cmd.Code, &ps)
		survivor.Short("/reason", cmd.Reason, 1000, &ps)
	}
	if err := ps.Err(); err != nil {
		return View{}, err
	}
	return gate.Do(ctx, s.gate, who, access.RevealCase, access.On("case", id), func(tx *gate.Tx) (View, error) {
		if tx.Classes&want != want {
			return View{}, fault.New(fault.Refused, "class_not_hers")
		}
		if tx.First() && cmd.Code == "" {
			return View{}, fault.Bad(fault.Problem{Pointer: "/code", Key: "required"}) // she was given the case: why does she open it now?
		}
		v, err := salvage(tx, id, want)
		if err != nil {
			return View{}, err
		}
		v.ReasonNeeded = false
		code := cmd.Code
		if code == "" {
			code = "reveal"
		}
		var note []byte
		if cmd.Reason != "" {
			if note, err = sealReason(tx, id, cmd.Reason); err != nil {
				return View{}, err
			}
		}
		tx.Because(code, note)
		tx.Later(`update case_openings set why = coalesce(why, $3) where case_id = $1 and user_id = $2`, id, who.User, code)
		return v, nil
	})
}

// reasonPlace: reasons are free text, so they are sealed with the story; the record of audit keeps the sealed bytes.
func reasonPlace(id uuid.UUID) seal.Place {
	return seal.Place{Table: "audit.entries", Column: "note", Row: id, Owner: id, Compartment: seal.Narrative}
}

func sealReason(tx *gate.Tx, id uuid.UUID, reason string) ([]byte, error) {
	keys, err := survivor.OpenKeys(tx, id, seal.Narrative)
	if err != nil {
		return nil, err
	}
	if !keys.Has(seal.Narrative) {
		return nil, fault.New(fault.Refused, "class_not_hers")
	}
	return keys.Seal(reasonPlace(id), []byte(reason))
}

// Consents lists what she agreed to.
func (s *Service) Consents(ctx context.Context, who access.Actor, id uuid.UUID) ([]consent.View, error) {
	return gate.Do(ctx, s.gate, who, access.ReadCase, access.On("case", id), func(tx *gate.Tx) ([]consent.View, error) {
		tx.Opened(access.Record)
		keys, err := survivor.SalvageKeys(tx, id, seal.Narrative)
		if err != nil {
			return nil, err
		}
		return consent.OfCase(tx, keys, id)
	})
}

// ConsentsFolded lists the same without what is sealed with the story: who bore witness.
func (s *Service) ConsentsFolded(ctx context.Context, who access.Actor, id uuid.UUID) ([]consent.View, error) {
	return gate.Do(ctx, s.gate, who, access.ReadCase, access.On("case", id), func(tx *gate.Tx) ([]consent.View, error) {
		tx.Opened(access.Record)
		return consent.OfCase(tx, nil, id)
	})
}
