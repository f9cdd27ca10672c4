package casefile

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/seal"
	"binhan/internal/survivor"
)

// AccessEntry is one look at a case, or one refusal.
type AccessEntry struct {
	At        time.Time   `json:"at"`
	Actor     AccessActor `json:"actor"`
	Act       string      `json:"act"`
	Standing  string      `json:"standing,omitempty"`
	Classes   []string    `json:"classes"`
	Reason    string      `json:"reason,omitempty"`
	Allowed   bool        `json:"allowed"`
	Role      string      `json:"role,omitempty"`
	Condition string      `json:"condition,omitempty"` // what let it happen beside the standing, or what stopped it
	Signs     []string    `json:"signs"`               // why it is out of the ordinary: see the signs below
	Words     string      `json:"words,omitempty"`     // the reason as it was written; for the holder alone
	note      []byte
}

// The signs of an access that a holder should look at first. Her own acts bear none but refusals.
const (
	SignRefused    = "refused"
	SignBreakGlass = "break_glass"
	SignReveal     = "reveal"
	SignNight      = "night" // between ten in the evening and five in the morning
)

// signs is the same judgement as audit.of_case makes when it is asked for the unusual ones alone.
func (e AccessEntry) signs(reader uuid.UUID) []string {
	signs := []string{}
	if !e.Allowed {
		signs = append(signs, SignRefused)
	}
	if e.Actor.ID == reader {
		return signs
	}
	if strings.Contains(e.Standing, string(access.BreakGlass)) {
		signs = append(signs, SignBreakGlass)
	}
	if e.Act == access.RevealCase.Name {
		signs = append(signs, SignReveal)
	}
	if h := e.At.In(calendar.Zone).Hour(); h >= 22 || h < 5 {
		signs = append(signs, SignNight)
	}
	return signs
}

// AccessActor is who looked.
type AccessActor struct {
	ID           uuid.UUID `json:"id"`
	Username     string    `json:"username"`
	Name         string    `json:"name"`
	Organisation string    `json:"organisation"`
}

// AccessPage is a page of the record of a case.
type AccessPage struct {
	Items []AccessEntry `json:"items"`
	Next  *string       `json:"next"`
	// For the page, in the same act: the code of the case, and what is unusual out of all time.
	Code    string        `json:"-"`
	Unusual []AccessEntry `json:"-"`
}

// AccessFilter chooses entries.
type AccessFilter struct {
	Actor  string `json:"actor,omitempty"` // id of a member of staff
	Show   string `json:"show,omitempty"`  // "unusual", or all
	Limit  int    `json:"limit,omitempty"`
	Cursor string `json:"cursor,omitempty"`
	// Folded leaves out the reasons in words, which are sealed with the story.
	Folded bool `json:"-"`
	// Also is how many unusual ones are read along, out of all time.
	Also int `json:"-"`
}

// Access tells who opened this case and who was refused, the newest first. For its holder and her supervisor. The reasons in words are the holder's to read: they are
// sealed with the story of the case.
func (s *Service) Access(ctx context.Context, who access.Actor, id uuid.UUID, f AccessFilter) (AccessPage, error) {
	before, err := numberCursor(f.Cursor)
	if err != nil {
		return AccessPage{}, err
	}
	limit, err := pageSize(f.Limit)
	if err != nil {
		return AccessPage{}, err
	}
	var ps fault.Problems
	var actor any
	if f.Actor != "" {
		a, err := uuid.Parse(f.Actor)
		if err != nil {
			ps.Add("/actor", "unreadable")
		}
		actor = a
	}
	if f.Show != "" && f.Show != "unusual" && f.Show != "all" {
		ps.Add("/show", "unreadable")
	}
	if err := ps.Err(); err != nil {
		return AccessPage{}, err
	}
	return gate.Do(ctx, s.gate, who, access.SeeAccess, access.On("case", id), func(tx *gate.Tx) (AccessPage, error) {
		tx.Opened(access.Record)
		p, err := accessOf(tx, id, limit, before, f.Show == "unusual", actor)
		if err != nil {
			return p, err
		}
		if f.Also > 0 {
			if err := tx.Get(&p.Code, `select code from cases where id = $1`, id); err != nil {
				return p, err
			}
			odd, err := accessOf(tx, id, f.Also, nil, true, actor)
			if err != nil {
				return p, err
			}
			if p.Unusual = odd.Items; len(p.Unusual) > 0 {
				if err := openReasons(tx, id, p.Unusual); err != nil {
					return p, err
				}
			}
		}
		if f.Folded {
			return p, nil
		}
		return p, openReasons(tx, id, p.Items)
	})
}

// openReasons reads the reasons in words, where the reader holds the case and there are any.
func openReasons(tx *gate.Tx, id uuid.UUID, entries []AccessEntry) error {
	if !tx.Classes.Has(access.Narrative) || !slices.ContainsFunc(entries, func(e AccessEntry) bool { return len(e.note) > 0 }) {
		return nil
	}
	keys, err := survivor.SalvageKeys(tx, id, seal.Narrative)
	if err != nil || !keys.Has(seal.Narrative) {
		return err
	}
	for i, e := range entries {
		if len(e.note) == 0 {
			continue
		}
		// Sealed under the keys of a referral, or in another form: then it is another's to read.
		if words, err := keys.Open(reasonPlace(id), e.note); err == nil {
			entries[i].Words = string(words)
		}
	}
	return nil
}

func accessOf(tx *gate.Tx, id uuid.UUID, limit int, before any, unusual bool, actor any) (AccessPage, error) {
	var rows []struct {
		ID        int64          `db:"id"`
		At        time.Time      `db:"at"`
		Actor     uuid.NullUUID  `db:"actor"`
		Username  *string        `db:"username"`
		Name      *string        `db:"name"`
		OrgName   *string        `db:"org_name"`
		Act       string         `db:"act"`
		Standing  *string        `db:"standing"`
		Classes   gate.TextArray `db:"classes"`
		Reason    *string        `db:"reason"`
		Note      []byte         `db:"note"`
		Decision  string         `db:"decision"`
		Role      *string        `db:"role"`
		Condition *string        `db:"condition"`
	}
	err := tx.Select(&rows, `select id, at, actor, username, name, org_name, act, standing, classes, reason, note, decision, role, condition from audit.of_case($1, $2, $3, $4, $5)`,
		id, limit+1, before, unusual, actor)
	if err != nil {
		return AccessPage{}, err
	}
	p := AccessPage{Items: []AccessEntry{}}
	for i, r := range rows {
		if i == limit {
			next := encodeNumber(rows[i-1].ID)
			p.Next = &next
			break
		}
		e := AccessEntry{At: r.At, Actor: AccessActor{r.Actor.UUID, text(r.Username), text(r.Name), text(r.OrgName)}, Act: r.Act,
			Standing: text(r.Standing), Classes: append([]string{}, r.Classes...), Reason: text(r.Reason), Allowed: r.Decision == "allowed", Role: text(r.Role), Condition: text(r.Condition), note: r.Note}
		e.Signs = e.signs(tx.Who.User)
		p.Items = append(p.Items, e)
	}
	return p, nil
}
