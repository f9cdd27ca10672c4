// Package agreement holds tests only: six ways of saying who may see what must say the same.
//
// The policy is a matrix; it is compiled into a table; Casbin is its referee; gate.enter says in SQL which standings somebody holds; row-level
// security says which rows exist for her; lists and single resources say it over HTTP. Each was written apart, so that a mistake in one is a wall in
// another; and so that they could drift. The tests here build random worlds, take random steps in them (standings end, walls rise, accounts rest,
// screens lock, consents run out), and after each step ask all six about everybody and everything, against one plain model in Go that is
// derived from none of them.
//
// A test that compares is worth what it would notice: mutants_test.go changes every row-level policy and every function behind it, condition by
// condition, and demands that the comparison finds each of them.
package agreement
