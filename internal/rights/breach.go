package rights

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
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

// The clocks of a breach, from its detection: the notice to the ministry's unit (Law 91/2025/QH15 art. 23, Decree 356/2025 art. 28), and the first notice of a
// serious cyber incident (Decree 331/2026 art. 31). They run through nights and holidays.
const (
	noticeWithin = 72 * time.Hour
	firstWithin  = 24 * time.Hour
)

// BreachClasses are the classes of data that a breach can have touched: the compartments, and what lies outside of them.
var BreachClasses = []string{"identity", "safety", "narrative", "evidence", "disclosure", "record", "staff", "statistics"}

// Words are what happened, in words: sealed, for the office alone.
type Words struct {
	What         string `json:"what,omitempty"`
	Consequences string `json:"consequences,omitempty"`
	Measures     string `json:"measures,omitempty"`
	Contact      string `json:"contact,omitempty"`
}

func (w Words) check(ps *fault.Problems) {
	for at, t := range map[string]string{"/words/what": w.What, "/words/consequences": w.Consequences, "/words/measures": w.Measures, "/words/contact": w.Contact} {
		survivor.Short(at, t, 10_000, ps)
	}
}

// Breach is an entry of the register. The auditor sees it without words.
type Breach struct {
	ID            uuid.UUID      `json:"id"`
	Code          string         `json:"code"`
	DetectedAt    time.Time      `json:"detected_at"`
	Kind          string         `json:"kind"`
	Serious       bool           `json:"serious"`
	Classes       []string       `json:"classes"`
	People        *int           `json:"people"`
	State         string         `json:"state"`
	Due           BreachDue      `json:"due"`
	FirstSentAt   *time.Time     `json:"first_sent_at"`
	NoticeSentAt  *time.Time     `json:"notice_sent_at"`
	PersonsToldAt *time.Time     `json:"persons_told_at"`
	ClosedAt      *time.Time     `json:"closed_at"`
	NextDue       *time.Time     `json:"next_due"`
	Overdue       bool           `json:"overdue"`
	RecordedBy    casefile.Staff `json:"recorded_by"`
	RecordedAt    time.Time      `json:"recorded_at"`
	Words         *Words         `json:"words,omitempty"`
	Minutes       []Minute       `json:"minutes,omitempty"`
	Version       int            `json:"version"`
}

// BreachDue are its two clocks.
type BreachDue struct {
	First  *time.Time `json:"first"`
	Notice time.Time  `json:"notice"`
}

// Location is where the breach can be read again.
func (b Breach) Location() string { return "/api/v1/breaches/" + b.ID.String() }

// Minute is one line of the minutes; lines are added and never changed.
type Minute struct {
	At         time.Time      `json:"at"`
	HappenedAt time.Time      `json:"happened_at"`
	By         casefile.Staff `json:"by"`
	Move       string         `json:"move"`
	Text       string         `json:"text,omitempty"`
}

// BreachCommand records a breach.
type BreachCommand struct {
	DetectedAt *time.Time `json:"detected_at,omitempty"`
	Kind       string     `json:"kind"`
	Serious    bool       `json:"serious,omitempty"`
	Classes    []string   `json:"classes"`
	People     *int       `json:"people,omitempty"`
	Words      Words      `json:"words"`
}

func checkClasses(classes []string, people *int, ps *fault.Problems) {
	for i, c := range classes {
		if !slices.Contains(BreachClasses, c) {
			ps.Add("/classes", "unknown_class")
		} else if slices.Contains(classes[:i], c) {
			ps.Add("/classes", "twice")
		}
	}
	if people != nil && (*people < 0 || *people > 10_000_000) {
		ps.Add("/people", "out_of_range", "least", 0, "most", 10_000_000)
	}
}

// RecordBreach writes a breach down and starts its clocks.
func (s *Service) RecordBreach(ctx context.Context, who access.Actor, cmd BreachCommand) (Breach, error) {
	now := time.Now()
	var ps fault.Problems
	survivor.NeedCode("/kind", codelist.BreachKind, cmd.Kind, &ps)
	if len(cmd.Classes) == 0 {
		ps.Add("/classes", "required")
	}
	checkClasses(cmd.Classes, cmd.People, &ps)
	if cmd.DetectedAt == nil {
		cmd.DetectedAt = &now
	} else if cmd.DetectedAt.After(now.Add(time.Minute)) {
		ps.Add("/detected_at", "in_the_future")
	} else if cmd.DetectedAt.Before(now.AddDate(-1, 0, 0)) {
		ps.Add("/detected_at", "rights_too_long_ago")
	}
	if cmd.Words.What == "" {
		ps.Add("/words/what", "required")
	}
	cmd.Words.check(&ps)
	if err := ps.Err(); err != nil {
		return Breach{}, err
	}
	id := uuid.Must(uuid.NewV7())
	return gate.Do(ctx, s.gate, who, access.RecordBreach, access.Nothing, func(tx *gate.Tx) (Breach, error) {
		tx.Answer(http.StatusCreated)
		keys, wrapped, err := ownKeys(tx, id)
		if err != nil {
			return Breach{}, err
		}
		sealed, err := survivor.SealJSON(keys, place("rights.breaches", id, id), cmd.Words)
		if err != nil {
			return Breach{}, err
		}
		var first any
		if cmd.Serious {
			first = cmd.DetectedAt.Add(firstWithin)
		}
		tx.Later(`insert into rights.breaches (id, code, detected_at, kind, serious, classes, people, due_first, due_notice, recorded_by, recorded_at, sealed)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			id, newCode("SC", tx.Now), *cmd.DetectedAt, cmd.Kind, cmd.Serious, cmd.Classes, intOrNull(cmd.People), first, cmd.DetectedAt.Add(noticeWithin), who.User, tx.Now, sealed)
		tx.Later(`insert into rights.breach_keys (breach_id, narrative) values ($1, $2)`, id, wrapped)
		tx.Later(`insert into rights.breach_minutes (id, breach_id, at, happened_at, by_user, move) values ($1, $2, $3, $4, $5, 'recorded')`, uuid.Must(uuid.NewV7()), id, tx.Now, *cmd.DetectedAt, who.User)
		tx.Because(cmd.Kind, nil)
		return readBreach(tx, id)
	})
}

type breachRow struct {
	ID         uuid.UUID      `db:"id"`
	Code       string         `db:"code"`
	DetectedAt time.Time      `db:"detected_at"`
	Kind       string         `db:"kind"`
	Serious    bool           `db:"serious"`
	Classes    gate.TextArray `db:"classes"`
	People     *int           `db:"people"`
	State      string         `db:"state"`
	DueFirst   *time.Time     `db:"due_first"`
	DueNotice  time.Time      `db:"due_notice"`
	First      *time.Time     `db:"first_sent_at"`
	Notice     *time.Time     `db:"notice_sent_at"`
	Told       *time.Time     `db:"persons_told_at"`
	ClosedAt   *time.Time     `db:"closed_at"`
	RecordedBy uuid.UUID      `db:"recorded_by"`
	RecordedAt time.Time      `db:"recorded_at"`
	Version    int            `db:"version"`
	Sealed     []byte         `db:"sealed"`
	Username   string         `db:"username"`
	Name       string         `db:"name"`
}

const breachColumns = `b.id, b.code, b.detected_at, b.kind, b.serious, b.classes, b.people, b.state, b.due_first, b.due_notice, b.first_sent_at, b.notice_sent_at, b.persons_told_at,
       b.closed_at, b.recorded_by, b.recorded_at, b.version, b.sealed, u.username, u.name
  from rights.breaches b cross join lateral auth.staff(array[b.recorded_by]) u`

func (r breachRow) view(now time.Time) Breach {
	b := Breach{ID: r.ID, Code: r.Code, DetectedAt: r.DetectedAt, Kind: r.Kind, Serious: r.Serious, Classes: append([]string{}, r.Classes...), People: r.People, State: r.State,
		Due: BreachDue{r.DueFirst, r.DueNotice}, FirstSentAt: r.First, NoticeSentAt: r.Notice, PersonsToldAt: r.Told, ClosedAt: r.ClosedAt,
		RecordedBy: casefile.Staff{ID: r.RecordedBy, Username: r.Username, Name: r.Name}, RecordedAt: r.RecordedAt, Version: r.Version}
	switch {
	case r.Notice != nil:
	case r.DueFirst != nil && r.First == nil:
		b.NextDue = r.DueFirst
	default:
		b.NextDue = &r.DueNotice
	}
	b.Overdue = b.NextDue != nil && now.After(*b.NextDue)
	return b
}

func breachKeys(tx *gate.Tx, id uuid.UUID) (*seal.Keys, error) {
	var wrapped [][]byte // of the office alone: to the auditor there is no key
	if err := tx.Select(&wrapped, `select narrative from rights.breach_keys where breach_id = $1`, id); err != nil || len(wrapped) == 0 {
		return nil, err
	}
	return tx.Keys(id, seal.Wrapped{Compartment: seal.Narrative, Key: wrapped[0]})
}

func readBreach(tx *gate.Tx, id uuid.UUID) (Breach, error) {
	var r breachRow
	if err := tx.Get(&r, `select `+breachColumns+` where b.id = $1`, id); err != nil {
		return Breach{}, err
	}
	tx.Opened(access.Rights)
	b := r.view(tx.Now)
	keys, err := breachKeys(tx, id)
	if err != nil {
		return Breach{}, err
	}
	if keys != nil && keys.Has(seal.Narrative) {
		b.Words = &Words{}
		plain, err := keys.Open(place("rights.breaches", id, id), r.Sealed)
		if err != nil {
			return Breach{}, err
		}
		if err := json.Unmarshal(plain, b.Words); err != nil {
			return Breach{}, seal.ErrForged
		}
	}
	var rows []struct {
		ID         uuid.UUID `db:"id"`
		At         time.Time `db:"at"`
		HappenedAt time.Time `db:"happened_at"`
		By         uuid.UUID `db:"by_user"`
		Username   string    `db:"username"`
		Name       string    `db:"name"`
		Move       string    `db:"move"`
		Sealed     []byte    `db:"sealed"`
	}
	err = tx.Select(&rows, `select m.id, m.at, m.happened_at, m.by_user, u.username, u.name, m.move, m.sealed
		  from rights.breach_minutes m cross join lateral auth.staff(array[m.by_user]) u where m.breach_id = $1 order by m.at, m.id`, id)
	if err != nil {
		return Breach{}, err
	}
	for _, m := range rows {
		words, err := openWords(keys, place("rights.breach_minutes", m.ID, id), m.Sealed)
		if err != nil {
			return Breach{}, err
		}
		b.Minutes = append(b.Minutes, Minute{At: m.At, HappenedAt: m.HappenedAt, By: casefile.Staff{ID: m.By, Username: m.Username, Name: m.Name}, Move: m.Move, Text: words})
	}
	return b, nil
}

// ReadBreach opens an entry of the register.
func (s *Service) ReadBreach(ctx context.Context, who access.Actor, id uuid.UUID) (Breach, error) {
	return gate.Do(ctx, s.gate, who, access.SeeBreaches, access.On("breach", id), func(tx *gate.Tx) (Breach, error) {
		b, err := readBreach(tx, id)
		if fault.KindOf(err) == fault.NotFound {
			return Breach{}, tx.Refuse()
		}
		return b, err
	})
}

// Breaches lists the register: what runs first, then the newest.
func (s *Service) Breaches(ctx context.Context, who access.Actor) ([]Breach, error) {
	return gate.Do(ctx, s.gate, who, access.SeeBreaches, access.Nothing, func(tx *gate.Tx) ([]Breach, error) {
		tx.Opened(access.Rights)
		var rows []breachRow
		if err := tx.Select(&rows, `select `+breachColumns+` order by (b.notice_sent_at is not null), b.due_notice desc, b.id limit 200`); err != nil {
			return nil, err
		}
		out := make([]Breach, 0, len(rows))
		for _, r := range rows {
			out = append(out, r.view(tx.Now))
		}
		return out, nil
	})
}

// BreachMoves are the steps that the minutes know.
var BreachMoves = []string{"note", "contained", "first_notice", "notice", "persons_told", "closing"}

// MinuteCommand is a step of the minutes. HappenedAt may not lie before the detection; Classes, People and Words replace what was known, where given.
type MinuteCommand struct {
	Move       string     `json:"move"`
	HappenedAt *time.Time `json:"happened_at,omitempty"`
	Text       string     `json:"text,omitempty"`
	Classes    []string   `json:"classes,omitempty"`
	People     *int       `json:"people,omitempty"`
	Words      *Words     `json:"words,omitempty"`
}

// Minute adds a line to the minutes and moves the breach by it. Nothing that stands there is changed; what was known before stays in the sealed line.
func (s *Service) Minute(ctx context.Context, who access.Actor, id uuid.UUID, cmd MinuteCommand) (Breach, error) {
	now := time.Now()
	var ps fault.Problems
	if !slices.Contains(BreachMoves, cmd.Move) {
		ps.Add("/move", "unknown_code", "list", "note, contained, first_notice, notice, persons_told, closing")
	}
	survivor.Short("/text", cmd.Text, 10_000, &ps)
	if cmd.Move == "note" && cmd.Text == "" {
		ps.Add("/text", "required")
	}
	checkClasses(cmd.Classes, cmd.People, &ps)
	if cmd.Words != nil {
		cmd.Words.check(&ps)
	}
	if cmd.HappenedAt == nil {
		cmd.HappenedAt = &now
	} else if cmd.HappenedAt.After(now.Add(time.Minute)) {
		ps.Add("/happened_at", "in_the_future")
	}
	if err := ps.Err(); err != nil {
		return Breach{}, err
	}
	return gate.Do(ctx, s.gate, who, access.RecordBreach, access.On("breach", id), func(tx *gate.Tx) (Breach, error) {
		tx.Answer(http.StatusCreated)
		var r breachRow
		err := tx.Get(&r, `select `+breachColumns+` where b.id = $1 for update of b`, id)
		if fault.KindOf(err) == fault.NotFound {
			return Breach{}, tx.Refuse()
		}
		if err != nil {
			return Breach{}, err
		}
		if cmd.HappenedAt.Before(r.DetectedAt) {
			return Breach{}, fault.Bad(fault.Problem{Pointer: "/happened_at", Key: "rights_before_detection"})
		}
		at := *cmd.HappenedAt
		refuse := func(bad bool) error {
			if bad || r.State == "CLOSED" {
				return fault.New(fault.Conflict, "rights_state")
			}
			return nil
		}
		err = refuse(false)
		switch cmd.Move {
		case "contained":
			err = refuse(r.State != "OPEN")
			r.State = "CONTAINED"
		case "first_notice":
			err = refuse(r.DueFirst == nil || r.First != nil || r.Notice != nil)
			r.First = &at
		case "notice":
			err = refuse(r.Notice != nil)
			r.Notice, r.State = &at, "NOTIFIED"
		case "persons_told":
			err = refuse(r.Told != nil)
			r.Told = &at
		case "closing":
			err = refuse(r.State != "NOTIFIED")
			r.State, r.ClosedAt = "CLOSED", &at
		}
		if err != nil {
			return Breach{}, err
		}
		keys, err := breachKeys(tx, id)
		if err != nil {
			return Breach{}, err
		}
		sealed := r.Sealed
		if cmd.Words != nil {
			if sealed, err = survivor.SealJSON(keys, place("rights.breaches", id, id), *cmd.Words); err != nil {
				return Breach{}, err
			}
		}
		classes, people := []string(r.Classes), r.People
		if len(cmd.Classes) > 0 {
			classes = cmd.Classes
		}
		if cmd.People != nil {
			people = cmd.People
		}
		mid := uuid.Must(uuid.NewV7())
		words, err := sealWords(keys, place("rights.breach_minutes", mid, id), cmd.Text)
		if err != nil {
			return Breach{}, err
		}
		tx.Later(`update rights.breaches set classes = $2, people = $3, state = $4, first_sent_at = $5, notice_sent_at = $6, persons_told_at = $7, closed_at = $8, version = version + 1, sealed = $9
			where id = $1`, id, classes, intOrNull(people), r.State, timeOrNull(r.First), timeOrNull(r.Notice), timeOrNull(r.Told), timeOrNull(r.ClosedAt), sealed)
		tx.Later(`insert into rights.breach_minutes (id, breach_id, at, happened_at, by_user, move, sealed) values ($1, $2, $3, $4, $5, $6, $7)`, mid, id, tx.Now, at, who.User, cmd.Move, words)
		tx.Because(cmd.Move, nil)
		return readBreach(tx, id)
	})
}

func timeOrNull(t *time.Time) any {
	if t == nil {
		return nil
	}
	return *t
}

func intOrNull(n *int) any {
	if n == nil {
		return nil
	}
	return *n
}
