package rights_test

import (
	"strings"
	"testing"

	"binhan/internal/app/apptest"
)

func served(t *testing.T) *apptest.Server {
	t.Helper()
	s := apptest.New(t)
	t.Cleanup(func() {
		if t.Failed() {
			for l := range strings.SplitSeq(s.Log.String(), "\n") {
				if strings.Contains(l, `"status":500`) {
					t.Log(l)
				}
			}
		}
	})
	return s
}
