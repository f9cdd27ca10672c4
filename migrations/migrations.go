// Package migrations holds the schema as a row of SQL files, each applied once, in the order of its number, forward only. Package pg applies
// them as the owner of the database. A file is never edited once it is merged; the code before it and the code after it both run against it.
package migrations

import "embed"

// Files are the migrations NNNN_name.sql. Other files without a number in front are not applied.
//
//go:embed [0-9]*.sql
var Files embed.FS
