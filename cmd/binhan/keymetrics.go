package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"binhan/internal/keyd"
)

// keyMetrics asks the key process for its numbers when somebody asks us for ours: whoever watches the machine learns of a breached budget, of strangers at
// the socket and of sealed things that were moved. Numbers only.
type keyMetrics struct{ c *keyd.Client }

var (
	keysOpen    = prometheus.NewDesc("binhan_keys_open", "1 when the key process answers and is open.", nil, nil)
	keysLocked  = prometheus.NewDesc("binhan_keys_memory_locked", "1 when the memory of the key process is locked.", nil, nil)
	keysStopped = prometheus.NewDesc("binhan_keys_stopped_actors", "People who opened too much and are stopped now.", nil, nil)
	keysTotal   = prometheus.NewDesc("binhan_keys_total", "What the key process did since it started.", []string{"kind"}, nil)
)

// Describe is prometheus.Collector.
func (keyMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{keysOpen, keysLocked, keysStopped, keysTotal} {
		ch <- d
	}
}

// Collect is prometheus.Collector.
func (k keyMetrics) Collect(ch chan<- prometheus.Metric) {
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	st, err := k.c.Status(ctx)
	yes := func(b bool) float64 {
		if b {
			return 1
		}
		return 0
	}
	ch <- prometheus.MustNewConstMetric(keysOpen, prometheus.GaugeValue, yes(err == nil && st.State == keyd.Open))
	if err != nil {
		return
	}
	ch <- prometheus.MustNewConstMetric(keysLocked, prometheus.GaugeValue, yes(st.Memory == "locked"))
	ch <- prometheus.MustNewConstMetric(keysStopped, prometheus.GaugeValue, float64(len(st.Stopped)))
	n := st.Counters
	for kind, value := range map[string]uint64{"requests": n.Requests, "new_keys": n.NewKeys, "unwraps": n.Unwraps, "searches": n.Searches, "marks": n.Marks, "signed": n.Signed, "rewraps": n.Rewraps,
		"forged": n.Forged, "forgotten": n.Forgotten, "stops": n.Stops, "strangers": n.Strangers, "refused": n.Refused} {
		ch <- prometheus.MustNewConstMetric(keysTotal, prometheus.CounterValue, float64(value), kind)
	}
}
