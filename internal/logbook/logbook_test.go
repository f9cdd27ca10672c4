package logbook_test

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/logbook"
)

func written(lines int) []byte {
	var b bytes.Buffer
	l := logbook.New(&b, slog.LevelDebug)
	for i := range lines {
		l.Info("request", "route", "GET /ho-so/:id", "status", 200+i, "request", "abc")
	}
	l.End()
	return b.Bytes()
}

func TestAWholeLogIsWhole(t *testing.T) {
	t.Parallel()
	two := append(written(5), written(3)...) // two processes, one after the other
	got, err := logbook.Check(bytes.NewReader(two))
	if diff := cmp.Diff(logbook.Checked{Lines: 10, Starts: 2, Ended: true, Last: 4}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	lines := bytes.SplitAfter(two, []byte("\n"))
	if got, err = logbook.Check(bytes.NewReader(bytes.Join(lines[2:], nil))); err != nil || got.Lines != 8 { // turned over in the middle
		t.Error(got, err)
	}
	between := bytes.Join(slices.Insert(slices.Clone(lines), 3, []byte("The key process has started.\n{\"msg\":\"of a child\"}\n")), nil)
	if got, err = logbook.Check(bytes.NewReader(between)); err != nil || got.Other != 2 || got.Lines != 10 {
		t.Error(got, err)
	}
	if got, err = logbook.Check(strings.NewReader("")); err != nil || got != (logbook.Checked{}) {
		t.Error(got, err)
	}
}

func TestWhateverIsDoneToALogIsNamedByLine(t *testing.T) {
	t.Parallel()
	whole := written(6)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	lines = lines[:len(lines)-1]
	without := func(i int) []byte { return bytes.Join(slices.Delete(slices.Clone(lines), i, i+1), nil) }
	swapped := slices.Clone(lines)
	swapped[2], swapped[3] = swapped[3], swapped[2]
	for name, c := range map[string]struct {
		log  []byte
		line int
	}{
		"a line taken out":  {without(3), 4},
		"a line altered":    {bytes.Replace(whole, []byte("203"), []byte("204"), 1), 4},
		"two lines swapped": {bytes.Join(swapped, nil), 3},
		"a line twice":      {bytes.Join(slices.Insert(slices.Clone(lines), 2, lines[1]), nil), 3},
		"cut within a line": {whole[:len(whole)-20], 7},
		"a line put in":     {bytes.Join(slices.Insert(slices.Clone(lines), 2, bytes.Replace(lines[1], []byte("201"), []byte("200"), 1)), nil), 3},
		"a sum taken off":   {bytes.Replace(whole, lines[2], bytes.Replace(lines[2], []byte(`,"crc":"`), []byte(`,"x":"`), 1), 1), 4},
	} {
		_, err := logbook.Check(bytes.NewReader(c.log))
		var broken *logbook.Broken
		if !errors.As(err, &broken) || broken.Line != c.line {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The end cut off between two lines shows in the number and the missing last word.
	if got, err := logbook.Check(bytes.NewReader(bytes.Join(lines[:4], nil))); err != nil || got.Ended || got.Last != 4 {
		t.Error(got, err)
	}
}

type person struct{ Name string }

func TestOnlyNamedPlainAttributesAreWritten(t *testing.T) {
	t.Parallel()
	const marker = "Người Thử Nghiệm Một"
	var b bytes.Buffer
	l := logbook.New(&b, slog.LevelDebug)
	l.Info("request", "name", marker, "route", "GET /", "cause", person{marker}, "request", []byte(marker), "act", map[string]string{"x": marker})
	l.With("phone", marker).WithGroup("act").Debug("request", "route", marker)
	l.Error("x", "status", 500, "ms", 1.5, "until", time.Unix(0, 0), "cause", errors.New(marker)) // an error is no plain value: its text must be asked for
	l.Info("x", slog.Group("act", slog.String("route", marker)))
	if strings.Contains(b.String(), "Nghiệm") {
		t.Error(b.String())
	}
	for _, want := range []string{`"route":"GET /"`, `"status":500`, `"ms":1.5`, `"name":"…"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, b.String())
		}
	}
}

func TestManyWritersMakeOneLog(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	l := logbook.New(&b, slog.LevelInfo)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for range 50 {
				l.Info("request", "count", w)
			}
		})
	}
	wg.Wait()
	if got, err := logbook.Check(&b); err != nil || got.Lines != 400 || l.Lines() != 400 {
		t.Error(got, err)
	}
}

// TestTheSourceLogsAllowedNamesOnly reads every call of a logger in the program: a name that is not allowed would only say "…", and nobody would know why.
func TestTheSourceLogsAllowedNamesOnly(t *testing.T) {
	t.Parallel()
	levels := []string{"Debug", "Info", "Warn", "Error"}
	calls := 0
	for _, root := range []string{filepath.Join("..", "..", "internal"), filepath.Join("..", "..", "cmd", "binhan")} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return nil // somebody is in the middle of a line; the compiler will say so
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				f, ok := call.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				on := fmt.Sprint(f.X)
				if inner, ok := f.X.(*ast.SelectorExpr); ok {
					on = inner.Sel.Name
				}
				name, context := f.Sel.Name, 0
				if strings.HasSuffix(name, "Context") {
					name, context = strings.TrimSuffix(name, "Context"), 1
				}
				if !slices.Contains(levels, name) || !slices.Contains([]string{"slog", "log", "Log", "logger"}, on) {
					return true
				}
				calls++
				for i := 1 + context; i < len(call.Args); i += 2 {
					lit, ok := call.Args[i].(*ast.BasicLit)
					if !ok {
						continue
					}
					if key, err := strconv.Unquote(lit.Value); err == nil && !slices.Contains(logbook.Allowed(), key) {
						t.Errorf("%s logs %q, which is not on the list", files.Position(lit.Pos()), key)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if calls < 5 {
		t.Errorf("only %d calls of a logger were found", calls)
	}
}

func FuzzCheckReadsAnything(f *testing.F) {
	f.Add(written(2))
	f.Fuzz(func(t *testing.T, log []byte) {
		c, err := logbook.Check(bytes.NewReader(log))
		if err == nil && c.Lines > 0 && !bytes.HasSuffix(log, []byte("\n")) {
			t.Fatal("a cut line was taken")
		}
	})
}
