package app_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
)

// TestAFileIsSealedAndNeverInterpreted sends files that other programs run, open, unpack or believe, under names that lie, in forms that lie. A file is bytes: what is taken
// comes back byte for byte, as an attachment in a sandbox, under a name without a path, and of a type that its own first bytes say; what is no upload is refused.
func TestAFileIsSealedAndNeverInterpreted(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	c := s.clients["tuvan.kontum"]
	path := "/api/v1/cases/" + s.ours.Case + "/evidence"
	contents := map[string]string{
		"HTML": "<!doctype html><script>window.ran=1</script>", "SVG with a script": `<svg xmlns="http://www.w3.org/2000/svg" onload="window.ran=1"><script>window.ran=1</script></svg>`, "XML with an entity": `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>`, "XSLT": `<?xml-stylesheet type="text/xsl" href="x"?><x/>`, "a billion laughs": `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>`,
		"a GIF that is a script": "GIF89a/*\x00\x00*/=1;window.ran=1", "a PNG that is a page": "\x89PNG\r\n\x1a\n<script>window.ran=1</script>", "a JPEG that is an archive": "\xff\xd8\xff\xe0PK\x03\x04", "a PDF with a script": "%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj", "a PDF that is a page": "<script>window.ran=1</script>\n%PDF-1.4", "an archive": "PK\x03\x04\x14\x00\x00\x00\x08\x00../../etc/passwd", "an archive cut off": "PK\x03\x04", "a bomb's head": "\x1f\x8b\x08\x00" + strings.Repeat("\x00", 2000), "a tar with a way out": "../../etc/cron.d/x" + strings.Repeat("\x00", 500) + "ustar",
		"a program": "\x7fELF\x02\x01\x01", "a program of Windows": "MZ\x90\x00", "a class": "\xca\xfe\xba\xbe\x00\x00\x00\x34", "WebAssembly": "\x00asm\x01\x00\x00\x00", "a shell": "#!/bin/sh\nid\n", "PHP": "<?php system($_GET['c']); ?>", "a macro": "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a shortcut": "[InternetShortcut]\nURL=https://evil.example\n", "a table of formulas": "=cmd|' /C calc'!A0,+1,-1,@SUM(1)\n", "a vCard": "BEGIN:VCARD\nFN:<script>\nEND:VCARD\n", "a mail": "MIME-Version: 1.0\nContent-Type: text/html\n\n<script>", "JSON": `{"__proto__":{"x":1}}`, "a certificate": "-----BEGIN PRIVATE KEY-----\nAAAA\n", "an age file": "age-encryption.org/v1\n-> X25519 AAAA\n",
		"one byte": "a", "NUL": "\x00", "zeros": strings.Repeat("\x00", 70_000), "a BOM": "\ufeff<script>", "UTF-16": "\xff\xfe<\x00s\x00", "UTF-7": "+ADw-script+AD4-", "not text": "\xff\xfe\xfd", "the boundary itself": "--x--\r\n--x\r\n", "a request": "GET /an-theo HTTP/1.1\r\nHost: x\r\n\r\n", "a chunk exactly": strings.Repeat("a", 64<<10), "a chunk and one": strings.Repeat("a", 64<<10+1), "RIFF": "RIFF\xff\xff\xff\xffWEBP", "a size that lies": "BM\xff\xff\xff\x7f\x00\x00", "a TIFF of loops": "II*\x00\x08\x00\x00\x00\x00\x00\x08\x00\x00\x00",
	}
	names := []string{"anh.png", "../../etc/passwd", `..\..\x.exe`, `C:\Windows\x.dll`, "/etc/passwd", "\\\\may\\chia-se\\x", "a/b/c.txt", "anh.png.exe", "anh\u202egnp.exe", "a\u200bb.html", "con", "nul.txt", ".htaccess", ".", "..", "...", " ", "a ", "a.", "-rf", "--help", "$(id).txt", "`id`", "a;id", "a|id", "a&b", "<script>.html", `a" onload="x`, "a'b", "a%00.png", "%2e%2e%2fx", "a\tb", "=cmd.csv", strings.Repeat("ặ", 300) + ".png", strings.Repeat("../", 90) + "x", "ảnh.svg", "A\u0302\u0301nh.html", "💀.exe", "x.php;.jpg", "x.asp:.jpg", "x::$DATA", "index.html", "web.config", "crossdomain.xml", "service-worker.js", "a.svgz", "a.mht", "a.desktop", "a.lnk", "a.url", "a.scf", "desktop.ini", "a.xhtml", "\r\nSet-Cookie: so=x", "a\x00b.png", "\xff\xfe.png", "a=b.png", "a?b=c.png", "a#b.png", "a:b"}
	kinds := []string{"text/html", "image/svg+xml", "application/javascript", "text/xml", "multipart/mixed; boundary=y", "application/x-php", "x", "", "text/html; charset=utf-7", "image/png\u00a0", "*/*", "message/rfc822", "application/octet-stream", "text/css", strings.Repeat("a", 3000) + "/b"}
	n, taken := 0, 0
	send := func(what, name, kind, content string) {
		n++
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		h := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="file"; filename="%s"`, strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", "%0A", "\r", "%0D").Replace(name))}}
		if kind != "" {
			h.Set("Content-Type", kind)
		}
		part, err := w.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(part, content)
		w.Close()
		got := c.Do("POST", path, b.Bytes(), "Content-Type", w.FormDataContentType())
		if got.Status != http.StatusCreated {
			if got.Status >= 500 || got.Status < 400 {
				t.Errorf("%s, %q, %q: %s: %s", what, name, kind, describe(got), s.why(got))
			}
			return
		}
		taken++
		back := c.Get("/api/v1/evidence/" + got.Text("id") + "/content")
		policy, disposition := back.Header.Get("Content-Security-Policy"), back.Header.Get("Content-Disposition")
		if back.Status != http.StatusOK || string(back.Body) != content {
			t.Errorf("%s, %q: %d bytes of %d came back, %d", what, name, len(back.Body), len(content), back.Status)
		}
		if !strings.Contains(policy, "sandbox") || !strings.Contains(policy, "default-src 'none'") || back.Header.Get("X-Content-Type-Options") != "nosniff" || back.Header.Get("Set-Cookie") != "" || strings.ContainsAny(disposition, "\r\n") {
			t.Errorf("%s, %q: let out under %q, %q", what, name, policy, disposition)
		}
		served := back.Header.Get("Content-Type")
		for _, runs := range []string{"html", "svg", "xml", "javascript", "css"} {
			if strings.Contains(served, runs) && !strings.HasPrefix(disposition, "attachment") {
				t.Errorf("%s, %q: shown as %s in the page", what, name, served)
			}
		}
		if stored := got.Text("name"); strings.ContainsAny(stored, "/\\\x00\r\n\u202e\u200b") || len([]rune(stored)) > 200 {
			t.Errorf("%s: a file is called %q", what, stored)
		}
	}
	for what, content := range contents {
		send(what, "anh-thu.png", "image/png", content)
	}
	for i, name := range names {
		send("name", name, []string{"image/png", "text/html"}[i%2], "Nội dung thử nghiệm.")
	}
	for _, kind := range kinds {
		send("kind", "anh.png", kind, contents["HTML"])
	}
	// Forms that are none, or lie about themselves: refused, and nothing is kept.
	files := func() int { return c.Must(http.StatusOK, "GET", path, nil).Len("items") }
	before := files()
	file := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nthử\r\n"
	field := func(name, value string) string {
		return "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	for what, body := range map[string]string{
		"no part": "--x--\r\n", "nothing": "", "words": "xin chào", "no file": field("description", "thử") + "--x--\r\n", "an empty file": "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n\r\n--x--\r\n", "two files": file + file + "--x--\r\n", "cut in the file": file[:len(file)-4], "cut before the end": file, "cut in a head": file + "--x\r\nContent-Dis", "a foreign boundary": strings.ReplaceAll(file, "--x", "--y") + "--y--\r\n", "a head without an end": "--x\r\nContent-Disposition: form-data; name=\"file\"",
		"an unknown field": field("owner", "x") + file + "--x--\r\n", "a field named id": field("id", "x") + file + "--x--\r\n", "a field without a name": field("", "x") + file + "--x--\r\n", "a size below nothing": field("size", "-1") + file + "--x--\r\n", "a size that is none": field("size", "lớn") + file + "--x--\r\n", "a size that lies, less": field("size", "1") + file + "--x--\r\n", "a size that lies, more": field("size", "4000") + file + "--x--\r\n", "a size of nothing": field("size", "0") + file + "--x--\r\n", "a size beyond all": field("size", "9223372036854775807") + file + "--x--\r\n", "a size beyond numbers": field("size", "99999999999999999999") + file + "--x--\r\n", "a fraction": field("size", "3.5") + file + "--x--\r\n",
		"a long description": field("description", strings.Repeat("a", 20<<10)) + file + "--x--\r\n", "a description too long": field("description", strings.Repeat("a", 2001)) + file + "--x--\r\n", "a description with NUL": field("description", "a\x00b") + file + "--x--\r\n", "a description of no letters": field("description", "\xff\xfe") + file + "--x--\r\n", "a description that turns": field("description", "a\u202eb") + file + "--x--\r\n", "a form in a form": "--x\r\nContent-Disposition: form-data; name=\"file\"\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n--y--\r\n",
		"ten thousand parts": strings.Repeat(field("description", "a"), 10_000) + "--x--\r\n", "ten thousand heads": "--x\r\n" + strings.Repeat("X: y\r\n", 12_000) + "\r\n\r\n--x--\r\n",
	} {
		n++
		got := c.Do("POST", path, []byte(body), "Content-Type", "multipart/form-data; boundary=x")
		if got.Status >= 500 || got.Status < 400 && what != "cut before the end" && what != "a form in a form" {
			t.Errorf("%s: %s: %s", what, describe(got), s.why(got))
		}
	}
	for _, kind := range []string{"", "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"", "multipart/form-data; boundary=" + strings.Repeat("x", 200), "multipart/mixed; boundary=x", "multipart/related; boundary=x", "application/json", "image/png", "text/html", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x; boundary=y"} {
		n++
		if got := c.Do("POST", path, []byte(file+"--x--\r\n"), "Content-Type", kind); got.Status >= 500 || got.Status < 400 && kind != "multipart/mixed; boundary=x" {
			t.Errorf("as %q: %s", kind, describe(got))
		}
	}
	t.Logf("%d files were taken, %d more by forms", taken, files()-before)
	if taken < 80 {
		t.Errorf("only %d files were taken", taken)
	}
	counted(t, "uploads", n, 150, 150)
}
