package access

// Pool names the database role under which an act works.
type Pool string

const (
	// Casework is the app role: cases, through row-level security.
	Casework Pool = "app"
	// Releasing is the releaser role: coded facts and cubes, no case table.
	Releasing Pool = "releaser"
	// Reading is the statistics role: published cells, nothing else.
	Reading Pool = "statistics"
	// Inspecting is the auditor role: the trail, codes only.
	Inspecting Pool = "auditor"
)

// Act is one thing that can be done. All of them stand in this file, so that it reads as the table of contents of the system, and
// a test refuses an act without a policy line or without a label in both languages ("act.<name>").
type Act struct {
	Name   string
	On     string // kind of the subject: "case", "referral", "consent", "evidence", or "" for none
	Pool   Pool
	Writes bool
}

// String is the act's name.
func (a Act) String() string { return a.Name }

// The acts on cases.
var (
	RecordCase      = Act{"case.record", "", Casework, true}
	ImportCases     = Act{"case.import", "", Casework, true}
	ListCases       = Act{"case.list", "", Casework, false}
	SearchCases     = Act{"case.search", "", Casework, false}
	ReadCase        = Act{"case.read", "case", Casework, false}
	RevealCase      = Act{"case.reveal", "case", Casework, false}
	CorrectCase     = Act{"case.correct", "case", Casework, true}
	SeeAccess       = Act{"case.access", "case", Casework, false}
	AssignCase      = Act{"case.assign", "case", Casework, true}
	AddIncident     = Act{"incident.add", "case", Casework, true}
	RecordConsent   = Act{"consent.record", "case", Casework, true}
	WithdrawConsent = Act{"consent.withdraw", "consent", Casework, true}
	AttachEvidence  = Act{"evidence.attach", "case", Casework, true}
	ListEvidence    = Act{"evidence.list", "case", Casework, false}
	ReadEvidence    = Act{"evidence.read", "evidence", Casework, false}
)

// The acts on referrals: the sender's, the addressee's, and those after acceptance.
var (
	CreateReferral      = Act{"referral.create", "case", Casework, true}
	SendReferral        = Act{"referral.send", "referral", Casework, true}
	ListSent            = Act{"referral.list_out", "", Casework, false}
	AnswerReferral      = Act{"referral.answer", "referral", Casework, true}
	WithdrawReferral    = Act{"referral.withdraw", "referral", Casework, true}
	CloseReferral       = Act{"referral.close", "referral", Casework, true}
	ListReceived        = Act{"referral.list_in", "", Casework, false}
	ReadReferral        = Act{"referral.read", "referral", Casework, false}
	AcknowledgeReferral = Act{"referral.acknowledge", "referral", Casework, true}
	AcceptReferral      = Act{"referral.accept", "referral", Casework, true}
	DeclineReferral     = Act{"referral.decline", "referral", Casework, true}
	AskReferral         = Act{"referral.ask", "referral", Casework, true}
	ForwardReferral     = Act{"referral.forward", "referral", Casework, true}
	StartReferral       = Act{"referral.start", "referral", Casework, true}
	ReportReferral      = Act{"referral.report", "referral", Casework, true}
)

// The acts that touch no case.
var (
	ReadDirectory  = Act{"directory.read", "", Casework, false}
	PrepareRelease = Act{"release.prepare", "", Releasing, true}
	CheckRelease   = Act{"release.check", "", Releasing, false}
	PublishRelease = Act{"release.publish", "", Releasing, true}
	ReadRelease    = Act{"release.read", "", Reading, false}
	ReadTrail      = Act{"audit.read", "", Inspecting, false}
)

// Acts lists all of them.
var Acts = []Act{
	RecordCase, ImportCases, ListCases, SearchCases, ReadCase, RevealCase, CorrectCase, SeeAccess, AssignCase, AddIncident, RecordConsent,
	WithdrawConsent, AttachEvidence, ListEvidence, ReadEvidence, CreateReferral, SendReferral, ListSent, AnswerReferral, WithdrawReferral,
	CloseReferral, ListReceived, ReadReferral, AcknowledgeReferral, AcceptReferral, DeclineReferral, AskReferral, ForwardReferral,
	StartReferral, ReportReferral, ReadDirectory, PrepareRelease, CheckRelease, PublishRelease, ReadRelease, ReadTrail,
}
