package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"binhan/internal/access"
	"binhan/internal/codelist"
	"binhan/internal/i18n"
	"binhan/policies"
)

// matrixCmd prints who may do what, so that whoever answers for the rules can read all of them in one sitting.
type matrixCmd struct {
	Format string `enum:"text,csv" default:"text" help:"text for people, csv for comparing two versions."`
	Lang   string `enum:"vi,en" default:"vi" help:"language of the text."`
	Role   string `help:"only this role (a code of the list of roles)."`
}

// Run prints to standard output; it needs no database.
func (c *matrixCmd) Run() error {
	p, err := access.New(policies.Model, policies.Policy)
	if err != nil {
		return err
	}
	if c.Format == "csv" {
		_, err := io.WriteString(os.Stdout, p.Matrix())
		return err
	}
	return writeMatrix(os.Stdout, p, i18n.Language(c.Lang), access.Role(c.Role))
}

// writeMatrix writes one block for each role; a line is an act, what it opens, and by which tie to the case.
func writeMatrix(w io.Writer, p *access.Policy, l i18n.Language, only access.Role) error {
	var b strings.Builder
	roles := codelist.MustGet(codelist.Role)
	known := false
	for _, r := range access.Roles {
		if only != "" && r != only {
			continue
		}
		known = true
		fmt.Fprintf(&b, "%s (%s)\n", roles.Label(string(r), l), r)
		for _, a := range access.Acts {
			var opens []string
			for _, c := range access.Classes {
				s := p.Sufficient(r, a.Name, c)
				if s == 0 {
					continue
				}
				var ties []string
				for _, x := range s.List() {
					ties = append(ties, l.T("standing."+string(x)))
				}
				opens = append(opens, fmt.Sprintf("      %s: %s", l.T("class."+string(c)), strings.Join(ties, ", ")))
			}
			if len(opens) > 0 {
				extra := ""
				if a.StepUp {
					extra = " *"
				}
				fmt.Fprintf(&b, "   %s%s\n%s\n", l.T("act."+a.Name), extra, strings.Join(opens, "\n"))
			}
		}
		b.WriteByte('\n')
	}
	if !known {
		return fmt.Errorf("no role %q", only)
	}
	b.WriteString(l.T("matrix.footnote", "minutes", int(access.StepUpAge.Minutes())) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}
