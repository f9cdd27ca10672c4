package app_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"binhan/internal/access"
	"binhan/internal/app/apptest"
	"binhan/internal/i18n"
	"binhan/internal/intake"
)

// importRegister takes over the whole real register of 2021, as the command does, and gives its report.
func importRegister(t *testing.T, s *apptest.Server) string {
	t.Helper()
	packed, err := os.Open(filepath.Join("..", "intake", "testdata", "linea144-2021.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	plain, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "linea144-2021.csv")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, plain); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	var report, progress bytes.Buffer
	cmd := intake.Command{Mapping: "linea144", File: file, Commit: true, Language: i18n.English, Out: &report, Err: &progress, Now: time.Now}
	code, err := cmd.Run(t.Context(), func() (intake.World, error) {
		return intake.World{Service: s.App.Intake, Actor: func(owner string) (access.Actor, error) { return s.Actor(t, owner), nil }}, nil
	})
	if err != nil || code != 0 {
		t.Fatalf("exit %d, %v\n%s%s", code, err, &progress, &report)
	}
	if !strings.Contains(progress.String(), "25,301") {
		t.Errorf("no progress was shown: %q", progress.String())
	}
	return report.String()
}
