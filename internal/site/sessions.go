package site

import (
	"net/http"
	"time"

	"binhan/internal/gate"
	"binhan/internal/signin"
)

// SessionRoutes is the JSON surface of signing in and out.
func SessionRoutes() []Route {
	return []Route{
		{Method: http.MethodPost, Path: "/api/v1/sessions", Public: true, Do: postSession},
		{Method: http.MethodGet, Path: "/api/v1/sessions/current", Anyone: true, Rests: true, Do: getSession},
		{Method: http.MethodDelete, Path: "/api/v1/sessions/current", Anyone: true, Rests: true, Do: deleteSession},
		{Method: http.MethodPost, Path: "/api/v1/sessions/current/proof", Anyone: true, Rests: true, Do: postProof},
	}
}

type signInCommand struct {
	Username string   `json:"username"`
	Password Verbatim `json:"password"`
	Code     string   `json:"code"`
}

// String hides the password.
func (signInCommand) String() string { return "sign-in(…)" }

type organisation struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
}

type actor struct {
	ID           string       `json:"id"`
	Username     string       `json:"username"`
	Name         string       `json:"name"`
	Role         string       `json:"role"`
	Organisation organisation `json:"organisation"`
	Units        []string     `json:"units"`
}

type session struct {
	Token     string    `json:"token,omitempty"`
	ExpiresAt time.Time `json:"expires_at"`
	Actor     actor     `json:"actor"`
	May       []string  `json:"may,omitempty"`
}

func sessionView(s gate.Session) session {
	a := s.Actor
	v := session{ExpiresAt: s.ExpiresAt, Actor: actor{a.User.String(), a.Username, a.Name, string(a.Role), organisation{a.Organisation.String(), a.OrgName, a.OrgType}, []string{}}}
	if a.OrgCommune != "" {
		v.Actor.Units = append(v.Actor.Units, a.OrgCommune)
	}
	return v
}

func postSession(r *Request) (Reply, error) {
	var cmd signInCommand
	if err := r.Bind(&cmd); err != nil {
		return Reply{}, err
	}
	kind := signin.Token
	if r.FromBrowser() {
		if err := r.site.sameOrigin(r.HTTP(), true); err != nil {
			return Reply{}, err
		}
		kind = signin.Cookie
	}
	o, err := r.site.o.SignIn.Open(r.Context(), signin.Credentials{Username: cmd.Username, Password: string(cmd.Password), Code: cmd.Code}, r.Visitor(kind))
	if err != nil {
		return Reply{}, err
	}
	return r.site.opened(o, kind), nil
}

// opened answers a sign-in: a script gets the token, a browser the cookie and no token that a page's script could read.
func (s *Site) opened(o signin.Opened, kind string) Reply {
	v := sessionView(o.Session)
	reply := Reply{Status: http.StatusCreated, Body: &v}
	if kind == signin.Cookie {
		reply.Header = http.Header{"Set-Cookie": s.Cookies(o)}
		return reply
	}
	v.Token = o.Token
	return reply
}

func getSession(r *Request) (Reply, error) {
	v := sessionView(r.Session)
	v.May = r.Gate().Policy().May(r.Who.Role)
	return Reply{Body: v}, nil
}

func deleteSession(r *Request) (Reply, error) {
	err := r.Gate().EndSession(r.Context(), r.Who.Handle, r.Who.Request.ID)
	return Reply{Status: http.StatusNoContent, Header: http.Header{"Set-Cookie": {r.site.SessionCookie("", time.Time{}).String()}}}, err
}
