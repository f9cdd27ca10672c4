package referral

import "strings"

// offered are the fields that hold something to share.
func (v New) offered() []Field {
	var out []Field
	for _, f := range v.Fields {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

// ticked: as it was sent, or the minimum while nothing was sent yet.
func (v New) ticked(f Field) bool {
	if len(v.Form.Values) > 0 {
		return v.Form.Has("fields", f.Code)
	}
	return f.Default
}

func filled(parts ...string) []string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}

// offering marks a receiver with the services it offers, so that the choice of a service leaves only those that can give it; the style sheet does
// that, without script.
func (r Receiver) offering() string {
	if len(r.Codes) == 0 {
		return ""
	}
	return "offers offers-" + strings.Join(r.Codes, " offers-")
}
