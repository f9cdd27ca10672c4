package rights

import (
	"archive/zip"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/consent"
	"binhan/internal/evidence"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/i18n"
	"binhan/internal/referral"
	"binhan/internal/seal"
	"binhan/internal/survivor"
)

// CopyCommand asks for the whole file of the person, for her. Files: with the files themselves, not only their list. A passphrase closes the whole copy (an age
// file, opened by the program age); without one it is a plain .zip.
type CopyCommand struct {
	Files      bool   `json:"files,omitempty"`
	Passphrase string `json:"passphrase,omitempty"`
}

// String hides the passphrase.
func (CopyCommand) String() string { return "copy(…)" }

const minPassphrase = 12

// Whole is everything that the law lets her see of her own file (Decree 356/2025 art. 5): what was written about her, what she agreed to, to whom what was shown,
// which files lie there, what was corrected, who opened it, what she asked. Left out is what is about others: the name and age of the person who used violence.
type Whole struct {
	Mark        string                 `json:"mark"`
	MadeAt      time.Time              `json:"made_at"`
	Case        casefile.View          `json:"case"`
	Consents    []consent.View         `json:"consents"`
	Referrals   []referral.View        `json:"referrals"`
	Files       []evidence.File        `json:"files"`
	Corrections []casefile.Correction  `json:"corrections"`
	Opened      []casefile.AccessEntry `json:"opened"`
	Requests    []Request              `json:"requests"`
}

// Copy is a whole file on its way out. Write streams it once.
type Copy struct {
	Whole
	Protected bool
	cmd       CopyCommand
	lang      i18n.Language
	s         *Service
	who       access.Actor
}

// Name is the name of the file: it says nothing in a list of downloads.
func (c *Copy) Name() string {
	if c.Protected {
		return "tai-lieu-" + c.Mark[len(c.Mark)-8:] + ".zip.age"
	}
	return "tai-lieu-" + c.Mark[len(c.Mark)-8:] + ".zip"
}

// most is how many lines of "who opened it" a copy holds.
const most = 1000

// Copy opens the whole file for the person concerned. Only the holder may, after proving again who she is; the data protection officer never holds content, so she
// asks the holder for it. That a copy was made is written down, and its number stands on every page of it.
func (s *Service) Copy(ctx context.Context, who access.Actor, caseID uuid.UUID, cmd CopyCommand, l i18n.Language) (*Copy, error) {
	var ps fault.Problems
	if n := len([]rune(cmd.Passphrase)); cmd.Passphrase != "" && (n < minPassphrase || n > 200) {
		ps.Add("/passphrase", "rights_passphrase", "least", minPassphrase)
	}
	if err := ps.Err(); err != nil {
		return nil, err
	}
	c := &Copy{cmd: cmd, Protected: cmd.Passphrase != "", lang: l, s: s, who: who}
	whole, err := gate.Do(ctx, s.gate, who, access.CopyCase, access.On("case", caseID), func(tx *gate.Tx) (Whole, error) {
		w := Whole{MadeAt: tx.Now}
		id := uuid.Must(uuid.NewV7())
		w.Mark = id.String()
		var err error
		if w.Case, err = casefile.Open(tx, caseID); err != nil {
			return w, err
		}
		for i := range w.Case.Incidents {
			w.Case.Incidents[i].Perpetrators = without(w.Case.Incidents[i].Perpetrators)
		}
		keys, err := survivor.OpenKeys(tx, caseID, seal.Narrative)
		if err != nil {
			return w, err
		}
		if w.Consents, err = consent.OfCase(tx, keys, caseID); err != nil {
			return w, err
		}
		if w.Referrals, err = referral.OfCase(tx, caseID); err != nil {
			return w, err
		}
		for i := range w.Referrals {
			if d := w.Referrals[i].Disclosed; d != nil {
				d.Perpetrators = without(d.Perpetrators)
			}
		}
		if w.Files, err = evidence.OfCase(tx, caseID); err != nil {
			return w, err
		}
		if w.Corrections, err = casefile.HistoryOf(tx, caseID); err != nil {
			return w, err
		}
		if w.Opened, err = casefile.AccessOf(tx, caseID, most); err != nil {
			return w, err
		}
		var requests []requestRow
		if err := tx.Select(&requests, `select `+requestColumns+` where r.case_id = $1 order by r.received_at, r.id`, caseID); err != nil {
			return w, err
		}
		w.Requests = []Request{}
		for _, r := range requests {
			v := r.view(who.Role, tx.Now)
			v.Moves = []string{}
			w.Requests = append(w.Requests, v)
		}
		tx.Later(`insert into rights.copies (id, case_id, request_id, made_by, made_at, with_files, protected)
			values ($1, $2, (select r.id from rights.requests r where r.case_id = $2 and r.kind in ('COPY', 'ACCESS') and r.ended_at is null order by r.id limit 1), $3, $4, $5, $6)`,
			id, caseID, who.User, tx.Now, cmd.Files, c.Protected)
		tx.Because("copy", nil)
		tx.Opened(access.Record, access.Identity, access.Safety, access.Narrative)
		return w, nil
	})
	c.Whole = whole
	return c, err
}

// without leaves of the persons who used violence what is hers to know: that they were, and how they stand to her.
func without(all []casefile.Perpetrator) []casefile.Perpetrator {
	out := make([]casefile.Perpetrator, 0, len(all))
	for _, p := range all {
		out = append(out, casefile.Perpetrator{Relationship: p.Relationship})
	}
	return out
}

// Write streams the copy: index.html to read and print, data.json for machines, the files if they were asked for. Each file that is read is an act of its own.
func (c *Copy) Write(ctx context.Context, w io.Writer) error {
	if c.Protected {
		lock, err := age.NewScryptRecipient(c.cmd.Passphrase)
		if err != nil {
			return err
		}
		lock.SetWorkFactor(16) // 64 MiB: many phones cannot do more
		closed, err := age.Encrypt(w, lock)
		if err != nil {
			return err
		}
		if err := c.zip(ctx, closed); err != nil {
			return err
		}
		return closed.Close()
	}
	return c.zip(ctx, w)
}

func (c *Copy) zip(ctx context.Context, w io.Writer) error {
	z := zip.NewWriter(w)
	add := func(name string) (io.Writer, error) {
		return z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: c.MadeAt.In(calendar.Zone)})
	}
	f, err := add("index.html")
	if err != nil {
		return err
	}
	if err := page.Execute(f, c.document()); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	if f, err = add("data.json"); err != nil {
		return err
	}
	e := json.NewEncoder(f)
	e.SetIndent("", "  ")
	if err := e.Encode(c.Whole); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	if c.cmd.Files && c.s.evidence != nil {
		for i, file := range c.Files {
			if f, err = add(fileName(i, file)); err != nil {
				return err
			}
			if err := c.file(ctx, f, file.ID); err != nil {
				return err
			}
		}
	}
	return z.Close()
}

func (c *Copy) file(ctx context.Context, w io.Writer, id uuid.UUID) error {
	content, err := c.s.evidence.Open(ctx, c.who, id)
	if err != nil {
		return err
	}
	defer content.Close()
	_, err = io.Copy(w, io.NewSectionReader(content.Opened, 0, content.Opened.Size()))
	return err
}

// fileName numbers a file; its own name is kept when it is a name that every system takes.
func fileName(i int, f evidence.File) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < 0x20 {
			return '-'
		}
		return r
	}, f.Name)
	return fmt.Sprintf("tep/%02d-%s", i+1, strings.TrimLeft(name, "."))
}

//go:embed copy.html
var pageText string

var page = template.Must(template.New("copy").Parse(pageText))

type document struct {
	Lang, Title, Mark, WarnTitle, Warn, Lead string
	Sections                                 []section
}

type section struct {
	Title, Note, Empty string
	Parts              []part
	Lines              []string
}

type part struct {
	Title, Text string
	Rows        []line
}

type line struct{ Label, Value string }

func (p *part) add(label, value string) {
	if value != "" {
		p.Rows = append(p.Rows, line{label, value})
	}
}

func (c *Copy) document() document {
	l := c.lang
	t := func(key string, pairs ...any) string { return l.T("rights.copy_"+key, pairs...) }
	code := func(list codelist.Name, v string) string {
		if v == "" {
			return ""
		}
		return codelist.MustGet(list).Label(v, l)
	}
	codes := func(list codelist.Name, vs []string) string {
		var out []string
		for _, v := range vs {
			out = append(out, code(list, v))
		}
		return strings.Join(out, "; ")
	}
	when := func(at time.Time) string { return at.In(calendar.Zone).Format("15:04 02/01/2006") }
	d := document{Lang: string(l), Title: t("title"), WarnTitle: t("warn_title"), Warn: t("warn"), Lead: t("lead", "code", c.Case.Code, "organisation", c.Case.Organisation.Name),
		Mark: t("mark", "number", c.Mark[len(c.Mark)-8:], "at", when(c.MadeAt), "organisation", c.Case.Organisation.Name)}
	v := c.Case
	person := part{}
	if p := v.Survivor; p != nil {
		person.add(t("name"), p.Name)
		person.add(t("sex"), code(codelist.Sex, p.Sex))
		born := p.BirthDate
		if p.BirthYear != nil {
			born = fmt.Sprint(*p.BirthYear)
		}
		person.add(t("born"), born)
		if p.Age != nil {
			person.add(t("age"), fmt.Sprint(*p.Age))
		}
		person.add(t("phone"), p.Phone)
		person.add(t("id_number"), p.IDNumber)
		person.add(t("ethnicity"), code(codelist.Ethnicity, p.Ethnicity))
		person.add(t("language"), code(codelist.SpokenLanguage, p.Language))
		person.add(t("occupation"), code(codelist.Occupation, p.Occupation))
		person.add(t("marital"), code(codelist.MaritalStatus, p.MaritalStatus))
		person.add(t("disability"), codes(codelist.DisabilityType, p.Disability))
		person.add(t("address"), p.Address)
	}
	if u, ok := codelist.AnyCommune(v.Commune); ok {
		person.add(t("commune"), u.Name)
	}
	d.Sections = append(d.Sections, section{Title: t("person"), Parts: []part{person}})
	contact := part{}
	if s := v.SafeContact; s != nil {
		contact.add(t("channel"), s.Channel)
		contact.add(t("value"), s.Value)
		contact.add(t("hours"), s.Hours)
		contact.add(t("code_word"), s.CodeWord)
		contact.add(t("must_not"), strings.Join(s.MustNot, "; "))
	}
	d.Sections = append(d.Sections, section{Title: t("contact"), Parts: []part{contact}})
	record := part{}
	record.add(t("status"), code(codelist.CaseStatus, v.Status))
	record.add(t("risk"), code(codelist.RiskLevel, v.Risk))
	record.add(t("received"), v.ReceivedOn)
	record.add(t("holder"), v.Owner.Name)
	record.add(t("needs"), codes(codelist.ServiceType, v.Needs))
	if v.Intake != nil {
		record.add(t("channel_in"), code(codelist.IntakeChannel, v.Intake.Channel))
	}
	d.Sections = append(d.Sections, section{Title: t("record"), Parts: []part{record}})
	happened := section{Title: t("incidents"), Note: t("incidents_note")}
	for i, x := range v.Incidents {
		p := part{Title: t("incident_n", "n", i+1), Text: x.Description}
		p.add(t("occurred"), x.OccurredOn)
		p.add(t("acts"), codes(codelist.DVAct, x.Acts))
		p.add(t("forms"), codes(codelist.ViolenceForm, x.Forms))
		p.add(t("place"), code(codelist.IncidentPlace, x.Place))
		p.add(t("relationship"), code(codelist.Relationship, x.Relationship))
		happened.Parts = append(happened.Parts, p)
	}
	if v.Narrative != "" {
		happened.Parts = append(happened.Parts, part{Title: t("story"), Text: v.Narrative})
	}
	if len(happened.Parts) == 0 {
		happened.Empty = t("none")
	}
	d.Sections = append(d.Sections, happened)
	agreed := section{Title: t("consents")}
	for _, x := range c.Consents {
		p := part{Title: code(codelist.ConsentPurpose, x.Purpose)}
		p.add(t("decision"), code(codelist.ConsentDecision, x.Decision))
		p.add(t("given"), when(x.GivenAt))
		p.add(t("fields"), shared(l, x.Fields))
		if x.WithdrawnAt != nil {
			p.add(t("withdrawn"), when(*x.WithdrawnAt))
		}
		p.add(t("witness"), x.Witness)
		agreed.Parts = append(agreed.Parts, p)
	}
	if len(agreed.Parts) == 0 {
		agreed.Empty = t("none")
	}
	d.Sections = append(d.Sections, agreed)
	sent := section{Title: t("referrals"), Note: t("referrals_note")}
	for _, x := range c.Referrals {
		p := part{Title: x.To.Name}
		p.add(t("service"), code(codelist.ServiceType, x.Service))
		p.add(t("status"), code(codelist.ReferralStatus, string(x.Status)))
		if x.SentAt != nil {
			p.add(t("sent"), when(*x.SentAt))
		}
		p.add(t("shown"), shared(l, x.Fields))
		if x.LegalBasis != "" {
			p.add(t("basis"), code(codelist.LegalBasis, x.LegalBasis))
		}
		if x.Disclosed != nil {
			p.add(t("reason"), x.Disclosed.Reason)
			p.add(t("needs_note"), x.Disclosed.NeedsNote)
		}
		sent.Parts = append(sent.Parts, p)
	}
	if len(sent.Parts) == 0 {
		sent.Empty = t("none")
	}
	d.Sections = append(d.Sections, sent)
	files := section{Title: t("files"), Note: t("files_listed")}
	if c.cmd.Files {
		files.Note = t("files_inside")
	}
	for i, f := range c.Files {
		p := part{Title: fileName(i, f)}
		p.add(t("description"), f.Description)
		p.add(t("added"), when(f.AddedAt))
		p.add("SHA-256", f.SHA256)
		files.Parts = append(files.Parts, p)
	}
	if len(c.Files) == 0 {
		files.Note, files.Empty = "", t("none")
	}
	d.Sections = append(d.Sections, files)
	corrected := section{Title: t("corrections")}
	for _, x := range c.Corrections {
		corrected.Lines = append(corrected.Lines, t("correction_line", "at", when(x.At), "who", x.By.Name, "n", len(x.Fields)))
	}
	if len(corrected.Lines) == 0 {
		corrected.Empty = t("none")
	}
	d.Sections = append(d.Sections, corrected)
	opened := section{Title: t("opened"), Note: t("opened_note")}
	for _, x := range c.Opened {
		if x.Allowed {
			opened.Lines = append(opened.Lines, t("opened_line", "at", when(x.At), "who", x.Actor.Name, "organisation", x.Actor.Organisation, "act", l.T("act."+x.Act)))
		}
	}
	d.Sections = append(d.Sections, opened)
	asked := section{Title: t("requests")}
	for _, x := range c.Requests {
		asked.Lines = append(asked.Lines, t("request_line", "at", when(x.ReceivedAt), "kind", code(codelist.DSRType, x.Kind), "state", l.T("rights.state_"+string(x.State))))
	}
	if len(asked.Lines) == 0 {
		asked.Empty = t("none")
	}
	return document{Lang: d.Lang, Title: d.Title, Mark: d.Mark, WarnTitle: d.WarnTitle, Warn: d.Warn, Lead: d.Lead,
		Sections: append(d.Sections, asked, section{Title: t("your_rights"), Lines: []string{t("right_correct"), t("right_withdraw"), t("right_erase"), t("right_complain")}})}
}

// shared names the fields of a consent or a referral in the reader's words.
func shared(l i18n.Language, fields []string) string {
	var out []string
	for _, f := range fields {
		out = append(out, l.T("desk.share_"+f))
	}
	return strings.Join(out, ", ")
}
