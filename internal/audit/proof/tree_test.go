package proof

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"log/slog"
	"slices"
	"testing"

	"github.com/jmoiron/sqlx"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"binhan/internal/pg"
)

// memory is a store of hashes as sumdb/tlog numbers them.
type memory []byte

func (m memory) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, x := range at {
		out[i] = tlog.Hash(m[32*x : 32*x+32])
	}
	return out, nil
}

func TestTheTreeIsThatOfSumdb(t *testing.T) {
	t.Parallel()
	var ours tree
	var stored, theirs memory
	for n := range int64(600) {
		leaf := tlog.RecordHash(binary.BigEndian.AppendUint64(nil, uint64(n)))
		stored = ours.add(leaf, stored)
		hashes, err := tlog.StoredHashesForRecordHash(n, leaf, theirs)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range hashes {
			theirs = append(theirs, h[:]...)
		}
		want, err := tlog.TreeHash(n+1, theirs)
		if err != nil {
			t.Fatal(err)
		}
		again, err := loadTree(n+1, theirs)
		if err != nil {
			t.Fatal(err)
		}
		if got := ours.root(); got != want || again.root() != want || !bytes.Equal(stored, theirs) {
			t.Fatalf("%d leaves: %s %s, not %s", n+1, got, again.root(), want)
		}
	}
	if empty, _ := tlog.TreeHash(0, nil); (&tree{}).root() != empty {
		t.Error("the empty tree")
	}
}

// FuzzDifferentEntriesGiveDifferentLeaves: a leaf can be read back, so no two entries share one.
func FuzzDifferentEntriesGiveDifferentLeaves(f *testing.F) {
	f.Add([]byte("case.read"), []byte{}, []byte("case"), []byte{1, 0, 0, 0, 0}, uint32(0b1011))
	f.Fuzz(func(t *testing.T, a, b, c, d []byte, empty uint32) {
		var e Entry
		for i := range e.bytes {
			if empty>>i&1 == 0 {
				e.bytes[i] = [][]byte{a, b, c, d}[i%4]
				if e.bytes[i] == nil {
					e.bytes[i] = []byte{}
				}
			}
		}
		leaf := e.appendLeaf(nil)
		back, err := parseLeaf(leaf)
		if err != nil {
			t.Fatal(err)
		}
		for i := range e.bytes {
			if (e.bytes[i] == nil) != (back.bytes[i] == nil) || !bytes.Equal(e.bytes[i], back.bytes[i]) {
				t.Fatalf("column %s came back as %q, not %q", columns[i], back.bytes[i], e.bytes[i])
			}
		}
		// And what is no leaf is not taken for one.
		for cut := range leaf {
			if back, err := parseLeaf(leaf[:cut]); err == nil && bytes.Equal(back.appendLeaf(nil), leaf) {
				t.Fatal("a cut leaf is the whole one")
			}
		}
	})
}

func FuzzRowsInAnyFormAreReadOrRefused(f *testing.F) {
	f.Add([]byte{0, 0, 0, 21})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var e Entry
		if e.scan(raw) == nil {
			if len(e.bytes[columnID]) != 8 {
				t.Fatal("an entry without a number was read")
			}
		}
	})
}

// TestWhateverCommitsIsSealedOnceAndInOrder runs transactions against each other in any order of begin, insert, commit and rollback, with seals in between.
func TestWhateverCommitsIsSealedOnceAndInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	writers := w.db.Open(t, pg.Superuser)
	writers.SetMaxOpenConns(6)
	const insert = `insert into audit.entries (act, kind, classes, decision) values ('case.read', 'case', '{}', 'allowed') returning id`
	rapid.Check(t, func(rt *rapid.T) {
		s := NewSealer(w.reader, w.ring, slog.New(slog.DiscardHandler), nil)
		s.batch = rapid.IntRange(1, 5).Draw(rt, "batch")
		open := map[int]*sqlx.Tx{}
		ids := map[int][]int64{}
		var committed []int64
		defer func() {
			for _, tx := range open {
				tx.Rollback()
			}
		}()
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			who := rapid.IntRange(0, 3).Draw(rt, "who")
			switch rapid.SampledFrom([]string{"insert", "insert", "commit", "rollback", "seal"}).Draw(rt, "what") {
			case "insert":
				if open[who] == nil {
					open[who], ids[who] = writers.MustBegin(), nil
				}
				var id int64
				if err := open[who].Get(&id, insert); err != nil {
					rt.Fatal(err)
				}
				ids[who] = append(ids[who], id)
			case "commit":
				if open[who] != nil {
					if err := open[who].Commit(); err != nil {
						rt.Fatal(err)
					}
					committed = append(committed, ids[who]...)
					delete(open, who)
				}
			case "rollback":
				if open[who] != nil {
					open[who].Rollback()
					delete(open, who)
				}
			case "seal":
				if _, err := s.Once(context.Background()); err != nil {
					rt.Fatal(err)
				}
			}
		}
		for who, tx := range open {
			tx.Rollback()
			delete(open, who)
		}
		w.seal(t)
		if r := w.verify(t); !r.Whole() || r.Unsealed != 0 {
			rt.Fatalf("%+v", r)
		}
		var sealed []int64
		if err := w.super.Select(&sealed, `select unnest(entries) from audit.seals order by size`); err != nil {
			rt.Fatal(err)
		}
		for _, id := range committed {
			if n := len(slices.DeleteFunc(slices.Clone(sealed), func(x int64) bool { return x != id })); n != 1 {
				rt.Fatalf("entry %d is sealed %d times", id, n)
			}
		}
	})
}

func BenchmarkLeaf(b *testing.B) {
	var e Entry
	for i := range e.bytes {
		e.bytes[i] = make([]byte, 12)
		rand.Read(e.bytes[i])
	}
	var tr tree
	var buf, stored []byte
	for b.Loop() {
		stored = tr.add(e.hash(&buf), stored[:0])
	}
}
