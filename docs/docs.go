// Package docs carries the documents that the program itself serves.
//
// openapi.yaml is the contract of the JSON surface, written by hand. It promises partner systems what they may rely on; tests hold every route, every
// request and every answer to it (internal/app/apptest), so that it cannot say one thing while the program does another.
package docs

import _ "embed"

// OpenAPI is the contract of the JSON surface (OpenAPI 3.1, YAML).
//
//go:embed openapi.yaml
var OpenAPI []byte
