package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// result is one measured run.
type result struct {
	count    int
	wall     time.Duration
	ours     time.Duration // CPU of this process, server and load generator, and of the key process
	postgres time.Duration // CPU of the database's processes
	p50, p99 time.Duration
	failed   int
	first    error // of the failures
}

func (r result) perSecond() float64 { return float64(r.count) / r.wall.Seconds() }

func (r result) cpu() time.Duration {
	if r.count == 0 {
		return 0
	}
	return (r.ours + r.postgres) / time.Duration(r.count)
}

// drive runs work on c workers for d and measures. The machine is ours alone or it is not: the report says the load.
func drive(ctx context.Context, c int, d time.Duration, postmaster int, work func(worker int) error) result {
	ctx, stop := context.WithTimeout(ctx, d)
	defer stop()
	var mu sync.Mutex
	var all []time.Duration
	var r result
	var wg sync.WaitGroup
	cpu, pg, start := ownCPU()+keysCPU(postmaster), treeCPU(postmaster), time.Now()
	for w := range c {
		wg.Go(func() {
			var mine []time.Duration
			failed := 0
			var first error
			for ctx.Err() == nil {
				t := time.Now()
				if err := work(w); err != nil {
					failed++
					first = err
					if failed > 100 {
						break
					}
					continue
				}
				mine = append(mine, time.Since(t))
			}
			mu.Lock()
			all = append(all, mine...)
			r.failed += failed
			if first != nil {
				r.first = first
			}
			mu.Unlock()
		})
	}
	wg.Wait()
	r.wall, r.ours, r.postgres = time.Since(start), ownCPU()+keysCPU(postmaster)-cpu, treeCPU(postmaster)-pg
	r.count = len(all)
	if len(all) > 0 {
		slices.Sort(all)
		r.p50, r.p99 = all[len(all)/2], all[len(all)*99/100]
	}
	return r
}

func ownCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// treeCPU adds up the CPU of the postmaster and its children, the ended ones included, in hundredths of a second.
func treeCPU(postmaster int) time.Duration {
	var ticks int64
	each(func(pid, parent int, times []int64) {
		switch {
		case pid == postmaster:
			ticks += times[0] + times[1] + times[2] + times[3] // with the children that were waited for
		case parent == postmaster:
			ticks += times[0] + times[1]
		}
	})
	return time.Duration(ticks) * 10 * time.Millisecond
}

// keysCPU is the CPU of this process's other children: the key process.
func keysCPU(postmaster int) time.Duration {
	var ticks int64
	each(func(pid, parent int, times []int64) {
		if parent == os.Getpid() && pid != postmaster {
			ticks += times[0] + times[1]
		}
	})
	return time.Duration(ticks) * 10 * time.Millisecond
}

// each shows the processes of the machine: user and system time of their own, and of their children that were waited for.
func each(show func(pid, parent int, times []int64)) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		raw, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue
		}
		_, rest, ok := strings.Cut(string(raw), ") ")
		f := strings.Fields(rest)
		if !ok || len(f) < 15 {
			continue
		}
		parent, _ := strconv.Atoi(f[1])
		times := make([]int64, 4)
		for i, x := range f[11:15] {
			times[i], _ = strconv.ParseInt(x, 10, 64)
		}
		show(pid, parent, times)
	}
}

// caller speaks HTTP as a script does.
type caller struct {
	client *http.Client
	base   string
	token  string
}

func newCaller(base string, workers int) *caller {
	return &caller{client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers, MaxConnsPerHost: workers}}, base: base}
}

func (c *caller) do(method, path string, body any) (map[string]any, error) {
	var r io.Reader
	if raw, ok := body.([]byte); ok {
		r = bytes.NewReader(raw)
	} else if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, c.base+path, r)
	if err != nil {
		return nil, err
	}
	if r != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := c.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= 300 {
		return nil, fmt.Errorf("%s %s: %d", method, path, res.StatusCode)
	}
	if len(raw) == 0 {
		return nil, nil
	}
	var tree map[string]any
	return tree, json.Unmarshal(raw, &tree)
}

func load1() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "?"
	}
	return strings.Join(strings.Fields(string(raw))[:3], " ")
}
