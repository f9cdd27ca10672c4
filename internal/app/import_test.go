package app_test

import (
	"strconv"
	"testing"
	"time"

	"binhan/internal/app/apptest"
	"binhan/internal/casefile"
	"binhan/internal/survivor"
)

// importLegacy takes n made-up rows of the register linea144 as tuvan.kontum.
func importLegacy(t *testing.T, s *apptest.Server, n int) {
	t.Helper()
	in := casefile.Legacy{Mapping: "linea144", Scope: "linea144"}
	forms := [][]string{{"PHYSICAL"}, {"PSYCHOLOGICAL"}, {"PHYSICAL", "PSYCHOLOGICAL"}, {"SEXUAL"}}
	for i := range n {
		age := 15 + i%60
		in.Cases = append(in.Cases, casefile.LegacyCase{Key: []byte(strconv.Itoa(i)), ReceivedAt: time.Date(2021, time.Month(1+i%12), 1+i%28, 3, 0, 0, 0, time.UTC),
			Area: "AR-B", Person: survivor.Person{Sex: "F", Age: &age}, Forms: forms[i%4], Relationship: "HUSBAND", SexPerp: "M", Channel: "HOTLINE_OTHER"})
	}
	if taken, err := s.App.Cases.Import(t.Context(), s.Actor(t, "tuvan.kontum"), in); err != nil || taken != n {
		t.Fatal(taken, err)
	}
}
