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
		{Method: http.MethodGet, Path: "/api/v1/sessions/current", Anyone: true, Do: getSession},
		{Method: http.MethodDelete, Path: "/api/v1/sessions/current", Anyone: true, Do: deleteSession},
	}
}

type signInCommand struct {
	Username string `json:"username"`
	Password string `json:"password"`
	Code     string `json:"code"`
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
		if err := r.site.sameOrigin(r.HTTP()); err != nil {
			return Reply{}, err
		}
		kind = signin.Cookie
	}
	token, s, err := r.site.o.SignIn.In(r.Context(), cmd.Username, cmd.Password, kind, r.Who.Request.ID)
	if err != nil {
		return Reply{}, err
	}
	v := sessionView(s)
	v.Token = token
	reply := Reply{Status: http.StatusCreated, Body: v}
	if kind == signin.Cookie {
		reply.Header = http.Header{"Set-Cookie": {r.site.SessionCookie(token, s.ExpiresAt).String()}}
	}
	return reply, nil
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
