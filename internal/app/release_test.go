package app_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"binhan/internal/app/apptest"
	"binhan/internal/paper"
	"binhan/internal/pg"
	"binhan/internal/world"
)

// TestTheRegisterOf2021IsTakenOverReferredFromAndPublished is the story by which this program is judged, on a real register of 25,301 rows that nobody here wrote.
func TestTheRegisterOf2021IsTakenOverReferredFromAndPublished(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	counsellor, statistician, approver := s.As(t, "tuvan.kontum"), s.As(t, "thongke.sldtbxh"), s.As(t, "lanhdao.sldtbxh")
	if report := importRegister(t, s); !strings.Contains(report, "25,301") || !strings.Contains(report, "25,300") {
		t.Fatalf("report:\n%s", report)
	}

	item := counsellor.Must(http.StatusOK, "GET", "/api/v1/cases?limit=1", nil).Text("items.0.id")
	ref := counsellor.Must(http.StatusCreated, "POST", "/api/v1/cases/"+item+"/referrals", map[string]any{"service": "MEDICAL", "to": world.OrgID("benhvien-kontum").String(),
		"fields": []string{"sex", "age", "incident"}, "legal_basis": map[string]any{"code": "EMERGENCY", "reason": "Cần cấp cứu (thử)."}})
	health := s.As(t, "yte.kontum")
	if a := health.Must(http.StatusOK, "POST", "/api/v1/referrals/"+ref.Text("id")+"/acceptance", nil); a.Text("disclosed.sex") == "" || a.Len("disclosed.incident") != 1 {
		t.Fatalf("accepted: %s", a.Body)
	}

	period := map[string]any{"scope": "linea144", "period": map[string]any{"from": "2021-01-01", "to": "2021-12-31"}}
	for _, c := range []*apptest.Client{counsellor, approver, health} {
		c.Must(http.StatusNotFound, "POST", "/api/v1/releases", period)
	}
	statistician.Must(http.StatusUnprocessableEntity, "POST", "/api/v1/releases", map[string]any{"scope": "linea144", "period": map[string]any{"from": "2026-01-01", "to": "2026-12-31"}})
	made := statistician.Must(http.StatusAccepted, "POST", "/api/v1/releases", period)
	path := "/api/v1/releases/" + made.Text("id")
	for statistician.Must(http.StatusOK, "GET", path, nil).Text("state") == "PREPARING" {
		runtime.Gosched() // the draw goes on behind the answer
	}
	statistician.Must(http.StatusNotFound, "GET", path+"/tables", nil) // not published yet
	statistician.Must(http.StatusNotFound, "POST", path+"/publication", nil)
	approver.Must(http.StatusOK, "GET", path+"/check", nil)
	if p := approver.Must(http.StatusOK, "POST", path+"/publication", nil); p.Text("state") != "PUBLISHED" {
		t.Fatalf("published: %s", p.Body)
	}
	tables := statistician.Must(http.StatusOK, "GET", path+"/tables", nil)
	if tables.Len("items") < 5 {
		t.Fatalf("tables: %s", tables.Body)
	}
	csv := statistician.Must(http.StatusOK, "GET", path+"/tables/sex?format=csv", nil)
	if !strings.HasPrefix(string(csv.Body), "release_id,table_id,dims,count,lower,upper\n") || !strings.Contains(string(csv.Body), ",sex,sex=F,") || strings.Count(string(csv.Body), "\n") < 4 {
		t.Fatalf("csv: %s", csv.Body)
	}
	again := statistician.Must(http.StatusOK, "GET", path+"/tables/sex", nil, "Accept", "text/csv")
	if string(again.Body) != string(csv.Body) {
		t.Error("the same table, asked twice, differs")
	}
	if x := statistician.Must(http.StatusOK, "GET", path+"/tables?format=xlsx", nil); string(x.Body[:2]) != "PK" {
		t.Error("not a workbook")
	}
	// The same numbers as documents, whole and table by table, and the official forms; nobody else gets them.
	for _, at := range []string{"/tables", "/tables/sex", "/forms/bao-luc-gia-dinh", "/forms/chien-luoc"} {
		for format, begin := range map[string]string{"docx": "PK", "xlsx": "PK", "pdf": "%PDF-", "html": "<!doctype html>"} {
			x := statistician.Must(http.StatusOK, "GET", path+at+"?format="+format, nil)
			if !strings.HasPrefix(strings.TrimSpace(string(x.Body)), begin) || !strings.Contains(x.Header.Get("Content-Disposition"), "."+format+`"`) {
				t.Errorf("%s as %s: %.20q %s", at, format, x.Body, x.Header.Get("Content-Disposition"))
			}
			counsellor.Must(http.StatusNotFound, "GET", path+at+"?format="+format, nil)
		}
		statistician.Must(http.StatusUnprocessableEntity, "GET", path+at+"?format=doc", nil)
	}
	sameOnEverySurface(t, s, statistician, path, "sex")
	if f := statistician.Must(http.StatusOK, "GET", path+"/forms/chien-luoc", nil); f.Len("rows") != 4 {
		t.Errorf("form: %s", f.Body)
	}
	statistician.Must(http.StatusNotFound, "GET", path+"/forms/khac", nil)
	if m := statistician.Must(http.StatusOK, "GET", path+"/manifest.json", nil); m.Text("guarantee.vi") == "" || m.Text("period.from") != "2021-01-01" {
		t.Fatalf("manifest: %s", m.Body)
	}
	statistician.Must(http.StatusNotFound, "GET", "/api/v1/cases/"+item, nil)
	counsellor.Must(http.StatusNotFound, "GET", path, nil)
	var cases bool
	if err := s.DB.Open(t, pg.Superuser).Get(&cases, `select has_table_privilege('binhan_statistics', 'cases', 'select')`); err != nil || cases {
		t.Error("the statistician's role may read cases", err)
	}
}

// sameOnEverySurface holds every number of a table on every surface to the one of the API: page, CSV, .xlsx, .docx, .pdf and .html.
func sameOnEverySurface(t *testing.T, s *apptest.Server, c *apptest.Client, path, table string) {
	t.Helper()
	one := path + "/tables/" + table
	api := c.Must(http.StatusOK, "GET", one, nil)
	id := api.Text("release_id")
	in := s.As(t, "").Must(http.StatusCreated, "POST", "/api/v1/sessions", map[string]any{"username": "thongke.sldtbxh", "password": world.Password}, "Origin", s.URL, "Sec-Fetch-Site", "same-origin")
	cookie, _, _ := strings.Cut(in.Header.Get("Set-Cookie"), ";")
	surfaces := map[string]string{
		"page": string(s.As(t, "").Must(http.StatusOK, "GET", "/bang-so/"+id+"/"+table, nil, "Cookie", cookie, "Sec-Fetch-Site", "none").Body),
		"html": string(c.Must(http.StatusOK, "GET", one+"?format=html", nil).Body),
		"csv":  string(c.Must(http.StatusOK, "GET", one+"?format=csv", nil).Body),
		"docx": unzipped(t, c.Must(http.StatusOK, "GET", one+"?format=docx", nil).Body, "word/document.xml"),
		"xlsx": unzipped(t, c.Must(http.StatusOK, "GET", one+"?format=xlsx", nil).Body, "xl/worksheets/sheet2.xml"),
	}
	numbers := 0
	for i := range api.Len("cells") {
		at := fmt.Sprintf("cells.%d.", i)
		if api.At(at+"count") == nil {
			continue
		}
		numbers++
		n := int64(api.Number(at + "count"))
		count := strconv.FormatInt(n, 10)
		for name, want := range map[string]string{"page": paper.Whole(n), "html": ">" + paper.Whole(n) + " <span", "csv": "," + count + ",", "docx": ">" + paper.Whole(n) + "</w:t>", "xlsx": "<v>" + count + "</v>"} {
			if !strings.Contains(surfaces[name], want) {
				t.Errorf("%s of %s is not on the surface %s", want, api.Text(at+"dims"), name)
			}
		}
	}
	if numbers == 0 {
		t.Errorf("no number to compare: %s", api.Body)
	}
}

func unzipped(t *testing.T, raw []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
