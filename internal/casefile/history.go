package casefile

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/gate"
	"binhan/internal/seal"
	"binhan/internal/survivor"
)

// What stood in a case before a correction is kept, sealed under the keys of the case, one row a correction, added and never changed (the right to have data
// rectified, Decree 356/2025 art. 5, and the duty to be able to say what was decided on what). Who corrected and which fields is plain; the old values open
// only to the holder. Erasing the case erases them.

// Correction is one change of a case, with what stood there before.
type Correction struct {
	ID      uuid.UUID `json:"id"`
	At      time.Time `json:"at"`
	By      Staff     `json:"by"`
	Version int       `json:"version"` // in which it stood
	Fields  []string  `json:"fields"`
	Before  Before    `json:"before"`
	// Damaged are the parts of what stood there before that do not open where they lie.
	Damaged []string `json:"damaged,omitempty"`
}

// Before are the old values of the fields that were changed, and of no others.
type Before struct {
	Survivor    map[string]any        `json:"survivor,omitempty"`
	Address     *string               `json:"address,omitempty"`
	SafeContact *survivor.SafeContact `json:"safe_contact,omitempty"`
	Story       map[string]any        `json:"story,omitempty"`
}

func historyPlace(column string, id, caseID uuid.UUID, c seal.Compartment) seal.Place {
	return seal.Place{Table: "case_history", Column: column, Row: id, Owner: caseID, Compartment: c}
}

// flat names the members of a document one level deep under a prefix, empty ones left out.
func flat(prefix string, v any, into map[string]any) {
	raw, err := json.Marshal(v)
	if err != nil {
		return
	}
	var m map[string]any
	if json.Unmarshal(raw, &m) != nil {
		return
	}
	for k, x := range m {
		into[prefix+k] = x
	}
}

// changed names the members that differ, and gives the old values: nil where there was none.
func changed(prefix string, before, after any) map[string]any {
	old, now, out := map[string]any{}, map[string]any{}, map[string]any{}
	flat(prefix, before, old)
	flat(prefix, after, now)
	for k, x := range old {
		if !reflect.DeepEqual(x, now[k]) {
			out[k] = x
		}
	}
	for k := range now {
		if _, had := old[k]; !had {
			out[k] = nil
		}
	}
	return out
}

// remember queues what stood before a correction. The keys of identity, safety and narrative are open.
func remember(tx *gate.Tx, keys *seal.Keys, v View, before, after Document) error {
	id := uuid.Must(uuid.NewV7())
	var fields []string
	box := func(column string, c seal.Compartment, old any, names map[string]any) (any, error) {
		if len(names) == 0 {
			return nil, nil
		}
		for name := range names {
			fields = append(fields, name)
		}
		return survivor.SealJSON(keys, historyPlace(column, id, v.ID, c), old)
	}
	person := changed("survivor.", before.Survivor, after.Survivor)
	safety := map[string]any{}
	if old, moved := person["survivor.address"]; moved {
		safety["survivor.address"] = old
		delete(person, "survivor.address")
	}
	if !same(before.SafeContact, after.SafeContact) {
		safety["safe_contact"] = before.SafeContact
	}
	plain := func(d Document) Document { d.Survivor, d.SafeContact = nil, nil; return d }
	story := changed("", plain(before), plain(after))
	identitySealed, err := box("identity", seal.Identity, person, person)
	if err != nil {
		return err
	}
	safetySealed, err := box("safety", seal.Safety, safety, safety)
	if err != nil {
		return err
	}
	storySealed, err := box("narrative", seal.Narrative, story, story)
	if err != nil || len(fields) == 0 {
		return err
	}
	slices.Sort(fields)
	tx.Later(`insert into case_history (id, case_id, version, at, by_user, fields, identity, safety, narrative) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		id, v.ID, v.Version, tx.Now, tx.Who.User, fields, identitySealed, safetySealed, storySealed)
	return nil
}

// History tells what was corrected, the newest first, with the old values. Only for the holder.
func (s *Service) History(ctx context.Context, who access.Actor, id uuid.UUID) ([]Correction, error) {
	return gate.Do(ctx, s.gate, who, access.SeeHistory, access.On("case", id), func(tx *gate.Tx) ([]Correction, error) {
		tx.Opened(access.Record)
		return HistoryOf(tx, id)
	})
}

// HistoryOf reads the corrections inside another act, as far as its classes open them.
func HistoryOf(tx *gate.Tx, id uuid.UUID) ([]Correction, error) {
	var rows []struct {
		ID        uuid.UUID      `db:"id"`
		At        time.Time      `db:"at"`
		By        uuid.UUID      `db:"by_user"`
		Username  string         `db:"username"`
		Name      string         `db:"name"`
		Version   int            `db:"version"`
		Fields    gate.TextArray `db:"fields"`
		Identity  []byte         `db:"identity"`
		Safety    []byte         `db:"safety"`
		Narrative []byte         `db:"narrative"`
	}
	err := tx.Select(&rows, `select h.id, h.at, h.by_user, u.username, u.name, h.version, h.fields, h.identity, h.safety, h.narrative
		  from case_history h cross join lateral auth.staff(array[h.by_user]) u
		 where h.case_id = $1 order by h.version desc limit 200`, id)
	out := make([]Correction, 0, len(rows))
	if err != nil || len(rows) == 0 {
		return out, err
	}
	keys, err := survivor.SalvageKeys(tx, id, seal.Identity, seal.Safety, seal.Narrative)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		c := Correction{ID: r.ID, At: r.At, By: Staff{r.By, r.Username, r.Name}, Version: r.Version, Fields: append([]string{}, r.Fields...)}
		var safety struct {
			Address *string               `json:"survivor.address"`
			Contact *survivor.SafeContact `json:"safe_contact"`
		}
		for _, part := range []struct {
			column string
			c      seal.Compartment
			sealed []byte
			into   any
		}{{"identity", seal.Identity, r.Identity, &c.Before.Survivor}, {"safety", seal.Safety, r.Safety, &safety}, {"narrative", seal.Narrative, r.Narrative, &c.Before.Story}} {
			if len(part.sealed) == 0 || !keys.Has(part.c) {
				continue
			}
			err := survivor.OpenJSON(keys, historyPlace(part.column, r.ID, id, part.c), part.sealed, part.into)
			if tx.Damaged("history", err) {
				c.Damaged = append(c.Damaged, part.column)
			} else if err != nil {
				return nil, err
			}
		}
		c.Before.Address, c.Before.SafeContact = safety.Address, safety.Contact
		out = append(out, c)
	}
	return out, nil
}

// AccessOf reads who opened the case inside another act, the newest first.
func AccessOf(tx *gate.Tx, id uuid.UUID, limit int) ([]AccessEntry, error) {
	p, err := accessOf(tx, id, limit, nil, false, nil)
	return p.Items, err
}
