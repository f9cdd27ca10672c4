// Command devs3 is the object store of a development machine and of the tests: a real S3 server (versitygw over plain files), so that the
// code which keeps evidence meets object lock, versions, checksums and refused signatures where it will meet them in production.
//
//	devs3 -dir var/s3
//
// It is a process of its own, and a module of its own, for three reasons: the gateway moves the whole process's working directory, allows one
// instance for each process, and brings the client libraries of half a dozen services that the product must not carry.
//
// What it promises to whoever starts it: TLS only, under a certificate that it made for this folder; keys that it made for this folder; one
// server for each folder, the lock dropped by the kernel however the process ends; and the file address.json (mode 0600), written when the
// server answers:
//
//	{"pid":4711,"endpoint":"127.0.0.1:34567","access_key":"…","secret_key":"…","ca_file":"/…/certificate.pem"}
//
// It is not for production: one machine, no copy, objects synced when the operating system likes.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

func main() {
	dir := flag.String("dir", "", "folder of the store: objects, versions, keys, certificate, address.json")
	port := flag.Int("port", 0, "port on 127.0.0.1; 0 keeps the last one when it is free")
	flag.Parse()
	if *dir == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *dir, *port); err != nil {
		fmt.Fprintln(os.Stderr, "devs3:", err)
		os.Exit(1)
	}
}

// address is what a client needs to know.
type address struct {
	PID       int    `json:"pid"` // of the process that wrote it, so that an old file is not taken for a new answer
	Endpoint  string `json:"endpoint"`
	AccessKey string `json:"access_key"`
	SecretKey string `json:"secret_key"`
	CAFile    string `json:"ca_file"`
}

func run(ctx context.Context, dir string, port int) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	folders := map[string]string{}
	for _, name := range []string{"", "objects", "versions"} { // versions must lie outside the objects
		folders[name] = filepath.Join(dir, name)
		if err := os.MkdirAll(folders[name], 0o700); err != nil {
			return err
		}
	}
	lock, err := takeLock(filepath.Join(dir, "lock"))
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := checkAttributes(folders["objects"]); err != nil {
		return err
	}
	addressFile := filepath.Join(dir, "address.json")
	a, err := lastAddress(addressFile)
	if err != nil {
		return err
	}
	a.CAFile = filepath.Join(dir, "certificate.pem")
	keyFile := filepath.Join(dir, "key.pem")
	if err := makeCertificate(a.CAFile, keyFile); err != nil {
		return err
	}
	if a.Endpoint, err = choosePort(port, a.Endpoint); err != nil {
		return err
	}

	store, err := posix.New(folders["objects"], meta.XattrMeta{}, posix.PosixOpts{
		VersioningDir:       folders["versions"],
		CopyObjectThreshold: 5 << 30, // its zero value refuses every copy
		ValidateBucketNames: true,
	})
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	defer store.Shutdown()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- embedgw.RunVersityGW(ctx, store, &embedgw.Config{
			RootUserAccess: a.AccessKey, RootUserSecret: a.SecretKey,
			Ports: []string{a.Endpoint}, CertFile: a.CAFile, KeyFile: keyFile,
			MaxConnections: 1024, MaxRequests: 512, MultipartMaxParts: 10_000,
			KeepAlive: true, Quiet: true, HealthPath: "/healthz", DisableACLs: true,
		})
	}()
	if err := waitReady(ctx, a, ended); err != nil {
		return err
	}
	a.PID = os.Getpid()
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	if err := writeFile(addressFile, raw); err != nil {
		return err
	}
	if err := <-ended; err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

// takeLock waits a moment for a predecessor that is about to end.
func takeLock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(15 * time.Second); ; {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return file, nil
		}
		if time.Now().After(deadline) {
			file.Close()
			return nil, fmt.Errorf("another object store runs in %s", filepath.Dir(path))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// checkAttributes: the store keeps an object's properties, its lock among them, in extended attributes of its file.
func checkAttributes(dir string) error {
	if err := syscall.Setxattr(dir, "user.binhan.test", []byte("1"), 0); err != nil {
		return fmt.Errorf("the file system of %s keeps no extended attributes (%w); set BINHAN_DATA to a folder on ext4, xfs or btrfs", dir, err)
	}
	return syscall.Removexattr(dir, "user.binhan.test")
}

// lastAddress keeps keys and port from run to run; the first run makes keys.
func lastAddress(path string) (address, error) {
	var a address
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return address{AccessKey: rand.Text()[:20], SecretKey: rand.Text() + rand.Text()}, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &a)
	}
	if err != nil {
		return address{}, fmt.Errorf("read %s: %w", path, err)
	}
	return a, nil
}

// choosePort finds out which port is free by taking it for a moment. If another program takes it in between, the server ends with an error.
func choosePort(wanted int, last string) (string, error) {
	tries := []string{"127.0.0.1:0"}
	if wanted != 0 {
		tries = []string{fmt.Sprintf("127.0.0.1:%d", wanted)}
	} else if last != "" {
		tries = []string{last, "127.0.0.1:0"}
	}
	var listener net.Listener
	var err error
	for _, try := range tries {
		if listener, err = net.Listen("tcp", try); err == nil {
			return listener.Addr().String(), listener.Close()
		}
	}
	return "", err
}

// waitReady asks over TLS, trusting our certificate alone, so that an answer can only be ours.
func waitReady(ctx context.Context, a address, ended <-chan error) error {
	certificate, err := os.ReadFile(a.CAFile)
	if err != nil {
		return err
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(certificate)
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}}
	defer client.CloseIdleConnections()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+a.Endpoint+"/healthz", nil)
		if err != nil {
			return err
		}
		if answer, err := client.Do(request); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-ended:
			return fmt.Errorf("the object store does not start: %w", err)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// makeCertificate makes a certificate for the loopback that is its own authority, unless there is one with a month left.
func makeCertificate(certFile, keyFile string) error {
	if pair, err := tls.LoadX509KeyPair(certFile, keyFile); err == nil && time.Until(pair.Leaf.NotAfter) > 30*24*time.Hour {
		return nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "binhan development object store"},
		NotBefore:             time.Now().Add(-24 * time.Hour),
		NotAfter:              time.Now().AddDate(2, 0, 0),
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := writeFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})); err != nil {
		return err
	}
	return writeFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// writeFile replaces a file whole, readable by its owner only.
func writeFile(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
