package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"

	"binhan/internal/access"
	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/signin"
	"binhan/internal/site"
	"binhan/internal/world"
)

// stage is an application with two cases of two organisations, everything that hangs on them, and somebody of every role.
type stage struct {
	*apptest.Server
	ours, theirs thing
	clients      map[string]*apptest.Client
	held         map[string]map[string]access.StandingSet // by username and id of case or referral
}

// thing is a case and what hangs on it; each field is an id.
type thing struct {
	Case, Code, Incident, Consent, Referral, ReferralCode, Evidence string
}

// marks are texts of the case that nobody may meet who has no standing on it.
var marks = []string{"Thử Nghiệm Một", "Kẻ Thử", "0900 000", "051191000001", "Thôn Thử", "hoa dã quỳ", "Chuyện thử", "Lời kể", "Cần bảo vệ", "Ảnh thử", "anh-thu"}

// hired are the roles that the cast does not have, each in an organisation of its own kind.
var hired = []struct{ username, role, org string }{
	{"tiepnhan.thu", "INTAKE", "phunu-boy"}, {"quanly.thu", "CASE_MANAGER", "ctxh-kontum"}, {"doitac.thu", "COUNSEL_PARTNER", "thamvan-ngochoi"}, {"canbo.thu", "COMMUNE_OFFICER", "ubnd-boy"}, {"tongdai.thu", "HOTLINE_OPERATOR", "ctxh-kontum"},
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{Server: apptest.New(t)}
	s.furnish(t)
	return s
}

// furnish fills the house of a stage.
func (s *stage) furnish(t *testing.T) {
	t.Helper()
	s.clients, s.held = map[string]*apptest.Client{}, map[string]map[string]access.StandingSet{}
	for _, h := range hired {
		s.Hire(t, h.username, h.role, h.org, "")
	}
	for _, name := range s.people() {
		s.clients[name] = s.As(t, name)
		s.held[name] = map[string]access.StandingSet{}
	}
	s.ours = s.file(t, "tuvan.kontum", "congan-boy")
	s.theirs = s.file(t, "tuvan.ngochoi", "congan-dakha")
	stand := func(name string, st access.Standing, ids ...string) {
		for _, id := range ids {
			s.held[name][id] |= access.StandingsOf(st)
		}
	}
	all := func(x thing) []string { return []string{x.Case, x.Consent, x.Referral, x.Evidence} }
	stand("tuvan.kontum", access.Assigned, all(s.ours)...)
	stand("giamsat.kontum", access.Supervising, all(s.ours)...)
	stand("congan.ngochoi", access.Addressee, s.ours.Referral)
	stand("tuvan.ngochoi", access.Assigned, all(s.theirs)...)
	stand("congan.dakha", access.Addressee, s.theirs.Referral)
}

// people are the cast and the hired.
func (s *stage) people() []string {
	var names []string
	for _, p := range world.People {
		names = append(names, p.Username)
	}
	for _, h := range hired {
		names = append(names, h.username)
	}
	return names
}

func (s *stage) role(username string) access.Role {
	for _, p := range world.People {
		if p.Username == username {
			return access.Role(p.Role)
		}
	}
	for _, h := range hired {
		if h.username == username {
			return access.Role(h.role)
		}
	}
	panic(username)
}

// file makes a whole case of somebody and refers it.
func (s *stage) file(t *testing.T, owner, receiver string) thing {
	t.Helper()
	c := s.clients[owner]
	made := c.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	x := thing{Case: made.Text("id"), Code: made.Text("code"), Incident: made.Text("incidents.0.id")}
	path := "/api/v1/cases/" + x.Case
	x.Consent = c.Must(http.StatusCreated, "POST", path+"/consents", consentFor("POLICE_COMMUNE")).Text("id")
	body, kind := upload(t, "Ảnh thử")
	x.Evidence = c.Must(http.StatusCreated, "POST", path+"/evidence", body, "Content-Type", kind).Text("id")
	sent := c.Must(http.StatusCreated, "POST", path+"/referrals", referTo(receiver, x.Consent))
	x.Referral, x.ReferralCode = sent.Text("id"), sent.Text("code")
	return x
}

func consentFor(recipient string) map[string]any {
	return map[string]any{"purpose": "SHARE_POLICE", "recipient": recipient, "fields": []string{"name", "phone", "safe_contact"}, "decision": "GIVEN"}
}

func referTo(receiver, consent string) map[string]any {
	return map[string]any{"service": "SAFETY", "to": world.OrgID(receiver).String(), "priority": "P1", "reason": "Cần bảo vệ đêm nay (thử).", "fields": []string{"name", "phone"}, "consent": consent}
}

func upload(t *testing.T, description string) (body []byte, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.WriteField("description", description); err != nil {
		t.Fatal(err)
	}
	f, err := w.CreateFormFile("file", "anh-thu.txt")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, "Nội dung thử nghiệm.")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), w.FormDataContentType()
}

// routes are the routes of the JSON surface.
func (s *stage) routes() []site.Route {
	return slices.DeleteFunc(slices.Clone(s.App.Site.Routes()), site.Route.Page)
}

// pathOf fills the pattern of a route with the ids of a thing; ids that it does not have are made by other.
func pathOf(pattern string, x thing, other string) string {
	parts := strings.Split(pattern, "/")
	for i, p := range parts {
		if !strings.HasPrefix(p, ":") {
			continue
		}
		id := other
		switch before := parts[i-1]; {
		case before == "cases":
			id = x.Case
		case before == "incidents":
			id = x.Incident
		case before == "consents":
			id = x.Consent
		case before == "referrals":
			id = x.Referral
		case before == "evidence":
			id = x.Evidence
		case before == "codelists":
			id = "sex"
		case before == "tables":
			id = "sex"
		}
		if id == "" {
			id = other
		}
		parts[i] = id
	}
	return strings.Join(parts, "/")
}

// subjectOf is the id that decides who may: the first of the path.
func subjectOf(pattern, path string) string {
	filled := strings.Split(path, "/")
	for i, p := range strings.Split(pattern, "/") {
		if strings.HasPrefix(p, ":") {
			return filled[i]
		}
	}
	return ""
}

// bodyOf is a body that the route takes: the first example of the contract, with ids that exist.
func (s *stage) bodyOf(t *testing.T, r site.Route, x thing) (body any, kind string) {
	t.Helper()
	route, _ := apptest.Operation(r.Method, pathOf(r.Path, x, x.Case))
	if route == nil || route.Operation.RequestBody == nil {
		return nil, ""
	}
	switch r.Method + " " + strings.TrimPrefix(r.Path, "/api/v1") {
	case "POST /cases/:id/referrals":
		return referTo("congan-boy", x.Consent), "application/json"
	case "POST /cases/:id/assignments":
		return map[string]any{"to": world.UserID("tuvan.kontum").String()}, "application/json"
	case "POST /cases/:id/walls":
		return map[string]any{"username": "thanhtra", "why": "KIN"}, "application/json" // somebody whom no other drill needs
	case "POST /cases/:id/seal":
		return map[string]any{"why": "STAFF", "second": "giamsat.kontum"}, "application/json"
	case "POST /people/proposals":
		return map[string]any{"kind": "create", "username": "tuvan.moi", "name": "Người Thử Nghiệm Mới", "organisation": world.OrgID("ctxh-kontum").String(), "role": "COUNSELLOR"}, "application/json"
	case "POST /data-requests":
		return map[string]any{"case": x.Code, "kind": "RESTRICT", "identity_check": "KNOWN"}, "application/json"
	case "POST /holds":
		return map[string]any{"case": x.Code, "ground": "CRIMINAL_CASE"}, "application/json"
	case "POST /erasures":
		return map[string]any{"case": x.Code, "ground": "TERM"}, "application/json"
	case "POST /agreements":
		return map[string]any{"organisation": world.OrgID("congan-boy").String(), "number": "01/QCPH-THU", "signed_on": "2026-03-01", "purposes": []string{"SHARE_POLICE"}}, "application/json"
	case "POST /referrals/:id/forward":
		return map[string]any{"to": world.OrgID("congan-dakha").String()}, "application/json"
	}
	content := route.Operation.RequestBody.Value.Content
	if content["multipart/form-data"] != nil {
		return upload(t, "thử")
	}
	if content["application/json"] == nil || len(content["application/json"].Examples) == 0 {
		return []byte("{}"), "application/json" // the contract's own test asks for an example
	}
	examples := content["application/json"].Examples
	raw, err := json.Marshal(examples[slices.Sorted(maps.Keys(examples))[0]].Value.Value)
	if err != nil {
		t.Fatal(err)
	}
	return raw, "application/json"
}

// entries are the decisions on the record, by request.
func (s *stage) entries(t *testing.T) map[string][]entry {
	t.Helper()
	var rows []entry
	if err := s.DB.Open(t, pg.Superuser).Select(&rows, `select coalesce(request, '') as request, act, decision, coalesce(subject::text, '') as subject, coalesce(actor::text, '') as actor from audit.entries`); err != nil {
		t.Fatal(err)
	}
	m := map[string][]entry{}
	for _, e := range rows {
		m[e.Request] = append(m[e.Request], e)
	}
	return m
}

type entry struct {
	Request  string `db:"request"`
	Act      string `db:"act"`
	Decision string `db:"decision"`
	Subject  string `db:"subject"`
	Actor    string `db:"actor"`
}

func handleOf(token string) access.Handle { return signin.HandleOf(token) }
