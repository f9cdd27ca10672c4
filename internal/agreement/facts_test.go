package agreement_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"binhan/internal/access"
)

// facts is everything that decides, read as it lies in the tables by somebody whom no policy hinders. The model below draws its own conclusions.
type facts struct {
	now       time.Time
	sessions  []session
	standings []standing
	walls     []wall
	seals     []seal
	openings  []opening
	referrals []referral
	cases     []uuid.UUID
}

type session struct {
	Token    string
	Handle   access.Handle
	User     uuid.UUID   `db:"user_id"`
	Org      uuid.UUID   `db:"organisation_id"`
	Role     access.Role `db:"role"`
	Kind     string      `db:"kind"`
	Strength string      `db:"strength"`
	Hash     []byte      `db:"handle_hash"`
	Ended    *time.Time  `db:"ended_at"`
	Locked   *time.Time  `db:"locked_at"`
	Expires  time.Time   `db:"expires_at"`
	Seen     time.Time   `db:"seen_at"`
	Disabled *time.Time  `db:"disabled_at"`
	Frozen   *time.Time  `db:"frozen_at"`
	Until    *time.Time  `db:"valid_to"`
}

type standing struct {
	ID       uuid.UUID       `db:"id"`
	Case     uuid.UUID       `db:"case_id"`
	Referral uuid.NullUUID   `db:"referral_id"`
	Standing access.Standing `db:"standing"`
	Holder   uuid.UUID       `db:"holder"`
	Until    *time.Time      `db:"until"`
	Why      string          `db:"why"`
}

type wall struct {
	Case   uuid.UUID  `db:"case_id"`
	User   uuid.UUID  `db:"user_id"`
	Lifted *time.Time `db:"lifted_at"`
}

// seal is a case that looks absent to all but the named; each row names one of them, or nobody.
type seal struct {
	Case  uuid.UUID     `db:"case_id"`
	Named uuid.NullUUID `db:"user_id"`
}

// opening says why somebody opened a case for the first time, or has not said it.
type opening struct {
	Case uuid.UUID `db:"case_id"`
	User uuid.UUID `db:"user_id"`
	Why  *string   `db:"why"`
}

type referral struct {
	ID        uuid.UUID     `db:"id"`
	Case      uuid.UUID     `db:"case_id"`
	Forwarded uuid.NullUUID `db:"forwarded_from"`
	Consent   uuid.NullUUID `db:"consent_id"`
	Decision  *string       `db:"decision"`
	Withdrawn *time.Time    `db:"withdrawn_at"`
	Expires   *time.Time    `db:"consent_expires"`
}

// read takes the facts of one world: its sessions by their handles, its cases and what hangs on them.
func (w *world) read(t testing.TB, db *sqlx.DB) *facts {
	t.Helper()
	f := &facts{cases: w.cases}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(db.Get(&f.now, `select now()`))
	for _, p := range w.people {
		var s session
		must(db.Get(&s, `select s.user_id, s.organisation_id, m.role, s.kind, s.strength, s.handle_hash, s.ended_at, s.locked_at, s.expires_at, s.seen_at, u.disabled_at, u.frozen_at, m.valid_to
			from auth.sessions s join auth.users u on u.id = s.user_id join auth.memberships m on m.id = s.membership_id where s.handle_hash = sha256(convert_to($1, 'UTF8'))`, string(p.handle)))
		s.Token, s.Handle = p.token, p.handle
		f.sessions = append(f.sessions, s)
	}
	ids := texts(w.cases)
	must(db.Select(&f.standings, `select id, case_id, referral_id, standing, holder, until, why from case_standings where case_id = any ($1::uuid[]) order by id`, ids))
	must(db.Select(&f.walls, `select case_id, user_id, lifted_at from case_walls where case_id = any ($1::uuid[])`, ids))
	must(db.Select(&f.seals, `select z.case_id, n.user_id from case_seals z left join case_seal_names n on n.seal_id = z.id
		where z.case_id = any ($1::uuid[]) and z.agreed_at is not null and z.lifted_at is null`, ids))
	must(db.Select(&f.openings, `select case_id, user_id, why from case_openings where case_id = any ($1::uuid[])`, ids))
	must(db.Select(&f.referrals, `select r.id, r.case_id, r.forwarded_from, r.consent_id, c.decision, c.withdrawn_at, c.expires_at as consent_expires
		from referrals r left join consents c on c.id = r.consent_id where r.case_id = any ($1::uuid[]) order by r.id`, ids))
	return f
}

func past(t *time.Time, now time.Time) bool { return t != nil && !t.After(now) }

// acts tells whether a session may begin an act at all.
func (f *facts) acts(s session) bool {
	return s.Ended == nil && s.Expires.After(f.now) && s.Disabled == nil && !past(s.Until, f.now)
}

// awake tells whether a session sees rows: it acts, its screen is open, its owner was here a quarter of an hour ago, and her rights do not rest.
func (f *facts) awake(s session) bool {
	return f.acts(s) && s.Locked == nil && (s.Kind == "command" || s.Seen.After(f.now.Add(-15*time.Minute))) && s.Frozen == nil && s.Strength != "enrolling"
}

// walled tells whether somebody must not see a case, whatever she holds: a wall stands between them, or the case is sealed and she is not named.
func (f *facts) walled(user, c uuid.UUID) bool {
	sealed, named := false, false
	for _, z := range f.seals {
		sealed = sealed || z.Case == c
		named = named || z.Case == c && z.Named.UUID == user
	}
	return sealed && !named || slices.ContainsFunc(f.walls, func(w wall) bool { return w.User == user && w.Case == c && w.Lifted == nil })
}

func (f *facts) live(x standing) bool { return x.Until == nil || x.Until.After(f.now) }

// onCase are the standings that a session's owner or her organisation holds on a whole case.
func (f *facts) onCase(s session, c uuid.UUID) (set access.StandingSet) {
	for _, x := range f.standings {
		if x.Case == c && !x.Referral.Valid && (x.Holder == s.User || x.Holder == s.Org) && f.live(x) && !f.walled(s.User, c) {
			set |= access.StandingsOf(x.Standing)
		}
	}
	return set
}

// untold tells whether somebody holds a case that another recorded and has not said yet why she opens it: until she does she reads its record and nothing more.
func (f *facts) untold(s session, c uuid.UUID) bool {
	holds, recorded := false, false
	for _, x := range f.standings {
		hers := x.Holder == s.User || x.Holder == s.Org
		if x.Case == c && !x.Referral.Valid && hers && f.live(x) && !f.walled(s.User, c) && x.Standing == access.Assigned {
			holds, recorded = true, recorded || x.Why == "recorded"
		}
		recorded = recorded || x.Case == c && x.Holder == s.User && x.Why == "recorded" // who recorded it once needs no reason when it is hers again
	}
	return holds && !recorded && !slices.ContainsFunc(f.openings, func(o opening) bool { return o.Case == c && o.User == s.User && o.Why != nil })
}

// byName are those that she holds herself: lists of cases know no others.
func (f *facts) byName(s session, c uuid.UUID) (set access.StandingSet) {
	for _, x := range f.standings {
		if x.Case == c && !x.Referral.Valid && x.Holder == s.User && f.live(x) && !f.walled(s.User, c) {
			set |= access.StandingsOf(x.Standing)
		}
	}
	return set
}

// onReferral are those that are limited to one referral.
func (f *facts) onReferral(s session, r uuid.UUID) (set access.StandingSet) {
	for _, x := range f.standings {
		if x.Referral.Valid && x.Referral.UUID == r && (x.Holder == s.User || x.Holder == s.Org) && f.live(x) && !f.walled(s.User, x.Case) {
			set |= access.StandingsOf(x.Standing)
		}
	}
	return set
}

// shared tells whether what a referral lent is still lent.
func (f *facts) shared(r referral) bool {
	return !r.Consent.Valid || r.Decision != nil && *r.Decision == "GIVEN" && r.Withdrawn == nil && !past(r.Expires, f.now)
}

func (f *facts) referral(id uuid.UUID) referral {
	i := slices.IndexFunc(f.referrals, func(r referral) bool { return r.ID == id })
	return f.referrals[i]
}
