package gate

import (
	"context"
	"encoding/hex"
	"net/netip"
)

// Origin is where a request came from. It travels with the request's context, because signing in happens before there is an actor whose request could say it, and its
// record shall say it like every other.
type Origin struct {
	Client string // network address
	Device []byte // hash of the device's cookie; nil where it has none yet
}

type originKey struct{}

// WithOrigin notes where a request came from.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// origin gives the two settings that auth.note reads: nothing that is no address, nothing that is no hash.
func origin(ctx context.Context) (client, device string, ok bool) {
	o, ok := ctx.Value(originKey{}).(Origin)
	if a, err := netip.ParseAddr(o.Client); err == nil {
		client = a.WithZone("").String()
	}
	return client, hex.EncodeToString(o.Device), ok
}

// from runs one statement in a transaction that knows where the request came from.
func (c *conn) from(ctx context.Context, client, device string, dest any, sql string, args ...any) error {
	var b batch
	b.add("begin")
	b.add("select set_config('app.client', $1, true), set_config('app.device', $2, true)", client, device)
	if err := c.exec(ctx, &b); err != nil {
		return err
	}
	err := c.get(ctx, dest, sql, args...)
	if err != nil && !noRows(err) {
		return err // the connection is thrown away, and the transaction with it
	}
	b.reset()
	b.add("commit")
	if end := c.exec(context.WithoutCancel(ctx), &b); end != nil {
		return end
	}
	return err
}
