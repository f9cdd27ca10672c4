package ui

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"

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
	scope    string // tells apart the ids of forms that share field names on one page
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

var (
	communeCode = regexp.MustCompile(`\((\d{5})\)\s*$`)
	localTime   = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$`)
	dateParts   = []string{".day", ".month", ".year"}
)

// Tidy turns what the browser sends into the names and values of the JSON body, so that both surfaces fill one command:
//
//   - names that begin with "_" speak to the page only and go (as do idempotency_key and if_match, which are headers in JSON);
//   - blank values go, so that an untouched perpetrator is no perpetrator;
//   - x.day, x.month, x.year become x: 2026-11-24, or 2026-11, or 2026 when parts are unknown; parts that make no date stay as
//     they were typed, joined by "-", for the check to refuse;
//   - a commune chosen from the list ("Xã Bờ Y (23377)") becomes its code;
//   - a local time without zone (the browser's control) is Vietnam's time: "+07:00" is added;
//   - everything is trimmed and NFC.
//
// An edit that must see emptied fields asks the posted form itself.
func Tidy(posted url.Values) url.Values {
	out := url.Values{}
	seen := map[string]bool{}
	for name, values := range posted {
		if strings.HasPrefix(name, "_") || name == "idempotency_key" || name == "if_match" {
			continue
		}
		if base, ok := datePart(name); ok {
			if !seen[base] {
				seen[base] = true
				if d := foldDate(posted, base); d != "" {
					out.Set(base, d)
				}
			}
			continue
		}
		for _, v := range values {
			v = norm.NFC.String(strings.TrimSpace(v))
			if v == "" {
				continue
			}
			last := name[strings.LastIndexByte(name, '.')+1:]
			if m := communeCode.FindStringSubmatch(v); m != nil && last == "commune" {
				v = m[1]
			}
			if strings.HasSuffix(last, "_at") && localTime.MatchString(v) {
				v += ":00+07:00"
			}
			out.Add(name, v)
		}
	}
	return out
}

func datePart(name string) (base string, ok bool) {
	for _, p := range dateParts {
		if base, ok = strings.CutSuffix(name, p); ok {
			return base, true
		}
	}
	return "", false
}

func foldDate(posted url.Values, base string) string {
	get := func(part string, width int) string {
		v := strings.TrimSpace(posted.Get(base + part))
		for v != "" && len(v) < width && strings.Trim(v, "0123456789") == "" {
			v = "0" + v
		}
		return v
	}
	y, m, d := get(".year", 4), get(".month", 2), get(".day", 2)
	switch {
	case y == "" && m == "" && d == "":
		return ""
	case m == "" && d == "":
		return y
	case d == "":
		return y + "-" + m
	}
	return y + "-" + m + "-" + d
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
