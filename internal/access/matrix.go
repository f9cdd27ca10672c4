package access

import "strings"

// Matrix is the whole answer of the policy as CSV, in the order of roles, acts and classes: what a lawyer reads and what two versions are compared by.
func (p *Policy) Matrix() string {
	var b strings.Builder
	b.WriteString("role,act,class,standings\n")
	for _, r := range Roles {
		for _, a := range Acts {
			for _, c := range Classes {
				if s := p.Sufficient(r, a.Name, c); s != 0 {
					var names []string
					for _, x := range s.List() {
						names = append(names, string(x))
					}
					b.WriteString(strings.Join([]string{string(r), a.Name, string(c), strings.Join(names, "+")}, ",") + "\n")
				}
			}
		}
	}
	return b.String()
}
