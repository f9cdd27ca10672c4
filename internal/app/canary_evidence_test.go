package app_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"testing"

	"binhan/internal/app/apptest"
	"binhan/internal/s3test"
)

// canaryEvidence attaches a file whose name, description and content are marked, and reads it back.
func canaryEvidence(t *testing.T, s *apptest.Server, c *apptest.Client, path, mark string) {
	t.Helper()
	content := bytes.Repeat([]byte(mark+" bằng chứng\n"), 5000)
	a := attach(t, s, c, path, mark+".txt", mark+" mô tả", content)
	got := c.Must(http.StatusOK, "GET", "/api/v1/evidence/"+a.Text("id")+"/content", nil)
	if !bytes.Equal(got.Body, content) {
		t.Fatal("the file does not come back as it was")
	}
}

// attach uploads a file as a script does.
func attach(t *testing.T, s *apptest.Server, c *apptest.Client, path, name, description string, content []byte) apptest.Answer {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.WriteField("description", description)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(part, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return c.Must(http.StatusCreated, "POST", path+"/evidence", b.Bytes(), "Content-Type", w.FormDataContentType())
}

// canaryStores is the folder of the object store.
func canaryStores(t *testing.T) []string { return []string{s3test.Dir(t)} }
