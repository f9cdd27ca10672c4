// Package release makes the published statistics: tables of counts that help a province plan its services and from which nobody can learn
// whether any one person asked for help.
//
// What it keeps. One fact a person and year, coded and without a name, waits in schema stats until its period is closed. Closing draws one
// noisy cube for the period, once and for ever. Every number that is ever shown (page, CSV, JSON, yearly report) is a cell of a stored cube or a
// sum of its cells, so all of them agree and none costs privacy twice.
//
// What it promises. The unit of protection is one person in one reporting year. For every table t of the plan we publish
// x_t + DiscreteGaussian(sigma_t^2) and functions of it, with rho_t = 1/(2 sigma_t^2) and the rho_t of a cube adding up to exactly 7/20
// (zero-concentrated differential privacy; Canonne, Kamath, Steinke, arXiv 2004.00010). Adding or removing one person changes one cell of
// each table by one; whoever knows everybody else can therefore tell the two worlds apart no better than one unit-variance Gaussian from
// another at a distance of sqrt(2*7/20) = 0.84. Budgets live in a ledger that can only grow.
//
// How it is laid out. noise.go draws, exactly, on integers and fractions, from the operating system's generator and nothing else. plan.go
// reads the versioned plan: which dimensions, which tables, how much budget each. facts.go reads the rows, tabulate.go counts them,
// measure.go adds the noise (the only step that sees both a count and its noise), and protect.go turns the noisy tables into
// published ones: least squares over all of them, then non-negative multiples of five that add up, then intervals, then display. Everything
// after measure.go is a function of noisy numbers, cannot weaken the promise, and may use floating point.
//
// A case enters at most one cube of each kind: of its year, of its quarter before that, of the year in which it was closed, and of one correction; the budgets of the
// kinds add up to 1/2 for its life. journal.go keeps each draw outside of the database, so that one restored from a backup does not draw again. docs/statistics.md is the
// method in full.
//
// What it leaves to others. Who may prepare and publish is the policy's (package access) and the gate's; what a code means is package
// codelist's. This package never sees a case, a name or free text. The small threshold ("under 10") and the rounding to five are display
// rules that keep people from reading meaning into noise; they are not the protection.
package release
