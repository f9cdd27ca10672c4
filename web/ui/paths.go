package ui

// Where pages live and where their forms go. Ids are random and say nothing about a person; nothing personal is ever in an address.
const (
	PathSignIn        = "/dang-nhap"
	PathSignOut       = "/dang-xuat"
	PathLock          = "/khoa"    // POST locks; GET shows the locked screen
	PathUnlock        = "/mo-khoa" // POST {password, back}: 303 when it opens, the locked screen again when not
	PathExit          = "/thoat"   // POST ends the session; GET is the neutral page
	PathLanguage      = "/ngon-ngu"
	PathTextSize      = "/co-chu"
	PathHelp          = "/tro-giup"
	PathToday         = "/hom-nay"
	PathIntake        = "/tiep-nhan/moi"
	PathCases         = "/ho-so"
	PathSearch        = "/ho-so/tim"
	PathReferralsIn   = "/chuyen-gui/den"
	PathReferralsOut  = "/chuyen-gui/di"
	PathReleases      = "/bang-so"
	PathRequests      = "/yeu-cau"                // data requests of the person concerned
	PathTerms         = "/thoi-han"               // terms, holds, erasures
	PathErasures      = "/xoa"                    // POST proposes
	PathBreaches      = "/su-co"                  // register of breaches
	PathProcessing    = "/ho-so-xu-ly"            // record of processing, agreements with partners
	PathSignInKey     = "/dang-nhap/khoa"         // POST: the question for a key
	PathProof         = "/xac-nhan"               // POST proves and goes back; GET asks
	PathProofKey      = "/xac-nhan/khoa"          // POST: the question for one of her keys
	PathProviderAway  = "/oidc/di"                // POST: to the identity provider, to sign in
	PathProviderBack  = "/oidc/ve"                // GET: back from it
	PathProviderCode  = "/oidc/ma"                // the second factor after it
	PathProviderProof = "/oidc/xac-nhan"          // POST: to it, to prove who she is; GET asks
	PathProviderDone  = "/oidc/xong"              // GET: proved, in a tab that may be closed
	PathProviderOut   = "/oidc/ra"                // POST leaves it; GET asks
	PathProviderEnd   = "/oidc/dang-xuat"         // POST: it says that somebody has left
	PathProviderLink  = "/tai-khoan/nha-cung-cap" // POST begins to link; …/noi asks and links
	PathAccount       = "/tai-khoan"
	PathSetup         = "/thiet-lap"
	PathPeople        = "/nhan-su"
	PathEmergency     = "/mo-khan-cap"
	PathSeals         = "/niem-kin"
	PathKnown         = "/hoi-trung"
	PathNoticesSeen   = "/hom-nay/da-doc"
	PathCampaigns     = "/chien-dich"         // the yearly campaign: board, units' reports, the department's report
	PathTrail         = "/nhat-ky"            // the record of acts
	PathUnusual       = "/nhat-ky/bat-thuong" // what of it is out of the ordinary
	PathAnchor        = "/nhat-ky/con-dau"    // its seal, printed each day
	PathBuilder       = "/bang-so/xem"        // rows, columns, period and borders, chosen in the query
	PathOverview      = "/tong-quan"
	PathReports       = "/bao-cao"
	PathQuality       = "/chat-luong" // of one release: its id
	PathOpen          = "/so-lieu"    // published numbers for anybody
)

// CasePath is a case, or one of its steps: "sua", "hien" (reveal), "su-viec/moi" (incident), "dong-y/moi" (consent), "tai-lieu" (evidence),
// "chuyen-gui/moi" (referral), "mo-khan-cap" (break-glass), "ai-da-xem" (who looked).
func CasePath(id string, step ...string) string { return under(PathCases+"/"+id, step) }

// TicketPath is a referral, or one of its moves: "da-nhan" (acknowledgement), "tiep-nhan" (acceptance), "chua-the-nhan" (decline), "hoi"
// (question), "tra-loi" (answer), "chuyen-tiep" (forward), "thu-hoi" (withdrawal), "bat-dau" (start), "ket-qua" (outcome), "dong" (closing),
// "gui" (send a draft).
func TicketPath(id string, move ...string) string { return under("/phieu/"+id, move) }

// EmergencyPath is an emergency opening, or one of its steps: "danh-gia" (review), "xin-noi-o" (asks for the safety class), "mo-noi-o" (opens it).
func EmergencyPath(id string, step ...string) string { return under(PathEmergency+"/"+id, step) }

// ShelterPath is where a place of refuge is told.
func ShelterPath(id string) string { return "/noi-tam-lanh/" + id }

// SealPath is where the second person agrees to a seal or its end.
func SealPath(id string) string { return PathSeals + "/" + id }

// ConsentPath is where a consent is withdrawn: "rut".
func ConsentPath(id string, step ...string) string { return under("/dong-y/"+id, step) }

// EvidencePath is a file's content, read through the gate.
func EvidencePath(id string) string { return "/tai-lieu/" + id }

// ReleasePath is a release, one of its tables, or "cong-bo" (publication).
func ReleasePath(id string, part ...string) string { return under(PathReleases+"/"+id, part) }

// RequestPath is a data request, or one of its moves.
func RequestPath(id string, move ...string) string { return under(PathRequests+"/"+id, move) }

// HoldPath is a legal hold: "bo" lifts it.
func HoldPath(id string, step ...string) string { return under(PathTerms+"/"+id, step) }

// ErasurePath is an erasure, or "duyet" (approve), "khong-duyet" (refuse), "lam-tiep" (finish).
func ErasurePath(id string, step ...string) string { return under(PathErasures+"/"+id, step) }

// BreachPath is a breach of the register; a POST adds to its minutes.
func BreachPath(id string) string { return PathBreaches + "/" + id }

func under(base string, parts []string) string {
	for _, p := range parts {
		base += "/" + p
	}
	return base
}
