package casefile

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/seal"
	"binhan/internal/site"
	"binhan/internal/survivor"
)

// ShelterLocation is where a place of refuge is. It is told by one act alone and is part of no list, referral, copy, search or notice.
type ShelterLocation struct {
	Address string `json:"address"`
	Note    string `json:"note,omitempty"`
}

// String hides it.
func (ShelterLocation) String() string { return "refuge(…)" }

// GoString hides it.
func (ShelterLocation) GoString() string { return "refuge(…)" }

func refugePlace(org uuid.UUID) seal.Place {
	return seal.Place{Table: "shelter_addresses", Column: "sealed", Row: org, Owner: org, Compartment: seal.Safety}
}

// LocateShelter tells where a place of refuge is: to those who keep it, and to the holder of a case that it has accepted, for as long as it serves her. Each
// look needs a fresh proof and is on the record. To anybody else there is no such place.
func (s *Service) LocateShelter(ctx context.Context, who access.Actor, org uuid.UUID) (ShelterLocation, error) {
	return gate.Do(ctx, s.gate, who, access.LocateShelter, access.Nothing, func(tx *gate.Tx) (ShelterLocation, error) {
		var r struct {
			Key    []byte `db:"key"`
			Sealed []byte `db:"sealed"`
		}
		err := tx.Get(&r, `select key, sealed from shelter_addresses where organisation_id = $1`, org)
		if fault.KindOf(err) == fault.NotFound {
			return ShelterLocation{}, tx.Refuse()
		}
		if err != nil {
			return ShelterLocation{}, err
		}
		keys, err := tx.Keys(org, seal.Wrapped{Compartment: seal.Safety, Key: r.Key})
		if err != nil {
			return ShelterLocation{}, err
		}
		var l ShelterLocation
		return l, survivor.OpenJSON(keys, refugePlace(org), r.Sealed, &l)
	})
}

// PlaceShelter writes down where a place of refuge is. Only those who keep it may.
func (s *Service) PlaceShelter(ctx context.Context, who access.Actor, org uuid.UUID, l ShelterLocation) error {
	var ps fault.Problems
	if strings.TrimSpace(l.Address) == "" {
		ps.Add("/address", "required")
	}
	survivor.Short("/address", l.Address, 500, &ps)
	survivor.Short("/note", l.Note, 1000, &ps)
	if err := ps.Err(); err != nil {
		return err
	}
	_, err := gate.Do(ctx, s.gate, who, access.PlaceShelter, access.Nothing, func(tx *gate.Tx) (int, error) {
		if org != who.Organisation {
			return 0, tx.Refuse()
		}
		keys, wrapped, err := tx.NewKeys(org, seal.Safety)
		if err != nil {
			return 0, err
		}
		sealed, err := survivor.SealJSON(keys, refugePlace(org), l)
		if err != nil {
			return 0, err
		}
		tx.Answer(http.StatusNoContent)
		tx.Later(`insert into shelter_addresses (organisation_id, key, sealed, set_by, set_at) values ($1, $2, $3, $4, $5)
			on conflict (organisation_id) do update set key = excluded.key, sealed = excluded.sealed, set_by = excluded.set_by, set_at = excluded.set_at`,
			org, wrapped[0].Key, sealed, who.User, tx.Now)
		return 0, tx.Flush()
	})
	return err
}

func (s *Service) getShelter(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	l, err := s.LocateShelter(r.Context(), r.Who, id)
	return site.Reply{Body: l}, err
}

func (s *Service) postShelter(r *site.Request) (site.Reply, error) {
	_, err := on(r, func(id uuid.UUID, l ShelterLocation) (nothing, error) {
		return nothing{}, s.PlaceShelter(r.Context(), r.Who, id, l)
	})
	return site.Reply{}, err
}
