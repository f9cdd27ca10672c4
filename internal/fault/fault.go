// Package fault is the one vocabulary of errors.
//
// An error has three readers. The program branches on the kind (errors.Is(err, fault.NotFound)). The user reads a sentence found under a key
// in the catalogue of package i18n, in her own language. The operator reads the cause in the log. Nothing that belongs to a survivor is ever
// put into an error: keys, codes and random ids only.
//
// What a stranger may not know to exist is NotFound, never Refused.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind is the class of an error, the only thing that a program should branch on.
type Kind string

// Error makes a Kind usable as the target of errors.Is.
func (k Kind) Error() string { return string(k) }

const (
	// Invalid: the caller sent something that cannot be taken; Problems says where and why.
	Invalid Kind = "invalid"
	// Malformed: the request cannot even be read (syntax, encoding, unknown field).
	Malformed Kind = "malformed"
	// Unauthenticated: nobody, or a session that has ended.
	Unauthenticated Kind = "unauthenticated"
	// Unproved: the caller may, once she has proved again who she is.
	Unproved Kind = "unproved"
	// Refused: the caller is known, knows that the thing exists, and may not do this.
	Refused Kind = "refused"
	// NotFound: it is not there, or the caller may not know that it is.
	NotFound Kind = "not-found"
	// Conflict: the state does not allow the move.
	Conflict Kind = "conflict"
	// Stale: If-Match names an older version.
	Stale Kind = "stale"
	// VersionRequired: an update came without If-Match.
	VersionRequired Kind = "version-required"
	// TooLarge: the body is larger than this route takes.
	TooLarge Kind = "too-large"
	// MediaType: the body is of a kind that this route does not take.
	MediaType Kind = "media-type"
	// TooMany: the caller should wait.
	TooMany Kind = "too-many"
	// Unavailable: a machine behind us does not answer; nothing was lost.
	Unavailable Kind = "unavailable"
)

// Problem is one field that cannot be taken. Pointer is a JSON pointer into the body ("/survivor/birth_year"); Key and Args make the
// sentence. Args never hold what was typed into a protected field.
type Problem struct {
	Pointer string
	Key     string
	Args    map[string]any
}

// Error is an error with a kind, a sentence and, for Invalid, the fields.
type Error struct {
	Kind     Kind
	Key      string
	Args     map[string]any
	Problems []Problem
	cause    error
}

// Error is the operator's sentence.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Kind))
	if e.Key != "" {
		b.WriteString(": " + e.Key)
	}
	for _, p := range e.Problems {
		fmt.Fprintf(&b, " [%s %s]", p.Pointer, p.Key)
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

// Is lets errors.Is match a Kind.
func (e *Error) Is(target error) bool {
	k, ok := target.(Kind)
	return ok && k == e.Kind
}

// Unwrap gives the operator's cause.
func (e *Error) Unwrap() error { return e.cause }

// Because keeps the cause for the log.
func (e *Error) Because(cause error) *Error {
	e.cause = cause
	return e
}

// With sets the arguments of the sentence.
func (e *Error) With(args map[string]any) *Error {
	e.Args = args
	return e
}

// New makes an error of a kind; key is looked up in the catalogue as "fault.<key>".
func New(kind Kind, key string) *Error { return &Error{Kind: kind, Key: key} }

// Bad collects problems into one Invalid error, or nil when there is none.
func Bad(problems ...Problem) error {
	if len(problems) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Key: "invalid", Problems: problems}
}

// Missing is the answer for what does not exist or may not be known.
func Missing() *Error { return New(NotFound, "not_found") }

// KindOf tells the kind of an error, or "" for one of our own failures.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

// Problems gathers field problems while a command is checked.
type Problems []Problem

// Add notes that the field at pointer has the problem named by key ("problem.<key>" in the catalogue).
func (ps *Problems) Add(pointer, key string, args ...any) {
	var m map[string]any
	for i := 0; i+1 < len(args); i += 2 {
		if m == nil {
			m = map[string]any{}
		}
		m[args[i].(string)] = args[i+1]
	}
	*ps = append(*ps, Problem{Pointer: pointer, Key: key, Args: m})
}

// Err is nil when nothing was noted.
func (ps Problems) Err() error { return Bad(ps...) }
