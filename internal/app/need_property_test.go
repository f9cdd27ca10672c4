package app_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/world"
)

// known is a case as the model of this test remembers it.
type modelled struct {
	id, owner string
	supervised,
	sealed bool
	named    []string
	walls    map[string]string // by username: id of the wall
	emergent map[string]bool   // who has it open by an emergency now
}

func (c *modelled) seen(who string) bool {
	if c.walls[who] != "" || c.sealed && !slices.Contains(c.named, who) {
		return false
	}
	return c.owner == who || c.supervised && who == "giamsat.kontum" || c.emergent[who]
}

// TestACaseIsReadExactlyByWhomItsListShows: after any steps of recording, giving, walls, seals, emergencies and the clock, for everybody and every case: the case is read
// if and only if her list holds it, and both are what the rules say.
func TestACaseIsReadExactlyByWhomItsListShows(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			chance := rand.New(rand.NewPCG(seed, 7))
			s := apptest.New(t)
			s.Hire(t, "tuvan.thu", "COUNSELLOR", "ctxh-kontum", "giamsat.kontum")
			people := []string{"tuvan.kontum", "tuvan.thu", "tuvan.ngochoi", "giamsat.kontum", "yte.kontum", "congan.ngochoi"}
			holders := people[:3]
			c := map[string]*apptest.Client{}
			for _, p := range people {
				c[p] = s.As(t, p)
			}
			god := s.DB.Open(t, pg.Superuser)
			god.SetMaxOpenConns(1)
			god.MustExec(`set session_replication_role = replica`)
			var cases []*modelled
			var done []string
			step := func() {
				kind := chance.IntN(8)
				if len(cases) < 2 {
					kind = 0
				}
				x := &modelled{}
				if kind > 0 {
					x = cases[chance.IntN(len(cases))]
				}
				path := "/api/v1/cases/" + x.id
				who := people[chance.IntN(len(people))]
				actor := c[x.owner]
				switch kind {
				case 0:
					owner := holders[chance.IntN(len(holders))]
					made := c[owner].Must(http.StatusCreated, "POST", "/api/v1/cases", map[string]any{"intake": map[string]any{"channel": "IN_PERSON"}})
					cases = append(cases, &modelled{id: made.Text("id"), owner: owner, supervised: owner != "tuvan.ngochoi", walls: map[string]string{}, emergent: map[string]bool{}})
				case 1: // a wall
					if who == x.owner || x.walls[who] != "" {
						return
					}
					got := actor.Must(http.StatusCreated, "POST", path+"/walls", map[string]any{"username": who, "why": "KIN"})
					for i := range got.Len("items") {
						if got.Text(fmt.Sprintf("items.%d.who.username", i)) == who {
							x.walls[who] = got.Text(fmt.Sprintf("items.%d.id", i))
						}
					}
					delete(x.emergent, who)
				case 2: // a wall is lifted
					if x.walls[who] == "" {
						return
					}
					actor.Must(http.StatusOK, "POST", path+"/walls/"+x.walls[who]+"/lifting", nil)
					delete(x.walls, who)
				case 3, 4: // sealed by two, or unsealed by two
					if !x.supervised || x.walls["giamsat.kontum"] != "" {
						return
					}
					if x.sealed {
						actor.Must(http.StatusAccepted, "POST", path+"/unsealing", nil)
					} else {
						x.named = []string{x.owner}
						if who != x.owner {
							x.named = append(x.named, who)
						}
						actor.Must(http.StatusAccepted, "POST", path+"/seal", map[string]any{"why": "STAFF", "names": x.named})
					}
					waiting := c["giamsat.kontum"].Must(http.StatusOK, "GET", "/api/v1/seals", nil)
					c["giamsat.kontum"].Must(http.StatusNoContent, "POST", "/api/v1/seals/"+waiting.Text("items.0.id")+"/agreement", nil)
					x.sealed = !x.sealed
				case 5, 6: // an emergency
					got := c[who].Do("POST", path+"/break-glass", emergency())
					hidden := x.walls[who] != "" || x.sealed && !slices.Contains(x.named, who)
					want := http.StatusCreated
					switch {
					case hidden:
						want = http.StatusNotFound
					case x.owner == who || x.supervised && who == "giamsat.kontum":
						want = http.StatusConflict
					default:
						x.emergent[who] = true
					}
					if got.Status != want {
						t.Fatalf("seed %d after %s: break-glass of %s: %d %s", seed, strings.Join(done, ", "), who, got.Status, got.Body)
					}
				case 7: // the hours pass
					god.MustExec(`update case_standings set until = now() - interval '1 second' where standing = 'break_glass' and until > now(); update break_glass set until = opened_at + interval '1 millisecond' where until > now()`)
					for _, y := range cases {
						clear(y.emergent)
					}
				}
				done = append(done, fmt.Sprintf("%d/%s", kind, who))
			}
			for range 30 {
				step()
				for _, p := range people {
					list := c[p].Must(http.StatusOK, "GET", "/api/v1/cases?limit=100", nil)
					for _, x := range cases {
						read := c[p].Do("GET", "/api/v1/cases/"+x.id, nil).Status == http.StatusOK
						listed := strings.Contains(string(list.Body), x.id)
						if read != listed || read != x.seen(p) {
							t.Fatalf("seed %d after %s: %s: read %v, listed %v, by the rules %v: %+v", seed, strings.Join(done, ", "), p, read, listed, x.seen(p), x)
						}
					}
				}
			}
		})
	}
}

// TestTheAdministratorReadsNoFieldOfACase: she runs every route and every function of the database that the program may call, and meets nothing of a case.
func TestTheAdministratorReadsNoFieldOfACase(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	policy := s.Gate.Policy()
	for _, l := range policy.Lines() {
		if l.Role == "SYS_ADMIN" && l.Class != "directory" && (l.Standing != "none" || slices.Contains([]string{"identity", "safety", "narrative", "evidence", "envelope", "disclosure", "record"}, string(l.Class)) && strings.HasPrefix(l.Act, "case.")) {
			t.Errorf("the administrator has an act on cases: %+v", l)
		}
	}
	secret := append([]string{s.ours.Case, s.ours.Code, s.ours.Incident, s.ours.Consent, s.ours.Referral, s.ours.ReferralCode, s.ours.Evidence}, marks...)
	admin := s.clients["quantri"]
	n := 0
	for _, r := range s.routes() {
		if r.Public || strings.HasPrefix(r.Path, "/api/v1/sessions") {
			continue
		}
		n++
		body, kind := s.bodyOf(t, r, s.ours)
		path := pathOf(r.Path, s.ours, uuid.NewString())
		for _, got := range []apptest.Answer{admin.Do(r.Method, path, body, "Content-Type", kind, "If-Match", `"1"`), admin.Do(r.Method, path, nil)} {
			for _, m := range secret {
				if strings.Contains(string(got.Body), m) {
					t.Errorf("%s %s: %d tells %q", r.Method, r.Path, got.Status, m)
				}
			}
		}
	}
	// The same from inside: her session, every function that the program's role may call and that gives anything of a case, every table, every set of standings.
	db := s.DB.Open(t, pg.App)
	db.SetMaxOpenConns(1)
	all := "none,assigned,supervisor,own_organisation,addressee,referred,break_glass,break_glass_safety"
	begin := func() {
		db.MustExec(`begin`)
		if _, err := db.Exec(`select 1 from gate.enter($1, $2, '', null)`, string(handleOf(admin.Token)), all); err != nil {
			t.Fatal(err)
		}
	}
	var tables []string
	god := s.DB.Open(t, pg.Superuser)
	if err := god.Select(&tables, `select c.relname from pg_class c where c.relkind in ('r', 'v') and c.relnamespace = 'public'::regnamespace
		and (c.relname in ('cases', 'my_cases') or exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'case_id' and not a.attisdropped))
		and (has_table_privilege('binhan_app', c.oid, 'select') or has_any_column_privilege('binhan_app', c.oid, 'select')) order by 1`); err != nil || len(tables) < 12 {
		t.Fatal(tables, err)
	}
	for _, table := range tables {
		begin()
		var rows int
		column := "case_id"
		if table == "cases" {
			column = "id"
		}
		if err := db.Get(&rows, `select count(`+column+`) from `+table); err != nil || rows != 0 {
			t.Errorf("%s: %d rows for the administrator, %v", table, rows, err)
		}
		db.MustExec(`rollback`)
	}
	// Functions that give rows: with her own session and with the ids that she would have to know.
	user := world.UserID("quantri").String()
	for _, call := range []string{
		`select count(*) from audit.of_case('` + s.ours.Case + `', 100, null)`, `select count(*) from standing.seals_waiting()`, `select count(*) from standing.my_staff()`,
		`select count(*) from standing.known(array['phone','id','name'], (select array_agg(decode('0000000000000000','hex')) from generate_series(1,3)), false)`,
	} {
		begin()
		var rows int
		if err := db.Get(&rows, call); err != nil || rows != 0 {
			t.Errorf("%s: %d %v", call, rows, err)
		}
		db.MustExec(`rollback`)
	}
	// And those that would give her a standing: each refuses, and none is left behind.
	for _, call := range []string{
		`select standing.assign('` + s.ours.Case + `', '` + user + `')`, `select standing.open_cases(array['` + s.ours.Case + `']::uuid[])`, `select standing.address('` + s.ours.Referral + `')`, `select standing.accept('` + s.ours.Referral + `')`,
		`select standing.wall(gen_random_uuid(), '` + s.ours.Case + `', 'giamsat.kontum', 'KIN')`, `select standing.ask_seal(gen_random_uuid(), '` + s.ours.Case + `', 'STAFF', '{}', '')`, `select standing.ask_unseal('` + s.ours.Case + `')`,
		`select standing.agree_seal(gen_random_uuid())`, `select standing.tell('` + user + `', 'known', '` + s.ours.Case + `', null)`, `insert into case_standings (case_id, standing, holder, why, granted_by) values ('` + s.ours.Case + `', 'assigned', '` + user + `', 'x', '` + user + `')`,
		`update auth.memberships set role = 'COUNSELLOR' where user_id = '` + user + `'`,
	} {
		begin()
		_, _ = db.Exec(call)
		db.MustExec(`rollback`)
		begin()
		var held int
		if _, err := db.Exec(call); err == nil {
			if err := db.Get(&held, `select count(*) from case_standings`); err != nil || held != 0 {
				t.Errorf("%s: %d standings, %v", call, held, err)
			}
		}
		db.MustExec(`rollback`)
	}
	if n < 60 {
		t.Errorf("only %d routes", n)
	}
}
