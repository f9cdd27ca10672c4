// Package rights does what the law gives the person concerned: it answers her requests in time, hands her her file, restricts, erases, and says how her data is
// processed and what went wrong (Law 91/2025/QH15; Decree 356/2025/NĐ-CP).
//
// Who does what. The data protection officer (DPO) registers, steers and refuses by her office; she sees codes, dates and the words of the request itself,
// never a case. The holder of the case acts: she corrects, restricts, copies, proposes to erase. Two decide on an erasure, neither the proposer, one of them the
// DPO; the other supervises the holder or is a second officer. The database holds these rules too (migrations/0009_rights.sql) and believes no caller.
//
// Clocks. Each kind of request has its days in the code list dsr_type: an answer within two working days, the deed within 10, 15 or 20 days, one extension with
// a reason that is told. Whether the second clock counts calendar or working days is unsettled in law; the setting BINHAN_RIGHTS_DAYS says, and calendar days are
// the default because they end earlier. A clock is fixed when the request is registered and does not move when the law does.
//
// Erasing is forgetting keys. First the two approvals are committed, then the ledger of the ring is told, then keys, snapshots, sealed values and files' rows are
// deleted in one transaction; what a crash leaves between is finished by anybody of the two, and after a restore by Replay. The row of the case stays as a
// tombstone with its code and dates. Frozen facts and published statistics stay: they are of nobody (see docs/decisions/rights-and-erasure.md).
package rights

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/calendar"
	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/evidence"
	"binhan/internal/gate"
	"binhan/internal/seal"
)

// Days says how the second clock of a request counts.
type Days string

// The two ways to count.
const (
	Calendar Days = "calendar"
	Working  Days = "working"
)

// Options are what the service stands on.
type Options struct {
	Gate     *gate.Gate
	Ring     seal.Ring
	Evidence *evidence.Service // nil where there is no store
	Days     Days              // Calendar when empty
}

// Service is the acts on rights.
type Service struct {
	gate     *gate.Gate
	ring     seal.Ring
	evidence *evidence.Service
	days     Days
}

// New makes the service.
func New(o Options) *Service {
	if o.Days == "" {
		o.Days = Calendar
	}
	return &Service{gate: o.Gate, ring: o.Ring, evidence: o.Evidence, days: o.Days}
}

// CaseRef names a case by what may be named.
type CaseRef struct {
	ID   uuid.UUID `json:"id"`
	Code string    `json:"code"`
}

// law is the version of the clocks that a request is registered under.
const law = "356/2025/NĐ-CP Đ5"

// Clock is the two terms of a request.
type Clock struct {
	Reply time.Time `json:"reply"`
	Act   time.Time `json:"act"`
}

// clockOf counts the terms of a kind of request from its receipt.
func clockOf(kind string, received time.Time, thirdParty bool, days Days) Clock {
	list := codelist.MustGet(codelist.DSRType)
	number := func(key string) int { n, _ := list.NoteInt(kind, key); return n }
	do := number("do_days")
	if third := number("third_party"); thirdParty && third > 0 {
		do = third
	}
	return Clock{Reply: calendar.AddWorkingDays(received, number("ack_wd")), Act: count(received, do, days)}
}

// extended moves a term on by the one extension of its kind.
func extended(kind string, due time.Time, days Days) time.Time {
	n, _ := codelist.MustGet(codelist.DSRType).NoteInt(kind, "extend")
	return count(due, n, days)
}

func count(from time.Time, n int, days Days) time.Time {
	if days == Working {
		return calendar.AddWorkingDays(from, n)
	}
	return calendar.AddDays(from, n)
}

// ownKeys makes the key under which the words of a request or a breach are sealed. Its owner is the request or the breach itself.
func ownKeys(tx *gate.Tx, owner uuid.UUID) (*seal.Keys, []byte, error) {
	k, ws, err := tx.NewKeys(owner, seal.Narrative)
	if err != nil {
		return nil, nil, err
	}
	return k, ws[0].Key, nil
}

func place(table string, row, owner uuid.UUID) seal.Place {
	return seal.Place{Table: table, Column: "sealed", Row: row, Owner: owner, Compartment: seal.Narrative}
}

// sealWords seals a text, or gives nothing for none.
func sealWords(k *seal.Keys, p seal.Place, text string) (any, error) {
	if text == "" {
		return nil, nil
	}
	b, err := k.Seal(p, []byte(text))
	return b, err
}

func openWords(k *seal.Keys, p seal.Place, sealed []byte) (string, error) {
	if len(sealed) == 0 || k == nil || !k.Has(seal.Narrative) {
		return "", nil
	}
	b, err := k.Open(p, sealed)
	return string(b), err
}

// newCode makes a spoken code of a request, an erasure or a breach.
func newCode(prefix string, now time.Time) string {
	return prefix + "-" + casefile.Letters(4) + "-" + now.In(calendar.Zone).Format("06")
}

// findCase resolves what somebody typed or chose; uuid.Nil when there is no such case for her.
func findCase(tx *gate.Tx, text string) (CaseRef, error) {
	var found []struct {
		ID   uuid.UUID `db:"id"`
		Code string    `db:"code"`
	}
	text = strings.TrimSpace(text)
	if code, ok := casefile.CleanCode(text); ok {
		text = code
	}
	if err := tx.Select(&found, `select id, code from rights.find_case($1)`, text); err != nil || len(found) == 0 {
		return CaseRef{}, err
	}
	return CaseRef(found[0]), nil
}

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func nullID(id uuid.UUID) any {
	if id == uuid.Nil {
		return nil
	}
	return id
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// items is the shape of every list.
type items[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

func listOf[T any](xs []T, err error) (items[T], error) {
	if xs == nil {
		xs = []T{}
	}
	return items[T]{Items: xs}, err
}

// today is the day by Vietnam's clock.
func today(now time.Time) time.Time {
	n := now.In(calendar.Zone)
	return time.Date(n.Year(), n.Month(), n.Day(), 0, 0, 0, 0, calendar.Zone)
}

// detached goes on although the caller hung up: an erasure is not left half done because somebody closed a page.
func detached(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

// Days tells how the second clock counts.
func (s *Service) Days() Days { return s.days }
