package casefile_test

import (
	"testing"

	"binhan/internal/casefile"
	"binhan/internal/pg"
	"binhan/internal/world/house"
)

// TestFilesOfOnePersonAreTiedForTheStatistics: by name and day of birth however it is spelled, or by the number of a card; never by a name alone; and no longer when the
// correction takes away what tied them.
func TestFilesOfOnePersonAreTiedForTheStatistics(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s := casefile.New(h.Gate)
	who := h.Actor(t, "tuvan.kontum")
	in := legacy(6)
	for i, p := range []struct{ name, born, card string }{
		{"Người Thử Nghiệm Một", "1990-02-03", "000000000001"},
		{"NGUOI  thử nghiệm một", "1990-02-03", ""},
		{"Người Thử Nghiệm Một", "1991-02-03", ""},
		{"Người Thử Nghiệm Một", "", ""},
		{"", "", "000000000002"},
		{"Thử", "1990-02-03", "0000 0000 0002"},
	} {
		x := &in.Cases[i].Person
		x.Name, x.BirthDate, x.IDNumber, x.Age = p.name, p.born, p.card, nil
	}
	if n, err := s.Import(t.Context(), who, in); err != nil || n != 6 {
		t.Fatal(n, err)
	}
	super := h.DB.Open(t, pg.Superuser)
	tied := func() (files []int) {
		t.Helper()
		if err := super.Select(&files, `select count(*) from stats.links l join stats.facts f using (fact_ref) group by token order by 1 desc`); err != nil {
			t.Fatal(err)
		}
		return files
	}
	if got := tied(); len(got) != 3 || got[0] != 2 || got[1] != 2 || got[2] != 1 {
		t.Errorf("files by person: %v, want 2, 2, 1 and one that cannot be tied", got)
	}
	p, err := s.List(t.Context(), who, casefile.Filter{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range p.Items {
		v, err := s.Read(t.Context(), who, row.ID)
		if err != nil {
			t.Fatal(err)
		}
		if v.Survivor.IDNumber == "000000000001" {
			if _, err := s.Correct(t.Context(), who, v.ID, v.Version, casefile.PatchOf([]byte(`{"survivor":{"name":"Người Thử Nghiệm Hai"}}`))); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := tied(); len(got) != 4 || got[0] != 2 {
		t.Errorf("files by person after a correction: %v", got)
	}
}
