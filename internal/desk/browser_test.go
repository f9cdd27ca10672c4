package desk_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"binhan/internal/app/apptest"
	"binhan/internal/world"
)

// browser is a person at a browser without scripts: cookies, the Origin header, the fields of the forms that the pages really show.
type browser struct {
	t    testing.TB
	s    *apptest.Server
	http *http.Client
	name string
	at   sheet // the page on the screen
}

// sheet is a page as it arrived.
type sheet struct {
	Path   string
	Status int
	Header http.Header
	Source string
	root   *html.Node
}

func open(t testing.TB, s *apptest.Server) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, s: s, http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as signs a member of the cast in through the sign-in page.
func as(t testing.TB, s *apptest.Server, username string) *browser {
	t.Helper()
	b := open(t, s)
	b.name = username
	b.visit("/dang-nhap")
	b.send("/dang-nhap", map[string]any{"username": username, "password": world.Password})
	b.on("/hom-nay")
	return b
}

// ask sends one request and follows nothing.
func (b *browser) ask(method, path string, form url.Values, headers ...string) sheet {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(context.Background(), method, b.s.URL+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if method != http.MethodGet {
		req.Header.Set("Origin", b.s.URL)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i+1] == "" {
			req.Header.Del(headers[i])
		} else {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	res, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	p := sheet{Path: path, Status: res.StatusCode, Header: res.Header, Source: string(raw)}
	if p.root, err = html.Parse(strings.NewReader(p.Source)); err != nil {
		b.t.Fatal(err)
	}
	return p
}

// visit opens an address and goes where it leads.
func (b *browser) visit(path string) sheet {
	b.t.Helper()
	b.at = b.ask(http.MethodGet, path, nil)
	for hops := 0; b.at.Status == http.StatusSeeOther; hops++ {
		if hops == 5 {
			b.t.Fatalf("%s: %s leads nowhere", b.name, path)
		}
		b.at = b.ask(http.MethodGet, b.at.Header.Get("Location"), nil)
	}
	return b.at
}

// send fills the form of the page that goes to action and presses its button; what is not given stays as the page has it. nil empties a field.
func (b *browser) send(action string, fill map[string]any) sheet {
	b.t.Helper()
	v, method := b.at.form(action)
	if v == nil {
		b.t.Fatalf("%s: no form to %s on %s:\n%s", b.name, action, b.at.Path, b.at.text())
	}
	for name, x := range fill {
		switch x := x.(type) {
		case nil:
			v.Del(name)
		case string:
			v.Set(name, x)
		case []string:
			v[name] = x
		default:
			b.t.Fatalf("%s: %T", name, x)
		}
	}
	if method == "get" {
		return b.visit(action + "?" + v.Encode())
	}
	b.at = b.ask(http.MethodPost, action, v)
	if b.at.Status == http.StatusSeeOther {
		b.visit(b.at.Header.Get("Location"))
	}
	return b.at
}

// on ends the test unless this is the page on the screen; an id in the path is "*".
func (b *browser) on(path string) string {
	b.t.Helper()
	got, want := strings.Split(b.at.Path, "/"), strings.Split(path, "/")
	id := ""
	ok := b.at.Status == http.StatusOK && len(got) == len(want)
	for i := 0; ok && i < len(got); i++ {
		if want[i] == "*" {
			id = got[i]
			continue
		}
		ok = got[i] == want[i]
	}
	if !ok {
		b.t.Fatalf("%s is on %s (%d), not on %s:\n%s", b.name, b.at.Path, b.at.Status, path, b.at.text())
	}
	return id
}

// says ends the test unless the page says each of the texts.
func (b *browser) says(texts ...string) {
	b.t.Helper()
	for _, x := range texts {
		if !strings.Contains(b.at.text(), x) {
			b.t.Fatalf("%s: %s does not say %q:\n%s", b.name, b.at.Path, x, b.at.text())
		}
	}
}

// unfold presses the one button that opens the story of the case on the screen, and reads it there.
func (b *browser) unfold(texts ...string) {
	b.t.Helper()
	path, _, _ := strings.Cut(b.at.Path, "?")
	b.send(strings.TrimSuffix(path, "/")+"/hien", nil)
	b.says(texts...)
}

// hides ends the test when one of the texts stands anywhere in the source.
func (b *browser) hides(texts ...string) {
	b.t.Helper()
	for _, x := range texts {
		if strings.Contains(html.UnescapeString(b.at.Source), x) {
			b.t.Fatalf("%s: the source of %s holds %q", b.name, b.at.Path, x)
		}
	}
}

func walk(n *html.Node, see func(*html.Node)) {
	see(n)
	for c := range n.ChildNodes() {
		walk(c, see)
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

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func inner(n *html.Node) string {
	var b strings.Builder
	walk(n, func(x *html.Node) {
		if x.Type == html.TextNode && x.Parent.Data != "script" && x.Parent.Data != "style" {
			b.WriteString(x.Data)
			b.WriteByte(' ')
		}
	})
	return strings.Join(strings.Fields(b.String()), " ")
}

// text is what the page says to a reader.
func (p sheet) text() string { return inner(p.root) }

// title is the tab's.
func (p sheet) title() string {
	t := ""
	walk(p.root, func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == "title" && t == "" {
			t = inner(n)
		}
	})
	return t
}

// form gives the fields of the form that goes to action as a browser would send them, nil when there is none.
func (p sheet) form(action string) (url.Values, string) {
	var form *html.Node
	walk(p.root, func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == "form" && attr(n, "action") == action && (form == nil || attr(form, "method") == "get") {
			form = n
		}
	})
	if form == nil {
		return nil, ""
	}
	v := url.Values{}
	walk(form, func(n *html.Node) {
		if n.Type != html.ElementNode || attr(n, "name") == "" || has(n, "disabled") {
			return
		}
		switch n.Data {
		case "input":
			switch attr(n, "type") {
			case "checkbox", "radio":
				if has(n, "checked") {
					v.Add(attr(n, "name"), attr(n, "value"))
				}
			case "submit", "file":
			default:
				v.Add(attr(n, "name"), attr(n, "value"))
			}
		case "textarea":
			text := ""
			for c := range n.ChildNodes() {
				text += c.Data
			}
			v.Add(attr(n, "name"), strings.TrimPrefix(text, "\n"))
		case "select":
			var options []string
			chosen := 0
			walk(n, func(o *html.Node) {
				if o.Type == html.ElementNode && o.Data == "option" {
					if has(o, "selected") {
						chosen = len(options)
					}
					options = append(options, attr(o, "value"))
				}
			})
			v.Add(attr(n, "name"), options[chosen])
		}
	})
	return v, attr(form, "method")
}

// links are the addresses that the page leads to.
func (p sheet) links() []string {
	var out []string
	walk(p.root, func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == "a" && has(n, "href") {
			out = append(out, attr(n, "href"))
		}
	})
	return out
}
