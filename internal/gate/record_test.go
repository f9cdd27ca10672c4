package gate_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/pg"
	"binhan/internal/seal"
	"binhan/internal/world/house"
)

// said is what the record says of one decision beside who and when.
type said struct {
	Decision  string  `db:"decision"`
	Condition *string `db:"condition"`
	Client    *string `db:"client"`
	Device    []byte  `db:"device"`
	Unwraps   int     `db:"unwraps"`
	Case      *string `db:"case_id"`
}

func lastSaid(t *testing.T, h *house.House, act string) said {
	t.Helper()
	var s said
	if err := h.DB.Open(t, pg.Superuser).Get(&s, `select decision, condition, host(client) as client, device, unwraps, case_id::text as case_id from audit.entries where act = $1 order by id desc limit 1`, act); err != nil {
		t.Fatal(err)
	}
	return s
}

func ptr[T any](v T) *T { return &v }

// TestEveryDecisionIsOnTheRecordWithItsCondition is ASVS 16.3.2 at level 3: allowed or refused, by what condition, from where, with how many keys opened, and for which case.
func TestEveryDecisionIsOnTheRecordWithItsCondition(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	holder, stranger := h.Actor(t, "tuvan.kontum"), h.Actor(t, "tuvan.ngochoi")
	device := []byte{1, 2, 3}
	holder.Request = access.Request{ID: "r1", Client: "192.0.2.7", Device: device}
	stranger.Request = access.Request{ID: "r2", Client: "2001:db8::1"}
	id := recordBare(t, h, holder)
	on := access.On("case", id)
	one := ptr(id.String())

	_, wrapped, err := h.Ring.NewKeys(t.Context(), id, seal.Identity, seal.Narrative)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gate.Do(t.Context(), h.Gate, holder, access.CorrectCase, on, func(tx *gate.Tx) (int, error) {
		tx.Condition("second_person")
		_, err := tx.Keys(id, wrapped...)
		return 0, err
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(said{"allowed", ptr("second_person"), ptr("192.0.2.7"), device, 2, one}, lastSaid(t, h, "case.correct")); diff != "" {
		t.Error("allowed:", diff)
	}

	nothing := func(*gate.Tx) (int, error) { return 0, nil }
	for name, c := range map[string]struct {
		who     access.Actor
		act     access.Act
		do      func(*gate.Tx) (int, error)
		prepare string
		err     error
		want    said
	}{
		"no tie to the case":   {stranger, access.AddIncident, nothing, ``, fault.NotFound, said{"refused", ptr("no_standing"), ptr("2001:db8::1"), nil, 0, one}},
		"no line for the role": {stranger, access.AssignCase, nothing, ``, fault.NotFound, said{"refused", ptr("no_policy"), ptr("2001:db8::1"), nil, 0, one}},
		"a spent budget": {holder, access.RecordConsent, func(*gate.Tx) (int, error) { return 0, fault.New(fault.TooMany, "budget_cases") }, ``, fault.TooMany,
			said{"refused", ptr("budget_cases"), ptr("192.0.2.7"), device, 0, one}},
		"a class that is not hers": {holder, access.RevealCase, func(*gate.Tx) (int, error) { return 0, fault.New(fault.Refused, "class_not_hers") }, ``, fault.Refused,
			said{"refused", ptr("class_not_hers"), ptr("192.0.2.7"), device, 0, one}},
		"the second wall": {holder, access.AttachEvidence, func(tx *gate.Tx) (int, error) {
			_, err := tx.Exec(`insert into case_keys (case_id) values ($1)`, uuid.New())
			return 0, err
		}, ``, nil, said{"refused", ptr("row_security"), ptr("192.0.2.7"), device, 0, one}},
	} {
		_, err := gate.Do(t.Context(), h.Gate, c.who, c.act, on, c.do)
		if err == nil || c.err != nil && !errors.Is(err, c.err) {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, lastSaid(t, h, c.act.Name)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}

	// A wall that stands before her, and rights that rest, are said to nobody but the record.
	super := h.DB.Open(t, pg.Superuser)
	super.SetMaxOpenConns(1)
	super.MustExec(`set session_replication_role = replica`)
	super.MustExec(`insert into case_walls (id, case_id, user_id, why, set_by) values (gen_random_uuid(), $1, $2, 'KIN', $3)`, id, stranger.User, holder.User)
	if _, err := gate.Do(t.Context(), h.Gate, stranger, access.AddIncident, on, nothing); !errors.Is(err, fault.NotFound) {
		t.Error(err)
	}
	if got := lastSaid(t, h, "incident.add"); got.Condition == nil || *got.Condition != "wall" {
		t.Errorf("before a wall: %+v", got)
	}
	super.MustExec(`update auth.sessions set proved_at = $1`, time.Now().Add(-time.Hour))
	step := access.Act{Name: "case.history", On: "case", Pool: access.Casework, StepUp: true}
	if _, err := gate.Do(t.Context(), h.Gate, holder, step, on, nothing); !errors.Is(err, fault.Unproved) {
		t.Error(err)
	}
	if got := lastSaid(t, h, "case.history"); got.Decision != "refused" || got.Condition == nil || *got.Condition != "step_up_required" {
		t.Errorf("an old proof: %+v", got)
	}
	super.MustExec(`update auth.sessions set proved_at = now()`)
	if _, err := gate.Do(t.Context(), h.Gate, holder, step, on, nothing); err != nil {
		t.Error(err)
	}
	if got := lastSaid(t, h, "case.history"); got.Decision != "allowed" || got.Condition == nil || *got.Condition != "proved_password" {
		t.Errorf("a fresh proof: %+v", got)
	}
}

// TestAFloodOfRefusalsLeavesTheDoorOpen: refusals have connections of their own, so that who may is not kept waiting by who may not, nor a refusal by those at work.
func TestAFloodOfRefusalsLeavesTheDoorOpen(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	g := narrow(t, h, 1)
	holder, stranger := h.Actor(t, "tuvan.kontum"), h.Actor(t, "congan.ngochoi")
	id := recordBare(t, h, holder)
	before := count(t, h, `select count(*) from audit.entries where decision = 'refused'`)
	_, err := gate.Do(t.Context(), g, holder, access.CorrectCase, access.On("case", id), func(*gate.Tx) (int, error) {
		// The only connection for work is hers; a refusal without a policy line needs none of it.
		if _, err := gate.Do(t.Context(), g, stranger, access.AssignCase, access.On("case", id), func(*gate.Tx) (int, error) { return 0, nil }); !errors.Is(err, fault.NotFound) {
			t.Error(err)
		}
		return 0, nil
	})
	if err != nil {
		t.Error(err)
	}
	if n := count(t, h, `select count(*) from audit.entries where decision = 'refused'`); n != before+1 {
		t.Errorf("%d refusals, %d before", n, before)
	}
}
