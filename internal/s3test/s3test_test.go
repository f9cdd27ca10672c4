package s3test_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"strings"
	"testing"

	"binhan/internal/s3test"
)

func TestTheStoreSpeaksTLSUnderItsOwnCertificateAndRefusesStrangers(t *testing.T) {
	t.Parallel()
	store := s3test.Store(t)
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(store.CA) {
		t.Fatal("the store's certificate cannot be read")
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}}
	answer, err := client.Get("https://" + store.Endpoint + "/")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusForbidden {
		t.Errorf("a request without a signature is answered %d", answer.StatusCode)
	}
	if _, err := http.Get("https://" + store.Endpoint + "/"); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a client that trusts only public authorities reached the store: %v", err)
	}
}

func TestEachTestHasABucketOfItsOwn(t *testing.T) {
	t.Parallel()
	if a, b := s3test.Store(t), s3test.Store(t); a.Bucket == b.Bucket || a.Endpoint != b.Endpoint {
		t.Errorf("two tests got %s and %s", a.Bucket, b.Bucket)
	}
}
