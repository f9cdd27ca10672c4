package casefile

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/consent"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/seal"
	"binhan/internal/survivor"
)

// Service does the acts on cases.
type Service struct{ gate *gate.Gate }

// New makes the service.
func New(g *gate.Gate) *Service { return &Service{g} }

// Record writes a case down; whoever records it holds it. The command is checked first and nothing is stored when it cannot be taken.
func (s *Service) Record(ctx context.Context, who access.Actor, cmd RecordCommand) (View, error) {
	if err := cmd.Check(time.Now()); err != nil {
		return View{}, err
	}
	for try := 0; ; try++ {
		v, err := s.record(ctx, who, cmd)
		if gate.ConstraintOf(err) == "case_code_is_unique" && try < 5 {
			continue // two cases drew the same four letters
		}
		return v, err
	}
}

func (s *Service) record(ctx context.Context, who access.Actor, cmd RecordCommand) (View, error) {
	return gate.Do(ctx, s.gate, who, access.RecordCase, access.Nothing, func(tx *gate.Tx) (View, error) {
		tx.Answer(http.StatusCreated)
		tx.Opened(access.Record, access.Identity, access.Safety, access.Narrative)
		id := uuid.Must(uuid.NewV7())
		received := *cmd.Intake.ReceivedAt
		v := View{ID: id, Code: newCode(spoken, who.Province, received.In(calendar.Zone).Year()), Status: "NEW", Commune: cmd.Survivor.Commune,
			Owner: Staff{who.User, who.Username, who.Name}, Organisation: Org{who.Organisation, who.OrgName, who.OrgType},
			ReceivedOn: received.In(calendar.Zone).Format(time.DateOnly), OpenedAt: tx.Now, UpdatedAt: tx.Now, Version: 1,
			Survivor: &cmd.Survivor, SafeContact: cmd.SafeContact, Intake: &cmd.Intake, Narrative: cmd.Narrative, Needs: cmd.Needs, Withheld: []string{}}
		var happened []Incident
		if cmd.Incident != nil {
			happened = []Incident{*cmd.Incident}
		}
		// Everything that the ring is asked for, at once.
		marks := marksOfCase(id, cmd.Survivor, perpetratorsOf(happened))
		made, wrapped, macs, err := survivor.NewKeys(tx, []uuid.UUID{id}, marks.asked)
		if err != nil {
			return View{}, err
		}
		keys, tokens := made[0], marks.take(macs)
		if v.Similar, err = similar(tx, cmd.Survivor, tokens.survivor, cmd.Survivor.Commune); err != nil {
			return View{}, err
		}
		if err := insertCase(tx, keys, wrapped[0], id, v.Code, who.Province, &cmd); err != nil {
			return View{}, err
		}
		if err := wallsAtRecording(tx, id, cmd.Conflicts); err != nil {
			return View{}, err
		}
		if cmd.Incident != nil {
			i, err := insertIncident(tx, keys, id, cmd.Incident, received)
			if err != nil {
				return View{}, err
			}
			v.Incidents = []IncidentView{i}
		}
		for i, c := range cmd.Consents {
			if _, err := consent.Insert(tx, keys, id, c); err != nil {
				return View{}, err
			}
			if err := recipientOf("/consents/"+strconv.Itoa(i), tx.Flush()); err != nil {
				return View{}, err
			}
		}
		if err := insertTokens(tx, keys, id, tokens); err != nil {
			return View{}, err
		}
		putFact(tx, tokens.fact, factOf(who.Province, received, cmd.Survivor, cmd.Survivor.Commune, "", happened))
		putLink(tx, tokens.fact, tokens.link)
		return v, nil
	})
}

// AddIncident adds what is told later. Only the holder may.
func (s *Service) AddIncident(ctx context.Context, who access.Actor, id uuid.UUID, cmd Incident) (IncidentView, error) {
	var ps fault.Problems
	cmd.Check("", time.Now().In(calendar.Zone), &ps)
	if err := ps.Err(); err != nil {
		return IncidentView{}, err
	}
	return gate.Do(ctx, s.gate, who, access.AddIncident, access.On("case", id), func(tx *gate.Tx) (IncidentView, error) {
		tx.Answer(http.StatusCreated)
		keys, err := survivor.OpenKeys(tx, id, seal.Identity, seal.Narrative)
		if err != nil {
			return IncidentView{}, err
		}
		v, err := insertIncident(tx, keys, id, &cmd, tx.Now)
		if err != nil {
			return IncidentView{}, err
		}
		tx.Later(`update cases set updated_at = $2, version = version + 1 where id = $1`, id, tx.Now)
		return v, refreshFact(tx, keys, id)
	})
}

// Consent records what she agreed to, or did not. Only the holder may.
func (s *Service) Consent(ctx context.Context, who access.Actor, id uuid.UUID, cmd consent.Command) (consent.View, error) {
	var ps fault.Problems
	cmd.Check("", time.Now(), &ps)
	if err := ps.Err(); err != nil {
		return consent.View{}, err
	}
	return gate.Do(ctx, s.gate, who, access.RecordConsent, access.On("case", id), func(tx *gate.Tx) (consent.View, error) {
		tx.Answer(http.StatusCreated)
		keys, err := survivor.OpenKeys(tx, id, seal.Narrative)
		if err != nil {
			return consent.View{}, err
		}
		v, err := consent.Insert(tx, keys, id, cmd)
		if err != nil {
			return consent.View{}, err
		}
		return v, recipientOf("", tx.Flush())
	})
}

// recipientOf says in the field's words that a consent names an organisation which is not there.
func recipientOf(at string, err error) error {
	if gate.ConstraintOf(err) == "consents_recipient_org_fkey" {
		return fault.Bad(fault.Problem{Pointer: at + "/recipient", Key: "recipient"})
	}
	return err
}

// refreshFact codes the case anew from what is stored, and makes its tokens anew.
func refreshFact(tx *gate.Tx, keys *seal.Keys, id uuid.UUID) error {
	var r struct {
		Scope      string    `db:"scope"`
		Commune    *string   `db:"commune"`
		Area       *string   `db:"area"`
		ReceivedOn time.Time `db:"received_on"`
		Identity   []byte    `db:"identity"`
	}
	err := tx.Get(&r, `select c.scope, c.commune, c.area, c.received_on, s.identity from cases c join survivors s on s.case_id = c.id where c.id = $1`, id)
	if err != nil {
		return err
	}
	p, err := survivor.Sealed{Identity: r.Identity}.OpenIdentity(keys, id)
	if err != nil {
		return err
	}
	list, err := incidents(tx, keys, id, strict)
	if err != nil {
		return err
	}
	happened := make([]Incident, len(list))
	for i := range list {
		happened[i] = list[i].Incident
	}
	marks := marksOfCase(id, p, perpetratorsOf(happened))
	macs, err := tx.MACs(marks.asked)
	if err != nil {
		return err
	}
	tokens := marks.take(macs)
	tx.Later(`delete from case_tokens where case_id = $1`, id)
	if err := insertTokens(tx, keys, id, tokens); err != nil {
		return err
	}
	putFact(tx, tokens.fact, factOf(r.Scope, r.ReceivedOn, p, text(r.Commune), text(r.Area), happened))
	putLink(tx, tokens.fact, tokens.link)
	return nil
}
