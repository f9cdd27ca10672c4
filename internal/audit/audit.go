// Package audit shows the record of acts to whoever inspects it: who did what, when, for which case, by which standing, allowed or refused.
//
// The record itself is written by package gate, inside the transaction of each act, and can be changed by nobody. This package only reads it, through a
// database role of its own that sees the trail and nothing else: codes and random ids, never a name of a survivor, never a sealed word. Looking at the
// record is an act and stands in the record too.
//
// Who may: AUDITOR and DPO. To everybody else there is no such thing (fault.NotFound).
package audit

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/site"
)

// Service reads the trail.
type Service struct{ gate *gate.Gate }

// New makes the service.
func New(g *gate.Gate) *Service { return &Service{g} }

// Filter chooses entries. From and To are days, both included.
type Filter struct {
	Actor  string `json:"actor,omitempty"` // a username
	Act    string `json:"act,omitempty"`
	Case   string `json:"case,omitempty"`
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"`
	Limit  int    `json:"limit,omitempty"`
	Cursor string `json:"cursor,omitempty"`
}

// Entry is one act, or one refusal.
type Entry struct {
	ID           int64      `json:"id"`
	At           time.Time  `json:"at"`
	Actor        *uuid.UUID `json:"actor"`
	Username     string     `json:"username,omitempty"`
	Organisation string     `json:"organisation,omitempty"`
	Role         string     `json:"role,omitempty"`
	Act          string     `json:"act"`
	Kind         string     `json:"kind"`
	Subject      *uuid.UUID `json:"subject"`
	Case         *uuid.UUID `json:"case"`
	Classes      []string   `json:"classes"`
	Decision     string     `json:"decision"`
	Standing     string     `json:"standing,omitempty"`
	Reason       string     `json:"reason,omitempty"`
	Request      string     `json:"request,omitempty"`
}

// Page is a page of the trail, the newest first.
type Page struct {
	Items []Entry `json:"items"`
	Next  *string `json:"next"`
}

const listTrail = `select t.id, t.at, t.actor, coalesce(t.username, '') as username, coalesce(t.org_name, '') as organisation, coalesce(t.role, '') as role, t.act, t.kind, t.subject,
       t.case_id, t.classes, t.decision, coalesce(t.standing, '') as standing, coalesce(t.reason, '') as reason, coalesce(t.request, '') as request
  from audit.trail t
 where ($1 = '' or t.username = $1)
   and ($2 = '' or t.act = $2)
   and ($3::uuid is null or t.case_id = $3)
   and ($4::date is null or t.at >= $4::date::timestamp at time zone 'Asia/Ho_Chi_Minh')
   and ($5::date is null or t.at < ($5::date + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh')
   and ($6::bigint is null or t.id < $6)
 order by t.id desc
 limit $7`

// List pages through the trail.
func (s *Service) List(ctx context.Context, who access.Actor, f Filter) (Page, error) {
	var ps fault.Problems
	day := func(at, text string) any {
		if text == "" {
			return nil
		}
		if d, err := time.Parse(time.DateOnly, text); err != nil || d.Year() < 1900 {
			ps.Add(at, "not_a_date")
		}
		return text
	}
	from, to := day("/from", f.From), day("/to", f.To)
	var caseID any
	if f.Case != "" {
		id, err := uuid.Parse(f.Case)
		if err != nil {
			ps.Add("/case", "unreadable")
		}
		caseID = id
	}
	if f.Limit == 0 {
		f.Limit = 50
	}
	if f.Limit < 1 || f.Limit > 200 {
		ps.Add("/limit", "out_of_range", "least", 1, "most", 200)
	}
	var before any
	if f.Cursor != "" {
		b, err := base64.RawURLEncoding.Strict().DecodeString(f.Cursor)
		if err != nil || len(b) != 8 || b[0] > 0x7f {
			ps.Add("/cursor", "unreadable")
		} else {
			before = int64(binary.BigEndian.Uint64(b))
		}
	}
	if err := ps.Err(); err != nil {
		return Page{}, err
	}
	return gate.Do(ctx, s.gate, who, access.ReadTrail, access.Nothing, func(tx *gate.Tx) (Page, error) {
		tx.Opened(access.Trail)
		var rows []struct {
			ID           int64          `db:"id"`
			At           time.Time      `db:"at"`
			Actor        *uuid.UUID     `db:"actor"`
			Username     string         `db:"username"`
			Organisation string         `db:"organisation"`
			Role         string         `db:"role"`
			Act          string         `db:"act"`
			Kind         string         `db:"kind"`
			Subject      *uuid.UUID     `db:"subject"`
			Case         *uuid.UUID     `db:"case_id"`
			Classes      gate.TextArray `db:"classes"`
			Decision     string         `db:"decision"`
			Standing     string         `db:"standing"`
			Reason       string         `db:"reason"`
			Request      string         `db:"request"`
		}
		if err := tx.Select(&rows, listTrail, f.Actor, f.Act, caseID, from, to, before, f.Limit+1); err != nil {
			return Page{}, err
		}
		p := Page{Items: []Entry{}}
		for i, r := range rows {
			if i == f.Limit {
				next := base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, uint64(rows[i-1].ID)))
				p.Next = &next
				break
			}
			p.Items = append(p.Items, Entry{r.ID, r.At, r.Actor, r.Username, r.Organisation, r.Role, r.Act, r.Kind, r.Subject, r.Case, append([]string{}, r.Classes...), r.Decision,
				r.Standing, r.Reason, r.Request})
		}
		return p, nil
	})
}

// Routes is the JSON surface of the trail.
func (s *Service) Routes() []site.Route {
	return []site.Route{{Method: http.MethodGet, Path: "/api/v1/audit", Act: access.ReadTrail, Do: func(r *site.Request) (site.Reply, error) {
		var f Filter
		if err := r.QueryInto(&f); err != nil {
			return site.Reply{}, err
		}
		p, err := s.List(r.Context(), r.Who, f)
		return site.Reply{Body: p}, err
	}}}
}
