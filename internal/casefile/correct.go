package casefile

import (
	"context"
	"encoding/json"
	"reflect"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/seal"
	"binhan/internal/survivor"
)

// Patch applies a correction to the written form of a case: given the document as JSON, it returns the document as it shall be.
type Patch func(document []byte) (Document, error)

// Correct changes what was recorded, if nobody changed it since version (fault.Stale otherwise). Only the holder may. Incidents and consents are
// added, never rewritten; what a correction leaves out stays.
func (s *Service) Correct(ctx context.Context, who access.Actor, id uuid.UUID, version int, patch Patch) (View, error) {
	return gate.Do(ctx, s.gate, who, access.CorrectCase, access.On("case", id), func(tx *gate.Tx) (View, error) {
		// The row is locked before it is read, so that two corrections cannot both start from the same state.
		var now int
		if err := tx.Get(&now, `select version from cases where id = $1 for update`, id); err != nil {
			return View{}, err
		}
		if now != version {
			return View{}, fault.New(fault.Stale, "stale")
		}
		v, keys, err := open(tx, id, all)
		if err != nil {
			return View{}, damaged(err)
		}
		before := v.document()
		raw, err := before.json()
		if err != nil {
			return View{}, err
		}
		after, err := patch(raw)
		if err != nil {
			return View{}, err
		}
		if err := after.check(&v, tx.Now); err != nil {
			return View{}, err
		}
		if same(before, after) {
			return v, nil
		}
		return s.store(tx, keys, v, before, after)
	})
}

func (s *Service) store(tx *gate.Tx, keys *seal.Keys, v View, before, after Document) (View, error) {
	id := v.ID
	if err := remember(tx, keys, v, before, after); err != nil {
		return View{}, err
	}
	p := survivor.Person{}
	if after.Survivor != nil {
		p = *after.Survivor
	}
	if !same(before.Survivor, after.Survivor) || !same(before.SafeContact, after.SafeContact) {
		sealed, err := survivor.SealPerson(keys, id, p, after.SafeContact)
		if err != nil {
			return View{}, err
		}
		tx.Later(`update survivors set identity = $2, safety = $3 where case_id = $1`, id, sealed.Identity, sealed.Safety)
	}
	intake := *after.Intake
	st := story{intake.Channel, intake.Reporter, *intake.ReceivedAt, deref(after.Narrative), after.Needs}
	sealedStory, err := survivor.SealJSON(keys, storyPlace(id), st)
	if err != nil {
		return View{}, err
	}
	received := intake.ReceivedAt.In(calendar.Zone)
	tx.Later(`update cases set status = $2, risk = $3, commune = $4, received_on = $5, narrative = $6, updated_at = $7, version = version + 1 where id = $1`,
		id, after.Status, null(after.Risk), null(p.Commune), received.Format(time.DateOnly), sealedStory, tx.Now)
	v.Survivor, v.SafeContact, v.Intake, v.Narrative, v.Needs = &p, after.SafeContact, &intake, deref(after.Narrative), after.Needs
	v.Status, v.Risk, v.Commune, v.ReceivedOn, v.UpdatedAt = after.Status, after.Risk, p.Commune, received.Format(time.DateOnly), tx.Now
	v.Version++
	tx.Opened(access.Identity, access.Safety, access.Narrative)
	return v, refreshFact(tx, keys, id)
}

func (d *Document) check(v *View, now time.Time) error {
	var ps fault.Problems
	if d.Intake == nil || d.Intake.Channel == "" {
		ps.Add("/intake/channel", "required")
		return ps.Err()
	}
	if d.Intake.ReceivedAt == nil {
		d.Intake.ReceivedAt = v.Intake.ReceivedAt
	}
	if d.Intake.ReceivedAt.After(now.Add(5 * time.Minute)) {
		ps.Add("/intake/received_at", "in_the_future")
	}
	d.Intake.check("/intake", &ps)
	received := d.Intake.ReceivedAt.In(calendar.Zone)
	if d.Survivor != nil {
		d.Survivor.Check("/survivor", received, &ps)
	}
	if d.SafeContact != nil {
		d.SafeContact.Check("/safe_contact", &ps)
	}
	survivor.Short("/narrative", deref(d.Narrative), 20_000, &ps)
	survivor.Codes("/needs", codelist.ServiceType, d.Needs, &ps)
	if d.Status == "" {
		d.Status = v.Status
	}
	survivor.Code("/status", codelist.CaseStatus, d.Status, &ps)
	switch d.Status {
	case "ERASED", "ARCHIVED", "CLOSED", "REOPENED":
		if d.Status != v.Status {
			ps.Add("/status", "status_not_by_hand")
		}
	}
	survivor.Code("/risk", codelist.RiskLevel, d.Risk, &ps)
	return ps.Err()
}

// same compares what would be written.
func same(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
