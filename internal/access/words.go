package access

// Role is what a member of staff does in the organisation whose work she does now (list `role`).
type Role string

// The roles that the policy knows. A role without a line in the policy may do nothing.
const (
	Intake          Role = "INTAKE"
	Counsellor      Role = "COUNSELLOR"
	CaseManager     Role = "CASE_MANAGER"
	Supervisor      Role = "SUPERVISOR"
	PoliceFocal     Role = "POLICE_FOCAL"
	WUFocal         Role = "WU_FOCAL"
	CounselPartner  Role = "COUNSEL_PARTNER"
	HealthFocal     Role = "HEALTH_FOCAL"
	LegalAidOfficer Role = "LEGAL_AID_OFFICER"
	CommuneOfficer  Role = "COMMUNE_OFFICER"
	ShelterKeeper   Role = "SHELTER_KEEPER"
	HotlineOperator Role = "HOTLINE_OPERATOR"
	StatOfficer     Role = "STAT_OFFICER"
	StatApprover    Role = "STAT_APPROVER"
	UnitReporter    Role = "UNIT_REPORTER"
	SysAdmin        Role = "SYS_ADMIN"
	Auditor         Role = "AUDITOR"
	DPO             Role = "DPO"
)

// Roles lists every role, for the tests that walk the whole matrix.
var Roles = []Role{
	Intake, Counsellor, CaseManager, Supervisor, PoliceFocal, WUFocal, CounselPartner, HealthFocal, LegalAidOfficer,
	CommuneOfficer, ShelterKeeper, HotlineOperator, StatOfficer, StatApprover, UnitReporter, SysAdmin, Auditor, DPO,
}

// Class is what a decision discloses: a sealed compartment of a case, its plain record, or something outside of cases.
type Class string

// The first five belong to a case, the next two to a referral, the rest to no case at all.
const (
	Record     Class = "record"     // code, state, risk, dates, commune, owner, states of referrals
	Identity   Class = "identity"   // who she is, who did it
	Safety     Class = "safety"     // where she is, how to reach her safely
	Narrative  Class = "narrative"  // what happened, needs, every free text
	Evidence   Class = "evidence"   // files and their names
	Envelope   Class = "envelope"   // of a referral before acceptance: service, priority, commune, age band, needs, deadline
	Disclosure Class = "disclosure" // of a referral after acceptance: exactly the shared fields
	Directory  Class = "directory"  // organisations, services, code lists
	Facts      Class = "facts"      // coded facts without names, for the release job alone
	Statistics Class = "statistics" // published cells
	Trail      Class = "trail"      // the audit record, codes only
	Account    Class = "account"    // accounts of staff: her own, and for whoever answers for people, theirs; nothing of any case
	Campaign   Class = "campaign"   // the yearly campaign: what offices did, counts of events, money; nobody's case
	Rights     Class = "rights"     // data requests, terms, holds, erasures, breaches: codes, dates and the words of the request itself, no content of a case
)

// Classes lists every class in the order of their bits.
var Classes = []Class{Record, Identity, Safety, Narrative, Evidence, Envelope, Disclosure, Directory, Facts, Statistics, Trail, Rights, Account, Campaign}

// ClassSet is a set of classes.
type ClassSet uint16

func classBit(c Class) ClassSet {
	for i, k := range Classes {
		if k == c {
			return 1 << i
		}
	}
	return 0
}

// SetOf makes a set.
func SetOf(cs ...Class) ClassSet {
	var s ClassSet
	for _, c := range cs {
		s |= classBit(c)
	}
	return s
}

// Has tells whether c is in the set.
func (s ClassSet) Has(c Class) bool { b := classBit(c); return b != 0 && s&b == b }

// List names the classes in the set.
func (s ClassSet) List() []Class {
	var cs []Class
	for i, c := range Classes {
		if s&(1<<i) != 0 {
			cs = append(cs, c)
		}
	}
	return cs
}

// Standing is why somebody may: her relation to one case. It is a row of case_standings, never a property of a role.
type Standing string

// The standings. None is the standing of an act that concerns no existing case.
const (
	None            Standing = "none"
	Assigned        Standing = "assigned"         // holds the case
	Supervising     Standing = "supervisor"       // the holder is of her staff
	OwnOrganisation Standing = "own_organisation" // feeds counts of the workload only
	Addressee       Standing = "addressee"        // a referral waits in her organisation's queue
	Referred        Standing = "referred"         // her organisation accepted the referral
	BreakGlass      Standing = "break_glass"      // opened in an emergency, for hours

	// BreakGlassSafety is given by a second person on top of BreakGlass.
	BreakGlassSafety Standing = "break_glass_safety"
)

// Standings lists every standing in the order of their bits.
var Standings = []Standing{None, Assigned, Supervising, OwnOrganisation, Addressee, Referred, BreakGlass, BreakGlassSafety}

// StandingSet is a set of standings.
type StandingSet uint8

func standingBit(s Standing) StandingSet {
	for i, k := range Standings {
		if k == s {
			return 1 << i
		}
	}
	return 0
}

// StandingsOf makes a set; unknown names are ignored.
func StandingsOf(ss ...Standing) StandingSet {
	var set StandingSet
	for _, s := range ss {
		set |= standingBit(s)
	}
	return set
}

// Has tells whether s is in the set.
func (set StandingSet) Has(s Standing) bool { b := standingBit(s); return b != 0 && set&b == b }

// List names the standings in the set.
func (set StandingSet) List() []Standing {
	var ss []Standing
	for i, s := range Standings {
		if set&(1<<i) != 0 {
			ss = append(ss, s)
		}
	}
	return ss
}
