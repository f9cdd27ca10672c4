// Package e2e looks at every page as a person does: in a browser, under the real policy, small and large, light and dark.
package e2e

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"binhan/internal/i18n"
	"binhan/web"
	"binhan/web/gallery"
)

//go:embed axe.min.js
var axe string

// chromium finds the browser, or ends the test: a browser test that did not run must not look like one that passed.
func chromium(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("BINHAN_CHROMIUM"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("BINHAN_NO_BROWSER") == "1" {
		t.Skip("the browser tests did not run: BINHAN_NO_BROWSER=1 and no Chromium on PATH")
	}
	t.Fatal("no Chromium on PATH: install it (Debian: apt-get install chromium), name it in BINHAN_CHROMIUM, or set BINHAN_NO_BROWSER=1 to go without the browser tests")
	return ""
}

// site serves the gallery with the headers of the real server, and stands in for the few addresses that the script talks to.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	posts []string
}

const password = "mat-khau-thu-nghiem"

func serve(t *testing.T) *site {
	t.Helper()
	s := &site{}
	mux := http.NewServeMux()
	mux.Handle("GET "+web.AssetPrefix, web.Handler())
	for _, lang := range i18n.Languages {
		for _, p := range gallery.Pages(lang) {
			body := p.Body
			mux.HandleFunc("GET /gallery/"+string(lang)+"/"+p.Name, func(w http.ResponseWriter, r *http.Request) {
				if err := body.Render(r.Context(), w); err != nil {
					t.Errorf("render %s: %v", r.URL.Path, err)
				}
			})
		}
	}
	mux.HandleFunc("GET /thoat", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/gallery/vi/session/neutral", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /khoa", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/gallery/vi/session/locked", http.StatusSeeOther)
	})
	mux.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.posts = append(s.posts, r.URL.Path)
		s.mu.Unlock()
		switch {
		case r.URL.Path == "/thoat":
			http.Redirect(w, r, "/thoat", http.StatusSeeOther)
		case r.URL.Path == "/mo-khoa" && r.FormValue("password") == password:
			http.Redirect(w, r, "/gallery/vi/today/list", http.StatusSeeOther)
		case r.URL.Path == "/mo-khoa":
			http.Redirect(w, r, "/gallery/vi/session/locked", http.StatusOK)
		default:
			http.Redirect(w, r, "/gallery/vi/today/list", http.StatusSeeOther)
		}
	})
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, web.AssetPrefix) {
			h := w.Header()
			h.Set("Content-Type", "text/html; charset=utf-8")
			h.Set("Content-Security-Policy", web.ContentSecurityPolicy)
			h.Set("Cache-Control", "no-store")
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
			h.Set("X-Content-Type-Options", "nosniff")
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		s.Close()
		if slices.Contains(s.posts, web.ReportPath) {
			t.Error("the browser reported a violation of the page policy")
		}
	})
	return s
}

func (s *site) posted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.posts...)
}

// shared is the one browser of this package; each test opens a tab of its own.
var shared struct {
	once sync.Once
	ctx  context.Context
	err  error
	end  []func()
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, end := range slices.Backward(shared.end) {
		end()
	}
	os.Exit(code)
}

// browser gives the browser, started with an empty profile.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := chromium(t)
	shared.once.Do(func() {
		profile, err := os.MkdirTemp("", "binhan-e2e-")
		if err != nil {
			shared.err = err
			return
		}
		opts := append([]chromedp.ExecAllocatorOption{
			chromedp.ExecPath(path), chromedp.UserDataDir(profile),
			chromedp.Flag("headless", true), chromedp.Flag("no-sandbox", true), chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true),
			chromedp.Flag("no-first-run", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
			chromedp.Flag("disable-sync", true), chromedp.Flag("disable-default-apps", true), chromedp.Flag("disable-extensions", true),
			chromedp.Flag("hide-scrollbars", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-background-timer-throttling", true),
			chromedp.Flag("disable-backgrounding-occluded-windows", true), chromedp.Flag("disable-renderer-backgrounding", true),
		}, chromedp.WSURLReadTimeout(90*time.Second))
		alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
		ctx, end := chromedp.NewContext(alloc)
		shared.ctx = ctx
		shared.end = []func(){
			func() { _ = os.RemoveAll(profile) }, stop, end,
			func() { _ = chromedp.Cancel(ctx) }, // the browser closes before its folder goes
		}
		shared.err = chromedp.Do(ctx)
	})
	if shared.err != nil {
		t.Fatalf("start Chromium: %v", shared.err)
	}
	return shared.ctx
}

// tab is one page with what its console said.
type tab struct {
	ctx      context.Context
	mu       sync.Mutex
	messages []string
}

// newTab opens a tab; a test that hangs ends after limit.
func newTab(t *testing.T, parent context.Context, limit time.Duration) *tab {
	t.Helper()
	ctx, end := chromedp.NewContext(parent)
	t.Cleanup(end)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(ctx, limit)
	t.Cleanup(stop)
	b := &tab{ctx: ctx}
	err := chromedp.Listen(ctx, func(ev any) {
		switch e := ev.(type) {
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelVerbose || e.Entry.Level == log.EntryLevelInfo {
				return // the browser's advice
			}
			b.note(fmt.Sprintf("%s %s: %s", e.Entry.Level, e.Entry.Source, e.Entry.Text))
		case *runtime.EventExceptionThrown:
			b.note("exception: " + e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			b.note(fmt.Sprintf("console.%s", e.Type))
		case *page.EventJavascriptDialogOpening:
			b.note(fmt.Sprintf("dialog %s", e.Type))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *tab) note(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = append(b.messages, text)
}

// said gives what the console said and forgets it.
func (b *tab) said() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.messages
	b.messages = nil
	return m
}

// do runs the steps or ends the test.
func (b *tab) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// read evaluates an expression in the page; a promise is waited for.
func read[T any](t *testing.T, b *tab, expression string) T {
	t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%v in %.120s", err, expression)
	}
	return v
}

// until waits for an expression to hold; it asks the page, and does not guess how long that takes.
func (b *tab) until(t *testing.T, expression string) {
	t.Helper()
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	for {
		// While a page gives way to the next one there may be nothing to ask; ask again.
		if ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("!!("+expression+")")); err == nil && ok {
			return
		}
		select {
		case <-tick.C:
		case <-b.ctx.Done():
			t.Fatalf("never became true: %s", expression)
		}
	}
}

// scheme prefers light or dark, without motion.
func (b *tab) scheme(t *testing.T, name string) {
	t.Helper()
	call(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

func (b *tab) size(t *testing.T, width, height int64) {
	t.Helper()
	call(t, b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600})
}

func (b *tab) scripts(t *testing.T, on bool) {
	t.Helper()
	call(t, b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
}

func (b *tab) open(t *testing.T, url string) {
	t.Helper()
	b.do(t, chromedp.Navigate(url))
}

func call[P, R any](t *testing.T, b *tab, cmd cdp.Command[P, R], params P) R {
	t.Helper()
	r, err := chromedp.Call(b.ctx, cmd, params)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// shot keeps a picture of the whole page when BINHAN_SHOTS names a folder.
func (b *tab) shot(t *testing.T, name string, width int64) {
	t.Helper()
	dir := os.Getenv("BINHAN_SHOTS")
	if dir == "" {
		return
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	// The window grows to the page, so that bars which stick to its edges are drawn once.
	b.size(t, width, max(640, read[int64](t, b, "document.documentElement.scrollHeight")))
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	file := fmt.Sprintf("%s/%s-%d.png", dir, strings.ReplaceAll(name, "/", "_"), width)
	if err := os.WriteFile(file, png, 0o644); err != nil {
		t.Fatal(err)
	}
}
