package main

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"binhan/internal/audit/proof"
	"binhan/internal/logbook"
)

// metrics counts requests by route pattern and status. A label is never a path, an id or a name: what can be counted here can be read by whoever watches the machine.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	window   prometheus.Histogram
	size     prometheus.Gauge
	anchors  *prometheus.GaugeVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "binhan_requests_total", Help: "Requests by route and status."}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "binhan_request_seconds", Help: "Time of requests by route.",
			Buckets: []float64{0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5}}, []string{"route"}),
	}
	m.window = prometheus.NewHistogram(prometheus.HistogramOpts{Name: "binhan_audit_unsealed_seconds", Help: "Age of the oldest entry of each seal: how long the record lay unsealed.",
		Buckets: []float64{0.1, 0.25, 0.5, 1, 2, 5, 10, 60, 600}})
	m.size = prometheus.NewGauge(prometheus.GaugeOpts{Name: "binhan_audit_entries", Help: "Entries under seal."})
	m.anchors = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "binhan_audit_anchored_entries", Help: "Entries that the newest anchor on each medium counts."}, []string{"medium"})
	m.registry.MustRegister(m.window, m.size, m.anchors, m.requests, m.seconds, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) seen(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

func (m *metrics) sealed(s proof.Sealed) {
	m.window.Observe(s.Window.Seconds())
	m.size.Set(float64(s.Size))
}

func (m *metrics) anchored(medium string, size int64) {
	m.anchors.WithLabelValues(medium).Set(float64(size))
}

// watch counts the lines of the log, so that a log that was cut at its end shows.
func (m *metrics) watch(book *logbook.Book) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "binhan_log_lines_total", Help: "Lines of the log since the start."}, func() float64 { return float64(book.Lines()) }))
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
