package casefile

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
)

// PutLate queues what is known of a case at its closing, for the statistics of that year: the reason of closing as the outcome, the service of her first referral, and
// how long it took until somebody accepted it. No id leads from there to the case. Closing calls it in its own act; one that was counted already stays as it is.
func PutLate(tx *gate.Tx, id uuid.UUID, day time.Time, outcome string) error {
	var first struct {
		Service  string     `db:"service"`
		Sent     time.Time  `db:"sent_at"`
		Accepted *time.Time `db:"accepted_at"`
	}
	service, bin := "NONE", "NONE"
	err := tx.Get(&first, `select service, sent_at, accepted_at from referrals where case_id = $1 and sent_at is not null order by sent_at, id limit 1`, id)
	switch {
	case err == nil:
		service = first.Service
		if first.Accepted != nil {
			bin = codelist.TimeBin(first.Accepted.Sub(first.Sent))
		}
	case !errors.Is(err, fault.NotFound):
		return err
	}
	ref, err := tx.MAC("fact", id[:])
	if err != nil {
		return err
	}
	tx.Later(`select stats.put_late($1, $2::date, $3, $4, $5)`, ref, day.Format(time.DateOnly), service, outcome, bin)
	return nil
}

// DropLate takes back what closing said, when the case is opened again before a cube counted it.
func DropLate(tx *gate.Tx, id uuid.UUID) error {
	ref, err := tx.MAC("fact", id[:])
	if err != nil {
		return err
	}
	tx.Later(`select stats.drop_late($1)`, ref)
	return nil
}
