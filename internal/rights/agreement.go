package rights

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/codelist"
	"binhan/internal/directory"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/survivor"
)

// Agreement is the document under which sensitive data travels to a partner (quy chế phối hợp; Decree 356/2025 art. 7): purposes, term, number.
type Agreement struct {
	ID           uuid.UUID       `json:"id"`
	Organisation directory.Brief `json:"organisation"`
	Number       string          `json:"number"`
	SignedOn     string          `json:"signed_on"`
	ValidFrom    string          `json:"valid_from"`
	ValidTo      string          `json:"valid_to,omitempty"`
	Purposes     []string        `json:"purposes"`
	Live         bool            `json:"live"`
}

// AgreementCommand records one.
type AgreementCommand struct {
	Organisation uuid.UUID `json:"organisation"`
	Number       string    `json:"number"`
	SignedOn     string    `json:"signed_on"`
	ValidFrom    string    `json:"valid_from,omitempty"`
	ValidTo      string    `json:"valid_to,omitempty"`
	Purposes     []string  `json:"purposes"`
}

func (c *AgreementCommand) check(now time.Time) error {
	var ps fault.Problems
	if c.Organisation == uuid.Nil {
		ps.Add("/organisation", "required")
	}
	if c.Number == "" {
		ps.Add("/number", "required")
	}
	survivor.Short("/number", c.Number, 100, &ps)
	if len(c.Purposes) == 0 {
		ps.Add("/purposes", "required")
	}
	survivor.Codes("/purposes", codelist.ConsentPurpose, c.Purposes, &ps)
	if c.ValidFrom == "" {
		c.ValidFrom = c.SignedOn
	}
	days := map[string]time.Time{}
	for at, t := range map[string]string{"/signed_on": c.SignedOn, "/valid_from": c.ValidFrom, "/valid_to": c.ValidTo} {
		if t == "" {
			if at == "/signed_on" {
				ps.Add(at, "required")
			}
			continue
		}
		d, err := time.Parse(time.DateOnly, t)
		if err != nil || d.Year() < 2000 || d.Year() > 2100 {
			ps.Add(at, "not_a_date")
			continue
		}
		days[at] = d
	}
	signed, from, to := days["/signed_on"], days["/valid_from"], days["/valid_to"]
	if signed.After(now) {
		ps.Add("/signed_on", "in_the_future")
	}
	if !from.IsZero() && from.Before(signed) {
		ps.Add("/valid_from", "rights_before_signing")
	}
	if !to.IsZero() && to.Before(from) {
		ps.Add("/valid_to", "rights_ends_before")
	}
	return ps.Err()
}

// RecordAgreement writes an agreement down.
func (s *Service) RecordAgreement(ctx context.Context, who access.Actor, cmd AgreementCommand) (Agreement, error) {
	if err := cmd.check(time.Now()); err != nil {
		return Agreement{}, err
	}
	id := uuid.Must(uuid.NewV7())
	return gate.Do(ctx, s.gate, who, access.RecordAgreement, access.Nothing, func(tx *gate.Tx) (Agreement, error) {
		tx.Answer(http.StatusCreated)
		tx.Opened(access.Rights)
		tx.Later(`insert into rights.agreements (id, organisation_id, number, signed_on, valid_from, valid_to, purposes, recorded_by, recorded_at)
			values ($1, $2, $3, $4::date, $5::date, $6::date, $7, $8, $9)`, id, cmd.Organisation, cmd.Number, cmd.SignedOn, cmd.ValidFrom, null(cmd.ValidTo), cmd.Purposes, who.User, tx.Now)
		switch err := tx.Flush(); gate.ConstraintOf(err) {
		case "agreements_organisation_id_fkey":
			return Agreement{}, fault.Bad(fault.Problem{Pointer: "/organisation", Key: "recipient"})
		case "agreement_is_recorded_once":
			return Agreement{}, fault.New(fault.Conflict, "agreement_recorded")
		default:
			if err != nil {
				return Agreement{}, err
			}
		}
		list, err := agreements(tx, `a.id = $1`, id)
		if err != nil || len(list) == 0 {
			return Agreement{}, err
		}
		return list[0], nil
	})
}

// Agreements lists them, the newest first.
func (s *Service) Agreements(ctx context.Context, who access.Actor) ([]Agreement, error) {
	return gate.Do(ctx, s.gate, who, access.SeeProcessing, access.Nothing, func(tx *gate.Tx) ([]Agreement, error) {
		tx.Opened(access.Rights)
		return agreements(tx, `true`)
	})
}

func agreements(tx *gate.Tx, where string, args ...any) ([]Agreement, error) {
	var rows []struct {
		ID       uuid.UUID      `db:"id"`
		Org      uuid.UUID      `db:"organisation_id"`
		Number   string         `db:"number"`
		Signed   time.Time      `db:"signed_on"`
		From     time.Time      `db:"valid_from"`
		To       *time.Time     `db:"valid_to"`
		Purposes gate.TextArray `db:"purposes"`
	}
	if err := tx.Select(&rows, `select a.id, a.organisation_id, a.number, a.signed_on, a.valid_from, a.valid_to, a.purposes from rights.agreements a where `+where+` order by a.valid_from desc, a.id limit 500`, args...); err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, 0, len(rows))
	for _, r := range rows {
		ids = append(ids, r.Org)
	}
	orgs, err := directory.Names(tx, ids...)
	if err != nil {
		return nil, err
	}
	day := today(tx.Now).Format(time.DateOnly)
	out := make([]Agreement, 0, len(rows))
	for _, r := range rows {
		a := Agreement{ID: r.ID, Organisation: orgs[r.Org], Number: r.Number, SignedOn: r.Signed.Format(time.DateOnly), ValidFrom: r.From.Format(time.DateOnly), Purposes: append([]string{}, r.Purposes...)}
		a.Live = a.ValidFrom <= day
		if r.To != nil {
			a.ValidTo = r.To.Format(time.DateOnly)
			a.Live = a.Live && a.ValidTo >= day
		}
		out = append(out, a)
	}
	return out, nil
}
