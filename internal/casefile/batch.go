package casefile

import (
	"context"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/gate"
	"binhan/internal/seal"
	"binhan/internal/survivor"
)

// LegacyCase is one row of a legacy register, coded. Forms and Area stand in for acts and commune where the register knew no more.
type LegacyCase struct {
	Key          []byte // names the row among all rows of its mapping; only a token of it is stored
	ReceivedAt   time.Time
	OccurredOn   string // YYYY-MM-DD, YYYY-MM, YYYY or ""
	Area         string // statistical area when Commune is unknown
	Commune      string
	Person       survivor.Person
	Forms, Acts  []string
	Relationship string
	SexPerp      string
	Channel      string
	Reporter     string
	Narrative    string
}

// Legacy is a batch of rows of one register.
type Legacy struct {
	Mapping string
	Scope   string // what the statistics count them under; scopes never mix
	Cases   []LegacyCase
}

// Import takes a batch of a legacy register; the actor holds the cases from then on. Rows taken before are passed over, so that an import may be
// killed and run again. One act, one transaction, one entry of the record for each case; returns how many were new.
func (s *Service) Import(ctx context.Context, who access.Actor, in Legacy) (taken int, err error) {
	for try := 0; ; try++ {
		taken, err = s.importOnce(ctx, who, in)
		if gate.ConstraintOf(err) == "case_code_is_unique" && try < 5 {
			continue
		}
		return taken, err
	}
}

func (s *Service) importOnce(ctx context.Context, who access.Actor, in Legacy) (int, error) {
	return gate.Do(ctx, s.gate, who, access.ImportCases, access.Nothing, func(tx *gate.Tx) (int, error) {
		fresh, tokens, err := notTaken(tx, in)
		if err != nil || len(fresh) == 0 {
			return 0, err
		}
		// Every key and token of the batch at once: of its cases, of its facts, and of its people.
		ids := make([]uuid.UUID, len(fresh))
		kinds, linked := make([][]string, len(fresh)), make([]bool, len(fresh))
		var asked []gate.Mark
		for i := range fresh {
			ids[i] = uuid.Must(uuid.NewV7())
			k, m := marksOf(fresh[i].Person)
			kinds[i], asked = k, append(append(asked, gate.Mark{Index: "fact", Value: ids[i][:]}), m...)
			if link, ok := personMark(fresh[i].Person); ok {
				asked, linked[i] = append(asked, link), true
			}
		}
		keys, wrapped, macs, err := survivor.NewKeys(tx, ids, asked)
		if err != nil {
			return 0, err
		}
		var b batchRows
		for i := range fresh {
			mine := macs[:1+len(kinds[i])]
			macs = macs[len(mine):]
			if linked[i] {
				b.links = append(b.links, []any{mine[0], macs[0][:linkLength]})
				macs = macs[1:]
			}
			if err := b.add(tx, in.Scope, &fresh[i], ids[i], keys[i], wrapped[i], mine[0], tokensFrom(kinds[i], mine[1:])); err != nil {
				return 0, err
			}
			b.tokens = append(b.tokens, []any{in.Mapping, tokens[i], tx.Who.User})
		}
		b.send(tx)
		return len(fresh), nil
	})
}

// notTaken passes over the rows of the batch whose token is known.
func notTaken(tx *gate.Tx, in Legacy) (fresh []LegacyCase, tokens [][]byte, err error) {
	var all [][]byte
	marks := make([]gate.Mark, len(in.Cases))
	for i, c := range in.Cases {
		marks[i] = gate.Mark{Index: "import", Value: append([]byte(in.Mapping+"\x00"), c.Key...)}
	}
	if all, err = tx.MACs(marks); err != nil {
		return nil, nil, err
	}
	var known [][]byte
	if err := tx.Select(&known, `select token from import_rows where mapping = $1 and token = any ($2)`, in.Mapping, gate.ByteArrays(all)); err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{}
	for _, k := range known {
		seen[string(k)] = true
	}
	for i, c := range in.Cases {
		if !seen[string(all[i])] {
			seen[string(all[i])] = true
			fresh, tokens = append(fresh, c), append(tokens, all[i])
		}
	}
	return fresh, tokens, nil
}

// batchRows gathers the rows of many cases, so that each table is written by one statement.
type batchRows struct {
	ids                                                            []uuid.UUID
	cases, keys, survivors, incidents, facts, marks, tokens, links [][]any
}

func (b *batchRows) add(tx *gate.Tx, scope string, c *LegacyCase, id uuid.UUID, keys *seal.Keys, wrapped survivor.WrappedKeys, ref []byte, marks []token) error {
	b.ids = append(b.ids, id)
	st, err := survivor.SealJSON(keys, storyPlace(id), story{c.Channel, c.Reporter, c.ReceivedAt, c.Narrative, nil})
	if err != nil {
		return err
	}
	person, err := survivor.SealPerson(keys, id, c.Person, nil)
	if err != nil {
		return err
	}
	received := c.ReceivedAt.In(calendar.Zone)
	day := received.Format(time.DateOnly)
	b.cases = append(b.cases, []any{id, newCode(imported, tx.Who.Province, received.Year()), scope, tx.Who.Province, null(c.Commune), tx.Who.User, tx.Who.Organisation, day, tx.Now, st, null(c.Area)})
	b.keys = append(b.keys, []any{id, wrapped.Identity, wrapped.Safety, wrapped.Narrative, wrapped.Evidence})
	b.survivors = append(b.survivors, []any{id, person.Identity, person.Safety})
	var happened []Incident
	if len(c.Forms)+len(c.Acts) > 0 || c.Relationship != "" || c.SexPerp != "" || c.OccurredOn != "" {
		i := Incident{OccurredOn: c.OccurredOn, Commune: c.Commune, Acts: c.Acts, Forms: c.Forms, Relationship: c.Relationship}
		if c.SexPerp != "" {
			i.Perpetrators = []Perpetrator{{Sex: c.SexPerp, Relationship: c.Relationship}}
		}
		row, err := sealIncident(keys, id, &i, received, tx.Now)
		if err != nil {
			return err
		}
		b.incidents = append(b.incidents, row)
		happened = append(happened, i)
	}
	for _, t := range marks { // a register names no perpetrator
		b.marks = append(b.marks, []any{uuid.Must(uuid.NewV7()), id, "survivor", t.kind, t.mark, nil})
	}
	f := factOf(scope, received, c.Person, c.Commune, c.Area, happened)
	b.facts = append(b.facts, []any{ref, f.Scope, day, f.Area, f.Commune, f.Form, f.Forms, f.Sex, f.Age, f.Relation, f.SexPerp, f.Ethnic})
	keys.Close()
	return nil
}

func (b *batchRows) send(tx *gate.Tx) {
	tx.LaterRows(`insert into cases (id, code, scope, province, status, commune, owner, organisation_id, received_on, opened_at, updated_at, narrative, area)
		select v.c1, v.c2, v.c3, v.c4, 'NEW', v.c5::text, v.c6, v.c7, v.c8::date, v.c9::timestamptz, v.c9::timestamptz, v.c10, v.c11::text from`, b.cases)
	tx.Later(`select standing.open_cases($1)`, b.ids)
	tx.LaterRows(`insert into case_keys (case_id, identity, safety, narrative, evidence) select * from`, b.keys)
	tx.LaterRows(`insert into survivors (case_id, identity, safety) select * from`, b.survivors)
	tx.LaterRows(`insert into incidents (id, case_id, occurred_on, precision, commune, narrative, identity, recorded_at)
		select v.c1, v.c2, v.c3::date, v.c4, v.c5::text, v.c6, v.c7, v.c8::timestamptz from`, b.incidents)
	tx.LaterRows(`insert into case_tokens (id, case_id, who, kind, token, sealed) select v.c1, v.c2, v.c3, v.c4, v.c5, v.c6::bytea from`, b.marks)
	tx.LaterRows(`select count(stats.put_fact(v.c1, v.c2, v.c3::date, v.c4, v.c5, v.c6, v.c7, v.c8, v.c9, v.c10, v.c11, v.c12)::text) from`, b.facts)
	tx.LaterRows(`select count(stats.put_link(v.c1, v.c2)::text) from`, b.links)
	tx.LaterRows(`insert into import_rows (mapping, token, imported_by) select * from`, b.tokens)
	tx.Touch(b.ids...)
}
