package archtest

import (
	"encoding/csv"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTheRegisterOfSecurityNamesATestForEachRequirement holds docs/asvs.csv: the requirements of OWASP's Application Security Verification Standard 5.0.0, by number.
// Level 2 stands there whole (70 of level 1 and 183 of level 2), with those of level 3 that the house takes on. Each that is met names tests that exist, which a green
// run has passed; each that is not says why.
func TestTheRegisterOfSecurityNamesATestForEachRequirement(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	f, err := os.Open(filepath.Join(root, "docs", "asvs.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	check, err := os.ReadFile(filepath.Join(root, "deploy", "check"))
	if err != nil {
		t.Fatal(err)
	}
	there := testsByPackage(t, root)
	number := regexp.MustCompile(`^\d{1,2}\.\d{1,2}\.\d{1,2}$`)
	seen, levels := map[string]bool{}, map[string]int{}
	for _, l := range lines[1:] {
		id, level, state, how, evidence := l[0], l[1], l[2], l[3], strings.Fields(l[4])
		if !number.MatchString(id) || seen[id] || strings.TrimSpace(how) == "" {
			t.Errorf("%s: no number, twice, or not said how", id)
		}
		seen[id] = true
		levels[level]++
		switch state {
		case "met":
			if len(evidence) == 0 {
				t.Errorf("%s: met by no test", id)
			}
		case "not applicable", "deployment":
		case "left":
			if level != "3" {
				t.Errorf("%s: of level %s and left", id, level)
			}
		default:
			t.Errorf("%s: state %q", id, state)
		}
		for _, e := range evidence {
			where, name, _ := strings.Cut(e, ":")
			if where == "check" {
				if !strings.Contains(string(check), "\nstep_"+name+"()") {
					t.Errorf("%s: deploy/check has no %s", id, name)
				}
			} else if !there[where][name] {
				t.Errorf("%s: there is no test %s in %s", id, name, where)
			}
		}
	}
	if levels["1"] != 70 || levels["2"] != 183 || levels["3"] < 60 {
		t.Errorf("requirements by level: %v", levels)
	}
}

// TestTheThreatModelNamesTestsThatExist holds docs/threat-model.md: eighteen rows, each with a test.
func TestTheThreatModelNamesTestsThatExist(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "docs", "threat-model.md"))
	if err != nil {
		t.Fatal(err)
	}
	there := testsByPackage(t, root)
	named := regexp.MustCompile(`([a-z0-9/]+):(Test\w+)`)
	rows := 0
	for line := range strings.Lines(string(text)) {
		if !regexp.MustCompile(`^\| \d+ \|`).MatchString(line) {
			continue
		}
		rows++
		found := named.FindAllStringSubmatch(line, -1)
		if len(found) == 0 {
			t.Errorf("no test: %s", line)
		}
		for _, m := range found {
			if !there[m[1]][m[2]] {
				t.Errorf("there is no test %s in %s", m[2], m[1])
			}
		}
	}
	if rows != 18 {
		t.Errorf("%d rows", rows)
	}
}

// testsByPackage are the names of tests by folder; those under internal go without it.
func testsByPackage(t *testing.T, root string) map[string]map[string]bool {
	t.Helper()
	named := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	all := map[string]map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{".git", "bin", "var", "node_modules"}, d.Name()) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") && !strings.HasSuffix(path, "test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		where := strings.TrimPrefix(filepath.ToSlash(rel), "internal/")
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range named.FindAllSubmatch(source, -1) {
			if all[where] == nil {
				all[where] = map[string]bool{}
			}
			all[where][string(m[1])] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
