//go:build pkcs11

package keyd

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/miekg/pkcs11"

	"binhan/internal/seal"
)

// Open finds the token, logs in, and makes what is missing: an AES key of each compartment, a secret for marks, a key of checkpoints.
func (o PKCS11) Open(ctx context.Context) (seal.Vault, error) {
	pin, err := os.ReadFile(o.PIN)
	if err != nil {
		return nil, errors.New("the PIN of the module cannot be read")
	}
	lib := pkcs11.New(o.Module)
	if lib == nil {
		return nil, fmt.Errorf("%s is no PKCS#11 module", o.Module)
	}
	if err := lib.Initialize(); err != nil && !errors.Is(err, pkcs11.Error(pkcs11.CKR_CRYPTOKI_ALREADY_INITIALIZED)) {
		return nil, fmt.Errorf("start the module: %w", err)
	}
	slots, err := lib.GetSlotList(true)
	if err != nil {
		return nil, fmt.Errorf("list the slots of the module: %w", err)
	}
	for _, slot := range slots {
		info, err := lib.GetTokenInfo(slot)
		if err != nil || strings.TrimRight(info.Label, " \x00") != o.Token {
			continue
		}
		session, err := lib.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
		if err != nil {
			return nil, fmt.Errorf("open a session with the module: %w", err)
		}
		if err := lib.Login(session, pkcs11.CKU_USER, strings.TrimSpace(string(pin))); err != nil && !errors.Is(err, pkcs11.Error(pkcs11.CKR_USER_ALREADY_LOGGED_IN)) {
			return nil, fmt.Errorf("log in to the module: %w", err)
		}
		v := &hsmVault{lib: lib, session: session}
		return v, v.find()
	}
	return nil, fmt.Errorf("the module has no token labelled %q", o.Token)
}

// hsmVault uses one session, one operation at a time: the standard allows no more of a session.
type hsmVault struct {
	mu      sync.Mutex
	lib     *pkcs11.Ctx
	session pkcs11.SessionHandle
	keks    map[seal.Compartment]map[uint32]hsmKey
	newest  map[seal.Compartment]uint32
	index   pkcs11.ObjectHandle
	private pkcs11.ObjectHandle
	public  ed25519.PublicKey
}

type hsmKey struct {
	handle pkcs11.ObjectHandle
	made   time.Time
}

func hsmLabel(c seal.Compartment, version uint32) string {
	return fmt.Sprintf("binhan-dek-%s-v%d", c, version)
}

// objects lists the handles of a class whose label is the given one.
func (v *hsmVault) objects(class uint, label string) ([]pkcs11.ObjectHandle, error) {
	err := v.lib.FindObjectsInit(v.session, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_CLASS, class), pkcs11.NewAttribute(pkcs11.CKA_LABEL, label)})
	if err != nil {
		return nil, err
	}
	found, _, err := v.lib.FindObjects(v.session, 4)
	return found, errors.Join(err, v.lib.FindObjectsFinal(v.session))
}

// find reads what the token holds and makes what is missing.
func (v *hsmVault) find() error {
	v.keks, v.newest = map[seal.Compartment]map[uint32]hsmKey{}, map[seal.Compartment]uint32{}
	for _, c := range seal.Compartments {
		v.keks[c] = map[uint32]hsmKey{}
		missing := 0
		for version := uint32(1); missing < 1000; version++ { // versions that were retired leave gaps below the oldest only
			found, err := v.objects(pkcs11.CKO_SECRET_KEY, hsmLabel(c, version))
			if err != nil {
				return fmt.Errorf("look for keys: %w", err)
			}
			if len(found) == 0 {
				if missing++; v.newest[c] > 0 || missing > 100 {
					break
				}
				continue
			}
			attributes, err := v.lib.GetAttributeValue(v.session, found[0], []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_ID, nil)})
			if err != nil {
				return fmt.Errorf("read a key's id: %w", err)
			}
			key := hsmKey{handle: found[0]}
			if len(attributes) == 1 && len(attributes[0].Value) == 8 {
				key.made = time.Unix(int64(binary.BigEndian.Uint64(attributes[0].Value)), 0)
			}
			v.keks[c][version], v.newest[c] = key, version
		}
		if v.newest[c] == 0 {
			if err := v.make(c, 1); err != nil {
				return err
			}
		}
	}
	found, err := v.objects(pkcs11.CKO_SECRET_KEY, "binhan-index")
	if err == nil && len(found) == 0 {
		found, err = v.generate(pkcs11.CKM_GENERIC_SECRET_KEY_GEN, "binhan-index", pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, pkcs11.CKK_GENERIC_SECRET), pkcs11.NewAttribute(pkcs11.CKA_SIGN, true))
	}
	if err != nil {
		return fmt.Errorf("the secret for marks: %w", err)
	}
	v.index = found[0]
	return v.findSigner()
}

func (v *hsmVault) generate(mechanism uint, label string, more ...*pkcs11.Attribute) ([]pkcs11.ObjectHandle, error) {
	template := append([]*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_SECRET_KEY), pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, true),
		pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, true), pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, false), pkcs11.NewAttribute(pkcs11.CKA_VALUE_LEN, 32),
		pkcs11.NewAttribute(pkcs11.CKA_LABEL, label), pkcs11.NewAttribute(pkcs11.CKA_ID, binary.BigEndian.AppendUint64(nil, uint64(time.Now().Unix()))),
	}, more...)
	handle, err := v.lib.GenerateKey(v.session, []*pkcs11.Mechanism{pkcs11.NewMechanism(mechanism, nil)}, template)
	return []pkcs11.ObjectHandle{handle}, err
}

func (v *hsmVault) make(c seal.Compartment, version uint32) error {
	made, err := v.generate(pkcs11.CKM_AES_KEY_GEN, hsmLabel(c, version), pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, pkcs11.CKK_AES),
		pkcs11.NewAttribute(pkcs11.CKA_ENCRYPT, true), pkcs11.NewAttribute(pkcs11.CKA_DECRYPT, true))
	if err != nil {
		return fmt.Errorf("make the %s key %d: %w", c, version, err)
	}
	v.keks[c][version], v.newest[c] = hsmKey{made[0], time.Now()}, version
	return nil
}

// oidEd25519 is the curve, as a DER object identifier 1.3.101.112; hsmCurve the printable name that earlier modules want.
var (
	oidEd25519 = []byte{0x06, 0x03, 0x2b, 0x65, 0x70}
	hsmCurve   = append([]byte{0x13, 0x0c}, "edwards25519"...)
)

const (
	ckmEdwardsKeyPairGen = 0x00001055
	ckmEdDSA             = 0x00001057
	ckkEdwards           = 0x00000040
)

func (v *hsmVault) findSigner() error {
	private, err := v.objects(pkcs11.CKO_PRIVATE_KEY, "binhan-audit")
	if err != nil {
		return err
	}
	public, err := v.objects(pkcs11.CKO_PUBLIC_KEY, "binhan-audit")
	if err != nil {
		return err
	}
	if len(private) == 0 {
		var made error
		for _, curve := range [][]byte{oidEd25519, hsmCurve} {
			var pub, priv pkcs11.ObjectHandle
			pub, priv, made = v.lib.GenerateKeyPair(v.session, []*pkcs11.Mechanism{pkcs11.NewMechanism(ckmEdwardsKeyPairGen, nil)},
				[]*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, ckkEdwards), pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_VERIFY, true),
					pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, curve), pkcs11.NewAttribute(pkcs11.CKA_LABEL, "binhan-audit")},
				[]*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, true), pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, true),
					pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, false), pkcs11.NewAttribute(pkcs11.CKA_SIGN, true), pkcs11.NewAttribute(pkcs11.CKA_LABEL, "binhan-audit")})
			if made == nil {
				private, public = []pkcs11.ObjectHandle{priv}, []pkcs11.ObjectHandle{pub}
				break
			}
		}
		if made != nil {
			return fmt.Errorf("make the key of checkpoints: %w", made)
		}
	}
	if len(public) == 0 {
		return errors.New("the module lost the public half of the key of checkpoints")
	}
	attributes, err := v.lib.GetAttributeValue(v.session, public[0], []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_EC_POINT, nil)})
	if err != nil || len(attributes) != 1 {
		return fmt.Errorf("read the public key of checkpoints: %w", err)
	}
	point := attributes[0].Value
	if len(point) == ed25519.PublicKeySize+2 && point[0] == 0x04 { // inside a DER octet string
		point = point[2:]
	}
	if len(point) != ed25519.PublicKeySize {
		return errors.New("the public key of checkpoints is of another kind")
	}
	v.private, v.public = private[0], point
	return nil
}

// ask runs one operation with the module. A module that fails is a vault that does not answer.
func (v *hsmVault) ask(ctx context.Context, do func() error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := do(); err != nil {
		return fmt.Errorf("%w: module: %w", seal.ErrUnavailable, err)
	}
	return nil
}

func (v *hsmVault) Newest(_ context.Context, c seal.Compartment) (uint32, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.newest[c] == 0 {
		return 0, fmt.Errorf("%w: compartment", seal.ErrPlace)
	}
	return v.newest[c], nil
}

func (v *hsmVault) Wrap(ctx context.Context, boxes []seal.Box) error {
	return v.ask(ctx, func() error {
		for i := range boxes {
			b := &boxes[i]
			key, ok := v.keks[b.Compartment][b.Version]
			if !ok {
				return errors.New("no such version")
			}
			var nonce [12]byte
			_, _ = rand.Read(nonce[:])
			params := pkcs11.NewGCMParams(nonce[:], b.Bound, 128)
			err := v.lib.EncryptInit(v.session, []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_AES_GCM, params)}, key.handle)
			var sealed []byte
			if err == nil {
				sealed, err = v.lib.Encrypt(v.session, b.Raw)
			}
			if given := params.IV(); len(given) == 12 { // a module may choose the nonce itself
				copy(nonce[:], given)
			}
			params.Free()
			if err != nil {
				return err
			}
			b.Sealed = append(append(make([]byte, 0, 60), nonce[:]...), sealed...)
		}
		return nil
	})
}

func (v *hsmVault) Unwrap(ctx context.Context, boxes []seal.Box) error {
	return v.ask(ctx, func() error {
		for i := range boxes {
			b := &boxes[i]
			key, ok := v.keks[b.Compartment][b.Version]
			if !ok || len(b.Sealed) < 28 {
				b.Err = seal.ErrForged
				continue
			}
			params := pkcs11.NewGCMParams(b.Sealed[:12], b.Bound, 128)
			err := v.lib.DecryptInit(v.session, []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_AES_GCM, params)}, key.handle)
			if err != nil {
				params.Free()
				return err
			}
			raw, err := v.lib.Decrypt(v.session, b.Sealed[12:])
			params.Free()
			var code pkcs11.Error
			switch {
			case err == nil && len(raw) == len(b.Raw):
				copy(b.Raw, raw)
				clear(raw)
			// A tag that does not fit is told in several ways: as a wrong ciphertext by the standard, as a failure of the function by others.
			case err == nil, errors.As(err, &code) && (code == pkcs11.CKR_ENCRYPTED_DATA_INVALID || code == pkcs11.CKR_ENCRYPTED_DATA_LEN_RANGE || code == pkcs11.CKR_GENERAL_ERROR || code == pkcs11.CKR_FUNCTION_FAILED):
				b.Err = seal.ErrForged
			default:
				return err
			}
		}
		return nil
	})
}

func (v *hsmVault) sign(ctx context.Context, mechanism uint, key pkcs11.ObjectHandle, msg []byte) (sig []byte, err error) {
	err = v.ask(ctx, func() error {
		if err := v.lib.SignInit(v.session, []*pkcs11.Mechanism{pkcs11.NewMechanism(mechanism, nil)}, key); err != nil {
			return err
		}
		sig, err = v.lib.Sign(v.session, msg)
		return err
	})
	return sig, err
}

func (v *hsmVault) MAC(ctx context.Context, index string, value []byte) ([]byte, error) {
	return v.sign(ctx, pkcs11.CKM_SHA256_HMAC, v.index, markInput(index, value))
}

func (v *hsmVault) Sign(ctx context.Context, msg []byte) ([]byte, error) {
	sig, err := v.sign(ctx, ckmEdDSA, v.private, msg)
	if err == nil && !ed25519.Verify(v.public, msg, sig) {
		return nil, fmt.Errorf("%w: the module signed something else", seal.ErrUnavailable)
	}
	return sig, err
}

func (v *hsmVault) Public(context.Context) (ed25519.PublicKey, error) { return v.public, nil }

func (v *hsmVault) Rotate(ctx context.Context) error {
	return v.ask(ctx, func() error {
		for _, c := range seal.Compartments {
			if err := v.make(c, v.newest[c]+1); err != nil {
				return err
			}
		}
		return nil
	})
}

func (v *hsmVault) Retire(ctx context.Context, version uint32) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	for c, keys := range v.keks {
		key, ok := keys[version]
		if !ok {
			return fmt.Errorf("retire key-encryption keys: nothing of %s would be left, or version %d is not there", c, version)
		}
		if time.Since(key.made) < time.Hour {
			return fmt.Errorf("retire key-encryption keys: %s version %d is younger than an hour", c, version)
		}
	}
	for _, keys := range v.keks {
		for n, key := range keys {
			if n >= version {
				continue
			}
			if err := v.lib.DestroyObject(v.session, key.handle); err != nil {
				return fmt.Errorf("retire key-encryption keys: %w", err)
			}
			delete(keys, n)
		}
	}
	return ctx.Err()
}
