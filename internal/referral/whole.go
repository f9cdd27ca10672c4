package referral

import (
	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/gate"
)

// OfCase tells the referrals of a case with what each receiver was shown, inside another act that opened the disclosures: for the file of the person herself.
func OfCase(tx *gate.Tx, caseID uuid.UUID) ([]View, error) {
	var rows []record
	if err := tx.Select(&rows, `select `+columns+` from referrals r where r.case_id = $1 order by r.created_at, r.id`, caseID); err != nil {
		return nil, err
	}
	tx.Opened(access.Envelope)
	out := make([]View, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		r.Status = r.Status.At(tx.Now, r.SentAt, r.DueAck, r.DueAccept)
		v, err := r.view(tx, Sender)
		if err != nil {
			return nil, err
		}
		if v.Disclosed, err = r.disclosed(tx); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}
