// Package sealtest says what every key ring must hold to. The ring in a file and the key process pass the same suite.
//
// The people in it are made up.
package sealtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"

	"binhan/internal/seal"
)

var asker = seal.For{Actor: "u-1", Session: "s-1", Act: "case.read"}

// Run holds ring to the contract of seal.Ring.
func Run(t *testing.T, ring seal.Ring) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, seal.Ring){
		"WhatIsSealedOpensAgainAfterStoringTheKeys":             roundTrip,
		"LengthSaysLittle":                                      lengthSaysLittle,
		"NothingOpensInAnotherPlace":                            nothingOpensElsewhere,
		"NoAlteredByteOpens":                                    noAlteredByteOpens,
		"NoKeyServesAnotherOwnerOrCompartment":                  noKeyServesAnother,
		"KeysRefuseWhatTheyWereNotMadeFor":                      keysRefuse,
		"ClosedKeysDoNothing":                                   closedKeys,
		"ALaterKeySealsAndTheEarlierStillOpens":                 laterKey,
		"MarksAreEqualForEqualValuesOfOneIndexOnly":             marks,
		"KeysAndMarksAskedForTogetherAreThoseOfSingleQuestions": together,
		"MatchFindsPeopleAsTheirNamesAreGiven":                  matchNames,
		"MatchFindsNumbersHoweverTheyAreWritten":                matchNumbers,
		"MatchPutsTheClosestSpellingFirst":                      matchOrder,
		"MatchTellsDamagedRowsAndStillFindsTheOthers":           matchDamaged,
		"TiesTellThatTwoStandNearAndNothingElse":                ties,
		"TooMuchAtOnceIsRefused":                                tooMuch,
		"AnEndedRequestIsNotServed":                             endedRequest,
		"NothingPrintsAKeyOrAName":                              nothingPrints,
		"ManyMayAskAtOnce":                                      manyAtOnce,
		"NothingButACheckpointIsSigned":                         signsCheckpoints,
		"TheErasedStayErased":                                   forgets,
		"AnErasureWantsTwoPeopleAndAGround":                     erasureRefused,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, ring)
		})
	}
}

func newKeys(t *testing.T, ring seal.KeyRing, owner uuid.UUID, cs ...seal.Compartment) (*seal.Keys, []seal.Wrapped) {
	t.Helper()
	keys, ws, err := ring.NewKeys(context.Background(), owner, cs...)
	if err != nil {
		t.Fatalf("NewKeys(%v): %v", cs, err)
	}
	t.Cleanup(keys.Close)
	return keys, ws
}

func mustSeal(t *testing.T, keys *seal.Keys, p seal.Place, plain []byte) []byte {
	t.Helper()
	sealed, err := keys.Seal(p, plain)
	if err != nil {
		t.Fatalf("Seal: %v", err)
	}
	return sealed
}

func place(owner uuid.UUID, c seal.Compartment) seal.Place {
	return seal.Place{Table: "cases", Column: string(c) + "_sealed", Row: owner, Owner: owner, Compartment: c}
}

func roundTrip(t *testing.T, ring seal.Ring) {
	owner := uuid.New()
	keys, ws := newKeys(t, ring, owner, seal.Compartments...)
	var got []seal.Compartment
	for _, w := range ws {
		got = append(got, w.Compartment)
	}
	if diff := cmp.Diff(seal.Compartments, got); diff != "" {
		t.Fatalf("wrapped keys are not in the order asked (-want +got):\n%s", diff)
	}
	again, err := ring.Unwrap(context.Background(), asker, owner, ws...)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	for _, c := range seal.Compartments {
		for _, n := range []int{0, 1, 251, 252, 253, 1020, 1021, 70_000, seal.MaxPlain} {
			plain := bytes.Repeat([]byte{0xC7}, n)
			sealed := mustSeal(t, keys, place(owner, c), plain)
			if n >= 16 && bytes.Contains(sealed, plain[:16]) { // four equal bytes stand in four million by chance now and then
				t.Errorf("%s, %d bytes: the sealed value holds the plaintext", c, n)
			}
			opened, err := again.Open(place(owner, c), sealed)
			if err != nil || !bytes.Equal(opened, plain) {
				t.Errorf("%s, %d bytes: Open gave %d bytes, %v", c, n, len(opened), err)
			}
		}
		a, b := mustSeal(t, keys, place(owner, c), []byte("x")), mustSeal(t, keys, place(owner, c), []byte("x"))
		if bytes.Equal(a, b) {
			t.Errorf("%s: equal texts seal to equal values", c)
		}
	}
}

func lengthSaysLittle(t *testing.T, ring seal.Ring) {
	owner := uuid.New()
	keys, _ := newKeys(t, ring, owner, seal.Compartments...)
	for c, step := range map[seal.Compartment]int{seal.Identity: 256, seal.Safety: 256, seal.Evidence: 256, seal.Narrative: 1024, seal.Disclosure: 1024} {
		lengths := map[int]bool{}
		for n := 0; n <= 2*step-4; n++ {
			lengths[len(mustSeal(t, keys, place(owner, c), make([]byte, n)))] = true
		}
		if len(lengths) != 2 {
			t.Errorf("%s: texts up to %d bytes have %d different sealed lengths, want 2", c, 2*step-4, len(lengths))
		}
	}
}

func nothingOpensElsewhere(t *testing.T, ring seal.Ring) {
	owners := []uuid.UUID{uuid.New(), uuid.New()}
	rows := []uuid.UUID{uuid.New(), uuid.New()}
	keys := map[uuid.UUID]*seal.Keys{}
	for _, o := range owners {
		keys[o], _ = newKeys(t, ring, o, seal.Compartments...)
	}
	var places []seal.Place
	for _, table := range []string{"cases", "case_notes"} {
		for _, column := range []string{"a", "b"} {
			for _, row := range append(rows, owners...) {
				for _, owner := range owners {
					for _, c := range seal.Compartments {
						places = append(places, seal.Place{Table: table, Column: column, Row: row, Owner: owner, Compartment: c})
					}
				}
			}
		}
	}
	pairs := 0
	for i, from := range places {
		sealed := mustSeal(t, keys[from.Owner], from, []byte("Người Thử Nghiệm Một"))
		for j, to := range places {
			got, err := keys[to.Owner].Open(to, sealed)
			if (i == j) != (err == nil) || err != nil && (!errors.Is(err, seal.ErrForged) || got != nil) {
				t.Fatalf("sealed at %+v, opened at %+v: %v", from, to, err)
			}
			pairs++
		}
	}
	if want := 160 * 160; pairs != want {
		t.Fatalf("tried %d pairs, want %d", pairs, want)
	}
}

func noAlteredByteOpens(t *testing.T, ring seal.Ring) {
	ctx, owner := context.Background(), uuid.New()
	keys, ws := newKeys(t, ring, owner, seal.Safety)
	p := place(owner, seal.Safety)
	sealed := mustSeal(t, keys, p, []byte("nhà dì Thử Nghiệm"))
	for i := range sealed {
		for _, bit := range []byte{0x01, 0x80} {
			bad := bytes.Clone(sealed)
			bad[i] ^= bit
			if _, err := keys.Open(p, bad); !errors.Is(err, seal.ErrForged) {
				t.Fatalf("byte %d altered: %v", i, err)
			}
		}
	}
	for _, bad := range [][]byte{nil, {}, {1}, sealed[:len(sealed)-1], sealed[:9], append(bytes.Clone(sealed), 0), append(bytes.Clone(sealed), make([]byte, 256)...)} {
		if _, err := keys.Open(p, bad); !errors.Is(err, seal.ErrForged) {
			t.Fatalf("%d bytes of %d: %v", len(bad), len(sealed), err)
		}
	}
	for i := range ws[0].Key {
		bad := seal.Wrapped{Compartment: seal.Safety, Key: bytes.Clone(ws[0].Key)}
		bad.Key[i] ^= 0x40
		if _, err := ring.Unwrap(ctx, asker, owner, bad); !errors.Is(err, seal.ErrForged) {
			t.Fatalf("wrapped key, byte %d altered: %v", i, err)
		}
	}
	for _, key := range [][]byte{nil, {1}, ws[0].Key[:len(ws[0].Key)-1], append(bytes.Clone(ws[0].Key), 0)} {
		if _, err := ring.Unwrap(ctx, asker, owner, seal.Wrapped{Compartment: seal.Safety, Key: key}); !errors.Is(err, seal.ErrForged) {
			t.Fatalf("wrapped key of %d bytes: %v", len(key), err)
		}
	}
}

func noKeyServesAnother(t *testing.T, ring seal.Ring) {
	ctx, owner := context.Background(), uuid.New()
	_, ws := newKeys(t, ring, owner, seal.Compartments...)
	for _, w := range ws {
		if _, err := ring.Unwrap(ctx, asker, uuid.New(), w); !errors.Is(err, seal.ErrForged) {
			t.Errorf("%s key of another owner: %v", w.Compartment, err)
		}
		for _, c := range append([]seal.Compartment{"", "shelter"}, seal.Compartments...) {
			_, err := ring.Unwrap(ctx, asker, owner, seal.Wrapped{Compartment: c, Key: w.Key})
			if c != w.Compartment && !errors.Is(err, seal.ErrForged) {
				t.Errorf("%s key called %q: %v", w.Compartment, c, err)
			}
		}
	}
}

func keysRefuse(t *testing.T, ring seal.Ring) {
	owner := uuid.New()
	keys, _ := newKeys(t, ring, owner, seal.Identity, seal.Narrative)
	if !keys.Has(seal.Identity) || !keys.Has(seal.Narrative) || keys.Has(seal.Safety) || keys.Has("") {
		t.Error("Has does not tell which compartments are open")
	}
	good := place(owner, seal.Identity)
	sealed := mustSeal(t, keys, good, []byte("x"))
	for name, c := range map[string]struct {
		place seal.Place
		want  error
	}{
		"a compartment without key": {place(owner, seal.Safety), seal.ErrNoKey},
		"another owner":             {place(uuid.New(), seal.Identity), seal.ErrNoKey},
		"no table":                  {seal.Place{Column: "a", Row: owner, Owner: owner, Compartment: seal.Identity}, seal.ErrPlace},
		"no column":                 {seal.Place{Table: "a", Row: owner, Owner: owner, Compartment: seal.Identity}, seal.ErrPlace},
		"no row":                    {seal.Place{Table: "a", Column: "a", Owner: owner, Compartment: seal.Identity}, seal.ErrPlace},
		"no owner":                  {seal.Place{Table: "a", Column: "a", Row: owner, Compartment: seal.Identity}, seal.ErrPlace},
		"no compartment":            {seal.Place{Table: "a", Column: "a", Row: owner, Owner: owner}, seal.ErrPlace},
		"a compartment of nobody":   {place(owner, "shelter"), seal.ErrPlace},
		"a table name too long":     {seal.Place{Table: strings.Repeat("a", 64), Column: "a", Row: owner, Owner: owner, Compartment: seal.Identity}, seal.ErrPlace},
	} {
		if _, err := keys.Seal(c.place, []byte("x")); !errors.Is(err, c.want) {
			t.Errorf("Seal for %s: %v, want %v", name, err, c.want)
		}
		if _, err := keys.Open(c.place, sealed); !errors.Is(err, c.want) {
			t.Errorf("Open for %s: %v, want %v", name, err, c.want)
		}
	}
	ctx := context.Background()
	for name, ask := range map[string]func() error{
		"nobody":                  func() error { _, _, err := ring.NewKeys(ctx, uuid.Nil, seal.Identity); return err },
		"no compartment":          func() error { _, _, err := ring.NewKeys(ctx, owner); return err },
		"an unknown compartment":  func() error { _, _, err := ring.NewKeys(ctx, owner, "shelter"); return err },
		"a compartment twice":     func() error { _, _, err := ring.NewKeys(ctx, owner, seal.Safety, seal.Safety); return err },
		"unwrapping for nobody":   func() error { _, err := ring.Unwrap(ctx, asker, uuid.Nil); return err },
		"a mark without an index": func() error { _, err := ring.MAC(ctx, "", []byte("x")); return err },
		"a mark of an odd index":  func() error { _, err := ring.MAC(ctx, "fact|x", []byte("x")); return err },
		"nobody among several": func() error {
			_, _, _, err := ring.Fresh(ctx, []uuid.UUID{owner, uuid.Nil}, []seal.Compartment{seal.Identity}, nil)
			return err
		},
		"several without a compartment": func() error { _, _, _, err := ring.Fresh(ctx, []uuid.UUID{owner}, nil, nil); return err },
		"marks, one of an odd index": func() error {
			_, _, _, err := ring.Fresh(ctx, nil, nil, []seal.Mark{{Index: "fact", Value: []byte("x")}, {Index: "fact|x", Value: []byte("x")}})
			return err
		},
	} {
		if err := ask(); !errors.Is(err, seal.ErrPlace) {
			t.Errorf("keys for %s: %v", name, err)
		}
	}
	none, err := ring.Unwrap(ctx, asker, owner)
	if err != nil || none.Has(seal.Identity) {
		t.Errorf("unwrapping nothing: %v", err)
	}
}

func closedKeys(t *testing.T, ring seal.Ring) {
	owner := uuid.New()
	keys, _ := newKeys(t, ring, owner, seal.Identity)
	p := place(owner, seal.Identity)
	sealed := mustSeal(t, keys, p, []byte("x"))
	keys.Close()
	keys.Close()
	if keys.Has(seal.Identity) {
		t.Error("closed keys still have a compartment")
	}
	if _, err := keys.Seal(p, []byte("x")); !errors.Is(err, seal.ErrClosed) {
		t.Errorf("Seal after Close: %v", err)
	}
	if _, err := keys.Open(p, sealed); !errors.Is(err, seal.ErrClosed) {
		t.Errorf("Open after Close: %v", err)
	}
	var none *seal.Keys
	none.Close()
	if _, err := none.Open(p, sealed); !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("Open without keys: %v", err)
	}
}

func laterKey(t *testing.T, ring seal.Ring) {
	ctx, owner := context.Background(), uuid.New()
	old, first := newKeys(t, ring, owner, seal.Narrative)
	_, second := newKeys(t, ring, owner, seal.Narrative)
	p := place(owner, seal.Narrative)
	before := mustSeal(t, old, p, []byte("trước"))
	both, err := ring.Unwrap(ctx, asker, owner, first[0], second[0])
	if err != nil {
		t.Fatal(err)
	}
	defer both.Close()
	if got, err := both.Open(p, before); err != nil || string(got) != "trước" {
		t.Errorf("value under the earlier key: %q, %v", got, err)
	}
	after := mustSeal(t, both, p, []byte("sau"))
	if _, err := old.Open(p, after); !errors.Is(err, seal.ErrForged) {
		t.Errorf("value under the later key opened with the earlier alone: %v", err)
	}
}

func marks(t *testing.T, ring seal.Ring) {
	ctx := context.Background()
	seen := map[string]string{}
	for _, index := range []string{"fact", "phone", "id_number", "name"} {
		for _, value := range []string{"", "0905000001", "0905000002"} {
			a, err := ring.MAC(ctx, index, []byte(value))
			if err != nil || len(a) != 32 {
				t.Fatalf("MAC(%s): %d bytes, %v", index, len(a), err)
			}
			b, err := ring.MAC(ctx, index, []byte(value))
			if err != nil || !bytes.Equal(a, b) {
				t.Errorf("MAC(%s) is not the same twice: %v", index, err)
			}
			if other, ok := seen[string(a)]; ok {
				t.Errorf("%s/%q has the mark of %s", index, value, other)
			}
			seen[string(a)] = fmt.Sprintf("%s/%q", index, value)
		}
	}
}

// together: keys and marks that are asked for in one question are those that single questions would give.
func together(t *testing.T, ring seal.Ring) {
	ctx := context.Background()
	owners := []uuid.UUID{uuid.New(), uuid.New(), uuid.New()}
	var asked []seal.Mark
	for i := range 21 {
		asked = append(asked, seal.Mark{Index: []string{"fact", "phone", "name"}[i%3], Value: fmt.Append(nil, i/2)})
	}
	keys, ws, sums, err := ring.Fresh(ctx, owners, []seal.Compartment{seal.Safety, seal.Identity}, asked)
	if err != nil || len(keys) != len(owners) || len(ws) != len(owners) || len(sums) != len(asked) {
		t.Fatalf("%d keys, %d wrapped, %d marks, %v", len(keys), len(ws), len(sums), err)
	}
	for i, m := range asked {
		if one, err := ring.MAC(ctx, m.Index, m.Value); err != nil || !bytes.Equal(one, sums[i]) {
			t.Errorf("mark %d of many is another than alone: %v", i, err)
		}
	}
	for i, owner := range owners {
		if len(ws[i]) != 2 || ws[i][0].Compartment != seal.Safety || ws[i][1].Compartment != seal.Identity {
			t.Fatalf("wrapped for owner %d: %v", i, ws[i])
		}
		p := seal.Place{Table: "survivors", Column: "identity", Row: owner, Owner: owner, Compartment: seal.Identity}
		sealed := mustSeal(t, keys[i], p, []byte("của ai nấy giữ"))
		again, err := ring.Unwrap(ctx, asker, owner, ws[i]...)
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := again.Open(p, sealed); err != nil || string(plain) != "của ai nấy giữ" {
			t.Errorf("owner %d: %v", i, err)
		}
		if _, err := ring.Unwrap(ctx, asker, owners[(i+1)%3], ws[i]...); !errors.Is(err, seal.ErrForged) {
			t.Errorf("keys of owner %d opened for another: %v", i, err)
		}
	}
	if _, _, sums, err := ring.Fresh(ctx, nil, nil, asked[:1]); err != nil || len(sums) != 1 {
		t.Errorf("a mark without an owner: %v", err)
	}
	if _, _, _, err := ring.Fresh(ctx, make([]uuid.UUID, seal.MaxFresh+1), []seal.Compartment{seal.Identity}, nil); !errors.Is(err, seal.ErrTooMuch) {
		t.Errorf("too many owners: %v", err)
	}
	if _, _, _, err := ring.Fresh(ctx, nil, nil, make([]seal.Mark, seal.MaxMarks+1)); !errors.Is(err, seal.ErrTooMuch) {
		t.Errorf("too many marks: %v", err)
	}
}

// Row makes a candidate of a case of its own.
func Row(t testing.TB, ring seal.KeyRing, name, phone, idNumber string) seal.Candidate {
	t.Helper()
	id := uuid.New()
	keys, ws, err := ring.NewKeys(context.Background(), id, seal.Identity)
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	plain, err := json.Marshal(map[string]any{"name": name, "phone": phone, "id_number": idNumber, "birth_year": 1990, "perpetrators": []any{map[string]any{"name": "Người Khác"}}})
	if err != nil {
		t.Fatal(err)
	}
	p := place(id, seal.Identity)
	sealed, err := keys.Seal(p, plain)
	if err != nil {
		t.Fatal(err)
	}
	return seal.Candidate{Case: id, Key: ws[0], Place: p, Sealed: sealed}
}

// match tells the positions of the rows found.
func match(t *testing.T, ring seal.KeyRing, q seal.Query, rows []seal.Candidate) []int {
	t.Helper()
	ids, err := ring.Match(context.Background(), asker, q, rows)
	if err != nil {
		t.Fatalf("Match: %v", err)
	}
	at := []int{}
	for _, id := range ids {
		for i, row := range rows {
			if row.Case == id {
				at = append(at, i)
			}
		}
	}
	return at
}

func matchNames(t *testing.T, ring seal.Ring) {
	for _, c := range []struct {
		asked, stored string
		want          bool
	}{
		{"Nguyễn Thị Thử Lan", "Nguyễn Thị Thử Lan", true},
		{"nguyen thi thu lan", "Nguyễn Thị Thử Lan", true},
		{"NGUYỄN  THỊ\tTHỬ LAN ", "Nguyễn Thị Thử Lan", true},
		{"Lan Thử", "Nguyễn Thị Thử Lan", true},    // order free, middle names missing
		{"Nguyễn Lan", "Nguyễn Thị Thử Lan", true}, // middle names missing in the question
		{"Nguyễn Thị Thử Lan", "Nguyễn Lan", true}, // missing in the record
		{"Nguyễn Thị Thử Lan", "Lan", false},       // one stored syllable is not enough
		{"Lan", "Nguyễn Thị Thử Lan", true},
		{"Đào Thử", "Ðào Thử", true}, // Ð typed for Đ
		{"dao thu", "Đào Thử", true},
		{"Thúy", "Trần Thuý", true},
		{"Hòa", "Trần Hoà", true},
		{"Lí Thử", "Lý Thử", true},
		{"Nguyển Thử", "Nguyễn Thử", true},             // hỏi for ngã
		{"Nguyen\u0302\u0303 Thử", "Nguyễn Thử", true}, // decomposed
		{"Nguyn Thử", "Nguyễn Thử", true},              // a letter left out
		{"Nguyeen Thử", "Nguyễn Thử", true},            // a letter too many
		{"Ngiyen Thử", "Nguyễn Thử", true},             // a letter changed
		{"Ngyn Thử", "Nguyễn Thử", false},              // two letters off
		{"Nguyn Thuu", "Nguyễn Thử", false},            // a letter off in two syllables
		{"An Thử", "Ân Thử", true},
		{"Am Thử", "An Thử", false}, // two letters are too few to guess
		{"H'Thử Niê", "H’Thử Niê", true},
		{"HThử Niê", "H'Thử Niê", true},
		{"Y Thử", "Y Thử", true},
		{"A Thử", "Y Thử", false},
		{"Ƀă Thử", "ba thu", true},
		{"Lan Lan", "Nguyễn Thử Lan", false}, // a syllable counts once
		{"Trần Thử", "Nguyễn Thử", false},
		{"Lan", "", false},
	} {
		row := Row(t, ring, c.stored, "0905000001", "001000000001")
		if got := len(match(t, ring, seal.Query{Name: c.asked}, []seal.Candidate{row})) == 1; got != c.want {
			t.Errorf("%q finds %q: %v, want %v", c.asked, c.stored, got, c.want)
		}
	}
}

func matchNumbers(t *testing.T, ring seal.Ring) {
	rows := []seal.Candidate{
		Row(t, ring, "Người Thử Một", "0905 000.001", "062190000001"),
		Row(t, ring, "Người Thử Hai", "+84905000002", "B1234567"),
		Row(t, ring, "Người Thử Ba", "", ""),
	}
	for _, c := range []struct {
		q    seal.Query
		want []int
	}{
		{seal.Query{Phone: "0905000001"}, []int{0}},
		{seal.Query{Phone: "+84 905 000 001"}, []int{0}},
		{seal.Query{Phone: "84.905.000.001"}, []int{0}},
		{seal.Query{Phone: "0084905000001"}, []int{0}},
		{seal.Query{Phone: "905-000-002"}, []int{1}},
		{seal.Query{Phone: "0905000003"}, []int{}},
		{seal.Query{Phone: "0905"}, []int{}},
		{seal.Query{IDNumber: "062 190 000001"}, []int{0}},
		{seal.Query{IDNumber: "06219000000"}, []int{}},
		{seal.Query{IDNumber: "b 1234567"}, []int{1}},
		{seal.Query{IDNumber: "1234567"}, []int{}},
		{seal.Query{Name: "thử", Phone: "0905000002"}, []int{1}},
		{seal.Query{Name: "một", Phone: "0905000002"}, []int{}},
	} {
		if diff := cmp.Diff(c.want, match(t, ring, c.q, rows)); diff != "" {
			t.Errorf("name given %v, phone %s, id %s (-want +got):\n%s", c.q.Name != "", c.q.Phone, c.q.IDNumber, diff)
		}
	}
	for _, q := range []seal.Query{{}, {Name: " "}, {Name: "---"}, {Phone: "không số"}, {Name: "thử", Phone: "--"}, {IDNumber: "/"}} {
		if _, err := ring.Match(context.Background(), asker, q, rows); !errors.Is(err, seal.ErrNoQuery) {
			t.Errorf("a query for nothing: %v", err)
		}
	}
}

func matchOrder(t *testing.T, ring seal.Ring) {
	rows := []seal.Candidate{
		Row(t, ring, "Nguyễn Thị Túy", "", ""),      // a letter off
		Row(t, ring, "Nguyễn Thị Thui", "", ""),     // i for y
		Row(t, ring, "Nguyễn Thị Thủy", "", ""),     // other marks
		Row(t, ring, "Nguyễn Thị Thử Thúy", "", ""), // a middle name more
		Row(t, ring, "Thúy Nguyễn Thị", "", ""),     // other order
		Row(t, ring, "Nguyễn Thị Thúy", "", ""),     // herself
		Row(t, ring, "Trần Thị Thúy", "", ""),       // somebody else
	}
	if diff := cmp.Diff([]int{5, 4, 3, 2, 1, 0}, match(t, ring, seal.Query{Name: "nguyễn thị thúy"}, rows)); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func matchDamaged(t *testing.T, ring seal.Ring) {
	rows := []seal.Candidate{
		Row(t, ring, "Người Thử Một", "", ""), Row(t, ring, "Người Thử Hai", "", ""), Row(t, ring, "Người Thử Ba", "", ""),
		Row(t, ring, "Người Thử Bốn", "", ""), Row(t, ring, "Người Thử Năm", "", ""), Row(t, ring, "Người Thử Sáu", "", ""),
	}
	rows[1].Sealed, rows[2].Sealed = rows[2].Sealed, rows[1].Sealed                   // swapped between cases
	rows[3].Sealed = append(bytes.Clone(rows[3].Sealed[:40]), rows[3].Sealed[41:]...) // cut
	rows[4].Case = uuid.New()                                                         // another case's row under this id
	ids, err := ring.Match(context.Background(), asker, seal.Query{Name: "thử"}, rows)
	var damaged *seal.Damaged
	if !errors.As(err, &damaged) || !errors.Is(err, seal.ErrForged) {
		t.Fatalf("damaged rows went unnoticed: %v", err)
	}
	if diff := cmp.Diff([]uuid.UUID{rows[1].Case, rows[2].Case, rows[3].Case, rows[4].Case}, damaged.Cases); diff != "" {
		t.Errorf("damaged (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]uuid.UUID{rows[0].Case, rows[5].Case}, ids); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
}

func ties(t *testing.T, ring seal.Ring) {
	ctx := context.Background()
	sealed := func(p seal.Place, v any) seal.Candidate {
		plain, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		keys, ws := newKeys(t, ring, p.Owner, p.Compartment)
		return seal.Candidate{Case: p.Owner, Key: ws[0], Place: p, Sealed: mustSeal(t, keys, p, plain)}
	}
	part := func(id uuid.UUID, table, column string, c seal.Compartment) seal.Place {
		return seal.Place{Table: table, Column: column, Row: id, Owner: id, Compartment: c}
	}
	card := func(c seal.Card) seal.Candidate {
		return sealed(seal.CardPlace(uuid.New()), c)
	}
	id := uuid.New()
	parts := []seal.Candidate{
		sealed(part(id, "survivors", "identity", seal.Identity), map[string]string{"name": "Đinh Thị Thử Lan", "phone": "0905 000 001"}),
		sealed(part(id, "survivors", "safety", seal.Safety), map[string]string{"address": "Số 12 đường Thử Một"}),
		sealed(part(id, "incidents", "identity", seal.Identity), []string{"Võ Thử Chồng"}),
	}
	ask := func(q seal.TieQuestion) seal.Ties {
		t.Helper()
		got, err := ring.Ties(ctx, asker, q)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	for name, c := range map[string]struct {
		self  []seal.Candidate
		house []seal.Candidate
		names []seal.Card
		want  seal.Ties
	}{
		"nobody":              {},
		"a stranger":          {self: []seal.Candidate{card(seal.Card{Name: "Hồ Thử Ai", Commune: "01"})}},
		"his brother":         {self: []seal.Candidate{card(seal.Card{Name: "Võ Thử Em", Commune: "01"})}, want: seal.Ties{Tie: true}},
		"one house":           {self: []seal.Candidate{card(seal.Card{Name: "Hồ Thử Ai", Commune: "01", Address: "12 Thử Một"})}, want: seal.Ties{Tie: true}},
		"a colleague, sealed": {house: []seal.Candidate{card(seal.Card{Name: "X Y", Phone: "+84905000001"})}, want: seal.Ties{House: true}},
		"a colleague, named":  {names: []seal.Card{{Name: "Võ Thử Chồng", Commune: "01"}}, want: seal.Ties{House: true}},
	} {
		if diff := cmp.Diff(c.want, ask(seal.TieQuestion{Self: c.self, House: c.house, Names: c.names, Communes: []string{"01"}, Parts: parts})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	moved := parts[0]
	moved.Place = parts[1].Place
	stolen := card(seal.Card{Name: "Võ Thử Em", Commune: "01"})
	stolen.Place.Row = uuid.New()
	if got := ask(seal.TieQuestion{Self: []seal.Candidate{stolen}, Communes: []string{"01"}, Parts: []seal.Candidate{moved, parts[2]}}); got != (seal.Ties{Damaged: 2}) {
		t.Errorf("what was moved counted: %+v", got)
	}
	many := make([]seal.Candidate, seal.MaxParts+1)
	if _, err := ring.Ties(ctx, asker, seal.TieQuestion{Parts: many}); !errors.Is(err, seal.ErrTooMuch) {
		t.Errorf("too many parts: %v", err)
	}
}

func tooMuch(t *testing.T, ring seal.Ring) {
	ctx, owner := context.Background(), uuid.New()
	keys, ws := newKeys(t, ring, owner, seal.Narrative)
	if _, err := keys.Seal(place(owner, seal.Narrative), make([]byte, seal.MaxPlain+1)); !errors.Is(err, seal.ErrTooMuch) {
		t.Errorf("a value too long: %v", err)
	}
	many := make([]seal.Wrapped, seal.MaxUnwrap+1)
	for i := range many {
		many[i] = ws[0]
	}
	if _, err := ring.Unwrap(ctx, asker, owner, many...); !errors.Is(err, seal.ErrTooMuch) {
		t.Errorf("too many keys: %v", err)
	}
	row := Row(t, ring, "Người Thử Một", "", "")
	rows := make([]seal.Candidate, seal.MaxMatch+1)
	for i := range rows {
		rows[i] = row
	}
	if _, err := ring.Match(ctx, asker, seal.Query{Name: "thử"}, rows); !errors.Is(err, seal.ErrTooMuch) {
		t.Errorf("too many rows: %v", err)
	}
	if ids, err := ring.Match(ctx, asker, seal.Query{Name: "thử"}, rows[:seal.MaxMatch]); err != nil || len(ids) != seal.MaxMatch {
		t.Errorf("as many rows as are allowed: %d, %v", len(ids), err)
	}
	for _, q := range []seal.Query{{Name: strings.Repeat("a", 201)}, {Name: strings.Repeat("a ", 17)}, {Phone: strings.Repeat("0", 201)}} {
		if _, err := ring.Match(ctx, asker, q, rows[:1]); !errors.Is(err, seal.ErrTooMuch) {
			t.Errorf("a query too long: %v", err)
		}
	}
}

func endedRequest(t *testing.T, ring seal.Ring) {
	owner := uuid.New()
	_, ws := newKeys(t, ring, owner, seal.Identity)
	row := Row(t, ring, "Người Thử Một", "", "")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, ask := range map[string]func() error{
		"NewKeys": func() error { _, _, err := ring.NewKeys(ctx, owner, seal.Identity); return err },
		"Unwrap":  func() error { _, err := ring.Unwrap(ctx, asker, owner, ws...); return err },
		"MAC":     func() error { _, err := ring.MAC(ctx, "fact", owner[:]); return err },
		"Fresh": func() error {
			_, _, _, err := ring.Fresh(ctx, []uuid.UUID{uuid.New()}, []seal.Compartment{seal.Identity}, []seal.Mark{{Index: "fact", Value: owner[:]}})
			return err
		},
		"Sign":        func() error { _, err := ring.Sign(ctx, asker, seal.CheckpointText(0, [32]byte{})); return err },
		"VerifierKey": func() error { _, err := ring.VerifierKey(ctx); return err },
		"Forget": func() error {
			return ring.Forget(ctx, asker, seal.Erasure{Owners: []uuid.UUID{owner}, Ground: "test", Approvers: [2]string{"a", "b"}})
		},
		"Forgotten": func() error { _, err := ring.Forgotten(ctx, 0); return err },
		"Match": func() error {
			_, err := ring.Match(ctx, asker, seal.Query{Name: "thử"}, []seal.Candidate{row})
			return err
		},
	} {
		if err := ask(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func nothingPrints(t *testing.T, ring seal.Ring) {
	owner := uuid.New()
	keys, _ := newKeys(t, ring, owner, seal.Identity)
	query := seal.Query{Name: "Người Thử Một", Phone: "0905000001", IDNumber: "062190000001"}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "keys", keys, "value", *keys, "query", query, "pointer", &query)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "keys", keys, "value", *keys, "query", query, "pointer", &query)
	for _, v := range []any{keys, *keys, query, &query, struct{ Q seal.Query }{query}, []any{*keys, query}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&log, verb+"\n", v)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		log.Write(text)
	}
	for _, secret := range []string{"Thử", "0905000", "0621900", "aead", "0xc0", "\\u1eed", fmt.Sprintf("%x", "Thử")} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("printed %q:\n%s", secret, log.String())
		}
	}
	for _, want := range []string{"seal.Keys(…)", "seal.Query(…)"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("nothing printed as %s", want)
		}
	}
}

func manyAtOnce(t *testing.T, ring seal.Ring) {
	ctx, owner := context.Background(), uuid.New()
	keys, ws := newKeys(t, ring, owner, seal.Compartments...)
	p := place(owner, seal.Identity)
	sealed := mustSeal(t, keys, p, []byte("một"))
	row := Row(t, ring, "Người Thử Một", "", "")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				mine, err := ring.Unwrap(ctx, asker, owner, ws...)
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := mine.Open(p, sealed); err != nil || string(got) != "một" {
					t.Errorf("%q, %v", got, err)
				}
				mine.Close()
				if got, err := keys.Open(p, sealed); err != nil || string(got) != "một" {
					t.Errorf("%q, %v", got, err)
				}
				if _, err := ring.MAC(ctx, "fact", owner[:]); err != nil {
					t.Error(err)
				}
				if ids, err := ring.Match(ctx, asker, seal.Query{Name: "một"}, []seal.Candidate{row}); err != nil || len(ids) != 1 {
					t.Errorf("%d, %v", len(ids), err)
				}
			}
		})
	}
	group.Wait()
}

func signsCheckpoints(t *testing.T, ring seal.Ring) {
	ctx := context.Background()
	key, err := ring.VerifierKey(ctx)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(key)
	if err != nil || verifier.Name() != "binhan-audit" {
		t.Fatalf("verifier key %q: %v", key, err)
	}
	signer, err := seal.NewNoteSigner(ctx, ring, asker)
	if err != nil {
		t.Fatal(err)
	}
	root := sha256.Sum256([]byte("gốc"))
	for _, text := range [][]byte{seal.CheckpointText(0, root), seal.CheckpointText(1<<40, root, "2026-11-24T08:00:00Z", "trước nữa")} {
		signed, err := note.Sign(&note.Note{Text: string(text)}, signer)
		if err != nil {
			t.Fatal(err)
		}
		opened, err := note.Open(signed, note.VerifierList(verifier))
		if err != nil || opened.Text != string(text) || len(opened.Sigs) != 1 {
			t.Errorf("%v", err)
		}
		if sig, err := ring.Sign(ctx, asker, text); err != nil || len(sig) != 64 || verifier.Verify(append(text, '\n'), sig) {
			t.Errorf("the signature does not bind the text: %d bytes, %v", len(sig), err)
		}
	}
	good := string(seal.CheckpointText(7, root))
	for name, text := range map[string]string{
		"nothing":            "",
		"a word":             "x",
		"another origin":     strings.Replace(good, "binhan-audit", "binhan-other", 1),
		"a longer origin":    "x" + good,
		"a negative size":    strings.Replace(good, "\n7\n", "\n-7\n", 1),
		"a padded size":      strings.Replace(good, "\n7\n", "\n07\n", 1),
		"a size too large":   strings.Replace(good, "\n7\n", "\n99999999999999999999\n", 1),
		"a short hash":       "binhan-audit\n7\nAAAA\n",
		"no end of line":     strings.TrimSuffix(good, "\n"),
		"an empty line":      good + "\n",
		"a signature in it":  good + "— binhan-audit AAAA\n",
		"a control letter":   good + "a\x00\n",
		"bytes that are not": good + "\xff\n",
		"too long":           good + strings.Repeat("a", 5000) + "\n",
		"a key":              strings.Repeat("k", 32),
	} {
		if sig, err := ring.Sign(ctx, asker, []byte(text)); !errors.Is(err, seal.ErrNotCheckpoint) || sig != nil {
			t.Errorf("%s was signed: %v", name, err)
		}
	}
}

func forgets(t *testing.T, ring seal.Ring) {
	ctx, owner, other := context.Background(), uuid.New(), uuid.New()
	before, err := all(ctx, ring)
	if err != nil {
		t.Fatal(err)
	}
	open, ws := newKeys(t, ring, owner, seal.Identity, seal.Safety)
	_, kept := newKeys(t, ring, other, seal.Identity)
	row, stays := Row(t, ring, "Người Thử Quên", "", ""), Row(t, ring, "Người Thử Nhớ", "", "")
	e := seal.Erasure{Owners: []uuid.UUID{owner, row.Case}, Ground: "test.request", Approvers: [2]string{"duyet.mot", "duyet.hai"},
		At: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)}
	for range 2 { // a repeated request writes nothing more
		if err := ring.Forget(ctx, asker, e); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ring.Unwrap(ctx, asker, owner, ws...); !errors.Is(err, seal.ErrForgotten) {
		t.Errorf("keys of the erased: %v", err)
	}
	if _, err := ring.Unwrap(ctx, asker, owner, ws[0]); !errors.Is(err, seal.ErrForgotten) {
		t.Errorf("one key of the erased: %v", err)
	}
	if _, _, err := ring.NewKeys(ctx, owner, seal.Identity); !errors.Is(err, seal.ErrForgotten) {
		t.Errorf("new keys for the erased: %v", err)
	}
	if _, _, _, err := ring.Fresh(ctx, []uuid.UUID{uuid.New(), owner}, []seal.Compartment{seal.Identity}, nil); !errors.Is(err, seal.ErrForgotten) {
		t.Errorf("new keys for the erased among others: %v", err)
	}
	if !open.Has(seal.Identity) {
		t.Error("keys of an act under way were taken from its hands")
	}
	if keys, err := ring.Unwrap(ctx, asker, other, kept...); err != nil || !keys.Has(seal.Identity) {
		t.Errorf("keys of somebody else: %v", err)
	}
	if diff := cmp.Diff([]int{1}, match(t, ring, seal.Query{Name: "thử"}, []seal.Candidate{row, stays})); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	list, err := all(ctx, ring)
	if err != nil {
		t.Fatal(err)
	}
	var mine []seal.Erasure
	for i, got := range list {
		if got.Number != i+1 {
			t.Errorf("entry %d has number %d", i+1, got.Number)
		}
		if i >= len(before) && slices.Contains(got.Owners, owner) {
			got.Number = 0
			mine = append(mine, got)
		}
	}
	if diff := cmp.Diff([]seal.Erasure{e}, mine); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
	if rest, err := ring.Forgotten(ctx, len(list)+1000); err != nil || len(rest) != 0 {
		t.Errorf("behind the end: %d, %v", len(rest), err)
	}
}

// all reads the whole ledger.
func all(ctx context.Context, ring seal.Eraser) (list []seal.Erasure, err error) {
	for {
		more, err := ring.Forgotten(ctx, len(list))
		if err != nil || len(more) == 0 {
			return list, err
		}
		list = append(list, more...)
	}
}

func erasureRefused(t *testing.T, ring seal.Ring) {
	ctx, owner := context.Background(), uuid.New()
	_, ws := newKeys(t, ring, owner, seal.Identity)
	good := seal.Erasure{Owners: []uuid.UUID{owner}, Ground: "test.request", Approvers: [2]string{"duyet.mot", "duyet.hai"}}
	for name, spoil := range map[string]func(*seal.Erasure){
		"nobody":                        func(e *seal.Erasure) { e.Owners = nil },
		"a nil owner":                   func(e *seal.Erasure) { e.Owners = []uuid.UUID{owner, uuid.Nil} },
		"too many":                      func(e *seal.Erasure) { e.Owners = make([]uuid.UUID, seal.MaxForget+1) },
		"no ground":                     func(e *seal.Erasure) { e.Ground = "" },
		"a sentence as ground":          func(e *seal.Erasure) { e.Ground = "chị ấy xin" },
		"one approver":                  func(e *seal.Erasure) { e.Approvers[1] = "" },
		"no approver":                   func(e *seal.Erasure) { e.Approvers = [2]string{} },
		"one approver twice":            func(e *seal.Erasure) { e.Approvers[1] = e.Approvers[0] },
		"one approver in two spellings": func(e *seal.Erasure) { e.Approvers[1] = "Duyet.Mot" },
		"an approver with a line":       func(e *seal.Erasure) { e.Approvers[0] = "a\nb" },
	} {
		e := good
		spoil(&e)
		if err := ring.Forget(ctx, asker, e); !errors.Is(err, seal.ErrErasure) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if keys, err := ring.Unwrap(ctx, asker, owner, ws...); err != nil || !keys.Has(seal.Identity) {
		t.Errorf("a refused erasure erased: %v", err)
	}
}
