package main

import (
	"strings"
	"testing"

	"binhan/internal/access"
	"binhan/internal/i18n"
	"binhan/policies"
)

func TestTheMatrixIsPrintedWholeInBothLanguages(t *testing.T) {
	t.Parallel()
	p, err := access.New(policies.Model, policies.Policy)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []i18n.Language{i18n.Vietnamese, i18n.English} {
		var b strings.Builder
		if err := writeMatrix(&b, p, l, ""); err != nil {
			t.Fatal(err)
		}
		for _, r := range access.Roles {
			if !strings.Contains(b.String(), "("+string(r)+")") {
				t.Errorf("%s: nothing of %s", l, r)
			}
		}
		if missing := strings.Contains(b.String(), "act.") || strings.Contains(b.String(), "class.") || strings.Contains(b.String(), "standing."); missing {
			t.Errorf("%s: a word is missing", l)
		}
		lines := strings.Count(b.String(), "\n      ")
		if rows := strings.Count(p.Matrix(), "\n") - 1; lines != rows {
			t.Errorf("%s: %d lines of %d", l, lines, rows)
		}
	}
	var b strings.Builder
	if err := writeMatrix(&b, p, i18n.English, "NOBODY"); err == nil {
		t.Error("an unknown role was printed")
	}
}
