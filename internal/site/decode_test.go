package site

import (
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"binhan/internal/calendar"
	"binhan/internal/fault"
)

// probe has every kind of field that a command may have.
type probe struct {
	Text   string      `json:"text"`
	Number int         `json:"number"`
	Maybe  *int        `json:"maybe"`
	Yes    bool        `json:"yes"`
	May    *bool       `json:"may"`
	At     *time.Time  `json:"at"`
	To     uuid.UUID   `json:"to"`
	From   *uuid.UUID  `json:"from"`
	List   []string    `json:"list"`
	Words  *string     `json:"words"`
	Part   *probePart  `json:"part"`
	Parts  []probePart `json:"parts"`
	Secret string      `json:"-"`
	hidden string
}

type probePart struct {
	Name string     `json:"name"`
	Deep *probePart `json:"deep"`
	N    *int       `json:"n"`
}

func problems(err error) map[string]string {
	var f *fault.Error
	m := map[string]string{}
	if errors.As(err, &f) {
		for _, p := range f.Problems {
			m[p.Pointer] = p.Key
		}
	}
	return m
}

func TestABodyThatCannotBeReadIsNeverGuessed(t *testing.T) {
	t.Parallel()
	for body, key := range map[string]string{
		`{`: "not_json", `{"text"}`: "not_json", `{"text":}`: "not_json", `{'text':1}`: "not_json", `{text:1}`: "not_json", `nul`: "not_json", `[1,]`: "not_json", `{"text":"a",}`: "not_json",
		`{"text":"a"}{"text":"b"}`: "trailing_data", `{} x`: "trailing_data", `{}]`: "trailing_data", `1 2`: "trailing_data",
		"\ufeff{}": "not_json", "{\"text\":\"a\xff\"}": "not_utf8", "\xff\xfe{\x00}\x00": "not_utf8", "{\"text\":\"\xed\xa0\x80\"}": "not_utf8",
		`{"number":NaN}`: "not_json", `{"number":Infinity}`: "not_json", `{"number":01}`: "not_json", `{"number":+1}`: "not_json", `{"number":0x10}`: "not_json", `{"number":1.}`: "not_json", "{\"text\":\"a\nb\"}": "not_json",
		`{"text":"\x41"}`: "not_json", `/* */{}`: "not_json",
		strings.Repeat("[", 10_000): "too_deep", strings.Repeat(`{"part":`, 10_000): "too_deep", strings.Repeat(`[`, 20) + strings.Repeat(`]`, 20): "too_deep",
	} {
		_, err := parseJSON([]byte(body))
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Malformed || f.Key != key {
			t.Errorf("%.60q: %v, want %s", body, err, key)
		}
	}
	for body, want := range map[string]map[string]string{
		`{"text":"a","text":"b"}`:                         {"/text": "twice"},
		`{"part":{"name":"a","n":1,"name":null}}`:         {"/part/name": "twice"},
		`{"te\u0078t":"a","text":"b"}`:                    {"/text": "twice"},
		`{"a/b~c":1,"a/b~c":2}`:                           {"/a~1b~0c": "twice"},
		`{"list":[` + strings.Repeat(`"a",`, 500) + `1]}`: {"/list": "too_many_items"},
	} {
		_, err := parseJSON([]byte(body))
		if d := cmp.Diff(want, problems(err)); d != "" {
			t.Errorf("%.60q:\n%s", body, d)
		}
	}
}

func TestAFieldTakesItsTypeAndNothingElse(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]map[string]string{
		`{"Text":"a","TEXT":"b","secret":"c","Secret":"d","-":"e","hidden":"f"}`: {"/Text": "unknown_field", "/TEXT": "unknown_field", "/secret": "unknown_field", "/Secret": "unknown_field", "/-": "unknown_field", "/hidden": "unknown_field"},
		`{"":1}`: {"/": "unknown_field"}, `{"a/b":1}`: {"/a~1b": "unknown_field"}, `{"part":{"n":1,"x":{"y":2}}}`: {"/part/x": "unknown_field"},
		`{"parts":[{"name":"a"},{"id":1}]}`: {"/parts/1/id": "unknown_field"}, `[]`: {"": "wrong_type"}, `"text"`: {"": "wrong_type"}, `12`: {"": "wrong_type"}, `true`: {"": "wrong_type"},
		`{"text":1,"number":"1","yes":"true","may":1,"list":"a","part":[],"parts":{},"words":{}}`: {"/text": "wrong_type", "/number": "wrong_type", "/yes": "wrong_type", "/may": "wrong_type", "/list": "wrong_type",
			"/part": "wrong_type", "/parts": "wrong_type", "/words": "wrong_type"},
		`{"list":["a",null,1,["b"]],"parts":[null]}`: {"/list/1": "wrong_type", "/list/2": "wrong_type", "/list/3": "wrong_type", "/parts/0": "wrong_type"},
		`{"number":1.5,"maybe":1e3}`:                 {"/number": "not_a_number", "/maybe": "not_a_number"}, `{"number":99999999999,"maybe":-99999999999999999999}`: {"/number": "not_a_number", "/maybe": "not_a_number"},
		`{"to":"x","from":""}`: {"/to": "unreadable", "/from": "unreadable"}, `{"to":7}`: {"/to": "unreadable"}, `{"at":"2026-02-30T00:00:00Z"}`: {"/at": "not_a_time"}, `{"at":"2026-11-24"}`: {"/at": "not_a_time"},
		`{"at":"0000-01-01T00:00:00Z"}`: {"/at": "not_a_time"}, `{"at":"9999-01-01T00:00:00Z"}`: {"/at": "not_a_time"}, `{"at":"2026-11-24T10:00:00+24:00"}`: {"/at": "not_a_time"}, `{"at":"2026-11-24T10:00:00+14:01"}`: {"/at": "not_a_time"}, `{"at":"2026-11-24T10:00:00-23:59"}`: {"/at": "not_a_time"}, `{"at":1}`: {"/at": "wrong_type"}, `{"at":"2026-11-24T25:00:00Z"}`: {"/at": "not_a_time"},
		`{"text":"a\u0000b","words":"\u001b[0m","list":["\u202edlrow"]}`: {"/text": "control_character", "/words": "control_character", "/list/0": "control_character"},
		`{"text":"\ud800","words":"\u0085x\u0090"}`:                      {"/text": "control_character", "/words": "control_character"},
		`{"text":"` + strings.Repeat("ặ", 20_001) + `"}`:                 {"/text": "too_long"},
	} {
		var p probe
		if d := cmp.Diff(want, problems(Decode([]byte(body), &p))); d != "" {
			t.Errorf("%.80s\n%s", body, d)
		}
	}
}

func TestATextIsKeptAsPeopleReadIt(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		norm.NFD.String("Nguyễn Thị Thử"): "Nguyễn Thị Thử", "  a  ": "a", "\u00a0a\u3000": "a", "a\r\nb": "a\nb", "Ng\u200bười\ufeff Thử\u200e": "Người Thử", "\u200b": "", "😀 𠜎": "😀 𠜎",
		"👩\u200d👧": "👩\u200d👧", "a\tb": "a\tb", "ＡＢ": "ＡＢ", "'; drop table cases; --": "'; drop table cases; --", strings.Repeat("ặ", 20_000): strings.Repeat("ặ", 20_000),
	} {
		raw, _ := json.Marshal(map[string]string{"text": typed})
		var p probe
		if err := Decode(raw, &p); err != nil || p.Text != want {
			t.Errorf("%.30q became %.30q, %v", typed, p.Text, err)
		}
	}
}

func TestAFormIsTheSameTree(t *testing.T) {
	t.Parallel()
	n, yes := 7, true
	at := time.Date(2026, 11, 24, 8, 30, 0, 0, calendar.Zone)
	for query, want := range map[string]probe{
		"text=a&number=7&maybe=7&yes=on&may=true":    {Text: "a", Number: 7, Maybe: &n, Yes: true, May: &yes},
		"text=+a+&number=&maybe=++&list=":            {Text: "a"},
		"list=a&list=b&_page=2&idempotency_key=k":    {List: []string{"a", "b"}},
		"list.0=a&list.2=c&list.1=b":                 {List: []string{"a", "b", "c"}},
		"part.name=x&part.deep.n=7":                  {Part: &probePart{Name: "x", Deep: &probePart{N: &n}}},
		"parts.0.name=x&parts.10.name=z&parts.9.n=7": {Parts: []probePart{{Name: "x"}, {N: &n}, {Name: "z"}}},
		"at=2026-11-24T08%3A30":                      {At: &at},
		"text.day=5&text.month=3&text.year=1991":     {Text: "1991-03-05"}, "text.month=3&text.year=1991": {Text: "1991-03"}, "text.year=1991": {Text: "1991"}, "text.day=5": {Text: "?--05"},
	} {
		v, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		var have probe
		tree, err := parseForm(v)
		if err == nil {
			err = fill(tree, &have)
		}
		if d := cmp.Diff(want, have, cmp.AllowUnexported(probe{})); d != "" || err != nil {
			t.Errorf("%s: %v\n%s", query, err, d)
		}
	}
	for query, want := range map[string]map[string]string{
		"text=a&text=b": {"/text": "twice"}, "text=a&text.b=c": {"/text/b": "twice"}, "number=x": {"/number": "not_a_number"}, "yes=maybe": {"/yes": "wrong_type"}, "to=1": {"/to": "unreadable"}, "x=1": {"/x": "unknown_field"},
		"parts.00.name=a": {"/parts": "wrong_type"}, "parts.-1.name=a": {"/parts": "wrong_type"}, "parts.0.name=a&parts.x.name=b": {"/parts": "wrong_type"}, "list.0.a=1": {"/list/0": "wrong_type"}, "Secret=a": {"/Secret": "unknown_field"},
		"text=a%00b": {"/text": "control_character"}, "a.b.c=1": {"/a": "unknown_field"}, "=1": {"/": "unknown_field"}, ".=1": {"/": "unknown_field"}, "part=1": {"/part": "wrong_type"},
	} {
		v, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		var p probe
		tree, err := parseForm(v)
		if err == nil {
			err = fill(tree, &p)
		}
		if d := cmp.Diff(want, problems(err)); d != "" {
			t.Errorf("%s\n%s", query, d)
		}
	}
	for _, bad := range []url.Values{{"text": {"\xff"}}, {strings.Repeat("a.", 20): {"1"}}} {
		if _, err := parseForm(bad); !errors.Is(err, fault.Malformed) {
			t.Errorf("%.40v: %v", bad, err)
		}
	}
}

func TestAMergePatchIsRFC7396(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ document, patch, want string }{ // the table of RFC 7396, appendix A
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`}, {`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`}, {`{"a":"b"}`, `{"a":null}`, `{}`}, {`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`}, {`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`}, {`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`}, {`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`}, {`{"a":"b"}`, `["c"]`, `["c"]`}, {`{"a":"foo"}`, `null`, `null`}, {`{"a":"foo"}`, `"bar"`, `"bar"`}, {`{"e":null}`, `{"a":1}`, `{"a":1,"e":null}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`}, {`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		have, err := MergePatch([]byte(c.document), []byte(c.patch))
		if err != nil || string(have) != c.want {
			t.Errorf("%s with %s: %s, %v", c.document, c.patch, have, err)
		}
	}
}

// seeds are bodies from which the fuzzer starts.
var seeds = []string{
	``, ` `, `null`, `{}`, `[]`, `{"text":"a","number":1,"maybe":2,"yes":true,"may":false,"at":"2026-11-24T08:30:00+07:00","to":"0193b1c0-0000-7000-8000-0000000000ff","list":["a"],"words":"b"}`,
	`{"part":{"name":"a","deep":{"name":"b","deep":{"n":1}}},"parts":[{"name":"c"},{"n":-1}]}`, `{"text":"a","text":"b"}`, `{"unknown":1}`, `{"text":"\u0000\ud800\u202e"}`, `[[[[[[[[[[[[[[[[[[[[`,
	"\ufeff{}", "{\"text\":\"\xff\"}", `{"number":1e999}`, `{"a/b~c":{"":[null,{}]}}`, `{"text":"Nguye\u0302\u0303n"}`, `{"at":"2026-02-30T00:00:00Z"}`, `{"from":null,"part":null,"list":null}`,
}

func FuzzBody(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		tree, err := parseJSON(body)
		if err != nil {
			if k := fault.KindOf(err); k != fault.Malformed && k != fault.Invalid {
				t.Fatalf("%v", err)
			}
			return
		}
		if !utf8.Valid(body) || (len(strings.TrimSpace(string(body))) > 0 && !json.Valid(body)) {
			t.Fatalf("%q was read", body)
		}
		raw, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseJSON(raw)
		if err != nil || !cmp.Equal(tree, again) {
			t.Fatalf("%s was read as %s, %v", body, raw, err)
		}
		var p probe
		if fill(tree, &p) == nil {
			taken(t, tree, p)
		}
	})
}

func FuzzForm(f *testing.F) {
	for _, s := range []string{"", "text=a", "text=a&text=b", "list.0=a&list.1=b", "parts.0.name=x&parts.0.deep.n=3", "at=2026-11-24T08:30", "text.day=1&text.month=2&text.year=3", "a.b.c.d.e.f=1", "text=%00", "=&=", "part.=1",
		"list.00=a&list.0=b", "part=1&part.name=2", "yes=on&may=false&number=-7", "_csrf=x&idempotency_key=y", "....=1", "text=%ff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		v, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		tree, err := parseForm(v)
		if err != nil {
			if k := fault.KindOf(err); k != fault.Malformed && k != fault.Invalid {
				t.Fatal(err)
			}
			return
		}
		var p probe
		if fill(tree, &p) != nil {
			return
		}
		taken(t, tree, p)
		// Nothing that was typed is passed over in silence.
		for name, vs := range v {
			first, _, _ := strings.Cut(name, ".")
			blank := strings.TrimSpace(strings.Join(vs, "")) == ""
			if !blank && !strings.HasPrefix(name, "_") && name != "idempotency_key" && name != "if_match" && !known[first] {
				t.Fatalf("%q was taken: %+v", name, p)
			}
		}
	})
}

var known = func() map[string]bool {
	m := map[string]bool{}
	collect(reflect.TypeFor[probe](), nil, func(name string, _ []int) { m[name] = true })
	return m
}()

// taken holds a filled command to its promises: unknown names nowhere, the hidden fields untouched, texts clean.
func taken(t *testing.T, tree any, p probe) {
	t.Helper()
	if p.Secret != "" || p.hidden != "" {
		t.Fatalf("a field that nobody may write was written: %+v", p)
	}
	for _, s := range append([]string{p.Text}, p.List...) {
		if s != strings.TrimSpace(s) || !norm.NFC.IsNormalString(s) || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
			return r != '\n' && r != '\t' && unicode.IsControl(r) || r == utf8.RuneError || invisible(r)
		}) {
			t.Fatalf("text %q was taken", s)
		}
	}
	spoil(tree, func(spoiled any, pointer string) {
		var q probe
		if problems(fill(spoiled, &q))[pointer] != "unknown_field" {
			t.Fatalf("an unknown field at %s was taken", pointer)
		}
	})
}

// spoil gives the tree once for each of its objects, with one unknown name in it.
func spoil(tree any, see func(any, string)) {
	var walk func(v any, at string, rebuild func(any) any)
	walk = func(v any, at string, rebuild func(any) any) {
		switch x := v.(type) {
		case map[string]any:
			bad := maps.Clone(x)
			bad["zz_unknown"] = "x"
			see(rebuild(bad), at+"/zz_unknown")
			for k, y := range x {
				walk(y, at+"/"+escape(k), func(z any) any { c := maps.Clone(x); c[k] = z; return rebuild(c) })
			}
		case []any:
			for i, y := range x {
				walk(y, at+"/"+itoa(i), func(z any) any { c := append([]any(nil), x...); c[i] = z; return rebuild(c) })
			}
		}
	}
	walk(tree, "", func(v any) any { return v })
}

func itoa(i int) string {
	raw, _ := json.Marshal(i)
	return string(raw)
}

func FuzzMergePatch(f *testing.F) {
	for _, a := range seeds {
		for _, b := range seeds[:6] {
			f.Add([]byte(a), []byte(b))
		}
	}
	f.Fuzz(func(t *testing.T, document, patch []byte) {
		once, err := MergePatch(document, patch)
		if err != nil {
			return
		}
		twice, err := MergePatch(once, patch)
		if err != nil || string(once) != string(twice) {
			t.Fatalf("%s with %s: %s, then %s, %v", document, patch, once, twice, err)
		}
	})
}
