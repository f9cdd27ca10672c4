package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/i18n"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with the file that a person read and found right.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(mustRead(t, path)), got); diff != "" {
		t.Errorf("%s: %s", name, diff)
	}
}

func mixedReport(t *testing.T) *Report {
	t.Helper()
	m := notebook(t)
	text := notebookText(
		notebookRows[0], notebookRows[1], notebookRows[2], notebookRows[0], nil,
		change(map[string]string{"Giới tính": "gái"}),
		change(map[string]string{"Giới tính": "GÁI", "Tuổi": "ba mươi"}),
		change(map[string]string{"Giới tính": "gai", "Ngày tiếp nhận": "31/4/2024"}),
		change(map[string]string{"Giới tính": "Người Thử Nghiệm Năm"}),
		change(map[string]string{"Quan hệ": "\u202echồng"}),
		change(map[string]string{"Xã, phường": "Đăk Long"}),
		[]string{"9", "05/07/2024"},
	)
	r, err := newReader(m, readText(strings.NewReader(text), int64(len(text)), m.File), today)
	if err != nil {
		t.Fatal(err)
	}
	report, err := DryRun(context.Background(), r, "so-2024.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestReportForPeople(t *testing.T) {
	t.Parallel()
	for _, l := range i18n.Languages {
		var out bytes.Buffer
		if err := mixedReport(t).Text(&out, l); err != nil {
			t.Fatal(err)
		}
		golden(t, "report."+string(l)+".txt", out.String())
	}
}

func TestReportForPrograms(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	report := mixedReport(t)
	if err := report.JSON(&out); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.json", out.String())
	var back Report
	if err := json.Unmarshal(out.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if back.Rows != report.Rows || len(back.Untaken) != back.Rows.Untaken {
		t.Errorf("%+v", back.Rows)
	}
}

func TestRareWordsAreCountedAndNotShown(t *testing.T) {
	t.Parallel()
	m := parsed(t, strings.Replace(small, "header: Giới", "header: Giới, class: operational", 1))
	text := "Ngày,Giới\n" + strings.Repeat("5/7/2024,\u202elạ\n", 3) + strings.Repeat("5/7/2024,Người Thử Nghiệm Năm\n", 2) + strings.Repeat("5/7/2024,"+strings.Repeat("dài ", 20)+"\n", 5)
	r, err := newReader(m, readText(strings.NewReader(text), 0, m.File), today)
	if err != nil {
		t.Fatal(err)
	}
	report, err := DryRun(context.Background(), r, "x", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Word{{Field: "sex", Column: "Giới", Word: "\u202elạ", Rows: 3}}, report.Words); diff != "" || report.RareWords != 2 {
		t.Errorf("%d rare words; %s", report.RareWords, diff)
	}
	var out bytes.Buffer
	if err := report.Text(&out, i18n.Vietnamese); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "Thử Nghiệm") || strings.Contains(out.String(), "\u202e") {
		t.Error(out.String())
	}
}

func TestLongReportSaysHowMuchItLeavesOut(t *testing.T) {
	t.Parallel()
	m := parsed(t, small)
	text := "Ngày,Giới\n" + strings.Repeat("x,Nữ\n", 1234)
	r, err := newReader(m, readText(strings.NewReader(text), 0, m.File), today)
	if err != nil {
		t.Fatal(err)
	}
	report, err := DryRun(context.Background(), r, "dài.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	var vi, en bytes.Buffer
	if err := report.Text(&vi, i18n.Vietnamese); err != nil {
		t.Fatal(err)
	}
	if err := report.Text(&en, i18n.English); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(vi.String(), "1.234") || !strings.Contains(en.String(), "1,234") || !strings.Contains(en.String(), "further rows: 1,034") {
		t.Error(en.String())
	}
	if len(report.Untaken) != 1234 {
		t.Errorf("the report keeps %d rows", len(report.Untaken))
	}
}

func TestExitCodeFollowsTheCounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		report       Report
		plain, stern int
	}{
		{Report{Rows: Counts{Read: 3, Taken: 2, AlreadyThere: 1}}, 0, 0},
		{Report{Rows: Counts{Read: 3, Taken: 2, Untaken: 1}, Untaken: []Untaken{{Row: 2}}}, 0, 1},
		{Report{Rows: Counts{Read: 3, Taken: 2, Untaken: 1}}, 1, 1}, // one row is counted and not reported
		{Report{Rows: Counts{Read: 3, Taken: 2}}, 1, 1},             // one row is lost
		{Report{}, 0, 0},
	} {
		if got := []int{c.report.ExitCode(false), c.report.ExitCode(true)}; got[0] != c.plain || got[1] != c.stern {
			t.Errorf("%+v: %v", c.report.Rows, got)
		}
	}
}

func TestDryRunStopsWhenAsked(t *testing.T) {
	t.Parallel()
	m := parsed(t, small)
	r, err := newReader(m, readText(strings.NewReader("Ngày,Giới\n5/7/2024,Nữ\n"), 0, m.File), today)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := DryRun(ctx, r, "x", nil); err == nil {
		t.Error("it went on")
	}
}

func TestProgressTellsRowsShareAndRate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		terminal bool
		want     string
	}{
		"terminal": {true, "\r\x1b[KRows read: 512 (50%), 512 a second, not taken: 0\r\x1b[KRows read: 768 (75%), 384 a second, not taken: 1\r\x1b[KRows read: 1,024 (100%), 341 a second, not taken: 1\n"},
		"log":      {false, "Rows read: 1,024 (100%), 341 a second, not taken: 1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
			var out bytes.Buffer
			p := NewProgress(&out, c.terminal, i18n.English, func() time.Time { return clock })
			source := &halfway{total: 1024}
			r := &Reader{records: source}
			for _, step := range []struct {
				read, untaken int
				wait          time.Duration
			}{{256, 0, 100 * time.Millisecond}, {455, 0, 200 * time.Millisecond}, {512, 0, 700 * time.Millisecond}, {768, 1, time.Second}} {
				clock = clock.Add(step.wait)
				source.done = int64(step.read)
				p.Show(Counts{Read: step.read, Untaken: step.untaken}, r)
			}
			clock = clock.Add(time.Second)
			source.done = 1024
			p.Done(Counts{Read: 1024, Untaken: 1}, r)
			if diff := cmp.Diff(c.want, out.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
	var silent *Progress
	silent.Show(Counts{}, nil)
	silent.Done(Counts{}, nil)
}

// halfway is a file of which some was read.
type halfway struct {
	records
	done, total int64
}

func (h *halfway) position() (done, total int64) { return h.done, h.total }
