package api

import (
	"testing"

	"chunfeng/store"
)

func TestReachOf(t *testing.T) {
	online := map[string]bool{"on": true}
	b := func(account string, s store.BindingState) store.Binding {
		return store.Binding{Account: account, State: s}
	}
	for _, c := range []struct {
		why   string
		state store.GroupState
		seen  []store.Binding
		want  Reach
	}{
		{"nobody sees it", store.GroupActive, nil, ReachNeverSeen},
		{"known to one that is online", store.GroupActive, []store.Binding{b("on", store.Bound)}, Reachable},
		{"known to one that is not", store.GroupActive, []store.Binding{b("off", store.Bound)}, ReachOffline},
		{"one of two is enough", store.GroupActive, []store.Binding{b("off", store.Bound), b("on", store.Bound)}, Reachable},
		{"doubted by one, known to one that is offline: a login helps", store.GroupActive, []store.Binding{b("off", store.Bound), b("on", store.Quarantined)}, ReachOffline},
		{"the same, seen in the other order", store.GroupActive, []store.Binding{b("on", store.Quarantined), b("zz", store.Bound)}, ReachOffline},
		{"doubted by one, lost by another: a decision helps", store.GroupActive, []store.Binding{b("off", store.Gone), b("on", store.Quarantined)}, ReachDoubtful},
		{"the same, seen in the other order", store.GroupActive, []store.Binding{b("on", store.Quarantined), b("zz", store.Gone)}, ReachDoubtful},
		{"lost", store.GroupActive, []store.Binding{b("on", store.Gone)}, ReachRemoved},
		{"paused, although it could be reached", store.GroupPaused, []store.Binding{b("on", store.Bound)}, ReachPaused},
		{"opted out, although it could be reached", store.GroupOptedOut, []store.Binding{b("on", store.Bound)}, ReachOptedOut},
	} {
		if got := reachOf(store.SeenGroup{Group: store.Group{State: c.state}, Bindings: c.seen}, online); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
	seen := map[Reach]bool{}
	for _, r := range Reaches() {
		seen[r] = true
	}
	if len(seen) != 7 {
		t.Errorf("%d reaches are listed", len(seen))
	}
}
