package ui

func (in Input) kind() string {
	if in.Type == "" {
		return "text"
	}
	return in.Type
}

func (in Input) width() string {
	if in.Width == "" {
		return "20"
	}
	return in.Width
}

func (in Input) auto() string {
	if in.Auto == "" {
		return "off"
	}
	return in.Auto
}

func (in Input) value(f Form) string {
	if _, typed := f.Values[in.Name]; typed {
		return f.Get(in.Name)
	}
	return in.Value
}

func (c Choice) chosen(f Form, value string) bool {
	if _, typed := f.Values[c.Name]; typed {
		return f.Has(c.Name, value)
	}
	return value == c.Value && value != ""
}
