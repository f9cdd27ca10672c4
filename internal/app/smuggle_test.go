package app_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/app/apptest"
	"binhan/internal/site"
)

// raw is one conversation, byte by byte, and the statuses that its first answer may have; 0 is a connection that ends without one.
type raw struct {
	name, bytes string
	want        []int
	cut         bool // she hangs up after the last byte
}

const (
	hidden = "GET /an-theo HTTP/1.1\r\nHost: x\r\n\r\n" // a request that hides in another's body
	stop   = "GET /het HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
)

// shapes are at least 150 conversations that a strict reader of RFC 9112 refuses, or understands in one way only.
func shapes() (all []raw) {
	add := func(name, text string, want ...int) { all = append(all, raw{name: name, bytes: text, want: want}) }
	cut := func(name, text string, want ...int) {
		all = append(all, raw{name: name, bytes: text, want: append(want, 0), cut: true})
	}
	post := func(headers, body string) string {
		return "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + headers + "\r\n\r\n" + body
	}
	refused := []int{400, 501}
	body := `{}` // no name and no password: 401 or 422 when it is read as it is
	read := []int{400, 401, 422}

	// Lengths.
	for _, v := range []string{"-1", "+2", "0x2", "2 2", "2,3", "2;", "2.0", "1e1", "９", "99999999999999999999", "2abc", `"2"`, "NaN", "2\x00", "1,2,3", "2\x0b", "\x0c2", "٢", "0b10", "2_0", "=2", "2\x7f", "--2", "2h", "∞"} {
		add("Content-Length "+v, post("Content-Length: "+v, body+hidden), 400)
	}
	add("an empty Content-Length", post("Content-Length:", body), 400, 401, 422)
	add("Content-Length twice, the same", post("Content-Length: 2\r\nContent-Length: 2", body), read...)
	for _, v := range []string{"3", "0", "34", "-2", "02", ""} {
		add("Content-Length 2 and "+v, post("Content-Length: 2\r\nContent-Length: "+v, body+hidden), append([]int{400}, map[bool][]int{true: read}[v == "02" || v == ""]...)...)
	}
	for _, name := range []string{"Content-Length ", "Content-Length\t", " Content-Length", "\tContent-Length", "Content-Length\x00", "Content Length", "Content-Length\r", "\x0bContent-Length", "Content-Length\u00a0", "Content-Length(", "\"Content-Length\""} {
		want := []int{400}
		if strings.TrimLeft(name, " \t") != name {
			want = append(want, read...) // a folded line: it goes on with what X is
		}
		add(fmt.Sprintf("header name %q", name), post("X: y\r\n"+name+": 2", body), want...)
	}
	add("an underscore in the name", post("Content-Length: 2\r\nContent_Length: 40", body), read...)

	// Transfer codings.
	for _, v := range []string{"xchunked", "chunked, identity", "gzip, chunked", "chunked, chunked", `"chunked"`, "chunked;q=1", "chunked,", ",chunked", "identity", "identity, chunked", "chunked x", "cow", "deflate", "trailers", "chunked\x0b", "\x0cchunked", "chunkеd", "chunked\x7f", "", "chunked\x00"} {
		add("Transfer-Encoding "+fmt.Sprintf("%q", v), post("Transfer-Encoding: "+v, "0\r\n\r\n"+hidden), refused...)
		add("Content-Length with Transfer-Encoding "+fmt.Sprintf("%q", v), post("Content-Length: 5\r\nTransfer-Encoding: "+v, "0\r\n\r\n"+hidden), refused...)
	}
	for _, v := range []string{"chunked", "Chunked", "CHUNKED", " chunked", "chunked \t"} {
		chunk := "2\r\n{}\r\n0\r\n\r\n"
		add("Transfer-Encoding "+v, post("Transfer-Encoding: "+v, chunk+hidden), read...)
		add("length before chunks, "+v, post(fmt.Sprintf("Content-Length: %d\r\nTransfer-Encoding: %s", len(chunk)+len(hidden), v), chunk+hidden), read...)
		add("chunks before length, "+v, post(fmt.Sprintf("Transfer-Encoding: %s\r\nContent-Length: 4", v), chunk+hidden), read...)
	}
	add("chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"+hidden), refused...)
	add("chunked, then another", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: cow", "0\r\n\r\n"+hidden), refused...)
	add("another, then chunked", post("Transfer-Encoding: cow\r\nTransfer-Encoding: chunked", "0\r\n\r\n"+hidden), refused...)
	add("chunked by a folded line", post("Transfer-Encoding:\r\n chunked", "0\r\n\r\n"+hidden), append(read, refused...)...)
	add("chunked after a bare line end", post("X: y\nTransfer-Encoding: chunked", "0\r\n\r\n"+hidden), append(read, refused...)...)
	add("chunked after a bare return", post("X: y\rTransfer-Encoding: chunked", "0\r\n\r\n"+hidden), 400)
	add("chunked in HTTP/1.0", "POST /api/v1/sessions HTTP/1.0\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n0\r\n\r\n"+hidden, append(read, refused...)...)
	for _, name := range []string{"Transfer-Encoding ", " Transfer-Encoding", "Transfer-Encoding\t", "Transfer Encoding", "Transfer-Encoding\x00"} {
		want := []int{400}
		if strings.TrimLeft(name, " \t") != name {
			want = append(want, read...)
		}
		add(fmt.Sprintf("header name %q", name), post("X: y\r\n"+name+": chunked", "0\r\n\r\n"), want...)
	}

	// Chunks.
	for _, size := range []string{"-1", "+2", "0x2", "g", "", "2g", "FFFFFFFFFFFFFFFFF", "10000000000000000", "2_", "٢", "2\x00", "2;\x00", "\x0b2", "2 2", ";2", "1.0", strings.Repeat("0", 20) + "2", "2\r", "2;a=\r"} {
		add(fmt.Sprintf("chunk size %q", size), post("Transfer-Encoding: chunked", size+"\r\n{}\r\n0\r\n\r\n"+hidden), read...)
	}
	add("a chunk longer than said", post("Transfer-Encoding: chunked", "1\r\n{}\r\n0\r\n\r\n"+hidden), read...)
	add("a chunk without its end", post("Transfer-Encoding: chunked", "2\r\n{}0\r\n\r\n"+hidden), read...)
	add("an endless extension", post("Transfer-Encoding: chunked", "2;"+strings.Repeat("a", 1<<20)+"\r\n{}\r\n0\r\n\r\n"), read...)
	add("extensions much longer than what they carry", post("Transfer-Encoding: chunked", strings.Repeat("1;"+strings.Repeat("a", 2000)+"\r\n{\r\n", 300)+"0\r\n\r\n"), read...)
	add("ten thousand chunks", post("Transfer-Encoding: chunked", strings.Repeat("1\r\n \r\n", 10_000)+"2\r\n{}\r\n0\r\n\r\n"), read...)
	add("a trailer that would be a header", post("Transfer-Encoding: chunked\r\nTrailer: Authorization", "2\r\n{}\r\n0\r\nAuthorization: Bearer x\r\nContent-Length: 40\r\n\r\n"), append(read, 400)...)
	add("a trailer of line noise", post("Transfer-Encoding: chunked", "2\r\n{}\r\n0\r\nx\r\n\r\n"+hidden), read...)
	cut("chunks that stop", post("Transfer-Encoding: chunked", "2\r\n{"), read...)
	cut("a body that stops", post("Content-Length: 100", "{"), append(read, 503, 408)...)
	cut("a request that stops", "GET /api/v1/cases HTTP/1.1\r\nHost: x\r\nX: ", 400)

	// Hosts.
	get := func(line, headers string) string { return line + "\r\n" + headers + "\r\n\r\n" }
	for _, h := range []string{"", "X: y", "Host: a\r\nHost: b", "Host: a\r\nHost: a", "Host: a b", "Host: a/b", "Host: a\\b", "Host: <a>", "Host: a\x00", "Host: ạ", "Host: a?b", "Host:\x0ba", "Host : a"} {
		add(fmt.Sprintf("host %q", h), get("GET /api/v1/cases HTTP/1.1", h), 400)
	}
	for _, h := range []string{"Host: user@a", "Host: evil.example", "Host: [::1", "Host: a:b:c", "Host: 127.0.0.1:99999", "Host: a#b", "Host:", "Host: a,b", "Host: %00"} {
		add(fmt.Sprintf("host %q", h), get("GET /api/v1/cases HTTP/1.1", h), 400, 401)
	}

	// Headers.
	for _, h := range []string{"X", "X y", ": y", "\x00: y", "X\x01: y", "X: a\x00b", "X: a\rb", "X: a\x7fb", "X@: y", "X[]: y", "X{}: y", " X: y", "X;: y", "X,Y: z", "é: y", "X=: y", "X?: y", "X/: y", "\u202e: y", "X: \x1b[31m", "Cookie: a\rb", "Authorization: Bearer a\x00b"} {
		add(fmt.Sprintf("header %q", h), get("GET /api/v1/cases HTTP/1.1", h+"\r\nHost: x"), 400)
	}
	add("a folded header", get("GET /api/v1/cases HTTP/1.1", "Host: x\r\nX: a\r\n b\r\n\tc"), 400, 401)
	add("a folded token", get("GET /api/v1/cases HTTP/1.1", "Host: x\r\nAuthorization: Bearer\r\n x"), 400, 401)
	add("a folded first line", "GET /api/v1/cases HTTP/1.1\r\n Host: x\r\n\r\n", 400)
	add("ten thousand headers", get("GET /api/v1/cases HTTP/1.1", "Host: x"+strings.Repeat("\r\nX: y", 20_000)), 431)
	add("ten thousand names", get("GET /api/v1/cases HTTP/1.1", "Host: x"+func() string {
		var b strings.Builder
		for i := range 10_000 {
			fmt.Fprintf(&b, "\r\nX-%d: y", i)
		}
		return b.String()
	}()), 431)
	add("a header of a megabyte", get("GET /api/v1/cases HTTP/1.1", "Host: x\r\nX: "+strings.Repeat("a", 1<<20)), 431)
	add("a name of a megabyte", get("GET /api/v1/cases HTTP/1.1", "Host: x\r\n"+strings.Repeat("a", 1<<20)+": x"), 431)
	add("a cookie of a megabyte", get("GET /api/v1/cases HTTP/1.1", "Host: x\r\nCookie: so="+strings.Repeat("a", 1<<20)), 431)
	add("ten thousand cookies", get("GET /api/v1/cases HTTP/1.1", "Host: x\r\nCookie: "+strings.Repeat("so=a; ", 8000)), 400, 401)
	for _, h := range []string{"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Connection: close, Authorization, Cookie", "X-HTTP-Method-Override: DELETE",
		"X-Original-URL: /an-theo", "X-Rewrite-URL: /an-theo", "X-Forwarded-Host: evil.example", "X-Forwarded-For: 127.0.0.1", "Forwarded: for=127.0.0.1;host=evil.example", "X-Forwarded-Proto: https", "Proxy: http://evil.example", "Proxy-Authorization: Basic eDp5", "X-Real-IP: 127.0.0.1", "X-Client-Cert: x",
		"Max-Forwards: 0", "TE: trailers", "Range: bytes=0-,0-,0-,0-,0-,0-", "Accept: " + strings.Repeat("*/*,", 5000), "Accept-Language: " + strings.Repeat("vi,", 8000), "Authorization: Bearer " + strings.Repeat("A", 30_000), "Authorization: Bearer\tx", "Authorization: bearer x", "Authorization: Basic eDp5", "Authorization: Negotiate x",
		"Authorization: Bearer x\r\nAuthorization: Bearer y", "Cookie: so", "Cookie: so=\"x\"", "Cookie: =x", "Cookie: so=x; so=y", "Cookie: __Host-so=x", "Cookie: $Version=1; so=x", "If-Match: " + strings.Repeat(`"x",`, 8000)} {
		add(fmt.Sprintf("header %.40q", h), get("GET /api/v1/cases HTTP/1.1", "Host: x\r\n"+h), 401)
	}
	add("expects what nobody gives", get("POST /api/v1/sessions HTTP/1.1", "Host: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: tea")+body, 417)
	add("waits to be told to go on", get("POST /api/v1/sessions HTTP/1.1", "Host: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue")+body, 100, 401, 422)
	add("expects, and goes on without", get("POST /api/v1/cases HTTP/1.1", "Host: x\r\nContent-Type: application/json\r\nContent-Length: 60\r\nExpect: 100-continue")+hidden, 401)

	// First lines.
	for _, line := range []string{"GET  /api/v1/cases HTTP/1.1", "GET\t/api/v1/cases\tHTTP/1.1", " GET /api/v1/cases HTTP/1.1", "GET /api/v1/cases", "GET /api/v1/cases HTTP/1.1 ", "GET /api/v1/cases HTTP/1.10", "GET /api/v1/cases HTTP/1", "GET /api/v1/cases HTTP/1.a", "GET /api/v1/cases http/1.1", "GET /api/v1/cases HTTP/01.1",
		"GET /api/v1/cases HTTP/1.1\x00", "GET /api/v1/cases HTTPS/1.1", "GET /api/v1/cases FTP/1.1", "GET /api/v1/ cases HTTP/1.1", "GET", "", "\x00", "GET HTTP/1.1", "G\x00ET /api/v1/cases HTTP/1.1", "G ET /api/v1/cases HTTP/1.1", "GET\r/api/v1/cases HTTP/1.1", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc", "GET /%zz HTTP/1.1", "GET /% HTTP/1.1",
		"GET /a\x00b HTTP/1.1", "GET /a\x7fb HTTP/1.1", "GET api/v1/cases HTTP/1.1", "GET ?x HTTP/1.1", "GET :80 HTTP/1.1", "GET http:// HTTP/1.1x", "{}", "SSH-2.0-x", "GET(/) HTTP/1.1", "/ GET HTTP/1.1", "<GET /> HTTP/1.1"} {
		add(fmt.Sprintf("first line %q", line), get(line, "Host: x"), 400, 404, 501)
	}
	for _, line := range []string{"GET /api/v1/cases HTTP/2.0", "GET /api/v1/cases HTTP/3.0", "GET /api/v1/cases HTTP/0.9", "PRI * HTTP/2.0", "GET /api/v1/cases HTTP/9.9", "GET /api/v1/cases HTTP/1.2"} {
		add(fmt.Sprintf("first line %q", line), get(line, "Host: x"), 400, 401, 404, 505)
	}
	add("HTTP/2 from the first byte", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, 404, 505)
	add("a first line of a megabyte", get("GET /"+strings.Repeat("a", 1<<20)+" HTTP/1.1", "Host: x"), 431, 414)
	add("a query of a megabyte", get("GET /api/v1/cases?"+strings.Repeat("a", 1<<20)+" HTTP/1.1", "Host: x"), 431, 414)
	add("a method of a megabyte", get(strings.Repeat("A", 1<<20)+" / HTTP/1.1", "Host: x"), 400, 431, 414)
	for _, m := range []string{"TRACE", "TRACK", "CONNECT", "get", "OPTIONS", "PROPFIND", "PUT", "DEBUG", "MOVE", "PURGE", "HEAD", "POST/", "GET,", "QUERY", "M-SEARCH", "ẠẠ"} {
		add("method "+m, get(m+" /ho-so HTTP/1.1", "Host: x"), 400, 403, 404)
	}
	for _, target := range []string{"http://evil.example/api/v1/openapi.yaml", "https://x/api/v1/openapi.yaml", "http://x/dang-nhap", "file:///etc/passwd", "http://x@evil.example/dang-nhap", "*", "x:80", "gopher://x/_", "http:/dang-nhap", "javascript:alert(1)"} {
		for _, m := range []string{"GET", "OPTIONS", "CONNECT"} {
			if m == "CONNECT" && target == "*" {
				continue
			}
			add(m+" "+target, get(m+" "+target+" HTTP/1.1", "Host: x"), 400, 404)
		}
	}

	// Paths that two readers read as two. What asks for a session must go on asking.
	for _, p := range []string{"/assets/../ho-so", "/assets/..%2fho-so", "/assets/%2e%2e/ho-so", "/assets/..;/ho-so", "/assets/.%2e/ho-so", "/dang-nhap/../ho-so", "/dang-nhap/..;/ho-so", "/dang-nhap;/ho-so", "/dang-nhap%2f..%2fho-so", "/./ho-so", "//ho-so", "///ho-so", "/ho-so/", "/HO-SO", "/Ho-so", "/ho-so%00", "/ho-so%20", "/ho-so.", "/ho-so;x=1",
		"/ho-so%2f", "/ho-so%5c", "/ho-so\\", "\\ho-so"[0:0] + "/\\ho-so", "/ho-so..", "/%68o-so/", "/ho%2dso/x/..", "/ho-so%c0%af", "/%c0%ae%c0%ae/ho-so", "/ho-so%252f", "/ho-so／", "/ho-so%ef%bc%8f", "/api/v1/../../ho-so", "/api/v1/openapi.yaml/../cases", "/api/v1/openapi.yaml%2f..%2fcases", "/api/v1/openapi.yaml;/../cases", "/api//v1/cases", "/api/v1/cases/",
		"/API/v1/cases", "/api/v1/cases.json", "/api/v1/cases%0d%0aSet-Cookie:x=y", "/api/v1/cases\u200b", "/api/v1/%63ases/", "/api/v1/cases/%2e", "/api/v1/cases/..", "/thoat/../ho-so", "/nhip/..", "/ho-so#x", "/ho-so%23", "/ho-so?", "/ho-so??", "/ho-so?%zz", "/ho-so&x", "/%2fho-so", "/%2f%2fho-so", "/.well-known/../ho-so", "/static/../ho-so", "/tinh/..%5cho-so", "/ho-so/%", "/ho-so/%2"} {
		add("path "+p, get("GET "+p+" HTTP/1.1", "Host: x"), 400, 401, 303, 404)
	}

	// Requests in requests.
	for _, m := range []string{"GET", "HEAD", "DELETE", "OPTIONS", "PUT"} {
		add(m+" with a request for a body", get(m+" /api/v1/cases HTTP/1.1", fmt.Sprintf("Host: x\r\nContent-Length: %d", len(hidden)))+hidden, 401, 404, 403)
		add(m+" with chunks for a body", get(m+" /api/v1/cases HTTP/1.1", "Host: x\r\nTransfer-Encoding: chunked")+"0\r\n\r\n"+hidden, 401, 404, 403)
	}
	add("a megabyte that nobody wants", post("Content-Length: 1048576\r\nAuthorization: Bearer x", strings.Repeat("a", 1<<20)), read...)
	add("more than is taken", post("Content-Length: 2097152", strings.Repeat("a", 2<<20)), 413)
	cut("more than is taken, said and not sent", post("Content-Length: 9223372036854775807", "{"), 413)
	return all
}

func TestSmuggledRequestsAreRefused(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	var mu sync.Mutex
	var seen []string
	watched := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen = append(seen, r.URL.Path)
		mu.Unlock()
		s.App.Site.ServeHTTP(w, r)
	})
	log := &apptest.Log{}
	server := site.Server(watched, slog.New(slog.NewJSONHandler(log, nil))) // as `binhan serve` makes it
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	defer server.Close()
	before := s.Contents(t)
	all := shapes()
	names := map[string]bool{}
	statuses := map[int]int{}
	for _, c := range all {
		names[c.bytes] = true
		mu.Lock()
		seen = nil
		mu.Unlock()
		answers, err := converse(l.Addr().String(), c)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		first := 0
		if len(answers) > 0 {
			first = answers[0].StatusCode
		}
		statuses[first]++
		if !slices.Contains(c.want, first) {
			t.Errorf("%s: answered %d, want %v", c.name, first, c.want)
		}
		mu.Lock()
		if slices.Contains(seen, "/an-theo") {
			t.Errorf("%s: the hidden request was served: %q", c.name, seen)
		}
		mu.Unlock()
		for _, a := range answers {
			if a.StatusCode >= 200 && a.StatusCode < 300 || a.StatusCode >= 500 && a.StatusCode != 501 && a.StatusCode != 505 && !slices.Contains(c.want, a.StatusCode) {
				t.Errorf("%s: answered %d", c.name, a.StatusCode)
			}
			for _, h := range []string{"Server", "X-Powered-By", "Via", "Set-Cookie", "Access-Control-Allow-Origin", "Upgrade"} {
				if a.Header.Get(h) != "" {
					t.Errorf("%s: %s: %q", c.name, h, a.Header.Get(h))
				}
			}
			if strings.Contains(a.Header.Get("Location"), "evil") {
				t.Errorf("%s: led to %s", c.name, a.Header.Get("Location"))
			}
		}
	}
	if len(names) < 250 {
		t.Errorf("only %d conversations", len(names))
	}
	if d := cmp.Diff(before, s.Contents(t)); d != "" {
		t.Errorf("something changed:\n%s", d)
	}
	if strings.Contains(log.String(), "an-theo") || strings.Contains(log.String(), "evil") {
		t.Errorf("what was refused is quoted in the log: %.300s", log)
	}
	// It is still there for those who speak properly.
	answers, err := converse(l.Addr().String(), raw{bytes: "GET /dang-nhap HTTP/1.1\r\nHost: x\r\n\r\n"})
	if err != nil || len(answers) != 2 || answers[0].StatusCode != http.StatusOK || answers[1].StatusCode != http.StatusNotFound {
		t.Errorf("after all that: %v, %v", answers, err)
	}
	t.Logf("%d conversations: %v", len(names), statuses)

	// Who sends a letter now and then holds no connection for long: the same server, with an hour's patience made short.
	slow := site.Server(watched, slog.New(slog.DiscardHandler))
	slow.ReadHeaderTimeout = 20 * time.Millisecond
	sl, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = slow.Serve(sl) }()
	defer slow.Close()
	c, err := net.Dial("tcp", sl.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nX: ")
	_ = c.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := io.ReadAll(c); errors.Is(err, errDeadline) {
		t.Error("half a request is waited for without end")
	}
}

var errDeadline = errors.New("waits")

// converse says everything and hears the answers until the connection ends.
func converse(addr string, c raw) (answers []*http.Response, err error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	heard := make(chan []byte, 1)
	go func() {
		b, _ := io.ReadAll(conn)
		heard <- b
	}()
	_, _ = io.WriteString(conn, c.bytes) // it may hang up in the middle
	if c.cut {
		_ = conn.(*net.TCPConn).CloseWrite()
	} else {
		_, _ = io.WriteString(conn, stop)
	}
	began := time.Now()
	b := <-heard
	if time.Since(began) > 50*time.Second {
		return nil, errDeadline
	}
	r := bufio.NewReader(bytes.NewReader(b))
	for {
		if _, err := r.Peek(1); err != nil {
			return answers, nil
		}
		method := http.MethodGet
		if strings.HasPrefix(c.bytes, "HEAD ") && len(answers) == 0 {
			method = http.MethodHead
		}
		a, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			return answers, fmt.Errorf("no answer: %w in %.60q", err, b)
		}
		_, _ = io.Copy(io.Discard, a.Body)
		a.Body.Close()
		answers = append(answers, a)
	}
}
