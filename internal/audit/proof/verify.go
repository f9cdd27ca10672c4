package proof

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"golang.org/x/mod/sumdb/tlog"
)

// Kind is what is wrong with the record.
type Kind string

// The kinds. Each names the first entry that it is about.
const (
	Changed    Kind = "changed"     // the entry says something else than when it was sealed
	Missing    Kind = "missing"     // the entry was sealed and is no more
	Inserted   Kind = "inserted"    // the entry was never sealed and claims to be older than what is
	Duplicate  Kind = "duplicate"   // two entries bear the number
	Reordered  Kind = "reordered"   // the seal counts the entry at another place
	Gap        Kind = "gap"         // a seal is missing between two
	Forged     Kind = "forged"      // the checkpoint is not signed by the key of the record
	Replayed   Kind = "replayed"    // the checkpoint belongs to another size than its seal
	Rewritten  Kind = "rewritten"   // the checkpoint signs another tree than these entries make
	Stored     Kind = "stored"      // the stored hashes are not those of the tree
	Cut        Kind = "cut"         // an anchor counts more entries than there are
	Split      Kind = "split"       // an anchor signs another tree of this size than ours
	BadAnchor  Kind = "bad_anchor"  // an anchor cannot be read, or is signed by another key
	Clock      Kind = "clock"       // times run backwards
	Unsealed   Kind = "unsealed"    // the entry waits for a seal for too long
	Custody    Kind = "custody"     // a file's chain of custody is broken
	NotReached Kind = "not_reached" // a medium did not answer
)

// Finding is one thing that is wrong.
type Finding struct {
	Kind  Kind   `json:"kind"`
	Entry int64  `json:"entry"` // the first entry that it is about; 0 when there is none
	Text  string `json:"text"`
}

// Report is what a verification found.
type Report struct {
	Size     int64     `json:"size"` // entries under seal
	Root     tlog.Hash `json:"root"`
	SealedAt time.Time `json:"sealed_at"`
	Seals    int       `json:"seals"`
	Anchors  int       `json:"anchors"`
	Unsealed int64     `json:"unsealed"` // entries that wait for a seal, lawfully
	Unused   int64     `json:"unused"`   // numbers that no entry has: acts that were rolled back
	Findings []Finding `json:"findings"`
}

// Whole tells whether nothing is wrong.
func (r Report) Whole() bool { return len(r.Findings) == 0 }

// VerifyOptions say against what the record is held.
type VerifyOptions struct {
	Key         Key      // of the record
	Media       []Medium // on which it was anchored
	Checkpoints [][]byte // that somebody brings: a witness, a printed anchor
	Now         time.Time
}

const (
	// enough findings: the first of them is what counts.
	enough = 20
	// skew is how far the clocks of the database and of the sealer may stand apart.
	skew = time.Minute
	// longest is the longest that a transaction of ours may run: an entry may be that much older than the seal before its own.
	longest = time.Hour
	// patience is how long an entry may wait for its seal when no transaction is in the way: longer than a sealer needs to be back.
	patience = 5 * time.Minute
)

// Verify reads the whole record and says what is wrong with it. It changes nothing and opens nothing. The error is about its own work: that it could not read.
func Verify(ctx context.Context, db *sqlx.DB, o VerifyOptions) (Report, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	v := &verifier{o: o, seen: map[int64]bool{}}
	// Two readers of one snapshot: seals and entries are walked side by side.
	readOnly := &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	first, err := db.BeginTxx(ctx, readOnly)
	if err != nil {
		return Report{}, err
	}
	defer first.Rollback()
	var snapshot string
	if err := first.GetContext(ctx, &snapshot, `select pg_export_snapshot()`); err != nil {
		return Report{}, err
	}
	join := func() (*sqlx.Tx, error) {
		tx, err := db.BeginTxx(ctx, readOnly)
		if err == nil {
			_, err = tx.ExecContext(ctx, `set transaction snapshot `+pq.QuoteLiteral(snapshot))
		}
		return tx, err
	}
	second, err := join()
	if second != nil {
		defer second.Rollback()
	}
	if err != nil {
		return Report{}, err
	}
	third, err := join()
	if third != nil {
		defer third.Rollback()
	}
	if err != nil {
		return Report{}, err
	}
	v.look = third
	if err := v.gather(ctx); err != nil {
		return Report{}, err
	}
	entries, err := openEntries(ctx, second)
	if err != nil {
		return Report{}, err
	}
	defer entries.close(stop)
	if err := v.walk(ctx, first, entries); err != nil {
		return Report{}, err
	}
	if err := v.rest(ctx, entries); err != nil {
		return Report{}, err
	}
	v.anchors()
	if err := v.custody(ctx); err != nil {
		return Report{}, err
	}
	v.r.Root = v.tree.root()
	v.r.Size = v.tree.n
	return v.r, nil
}

type verifier struct {
	o    VerifyOptions
	r    Report
	look *sqlx.Tx

	tree      tree
	roots     map[int64]tlog.Hash // at the sizes that anchors speak of
	at        map[int64]int64     // the first entry after such a size
	wanted    []int64             // these sizes, ascending
	held      []held
	seen      map[int64]bool // entries that were found out of their place
	last      int64          // the entry before
	sealedAt  time.Time      // of the seal before
	broken    bool           // the tree differs from what was signed: later seals would only repeat it
	brokenSto bool
	rows      int64
	badClock  bool
}

// held is an anchor as its medium has it.
type held struct {
	where string
	point Checkpoint
	err   error
}

func (v *verifier) found(kind Kind, entry int64, format string, args ...any) {
	if len(v.r.Findings) < enough {
		v.r.Findings = append(v.r.Findings, Finding{kind, entry, fmt.Sprintf(format, args...)})
	}
}

// gather reads every anchor first, since roots are remembered only for the sizes that somebody asks about.
func (v *verifier) gather(ctx context.Context) error {
	add := func(where string, signed []byte) {
		c, err := v.o.Key.Open(signed)
		v.held = append(v.held, held{where, c, err})
		if err == nil {
			v.wanted = append(v.wanted, c.Size)
		}
	}
	for i, signed := range v.o.Checkpoints {
		add(fmt.Sprintf("checkpoint %d that was brought", i+1), signed)
	}
	for _, m := range v.o.Media {
		err := m.Anchors(ctx, func(name string, signed []byte) error {
			if isKey(signed) {
				if key := strings.TrimSpace(string(signed)); key != v.o.Key.String() {
					v.found(Forged, 0, "%s keeps another key of the record than the one that was given: %s", m.Name(), key)
				}
				return nil
			}
			add(m.Name()+", "+name, signed)
			return nil
		})
		if err != nil {
			v.found(NotReached, 0, "%s could not be read: %v", m.Name(), err)
		}
	}
	slices.Sort(v.wanted)
	v.wanted = slices.Compact(v.wanted)
	v.roots, v.at = make(map[int64]tlog.Hash, len(v.wanted)), make(map[int64]int64, len(v.wanted))
	return nil
}

// want remembers the root when somebody will ask about this size.
func (v *verifier) want(next int64) {
	for len(v.wanted) > 0 && v.wanted[0] <= v.tree.n {
		if v.wanted[0] == v.tree.n {
			v.roots[v.tree.n], v.at[v.tree.n] = v.tree.root(), next
		}
		v.wanted = v.wanted[1:]
	}
}

type sealRow struct {
	Size       int64         `db:"size"`
	Base       int64         `db:"base"`
	Version    int           `db:"version"`
	Entries    pq.Int64Array `db:"entries"`
	Hashes     []byte        `db:"hashes"`
	Checkpoint string        `db:"checkpoint"`
	point      Checkpoint
	err        error
}

// walk goes through the seals and the entries that they seal.
func (v *verifier) walk(ctx context.Context, tx *sqlx.Tx, entries *stream) error {
	rows, err := tx.QueryxContext(ctx, `select size, base, version, entries, hashes, checkpoint from audit.seals order by size`)
	if err != nil {
		return err
	}
	defer rows.Close()
	// Signatures cost more than hashes where seals are small: they are checked some ahead, on every core.
	ahead := make(chan chan *sealRow, 4*runtime.GOMAXPROCS(0))
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 1)
	go func() {
		defer close(ahead)
		limit := make(chan struct{}, runtime.GOMAXPROCS(0))
		for rows.Next() {
			s := &sealRow{}
			if err := rows.StructScan(s); err != nil {
				failed <- err
				return
			}
			c := make(chan *sealRow, 1)
			limit <- struct{}{}
			go func() {
				s.point, s.err = v.o.Key.Open([]byte(s.Checkpoint))
				c <- s
				<-limit
			}()
			select {
			case ahead <- c:
			case <-ctx.Done():
				return
			}
		}
		failed <- rows.Err()
	}()
	for c := range ahead {
		if len(v.r.Findings) >= enough {
			break
		}
		if err := v.one(ctx, <-c, entries); err != nil {
			return err
		}
	}
	if len(v.r.Findings) >= enough {
		return nil
	}
	return <-failed
}

// one checks a seal, its entries and its checkpoint.
func (v *verifier) one(ctx context.Context, s *sealRow, entries *stream) error {
	v.r.Seals++
	firstOf := int64(0)
	if len(s.Entries) > 0 {
		firstOf = s.Entries[0]
	}
	if s.Base != v.tree.n && !v.broken {
		v.found(Gap, firstOf, "before entry %d seals are missing: the seal goes on from %d entries, the one before it ends at %d", firstOf, s.Base, v.tree.n)
		v.broken = true
	}
	if s.Version != Version {
		v.found(Rewritten, firstOf, "the seal of entry %d is of version %d, which this program cannot read", firstOf, s.Version)
		v.broken = true
	}
	stored := s.Hashes
	var made []byte
	sealedBy := time.Time{}
	if s.err == nil {
		sealedBy = s.point.Time
	}
	for _, id := range s.Entries {
		v.want(id)
		if len(stored) < tlog.HashSize {
			v.storedBroken(id)
			stored = make([]byte, tlog.HashSize)
		}
		leaf := tlog.Hash(stored[:tlog.HashSize])
		if err := v.match(ctx, id, leaf, entries, sealedBy); err != nil {
			return err
		}
		made = v.tree.add(leaf, made[:0])
		if len(stored) < len(made) || !bytes.Equal(stored[:len(made)], made) {
			v.storedBroken(id)
		}
		stored = stored[min(len(stored), len(made)):]
		v.last = id
		if len(v.r.Findings) >= enough {
			return nil
		}
	}
	if len(stored) > 0 {
		v.storedBroken(firstOf)
	}
	v.check(s, firstOf)
	return nil
}

func (v *verifier) storedBroken(entry int64) {
	if !v.brokenSto {
		v.found(Stored, entry, "the stored hashes are not those of the tree, from entry %d on", entry)
		v.brokenSto = true
	}
}

// check holds a seal's checkpoint against the tree that its entries made.
func (v *verifier) check(s *sealRow, firstOf int64) {
	switch {
	case s.err != nil:
		v.found(Forged, firstOf, "the checkpoint over entries %d to %d does not hold: %v", firstOf, v.last, s.err)
	case s.point.Size != s.Size:
		v.found(Replayed, firstOf, "the checkpoint over entries %d to %d is that of %d entries, not of %d", firstOf, v.last, s.point.Size, s.Size)
	case s.point.Root != v.tree.root() && !v.broken:
		v.found(Rewritten, firstOf, "the checkpoint signs another tree than entries %d to %d make", firstOf, v.last)
		v.broken = true
	}
	if s.err != nil || s.point.Size != s.Size {
		return
	}
	if s.point.Time.Before(v.sealedAt.Add(-time.Second)) {
		v.found(Clock, firstOf, "entry %d was sealed at %s, before the seal that it follows, of %s", firstOf, s.point.Time.Format(time.RFC3339), v.sealedAt.Format(time.RFC3339))
	}
	v.sealedAt, v.r.SealedAt = s.point.Time, s.point.Time
}

// match holds the next sealed entry against the next entry that there is.
func (v *verifier) match(ctx context.Context, id int64, leaf tlog.Hash, entries *stream, sealedBy time.Time) error {
	for {
		e, ok, err := entries.peek()
		if err != nil {
			return err
		}
		if ok && v.seen[e.id] { // was told of out of its place
			delete(v.seen, e.id)
			entries.next()
			continue
		}
		if ok && e.id == id {
			entries.next()
			v.rows++
			if e.hash != leaf {
				v.found(Changed, id, "entry %d is not what was sealed", id)
			}
			v.clock(e, sealedBy)
			return nil
		}
		done, err := v.astray(ctx, id, leaf, e, ok, entries)
		if err != nil || done {
			return err
		}
	}
}

// astray finds out why the next entry is not the next sealed one. done tells that the sealed one is settled.
func (v *verifier) astray(ctx context.Context, id int64, leaf tlog.Hash, e item, ok bool, entries *stream) (done bool, err error) {
	if ok {
		var same int
		if err := v.look.GetContext(ctx, &same, `select count(*) from audit.entries where id = $1`, e.id); err != nil {
			return false, err
		}
		var sealed bool
		if err := v.look.GetContext(ctx, &sealed, `select exists (select from audit.seals where entries @> array[$1::bigint])`, e.id); err != nil {
			return false, err
		}
		switch {
		case same > 1:
			v.found(Duplicate, e.id, "number %d is borne by %d entries", e.id, same)
			entries.next()
			return len(v.r.Findings) >= enough, nil
		case !sealed:
			v.found(Inserted, e.id, "entry %d was never sealed and stands before entries that are", e.id)
			entries.next()
			return len(v.r.Findings) >= enough, nil
		}
	}
	var raw []byte
	err = v.look.GetContext(ctx, &raw, `select `+readEntry+` from audit.entries e where e.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		v.found(Missing, id, "entry %d was sealed and is no more", id)
		return true, nil
	}
	if err != nil {
		return false, err
	}
	var x Entry
	if err := x.scan(raw); err != nil {
		return false, err
	}
	var buf []byte
	if x.hash(&buf) != leaf {
		v.found(Changed, id, "entry %d is not what was sealed, and stands in another place", id)
	} else {
		v.found(Reordered, id, "entry %d does not stand where its transaction and its number put it", id)
	}
	v.seen[id] = true
	return true, nil
}

// clock holds the time of an entry against that of the entry before it and of its seal.
func (v *verifier) clock(e item, sealedBy time.Time) {
	if v.badClock {
		return
	}
	switch {
	case !sealedBy.IsZero() && e.at.After(sealedBy.Add(skew)):
		v.found(Clock, e.id, "entry %d says %s, after it was sealed at %s", e.id, e.at.Format(time.RFC3339), sealedBy.Format(time.RFC3339))
		v.badClock = true
	case !v.sealedAt.IsZero() && e.at.Before(v.sealedAt.Add(-longest)):
		v.found(Clock, e.id, "entry %d says %s, long before the seal that it follows, of %s", e.id, e.at.Format(time.RFC3339), v.sealedAt.Format(time.RFC3339))
		v.badClock = true
	}
}

// rest looks at the entries after the last seal.
func (v *verifier) rest(ctx context.Context, entries *stream) error {
	v.want(0)
	var horizon string
	if err := v.look.GetContext(ctx, &horizon, `select pg_snapshot_xmin(pg_current_snapshot())::text`); err != nil {
		return err
	}
	var oldest uint64
	if _, err := fmt.Sscan(horizon, &oldest); err != nil {
		return err
	}
	said := false
	for len(v.r.Findings) < enough {
		e, ok, err := entries.peek()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		entries.next()
		if v.seen[e.id] {
			continue
		}
		age := v.o.Now.Sub(e.at)
		limit := patience
		if e.xact >= oldest { // a transaction still runs before which it cannot be sealed
			limit = longest
		}
		if age > limit && !said {
			v.found(Unsealed, e.id, "entry %d waits for its seal since %s", e.id, e.at.Format(time.RFC3339))
			said = true
		}
		v.r.Unsealed++
	}
	var n struct {
		Count int64 `db:"count"`
		Max   int64 `db:"max"`
	}
	if err := v.look.GetContext(ctx, &n, `select count(*) as count, coalesce(max(id), 0) as max from audit.entries`); err != nil {
		return err
	}
	v.r.Unused = max(0, n.Max-n.Count)
	// A number is drawn and the clock is read in the same breath: in the order of numbers the clock does not go back, unless somebody set it back.
	var back []struct {
		ID  int64     `db:"id"`
		At  time.Time `db:"at"`
		Was time.Time `db:"was"`
	}
	if err := v.look.SelectContext(ctx, &back, `select id, at, was from (select id, at, lag(at) over (order by id) as was from audit.entries) e where at < was - $1 * interval '1 second' order by id limit 1`,
		int(skew.Seconds())); err != nil {
		return err
	}
	for _, b := range back {
		if !v.badClock {
			v.found(Clock, b.ID, "entry %d says %s, and the number before it %s", b.ID, b.At.UTC().Format(time.RFC3339), b.Was.UTC().Format(time.RFC3339))
		}
	}
	return nil
}

// anchors holds the tree against every checkpoint that lies outside.
func (v *verifier) anchors() {
	slices.SortStableFunc(v.held, func(a, b held) int { return int(a.point.Size - b.point.Size) })
	good := int64(0) // the largest size at which an anchor agrees
	for _, h := range v.held {
		switch {
		case h.err != nil:
			v.found(BadAnchor, 0, "%s: %v", h.where, h.err)
			continue
		case h.point.Size > v.tree.n:
			v.found(Cut, v.last, "%s counts %d entries at %s; the record ends with %d, at entry %d", h.where, h.point.Size, h.point.Time.Format(time.RFC3339), v.tree.n, v.last)
		case h.point.Root != v.roots[h.point.Size]:
			v.found(Split, v.at[good], "%s signs another tree of %d entries than ours: they may differ from entry %d on", h.where, h.point.Size, v.at[good])
		default:
			good = max(good, h.point.Size)
		}
		v.r.Anchors++
	}
}

// item is an entry as the walk needs it.
type item struct {
	id   int64
	xact uint64
	at   time.Time
	hash tlog.Hash
}

// stream reads entries in the order of the tree and hashes them on every core.
type stream struct {
	rows   *sql.Rows
	chunks chan *chunk
	now    []item
	err    error
	done   chan struct{}
}

type chunk struct {
	raw   [][]byte
	items []item
	err   error
	ready chan struct{}
}

const chunkSize = 2048

func openEntries(ctx context.Context, tx *sqlx.Tx) (*stream, error) {
	rows, err := tx.QueryContext(ctx, `select `+readEntry+` from audit.entries e order by e.xact, e.id`)
	if err != nil {
		return nil, err
	}
	s := &stream{rows: rows, chunks: make(chan *chunk, 2*runtime.GOMAXPROCS(0)), done: make(chan struct{})}
	go s.read(ctx)
	return s, nil
}

func (s *stream) read(ctx context.Context) {
	defer close(s.done)
	defer close(s.chunks)
	work := make(chan *chunk)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for c := range work {
				c.digest()
			}
		})
	}
	defer wg.Wait()
	defer close(work)
	for more := true; more; {
		c := &chunk{ready: make(chan struct{})}
		arena := make([]byte, 0, chunkSize*448)
		for len(c.raw) < chunkSize {
			if more = s.rows.Next(); !more {
				c.err = s.rows.Err()
				break
			}
			var raw sql.RawBytes
			if c.err = s.rows.Scan(&raw); c.err != nil {
				more = false
				break
			}
			start := len(arena)
			arena = append(arena, raw...) // a larger arena moves; what was cut from the old one stays where it is
			c.raw = append(c.raw, arena[start:len(arena):len(arena)])
		}
		select {
		case s.chunks <- c:
		case <-ctx.Done():
			return
		}
		select {
		case work <- c:
		case <-ctx.Done():
			return
		}
	}
}

func (c *chunk) digest() {
	defer close(c.ready)
	c.items = make([]item, len(c.raw))
	var buf []byte
	var e Entry
	for i, raw := range c.raw {
		if err := e.scan(raw); err != nil {
			c.err = err
			return
		}
		c.items[i] = item{e.ID, e.Xact, e.At, e.hash(&buf)}
	}
	c.raw = nil
}

// peek is the next entry.
func (s *stream) peek() (item, bool, error) {
	for len(s.now) == 0 {
		c, ok := <-s.chunks
		if !ok {
			return item{}, false, s.err
		}
		<-c.ready
		if c.err != nil {
			s.err = c.err
			return item{}, false, c.err
		}
		s.now = c.items
	}
	return s.now[0], true, nil
}

func (s *stream) next() { s.now = s.now[1:] }

// close ends the reading, whether or not all was read.
func (s *stream) close(stop context.CancelFunc) {
	stop()
	for range s.chunks {
	}
	<-s.done
	s.rows.Close()
}

// custody holds every file against the chain of custody of its case: links are entries of the record, what they link is said by the files' rows. A file that is gone is
// no fault where its whole case was erased, by two and on the record.
func (v *verifier) custody(ctx context.Context) error {
	if len(v.r.Findings) >= enough {
		return nil
	}
	var rows []struct {
		Case     string         `db:"case_id"`
		Evidence sql.NullString `db:"evidence"`
		Says     string         `db:"says"`
	}
	if err := v.look.SelectContext(ctx, &rows, `select case_id::text as case_id, evidence::text as evidence, says from audit.custody()`); err != nil {
		return err
	}
	files, erased := map[string]string{}, map[string]bool{}
	for _, r := range rows {
		if !r.Evidence.Valid {
			erased[r.Case] = true
			continue
		}
		files[r.Case+"/"+r.Evidence.String] = r.Says
	}
	var links []struct {
		ID   int64  `db:"id"`
		Case string `db:"case_id"`
		File string `db:"subject"`
		Link string `db:"reason"`
	}
	if err := v.look.SelectContext(ctx, &links, `select id, case_id::text as case_id, subject::text as subject, coalesce(reason, '') as reason from audit.entries where act = 'custody.link' order by id`); err != nil {
		return err
	}
	before := map[string]string{}
	for _, l := range links {
		says, there := files[l.Case+"/"+l.File]
		delete(files, l.Case+"/"+l.File)
		switch {
		case there && fmt.Sprintf("%x", sha256.Sum256([]byte(before[l.Case]+"|"+says))) != l.Link:
			v.found(Custody, l.ID, "the file that entry %d attached is not what was attached, or its chain was changed", l.ID)
		case !there && !erased[l.Case]:
			v.found(Custody, l.ID, "the file that entry %d attached is gone, and its case was not erased", l.ID)
		}
		before[l.Case] = l.Link
	}
	for name := range files {
		v.found(Custody, 0, "a file lies in case %s that nobody attached on the record", strings.Split(name, "/")[0])
	}
	return nil
}
