package rights_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/pg"
	"binhan/internal/signin"
	"binhan/internal/world"
)

// Whoever can run a statement in somebody's session sees of the tables of rights what her office or her standings open, and writes nothing in another's name.
func TestTheTablesOfRightsOpenByOfficeOrStanding(t *testing.T) {
	t.Parallel()
	w := everything(t, served(t))
	asked := w.dpo.Must(http.StatusCreated, "POST", "/api/v1/data-requests", map[string]any{"case": w.code, "kind": "COPY", "identity_check": "KNOWN", "words": "Xin bản sao (thử)."})
	w.dpo.Must(http.StatusOK, "POST", "/api/v1/data-requests/"+asked.Text("id")+"/acknowledgement", map[string]any{"text": "Đã nhận (thử)."})
	w.holder.Must(http.StatusOK, "POST", "/api/v1/cases/"+w.id+"/copy", map[string]any{})
	w.ask()
	w.dpo.Must(http.StatusCreated, "POST", "/api/v1/holds", map[string]any{"case": w.code, "ground": "COMPLAINT"})
	w.holder.Must(http.StatusCreated, "POST", "/api/v1/cases/"+w.id+"/restriction", map[string]any{"ground": "REQUEST"})
	w.dpo.Must(http.StatusCreated, "POST", "/api/v1/breaches", map[string]any{"kind": "INTEGRITY", "classes": []string{"record"}, "words": map[string]any{"what": "Thử."}})
	w.dpo.Must(http.StatusCreated, "POST", "/api/v1/agreements", map[string]any{"organisation": world.OrgID("congan-boy").String(), "number": "01", "signed_on": "2026-03-01", "purposes": []string{"SHARE_POLICE"}})
	super := w.DB.Open(t, pg.Superuser)
	super.MustExec(`begin; set local session_replication_role = replica; insert into rights.terms (case_id, rule, starts_on, keep_until) values ('` + w.id + `', 'ADULT', '2020-01-01', '2030-12-31'); commit`)
	tables := []string{"requests", "request_keys", "request_moves", "restrictions", "holds", "terms", "copies", "erasures", "breaches", "breach_keys", "breach_minutes", "agreements"}
	app := w.DB.Open(t, pg.App)
	seen := func(token, standings string) map[string]bool {
		tx, err := app.Beginx()
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if token != "" {
			if _, err := tx.Exec(`select from gate.enter($1, $2, '', null)`, string(signin.HandleOf(token)), standings); err != nil {
				t.Fatal(err)
			}
		}
		out := map[string]bool{}
		for _, name := range tables {
			var n int
			if err := tx.Get(&n, `select count(*) from rights.`+name); err != nil {
				t.Fatal(name, err)
			}
			if n > 0 {
				out[name] = true
			}
		}
		return out
	}
	of := func(names ...string) map[string]bool {
		m := map[string]bool{}
		for _, n := range names {
			m[n] = true
		}
		return m
	}
	const ofCase = "requests request_keys request_moves restrictions holds terms copies erasures agreements"
	for name, x := range map[string]struct {
		token, standings string
		want             map[string]bool
	}{
		"nobody":                              {"", "", of()},
		"the office by its office":            {w.dpo.Token, "none", of(tables...)},
		"the office in an act of a holder":    {w.dpo.Token, "assigned,supervisor", of("agreements", "breaches", "breach_keys", "breach_minutes")},
		"the holder by her standing":          {w.holder.Token, "assigned", of(strings.Fields(ofCase)...)},
		"the holder in an act of the office":  {w.holder.Token, "none", of("agreements", "erasures")}, // the erasure is the one that she proposed
		"her supervisor":                      {w.boss.Token, "supervisor", of(strings.Fields(ofCase)...)},
		"her supervisor in a holder's act":    {w.boss.Token, "assigned", of("agreements")},
		"the police who accepted a referral":  {w.police.Token, "none,assigned,supervisor,addressee,referred", of("agreements")},
		"another counsellor":                  {w.As(t, "tuvan.ngochoi").Token, "none,assigned,supervisor", of("agreements")},
		"the administrator":                   {w.As(t, "quantri").Token, "none,assigned,supervisor", of("agreements")},
		"the auditor: breaches without words": {w.As(t, "thanhtra").Token, "none", of("agreements", "breaches", "breach_minutes")},
	} {
		if diff := cmp.Diff(x.want, seen(x.token, x.standings)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	write := func(token, query string, args ...any) error {
		tx, err := app.Beginx()
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := tx.Exec(`select from gate.enter($1, 'none,assigned,supervisor', '', null)`, string(signin.HandleOf(token))); err != nil {
			t.Fatal(err)
		}
		_, err = tx.Exec(query, args...)
		return err
	}
	dpo, other := world.UserID("dpo"), world.UserID("tuvan.ngochoi")
	stranger := w.As(t, "tuvan.ngochoi").Token
	request := `insert into rights.requests (id, code, case_id, kind, asked_by, identity_check, third_party, received_at, registered_at, registered_by, due_reply, due_act, law, days)
		values (gen_random_uuid(), 'YC-X', '` + w.id + `', 'ACCESS', 'SELF', 'KNOWN', false, now(), now(), $1, now() + interval '2 days', now() + interval '9 days', 'x', 'calendar')`
	for name, x := range map[string]struct {
		token, query string
		arg          any
		taken        bool
	}{
		"the office registers":                    {w.dpo.Token, request, dpo, true},
		"the office registers in another's name":  {w.dpo.Token, request, other, false},
		"a stranger registers":                    {stranger, request, other, false},
		"a stranger restricts":                    {stranger, `insert into rights.restrictions (id, case_id, case_code, ground, set_by) values (gen_random_uuid(), '` + w.id + `', 'x', 'ORDER', $1)`, other, false},
		"the holder holds by law":                 {w.holder.Token, `insert into rights.holds (id, case_id, case_code, ground, set_by) values (gen_random_uuid(), '` + w.id + `', 'x', 'INSPECTION', $1)`, world.UserID("tuvan.kontum"), false},
		"the holder proposes what is approved":    {w.holder.Token, `insert into rights.erasures (id, code, case_id, case_code, ground, state, proposed_by) values (gen_random_uuid(), 'XD-X', '` + w.id + `', 'x', 'ORDER', 'APPROVED', $1)`, world.UserID("tuvan.kontum"), false},
		"a counsellor records a breach":           {w.holder.Token, `insert into rights.breaches (id, code, detected_at, kind, serious, classes, due_notice, recorded_by, sealed) values (gen_random_uuid(), 'SC-X', now(), 'x', false, '{}', now(), $1, '')`, world.UserID("tuvan.kontum"), false},
		"a counsellor records an agreement":       {w.holder.Token, `insert into rights.agreements (id, organisation_id, number, signed_on, valid_from, purposes, recorded_by) values (gen_random_uuid(), '` + world.OrgID("congan-boy").String() + `', '9', '2026-01-01', '2026-01-01', '{}', $1)`, world.UserID("tuvan.kontum"), false},
		"a counsellor writes minutes of a breach": {w.holder.Token, `insert into rights.breach_minutes (id, breach_id, at, happened_at, by_user, move) select gen_random_uuid(), '` + w.id + `', now(), now(), $1, 'note'`, world.UserID("tuvan.kontum"), false},
	} {
		if err := write(x.token, x.query, x.arg); (err == nil) != x.taken {
			t.Errorf("%s: %v", name, err)
		}
	}
}
