package release

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"binhan/internal/access"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
)

// Audit is the yearly report on what the releases of a year cost and whether they withstand attack. It is made from the ledger, from a new computation of every release out
// of its stored measurements, and from attackers sent against the plans that were used, on made-up people. It holds no true count.
type Audit struct {
	Year     int         `json:"year"`
	Made     time.Time   `json:"made"`
	Cubes    []AuditCube `json:"cubes"`
	Lifetime Fraction    `json:"most_spent_by_one_case"` // over all cubes that one case can have entered
	Cap      Fraction    `json:"cap"`
	Attacks  []Finding   `json:"attacks"`
	Problems []string    `json:"problems"`
}

// AuditCube is one cube of the year.
type AuditCube struct {
	Release  Release    `json:"release"`
	Approved string     `json:"approved_plan"`
	Spent    Fraction   `json:"spent"`
	Cap      Fraction   `json:"cap"`
	Tables   int        `json:"tables"`
	Draws    int        `json:"draws"`
	Resumed  []string   `json:"resumed,omitempty"`
	CutOff   *time.Time `json:"cut_off"`
	Kept     bool       `json:"kept_outside"`
	Sound    bool       `json:"verified"`
}

// Audit reports on the cubes that were reserved in a year. runs: releases a world for each attacker.
func (s *Service) Audit(ctx context.Context, who access.Actor, year, people, runs int) (Audit, error) {
	a, plans, err := s.auditLedger(ctx, who, year)
	if err != nil {
		return a, err
	}
	for _, p := range plans {
		found, err := Attack(ctx, p, people, runs)
		if err != nil {
			return a, err
		}
		a.Attacks = append(a.Attacks, found...)
		for _, f := range found {
			if !f.Held() {
				a.Problems = append(a.Problems, fmt.Sprintf("%s: %s: %.3f, bar %.3f", f.Plan, f.Attack, f.Ours, f.Bar))
			}
		}
	}
	return a, nil
}

func (s *Service) auditLedger(ctx context.Context, who access.Actor, year int) (Audit, []Plan, error) {
	type result struct {
		a     Audit
		plans []Plan
	}
	out, err := gate.Do(ctx, s.gate, who, access.CheckRelease, access.Nothing, func(tx *gate.Tx) (result, error) {
		r := result{a: Audit{Year: year, Made: tx.Now, Cap: LifetimeBudget}}
		var rows []cubeRow
		if err := tx.Select(&rows, `select `+cubeColumns+` from stats.cubes c join stats.release_plans p on p.id = c.plan_id
			 where extract(year from c.reserved_at at time zone 'Asia/Ho_Chi_Minh') = $1 order by c.reserved_at, c.id`, year); err != nil {
			return r, err
		}
		for _, row := range rows {
			c, l, err := s.auditCube(tx, row, &r.a)
			if err != nil {
				return r, err
			}
			r.a.Cubes = append(r.a.Cubes, c)
			if !slices.ContainsFunc(r.plans, func(p Plan) bool {
				return p.kind() == l.plan.kind() && p.Size == l.plan.Size && p.Quarters == l.plan.Quarters
			}) {
				r.plans = append(r.plans, l.plan)
			}
		}
		var err error
		r.a.Lifetime, err = lifetime(tx)
		if r.a.Lifetime.rat().Cmp(LifetimeBudget.rat()) > 0 {
			r.a.Problems = append(r.a.Problems, "a case spent more than its life holds: "+r.a.Lifetime.String())
		}
		return r, err
	})
	return out.a, out.plans, err
}

func (s *Service) auditCube(tx *gate.Tx, row cubeRow, a *Audit) (AuditCube, *layout, error) {
	r, err := row.release()
	if err != nil {
		return AuditCube{}, nil, err
	}
	l, err := mustLayout(row.Spec)
	if err != nil {
		return AuditCube{}, nil, err
	}
	c := AuditCube{Release: r, Tables: len(l.tables), CutOff: row.ClosedAt}
	if row.Approved != nil {
		c.Approved = *row.Approved
	}
	c.Cap, _ = BudgetOf(row.Kind, l.plan.Quarters)
	var ledger []LedgerLine
	if err := tx.Select(&ledger, `select table_id, rho_num, rho_den, state, attempt, coalesce(reason, '') as reason from stats.privacy_ledger where cube_id = $1 order by id`, row.ID); err != nil {
		return c, l, err
	}
	sum := new(big.Rat)
	for _, line := range ledger {
		switch line.State {
		case "RESERVED":
			sum.Add(sum, big.NewRat(line.Num, line.Den))
		case "DONE":
			c.Draws++
		case "RESUMED":
			if note := fmt.Sprintf("attempt %d: %s", line.Attempt, line.Reason); !slices.Contains(c.Resumed, note) {
				c.Resumed = append(c.Resumed, note)
			}
		}
	}
	c.Spent, _ = fractionOf(sum)
	if sum.Cmp(c.Cap.rat()) > 0 {
		a.Problems = append(a.Problems, row.ID.String()+": above its cap")
	}
	if c.Draws > len(l.tables) {
		a.Problems = append(a.Problems, row.ID.String()+": a table was drawn twice")
	}
	if r.State == Prepared || r.State == Published || r.State == Superseded {
		if _, err := s.verified(tx, row.ID); err != nil {
			a.Problems = append(a.Problems, err.Error())
		} else {
			c.Sound = true
		}
		d, err := s.journal.find(row.Scope, row.Kind, Period{row.From, row.To})
		c.Kept = err == nil && d != nil && d.ID == row.ID
	}
	return c, l, nil
}

// lifetime is the most that one case has spent: over the combinations of cubes that cases really entered.
func lifetime(tx *gate.Tx) (Fraction, error) {
	var spent []struct {
		Cube string `db:"cube"`
		Num  int64  `db:"rho_num"`
		Den  int64  `db:"rho_den"`
	}
	if err := tx.Select(&spent, `select cube_id::text as cube, rho_num, rho_den from stats.privacy_ledger where state = 'RESERVED'`); err != nil {
		return Fraction{}, err
	}
	byCube := map[string]*big.Rat{}
	for _, x := range spent {
		if byCube[x.Cube] == nil {
			byCube[x.Cube] = new(big.Rat)
		}
		byCube[x.Cube].Add(byCube[x.Cube], big.NewRat(x.Num, x.Den))
	}
	var paths []struct {
		Year       string `db:"y"`
		Quarter    string `db:"q"`
		Late       string `db:"l"`
		Correction string `db:"k"`
	}
	// A correction counts everybody of the cube that it corrects.
	if err := tx.Select(&paths, `select distinct coalesce(f.cube_id::text, '') as y, coalesce(f.quarter_id::text, '') as q, coalesce(l.cube_id::text, '') as l, coalesce(k.id::text, '') as k
		  from stats.facts f
		  left join stats.late_facts l on l.fact_ref = f.fact_ref
		  left join stats.cubes k on k.supersedes = f.cube_id`); err != nil {
		return Fraction{}, err
	}
	most := new(big.Rat)
	for _, p := range paths {
		sum := new(big.Rat)
		for _, cube := range []string{p.Year, p.Quarter, p.Late, p.Correction} {
			if b := byCube[cube]; b != nil {
				sum.Add(sum, b)
			}
		}
		if sum.Cmp(most) > 0 {
			most = sum
		}
	}
	f, _ := fractionOf(most)
	if f.Den == 0 {
		f = Fraction{0, 1}
	}
	return f, nil
}

// madeUpPlaces fills the open dimensions of a plan with places and months that are nobody's, for attackers and simulations.
func madeUpPlaces(p Plan) Plan {
	values := map[string][]string{"month": {"2000-01", "2000-02", "2000-03", "2000-04", "2000-05", "2000-06", "2000-07", "2000-08", "2000-09", "2000-10", "2000-11", "2000-12", codelist.Unknown},
		"service": append(codelist.MustGet(codelist.ServiceType).Codes(), NoService, codelist.Unknown), "outcome": append(codelist.MustGet(codelist.ClosureReason).Codes(), codelist.Unknown),
		"time_bin": append(codelist.TimeBins(), codelist.Unknown)}
	parents := map[string]map[string]string{"commune": {}}
	for a := range 10 {
		area := fmt.Sprintf("A%d", a)
		values["area"] = append(values["area"], area)
		for c := range 6 {
			commune := fmt.Sprintf("A%dC%d", a, c)
			values["commune"] = append(values["commune"], commune)
			parents["commune"][commune] = area
		}
	}
	p = p.Resolve(values, parents)
	for i := range p.Dims {
		if p.Dims[i].Name == "month" {
			p.Dims[i].Unknown = codelist.Unknown
		}
	}
	return p
}

// Markdown writes the report for people, Vietnamese first.
func (a Audit) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Kiểm toán số liệu công bố năm %d / Audit of releases\n\nLập lúc %s. Báo cáo được tạo từ sổ ngân sách riêng tư, từ việc tính lại từng kỳ số liệu và từ các phép tấn công thử trên người giả định. Không có con số thật nào trong báo cáo.\n\n",
		a.Year, a.Made.Format(time.RFC3339))
	fmt.Fprintf(&b, "Mức chi lớn nhất cho một hồ sơ trong cả vòng đời: **%s**, trần **%s**.\n\n", a.Lifetime, a.Cap)
	b.WriteString("| Nơi / scope | Loại / kind | Kỳ / period | Trạng thái | Phương án đã duyệt | Đã chi / spent | Trần / cap | Bảng / tables | Lần rút / draws | Lưu ngoài / kept | Tính lại đúng / verified |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	yes := map[bool]string{true: "có", false: "không"}
	for _, c := range a.Cubes {
		fmt.Fprintf(&b, "| %s | %s | %s – %s | %s | %s | %s | %s | %d | %d | %s | %s |\n", c.Release.Scope, c.Release.Kind, c.Release.Period.From, c.Release.Period.To, c.Release.State, c.Approved,
			c.Spent, c.Cap, c.Tables, c.Draws, yes[c.Kept], yes[c.Sound])
		for _, r := range c.Resumed {
			fmt.Fprintf(&b, "| | | | %s | | | | | | | |\n", r)
		}
	}
	b.WriteString("\n| Phép tấn công / attack | Phương án / plan | Người / people | Lần / runs | Cách cũ / naive | Của ta / ours | Ngưỡng / bar | Đơn vị / unit |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, f := range a.Attacks {
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %.3f | %.3f | %.3f | %s |\n", f.Attack, f.Plan, f.People, f.Runs, f.Naive, f.Ours, f.Bar, f.What)
	}
	if len(a.Problems) == 0 {
		b.WriteString("\nKhông phát hiện vấn đề. / No problem was found.\n")
	}
	for _, p := range a.Problems {
		fmt.Fprintf(&b, "\n- **%s**", p)
	}
	return b.String()
}

// JSON writes the report for programs.
func (a Audit) JSON() ([]byte, error) {
	raw, err := json.MarshalIndent(a, "", "  ")
	return append(raw, '\n'), err
}

// errAudit is what a command ends with when the report names a problem.
var errAudit = fault.New(fault.Conflict, "release_audit_problem")

// Err is nil when the report names no problem.
func (a Audit) Err() error {
	if len(a.Problems) == 0 {
		return nil
	}
	return errAudit
}
