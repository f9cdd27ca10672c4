package keyd

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/google/uuid"

	"binhan/internal/seal"
)

// Whatever bytes come, a parser neither panics nor takes a body that it would not have written: one message has one reading.
func FuzzRequests(f *testing.F) {
	id := uuid.New()
	w := seal.Wrapped{Compartment: seal.Identity, Key: bytes.Repeat([]byte{1}, 73)}
	who := seal.For{Actor: "a", Session: "s", Act: "case.read"}
	f.Add(byte(opNewKeys), newKeysRequest{id, seal.Compartments}.put(nil))
	f.Add(byte(opFresh), freshRequest{[]uuid.UUID{id, id}, seal.Compartments, []seal.Mark{{Index: "fact", Value: []byte("x")}}}.put(nil))
	f.Add(byte(opUnwrap), unwrapRequest{who, id, []seal.Wrapped{w, w}}.put(nil))
	f.Add(byte(opTies), tiesRequest{who, seal.TieQuestion{Self: []seal.Candidate{{Case: id, Key: w, Place: seal.CardPlace(id), Sealed: []byte("x")}}, Names: []seal.Card{{Name: "Thử", Commune: "1"}}, Communes: []string{"1"}}}.put(nil))
	f.Add(byte(opMatch), matchRequest{who, seal.Query{Name: "Thử", Phone: "0905", IDNumber: "1"}, []seal.Candidate{{Case: id, Key: w, Place: seal.Place{Table: "t", Column: "c", Row: id, Owner: id, Compartment: seal.Identity}, Sealed: []byte("x")}}}.put(nil))
	f.Add(byte(opMAC), macRequest{"fact", []byte("x")}.put(nil))
	f.Add(byte(opForget), askedRequest{who, []byte("{}")}.put(nil))
	f.Add(byte(opRewrap), rewrapRequest{[]RewrapItem{{Owner: id, Key: w, State: "moved"}}}.put(nil))
	f.Add(byte(opUnwrap), []byte{0xff, 0xff})
	f.Fuzz(func(t *testing.T, op byte, body []byte) {
		again := func(put func([]byte) []byte, err error) {
			if err == nil && !bytes.Equal(put(nil), body) {
				t.Errorf("operation %d: taken, and written otherwise", op)
			}
		}
		switch operation(op % byte(opEnd)) {
		case opNewKeys:
			r, err := parseNewKeys(body)
			again(r.put, err)
		case opFresh:
			r, err := parseFresh(body)
			again(r.put, err)
		case opUnwrap:
			r, err := parseUnwrap(body)
			again(r.put, err)
		case opMatch:
			r, err := parseMatch(body)
			again(r.put, err)
		case opTies:
			r, err := parseTies(body)
			again(r.put, err)
		case opMAC:
			r, err := parseMAC(body)
			again(r.put, err)
		case opSign, opForget:
			r, err := parseAsked(body)
			again(r.put, err)
		case opRewrapInside:
			r, err := parseInside(body)
			again(r.put, err)
		case opRewrap:
			r, err := parseRewrap(body)
			again(r.put, err)
		}
		_, _ = parseShare(string(body))
		_, _ = frame(bytes.NewReader(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)), nil, func([]byte) int { return maxSmall })
	})
}

// Property: over any moments and sizes the sum within a window is never above the budget.
func TestNoWindowEverHoldsMoreThanTheBudget(t *testing.T) {
	t.Parallel()
	const most = 100
	p := newPurse(Budgets{Window: time.Minute, Unwraps: most, AllUnwraps: 1 << 30, Searches: 1, SearchWindow: time.Minute, Marks: 1, Rewraps: 1})
	start := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	now, state := start, uint32(1)
	next := func(n uint32) uint32 { state = state*1664525 + 1013904223; return state >> 8 % n }
	type got struct {
		at time.Time
		n  int
	}
	var given []got
	for range 20_000 {
		now = now.Add(time.Duration(next(4000)%4000) * time.Millisecond)
		n := int(next(9)%9) + 1
		if _, err := p.spend(kindUnwraps, "a", n, now); err == nil {
			given = append(given, got{now, n})
		}
	}
	total, from := 0, 0
	for _, g := range given {
		total += g.n
		for g.at.Sub(given[from].at) >= time.Minute {
			total -= given[from].n
			from++
		}
		if total > most {
			t.Fatalf("%d within a window that ends at %v", total, g.at)
		}
	}
	if len(given) < 1000 {
		t.Fatal("hardly anything was given", len(given))
	}
}

func TestSharesAreReadInOneWayOnly(t *testing.T) {
	t.Parallel()
	secret := shareGroup.NewScalar()
	secret.SetUint64(12345)
	head, list, err := partRoot(secret, 3, 5)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		again, err := parseShare(s.text())
		if err != nil || again.text() != s.text() || len(s.text()) != 17*4+16 && len(s.text()) != 17*4+17 {
			t.Errorf("%d: %v, %d letters", s.number, err, len(s.text()))
		}
		// Every letter altered is noticed.
		letters := []byte(s.text())
		for i := range letters {
			if letters[i] == '-' {
				continue
			}
			bad := bytes.Clone(letters)
			bad[i] = map[bool]byte{true: 'K', false: 'M'}[letters[i] != 'K']
			if got, err := parseShare(string(bad)); err == nil {
				t.Errorf("letter %d altered: %d", i, got.number)
			}
		}
	}
	// Every three of the five give the root back; any two give something else.
	want, err := rootKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	for a := range list {
		for b := range list {
			for c := range list {
				if a == b || b == c || a == c {
					continue
				}
				joined, err := joinShares([]share{list[a], list[b], list[c]})
				if err != nil {
					t.Fatal(err)
				}
				got, err := rootKey(joined)
				if err != nil || !bytes.Equal(want, got) {
					t.Errorf("%d %d %d: %v", a, b, c, err)
				}
			}
		}
	}
	if _, err := joinShares(list[:2]); err == nil {
		t.Error("two are enough")
	}
	var q quorum
	if err := q.add(list[0].text(), head); err != nil {
		t.Error(err)
	}
}
