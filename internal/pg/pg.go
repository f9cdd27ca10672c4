// Package pg is the ground under the gate: who may log in to PostgreSQL, how a connection is opened, how the schema moves forward, and the
// private PostgreSQL server that a fresh machine gets without being asked.
//
// It keeps four promises.
//
//  1. One login, one duty. The application, the statistics office's reader, the releaser, the auditor and the migrator are different database
//     roles with different passwords, none of them a superuser, none able to step around row-level security. What owns the tables
//     (binhan_owner) cannot log in at all. See [Bootstrap].
//  2. No connection in the clear. A server that is not on this machine is reached with sslmode=verify-full or not at all. See [CheckDSN].
//  3. What was committed stays. The private server runs with checksums and fsync, shuts down cleanly when its parent is killed, and a second
//     start waits for the first to be gone. See [Cluster].
//  4. Nothing about a survivor in a server log. The private server logs no statement, no parameter and no DETAIL line (which would quote rows).
//
// The package opens connections but runs no statement of the field: package gate alone does that.
package pg

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"runtime"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// ErrDSN is wrapped by every refusal of [CheckDSN]. The message never repeats the DSN, which may hold a password.
var ErrDSN = errors.New("database address refused")

// Open returns a pool for dsn after [CheckDSN] agreed to it. The pool is sized by what was measured on two cores: four connections a core,
// all of them kept, because a new backend costs tens of milliseconds and more backends lower the throughput. Nothing is dialled yet: call
// [Warm] where the first request should not pay for it.
func Open(dsn string) (*sqlx.DB, error) {
	if err := CheckDSN(dsn); err != nil {
		return nil, err
	}
	db, err := sqlx.Open("postgres", dsn)
	if err != nil {
		return nil, fmt.Errorf("%w: it cannot be read", ErrDSN)
	}
	size := 4 * runtime.GOMAXPROCS(0)
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

// Warm dials every connection of the pool at once, so that no request pays for a new backend. It fails when the first of them fails.
func Warm(ctx context.Context, db *sqlx.DB) error {
	size := db.Stats().MaxOpenConnections
	held := make([]*sqlx.Conn, 0, size)
	defer func() {
		for _, conn := range held {
			conn.Close()
		}
	}()
	for range size {
		conn, err := db.Connx(ctx)
		if err != nil {
			return fmt.Errorf("warm the pool: %w", err)
		}
		held = append(held, conn)
	}
	return nil
}

// Address names one database server as one login sees it.
type Address struct {
	Host     string // a folder beginning with "/" is a Unix socket
	Port     uint16
	User     string
	Password string
	Database string
	Params   map[string]string // sslmode, sslrootcert, … ; binary_parameters and connect_timeout are added when absent
}

// DSN writes the address in lib/pq's key=value form (a URL cannot hold the path of a socket). binary_parameters=yes lets lib/pq send a
// parametrised statement in one round trip instead of two; a Unix socket never speaks TLS.
func (a Address) DSN() string {
	var b strings.Builder
	put := func(key, value string) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(key)
		b.WriteString("='")
		b.WriteString(quoteValue(value))
		b.WriteByte('\'')
	}
	put("host", a.Host)
	if a.Port != 0 {
		put("port", fmt.Sprint(a.Port))
	}
	put("user", a.User)
	if a.Password != "" {
		put("password", a.Password)
	}
	put("dbname", a.Database)
	params := map[string]string{"binary_parameters": "yes", "connect_timeout": "5", "application_name": "binhan"}
	for key, value := range a.Params {
		params[key] = value
	}
	if strings.HasPrefix(a.Host, "/") {
		params["sslmode"] = "disable"
	}
	for _, key := range sortedKeys(params) {
		put(key, params[key])
	}
	return b.String()
}

// URL writes the address the way settings name a server, for psql and for BINHAN_DATABASE_URL; [ParseURL] reads it again.
func (a Address) URL() string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(a.User, a.Password), Host: a.Host, Path: "/" + a.Database}
	query := url.Values{}
	for key, value := range a.Params {
		query.Set(key, value)
	}
	if strings.HasPrefix(a.Host, "/") {
		u.Host = ""
		query.Set("host", a.Host)
		query.Set("sslmode", "disable")
	}
	if a.Port != 0 && u.Host != "" {
		u.Host = net.JoinHostPort(a.Host, fmt.Sprint(a.Port))
	} else if a.Port != 0 {
		query.Set("port", fmt.Sprint(a.Port))
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// ParseURL reads a postgres:// URL, the form in which settings name a server. The result is not yet checked: [CheckDSN] judges its DSN.
func ParseURL(raw string) (Address, error) {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return Address{}, fmt.Errorf("%w: it must look like postgres://host:5432/database?sslmode=verify-full", ErrDSN)
	}
	a := Address{User: u.User.Username(), Database: strings.TrimPrefix(u.Path, "/"), Params: map[string]string{}}
	a.Password, _ = u.User.Password()
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Address{}, fmt.Errorf("%w: the part after ? cannot be read", ErrDSN)
	}
	for key, values := range query {
		a.Params[key] = values[len(values)-1]
	}
	// Several hosts are written host1,host2 with ports in ?port=, which lib/pq takes as it stands.
	a.Host = u.Host
	if !strings.Contains(u.Host, ",") {
		a.Host = u.Hostname()
		if port := u.Port(); port != "" {
			if _, err := fmt.Sscan(port, &a.Port); err != nil {
				return Address{}, fmt.Errorf("%w: the port is not a number", ErrDSN)
			}
		}
	}
	if host, ok := a.Params["host"]; ok { // postgres:///binhan?host=/run/postgresql
		a.Host = host
		delete(a.Params, "host")
	}
	return a, nil
}

// As returns the same server and database seen by another login.
func (a Address) As(role Role, password string) Address {
	a.User, a.Password = string(role), password
	return a
}

// CheckDSN refuses an address over which survivors' data would travel unprotected: everything but a Unix socket and verified TLS, and the one
// exception of a loopback address for which sslmode=disable was written out.
func CheckDSN(dsn string) error {
	cfg, err := pq.NewConfig(dsn)
	if err != nil {
		return fmt.Errorf("%w: it cannot be read as a PostgreSQL address", ErrDSN) // pq's message may quote the address
	}
	hosts := []string{cfg.Host}
	for _, more := range cfg.Multi {
		hosts = append(hosts, more.Host)
	}
	for _, host := range hosts {
		switch {
		case strings.HasPrefix(host, "/"): // a socket never leaves the machine
		case cfg.SSLMode == pq.SSLModeVerifyFull:
		case cfg.SSLMode == pq.SSLModeDisable && loopback(host):
		default:
			return fmt.Errorf("%w: write sslmode=verify-full (or, on this machine's own loopback, sslmode=disable)", ErrDSN)
		}
	}
	return nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
