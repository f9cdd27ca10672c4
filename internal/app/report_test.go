package app_test

import (
	"net/http"
	"strings"
	"testing"

	"binhan/internal/app/apptest"
)

// TestTheCampaignReportIsGivenOutAsFiles: the department takes the report in work as data and as files; whoever may not see it finds nothing, and a format that
// there is not is named.
func TestTheCampaignReportIsGivenOutAsFiles(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	officer, counsellor := s.As(t, "thongke.sldtbxh"), s.As(t, "tuvan.kontum")
	const at = "/api/v1/campaigns/2022/report"
	data := officer.Must(http.StatusOK, "GET", at, nil)
	if data.Text("symbol") != "BC-SLĐTBXH" || data.Len("annexes") < 3 {
		t.Fatalf("report: %.400s", data.Body)
	}
	for format, begin := range map[string]string{"docx": "PK", "xlsx": "PK", "pdf": "%PDF-", "html": "<!doctype html>"} {
		x := officer.Must(http.StatusOK, "GET", at+"?format="+format+"&version=-1", nil)
		if !strings.HasPrefix(strings.TrimSpace(string(x.Body)), begin) || x.Header.Get("Content-Disposition") != `attachment; filename="bao-cao-thang-hanh-dong-2022.`+format+`"` {
			t.Errorf("%s: %.20q %s", format, x.Body, x.Header.Get("Content-Disposition"))
		}
		counsellor.Must(http.StatusNotFound, "GET", at+"?format="+format, nil)
	}
	officer.Must(http.StatusUnprocessableEntity, "GET", at+"?format=doc", nil)
	officer.Must(http.StatusUnprocessableEntity, "GET", at+"?formato=pdf", nil)
	officer.Must(http.StatusNotFound, "GET", at+"?version=77", nil)
	officer.Must(http.StatusNotFound, "GET", at+"?version=-2", nil)
	officer.Must(http.StatusNotFound, "GET", "/api/v1/campaigns/1999/report", nil)
}
