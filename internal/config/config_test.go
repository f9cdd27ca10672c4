package config_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/config"
	"binhan/internal/pg"
)

// production is a complete set of settings; tests change one thing.
func production(change ...string) []string {
	settings := []string{
		"BINHAN_ENV=production",
		"BINHAN_DATA=/srv/binhan",
		"BINHAN_PUBLIC_URL=https://binhan.example.vn",
		"BINHAN_DATABASE_URL=postgres://db.example.vn:5433/binhan?sslmode=verify-full",
		"BINHAN_DATABASE_PASSWORD_APP=word-a",
		"BINHAN_DATABASE_PASSWORD_RELEASER=word-r",
		"BINHAN_DATABASE_PASSWORD_STATISTICS=word-s",
		"BINHAN_DATABASE_PASSWORD_AUDITOR=word-u",
		"BINHAN_DATABASE_PASSWORD_SEALER=word-l",
		"BINHAN_ANCHORS=/mnt/anchors",
		"BINHAN_S3_URL=https://s3.example.vn/evidence",
		"BINHAN_S3_ACCESS_KEY=word-k",
		"BINHAN_S3_SECRET_KEY=word-x",
	}
	for _, c := range change {
		name, value, set := strings.Cut(c, "=")
		settings = slices.DeleteFunc(settings, func(s string) bool { return strings.HasPrefix(s, name+"=") })
		if set {
			settings = append(settings, name+"="+value)
		}
	}
	return settings
}

func TestAnEmptyEnvironmentIsADevelopmentWorldOnTheLoopback(t *testing.T) {
	t.Parallel()
	c, err := config.Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Environment: config.Development, Data: filepath.Join(here, "var"), Port: 8080, Listen: "127.0.0.1:8080",
		InternalListen: "127.0.0.1:8081", PublicURL: "http://localhost:8080", S3Region: "us-east-1", Keyring: filepath.Join(here, "var", "keyring.json"),
		Anchors: filepath.Join(here, "var", "anchors"), RightsDays: "calendar", Agreements: "warn", IssuerMaxAge: "10h",
	}
	if diff := cmp.Diff(want, c, cmp.AllowUnexported(config.Secret{})); diff != "" {
		t.Error(diff)
	}
	if !c.EmbeddedDatabase() || !c.EmbeddedStore() {
		t.Error("nothing is named, so both should be embedded")
	}
}

func TestACompleteProductionIsTaken(t *testing.T) {
	t.Parallel()
	c, err := config.Parse(production())
	if err != nil {
		t.Fatal(err)
	}
	dsn, err := c.RoleDSN(pg.Statistics)
	if err != nil {
		t.Fatal(err)
	}
	want := pg.Address{Host: "db.example.vn", Port: 5433, User: "binhan_statistics", Password: "word-s", Database: "binhan", Params: map[string]string{"sslmode": "verify-full"}}.DSN()
	if diff := cmp.Diff(want, dsn); diff != "" {
		t.Error(diff)
	}
	if _, err := c.RoleDSN(pg.Migrator); err == nil {
		t.Error("a migrator without a password has an address")
	}
	store, err := c.Store()
	if err != nil {
		t.Fatal(err)
	}
	wantStore := config.Store{Endpoint: "s3.example.vn", Bucket: "evidence", Region: "us-east-1", AccessKey: config.NewSecret("word-k"), SecretKey: config.NewSecret("word-x")}
	if diff := cmp.Diff(wantStore, store, cmp.AllowUnexported(config.Secret{})); diff != "" {
		t.Error(diff)
	}
}

func TestWhatCannotBeRightIsRefusedWithASentence(t *testing.T) {
	t.Parallel()
	for sentence, environ := range map[string][]string{
		"BINHAN_DATABASE_URL is missing":                           production("BINHAN_DATABASE_URL"),
		"BINHAN_DATABASE_PASSWORD_AUDITOR":                         production("BINHAN_DATABASE_PASSWORD_AUDITOR"),
		"BINHAN_DATABASE_PASSWORD_SEALER":                          production("BINHAN_DATABASE_PASSWORD_SEALER"),
		"BINHAN_ANCHORS_S3_URL":                                    production("BINHAN_ANCHORS"),
		"BINHAN_ANCHORS_S3_ACCESS_KEY":                             append(production(), "BINHAN_ANCHORS_S3_URL=https://s3.example.vn/anchors"),
		"BINHAN_S3_URL is missing":                                 production("BINHAN_S3_URL"),
		"BINHAN_S3_ACCESS_KEY and BINHAN_S3_SECRET_KEY":            production("BINHAN_S3_SECRET_KEY"),
		"evidence does not travel in the clear":                    production("BINHAN_S3_URL=http://s3.example.vn/evidence"),
		"not a folder in it":                                       production("BINHAN_S3_URL=https://s3.example.vn/evidence/folder"),
		"BINHAN_PUBLIC_URL is missing":                             production("BINHAN_PUBLIC_URL"),
		"BINHAN_PUBLIC_URL must be https":                          production("BINHAN_PUBLIC_URL=http://binhan.example.vn"),
		"write sslmode=verify-full":                                production("BINHAN_DATABASE_URL=postgres://db.example.vn/binhan?sslmode=require"),
		"must name the database":                                   production("BINHAN_DATABASE_URL=postgres://db.example.vn?sslmode=verify-full"),
		"must not carry a login in production":                     production("BINHAN_DATABASE_URL=postgres://postgres:pw@db.example.vn/binhan?sslmode=verify-full"),
		"a server is named: say BINHAN_ENV":                        production("BINHAN_ENV"),
		"BINHAN_ENV must be development or production":             production("BINHAN_ENV=staging"),
		"PQGO_DEBUG would print every statement":                   {"PQGO_DEBUG=1"},
		"PGOPTIONS would change every database connection":         {"PGOPTIONS=-c role=postgres"},
		"BINHAN_DATABSE_URL is no setting":                         {"BINHAN_DATABSE_URL=postgres://x"},
		"BINHAN_S3_SECRET_KEY_FILE: the file cannot be read":       production("BINHAN_S3_SECRET_KEY_FILE=/no/such/file"),
		"PORT must be a number, BINHAN_MANAGED_KEYS true or false": {"PORT=http"},
		"PORT must lie between":                                    {"PORT=70000"},
		"BINHAN_LISTEN and BINHAN_INTERNAL_LISTEN must differ":     {"BINHAN_LISTEN=127.0.0.1:9000", "BINHAN_INTERNAL_LISTEN=127.0.0.1:9000"},
		"BINHAN_LISTEN must look like":                             {"BINHAN_LISTEN=8080"},
		"BINHAN_TRUSTED_PROXIES must hold addresses or networks":   {"BINHAN_TRUSTED_PROXIES=10.0.0.0/8,gateway"},
	} {
		_, err := config.Parse(environ)
		if err == nil || !strings.Contains(err.Error(), sentence) {
			t.Errorf("want a sentence with %q, got %v", sentence, err)
		}
		for _, secret := range []string{"word-", "pw@"} {
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("a refusal repeats a secret: %v", err)
			}
		}
	}
}

func TestASecretMayBeGivenAsAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "word")
	if err := os.WriteFile(file, []byte("word from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse(production("BINHAN_S3_SECRET_KEY", "BINHAN_S3_SECRET_KEY_FILE="+file))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.S3SecretKey.Reveal(); got != "word from a file" {
		t.Errorf("got %q", got)
	}
}

func TestASecretPrintsAsStars(t *testing.T) {
	t.Parallel()
	c, err := config.Parse(production())
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("settings", "config", c, "key", c.S3SecretKey)
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	printed := []string{log.String(), string(asJSON)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		printed = append(printed, fmt.Sprintf(verb, c), fmt.Sprintf(verb, c.S3SecretKey), fmt.Sprintf(verb, &c.S3SecretKey))
	}
	for _, p := range printed {
		if strings.Contains(p, "word-") || strings.Contains(p, "776f72642d") {
			t.Errorf("a secret is printed: %s", p)
		}
	}
	if !strings.Contains(log.String(), "***") {
		t.Error("the log shows no secret at all: this test would pass for the wrong reason")
	}
}

func TestTheDeployFilesNameOnlySettingsThatExist(t *testing.T) {
	t.Parallel()
	names := regexp.MustCompile(`\bBINHAN_[A-Z0-9_]+`)
	for _, file := range []string{"binhan.env.example", "systemd/binhan.service", "compose.yaml", "Dockerfile"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "deploy", file))
		if err != nil {
			t.Fatal(err)
		}
		found := names.FindAllString(string(text), -1)
		if len(found) == 0 {
			t.Errorf("%s names no setting at all", file)
		}
		for _, name := range found {
			if strings.HasSuffix(name, "_") || name == "BINHAN_X" || name == "BINHAN_X_FILE" {
				continue
			}
			_, ours := config.Parse([]string{name + "=x"})
			_, keyd := config.ParseKeyd([]string{name + "=x"})
			unknown := func(err error) bool { return err != nil && strings.Contains(err.Error(), name+" is no setting") }
			if unknown(ours) && unknown(keyd) {
				t.Errorf("%s names %s, which is no setting", file, name)
			}
		}
	}
}
