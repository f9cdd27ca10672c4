// Package config reads the settings from the environment, once, into one struct, and refuses with a sentence what cannot be right.
//
// Every setting begins with BINHAN_, but PORT. Any of them may instead be given as a file: BINHAN_X_FILE=/run/credentials/x is BINHAN_X with
// that file's content, the way systemd and container platforms hand over secrets. A setting that nobody knows is refused, since a misspelt one
// would otherwise protect nothing.
//
// Two worlds exist. In development everything has a default: a private database, a private object store and a private key ring under
// BINHAN_DATA, the demo people, and generous limits. In production nothing that protects a survivor has a default: the servers and keys must be
// named, and the demo people are refused. Secrets print as ***, in whatever way they are printed.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/caarlos0/env/v11"

	"binhan/internal/pg"
)

// Environment is the world that a process belongs to.
type Environment string

const (
	// Development has the demo world and may have everything embedded.
	Development Environment = "development"
	// Production has no demo world and nothing embedded.
	Production Environment = "production"
)

// Secret is a setting that must not be seen. Only Reveal gives it away.
type Secret struct{ value string }

// NewSecret wraps a value that is to be kept from logs.
func NewSecret(value string) Secret { return Secret{value} }

const hidden = "***"

// Reveal returns the secret, for the one place that needs it.
func (s Secret) Reveal() string { return s.value }

// IsZero tells whether nothing was set.
func (s Secret) IsZero() bool { return s.value == "" }

// String hides the secret.
func (s Secret) String() string { return hidden }

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return hidden }

// Format hides the secret from every verb, %x and %d included.
func (s Secret) Format(f fmt.State, _ rune) { f.Write([]byte(hidden)) }

// MarshalText hides the secret from JSON, YAML and the like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue hides the secret from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// UnmarshalText takes the secret from the environment.
func (s *Secret) UnmarshalText(text []byte) error {
	s.value = string(text)
	return nil
}

// Config is every setting. Fields are filled whether they were set or derived; see [Load].
type Config struct {
	// Environment: development or production. Not set, it is development as long as no server is named, and must be said otherwise.
	Environment Environment `env:"BINHAN_ENV"`
	// Data is the folder of everything this machine keeps: embedded servers, key ring, uploads in flight. Absolute after Load.
	Data string `env:"BINHAN_DATA" envDefault:"var"`

	// Port is the public listener's port on the loopback, when Listen is not set.
	Port int `env:"PORT" envDefault:"8080"`
	// Listen is the public listener, by default 127.0.0.1:Port.
	Listen string `env:"BINHAN_LISTEN"`
	// InternalListen is the listener of /healthz, /readyz and /metrics, by default the loopback at Port+1. It must not be public.
	InternalListen string `env:"BINHAN_INTERNAL_LISTEN"`
	// PublicURL is where browsers find us; passkeys are bound to its host name.
	PublicURL string `env:"BINHAN_PUBLIC_URL"`
	// TrustedProxies are the addresses (CIDR) whose X-Forwarded-For is believed.
	TrustedProxies []string `env:"BINHAN_TRUSTED_PROXIES"`

	// DatabaseURL names the server and database, postgres://host:5432/binhan?sslmode=verify-full. Not set: the embedded server. In development
	// it may carry the login of an administrator, who then makes the roles; in production each role has its own password or address below.
	DatabaseURL Secret `env:"BINHAN_DATABASE_URL"`
	// Passwords of the database roles, where the addresses are derived from DatabaseURL.
	MigratorPassword   Secret `env:"BINHAN_DATABASE_PASSWORD_MIGRATOR"`
	AppPassword        Secret `env:"BINHAN_DATABASE_PASSWORD_APP"`
	ReleaserPassword   Secret `env:"BINHAN_DATABASE_PASSWORD_RELEASER"`
	StatisticsPassword Secret `env:"BINHAN_DATABASE_PASSWORD_STATISTICS"`
	AuditorPassword    Secret `env:"BINHAN_DATABASE_PASSWORD_AUDITOR"`
	SealerPassword     Secret `env:"BINHAN_DATABASE_PASSWORD_SEALER"`
	// Whole addresses of the database roles, over DatabaseURL: the migrator past a pooler, statistics from a standby.
	MigratorURL   Secret `env:"BINHAN_DATABASE_URL_MIGRATOR"`
	AppURL        Secret `env:"BINHAN_DATABASE_URL_APP"`
	ReleaserURL   Secret `env:"BINHAN_DATABASE_URL_RELEASER"`
	StatisticsURL Secret `env:"BINHAN_DATABASE_URL_STATISTICS"`
	AuditorURL    Secret `env:"BINHAN_DATABASE_URL_AUDITOR"`
	SealerURL     Secret `env:"BINHAN_DATABASE_URL_SEALER"`

	// AdminURL logs in as somebody who may make roles and databases. Only `binhan migrate` takes it: no server that answers people may hold it.
	AdminURL Secret `env:"BINHAN_DATABASE_URL_ADMIN"`

	// S3URL is the object store and bucket for evidence: https://s3.example.vn/binhan-evidence. Not set: the embedded store.
	S3URL string `env:"BINHAN_S3_URL"`
	// S3AccessKey and S3SecretKey sign the requests to it.
	S3AccessKey Secret `env:"BINHAN_S3_ACCESS_KEY"`
	S3SecretKey Secret `env:"BINHAN_S3_SECRET_KEY"`
	// S3Region is what the store calls its region.
	S3Region string `env:"BINHAN_S3_REGION" envDefault:"us-east-1"`
	// S3CAFile is a PEM file of the authority that signed the store's certificate, when the system does not know it.
	S3CAFile string `env:"BINHAN_S3_CA_FILE"`

	// RightsDays says whether the second clock of a data request counts calendar or working days: unsettled in law, calendar days end earlier.
	RightsDays string `env:"BINHAN_RIGHTS_DAYS" envDefault:"calendar"`
	// Agreements says what happens when a referral by consent goes to an organisation with which no agreement is in force: the sender is warned, or it is refused.
	Agreements string `env:"BINHAN_AGREEMENTS" envDefault:"warn"`

	// Anchors is a folder on a second medium, to which the newest checkpoint of the record of acts goes each minute; by default anchors in Data in development.
	Anchors string `env:"BINHAN_ANCHORS"`
	// AnchorsURL is a bucket of another account for the same, whose objects nobody can delete; by default binhan-anchors of the embedded store.
	AnchorsURL string `env:"BINHAN_ANCHORS_S3_URL"`
	// AnchorsAccessKey and AnchorsSecretKey sign the requests to it.
	AnchorsAccessKey Secret `env:"BINHAN_ANCHORS_S3_ACCESS_KEY"`
	AnchorsSecretKey Secret `env:"BINHAN_ANCHORS_S3_SECRET_KEY"`
	// AuditKey is the public key of the record (binhan-audit+…), for `binhan audit verify`. Not set: that of the first anchor.
	AuditKey string `env:"BINHAN_AUDIT_KEY"`

	// KeySocket is where the key process answers; in production /run/binhan-keyd/keyd.sock by default. Not set in development: a key process of
	// our own, which ends with us.
	KeySocket string `env:"BINHAN_KEYD_SOCKET"`
	// KeyProgram is the program of that key process; by default this one.
	KeyProgram string `env:"BINHAN_KEYD_PROGRAM"`
	// Keyring is the file in which earlier versions kept their keys in development, by default keyring.json in Data: the key process takes it over.
	Keyring string `env:"BINHAN_KEYRING"`
	// DevS3 is the program of the embedded object store; by default devs3 beside this one.
	DevS3 string `env:"BINHAN_DEVS3"`

	// SignInSettings change how guessing is slowed and how long sessions and accounts last: "device=5,stranger=10,address=60,everybody=300,ceremonies=600,stop=100,
	// sessions=3,idle_days=45,second_factor=yes". Production begins with these numbers, development with generous ones and no second factor.
	SignInSettings string `env:"BINHAN_SIGN_IN"`
	// ManagedKeys says that the agency's own computers carry security keys that are copied among them; otherwise such keys are refused to whoever works with cases.
	ManagedKeys bool `env:"BINHAN_MANAGED_KEYS"`
	// Issuer is the address of a province's own identity provider (OpenID Connect), exactly as it calls itself: its people may then sign in there. Not set: nobody's.
	Issuer string `env:"BINHAN_OIDC_ISSUER"`
	// IssuerClient is what it calls us, and IssuerSecret with what we prove to it that it is we.
	IssuerClient string `env:"BINHAN_OIDC_CLIENT_ID"`
	IssuerSecret Secret `env:"BINHAN_OIDC_CLIENT_SECRET"`
	// IssuerName is what our people call it: the button says "sign in with" this.
	IssuerName string `env:"BINHAN_OIDC_NAME"`
	// IssuerACR and IssuerAMR are the words of its ID tokens that say that it asked for a second factor, parted by commas. Without any of them ours is asked for, always.
	IssuerACR []string `env:"BINHAN_OIDC_ACR"`
	IssuerAMR []string `env:"BINHAN_OIDC_AMR"`
	// IssuerMaxAge is how long ago it may have asked somebody for her password when she signs in, such as 8h; 0 for as long as it likes.
	IssuerMaxAge string `env:"BINHAN_OIDC_MAX_AGE" envDefault:"10h"`
	// IssuerCAFile is a PEM file of the authority that signed its certificate, when the system does not know it.
	IssuerCAFile string `env:"BINHAN_OIDC_CA_FILE"`
	// BudgetSettings change the budgets of each person against bulk reading: "cases=60,searches=30,exports=10,lookups=10,known=10,emergencies=2,emergency_hours=4".
	BudgetSettings string `env:"BINHAN_BUDGETS"`
}

// Load reads the settings of this process.
func Load() (Config, error) { return Parse(os.Environ()) }

// Parse reads the settings from an environment as os.Environ gives it. All that is wrong is said at once.
func Parse(environ []string) (Config, error) {
	values, problems := gather(environ)
	var c Config
	if err := env.ParseWithOptions(&c, env.Options{Environment: values}); err != nil {
		// The parser's message may quote a value; of our types only PORT can fail.
		problems = append(problems, errors.New("PORT must be a number, BINHAN_MANAGED_KEYS true or false"))
		return Config{}, refuse(problems)
	}
	problems = append(problems, c.derive()...)
	problems = append(problems, c.check()...)
	return c, refuse(problems)
}

func refuse(problems []error) error {
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("the settings cannot be used:\n%w", errors.Join(problems...))
}

// known are the names of all settings.
func known() []string { return namesOf[Config]() }

// namesOf are the names of the settings of T.
func namesOf[T any]() []string {
	var names []string
	for field := range reflect.TypeFor[T]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("env"), ",")
		names = append(names, name)
	}
	return names
}

// ours reports variables that begin with BINHAN_ and belong to the tests or to the build, not to the program.
func ours(name string) bool {
	for _, prefix := range []string{"BINHAN_TEST_", "BINHAN_BENCH_", "BINHAN_DEV_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return slices.Contains([]string{"BINHAN_CHROMIUM", "BINHAN_NO_BROWSER", "BINHAN_SHOTS", "BINHAN_FACTS", "BINHAN_HISTORIES"}, name)
}

// gather picks our settings, reads those given as files, and refuses what would undo a promise behind our back.
func gather(environ []string) (map[string]string, []error) {
	values := map[string]string{}
	var problems []error
	names := known()
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		switch {
		case name == "PQGO_DEBUG" && value != "":
			problems = append(problems, errors.New("PQGO_DEBUG would print every statement and parameter: unset it"))
		case slices.Contains([]string{"PGHOSTADDR", "PGOPTIONS", "PGSERVICE", "PGSERVICEFILE", "PGPASSFILE", "PGTARGETSESSIONATTRS"}, name) && value != "":
			problems = append(problems, fmt.Errorf("%s would change every database connection: unset it, BINHAN_DATABASE_URL says all", name))
		case name != "PORT" && !strings.HasPrefix(name, "BINHAN_"), ours(name), value == "":
		case slices.Contains(names, name):
			values[name] = value
		case strings.HasSuffix(name, "_FILE") && slices.Contains(names, strings.TrimSuffix(name, "_FILE")):
			content, err := os.ReadFile(value)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s: the file cannot be read", name))
				continue
			}
			values[strings.TrimSuffix(name, "_FILE")] = strings.TrimRight(string(content), "\r\n")
		default:
			problems = append(problems, fmt.Errorf("%s is no setting of this program", name))
		}
	}
	return values, problems
}

// derive fills what follows from other settings.
func (c *Config) derive() []error {
	var problems []error
	if c.Environment == "" {
		if c.DatabaseURL.IsZero() && c.AppURL.IsZero() && c.S3URL == "" {
			c.Environment = Development
		} else {
			problems = append(problems, errors.New("a server is named: say BINHAN_ENV=production, or BINHAN_ENV=development where demo people are welcome"))
		}
	}
	abs, err := filepath.Abs(c.Data)
	if err != nil {
		problems = append(problems, fmt.Errorf("BINHAN_DATA: %w", err))
	}
	c.Data = abs
	if c.Listen == "" {
		c.Listen = net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port))
	}
	if c.InternalListen == "" {
		c.InternalListen = net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port+1))
	}
	if c.PublicURL == "" && c.Environment != Production {
		c.PublicURL = "http://localhost:" + strconv.Itoa(c.Port)
	}
	if c.KeySocket == "" && c.Environment == Production {
		c.KeySocket = ProductionKeySocket
	}
	if c.Anchors == "" && c.Environment != Production {
		c.Anchors = filepath.Join(c.Data, "anchors")
	}
	if c.Keyring == "" {
		c.Keyring = filepath.Join(c.Data, "keyring.json")
	}
	return problems
}

func (c *Config) check() []error {
	var problems []error
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if c.Environment != "" && c.Environment != Development && c.Environment != Production {
		wrong("BINHAN_ENV must be development or production")
	}
	if c.Port < 1 || c.Port > 65534 {
		wrong("PORT must lie between 1 and 65534")
	}
	for name, address := range map[string]string{"BINHAN_LISTEN": c.Listen, "BINHAN_INTERNAL_LISTEN": c.InternalListen} {
		if _, _, err := net.SplitHostPort(address); err != nil {
			wrong("%s must look like 127.0.0.1:8080", name)
		}
	}
	if c.Listen == c.InternalListen {
		wrong("BINHAN_LISTEN and BINHAN_INTERNAL_LISTEN must differ: health and metrics are not for the public")
	}
	if u, err := url.Parse(c.PublicURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.Trim(u.Path, "/") != "" {
		if c.PublicURL == "" {
			wrong("BINHAN_PUBLIC_URL is missing: the https address that browsers use")
		} else {
			wrong("BINHAN_PUBLIC_URL must look like https://binhan.example.vn")
		}
	} else if u.Scheme == "http" && c.Environment == Production {
		wrong("BINHAN_PUBLIC_URL must be https in production")
	}
	for _, proxy := range c.TrustedProxies {
		if _, _, err := net.ParseCIDR(proxy); err != nil && net.ParseIP(proxy) == nil {
			wrong("BINHAN_TRUSTED_PROXIES must hold addresses or networks such as 10.0.0.0/8, parted by commas")
		}
	}
	problems = append(problems, c.checkDatabase()...)
	problems = append(problems, c.checkStore()...)
	if _, err := c.Limits(); err != nil {
		problems = append(problems, err)
	}
	problems = append(problems, c.checkAnchors()...)
	problems = append(problems, c.checkIssuer()...)
	if c.RightsDays != "calendar" && c.RightsDays != "working" {
		wrong("BINHAN_RIGHTS_DAYS must be calendar or working")
	}
	if c.Agreements != "warn" && c.Agreements != "refuse" {
		wrong("BINHAN_AGREEMENTS must be warn or refuse")
	}
	return problems
}

// EmbeddedDatabase tells whether this process brings its own database server.
func (c *Config) EmbeddedDatabase() bool { return c.DatabaseURL.IsZero() && c.AppURL.IsZero() }

// EmbeddedStore tells whether this process brings its own object store.
func (c *Config) EmbeddedStore() bool { return c.S3URL == "" }

// RoleSettings are the address and the password set for one database role; either may be empty.
func (c *Config) RoleSettings(role pg.Role) (address, password Secret) {
	switch role {
	case pg.Migrator:
		return c.MigratorURL, c.MigratorPassword
	case pg.App:
		return c.AppURL, c.AppPassword
	case pg.Releaser:
		return c.ReleaserURL, c.ReleaserPassword
	case pg.Statistics:
		return c.StatisticsURL, c.StatisticsPassword
	case pg.Auditor:
		return c.AuditorURL, c.AuditorPassword
	case pg.Sealer:
		return c.SealerURL, c.SealerPassword
	}
	return Secret{}, Secret{}
}

// RolePasswords are the passwords that the settings hold, as pg.Bootstrap wants them.
func (c *Config) RolePasswords() map[pg.Role]string {
	passwords := map[pg.Role]string{}
	for _, role := range pg.LoginRoles() {
		_, password := c.RoleSettings(role)
		passwords[role] = password.Reveal()
	}
	return passwords
}

// RoleDSN is the address under which a role reaches a server that the settings name. The error is a sentence that names the missing setting.
func (c *Config) RoleDSN(role pg.Role) (string, error) {
	suffix := strings.ToUpper(strings.TrimPrefix(string(role), "binhan_"))
	address, password := c.RoleSettings(role)
	var a pg.Address
	var err error
	switch {
	case !address.IsZero():
		if a, err = pg.ParseURL(address.Reveal()); err != nil {
			return "", fmt.Errorf("BINHAN_DATABASE_URL_%s: %w", suffix, err)
		}
		if a.User == "" {
			a.User = string(role)
		}
		if a.Password == "" {
			a.Password = password.Reveal()
		}
	case !c.DatabaseURL.IsZero() && !password.IsZero():
		if a, err = pg.ParseURL(c.DatabaseURL.Reveal()); err != nil {
			return "", fmt.Errorf("BINHAN_DATABASE_URL: %w", err)
		}
		a = a.As(role, password.Reveal())
	default:
		return "", fmt.Errorf("BINHAN_DATABASE_PASSWORD_%s (or BINHAN_DATABASE_URL_%s) is missing", suffix, suffix)
	}
	dsn := a.DSN()
	if err := pg.CheckDSN(dsn); err != nil {
		return "", fmt.Errorf("the address of %s: %w", role, err)
	}
	return dsn, nil
}

func (c *Config) checkDatabase() []error {
	if c.EmbeddedDatabase() {
		if c.Environment == Production {
			return []error{errors.New("BINHAN_DATABASE_URL is missing: the embedded database is for development")}
		}
		return nil
	}
	var problems []error
	if !c.DatabaseURL.IsZero() {
		a, err := pg.ParseURL(c.DatabaseURL.Reveal())
		if err == nil {
			err = pg.CheckDSN(a.DSN())
		}
		if err != nil {
			return []error{fmt.Errorf("BINHAN_DATABASE_URL: %w", err)}
		}
		if a.Database == "" {
			problems = append(problems, errors.New("BINHAN_DATABASE_URL must name the database: …/binhan?…"))
		}
		if a.Password != "" {
			if c.Environment == Production {
				problems = append(problems, errors.New("BINHAN_DATABASE_URL must not carry a login in production: no process may hold an administrator's"))
			}
			return problems // the administrator makes the roles and their passwords
		}
	}
	// The migrator's is asked for by `binhan migrate` alone: a server in production need not be able to change its schema.
	for _, role := range []pg.Role{pg.App, pg.Releaser, pg.Statistics, pg.Auditor, pg.Sealer} {
		if _, err := c.RoleDSN(role); err != nil {
			problems = append(problems, err)
		}
	}
	return problems
}

func (c *Config) checkStore() []error {
	if c.EmbeddedStore() {
		if c.Environment == Production {
			return []error{errors.New("BINHAN_S3_URL is missing: the embedded object store is for development")}
		}
		return nil
	}
	var problems []error
	if _, err := c.Store(); err != nil {
		problems = append(problems, err)
	}
	if c.S3AccessKey.IsZero() || c.S3SecretKey.IsZero() {
		problems = append(problems, errors.New("BINHAN_S3_ACCESS_KEY and BINHAN_S3_SECRET_KEY are missing"))
	}
	return problems
}

func (c *Config) checkAnchors() []error {
	switch {
	case c.AnchorsURL == "" && c.Anchors == "":
		return []error{errors.New("BINHAN_ANCHORS_S3_URL or BINHAN_ANCHORS is missing: a record of acts that is anchored nowhere can be rewritten")}
	case c.AnchorsURL == "":
		return nil
	case c.AnchorsAccessKey.IsZero() || c.AnchorsSecretKey.IsZero():
		return []error{errors.New("BINHAN_ANCHORS_S3_ACCESS_KEY and BINHAN_ANCHORS_S3_SECRET_KEY are missing: anchors belong to another account")}
	}
	if _, err := c.AnchorStore(Store{}); err != nil {
		return []error{err}
	}
	return nil
}

// AnchorStore is the object store for anchors: the one that the settings name, or a bucket beside the embedded one's evidence.
func (c *Config) AnchorStore(evidence Store) (Store, error) {
	if c.AnchorsURL == "" {
		if !c.EmbeddedStore() {
			return Store{}, nil
		}
		evidence.Bucket = "binhan-anchors"
		return evidence, nil
	}
	other := *c
	other.S3URL, other.S3AccessKey, other.S3SecretKey = c.AnchorsURL, c.AnchorsAccessKey, c.AnchorsSecretKey
	s, err := other.Store()
	if err != nil {
		return Store{}, fmt.Errorf("BINHAN_ANCHORS_S3_URL: %w", errors.New(strings.ReplaceAll(err.Error(), "BINHAN_S3_URL", "it")))
	}
	if s.Bucket == DefaultBucket {
		s.Bucket = "binhan-anchors"
	}
	return s, nil
}

// Store says how to reach an object store.
type Store struct {
	Endpoint  string // host:port, always over TLS unless Plain
	Plain     bool   // http, on the loopback only
	Bucket    string
	Region    string
	AccessKey Secret
	SecretKey Secret
	CA        []byte // PEM; empty: the system's authorities
}

// DefaultBucket is the bucket when the address names none.
const DefaultBucket = "binhan-evidence"

// Store reads the object store that the settings name.
func (c *Config) Store() (Store, error) {
	u, err := url.Parse(c.S3URL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.User != nil {
		return Store{}, errors.New("BINHAN_S3_URL must look like https://s3.example.vn/bucket, keys apart")
	}
	s := Store{Endpoint: u.Host, Plain: u.Scheme == "http", Bucket: strings.Trim(u.Path, "/"), Region: c.S3Region, AccessKey: c.S3AccessKey, SecretKey: c.S3SecretKey}
	if ip := net.ParseIP(u.Hostname()); s.Plain && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return Store{}, errors.New("BINHAN_S3_URL must be https: evidence does not travel in the clear")
	}
	if s.Bucket == "" {
		s.Bucket = DefaultBucket
	}
	if strings.Contains(s.Bucket, "/") {
		return Store{}, errors.New("BINHAN_S3_URL may name a bucket, not a folder in it")
	}
	if c.S3CAFile != "" {
		if s.CA, err = os.ReadFile(c.S3CAFile); err != nil {
			return Store{}, errors.New("BINHAN_S3_CA_FILE cannot be read")
		}
	}
	return s, nil
}
