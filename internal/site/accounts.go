package site

import (
	"net/http"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/signin"
)

// AccountRoutes is the JSON surface of accounts: one's own, and those one answers for.
func AccountRoutes() []Route {
	one := func(method, path string, act access.Act, do Endpoint) Route {
		return Route{Method: method, Path: "/api/v1" + path, Act: act, Do: do}
	}
	return []Route{
		{Method: http.MethodPost, Path: "/api/v1/account/setup", Public: true, Do: postSetup},
		one(http.MethodGet, "/account", access.ReadAccount, getAccount),
		one(http.MethodPost, "/account/password", access.SecureAccount, postPassword),
		one(http.MethodDelete, "/account/sessions", access.KeepAccount, deleteSessions),
		one(http.MethodDelete, "/account/sessions/:id", access.KeepAccount, deleteOneSession),
		one(http.MethodPost, "/account/factors", access.SecureAccount, postFactor),
		one(http.MethodPost, "/account/factors/:id/confirmation", access.SecureAccount, postConfirmation),
		one(http.MethodPatch, "/account/factors/:id", access.KeepAccount, patchFactor),
		one(http.MethodDelete, "/account/factors/:id", access.SecureAccount, deleteFactor),
		one(http.MethodDelete, "/account/identities/:id", access.SecureAccount, deleteIdentity),
		one(http.MethodPost, "/account/recovery-codes", access.SecureAccount, postCodes),
		one(http.MethodPost, "/account/card", access.KeepAccount, postCard),
		one(http.MethodGet, "/people", access.ListPeople, getPeople),
		one(http.MethodPost, "/people/proposals", access.ProposePerson, postProposal),
		one(http.MethodPost, "/people/proposals/:id/decision", access.DecidePerson, postDecision),
		one(http.MethodPost, "/people/:id/reset", access.ResetPerson, postReset),
		one(http.MethodPost, "/people/:id/confirmation", access.ConfirmPerson, postConfirm),
		one(http.MethodPost, "/people/:id/release", access.ReleasePerson, postRelease),
	}
}

func (r *Request) accounts() *signin.Service { return r.site.o.SignIn }

// done answers what leaves nothing to read.
func done(err error) (Reply, error) { return Reply{Status: http.StatusNoContent}, err }

type setupCommand struct {
	Username string   `json:"username"`
	Code     string   `json:"code"`
	Password Verbatim `json:"password"`
}

// String hides it.
func (setupCommand) String() string { return "setup(…)" }

func postSetup(r *Request) (Reply, error) {
	var cmd setupCommand
	if err := r.Bind(&cmd); err != nil {
		return Reply{}, err
	}
	if r.FromBrowser() {
		if err := r.site.sameOrigin(r.HTTP(), true); err != nil {
			return Reply{}, err
		}
	}
	return done(r.accounts().SetUp(r.Context(), cmd.Username, cmd.Code, string(cmd.Password), r.Visitor(signin.Token)))
}

func getAccount(r *Request) (Reply, error) {
	a, err := r.accounts().Account(r.Context(), r.Who)
	a.Resting = ""
	if r.Session.Resting() {
		a.Resting = resting(r.Session)
	}
	return Reply{Body: a}, err
}

type passwordCommand struct {
	Password Verbatim `json:"password"`
}

// String hides it.
func (passwordCommand) String() string { return "password(…)" }

func postPassword(r *Request) (Reply, error) {
	var cmd passwordCommand
	if err := r.Bind(&cmd); err != nil {
		return Reply{}, err
	}
	return done(r.accounts().ChangePassword(r.Context(), r.Who, "/password", string(cmd.Password)))
}

func deleteSessions(r *Request) (Reply, error) {
	_, err := r.accounts().EndOthers(r.Context(), r.Who)
	return done(err)
}

func deleteOneSession(r *Request) (Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return Reply{}, err
	}
	return done(r.accounts().EndSession(r.Context(), r.Who, id))
}

func postCard(r *Request) (Reply, error) {
	var cmd signin.CardCommand
	if err := r.Bind(&cmd); err != nil {
		return Reply{}, err
	}
	return done(r.accounts().KeepCard(r.Context(), r.Who, cmd))
}

type nameCommand struct {
	Name string `json:"name"`
}

func postFactor(r *Request) (Reply, error) {
	var cmd nameCommand
	if err := r.Bind(&cmd); err != nil {
		return Reply{}, err
	}
	o, err := r.accounts().OfferCode(r.Context(), r.Who, cmd.Name)
	return Reply{Status: http.StatusCreated, Body: o}, err
}

type codeCommand struct {
	Code string `json:"code"`
}

// String hides it.
func (codeCommand) String() string { return "code(…)" }

// recoveryCodes are shown once; none when she has some already.
type recoveryCodes struct {
	Codes []string `json:"recovery_codes"`
}

func postConfirmation(r *Request) (Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return Reply{}, err
	}
	var cmd codeCommand
	if err := r.Bind(&cmd); err != nil {
		return Reply{}, err
	}
	codes, err := r.accounts().ConfirmCode(r.Context(), r.Who, id, cmd.Code)
	return Reply{Body: recoveryCodes{append([]string{}, codes...)}}, err
}

func patchFactor(r *Request) (Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return Reply{}, err
	}
	var cmd nameCommand
	if err := r.Bind(&cmd); err != nil {
		return Reply{}, err
	}
	return done(r.accounts().NameFactor(r.Context(), r.Who, id, cmd.Name))
}

func deleteFactor(r *Request) (Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return Reply{}, err
	}
	return done(r.accounts().RemoveFactor(r.Context(), r.Who, id))
}

func deleteIdentity(r *Request) (Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return Reply{}, err
	}
	return done(r.accounts().Unlink(r.Context(), r.Who, id))
}

func postCodes(r *Request) (Reply, error) {
	if err := r.Bind(&struct{}{}); err != nil {
		return Reply{}, err
	}
	codes, err := r.accounts().RenewCodes(r.Context(), r.Who)
	return Reply{Status: http.StatusCreated, Body: recoveryCodes{codes}}, err
}

func getPeople(r *Request) (Reply, error) {
	v, err := r.accounts().People(r.Context(), r.Who)
	return Reply{Body: v}, err
}

type made struct {
	ID uuid.UUID `json:"id"`
}

func postProposal(r *Request) (Reply, error) {
	var cmd signin.ProposeCommand
	if err := r.Bind(&cmd); err != nil {
		return Reply{}, err
	}
	id, err := r.accounts().Propose(r.Context(), r.Who, cmd)
	return Reply{Status: http.StatusCreated, Body: made{id}}, err
}

type decisionCommand struct {
	Grant *bool `json:"grant"` // said outright: silence refuses nobody
}

// setupCode is shown once, to be handed over in person.
type setupCode struct {
	Code  string `json:"setup_code,omitempty"`
	Hours int    `json:"hours,omitempty"`
}

func codeOf(code string) setupCode {
	if code == "" {
		return setupCode{}
	}
	return setupCode{code, signin.SetupHours}
}

func postDecision(r *Request) (Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return Reply{}, err
	}
	var cmd decisionCommand
	if err := r.Bind(&cmd); err != nil {
		return Reply{}, err
	}
	if cmd.Grant == nil {
		return Reply{}, fault.Bad(fault.Problem{Pointer: "/grant", Key: "required"})
	}
	code, err := r.accounts().Decide(r.Context(), r.Who, id, *cmd.Grant)
	return Reply{Body: codeOf(code)}, err
}

func postReset(r *Request) (Reply, error) {
	if err := r.Bind(&struct{}{}); err != nil {
		return Reply{}, err
	}
	id, err := r.ID("id")
	if err != nil {
		return Reply{}, err
	}
	code, err := r.accounts().Reset(r.Context(), r.Who, id)
	return Reply{Status: http.StatusCreated, Body: codeOf(code)}, err
}

func postConfirm(r *Request) (Reply, error) {
	if err := r.Bind(&struct{}{}); err != nil {
		return Reply{}, err
	}
	id, err := r.ID("id")
	if err != nil {
		return Reply{}, err
	}
	return done(r.accounts().Confirm(r.Context(), r.Who, id))
}

func postRelease(r *Request) (Reply, error) {
	if err := r.Bind(&struct{}{}); err != nil {
		return Reply{}, err
	}
	id, err := r.ID("id")
	if err != nil {
		return Reply{}, err
	}
	return done(r.accounts().Release(r.Context(), r.Who, id))
}
