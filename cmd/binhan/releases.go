package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/app"
	"binhan/internal/devstack"
	"binhan/internal/release"
)

// asked runs an act of the statistics office for a member of staff.
func (g *ground) asked(as string, do func(*app.App, access.Actor) error) error {
	return g.with(func(a *app.App, stack *devstack.Stack) error {
		who, err := g.actor(a, stack, as)
		if err != nil {
			return err
		}
		return do(a, who)
	})
}

type releasePlanCmd struct {
	List    planList    `cmd:"" help:"All plans, the newest first."`
	Propose planPropose `cmd:"" help:"Put a plan forward; it is checked whole."`
	Approve planApprove `cmd:"" help:"Approve a proposed plan; another person than the proposer."`
}

type planList struct {
	As string `default:"lanhdao.sldtbxh" help:"Who reads."`
}

// Run lists the plans.
func (c planList) Run(g *ground) error {
	return g.asked(c.As, func(a *app.App, who access.Actor) error {
		all, err := a.Releases.PlanVersions(g.ctx, who)
		return show(all, err)
	})
}

type planPropose struct {
	File    []string `arg:"" optional:"" type:"existingfile" help:"Plan files, JSON."`
	Shipped bool     `help:"All plans that come with the program."`
	As      string   `default:"thongke.sldtbxh" help:"Who proposes."`
}

// Run proposes plans.
func (c planPropose) Run(g *ground) error {
	var texts [][]byte
	if c.Shipped {
		for _, p := range release.ShippedPlans() {
			texts = append(texts, []byte(p.Spec))
		}
	}
	for _, path := range c.File {
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		texts = append(texts, raw)
	}
	return g.asked(c.As, func(a *app.App, who access.Actor) error {
		for _, raw := range texts {
			v, err := a.Releases.ProposePlan(g.ctx, who, raw)
			if err := show(v, err); err != nil {
				return err
			}
		}
		return nil
	})
}

type planApprove struct {
	ID []uuid.UUID `arg:""`
	As string      `default:"lanhdao.sldtbxh" help:"Who approves."`
}

// Run approves plans.
func (c planApprove) Run(g *ground) error {
	return g.asked(c.As, func(a *app.App, who access.Actor) error {
		for _, id := range c.ID {
			v, err := a.Releases.ApprovePlan(g.ctx, who, id)
			if err := show(v, err); err != nil {
				return err
			}
		}
		return nil
	})
}

type releaseErratum struct {
	ID   uuid.UUID `arg:""`
	Text string    `required:"" help:"What is wrong, without any number."`
	As   string    `default:"lanhdao.sldtbxh" help:"Who says so."`
}

// Run writes an erratum.
func (c releaseErratum) Run(g *ground) error {
	return g.asked(c.As, func(a *app.App, who access.Actor) error {
		e, err := a.Releases.AddErratum(g.ctx, who, c.ID, c.Text)
		return show(e, err)
	})
}

type releaseNation struct {
	From string `required:"" help:"First day, YYYY-MM-DD."`
	To   string `required:"" help:"Last day, YYYY-MM-DD."`
	Kind string `enum:"YEAR,QUARTER,LATE" default:"YEAR" help:"${enum}."`
	As   string `default:"thongke.sldtbxh" help:"Who reads."`
}

// Run adds the provinces.
func (c releaseNation) Run(g *ground) error {
	return g.asked(c.As, func(a *app.App, who access.Actor) error {
		sum, err := a.Releases.Nation(g.ctx, who, release.Period{From: c.From, To: c.To}, release.Kind(c.Kind))
		return show(sum, err)
	})
}

type releaseAudit struct {
	Year   int    `required:"" help:"Year in which the cubes were reserved."`
	People int    `default:"400" help:"Made-up people for the attackers."`
	Runs   int    `default:"1500" help:"Releases a world for the attackers."`
	JSON   bool   `help:"For programs."`
	As     string `default:"lanhdao.sldtbxh" help:"Who reads."`
}

// Run writes the audit to standard output; it ends with an error when the report names a problem.
func (c releaseAudit) Run(g *ground) error {
	return g.asked(c.As, func(a *app.App, who access.Actor) error {
		report, err := a.Releases.Audit(g.ctx, who, c.Year, c.People, c.Runs)
		if err != nil {
			return said(err)
		}
		if c.JSON {
			raw, err := json.Marshal(report)
			if err != nil {
				return err
			}
			fmt.Println(string(raw))
		} else {
			fmt.Println(report.Markdown())
		}
		return said(report.Err())
	})
}
