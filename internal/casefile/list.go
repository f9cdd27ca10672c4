package casefile

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/seal"
	"binhan/internal/survivor"
)

// Filter chooses among the cases that the caller may see.
type Filter struct {
	Status  string `json:"status,omitempty"`
	Risk    string `json:"risk,omitempty"`
	Commune string `json:"commune,omitempty"`
	Owner   string `json:"owner,omitempty"`
	Since   string `json:"since,omitempty"` // received on or after, YYYY-MM-DD
	Sort    string `json:"sort,omitempty"`  // recorded (default) or updated
	Limit   int    `json:"limit,omitempty"`
	Cursor  string `json:"cursor,omitempty"`
}

// Item is a case in a list. Lists carry no names.
type Item struct {
	ID         uuid.UUID `json:"id"`
	Code       string    `json:"code"`
	Status     string    `json:"status"`
	Risk       string    `json:"risk,omitempty"`
	Commune    string    `json:"commune,omitempty"`
	Owner      Staff     `json:"owner"`
	ReceivedOn string    `json:"received_on"`
	OpenedAt   time.Time `json:"opened_at"`
	UpdatedAt  time.Time `json:"updated_at"`
	Version    int       `json:"version"`
}

// Page is a page of a list.
type Page struct {
	Items []Item  `json:"items"`
	Next  *string `json:"next"`
}

type itemRow struct {
	ID         uuid.UUID `db:"id"`
	Code       string    `db:"code"`
	Status     string    `db:"status"`
	Risk       *string   `db:"risk"`
	Commune    *string   `db:"commune"`
	Owner      uuid.UUID `db:"owner"`
	Username   string    `db:"username"`
	Name       string    `db:"name"`
	ReceivedOn time.Time `db:"received_on"`
	OpenedAt   time.Time `db:"opened_at"`
	UpdatedAt  time.Time `db:"updated_at"`
	Version    int       `db:"version"`
}

func (r itemRow) item() Item {
	return Item{r.ID, r.Code, r.Status, text(r.Risk), text(r.Commune), Staff{r.Owner, r.Username, r.Name}, r.ReceivedOn.Format(time.DateOnly), r.OpenedAt, r.UpdatedAt, r.Version}
}

// The page is cut before staff names are looked up. Ids grow with time, so the walk over the standings is already in the order of recording and stops
// after one page, however many cases there are.
const listRecorded = `with page as (
	select c.id, c.code, c.status, c.risk, c.commune, c.owner, c.received_on, c.opened_at, c.updated_at, c.version
	  from my_cases m
	  join cases c on c.id = m.case_id
	 where m.case_id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
	   and ($2 = '' or c.status = $2)
	   and ($3 = '' or c.risk = $3)
	   and ($4 = '' or c.commune = $4)
	   and ($5::uuid is null or c.owner = $5)
	   and ($6::date is null or c.received_on >= $6)
	 order by m.case_id desc
	 limit $7)
select p.*, u.username, u.name
  from page p
  left join auth.staff((select array_agg(distinct owner) from page)) u on u.id = p.owner
 order by p.id desc`

const listUpdated = `with page as (
	select c.id, c.code, c.status, c.risk, c.commune, c.owner, c.received_on, c.opened_at, c.updated_at, c.version
	  from my_cases m
	  join cases c on c.id = m.case_id
	 where ($1::uuid is null or (c.updated_at, c.id) < ($8, $1))
	   and ($2 = '' or c.status = $2)
	   and ($3 = '' or c.risk = $3)
	   and ($4 = '' or c.commune = $4)
	   and ($5::uuid is null or c.owner = $5)
	   and ($6::date is null or c.received_on >= $6)
	 order by c.updated_at desc, c.id desc
	 limit $7)
select p.*, u.username, u.name
  from page p
  left join auth.staff((select array_agg(distinct owner) from page)) u on u.id = p.owner
 order by p.updated_at desc, p.id desc`

// List pages through the cases that the caller may see, the newest first.
func (s *Service) List(ctx context.Context, who access.Actor, f Filter) (Page, error) {
	var ps fault.Problems
	survivor.Code("/status", codelist.CaseStatus, f.Status, &ps)
	survivor.Code("/risk", codelist.RiskLevel, f.Risk, &ps)
	survivor.Commune("/commune", f.Commune, &ps)
	var owner, since any
	if f.Owner != "" {
		id, err := uuid.Parse(f.Owner)
		if err != nil {
			ps.Add("/owner", "unreadable")
		}
		owner = id
	}
	if f.Since != "" {
		if d, err := time.Parse(time.DateOnly, f.Since); err != nil || d.Year() < 1900 {
			ps.Add("/since", "not_a_date")
		}
		since = f.Since
	}
	if f.Sort != "" && f.Sort != "recorded" && f.Sort != "updated" {
		ps.Add("/sort", "unknown_code", "list", "recorded, updated")
	}
	limit, err := pageSize(f.Limit)
	if err != nil {
		ps.Add("/limit", "out_of_range", "least", 1, "most", mostOnAPage)
	}
	at, last, err := decodeCursor(f.Cursor)
	if err != nil {
		ps.Add("/cursor", "unreadable")
	}
	if err := ps.Err(); err != nil {
		return Page{}, err
	}
	var from any
	if f.Cursor != "" {
		from = last
	}
	return gate.Do(ctx, s.gate, who, access.ListCases, access.Nothing, func(tx *gate.Tx) (Page, error) {
		tx.Opened(access.Record)
		var rows []itemRow
		var err error
		if f.Sort == "updated" {
			err = tx.Select(&rows, listUpdated, from, f.Status, f.Risk, f.Commune, owner, since, limit+1, at)
		} else {
			err = tx.Select(&rows, listRecorded, from, f.Status, f.Risk, f.Commune, owner, since, limit+1)
		}
		if err != nil {
			return Page{}, err
		}
		return pageOf(rows, limit), nil
	})
}

func pageOf(rows []itemRow, limit int) Page {
	p := Page{Items: []Item{}}
	for i, r := range rows {
		if i == limit {
			next := encodeCursor(rows[i-1].UpdatedAt, rows[i-1].ID)
			p.Next = &next
			break
		}
		p.Items = append(p.Items, r.item())
	}
	return p
}

// SearchCommand finds a case again. Accents, word order and spacing are forgiven in a name, blanks and dots in a phone.
type SearchCommand struct {
	Name     string `json:"name,omitempty"`
	Phone    string `json:"phone,omitempty"`
	IDNumber string `json:"id_number,omitempty"`
	Code     string `json:"code,omitempty"`
	Commune  string `json:"commune,omitempty"`
	Status   string `json:"status,omitempty"`
	Risk     string `json:"risk,omitempty"`
}

// String hides what is looked for.
func (SearchCommand) String() string { return "search(…)" }

// mostSearched bounds the visible set that a search opens; beyond it one more filter is asked.
const mostSearched = 2000

const candidates = `select c.id, c.code, c.status, c.risk, c.commune, c.owner, c.received_on, c.opened_at, c.updated_at, c.version,
       k.identity as key, s.identity as sealed
  from my_cases m
  join cases c on c.id = m.case_id
  join case_keys k on k.case_id = c.id
  join survivors s on s.case_id = c.id
 where ($1 = '' or c.commune = $1)
   and ($2 = '' or c.status = $2)
   and ($3 = '' or c.code = $3 or (length($3) = 4 and left(c.code, 4) = $3))
   and ($5 = '' or c.risk = $5)
 order by c.id desc
 limit $4`

// Search finds cases among those that the caller may see. Names and numbers are compared inside the key ring, which opens them one by one and gives
// back ids only; nothing of what did not match leaves it.
func (s *Service) Search(ctx context.Context, who access.Actor, cmd SearchCommand) (Page, error) {
	var ps fault.Problems
	if cmd == (SearchCommand{}) {
		ps.Add("", "search_empty")
	}
	survivor.Short("/name", cmd.Name, 200, &ps)
	survivor.Phone("/phone", cmd.Phone, &ps)
	survivor.Short("/id_number", cmd.IDNumber, 20, &ps)
	if cmd.IDNumber != "" && !strings.ContainsAny(cmd.IDNumber, "0123456789") {
		ps.Add("/id_number", "id_number")
	}
	survivor.Commune("/commune", cmd.Commune, &ps)
	survivor.Code("/status", codelist.CaseStatus, cmd.Status, &ps)
	survivor.Code("/risk", codelist.RiskLevel, cmd.Risk, &ps)
	code := ""
	if cmd.Code != "" {
		var ok bool
		if code, ok = CleanCode(cmd.Code); !ok {
			ps.Add("/code", "case_code")
		}
	}
	if err := ps.Err(); err != nil {
		return Page{}, err
	}
	sealed := cmd.Name != "" || cmd.Phone != "" || cmd.IDNumber != ""
	search := access.SearchCases
	if !sealed {
		search.Spends = "" // by code or place she finds no more than her list shows
	}
	return gate.Do(ctx, s.gate, who, search, access.Nothing, func(tx *gate.Tx) (Page, error) {
		tx.Opened(access.Record)
		var rows []struct {
			itemRow
			Key    []byte `db:"key"`
			Sealed []byte `db:"sealed"`
		}
		if err := tx.Select(&rows, candidates, cmd.Commune, cmd.Status, code, mostSearched+1, cmd.Risk); err != nil {
			return Page{}, err
		}
		if len(rows) > mostSearched {
			return Page{}, fault.Bad(fault.Problem{Pointer: "/commune", Key: "search_too_wide"})
		}
		byID := map[uuid.UUID]itemRow{}
		order := make([]uuid.UUID, 0, len(rows))
		list := make([]seal.Candidate, 0, len(rows))
		for _, r := range rows {
			byID[r.ID] = r.itemRow
			order = append(order, r.ID)
			list = append(list, seal.Candidate{Case: r.ID, Key: seal.Wrapped{Compartment: seal.Identity, Key: r.Key}, Place: survivor.IdentityPlace(r.ID), Sealed: r.Sealed})
		}
		if sealed {
			var err error
			order, err = tx.Match(seal.Query{Name: cmd.Name, Phone: cmd.Phone, IDNumber: cmd.IDNumber}, list)
			switch {
			case errors.Is(err, seal.ErrNoQuery): // marks only: nothing that a name could be compared with
				return Page{}, fault.Bad(fault.Problem{Pointer: "/name", Key: "unreadable"})
			case errors.Is(err, seal.ErrTooMuch):
				return Page{}, fault.Bad(fault.Problem{Pointer: "/name", Key: "too_long", Args: map[string]any{"most": 60}})
			case errors.Is(err, fault.NotFound): // she may search, but not open who they are
				return Page{}, fault.New(fault.Refused, "class_not_hers")
			case err != nil:
				return Page{}, err
			}
			tx.Opened(access.Identity)
		}
		p := Page{Items: []Item{}}
		owners := map[uuid.UUID]Staff{}
		for _, id := range order {
			if len(p.Items) == mostOnAPage {
				break
			}
			p.Items = append(p.Items, byID[id].item())
			owners[byID[id].Owner] = Staff{}
		}
		return p, nameOwners(tx, owners, p.Items)
	})
}

func nameOwners(tx *gate.Tx, owners map[uuid.UUID]Staff, items []Item) error {
	if len(owners) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, 0, len(owners))
	for id := range owners {
		ids = append(ids, id)
	}
	var rows []Staff
	if err := tx.Select(&rows, `select id, username, name from auth.staff($1)`, gate.UUIDs(ids)); err != nil {
		return err
	}
	for _, r := range rows {
		owners[r.ID] = r
	}
	for i := range items {
		items[i].Owner = owners[items[i].Owner.ID]
	}
	return nil
}

const (
	usualPage   = 20
	mostOnAPage = 100
)

func pageSize(limit int) (int, error) {
	switch {
	case limit == 0:
		return usualPage, nil
	case limit < 0 || limit > mostOnAPage:
		return 0, fault.Bad(fault.Problem{Pointer: "/limit", Key: "out_of_range", Args: map[string]any{"least": 1, "most": mostOnAPage}})
	}
	return limit, nil
}

// A cursor is where a page ended: a time and an id, opaque and of one spelling.
func encodeCursor(at time.Time, id uuid.UUID) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(at.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(b, id[:]...))
}

func decodeCursor(text string) (at time.Time, id uuid.UUID, err error) {
	if text == "" {
		return at, id, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != 24 || strings.ContainsAny(text, "\r\n") {
		return at, id, errCursor
	}
	micro := int64(binary.BigEndian.Uint64(b))
	if micro < 0 || micro > 4102444800_000000 { // until 2100
		return at, id, errCursor
	}
	copy(id[:], b[8:])
	return time.UnixMicro(micro).UTC(), id, nil
}

func encodeNumber(n int64) string {
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, uint64(n)))
}

func numberCursor(text string) (any, error) {
	if text == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != 8 || strings.ContainsAny(text, "\r\n") || b[0] > 0x7f {
		return nil, errCursor
	}
	return int64(binary.BigEndian.Uint64(b)), nil
}

var errCursor = fault.Bad(fault.Problem{Pointer: "/cursor", Key: "unreadable"})
