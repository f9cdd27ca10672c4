package rights_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"binhan/internal/app"
	"binhan/internal/app/apptest"
	"binhan/internal/evidence"
	"binhan/internal/fault"
	"binhan/internal/pg"
	"binhan/internal/pgtest"
	"binhan/internal/s3test"
	"binhan/internal/seal"
	"binhan/internal/signin"
	"binhan/internal/world"
	"binhan/internal/world/house"
)

// marks are words of the made-up case that nobody may meet after it was erased.
var marks = []string{"Nghiệm Một", "hoa dã quỳ", "Chuyện thử"}

type whole struct {
	*apptest.Server
	holder, boss, dpo, police *apptest.Client
	id, code                  string
}

// everything makes a case with all that can hang on it: consent, accepted referral, file, correction.
func everything(t *testing.T, s *apptest.Server) *whole {
	t.Helper()
	w := &whole{Server: s, holder: s.As(t, "tuvan.kontum"), boss: s.As(t, "giamsat.kontum"), dpo: s.As(t, "dpo"), police: s.As(t, "congan.ngochoi")}
	w.id, w.code = file(w.holder)
	path := "/api/v1/cases/" + w.id
	consent := w.holder.Must(http.StatusCreated, "POST", path+"/consents", map[string]any{"purpose": "SHARE_POLICE", "recipient": "POLICE_COMMUNE", "fields": []string{"name", "phone"}, "decision": "GIVEN", "witness": "Người chứng thử"}).Text("id")
	ref := w.holder.Must(http.StatusCreated, "POST", path+"/referrals", map[string]any{"service": "SAFETY", "to": world.OrgID("congan-boy").String(), "priority": "P1", "reason": "Cần bảo vệ (thử).", "fields": []string{"name", "phone"}, "consent": consent}).Text("id")
	w.police.Must(http.StatusOK, "POST", "/api/v1/referrals/"+ref+"/acceptance", nil)
	attach(t, w.holder, path)
	version := w.holder.Must(http.StatusOK, "GET", path, nil).Header.Get("ETag")
	w.holder.Must(http.StatusOK, "PATCH", path, map[string]any{"narrative": "Lời kể đã sửa (thử).", "risk": "HIGH"}, "If-Match", version)
	return w
}

func attach(t *testing.T, c *apptest.Client, path string) apptest.Answer {
	t.Helper()
	body, kind := upload(t)
	return c.Do("POST", path+"/evidence", body, "Content-Type", kind)
}

// ask opens an answered request to erase and gives the path of the proposal that the holder makes on it.
func (w *whole) ask() string {
	asked := w.dpo.Must(http.StatusCreated, "POST", "/api/v1/data-requests", map[string]any{"case": w.code, "kind": "ERASE", "identity_check": "KNOWN"})
	w.dpo.Must(http.StatusOK, "POST", "/api/v1/data-requests/"+asked.Text("id")+"/acknowledgement", map[string]any{})
	return "/api/v1/erasures/" + w.holder.Must(http.StatusCreated, "POST", "/api/v1/erasures", map[string]any{"case": w.id, "ground": "REQUEST"}).Text("id")
}

// left counts what of a case could still be opened, by table.
func left(t *testing.T, db *pgtest.Database, id string) map[string]int {
	t.Helper()
	super := db.Open(t, pg.Superuser)
	out := map[string]int{}
	for name, query := range map[string]string{
		"keys": `select count(*) from case_keys where case_id = $1`, "referral keys": `select count(*) from referral_keys where case_id = $1`,
		"talk keys": `select count(*) from referral_talk_keys where case_id = $1`, "snapshots": `select count(*) from referral_snapshots where case_id = $1`,
		"persons": `select count(*) from survivors where case_id = $1`, "incidents": `select count(*) from incidents where case_id = $1`,
		"files": `select count(*) from evidence where case_id = $1`, "history": `select count(*) from case_history where case_id = $1`,
		"tokens": `select count(*) from case_tokens where case_id = $1`, "request keys": `select count(*) from rights.request_keys where case_id = $1`,
		"words": `select count(*) from (select 1 from referral_moves where case_id = $1 and sealed is not null union all select 1 from consents where case_id = $1 and narrative <> ''
			union all select 1 from cases where id = $1 and narrative <> '' union all select 1 from rights.request_moves where case_id = $1 and sealed is not null) x`,
		"standings": `select count(*) from case_standings where case_id = $1 and (until is null or until > now())`,
	} {
		var n int
		if err := super.Get(&n, query, id); err != nil {
			t.Fatal(name, err)
		}
		if n > 0 {
			out[name] = n
		}
	}
	return out
}

func TestTwoOthersErasureACaseAndACertificateRemains(t *testing.T) {
	t.Parallel()
	w := everything(t, served(t))
	if n := left(t, w.DB, w.id); len(n) < 10 {
		t.Fatalf("the case holds too little to be a test: %v", n)
	}
	path := w.ask()
	// The proposer does not decide; nobody decides twice; the holder has no voice.
	w.holder.Must(http.StatusNotFound, "POST", path+"/approval", nil)
	if got := w.boss.Must(http.StatusOK, "POST", path+"/approval", nil); got.Text("state") != "HALF" || got.Text("first.as") != "SUPERVISOR" {
		t.Fatalf("%s", got.Body)
	}
	w.boss.Must(http.StatusConflict, "POST", path+"/approval", nil)
	if n := left(t, w.DB, w.id); n["keys"] != 1 {
		t.Fatal("one approval erased", n)
	}
	// A legal hold beats the request, and its end lets it go on.
	hold := w.dpo.Must(http.StatusCreated, "POST", "/api/v1/holds", map[string]any{"case": w.code, "ground": "CRIMINAL_CASE"}).Text("id")
	w.dpo.Must(http.StatusConflict, "POST", path+"/approval", nil)
	w.dpo.Must(http.StatusOK, "POST", "/api/v1/holds/"+hold+"/lifting", nil)
	done := w.dpo.Must(http.StatusOK, "POST", path+"/approval", nil)
	if done.Text("state") != "DONE" || done.Number("done.keys") < 6 || done.Number("done.files") != 1 || done.Number("done.files_held") != 0 || len(done.Text("done.ledger_sha256")) != 64 {
		t.Errorf("%s", done.Body)
	}
	if diff := cmp.Diff(map[string]int{}, left(t, w.DB, w.id)); diff != "" {
		t.Error(diff)
	}
	// The certificate is read again by those who decided, holds nothing of the person, and the holder finds nothing any more.
	for _, c := range []*apptest.Client{w.dpo, w.boss} {
		got := c.Must(http.StatusOK, "GET", path, nil)
		for _, m := range marks {
			if strings.Contains(string(got.Body), m) {
				t.Errorf("the certificate says %q", m)
			}
		}
	}
	w.holder.Must(http.StatusNotFound, "GET", "/api/v1/cases/"+w.id, nil)
	w.dpo.Must(http.StatusConflict, "POST", path+"/approval", nil)
	var row struct {
		Code   string `db:"code"`
		Status string `db:"status"`
		Kept   bool   `db:"kept"`
	}
	super := w.DB.Open(t, pg.Superuser)
	if err := super.Get(&row, `select code, status, commune is null and risk is null as kept from cases where id = $1`, w.id); err != nil || row.Code != w.code || row.Status != "ERASED" || !row.Kept {
		t.Error(row, err)
	}
	var request string
	if err := super.Get(&request, `select state from rights.requests where case_id = $1 and kind = 'ERASE'`, w.id); err != nil || request != "DONE" {
		t.Error(request, err)
	}
	var facts int
	if err := super.Get(&facts, `select count(*) from stats.facts where cube_id is null`); err != nil || facts != 0 {
		t.Error("the unfrozen fact stayed", facts, err)
	}
}

// Row 18 again, in the store: an object under a lock outlives the erasure, unreadable and counted.
func TestAnObjectThatTheStoreMustKeepIsCountedAndUnreadable(t *testing.T) {
	t.Parallel()
	store := s3test.Store(t)
	w := everything(t, apptest.With(t, func(o *app.Options) { o.Store = store }))
	var row struct {
		Object  string `db:"object"`
		Version string `db:"object_version"`
	}
	if err := w.DB.Open(t, pg.Superuser).Get(&row, `select object, object_version from evidence where case_id = $1`, w.id); err != nil {
		t.Fatal(err)
	}
	vault, err := evidence.OpenMinio(store)
	if err != nil {
		t.Fatal(err)
	}
	stored := evidence.Stored{Key: row.Object, Version: row.Version}
	if err := vault.Keep(t.Context(), stored, time.Now().Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	path := w.ask()
	w.boss.Must(http.StatusOK, "POST", path+"/approval", nil)
	done := w.dpo.Must(http.StatusOK, "POST", path+"/approval", nil)
	if done.Number("done.files") != 1 || done.Number("done.files_held") != 1 {
		t.Errorf("%s", done.Body)
	}
	if again := w.dpo.Must(http.StatusOK, "GET", path, nil); again.Number("done.files_held") != 1 {
		t.Errorf("%s", again.Body)
	}
	body, err := vault.Read(t.Context(), stored, 0, 16)
	if err != nil {
		t.Fatal("the store lost what it had to keep: ", err)
	}
	body.Close()
	if diff := cmp.Diff(map[string]int{}, left(t, w.DB, w.id)); diff != "" {
		t.Error(diff)
	}
}

// A crash between the decisions and the deed leaves an approved erasure: one of the two, or the office, goes on; a hold that was set meanwhile stops it.
func TestAnErasureThatACrashLeftUndoneIsFinished(t *testing.T) {
	t.Parallel()
	w := everything(t, served(t))
	path := w.ask()
	w.boss.Must(http.StatusOK, "POST", path+"/approval", nil)
	w.dpo.Must(http.StatusConflict, "POST", path+"/completion", nil)
	id := strings.TrimPrefix(path, "/api/v1/erasures/")
	w.DB.Open(t, pg.Superuser).MustExec(`begin; set local session_replication_role = replica;
		update rights.erasures set state = 'APPROVED', second_by = '` + world.UserID("dpo").String() + `', second_as = 'DPO', second_at = now() where id = '` + id + `'; commit`)
	hold := w.dpo.Must(http.StatusCreated, "POST", "/api/v1/holds", map[string]any{"case": w.code, "ground": "CRIMINAL_CASE"}).Text("id")
	w.dpo.Must(http.StatusConflict, "POST", path+"/completion", nil)
	if n := left(t, w.DB, w.id); n["keys"] != 1 {
		t.Fatal("a held case was erased", n)
	}
	w.holder.Must(http.StatusOK, "GET", "/api/v1/cases/"+w.id, nil) // and nothing of it was forgotten
	w.dpo.Must(http.StatusOK, "POST", "/api/v1/holds/"+hold+"/lifting", nil)
	w.holder.Must(http.StatusNotFound, "POST", path+"/completion", nil)
	if got := w.boss.Must(http.StatusOK, "POST", path+"/completion", nil); got.Text("state") != "DONE" {
		t.Errorf("%s", got.Body)
	}
	if diff := cmp.Diff(map[string]int{}, left(t, w.DB, w.id)); diff != "" {
		t.Error(diff)
	}
}

func TestTheDatabaseBelievesNoCallerAboutAnErasure(t *testing.T) {
	t.Parallel()
	w := everything(t, served(t))
	path := w.ask()
	id := strings.TrimPrefix(path, "/api/v1/erasures/")
	appRole := w.DB.Open(t, pg.App)
	handle := string(signin.HandleOf(w.dpo.Token))
	run := func(handle, query string, args ...any) error {
		tx, err := appRole.Beginx()
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := tx.Exec(`select gate.enter($1, 'none,assigned,supervisor', '', null)`, handle); err != nil {
			t.Fatal(err)
		}
		_, err = tx.Exec(query, args...)
		return err
	}
	for name, query := range map[string]string{
		"shred what nobody approved":      `select * from rights.shred('` + id + `')`,
		"write the approvals":             `update rights.erasures set state = 'APPROVED', first_by = '` + world.UserID("dpo").String() + `', second_by = '` + world.UserID("giamsat.kontum").String() + `' where id = '` + id + `'`,
		"replay without the operator":     `select rights.replay(array['` + w.id + `']::uuid[], '{}')`,
		"empty a case without a proposal": `select rights.empty_case('` + w.id + `')`,
		"delete a key":                    `delete from case_keys where case_id = '` + w.id + `'`,
		"unsay a request":                 `delete from rights.requests where case_id = '` + w.id + `'`,
		"move a clock":                    `update rights.requests set due_act = due_act + interval '1 year' where case_id = '` + w.id + `'`,
	} {
		if err := run(handle, query); err == nil {
			t.Errorf("%s: it happened", name)
		}
	}
	if err := run(string(signin.HandleOf(w.holder.Token)), `select rights.approve('`+id+`')`); err == nil {
		t.Error("the proposer approved by a statement")
	}
	if n := left(t, w.DB, w.id); n["keys"] != 1 {
		t.Error(n)
	}
}

// Row 18 of the threats. The database goes back to before an erasure: the ring refuses its keys, the replay removes the rows, and a server that may not replay does not serve.
func TestAnErasedCaseDoesNotComeBackWithARestore(t *testing.T) {
	t.Parallel()
	s := served(t)
	w := everything(t, s)
	path := w.ask()
	dump := backup(t, s.DB)
	w.boss.Must(http.StatusOK, "POST", path+"/approval", nil)
	w.dpo.Must(http.StatusOK, "POST", path+"/approval", nil)
	old := restore(t, dump)
	if n := left(t, old, w.id); n["keys"] != 1 || n["persons"] != 1 {
		t.Fatal("the backup is no backup", n)
	}
	log := &apptest.Log{}
	o := apptest.Options(t, &house.House{DB: old, Ring: s.Ring}, log)
	a, err := app.New(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	_, session, err := a.SignIn.In(context.Background(), "tuvan.kontum", world.Password, signin.Token, "test")
	if err != nil {
		t.Fatal(err)
	}
	id := uuid.MustParse(w.id)
	v, err := a.Cases.Read(context.Background(), session.Actor, id)
	if err == nil || v.Survivor != nil {
		t.Fatalf("the erased case opens from a restored database")
	}
	if !errors.Is(err, seal.ErrForgotten) {
		t.Errorf("refused, but not for being erased: %v", err)
	}
	without := func(r pg.Role) string {
		if r == pg.Migrator {
			return ""
		}
		return old.DSN(r)
	}
	if _, err := app.ReplayErasures(context.Background(), s.Ring, without); err == nil {
		t.Error("a server that may not replay would serve")
	}
	for _, want := range []int{1, 0} { // the second time there is nothing to do
		if n, err := app.ReplayErasures(context.Background(), s.Ring, old.DSN); err != nil || n != want {
			t.Error(n, err)
		}
	}
	if _, err := app.ReplayErasures(context.Background(), s.Ring, without); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(map[string]int{}, left(t, old, w.id)); diff != "" {
		t.Error(diff)
	}
	if _, err := a.Cases.Read(context.Background(), session.Actor, id); !errors.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

func tool(t *testing.T, name string, db *pgtest.Database, args ...string) *exec.Cmd {
	t.Helper()
	program, err := pg.Tool(pg.ClusterOptions{}, name)
	if err != nil {
		t.Fatal(err)
	}
	a := pgtest.Server(t).Address(pg.Superuser, db.Name)
	cmd := exec.Command(program, append([]string{"--host", a.Host, "--username", a.User, "--dbname", a.Database}, args...)...)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+a.Password)
	return cmd
}

func backup(t *testing.T, db *pgtest.Database) []byte {
	t.Helper()
	raw, err := tool(t, "pg_dump", db).Output()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func restore(t *testing.T, dump []byte) *pgtest.Database {
	t.Helper()
	db := pgtest.Empty(t)
	cmd := tool(t, "psql", db, "--quiet", "--no-psqlrc", "--file", "-")
	cmd.Stdin = bytes.NewReader(dump)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatal(err, string(out[:min(len(out), 2000)]))
	}
	return db
}

// pairs is how often each race is run.
const pairs = 20

func TestNothingSlipsIntoACaseWhileItIsErased(t *testing.T) {
	t.Parallel()
	s := served(t)
	holder, boss, dpo := s.As(t, "tuvan.kontum"), s.As(t, "giamsat.kontum"), s.As(t, "dpo")
	for name, act := range map[string]func(path, consent string) apptest.Answer{
		"read":   func(path, _ string) apptest.Answer { return holder.Get(path) },
		"attach": func(path, _ string) apptest.Answer { return attach(t, holder, path) },
		"send": func(path, consent string) apptest.Answer {
			return holder.Do("POST", path+"/referrals", map[string]any{"service": "SAFETY", "to": world.OrgID("congan-boy").String(), "priority": "P1", "fields": []string{"name"}, "consent": consent})
		},
	} {
		answered := map[int]int{}
		for range pairs {
			w := &whole{Server: s, holder: holder, boss: boss, dpo: dpo}
			w.id, w.code = file(holder)
			path := "/api/v1/cases/" + w.id
			consent := holder.Must(http.StatusCreated, "POST", path+"/consents", map[string]any{"purpose": "SHARE_POLICE", "recipient": "POLICE_COMMUNE", "fields": []string{"name"}, "decision": "GIVEN"}).Text("id")
			erasure := w.ask()
			boss.Must(http.StatusOK, "POST", erasure+"/approval", nil)
			var both sync.WaitGroup
			var gone, other apptest.Answer
			both.Go(func() { gone = dpo.Do("POST", erasure+"/approval", nil) })
			both.Go(func() { other = act(path, consent) })
			both.Wait()
			if gone.Status != http.StatusOK || gone.Text("state") != "DONE" {
				t.Fatalf("%s: %d %s", name, gone.Status, gone.Body)
			}
			answered[other.Status]++
			if diff := cmp.Diff(map[string]int{}, left(t, s.DB, w.id)); diff != "" {
				t.Errorf("%s (%d): %s", name, other.Status, diff)
			}
		}
		t.Log(name, fmt.Sprint(answered))
	}
}
