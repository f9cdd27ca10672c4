package desk

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/site"
	"binhan/web/ui"
)

// newKey is the idempotency key of a form: made when it is first shown, so that sending it twice does it once.
func newKey() string { return uuid.NewString() }

// change puts a page's own names and habits into the names of the JSON body.
type change func(url.Values)

// answers is the typed form under the names and values of the JSON body. A commune that was typed by its name becomes its code where the name says which.
func answers(typed url.Values, more change) url.Values {
	v := ui.Answers(typed)
	for name, values := range v {
		if name != "commune" && !strings.HasSuffix(name, ".commune") {
			continue
		}
		for i, text := range values {
			if _, known := codelist.AnyCommune(text); known || text == "" {
				continue
			}
			if found := codelist.CommunesNamed(text, time.Now()); len(found) == 1 {
				values[i] = found[0].Code
			}
		}
	}
	if more != nil {
		more(v)
	}
	return v
}

// bind fills a command from the typed form. What was typed stays in r.Values, to be shown again.
func bind(r *site.Request, dst any, more change) error {
	typed, err := r.Form()
	if err != nil {
		return err
	}
	r.Values = answers(typed, more)
	defer func() { r.Values = typed }()
	return r.Bind(dst)
}

// together joins what could not be read with what the check of the command says about the rest, so that a person hears of everything at once. A field that could
// not be read is not called missing too.
func together(unread error, check error) error {
	var a, b *fault.Error
	if !errors.As(unread, &a) || len(a.Problems) == 0 || !errors.As(check, &b) {
		return or2(unread, check)
	}
	all := slices.Clone(a.Problems)
	for _, p := range b.Problems {
		if !slices.ContainsFunc(a.Problems, func(x fault.Problem) bool {
			return x.Pointer == p.Pointer || strings.HasPrefix(x.Pointer, p.Pointer+"/")
		}) {
			all = append(all, p)
		}
	}
	return fault.Bad(all...)
}

func or2(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// refused is the form as it was typed and what was wrong in it. Sending it again uses the same key, unless the key has done its work: then the person
// is told so, and a deliberate second sending gets a new one.
func refused(r *site.Request, err error, more change) ui.Form {
	r.Who.Request.Claim = nil // nothing was done: showing the form again must not use its key up
	typed, formErr := r.Form()
	if formErr != nil {
		typed = url.Values{}
	}
	f := ui.Form{Values: typed, Key: typed.Get("idempotency_key"), Version: typed.Get("if_match")}
	if f.Key == "" || hasProblem(err, "idempotency_reused") {
		f.Key = newKey()
	}
	if fault.KindOf(err) == fault.Unproved { // nothing is wrong with what was typed: the form asks who she is
		f.Proof = proofPanel(r, err)
		return f
	}
	f.Problems = problems(r.Lang, err, answers(typed, more))
	return f
}

func hasProblem(err error, key string) bool {
	var f *fault.Error
	return errors.As(err, &f) && slices.ContainsFunc(f.Problems, func(p fault.Problem) bool { return p.Key == key })
}

// problems says an error beside its fields, once each; what belongs to no field stands in the summary alone. sent is the form in the names of the
// JSON body, nil when the names are the page's own.
func problems(l i18n.Language, err error, sent url.Values) []ui.Problem {
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Problems) == 0 {
		return []ui.Problem{{Text: sentence(l, err)}}
	}
	var out []ui.Problem
	for _, p := range f.Problems {
		one := ui.Problem{Field: fieldOf(p.Pointer, sent)}
		one.Text = problemText(l, p, one.Field)
		if !slices.ContainsFunc(out, func(o ui.Problem) bool { return o.Field == one.Field && (o.Text == one.Text || one.Field != "") }) {
			out = append(out, one)
		}
	}
	return out
}

// fieldOf finds the control that a JSON pointer means. Blocks of a list that were left empty are not in the body, so its numbers are counted over
// those that were filled; an item of a plain list belongs to the list's one control.
func fieldOf(pointer string, sent url.Values) string {
	if pointer == "" {
		return ""
	}
	parts := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	var name []string
	for i, p := range parts {
		p = strings.NewReplacer("~1", "/", "~0", "~").Replace(p)
		n, err := strconv.Atoi(p)
		if err != nil {
			name = append(name, p)
			continue
		}
		if i == len(parts)-1 {
			break
		}
		if filled := blocks(sent, strings.Join(name, ".")); n < len(filled) {
			n = filled[n]
		}
		name = append(name, strconv.Itoa(n))
	}
	field := strings.Join(name, ".")
	if to, moved := elsewhere[digits.ReplaceAllString(field, "")]; moved {
		return to
	}
	return field
}

var digits = regexp.MustCompile(`\.\d+`)

// elsewhere are the fields that a page asks once for a whole list.
var elsewhere = map[string]string{"consents.by": ui.ConsentsBy, "consents.method": ui.ConsentsMethod}

// blocks are the numbers of the blocks of a list that hold something.
func blocks(sent url.Values, list string) []int {
	var ns []int
	for name, values := range sent {
		rest, ok := strings.CutPrefix(name, list+".")
		if !ok || strings.TrimSpace(strings.Join(values, "")) == "" {
			continue
		}
		head, _, _ := strings.Cut(rest, ".")
		if n, err := strconv.Atoi(head); err == nil && !slices.Contains(ns, n) {
			ns = append(ns, n)
		}
	}
	slices.Sort(ns)
	return ns
}

// problemText is the sentence of a problem: the one written for this field, or the general one after the field's name.
func problemText(l i18n.Language, p fault.Problem, field string) string {
	args := map[string]any{}
	for k, v := range p.Args {
		args[k] = v
	}
	if code, ok := args["field"].(string); ok {
		args["field"] = l.T("desk.share_" + code)
	}
	kind := strings.TrimPrefix(digits.ReplaceAllString("."+field, ""), ".")
	last := kind[strings.LastIndexByte(kind, '.')+1:]
	for _, at := range []string{kind, last} {
		if key := "desk.problem_" + p.Key + "." + at; at != "" && l.Has(key) {
			return l.Fill(key, args)
		}
	}
	text := l.Fill("problem."+p.Key, args)
	if label := fieldLabel(l, kind); label != "" {
		return l.T("desk.problem_at", "label", strings.TrimRight(label, "?"), "text", text)
	}
	return text
}

// fieldLabel is how the page calls a field, "" when it has no name of its own.
func fieldLabel(l i18n.Language, kind string) string {
	last := kind[strings.LastIndexByte(kind, '.')+1:]
	for _, key := range []string{"desk.field." + kind, "desk.field." + last, "ui.field." + last} {
		if kind != "" && l.Has(key) {
			return l.T(key)
		}
	}
	return ""
}

// sentence is an error in words, its codes by their labels.
func sentence(l i18n.Language, err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		if code, ok := f.Args["status"].(string); ok {
			return l.T("fault."+f.Key, "status", label(l, codelist.ReferralStatus, code))
		}
	}
	return site.Sentence(l, err)
}
