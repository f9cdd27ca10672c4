package casefile_test

import (
	"strconv"
	"testing"
	"time"

	"binhan/internal/casefile"
	"binhan/internal/pg"
	"binhan/internal/survivor"
	"binhan/internal/world/house"
)

func legacy(n int) casefile.Legacy {
	in := casefile.Legacy{Mapping: "thu", Scope: "so-thu"}
	age := 31
	for i := range n {
		in.Cases = append(in.Cases, casefile.LegacyCase{Key: []byte("dòng " + strconv.Itoa(i)), ReceivedAt: time.Date(2021, 3, 4, 5, 0, 0, 0, time.UTC), Area: "VUNG_1",
			Person: survivor.Person{Sex: "F", Age: &age}, Forms: []string{"PHYSICAL", "PSYCHOLOGICAL"}, Relationship: "HUSBAND", SexPerp: "M", Channel: "HOTLINE_OTHER"})
	}
	return in
}

func TestImportTakesEachRowOnceAndGivesItsFact(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s := casefile.New(h.Gate)
	who := h.Actor(t, "tuvan.kontum")
	if n, err := s.Import(t.Context(), who, legacy(300)); err != nil || n != 300 {
		t.Fatal(n, err)
	}
	if n, err := s.Import(t.Context(), who, legacy(310)); err != nil || n != 10 {
		t.Fatal("second run:", n, err)
	}
	p, err := s.List(t.Context(), who, casefile.Filter{Limit: 100})
	if err != nil || len(p.Items) != 100 || p.Next == nil {
		t.Fatal(len(p.Items), p.Next, err)
	}
	v, err := s.Read(t.Context(), who, p.Items[0].ID)
	if err != nil || v.Incidents[0].Forms[0] != "PHYSICAL" || *v.Survivor.Age != 31 || v.ReceivedOn != "2021-03-04" {
		t.Fatalf("%+v %v", v, err)
	}
	// A correction codes the case anew; its area, which no commune of ours gives, must not be lost.
	if _, err := s.Correct(t.Context(), who, v.ID, v.Version, casefile.PatchOf([]byte(`{"survivor":{"age":32}}`))); err != nil {
		t.Fatal(err)
	}
	var facts, entries int
	super := h.DB.Open(t, pg.Superuser)
	if err := super.Get(&facts, `select count(*) from stats.facts where scope = 'so-thu' and form = 'PHYSICAL' and age = 'A25_39' and relation = 'SPOUSE' and area = 'VUNG_1' and sex_perp = 'M'`); err != nil || facts != 310 {
		t.Error("facts:", facts, err)
	}
	if err := super.Get(&entries, `select count(distinct case_id) from audit.entries where act = 'case.import'`); err != nil || entries != 310 {
		t.Error("entries:", entries, err)
	}
}
