package rights_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/pg"
)

// A request to correct is done by corrections of the file since it came, which it names: which fields, when, by whom, never what stood there.
func TestARequestToCorrectIsDoneByNamingWhatWasCorrected(t *testing.T) {
	t.Parallel()
	s := served(t)
	holder, dpo := s.As(t, "tuvan.kontum"), s.As(t, "dpo")
	id, code := file(holder)
	correct := func(change map[string]any) string {
		version := holder.Must(http.StatusOK, "GET", "/api/v1/cases/"+id, nil)
		holder.Must(http.StatusOK, "PATCH", "/api/v1/cases/"+id, change, "If-Match", version.Header.Get("ETag"), "Content-Type", "application/merge-patch+json")
		return holder.Must(http.StatusOK, "GET", "/api/v1/cases/"+id+"/history", nil).Text("items.0.id")
	}
	before := correct(map[string]any{"survivor": map[string]any{"occupation": "WORKER"}})
	asked := dpo.Must(http.StatusCreated, "POST", "/api/v1/data-requests", map[string]any{"case": code, "kind": "RECTIFY", "identity_check": "CODE_WORD", "words": "Sai tên (thử)."})
	path := "/api/v1/data-requests/" + asked.Text("id")
	dpo.Must(http.StatusOK, "POST", path+"/acknowledgement", map[string]any{})
	// Nothing was corrected since, whoever says that it was; what was corrected before does not count.
	holder.Must(http.StatusConflict, "POST", path+"/completion", map[string]any{"text": "Đã sửa (thử)."})
	dpo.Must(http.StatusConflict, "POST", path+"/completion", map[string]any{"text": "Đã sửa (thử)."})
	holder.Must(http.StatusUnprocessableEntity, "POST", path+"/completion", map[string]any{"corrections": []string{before}})
	first := correct(map[string]any{"survivor": map[string]any{"name": "Người Thử Nghiệm Hai"}})
	second := correct(map[string]any{"narrative": "Lời kể đã sửa (thử)."})
	holder.Must(http.StatusUnprocessableEntity, "POST", path+"/completion", map[string]any{"corrections": []string{first, before}})
	holder.Must(http.StatusUnprocessableEntity, "POST", path+"/start", map[string]any{"corrections": []string{first}})
	done := holder.Must(http.StatusOK, "POST", path+"/completion", map[string]any{"corrections": []string{first, first}, "text": "Đã sửa tên (thử)."})
	if done.Text("state") != "DONE" || done.Len("corrected") != 1 || done.Text("corrected.0.id") != first || done.Text("corrected.0.fields.0") != "survivor.name" || done.Text("corrected.0.by.username") != "tuvan.kontum" {
		t.Errorf("%s", done.Body)
	}
	// The office reads the same, and nothing of what stood there.
	seen := dpo.Must(http.StatusOK, "GET", path, nil)
	if diff := cmp.Diff(done.At("corrected"), seen.At("corrected")); diff != "" || bytes.Contains(seen.Body, []byte("Nghiệm")) {
		t.Errorf("%s %s", diff, seen.Body)
	}
	// Without a choice all since it came are named.
	again := dpo.Must(http.StatusCreated, "POST", "/api/v1/data-requests", map[string]any{"case": code, "kind": "RECTIFY", "identity_check": "CODE_WORD", "words": "Sai nữa (thử)."})
	third := correct(map[string]any{"narrative": "Lời kể đã sửa lần nữa (thử)."})
	holder.Must(http.StatusOK, "POST", "/api/v1/data-requests/"+again.Text("id")+"/acknowledgement", map[string]any{})
	done = dpo.Must(http.StatusOK, "POST", "/api/v1/data-requests/"+again.Text("id")+"/completion", map[string]any{})
	if done.Len("corrected") != 1 || done.Text("corrected.0.id") != third || second == third {
		t.Errorf("%s", done.Body)
	}
}

// Making a copy and handing it over are steps on the record: who made it, who handed it to whom, how it was made sure who that is, when; once.
func TestACopyIsHandedOverOnceAndTheReceiptIsOnTheRecord(t *testing.T) {
	t.Parallel()
	s := served(t)
	holder, dpo := s.As(t, "tuvan.kontum"), s.As(t, "dpo")
	id, code := file(holder)
	dpo.Must(http.StatusCreated, "POST", "/api/v1/data-requests", map[string]any{"case": code, "kind": "COPY", "identity_check": "CODE_WORD", "words": "Xin bản sao (thử)."})
	made := holder.Must(http.StatusOK, "POST", "/api/v1/cases/"+id+"/copy", map[string]any{})
	z, err := zip.NewReader(bytes.NewReader(made.Body), int64(len(made.Body)))
	if err != nil {
		t.Fatal(err)
	}
	// One readable export: a page to read and print, and the same for machines, with the mark by which the receipt knows it.
	inside := map[string]bool{}
	var data struct {
		Mark string `json:"mark"`
		Case struct {
			Survivor struct {
				Name string `json:"name"`
			} `json:"survivor"`
		} `json:"case"`
	}
	for _, f := range z.File {
		inside[f.Name] = true
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		switch f.Name {
		case "data.json":
			if err := json.Unmarshal(raw, &data); err != nil || data.Case.Survivor.Name != "Người Thử Nghiệm Một" {
				t.Error(err, data)
			}
		case "index.html":
			if !bytes.Contains(raw, []byte("@media print")) || !bytes.Contains(raw, []byte("Người Thử Nghiệm Một")) {
				t.Error("the page does not print, or is not hers")
			}
		}
	}
	if diff := cmp.Diff(map[string]bool{"data.json": true, "index.html": true}, inside); diff != "" {
		t.Error(diff)
	}
	list := holder.Must(http.StatusOK, "GET", "/api/v1/cases/"+id+"/copies", nil)
	if list.Len("items") != 1 || list.Text("items.0.id") != data.Mark || list.At("items.0.handover") != nil || list.Text("items.0.request") == "" {
		t.Fatalf("%s", list.Body)
	}
	path := "/api/v1/cases/" + id + "/copies/" + data.Mark + "/handover"
	receipt := map[string]any{"to": "SELF", "identity_check": "CODE_WORD"}
	for _, who := range []string{"giamsat.kontum", "dpo", "quantri", "tuvan.ngochoi", "congan.ngochoi", "thanhtra"} {
		s.As(t, who).Must(http.StatusNotFound, "POST", path, receipt)
		s.As(t, who).Must(http.StatusNotFound, "GET", "/api/v1/cases/"+id+"/copies", nil)
	}
	other, _ := file(holder)
	holder.Must(http.StatusNotFound, "POST", "/api/v1/cases/"+other+"/copies/"+data.Mark+"/handover", receipt)
	holder.Must(http.StatusUnprocessableEntity, "POST", path, map[string]any{"to": "AI", "identity_check": ""})
	got := holder.Must(http.StatusCreated, "POST", path, receipt)
	if got.Text("handover.to") != "SELF" || got.Text("handover.identity_check") != "CODE_WORD" || got.Text("handover.by.username") != "tuvan.kontum" || got.Text("handover.at") == "" {
		t.Errorf("%s", got.Body)
	}
	holder.Must(http.StatusConflict, "POST", path, receipt)
	super := s.DB.Open(t, pg.Superuser)
	if _, err := super.Exec(`delete from rights.handovers`); err == nil {
		t.Error("a receipt was taken away")
	}
	var steps []string
	if err := super.Select(&steps, `select act || ' ' || reason from audit.entries where case_id = $1 and act = 'case.copy' and decision = 'allowed' and reason in ('copy', 'hand_over') order by id`, id); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"case.copy copy", "case.copy hand_over"}, steps); diff != "" {
		t.Error(diff)
	}
}

// A case under seal is there for its named people alone: the data protection officer is an office and no name. Her exact code finds nothing, no list of hers names it; named, she finds it.
func TestASealedCaseIsAbsentToTheOfficeUnlessItIsNamed(t *testing.T) {
	t.Parallel()
	s := served(t)
	holder, boss, dpo := s.As(t, "tuvan.kontum"), s.As(t, "giamsat.kontum"), s.As(t, "dpo")
	seal := func(id string, names ...string) {
		holder.Must(http.StatusAccepted, "POST", "/api/v1/cases/"+id+"/seal", map[string]any{"why": "STAFF", "names": names, "second": "giamsat.kontum"})
		waiting := boss.Must(http.StatusOK, "GET", "/api/v1/seals", nil)
		boss.Must(http.StatusNoContent, "POST", "/api/v1/seals/"+waiting.Text("items.0.id")+"/agreement", nil)
	}
	super := s.DB.Open(t, pg.Superuser)
	hidden, hiddenCode := file(holder)
	named, namedCode := file(holder)
	for _, id := range []string{hidden, named} { // both could be disposed of
		super.MustExec(`begin; set local session_replication_role = replica; insert into rights.terms (case_id, rule, starts_on, keep_until) values ('` + id + `', 'ADULT', '2010-01-01', '2020-12-31'); commit`)
	}
	open := func() string { return string(dpo.Must(http.StatusOK, "GET", "/api/v1/retention", nil).Body) }
	if got := open(); !bytes.Contains([]byte(got), []byte(hiddenCode)) || !bytes.Contains([]byte(got), []byte(namedCode)) {
		t.Fatal("the terms are not seen before the seal")
	}
	seal(hidden)
	seal(named, "dpo")
	if got := open(); bytes.Contains([]byte(got), []byte(hiddenCode)) || !bytes.Contains([]byte(got), []byte(namedCode)) {
		t.Errorf("%s", got)
	}
	ask := func(text string) []byte {
		a := dpo.Do("POST", "/api/v1/data-requests", map[string]any{"case": text, "kind": "COPY", "identity_check": "KNOWN", "words": "Thử."})
		return regexp.MustCompile(`urn:binhan:request:[0-9a-f]+`).ReplaceAll(append([]byte(http.StatusText(a.Status)), a.Body...), nil)
	}
	want := ask("ZZZZ-99-99-Z")
	for name, text := range map[string]string{"its code": hiddenCode, "its id": hidden} {
		if diff := cmp.Diff(string(want), string(ask(text))); diff != "" {
			t.Errorf("%s is not like a code that nobody has: %s", name, diff)
		}
		if hold, none := dpo.Do("POST", "/api/v1/holds", map[string]any{"case": text, "ground": "COMPLAINT"}), dpo.Do("POST", "/api/v1/holds", map[string]any{"case": "ZZZZ-99-99-Z", "ground": "COMPLAINT"}); hold.Status != none.Status || hold.Status < 400 {
			t.Errorf("a hold by %s: %d", name, hold.Status)
		}
		if e, none := dpo.Do("POST", "/api/v1/erasures", map[string]any{"case": text, "ground": "TERM"}), dpo.Do("POST", "/api/v1/erasures", map[string]any{"case": "ZZZZ-99-99-Z", "ground": "TERM"}); e.Status != none.Status || e.Status < 400 {
			t.Errorf("an erasure by %s: %d", name, e.Status)
		}
	}
	dpo.Must(http.StatusCreated, "POST", "/api/v1/data-requests", map[string]any{"case": namedCode, "kind": "COPY", "identity_check": "KNOWN", "words": "Thử."})
	// Its holder registers for her what she asks.
	holder.Must(http.StatusCreated, "POST", "/api/v1/data-requests", map[string]any{"case": hiddenCode, "kind": "COPY", "identity_check": "KNOWN", "words": "Thử."})
}
