package desk_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/app/apptest"
	"binhan/internal/world"
	"binhan/policies"
	"binhan/web/ui"
)

// recorded is a case made by the counsellor, through the JSON surface.
func recorded(t *testing.T, s *apptest.Server) (id string) {
	t.Helper()
	return s.As(t, "tuvan.kontum").Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case()).Text("id")
}

// referred is a referral of a case to the police of Bờ Y.
func referred(t *testing.T, s *apptest.Server, caseID string) (id string) {
	t.Helper()
	c := s.As(t, "tuvan.kontum")
	consent := c.Must(http.StatusCreated, "POST", "/api/v1/cases/"+caseID+"/consents", map[string]any{"purpose": "SHARE_POLICE", "recipient": world.OrgID("congan-boy").String(),
		"fields": []string{"name", "safe_contact", "incident"}, "decision": "GIVEN", "by": "SELF", "method": "WRITTEN"}).Text("id")
	return c.Must(http.StatusCreated, "POST", "/api/v1/cases/"+caseID+"/referrals", map[string]any{"service": "SAFETY", "to": world.OrgID("congan-boy").String(), "priority": "P1",
		"fields": []string{"name", "safe_contact", "incident"}, "consent": consent}).Text("id")
}

func TestRefusedIntakeComesBackWithEverythingThatWasTyped(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	b := as(t, s, "tuvan.kontum")
	b.visit("/tiep-nhan/moi")
	before, _ := b.at.form("/tiep-nhan/moi")
	typed := told()
	for name, x := range map[string]any{"intake.channel": "", "survivor.birth_date.month": "13", "survivor.commune": "Xã Không Có", "incident.perpetrators.1.age": "bốn mươi", "_consents_method": ""} {
		typed[name] = x
	}
	b.send("/tiep-nhan/moi", typed)
	if b.at.Status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d: %s", b.at.Status, b.at.text())
	}
	b.says("Còn 5 chỗ cần xem lại. Mọi điều đã nhập vẫn được giữ.", "Chọn cách tin báo đến.", "Nhập đủ ngày, tháng, năm sinh", "Chọn xã, phường trong danh sách", "Tuổi: Nhập một số nguyên.", "Chọn trả lời bằng cách nào.")
	want := url.Values{}
	for name := range before {
		want[name] = before[name]
	}
	for name, x := range typed {
		switch x := x.(type) {
		case string:
			want.Set(name, x)
		case []string:
			want[name] = x
		}
	}
	got, _ := b.at.form("/tiep-nhan/moi")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the form changed (-typed +shown)\n%s", diff)
	}
	for _, field := range []string{"f-intake.channel", "f-survivor.birth_date", "f-survivor.commune", "f-incident.perpetrators.1.age", "f-_consents_method"} {
		if !slices.Contains(b.at.links(), "#"+field) || !strings.Contains(b.at.Source, `id="`+field+`"`) || !strings.Contains(b.at.Source, `id="`+field+`-problem"`) {
			t.Errorf("the summary does not lead to %s", field)
		}
	}
	if !strings.HasPrefix(b.at.title(), "Cần xem lại") {
		t.Errorf("the title is %q", b.at.title())
	}
	b.send("/tiep-nhan/moi", map[string]any{"intake.channel": "IN_PERSON", "survivor.birth_date.month": "3", "survivor.commune": "Xã Bờ Y (23377)", "incident.perpetrators.1.age": "40", "_consents_method": "WRITTEN"})
	b.on("/ho-so/*")
	b.says("Người Thử Nghiệm Một")
	b.unfold("Người Gây Việc Thử, 40 tuổi")
}

func TestFormSentTwiceRecordsOnce(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	b := as(t, s, "tuvan.kontum")
	b.visit("/tiep-nhan/moi")
	v, _ := b.at.form("/tiep-nhan/moi")
	v.Set("intake.channel", "IN_PERSON")
	first := b.ask(http.MethodPost, "/tiep-nhan/moi", v)
	second := b.ask(http.MethodPost, "/tiep-nhan/moi", v)
	if first.Status != http.StatusSeeOther || second.Status != http.StatusSeeOther || first.Header.Get("Location") != second.Header.Get("Location") {
		t.Fatalf("%d %s, then %d %s", first.Status, first.Header.Get("Location"), second.Status, second.Header.Get("Location"))
	}
	// The same key with other words is neither taken silently nor lost.
	v.Set("narrative", "Thêm một câu (thử).")
	other := b.ask(http.MethodPost, "/tiep-nhan/moi", v)
	again, _ := other.form("/tiep-nhan/moi")
	if other.Status != http.StatusUnprocessableEntity || again.Get("narrative") != "Thêm một câu (thử)." || again.Get("idempotency_key") == v.Get("idempotency_key") {
		t.Errorf("%d: %s", other.Status, other.text())
	}
}

func TestConsentAndReferralAreOneForm(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	path := "/ho-so/" + recorded(t, s)
	b := as(t, s, "tuvan.kontum")
	form := path + "/chuyen-gui/moi"
	b.visit(form)

	// Nothing is recorded by a form that cannot be taken.
	b.send(form, map[string]any{"service": "SAFETY", "to": world.OrgID("congan-boy").String(), "fields": []string{"name"}, "reason": "Chuyện thử.", "opinion": "GIVEN"})
	b.says("Đọc lại tên nơi nhận rồi đánh dấu vào đây.") // chosen once, read once more
	b.send(form, map[string]any{"_receiver_read": "yes"})
	b.says("Chọn trả lời bằng cách nào.")
	if v, _ := b.at.form(form); v.Get("reason") != "Chuyện thử." || !slices.Equal(v["fields"], []string{"name"}) {
		t.Errorf("typed words are lost: %v", v)
	}
	b.send(form, map[string]any{"opinion": nil})
	b.says("Chọn ý kiến của người ấy.")
	b.send(form, map[string]any{"opinion": "REFUSED"})
	b.says("Người ấy không đồng ý nên không gửi.")
	b.send(form, map[string]any{"opinion": "NOT_ASKED", "legal_basis.reason": "x"})
	b.says("Chọn căn cứ.", "Ghi rõ vì sao chưa hỏi được")
	if n := s.As(t, "tuvan.kontum").Must(http.StatusOK, "GET", "/api/v1/cases/"+strings.TrimPrefix(path, "/ho-so/")+"/consents", nil).Len("items"); n != 0 {
		t.Errorf("%d consents after refused forms", n)
	}

	// A need is noted where she did not agree; nothing is sent.
	b.send(form, map[string]any{"opinion": "REFUSED", "service": "LEGAL_AID", "to": world.OrgID("tgpl-kontum").String(), "draft": "true"})
	b.on("/ho-so/*")
	b.says("Đã ghi nhu cầu. Chưa gửi gì cho nơi nào.", "Không đồng ý chia sẻ")
	b.unfold("Chuyển gửi: Trợ giúp pháp lý")

	// What was agreed on the page is recorded with it, and a second referral beyond it is refused by name.
	b.visit(form)
	b.send(form, map[string]any{"service": "SAFETY", "to": world.OrgID("congan-boy").String(), "fields": []string{"name"}, "opinion": "GIVEN", "consent_method": "WRITTEN", "_receiver_read": "yes"})
	b.on("/phieu/*")
	b.visit(path)
	b.says("Đồng ý chia sẻ với Công an xã Bờ Y")
	consent := ""
	for _, c := range s.As(t, "tuvan.kontum").Must(http.StatusOK, "GET", "/api/v1/cases/"+strings.TrimPrefix(path, "/ho-so/")+"/consents", nil).At("items").([]any) {
		if m := c.(map[string]any); m["live"] == true {
			consent = m["id"].(string)
		}
	}
	b.visit(form)
	b.send(form, map[string]any{"service": "INVESTIGATE", "to": world.OrgID("congan-boy").String(), "fields": []string{"name", "narrative"}, "opinion": "GIVEN", "consent": consent, "_receiver_read": "yes"})
	b.says("Người ấy chưa đồng ý chia sẻ: Nội dung kể.")

	// In danger, before she could be asked, a ground in law carries it.
	b.send(form, map[string]any{"opinion": "NOT_ASKED", "consent": nil, "legal_basis.code": "EMERGENCY", "legal_basis.reason": "Đang bị đe dọa (thử).", "fields": []string{"name", "safe_contact"}})
	b.on("/phieu/*")
	b.says("Bảo vệ tính mạng, sức khỏe trong trường hợp cấp bách: Đang bị đe dọa (thử).")
	// The same again is refused with the form whole, and the consent given for it is not asked twice.
	b.visit(form)
	b.send(form, map[string]any{"service": "INVESTIGATE", "to": world.OrgID("congan-boy").String(), "fields": []string{"name"}, "opinion": "GIVEN", "consent_method": "WRITTEN", "_receiver_read": "yes"})
	b.says("Nơi này đang có một phiếu mở của hồ sơ cho cùng dịch vụ.")
	if v, _ := b.at.form(form); uuid.Validate(v.Get("consent")) != nil {
		t.Errorf("the consent just recorded is not chosen: %v", v["consent"])
	}
}

func TestWithdrawnConsentStopsTheReferralOnThePage(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	id := recorded(t, s)
	ref := referred(t, s, id)
	counsellor, police := as(t, s, "tuvan.kontum"), as(t, s, "congan.ngochoi")
	police.visit("/phieu/" + ref)
	police.send("/phieu/"+ref+"/tiep-nhan", nil)
	police.says("Người Thử Nghiệm Một")
	counsellor.visit("/ho-so/" + id)
	action := withdrawal.FindString(counsellor.at.Source)
	counsellor.send(action, map[string]any{"reason": "Đổi ý (thử)."})
	counsellor.says("Đã rút lại đồng ý.", "Rút lại đồng ý: Chia sẻ với Công an", "Dừng do rút lại đồng ý")
	police.visit("/phieu/" + ref)
	police.says("Người ấy đã rút lại đồng ý.")
	police.hides("Người Thử Nghiệm Một", "0900", "Đổi ý")

	// Once more: the page says that it is over, and keeps what was typed.
	v := url.Values{"case": {id}, "reason": {"Lần nữa (thử)."}}
	again := counsellor.ask(http.MethodPost, action, v)
	if again.Status != http.StatusConflict || !strings.Contains(again.text(), "Ý kiến này không còn hiệu lực") {
		t.Errorf("%d: %s", again.Status, again.text())
	}
}

var withdrawal = regexp.MustCompile(`/dong-y/[0-9a-f-]{36}/rut`)

func TestStaleCorrectionShowsBothVersions(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	path := "/ho-so/" + recorded(t, s)
	one, two := as(t, s, "tuvan.kontum"), as(t, s, "tuvan.kontum")
	one.visit(path + "/sua")
	two.visit(path + "/sua")
	one.send(path+"/sua", map[string]any{"safe_contact.hours": "13 giờ đến 15 giờ", "risk": "HIGH"})
	one.on("/ho-so/*")
	one.says("Đã lưu phần sửa.", "13 giờ đến 15 giờ", "Nguy cơ cao")

	two.send(path+"/sua", map[string]any{"safe_contact.hours": "7 giờ đến 8 giờ", "survivor.birth_year": "1990"})
	if two.at.Status != http.StatusPreconditionFailed {
		t.Fatalf("status %d", two.at.Status)
	}
	two.says("Người khác vừa sửa hồ sơ này", "Giờ an toàn: đang được lưu là “13 giờ đến 15 giờ”.", "Mức nguy cơ: đang được lưu là “Nguy cơ cao”.", "Năm sinh: đang được lưu là “"+strconv.Itoa(apptest.BornIn)+"”.")
	if v, _ := two.at.form(path + "/sua"); v.Get("safe_contact.hours") != "7 giờ đến 8 giờ" || v.Get("survivor.birth_year") != "1990" {
		t.Errorf("typed words are lost: %v", v)
	}
	two.send(path+"/sua", map[string]any{"risk": "HIGH"})
	two.on("/ho-so/*")
	two.says("7 giờ đến 8 giờ", "1990", "Nguy cơ cao")
}

func TestCorrectionClearsWhatWasEmptiedAndKeepsTheRest(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	id := recorded(t, s)
	c := s.As(t, "tuvan.kontum")
	before := c.Must(http.StatusOK, "GET", "/api/v1/cases/"+id, nil)
	b := as(t, s, "tuvan.kontum")
	b.visit("/ho-so/" + id + "/sua")
	b.send("/ho-so/"+id+"/sua", nil)
	b.on("/ho-so/*")
	if same := c.Must(http.StatusOK, "GET", "/api/v1/cases/"+id, nil); !bytes.Equal(before.Body, same.Body) {
		t.Errorf("saving an untouched form changed the case\n%s\n%s", before.Body, same.Body)
	}
	b.visit("/ho-so/" + id + "/sua")
	b.send("/ho-so/"+id+"/sua", map[string]any{"survivor.phone": "", "survivor.commune": "", "needs": nil, "safe_contact.must_not": []string{"nhắn tin", "VISIT"}})
	after := c.Must(http.StatusOK, "GET", "/api/v1/cases/"+id, nil)
	if after.At("survivor.phone") != nil || after.At("commune") != nil || after.At("needs") != nil || after.Text("survivor.name") != "Người Thử Nghiệm Một" ||
		after.Text("narrative") != "Lời kể thử nghiệm." || after.Text("safe_contact.must_not.0") != "nhắn tin" || after.Text("safe_contact.must_not.1") != "VISIT" {
		t.Errorf("after: %s", after.Body)
	}
}

func TestStepsOfACaseAreTakenOnPages(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	id := recorded(t, s)
	path := "/ho-so/" + id
	b := as(t, s, "tuvan.kontum")
	b.visit(path + "/su-viec/moi")
	b.send(path+"/su-viec/moi", map[string]any{"occurred_on.day": "31", "occurred_on.month": "2", "occurred_on.year": "2026", "description": "Lần hai (thử)."})
	b.says("Nhập ngày, tháng, năm của việc đã xảy ra")
	b.send(path+"/su-viec/moi", map[string]any{"occurred_on.day": "1", "acts": []string{"N"}})
	b.on("/ho-so/*")
	b.says("Đã thêm sự việc.", "01/02/2026")
	b.unfold("Bạo lực kinh tế")
	b.visit(path + "/dong-y/moi")
	b.send(path+"/dong-y/moi", map[string]any{"purpose": "SHARE_HEALTH", "recipient": world.OrgID("benhvien-kontum").String(), "fields": []string{"name", "needs"}, "expires_at.day": "1"})
	b.says("Chọn câu trả lời của người ấy.", "Nhập đủ ngày, tháng, năm, hoặc để trống cả ba.")
	b.send(path+"/dong-y/moi", map[string]any{"decision": "GIVEN", "by": "SELF", "method": "AUDIO", "expires_at.month": "12", "expires_at.year": "2199", "witness": "Người Chứng Kiến Thử"})
	b.on("/ho-so/*")
	b.says("Đã ghi ý kiến của người ấy.", "Chia sẻ với cơ sở y tế", "Bệnh viện đa khoa khu vực Kon Tum", "01/12/2199", "Cuộc gọi ghi âm")
	b.visit("/ho-so")
	b.send("/ho-so/tim", map[string]any{"name": "mot nguoi  THU nghiem"})
	b.says("Kết quả tìm", "Xã Bờ Y")
	b.hides("Người Thử Nghiệm Một", "0900")
	b.send("/ho-so/tim", map[string]any{"name": "", "code": "Z"})
	b.says("Mã hồ sơ chưa đúng; xem lại từng chữ.")
	b.visit("/ho-so?risk=&status=NEW&commune=23377")
	b.says("Xã Bờ Y")
	b.visit("/ho-so?status=CLOSED")
	b.says("Chưa có hồ sơ nào ở đây.")
}

func TestFilesOfACaseAreKeptAndReadOnPages(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	id := recorded(t, s)
	b := as(t, s, "tuvan.kontum")
	send := func(name, content string) sheet {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		_ = w.WriteField("description", "Giấy khám (thử).")
		if name != "" {
			f, err := w.CreateFormFile("file", name)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = f.Write([]byte(content))
		}
		w.Close()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/ho-so/"+id+"/tai-lieu", &body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", w.FormDataContentType())
		req.Header.Set("Origin", s.URL)
		res, err := b.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return sheet{Status: res.StatusCode, Header: res.Header}
	}
	if empty := send("", ""); empty.Status != http.StatusUnprocessableEntity {
		t.Errorf("no file: %d", empty.Status)
	}
	if ok := send("giay-kham.txt", "Chữ thử nghiệm."); ok.Status != http.StatusSeeOther {
		t.Fatalf("upload: %d", ok.Status)
	}
	b.visit("/ho-so/" + id)
	b.says("Đã niêm phong và lưu tài liệu.", "giay-kham.txt", "Giấy khám (thử).", "Văn bản · 21 byte", "Tư Vấn Thử Một")
	at := b.at.links()[slices.IndexFunc(b.at.links(), func(x string) bool { return strings.HasPrefix(x, "/tai-lieu/") })]
	if got := b.ask(http.MethodGet, at, nil); got.Status != http.StatusOK || got.Source != "Chữ thử nghiệm." || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%d %q %s", got.Status, got.Source, got.Header.Get("Content-Disposition"))
	}
	for _, stranger := range []string{"congan.ngochoi", "giamsat.kontum", "tuvan.ngochoi"} {
		if got := as(t, s, stranger).ask(http.MethodGet, at, nil); got.Status != http.StatusNotFound {
			t.Errorf("%s opens the file: %d", stranger, got.Status)
		}
	}
}

func TestSupervisorSeesTheRecordAndOpensMoreWithAReason(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	id := recorded(t, s)
	boss := as(t, s, "giamsat.kontum")
	boss.visit("/ho-so")
	boss.says("Tư Vấn Thử Một")
	boss.visit("/ho-so/" + id)
	boss.says("Phần này đang đóng với bạn.", "Mở phần đang đóng", "Tư Vấn Thử Một")
	boss.hides("Người Thử Nghiệm Một", "0900", "Lời kể", "hoa dã quỳ", "Sửa hồ sơ", "/chuyen-gui/moi")
	boss.send("/ho-so/"+id+"/hien", map[string]any{"classes": "safety"})
	if boss.at.Status != http.StatusUnprocessableEntity {
		t.Fatalf("without a reason: %d", boss.at.Status)
	}
	boss.says("Ghi rõ lý do, ít nhất vài chữ.")
	boss.hides("hoa dã quỳ")
	boss.send("/ho-so/"+id+"/hien", map[string]any{"classes": "safety", "reason": "Gọi lại thay người phụ trách (thử)."})
	boss.says("hoa dã quỳ", "0900 000 002")
	boss.hides("Lời kể", "Người Thử Nghiệm Một")
	boss.visit("/ho-so/" + id)
	boss.hides("hoa dã quỳ")
	holder := as(t, s, "tuvan.kontum")
	holder.visit("/ho-so/" + id)
	holder.says("Giám Sát Thử Mở phần đang đóng", "người giám sát")
}

// wide is a value for each parameter of a path that names nothing.
var wide = regexp.MustCompile(`[:*][a-z]+`)

func TestEveryPageIsMissingForARoleWithoutItsAct(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	id, policy := recorded(t, s), mustPolicy(t)
	ref := referred(t, s, id)
	people := map[string]*browser{}
	roles := map[string]access.Role{}
	for _, p := range world.People {
		people[p.Username], roles[p.Username] = as(t, s, p.Username), access.Role(p.Role)
	}
	asked := 0
	for _, r := range s.App.Site.Routes() {
		if !r.Page() || r.Act.Name == "" {
			continue
		}
		path := r.Path
		if strings.HasPrefix(path, "/phieu/") {
			path = wide.ReplaceAllString(path, ref)
		}
		path = wide.ReplaceAllString(path, id)
		for _, p := range world.People {
			b := people[p.Username]
			if policy.Any(roles[p.Username], r.Act.Name) != 0 {
				continue
			}
			asked++
			var form url.Values
			if r.Method == http.MethodPost {
				form = url.Values{}
			}
			got, never := b.ask(r.Method, path, form), b.ask(r.Method, "/khong-co-trang-nay", form)
			if got.Status != http.StatusNotFound {
				t.Errorf("%s: %s %s: %d", p.Username, r.Method, r.Path, got.Status)
			} else if got.Source != never.Source {
				t.Errorf("%s: %s %s is another page than what does not exist", p.Username, r.Method, r.Path)
			}
		}
	}
	if asked < 100 {
		t.Errorf("only %d pages asked", asked)
	}
}

func mustPolicy(t *testing.T) *access.Policy {
	t.Helper()
	p, err := access.New(policies.Model, policies.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAnothersCaseLooksLikeOneThatDoesNotExist(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	id := recorded(t, s)
	ref := referred(t, s, id)
	never := uuid.NewString()
	for _, name := range []string{"tuvan.ngochoi", "phunu.ngochoi", "congan.dakha"} {
		b := as(t, s, name)
		for _, path := range []string{"/ho-so/%s", "/ho-so/%s/sua", "/ho-so/%s/su-viec/moi", "/ho-so/%s/dong-y/moi", "/ho-so/%s/chuyen-gui/moi", "/phieu/%s"} {
			real := id
			if strings.HasPrefix(path, "/phieu") {
				real = ref
			}
			a, z := b.ask(http.MethodGet, strings.Replace(path, "%s", real, 1), nil), b.ask(http.MethodGet, strings.Replace(path, "%s", never, 1), nil)
			if a.Status != http.StatusNotFound || z.Status != http.StatusNotFound || a.Source != z.Source {
				t.Errorf("%s tells %s apart: %d, %d", name, path, a.Status, z.Status)
			}
		}
	}
}

func TestEveryRouteDeclaresItsActOrThatItNeedsNone(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	anyone := []string{"/hom-nay", "/khoa", "/nhip", "/xac-nhan", "/xac-nhan/khoa"}
	public := []string{"/", "/assets/*file", "/bao-loi", "/co-chu", "/dang-nhap", "/dang-nhap/khoa", "/dang-xuat", "/mo-khoa", "/ngon-ngu", "/so-lieu", "/so-lieu/:id", "/so-lieu/:id/:table", "/so-lieu/:id/:table/o", "/so-lieu/catalog.jsonld", "/thiet-lap", "/thoat", "/tro-giup"}
	for _, r := range s.App.Site.Routes() {
		if !r.Page() {
			continue
		}
		kinds := 0
		for _, is := range []bool{r.Act.Name != "", r.Public, r.Anyone} {
			if is {
				kinds++
			}
		}
		if kinds != 1 || r.Public != slices.Contains(public, r.Path) || r.Anyone != slices.Contains(anyone, r.Path) {
			t.Errorf("%s %s: act %q, public %v, anyone %v", r.Method, r.Path, r.Act.Name, r.Public, r.Anyone)
		}
		if r.Method == http.MethodPost && r.Act.Name != "" && r.Again == nil {
			t.Errorf("POST %s forgets what was typed when it is refused", r.Path)
		}
	}
}

func TestFormsOfAnotherSiteAreRefused(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	id := recorded(t, s)
	b := as(t, s, "tuvan.kontum")
	for _, r := range s.App.Site.Routes() {
		if !r.Page() || r.Method != http.MethodPost || r.Path == "/bao-loi" { // what a browser reports about our own policy is counted, whoever sends it, and changes nothing
			continue
		}
		path := wide.ReplaceAllString(r.Path, id)
		for _, h := range [][]string{{"Origin", "https://noi-khac.example"}, {"Origin", ""}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}} {
			if got := b.ask(http.MethodPost, path, url.Values{"intake.channel": {"IN_PERSON"}, "lang": {"en"}}, h...); got.Status != http.StatusForbidden || len(got.Header["Set-Cookie"]) > 0 {
				t.Errorf("POST %s with %v: %d", r.Path, h, got.Status)
			}
		}
	}
	b.visit("/hom-nay")
	b.on("/hom-nay")
}

func TestNoPageNamesAnybodyInItsTitleOrAddress(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	id := recorded(t, s)
	ref := referred(t, s, id)
	b := as(t, s, "tuvan.kontum")
	named := regexp.MustCompile(`(?i)thử|nghiệm|0900|P-[A-Z0-9]{6}|[A-Z0-9]{4}-51-`)
	address := regexp.MustCompile(`^(#f?-?[a-zA-Z_.0-9-]*|tel:[+0-9]+|/[a-z0-9/._-]*(\?(service|cursor|status|risk|commune|since)=[A-Za-z0-9_-]*)?)$`)
	for _, path := range []string{"/hom-nay", "/tiep-nhan/moi", "/ho-so", "/ho-so/" + id, "/ho-so/" + id + "/sua", "/ho-so/" + id + "/su-viec/moi", "/ho-so/" + id + "/dong-y/moi",
		"/ho-so/" + id + "/chuyen-gui/moi", "/chuyen-gui/di", "/chuyen-gui/den", "/phieu/" + ref, "/tro-giup"} {
		p := b.visit(path)
		b.on(path)
		if title := p.title(); named.MatchString(title) || !strings.HasSuffix(title, " – Sổ công việc") {
			t.Errorf("%s has the title %q", path, title)
		}
		for _, link := range p.links() {
			if !address.MatchString(link) {
				t.Errorf("%s leads to %s", path, link)
			}
		}
		if c := p.Header.Get("Cache-Control"); c != "no-store" {
			t.Errorf("%s may be kept: %s", path, c)
		}
	}
}

func TestMenusListWhatTheRoleMayDo(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	menu := func(name string) []string {
		b := as(t, s, name)
		var out []string
		for _, x := range b.at.links() {
			switch x {
			case ui.PathToday, ui.PathIntake, ui.PathCases, ui.PathReferralsIn, ui.PathReferralsOut, ui.PathReleases:
				if !slices.Contains(out, x) {
					out = append(out, x)
				}
			}
		}
		slices.Sort(out)
		return out
	}
	got := map[string][]string{}
	for _, name := range []string{"tuvan.kontum", "congan.ngochoi", "giamsat.kontum", "phunu.ngochoi", "quantri"} {
		got[name] = menu(name)
	}
	want := map[string][]string{
		"tuvan.kontum":   {"/chuyen-gui/den", "/chuyen-gui/di", "/ho-so", "/hom-nay", "/tiep-nhan/moi"},
		"phunu.ngochoi":  {"/chuyen-gui/den", "/chuyen-gui/di", "/ho-so", "/hom-nay", "/tiep-nhan/moi"},
		"congan.ngochoi": {"/chuyen-gui/den", "/hom-nay"},
		"giamsat.kontum": {"/chuyen-gui/di", "/ho-so", "/hom-nay"},
		"quantri":        {"/hom-nay"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestLanguageAndLetterSizeStay(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	b := as(t, s, "tuvan.kontum")
	b.visit("/ho-so")
	b.send("/ngon-ngu", map[string]any{"lang": "en"})
	b.on("/ho-so")
	b.says("Work log", "Cases", "Counsellor")
	b.send("/co-chu", map[string]any{"size": "130"})
	b.on("/ho-so")
	if !strings.Contains(b.at.Source, `data-size="130"`) {
		t.Error("the letters are as small as before")
	}
	b.visit("/ho-so/" + uuid.NewString())
	b.says("Nothing here")
	for _, to := range []string{"https://noi-khac.example/", "//noi-khac.example", "////noi-khac.example", `/\noi-khac.example`, "javascript:alert(1)", "/thoat"} {
		if got := b.ask(http.MethodPost, "/ngon-ngu", url.Values{"lang": {"vi"}, "back": {to}}); got.Header.Get("Location") != "/hom-nay" {
			t.Errorf("back to %q leads to %q", to, got.Header.Get("Location"))
		}
	}
}
