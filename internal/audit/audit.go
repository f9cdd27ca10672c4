// Package audit shows the record of acts to whoever inspects it: who did what, when, for which case, by which standing, allowed or refused; and what of it is out of
// the ordinary.
//
// The record itself is written by package gate, inside the transaction of each act, and can be changed by nobody; package audit/proof makes it provable. This package
// only reads it, through a database role of its own that sees the trail and nothing else: codes and random ids, never a name of a survivor, never a sealed word. Looking
// at the record is an act and stands in the record too.
//
// Findings are rules over the record joined with the staff's data (audit.unusual in the schema), computed each time. They are reasons to ask, not proof of anything;
// what came of one is kept beside it for ever, in codes.
//
// Who may: AUDITOR and DPO. To everybody else there is no such thing (fault.NotFound).
package audit

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/audit/proof"
	"binhan/internal/calendar"
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
	Actor        string `json:"actor,omitempty"` // a username
	Act          string `json:"act,omitempty"`
	Case         string `json:"case,omitempty"`
	Decision     string `json:"decision,omitempty"`
	Organisation string `json:"organisation,omitempty"` // its code
	From         string `json:"from,omitempty"`
	To           string `json:"to,omitempty"`
	Limit        int    `json:"limit,omitempty"`
	Cursor       string `json:"cursor,omitempty"`
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
	Client       string     `json:"client,omitempty"`
	Device       string     `json:"device,omitempty"`
	Unwraps      int        `json:"unwraps,omitempty"`
	Condition    string     `json:"condition,omitempty"`
}

// Page is a page of the trail, the newest first.
type Page struct {
	Items []Entry `json:"items"`
	Next  *string `json:"next"`
}

// day reads a day of a filter; nil for none.
func day(ps *fault.Problems, at, text string) *time.Time {
	if text == "" {
		return nil
	}
	d, err := time.ParseInLocation(time.DateOnly, text, calendar.Zone)
	if err != nil || d.Year() < 1900 {
		ps.Add(at, "not_a_date")
		return nil
	}
	return &d
}

const listTrail = `select id, at, actor, coalesce(username, '') as username, coalesce(org_name, '') as organisation, coalesce(role, '') as role, act, kind, subject,
       case_id, classes, decision, coalesce(standing, '') as standing, coalesce(reason, '') as reason, coalesce(request, '') as request,
       coalesce(client, '') as client, coalesce(device, '') as device, unwraps, coalesce(condition, '') as condition
  from audit.page($1, $2, $3, $4, $5, $6, $7, $8, $9)`

// List pages through the trail.
func (s *Service) List(ctx context.Context, who access.Actor, f Filter) (Page, error) {
	var ps fault.Problems
	from, to := day(&ps, "/from", f.From), day(&ps, "/to", f.To)
	if to != nil {
		*to = to.AddDate(0, 0, 1)
	}
	var caseID any
	if f.Case != "" {
		id, err := uuid.Parse(f.Case)
		if err != nil {
			ps.Add("/case", "unreadable")
		}
		caseID = id
	}
	if f.Decision != "" && f.Decision != "allowed" && f.Decision != "refused" {
		ps.Add("/decision", "unreadable")
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
			Client       string         `db:"client"`
			Device       string         `db:"device"`
			Unwraps      int            `db:"unwraps"`
			Condition    string         `db:"condition"`
		}
		if err := tx.Select(&rows, listTrail, orNull(f.Actor), orNull(f.Act), caseID, orNull(f.Decision), orNull(f.Organisation), from, to, before, f.Limit+1); err != nil {
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
				r.Standing, r.Reason, r.Request, r.Client, r.Device, r.Unwraps, r.Condition})
		}
		return p, nil
	})
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// Hour is how much was done and refused in one hour of a day.
type Hour struct {
	Hour    int   `db:"hour"`
	Allowed int64 `db:"allowed"`
	Refused int64 `db:"refused"`
}

// Hours tells how much was done in each hour of a day; hours without any are left out.
func (s *Service) Hours(ctx context.Context, who access.Actor, on string) ([]Hour, error) {
	var ps fault.Problems
	day(&ps, "/day", on)
	if err := ps.Err(); err != nil {
		return nil, err
	}
	return gate.Do(ctx, s.gate, who, access.ReadTrail, access.Nothing, func(tx *gate.Tx) ([]Hour, error) {
		tx.Opened(access.Trail)
		var hours []Hour
		return hours, tx.Select(&hours, `select hour, allowed, refused from audit.hours($1)`, on)
	})
}

// Finding is access out of the ordinary: one rule, person and day, and for some rules one case.
type Finding struct {
	Key          string     `json:"key"`
	Rule         string     `json:"rule"`
	Day          string     `json:"day"`
	Actor        uuid.UUID  `json:"actor"`
	Username     string     `json:"username,omitempty"`
	Organisation string     `json:"organisation,omitempty"`
	Role         string     `json:"role,omitempty"`
	Case         *uuid.UUID `json:"case"`
	Count        int64      `json:"count"`
	FirstAt      time.Time  `json:"first_at"`
	LastAt       time.Time  `json:"last_at"`
	Weight       int        `json:"weight"` // 1 to 3, the gravest
	State        string     `json:"state"`  // open, seen, explained, pursued
	Code         string     `json:"code,omitempty"`
	ReviewedAt   *time.Time `json:"reviewed_at,omitempty"`
	Reviewer     string     `json:"reviewer,omitempty"`
}

// Findings is a list of them, and how much the watch for kin can know.
type Findings struct {
	Items []Finding  `json:"items"`
	Watch WatchState `json:"watch"`
}

// WatchState tells of how many of the staff there is a card, and until when those who looked were compared; LookedAt is nil before the first time.
type WatchState struct {
	Staff    int        `json:"staff" db:"staff"`
	Cards    int        `json:"cards" db:"cards"`
	LookedAt *time.Time `json:"looked_at" db:"looked_at"`
}

// FindingFilter chooses findings. From and To are days, both included: the last seven when empty.
type FindingFilter struct {
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
	State string `json:"state,omitempty"` // "open", or all
}

// longestLook is how many days are looked through at once.
const longestLook = 62

func (f FindingFilter) days(now time.Time) (from, to time.Time, err error) {
	var ps fault.Problems
	today := now.In(calendar.Zone)
	to = time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, calendar.Zone)
	if d := day(&ps, "/to", f.To); d != nil {
		to = *d
	}
	from = to.AddDate(0, 0, -6)
	if d := day(&ps, "/from", f.From); d != nil {
		from = *d
	}
	if f.State != "" && f.State != "open" && f.State != "all" {
		ps.Add("/state", "unreadable")
	}
	if n := to.Sub(from).Hours() / 24; n < 0 || n > longestLook {
		ps.Add("/from", "out_of_range", "least", 0, "most", longestLook)
	}
	return from, to, ps.Err()
}

// works are the acts that are work on a case; whatever else touches one is only looking.
func works() any { return gate.Texts(access.Works()) }

// Findings looks through the record.
func (s *Service) Findings(ctx context.Context, who access.Actor, f FindingFilter) (Findings, error) {
	from, to, err := f.days(time.Now())
	if err != nil {
		return Findings{}, err
	}
	return gate.Do(ctx, s.gate, who, access.ReadTrail, access.Nothing, func(tx *gate.Tx) (Findings, error) {
		tx.Opened(access.Trail)
		var rows []struct {
			Finding  string     `db:"finding"`
			Rule     string     `db:"rule"`
			Day      time.Time  `db:"day"`
			Actor    uuid.UUID  `db:"actor"`
			Username *string    `db:"username"`
			OrgName  *string    `db:"org_name"`
			Role     *string    `db:"role"`
			Case     *uuid.UUID `db:"case_id"`
			N        int64      `db:"n"`
			First    time.Time  `db:"first_at"`
			Last     time.Time  `db:"last_at"`
			Weight   int        `db:"weight"`
			Outcome  *string    `db:"outcome"`
			Code     *string    `db:"code"`
			At       *time.Time `db:"reviewed_at"`
			Reviewer *string    `db:"reviewer"`
		}
		err := tx.Select(&rows, `select finding, rule, day, actor, username, org_name, role, case_id, n, first_at, last_at, weight, outcome, code, reviewed_at, reviewer
			from audit.findings($1, $2, $3)`, from.Format(time.DateOnly), to.Format(time.DateOnly), works())
		if err != nil {
			return Findings{}, err
		}
		out := Findings{Items: []Finding{}}
		if err := tx.Get(&out.Watch, `select staff, cards, looked_at from audit.watch_state()`); err != nil {
			return Findings{}, err
		}
		for _, r := range rows {
			x := Finding{r.Finding, r.Rule, r.Day.Format(time.DateOnly), r.Actor, text(r.Username), text(r.OrgName), text(r.Role), r.Case, r.N, r.First, r.Last, r.Weight, "open", text(r.Code), r.At, text(r.Reviewer)}
			if r.Outcome != nil {
				x.State = *r.Outcome
			}
			if f.State == "open" && x.State != "open" && x.State != "pursued" {
				continue
			}
			out.Items = append(out.Items, x)
		}
		return out, nil
	})
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Outcomes and Codes are the words of a review.
var (
	Outcomes = []string{"seen", "explained", "pursued"}
	Codes    = []string{"DUTY", "HANDOVER", "SUPERVISION", "TRAINING", "MISTAKE", "TECHNICAL", "ASKED_HER_HEAD", "REPORTED"}
)

// ReviewCommand says what came of a finding.
type ReviewCommand struct {
	Day     string `json:"day"` // of the finding
	Outcome string `json:"outcome"`
	Code    string `json:"code"`
}

// Review keeps what came of a finding. Nobody reviews her own deeds: to her the finding does not exist.
func (s *Service) Review(ctx context.Context, who access.Actor, key string, cmd ReviewCommand) error {
	var ps fault.Problems
	if cmd.Day == "" {
		ps.Add("/day", "required")
	}
	day(&ps, "/day", cmd.Day)
	if !slices.Contains(Outcomes, cmd.Outcome) {
		ps.Add("/outcome", "unknown_code")
	}
	if cmd.Code != "" && !slices.Contains(Codes, cmd.Code) {
		ps.Add("/code", "unknown_code")
	}
	if cmd.Code == "" && cmd.Outcome != "seen" {
		ps.Add("/code", "required")
	}
	if err := ps.Err(); err != nil {
		return err
	}
	if len(key) != 32 {
		return fault.Missing()
	}
	_, err := gate.Do(ctx, s.gate, who, access.ReviewFinding, access.Nothing, func(tx *gate.Tx) (bool, error) {
		tx.Opened(access.Trail)
		var kept bool
		err := tx.Get(&kept, `select audit.review($1, $2, $3, $4, $5)`, key, cmd.Day, works(), cmd.Outcome, orNull(cmd.Code))
		if err == nil && !kept {
			err = fault.Missing()
		}
		tx.Because(cmd.Outcome, nil)
		return kept, err
	})
	return err
}

// Seal is how the record stands under seal.
type Seal struct {
	proof.Checkpoint
	Signed string
}

// Sealed is the newest checkpoint, for the printed anchor; the zero Seal before the first.
func (s *Service) Sealed(ctx context.Context, who access.Actor) (Seal, error) {
	return gate.Do(ctx, s.gate, who, access.ReadTrail, access.Nothing, func(tx *gate.Tx) (Seal, error) {
		tx.Opened(access.Trail)
		var signed []string
		if err := tx.Select(&signed, `select checkpoint from audit.seals order by size desc limit 1`); err != nil || len(signed) == 0 {
			return Seal{}, err
		}
		c, err := proof.ReadUnchecked(signed[0])
		return Seal{c, signed[0]}, err
	})
}

// Routes is the JSON surface of the trail.
func (s *Service) Routes() []site.Route {
	return []site.Route{
		{Method: http.MethodGet, Path: "/api/v1/audit", Act: access.ReadTrail, Do: func(r *site.Request) (site.Reply, error) {
			var f Filter
			if err := r.QueryInto(&f); err != nil {
				return site.Reply{}, err
			}
			p, err := s.List(r.Context(), r.Who, f)
			return site.Reply{Body: p}, err
		}},
		{Method: http.MethodGet, Path: "/api/v1/audit/findings", Act: access.ReadTrail, Do: func(r *site.Request) (site.Reply, error) {
			var f FindingFilter
			if err := r.QueryInto(&f); err != nil {
				return site.Reply{}, err
			}
			p, err := s.Findings(r.Context(), r.Who, f)
			return site.Reply{Body: p}, err
		}},
		{Method: http.MethodPost, Path: "/api/v1/audit/findings/:key/review", Act: access.ReviewFinding, Do: func(r *site.Request) (site.Reply, error) {
			var cmd ReviewCommand
			if err := r.Bind(&cmd); err != nil {
				return site.Reply{}, err
			}
			return site.Reply{Status: http.StatusNoContent}, s.Review(r.Context(), r.Who, r.Param("key"), cmd)
		}},
	}
}
