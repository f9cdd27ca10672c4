package campaign_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"binhan/internal/campaign"
)

// TestTheDemoWorldUsesTheDefaultTemplate: the demo's years are written with the outline and the table that a first year gets, as plain data.
// BINHAN_TEST_GOLDEN=write writes it.
func TestTheDemoWorldUsesTheDefaultTemplate(t *testing.T) {
	t.Parallel()
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetIndent("", " ")
	e.SetEscapeHTML(false)
	if err := e.Encode(map[string]any{"outline": campaign.DefaultOutline(), "indicators": campaign.DefaultIndicators()}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "world", "campaign.json")
	if os.Getenv("BINHAN_TEST_GOLDEN") == "write" {
		if err := os.WriteFile(file, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(have, want.Bytes()) {
		t.Error("internal/world/campaign.json is not the default template", err)
	}
}
