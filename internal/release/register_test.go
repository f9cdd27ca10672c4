package release_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"binhan/internal/intake"
	"binhan/internal/release"
)

// registerFacts reads the real register of 2021 (a public one, not of our country: see internal/intake/testdata/README.md) into a facts file. seed >= 0 takes about share of its
// rows, so that the smaller size classes can be looked at on real people too.
func registerFacts(t *testing.T, keep func(row int) bool) (path string, rows [][]string) {
	t.Helper()
	packed, err := os.Open("../intake/testdata/linea144-2021.csv.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	z, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	from := filepath.Join(dir, "register.csv")
	if err := os.WriteFile(from, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := intake.OpenMapping("linea144.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r, err := intake.Open(context.Background(), m, from, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for n := 0; ; n++ {
		o, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if o.Row == nil || !keep(n) {
			continue
		}
		f := o.Row.Fact("linea144")
		forms := strings.Join(f.Forms, "+")
		if forms == "" {
			forms = "UNK"
		}
		rows = append(rows, []string{f.Area, f.ReceivedOn.Format("2006-01"), or(f.Form), or(f.Sex), f.Age, f.Relation, f.SexPerp, f.Ethnic, forms})
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"area", "month", "form", "sex", "age", "relation", "sex_perp", "ethnic", "forms"})
	_ = w.WriteAll(rows)
	path = filepath.Join(dir, "facts.csv")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, rows
}

func or(code string) string {
	if code == "" {
		return "UNK"
	}
	return code
}

// TestRealRegisterIsWorthReading releases the real register of 2021 many times, whole and in parts of the smaller size classes, and compares with its true numbers. Run with
// BINHAN_REGISTER_SEEDS=20 for the figures of docs/statistics.md.
func TestRealRegisterIsWorthReading(t *testing.T) {
	t.Parallel()
	seeds := 3
	if s := os.Getenv("BINHAN_REGISTER_SEEDS"); s != "" {
		seeds, _ = strconv.Atoi(s)
	}
	for _, every := range []int{1, 50, 500} {
		t.Run(fmt.Sprintf("one row of %d", every), func(t *testing.T) {
			t.Parallel()
			path, rows := registerFacts(t, func(n int) bool { return n%every == 0 })
			header := []string{"area", "month", "form", "sex", "age", "relation", "sex_perp", "ethnic", "forms"}
			type figure struct {
				err, covered, shown float64
				cells               int
			}
			found := map[string]*figure{}
			var order []string
			for range seeds {
				out := filepath.Join(filepath.Dir(path), "t.csv")
				if err := release.Simulate(t.Context(), release.SimulateOptions{Facts: path, Out: out}); err != nil {
					t.Fatal(err)
				}
				f, err := os.Open(out)
				if err != nil {
					t.Fatal(err)
				}
				lines, err := csv.NewReader(f).ReadAll()
				f.Close()
				if err != nil {
					t.Fatal(err)
				}
				// True numbers, by the names of the cells.
				exact := map[string]float64{}
				wanted := map[string]bool{}
				for _, line := range lines[1:] {
					var dims []string
					for part := range strings.SplitSeq(line[2], ";") {
						name, _, _ := strings.Cut(part, "=")
						dims = append(dims, name)
					}
					wanted[strings.Join(dims, ";")] = true
				}
				for set := range wanted {
					var columns []int
					for _, d := range strings.Split(set, ";") {
						for c, h := range header {
							if h == d {
								columns = append(columns, c)
							}
						}
					}
					for _, row := range rows {
						if set == "forms" {
							for i, form := range strings.Split(row[8], "+") {
								if i < 3 {
									exact["forms="+form]++
								}
							}
							continue
						}
						name := make([]string, len(columns))
						for i, c := range columns {
							v := row[c]
							if header[c] == "age" && len(rows) < 100 {
								v = map[string]string{"A00_06": "U16", "A07_12": "U16", "A13_15": "U16", "A16_17": "A16_59", "A18_24": "A16_59", "A25_39": "A16_59", "A40_59": "A16_59"}[v]
								if v == "" {
									v = row[c]
								}
							}
							name[i] = header[c] + "=" + v
						}
						exact[strings.Join(name, ";")]++
					}
				}
				for _, line := range lines[1:] {
					q := found[line[1]]
					if q == nil {
						q = &figure{}
						found[line[1]], order = q, append(order, line[1])
					}
					lower, _ := strconv.ParseFloat(line[4], 64)
					upper, _ := strconv.ParseFloat(line[5], 64)
					q.cells++
					if lower <= exact[line[2]] && exact[line[2]] <= upper {
						q.covered++
					}
					if n, err := strconv.ParseFloat(line[3], 64); err == nil {
						q.shown++
						q.err += math.Abs(n - exact[line[2]])
					}
				}
			}
			t.Logf("%d people", len(rows))
			// The draws are real ones: only what many cells say together may fail.
			var covered, cells, off, shown float64
			for _, id := range order {
				q := found[id]
				t.Logf("%-14s %5d cells, printed %.2f, mean error of printed %.2f, intervals hold %.3f", id, q.cells/seeds, q.shown/float64(q.cells), q.err/max(1, q.shown), q.covered/float64(q.cells))
				covered, cells, off, shown = covered+q.covered, cells+float64(q.cells), off+q.err, shown+q.shown
				if q.cells >= 400 && q.covered/float64(q.cells) < 0.93 {
					t.Errorf("%s: intervals hold %.3f", id, q.covered/float64(q.cells))
				}
			}
			if covered/cells < 0.95 || off/shown > 6 {
				t.Errorf("intervals hold %.3f of all, mean error %.2f", covered/cells, off/shown)
			}
		})
	}
}
