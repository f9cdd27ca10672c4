package gate

import (
	"encoding/json"

	"binhan/internal/seal"
)

// SealCard seals what the actor tells about herself for the watch, under a key of its own that is wrapped for her. Only the key ring ever opens it, to compare.
func (tx *Tx) SealCard(c seal.Card) (wrapped, sealed []byte, err error) {
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, nil, err
	}
	k, ws, err := tx.NewKeys(tx.Who.User, seal.Identity)
	if err != nil {
		return nil, nil, err
	}
	sealed, err = k.Seal(seal.CardPlace(tx.Who.User), plain)
	return ws[0].Key, sealed, err
}
