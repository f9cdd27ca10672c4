package signin

import (
	"context"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/seal"
)

// CardCommand is what a member of staff tells about herself, so that whoever looks at her kin and neighbours is noticed, herself first. It is sealed at once and shown
// to nobody again, not to her either: who finds her screen open learns nothing. She gives it anew when it changes.
type CardCommand struct {
	Commune  string `json:"commune"`   // code of where she lives, or comes from
	Address  string `json:"address"`   // at most 200 letters
	Phone    string `json:"phone"`     // her own
	IDNumber string `json:"id_number"` // nine or twelve digits
}

// String hides it.
func (CardCommand) String() string { return "card(…)" }

// GoString hides it.
func (CardCommand) GoString() string { return "card(…)" }

var (
	communeForm = regexp.MustCompile(`^[0-9]{5}$`)
	numberForm  = regexp.MustCompile(`^[+]?[-0-9 .()]*$`)
)

func (c CardCommand) check() error {
	var ps fault.Problems
	if c.Commune == "" {
		ps.Add("/commune", "required")
	} else if !communeForm.MatchString(c.Commune) {
		ps.Add("/commune", "unknown_code", "list", "admin_commune")
	}
	if utf8.RuneCountInString(c.Address) > 200 {
		ps.Add("/address", "too_long", "most", 200)
	}
	if n := len(onlyDigits(c.Phone)); c.Phone != "" && (n < 8 || n > 15 || len(c.Phone) > 40 || !numberForm.MatchString(c.Phone)) {
		ps.Add("/phone", "phone")
	}
	if n := len(onlyDigits(c.IDNumber)); c.IDNumber != "" && (n != 9 && n != 12 || len(c.IDNumber) > 40 || !numberForm.MatchString(c.IDNumber)) {
		ps.Add("/id_number", "id_number")
	}
	return ps.Err()
}

// KeepCard keeps it in place of what she told before.
func (s *Service) KeepCard(ctx context.Context, who access.Actor, c CardCommand) error {
	c.Commune, c.Address, c.Phone, c.IDNumber = strings.TrimSpace(c.Commune), strings.TrimSpace(c.Address), strings.TrimSpace(c.Phone), strings.TrimSpace(c.IDNumber)
	if err := c.check(); err != nil {
		return err
	}
	_, err := gate.Do(ctx, s.gate, who, access.KeepAccount, access.Nothing, func(tx *gate.Tx) (int, error) {
		tx.Because("keep_card", nil)
		wrapped, sealed, err := tx.SealCard(seal.Card{Name: who.Name, Commune: c.Commune, Address: c.Address, Phone: c.Phone, IDNumber: c.IDNumber})
		if err != nil {
			return 0, err
		}
		tx.Later(`select auth.keep_card($1, $2)`, wrapped, sealed)
		return 0, nil
	})
	return err
}

// cardGiven tells since when she has given hers; nil when she has not.
func cardGiven(tx *gate.Tx) (at *time.Time, err error) {
	return at, tx.Get(&at, `select auth.my_card()`)
}
