// Package world is the cast: the organisations, services and staff of the demo province, and made-up cases for them.
//
// Tests, the first start of the development world and the gallery all use the same people, so that a story told in one place can be followed in
// another. Offices and places are real, today's; everybody is made up. Sources of the offices: the reorganisation of 2025-07-01 as written in
// the code lists. Nothing here exists outside of development.
package world

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"binhan/internal/signin"
)

// Password of every demo account. The server refuses to start with these accounts outside of development.
const Password = "binh-an-demo-2026"

// Org is an organisation of the cast.
type Org struct {
	Code, Name, Type, Province, Commune, Predecessor string
	Hidden                                           bool
	Services                                         []string
}

// Person is a member of staff of the cast.
type Person struct {
	Username, Name, Role, Org, Supervisor string
}

// Orgs of the demo province.
var Orgs = []Org{
	{Code: "ctxh-kontum", Name: "Trung tâm Công tác xã hội", Type: "SOCIAL_CENTER", Commune: "23293", Services: []string{"CASE_MGMT", "COUNSELLING", "ESSENTIALS"}},
	{Code: "thamvan-ngochoi", Name: "Cơ sở tham vấn", Type: "COUNSEL_SERVICE", Commune: "23377", Services: []string{"COUNSELLING", "COPING_SKILLS"}},
	{Code: "congan-boy", Name: "Công an xã Bờ Y", Type: "POLICE_COMMUNE", Commune: "23377", Services: []string{"SAFETY", "INVESTIGATE"}},
	{Code: "congan-dakha", Name: "Công an xã Đăk Hà", Type: "POLICE_COMMUNE", Commune: "23500", Services: []string{"SAFETY", "INVESTIGATE"}},
	{Code: "phunu-boy", Name: "Hội LHPN xã Bờ Y", Type: "WU_COMMUNE", Commune: "23377", Services: []string{"FOLLOW_UP", "ESSENTIALS", "MEDIATION"}},
	{Code: "benhvien-kontum", Name: "Bệnh viện đa khoa khu vực Kon Tum", Type: "HOSPITAL", Commune: "23293", Services: []string{"MEDICAL"}},
	{Code: "tgpl-kontum", Name: "Trung tâm Trợ giúp pháp lý", Type: "LEGAL_AID", Commune: "23293", Services: []string{"LEGAL_AID", "LEGAL_ADVICE"}},
	{Code: "tamlanh-kontum", Name: "Nơi tạm lánh", Type: "TRUSTED_ADDRESS", Commune: "23293", Hidden: true, Services: []string{"SHELTER"}},
	{Code: "noivu", Name: "Sở Nội vụ", Type: "DOHA", Predecessor: "Sở Lao động - Thương binh và Xã hội"},
	{Code: "ubnd-boy", Name: "Ủy ban nhân dân xã Bờ Y", Type: "COMMUNE_PC", Commune: "23377", Services: []string{"SOCIAL_ASSIST"}},
}

// People of the demo province.
var People = []Person{
	{"giamsat.kontum", "Giám Sát Thử", "SUPERVISOR", "ctxh-kontum", ""},
	{"tuvan.kontum", "Tư Vấn Thử Một", "COUNSELLOR", "ctxh-kontum", "giamsat.kontum"},
	{"tuvan.ngochoi", "Tư Vấn Thử Hai", "COUNSELLOR", "thamvan-ngochoi", ""},
	{"congan.ngochoi", "Công An Thử Một", "POLICE_FOCAL", "congan-boy", ""},
	{"congan.dakha", "Công An Thử Hai", "POLICE_FOCAL", "congan-dakha", ""},
	{"phunu.ngochoi", "Phụ Nữ Thử", "WU_FOCAL", "phunu-boy", ""},
	{"yte.kontum", "Y Tế Thử", "HEALTH_FOCAL", "benhvien-kontum", ""},
	{"trogiup.kontum", "Trợ Giúp Thử", "LEGAL_AID_OFFICER", "tgpl-kontum", ""},
	{"tamlanh.kontum", "Tạm Lánh Thử", "SHELTER_KEEPER", "tamlanh-kontum", ""},
	{"thongke.sldtbxh", "Thống Kê Thử", "STAT_OFFICER", "noivu", ""},
	{"lanhdao.sldtbxh", "Lãnh Đạo Thử", "STAT_APPROVER", "noivu", ""},
	{"baocao.ngochoi", "Báo Cáo Thử", "UNIT_REPORTER", "ubnd-boy", ""},
	{"quantri", "Quản Trị Thử", "SYS_ADMIN", "noivu", ""},
	{"thanhtra", "Thanh Tra Thử", "AUDITOR", "noivu", ""},
	{"dpo", "Bảo Vệ Dữ Liệu Thử", "DPO", "noivu", ""},
}

// space makes ids of the cast the same everywhere, so that a second seeding finds the first.
var space = uuid.MustParse("6f1b3c1e-4a5d-5e55-9c0e-b1a4a4b1a4a4")

// OrgID is the id of an organisation of the cast.
func OrgID(code string) uuid.UUID { return uuid.NewSHA1(space, []byte("org/"+code)) }

// UserID is the id of a member of staff of the cast.
func UserID(username string) uuid.UUID { return uuid.NewSHA1(space, []byte("user/"+username)) }

// Execer is a connection of the operator's role.
type Execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	SelectContext(ctx context.Context, dest any, query string, args ...any) error
}

// Seed writes organisations, services and accounts; what is there already stays as it is. argon are the parameters of the passwords. The operator's role runs it.
func Seed(ctx context.Context, db Execer, argon string) error {
	run := func(query string, args ...any) error {
		if _, err := db.ExecContext(ctx, query, args...); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
		return nil
	}
	for _, o := range Orgs {
		if err := run(`insert into organisations (id, code, name, type, province, commune, address_hidden, predecessor, valid_from)
			values ($1, $2, $3, $4, '51', nullif($5, ''), $6, nullif($7, ''), '2025-07-01') on conflict do nothing`,
			OrgID(o.Code), o.Code, o.Name, o.Type, o.Commune, o.Hidden, o.Predecessor); err != nil {
			return err
		}
		for _, s := range o.Services {
			if err := run(`insert into services (id, organisation_id, type) values ($1, $2, $3) on conflict do nothing`,
				uuid.NewSHA1(space, []byte("service/"+o.Code+"/"+s)), OrgID(o.Code), s); err != nil {
				return err
			}
		}
	}
	var there []string
	if err := db.SelectContext(ctx, &there, `select username from auth.users`); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	for _, p := range People {
		if slices.Contains(there, p.Username) {
			continue // hashing a password takes a fifth of a second; a start should not wait for what is done
		}
		salt, verifier, err := signin.NewVerifier(Password, argon)
		if err != nil {
			return err
		}
		if err := run(`insert into auth.users (id, username, name, salt, verifier, argon) values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
			UserID(p.Username), p.Username, p.Name, salt, verifier, argon); err != nil {
			return err
		}
		var boss any
		if p.Supervisor != "" {
			boss = UserID(p.Supervisor)
		}
		if err := run(`insert into auth.memberships (id, user_id, organisation_id, role, supervisor) values ($1, $2, $3, $4, $5) on conflict do nothing`,
			uuid.NewSHA1(space, []byte("membership/"+p.Username)), UserID(p.Username), OrgID(p.Org), p.Role, boss); err != nil {
			return err
		}
	}
	if err := seedPlans(ctx, db); err != nil {
		return err
	}
	return seedCampaigns(ctx, db)
}
