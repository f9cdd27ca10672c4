package gate_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/pg"
	"binhan/internal/world/house"
)

// recordBare writes the smallest case there is, as a store would.
func recordBare(t *testing.T, h *house.House, who access.Actor) uuid.UUID {
	t.Helper()
	id := uuid.Must(uuid.NewV7())
	_, err := gate.Do(t.Context(), h.Gate, who, access.RecordCase, access.Nothing, func(tx *gate.Tx) (int, error) {
		tx.Later(`insert into cases (id, code, scope, province, status, owner, organisation_id, received_on, opened_at, updated_at, narrative)
			values ($1, $2, '51', '51', 'NEW', $3, $4, '2026-01-02', now(), now(), '\x01')`, id, "T-"+id.String(), who.User, who.Organisation)
		tx.Later(`select standing.open_cases($1)`, []uuid.UUID{id})
		tx.Later(`insert into survivors (case_id, identity, safety) values ($1, '\x01', '\x01')`, id)
		tx.Touch(id)
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func seen(t *testing.T, h *house.House, who access.Actor, act access.Act, id uuid.UUID) error {
	t.Helper()
	_, err := gate.Do(t.Context(), h.Gate, who, act, access.On("case", id), func(tx *gate.Tx) (string, error) {
		var code string
		err := tx.Get(&code, `select code from cases where id = $1`, id)
		return code, err
	})
	return err
}

func TestHolderOpensHerCaseAndAStrangerFindsNothing(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	holder := h.Actor(t, "tuvan.kontum")
	id := recordBare(t, h, holder)
	if err := seen(t, h, holder, access.ReadCase, id); err != nil {
		t.Fatal(err)
	}
	if err := seen(t, h, h.Actor(t, "giamsat.kontum"), access.ReadCase, id); err != nil {
		t.Fatal("supervisor:", err)
	}
	for _, name := range []string{"tuvan.ngochoi", "congan.ngochoi", "thongke.sldtbxh", "quantri", "thanhtra"} {
		if err := seen(t, h, h.Actor(t, name), access.ReadCase, id); !errors.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var refused int
	if err := h.DB.Open(t, pg.Superuser).Get(&refused, `select count(*) from audit.entries where decision = 'refused' and subject = $1`, id); err != nil || refused != 5 {
		t.Errorf("refusals on the record: %d, %v", refused, err)
	}
}

func TestAnUnrecordedChangeDoesNotCommit(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	holder := h.Actor(t, "tuvan.kontum")
	id := recordBare(t, h, holder)
	app := h.DB.Open(t, pg.App)
	tx := app.MustBegin()
	defer tx.Rollback()
	tx.MustExec(`select * from gate.enter($1, 'assigned', 'case', $2)`, string(holder.Handle), id)
	if n, _ := tx.MustExec(`update cases set status = 'OPEN' where id = $1`, id).RowsAffected(); n != 1 {
		t.Fatalf("changed %d rows", n)
	}
	if err := tx.Commit(); err == nil {
		t.Fatal("committed without a record")
	}
}

func TestAConnectionOutsideTheGateSeesNothing(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	holder := h.Actor(t, "tuvan.kontum")
	recordBare(t, h, holder)
	app := h.DB.Open(t, pg.App)
	app.SetMaxOpenConns(1)
	for _, trick := range []string{
		`select 1`,
		`set app.standings = 'assigned,supervisor,addressee,referred,break_glass,none'`,
		`set app.sid = '` + holder.User.String() + `'`,
		`set app.user_id = '` + holder.User.String() + `'`,
	} {
		app.MustExec(trick)
		for _, table := range []string{"cases", "survivors", "case_keys", "case_standings", "my_cases", "referrals", "incidents", "consents", "evidence", "idempotency"} {
			var n int
			if err := app.Get(&n, `select count(*) from `+table); err != nil || n != 0 {
				t.Errorf("after %s, %s shows %d rows, %v", trick, table, n, err)
			}
		}
	}
	for _, forbidden := range []string{
		`select * from auth.sessions`, `select * from auth.users`, `select * from audit.entries`, `delete from audit.entries`,
		`insert into case_standings (case_id, standing, holder, why, granted_by) select gen_random_uuid(), 'assigned', gen_random_uuid(), 'x', gen_random_uuid()`,
		`select auth.command_session('tuvan.kontum', 'x', 1)`, `create table mine (x int)`, `update cases set owner = owner`,
	} {
		if _, err := app.Exec(forbidden); err == nil {
			t.Errorf("allowed: %s", forbidden)
		}
	}
}

func TestADeadSessionEndsEverything(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	holder := h.Actor(t, "tuvan.kontum")
	id := recordBare(t, h, holder)
	if err := h.Gate.EndSession(t.Context(), holder.Handle, "test"); err != nil {
		t.Fatal(err)
	}
	if err := seen(t, h, holder, access.ReadCase, id); !errors.Is(err, fault.Unauthenticated) {
		t.Errorf("after sign-out: %v", err)
	}
	if _, err := h.Gate.Whoami(t.Context(), holder.Handle); !errors.Is(err, fault.Unauthenticated) {
		t.Errorf("whoami after sign-out: %v", err)
	}
}
