package referral

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/site"
)

// Routes is the JSON surface of referrals.
func (s *Service) Routes() []site.Route {
	routes := []site.Route{
		{Method: http.MethodPost, Path: "/api/v1/cases/:id/referrals", Act: access.CreateReferral, Do: s.post},
		{Method: http.MethodGet, Path: "/api/v1/cases/:id/referrals", Act: access.ListSent, Do: s.ofCase},
		{Method: http.MethodGet, Path: "/api/v1/referrals", Do: s.list, Anyone: true},
		{Method: http.MethodGet, Path: "/api/v1/referrals/:id", Act: access.ReadReferral, Do: s.get},
		{Method: http.MethodPost, Path: "/api/v1/consents/:id/withdrawal", Act: access.WithdrawConsent, Do: s.postConsentWithdrawal},
	}
	for name, m := range map[string]struct {
		act access.Act
		do  site.Endpoint
	}{
		"sending":         {access.SendReferral, plain(s.Send)},
		"acknowledgement": {access.AcknowledgeReferral, plain(s.Acknowledge)},
		"acceptance":      {access.AcceptReferral, plain(s.Accept)},
		"decline":         {access.DeclineReferral, with(s.Decline)},
		"question":        {access.AskReferral, with(s.Ask)},
		"answer":          {access.AnswerReferral, with(s.Answer)},
		"forward":         {access.ForwardReferral, with(s.Forward)},
		"withdrawal":      {access.WithdrawReferral, with(s.Withdraw)},
		"start":           {access.StartReferral, plain(s.Start)},
		"outcome":         {access.ReportReferral, with(s.Report)},
		"closing":         {access.CloseReferral, plain(s.Close)},
	} {
		routes = append(routes, site.Route{Method: http.MethodPost, Path: "/api/v1/referrals/:id/" + name, Act: m.act, Do: m.do})
	}
	return routes
}

// with makes the endpoint of a move that takes words.
func with[C any](move func(context.Context, access.Actor, uuid.UUID, C) (View, error)) site.Endpoint {
	return func(r *site.Request) (site.Reply, error) {
		id, err := r.ID("id")
		if err != nil {
			return site.Reply{}, err
		}
		var cmd C
		if err := r.Bind(&cmd); err != nil {
			return site.Reply{}, err
		}
		v, err := move(r.Context(), r.Who, id, cmd)
		return site.Reply{Body: v}, err
	}
}

// plain makes the endpoint of a move that takes none; a body, if any, is an empty object.
func plain(move func(context.Context, access.Actor, uuid.UUID) (View, error)) site.Endpoint {
	return with(func(ctx context.Context, who access.Actor, id uuid.UUID, _ struct{}) (View, error) {
		return move(ctx, who, id)
	})
}

func (s *Service) post(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd Command
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	v, err := s.Create(r.Context(), r.Who, id, cmd)
	return site.Reply{Status: http.StatusCreated, Body: v, Location: v.Location()}, err
}

func (s *Service) get(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	v, err := s.Read(r.Context(), r.Who, id)
	return site.Reply{Body: v}, err
}

func (s *Service) list(r *site.Request) (site.Reply, error) {
	var f Filter
	// Whose role has neither box finds nothing here, whatever she asks for.
	if may := r.Gate().Policy(); may.Any(r.Who.Role, access.ListReceived.Name)|may.Any(r.Who.Role, access.ListSent.Name) != 0 {
		if err := r.QueryInto(&f); err != nil {
			return site.Reply{}, err
		}
		if f.Box == "" && may.Any(r.Who.Role, access.ListReceived.Name) == 0 { // a supervisor has no queue of her own
			f.Box = "out"
		}
	}
	p, err := s.List(r.Context(), r.Who, f)
	return site.Reply{Body: p}, err
}

func (s *Service) ofCase(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	p, err := s.List(r.Context(), r.Who, Filter{Box: "out", Case: id.String(), Limit: 100})
	return site.Reply{Body: p}, err
}

func (s *Service) postConsentWithdrawal(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd ReasonCommand
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	v, err := s.WithdrawConsent(r.Context(), r.Who, id, cmd)
	return site.Reply{Body: v}, err
}
