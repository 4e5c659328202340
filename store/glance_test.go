package store

import (
	"math"
	"strings"
	"testing"
	"time"
)

// FuzzGlance holds what a glance at a row sees against what decoding it says: whatever decodes is seen the same.
func FuzzGlance(f *testing.F) {
	k := []byte("key")
	for _, d := range []*Delivery{{}, sample(), {Group: 1 << 31, Account: strings.Repeat("a", 200), State: Recalled, Reason: "x", Updated: time.Now()}} {
		v, err := frame(k, d, grain)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v []byte) {
		var g glance
		var d Delivery
		seen := g.read(v)
		if len(v) < 5 || v[0] != format || unpackRecord(v[1:len(v)-4], &d) != nil {
			return
		}
		if !seen || g.group != d.Group || string(g.account) != d.Account || g.state != d.State || string(g.reason) != string(d.Reason) ||
			g.updated != micros(d.Updated) && g.updated <= math.MaxInt64 {
			t.Errorf("at a glance %v %+v, decoded %+v", seen, g, d)
		}
	})
}

// FuzzCountyIn holds the county that is found in an encoded group against the decoded one.
func FuzzCountyIn(f *testing.F) {
	for _, g := range []Group{{}, {Number: 7, Code: "G0007", Name: "연변 취업 0007", County: "yanji"}, {Number: 1 << 30, Code: strings.Repeat("g", 30), Name: strings.Repeat("이름", 5000), County: "an unknown county with a long name"}} {
		v, err := frame(nil, g, 0)
		if err != nil {
			f.Fatal(err)
		}
		county, ok := countyIn(v[1 : len(v)-4])
		if !ok || string(county) != g.County {
			f.Errorf("%q is found as %q, %v", g.County, county, ok)
		}
		f.Add(v[1 : len(v)-4])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = countyIn(b)
		var g Group
		if _, err := decoder.UnmarshalFirst(b, &g); err != nil {
			return
		}
		v, err := frame(nil, g, 0)
		if err != nil {
			return // text that is not UTF-8
		}
		if county, ok := countyIn(v[1 : len(v)-4]); !ok || string(county) != g.County {
			t.Errorf("found %q, decoded %q", county, g.County)
		}
	})
}
