package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"binhan/internal/app/apptest"
	"binhan/web"
)

// reports counts what browsers reported to an application about its policy.
func reports(s *apptest.Server) int {
	return strings.Count(s.Log.String(), `"route":"POST `+web.ReportPath+`"`)
}

// quiet holds an application to no violation of the page policy, Trusted Types included, whatever its pages were put through.
func quiet(t *testing.T, s *apptest.Server) {
	t.Helper()
	t.Cleanup(func() {
		if n := reports(s); n != 0 {
			t.Errorf("the browser reported %d violations of the page policy", n)
		}
	})
}

func cut(text string, n int) string {
	r := []rune(text)
	return string(r[:min(n, len(r))])
}

// TestNothingThatWasTypedEverRuns stores hostile texts in every field that a page shows, sends others by forms and addresses, and looks at all of it in a real
// browser. Two walls stand: the text is no markup, and markup would not run. Each is shown to hold alone.
func TestNothingThatWasTypedEverRuns(t *testing.T) {
	hostile := apptest.Hostile()
	// A page that writes them as they are, without a policy: the texts are what they are meant to be.
	naked := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Query().Has("walled") {
			w.Header().Set("Content-Security-Policy", web.ContentSecurityPolicy)
		}
		fmt.Fprintf(w, "<!doctype html><p>%s</p>", r.URL.Query().Get("x"))
	}))
	defer naked.Close()
	b := newTab(t, browser(t), 8*time.Minute)
	ran, walled := 0, 0
	for i := 0; i < len(hostile); i += 3 {
		for _, wall := range []string{"", "&walled"} {
			if strings.Contains(hostile[i], "http-equiv") {
				continue // leads away, so that nothing is left to look at
			}
			b.open(t, naked.URL+"/?x="+url.QueryEscape(hostile[i])+wall)
			if read[bool](t, b, `window.ran === 1`) {
				if ran++; wall != "" {
					walled++
					t.Errorf("%q runs under the page policy", hostile[i])
				}
			}
		}
	}
	if ran < 20 {
		t.Errorf("only %d of the texts would run anywhere", ran)
	}

	s := apptest.New(t)
	quiet(t, s)
	api := s.As(t, "tuvan.kontum")
	p := sitDown(t, s, "tuvan.kontum", 1280)
	p.said()
	looked := 0
	look := func(where string) {
		looked++
		if got := read[string](t, p.tab, `JSON.stringify([window.ran ?? 0, document.querySelectorAll('script').length, document.querySelectorAll('img, iframe, object, embed, base, style, math, video, audio, [onerror], [onload], [onfocus], [style]').length])`); got != "[0,1,0]" {
			t.Errorf("%s: ran, scripts, foreign elements: %s", where, got)
		}
		for _, m := range p.said() {
			if !strings.Contains(m, "the server responded with a status of") {
				t.Errorf("%s: %s", where, m)
			}
		}
	}
	n := 0
	next := func(limit int) string {
		n++
		return cut(hostile[n%len(hostile)], limit)
	}
	for n < len(hostile) {
		made := api.Do("POST", "/api/v1/cases", map[string]any{
			"survivor":     map[string]any{"name": next(150), "sex": "F", "address": next(200)},
			"safe_contact": map[string]any{"channel": "OTHER", "value": next(150), "hours": next(60), "code_word": next(60), "must_not": []string{next(100)}},
			"intake":       map[string]any{"channel": "IN_PERSON"}, "narrative": next(300), "incident": map[string]any{"description": next(300), "acts": []string{"A"}, "perpetrators": []any{map[string]any{"name": next(150)}}},
		})
		if made.Status != http.StatusCreated {
			t.Fatalf("%d %s", made.Status, made.Body)
		}
		for _, page := range []string{"", "/sua"} {
			p.goTo("/ho-so/" + made.Text("id") + page)
			look("/ho-so/*" + page)
		}
	}
	// Forms that come back, in the browser's own hands.
	for i := 0; i < len(hostile); i += 25 {
		p.goTo("/tiep-nhan/moi")
		if missing := fillAll(t, p, hostile[i:min(i+25, len(hostile))]); missing < 10 {
			t.Fatalf("only %d fields to type into", missing)
		}
		p.press(`main form .primary`, `location.pathname === '/tiep-nhan/moi' || location.pathname.startsWith('/ho-so/')`)
		look("/tiep-nhan/moi")
	}
	for i := 0; i < len(hostile); i += 12 {
		for _, path := range []string{"/khong-co/", "/ho-so/", "/ho-so?status=", "/khoa?back=", "/xac-nhan?back="} {
			p.goTo(path + url.PathEscape(strings.ReplaceAll(hostile[i], "/", "")))
			look(path)
		}
	}
	t.Logf("%d texts: %d would run on a naked page, %d under the policy, 0 on %d pages of ours", len(hostile), ran, walled, looked)
}

// fillAll types a text into each empty field of the page's form.
func fillAll(t *testing.T, p *person, texts []string) int {
	t.Helper()
	raw, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	return read[int](t, p.tab, `(() => { const texts = `+string(raw)+`; let n = 0;
		for (const f of document.querySelectorAll('main form input[type=text], main form textarea')) { if (!f.value) { f.value = texts[n % texts.length]; n++; } }
		return n; })()`)
}

// TestTheBrowserTellsWhatThePolicyKeptOut shows that a page which tries what Trusted Types and the policy forbid is stopped, and that we hear of it.
func TestTheBrowserTellsWhatThePolicyKeptOut(t *testing.T) {
	s := apptest.New(t)
	b := newTab(t, browser(t), 3*time.Minute)
	b.open(t, strings.Replace(s.URL, "127.0.0.1", "localhost", 1)+"/dang-nhap")
	got := read[string](t, b, `(() => { const out = [];
		const attempt = (name, f) => { try { f(); out.push(name + ' ran'); } catch (e) { out.push(name + ' ' + e.name); } };
		attempt('markup', () => { document.body.innerHTML = '<p>x</p>'; });
		attempt('policy', () => { trustedTypes.createPolicy('x', {createHTML: x => x}); });
		attempt('write', () => { document.write('<p>x</p>'); });
		attempt('code', () => { document.createElement('script').text = 'window.ran = 1'; });
		attempt('fragment', () => { document.createRange().createContextualFragment('<p>x</p>'); });
		attempt('parser', () => { new DOMParser().parseFromString('<p>x</p>', 'text/html'); });
		attempt('frame', () => { document.createElement('iframe').srcdoc = '<p>x</p>'; });
		const s = document.createElement('img'); s.src = 'https://evil.example/x.png'; document.body.append(s);
		return out.join(', '); })()`)
	if want := "markup TypeError, policy TypeError, write TypeError, code TypeError, fragment TypeError, parser TypeError, frame TypeError"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	b.until(t, `!document.querySelector('img')?.naturalWidth && document.querySelector('img')?.complete`)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for reports(s) == 0 { // the report travels beside the page
		select {
		case <-tick.C:
		case <-b.ctx.Done():
			t.Fatal("no report came")
		}
	}
	if strings.Contains(s.Log.String(), "evil") || strings.Contains(s.Log.String(), "TypeError") || strings.Contains(s.Log.String(), `"route":"POST `+web.ReportPath+`","status":403`) {
		t.Errorf("a report is refused or kept: %s", s.Log)
	}
}

// TestAfterQuickExitNothingIsLeftOnTheDevice leaves the real application in a hurry and then looks as whoever takes the device next would: Back, Forward, the address
// again, a tab that was closed, the browser's storage, its cookies, and the server with the cookie that was stolen before.
func TestAfterQuickExitNothingIsLeftOnTheDevice(t *testing.T) {
	s := apptest.New(t)
	quiet(t, s)
	c := s.As(t, "tuvan.kontum")
	id := c.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case()).Text("id")
	marks := []string{"Người Thử Nghiệm Một", "hoa dã quỳ", "0900 000 002", "Sổ công việc"}
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	for _, way := range []string{"button", "keys", "no script"} {
		p := sitDown(t, s, "tuvan.kontum", 360)
		p.goTo("/ho-so/" + id)
		p.says("Người Thử Nghiệm Một")
		p.goTo("/ho-so")
		p.goTo("/ho-so/" + id)
		jar := call(t, p.tab, network.GetCookies, network.GetCookiesParams{})
		session := ""
		for _, k := range jar.Cookies {
			if k.Name == "so" {
				session = k.Name + "=" + k.Value
			}
		}
		s.As(t, "").Must(http.StatusOK, "GET", "/api/v1/cases", nil, "Cookie", session)
		// A page of hers in another tab knows it too.
		other := newTab(t, p.ctx, 3*time.Minute)
		other.open(t, p.base+"/ho-so/"+id)
		switch way {
		case "button":
			p.press(`#exit button`, `location.pathname === '/thoat'`)
		case "keys":
			for range 3 {
				p.shift(t)
			}
			p.arrive(`location.pathname === '/thoat' && document.readyState === 'complete'`)
		default:
			p.scripts(t, false)
			p.goTo("/ho-so/" + id)
			p.do(t, chromedp.Click(chromedp.CSS("#exit button")))
			p.arrive(`location.pathname === '/thoat' && document.readyState === 'complete'`)
			p.scripts(t, true)
		}
		// The session is dead with the next request, for whoever had its cookie.
		s.As(t, "").Must(http.StatusUnauthorized, "GET", "/api/v1/cases", nil, "Cookie", session)
		nothing := func(where string, who *tab) {
			t.Helper()
			source := read[string](t, who, "document.documentElement.outerHTML + document.title + location.href")
			for _, m := range append(marks[:3:3], id) {
				if strings.Contains(source, m) {
					t.Errorf("%s, %s: %q is there", way, where, m)
				}
			}
		}
		nothing("the neutral page", p.tab)
		if title := read[string](t, p.tab, "document.title"); strings.Contains(title, "công việc") {
			t.Errorf("%s: the neutral page is called %q", way, title)
		}
		if left := read[string](t, p.tab, `(async () => JSON.stringify([document.cookie, localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, (await caches.keys()).length, (await navigator.serviceWorker.getRegistrations()).length]))()`); left != `["",0,0,0,0,0]` {
			t.Errorf("%s: left in the browser: %s", way, left)
		}
		if jar := call(t, p.tab, network.GetCookies, network.GetCookiesParams{}); len(jar.Cookies) != 0 {
			t.Errorf("%s: cookies are left: %d, the first %s", way, len(jar.Cookies), jar.Cookies[0].Name)
		}
		for _, step := range []struct{ where, script string }{
			{"Back", `history.back()`}, {"Back twice", `history.go(-2)`}, {"Forward", `history.forward()`}, {"the address", `location.href = '/ho-so/` + id + `'`}, {"Reload", `location.reload()`},
		} {
			read[chromedp.Void](t, p.tab, `window.before = true; setTimeout(() => { `+step.script+`; })`)
			for range 40 { // a browser may also stay where it is, having kept nothing to go to
				if there, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`!window.before && document.readyState === 'complete'`)); err == nil && there {
					break
				}
				<-tick.C
			}
			nothing(step.where, p.tab)
		}
		// Her other tab, looked at again.
		read[chromedp.Void](t, other, `window.before = true; setTimeout(() => location.reload())`)
		other.until(t, `!window.before && document.readyState === 'complete'`)
		nothing("another tab", other)
		again := newTab(t, p.ctx, 3*time.Minute)
		again.open(t, p.base+"/ho-so/"+id)
		nothing("a tab opened anew", again)
	}
}
