package app_test

import (
	"net/http"
	"strings"
	"testing"

	"binhan/internal/app/apptest"
	"binhan/internal/world"
)

func TestTheMainJobIsDoneFromRecordingToClosing(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	counsellor, police, other := s.As(t, "tuvan.kontum"), s.As(t, "congan.ngochoi"), s.As(t, "congan.dakha")
	statistician, supervisor := s.As(t, "thongke.sldtbxh"), s.As(t, "giamsat.kontum")

	made := counsellor.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	id := made.Text("id")
	path := "/api/v1/cases/" + id
	read := counsellor.Must(http.StatusOK, "GET", path, nil)
	if read.Text("survivor.name") != "Người Thử Nghiệm Một" || read.Text("incidents.0.gbvims_type") != "PHYSICAL_ASSAULT" || read.Text("incidents.0.forms.0") != "PHYSICAL" ||
		read.Text("incidents.0.perpetrators.0.name") != "Kẻ Thử Nghiệm" || read.Text("safe_contact.code_word") != "hoa dã quỳ" {
		t.Fatalf("read back: %s", read.Body)
	}
	if v := supervisor.Must(http.StatusOK, "GET", path, nil); v.At("survivor") != nil || v.At("narrative") != nil || v.Len("withheld") != 4 {
		t.Fatalf("supervisor sees %s", v.Body)
	}
	for _, c := range []*apptest.Client{police, other, statistician, s.As(t, "tuvan.ngochoi"), s.As(t, "quantri")} {
		c.Must(http.StatusNotFound, "GET", path, nil)
	}

	consent := counsellor.Must(http.StatusCreated, "POST", path+"/consents", map[string]any{"purpose": "SHARE_POLICE", "recipient": world.OrgID("congan-boy").String(),
		"fields": []string{"name", "sex", "age", "phone", "safe_contact", "needs", "incident"}, "decision": "GIVEN", "by": "SELF", "method": "WRITTEN"})
	refer := map[string]any{"service": "SAFETY", "to": world.OrgID("congan-boy").String(), "priority": "P1", "reason": "Cần bảo vệ đêm nay (thử).",
		"needs": []string{"SAFETY"}, "fields": []string{"name", "phone", "safe_contact", "address"}, "consent": consent.Text("id")}
	if a := counsellor.Must(http.StatusUnprocessableEntity, "POST", path+"/referrals", refer); a.Text("errors.0.pointer") != "/fields/3" {
		t.Fatalf("beyond consent: %s", a.Body)
	}
	refer["fields"] = []string{"name", "phone", "safe_contact"}
	sent := counsellor.Must(http.StatusCreated, "POST", path+"/referrals", refer)
	if sent.Text("status") != "SENT" || sent.Text("disclosed.name") != "Người Thử Nghiệm Một" {
		t.Fatalf("sent: %s", sent.Body)
	}
	ref := "/api/v1/referrals/" + sent.Text("id")

	queue := police.Must(http.StatusOK, "GET", "/api/v1/referrals?box=in", nil)
	if queue.Len("items") != 1 || queue.At("items.0.disclosed") != nil || queue.At("items.0.case") != nil || queue.Text("items.0.age_band") != "A25_39" || queue.Text("items.0.commune") != "23377" {
		t.Fatalf("queue: %s", queue.Body)
	}
	envelope := police.Must(http.StatusOK, "GET", ref, nil)
	if envelope.At("disclosed") != nil || strings.Contains(string(envelope.Body), "Thử Nghiệm Một") || strings.Contains(string(envelope.Body), "Cần bảo vệ") || strings.Contains(string(envelope.Body), id) {
		t.Fatalf("the envelope tells more than an envelope: %s", envelope.Body)
	}
	if q := other.Must(http.StatusOK, "GET", "/api/v1/referrals?box=in", nil); q.Len("items") != 0 {
		t.Fatalf("another organisation's queue: %s", q.Body)
	}
	other.Must(http.StatusNotFound, "GET", ref, nil)
	other.Must(http.StatusNotFound, "POST", ref+"/acceptance", map[string]any{})
	statistician.Must(http.StatusNotFound, "GET", ref, nil)

	police.Must(http.StatusOK, "POST", ref+"/acknowledgement", nil)
	police.Must(http.StatusOK, "POST", ref+"/question", map[string]any{"text": "Gọi lúc nào (thử)?"})
	counsellor.Must(http.StatusOK, "POST", ref+"/answer", map[string]any{"text": "Buổi sáng (thử)."})
	accepted := police.Must(http.StatusOK, "POST", ref+"/acceptance", nil)
	if accepted.Text("disclosed.name") != "Người Thử Nghiệm Một" || accepted.Text("disclosed.safe_contact.hours") != "9-11" || accepted.At("disclosed.address") != nil ||
		accepted.At("disclosed.incident") != nil || accepted.Text("disclosed.reason") != "Cần bảo vệ đêm nay (thử)." {
		t.Fatalf("accepted: %s", accepted.Body)
	}
	police.Must(http.StatusNotFound, "GET", path, nil)
	police.Must(http.StatusConflict, "POST", ref+"/acceptance", nil)
	police.Must(http.StatusOK, "POST", ref+"/start", nil)
	police.Must(http.StatusOK, "POST", ref+"/outcome", map[string]any{"result": "DELIVERED", "note": "Đã gặp (thử)."})
	closed := counsellor.Must(http.StatusOK, "POST", ref+"/closing", nil)
	if closed.Text("status") != "COMPLETED" || closed.Len("history") != 8 {
		t.Fatalf("closed: %s", closed.Body)
	}
	if after := police.Must(http.StatusOK, "GET", ref, nil); after.At("disclosed") != nil {
		t.Fatalf("still open after closing: %s", after.Body)
	}

	looked := counsellor.Must(http.StatusOK, "GET", path+"/access", nil)
	if looked.Len("items") < 10 {
		t.Fatalf("who looked: %s", looked.Body)
	}
	if strings.Contains(s.Log.String(), "Thử Nghiệm") || strings.Contains(s.Log.String(), "0900 000") || strings.Contains(s.Log.String(), "0900000") || strings.Contains(s.Log.String(), id) {
		t.Error("the log knows somebody")
	}
}
