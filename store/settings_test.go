package store_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chunfeng/store/storetest"
)

func TestSettings(t *testing.T) {
	s := storetest.Open(t)
	kept := func() map[string]string {
		t.Helper()
		all, err := s.Settings()
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]string{}
		for _, one := range all {
			if one.At.IsZero() || one.Who == "" {
				t.Errorf("%s: not told who and when: %+v", one.Key, one)
			}
			m[one.Key] = one.Value
		}
		return m
	}
	for _, c := range []struct {
		why   string
		set   map[string]string
		kept  map[string]string
		trail string
	}{
		{"set", map[string]string{"quiet_hours": "21:00-08:00"}, map[string]string{"quiet_hours": "21:00-08:00"}, `kim setting.set quiet_hours "" → "21:00-08:00"`},
		{"changed, the value before told", map[string]string{"quiet_hours": "none"}, map[string]string{"quiet_hours": "none"}, `kim setting.set quiet_hours "21:00-08:00" → "none"`},
		{"the same again leaves no trace", map[string]string{"quiet_hours": "none"}, map[string]string{"quiet_hours": "none"}, `kim setting.set quiet_hours "21:00-08:00" → "none"`},
		{"several at once", map[string]string{"a": "1", "quiet_hours": ""}, map[string]string{"a": "1"}, `kim setting.remove quiet_hours "none"`},
		{"removed twice", map[string]string{"quiet_hours": ""}, map[string]string{"a": "1"}, `kim setting.remove quiet_hours "none"`},
	} {
		if err := s.SetSettings(c.set, "kim"); err != nil {
			t.Errorf("%s: %v", c.why, err)
		}
		if d := cmp.Diff(c.kept, kept()); d != "" {
			t.Errorf("%s: %s", c.why, d)
		}
		if got := newest(t, s); got != c.trail {
			t.Errorf("%s: the trail says %q, want %q", c.why, got, c.trail)
		}
	}
	if err := s.SetSettings(map[string]string{"a": "9"}, "kim", "a"); err != nil {
		t.Error(err)
	}
	if got := newest(t, s); got != "kim setting.confirm a " {
		t.Errorf("the trail says %q of a risk that was confirmed", got)
	}
	if err := s.SetSettings(map[string]string{"a": "1"}, "kim"); err != nil {
		t.Error(err)
	}
	for why, bad := range map[string]map[string]string{
		"two lines":    {"a": "2", "b": "1\n2"},
		"no key":       {"a": "2", "": "1"},
		"a whole book": {"a": "2", "b": strings.Repeat("x", 1001)},
	} {
		refusedAs(t, s.SetSettings(bad, "kim"), "store.bad_setting", why)
	}
	if err := s.SetSettings(map[string]string{"b": "2"}, "li"); err != nil {
		t.Error(err)
	}
	if d := cmp.Diff(map[string]string{"a": "1", "b": "2"}, kept()); d != "" {
		t.Error("all or none:", d)
	}
}
