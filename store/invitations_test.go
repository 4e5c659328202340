package store_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"chunfeng/store"
	"chunfeng/store/storetest"
	"chunfeng/templates/words"
)

func hashed(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

func choose(name string) func(*store.User) error {
	return func(u *store.User) error {
		if u.Name == "" {
			u.Name = name
		}
		u.Password = encoded + name
		return nil
	}
}

func TestFirstAdmin(t *testing.T) {
	s := storetest.Open(t)
	at := time.Now()
	if err := s.Invite(store.Invitation{Hash: hashed("first"), Expires: at.Add(time.Hour)}, "root"); err != nil {
		t.Fatal(err)
	}
	_, err := s.UseInvitation(hashed("first"), at, func(u *store.User) error { u.Name = "kim"; return nil })
	refusedAs(t, err, "users.no_password", "an admin without a password")
	_, err = s.UseInvitation(hashed("first"), at, func(u *store.User) error { u.Name, u.Password = "kim kim", encoded; return nil })
	refusedAs(t, err, "users.bad_name", "the link must survive a slip of the pen")
	u, err := s.UseInvitation(hashed("first"), at, func(u *store.User) error {
		u.Name, u.Password, u.Role, u.County, u.Disabled = "kim", encoded, store.RoleStaff, "antu", true
		return nil
	})
	if err != nil || u.Role != store.RoleAdmin || u.County != "" || u.Disabled || u.Number != 1 {
		t.Fatalf("%+v %v", u, err)
	}
	_, err = s.UseInvitation(hashed("first"), at, choose("li"))
	refusedAs(t, err, "users.no_invitation", "used twice")
	refusedAs(t, s.Invite(store.Invitation{Hash: hashed("x"), Expires: at.Add(time.Hour)}, "root"), "users.first_done", "there is an admin")
}

func TestFirstAdminLinkIsVoidOnceThereIsSomebody(t *testing.T) {
	s := storetest.Open(t)
	at := time.Now()
	if err := s.Invite(store.Invitation{Hash: hashed("first"), Expires: at.Add(time.Hour)}, "root"); err != nil {
		t.Fatal(err)
	}
	person(t, s, "kim", store.RoleAdmin)
	_, err := s.UseInvitation(hashed("first"), at, choose("li"))
	refusedAs(t, err, "users.no_invitation", "a shell made an admin meanwhile")
}

func TestInvitation(t *testing.T) {
	s := storetest.Open(t)
	at := time.Now()
	person(t, s, "boss", store.RoleAdmin)
	kim := person(t, s, "Kim", store.RoleStaff)
	signedIn(t, s, kim, "k1")
	invite := func(token string) {
		t.Helper()
		if err := s.Invite(store.Invitation{Hash: hashed(token), User: "kim", Expires: at.Add(time.Hour)}, "boss"); err != nil {
			t.Fatal(err)
		}
	}
	invite("old")
	invite("new")
	_, err := s.Invitation(hashed("old"), at)
	refusedAs(t, err, "users.no_invitation", "a new one replaces the old")
	_, err = s.Invitation(hashed("new"), at.Add(time.Hour))
	refusedAs(t, err, "users.no_invitation", "it ran out")
	_, err = s.UseInvitation(hashed("new"), at.Add(time.Hour), choose(""))
	refusedAs(t, err, "users.no_invitation", "it ran out, also for use")
	i, err := s.Invitation(hashed("new"), at)
	if err != nil || i.User != "Kim" || i.CreatedBy != "boss" {
		t.Fatalf("%+v %v", i, err)
	}
	_, err = s.UseInvitation(hashed("new"), at, func(*store.User) error { return nil })
	refusedAs(t, err, "users.no_password", "the old password is no new one")
	u, err := s.UseInvitation(hashed("new"), at, func(u *store.User) error {
		u.Role, u.County, u.Label, u.Password = store.RoleAdmin, "antu", "김영희", encoded+"2"
		return nil
	})
	if err != nil || u.Role != store.RoleStaff || u.County != "" || u.Label != "김영희" || u.Password != encoded+"2" {
		t.Fatalf("a link must not make an admin: %+v %v", u, err)
	}
	_, err = s.UseInvitation(hashed("new"), at, choose("again"))
	refusedAs(t, err, "users.no_invitation", "used twice")
	if isIn(t, s, "k1") {
		t.Error("who was signed in with the old password still is")
	}
	invite("third")
	if _, err := s.ChangeUser("kim", "boss", "user.disable", func(u *store.User) error { u.Disabled = true; return nil }); err != nil {
		t.Fatal(err)
	}
	_, err = s.UseInvitation(hashed("third"), at, choose(""))
	refusedAs(t, err, "users.no_invitation", "a disabled person does not come back by a link")
	refusedAs(t, s.Invite(store.Invitation{Hash: hashed("x"), User: "kim", Expires: at.Add(time.Hour)}, "boss"), "users.disabled", "nor gets a new one")
	refusedAs(t, s.Invite(store.Invitation{Hash: hashed("x"), User: "park", Expires: at.Add(time.Hour)}, "boss"), "users.missing", "nobody")
	if err := s.Invite(store.Invitation{Hash: []byte("short"), User: "boss"}, "boss"); err == nil {
		t.Error("a token where its hash is wanted")
	}
}

func TestOneLinkTwoPeople(t *testing.T) {
	s := storetest.Open(t)
	at := time.Now()
	if err := s.Invite(store.Invitation{Hash: hashed("first"), Expires: at.Add(time.Hour)}, "root"); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wait.Go(func() { _, errs[i] = s.UseInvitation(hashed("first"), at, choose(fmt.Sprintf("u%d", i))) })
	}
	wait.Wait()
	in := 0
	for _, err := range errs {
		switch {
		case err == nil:
			in++
		case !errors.Is(err, words.Refuse("users.no_invitation")):
			t.Error(err)
		}
	}
	if all, err := s.Users(); in != 1 || err != nil || len(all) != 1 {
		t.Errorf("%d of eight came in, %d users, %v", in, len(all), err)
	}
}
