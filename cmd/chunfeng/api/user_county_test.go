package api

import (
	"testing"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// TestCountyAdminKeepsCounty lists by which ways an administrator of one county could come to see more.
func TestCountyAdminKeepsCounty(t *testing.T) {
	a := newAPI(t)
	chief := Caller{Name: "chief", Role: store.RoleAdmin, Lang: words.English}
	county := Caller{Name: "yj", Role: store.RoleAdmin, County: "yanji", Lang: words.English}
	for _, u := range []NewUser{{Name: "boss", Role: store.RoleAdmin}, {Name: "tm", Role: store.RoleStaff, County: "tumen"}} {
		if _, p := told[User](t, a, chief, "POST", "/v1/users", u); p != nil {
			t.Fatal(p.Text)
		}
	}
	if _, p := told[User](t, a, county, "POST", "/v1/users", NewUser{Name: "own", Role: store.RoleStaff, County: "yanji"}); p != nil {
		t.Fatalf("a person of the own county is refused: %s", p.Text)
	}
	label, tumen, none, admin := "x", "tumen", "", store.RoleAdmin
	off := true
	for _, c := range []struct {
		why, path string
		body      any
	}{
		{"somebody of the whole prefecture", "/v1/users", NewUser{Name: "wide", Role: store.RoleStaff}},
		{"somebody of another county", "/v1/users", NewUser{Name: "other", Role: store.RoleStaff, County: "tumen"}},
		{"an own person to the whole prefecture", "/v1/users/own", UserChange{County: &none}},
		{"an own person to another county", "/v1/users/own", UserChange{County: &tumen, Role: &admin}},
		{"another county's person", "/v1/users/tm", UserChange{Label: &label}},
		{"the prefecture's administrator out", "/v1/users/boss", UserChange{Disabled: &off}},
		{"a link with which to become the prefecture's administrator", "/v1/users/boss/link", nil},
	} {
		if kind := refused(t, a, county, "POST", c.path, nil, c.body); kind != words.Forbidden {
			t.Errorf("%s: %q", c.why, kind)
		}
	}
	all, p := told[[]User](t, a, chief, "GET", "/v1/users", nil)
	if p != nil || len(all) != 3 {
		t.Fatalf("%+v %v", all, p)
	}
	for _, u := range all {
		if u.Disabled || u.Label == "x" || u.Name == "own" && (u.County != "yanji" || u.Role != store.RoleStaff) {
			t.Errorf("%+v was changed all the same", u)
		}
	}
	if _, p := told[User](t, a, county, "POST", "/v1/users/own", UserChange{Label: &label}); p != nil {
		t.Errorf("an own person cannot be changed: %s", p.Text)
	}
	if _, p := told[Link](t, a, county, "POST", "/v1/users/own/link", nil); p != nil {
		t.Errorf("nor let in: %s", p.Text)
	}
}
