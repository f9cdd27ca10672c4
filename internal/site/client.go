package site

import (
	"net/http"
	"net/netip"
	"strings"
)

// ClientAddress is the network address of the device behind a request: that of the peer, or, when the peer is a trusted proxy, the last address that the
// proxy itself wrote into X-Forwarded-For. Only one proxy is believed and only its own word: whatever stands further left in the header was written by
// whoever sent the request. The zero address means that it is not known, as on a Unix socket.
func ClientAddress(req *http.Request, trusted []netip.Prefix) netip.Addr {
	peer := netip.Addr{}
	if a, err := netip.ParseAddrPort(req.RemoteAddr); err == nil {
		peer = a.Addr().Unmap().WithZone("")
	}
	for _, p := range trusted {
		if !p.Contains(peer) {
			continue
		}
		all := req.Header.Values("X-Forwarded-For")
		if len(all) == 0 {
			return peer
		}
		hops := strings.Split(all[len(all)-1], ",")
		if a, err := netip.ParseAddr(strings.TrimSpace(hops[len(hops)-1])); err == nil {
			return a.Unmap().WithZone("")
		}
		return peer
	}
	return peer
}
