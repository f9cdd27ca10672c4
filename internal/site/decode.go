package site

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"binhan/internal/calendar"
	"binhan/internal/fault"
)

const (
	deepest   = 16     // nesting of a body; the deepest command has five levels
	mostItems = 500    // items of one list
	longest   = 20_000 // characters of one text; fields set lower bounds of their own
)

// parseJSON reads a body into a tree of map[string]any, []any, string, json.Number, bool and nil. It is stricter than the standard decoder: broken
// UTF-8, a repeated name, a body too deep and anything after the value are errors, not guesses.
func parseJSON(body []byte) (any, error) {
	malformed := func(key string) error { return fault.New(fault.Malformed, key) }
	if len(bytes.TrimSpace(body)) == 0 {
		return map[string]any{}, nil
	}
	if !utf8.Valid(body) {
		return nil, malformed("not_utf8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var value func(depth int, pointer string) (any, error)
	value = func(depth int, pointer string) (any, error) {
		if depth > deepest {
			return nil, malformed("too_deep")
		}
		t, err := d.Token()
		if err != nil {
			return nil, malformed("not_json")
		}
		delim, ok := t.(json.Delim)
		if !ok {
			return t, nil
		}
		switch delim {
		case '{':
			m := map[string]any{}
			for d.More() {
				t, err := d.Token()
				if err != nil {
					return nil, malformed("not_json")
				}
				name := t.(string)
				if _, twice := m[name]; twice {
					return nil, fault.Bad(fault.Problem{Pointer: pointer + "/" + escape(name), Key: "twice"})
				}
				if m[name], err = value(depth+1, pointer+"/"+escape(name)); err != nil {
					return nil, err
				}
			}
			if _, err := d.Token(); err != nil {
				return nil, malformed("not_json")
			}
			return m, nil
		case '[':
			l := []any{} // an empty list is not an absent one
			for d.More() {
				if len(l) >= mostItems {
					return nil, fault.Bad(fault.Problem{Pointer: pointer, Key: "too_many_items", Args: map[string]any{"most": mostItems}})
				}
				v, err := value(depth+1, pointer+"/"+strconv.Itoa(len(l)))
				if err != nil {
					return nil, err
				}
				l = append(l, v)
			}
			if _, err := d.Token(); err != nil {
				return nil, malformed("not_json")
			}
			return l, nil
		}
		return nil, malformed("not_json")
	}
	v, err := value(0, "")
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, malformed("trailing_data")
	}
	return v, nil
}

func escape(name string) string {
	if len(name) > 60 {
		name = strings.ToValidUTF8(name[:60], "") + "…"
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// parseForm turns dotted names (survivor.name, incident.perpetrators.0.name) into the same tree. Empty answers are left out; names that begin
// with an underscore speak to the page only; a date asked in parts (x.day, x.month, x.year) becomes one text.
func parseForm(values map[string][]string) (any, error) {
	root := map[string]any{}
	names := make([]string, 0, len(values))
	for n := range values {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, name := range names {
		if strings.HasPrefix(name, "_") || name == "idempotency_key" || name == "if_match" {
			continue
		}
		var vs []string
		for _, v := range values[name] {
			if !utf8.ValidString(v) {
				return nil, fault.New(fault.Malformed, "not_utf8")
			}
			if strings.TrimSpace(v) != "" {
				vs = append(vs, v)
			}
		}
		if len(vs) == 0 {
			continue
		}
		path := strings.Split(name, ".")
		if len(path) > deepest {
			return nil, fault.New(fault.Malformed, "too_deep")
		}
		m := root
		for _, p := range path[:len(path)-1] {
			next, ok := m[p].(map[string]any)
			if !ok {
				if m[p] != nil { // an answer and a part of it: x and x.y
					return nil, fault.Bad(fault.Problem{Pointer: "/" + strings.ReplaceAll(escape(name), ".", "/"), Key: "twice"})
				}
				next = map[string]any{}
				m[p] = next
			}
			m = next
		}
		m[path[len(path)-1]] = formValue(vs)
	}
	return settle(root), nil
}

type formValue []string

// settle turns maps with numbered names into lists and dates in parts into texts.
func settle(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	numbers, parts := len(m) > 0, len(m) > 0
	for k := range m {
		if n, err := strconv.Atoi(k); err != nil || n < 0 || strconv.Itoa(n) != k { // 7 and 07 would be one place
			numbers = false
		}
		if k != "day" && k != "month" && k != "year" {
			parts = false
		}
	}
	if parts {
		one := func(k string, width int) string {
			f, _ := m[k].(formValue)
			if len(f) == 0 {
				return ""
			}
			s := strings.TrimSpace(f[0])
			for len(s) < width && len(s) > 0 {
				s = "0" + s
			}
			return s
		}
		y, mo, d := one("year", 4), one("month", 2), one("day", 2)
		switch {
		case y != "" && mo != "" && d != "":
			return formValue{y + "-" + mo + "-" + d}
		case y != "" && mo != "":
			return formValue{y + "-" + mo}
		case y != "" && d == "":
			return formValue{y}
		default:
			return formValue{"?" + y + "-" + mo + "-" + d} // not a date: the field's own check says so
		}
	}
	if numbers && len(m) <= mostItems {
		keys := make([]int, 0, len(m))
		for k := range m {
			n, _ := strconv.Atoi(k)
			keys = append(keys, n)
		}
		sort.Ints(keys)
		l := make([]any, 0, len(m))
		for _, k := range keys {
			l = append(l, settle(m[strconv.Itoa(k)]))
		}
		return l
	}
	for k, x := range m {
		m[k] = settle(x)
	}
	return m
}

// fill writes the tree into the struct that dst points to and collects every problem with its pointer: unknown names, wrong types, texts that
// are too long or hold control characters. Texts become NFC, without blanks at the ends and without what cannot be seen.
func fill(tree any, dst any) error {
	var ps fault.Problems
	fillValue(tree, reflect.ValueOf(dst).Elem(), "", &ps)
	return ps.Err()
}

var (
	timeType      = reflect.TypeFor[time.Time]()
	rawType       = reflect.TypeFor[json.RawMessage]()
	textInterface = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func fillValue(v any, dst reflect.Value, at string, ps *fault.Problems) {
	form, fromForm := v.(formValue)
	if v == nil {
		dst.SetZero() // null is the absence of an answer
		return
	}
	if dst.Type() == rawType {
		raw, err := json.Marshal(v)
		if err != nil {
			ps.Add(at, "wrong_type")
			return
		}
		dst.SetBytes(raw)
		return
	}
	if dst.Kind() == reflect.Pointer {
		dst.Set(reflect.New(dst.Type().Elem()))
		fillValue(v, dst.Elem(), at, ps)
		return
	}
	if fromForm && dst.Kind() != reflect.Slice {
		if len(form) > 1 {
			ps.Add(at, "twice")
			return
		}
		v = form[0]
	}
	if dst.Type() == timeType {
		s, ok := v.(string)
		if !ok {
			ps.Add(at, "wrong_type")
			return
		}
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04"} {
			if t, err := time.ParseInLocation(layout, strings.TrimSpace(s), calendar.Zone); err == nil && t.Year() >= 1900 && t.Year() <= 2200 && onEarth(t) {
				dst.Set(reflect.ValueOf(t))
				return
			}
		}
		ps.Add(at, "not_a_time")
		return
	}
	if dst.CanAddr() && dst.Addr().Type().Implements(textInterface) {
		s, ok := v.(string)
		if !ok || dst.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(strings.TrimSpace(s))) != nil {
			ps.Add(at, "unreadable")
		}
		return
	}
	switch dst.Kind() {
	case reflect.Struct:
		fillStruct(v, dst, at, ps)
	case reflect.Slice:
		var items []any
		switch x := v.(type) {
		case []any:
			items = x
		case formValue:
			for _, s := range x {
				items = append(items, s)
			}
		default:
			ps.Add(at, "wrong_type")
			return
		}
		if len(items) > mostItems {
			ps.Add(at, "too_many_items", "most", mostItems)
			return
		}
		out := reflect.MakeSlice(dst.Type(), len(items), len(items))
		for i, x := range items {
			if x == nil { // an item cannot be absent
				ps.Add(at+"/"+strconv.Itoa(i), "wrong_type")
				continue
			}
			fillValue(x, out.Index(i), at+"/"+strconv.Itoa(i), ps)
		}
		dst.Set(out)
	case reflect.String:
		s, ok := v.(string)
		if !ok {
			ps.Add(at, "wrong_type")
			return
		}
		if dst.Type() == verbatim {
			dst.SetString(s)
			return
		}
		dst.SetString(cleanText(s, at, ps))
	case reflect.Bool:
		switch x := v.(type) {
		case bool:
			dst.SetBool(x)
		case string:
			if fromForm && (x == "true" || x == "on" || x == "1") {
				dst.SetBool(true)
			} else if !fromForm || (x != "false" && x != "0") {
				ps.Add(at, "wrong_type")
			}
		default:
			ps.Add(at, "wrong_type")
		}
	case reflect.Int, reflect.Int64:
		text := ""
		switch x := v.(type) {
		case json.Number:
			text = x.String()
		case string:
			if !fromForm {
				ps.Add(at, "wrong_type")
				return
			}
			text = strings.TrimSpace(x)
		default:
			ps.Add(at, "wrong_type")
			return
		}
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			ps.Add(at, "not_a_number")
			return
		}
		dst.SetInt(n)
	default:
		ps.Add(at, "wrong_type")
	}
}

// onEarth tells whether somebody's clock shows this time: zones lie between twelve hours behind and fourteen before Greenwich. RFC 3339 allows a whole day, a database does not.
func onEarth(t time.Time) bool {
	_, seconds := t.Zone()
	return seconds >= -12*3600 && seconds <= 14*3600
}

func fillStruct(v any, dst reflect.Value, at string, ps *fault.Problems) {
	m, ok := v.(map[string]any)
	if !ok {
		ps.Add(at, "wrong_type")
		return
	}
	fields := map[string]int{}
	collect(dst.Type(), nil, func(name string, index []int) { fields[name] = index[0] })
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		i, known := fields[n]
		if !known {
			ps.Add(at+"/"+escape(n), "unknown_field")
			continue
		}
		fillValue(m[n], dst.Field(i), at+"/"+n, ps)
	}
}

func collect(t reflect.Type, prefix []int, note func(string, []int)) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || name == "" || !f.IsExported() {
			continue
		}
		note(name, append(prefix, i))
	}
}

// invisible are characters that copy and paste leaves behind and nobody can see: they would keep two equal names from being equal. Joiners stay, some
// scripts and pictures need them.
func invisible(r rune) bool {
	switch r {
	case 0x00ad, 0x061c, 0x180e, 0x200b, 0x200e, 0x200f, 0x2060, 0xfeff:
		return true
	}
	return r >= 0xe0000 && r <= 0xe007f
}

// Verbatim is a text that is taken as it was typed, blanks and all: a password. It prints as ***.
type Verbatim string

var verbatim = reflect.TypeFor[Verbatim]()

// String hides the text.
func (Verbatim) String() string { return "***" }

// GoString hides the text.
func (Verbatim) GoString() string { return "***" }

func cleanText(s, at string, ps *fault.Problems) string {
	if strings.ContainsFunc(s, invisible) {
		s = strings.Map(func(r rune) rune {
			if invisible(r) {
				return -1
			}
			return r
		}, s)
	}
	s = strings.TrimSpace(norm.NFC.String(strings.ReplaceAll(s, "\r\n", "\n")))
	if utf8.RuneCountInString(s) > longest {
		ps.Add(at, "too_long", "most", longest)
		return ""
	}
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t':
		case r < 0x20 || r == 0x7f || (r >= 0x80 && r < 0xa0) || r == utf8.RuneError || r == 0x2028 || r == 0x2029 || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069):
			ps.Add(at, "control_character")
			return ""
		}
	}
	return s
}

// Decode reads a JSON value into a command with the same strictness as a request body. For merge patches.
func Decode(raw []byte, dst any) error {
	tree, err := parseJSON(raw)
	if err != nil {
		return err
	}
	return fill(tree, dst)
}

// MergePatch applies a JSON merge patch (RFC 7396) to a document.
func MergePatch(document, patch []byte) ([]byte, error) {
	d, err := parseJSON(document)
	if err != nil {
		return nil, err
	}
	p, err := parseJSON(patch)
	if err != nil {
		return nil, err
	}
	return json.Marshal(merge(d, p))
}

func merge(target, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	t, ok := target.(map[string]any)
	if !ok {
		t = map[string]any{}
	}
	for k, v := range p {
		if v == nil {
			delete(t, k)
		} else {
			t[k] = merge(t[k], v)
		}
	}
	return t
}
