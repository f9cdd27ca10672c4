package referral

import (
	"github.com/google/uuid"

	"binhan/internal/fault"
	"binhan/internal/gate"
)

// agreement tells whether a document is in force under which data may travel to an organisation (rights.agreements; Decree 356/2025 art. 7).
func agreement(tx *gate.Tx, org uuid.UUID) (live bool, err error) {
	return live, tx.Get(&live, `select exists (select 1 from rights.agreements a
		 where a.organisation_id = $1 and a.valid_from <= (now() at time zone 'Asia/Ho_Chi_Minh')::date
		   and (a.valid_to is null or a.valid_to >= (now() at time zone 'Asia/Ho_Chi_Minh')::date))`, org)
}

// agreed refuses to share by consent with an organisation without an agreement where that is demanded. What a law or a danger to life demands waits for no paper.
func (s *Service) agreed(tx *gate.Tx, org uuid.UUID) error {
	if !s.NeedsAgreement {
		return nil
	}
	live, err := agreement(tx, org)
	if err == nil && !live {
		err = fault.New(fault.Conflict, "agreement_missing")
	}
	return err
}
