package main

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chunfeng/bot/wxsim"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/cmd/chunfeng/console/consoletest"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// The size of a picture of a page: a desk's window, and not more of a long page than two screens show; and the most bytes
// that a picture may have, so that all of them together stay a few megabytes.
const (
	shotWidth  = 1280
	shotHeight = 1600
	shotBytes  = 150_000
)

// shot is one picture: whose eyes see it, and what.
type shot struct{ name, who, path string }

// TestScreenshots takes a picture of each page in each language into the folder that SCREENSHOTS names (make screenshots).
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		t.Skip("it writes files: make screenshots")
	}
	needBrowser(t)
	s := newSeason(t, 240, 4)
	for role, label := range map[store.Role]string{store.RoleStaff: "김선희", store.RoleApprover: "李卫东", store.RoleSupervisor: "朴成基", store.RoleAdmin: "崔英花"} {
		s.person(t, api.NewUser{Name: string(role), Label: label, Role: role})
	}
	s.play(t)
	pages, _ := s.explore(t, string(store.RoleStaff), string(store.RoleAdmin), string(store.RoleSupervisor))
	// One wave waits for approval, and another runs while pictures are taken of it.
	if err := s.world.sim.Fault("send.slow", wxsim.Params{"delay": "5s", "when": "before"}); err != nil {
		t.Fatal(err)
	}
	var runs, waits api.Wave
	if err := s.clerk.post(t.Context(), "/v1/waves", nil, map[string]any{"batch": "A"}, &runs); err != nil {
		t.Fatal(err)
	}
	if err := s.second.post(t.Context(), "/v1/waves/"+runs.ID+"/approve", nil, map[string]string{"hash": runs.Hash}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.clerk.post(t.Context(), "/v1/waves", nil, map[string]any{"batch": "B"}, &waits); err != nil {
		t.Fatal(err)
	}
	shots := []shot{
		{"today", "staff", "/"}, {"wave", "staff", "/waves/" + runs.ID}, {"approve", "approver", "/waves/" + waits.ID},
		{"plan", "staff", "/waves/new?plan=1&batch=B&county=yanji"}, {"calendar", "staff", "/waves/calendar"},
		{"preview", "staff", "/batches/A/preview"}, {"delivery", "staff", "/log/2026-001.0"}, {"report", "staff", "/reports/waves/2026-001"},
	}
	for _, k := range []struct{ name, kind string }{
		{"batches", "/batches"}, {"batch", "/batches/{id}"}, {"waves", "/waves"}, {"log", "/log"}, {"groups", "/groups"}, {"coverage", "/groups/coverage"},
		{"accounts", "/accounts"}, {"signups", "/signups"}, {"review", "/review"}, {"reports", "/reports"},
		{"audit", "/audit"}, {"settings", "/settings"}, {"people", "/people"},
	} {
		p, ok := pages[k.kind]
		if !ok {
			t.Errorf("no page %s was found", k.kind)
			continue
		}
		path, _, _ := strings.Cut(p.path, "?")
		shots = append(shots, shot{k.name, p.who, path})
	}
	for _, who := range []string{"staff", "approver", "supervisor", "admin"} {
		p := s.sit(t, who, consoletest.Options{Width: shotWidth, Height: 900})
		for _, lang := range words.Languages() {
			p.Go("/me")
			p.Follow("[name=lang][value=" + string(lang) + "]")
			for _, one := range shots {
				if one.who != who {
					continue
				}
				p.Go(one.path)
				p.WaitFor("main")
				file := filepath.Join(dir, one.name+"."+string(lang)+".png")
				p.Screenshot(file)
				shrink(t, file)
			}
		}
	}
}

// shrink cuts a picture to its bounds and writes it with as many colours as fit into its bytes.
func shrink(t testing.TB, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	read, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	whole := image.NewRGBA(image.Rect(0, 0, read.Bounds().Dx(), min(read.Bounds().Dy(), shotHeight)))
	draw.Draw(whole, whole.Bounds(), read, read.Bounds().Min, draw.Src)
	count := map[color.RGBA]int{}
	for i := 0; i < len(whole.Pix); i += 4 {
		count[color.RGBA{whole.Pix[i], whole.Pix[i+1], whole.Pix[i+2], 255}]++
	}
	for _, most := range []int{256, 128, 64, 32, 16} {
		few := image.NewPaletted(whole.Bounds(), palette(count, most))
		nearest := map[color.RGBA]uint8{}
		for c := range count {
			nearest[c] = uint8(few.Palette.Index(c))
		}
		for i := range few.Pix {
			few.Pix[i] = nearest[color.RGBA{whole.Pix[4*i], whole.Pix[4*i+1], whole.Pix[4*i+2], 255}]
		}
		var out bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, few); err != nil {
			t.Fatal(err)
		}
		if out.Len() > shotBytes && most > 16 {
			continue
		}
		if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		if out.Len() > shotBytes {
			t.Errorf("%s has %d bytes", file, out.Len())
		}
		return
	}
}

// palette chooses from the colours of a picture, with how often each is there: a half of them far from one another, so that
// a badge of a few pixels keeps its colour, and then simply the most frequent.
func palette(count map[color.RGBA]int, most int) (out color.Palette) {
	var all []color.RGBA
	for c := range count {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return int(a.R)<<16 + int(a.G)<<8 + int(a.B) - int(b.R)<<16 - int(b.G)<<8 - int(b.B)
	})
	choose := func(apart, most int) {
		for _, c := range all {
			if len(out) < most && !slices.ContainsFunc(out, func(o color.Color) bool { return near(c, o.(color.RGBA), apart) }) {
				out = append(out, c)
			}
		}
	}
	choose(32, most/2)
	choose(1, most)
	return out
}

// near tells whether two colours differ in no channel by as much as apart.
func near(a, b color.RGBA, apart int) bool {
	off := func(x, y uint8) int { return max(int(x), int(y)) - min(int(x), int(y)) }
	return off(a.R, b.R) < apart && off(a.G, b.G) < apart && off(a.B, b.B) < apart
}
