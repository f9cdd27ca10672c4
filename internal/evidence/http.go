package evidence

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/site"
)

// Routes is the JSON surface of files.
func (s *Service) Routes() []site.Route {
	return []site.Route{
		{Method: http.MethodPost, Path: "/api/v1/cases/:id/evidence", Act: access.AttachEvidence, Big: MaxSize + 1<<20, Do: s.postFile},
		{Method: http.MethodGet, Path: "/api/v1/cases/:id/evidence", Act: access.ListEvidence, Do: s.getFiles},
		{Method: http.MethodGet, Path: "/api/v1/evidence/:id", Act: access.ReadEvidence, Do: s.getFile},
		{Method: http.MethodGet, Path: "/api/v1/evidence/:id/content", Act: access.ReadEvidence, Do: s.getContent},
	}
}

func (s *Service) postFile(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	f, err := s.Receive(r, id)
	return site.Reply{Status: http.StatusCreated, Body: f, Location: f.Location()}, err
}

// Receive takes the form of an upload, for JSON and pages alike: file, description, and, before the file, size, the exact length of it for
// whoever knows. The file is stored while it arrives; nothing of it touches a disk of ours.
func (s *Service) Receive(r *site.Request, caseID uuid.UUID) (File, error) {
	req := r.HTTP()
	parts, err := req.MultipartReader()
	if err != nil {
		return File{}, fault.New(fault.MediaType, "media_type")
	}
	form := fields{size: -1}
	var staged *Staged
	defer func() {
		if staged != nil {
			s.Discard(req.Context(), staged)
		}
	}()
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return File{}, bodyFault(err)
		}
		if part.FormName() != "file" {
			if err := form.take(part); err != nil {
				return File{}, err
			}
			continue
		}
		if staged != nil {
			return File{}, fault.Bad(fault.Problem{Pointer: "/file", Key: "evidence_one_file"})
		}
		staged, err = s.Stage(r.Context(), r.Who, caseID, Upload{Name: fileName(part), Size: form.size, Content: bodyReader{part}})
		if err != nil {
			return File{}, err
		}
	}
	if staged == nil {
		return File{}, fault.Bad(fault.Problem{Pointer: "/file", Key: "required"})
	}
	st := staged
	staged = nil // from here on Adopt decides
	return s.Adopt(r.Context(), r.Who, st, form.description)
}

// fields are the small parts of the form.
type fields struct {
	description string
	size        int64
}

const fieldBytes = 16 << 10

func (f *fields) take(part *multipart.Part) error {
	text, err := io.ReadAll(io.LimitReader(part, fieldBytes+1))
	if err != nil {
		return bodyFault(err)
	}
	if len(text) > fieldBytes {
		return fault.New(fault.TooLarge, "too_large")
	}
	switch part.FormName() {
	case "description":
		raw, err := json.Marshal(map[string]string{"description": string(text)})
		if err != nil {
			return err
		}
		var clean struct {
			Description string `json:"description"`
		}
		if err := site.Decode(raw, &clean); err != nil { // the same rules for text as everywhere
			return err
		}
		f.description = clean.Description
	case "size":
		n, err := strconv.ParseInt(string(text), 10, 64)
		if err != nil || n < 0 {
			return fault.Bad(fault.Problem{Pointer: "/size", Key: "evidence_other_length"})
		}
		f.size = n
	case "idempotency_key": // of a page's form, read by the site
	default:
		return fault.Bad(fault.Problem{Pointer: "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(part.FormName()), Key: "unknown_field"})
	}
	return nil
}

// fileName is the name as the browser sent it, whole: cleanName takes its last step, of a path of Windows too.
func fileName(part *multipart.Part) string {
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil {
		return ""
	}
	return params["filename"]
}

// bodyReader turns what goes wrong with the body into faults.
type bodyReader struct{ r io.Reader }

func (b bodyReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err != nil && err != io.EOF {
		err = bodyFault(err)
	}
	return n, err
}

func bodyFault(err error) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return fault.New(fault.TooLarge, "too_large")
	}
	return fault.New(fault.Malformed, "cut_off").Because(err)
}

func (s *Service) getFiles(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	files, err := s.List(r.Context(), r.Who, id)
	return site.Reply{Body: struct {
		Items []File  `json:"items"`
		Next  *string `json:"next"`
	}{Items: files}}, err
}

func (s *Service) getFile(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	f, err := s.Read(r.Context(), r.Who, id)
	return site.Reply{Body: f}, err
}

// contentPolicy lets a browser show a picture or play a recording, and nothing else.
const contentPolicy = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"

// passive are the types that a browser shows without running anything. All else is an attachment of no particular type.
var passive = map[string]string{
	"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp",
	"audio/mpeg": ".mp3", "audio/ogg": ".ogg", "audio/wav": ".wav", "audio/x-m4a": ".m4a", "audio/aac": ".aac", "audio/amr": ".amr",
	"video/mp4": ".mp4", "video/webm": ".webm", "video/3gpp": ".3gp", "video/quicktime": ".mov",
}

// extensions of what is an attachment, so that the reader's machine knows a program for it.
var extensions = map[string]string{
	"application/pdf": ".pdf", "text/plain": ".txt", "image/heic": ".heic", "image/tiff": ".tiff", "application/zip": ".zip",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":       ".xlsx",
}

func (s *Service) getContent(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	// A file opened by another site's page with our cookie would tell it that the file is there.
	if from := r.HTTP().Header.Get("Sec-Fetch-Site"); from != "" && from != "same-origin" && from != "none" {
		return site.Reply{}, fault.New(fault.Refused, "other_origin")
	}
	c, err := s.Open(r.Context(), r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	header := http.Header{
		"Content-Security-Policy": {contentPolicy},
		"X-Content-Type-Options":  {"nosniff"},
		"Content-Type":            {"application/octet-stream"},
		"Content-Disposition":     {`attachment; filename="` + neutralName(id, extensions[c.Type]) + `"`},
		"Etag":                    {`"` + id.String() + `"`}, // a file never changes
	}
	if ext, ok := passive[c.Type]; ok {
		header["Content-Type"] = []string{c.Type}
		header["Content-Disposition"] = []string{`inline; filename="` + neutralName(id, ext) + `"`}
	}
	return site.Reply{Header: header, Stream: c.stream}, nil
}

// neutralName says nothing in the list of downloads: "tep-1a2b3c4d.pdf".
func neutralName(id uuid.UUID, ext string) string {
	text := id.String()
	return "tep-" + text[len(text)-8:] + ext
}

// stream answers a whole file or ranges of it, and tells when it could not go on.
func (c *Content) stream(w http.ResponseWriter, req *http.Request) error {
	defer c.Close()
	noting := &notingReader{r: c.Opened}
	http.ServeContent(w, req, "", time.Time{}, io.NewSectionReader(noting, 0, c.Opened.Size()))
	if noting.failed == nil || req.Context().Err() != nil { // she went away: nothing to tell
		return nil
	}
	for _, name := range []string{"Content-Length", "Content-Range", "Content-Disposition", "Accept-Ranges", "Etag", "Last-Modified"} {
		w.Header().Del(name) // in case that nothing was sent yet, an answer about the failure follows
	}
	return noting.failed
}

// notingReader remembers a failure, which http.ServeContent keeps to itself.
type notingReader struct {
	r      io.ReaderAt
	failed error
}

func (n *notingReader) ReadAt(p []byte, off int64) (int, error) {
	got, err := n.r.ReadAt(p, off)
	if err != nil && err != io.EOF {
		n.failed = err
	}
	return got, err
}
