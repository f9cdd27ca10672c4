package rights_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/world"
)

func upload(t *testing.T) (body []byte, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	f, err := w.CreateFormFile("file", "anh-thu.txt")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, "Nội dung tệp thử nghiệm.")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), w.FormDataContentType()
}

func TestARestrictedCaseIsReadAndNeitherChangedNorShared(t *testing.T) {
	t.Parallel()
	s := served(t)
	holder, dpo, police := s.As(t, "tuvan.kontum"), s.As(t, "dpo"), s.As(t, "congan.ngochoi")
	id, code := file(holder)
	path := "/api/v1/cases/" + id
	consent := holder.Must(http.StatusCreated, "POST", path+"/consents", map[string]any{"purpose": "SHARE_POLICE", "recipient": "POLICE_COMMUNE", "fields": []string{"name"}, "decision": "GIVEN"}).Text("id")
	refer := func(extra map[string]any) map[string]any {
		b := map[string]any{"service": "SAFETY", "to": world.OrgID("congan-boy").String(), "priority": "P1", "fields": []string{"name"}}
		for k, v := range extra {
			b[k] = v
		}
		return b
	}
	sent := "/api/v1/referrals/" + holder.Must(http.StatusCreated, "POST", path+"/referrals", refer(map[string]any{"consent": consent})).Text("id")
	asked := dpo.Must(http.StatusCreated, "POST", "/api/v1/data-requests", map[string]any{"case": code, "kind": "RESTRICT", "identity_check": "KNOWN"})
	request := "/api/v1/data-requests/" + asked.Text("id")
	dpo.Must(http.StatusOK, "POST", request+"/acknowledgement", nil)
	holder.Must(http.StatusConflict, "POST", request+"/completion", nil) // not before the deed
	holder.Must(http.StatusCreated, "POST", path+"/restriction", map[string]any{"ground": "REQUEST"})
	dpo.Must(http.StatusConflict, "POST", path+"/restriction", map[string]any{"ground": "REQUEST"})
	holder.Must(http.StatusOK, "POST", request+"/completion", nil)
	version := holder.Must(http.StatusOK, "GET", path, nil).Header.Get("ETag")
	body, kind := upload(t)
	got := map[string]int{
		"correct":              holder.Do("PATCH", path, map[string]any{"risk": "LOW"}, "If-Match", version).Status,
		"add an incident":      holder.Do("POST", path+"/incidents", map[string]any{"precision": "unknown"}).Status,
		"attach":               holder.Do("POST", path+"/evidence", body, "Content-Type", kind).Status,
		"send":                 holder.Do("POST", path+"/referrals", refer(map[string]any{"consent": consent, "service": "INVESTIGATE"})).Status,
		"accept":               police.Do("POST", sent+"/acceptance", nil).Status,
		"close":                holder.Do("POST", path+"/closure", map[string]any{"reason": "SAFE", "safety_checked": true}).Status,
		"send in an emergency": holder.Do("POST", path+"/referrals", refer(map[string]any{"service": "INVESTIGATE", "legal_basis": map[string]any{"code": "EMERGENCY", "reason": "Nguy hiểm đến tính mạng (thử)."}})).Status,
		"withdraw a referral":  holder.Do("POST", sent+"/withdrawal", map[string]any{"reason": "Theo yêu cầu (thử)."}).Status,
		"take a consent back":  holder.Do("POST", "/api/v1/consents/"+consent+"/withdrawal", map[string]any{"reason": "Theo yêu cầu (thử)."}).Status,
	}
	want := map[string]int{"correct": 409, "add an incident": 409, "attach": 409, "send": 409, "accept": 409, "close": 409, "send in an emergency": 201, "withdraw a referral": 200, "take a consent back": 200}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// A statement that slipped in meets the trigger.
	if _, err := s.DB.Open(t, pg.Superuser).Exec(`update survivors set safety = safety where case_id = $1`, id); err == nil {
		t.Error("a statement changed a restricted case")
	}
	holder.Must(http.StatusOK, "POST", path+"/restriction/lifting", map[string]any{"ground": "SHE_AGREES"})
	holder.Must(http.StatusConflict, "POST", path+"/restriction/lifting", map[string]any{"ground": "SHE_AGREES"})
	holder.Must(http.StatusOK, "PATCH", path, map[string]any{"risk": "LOW"}, "If-Match", version)
}

func TestACaseIsClosedWithoutOpenReferralsAndItsTermRuns(t *testing.T) {
	t.Parallel()
	s := served(t)
	holder, dpo, boss := s.As(t, "tuvan.kontum"), s.As(t, "dpo"), s.As(t, "giamsat.kontum")
	id, _ := file(holder)
	path := "/api/v1/cases/" + id
	sent := holder.Must(http.StatusCreated, "POST", path+"/referrals", map[string]any{"service": "SAFETY", "to": world.OrgID("congan-boy").String(), "priority": "P1", "fields": []string{"name"}, "legal_basis": map[string]any{"code": "EMERGENCY", "reason": "Nguy hiểm (thử)."}}).Text("id")
	holder.Must(http.StatusUnprocessableEntity, "POST", path+"/closure", map[string]any{"reason": "SAFE"})
	holder.Must(http.StatusConflict, "POST", path+"/closure", map[string]any{"reason": "SAFE", "safety_checked": true})
	holder.Must(http.StatusOK, "POST", "/api/v1/referrals/"+sent+"/withdrawal", map[string]any{"reason": "Thử."})
	s.As(t, "tuvan.ngochoi").Must(http.StatusNotFound, "POST", path+"/closure", map[string]any{"reason": "SAFE", "safety_checked": true})
	closed := holder.Must(http.StatusCreated, "POST", path+"/closure", map[string]any{"reason": "SAFE", "safety_checked": true})
	if want := fmt.Sprintf("%d-12-31", time.Now().Year()+10); closed.Text("keep_until") != want || closed.Text("rule") != "ADULT" {
		t.Errorf("%s", closed.Body)
	}
	// The statistics of the year of closing know the reason, the first service and how long it waited, and no case.
	late := func() (said []string) {
		if err := s.DB.Open(t, pg.Superuser).Select(&said, `select service || ' ' || outcome || ' ' || time_bin || ' ' || form from stats.late_facts`); err != nil {
			t.Fatal(err)
		}
		return said
	}
	if got := late(); len(got) != 1 || !strings.HasPrefix(got[0], "SAFETY SAFE NONE ") {
		t.Errorf("closing told the statistics %q", got)
	}
	holder.Must(http.StatusConflict, "POST", path+"/closure", map[string]any{"reason": "SAFE", "safety_checked": true})
	version := holder.Must(http.StatusOK, "GET", path, nil).Header.Get("ETag")
	holder.Must(http.StatusConflict, "PATCH", path, map[string]any{"risk": "LOW"}, "If-Match", version)
	holder.Must(http.StatusConflict, "POST", path+"/incidents", map[string]any{"precision": "unknown"})
	// Before its term nobody proposes to erase it; after it, it is due for both who decide.
	holder.Must(http.StatusConflict, "POST", "/api/v1/erasures", map[string]any{"case": id, "ground": "TERM"})
	if got := boss.Must(http.StatusOK, "GET", "/api/v1/retention", nil); got.Len("due") != 0 {
		t.Errorf("%s", got.Body)
	}
	if _, err := s.DB.Open(t, pg.Superuser).Exec(`begin; set local session_replication_role = replica; update rights.terms set starts_on = '2010-01-01', keep_until = '2020-12-31'; commit`); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*apptest.Client{boss, dpo} {
		if got := c.Must(http.StatusOK, "GET", "/api/v1/retention", nil); got.Len("due") != 1 || got.At("due.0.over") != true || got.Text("due.0.case.id") != id {
			t.Errorf("%s: %s", c.Name, got.Body)
		}
	}
	holder.Must(http.StatusNotFound, "GET", "/api/v1/retention", nil)
	erasure := holder.Must(http.StatusCreated, "POST", "/api/v1/erasures", map[string]any{"case": id, "ground": "TERM"})
	holder.Must(http.StatusConflict, "POST", "/api/v1/erasures", map[string]any{"case": id, "ground": "TERM"})
	// Taken up again, the term stops, and with it the ground.
	holder.Must(http.StatusCreated, "POST", path+"/reopening", map[string]any{"reason": "SHE_RETURNS"})
	if got := late(); len(got) != 0 {
		t.Errorf("taken up again, and still closed for the statistics: %q", got)
	}
	holder.Must(http.StatusConflict, "POST", path+"/reopening", map[string]any{"reason": "SHE_RETURNS"})
	dpo.Must(http.StatusConflict, "POST", "/api/v1/erasures/"+erasure.Text("id")+"/approval", nil)
	dpo.Must(http.StatusOK, "POST", "/api/v1/erasures/"+erasure.Text("id")+"/refusal", nil)
}

func TestWhatWasCorrectedStaysSealedForTheHolder(t *testing.T) {
	t.Parallel()
	s := served(t)
	holder := s.As(t, "tuvan.kontum")
	id, _ := file(holder)
	path := "/api/v1/cases/" + id
	before := holder.Must(http.StatusOK, "GET", path, nil)
	holder.Must(http.StatusOK, "PATCH", path, map[string]any{"survivor": map[string]any{"name": "Người Thử Nghiệm Hai", "address": "Thôn Thử Mới"}, "risk": "HIGH"}, "If-Match", before.Header.Get("ETag"))
	got := holder.Must(http.StatusOK, "GET", path+"/history", nil)
	if got.Len("items") != 1 || got.Text("items.0.by.username") != "tuvan.kontum" {
		t.Fatalf("%s", got.Body)
	}
	if diff := cmp.Diff([]any{"risk", "survivor.address", "survivor.name"}, got.At("items.0.fields")); diff != "" {
		t.Error(diff)
	}
	old, _ := got.At("items.0.before.survivor").(map[string]any)
	if old["survivor.name"] != before.Text("survivor.name") || got.Text("items.0.before.address") != before.Text("survivor.address") {
		t.Errorf("%s", got.Body)
	}
	for _, other := range []string{"giamsat.kontum", "dpo", "tuvan.ngochoi", "quantri"} {
		s.As(t, other).Must(http.StatusNotFound, "GET", path+"/history", nil)
	}
	var leaked int
	super := s.DB.Open(t, pg.Superuser)
	if err := super.Get(&leaked, `select count(*) from case_history h where h::text like '%' || encode(convert_to('Nghiệm Một', 'UTF8'), 'hex') || '%'`); err != nil || leaked != 0 {
		t.Error("the old value lies in the clear", leaked, err)
	}
	if _, err := super.Exec(`update case_history set fields = '{x}'`); err == nil {
		t.Error("history was rewritten")
	}
}

func TestAWithdrawalIsDoneWhenTheConsentIsTakenBack(t *testing.T) {
	t.Parallel()
	s := served(t)
	holder, dpo := s.As(t, "tuvan.kontum"), s.As(t, "dpo")
	id, code := file(holder)
	consent := holder.Must(http.StatusCreated, "POST", "/api/v1/cases/"+id+"/consents", map[string]any{"purpose": "SHARE_POLICE", "fields": []string{"name"}, "decision": "GIVEN"}).Text("id")
	request := "/api/v1/data-requests/" + dpo.Must(http.StatusCreated, "POST", "/api/v1/data-requests", map[string]any{"case": code, "kind": "WITHDRAW", "identity_check": "SAFE_CALLBACK"}).Text("id")
	dpo.Must(http.StatusOK, "POST", request+"/acknowledgement", nil)
	dpo.Must(http.StatusConflict, "POST", request+"/completion", nil)
	holder.Must(http.StatusOK, "POST", "/api/v1/consents/"+consent+"/withdrawal", map[string]any{"reason": "Theo yêu cầu (thử)."})
	dpo.Must(http.StatusOK, "POST", request+"/completion", nil)
}

func TestWithoutAnAgreementTheSenderIsWarnedOrRefused(t *testing.T) {
	t.Parallel()
	s := served(t)
	holder, dpo := s.As(t, "tuvan.kontum"), s.As(t, "dpo")
	id, _ := file(holder)
	path := "/api/v1/cases/" + id
	consent := holder.Must(http.StatusCreated, "POST", path+"/consents", map[string]any{"purpose": "SHARE_POLICE", "recipient": "POLICE_COMMUNE", "fields": []string{"name"}, "decision": "GIVEN"}).Text("id")
	refer := func(status int, extra map[string]any) apptest.Answer {
		b := map[string]any{"service": "SAFETY", "to": world.OrgID("congan-boy").String(), "priority": "P1", "fields": []string{"name"}}
		for k, v := range extra {
			b[k] = v
		}
		return holder.Must(status, "POST", path+"/referrals", b)
	}
	end := func(a apptest.Answer) {
		holder.Must(http.StatusOK, "POST", "/api/v1/referrals/"+a.Text("id")+"/withdrawal", map[string]any{"reason": "Thử."})
	}
	warned := refer(http.StatusCreated, map[string]any{"consent": consent})
	if warned.At("no_agreement") != true {
		t.Errorf("%s", warned.Body)
	}
	end(warned)
	s.App.Referrals.NeedsAgreement = true
	refer(http.StatusConflict, map[string]any{"consent": consent})
	draft := refer(http.StatusCreated, map[string]any{"consent": consent, "draft": true})
	holder.Must(http.StatusConflict, "POST", "/api/v1/referrals/"+draft.Text("id")+"/sending", nil)
	end(draft)
	end(refer(http.StatusCreated, map[string]any{"legal_basis": map[string]any{"code": "EMERGENCY", "reason": "Nguy hiểm (thử)."}}))
	dpo.Must(http.StatusCreated, "POST", "/api/v1/agreements", map[string]any{"organisation": world.OrgID("congan-boy").String(), "number": "01/QCPH-THU", "signed_on": "2026-03-01", "purposes": []string{"SHARE_POLICE"}})
	if sent := refer(http.StatusCreated, map[string]any{"consent": consent}); sent.At("no_agreement") != nil {
		t.Errorf("%s", sent.Body)
	}
}

// read opens a copy and gives its files by name.
func read(t *testing.T, raw []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(b)
	}
	return out
}

func TestACopyHoldsAllThatIsHersAndNothingOfOthers(t *testing.T) {
	t.Parallel()
	w := everything(t, served(t))
	path := "/api/v1/cases/" + w.id + "/copy"
	for _, other := range []*apptest.Client{w.dpo, w.boss, w.police} {
		other.Must(http.StatusNotFound, "POST", path, map[string]any{})
	}
	answer := w.holder.Must(http.StatusOK, "POST", path, map[string]any{"files": true})
	if name := answer.Header.Get("Content-Disposition"); !strings.HasPrefix(name, `attachment; filename="tai-lieu-`) || answer.Header.Get("Cache-Control") != "no-store" {
		t.Error(name, answer.Header.Get("Cache-Control"))
	}
	inside := read(t, answer.Body)
	for _, want := range []string{"Nghiệm Một", "0900 000 001", "Công an xã Bờ Y", "Người chứng thử", "Lời kể đã sửa", "Tư Vấn Thử Một", "Bản này có thể bị người khác thấy", "Bản sao số", "Khiếu nại"} {
		if !strings.Contains(inside["index.html"], want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for name, content := range inside {
		for _, never := range []string{"Kẻ Thử", "<no value>", "rights.copy_"} {
			if strings.Contains(content, never) {
				t.Errorf("%s holds %q", name, never)
			}
		}
	}
	if inside["tep/01-anh-thu.txt"] != "Nội dung tệp thử nghiệm." {
		t.Errorf("files: %v", len(inside))
	}
	w.holder.Must(http.StatusUnprocessableEntity, "POST", path, map[string]any{"passphrase": "ngắn"})
	closed := w.holder.Must(http.StatusOK, "POST", path, map[string]any{"passphrase": "một cụm đủ dài (thử)"})
	if bytes.Contains(closed.Body, []byte("index.html")) {
		t.Error("the protected copy is open")
	}
	key, err := age.NewScryptIdentity("một cụm đủ dài (thử)")
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(closed.Body), key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if plain := read(t, raw); plain["data.json"] == "" || plain["tep/01-anh-thu.txt"] != "" {
		t.Error("what was locked is not the copy without files")
	}
	var copies int
	if err := w.DB.Open(t, pg.Superuser).Get(&copies, `select count(*) from rights.copies where case_id = $1`, w.id); err != nil || copies != 2 {
		t.Error(copies, err)
	}
}

func TestABreachRunsItsClocksAndNothingOfItIsDeleted(t *testing.T) {
	t.Parallel()
	s := served(t)
	dpo, auditor := s.As(t, "dpo"), s.As(t, "thanhtra")
	detected := time.Now().Add(-25 * time.Hour).UTC().Truncate(time.Second)
	made := dpo.Must(http.StatusCreated, "POST", "/api/v1/breaches", map[string]any{"detected_at": detected.Format(time.RFC3339), "kind": "CONFIDENTIALITY", "serious": true, "classes": []string{"identity", "safety"}, "people": 2, "words": map[string]any{"what": "Gửi nhầm (thử)."}})
	path := "/api/v1/breaches/" + made.Text("id")
	clock := func(a apptest.Answer, at string) string {
		d, err := time.Parse(time.RFC3339, a.Text(at))
		if err != nil {
			return ""
		}
		return d.Sub(detected).String()
	}
	if clock(made, "due.first") != "24h0m0s" || clock(made, "due.notice") != "72h0m0s" || made.At("overdue") != true {
		t.Errorf("%s", made.Body)
	}
	// The auditor sees codes; the words are the office's.
	if got := auditor.Must(http.StatusOK, "GET", path, nil); got.At("words") != nil || strings.Contains(string(got.Body), "Gửi nhầm") {
		t.Errorf("%s", got.Body)
	}
	auditor.Must(http.StatusNotFound, "POST", path+"/minutes", map[string]any{"move": "note", "text": "Thử."})
	s.As(t, "tuvan.kontum").Must(http.StatusNotFound, "GET", path, nil)
	minute := func(status int, body map[string]any) apptest.Answer {
		return dpo.Must(status, "POST", path+"/minutes", body)
	}
	minute(http.StatusUnprocessableEntity, map[string]any{"move": "contained", "happened_at": detected.Add(-time.Hour).Format(time.RFC3339)})
	minute(http.StatusConflict, map[string]any{"move": "closing"})
	minute(http.StatusCreated, map[string]any{"move": "first_notice", "text": "Đã báo ban đầu (thử)."})
	minute(http.StatusConflict, map[string]any{"move": "first_notice"})
	minute(http.StatusCreated, map[string]any{"move": "contained", "people": 3, "classes": []string{"identity"}})
	minute(http.StatusCreated, map[string]any{"move": "notice"})
	minute(http.StatusConflict, map[string]any{"move": "notice"})
	closed := minute(http.StatusCreated, map[string]any{"move": "closing"})
	if closed.Text("state") != "CLOSED" || closed.Number("people") != 3 || closed.At("overdue") != false || closed.Len("minutes") != 5 || closed.Text("minutes.1.text") != "Đã báo ban đầu (thử)." {
		t.Errorf("%s", closed.Body)
	}
	minute(http.StatusConflict, map[string]any{"move": "note", "text": "Sau khi đóng (thử)."})
	super := s.DB.Open(t, pg.Superuser)
	for _, query := range []string{`delete from rights.breach_minutes`, `delete from rights.breaches`, `update rights.breach_minutes set move = 'x'`} {
		if _, err := super.Exec(query); err == nil {
			t.Errorf("%s: it happened", query)
		}
	}
}

func TestAnAgreementIsDatedAndLive(t *testing.T) {
	t.Parallel()
	s := served(t)
	dpo := s.As(t, "dpo")
	body := map[string]any{"organisation": world.OrgID("congan-boy").String(), "number": "01/QCPH-THU", "signed_on": "2026-03-01", "valid_to": "2099-12-31", "purposes": []string{"SHARE_POLICE"}}
	made := dpo.Must(http.StatusCreated, "POST", "/api/v1/agreements", body)
	if made.At("live") != true || made.Text("organisation.name") != "Công an xã Bờ Y" {
		t.Errorf("%s", made.Body)
	}
	dpo.Must(http.StatusConflict, "POST", "/api/v1/agreements", body)
	for _, wrong := range []map[string]any{{"valid_from": "2020-01-01"}, {"valid_to": "2026-01-01"}, {"signed_on": "2999-01-01"}, {"signed_on": "x"}, {"organisation": world.UserID("dpo").String()}, {"purposes": []string{"NO"}}} {
		b := map[string]any{}
		for k, v := range body {
			b[k] = v
		}
		b["number"] = "02/QCPH-THU"
		for k, v := range wrong {
			b[k] = v
		}
		dpo.Must(http.StatusUnprocessableEntity, "POST", "/api/v1/agreements", b)
	}
	s.As(t, "quantri").Must(http.StatusNotFound, "POST", "/api/v1/agreements", body)
}
