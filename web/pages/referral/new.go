package referral

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
