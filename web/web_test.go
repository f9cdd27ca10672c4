package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"binhan/internal/i18n"
	"binhan/web"
	"binhan/web/gallery"
)

// rendered is every page of the gallery as the browser gets it.
func rendered(t *testing.T, each func(t *testing.T, name string, raw []byte, doc *html.Node)) {
	t.Helper()
	for _, lang := range i18n.Languages {
		for _, p := range gallery.Pages(lang) {
			t.Run(string(lang)+"/"+p.Name, func(t *testing.T) {
				t.Parallel()
				var b bytes.Buffer
				if err := p.Body.Render(context.Background(), &b); err != nil {
					t.Fatal(err)
				}
				doc, err := html.Parse(bytes.NewReader(b.Bytes()))
				if err != nil {
					t.Fatal(err)
				}
				each(t, p.Name, b.Bytes(), doc)
			})
		}
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func zipped(raw []byte) int {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = z.Write(raw)
	_ = z.Close()
	return b.Len()
}

func TestPagesHoldNoInlineScriptOrStyle(t *testing.T) {
	t.Parallel()
	rendered(t, func(t *testing.T, _ string, _ []byte, doc *html.Node) {
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if n.Data == "style" || n.Data == "iframe" || n.Data == "object" || n.Data == "script" && attr(n, "src") == "" {
				t.Errorf("<%s> is on the page", n.Data)
			}
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
					t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
				}
			}
		}
	})
}

func TestPagesAreWellMade(t *testing.T) {
	t.Parallel()
	rendered(t, func(t *testing.T, name string, raw []byte, doc *html.Node) {
		ids := map[string]int{}
		refs := map[string]bool{}
		h1, exits, nodes := 0, 0, 0
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			nodes++
			if id := attr(n, "id"); id != "" {
				ids[id]++
			}
			for _, a := range []string{"aria-describedby", "aria-labelledby", "for", "form", "list"} {
				for _, id := range strings.Fields(attr(n, a)) {
					refs[id] = true
				}
			}
			switch n.Data {
			case "h1":
				h1++
			case "form":
				switch {
				case attr(n, "id") == "exit":
					exits++
				case attr(n, "method") == "":
					t.Errorf("a form to %q has no method", attr(n, "action"))
				}
			}
		}
		if h1 != 1 {
			t.Errorf("%d h1", h1)
		}
		if want := 1; name != "session/neutral" && exits != want {
			t.Errorf("%d quick exits", exits)
		}
		for id, n := range ids {
			if n > 1 {
				t.Errorf("id %q is given %d times", id, n)
			}
		}
		for id := range refs {
			if ids[id] == 0 {
				t.Errorf("nothing has the id %q", id)
			}
		}
		if nodes > 1200 {
			t.Errorf("%d elements", nodes)
		}
		if size := zipped(raw); size > 14<<10 {
			t.Errorf("%d bytes compressed", size)
		}
		if strings.Contains(string(raw), "!<") || regexp.MustCompile(`%!|\(MISSING\)|page_[a-z]+\.[a-z_]+|"ui\.[a-z_]+"`).Match(raw) {
			t.Error("a sentence is missing or shouts")
		}
	})
}

func TestTitlesAndAddressesNameNobody(t *testing.T) {
	t.Parallel()
	people := regexp.MustCompile(`(?i)thử nghiệm|người có hành vi|0900|7K3M|tiếp nhận, cán bộ`)
	rendered(t, func(t *testing.T, name string, _ []byte, doc *html.Node) {
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if n.Data == "title" && n.Parent.Data == "head" { // a place of a map has a title of its own
				if got := text(n); people.MatchString(got) || name != "session/neutral" && !strings.HasSuffix(got, "Sổ công việc") && !strings.HasSuffix(got, "Work log") {
					t.Errorf("the title is %q", got)
				}
			}
			for _, a := range []string{"href", "action"} {
				if v := attr(n, a); people.MatchString(v) && !strings.HasPrefix(v, "tel:") {
					t.Errorf("an address names somebody: %q", v)
				}
			}
		}
	})
}

func TestReceiverBeforeAcceptanceFindsNothingThatWasShared(t *testing.T) {
	t.Parallel()
	rendered(t, func(t *testing.T, name string, raw []byte, _ *html.Node) {
		if name != "referral/ticket-envelope" && name != "referral/in" && name != "referral/ticket-stopped" {
			return
		}
		for _, secret := range []string{"Người Thử Nghiệm Một", "0900 000 001", "Chữ bịa", "nơi tạm lánh trong chiều nay"} {
			if bytes.Contains(raw, []byte(secret)) {
				t.Errorf("the page holds %q", secret)
			}
		}
	})
}

func TestNarrativeIsAbsentUntilItIsAskedFor(t *testing.T) {
	t.Parallel()
	rendered(t, func(t *testing.T, name string, raw []byte, _ *html.Node) {
		if want := name == "casefile/case-reading"; strings.HasPrefix(name, "casefile/case") && bytes.Contains(raw, []byte("mùa rẫy")) != want {
			t.Errorf("the story is on the page: %v", !want)
		}
	})
}

func TestListsHoldNoName(t *testing.T) {
	t.Parallel()
	rendered(t, func(t *testing.T, name string, raw []byte, _ *html.Node) {
		if strings.HasPrefix(name, "casefile/list") && bytes.Contains(raw, []byte("Người Thử Nghiệm")) {
			t.Error("a list holds a person's name")
		}
	})
}

func TestWhatWasTypedComesBackWithItsProblems(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	for _, p := range gallery.Pages(i18n.Vietnamese) {
		if p.Name == "intake/refused" {
			if err := p.Body.Render(context.Background(), &b); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, want := range []string{
		`value="Người Thử Nghiệm Một Có Họ Và Tên Đệm Rất Là Dài Nguyễn Thị Hoàng Phương Khánh"`, `value="3026"`, `value="Xã Bờ"`, `value="31"`, `value="Người Có Hành Vi Hai"`,
		"\nTheo lời người ấy:\nviệc xảy ra nhiều lần.</textarea>", `href="#f-survivor.birth_year"`, `id="f-survivor.birth_year-problem"`, `aria-invalid="true"`,
		`name="consents.0.decision" value="GIVEN" checked`, `name="incident.acts" value="A" checked`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestFirstLoadFitsASlowLine(t *testing.T) {
	t.Parallel()
	a := web.Assets()
	sizes := map[string]int{}
	for kind, at := range map[string]string{"style": a.Style, "script": a.Script, "icon": a.Icon} {
		r := httptest.NewRequest(http.MethodGet, at, nil)
		r.Header.Set("Accept-Encoding", "gzip, br")
		w := httptest.NewRecorder()
		web.Handler().ServeHTTP(w, r)
		if w.Code != 200 || w.Header().Get("Content-Encoding") != "gzip" || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Fatalf("%s: %d %v", at, w.Code, w.Header())
		}
		sizes[kind] = w.Body.Len()
	}
	if sizes["style"] > 12<<10 || sizes["script"] > 20<<10 || sizes["style"]+sizes["script"]+sizes["icon"]+14<<10 > 60<<10 {
		t.Errorf("too heavy: %v", sizes)
	}
	t.Logf("%v", sizes)
}

func TestHandlerServesBuiltFilesAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"GET", web.Assets().Style, 200}, {"HEAD", web.Assets().Script, 200}, {"POST", web.Assets().Style, 405}, {"GET", "/assets/manifest.json", 404},
		{"GET", "/assets/../embed.go", 404}, {"GET", "/assets/", 404}, {"GET", "/elsewhere", 404},
	} {
		r := httptest.NewRequest(c.method, "http://x/", nil)
		r.URL.Path = c.path
		w := httptest.NewRecorder()
		web.Handler().ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, w.Code, c.want)
		}
		if c.method == "HEAD" && w.Body.Len() != 0 {
			t.Error("HEAD has a body")
		}
	}
	r := httptest.NewRequest("GET", web.Assets().Script, nil)
	w := httptest.NewRecorder()
	web.Handler().ServeHTTP(w, r)
	plain := w.Body.String()
	r.Header.Set("Accept-Encoding", "gzip")
	w = httptest.NewRecorder()
	web.Handler().ServeHTTP(w, r)
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if unzipped, err := io.ReadAll(z); err != nil || string(unzipped) != plain {
		t.Errorf("compressed and plain differ: %v", err)
	}
}

// sources are the files in which keys and words are written.
func sources(t *testing.T, ends ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			return err
		}
		if slices.ContainsFunc(ends, func(e string) bool { return strings.HasSuffix(path, e) }) {
			raw, err := os.ReadFile(path)
			all[path] = string(raw)
			return err
		}
		return nil
	})
	if err != nil || len(all) < 8 {
		t.Fatal(len(all), err)
	}
	return all
}

// ours tells whether a key of the catalogue belongs to the pages.
func ours(key string) bool { return strings.HasPrefix(key, "ui.") || strings.HasPrefix(key, "page_") }

func TestEverySentenceOfThePagesExistsAndIsUsed(t *testing.T) {
	t.Parallel()
	key := regexp.MustCompile(`"((?:ui|page_[a-z]+)\.[a-z_.0-9]*)"`)
	used, prefixes := map[string]bool{}, []string{}
	all := sources(t, ".templ", ".go")
	desk, err := filepath.Glob(filepath.Join("..", "internal", "desk", "*.go")) // what chooses the words that a page shows
	if err != nil || len(desk) == 0 {
		t.Fatal(err)
	}
	for _, path := range desk {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(path, "_test.go") {
			all[path] = string(raw)
		}
	}
	for path, s := range all {
		for _, m := range key.FindAllStringSubmatch(s, -1) {
			switch {
			case strings.HasSuffix(m[1], "_"), strings.HasSuffix(m[1], "."):
				prefixes = append(prefixes, m[1])
			case !i18n.Vietnamese.Has(m[1]) || !i18n.English.Has(m[1]):
				t.Errorf("%s uses %q, which the catalogue lacks", path, m[1])
			}
			used[m[1]] = true
		}
	}
	for _, k := range i18n.Vietnamese.Keys() {
		if ours(k) && !used[k] && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(k, p) }) {
			t.Errorf("nothing uses %q", k)
		}
	}
}

func TestBothLanguagesFillTheSamePlaces(t *testing.T) {
	t.Parallel()
	place := regexp.MustCompile(`\{[a-z]+\}`)
	sorted := func(s string) string {
		found := place.FindAllString(s, -1)
		slices.Sort(found)
		return strings.Join(slices.Compact(found), " ")
	}
	for _, k := range i18n.Vietnamese.Keys() {
		if !ours(k) {
			continue
		}
		vi, en := sorted(i18n.Vietnamese.Text(k)), sorted(i18n.English.Text(k))
		if !i18n.English.Has(k) || vi != en {
			t.Errorf("%s: %q against %q", k, vi, en)
		}
	}
}

func TestWordsAreThoseOfTheField(t *testing.T) {
	t.Parallel()
	avoided := regexp.MustCompile(`(?i)nạn nhân|đối tượng|thủ phạm|hung thủ|khai báo|bất hợp tác|tự nhận|vụ việc nghiêm trọng|bê bối|!|\bOK\b|lỗi không xác định|victim|perpetrator|culprit`)
	for _, l := range i18n.Languages {
		for _, k := range l.Keys() {
			if ours(k) && avoided.MatchString(l.Text(k)) {
				t.Errorf("%s %s: %q", l, k, l.Text(k))
			}
		}
	}
	for path, s := range sources(t, ".templ") {
		for _, m := range regexp.MustCompile(`>[ ]*(\pL[^<{}@\n]*)<`).FindAllStringSubmatch(s, -1) {
			if !slices.Contains([]string{"Tiếng Việt", "English"}, m[1]) {
				t.Errorf("%s holds words outside the catalogue: %q", path, m[1])
			}
		}
		if strings.Contains(s, "templ.Raw") || regexp.MustCompile(`(?m)^script `).MatchString(s) {
			t.Errorf("%s writes markup or script of its own", path)
		}
	}
}

func TestBuiltNamesBearTheHashOfTheirContent(t *testing.T) {
	t.Parallel()
	for _, at := range []string{web.Assets().Style, web.Assets().Script, web.Assets().Icon} {
		if !regexp.MustCompile(`^/assets/[a-z]+-[0-9a-f]{10}\.(css|js|svg)$`).MatchString(at) {
			t.Errorf("%s", at)
		}
	}
	left, err := filepath.Glob("dist/*")
	if err != nil || len(left) != 4 {
		t.Errorf("dist holds %v", fmt.Sprint(left, err))
	}
}
