package rights

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/site"
)

// Routes is the JSON surface of rights.
func (s *Service) Routes() []site.Route {
	routes := []site.Route{
		{Method: http.MethodPost, Path: "/api/v1/data-requests", Act: access.RegisterRequest, Do: made(s.Register, Request.Location)},
		{Method: http.MethodGet, Path: "/api/v1/data-requests", Act: access.ListRequests, Do: s.getRequests},
		{Method: http.MethodGet, Path: "/api/v1/data-requests/:id", Act: access.ReadRequest, Do: one(s.Read)},
		{Method: http.MethodPost, Path: "/api/v1/cases/:id/closure", Act: access.CloseCase, Do: on(s.Close, http.StatusCreated)},
		{Method: http.MethodPost, Path: "/api/v1/cases/:id/reopening", Act: access.ReopenCase, Do: on(s.Reopen, http.StatusCreated)},
		{Method: http.MethodPost, Path: "/api/v1/cases/:id/restriction", Act: access.RestrictCase, Do: on(s.Restrict, http.StatusCreated)},
		{Method: http.MethodPost, Path: "/api/v1/cases/:id/restriction/lifting", Act: access.RestrictCase, Do: on(s.Lift, http.StatusOK)},
		{Method: http.MethodPost, Path: "/api/v1/cases/:id/copy", Act: access.CopyCase, Do: s.postCopy},
		{Method: http.MethodGet, Path: "/api/v1/cases/:id/copies", Act: access.CopyCase, Do: s.getCopies},
		{Method: http.MethodPost, Path: "/api/v1/cases/:id/copies/:copy/handover", Act: access.CopyCase, Do: s.postHandover},
		{Method: http.MethodGet, Path: "/api/v1/retention", Act: access.SeeTerms, Do: plainGet(s.Due)},
		{Method: http.MethodPost, Path: "/api/v1/holds", Act: access.HoldCase, Do: made(s.Hold, nil)},
		{Method: http.MethodPost, Path: "/api/v1/holds/:id/lifting", Act: access.HoldCase, Do: one(s.Release)},
		{Method: http.MethodPost, Path: "/api/v1/erasures", Act: access.ProposeErasure, Do: made(s.Propose, Erasure.Location)},
		{Method: http.MethodGet, Path: "/api/v1/erasures", Act: access.SeeErasures, Do: list(s.Erasures)},
		{Method: http.MethodGet, Path: "/api/v1/erasures/:id", Act: access.SeeErasures, Do: one(s.ReadErasure)},
		{Method: http.MethodPost, Path: "/api/v1/erasures/:id/approval", Act: access.ApproveErasure, Do: one(s.Approve)},
		{Method: http.MethodPost, Path: "/api/v1/erasures/:id/refusal", Act: access.ApproveErasure, Do: one(s.RefuseErasure)},
		{Method: http.MethodPost, Path: "/api/v1/erasures/:id/completion", Act: access.ApproveErasure, Do: one(s.Finish)},
		{Method: http.MethodPost, Path: "/api/v1/breaches", Act: access.RecordBreach, Do: made(s.RecordBreach, Breach.Location)},
		{Method: http.MethodGet, Path: "/api/v1/breaches", Act: access.SeeBreaches, Do: list(s.Breaches)},
		{Method: http.MethodGet, Path: "/api/v1/breaches/:id", Act: access.SeeBreaches, Do: one(s.ReadBreach)},
		{Method: http.MethodPost, Path: "/api/v1/breaches/:id/minutes", Act: access.RecordBreach, Do: on(s.Minute, http.StatusCreated)},
		{Method: http.MethodPost, Path: "/api/v1/agreements", Act: access.RecordAgreement, Do: made(s.RecordAgreement, nil)},
		{Method: http.MethodGet, Path: "/api/v1/agreements", Act: access.SeeProcessing, Do: list(s.Agreements)},
		{Method: http.MethodGet, Path: "/api/v1/processing-record", Act: access.SeeProcessing, Do: s.getProcessing},
	}
	for _, m := range Moves {
		act := access.AnswerRequest
		if m.Decides {
			act = access.DecideRequest
		}
		routes = append(routes, site.Route{Method: http.MethodPost, Path: "/api/v1/data-requests/:id/" + pathOf(m.Name), Act: act,
			Do: on(func(ctx context.Context, who access.Actor, id uuid.UUID, cmd MoveCommand) (Request, error) {
				return s.Move(ctx, who, id, m.Name, cmd)
			}, http.StatusOK)})
	}
	return routes
}

func pathOf(move string) string {
	if move == "taking_back" {
		return "taking-back"
	}
	return move
}

// made is the endpoint of a command that makes something.
func made[C, V any](do func(context.Context, access.Actor, C) (V, error), location func(V) string) site.Endpoint {
	return func(r *site.Request) (site.Reply, error) {
		var cmd C
		if err := r.Bind(&cmd); err != nil {
			return site.Reply{}, err
		}
		v, err := do(r.Context(), r.Who, cmd)
		reply := site.Reply{Status: http.StatusCreated, Body: v}
		if err == nil && location != nil {
			reply.Location = location(v)
		}
		return reply, err
	}
}

// on is the endpoint of a command on something.
func on[C, V any](do func(context.Context, access.Actor, uuid.UUID, C) (V, error), status int) site.Endpoint {
	return func(r *site.Request) (site.Reply, error) {
		id, err := r.ID("id")
		if err != nil {
			return site.Reply{}, err
		}
		var cmd C
		if err := r.Bind(&cmd); err != nil {
			return site.Reply{}, err
		}
		v, err := do(r.Context(), r.Who, id, cmd)
		return site.Reply{Status: status, Body: v}, err
	}
}

// one reads or moves something without words; a body, if any, is an empty object.
func one[V any](do func(context.Context, access.Actor, uuid.UUID) (V, error)) site.Endpoint {
	return func(r *site.Request) (site.Reply, error) {
		id, err := r.ID("id")
		if err != nil {
			return site.Reply{}, err
		}
		if r.HTTP().Method != http.MethodGet && r.HTTP().ContentLength != 0 {
			var nothing struct{}
			if err := r.Bind(&nothing); err != nil {
				return site.Reply{}, err
			}
		}
		v, err := do(r.Context(), r.Who, id)
		return site.Reply{Body: v}, err
	}
}

func list[V any](do func(context.Context, access.Actor) ([]V, error)) site.Endpoint {
	return func(r *site.Request) (site.Reply, error) {
		vs, err := listOf(do(r.Context(), r.Who))
		return site.Reply{Body: vs}, err
	}
}

func plainGet[V any](do func(context.Context, access.Actor) (V, error)) site.Endpoint {
	return func(r *site.Request) (site.Reply, error) {
		v, err := do(r.Context(), r.Who)
		return site.Reply{Body: v}, err
	}
}

func (s *Service) getRequests(r *site.Request) (site.Reply, error) {
	var f Filter
	if err := r.QueryInto(&f); err != nil {
		return site.Reply{}, err
	}
	p, err := s.List(r.Context(), r.Who, f)
	return site.Reply{Body: p}, err
}

func (s *Service) getProcessing(r *site.Request) (site.Reply, error) {
	p, err := s.Processing(r.Context(), r.Who, r.Lang)
	return site.Reply{Body: p}, err
}

func (s *Service) postCopy(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd CopyCommand
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	c, err := s.Copy(r.Context(), r.Who, id, cmd, r.Lang)
	if err != nil {
		return site.Reply{}, err
	}
	return c.Reply(), nil
}

func (s *Service) getCopies(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	l, err := listOf(s.Copies(r.Context(), r.Who, id))
	return site.Reply{Body: l}, err
}

func (s *Service) postHandover(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	one, err := r.ID("copy")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd HandoverCommand
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	c, err := s.HandOver(r.Context(), r.Who, id, one, cmd)
	return site.Reply{Status: http.StatusCreated, Body: c}, err
}

// Reply streams a copy as an attachment under a neutral name.
func (c *Copy) Reply() site.Reply {
	return site.Reply{Header: http.Header{
		"Content-Type":           {"application/octet-stream"},
		"Content-Disposition":    {`attachment; filename="` + c.Name() + `"`},
		"X-Content-Type-Options": {"nosniff"},
	}, Stream: func(w http.ResponseWriter, req *http.Request) error { return c.Write(req.Context(), w) }}
}
