package rights

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"binhan/internal/access"
	"binhan/internal/codelist"
	"binhan/internal/consent"
	"binhan/internal/gate"
	"binhan/internal/i18n"
	"binhan/internal/seal"
)

// Processing is the record of processing and the technical annex of the impact assessment (Law 91/2025/QH15 art. 21 and 22; Decree 356/2025 art. 19 and 20),
// made from what is there: the comments of the live schema, the compiled policy, the code lists, the agreements. Nothing in it is written twice, so nothing in it
// can be out of date. It holds no data of anybody.
type Processing struct {
	Schema     []Table       `json:"tables"`
	Totals     []Total       `json:"totals"`
	Sensitive  []Sensitivity `json:"sensitivity"`
	Access     []Grant       `json:"access"`
	Terms      []TermRule    `json:"terms"`
	Encryption []Cipher      `json:"encryption"`
	Flows      []Flow        `json:"flows"`
	Clocks     []ClockRule   `json:"clocks"`
}

// Table is one table with its columns.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
}

// Column is one column: class, meaning, and the compartment whose key it is sealed under.
type Column struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Class       string `json:"class"` // secret, personal, operational, public; "" when nobody said, which a test refuses
	Meaning     string `json:"meaning"`
	Compartment string `json:"compartment,omitempty"`
}

// Total counts the columns of a class.
type Total struct {
	Class   string `json:"class"`
	Columns int    `json:"columns"`
}

// Sensitivity is what the law calls sensitive, and where it lies.
type Sensitivity struct {
	Code        string   `json:"code"`
	Label       string   `json:"label"`
	Law         string   `json:"law"`
	Sensitive   bool     `json:"sensitive"`
	Fields      []string `json:"fields"`
	Compartment string   `json:"compartment,omitempty"`
}

// Grant says which roles may open a class of data, by which acts and standings.
type Grant struct {
	Class     string   `json:"class"`
	Role      string   `json:"role"`
	Acts      []string `json:"acts"`
	Standings []string `json:"standings"`
}

// TermRule is a retention term.
type TermRule struct {
	Code     string `json:"code"`
	Label    string `json:"label"`
	Law      string `json:"law"`
	Verified string `json:"verified"` // V seen in the text, P our own proposal
}

// ClockRule is the days of a kind of request.
type ClockRule struct {
	Kind       string `json:"kind"`
	Label      string `json:"label"`
	ReplyWD    int    `json:"reply_working_days"`
	Act        int    `json:"act_days"`
	ThirdParty int    `json:"act_days_third_party,omitempty"`
	Extension  int    `json:"extension_days"`
	Law        string `json:"law"`
	Verified   string `json:"verified"`
}

// Cipher says how a compartment is protected at rest.
type Cipher struct {
	Compartment string `json:"compartment"`
	How         string `json:"how"`
}

// Flow is data that may leave for a partner: by which purpose of consent, to which kinds of organisation.
type Flow struct {
	Purpose    string   `json:"purpose"`
	Label      string   `json:"label"`
	Types      []string `json:"organisation_types"`
	Agreements int      `json:"live_agreements"`
}

var (
	classWord    = regexp.MustCompile(`^(secret|personal|operational|public): (.+)$`)
	inCompartent = regexp.MustCompile(`compartment (identity|safety|narrative|evidence|disclosure)`)
)

// Processing makes the record in the reader's language.
func (s *Service) Processing(ctx context.Context, who access.Actor, l i18n.Language) (Processing, error) {
	return gate.Do(ctx, s.gate, who, access.SeeProcessing, access.Nothing, func(tx *gate.Tx) (Processing, error) {
		tx.Opened(access.Rights)
		p := Processing{Sensitive: sensitivities(l), Access: grants(s.gate.Policy()), Terms: terms(l), Encryption: ciphers(l), Clocks: clocks(l)}
		var err error
		if p.Schema, p.Totals, err = schema(tx); err != nil {
			return p, err
		}
		live, err := agreements(tx, `a.valid_from <= $1::date and (a.valid_to is null or a.valid_to >= $1::date)`, today(tx.Now).Format("2006-01-02"))
		if err != nil {
			return p, err
		}
		p.Flows = flows(l, live)
		return p, nil
	})
}

func schema(tx *gate.Tx) ([]Table, []Total, error) {
	var rows []struct {
		Table   string  `db:"tab"`
		Column  string  `db:"col"`
		Type    string  `db:"typ"`
		Comment *string `db:"comment"`
	}
	err := tx.Select(&rows, `select n.nspname || '.' || c.relname as tab, a.attname as col, format_type(a.atttypid, a.atttypmod) as typ, col_description(c.oid, a.attnum) as comment
		  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
		  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		 where c.relkind in ('r', 'p') and n.nspname in ('public', 'auth', 'audit', 'stats', 'rights', 'keys', 'campaign') and c.relname not like 'goose%'
		   and not exists (select 1 from pg_catalog.pg_inherits i where i.inhrelid = c.oid)
		 order by 1, a.attnum`)
	if err != nil {
		return nil, nil, err
	}
	var tables []Table
	count := map[string]int{}
	for _, r := range rows {
		if len(tables) == 0 || tables[len(tables)-1].Name != r.Table {
			tables = append(tables, Table{Name: r.Table})
		}
		c := Column{Name: r.Column, Type: r.Type}
		if m := classWord.FindStringSubmatch(text(r.Comment)); m != nil {
			c.Class, c.Meaning = m[1], m[2]
		}
		if m := inCompartent.FindStringSubmatch(c.Meaning); m != nil {
			c.Compartment = m[1]
		}
		count[c.Class]++
		t := &tables[len(tables)-1]
		t.Columns = append(t.Columns, c)
	}
	var totals []Total
	for _, class := range []string{"secret", "personal", "operational", "public", ""} {
		if count[class] > 0 {
			totals = append(totals, Total{class, count[class]})
		}
	}
	return tables, totals, nil
}

// Unclassified names the columns of a record whose class nobody said.
func (p Processing) Unclassified() []string {
	var out []string
	for _, t := range p.Schema {
		for _, c := range t.Columns {
			if c.Class == "" {
				out = append(out, t.Name+"."+c.Name)
			}
		}
	}
	return out
}

func grants(policy *access.Policy) []Grant {
	type key struct {
		class access.Class
		role  access.Role
	}
	found := map[key]*Grant{}
	for _, l := range policy.Lines() {
		k := key{l.Class, l.Role}
		g := found[k]
		if g == nil {
			g = &Grant{Class: string(l.Class), Role: string(l.Role)}
			found[k] = g
		}
		if !slices.Contains(g.Acts, l.Act) {
			g.Acts = append(g.Acts, l.Act)
		}
		if !slices.Contains(g.Standings, string(l.Standing)) {
			g.Standings = append(g.Standings, string(l.Standing))
		}
	}
	var out []Grant
	for _, c := range access.Classes {
		for _, r := range access.Roles {
			if g := found[key{c, r}]; g != nil {
				slices.Sort(g.Acts)
				slices.Sort(g.Standings)
				out = append(out, *g)
			}
		}
	}
	return out
}

func lawOf(e codelist.Entry) string { return strings.TrimSpace(e.Law + " " + e.Article) }

func sensitivities(l i18n.Language) []Sensitivity {
	var out []Sensitivity
	for _, e := range codelist.MustGet(codelist.DataSensitivity).Entries() {
		out = append(out, Sensitivity{Code: e.Code, Label: e.Label(l), Law: lawOf(e), Sensitive: e.Code != "BASIC", Fields: e.Codes("fields"), Compartment: e.Note("compartment")})
	}
	return out
}

func terms(l i18n.Language) []TermRule {
	var out []TermRule
	for _, e := range codelist.MustGet(codelist.RetentionTerm).Entries() {
		out = append(out, TermRule{Code: e.Code, Label: e.Label(l), Law: lawOf(e), Verified: e.Verified})
	}
	return out
}

func clocks(l i18n.Language) []ClockRule {
	list := codelist.MustGet(codelist.DSRType)
	var out []ClockRule
	for _, e := range list.Entries() {
		n := func(key string) int { v, _ := list.NoteInt(e.Code, key); return v }
		out = append(out, ClockRule{Kind: e.Code, Label: e.Label(l), ReplyWD: n("ack_wd"), Act: n("do_days"), ThirdParty: n("third_party"), Extension: n("extend"), Law: lawOf(e), Verified: e.Verified})
	}
	return out
}

func ciphers(l i18n.Language) []Cipher {
	var out []Cipher
	for _, c := range seal.Compartments {
		how := l.T("rights.cipher_field")
		if c == seal.Evidence {
			how = l.T("rights.cipher_file")
		}
		out = append(out, Cipher{string(c), how})
	}
	return out
}

func flows(l i18n.Language, live []Agreement) []Flow {
	var out []Flow
	for _, e := range codelist.MustGet(codelist.ConsentPurpose).Entries() {
		types := consent.TypesFor(e.Code)
		if len(types) == 0 {
			continue
		}
		f := Flow{Purpose: e.Code, Label: e.Label(l), Types: types}
		for _, a := range live {
			if slices.Contains(types, a.Organisation.Type) {
				f.Agreements++
			}
		}
		out = append(out, f)
	}
	return out
}
