package rights

import (
	"io/fs"
	"testing"

	"binhan/migrations"
)

func schemaText(t *testing.T) string {
	t.Helper()
	b, err := fs.ReadFile(migrations.Files, "0009_rights.sql")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
