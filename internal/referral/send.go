package referral

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/casefile"
	"binhan/internal/consent"
	"binhan/internal/directory"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/seal"
	"binhan/internal/survivor"
)

// Service does the acts on referrals.
type Service struct {
	gate *gate.Gate
	// NeedsAgreement refuses to share with an organisation with which no agreement is in force (Decree 356/2025 art. 7); without it the sender is only told.
	NeedsAgreement bool
}

// New makes the service.
func New(g *gate.Gate) *Service { return &Service{gate: g} }

// Create writes a referral and sends it, unless it is a draft. Only the holder of the case may. The fields must lie within a live consent for this
// receiver, or stand on a named ground in law; a field beyond it is named in the refusal. The snapshot is sealed here, by her who holds the right.
func (s *Service) Create(ctx context.Context, who access.Actor, caseID uuid.UUID, cmd Command) (View, error) {
	if err := cmd.Check(); err != nil {
		return View{}, err
	}
	id := uuid.Must(uuid.NewV7())
	_, err := gate.Do(ctx, s.gate, who, access.CreateReferral, access.On("case", caseID), func(tx *gate.Tx) (located, error) {
		tx.Answer(http.StatusCreated)
		c, err := casefile.Open(tx, caseID)
		if err != nil {
			return located{}, err
		}
		to, err := directory.Receives(tx, cmd.To, cmd.Service)
		if err != nil {
			return located{}, err
		}
		if to.ID == who.Organisation {
			return located{}, fault.Bad(fault.Problem{Pointer: "/to", Key: "receiver_is_sender"})
		}
		if cmd.Consent != nil && !cmd.Draft {
			if err := s.agreed(tx, to.ID); err != nil {
				return located{}, err
			}
		}
		if cmd.Consent != nil {
			if err := consent.Covers(tx, caseID, *cmd.Consent, to.ID, to.Type, cmd.Fields); err != nil {
				return located{}, err
			}
		}
		snapshot, err := snapshotOf(tx, caseID, c, cmd)
		if err != nil {
			return located{}, err
		}
		r := newReferral(tx, id, caseID, c, to.ID, cmd)
		if err := r.insert(tx); err != nil {
			return located{}, err
		}
		if err := sealSnapshot(tx, &r, snapshot); err != nil {
			return located{}, err
		}
		if !cmd.Draft {
			tx.Later(`select standing.address($1)`, id)
		}
		return located{id}, taken(tx.Flush())
	})
	if err != nil {
		return View{}, err
	}
	return s.Read(ctx, who, id)
}

// Preview is what the receiver would see, before anything is sent: for the sender's own eyes.
func (s *Service) Preview(ctx context.Context, who access.Actor, caseID uuid.UUID, cmd Command) (Disclosed, error) {
	return gate.Do(ctx, s.gate, who, access.CreateReferral, access.On("case", caseID), func(tx *gate.Tx) (Disclosed, error) {
		c, err := casefile.Open(tx, caseID)
		if err != nil {
			return Disclosed{}, err
		}
		return snapshotOf(tx, caseID, c, cmd)
	})
}

type located struct{ id uuid.UUID }

// Location is where the referral can be read again.
func (l located) Location() string { return "/api/v1/referrals/" + l.id.String() }

// taken says in the field's words which rule a new referral broke.
func taken(err error) error {
	switch gate.ConstraintOf(err) {
	case "referrals_one_open_per_receiver":
		return fault.New(fault.Conflict, "referral_already_open")
	case "referral_is_not_sent_to_oneself":
		return fault.Bad(fault.Problem{Pointer: "/to", Key: "receiver_is_sender"})
	}
	return err
}

func snapshotOf(tx *gate.Tx, caseID uuid.UUID, c casefile.View, cmd Command) (Disclosed, error) {
	var files []EvidenceRef
	var rows []struct {
		ID   uuid.UUID `db:"id"`
		Size int64     `db:"size"`
	}
	if err := tx.Select(&rows, `select id, size from evidence where case_id = $1 order by added_at`, caseID); err != nil {
		return Disclosed{}, err
	}
	for _, r := range rows {
		files = append(files, EvidenceRef(r))
	}
	return disclose(c, files, cmd), nil
}

type record struct {
	ID            uuid.UUID      `db:"id"`
	Code          string         `db:"code"`
	Case          uuid.UUID      `db:"case_id"`
	Status        Status         `db:"status"`
	Service       string         `db:"service"`
	Priority      string         `db:"priority"`
	FromOrg       uuid.UUID      `db:"from_org"`
	FromUser      uuid.UUID      `db:"from_user"`
	ToOrg         uuid.UUID      `db:"to_org"`
	TakenBy       uuid.NullUUID  `db:"taken_by"`
	ForwardedFrom uuid.NullUUID  `db:"forwarded_from"`
	Commune       *string        `db:"commune"`
	AgeBand       string         `db:"age_band"`
	Needs         gate.TextArray `db:"needs"`
	Fields        gate.TextArray `db:"fields"`
	Consent       uuid.NullUUID  `db:"consent_id"`
	LegalBasis    *string        `db:"legal_basis"`
	CreatedAt     time.Time      `db:"created_at"`
	SentAt        *time.Time     `db:"sent_at"`
	DueAck        *time.Time     `db:"due_acknowledge"`
	DueAccept     *time.Time     `db:"due_accept"`
	DueContact    *time.Time     `db:"due_first_contact"`
	DueOutcome    *time.Time     `db:"due_outcome"`
	EndedAt       *time.Time     `db:"ended_at"`
	Version       int            `db:"version"`
}

const columns = `r.id, r.code, r.case_id, r.status, r.service, r.priority, r.from_org, r.from_user, r.to_org, r.taken_by, r.forwarded_from, r.commune, r.age_band,
       r.needs, r.fields, r.consent_id, r.legal_basis, r.created_at, r.sent_at, r.due_acknowledge, r.due_accept, r.due_first_contact, r.due_outcome, r.ended_at, r.version`

func newReferral(tx *gate.Tx, id, caseID uuid.UUID, c casefile.View, to uuid.UUID, cmd Command) record {
	r := record{ID: id, Code: newCode(tx.Now), Case: caseID, Status: Draft, Service: cmd.Service, Priority: cmd.Priority, FromOrg: tx.Who.Organisation,
		FromUser: tx.Who.User, ToOrg: to, AgeBand: "UNK", Needs: cmd.Needs, Fields: cmd.Fields, CreatedAt: tx.Now, Version: 1}
	if c.Survivor != nil {
		received, _ := time.Parse(time.DateOnly, c.ReceivedOn)
		r.AgeBand = c.Survivor.AgeBand(received)
	}
	if len(r.Needs) == 0 {
		r.Needs = gate.TextArray{cmd.Service}
	}
	if c.Commune != "" {
		r.Commune = &c.Commune
	}
	if cmd.Consent != nil {
		r.Consent = uuid.NullUUID{UUID: *cmd.Consent, Valid: true}
	} else {
		r.LegalBasis = &cmd.LegalBasis.Code
	}
	if !cmd.Draft {
		r.send(tx.Now)
	}
	return r
}

func (r *record) send(now time.Time) {
	due := dueOf(r.Priority, now)
	r.Status, r.SentAt = Sent, &now
	r.DueAck, r.DueAccept, r.DueContact, r.DueOutcome = due.Acknowledge, due.Accept, due.FirstContact, due.Outcome
}

func (r *record) insert(tx *gate.Tx) error {
	tx.Later(`insert into referrals (id, code, case_id, status, service, priority, from_org, from_user, to_org, forwarded_from, commune, age_band, needs, fields,
		consent_id, legal_basis, created_at, sent_at, due_acknowledge, due_accept, due_first_contact, due_outcome)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`,
		r.ID, r.Code, r.Case, string(r.Status), r.Service, r.Priority, r.FromOrg, r.FromUser, r.ToOrg, r.ForwardedFrom, orNull(r.Commune), r.AgeBand,
		[]string(r.Needs), orEmpty(r.Fields), r.Consent, orNull(r.LegalBasis), r.CreatedAt, timeOrNull(r.SentAt), timeOrNull(r.DueAck),
		timeOrNull(r.DueAccept), timeOrNull(r.DueContact), timeOrNull(r.DueOutcome))
	return taken(tx.Flush())
}

func snapshotPlace(id uuid.UUID) seal.Place {
	return seal.Place{Table: "referral_snapshots", Column: "sealed", Row: id, Owner: id, Compartment: seal.Disclosure}
}

func sealSnapshot(tx *gate.Tx, r *record, d Disclosed) error {
	keys, ws, err := tx.NewKeys(r.ID, seal.Disclosure, seal.Narrative)
	if err != nil {
		return err
	}
	sealed, err := survivor.SealJSON(keys, snapshotPlace(r.ID), d)
	if err != nil {
		return err
	}
	for _, w := range ws {
		if w.Compartment == seal.Disclosure {
			tx.Later(`insert into referral_keys (referral_id, case_id, made_for, disclosure) values ($1, $2, $1, $3)`, r.ID, r.Case, w.Key)
		} else {
			tx.Later(`insert into referral_talk_keys (referral_id, case_id, narrative) values ($1, $2, $3)`, r.ID, r.Case, w.Key)
		}
	}
	tx.Later(`insert into referral_snapshots (referral_id, case_id, made_for, sealed, taken_at) values ($1, $2, $1, $3, $4)`, r.ID, r.Case, sealed, tx.Now)
	tx.Opened(access.Disclosure)
	return r.note(tx, keys, "creation", Draft, r.Status, "", "")
}

// note writes a move into the history; words are sealed under the key of the talk.
func (r *record) note(tx *gate.Tx, talk *seal.Keys, move string, from, to Status, code, words string) error {
	id := uuid.Must(uuid.NewV7())
	var sealed []byte
	if words != "" {
		var err error
		if sealed, err = talk.Seal(movePlace(id, r.ID), []byte(words)); err != nil {
			return err
		}
	}
	tx.Later(`insert into referral_moves (id, referral_id, case_id, move, from_status, to_status, at, by_user, by_org, code, sealed)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		id, r.ID, r.Case, move, string(from), string(to), tx.Now, tx.Who.User, tx.Who.Organisation, emptyNull(code), sealed)
	return nil
}

func movePlace(id, referral uuid.UUID) seal.Place {
	return seal.Place{Table: "referral_moves", Column: "sealed", Row: id, Owner: referral, Compartment: seal.Narrative}
}

// newCode makes a code to speak of a referral by, without any relation to the code of its case.
func newCode(now time.Time) string { return "P-" + casefile.Letters(6) + now.Format("-06") }

func orNull(s *string) any {
	if s == nil {
		return nil
	}
	return *s
}

func emptyNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func orEmpty(xs []string) []string {
	if xs == nil {
		return []string{}
	}
	return xs
}

func timeOrNull(t *time.Time) any {
	if t == nil {
		return nil
	}
	return *t
}
