package rights

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/seal"
	"binhan/internal/survivor"
)

// State is where a request stands.
type State string

// The states of a request.
const (
	Received     State = "RECEIVED"
	Acknowledged State = "ACKNOWLEDGED"
	InWork       State = "IN_WORK"
	Extended     State = "EXTENDED"
	Done         State = "DONE"
	Refused      State = "REFUSED"
	TakenBack    State = "TAKEN_BACK"
)

// Open tells whether a request in this state still waits for something.
func (s State) Open() bool { return s != Done && s != Refused && s != TakenBack }

// Move is one legal move of a request. Decides: the office of data protection alone may make it.
type Move struct {
	Name    string
	From    []State
	To      State
	Decides bool
}

// Moves is the whole machine. rights.request_moves_legally in the schema says the same.
var Moves = []Move{
	{"acknowledgement", []State{Received}, Acknowledged, false},
	{"start", []State{Acknowledged}, InWork, false},
	{"extension", []State{Acknowledged, InWork}, Extended, true},
	{"completion", []State{Acknowledged, InWork, Extended}, Done, false},
	{"refusal", []State{Received, Acknowledged, InWork, Extended}, Refused, true},
	{"taking_back", []State{Received, Acknowledged, InWork, Extended}, TakenBack, false},
}

func moveOf(name string) Move {
	for _, m := range Moves {
		if m.Name == name {
			return m
		}
	}
	panic("no move " + name)
}

// Request is a data request as this reader may see it. Words are open to the office and to the holder, and sealed at rest.
type Request struct {
	ID            uuid.UUID      `json:"id"`
	Code          string         `json:"code"`
	Case          *CaseRef       `json:"case"`
	Kind          string         `json:"kind"`
	AskedBy       string         `json:"asked_by"`
	IdentityCheck string         `json:"identity_check"`
	ThirdParty    bool           `json:"third_party"`
	ReceivedAt    time.Time      `json:"received_at"`
	RegisteredAt  time.Time      `json:"registered_at"`
	RegisteredBy  casefile.Staff `json:"registered_by"`
	State         State          `json:"state"`
	Due           Clock          `json:"due"`
	NextDue       *time.Time     `json:"next_due"`
	Overdue       bool           `json:"overdue"`
	Law           string         `json:"law"`
	Days          string         `json:"days"`
	ExtendedAt    *time.Time     `json:"extended_at,omitempty"`
	Extension     string         `json:"extension,omitempty"`
	EndedAt       *time.Time     `json:"ended_at,omitempty"`
	Ground        string         `json:"ground,omitempty"`
	Words         string         `json:"words,omitempty"`
	Moves         []string       `json:"moves"`
	History       []Step         `json:"history,omitempty"`
	Corrected     []Corrected    `json:"corrected,omitempty"` // the corrections by which it was done
	Version       int            `json:"version"`
}

// Location is where the request can be read again.
func (r Request) Location() string { return "/api/v1/data-requests/" + r.ID.String() }

// Corrected is one correction that answered a request to correct: which fields, when, by whom. What stood there before is read in the case, by its holder.
type Corrected struct {
	ID      uuid.UUID      `json:"id"`
	At      time.Time      `json:"at"`
	By      casefile.Staff `json:"by"`
	Version int            `json:"version"`
	Fields  []string       `json:"fields"`
}

// Step is one move that was made.
type Step struct {
	Move string         `json:"move"`
	From State          `json:"from"`
	To   State          `json:"to"`
	At   time.Time      `json:"at"`
	By   casefile.Staff `json:"by"`
	Code string         `json:"code,omitempty"`
	Text string         `json:"text,omitempty"`
}

// RegisterCommand is a request as it is written down. Case is an id or a spoken code; empty when we hold nothing about who asks.
type RegisterCommand struct {
	Case          string     `json:"case,omitempty"`
	Kind          string     `json:"kind"`
	AskedBy       string     `json:"asked_by,omitempty"`
	IdentityCheck string     `json:"identity_check"`
	ThirdParty    bool       `json:"third_party,omitempty"`
	ReceivedAt    *time.Time `json:"received_at,omitempty"`
	Words         string     `json:"words,omitempty"`
}

func (c *RegisterCommand) check(now time.Time) error {
	var ps fault.Problems
	survivor.NeedCode("/kind", codelist.DSRType, c.Kind, &ps)
	if c.AskedBy == "" {
		c.AskedBy = "SELF"
	}
	survivor.Code("/asked_by", codelist.ConsentActor, c.AskedBy, &ps)
	survivor.NeedCode("/identity_check", codelist.DSRIdentityCheck, c.IdentityCheck, &ps)
	survivor.Short("/words", c.Words, 5000, &ps)
	survivor.Short("/case", c.Case, 40, &ps)
	if c.ReceivedAt == nil {
		c.ReceivedAt = &now
	}
	if c.ReceivedAt.After(now.Add(time.Minute)) {
		ps.Add("/received_at", "in_the_future")
	} else if c.ReceivedAt.Before(now.AddDate(-1, 0, 0)) {
		ps.Add("/received_at", "rights_too_long_ago")
	}
	return ps.Err()
}

// speaks refuses a request about a child that comes from the wrong side: under 7 the representative asks, from 7 to 15 both do (Law 91/2025/QH15 art. 24).
// A representative who used the violence is answered through COURT_OR_PC. Of an unknown age nothing is demanded.
func speaks(p *survivor.Person, askedBy string, now time.Time) error {
	years, known := p.AgeOn(now)
	switch {
	case !known || askedBy == "COURT_OR_PC":
		return nil
	case years < 7 && askedBy != "REP", years >= 7 && years < 16 && askedBy != "CHILD_AND_REP":
		return fault.Bad(fault.Problem{Pointer: "/asked_by", Key: "rights_child_speaks"})
	case years >= 16 && askedBy == "CHILD_AND_REP":
		return fault.Bad(fault.Problem{Pointer: "/asked_by", Key: "rights_no_child"})
	}
	return nil
}

// Register writes a request down and starts its clocks. The office may register about any case, by its code; the holder about her own.
func (s *Service) Register(ctx context.Context, who access.Actor, cmd RegisterCommand) (Request, error) {
	if err := cmd.check(time.Now()); err != nil {
		return Request{}, err
	}
	id := uuid.Must(uuid.NewV7())
	return gate.Do(ctx, s.gate, who, access.RegisterRequest, access.Nothing, func(tx *gate.Tx) (Request, error) {
		tx.Answer(http.StatusCreated)
		var about CaseRef
		var err error
		if cmd.Case != "" {
			if about, err = findCase(tx, cmd.Case); err != nil {
				return Request{}, err
			}
			if about.ID == uuid.Nil {
				if who.Role == access.DPO {
					return Request{}, fault.Bad(fault.Problem{Pointer: "/case", Key: "rights_no_such_case"})
				}
				return Request{}, tx.Refuse()
			}
			if err := tx.Concerns(about.ID); err != nil {
				return Request{}, err
			}
		} else if who.Role != access.DPO {
			return Request{}, fault.Bad(fault.Problem{Pointer: "/case", Key: "required"})
		}
		if about.ID != uuid.Nil && tx.Classes.Has(access.Identity) {
			var sealed []byte
			if err := tx.Get(&sealed, `select identity from survivors where case_id = $1`, about.ID); err != nil {
				return Request{}, err
			}
			keys, err := survivor.OpenKeys(tx, about.ID, seal.Identity)
			if err != nil {
				return Request{}, err
			}
			person, err := survivor.Sealed{Identity: sealed}.OpenIdentity(keys, about.ID)
			if err != nil {
				return Request{}, err
			}
			if err := speaks(&person, cmd.AskedBy, tx.Now); err != nil {
				return Request{}, err
			}
		}
		keys, wrapped, err := ownKeys(tx, id)
		if err != nil {
			return Request{}, err
		}
		words, err := sealWords(keys, place("rights.requests", id, id), cmd.Words)
		if err != nil {
			return Request{}, err
		}
		clock := clockOf(cmd.Kind, *cmd.ReceivedAt, cmd.ThirdParty, s.days)
		tx.Opened(access.Rights)
		tx.Later(`insert into rights.requests (id, code, case_id, case_code, kind, asked_by, identity_check, third_party, received_at, registered_at, registered_by, due_reply, due_act, law, days, sealed)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
			id, newCode("YC", tx.Now), nullID(about.ID), null(about.Code), cmd.Kind, cmd.AskedBy, cmd.IdentityCheck, cmd.ThirdParty, *cmd.ReceivedAt, tx.Now, who.User,
			clock.Reply, clock.Act, law, string(s.days), words)
		tx.Later(`insert into rights.request_keys (request_id, case_id, narrative) values ($1, $2, $3)`, id, nullID(about.ID), wrapped)
		if err := tx.Flush(); err != nil {
			if gate.ConstraintOf(err) == "request_is_asked_once" {
				return Request{}, fault.New(fault.Conflict, "request_already_open")
			}
			return Request{}, err
		}
		return readRequest(tx, id, false)
	})
}

type requestRow struct {
	ID           uuid.UUID     `db:"id"`
	Code         string        `db:"code"`
	Case         uuid.NullUUID `db:"case_id"`
	CaseCode     *string       `db:"case_code"`
	Kind         string        `db:"kind"`
	AskedBy      string        `db:"asked_by"`
	Identity     string        `db:"identity_check"`
	ThirdParty   bool          `db:"third_party"`
	ReceivedAt   time.Time     `db:"received_at"`
	RegisteredAt time.Time     `db:"registered_at"`
	RegisteredBy uuid.UUID     `db:"registered_by"`
	State        State         `db:"state"`
	DueReply     time.Time     `db:"due_reply"`
	DueAct       time.Time     `db:"due_act"`
	Law          string        `db:"law"`
	Days         string        `db:"days"`
	ExtendedAt   *time.Time    `db:"extended_at"`
	Extension    *string       `db:"extension_code"`
	EndedAt      *time.Time    `db:"ended_at"`
	Ground       *string       `db:"ground"`
	Version      int           `db:"version"`
	Sealed       []byte        `db:"sealed"`
	Username     string        `db:"username"`
	Name         string        `db:"name"`
}

const requestColumns = `r.id, r.code, r.case_id, r.case_code, r.kind, r.asked_by, r.identity_check, r.third_party, r.received_at, r.registered_at, r.registered_by, r.state, r.due_reply,
       r.due_act, r.law, r.days, r.extended_at, r.extension_code, r.ended_at, r.ground, r.version, r.sealed, u.username, u.name
  from rights.requests r cross join lateral auth.staff(array[r.registered_by]) u`

func (r requestRow) view(role access.Role, now time.Time) Request {
	v := Request{ID: r.ID, Code: r.Code, Kind: r.Kind, AskedBy: r.AskedBy, IdentityCheck: r.Identity, ThirdParty: r.ThirdParty, ReceivedAt: r.ReceivedAt,
		RegisteredAt: r.RegisteredAt, RegisteredBy: casefile.Staff{ID: r.RegisteredBy, Username: r.Username, Name: r.Name}, State: r.State,
		Due: Clock{r.DueReply, r.DueAct}, Law: r.Law, Days: r.Days, ExtendedAt: r.ExtendedAt, Extension: text(r.Extension), EndedAt: r.EndedAt, Ground: text(r.Ground),
		Version: r.Version, Moves: []string{}}
	if r.Case.Valid {
		v.Case = &CaseRef{r.Case.UUID, text(r.CaseCode)}
	}
	if r.State.Open() {
		due := r.DueAct
		if r.State == Received {
			due = r.DueReply
		}
		v.NextDue, v.Overdue = &due, now.After(due)
	}
	if role == access.Supervisor {
		return v
	}
	for _, m := range Moves {
		if slices.Contains(m.From, r.State) && (!m.Decides || role == access.DPO) {
			v.Moves = append(v.Moves, m.Name)
		}
	}
	return v
}

// readRequest reads one request for an act that row-level security let see it; known binds the act to its case first.
func readRequest(tx *gate.Tx, id uuid.UUID, bind bool) (Request, error) {
	var r requestRow
	err := tx.Get(&r, `select `+requestColumns+` where r.id = $1`, id)
	if fault.KindOf(err) == fault.NotFound {
		return Request{}, tx.Refuse()
	}
	if err != nil {
		return Request{}, err
	}
	if bind && r.Case.Valid {
		if err := tx.Concerns(r.Case.UUID); err != nil {
			return Request{}, err
		}
	}
	tx.Opened(access.Rights)
	v := r.view(tx.Who.Role, tx.Now)
	keys, err := requestKeys(tx, id)
	if err != nil {
		return Request{}, err
	}
	if v.Words, err = openWords(keys, place("rights.requests", id, id), r.Sealed); err != nil {
		return Request{}, err
	}
	var rows []struct {
		ID       uuid.UUID `db:"id"`
		Move     string    `db:"move"`
		From     State     `db:"from_state"`
		To       State     `db:"to_state"`
		At       time.Time `db:"at"`
		By       uuid.UUID `db:"by_user"`
		Username string    `db:"username"`
		Name     string    `db:"name"`
		Code     *string   `db:"code"`
		Sealed   []byte    `db:"sealed"`
	}
	err = tx.Select(&rows, `select m.id, m.move, m.from_state, m.to_state, m.at, m.by_user, u.username, u.name, m.code, m.sealed
		  from rights.request_moves m cross join lateral auth.staff(array[m.by_user]) u where m.request_id = $1 order by m.at, m.id`, id)
	if err != nil {
		return Request{}, err
	}
	for _, m := range rows {
		words, err := openWords(keys, place("rights.request_moves", m.ID, id), m.Sealed)
		if err != nil {
			return Request{}, err
		}
		v.History = append(v.History, Step{Move: m.Move, From: m.From, To: m.To, At: m.At, By: casefile.Staff{ID: m.By, Username: m.Username, Name: m.Name}, Code: text(m.Code), Text: words})
	}
	var named []struct {
		ID       uuid.UUID      `db:"id"`
		At       time.Time      `db:"at"`
		By       uuid.UUID      `db:"by_user"`
		Username string         `db:"username"`
		Name     string         `db:"name"`
		Version  int            `db:"version"`
		Fields   gate.TextArray `db:"fields"`
	}
	if r.Kind == "RECTIFY" {
		if err := tx.Select(&named, `select c.id, c.at, c.by_user, u.username, u.name, c.version, c.fields from rights.corrections_of($1) c cross join lateral auth.staff(array[c.by_user]) u order by c.at, c.id`, id); err != nil {
			return Request{}, err
		}
	}
	for _, c := range named {
		v.Corrected = append(v.Corrected, Corrected{c.ID, c.At, casefile.Staff{ID: c.By, Username: c.Username, Name: c.Name}, c.Version, append([]string{}, c.Fields...)})
	}
	return v, nil
}

// requestKeys opens the key of a request's words; none after its case was erased.
func requestKeys(tx *gate.Tx, id uuid.UUID) (*seal.Keys, error) {
	var wrapped [][]byte
	if err := tx.Select(&wrapped, `select narrative from rights.request_keys where request_id = $1`, id); err != nil || len(wrapped) == 0 {
		return nil, err
	}
	return tx.Keys(id, seal.Wrapped{Compartment: seal.Narrative, Key: wrapped[0]})
}

// Read opens a request for the office, the holder of its case and her supervisor. To others it does not exist.
func (s *Service) Read(ctx context.Context, who access.Actor, id uuid.UUID) (Request, error) {
	return gate.Do(ctx, s.gate, who, access.ReadRequest, access.On("request", id), func(tx *gate.Tx) (Request, error) {
		return readRequest(tx, id, true)
	})
}

// Filter chooses among requests.
type Filter struct {
	Case    string `json:"case,omitempty"`
	Kind    string `json:"kind,omitempty"`
	Open    bool   `json:"open,omitempty"`
	Overdue bool   `json:"overdue,omitempty"`
	Limit   int    `json:"limit,omitempty"`
	Cursor  string `json:"cursor,omitempty"`
}

// Page is a page of requests.
type Page struct {
	Items []Request `json:"items"`
	Next  *string   `json:"next"`
}

const nextDue = `case when r.state = 'RECEIVED' then r.due_reply else r.due_act end`

// List pages through the requests that this reader may see: what waits longest first, what is over last. Without words.
func (s *Service) List(ctx context.Context, who access.Actor, f Filter) (Page, error) {
	var ps fault.Problems
	survivor.Code("/kind", codelist.DSRType, f.Kind, &ps)
	if f.Limit == 0 {
		f.Limit = 20
	}
	if f.Limit < 1 || f.Limit > 100 {
		ps.Add("/limit", "out_of_range", "least", 1, "most", 100)
	}
	var ofCase, afterEnded, afterDue, afterID any
	if f.Case != "" {
		id, err := uuid.Parse(f.Case)
		if err != nil {
			ps.Add("/case", "unreadable")
		}
		ofCase = id
	}
	if f.Cursor != "" {
		ended, due, id, ok := readCursor(f.Cursor)
		if !ok {
			ps.Add("/cursor", "unreadable")
		}
		afterEnded, afterDue, afterID = ended, due, id
	}
	if err := ps.Err(); err != nil {
		return Page{}, err
	}
	return gate.Do(ctx, s.gate, who, access.ListRequests, access.Nothing, func(tx *gate.Tx) (Page, error) {
		tx.Opened(access.Rights)
		var rows []requestRow
		err := tx.Select(&rows, `select `+requestColumns+`
			 where ($1::uuid is null or r.case_id = $1) and ($2 = '' or r.kind = $2) and (not $3 or r.ended_at is null)
			   and (not $4 or r.ended_at is null and `+nextDue+` < $5)
			   and ($6::boolean is null or (r.ended_at is not null, `+nextDue+`, r.id) > ($6, $7::timestamptz, $8::uuid))
			 order by (r.ended_at is not null), `+nextDue+`, r.id
			 limit $9`, ofCase, f.Kind, f.Open, f.Overdue, tx.Now, afterEnded, afterDue, afterID, f.Limit+1)
		if err != nil {
			return Page{}, err
		}
		p := Page{Items: []Request{}}
		for i, r := range rows {
			if i == f.Limit {
				last := rows[i-1]
				due := last.DueAct
				if last.State == Received {
					due = last.DueReply
				}
				next := writeCursor(last.EndedAt != nil, due, last.ID)
				p.Next = &next
				break
			}
			p.Items = append(p.Items, r.view(who.Role, tx.Now))
		}
		return p, nil
	})
}

func writeCursor(ended bool, due time.Time, id uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatBool(ended) + " " + strconv.FormatInt(due.UnixMicro(), 10) + " " + id.String()))
}

func readCursor(text string) (ended bool, due time.Time, id uuid.UUID, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	parts := strings.Split(string(raw), " ")
	if err != nil || len(parts) != 3 {
		return false, time.Time{}, uuid.Nil, false
	}
	micros, err1 := strconv.ParseInt(parts[1], 10, 64)
	id, err2 := uuid.Parse(parts[2])
	return parts[0] == "true", time.UnixMicro(micros), id, err1 == nil && err2 == nil && micros > 0 && micros < 1<<52
}

// MoveCommand is the words of a move. Code is needed to extend (dsr_extension) and to refuse (dsr_refusal); Text is what she is told.
type MoveCommand struct {
	Code string `json:"code,omitempty"`
	Text string `json:"text,omitempty"`
	// Corrections name what was corrected, for the completion of a request to correct; empty for all since it came.
	Corrections []uuid.UUID `json:"corrections,omitempty"`
}

// Move makes one move of a request.
func (s *Service) Move(ctx context.Context, who access.Actor, id uuid.UUID, name string, cmd MoveCommand) (Request, error) {
	m := moveOf(name)
	var ps fault.Problems
	survivor.Short("/text", cmd.Text, 5000, &ps)
	switch name {
	case "extension":
		survivor.NeedCode("/code", codelist.DSRExtension, cmd.Code, &ps)
	case "refusal":
		survivor.NeedCode("/code", codelist.DSRRefusal, cmd.Code, &ps)
	default:
		if cmd.Code != "" {
			ps.Add("/code", "unknown_field")
		}
	}
	if len(cmd.Corrections) > 0 && name != "completion" {
		ps.Add("/corrections", "unknown_field")
	}
	if len(cmd.Corrections) > 100 {
		ps.Add("/corrections", "too_many", "most", 100)
	}
	if m.Decides && len([]rune(cmd.Text)) < 5 { // she is told why, and how to complain
		ps.Add("/text", "reason_needed")
	}
	if err := ps.Err(); err != nil {
		return Request{}, err
	}
	act := access.AnswerRequest
	if m.Decides {
		act = access.DecideRequest
	}
	return gate.Do(ctx, s.gate, who, act, access.On("request", id), func(tx *gate.Tx) (Request, error) {
		var r requestRow
		err := tx.Get(&r, `select `+requestColumns+` where r.id = $1 for update of r`, id)
		if fault.KindOf(err) == fault.NotFound {
			return Request{}, tx.Refuse()
		}
		if err != nil {
			return Request{}, err
		}
		if r.Case.Valid {
			if err := tx.Concerns(r.Case.UUID); err != nil {
				return Request{}, err
			}
		}
		if !slices.Contains(m.From, r.State) {
			if name == "extension" && r.ExtendedAt != nil {
				return Request{}, fault.New(fault.Conflict, "request_extended_once")
			}
			return Request{}, fault.New(fault.Conflict, "request_state")
		}
		if name == "completion" {
			if err := s.deedIsDone(tx, r, cmd.Corrections); err != nil {
				return Request{}, err
			}
		}
		keys, err := requestKeys(tx, id)
		if err != nil {
			return Request{}, err
		}
		due := r.DueAct
		if name == "extension" {
			due = extended(r.Kind, r.DueAct, Days(r.Days))
		}
		mid := uuid.Must(uuid.NewV7())
		var words any
		if keys != nil {
			if words, err = sealWords(keys, place("rights.request_moves", mid, id), cmd.Text); err != nil {
				return Request{}, err
			}
		}
		tx.Later(`update rights.requests
			   set state = $2, due_act = $3, version = version + 1,
			       acknowledged_at = case when $2 <> 'TAKEN_BACK' then coalesce(acknowledged_at, $4) else acknowledged_at end,
			       extended_at = case when $2 = 'EXTENDED' then $4 else extended_at end, extension_code = case when $2 = 'EXTENDED' then $5 else extension_code end,
			       ended_at = case when $2 in ('DONE', 'REFUSED', 'TAKEN_BACK') then $4::timestamptz end, ground = case when $2 = 'REFUSED' then $5 end
			 where id = $1`, id, string(m.To), due, tx.Now, null(cmd.Code))
		tx.Later(`insert into rights.request_moves (id, request_id, case_id, move, from_state, to_state, at, by_user, code, sealed) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			mid, id, r.Case, name, string(r.State), string(m.To), tx.Now, who.User, null(cmd.Code), words)
		tx.Because(name, nil)
		return readRequest(tx, id, false)
	})
}

// deedIsDone refuses to call done what was not done.
func (s *Service) deedIsDone(tx *gate.Tx, r requestRow, corrections []uuid.UUID) error {
	var query string
	if len(corrections) > 0 && (r.Kind != "RECTIFY" || !r.Case.Valid) {
		return fault.Bad(fault.Problem{Pointer: "/corrections", Key: "unknown_field"})
	}
	switch r.Kind {
	case "RECTIFY":
		if !r.Case.Valid {
			return nil // nothing is held about her that could be corrected
		}
		slices.SortFunc(corrections, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
		corrections = slices.Compact(corrections)
		var named int
		if err := tx.Get(&named, `select rights.name_corrections($1, $2)`, r.ID, gate.UUIDs(corrections)); err != nil {
			return err
		}
		if len(corrections) > 0 && named != len(corrections) {
			return fault.Bad(fault.Problem{Pointer: "/corrections", Key: "no_such_correction"})
		}
		if named == 0 {
			return fault.New(fault.Conflict, "request_needs_its_deed")
		}
		return nil
	case "ERASE": // the shred itself completes it
		return fault.New(fault.Conflict, "request_needs_its_deed")
	case "RESTRICT":
		query = `select exists (select 1 from rights.restrictions x where x.case_id = $1 and x.lifted_at is null) as done`
	case "WITHDRAW":
		query = `select rights.taken_back($1, $2) as done`
	case "COPY":
		query = `select exists (select 1 from rights.copies x where x.case_id = $1 and x.made_at >= $2) as done`
	}
	if query == "" || !r.Case.Valid {
		return nil
	}
	var done bool
	args := []any{r.Case.UUID}
	if r.Kind == "COPY" || r.Kind == "WITHDRAW" {
		args = append(args, r.ReceivedAt)
	}
	if err := tx.Get(&done, query, args...); err != nil {
		return err
	}
	if !done {
		return fault.New(fault.Conflict, "request_needs_its_deed")
	}
	return nil
}
