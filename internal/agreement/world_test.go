package agreement_test

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"pgregory.net/rapid"

	"binhan/internal/access"
	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/signin"
	worldcast "binhan/internal/world"
)

// ground is one application for all worlds of a test. Worlds do not meet: each has people and cases of its own, in the organisations of the cast.
type ground struct {
	*apptest.Server
	god *sqlx.DB // one connection past every policy and trigger, for facts and for steps that no act offers
	app *sqlx.DB // one connection of the role that serves people
}

func newGround(t testing.TB) *ground {
	t.Helper()
	g := &ground{Server: apptest.New(t)}
	g.god, g.app = g.DB.Open(t, pg.Superuser), g.DB.Open(t, pg.App)
	g.god.SetMaxOpenConns(1)
	g.app.SetMaxOpenConns(1)
	g.god.MustExec(`set session_replication_role = replica`)
	g.god.MustExec(probes + enter + look)
	return g
}

// probes do in one round trip what a statement that slipped in could do in many. They run with the rights of whoever calls them.
const probes = `
create function public.agreement_try(p_handle text, p_standings text[], p_statements text[], p_arguments text[]) returns text[] language plpgsql as $$
declare n bigint; said text[] := '{}';
begin
  perform set_config('app.sid', p_handle, true);
  for j in 1 .. cardinality(p_standings) loop
    perform set_config('app.standings', p_standings[j], true);
    for i in 1 .. cardinality(p_statements) loop
      begin
        execute p_statements[i] using p_arguments[i];
        get diagnostics n = row_count;
        raise exception '%', n using errcode = 'ZZ000';
      exception
        when sqlstate 'ZZ000' then said := said || sqlerrm;
        when others then said := said || (sqlstate || ' ' || sqlerrm);
      end;
    end loop;
  end loop;
  return said;
end $$;
grant execute on function public.agreement_try(text, text[], text[], text[]) to binhan_app;
`

// enter asks the door about many things at once.
const enter = `
create function public.agreement_enter(p_handle text, p_kinds text[], p_ids uuid[]) returns text[] language plpgsql as $$
declare r record; said text[] := '{}';
begin
  for i in 1 .. cardinality(p_kinds) loop
    begin
      select e.held, e.frozen, e.first into r from gate.enter(p_handle, '', p_kinds[i], p_ids[i]) e;
      said := said || (r.frozen || '|' || r.first || '|' || r.held);
    exception when others then
      said := said || (sqlstate || ' ' || sqlerrm);
    end;
  end loop;
  return said;
end $$;
grant execute on function public.agreement_enter(text, text[], uuid[]) to binhan_app;
`

// look reads the keys of the rows of some tables, bound to a session.
const look = `
create function public.agreement_look(p_handle text, p_standings text[], p_tables text[], p_keys text[]) returns table (n integer, t text, k text) language plpgsql as $$
begin
  perform set_config('app.sid', p_handle, true);
  for j in 1 .. cardinality(p_standings) loop
    perform set_config('app.standings', p_standings[j], true);
    for i in 1 .. cardinality(p_tables) loop
      return query execute format('select %s, %L, (%s)::text from %I', j - 1, p_tables[i], p_keys[i], p_tables[i]);
    end loop;
  end loop;
end $$;
grant execute on function public.agreement_look(text, text[], text[], text[]) to binhan_app;
`

type person struct {
	id, org uuid.UUID
	role    access.Role
	token   string
	handle  access.Handle
}

type receiver struct{ org, service, purpose string }

type world struct {
	people    []person
	cases     []uuid.UUID
	owners    []int // of cases, by index into people
	consents  []uuid.UUID
	referrals []uuid.UUID
}

// roles that work on cases, holders first.
var (
	holders   = []access.Role{access.Counsellor, access.CaseManager, access.WUFocal}
	receivers = []receiver{{"congan-boy", "SAFETY", "SHARE_POLICE"}, {"congan-dakha", "SAFETY", "SHARE_POLICE"}, {"benhvien-kontum", "MEDICAL", "SHARE_HEALTH"}}
	orgs      = []string{"ctxh-kontum", "phunu-boy", "congan-boy", "congan-dakha", "benhvien-kontum"}
)

// build makes a world: six to eight people of random roles, three cases of the first two, a referral or two of each case.
func (g *ground) build(t testing.TB, rt *rapid.T) *world {
	t.Helper()
	w := &world{}
	tx := g.god.MustBegin()
	for i := range rapid.IntRange(6, 8).Draw(rt, "people") {
		role := holders[i%len(holders)]
		org := orgs[0]
		if i >= 2 {
			role = rapid.SampledFrom(access.Roles).Draw(rt, "role")
			org = rapid.SampledFrom(orgs).Draw(rt, "org")
		}
		w.people = append(w.people, hire(tx, role, worldcast.OrgID(org)))
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		g.fileCase(t, w, i%2, receivers[:rapid.IntRange(1, 3).Draw(rt, "referrals")])
	}
	return w
}

// fileCase records a whole case of one of the people, with evidence, and refers it with a consent for each receiver.
func (g *ground) fileCase(t testing.TB, w *world, owner int, to []receiver) {
	t.Helper()
	c := g.With(t, w.people[owner].token)
	made := c.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	id := uuid.MustParse(made.Text("id"))
	w.cases, w.owners = append(w.cases, id), append(w.owners, owner)
	g.god.MustExec(`insert into evidence (id, case_id, object, size, sealed_size, details, added_by, added_at, sealed_crc32c, commitment)
		values (gen_random_uuid(), $1, gen_random_uuid(), 1, 1, '\x01', $2, now(), 0, sha256('x'))`, id, w.people[owner].id)
	path := "/api/v1/cases/" + id.String()
	for _, r := range to {
		org := worldcast.OrgID(r.org).String()
		consent := c.Must(http.StatusCreated, "POST", path+"/consents", map[string]any{"purpose": r.purpose, "recipient": org,
			"fields": []string{"name", "phone"}, "decision": "GIVEN"}).Text("id")
		sent := c.Must(http.StatusCreated, "POST", path+"/referrals", map[string]any{"service": r.service, "to": org, "priority": "P2",
			"reason": "Cần giúp (thử).", "fields": []string{"name", "phone"}, "consent": consent})
		w.consents, w.referrals = append(w.consents, uuid.MustParse(consent)), append(w.referrals, uuid.MustParse(sent.Text("id")))
	}
}

// hire makes somebody with a live session. Nobody signs in here, so her password does not matter.
func hire(tx *sqlx.Tx, role access.Role, org uuid.UUID) person {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	p := person{id: uuid.New(), org: org, role: role, token: base64.RawURLEncoding.EncodeToString(raw)}
	p.handle = signin.HandleOf(p.token)
	membership := uuid.New()
	tx.MustExec(`insert into auth.users (id, username, name, salt, verifier, argon) values ($1, $2, 'Người Thử', '\x00', '\x00', 'm=8,t=1,p=1')`, p.id, "thu."+p.id.String())
	tx.MustExec(`insert into auth.memberships (id, user_id, organisation_id, role) values ($1, $2, $3, $4)`, membership, p.id, org, role)
	tx.MustExec(`insert into auth.sessions (handle_hash, membership_id, user_id, organisation_id, kind, expires_at)
		values (sha256(convert_to($1, 'UTF8')), $2, $3, $4, 'token', now() + interval '10 hours')`, string(p.handle), membership, p.id, org)
	return p
}

// step changes one fact at random: what acts, clocks and administrators do over months, in any order.
func (g *ground) step(rt *rapid.T, w *world) string {
	who := w.people[rapid.IntRange(0, len(w.people)-1).Draw(rt, "who")]
	c := w.cases[rapid.IntRange(0, len(w.cases)-1).Draw(rt, "case")]
	ref := w.referrals[rapid.IntRange(0, len(w.referrals)-1).Draw(rt, "referral")]
	holder := who.id
	if rapid.Bool().Draw(rt, "her organisation") {
		holder = who.org
	}
	until := rapid.SampledFrom([]string{"null", "now() - interval '1 second'", "now() + interval '1 hour'"}).Draw(rt, "until")
	session := `update auth.sessions set %s where handle_hash = sha256(convert_to($1, 'UTF8'))`
	steps := []struct {
		name string
		do   func()
	}{
		{"stands on a case", func() {
			st := rapid.SampledFrom([]string{"assigned", "supervisor", "own_organisation", "break_glass", "break_glass_safety"}).Draw(rt, "standing")
			g.god.MustExec(`insert into case_standings (case_id, standing, holder, why, granted_by, until) values ($1, $2, $3, 'thử', $4, `+until+`) on conflict do nothing`, c, st, holder, who.id)
		}},
		{"stands on a referral", func() {
			st := rapid.SampledFrom([]string{"addressee", "referred"}).Draw(rt, "standing")
			g.god.MustExec(`insert into case_standings (case_id, referral_id, standing, holder, why, granted_by, until) select case_id, id, $2, $3, 'thử', $4, `+until+` from referrals where id = $1`, ref, st, holder, who.id)
		}},
		{"accepts", func() {
			g.god.MustExec(`update referrals set status = 'ACCEPTED', taken_by = $2, accepted_at = now() where id = $1`, ref, who.id)
			g.god.MustExec(`insert into case_standings (case_id, referral_id, standing, holder, why, granted_by) select case_id, id, 'referred', to_org, 'thử', $2 from referrals where id = $1`, ref, who.id)
		}},
		{"a standing ends", func() {
			g.god.MustExec(`update case_standings set until = now() where holder = $1 and case_id = $2`, holder, c)
		}},
		{"a wall rises", func() {
			g.god.MustExec(`insert into case_walls (id, case_id, user_id, why, set_by) values (gen_random_uuid(), $1, $2, 'thử', $2) on conflict do nothing`, c, who.id)
		}},
		{"a wall falls", func() { g.god.MustExec(`update case_walls set lifted_at = now() where user_id = $1`, who.id) }},
		{"a case is sealed", func() {
			id := uuid.New()
			second := w.people[rapid.IntRange(0, len(w.people)-1).Draw(rt, "second")]
			if second.id == who.id {
				return
			}
			g.god.MustExec(`insert into case_seals (id, case_id, why, asked_by, second, agreed_at) values ($1, $2, 'thử', $3, $4, now()) on conflict do nothing`, id, c, who.id, second.id)
			g.god.MustExec(`insert into case_seal_names (seal_id, user_id) select id, $2 from case_seals where id = $1`, id, who.id)
		}},
		{"a seal is lifted", func() { g.god.MustExec(`update case_seals set lifted_at = now() where case_id = $1`, c) }},
		{"she says why she opens a case", func() {
			g.god.MustExec(`insert into case_openings (user_id, case_id, why) values ($1, $2, 'thử')`, who.id, c)
		}},
		{"her rights rest", func() { g.god.MustExec(`update auth.users set frozen_at = now() where id = $1`, who.id) }},
		{"her rights wake", func() { g.god.MustExec(`update auth.users set frozen_at = null where id = $1`, who.id) }},
		{"her account closes", func() { g.god.MustExec(`update auth.users set disabled_at = now() where id = $1`, who.id) }},
		{"her membership ends", func() { g.god.MustExec(`update auth.memberships set valid_to = now() where user_id = $1`, who.id) }},
		{"she signs out", func() { g.god.MustExec(sprintf(session, `ended_at = now()`), string(who.handle)) }},
		{"her screen locks", func() { g.god.MustExec(sprintf(session, `locked_at = now()`), string(who.handle)) }},
		{"her screen opens", func() { g.god.MustExec(sprintf(session, `locked_at = null, seen_at = now()`), string(who.handle)) }},
		{"she was away", func() {
			g.god.MustExec(sprintf(session, `seen_at = now() - interval '16 minutes'`), string(who.handle))
		}},
		{"her session is over", func() {
			g.god.MustExec(sprintf(session, `expires_at = now() - interval '1 second'`), string(who.handle))
		}},
		{"a consent is withdrawn", func() {
			g.god.MustExec(`update consents set withdrawn_at = now() where id = any ($1::uuid[]) and id = (select consent_id from referrals where id = $2)`, texts(w.consents), ref)
		}},
		{"a consent runs out", func() {
			g.god.MustExec(`update consents set given_at = now() - interval '2 days', expires_at = now() - interval '1 day' where id = (select consent_id from referrals where id = $1)`, ref)
		}},
		{"a referral ends", func() {
			g.god.MustExec(`update referrals set status = $2 where id = $1`, ref, rapid.SampledFrom([]string{"DECLINED", "CANCELLED", "COMPLETED", "CONSENT_WITHDRAWN"}).Draw(rt, "status"))
		}},
	}
	s := steps[rapid.IntRange(0, len(steps)-1).Draw(rt, "step")]
	s.do()
	return s.name
}

func texts(ids []uuid.UUID) any {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.String()
	}
	return pq.Array(out)
}

// once keeps the answers of Casbin, which are slow and never change within a run.
var once sync.Map
