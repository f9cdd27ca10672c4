package rights_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"binhan/internal/app/apptest"
)

func TestWhatCannotBeARequestIsRefusedWithItsField(t *testing.T) {
	t.Parallel()
	s := served(t)
	holder, dpo := s.As(t, "tuvan.kontum"), s.As(t, "dpo")
	id, code := file(holder)
	in := func(d time.Duration) string { return time.Now().Add(d).Format(time.RFC3339) }
	got := map[string]string{}
	for name, body := range map[string]map[string]any{
		"nothing":                             {},
		"no kind":                             {"case": code, "identity_check": "KNOWN"},
		"unknown kind":                        {"case": code, "kind": "BURN", "identity_check": "KNOWN"},
		"not made sure who":                   {"case": code, "kind": "COPY"},
		"received tomorrow":                   {"case": code, "kind": "COPY", "identity_check": "KNOWN", "received_at": in(24 * time.Hour)},
		"received in 2020":                    {"case": code, "kind": "COPY", "identity_check": "KNOWN", "received_at": "2020-01-01T00:00:00Z"},
		"unknown case":                        {"case": "ZZZZ-51-26-Z", "kind": "COPY", "identity_check": "KNOWN"},
		"an id of nothing":                    {"case": uuid.NewString(), "kind": "COPY", "identity_check": "KNOWN"},
		"a statement":                         {"case": "'; drop table cases; --", "kind": "COPY", "identity_check": "KNOWN"},
		"words beyond all bound":              {"case": code, "kind": "COPY", "identity_check": "KNOWN", "words": strings.Repeat("ặ", 5001)},
		"a field of ours":                     {"case": code, "kind": "COPY", "identity_check": "KNOWN", "state": "DONE"},
		"an answer by a stranger to the list": {"case": code, "kind": "COPY", "identity_check": "KNOWN", "asked_by": "NEIGHBOUR"},
	} {
		a := dpo.Do("POST", "/api/v1/data-requests", body)
		got[name] = http.StatusText(a.Status) + " " + a.Text("errors.0.pointer")
	}
	const bad = "Unprocessable Entity "
	want := map[string]string{"nothing": bad + "/kind", "no kind": bad + "/kind", "unknown kind": bad + "/kind", "not made sure who": bad + "/identity_check", "received tomorrow": bad + "/received_at",
		"received in 2020": bad + "/received_at", "unknown case": bad + "/case", "an id of nothing": bad + "/case", "a statement": bad + "/case", "words beyond all bound": bad + "/words", "a field of ours": bad + "/state",
		"an answer by a stranger to the list": bad + "/asked_by"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// The holder speaks of her own cases only, and of one case; another's does not exist.
	holder.Must(http.StatusUnprocessableEntity, "POST", "/api/v1/data-requests", map[string]any{"kind": "COPY", "identity_check": "KNOWN"})
	s.As(t, "tuvan.ngochoi").Must(http.StatusNotFound, "POST", "/api/v1/data-requests", map[string]any{"case": code, "kind": "COPY", "identity_check": "KNOWN"})
	s.As(t, "tuvan.ngochoi").Must(http.StatusNotFound, "POST", "/api/v1/data-requests", map[string]any{"case": id, "kind": "COPY", "identity_check": "KNOWN"})
	// Asked twice at once or one after the other it is one request; the same key answers the same.
	key := []string{"Idempotency-Key", "mot-yeu-cau"}
	first := holder.Must(http.StatusCreated, "POST", "/api/v1/data-requests", map[string]any{"case": id, "kind": "COPY", "identity_check": "KNOWN"}, key...)
	again := holder.Must(http.StatusCreated, "POST", "/api/v1/data-requests", map[string]any{"case": id, "kind": "COPY", "identity_check": "KNOWN"}, key...)
	if first.Text("id") != again.Text("id") {
		t.Error("the same key made two requests")
	}
	holder.Must(http.StatusConflict, "POST", "/api/v1/data-requests", map[string]any{"case": id, "kind": "COPY", "identity_check": "KNOWN"})
	// Without a file there is a request all the same: it must be answered.
	none := dpo.Must(http.StatusCreated, "POST", "/api/v1/data-requests", map[string]any{"kind": "ACCESS", "identity_check": "NOT_SURE", "words": "Hỏi có dữ liệu không (thử)."})
	refused := dpo.Must(http.StatusOK, "POST", "/api/v1/data-requests/"+none.Text("id")+"/refusal", map[string]any{"code": "NO_FILE", "text": "Không có dữ liệu; có thể khiếu nại (thử)."})
	if refused.Text("ground") != "NO_FILE" || refused.Text("history.0.text") == "" {
		t.Errorf("%s", refused.Body)
	}
	dpo.Must(http.StatusUnprocessableEntity, "POST", "/api/v1/data-requests/"+first.Text("id")+"/refusal", map[string]any{"code": "BECAUSE", "text": "Vì vậy (thử)."})
	dpo.Must(http.StatusUnprocessableEntity, "POST", "/api/v1/data-requests/"+first.Text("id")+"/acknowledgement", map[string]any{"code": "COMPLEX"})
	dpo.Must(http.StatusNotFound, "POST", "/api/v1/data-requests/"+uuid.NewString()+"/acknowledgement", nil)
	dpo.Must(http.StatusNotFound, "POST", "/api/v1/data-requests/x/acknowledgement", nil)
	for _, q := range []string{"limit=0x", "limit=101", "cursor=%21", "case=x", "kind=BURN", "what=1"} {
		dpo.Must(http.StatusUnprocessableEntity, "GET", "/api/v1/data-requests?"+q, nil)
	}
	// A stranger's refusals are on the record.
	var refusals int
	if err := s.DB.Open(t, "postgres").Get(&refusals, `select count(*) from audit.entries where act = 'request.register' and decision = 'refused'`); err != nil || refusals != 2 {
		t.Error(refusals, err)
	}
}

func TestWhatCannotBeOfTheOtherStepsIsRefused(t *testing.T) {
	t.Parallel()
	s := served(t)
	holder, dpo, boss, other := s.As(t, "tuvan.kontum"), s.As(t, "dpo"), s.As(t, "giamsat.kontum"), s.As(t, "tuvan.ngochoi")
	id, code := file(holder)
	path := "/api/v1/cases/" + id
	yesterday := time.Now().AddDate(0, 0, -1).Format(time.DateOnly)
	for name, x := range map[string]struct {
		c      *apptest.Client
		status int
		path   string
		body   any
	}{
		"close for no reason":               {holder, 422, path + "/closure", map[string]any{"safety_checked": true}},
		"close for an unknown reason":       {holder, 422, path + "/closure", map[string]any{"reason": "TIRED", "safety_checked": true}},
		"close another's case":              {other, 404, path + "/closure", map[string]any{"reason": "SAFE", "safety_checked": true}},
		"close nothing":                     {holder, 404, "/api/v1/cases/" + uuid.NewString() + "/closure", map[string]any{"reason": "SAFE", "safety_checked": true}},
		"reopen what is open":               {holder, 409, path + "/reopening", map[string]any{"reason": "MISTAKE"}},
		"restrict without a ground":         {holder, 422, path + "/restriction", map[string]any{}},
		"restrict another's case":           {other, 404, path + "/restriction", map[string]any{"ground": "REQUEST"}},
		"restrict nothing":                  {dpo, 404, "/api/v1/cases/" + uuid.NewString() + "/restriction", map[string]any{"ground": "REQUEST"}},
		"lift what is not restricted":       {holder, 409, path + "/restriction/lifting", map[string]any{"ground": "SHE_AGREES"}},
		"copy another's case":               {other, 404, path + "/copy", map[string]any{}},
		"copy with a short passphrase":      {holder, 422, path + "/copy", map[string]any{"passphrase": "x"}},
		"hold until yesterday":              {dpo, 422, "/api/v1/holds", map[string]any{"case": code, "ground": "COMPLAINT", "until": yesterday}},
		"hold until no day":                 {dpo, 422, "/api/v1/holds", map[string]any{"case": code, "ground": "COMPLAINT", "until": "2026-02-30"}},
		"hold an unknown case":              {dpo, 422, "/api/v1/holds", map[string]any{"case": "ZZZZ", "ground": "COMPLAINT"}},
		"hold by the holder":                {holder, 404, "/api/v1/holds", map[string]any{"case": code, "ground": "COMPLAINT"}},
		"lift no hold":                      {dpo, 404, "/api/v1/holds/" + uuid.NewString() + "/lifting", nil},
		"erase without a request":           {holder, 409, "/api/v1/erasures", map[string]any{"case": id, "ground": "REQUEST"}},
		"erase before the term":             {boss, 409, "/api/v1/erasures", map[string]any{"case": id, "ground": "TERM"}},
		"erase another's case":              {other, 404, "/api/v1/erasures", map[string]any{"case": id, "ground": "CONSENT"}},
		"erase for no ground":               {holder, 422, "/api/v1/erasures", map[string]any{"case": id}},
		"approve nothing":                   {dpo, 404, "/api/v1/erasures/" + uuid.NewString() + "/approval", nil},
		"approve with a body of ours":       {dpo, 422, "/api/v1/erasures/" + uuid.NewString() + "/approval", map[string]any{"second_by": "dpo"}},
		"a breach of tomorrow":              {dpo, 422, "/api/v1/breaches", map[string]any{"detected_at": time.Now().Add(25 * time.Hour).Format(time.RFC3339), "kind": "INTEGRITY", "classes": []string{"identity"}, "words": map[string]any{"what": "x"}}},
		"a breach of nothing":               {dpo, 422, "/api/v1/breaches", map[string]any{"kind": "INTEGRITY", "classes": []string{}, "words": map[string]any{"what": "x"}}},
		"a breach of less than nobody":      {dpo, 422, "/api/v1/breaches", map[string]any{"kind": "INTEGRITY", "classes": []string{"identity"}, "people": -1, "words": map[string]any{"what": "x"}}},
		"a breach without words":            {dpo, 422, "/api/v1/breaches", map[string]any{"kind": "INTEGRITY", "classes": []string{"identity"}, "words": map[string]any{}}},
		"a breach recorded by a counsellor": {holder, 404, "/api/v1/breaches", map[string]any{"kind": "INTEGRITY", "classes": []string{"identity"}, "words": map[string]any{"what": "x"}}},
		"minutes of nothing":                {dpo, 404, "/api/v1/breaches/" + uuid.NewString() + "/minutes", map[string]any{"move": "note", "text": "x"}},
		"minutes of an unknown step":        {dpo, 422, "/api/v1/breaches/" + uuid.NewString() + "/minutes", map[string]any{"move": "forget"}},
	} {
		if got := x.c.Do("POST", x.path, x.body); got.Status != x.status {
			t.Errorf("%s: %d, want %d: %s", name, got.Status, x.status, got.Body)
		}
	}
	// The supervisor who proposes does not decide, however she comes; two officers of whom neither is of data protection do not either.
	s.Hire(t, "dpo.hai", "DPO", "noivu", "")
	second := s.As(t, "dpo.hai")
	erasure := "/api/v1/erasures/" + boss.Must(http.StatusCreated, "POST", "/api/v1/erasures", map[string]any{"case": id, "ground": "CONSENT"}).Text("id")
	boss.Must(http.StatusConflict, "POST", erasure+"/approval", nil)
	dpo.Must(http.StatusOK, "POST", erasure+"/approval", nil)
	dpo.Must(http.StatusConflict, "POST", erasure+"/approval", nil)
	if got := second.Must(http.StatusOK, "POST", erasure+"/approval", nil); got.Text("state") != "DONE" {
		t.Errorf("%s", got.Body)
	}
	second.Must(http.StatusConflict, "POST", erasure+"/refusal", nil)
	second.Must(http.StatusConflict, "POST", erasure+"/completion", nil)
}
