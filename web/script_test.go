package web_test

import (
	"regexp"
	"strings"
	"testing"
)

// forbidden is what no script of ours may do, and why.
var forbidden = map[string]*regexp.Regexp{
	"writes markup":                       regexp.MustCompile(`\b(innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|setHTML\w*|parseHTML\w*|DOMParser|XSLTProcessor|srcdoc)\b|document\s*\.\s*(write(ln)?|open)\s*\(`),
	"makes code of text":                  regexp.MustCompile(`\beval\s*\(|\bFunction\s*\(|\bnew\s+Function\b|set(Timeout|Interval)\s*\(\s*["'` + "`" + `]|\bimport\s*\(|importScripts|javascript:`),
	"stores something in the browser":     regexp.MustCompile(`\b(localStorage|sessionStorage|indexedDB|openDatabase|caches|cookieStore|serviceWorker|SharedWorker)\b|document\s*\.\s*cookie|navigator\s*\.\s*storage`),
	"speaks to other windows":             regexp.MustCompile(`\b(postMessage|BroadcastChannel|MessageChannel|opener)\b|window\s*\.\s*(open|name|parent|top)\b`),
	"leaves a name on the window":         regexp.MustCompile(`\b(window|globalThis|self)\s*(\.\s*\w+|\[[^\]]+\])\s*=[^=]|declare\s+global|Object\.assign\(\s*(window|globalThis)`),
	"makes elements that run or load":     regexp.MustCompile(`createElement(NS)?\s*\(|\.(src|href|action|formAction|innerText)\s*=[^=]|setAttribute\s*\(\s*["'` + "`" + `](on|src|href|style|action)`),
	"builds an object of strangers' keys": regexp.MustCompile(`__proto__|\bprototype\b|Object\.(assign|setPrototypeOf|fromEntries)|\bReflect\b|for\s*\(\s*(const|let|var)\s+\w+\s+in\b`),
	"makes a regular expression of text":  regexp.MustCompile(`\bRegExp\s*\(`),
	"speaks to a console":                 regexp.MustCompile(`\bconsole\b`),
	"goes around the types":               regexp.MustCompile(`@ts-(ignore|nocheck|expect-error)|\bas\s+any\b|:\s*any\b`),
	"names an address elsewhere":          regexp.MustCompile(`["'` + "`" + `](https?:)?//`),
}

// allowed are the few lines that look like one of them, and why they may stand.
var allowed = map[string]string{
	`ask(link.dataset.confirm ?? "", link, () => { location.href = link.href; });`: "a link of the page itself, pressed again after the question",
}

// TestScriptTouchesNoMarkup reads the sources and the built file: Trusted Types forbid at run time what this forbids in writing.
func TestScriptTouchesNoMarkup(t *testing.T) {
	t.Parallel()
	n, met := 0, map[string]bool{}
	for path, s := range sources(t, ".ts") {
		if !strings.HasPrefix(path, "src/") {
			continue
		}
		n++
		for i, line := range strings.Split(s, "\n") {
			code, _, _ := strings.Cut(line, " // ")
			if strings.HasPrefix(strings.TrimSpace(code), "//") {
				continue
			}
			if allowed[strings.TrimSpace(line)] != "" {
				met[strings.TrimSpace(line)] = true
				continue
			}
			for what, bad := range forbidden {
				if bad.MatchString(code) {
					t.Errorf("%s:%d %s: %s", path, i+1, what, strings.TrimSpace(line))
				}
			}
		}
		if !strings.Contains(s, "import ") && !strings.Contains(s, "export ") {
			t.Errorf("%s is no module: its names would be everybody's", path)
		}
	}
	if n < 8 || len(met) != len(allowed) {
		t.Errorf("%d sources, %d of %d allowed lines", n, len(met), len(allowed))
	}
	// It must be able to fail.
	for what, line := range map[string]string{"writes markup": "a.innerHTML = b", "makes code of text": "setTimeout('x()')", "stores something in the browser": "localStorage.x = 1", "speaks to other windows": "window.open(x)", "leaves a name on the window": "window.x = 1",
		"makes elements that run or load": `document.createElement("script")`, "builds an object of strangers' keys": "for (const k in o) p[k] = o[k]", "makes a regular expression of text": "new RegExp(x)", "speaks to a console": "console.log(x)", "goes around the types": "x as any", "names an address elsewhere": `fetch("//x")`} {
		if !forbidden[what].MatchString(line) {
			t.Errorf("%s is not seen in %q", what, line)
		}
	}
}
