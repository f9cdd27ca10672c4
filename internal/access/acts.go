package access

import "time"

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
	Makes  Standing // what the actor holds once the act has made its case; "" for most
	StepUp bool     // the person must have proved who she is within the last StepUpAge
	Spends Budget   // the budget that it costs; "" for most
	Frozen bool     // allowed while her rights rest after a reset: her own account and nothing else
}

// StepUpAge is how old a proof may be for the acts that matter most.
const StepUpAge = 5 * time.Minute

// String is the act's name.
func (a Act) String() string { return a.Name }

// The acts on cases.
var (
	RecordCase      = Act{Name: "case.record", Pool: Casework, Writes: true, Makes: Assigned}
	ImportCases     = Act{Name: "case.import", Pool: Casework, Writes: true, Makes: Assigned}
	ListCases       = Act{Name: "case.list", Pool: Casework}
	SearchCases     = Act{Name: "case.search", Pool: Casework, Spends: Searching}
	ReadCase        = Act{Name: "case.read", On: "case", Pool: Casework, Spends: OpeningCases}
	RevealCase      = Act{Name: "case.reveal", On: "case", Pool: Casework, Spends: OpeningCases}
	CorrectCase     = Act{Name: "case.correct", On: "case", Pool: Casework, Writes: true, Spends: OpeningCases}
	SeeAccess       = Act{Name: "case.access", On: "case", Pool: Casework}
	AssignCase      = Act{Name: "case.assign", On: "case", Pool: Casework, Writes: true}
	AddIncident     = Act{Name: "incident.add", On: "case", Pool: Casework, Writes: true}
	RecordConsent   = Act{Name: "consent.record", On: "case", Pool: Casework, Writes: true}
	WithdrawConsent = Act{Name: "consent.withdraw", On: "consent", Pool: Casework, Writes: true}
	AttachEvidence  = Act{Name: "evidence.attach", On: "case", Pool: Casework, Writes: true}
	ListEvidence    = Act{Name: "evidence.list", On: "case", Pool: Casework}
	ReadEvidence    = Act{Name: "evidence.read", On: "evidence", Pool: Casework, Spends: OpeningCases}
)

// The acts on referrals: the sender's, the addressee's, and those after acceptance.
var (
	CreateReferral      = Act{Name: "referral.create", On: "case", Pool: Casework, Writes: true}
	SendReferral        = Act{Name: "referral.send", On: "referral", Pool: Casework, Writes: true}
	ListSent            = Act{Name: "referral.list_out", Pool: Casework}
	AnswerReferral      = Act{Name: "referral.answer", On: "referral", Pool: Casework, Writes: true}
	WithdrawReferral    = Act{Name: "referral.withdraw", On: "referral", Pool: Casework, Writes: true}
	CloseReferral       = Act{Name: "referral.close", On: "referral", Pool: Casework, Writes: true}
	ListReceived        = Act{Name: "referral.list_in", Pool: Casework}
	ReadReferral        = Act{Name: "referral.read", On: "referral", Pool: Casework, Spends: OpeningCases}
	AcknowledgeReferral = Act{Name: "referral.acknowledge", On: "referral", Pool: Casework, Writes: true}
	AcceptReferral      = Act{Name: "referral.accept", On: "referral", Pool: Casework, Writes: true}
	DeclineReferral     = Act{Name: "referral.decline", On: "referral", Pool: Casework, Writes: true}
	AskReferral         = Act{Name: "referral.ask", On: "referral", Pool: Casework, Writes: true}
	ForwardReferral     = Act{Name: "referral.forward", On: "referral", Pool: Casework, Writes: true}
	StartReferral       = Act{Name: "referral.start", On: "referral", Pool: Casework, Writes: true}
	ReportReferral      = Act{Name: "referral.report", On: "referral", Pool: Casework, Writes: true}
)

// The acts by which who may see what is widened for a time, narrowed, and answered for.
var (
	LookUpCase       = Act{Name: "case.look_up", Pool: Casework, Spends: LookingUp}
	BreakTheGlass    = Act{Name: "break_glass.open", Pool: Casework, Writes: true, Makes: BreakGlass, StepUp: true}
	ListBreakGlass   = Act{Name: "break_glass.list", Pool: Casework}
	ReadBreakGlass   = Act{Name: "break_glass.read", On: "break_glass", Pool: Casework}
	AskSafety        = Act{Name: "break_glass.ask_safety", On: "break_glass", Pool: Casework, Writes: true, StepUp: true}
	OpenSafety       = Act{Name: "break_glass.open_safety", On: "break_glass", Pool: Casework, Writes: true, StepUp: true}
	ReviewBreakGlass = Act{Name: "break_glass.review", On: "break_glass", Pool: Casework, Writes: true}
	SeeWalls         = Act{Name: "wall.list", On: "case", Pool: Casework}
	SetWall          = Act{Name: "wall.set", On: "case", Pool: Casework, Writes: true}
	LiftWall         = Act{Name: "wall.lift", On: "case", Pool: Casework, Writes: true}
	SeeWorkload      = Act{Name: "staff.workload", Pool: Casework}
	SealCase         = Act{Name: "seal.ask", On: "case", Pool: Casework, Writes: true, StepUp: true}
	UnsealCase       = Act{Name: "seal.ask_end", On: "case", Pool: Casework, Writes: true, StepUp: true}
	ListSeals        = Act{Name: "seal.list", Pool: Casework}
	AgreeSeal        = Act{Name: "seal.agree", Pool: Casework, Writes: true, StepUp: true}
	AskKnown         = Act{Name: "case.known", Pool: Casework, Writes: true, StepUp: true, Spends: AskingKnown}
	IndexCase        = Act{Name: "case.index", Pool: Casework, Writes: true}
	ExportCase       = Act{Name: "case.export", On: "case", Pool: Casework, Writes: true, StepUp: true, Spends: Exporting}
	LocateShelter    = Act{Name: "shelter.locate", Pool: Casework, StepUp: true}
	PlaceShelter     = Act{Name: "shelter.place", Pool: Casework, Writes: true, StepUp: true}
	ListNotices      = Act{Name: "notice.list", Pool: Casework}
	SeeNotice        = Act{Name: "notice.seen", Pool: Casework, Writes: true}
)

// The acts that touch no case.
var (
	ReadDirectory  = Act{Name: "directory.read", Pool: Casework}
	PrepareRelease = Act{Name: "release.prepare", Pool: Releasing, Writes: true}
	CheckRelease   = Act{Name: "release.check", Pool: Releasing}
	PublishRelease = Act{Name: "release.publish", Pool: Releasing, Writes: true}
	ProposePlan    = Act{Name: "release.plan.propose", Pool: Releasing, Writes: true}
	ApprovePlan    = Act{Name: "release.plan.approve", Pool: Releasing, Writes: true}
	ReadRelease    = Act{Name: "release.read", Pool: Reading}
	ReadTrail      = Act{Name: "audit.read", Pool: Inspecting}
	ReviewFinding  = Act{Name: "audit.review", Pool: Inspecting, Writes: true}
)

// The acts on the rights of the person concerned. Those on nothing find the case of their request or erasure inside (gate.Tx.Concerns).
var (
	CloseCase       = Act{Name: "case.close", On: "case", Pool: Casework, Writes: true}
	ReopenCase      = Act{Name: "case.reopen", On: "case", Pool: Casework, Writes: true}
	SeeHistory      = Act{Name: "case.history", On: "case", Pool: Casework}
	CopyCase        = Act{Name: "case.copy", On: "case", Pool: Casework, Writes: true, StepUp: true}
	RegisterRequest = Act{Name: "request.register", Pool: Casework, Writes: true}
	ListRequests    = Act{Name: "request.list", Pool: Casework}
	ReadRequest     = Act{Name: "request.read", Pool: Casework}
	AnswerRequest   = Act{Name: "request.answer", Pool: Casework, Writes: true}
	DecideRequest   = Act{Name: "request.decide", Pool: Casework, Writes: true}
	RestrictCase    = Act{Name: "case.restrict", Pool: Casework, Writes: true}
	HoldCase        = Act{Name: "hold.set", Pool: Casework, Writes: true}
	SeeTerms        = Act{Name: "retention.list", Pool: Casework}
	ProposeErasure  = Act{Name: "erasure.propose", Pool: Casework, Writes: true}
	ApproveErasure  = Act{Name: "erasure.approve", Pool: Casework, Writes: true, StepUp: true}
	SeeErasures     = Act{Name: "erasure.read", Pool: Casework}
	RecordBreach    = Act{Name: "breach.record", Pool: Casework, Writes: true}
	SeeBreaches     = Act{Name: "breach.read", Pool: Casework}
	RecordAgreement = Act{Name: "agreement.record", Pool: Casework, Writes: true}
	SeeProcessing   = Act{Name: "processing.read", Pool: Casework}
)

// The acts on accounts: her own, also while her rights rest; and other people's, always by two persons, none of them on any case.
var (
	ReadAccount   = Act{Name: "account.read", Pool: Casework, Frozen: true}
	KeepAccount   = Act{Name: "account.keep", Pool: Casework, Writes: true, Frozen: true}
	SecureAccount = Act{Name: "account.secure", Pool: Casework, Writes: true, StepUp: true, Frozen: true}
	ListPeople    = Act{Name: "people.list", Pool: Casework}
	ProposePerson = Act{Name: "people.propose", Pool: Casework, Writes: true, StepUp: true}
	DecidePerson  = Act{Name: "people.decide", Pool: Casework, Writes: true, StepUp: true}
	ResetPerson   = Act{Name: "people.reset", Pool: Casework, Writes: true, StepUp: true}
	ConfirmPerson = Act{Name: "people.confirm", Pool: Casework, Writes: true, StepUp: true}
	ReleasePerson = Act{Name: "people.release", Pool: Casework, Writes: true, StepUp: true}
)

// The acts of the yearly campaign: the department's settings, the units' reports, the department's own report with its second reader. No case is in them.
var (
	ReadCampaign       = Act{Name: "campaign.read", Pool: Casework}
	KeepCampaign       = Act{Name: "campaign.keep", Pool: Casework, Writes: true}
	ReadActivities     = Act{Name: "activity.read", Pool: Casework}
	WriteActivities    = Act{Name: "activity.write", Pool: Casework, Writes: true}
	SubmitActivities   = Act{Name: "activity.submit", Pool: Casework, Writes: true}
	ReturnActivities   = Act{Name: "activity.return", Pool: Casework, Writes: true}
	RemindUnit         = Act{Name: "activity.remind", Pool: Casework, Writes: true}
	ReadCampaignReport = Act{Name: "report.read", Pool: Casework}
	WriteReport        = Act{Name: "report.write", Pool: Casework, Writes: true}
	PrepareReport      = Act{Name: "report.prepare", Pool: Casework, Writes: true}
	DecideReport       = Act{Name: "report.decide", Pool: Casework, Writes: true}
	PublishReport      = Act{Name: "report.publish", Pool: Casework, Writes: true}
)

// Acts lists all of them.
var Acts = []Act{
	RecordCase, ImportCases, ListCases, SearchCases, ReadCase, RevealCase, CorrectCase, SeeAccess, AssignCase, AddIncident, RecordConsent,
	WithdrawConsent, AttachEvidence, ListEvidence, ReadEvidence, CreateReferral, SendReferral, ListSent, AnswerReferral, WithdrawReferral,
	CloseReferral, ListReceived, ReadReferral, AcknowledgeReferral, AcceptReferral, DeclineReferral, AskReferral, ForwardReferral,
	StartReferral, ReportReferral, LookUpCase, BreakTheGlass, ListBreakGlass, ReadBreakGlass, AskSafety, OpenSafety, ReviewBreakGlass, SeeWalls, SetWall, LiftWall, SeeWorkload,
	SealCase, UnsealCase, ListSeals, AgreeSeal, AskKnown, IndexCase, ExportCase, LocateShelter, PlaceShelter, ListNotices, SeeNotice, ReadDirectory, PrepareRelease, CheckRelease, PublishRelease, ProposePlan, ApprovePlan, ReadRelease, ReadTrail, ReviewFinding,
	CloseCase, ReopenCase, SeeHistory, CopyCase, RegisterRequest, ListRequests, ReadRequest, AnswerRequest, DecideRequest, RestrictCase, HoldCase, SeeTerms,
	ProposeErasure, ApproveErasure, SeeErasures, RecordBreach, SeeBreaches, RecordAgreement, SeeProcessing,
	ReadCampaign, KeepCampaign, ReadActivities, WriteActivities, SubmitActivities, ReturnActivities, RemindUnit, ReadCampaignReport, WriteReport, PrepareReport, DecideReport, PublishReport,
	ReadAccount, KeepAccount, SecureAccount, ListPeople, ProposePerson, DecidePerson, ResetPerson, ConfirmPerson, ReleasePerson,
}

// Works are the names of the acts that are work on a thing; whatever else touches one is only looking.
func Works() []string {
	var names []string
	for _, a := range Acts {
		if a.Writes {
			names = append(names, a.Name)
		}
	}
	return names
}
