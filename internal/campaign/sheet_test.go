package campaign_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"binhan/internal/campaign"
	"binhan/internal/fault"
)

// filled is the workbook of Bờ Y as the system gives it, after somebody worked in it.
func (g ground) filled(t *testing.T, year int, unit string, work func(f *excelize.File)) []byte {
	t.Helper()
	raw, _, err := g.s.Sheet(t.Context(), g.officer, year, unit)
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	work(f)
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func set(t *testing.T, f *excelize.File, sheet, cell string, v any) {
	t.Helper()
	if err := f.SetCellValue(sheet, cell, v); err != nil {
		t.Fatal(err)
	}
}

// In 2026 the columns of Bảng 1 are: D total, E province, F commune, G participants, H women, I note. Row 8 is TALK, row 16 LEAFLET, row 5 DOCUMENT.

func TestAFilledSheetComesBackAsTheReport(t *testing.T) {
	t.Parallel()
	g := begin(t)
	raw := g.filled(t, 2026, boY, func(f *excelize.File) {
		for row := 5; row <= 32; row++ {
			for _, column := range "EFGH" {
				set(t, f, "Bảng 1", string(column)+itoa(row), nil)
			}
		}
		set(t, f, "Bảng 1", "F8", 3)
		set(t, f, "Bảng 1", "D8", 3)
		set(t, f, "Bảng 1", "G8", 120)
		set(t, f, "Bảng 1", "H8", 70)
		set(t, f, "Bảng 2", "C5", 12.5)
		set(t, f, "Bảng 2", "C7", 3.0)
		set(t, f, "Bảng 2", "C10", 15.5)
		set(t, f, "Bảng 3", "B5", "20/11/2026")
		set(t, f, "Bảng 3", "C5", "Nói chuyện chuyên đề, truyền thông trực tiếp")
		set(t, f, "Bảng 3", "D5", "Cấp xã")
		set(t, f, "Bảng 3", "E5", "Nhà văn hóa thôn")
		set(t, f, "Bảng 3", "F5", 60)
		set(t, f, "Bảng 3", "G5", 35)
		set(t, f, "Nội dung", "C5", "Đã ban hành kế hoạch.")
	})
	p, err := g.s.ReadSheet(t.Context(), g.reporter, 2026, boY, raw)
	if err != nil {
		t.Fatal(err)
	}
	want := campaign.Content{
		Indicators: []campaign.Count{{Code: "TALK", Quantity: campaign.Quantity{Commune: n(3)}, Participants: n(120), Women: n(70)}},
		Events:     []campaign.Event{{Code: "TALK", On: "2026-11-20", Level: campaign.Commune, Place: "Nhà văn hóa thôn", Participants: n(60), Women: n(35)}},
		Budget:     []campaign.Money{{Source: "STATE_LOCAL", ThousandDong: 12500}, {Source: "SOCIALISED", ThousandDong: 3000}},
	}
	got := p.Content
	if len(got.Sections) != 3 || got.Sections[0].Text != "Đã ban hành kế hoạch." {
		t.Error(got.Sections)
	}
	got.Sections = nil
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if len(p.Changes) == 0 {
		t.Error("nothing is said to change")
	}
	// A preview keeps nothing; accepting it is saving it.
	a, err := g.s.Activities(t.Context(), g.reporter, 2026, boY)
	if err != nil || a.Version != p.Version {
		t.Fatal(a.Version, p.Version, err)
	}
	if _, err := g.s.Write(t.Context(), g.reporter, 2026, boY, p.Version, campaign.WriteCommand{Sections: p.Sections, Indicators: p.Indicators, Events: p.Events, Budget: p.Budget}); err != nil {
		t.Error(err)
	}
}

func itoa(n int) string { return string(rune('0'+n/10%10)) + string(rune('0'+n%10)) }

func TestAnUntouchedSheetChangesNothing(t *testing.T) {
	t.Parallel()
	g := begin(t)
	p, err := g.s.ReadSheet(t.Context(), g.reporter, 2026, boY, g.filled(t, 2026, boY, func(*excelize.File) {}))
	if err != nil || len(p.Changes) != 0 {
		t.Error(p.Changes, err)
	}
}

func TestASheetIsRefusedByCellAndReasonAndNothingIsTaken(t *testing.T) {
	t.Parallel()
	g := begin(t)
	for name, c := range map[string]struct {
		work func(f *excelize.File)
		want map[string]string
	}{
		"merged cells": {func(f *excelize.File) {
			if err := f.MergeCell("Bảng 1", "F8", "F9"); err != nil {
				t.Fatal(err)
			}
		}, map[string]string{"/Bảng 1!F8": "campaign_sheet_merged"}},
		"text where a number belongs": {func(f *excelize.File) {
			if err := f.SetCellStr("Bảng 1", "F8", "1.200"); err != nil {
				t.Fatal(err)
			}
			set(t, f, "Bảng 1", "G8", "khoảng 50")
		}, map[string]string{"/Bảng 1!F8": "campaign_sheet_text", "/Bảng 1!G8": "campaign_sheet_text"}},
		"formulas": {func(f *excelize.File) {
			if err := f.SetCellFormula("Bảng 1", "D8", "SUM(E8:F8)"); err != nil {
				t.Fatal(err)
			}
			if err := f.SetCellFormula("Bảng 2", "C10", "SUM(C5:C9)"); err != nil {
				t.Fatal(err)
			}
		}, map[string]string{"/Bảng 1!D8": "campaign_sheet_formula", "/Bảng 2!C10": "campaign_sheet_formula"}},
		"women and people swapped": {func(f *excelize.File) { set(t, f, "Bảng 1", "G8", 40); set(t, f, "Bảng 1", "H8", 90) },
			map[string]string{"/Bảng 1!H8": "campaign_women"}},
		"a total that does not agree": {func(f *excelize.File) { set(t, f, "Bảng 1", "D16", 7) },
			map[string]string{"/Bảng 1!D16": "campaign_sheet_total"}},
		"a budget that does not add up": {func(f *excelize.File) { set(t, f, "Bảng 2", "C10", 999) },
			map[string]string{"/Bảng 2!C10": "campaign_sheet_budget"}},
		"half a hundred thousand": {func(f *excelize.File) { set(t, f, "Bảng 2", "C5", 12.55) },
			map[string]string{"/Bảng 2!C5": "campaign_sheet_money"}},
		"a day outside the campaign": {func(f *excelize.File) { set(t, f, "Bảng 3", "B5", "16/12/2026") },
			map[string]string{"/Bảng 3!B5": "campaign_outside"}},
		"a day that is none": {func(f *excelize.File) { set(t, f, "Bảng 3", "B5", "giữa tháng") },
			map[string]string{"/Bảng 3!B5": "campaign_sheet_day"}},
		"fractions and negative numbers": {func(f *excelize.File) { set(t, f, "Bảng 1", "F5", 1.5); set(t, f, "Bảng 1", "F16", -4) },
			map[string]string{"/Bảng 1!F5": "campaign_sheet_whole", "/Bảng 1!F16": "campaign_sheet_whole"}},
		"numbers of a level that is not hers": {func(f *excelize.File) { set(t, f, "Bảng 1", "E16", 5) },
			map[string]string{"/Bảng 1!E16": "campaign_level_not_hers"}},
		"a row added": {func(f *excelize.File) {
			set(t, f, "Bảng 1", "B40", "Hoạt động khác")
			set(t, f, "Bảng 1", "F40", 5)
		},
			map[string]string{"/Bảng 1!B40": "campaign_sheet_extra_row"}},
		"a row removed": {func(f *excelize.File) {
			if err := f.RemoveRow("Bảng 1", 32); err != nil {
				t.Fatal(err)
			}
		}, map[string]string{"/Bảng 1!B32": "campaign_sheet_row_gone"}},
		"a head changed": {func(f *excelize.File) { set(t, f, "Bảng 1", "G4", "Nữ") },
			map[string]string{"/Bảng 1!G4": "campaign_sheet_head"}},
		"no key": {func(f *excelize.File) {
			if err := f.DeleteSheet("_khoa"); err != nil {
				t.Fatal(err)
			}
		}, map[string]string{"/_khoa": "campaign_sheet_not_ours"}},
	} {
		before, err := g.s.Activities(t.Context(), g.reporter, 2026, boY)
		if err != nil {
			t.Fatal(err)
		}
		_, err = g.s.ReadSheet(t.Context(), g.reporter, 2026, boY, g.filled(t, 2026, boY, c.work))
		if d := cmp.Diff(c.want, problems(t, err)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		after, err := g.s.Activities(t.Context(), g.reporter, 2026, boY)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(before, after); d != "" {
			t.Errorf("%s: something was taken: %s", name, d)
		}
	}
}

func TestTheSheetOfAnotherUnitOrYearIsRefused(t *testing.T) {
	t.Parallel()
	g := begin(t)
	_, err := g.s.ReadSheet(t.Context(), g.reporter, 2026, boY, g.filled(t, 2026, "xa-dak-ha", func(*excelize.File) {}))
	if d := cmp.Diff(map[string]string{"/Hướng dẫn!A2": "campaign_sheet_other_unit"}, problems(t, err)); d != "" {
		t.Error(d)
	}
	_, err = g.s.ReadSheet(t.Context(), g.reporter, 2026, boY, g.filled(t, 2022, "ngoc-hoi", func(*excelize.File) {}))
	if d := cmp.Diff(map[string]string{"/Hướng dẫn!A1": "campaign_sheet_other_year"}, problems(t, err)); d != "" {
		t.Error(d)
	}
}

func TestWhatIsNoWorkbookIsRefused(t *testing.T) {
	t.Parallel()
	g := begin(t)
	good := g.filled(t, 2026, boY, func(*excelize.File) {})
	for name, raw := range map[string][]byte{"text": []byte("Bảng 1"), "half a workbook": good[:len(good)/2], "a zip of nothing": {'P', 'K', 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}} {
		_, err := g.s.ReadSheet(t.Context(), g.reporter, 2026, boY, raw)
		if !errors.Is(err, fault.Malformed) && !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheSheetOf2022AsksForDistricts(t *testing.T) {
	t.Parallel()
	g := begin(t)
	raw, _, err := g.s.Sheet(t.Context(), g.officer, 2022, "ngoc-hoi")
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	head, err := f.GetRows("Bảng 1")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"STT", "Nội dung", "Đơn vị tính", "Tổng số", "Cấp tỉnh", "Cấp huyện", "Cấp xã", "Lượt người tham gia", "Trong đó nữ", "Ghi chú", "Mã"}, head[3]); d != "" {
		t.Error(d)
	}
	if visible, err := f.GetSheetVisible("_khoa"); err != nil || visible {
		t.Error("the key is shown", err)
	}
}
