package ui

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/a-h/templ"
	"golang.org/x/text/unicode/norm"
)

// Problem is one field that could not be taken. Field is the dotted name of the control ("survivor.birth_year").
type Problem struct {
	Field string
	Text  string
}

// Form is what a page needs to show a form again: what was typed and what was wrong.
type Form struct {
	Values   map[string][]string // by dotted name
	Problems []Problem
	Key      string // idempotency key, made when the form was first shown
	Version  string // the version that an edit starts from (If-Match)
	Proof    *Proof // set when the step needs a proof of who she is first
	scope    string // tells apart the ids of forms that share field names on one page
}

// Proof is the panel inside a form that asks who she is before the step is taken. It comes with everything that was typed; its own fields are judged
// before the form is and are never shown again. The texts are in the reader's language.
type Proof struct {
	Title, Text  string
	Password     string // label
	Code         string // label; "" for who has no app that counts
	CodeHint     string
	Key          string // label of the button; "" for who has no key
	KeyFailed    string
	Problem      string // why the last one did not do
	Elsewhere    string // label of the way through the identity provider, in a tab of its own; "" without it
	ElseHint     string
	WithPassword bool // a password is asked for
	Standing     bool // the form always asks
}

// FieldNewKey brings the answer of a key that is being added; FieldKey that of one that proves something.
const (
	FieldNewKey = "_new_key"
	FieldKey    = "_key"
)

// proofFocus takes the focus to a panel that has just appeared; one that is always there leaves it alone.
func proofFocus(f Form) templ.Attributes {
	if f.Proof.Standing {
		return nil
	}
	return templ.Attributes{"tabindex": "-1", "data-focus": true}
}

func keyField(create string) string {
	if create != "" {
		return FieldNewKey
	}
	return FieldKey
}

// Under is the form with ids of its own, for pages that hold several forms with the same field names.
func (f Form) Under(scope string) Form {
	f.scope = scope + "-"
	return f
}

// Get is the first value typed under name.
func (f Form) Get(name string) string {
	if v := f.Values[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Has tells whether value is among those chosen under name.
func (f Form) Has(name, value string) bool {
	for _, v := range f.Values[name] {
		if v == value {
			return true
		}
	}
	return false
}

// Problem is the sentence beside the field, or "".
func (f Form) Problem(name string) string {
	for _, p := range f.Problems {
		if p.Field == name {
			return p.Text
		}
	}
	return ""
}

// Touches tells whether something was typed, or went wrong, in any field under one of the prefixes: such a group is shown open.
func (f Form) Touches(prefixes ...string) bool {
	under := func(name string) bool {
		for _, p := range prefixes {
			if name == p || strings.HasPrefix(name, p+".") {
				return true
			}
		}
		return false
	}
	for _, p := range f.Problems {
		if under(p.Field) {
			return true
		}
	}
	for name, vs := range f.Values {
		if under(name) && strings.Join(vs, "") != "" {
			return true
		}
	}
	return false
}

// ID is the id of the control named name; the error summary links to it.
func (f Form) ID(name string) string { return "f-" + f.scope + name }

// describedBy lists the ids of the hint and the problem of a field, for aria-describedby.
func describedBy(f Form, name, hint string) string {
	var ids []string
	if hint != "" {
		ids = append(ids, f.ID(name)+"-hint")
	}
	if f.Problem(name) != "" {
		ids = append(ids, f.ID(name)+"-problem")
	}
	return strings.Join(ids, " ")
}

// OptionID is the id of the ith option of a field: the first one bears the field's own id, so that the summary's link lands on it.
func (f Form) OptionID(name string, i int, value string) string {
	if i == 0 {
		return f.ID(name)
	}
	return f.ID(name) + "-" + value
}

// The names of the two answers that hold for all consents asked on the intake page.
const (
	ConsentsBy     = "_consents_by"
	ConsentsMethod = "_consents_method"
)

var (
	communeCode = regexp.MustCompile(`\((\d{5})\)\s*$`)
	consentName = regexp.MustCompile(`^consents\.(\d+)\.`)
)

// Answers turns what these pages post into what the body of the JSON surface holds, where the two differ: a commune chosen from the list ("Xã Bờ
// Y (23377)") becomes its code; a consent about which nothing was answered goes, and those answered are told by whom and how; a day until which
// something holds becomes that day's end. The posted values themselves are what a refused form shows again.
func Answers(posted url.Values) url.Values {
	out := url.Values{}
	for name, values := range posted {
		if m := consentName.FindStringSubmatch(name); m != nil && posted.Get("consents."+m[1]+".decision") == "" {
			continue
		}
		last := name[strings.LastIndexByte(name, '.')+1:]
		for _, v := range values {
			if m := communeCode.FindStringSubmatch(v); m != nil && last == "commune" {
				v = m[1]
			}
			out.Add(name, v)
		}
	}
	for name := range out {
		m := consentName.FindStringSubmatch(name)
		if m == nil || !strings.HasSuffix(name, ".decision") {
			continue
		}
		for field, from := range map[string]string{".by": ConsentsBy, ".method": ConsentsMethod} {
			if v := posted.Get(from); v != "" {
				out.Set("consents."+m[1]+field, v)
			}
		}
	}
	const until = "expires_at"
	if y, m, d := posted.Get(until+".year"), posted.Get(until+".month"), posted.Get(until+".day"); y+m+d != "" {
		for _, part := range []string{".year", ".month", ".day"} {
			out.Del(until + part)
		}
		out.Set(until, y+"-"+two(m)+"-"+two(d)+"T23:59")
	}
	return out
}

// two gives a day or month its two digits.
func two(s string) string {
	if s = strings.TrimSpace(s); len(s) == 1 {
		return "0" + s
	}
	return s
}

// Fold writes a name in small letters without marks ("Đăk Hà" -> "dak ha"), for lists that are searched by people who type without marks.
func Fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'đ':
			b.WriteByte('d')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
