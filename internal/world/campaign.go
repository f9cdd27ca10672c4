package world

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// The campaign of 2022 in Kon Tum, from the province's plan: its units, theme, dates, deadlines, signer and recipients are real; every figure and every text
// of a unit is made up, and the edition says so ("số liệu minh hoạ"). The campaign of 2026 is open: some units have reported, some have begun, some not.

// template is the outline and the table of a year, as campaign.DefaultOutline and campaign.DefaultIndicators give them; a test of campaign holds it to them.
//
//go:embed campaign.json
var template []byte

// CampaignUnitID is the id of a unit of a seeded campaign.
func CampaignUnitID(year int, code string) uuid.UUID {
	return uuid.NewSHA1(space, fmt.Appendf(nil, "campaign/%d/%s", year, code))
}

type campaignUnit struct {
	code, name, kind, level, area, org string
	state                              string // 2026 only
}

// units2022 are those of the plan: departments, ten districts, the front and the unions, the police, press and broadcasting.
var units2022 = []campaignUnit{
	{"tp-kon-tum", "Ủy ban nhân dân thành phố Kon Tum", "DISTRICT_PC", "DISTRICT", "608", "", ""},
	{"dak-glei", "Ủy ban nhân dân huyện Đăk Glei", "DISTRICT_PC", "DISTRICT", "610", "", ""},
	{"ngoc-hoi", "Ủy ban nhân dân huyện Ngọc Hồi", "DISTRICT_PC", "DISTRICT", "611", "", ""},
	{"dak-to", "Ủy ban nhân dân huyện Đăk Tô", "DISTRICT_PC", "DISTRICT", "612", "", ""},
	{"kon-plong", "Ủy ban nhân dân huyện Kon Plông", "DISTRICT_PC", "DISTRICT", "613", "", ""},
	{"kon-ray", "Ủy ban nhân dân huyện Kon Rẫy", "DISTRICT_PC", "DISTRICT", "614", "", ""},
	{"dak-ha", "Ủy ban nhân dân huyện Đăk Hà", "DISTRICT_PC", "DISTRICT", "615", "", ""},
	{"sa-thay", "Ủy ban nhân dân huyện Sa Thầy", "DISTRICT_PC", "DISTRICT", "616", "", ""},
	{"tu-mo-rong", "Ủy ban nhân dân huyện Tu Mơ Rông", "DISTRICT_PC", "DISTRICT", "617", "", ""},
	{"ia-hdrai", "Ủy ban nhân dân huyện Ia H'Drai", "DISTRICT_PC", "DISTRICT", "618", "", ""},
	{"sldtbxh", "Sở Lao động - Thương binh và Xã hội", "DOLISA", "PROVINCE", "62", "", ""},
	{"svhttdl", "Sở Văn hóa, Thể thao và Du lịch", "DOCST", "PROVINCE", "62", "", ""},
	{"stttt", "Sở Thông tin và Truyền thông", "OTHER", "PROVINCE", "62", "", ""},
	{"syt", "Sở Y tế", "DOH", "PROVINCE", "62", "", ""},
	{"sgddt", "Sở Giáo dục và Đào tạo", "SCHOOL", "PROVINCE", "62", "", ""},
	{"stp", "Sở Tư pháp", "DOJ", "PROVINCE", "62", "", ""},
	{"cong-an-tinh", "Công an tỉnh", "POLICE_PROVINCE", "PROVINCE", "62", "", ""},
	{"hlhpn", "Hội Liên hiệp Phụ nữ tỉnh", "WU_PROVINCE", "PROVINCE", "62", "", ""},
	{"mttq", "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh", "OTHER", "PROVINCE", "62", "", ""},
	{"bao-kon-tum", "Báo Kon Tum", "OTHER", "PROVINCE", "62", "", ""},
	{"dai-pttt", "Đài Phát thanh và Truyền hình tỉnh", "OTHER", "PROVINCE", "62", "", ""},
	{"cong-ttdt", "Cổng Thông tin điện tử tỉnh", "OTHER", "PROVINCE", "62", "", ""},
}

// units2026 are today's: communes report to the department themselves. Bờ Y has an account; the others that have none send paper.
var units2026 = []campaignUnit{
	{"xa-bo-y", "Ủy ban nhân dân xã Bờ Y", "COMMUNE_PC", "COMMUNE", "23377", "ubnd-boy", "DRAFT"},
	{"phuong-kon-tum", "Ủy ban nhân dân phường Kon Tum", "COMMUNE_PC", "COMMUNE", "23293", "", "SUBMITTED"},
	{"xa-dak-ha", "Ủy ban nhân dân xã Đăk Hà", "COMMUNE_PC", "COMMUNE", "23500", "", "SUBMITTED"},
	{"xa-dak-to", "Ủy ban nhân dân xã Đăk Tô", "COMMUNE_PC", "COMMUNE", "23401", "", "EMPTY"},
	{"xa-sa-thay", "Ủy ban nhân dân xã Sa Thầy", "COMMUNE_PC", "COMMUNE", "23527", "", "RETURNED"},
	{"xa-mang-den", "Ủy ban nhân dân xã Măng Đen", "COMMUNE_PC", "COMMUNE", "23473", "", "EMPTY"},
	{"xa-dak-pek", "Ủy ban nhân dân xã Đăk Pék", "COMMUNE_PC", "COMMUNE", "23341", "", "EMPTY"},
	{"xa-tu-mo-rong", "Ủy ban nhân dân xã Tu Mơ Rông", "COMMUNE_PC", "COMMUNE", "23425", "", "EMPTY"},
	{"svhttdl", "Sở Văn hóa, Thể thao và Du lịch", "DOCST", "PROVINCE", "51", "", "EMPTY"},
	{"syt", "Sở Y tế", "DOH", "PROVINCE", "51", "", "SUBMITTED"},
	{"cong-an-tinh", "Công an tỉnh", "POLICE_PROVINCE", "PROVINCE", "51", "", "EMPTY"},
	{"hlhpn", "Hội Liên hiệp Phụ nữ tỉnh", "WU_PROVINCE", "PROVINCE", "51", "", "SUBMITTED"},
}

type object = map[string]any

// recipients are the Nơi nhận of a report of the department, after those of the plan.
func recipients(ministry string) []object {
	return []object{
		{"text": ministry, "tag": "b/c"}, {"text": "Ủy ban nhân dân tỉnh", "tag": "b/c"}, {"text": "Thường trực Tỉnh ủy", "tag": "b/c"}, {"text": "Thường trực HĐND tỉnh", "tag": "b/c"},
		{"text": "Ủy ban MTTQ Việt Nam tỉnh", "tag": "p/h"}, {"text": "Các đoàn thể chính trị - xã hội tỉnh", "tag": "p/h"}, {"text": "Các Sở, ban, ngành, đơn vị thuộc tỉnh", "tag": "p/h"},
	}
}

func settings2022() object {
	return object{
		"theme": "Đảm bảo an sinh xã hội, tăng quyền năng và tạo cơ hội cho phụ nữ và trẻ em gái nhằm thực hiện bình đẳng giới và xóa bỏ bạo lực trên cơ sở giới",
		// The plan's own appendix of messages was not found; these are of the official list of 2019, still in use.
		"messages":    []string{"Chấm dứt bạo lực, vun đắp yêu thương", "Hãy hành động, đó có thể là người thân của bạn", "Hãy lên tiếng khi bị bạo lực. Mọi người sẽ giúp bạn", "Bình đẳng giới là chìa khóa để chấm dứt bạo lực đối với phụ nữ và trẻ em"},
		"guidance":    "Văn bản số 3917/LĐTBXH-BĐG ngày 03 tháng 10 năm 2022 của Bộ Lao động - Thương binh và Xã hội",
		"plan":        "Kế hoạch của Ủy ban nhân dân tỉnh về tổ chức các hoạt động hưởng ứng Tháng hành động vì bình đẳng giới và phòng ngừa, ứng phó với bạo lực trên cơ sở giới năm 2022",
		"office_code": "SLDTBXH_KT", "superior": "Ủy ban nhân dân tỉnh Kon Tum", "office": "Sở Lao động - Thương binh và Xã hội", "symbol": "BC-SLĐTBXH", "place": "Kon Tum",
		"title": "Kết quả thực hiện Tháng hành động vì bình đẳng giới và phòng ngừa, ứng phó với bạo lực trên cơ sở giới năm 2022",
		"to":    []string{}, "recipients": recipients("Bộ Lao động - Thương binh và Xã hội"), "archive": "VT, BĐG",
		"signature": object{"mode": "", "lines": []string{"Giám đốc"}, "name": ""}, "illustrative": true,
	}
}

func settings2026() object {
	return object{
		"theme":    "Bình đẳng giới và an toàn cho phụ nữ và trẻ em gái trong kỷ nguyên số", // of 2025; that of 2026 was not found
		"messages": []string{"Chấm dứt bạo lực, vun đắp yêu thương", "Đầu tư cho bình đẳng giới là đầu tư cho tương lai"}, "guidance": "", "plan": "",
		"office_code": "SNV_QN", "superior": "Ủy ban nhân dân tỉnh Quảng Ngãi", "office": "Sở Nội vụ", "symbol": "BC-SNV", "place": "Quảng Ngãi",
		"title": "Kết quả thực hiện Tháng hành động vì bình đẳng giới và phòng ngừa, ứng phó với bạo lực trên cơ sở giới năm 2026",
		"to":    []string{}, "recipients": recipients("Bộ Nội vụ"), "archive": "VT, CTTN&BĐG", "signature": object{"mode": "", "lines": []string{"Giám đốc"}, "name": ""}, "illustrative": true,
	}
}

// madeUp is a unit's report with figures that are plainly made up: round, and grown from the place of the unit in the list.
func madeUp(year, i int, u campaignUnit) object {
	n := func(base int) int { return base + base*i/10 }
	quantity := func(own, below int) object {
		q := object{u.level: own}
		if u.level == "DISTRICT" && below > 0 {
			q["COMMUNE"] = below
		}
		return q
	}
	row := func(code string, own, below int) object {
		return object{"code": code, "quantity": quantity(own, below)}
	}
	came := func(code string, own, below, people int) object {
		r := row(code, own, below)
		r["participants"], r["women"] = people, people*11/20
		return r
	}
	rows := []object{row("DOCUMENT", n(2), 4)}
	events := []object{}
	if u.level != "PROVINCE" || u.code == "sldtbxh" {
		rows = append(rows, came("LAUNCH", 1, 0, n(200)))
		on := fmt.Sprintf("%d-11-%02d", year, 15+i%6)
		place := "Hội trường của đơn vị"
		if u.code == "sldtbxh" {
			on, place = "2022-11-11", "Huyện Ngọc Hồi"
		}
		events = append(events, object{"code": "LAUNCH", "on": on, "level": u.level, "place": place, "participants": n(200), "women": n(200) * 11 / 20})
	}
	rows = append(rows, came("TALK", n(2), 6, n(120)), came("TRAINING", n(1), 2, n(60)), came("INTEGRATED", n(2), 8, n(90)), row("BANNER", n(12), 30), row("LEAFLET", n(400), 800),
		row("LOUDSPEAKER", n(8), 40), row("WEB", n(4), 0), row("VISIT_GIFT", n(5), 5))
	switch u.code {
	case "bao-kon-tum":
		rows = append(rows, row("NEWS", 24, 0))
	case "dai-pttt":
		rows = append(rows, row("TV", 12, 0), row("RADIO", 16, 0))
	case "hlhpn":
		rows = append(rows, row("MODEL", 6, 0), row("TRUSTED_PLACE", 15, 0))
	case "sldtbxh":
		rows = append(rows, row("INSPECTION", 4, 0))
	}
	return object{
		"sections": []object{
			{"code": "I", "text": "Đơn vị đã ban hành kế hoạch và phân công thực hiện Tháng hành động (số liệu minh hoạ)."},
			{"code": "II.2", "text": "Truyền thông trực tiếp, qua loa truyền thanh và mạng xã hội (số liệu minh hoạ)."},
			{"code": "IV.2", "text": "Địa bàn rộng, kinh phí còn ít (nội dung minh hoạ)."},
		},
		"indicators": rows, "events": events,
		"budget": []object{{"source": "STATE_LOCAL", "thousand_dong": n(10) * 1000}, {"source": "SOCIALISED", "thousand_dong": n(2)*1000 + 500}},
	}
}

// seedCampaigns writes the two years, once.
func seedCampaigns(ctx context.Context, db Execer) error {
	var there []int
	if err := db.SelectContext(ctx, &there, `select year from campaign.editions where year in (2022, 2026) limit 1`); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	if len(there) > 0 {
		return nil
	}
	var shape object
	if err := json.Unmarshal(template, &shape); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	var units, reports, submissions, moves []object
	officer := UserID("thongke.sldtbxh")
	for _, c := range []struct {
		year, province int
		settings       object
		units          []campaignUnit
	}{{2022, 62, settings2022(), units2022}, {2026, 51, settings2026(), units2026}} {
		for k, v := range shape {
			c.settings[k] = v
		}
		body, err := json.Marshal(c.settings)
		if err != nil {
			return fmt.Errorf("seed: %w", err)
		}
		if _, err := db.ExecContext(ctx, `insert into campaign.editions (year, version, province, starts_on, ends_on, units_due_on, department_due_on, body, by_user, at)
			values ($1, 1, $2, make_date($1, 11, 15), make_date($1, 12, 15), make_date($1, 12, 15), make_date($1, 12, 31), $3, $4, make_date($1, 10, 20)) on conflict do nothing`,
			c.year, fmt.Sprint(c.province), string(body), officer); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
		for i, u := range c.units {
			id := CampaignUnitID(c.year, u.code)
			row := object{"id": id, "year": c.year, "code": u.code, "name": u.name, "kind": u.kind, "level": u.level, "area": u.area, "position": i + 1, "added_at": fmt.Sprintf("%d-10-20T08:00:00+07:00", c.year)}
			if u.org != "" {
				row["organisation_id"] = OrgID(u.org)
			}
			units = append(units, row)
			state := u.state
			if c.year == 2022 {
				state = "SUBMITTED"
			}
			if state == "EMPTY" {
				continue
			}
			content, err := json.Marshal(madeUp(c.year, i, u))
			if err != nil {
				return fmt.Errorf("seed: %w", err)
			}
			at := time.Date(c.year, 12, 5+i%9, 9, 0, 0, 0, time.FixedZone("", 7*3600))
			late := u.code == "ia-hdrai"
			if late {
				at = time.Date(2022, 12, 16, 15, 0, 0, 0, at.Location()) // after the day, so that a new user sees what that looks like
			}
			if c.year == 2026 {
				at = time.Date(2026, 11, 20+i%3, 9, 0, 0, 0, at.Location())
			}
			by := officer
			if u.org != "" {
				by = UserID("baocao.ngochoi")
			}
			reports = append(reports, object{"unit_id": id, "state": "DRAFT", "version": 2, "body": json.RawMessage(content), "updated_at": at, "updated_by": by})
			if state == "DRAFT" {
				continue
			}
			sum := sha256.Sum256(content)
			sub := uuid.NewSHA1(space, fmt.Appendf(nil, "campaign/submission/%s", id))
			submissions = append(submissions, object{"id": sub, "unit_id": id, "number": 1, "kind": "MAIN", "body": string(content), "sha256": hex.EncodeToString(sum[:]), "late": late, "at": at, "by_user": by})
			move := func(name, from, to string, at time.Time, reason any) {
				moves = append(moves, object{"id": uuid.NewSHA1(space, fmt.Appendf(nil, "campaign/move/%s/%s", id, name)), "unit_id": id, "move": name, "from_state": from, "to_state": to, "at": at, "by_user": officer,
					"reason": reason, "submission_id": sub})
			}
			move("submission", "DRAFT", "SUBMITTED", at, nil)
			if state == "RETURNED" {
				move("return", "SUBMITTED", "RETURNED", at.AddDate(0, 0, 1), "Số lượt người dự hội thảo, tập huấn chưa khớp với số lớp. Đề nghị rà soát lại.")
			}
		}
	}
	for _, step := range []struct {
		rows []object
		sql  string
	}{
		{units, `insert into campaign.units (id, year, code, name, kind, level, area, organisation_id, position, added_at)
			select id, year, code, name, kind, level, area, organisation_id, position, added_at from jsonb_populate_recordset(null::campaign.units, $1) on conflict do nothing`},
		{reports, `update campaign.reports r set state = x.state, version = x.version, body = x.body, updated_at = x.updated_at, updated_by = x.updated_by
			from jsonb_populate_recordset(null::campaign.reports, $1) x where r.unit_id = x.unit_id and r.state = 'EMPTY'`},
		{submissions, `insert into campaign.submissions select * from jsonb_populate_recordset(null::campaign.submissions, $1) on conflict do nothing`},
		{moves, `insert into campaign.moves select * from jsonb_populate_recordset(null::campaign.moves, $1) on conflict do nothing`},
	} {
		raw, err := json.Marshal(step.rows)
		if err != nil {
			return fmt.Errorf("seed: %w", err)
		}
		if _, err := db.ExecContext(ctx, step.sql, string(raw)); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
	}
	texts, err := json.Marshal(object{"texts": []object{
		{"code": "IV.1", "text": "Các đơn vị chủ động triển khai, hình thức truyền thông phù hợp với từng địa bàn (nội dung minh hoạ)."},
		{"code": "IV.2", "text": "Địa bàn rộng, giao thông khó khăn; kinh phí còn ít; cán bộ kiêm nhiệm (nội dung minh hoạ)."},
		{"code": "V", "text": "Tiếp tục duy trì các mô hình, địa chỉ tin cậy; đẩy mạnh truyền thông bằng tiếng dân tộc thiểu số (nội dung minh hoạ)."},
		{"code": "VI", "text": "Đề nghị quan tâm bố trí kinh phí cho công tác bình đẳng giới ở cơ sở (nội dung minh hoạ)."},
	}})
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	if _, err := db.ExecContext(ctx, `insert into campaign.drafts (year, version, body, updated_at, updated_by) values (2022, 2, $1, '2022-12-20T09:00:00+07:00', $2) on conflict do nothing`, string(texts), officer); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}
