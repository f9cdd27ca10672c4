// Package web holds what the browser sees: the pages (web/pages), their grammar (web/ui), and the built style sheet, script and icon
// (web/dist, made by web/build and committed, so that building the server needs neither Node nor a bundler).
//
// Built files bear a hash of their content in their name; they may be cached for ever, by anyone, for they hold nothing about anybody. Pages
// themselves are never cached.
package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"

	"binhan/web/ui"
)

// AssetPrefix is where the built files are served.
const AssetPrefix = "/assets/"

// ReportPath is where a browser tells that it kept a page from something. The report is counted and its content is not read.
const ReportPath = "/bao-loi"

// ContentSecurityPolicy is the one policy of every page: our own files, no inline script, no inline style, no frame, and no string becomes
// markup or code (Trusted Types, with no policy that could make an exception).
const ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; object-src 'none'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'; report-uri " + ReportPath

//go:embed dist
var dist embed.FS

type asset struct {
	raw, zipped []byte
	kind        string
}

// kinds is fixed here, for the machine's own table may say otherwise.
var kinds = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml; charset=utf-8", ".json": "application/json; charset=utf-8"}

var load = sync.OnceValue(func() map[string]asset {
	all := map[string]asset{}
	entries, err := fs.ReadDir(dist, "dist")
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		raw, err := fs.ReadFile(dist, path.Join("dist", e.Name()))
		if err != nil {
			panic(err)
		}
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is a constant that exists
		if _, err := z.Write(raw); err != nil {
			panic(err)
		}
		if err := z.Close(); err != nil {
			panic(err)
		}
		all[e.Name()] = asset{raw: raw, zipped: b.Bytes(), kind: kinds[path.Ext(e.Name())]}
	}
	return all
})

var manifest = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	if err := json.Unmarshal(load()["manifest.json"].raw, &names); err != nil {
		panic(fmt.Sprintf("web/dist/manifest.json: %v", err))
	}
	for logical, hashed := range names {
		if _, ok := load()[hashed]; !ok {
			panic(fmt.Sprintf("web/dist lacks %s (%s)", hashed, logical))
		}
	}
	return names
})

// Assets are the addresses that pages link to.
func Assets() ui.Assets {
	m := manifest()
	return ui.Assets{Style: AssetPrefix + m["app.css"], Script: AssetPrefix + m["app.js"], Icon: AssetPrefix + m["icon.svg"]}
}

// Handler serves the built files under AssetPrefix: compressed where the browser can, cacheable for a year, and nothing else.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ok := strings.CutPrefix(r.URL.Path, AssetPrefix)
		a, known := load()[name]
		if !ok || !known || name == "manifest.json" {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Vary", "Accept-Encoding")
		body := a.raw
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			body = a.zipped
		}
		h.Set("Content-Length", fmt.Sprint(len(body)))
		if r.Method == http.MethodGet {
			_, _ = w.Write(body) // the reader went away; nothing to do
		}
	})
}
