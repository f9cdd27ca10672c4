package gate

import (
	"errors"
	"log/slog"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/seal"
)

// KeyFault turns what the key ring says into the vocabulary of faults; other errors stay as they are. A sealed thing that does not open where it
// lies is our failure to the caller and an alarm to the operator: somebody has altered or moved it.
func KeyFault(act access.Act, err error) error {
	switch {
	case errors.Is(err, seal.ErrBudget):
		return fault.New(fault.TooMany, "key_budget").Because(err)
	case errors.Is(err, seal.ErrUnavailable):
		return fault.New(fault.Unavailable, "keys_unavailable").Because(err)
	case errors.Is(err, seal.ErrForgotten):
		return fault.Missing().Because(err)
	case errors.Is(err, seal.ErrForged):
		slog.Error("security: a sealed thing does not open where it lies", "act", act.Name, "cause", err.Error()) // ids and names of columns only
	}
	return err
}
