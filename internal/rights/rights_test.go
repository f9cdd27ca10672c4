package rights_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/app/apptest"
	"binhan/internal/calendar"
)

// file records a made-up case of tuvan.kontum, whose supervisor is giamsat.kontum, and gives its id and code.
func file(c *apptest.Client) (id, code string) {
	made := c.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	return made.Text("id"), made.Text("code")
}

func TestTheOfficeRegistersAndSteersAndTheHolderActs(t *testing.T) {
	t.Parallel()
	s := served(t)
	holder, dpo := s.As(t, "tuvan.kontum"), s.As(t, "dpo")
	id, code := file(holder)
	asked := dpo.Must(http.StatusCreated, "POST", "/api/v1/data-requests", map[string]any{"case": strings.ToLower(code), "kind": "RECTIFY", "identity_check": "CODE_WORD", "words": "Sai ngày sinh (thử)."})
	path := "/api/v1/data-requests/" + asked.Text("id")
	received, err := time.Parse(time.RFC3339, asked.Text("received_at"))
	if err != nil {
		t.Fatal(err)
	}
	clock := map[string]string{"reply": asked.Text("due.reply"), "act": asked.Text("due.act"), "next": asked.Text("next_due"), "state": asked.Text("state")}
	at := func(d time.Time) string { return d.UTC().Format(time.RFC3339) }
	norm := func(text string) string { d, _ := time.Parse(time.RFC3339, text); return at(d) }
	clock["reply"], clock["act"], clock["next"] = norm(clock["reply"]), norm(clock["act"]), norm(clock["next"])
	want := map[string]string{"reply": at(calendar.AddWorkingDays(received, 2)), "act": at(calendar.AddDays(received, 10)), "next": at(calendar.AddWorkingDays(received, 2)), "state": "RECEIVED"}
	if diff := cmp.Diff(want, clock); diff != "" {
		t.Error(diff)
	}
	if got := holder.Must(http.StatusOK, "GET", path, nil); got.Text("words") != "Sai ngày sinh (thử)." {
		t.Errorf("the holder does not read the request: %s", got.Body)
	}
	if got := dpo.Get("/api/v1/cases/" + id); got.Status != http.StatusNotFound {
		t.Errorf("the office reads the case: %d", got.Status)
	}
	for _, stranger := range []string{"tuvan.ngochoi", "quantri", "congan.ngochoi", "thanhtra", "thongke.sldtbxh"} {
		if got := s.As(t, stranger).Get(path); got.Status != http.StatusNotFound {
			t.Errorf("%s: %d", stranger, got.Status)
		}
	}
	// Before it is answered nothing is done with it, and not twice.
	holder.Must(http.StatusConflict, "POST", path+"/completion", map[string]any{})
	dpo.Must(http.StatusOK, "POST", path+"/acknowledgement", map[string]any{"text": "Đã nhận (thử)."})
	holder.Must(http.StatusConflict, "POST", path+"/acknowledgement", map[string]any{})
	holder.Must(http.StatusOK, "POST", path+"/start", map[string]any{})
	// Extending is the office's, once, for a told reason.
	holder.Must(http.StatusNotFound, "POST", path+"/extension", map[string]any{"code": "COMPLEX", "text": "Cần thêm thời gian (thử)."})
	dpo.Must(http.StatusUnprocessableEntity, "POST", path+"/extension", map[string]any{"code": "COMPLEX"})
	longer := dpo.Must(http.StatusOK, "POST", path+"/extension", map[string]any{"code": "COMPLEX", "text": "Cần thêm thời gian (thử)."})
	if got := norm(longer.Text("due.act")); got != at(calendar.AddDays(calendar.AddDays(received, 10), 10)) {
		t.Errorf("extended to %s", got)
	}
	dpo.Must(http.StatusConflict, "POST", path+"/extension", map[string]any{"code": "COMPLEX", "text": "Lại cần thêm (thử)."})
	holder.Must(http.StatusConflict, "POST", path+"/completion", map[string]any{"text": "Đã sửa (thử)."}) // nothing was corrected yet
	version := holder.Must(http.StatusOK, "GET", "/api/v1/cases/"+id, nil).Header.Get("ETag")
	holder.Must(http.StatusOK, "PATCH", "/api/v1/cases/"+id, map[string]any{"survivor": map[string]any{"occupation": "WORKER"}}, "If-Match", version, "Content-Type", "application/merge-patch+json")
	done := holder.Must(http.StatusOK, "POST", path+"/completion", map[string]any{"text": "Đã sửa (thử)."})
	if done.Text("state") != "DONE" || done.Len("history") != 4 || done.Text("history.3.text") != "Đã sửa (thử)." {
		t.Errorf("%s", done.Body)
	}
	dpo.Must(http.StatusConflict, "POST", path+"/refusal", map[string]any{"code": "LEGAL_DUTY", "text": "Muộn rồi (thử)."})
	list := dpo.Must(http.StatusOK, "GET", "/api/v1/data-requests?case="+id, nil)
	if list.Len("items") != 1 || list.At("items.0.words") != nil {
		t.Errorf("%s", list.Body)
	}
}
