// Package i18n keeps every sentence that a person reads, in Vietnamese (the source) and English.
//
// A sentence is found by a key ("referral.sent_at") in locales/<language>/<area>.json, a flat object whose keys all start with the area's
// name. Placeholders are written {name}. Vietnamese has no plural forms, so sentences need none: English texts are phrased to do without.
// A missing key shows itself as the key, and a test refuses it.
package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"sync"
)

//go:embed locales/*/*.json
var files embed.FS

// Language is a language tag that the catalogue has.
type Language string

const (
	// Vietnamese is the source language and the default.
	Vietnamese Language = "vi"
	// English is the second language.
	English Language = "en"
)

// Languages lists what there is, the default first.
var Languages = []Language{Vietnamese, English}

var load = sync.OnceValue(func() map[Language]map[string]string {
	all := map[Language]map[string]string{}
	for _, l := range Languages {
		all[l] = map[string]string{}
		dir := path.Join("locales", string(l))
		entries, err := files.ReadDir(dir)
		if err != nil {
			panic(err)
		}
		for _, e := range entries {
			raw, err := files.ReadFile(path.Join(dir, e.Name()))
			if err != nil {
				panic(err)
			}
			var area map[string]string
			if err := json.Unmarshal(raw, &area); err != nil {
				panic(fmt.Sprintf("%s/%s: %v", dir, e.Name(), err))
			}
			for k, v := range area {
				all[l][k] = v
			}
		}
	}
	return all
})

// T is the sentence under key, with its placeholders filled from pairs ("name", value, …).
func (l Language) T(key string, pairs ...any) string {
	text, ok := load()[l][key]
	if !ok {
		if text, ok = load()[Vietnamese][key]; !ok {
			return key
		}
	}
	if len(pairs) == 0 {
		return text
	}
	old := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		old = append(old, "{"+fmt.Sprint(pairs[i])+"}", fmt.Sprint(pairs[i+1]))
	}
	return strings.NewReplacer(old...).Replace(text)
}

// Has tells whether the key exists in this language.
func (l Language) Has(key string) bool {
	_, ok := load()[l][key]
	return ok
}

// Keys lists the keys of a language, for the tests that compare catalogues.
func (l Language) Keys() []string {
	keys := make([]string, 0, len(load()[l]))
	for k := range load()[l] {
		keys = append(keys, k)
	}
	return keys
}

// Text is the entry of a key, unfilled.
func (l Language) Text(key string) string { return load()[l][key] }

// Fill is T with the arguments in a map.
func (l Language) Fill(key string, args map[string]any) string {
	pairs := make([]any, 0, 2*len(args))
	for k, v := range args {
		pairs = append(pairs, k, v)
	}
	return l.T(key, pairs...)
}

// Choose picks the best language for an Accept-Language header; Vietnamese when nothing fits.
func Choose(accept string) Language {
	for part := range strings.SplitSeq(accept, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		tag = strings.ToLower(tag)
		for _, l := range Languages {
			if tag == string(l) || strings.HasPrefix(tag, string(l)+"-") {
				return l
			}
		}
	}
	return Vietnamese
}
