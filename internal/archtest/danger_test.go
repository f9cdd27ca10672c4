package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// dangerous are the places at which the house uses what could be turned against it, and why each may stand: "file, what". Tests are not walked. Whoever adds one
// says here what bounds it; whoever takes one away takes its line away.
var dangerous = map[string]string{
	"cmd/binhan/keys.go, imports golang.org/x/sys/unix":                      "asks the terminal not to echo a share of the root key",
	"cmd/binhan/main.go, imports syscall":                                    "names the signals that end the program",
	"cmd/binhan/serve.go, serves":                                            "health and metrics, on the loopback; the public listener is site.Server",
	"cmd/devs3/main.go, asks by a client that follows redirects":             "the development store asks itself whether it is up, at an address it has just opened, under the one certificate it has just made",
	"cmd/devs3/main.go, imports syscall":                                     "names the signals that end the program",
	"cmd/devs3/main.go, sets TLS":                                            "believes the one certificate that it has just made",
	"internal/app/apptest/apptest.go, asks by a client that follows nothing": "tests",
	"internal/release/journal.go, os.Link":                                   "gives a kept draw its name only when no other has it; both names are of ours in one folder",
	"internal/paper/docx.go, imports encoding/xml":                           "escapes text; reads nothing",
	"internal/paper/html.go, imports html/template":                          "one constant template of an official document, which escapes by context",
	"internal/release/adx.go, imports encoding/xml":                          "escapes text; reads nothing",
	"internal/audit/proof/anchor.go, os.Link":                                "gives a checkpoint its name only when no other has it; both names are numbers of ours in one folder",
	"internal/audit/proof/verify.go, builds a format":                        "a finding's sentence: each caller gives a constant",
	"internal/audit/proof/verify.go, compares bytes":                         "tiles of the tree, which are public to whoever verifies",
	"internal/bench/bench.go, builds a format":                               "a note of the benchmark: each caller gives a constant",
	"internal/bench/bench.go, imports os/exec":                               "the benchmark names the machine and the commit: constant programs, constant arguments",
	"internal/bench/bench.go, serves":                                        "the benchmark's own listeners on the loopback",
	"internal/bench/load.go, asks by a client that follows redirects":        "the benchmark asks the server that it has just started",
	"internal/bench/load.go, imports syscall":                                "the benchmark reads its own processor time",
	"internal/casefile/correct.go, imports reflect":                          "walks the closed structs of a case to tell which fields were corrected",
	"internal/casefile/history.go, imports reflect":                          "walks the closed structs of a case to tell which fields changed",
	"internal/chain/chain.go, imports syscall":                               "locks its own file",
	"internal/codelist/check.go, builds a format":                            "a fault of a code list, at start: each caller gives a constant",
	"internal/config/config.go, builds a format":                             "a problem of the settings: each caller gives a constant; values of secrets print as ***",
	"internal/config/config.go, imports reflect":                             "walks its own struct to know every setting's name",
	"internal/config/issuer.go, builds a format":                             "as config.go",
	"internal/signin/provider.go, sets TLS":                                  "TLS 1.2 at least; believes the authority of the settings, or the system's",
	"internal/signin/provider.go, asks by a client that follows nothing":     "the identity provider of the settings: five seconds, a mebibyte, a bounded number of times",
	"internal/signin/idptest/real.go, http.Redirect":                         "tests",
	"internal/config/keyd.go, builds a format":                               "as config.go",
	"internal/devstack/devstack.go, imports os/exec":                         "starts the development store: a program and a folder of the settings",
	"internal/devstack/devstack.go, imports syscall":                         "ends its own children, and takes another user for them",
	"internal/devstack/keys.go, imports os/exec":                             "starts the development key process: the program itself, or one of the settings",
	"internal/devstack/keys.go, imports syscall":                             "ends its own children, and takes another user for them",
	"internal/devstack/keys.go, os.Chmod":                                    "gives a folder of its own to the key process's user",
	"internal/evidence/minio.go, compares bytes":                             "the probe's own made-up file, at start",
	"internal/evidence/minio.go, dials":                                      "the object store of the settings, with a time limit; minio-go follows no redirect",
	"internal/evidence/minio.go, sets TLS":                                   "believes the authority of the settings and no other",
	"internal/evidence/read.go, compares bytes":                              "a commitment (SHA-256) that stands in the database beside what it commits to",
	"internal/keyd/client.go, dials":                                         "the key process's Unix socket of the settings",
	"internal/keyd/harden.go, imports golang.org/x/sys/unix":                 "locks memory, forbids core dumps and tracing",
	"internal/keyd/harden.go, imports syscall":                               "locks memory, forbids core dumps and tracing",
	"internal/keyd/process/process.go, imports syscall":                      "names the signals that end the process",
	"internal/keyd/server.go, imports golang.org/x/sys/unix":                 "asks the kernel who is at the other end of the socket",
	"internal/keyd/server.go, imports syscall":                               "asks the kernel who is at the other end of the socket",
	"internal/keyd/server.go, os.Chmod":                                      "narrows its own socket",
	"internal/keyd/shares.go, compares bytes":                                "checksums that are printed on each share; the shares themselves are put together and never compared",
	"internal/pg/cluster.go, imports os/exec":                                "starts the private PostgreSQL of development and tests: programs of PostgreSQL's folder, folders of ours",
	"internal/pg/cluster.go, imports syscall":                                "ends its own children, and takes another user for them",
	"internal/pg/cluster.go, os.Chmod":                                       "gives a folder of its own to PostgreSQL's user",
	"internal/pgtest/pgtest.go, imports syscall":                             "tests",
	"internal/pgtest/pgtest.go, os.Chmod":                                    "tests",
	"internal/rights/copy.go, imports html/template":                         "one constant template of the person's own copy, which escapes by context; a page for printing that is no page of the surface",
	"internal/s3test/s3test.go, imports os/exec":                             "tests",
	"internal/seal/erase.go, imports syscall":                                "locks the ledger's own file",
	"internal/seal/keys.go, compares bytes":                                  "numbers of keys, which stand in the clear in every sealed value",
	"internal/seal/ring.go, imports syscall":                                 "locks the ring's own file",
	"internal/seal/root.go, imports syscall":                                 "opens its own file and follows no link",
	"internal/seal/sealtest/sealtest.go, builds a format":                    "tests",
	"internal/signin/key.go, compares bytes":                                 "names of public keys and accounts, which the browser shows; signatures are what counts",
	"internal/site/decode.go, imports reflect":                               "fills closed structs from a body, field by field; it makes no type that a body names",
	"internal/site/server.go, serves":                                        "the public listener, every wait bounded",
	"internal/site/site.go, compares bytes":                                  "a digest of a request's body, under a key of the same person",
	"internal/testshare/testshare.go, imports os/exec":                       "tests",
	"internal/testshare/testshare.go, imports syscall":                       "tests",
	"internal/testshare/testshare.go, os.Chmod":                              "tests",
}

// handlesSecrets are the packages in which bytes are compared in constant time, or the comparison is of nothing secret and stands above.
var handlesSecrets = []string{"internal/seal", "internal/keyd", "internal/keyd/process", "internal/gate", "internal/signin", "internal/site", "internal/evidence", "internal/audit", "internal/audit/proof", "internal/rights", "internal/access"}

var imports = map[string]string{
	"os/exec": "starts programs", "unsafe": "leaves the language", "syscall": "speaks to the kernel", "golang.org/x/sys/unix": "speaks to the kernel", "plugin": "loads code", "text/template": "builds texts from templates", "html/template": "builds pages from templates",
	"net/http/httputil": "passes requests on", "net/http/pprof": "shows the inside", "expvar": "shows the inside", "encoding/gob": "makes objects from bytes", "net/rpc": "calls by name", "C": "leaves the language", "reflect": "looks through types", "encoding/xml": "reads XML", "net/smtp": "sends mail",
}

var formats = map[string]int{"Sprintf": 0, "Errorf": 0, "Printf": 0, "Fprintf": 1, "Appendf": 1, "Sscanf": 1, "Fscanf": 1}

// sights are the dangerous uses of one file.
func sights(fset *token.FileSet, file *ast.File, folder string) (found []string) {
	names := map[string]string{} // by the name in the file
	for _, i := range file.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		name := path.Base(p)
		if i.Name != nil {
			name = i.Name.Name
		}
		names[name] = p
		if imports[p] != "" {
			found = append(found, "imports "+p)
		}
	}
	constants := map[string]bool{}
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.CONST {
			for _, s := range g.Specs {
				for _, n := range s.(*ast.ValueSpec).Names {
					constants[n.Name] = true
				}
			}
		}
	}
	var constant func(e ast.Expr) bool
	constant = func(e ast.Expr) bool {
		switch x := e.(type) {
		case *ast.BasicLit:
			return true
		case *ast.BinaryExpr:
			return constant(x.X) && constant(x.Y)
		case *ast.ParenExpr:
			return constant(x.X)
		case *ast.Ident:
			return constants[x.Name]
		}
		return false
	}
	of := func(e ast.Expr) (pkg, name string) {
		s, ok := e.(*ast.SelectorExpr)
		if !ok {
			return "", ""
		}
		if id, ok := s.X.(*ast.Ident); ok && id.Obj == nil {
			return names[id.Name], s.Sel.Name
		}
		return "", ""
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.CallExpr:
			pkg, name := of(x.Fun)
			switch {
			case pkg == "regexp" && strings.Contains(name, "Compile") && !constant(x.Args[0]):
				found = append(found, "builds a regular expression")
			case pkg == "fmt" && formats[name] < len(x.Args) && strings.HasSuffix(name, "f"):
				if at, ok := formats[name]; ok && !constant(x.Args[at]) {
					found = append(found, "builds a format")
				}
			case pkg == "net" && strings.HasPrefix(name, "Dial"), pkg == "crypto/tls" && strings.HasPrefix(name, "Dial"):
				found = append(found, "dials")
			case pkg == "net/http" && slices.Contains([]string{"Get", "Post", "Head", "PostForm"}, name):
				found = append(found, "asks by a client that follows redirects")
			case pkg == "bytes" && name == "Equal" && slices.Contains(handlesSecrets, folder):
				found = append(found, "compares bytes")
			case pkg == "os" && (name == "StartProcess" || name == "Chmod" || name == "Symlink" || name == "Link"):
				found = append(found, "os."+name)
			case pkg == "github.com/a-h/templ" && (name == "Raw" || name == "SafeURL" && !strings.HasPrefix(folder, "web/") || name == "SafeCSS" || name == "ComponentScript" || name == "JSUnsafeFuncCall"):
				found = append(found, "templ."+name)
			case pkg == "net/http" && (name == "Redirect" || name == "FileServer" || name == "ServeFile" || name == "FileServerFS"):
				found = append(found, "http."+name)
			}
		case *ast.CompositeLit:
			pkg, name := of(x.Type)
			switch {
			case pkg == "net/http" && name == "Client":
				bound := false
				for _, e := range x.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok {
						if id, ok := kv.Key.(*ast.Ident); ok && id.Name == "CheckRedirect" {
							bound = true
						}
					}
				}
				if bound {
					found = append(found, "asks by a client that follows nothing")
				} else {
					found = append(found, "asks by a client that follows redirects")
				}
			case pkg == "net" && name == "Dialer":
				found = append(found, "dials")
			case pkg == "net/http" && name == "Server":
				found = append(found, "serves")
			}
		case *ast.SelectorExpr:
			switch pkg, name := of(x); {
			case pkg == "net/http" && (name == "DefaultClient" || name == "DefaultTransport" || name == "DefaultServeMux"):
				found = append(found, "http."+name)
			case pkg == "crypto/tls" && name == "Config":
				found = append(found, "sets TLS")
			}
		case *ast.KeyValueExpr:
			if id, ok := x.Key.(*ast.Ident); ok && (id.Name == "InsecureSkipVerify" || id.Name == "VerifyPeerCertificate") {
				found = append(found, id.Name)
			}
		}
		return true
	})
	return found
}

func TestDangerousFunctionsStandWhereTheyAreListed(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	used := map[string]bool{}
	files := 0
	err := filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{".git", "bin", "var", "node_modules", "tools", "build"}, d.Name()) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(at, ".go") || strings.HasSuffix(at, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, at)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, at, nil, 0)
		if err != nil {
			return err
		}
		files++
		for _, what := range sights(fset, file, path.Dir(rel)) {
			line := rel + ", " + what
			if dangerous[line] == "" {
				t.Errorf("%q is not listed: say what bounds it, or do without", line)
			}
			used[line] = true
		}
		return nil
	})
	if err != nil || files < 150 {
		t.Fatal(files, err)
	}
	for line := range dangerous {
		if !used[line] {
			t.Errorf("%q is listed and not there any more", line)
		}
	}
	// The walker sees what it is meant to see.
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", `package x
import ("bytes"; "fmt"; "net"; "net/http"; "os/exec"; "regexp"; h "net/http")
const fixed = "a"
func f(s string) {
	regexp.MustCompile(s); regexp.MustCompile("a"+fixed); fmt.Sprintf(s); fmt.Sprintf(fixed+"%d", 1); fmt.Fprintf(nil, s); net.Dial("tcp", s)
	_ = h.Client{}; _ = &http.Client{CheckRedirect: nil}; http.Get(s); bytes.Equal(nil, nil); exec.Command(s)
}`, 0)
	if err != nil {
		t.Fatal(err)
	}
	got := sights(token.NewFileSet(), file, "internal/seal")
	slices.Sort(got)
	want := []string{"asks by a client that follows nothing", "asks by a client that follows redirects", "asks by a client that follows redirects", "builds a format", "builds a format", "builds a regular expression", "compares bytes", "dials", "imports os/exec"}
	if !slices.Equal(got, want) {
		t.Errorf("the walker sees %q", got)
	}
}
