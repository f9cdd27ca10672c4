package app_test

import (
	"net/http"
	"strings"
	"testing"

	"binhan/internal/app/apptest"
)

func TestTheAuditorSeesWhoDidWhatAndNothingOfTheCase(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	counsellor, police, auditor := s.As(t, "tuvan.kontum"), s.As(t, "congan.ngochoi"), s.As(t, "thanhtra")
	id := counsellor.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case()).Text("id")
	police.Must(http.StatusNotFound, "GET", "/api/v1/cases/"+id, nil)
	trail := auditor.Must(http.StatusOK, "GET", "/api/v1/audit?limit=200", nil)
	text := string(trail.Body)
	for _, want := range []string{`"act":"case.record"`, `"username":"congan.ngochoi"`, `"decision":"refused"`, `"act":"session.open"`, id} {
		if !strings.Contains(text, want) {
			t.Errorf("the trail lacks %s", want)
		}
	}
	for _, never := range []string{"Thử Nghiệm", "0900 000", "0900000", "Lời kể", "dã quỳ"} {
		if strings.Contains(text, never) {
			t.Errorf("the trail tells %q", never)
		}
	}
	if one := auditor.Must(http.StatusOK, "GET", "/api/v1/audit?actor=tuvan.kontum&act=case.record&limit=1", nil); one.Len("items") != 1 {
		t.Errorf("filtered: %s", one.Body)
	}
	auditor.Must(http.StatusUnprocessableEntity, "GET", "/api/v1/audit?from=2026-02-30", nil)
	counsellor.Must(http.StatusNotFound, "GET", "/api/v1/audit", nil)
	if looked := auditor.Must(http.StatusOK, "GET", "/api/v1/audit?act=audit.read", nil); looked.Len("items") < 2 {
		t.Errorf("looking at the record is not on the record: %s", looked.Body)
	}
}
