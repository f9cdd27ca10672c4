package casefile

import (
	"context"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/gate"
)

// Notice is something that a person must be told. It holds no content: what happened, when, by whom, and the code of the case for her who may see it.
type Notice struct {
	ID       uuid.UUID  `json:"id"`
	Kind     string     `json:"kind"`
	At       time.Time  `json:"at"`
	Case     *uuid.UUID `json:"case"`
	CaseCode string     `json:"case_code,omitempty"`
	Subject  *uuid.UUID `json:"subject"`
	By       string     `json:"by,omitempty"`
	Org      string     `json:"organisation,omitempty"`
	SeenAt   *time.Time `json:"seen_at"`
}

// NoticePage is what she has been told, the newest first, and how much of it she has not read.
type NoticePage struct {
	Items  []Notice `json:"items"`
	Unseen int      `json:"unseen"`
}

// Notices lists the caller's own, of the last 90 days.
func (s *Service) Notices(ctx context.Context, who access.Actor) (NoticePage, error) {
	return gate.Do(ctx, s.gate, who, access.ListNotices, access.Nothing, func(tx *gate.Tx) (NoticePage, error) {
		var rows []struct {
			ID       uuid.UUID     `db:"id"`
			Kind     string        `db:"kind"`
			At       time.Time     `db:"at"`
			Case     uuid.NullUUID `db:"case_id"`
			CaseCode *string       `db:"code"`
			Subject  uuid.NullUUID `db:"subject"`
			By       *string       `db:"name"`
			Org      *string       `db:"org_name"`
			SeenAt   *time.Time    `db:"seen_at"`
			Unseen   int           `db:"unseen"`
		}
		err := tx.Select(&rows, `select n.id, n.kind, n.at, c.id as case_id, c.code, n.subject, u.name, o.name as org_name, n.seen_at,
			       count(*) filter (where n.seen_at is null) over () as unseen
			  from notices n
			  left join cases c on c.id = n.case_id
			  left join organisations o on o.id = n.by_org
			  left join lateral auth.staff(array[n.by_user]) u on true
			 where n.at > $1::timestamptz - interval '90 days'
			 order by n.at desc, n.id
			 limit 100`, tx.Now)
		if err != nil {
			return NoticePage{}, err
		}
		p := NoticePage{Items: []Notice{}}
		for _, r := range rows {
			p.Unseen = r.Unseen
			n := Notice{ID: r.ID, Kind: r.Kind, At: r.At, CaseCode: text(r.CaseCode), By: text(r.By), Org: text(r.Org), SeenAt: r.SeenAt}
			if r.Case.Valid {
				n.Case = &r.Case.UUID
			}
			if r.Subject.Valid {
				n.Subject = &r.Subject.UUID
			}
			p.Items = append(p.Items, n)
		}
		return p, nil
	})
}

// SeenCommand names the notices that she has read; none names all of hers.
type SeenCommand struct {
	Notices []uuid.UUID `json:"notices,omitempty"`
}

// Seen marks the caller's own notices as read. Those of others are not there.
func (s *Service) Seen(ctx context.Context, who access.Actor, cmd SeenCommand) (NoticePage, error) {
	_, err := gate.Do(ctx, s.gate, who, access.SeeNotice, access.Nothing, func(tx *gate.Tx) (int, error) {
		tx.Later(`update notices set seen_at = $1 where seen_at is null and ($2 or id = any ($3))`, tx.Now, len(cmd.Notices) == 0, gate.UUIDs(cmd.Notices))
		return 0, tx.Flush()
	})
	if err != nil {
		return NoticePage{}, err
	}
	return s.Notices(ctx, who)
}
