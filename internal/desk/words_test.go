package desk_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"binhan/internal/access"
	"binhan/internal/consent"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/referral"
)

// source is the Go files of the module that speak to people, by folder.
func source(t *testing.T) map[string][]*ast.File {
	t.Helper()
	root := filepath.Join("..", "..")
	dirs := map[string][]*ast.File{}
	set := token.NewFileSet()
	for _, top := range []string{"internal", "cmd", "web"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if e.IsDir() {
				if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
					return filepath.SkipDir // a module of its own
				}
				return nil
			}
			if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
				return nil
			}
			f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			dirs[filepath.Dir(path)] = append(dirs[filepath.Dir(path)], f)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(dirs) < 20 {
		t.Fatalf("only %d folders found", len(dirs))
	}
	return dirs
}

// speaker is a function that hands one of its arguments on as a key.
type speaker struct {
	prefix string // "fault." or "problem."
	arg    int
}

// spoken finds the keys of faults and problems in the files of one package. A key is the argument of fault.New or Problems.Add, the Key of a
// fault.Problem, or the argument of a function of the package (a method or a local one too) that hands it on to one of those.
func spoken(files []*ast.File) (keys map[string]token.Pos) {
	keys = map[string]token.Pos{}
	speakers := map[string]speaker{"fault.New": {"fault.", 1}, "Add": {"problem.", 1}}
	note := func(prefix string, e ast.Expr) (literal bool) {
		switch x := e.(type) {
		case *ast.BasicLit:
			if s, err := strconv.Unquote(x.Value); err == nil && x.Kind == token.STRING {
				keys[prefix+s] = x.Pos()
				return true
			}
		}
		return false
	}
	handsOn := func(name string, params *ast.FieldList, prefix string, e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		if !ok || name == "" {
			return false
		}
		n := 0
		for _, p := range params.List {
			for _, x := range p.Names {
				if x.Name == id.Name {
					if _, known := speakers[name]; known {
						return false
					}
					speakers[name] = speaker{prefix, n}
					return true
				}
				n++
			}
		}
		return false
	}
	for changed := true; changed; {
		changed = false
		for _, f := range files {
			// visit walks a function's body; name and params are the innermost named function around.
			var visit func(n ast.Node, name string, params *ast.FieldList)
			visit = func(n ast.Node, name string, params *ast.FieldList) {
				ast.Inspect(n, func(n ast.Node) bool {
					switch x := n.(type) {
					case *ast.FuncDecl:
						if x.Body != nil {
							visit(x.Body, x.Name.Name, x.Type.Params)
						}
						return false
					case *ast.AssignStmt:
						if len(x.Lhs) == 1 && len(x.Rhs) == 1 {
							if lit, ok := x.Rhs[0].(*ast.FuncLit); ok {
								if id, ok := x.Lhs[0].(*ast.Ident); ok {
									visit(lit.Body, id.Name, lit.Type.Params)
									return false
								}
							}
						}
					case *ast.CompositeLit:
						if named(x.Type, "Problem") {
							for _, e := range x.Elts {
								if kv, ok := e.(*ast.KeyValueExpr); ok && named(kv.Key, "Key") {
									if !note("problem.", kv.Value) && handsOn(name, params, "problem.", kv.Value) {
										changed = true
									}
								}
							}
						}
					case *ast.CallExpr:
						s, ok := speakers[called(x)]
						if ok && s.arg < len(x.Args) && !note(s.prefix, x.Args[s.arg]) && handsOn(name, params, s.prefix, x.Args[s.arg]) {
							changed = true
						}
					}
					return true
				})
			}
			visit(f, "", nil)
		}
	}
	return keys
}

func named(e ast.Expr, name string) bool {
	switch x := e.(type) {
	case *ast.Ident:
		return x.Name == name
	case *ast.SelectorExpr:
		return x.Sel.Name == name
	}
	return false
}

// called names a call: "fault.New" for the package's function, the bare name for methods and functions of the package.
func called(c *ast.CallExpr) string {
	switch x := c.Fun.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		if id, ok := x.X.(*ast.Ident); ok && id.Name == "fault" {
			return "fault." + x.Sel.Name
		}
		return x.Sel.Name
	}
	return ""
}

var aKey = regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)

func both(t *testing.T, key, where string) {
	t.Helper()
	for _, l := range i18n.Languages {
		if !l.Has(key) {
			t.Errorf("%s: no %q in language %s", where, key, l)
		}
	}
}

func TestEveryFaultAndProblemHasItsSentenceInBothLanguages(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for dir, files := range source(t) {
		for key := range spoken(files) {
			if _, k, _ := strings.Cut(key, "."); !aKey.MatchString(k) {
				continue // not a key: another Add
			}
			both(t, key, dir)
			found[key] = true
		}
	}
	// The scan is worth nothing if it stops finding what is known to be there: plain, through a local function, through a method.
	for _, key := range []string{"fault.referral_taken", "fault.not_json", "problem.beyond_consent", "problem.required", "problem.search_empty", "problem.she_refused", "problem.no_such_receiver"} {
		if !found[key] {
			t.Errorf("the scan no longer finds %s", key)
		}
	}
	for _, k := range []fault.Kind{fault.Invalid, fault.Malformed, fault.Unauthenticated, fault.Refused, fault.NotFound, fault.Conflict, fault.Stale, fault.VersionRequired,
		fault.TooLarge, fault.MediaType, fault.TooMany, fault.Unavailable, "ours"} {
		both(t, "fault.title_"+strings.ReplaceAll(string(k), "-", "_"), "kind")
	}
	both(t, "fault.ours", "site")
}

func TestActsStandingsClassesAndMovesHaveLabelsInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, a := range access.Acts {
		both(t, "act."+a.Name, "access")
	}
	for _, s := range access.Standings {
		both(t, "standing."+string(s), "access")
	}
	for _, c := range access.Classes {
		both(t, "class."+string(c), "access")
	}
	both(t, "move.creation", "referral")
	for _, m := range referral.Moves {
		both(t, "move."+m.Name, "referral")
	}
	for _, f := range consent.Fields {
		both(t, "desk.share_"+f, "consent")
	}
	for _, r := range referral.Results {
		both(t, "desk.result_"+r, "referral")
	}
}

// A key that desk names whole is in both catalogues; a sentence that desk's catalogue holds is said by something.
func TestDeskSaysWhatItsCatalogueHoldsAndNothingElse(t *testing.T) {
	t.Parallel()
	var literals []string
	for dir, files := range source(t) {
		if !strings.HasSuffix(dir, filepath.Join("internal", "desk")) {
			continue
		}
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				if x, ok := n.(*ast.BasicLit); ok && x.Kind == token.STRING {
					if s, err := strconv.Unquote(x.Value); err == nil {
						literals = append(literals, s)
					}
				}
				return true
			})
		}
	}
	whole := regexp.MustCompile(`^(desk|page_[a-z]+|ui|act|move|class|standing|fault)\.[a-zA-Z_.]*[a-zA-Z]$`)
	for _, s := range literals {
		if whole.MatchString(s) {
			both(t, s, "internal/desk")
		}
	}
	for _, key := range i18n.Vietnamese.Keys() {
		if !strings.HasPrefix(key, "desk.") {
			continue
		}
		said := slices.ContainsFunc(literals, func(s string) bool {
			return s == key || strings.HasPrefix(s, "desk.") && strings.HasPrefix(key, s) && !whole.MatchString(s)
		})
		if flash, ok := strings.CutPrefix(key, "desk.flash_"); ok {
			said = slices.Contains(literals, flash)
		}
		if due, ok := strings.CutPrefix(key, "desk.due_"); ok && !said {
			said = slices.Contains(literals, due)
		}
		if !said {
			t.Errorf("nothing says %s", key)
		}
	}
}

func TestBothLanguagesHoldTheSameKeysAndPlaceholders(t *testing.T) {
	t.Parallel()
	place := regexp.MustCompile(`\{[a-z_]+\}`)
	mine := []string{"desk.", "act.", "standing.", "class.", "move.", "fault.", "problem."}
	for _, pair := range [][2]i18n.Language{{i18n.Vietnamese, i18n.English}, {i18n.English, i18n.Vietnamese}} {
		for _, key := range pair[0].Keys() {
			if !slices.ContainsFunc(mine, func(p string) bool { return strings.HasPrefix(key, p) }) {
				continue
			}
			if !pair[1].Has(key) {
				t.Errorf("%s is only in %s", key, pair[0])
				continue
			}
			a, b := place.FindAllString(pair[0].Text(key), -1), place.FindAllString(pair[1].Text(key), -1)
			slices.Sort(a)
			slices.Sort(b)
			if !slices.Equal(slices.Compact(a), slices.Compact(b)) {
				t.Errorf("%s: %v in %s, %v in %s", key, a, pair[0], b, pair[1])
			}
			if strings.Contains(pair[0].Text(key), "!") {
				t.Errorf("%s shouts in %s", key, pair[0])
			}
		}
	}
	for _, key := range i18n.Vietnamese.Keys() {
		for _, word := range []string{"nạn nhân", "thủ phạm", "hung thủ", "khai báo"} {
			if strings.Contains(strings.ToLower(i18n.Vietnamese.Text(key)), word) {
				t.Errorf("%s says %q", key, word)
			}
		}
	}
}
