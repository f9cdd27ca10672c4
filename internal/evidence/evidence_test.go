package evidence_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/lib/pq"

	"binhan/internal/access"
	"binhan/internal/casefile"
	"binhan/internal/evidence"
	"binhan/internal/fault"
	"binhan/internal/pg"
	"binhan/internal/seal"
	"binhan/internal/signin"
	"binhan/internal/site"
	"binhan/internal/world"
	"binhan/internal/world/house"
)

// ground is a house with a vault, one case of tuvan.kontum, and the surface of files.
type ground struct {
	*house.House
	vault   *evidence.Minio
	service *evidence.Service
	holder  access.Actor
	caseID  uuid.UUID
	url     string
	log     *syncBuffer
}

type syncBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *syncBuffer) Text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.String()
}

func newGround(t *testing.T) *ground {
	t.Helper()
	g := &ground{House: house.New(t), vault: openVault(t), log: &syncBuffer{}}
	g.service = evidence.New(g.Gate, g.Ring, g.vault)
	g.holder = g.Actor(t, "tuvan.kontum")
	g.caseID = g.newCase(t, g.holder)
	s := site.New(site.Options{Gate: g.Gate, SignIn: g.In, Log: slog.New(slog.NewJSONHandler(g.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}, g.service.Routes())
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	g.url = web.URL
	return g
}

func (g *ground) newCase(t *testing.T, who access.Actor) uuid.UUID {
	t.Helper()
	v, err := casefile.New(g.Gate).Record(t.Context(), who, casefile.RecordCommand{Intake: casefile.Intake{Channel: "HOTLINE_OTHER"}})
	if err != nil {
		t.Fatal(err)
	}
	return v.ID
}

func (g *ground) token(t *testing.T, username string) string {
	t.Helper()
	token, _, err := g.In.In(context.Background(), username, world.Password, signin.Token, "test")
	if err != nil {
		t.Fatal(err)
	}
	return token
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("%d: not JSON: %v", a.status, err)
	}
	return v
}

func (g *ground) do(t *testing.T, token, method, path string, body io.Reader, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, g.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, b}
}

// part is one part of a form; a part with a file name is a file.
type part struct {
	name, file string
	content    []byte
}

func form(t *testing.T, parts ...part) (io.Reader, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		var dst io.Writer
		var err error
		if p.file != "" {
			dst, err = w.CreateFormFile(p.name, p.file)
		} else {
			dst, err = w.CreateFormField(p.name)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := dst.Write(p.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return plainReader{&b}, w.FormDataContentType()
}

func (g *ground) post(t *testing.T, token string, caseID uuid.UUID, parts []part, headers ...string) answer {
	t.Helper()
	body, kind := form(t, parts...)
	return g.do(t, token, http.MethodPost, "/api/v1/cases/"+caseID.String()+"/evidence", body, append(headers, "Content-Type", kind)...)
}

func (g *ground) attach(t *testing.T, content []byte, name, description string) evidence.File {
	t.Helper()
	st, err := g.service.Stage(t.Context(), g.holder, g.caseID, evidence.Upload{Name: name, Size: -1, Content: bytes.NewReader(content)})
	if err != nil {
		t.Fatal(err)
	}
	f, err := g.service.Adopt(t.Context(), g.holder, st, description)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// left tells how many objects and uploads lie in the vault.
func (g *ground) left(t *testing.T) int { return len(list(t, g.vault, "files/")) }

var png = append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), someBytes(5000)...)

func TestFileIsAttachedListedReadAndComesBackWhole(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	token := g.token(t, "tuvan.kontum")
	large := append(bytes.Clone(png), someBytes(9<<20)...)
	sum := sha256.Sum256(large)

	// In a browser's order, and with the path that a browser of old sent as a name.
	a := g.post(t, token, g.caseID, []part{{name: "file", file: `C:\Ảnh\vết thương.png`, content: large}, {name: "description", content: []byte("Ảnh chụp  tại trạm y tế\r\nngày 3")}})
	if a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	var got evidence.File
	if err := json.Unmarshal(a.body, &got); err != nil {
		t.Fatal(err)
	}
	want := evidence.File{ID: got.ID, Case: g.caseID, Size: int64(len(large)), SHA256: hex.EncodeToString(sum[:]), Type: "image/png", Name: "vết thương.png",
		Description: "Ảnh chụp  tại trạm y tế\nngày 3", AddedBy: casefile.Staff{ID: g.holder.User, Username: g.holder.Username, Name: g.holder.Name}, AddedAt: got.AddedAt}
	if diff := cmp.Diff(want, got); diff != "" || got.AddedAt.IsZero() {
		t.Fatalf("attached at %v (-want +got):\n%s", got.AddedAt, diff)
	}
	path := "/api/v1/evidence/" + got.ID.String()
	if a.header.Get("Location") != path {
		t.Errorf("Location %s", a.header.Get("Location"))
	}

	var again evidence.File
	if a := g.do(t, token, http.MethodGet, path, nil); a.status != http.StatusOK || json.Unmarshal(a.body, &again) != nil {
		t.Errorf("metadata: %d %s", a.status, a.body)
	}
	if diff := cmp.Diff(want, again); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
	var listed struct {
		Items []evidence.File `json:"items"`
		Next  *string         `json:"next"`
	}
	if a := g.do(t, token, http.MethodGet, "/api/v1/cases/"+g.caseID.String()+"/evidence", nil); a.status != http.StatusOK || json.Unmarshal(a.body, &listed) != nil {
		t.Errorf("list: %d %s", a.status, a.body)
	}
	if diff := cmp.Diff([]evidence.File{want}, listed.Items); diff != "" || listed.Next != nil {
		t.Errorf("listed (-want +got):\n%s", diff)
	}

	c := g.do(t, token, http.MethodGet, path+"/content", nil)
	if c.status != http.StatusOK || !bytes.Equal(c.body, large) {
		t.Errorf("content: %d, %d bytes", c.status, len(c.body))
	}
	for name, want := range map[string]string{
		"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Accept-Ranges": "bytes",
		"Content-Disposition":     `inline; filename="tep-` + got.ID.String()[28:] + `.png"`,
		"Content-Security-Policy": "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'",
		"Content-Length":          fmt.Sprint(len(large)), "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if c.header.Get(name) != want {
			t.Errorf("%s: %s, want %s", name, c.header.Get(name), want)
		}
	}
	for _, r := range []struct {
		asked      string
		status     int
		from, upto int
	}{
		{"bytes=0-0", 206, 0, 1}, {"bytes=70000-200000", 206, 70000, 200001}, {"bytes=-5", 206, len(large) - 5, len(large)},
		{"bytes=9437000-", 206, 9437000, len(large)}, {"bytes=99999999-", 416, 0, 0},
	} {
		a := g.do(t, token, http.MethodGet, path+"/content", nil, "Range", r.asked)
		if a.status != r.status || r.status == 206 && !bytes.Equal(a.body, large[r.from:r.upto]) {
			t.Errorf("%s: %d, %d bytes", r.asked, a.status, len(a.body))
		}
	}
}

func TestWhatABrowserCouldRunIsAnAttachment(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	token := g.token(t, "tuvan.kontum")
	for name, c := range map[string]struct {
		content           string
		kind, disposition string
		found             string
	}{
		"page.png":     {"<!DOCTYPE html><html><script>alert(1)</script>", "application/octet-stream", `attachment; filename="tep-%s"`, "text/html"},
		"picture.svg":  {`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`, "application/octet-stream", `attachment; filename="tep-%s"`, "image/svg+xml"},
		"paper.pdf":    {"%PDF-1.7\n1 0 obj\n", "application/octet-stream", `attachment; filename="tep-%s.pdf"`, "application/pdf"},
		"words.txt":    {"chỉ là chữ", "application/octet-stream", `attachment; filename="tep-%s.txt"`, "text/plain"},
		"picture.html": {"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01", "image/jpeg", `inline; filename="tep-%s.jpg"`, "image/jpeg"},
	} {
		a := g.post(t, token, g.caseID, []part{{name: "file", file: name, content: []byte(c.content)}})
		if a.status != http.StatusCreated {
			t.Fatalf("%s: %d %s", name, a.status, a.body)
		}
		v := a.json(t)
		id := v["id"].(string)
		if v["type"] != c.found {
			t.Errorf("%s: found to be %v, want %s", name, v["type"], c.found)
		}
		got := g.do(t, token, http.MethodGet, "/api/v1/evidence/"+id+"/content", nil)
		want := fmt.Sprintf(c.disposition, id[28:])
		if got.header.Get("Content-Type") != c.kind || got.header.Get("Content-Disposition") != want || string(got.body) != c.content {
			t.Errorf("%s: %s, %s", name, got.header.Get("Content-Type"), got.header.Get("Content-Disposition"))
		}
	}
}

// To everybody but the holder neither the case's files nor a file exist, and nothing she sends reaches the vault.
func TestAStrangerFindsNoFileAndLeavesNone(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	f := g.attach(t, png, "ảnh.png", "")
	before := g.left(t)
	for _, p := range world.People {
		if p.Username == "tuvan.kontum" {
			continue
		}
		token := g.token(t, p.Username)
		for path, id := range map[string]uuid.UUID{"/api/v1/cases/%s/evidence": g.caseID, "/api/v1/evidence/%s": f.ID, "/api/v1/evidence/%s/content": f.ID} {
			real := g.do(t, token, http.MethodGet, fmt.Sprintf(path, id), nil)
			none := g.do(t, token, http.MethodGet, fmt.Sprintf(path, uuid.New()), nil)
			if real.status != http.StatusNotFound || none.status != http.StatusNotFound {
				t.Errorf("%s asks for %s: %d, for one that is not there: %d", p.Username, path, real.status, none.status)
			}
			r, n := real.json(t), none.json(t)
			delete(r, "instance")
			delete(n, "instance")
			if diff := cmp.Diff(n, r); diff != "" {
				t.Errorf("%s can tell %s from one that is not there:\n%s", p.Username, path, diff)
			}
		}
		if a := g.post(t, token, g.caseID, []part{{name: "file", file: "a.png", content: png}}); a.status != http.StatusNotFound {
			t.Errorf("%s attaches: %d", p.Username, a.status)
		}
	}
	if a := g.do(t, "", http.MethodGet, "/api/v1/evidence/"+f.ID.String()+"/content", nil); a.status != http.StatusUnauthorized {
		t.Errorf("nobody reads: %d", a.status)
	}
	if a := g.do(t, g.token(t, "tuvan.kontum"), http.MethodGet, "/api/v1/evidence/"+f.ID.String()+"/content", nil, "Sec-Fetch-Site", "cross-site"); a.status != http.StatusForbidden {
		t.Errorf("another site's page reads: %d", a.status)
	}
	if g.left(t) != before {
		t.Error("a stranger left something in the vault")
	}
}

func TestEveryLookAtAFileIsOnTheRecord(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	f := g.attach(t, png, "ảnh.png", "")
	if _, err := g.service.List(t.Context(), g.holder, g.caseID); err != nil {
		t.Fatal(err)
	}
	c, err := g.service.Open(t.Context(), g.holder, f.ID)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if _, err := g.service.Read(t.Context(), g.Actor(t, "tuvan.ngochoi"), f.ID); !errors.Is(err, fault.NotFound) {
		t.Fatal(err)
	}
	type entry struct {
		Act      string         `db:"act"`
		Kind     string         `db:"kind"`
		Decision string         `db:"decision"`
		Reason   *string        `db:"reason"`
		Classes  pq.StringArray `db:"classes"`
	}
	var got []entry
	if err := g.DB.Open(t, pg.Superuser).Select(&got, `select act, kind, decision, reason, classes from audit.entries where act like 'evidence.%' order by id`); err != nil {
		t.Fatal(err)
	}
	begin := "begin"
	opened := pq.StringArray{"evidence"}
	want := []entry{
		{"evidence.attach", "case", "allowed", &begin, nil}, {"evidence.attach", "case", "allowed", nil, opened},
		{"evidence.list", "case", "allowed", nil, opened}, {"evidence.read", "evidence", "allowed", nil, opened},
		{"evidence.read", "evidence", "refused", nil, nil},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestARefusedUploadLeavesNothing(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	token := g.token(t, "tuvan.kontum")
	file := part{name: "file", file: "a.png", content: png}
	long := append(bytes.Clone(png), someBytes(5<<20)...)
	size := func(n int) part { return part{name: "size", content: []byte(fmt.Sprint(n))} }
	for name, c := range map[string]struct {
		parts   []part
		status  int
		pointer string
		key     string
	}{
		"no file":                       {[]part{{name: "description", content: []byte("x")}}, 422, "/file", "required"},
		"an empty file":                 {[]part{{name: "file", file: "a.png"}}, 422, "/file", "evidence_empty"},
		"an empty file that says so":    {[]part{size(0), {name: "file", file: "a.png"}}, 422, "/file", "evidence_empty"},
		"two files":                     {[]part{file, file}, 422, "/file", "evidence_one_file"},
		"a field of nobody":             {[]part{file, {name: "co lạ", content: []byte("x")}}, 422, "/co lạ", "unknown_field"},
		"a description too long":        {[]part{file, {name: "description", content: bytes.Repeat([]byte("ă"), 2001)}}, 422, "/description", "too_long"},
		"a description with controls":   {[]part{file, {name: "description", content: []byte("a\u202eb")}}, 422, "/description", "control_character"},
		"a description that is a book":  {[]part{file, {name: "description", content: make([]byte, 17<<10)}}, 413, "", ""},
		"a size that is no number":      {[]part{size(0), {name: "size", content: []byte("nhiều")}, file}, 422, "/size", "evidence_other_length"},
		"longer than it says":           {[]part{size(len(png) - 1), file}, 422, "/size", "evidence_other_length"},
		"shorter than it says":          {[]part{size(len(png) + 1), file}, 422, "/size", "evidence_other_length"},
		"much longer than it says":      {[]part{size(5 << 20), {name: "file", file: "a.png", content: long}}, 422, "/size", "evidence_other_length"},
		"larger than is taken, it says": {[]part{size(evidence.MaxSize + 1), file}, 413, "", ""},
	} {
		a := g.post(t, token, g.caseID, c.parts)
		pointer, key := "", ""
		if list, ok := a.json(t)["errors"].([]any); ok && len(list) > 0 {
			pointer, key = list[0].(map[string]any)["pointer"].(string), list[0].(map[string]any)["key"].(string)
		}
		if a.status != c.status || pointer != c.pointer || key != c.key {
			t.Errorf("%s: %d %s %s", name, a.status, pointer, key)
		}
		if n := g.left(t); n != 0 {
			t.Fatalf("%s: left %d objects in the vault", name, n)
		}
	}
	for name, c := range map[string]struct {
		kind, body string
		status     int
	}{
		"JSON":                      {"application/json", "{}", 415},
		"a form without boundary":   {"multipart/form-data", "x", 415},
		"a form that is cut off":    {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n" + strings.Repeat("x", 9000), 400},
		"a form that never begins":  {"multipart/form-data; boundary=b", "nothing of it", 422},
		"a form cut in its headers": {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file", 422},
	} {
		a := g.do(t, token, http.MethodPost, "/api/v1/cases/"+g.caseID.String()+"/evidence", strings.NewReader(c.body), "Content-Type", c.kind)
		if a.status != c.status {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if n := g.left(t); n != 0 {
		t.Errorf("left %d objects in the vault", n)
	}
	if files, err := g.service.List(t.Context(), g.holder, g.caseID); err != nil || len(files) != 0 {
		t.Errorf("attached %d files, %v", len(files), err)
	}
}

func TestAFileLargerThanIsTakenIsRefusedWhileItArrives(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	source := &endless{left: evidence.MaxSize + 1, peak: new(uint64)}
	if _, err := g.service.Stage(t.Context(), g.holder, g.caseID, evidence.Upload{Size: -1, Content: source}); !errors.Is(err, fault.TooLarge) {
		t.Errorf("%v", err)
	}
	if n := g.left(t); n != 0 {
		t.Errorf("left %d objects", n)
	}
}

// A replayed request attaches nothing twice and is answered with the file.
func TestARepeatedUploadIsOneFile(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	token := g.token(t, "tuvan.kontum")
	var ids []string
	for range 2 {
		a := g.post(t, token, g.caseID, []part{{name: "file", file: "a.png", content: png}}, "Idempotency-Key", "k-1")
		if a.status != http.StatusCreated {
			t.Fatalf("%d %s", a.status, a.body)
		}
		ids = append(ids, a.json(t)["id"].(string))
	}
	files, err := g.service.List(t.Context(), g.holder, g.caseID)
	if err != nil || len(files) != 1 || ids[0] != ids[1] || g.left(t) != 1 {
		t.Errorf("%d files, %v, answered %v, %d objects", len(files), err, ids, g.left(t))
	}
}

func TestAFileThatIsAdoptedByNobodyIsDiscardedOrSwept(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	stage := func() *evidence.Staged {
		t.Helper()
		st, err := g.service.Stage(t.Context(), g.holder, g.caseID, evidence.Upload{Size: -1, Content: bytes.NewReader(png)})
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	if _, err := g.service.Adopt(t.Context(), g.Actor(t, "tuvan.ngochoi"), stage(), ""); !errors.Is(err, fault.NotFound) || g.left(t) != 0 {
		t.Errorf("adopted by a stranger: %v, %d objects left", err, g.left(t))
	}
	kept := g.attach(t, png, "giữ.png", "")
	stage() // and the server died here
	ctx := t.Context()
	app := g.DB.Open(t, pg.App)
	named := func(ctx context.Context, objects []string) ([]string, error) {
		var known []string
		return known, app.SelectContext(ctx, &known, `select gate.named_objects($1)`, pq.Array(objects))
	}
	if done, err := g.service.Sweep(ctx, time.Now().Add(-evidence.Grace), named); err != nil || done != (evidence.Swept{}) {
		t.Errorf("young objects: %+v, %v", done, err)
	}
	refused := errors.New("no answer")
	if _, err := g.service.Sweep(ctx, time.Now().Add(time.Hour), func(context.Context, []string) ([]string, error) { return nil, refused }); !errors.Is(err, refused) || g.left(t) != 2 {
		t.Errorf("a sweep that could not ask: %v, %d objects left", err, g.left(t))
	}
	if done, err := g.service.Sweep(ctx, time.Now().Add(time.Hour), named); err != nil || done != (evidence.Swept{Removed: 1}) {
		t.Errorf("%+v, %v", done, err)
	}
	c, err := g.service.Open(ctx, g.holder, kept.ID)
	if err != nil {
		t.Fatalf("the kept file: %v", err)
	}
	defer c.Close()
	if got, err := io.ReadAll(io.NewSectionReader(c, 0, c.Opened.Size())); err != nil || !bytes.Equal(got, png) {
		t.Errorf("the kept file: %d bytes, %v", len(got), err)
	}
}

// Whoever can write the database at will cannot show a file in another case, under another name, or another file in its place.
func TestAMovedRowDoesNotOpen(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	super := g.DB.Open(t, pg.Superuser)
	other := g.newCase(t, g.holder)
	for name, change := range map[string]func(a, b evidence.File){
		"to another case": func(a, _ evidence.File) {
			super.MustExec(`update evidence set case_id = $1 where id = $2`, other, a.ID)
		},
		"another file's object": func(a, b evidence.File) {
			super.MustExec(`update evidence e set object = e.object || '-x' where id = $1`, b.ID)
			super.MustExec(`update evidence a set object = left(b.object, -2), object_version = b.object_version, sealed_size = b.sealed_size from evidence b where a.id = $1 and b.id = $2`, a.ID, b.ID)
		},
		"another file's details": func(a, b evidence.File) {
			super.MustExec(`update evidence a set details = b.details from evidence b where a.id = $1 and b.id = $2`, a.ID, b.ID)
		},
		"another commitment": func(a, b evidence.File) {
			super.MustExec(`update evidence a set commitment = b.commitment from evidence b where a.id = $1 and b.id = $2`, a.ID, b.ID)
		},
		"another size": func(a, _ evidence.File) { super.MustExec(`update evidence set size = size + 1 where id = $1`, a.ID) },
	} {
		a, b := g.attach(t, png, "một.png", ""), g.attach(t, png, "hai.png", "")
		tx := super.MustBegin()
		if _, err := tx.Exec(`alter table evidence disable trigger user`); err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		change(a, b)
		if c, err := g.service.Open(t.Context(), g.holder, a.ID); !errors.Is(err, seal.ErrForged) {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
}

func TestAnObjectThatIsGoneIsOurFaultAndSaysSo(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	f := g.attach(t, png, "mất.png", "")
	for _, object := range list(t, g.vault, "files/") {
		if err := g.vault.Remove(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	token := g.token(t, "tuvan.kontum")
	if a := g.do(t, token, http.MethodGet, "/api/v1/evidence/"+f.ID.String()+"/content", nil); a.status != http.StatusInternalServerError {
		t.Errorf("%d", a.status)
	}
	if a := g.do(t, token, http.MethodGet, "/api/v1/evidence/"+f.ID.String(), nil); a.status != http.StatusOK {
		t.Errorf("metadata: %d", a.status)
	}
}

func TestAnUploadWhoseSourceBreaksTellsTheSource(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	broken := errors.New("the browser went away")
	for _, after := range []int{0, 100, 5 << 20} {
		source := io.MultiReader(bytes.NewReader(someBytes(after)), iotest.ErrReader(broken))
		if _, err := g.service.Stage(t.Context(), g.holder, g.caseID, evidence.Upload{Size: -1, Content: source}); !errors.Is(err, broken) {
			t.Errorf("after %d: %v", after, err)
		}
	}
	if n := g.left(t); n != 0 {
		t.Errorf("left %d objects", n)
	}
}

// Nothing of a file is found in the clear: not in the database, not in the vault, not in the log.
func TestNothingOfAFileLiesInTheClear(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	token := g.token(t, "tuvan.kontum")
	const canary = "CANARY-KHONG-AI-BIET"
	content := []byte(strings.Repeat(canary, 5000))
	a := g.post(t, token, g.caseID, []part{{name: "description", content: []byte("mô tả " + canary)}, {name: "file", file: canary + ".txt", content: content}})
	if a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	id := a.json(t)["id"].(string)
	g.do(t, token, http.MethodGet, "/api/v1/evidence/"+id+"/content", nil)
	sum := sha256.Sum256(content)
	var rows []string
	if err := g.DB.Open(t, pg.Superuser).Select(&rows, `select e::text || encode(e.details, 'escape') from evidence e union all select a::text from audit.entries a union all select i::text from idempotency i`); err != nil {
		t.Fatal(err)
	}
	var object []byte
	for _, o := range list(t, g.vault, "files/") {
		object = append(object, read(t, g.vault, o.Stored, 0, o.Size)...)
	}
	if len(rows) < 3 || len(object) < len(content) {
		t.Fatalf("looked at %d rows and %d bytes", len(rows), len(object))
	}
	for where, text := range map[string]string{"database": strings.Join(rows, "\n"), "vault": string(object), "log": g.log.Text()} {
		for what, secret := range map[string]string{"content": canary, "hash": hex.EncodeToString(sum[:]), "raw hash": string(sum[:])} {
			if strings.Contains(text, secret) {
				t.Errorf("the %s of the file lies in the %s", what, where)
			}
		}
	}
}
