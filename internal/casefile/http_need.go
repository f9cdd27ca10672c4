package casefile

import (
	"net/http"

	"github.com/google/uuid"

	"binhan/internal/site"
)

// on binds the id of the path and a body, and hands both to an act.
func on[C, V any](r *site.Request, do func(uuid.UUID, C) (V, error)) (V, error) {
	var v V
	id, err := r.ID("id")
	if err != nil {
		return v, err
	}
	var cmd C
	if err := r.Bind(&cmd); err != nil {
		return v, err
	}
	return do(id, cmd)
}

// nothing is the body of a request that says all by its path.
type nothing struct{}

func (s *Service) getWorkload(r *site.Request) (site.Reply, error) {
	list, err := s.Workload(r.Context(), r.Who)
	return site.Reply{Body: items[Load]{Items: list}}, err
}

func (s *Service) getWalls(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	list, err := s.Walls(r.Context(), r.Who, id)
	return site.Reply{Body: items[Wall]{Items: list}}, err
}

func (s *Service) postWall(r *site.Request) (site.Reply, error) {
	list, err := on(r, func(id uuid.UUID, cmd WallCommand) ([]Wall, error) { return s.SetWall(r.Context(), r.Who, id, cmd) })
	return site.Reply{Status: http.StatusCreated, Body: items[Wall]{Items: list}}, err
}

func (s *Service) postWallLifting(r *site.Request) (site.Reply, error) {
	wall, err := r.ID("wall")
	if err != nil {
		return site.Reply{}, err
	}
	list, err := on(r, func(id uuid.UUID, _ nothing) ([]Wall, error) { return s.LiftWall(r.Context(), r.Who, id, wall) })
	return site.Reply{Body: items[Wall]{Items: list}}, err
}

func (s *Service) postSeal(r *site.Request) (site.Reply, error) {
	_, err := on(r, func(id uuid.UUID, cmd SealCommand) (nothing, error) {
		return nothing{}, s.AskSeal(r.Context(), r.Who, id, cmd)
	})
	return site.Reply{Status: http.StatusAccepted}, err
}

func (s *Service) postUnsealing(r *site.Request) (site.Reply, error) {
	_, err := on(r, func(id uuid.UUID, _ nothing) (nothing, error) { return nothing{}, s.AskUnseal(r.Context(), r.Who, id) })
	return site.Reply{Status: http.StatusAccepted}, err
}

func (s *Service) getSeals(r *site.Request) (site.Reply, error) {
	list, err := s.Seals(r.Context(), r.Who)
	return site.Reply{Body: items[Seal]{Items: list}}, err
}

func (s *Service) postSealAgreement(r *site.Request) (site.Reply, error) {
	_, err := on(r, func(id uuid.UUID, _ nothing) (nothing, error) { return nothing{}, s.AgreeSeal(r.Context(), r.Who, id) })
	return site.Reply{}, err
}

func (s *Service) postKnown(r *site.Request) (site.Reply, error) {
	var cmd KnownCommand
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	v, err := s.AskKnown(r.Context(), r.Who, cmd)
	return site.Reply{Body: v}, err
}

func (s *Service) postExport(r *site.Request) (site.Reply, error) {
	v, err := on(r, func(id uuid.UUID, cmd ExportCommand) (Export, error) { return s.Export(r.Context(), r.Who, id, cmd) })
	return site.Reply{Body: v}, err
}

func (s *Service) postBreakGlass(r *site.Request) (site.Reply, error) {
	// The path names the case: the body has no word for it, not even null.
	type command struct {
		Code   string `json:"code"`
		Reason string `json:"reason"`
	}
	v, err := on(r, func(id uuid.UUID, cmd command) (BreakGlass, error) {
		return s.BreakGlass(r.Context(), r.Who, id, BreakGlassCommand{Code: cmd.Code, Reason: cmd.Reason})
	})
	return site.Reply{Status: http.StatusCreated, Body: v, Location: v.Location()}, err
}

func (s *Service) postBreakGlassByCode(r *site.Request) (site.Reply, error) {
	var cmd BreakGlassCommand
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	v, err := s.BreakGlass(r.Context(), r.Who, uuid.Nil, cmd)
	return site.Reply{Status: http.StatusCreated, Body: v, Location: v.Location()}, err
}

func (s *Service) getBreakGlasses(r *site.Request) (site.Reply, error) {
	list, err := s.BreakGlasses(r.Context(), r.Who)
	return site.Reply{Body: items[BreakGlass]{Items: list}}, err
}

func (s *Service) getBreakGlass(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	v, err := s.ReadBreakGlass(r.Context(), r.Who, id)
	return site.Reply{Body: v}, err
}

func (s *Service) postReview(r *site.Request) (site.Reply, error) {
	v, err := on(r, func(id uuid.UUID, cmd ReviewCommand) (BreakGlass, error) {
		return s.Review(r.Context(), r.Who, id, cmd)
	})
	return site.Reply{Body: v}, err
}

func (s *Service) postSafetyRequest(r *site.Request) (site.Reply, error) {
	_, err := on(r, func(id uuid.UUID, _ nothing) (nothing, error) { return nothing{}, s.AskSafety(r.Context(), r.Who, id) })
	return site.Reply{Status: http.StatusAccepted}, err
}

func (s *Service) postSafety(r *site.Request) (site.Reply, error) {
	_, err := on(r, func(id uuid.UUID, _ nothing) (nothing, error) { return nothing{}, s.OpenSafety(r.Context(), r.Who, id) })
	return site.Reply{}, err
}

func (s *Service) getNotices(r *site.Request) (site.Reply, error) {
	p, err := s.Notices(r.Context(), r.Who)
	return site.Reply{Body: p}, err
}

func (s *Service) postSeen(r *site.Request) (site.Reply, error) {
	var cmd SeenCommand
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	p, err := s.Seen(r.Context(), r.Who, cmd)
	return site.Reply{Body: p}, err
}
