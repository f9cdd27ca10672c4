// Package house builds the whole ground for one test: a database of its own with the cast in it, a key ring, the door, and the surface.
package house

import (
	"context"
	"testing"

	"github.com/jmoiron/sqlx"

	"binhan/internal/access"
	"binhan/internal/gate"
	"binhan/internal/keyd"
	"binhan/internal/keyd/keydtest"
	"binhan/internal/pg"
	"binhan/internal/pgtest"
	"binhan/internal/signin"
	"binhan/internal/world"
	"binhan/policies"
)

// Weak are parameters that make a test's sign-in cheap.
const Weak = "m=8,t=1,p=1"

// House is a whole ground for one test: its own database with the cast in it, a key ring, a gate.
type House struct {
	DB   *pgtest.Database
	Gate *gate.Gate
	Ring *keyd.Client // of a key process of its own, on a real socket
	In   *signin.Service
}

// New builds a ground and takes it down when the test ends.
func New(t testing.TB) *House {
	t.Helper()
	db := pgtest.DB(t)
	h := &House{DB: db}
	owner := db.Open(t, pg.Migrator)
	owner.SetMaxOpenConns(1)
	if _, err := owner.Exec(`set role binhan_owner`); err != nil {
		t.Fatal(err)
	}
	if err := world.Seed(t.Context(), owner, Weak); err != nil {
		t.Fatal(err)
	}
	ring := keydtest.New(t)
	h.Ring = ring
	policy, err := access.New(policies.Model, policies.Policy)
	if err != nil {
		t.Fatal(err)
	}
	h.Gate = gate.New(policy, ring, map[access.Pool]*sqlx.DB{
		access.Casework: db.Open(t, pg.App), access.Releasing: db.Open(t, pg.Releaser), access.Reading: db.Open(t, pg.Statistics), access.Inspecting: db.Open(t, pg.Auditor),
	}, 4)
	h.Gate.Limit(access.GenerousBudgets())
	t.Cleanup(h.Gate.Close)
	if h.In, err = signin.New(h.Gate, signin.Options{Argon: Weak}); err != nil {
		t.Fatal(err)
	}
	return h
}

// Actor signs a member of the cast in.
func (h *House) Actor(t testing.TB, username string) access.Actor {
	t.Helper()
	_, s, err := h.In.In(context.Background(), username, world.Password, signin.Token, "test")
	if err != nil {
		t.Fatalf("sign in %s: %v", username, err)
	}
	return s.Actor
}
