package archtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binhan/internal/access"
	"binhan/internal/evidence"
	"binhan/internal/keyd"
	"binhan/internal/release"
	"binhan/internal/signin"
	"binhan/internal/site"
)

// TestTheLimitsThatAreWrittenAreTheOnesThatHold compares docs/limits.md with the code, line by line where the code has a name for the number.
func TestTheLimitsThatAreWrittenAreTheOnesThatHold(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "limits.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	b, k, r := access.StrictBudgets(), keyd.ProductionBudgets(), signin.Strict
	for _, line := range []string{
		fmt.Sprintf("| File of evidence | %d MiB |", evidence.MaxSize>>20),
		fmt.Sprintf("| Headers of a request | %d KiB |", site.HeaderBytes>>10),
		fmt.Sprintf("| Headers must have arrived within | %v |", site.HeaderTime),
		fmt.Sprintf("| A request must have arrived within | %v |", site.RequestTime),
		fmt.Sprintf("| An answer must have been taken within | %v |", site.AnswerTime),
		fmt.Sprintf("| Idle connection | %v |", site.IdleTime),
		fmt.Sprintf("then a second | %d, %d | 429 |", release.VisitBurst, release.VisitRate),
		fmt.Sprintf("| Proof of person for the acts that matter most | %v old |", access.StepUpAge),
		fmt.Sprintf("| Sessions of one person | %d |", r.Sessions),
		fmt.Sprintf("everybody unknown | %d, %d, %d, %d |", r.Device, r.Stranger, r.Address, r.Everybody),
		fmt.Sprintf("somebody else must release | %d |", r.Stop),
		fmt.Sprintf("| Cases opened by one person in an hour | %d |", b.Cases),
		fmt.Sprintf("| Searches by one person in an hour | %d |", b.Searches),
		fmt.Sprintf("questions a day | %d, %d |", b.Exports, b.Known),
		fmt.Sprintf("how long one lasts | %d, %v |", b.Emergencies, b.Emergency),
		fmt.Sprintf("| Keys opened for one person in %.0f minutes, for all | %d, %d |", k.Window.Minutes(), k.Unwraps, k.AllUnwraps),
	} {
		if !strings.Contains(text, line) {
			t.Errorf("docs/limits.md does not say %q", line)
		}
	}
	source := func(path, line string) {
		if raw, err := os.ReadFile(filepath.Join("..", "..", path)); err != nil || !strings.Contains(string(raw), line) {
			t.Errorf("%s does not say %q any more, %v: mend docs/limits.md", path, line, err)
		}
	}
	source("internal/site/site.go", "usualBody = 1 << 20")
	source("internal/campaign/sheet.go", "MostSheet     = 2 << 20")
	source("internal/campaign/sheet.go", "unpackedSheet = 24 << 20")
	source("internal/site/decode.go", "deepest   = 16")
	source("internal/site/decode.go", "mostItems = 500")
	source("internal/site/decode.go", "longest   = 20_000")
	source("internal/signin/provider.go", "answerSize  = 1 << 20")
	source("internal/signin/provider.go", "Timeout: 5 * time.Second")
	source("internal/signin/provider.go", "burst  = 12.0")
	source("internal/signin/provider.go", "refill = 0.1")
	source("internal/signin/provider.go", "orderAge   = 5 * time.Minute")
	source("internal/signin/journey.go", "mostCodes = 5")
	source("internal/desk/provider.go", "Big: 32 << 10")
	source("internal/intake/workbook.go", "unpackedLimit = 256 << 20")
	source("internal/app/app.go", "o.Size = 8")
	source("internal/pg/roles.go", "App:        {30_000, 5_000, 30_000}")
}
