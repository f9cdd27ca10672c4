package site_test

import (
	"net/http"
	"net/netip"
	"testing"

	"binhan/internal/site"
)

func TestTheAddressOfADeviceIsThePeersUnlessOneTrustedProxySaysOtherwise(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"a device at the door", "192.0.2.7:4000", nil, "192.0.2.7"},
		{"a device that names another", "192.0.2.7:4000", []string{"198.51.100.1"}, "192.0.2.7"},
		{"through our proxy", "10.1.1.1:4000", []string{"198.51.100.1"}, "198.51.100.1"},
		{"through our proxy, with a lie before it", "10.1.1.1:4000", []string{"203.0.113.9, 198.51.100.1"}, "198.51.100.1"},
		{"through our proxy, with a lie in a header before it", "10.1.1.1:4000", []string{"203.0.113.9", "198.51.100.1"}, "198.51.100.1"},
		{"our proxy that says nothing", "10.1.1.1:4000", nil, "10.1.1.1"},
		{"our proxy that says nonsense", "10.1.1.1:4000", []string{"'; drop"}, "10.1.1.1"},
		{"of the sixth version", "[2001:db8::1]:4000", nil, "2001:db8::1"},
		{"of the fourth in the sixth", "[::ffff:192.0.2.7]:4000", nil, "192.0.2.7"},
		{"on a socket", "@", nil, "invalid IP"},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{}}
		for _, f := range c.forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		if got := site.ClientAddress(r, trusted).String(); got != c.want {
			t.Errorf("%s: %s, not %s", c.name, got, c.want)
		}
	}
}
