package config

import (
	"errors"
	"fmt"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// ProductionKeySocket is where the key process answers when nothing else is said.
const ProductionKeySocket = "/run/binhan-keyd/keyd.sock"

// Keyd is every setting of the key process. It takes no secret: what opens the keys is brought by people, or lies in a file that only it can read.
// A setting that belongs to the application is refused, since a password in the environment of this process is one too many.
type Keyd struct {
	Environment Environment `env:"BINHAN_ENV"`
	// Dir holds ring, erasures and log.
	Dir string `env:"BINHAN_KEYD_DIR" envDefault:"/var/lib/binhan-keyd"`
	// Socket is where it answers.
	Socket string `env:"BINHAN_KEYD_SOCKET"`
	// Allow are the users (names or numbers) that the application runs as; Operators may also seal, unseal and rotate.
	Allow     []string `env:"BINHAN_KEYD_ALLOW" envDefault:"binhan"`
	Operators []string `env:"BINHAN_KEYD_OPERATORS" envDefault:"root"`
	// User is the numeric id, and group, that the process becomes when it was started as root.
	User int `env:"BINHAN_KEYD_USER"`
	// Child makes it end with whoever holds the other end of its standard input.
	Child bool `env:"BINHAN_KEYD_CHILD"`
	// RootFile and TakeOver are for development: a root key in a file, and a ring of an earlier version.
	RootFile string `env:"BINHAN_KEYD_ROOT_PATH"`
	TakeOver string `env:"BINHAN_KEYD_TAKE_OVER"`

	// Budgets; 0 is the default of the environment.
	Unwraps    int           `env:"BINHAN_KEYD_UNWRAPS"`
	AllUnwraps int           `env:"BINHAN_KEYD_ALL_UNWRAPS"`
	Searches   int           `env:"BINHAN_KEYD_SEARCHES"`
	Marks      int           `env:"BINHAN_KEYD_MARKS"`
	Window     time.Duration `env:"BINHAN_KEYD_WINDOW"`

	// Backend: file, openbao, pkcs11.
	Backend string `env:"BINHAN_KEYD_BACKEND" envDefault:"file"`
	// OpenBaoSocket is the Unix socket on which an OpenBao server or agent answers; the process has no network. OpenBaoToken is a file.
	OpenBaoSocket string `env:"BINHAN_KEYD_OPENBAO_SOCKET"`
	OpenBaoToken  string `env:"BINHAN_KEYD_OPENBAO_TOKEN_PATH"`
	OpenBaoMount  string `env:"BINHAN_KEYD_OPENBAO_MOUNT" envDefault:"transit"`
	// Pkcs11Module is the library of the hardware module, Pkcs11Token the label of its token, Pkcs11PIN a file.
	Pkcs11Module string `env:"BINHAN_KEYD_PKCS11_MODULE"`
	Pkcs11Token  string `env:"BINHAN_KEYD_PKCS11_TOKEN"`
	Pkcs11PIN    string `env:"BINHAN_KEYD_PKCS11_PIN_PATH"`
}

// keydNames are the settings of the key process.
var keydNames = namesOf[Keyd]()

// ParseKeyd reads the settings of the key process from an environment.
func ParseKeyd(environ []string) (Keyd, error) {
	values := map[string]string{}
	var problems []error
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		switch {
		case !strings.HasPrefix(name, "BINHAN_") || ours(name) || value == "":
		case slices.Contains(keydNames, name):
			values[name] = value
		default:
			problems = append(problems, fmt.Errorf("%s is no setting of the key process, and no secret may stand in its environment", name))
		}
	}
	var k Keyd
	if err := env.ParseWithOptions(&k, env.Options{Environment: values}); err != nil {
		problems = append(problems, errors.New("a number among the settings of the key process cannot be read"))
		return Keyd{}, refuse(problems)
	}
	if k.Environment == "" {
		k.Environment = Production
	}
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if k.Environment != Development && k.Environment != Production {
		wrong("BINHAN_ENV must be development or production")
	}
	if k.Socket == "" {
		k.Socket = ProductionKeySocket
	}
	if k.Environment == Production {
		if k.RootFile != "" {
			wrong("BINHAN_KEYD_ROOT_PATH is for development: in production people open the keys with their shares")
		}
		if k.TakeOver != "" {
			wrong("BINHAN_KEYD_TAKE_OVER is for development")
		}
		if !filepath.IsAbs(k.Dir) || !filepath.IsAbs(k.Socket) {
			wrong("BINHAN_KEYD_DIR and BINHAN_KEYD_SOCKET must be absolute")
		}
	}
	switch k.Backend {
	case "file":
	case "openbao":
		if k.OpenBaoSocket == "" || k.OpenBaoToken == "" {
			wrong("the openbao back end wants BINHAN_KEYD_OPENBAO_SOCKET and BINHAN_KEYD_OPENBAO_TOKEN_PATH")
		}
	case "pkcs11":
		if k.Pkcs11Module == "" || k.Pkcs11Token == "" || k.Pkcs11PIN == "" {
			wrong("the pkcs11 back end wants BINHAN_KEYD_PKCS11_MODULE, BINHAN_KEYD_PKCS11_TOKEN and BINHAN_KEYD_PKCS11_PIN_PATH")
		}
	default:
		wrong("BINHAN_KEYD_BACKEND must be file, openbao or pkcs11")
	}
	for name, n := range map[string]int{"BINHAN_KEYD_UNWRAPS": k.Unwraps, "BINHAN_KEYD_ALL_UNWRAPS": k.AllUnwraps, "BINHAN_KEYD_SEARCHES": k.Searches, "BINHAN_KEYD_MARKS": k.Marks, "BINHAN_KEYD_WINDOW": int(k.Window), "BINHAN_KEYD_USER": k.User} {
		if n < 0 {
			wrong("%s must not be negative", name)
		}
	}
	return k, refuse(problems)
}

// UIDs finds the numbers of users.
func UIDs(names []string) ([]uint32, error) {
	var ids []uint32
	for _, name := range names {
		text := name
		if _, err := strconv.ParseUint(name, 10, 32); err != nil {
			u, err := user.Lookup(name)
			if err != nil {
				return nil, fmt.Errorf("there is no user %q", name)
			}
			text = u.Uid
		}
		id, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return nil, err
		}
		ids = append(ids, uint32(id))
	}
	return ids, nil
}
