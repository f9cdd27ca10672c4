// Package policies holds the access policy: model.conf for Casbin, policy.csv with one permission a line and its reason, and
// matrix.golden.csv, the whole answer, which changes whenever the policy does so that the change can be read.
package policies

import _ "embed"

// Model is the Casbin model.
//
//go:embed model.conf
var Model string

// Policy is the matrix, one permission a line.
//
//go:embed policy.csv
var Policy string
