package rights_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/pg"
)

var golden = filepath.Join("testdata", "processing.golden.json")

// TestTheProcessingRecordIsTheOneThatWasRead keeps a column, a role or a flow from being added without whoever answers for the data having read it. `make golden`
// writes it anew.
func TestTheProcessingRecordIsTheOneThatWasRead(t *testing.T) {
	t.Parallel()
	s := served(t)
	got := s.As(t, "dpo").Must(http.StatusOK, "GET", "/api/v1/processing-record", nil)
	var tree any
	if err := json.Unmarshal(got.Body, &tree); err != nil {
		t.Fatal(err)
	}
	raw, err := json.MarshalIndent(tree, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	raw = append(raw, '\n')
	if os.Getenv("BINHAN_TEST_GOLDEN") == "write" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(raw), "\n")); diff != "" {
		t.Errorf("the processing record changed and nobody has read it: run make golden and read the difference\n%s", diff)
	}
	// The auditor reads it too; nobody else does.
	if a := s.As(t, "thanhtra").Must(http.StatusOK, "GET", "/api/v1/processing-record", nil); string(a.Body) != string(got.Body) {
		t.Error("the auditor reads another record")
	}
	for _, other := range []string{"tuvan.kontum", "giamsat.kontum", "quantri", "thongke.sldtbxh", "congan.ngochoi"} {
		s.As(t, other).Must(http.StatusNotFound, "GET", "/api/v1/processing-record", nil)
	}
}

// TestAColumnWithoutAClassIsFoundByTheRecord adds one and looks for it.
func TestAColumnWithoutAClassIsFoundByTheRecord(t *testing.T) {
	t.Parallel()
	s := served(t)
	unclassified := func() []string {
		p, err := s.App.Rights.Processing(t.Context(), s.Actor(t, "dpo"), "vi")
		if err != nil {
			t.Fatal(err)
		}
		return p.Unclassified()
	}
	if got := unclassified(); len(got) != 0 {
		t.Errorf("columns without a class: %v", got)
	}
	s.DB.Open(t, pg.Superuser).MustExec(`alter table cases add column forgotten text`)
	if diff := cmp.Diff([]string{"public.cases.forgotten"}, unclassified()); diff != "" {
		t.Error(diff)
	}
}
