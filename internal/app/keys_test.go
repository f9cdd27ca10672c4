package app_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"binhan/internal/app"
	"binhan/internal/app/apptest"
	"binhan/internal/casefile"
	"binhan/internal/fault"
	"binhan/internal/keyd"
	"binhan/internal/keyd/keydtest"
	"binhan/internal/keyd/turn"
	"binhan/internal/pg"
	"binhan/internal/pgtest"
	keyring "binhan/internal/seal"
)

// F13: without keys the house goes on where none is needed, says 503 within a second elsewhere, keeps nothing, and works again by itself.
func TestWithoutKeysWhatNeedsNoneGoesOn(t *testing.T) {
	t.Parallel()
	ring := keydtest.New(t)
	impatient := (*keyd.Client)(nil)
	s := apptest.With(t, func(o *app.Options) {
		impatient = keyd.NewClient(ring.Socket(), 0)
		o.Ring = impatient
	})
	t.Cleanup(impatient.Close)
	c := s.As(t, "tuvan.kontum")
	made := c.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	path := "/api/v1/cases/" + made.Text("id")
	c.Must(http.StatusOK, "GET", path, nil)
	if _, err := ring.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := s.Contents(t)
	for _, ask := range []struct {
		method, path string
		body         any
	}{{"GET", path, nil}, {"POST", "/api/v1/cases", apptest.Case()}, {"GET", path, nil}} {
		began := time.Now()
		a := c.Do(ask.method, ask.path, ask.body)
		if took := time.Since(began); a.Status != http.StatusServiceUnavailable || took > time.Second {
			t.Errorf("%s %s: %d after %v", ask.method, ask.path, a.Status, took)
		}
		if strings.Contains(string(a.Body), "Thử Nghiệm") {
			t.Error("a name although there are no keys")
		}
	}
	if diff := cmp.Diff(before, s.Contents(t)); diff != "" {
		t.Errorf("something was stored without keys:\n%s", diff)
	}
	c.Must(http.StatusOK, "GET", "/api/v1/cases", nil)
	s.As(t, "giamsat.kontum").Must(http.StatusOK, "GET", "/api/v1/sessions/current", nil)
	if _, err := ring.Unseal(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	c.Must(http.StatusOK, "GET", path, nil)
}

// Row 5 of the threats, at the surface: a valid account harvests and is stopped at the budget of the key process, whatever the application thinks.
func TestAHarvestIsStoppedByTheKeyProcess(t *testing.T) {
	t.Parallel()
	ring := keydtest.New(t, func(o *keyd.Options) { o.Budgets.Unwraps = 40 })
	s := apptest.With(t, func(o *app.Options) { o.Ring = ring })
	c := s.As(t, "tuvan.kontum")
	path := "/api/v1/cases/" + c.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case()).Text("id")
	var stopped *apptest.Answer
	for range 100 {
		if a := c.Do("GET", path, nil); a.Status != http.StatusOK {
			stopped = &a
			break
		}
	}
	st, err := ring.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if stopped == nil || stopped.Status != http.StatusTooManyRequests || !strings.Contains(stopped.Text("detail"), "ghi lại") {
		t.Fatalf("%+v", stopped)
	}
	if st.Counters.Unwraps > 40 || st.Counters.Unwraps < 37 || st.Counters.Stops != 1 || len(st.Stopped) != 1 {
		t.Errorf("%+v %+v", st.Counters, st.Stopped)
	}
}

// Row 2 at the surface: values and keys moved between two cases, or altered, by somebody who can write the database do not open.
func TestWhatWasMovedInTheDatabaseDoesNotOpen(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	c := s.As(t, "tuvan.kontum")
	who := s.Whois(t, c.Token)
	db := s.DB.Open(t, pg.Superuser)
	for _, change := range []string{
		`update survivors a set identity = b.identity from survivors b where a.case_id = $1 and b.case_id = $2`,
		`update case_keys a set identity = b.identity from case_keys b where a.case_id = $1 and b.case_id = $2`,
		`update case_keys set identity = safety, safety = identity where case_id = $1 and $2::uuid is not null`,
		`update survivors set identity = set_byte(identity, 40, get_byte(identity, 40) # 1) where case_id = $1 and $2::uuid is not null`,
		`update survivors set identity = safety where case_id = $1 and $2::uuid is not null`,
	} {
		var ids [2]uuid.UUID
		for i := range ids {
			ids[i] = uuid.MustParse(c.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case()).Text("id"))
		}
		if _, err := s.App.Cases.Read(t.Context(), who, ids[0]); err != nil {
			t.Fatal(err)
		}
		tx := db.MustBegin()
		tx.MustExec(`set local session_replication_role = replica`)
		if n, err := tx.MustExec(change, ids[0], ids[1]).RowsAffected(); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		// What was moved does not open; the rest of the case does, and the reader is told which part is lost.
		v, err := s.App.Cases.Read(t.Context(), who, ids[0])
		if err != nil || !slices.Contains(v.Damaged, casefile.Damage{Part: "identity"}) || v.Narrative != "Lời kể thử nghiệm." {
			t.Errorf("%s: %v, damaged %v", change, err, v.Damaged)
		}
		if v.Survivor != nil && v.Survivor.Name != "" {
			t.Errorf("%s: a name was read: %v", change, v.Survivor)
		}
		if _, err := s.App.Cases.Correct(t.Context(), who, ids[0], v.Version, func(raw []byte) (casefile.Document, error) { return casefile.Document{}, nil }); !errors.Is(err, fault.Conflict) {
			t.Errorf("%s: it may be written over: %v", change, err)
		}
	}
	if st, err := s.Ring.Status(t.Context()); err != nil || st.Counters.Forged < 2 { // the two moves of keys, and the names that were looked through since; values are met by the application, in its log
		t.Errorf("%d security events in the key process, %v", st.Counters.Forged, err)
	}
}

// killed is a database login that is taken away in the middle.
type killed struct {
	turn.Database
	left *atomic.Int64
}

var errKilled = errors.New("killed")

func (k killed) GetContext(ctx context.Context, dest any, query string, args ...any) error {
	if strings.Contains(query, "keys.put") && k.left.Add(-1) < 0 {
		return errKilled
	}
	return k.Database.GetContext(ctx, dest, query, args...)
}

// The keys are turned while people record and read; killed in the middle it goes on; afterwards nothing needs the old keys, and everything opens: cases,
// files, referrals and what was said about them.
func TestKeysAreTurnedWhilePeopleWork(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	c := s.clients["tuvan.kontum"]
	for range 30 {
		c.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	}
	db := s.DB.Open(t, pg.Migrator)
	behind := func(version uint32) (n int) {
		t.Helper()
		if err := db.Get(&n, `select sum(older) from keys.older($1)`, version); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := behind(1); n != 2 { // of the two files it is not known yet
		t.Fatalf("%d keys are older than the first", n)
	}
	stop := make(chan struct{})
	var people sync.WaitGroup
	for i := range 3 {
		people.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if i == 0 {
					c.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
				} else {
					c.Must(http.StatusOK, "GET", "/api/v1/cases/"+s.ours.Case, nil)
				}
			}
		})
	}
	var left atomic.Int64
	left.Store(5)
	_, err := turn.Run(t.Context(), killed{db, &left}, s.Ring, turn.Options{Batch: 7})
	if !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	st, err := s.Ring.Status(t.Context())
	if err != nil || st.Newest["identity"] != 1 && st.Newest["identity"] != 2 {
		t.Fatal(st.Newest, err)
	}
	left.Store(1 << 40)
	for range 5 { // the first finishes what was broken off, a version is made, and a pass behind those who work
		r, err := turn.Run(t.Context(), killed{db, &left}, s.Ring, turn.Options{Batch: 7, Finish: false})
		if err != nil || r.Forged != 0 {
			t.Fatal(r, err)
		}
		if r.Made {
			break
		}
	}
	close(stop)
	people.Wait()
	r, err := turn.Run(t.Context(), db, s.Ring, turn.Options{Finish: true})
	if err != nil || r.Version < 2 || r.Left != 0 || r.Retired || !strings.Contains(r.Why, "younger than an hour") {
		t.Fatalf("%+v %v", r, err)
	}
	if n := behind(r.Version); n != 0 {
		t.Errorf("%d keys still need an older version", n)
	}
	c.Must(http.StatusOK, "GET", "/api/v1/cases/"+s.ours.Case, nil)
	file := c.Must(http.StatusOK, "GET", "/api/v1/evidence/"+s.ours.Evidence+"/content", nil)
	if !bytes.Contains(file.Body, []byte("Nội dung thử nghiệm.")) {
		t.Error("the file does not come back")
	}
	s.clients["congan.ngochoi"].Must(http.StatusOK, "GET", "/api/v1/referrals/"+s.ours.Referral, nil)
	// The record tells of it, for each case.
	var told int
	if err := s.DB.Open(t, pg.Superuser).Get(&told, `select count(*) from audit.entries where act = 'keys.rewrap' and case_id = $1`, s.ours.Case); err != nil || told == 0 {
		t.Error(told, err)
	}
}

// The old version is retired when an hour has passed and nothing needs it but the erased, whom nobody shall open again; not before.
func TestOldKeysAreRetiredWhenNothingNeedsThem(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	ring := keydtest.New(t, func(o *keyd.Options) { o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) } })
	s := apptest.With(t, func(o *app.Options) { o.Ring = ring })
	c := s.As(t, "tuvan.kontum")
	var cases []uuid.UUID
	for range 3 {
		cases = append(cases, uuid.MustParse(c.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case()).Text("id")))
	}
	db := s.DB.Open(t, pg.Migrator)
	var old []byte
	if err := s.DB.Open(t, pg.Superuser).Get(&old, `select identity from case_keys where case_id = $1`, cases[0]); err != nil {
		t.Fatal(err)
	}
	if err := ring.Forget(t.Context(), keyring.For{}, keyring.Erasure{Owners: cases[2:], Ground: "test", Approvers: [2]string{"a", "b"}}); err != nil {
		t.Fatal(err)
	}
	r, err := turn.Run(t.Context(), db, ring, turn.Options{})
	if err != nil || !r.Made || r.Version != 2 || r.Moved != 8 || r.Forgotten != 4 || r.Retired {
		t.Fatalf("%+v %v", r, err)
	}
	if _, err := ring.Unwrap(t.Context(), keyring.For{}, cases[0], keyring.Wrapped{Compartment: keyring.Identity, Key: old}); err != nil {
		t.Errorf("before the old version is retired: %v", err)
	}
	ahead.Store(int64(2 * time.Hour))
	// Somebody put an old key back, as a restored row would: it is wrapped anew before anything is retired.
	tx := s.DB.Open(t, pg.Superuser).MustBegin()
	tx.MustExec(`set local session_replication_role = replica`)
	tx.MustExec(`update case_keys set identity = $2 where case_id = $1`, cases[0], old)
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	r, err = turn.Run(t.Context(), db, ring, turn.Options{Finish: true})
	if err != nil || r.Made || r.Moved != 1 || r.Forgotten != 4 || !r.Retired {
		t.Fatalf("%+v %v", r, err)
	}
	if _, err := ring.Unwrap(t.Context(), keyring.For{}, cases[0], keyring.Wrapped{Compartment: keyring.Identity, Key: old}); !errors.Is(err, keyring.ErrForged) {
		t.Errorf("under the retired version: %v", err)
	}
	c.Must(http.StatusOK, "GET", "/api/v1/cases/"+cases[0].String(), nil)
	if r, err = turn.Run(t.Context(), db, ring, turn.Options{}); err != nil || !r.Made || r.Version != 3 { // the erased, for ever behind, do not stand in the way of the next turn
		t.Errorf("%+v %v", r, err)
	}
}

// Nothing but the same key under a later version is put in the place of a key, by whoever has the operator's login.
func TestTheOperatorsLoginPutsNoOtherKeyInAPlace(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	db := s.DB.Open(t, pg.Migrator)
	if err := db.Select(&[]string{}, `select identity::text from case_keys`); err == nil {
		t.Error("the migrator reads keys past the functions")
	}
	var row struct {
		ID  string `db:"id"`
		Key []byte `db:"key"`
	}
	if err := db.Get(&row, `select id, key from keys.take('case_keys.identity', 2, null, 1)`); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{"the same": row.Key, "another form": append([]byte{2}, row.Key[1:]...), "cut": row.Key[:72], "another key": bytes.Repeat([]byte{1}, 73), "nothing": nil} {
		var n int
		if err := db.Get(&n, `select keys.put('case_keys.identity', array[$1]::uuid[], array[$2]::bytea[], array[$3]::bytea[])`, row.ID, row.Key, bad); err == nil {
			t.Errorf("%s was put there", name)
		}
	}
	app := s.DB.Open(t, pg.App)
	for _, call := range []string{`select * from keys.older(1)`, `select * from keys.take('case_keys.identity', 2, null, 1)`, `select * from keys.take_files(2, null, 1)`} {
		if _, err := app.Exec(call); err == nil {
			t.Errorf("the application may %s", call)
		}
	}
}

// A wrapped key that the turn does not know would be lost with the old version: every column of that class stands in keys.places.
func TestTheTurnKnowsEveryColumnOfWrappedKeys(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t).Open(t, pg.Superuser)
	var want, got []string
	if err := db.Select(&want, `select a.attrelid::regclass || '.' || a.attname from pg_attribute a where a.attnum > 0 and not a.attisdropped
		and col_description(a.attrelid, a.attnum) like 'secret: wrapped%' and not exists (select from pg_inherits i where i.inhrelid = a.attrelid) order by 1`); err != nil || len(want) < 9 {
		t.Fatal(len(want), err)
	}
	if err := db.Select(&got, `select tab || '.' || key_column from keys.places order by 1`); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
