package rights

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
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

// Erasure is a proposal to erase a case, its two decisions and, once it is done, the certificate: what was erased, when, by whom, on which ground. Nothing of
// the person stands in it.
type Erasure struct {
	ID         uuid.UUID       `json:"id"`
	Code       string          `json:"code"`
	Case       CaseRef         `json:"case"`
	Ground     string          `json:"ground"`
	Request    *uuid.UUID      `json:"request,omitempty"`
	OpenedOn   string          `json:"opened_on,omitempty"`
	ClosedOn   string          `json:"closed_on,omitempty"`
	State      string          `json:"state"`
	ProposedBy casefile.Staff  `json:"proposed_by"`
	ProposedAt time.Time       `json:"proposed_at"`
	First      *Decision       `json:"first,omitempty"`
	Second     *Decision       `json:"second,omitempty"`
	RefusedBy  *casefile.Staff `json:"refused_by,omitempty"`
	RefusedAt  *time.Time      `json:"refused_at,omitempty"`
	Held       bool            `json:"held"`
	Done       *Deed           `json:"done,omitempty"`
	MayApprove bool            `json:"may_approve"`
	MayFinish  bool            `json:"may_finish"`
}

// Location is where the erasure can be read again.
func (e Erasure) Location() string { return "/api/v1/erasures/" + e.ID.String() }

// Decision is one of the two.
type Decision struct {
	By casefile.Staff `json:"by"`
	As string         `json:"as"` // DPO or SUPERVISOR
	At time.Time      `json:"at"`
}

// Deed is what an erasure did. FilesHeld are objects that the store must keep until its own lock ends; their keys are gone, so nobody can read them. Ledger is
// the SHA-256 of the ring's entry: whoever audits the ring finds the same.
type Deed struct {
	At           time.Time `json:"at"`
	Keys         int       `json:"keys"`
	Snapshots    int       `json:"snapshots"`
	SealedValues int       `json:"sealed_values"`
	Files        int       `json:"files"`
	FilesHeld    int       `json:"files_held"`
	Entry        int       `json:"ledger_entry,omitempty"`
	Ledger       string    `json:"ledger_sha256,omitempty"`
}

// ProposeCommand proposes to erase a case. Case is an id or a spoken code.
type ProposeCommand struct {
	Case   string `json:"case"`
	Ground string `json:"ground"`
}

// Propose asks two others to erase a case. On the ground REQUEST an open request to erase must be there; on TERM the term must be over.
func (s *Service) Propose(ctx context.Context, who access.Actor, cmd ProposeCommand) (Erasure, error) {
	var ps fault.Problems
	if cmd.Case == "" {
		ps.Add("/case", "required")
	}
	survivor.NeedCode("/ground", codelist.ErasureGround, cmd.Ground, &ps)
	if err := ps.Err(); err != nil {
		return Erasure{}, err
	}
	id := uuid.Must(uuid.NewV7())
	return gate.Do(ctx, s.gate, who, access.ProposeErasure, access.Nothing, func(tx *gate.Tx) (Erasure, error) {
		tx.Answer(http.StatusCreated)
		about, err := findCase(tx, cmd.Case)
		if err != nil {
			return Erasure{}, err
		}
		if about.ID == uuid.Nil {
			if who.Role == access.DPO {
				return Erasure{}, fault.Bad(fault.Problem{Pointer: "/case", Key: "rights_no_such_case"})
			}
			return Erasure{}, tx.Refuse()
		}
		if err := tx.Concerns(about.ID); err != nil {
			return Erasure{}, err
		}
		var request any
		switch cmd.Ground {
		case "REQUEST":
			var found []uuid.UUID
			if err := tx.Select(&found, `select id from rights.requests where case_id = $1 and kind = 'ERASE' and state in ('ACKNOWLEDGED', 'IN_WORK', 'EXTENDED')`, about.ID); err != nil {
				return Erasure{}, err
			}
			if len(found) == 0 {
				return Erasure{}, fault.New(fault.Conflict, "erasure_without_request")
			}
			request = found[0]
		case "TERM":
			years, _ := codelist.MustGet(codelist.RetentionTerm).NoteInt("UNCONVERTED", "years")
			var over bool
			if err := tx.Get(&over, `select exists (select 1 from rights.terms t where t.case_id = $1 and t.keep_until < $2::date)
				or exists (select 1 from cases c where c.id = $1 and c.status in ('NEW', 'SCREENING') and c.updated_at < now() - make_interval(years => $3))
				or exists (select 1 from rights.due($3, 0, 10000) d where d.case_id = $1 and d.keep_until < $2::date)`, about.ID, today(tx.Now).Format(time.DateOnly), years); err != nil {
				return Erasure{}, err
			}
			if !over {
				return Erasure{}, fault.New(fault.Conflict, "erasure_before_term")
			}
		}
		tx.Later(`insert into rights.erasures (id, code, case_id, case_code, ground, request_id, proposed_by, proposed_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
			id, newCode("XD", tx.Now), about.ID, about.Code, cmd.Ground, request, who.User, tx.Now)
		tx.Because(cmd.Ground, nil)
		err = tx.Flush()
		if gate.ConstraintOf(err) == "case_is_erased_once" {
			return Erasure{}, fault.New(fault.Conflict, "erasure_already_open")
		}
		if err != nil {
			return Erasure{}, err
		}
		return s.readErasure(tx, id)
	})
}

type erasureRow struct {
	ID         uuid.UUID     `db:"id"`
	Code       string        `db:"code"`
	Case       uuid.UUID     `db:"case_id"`
	CaseCode   string        `db:"case_code"`
	Ground     string        `db:"ground"`
	Request    uuid.NullUUID `db:"request_id"`
	OpenedOn   *time.Time    `db:"opened_on"`
	ClosedOn   *time.Time    `db:"closed_on"`
	State      string        `db:"state"`
	ProposedBy uuid.UUID     `db:"proposed_by"`
	ProposedAt time.Time     `db:"proposed_at"`
	FirstBy    uuid.NullUUID `db:"first_by"`
	FirstAs    *string       `db:"first_as"`
	FirstAt    *time.Time    `db:"first_at"`
	SecondBy   uuid.NullUUID `db:"second_by"`
	SecondAs   *string       `db:"second_as"`
	SecondAt   *time.Time    `db:"second_at"`
	RefusedBy  uuid.NullUUID `db:"refused_by"`
	RefusedAt  *time.Time    `db:"refused_at"`
	DoneAt     *time.Time    `db:"done_at"`
	Keys       int           `db:"keys"`
	Snapshots  int           `db:"snapshots"`
	Values     int           `db:"sealed_values"`
	Files      int           `db:"files"`
	FilesHeld  int           `db:"files_held"`
	Held       bool          `db:"held"`
}

const erasureColumns = `e.id, e.code, e.case_id, e.case_code, e.ground, e.request_id, e.opened_on, e.closed_on, e.state, e.proposed_by, e.proposed_at, e.first_by, e.first_as,
       e.first_at, e.second_by, e.second_as, e.second_at, e.refused_by, e.refused_at, e.done_at, e.keys, e.snapshots, e.sealed_values, e.files, e.files_held,
       rights.held(e.case_id) as held
  from rights.erasures e`

func (r erasureRow) view(tx *gate.Tx) (Erasure, error) {
	e := Erasure{ID: r.ID, Code: r.Code, Case: CaseRef{r.Case, r.CaseCode}, Ground: r.Ground, State: r.State, ProposedAt: r.ProposedAt, RefusedAt: r.RefusedAt, Held: r.Held}
	if r.Request.Valid {
		e.Request = &r.Request.UUID
	}
	if r.OpenedOn != nil {
		e.OpenedOn = r.OpenedOn.Format(time.DateOnly)
	}
	if r.ClosedOn != nil {
		e.ClosedOn = r.ClosedOn.Format(time.DateOnly)
	}
	ids := []uuid.UUID{r.ProposedBy}
	for _, x := range []uuid.NullUUID{r.FirstBy, r.SecondBy, r.RefusedBy} {
		if x.Valid {
			ids = append(ids, x.UUID)
		}
	}
	var people []casefile.Staff
	if err := tx.Select(&people, `select id, username, name from auth.staff($1)`, gate.UUIDs(ids)); err != nil {
		return e, err
	}
	named := func(id uuid.UUID) casefile.Staff {
		for _, p := range people {
			if p.ID == id {
				return p
			}
		}
		return casefile.Staff{ID: id}
	}
	e.ProposedBy = named(r.ProposedBy)
	if r.FirstBy.Valid {
		e.First = &Decision{named(r.FirstBy.UUID), text(r.FirstAs), *r.FirstAt}
	}
	if r.SecondBy.Valid {
		e.Second = &Decision{named(r.SecondBy.UUID), text(r.SecondAs), *r.SecondAt}
	}
	if r.RefusedBy.Valid {
		p := named(r.RefusedBy.UUID)
		e.RefusedBy = &p
	}
	if r.DoneAt != nil {
		e.Done = &Deed{At: *r.DoneAt, Keys: r.Keys, Snapshots: r.Snapshots, SealedValues: r.Values, Files: r.Files, FilesHeld: r.FilesHeld}
	}
	me := tx.Who.User
	decides := tx.Who.Role == access.DPO || tx.Who.Role == access.Supervisor
	e.MayApprove = decides && (r.State == "PROPOSED" || r.State == "HALF") && me != r.ProposedBy && me != r.FirstBy.UUID && !r.Held &&
		!(r.State == "HALF" && tx.Who.Role != access.DPO && text(r.FirstAs) != "DPO")
	e.MayFinish = r.State == "APPROVED" && (tx.Who.Role == access.DPO || me == r.FirstBy.UUID || me == r.SecondBy.UUID)
	return e, nil
}

func (s *Service) readErasure(tx *gate.Tx, id uuid.UUID) (Erasure, error) {
	var r erasureRow
	err := tx.Get(&r, `select `+erasureColumns+` where e.id = $1`, id)
	if fault.KindOf(err) == fault.NotFound {
		return Erasure{}, tx.Refuse()
	}
	if err != nil {
		return Erasure{}, err
	}
	tx.Touch(r.Case)
	tx.Opened(access.Rights)
	return r.view(tx)
}

// ReadErasure opens an erasure for the office, for the supervisor of its holder and for those who decided on it: after the deed nobody stands on the case.
func (s *Service) ReadErasure(ctx context.Context, who access.Actor, id uuid.UUID) (Erasure, error) {
	e, err := gate.Do(ctx, s.gate, who, access.SeeErasures, access.On("erasure", id), func(tx *gate.Tx) (Erasure, error) {
		return s.readErasure(tx, id)
	})
	if err == nil && e.Done != nil {
		e.Done.Entry, e.Done.Ledger, err = s.ledgerEntry(ctx, e.Case.ID)
	}
	return e, err
}

// ledgerEntry finds the ring's entry of a case and its hash.
func (s *Service) ledgerEntry(ctx context.Context, caseID uuid.UUID) (int, string, error) {
	var number int
	var sum string
	err := s.forgotten(ctx, func(e seal.Erasure) error {
		for _, o := range e.Owners {
			if o == caseID && number == 0 {
				raw, err := json.Marshal(e)
				if err != nil {
					return err
				}
				h := sha256.Sum256(raw)
				number, sum = e.Number, hex.EncodeToString(h[:])
			}
		}
		return nil
	})
	return number, sum, err
}

func (s *Service) forgotten(ctx context.Context, each func(seal.Erasure) error) error {
	for after := 0; ; {
		list, err := s.ring.Forgotten(ctx, after)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, e := range list {
			if err := each(e); err != nil {
				return err
			}
			after = e.Number
		}
	}
}

// Erasures lists proposals and certificates, what waits first, the newest first.
func (s *Service) Erasures(ctx context.Context, who access.Actor) ([]Erasure, error) {
	return gate.Do(ctx, s.gate, who, access.SeeErasures, access.Nothing, func(tx *gate.Tx) ([]Erasure, error) {
		tx.Opened(access.Rights)
		var rows []erasureRow
		if err := tx.Select(&rows, `select `+erasureColumns+` order by (e.state in ('DONE', 'REFUSED')), e.id desc limit 200`); err != nil {
			return nil, err
		}
		out := make([]Erasure, 0, len(rows))
		for _, r := range rows {
			e, err := r.view(tx)
			if err != nil {
				return nil, err
			}
			out = append(out, e)
		}
		return out, nil
	})
}

// Approve is one of the two decisions. The second carries the erasure out before it returns.
func (s *Service) Approve(ctx context.Context, who access.Actor, id uuid.UUID) (Erasure, error) {
	e, err := gate.Do(ctx, s.gate, who, access.ApproveErasure, access.On("erasure", id), func(tx *gate.Tx) (Erasure, error) {
		if _, err := s.decided(tx, id); err != nil {
			return Erasure{}, err
		}
		var state string
		if err := tx.Get(&state, `select rights.approve($1)`, id); err != nil {
			return Erasure{}, err
		}
		tx.Because(strings.ToLower(state), nil)
		return s.readErasure(tx, id)
	})
	if err != nil || e.State != "APPROVED" {
		return e, err
	}
	return s.carryOut(detached(ctx), who, e)
}

// decided finds the erasure and binds the act to its case, for one of the two.
func (s *Service) decided(tx *gate.Tx, id uuid.UUID) (uuid.UUID, error) {
	var found []uuid.UUID
	if err := tx.Select(&found, `select case_id from rights.erasures where id = $1`, id); err != nil {
		return uuid.Nil, err
	}
	if len(found) == 0 {
		return uuid.Nil, tx.Refuse()
	}
	return found[0], tx.Concerns(found[0])
}

// Finish carries out what the two approved and a crash left undone.
func (s *Service) Finish(ctx context.Context, who access.Actor, id uuid.UUID) (Erasure, error) {
	e, err := gate.Do(ctx, s.gate, who, access.ApproveErasure, access.On("erasure", id), func(tx *gate.Tx) (Erasure, error) {
		if _, err := s.decided(tx, id); err != nil {
			return Erasure{}, err
		}
		return s.readErasure(tx, id)
	})
	if err != nil {
		return e, err
	}
	if !e.MayFinish {
		return e, fault.New(fault.Conflict, "rights_state")
	}
	return s.carryOut(detached(ctx), who, e)
}

// carryOut tells the ledger, and then empties the case. From the moment the ledger knows, nothing of the case opens any more, whatever becomes of the second
// step; so the ledger is told only what two people have committed.
func (s *Service) carryOut(ctx context.Context, who access.Actor, e Erasure) (Erasure, error) {
	who.Request.Claim = nil // the key of the request was used by the decision
	subject := access.On("erasure", e.ID)
	owners, err := gate.Do(ctx, s.gate, who, access.ApproveErasure, subject, func(tx *gate.Tx) ([]uuid.UUID, error) {
		if _, err := s.decided(tx, e.ID); err != nil {
			return nil, err
		}
		// Asked again under the lock of the approvals: a hold set in between stops the deed before anything is forgotten.
		var held bool
		if err := tx.Get(&held, `select rights.held($1)`, e.Case.ID); err != nil {
			return nil, err
		}
		if held {
			return nil, fault.New(fault.Conflict, "erasure_held")
		}
		var ids []uuid.UUID
		err := tx.Select(&ids, `select unnest(rights.owners($1))`, e.Case.ID)
		tx.Because("forget", nil)
		return ids, err
	})
	if err != nil {
		return e, err
	}
	forget := seal.Erasure{Ground: strings.ToLower(e.Ground), Approvers: [2]string{e.First.By.Username, e.Second.By.Username}}
	for len(owners) > 0 {
		n := min(len(owners), seal.MaxForget)
		forget.Owners = owners[:n]
		owners = owners[n:]
		if err := s.ring.Forget(ctx, seal.For{Actor: who.User.String(), Session: who.Request.ID, Act: access.ApproveErasure.Name}, forget); err != nil {
			return e, err
		}
	}
	var objects, versions []string
	done, err := gate.Do(ctx, s.gate, who, access.ApproveErasure, subject, func(tx *gate.Tx) (Erasure, error) {
		if _, err := s.decided(tx, e.ID); err != nil {
			return Erasure{}, err
		}
		ref, err := tx.MAC("fact", e.Case.ID[:])
		if err != nil {
			return Erasure{}, err
		}
		var n struct {
			Keys      int            `db:"keys"`
			Snapshots int            `db:"snapshots"`
			Values    int            `db:"sealed_values"`
			Files     int            `db:"files"`
			Objects   gate.TextArray `db:"objects"`
			Versions  gate.TextArray `db:"versions"`
		}
		if err := tx.Get(&n, `select keys, snapshots, sealed_values, files, objects, versions from rights.shred($1)`, e.ID); err != nil {
			return Erasure{}, err
		}
		objects, versions = n.Objects, n.Versions
		tx.Later(`select stats.drop_fact($1)`, ref)
		tx.Because("shred", nil)
		return s.readErasure(tx, e.ID)
	})
	if err != nil {
		return e, err
	}
	if left := s.drop(ctx, objects, versions); left > 0 {
		_, err = gate.Do(ctx, s.gate, who, access.ApproveErasure, subject, func(tx *gate.Tx) (struct{}, error) {
			tx.Touch(e.Case.ID)
			tx.Later(`select rights.files_held($1, $2)`, e.ID, left)
			tx.Because("files_held", nil)
			return struct{}{}, nil
		})
		done.Done.FilesHeld = left
	}
	if err != nil {
		return done, err
	}
	done.Done.Entry, done.Done.Ledger, err = s.ledgerEntry(ctx, e.Case.ID)
	return done, err
}

func (s *Service) drop(ctx context.Context, objects, versions []string) int {
	if len(objects) == 0 {
		return 0
	}
	if s.evidence == nil {
		return len(objects)
	}
	return s.evidence.Drop(ctx, objects, versions)
}

// RefuseErasure says no to a proposal.
func (s *Service) RefuseErasure(ctx context.Context, who access.Actor, id uuid.UUID) (Erasure, error) {
	return gate.Do(ctx, s.gate, who, access.ApproveErasure, access.On("erasure", id), func(tx *gate.Tx) (Erasure, error) {
		if _, err := s.decided(tx, id); err != nil {
			return Erasure{}, err
		}
		tx.Later(`select rights.refuse_erasure($1)`, id)
		if err := tx.Flush(); err != nil {
			return Erasure{}, err
		}
		tx.Because("refused", nil)
		return s.readErasure(tx, id)
	})
}
