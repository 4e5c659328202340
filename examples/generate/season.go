package main

import (
	"fmt"
	"math/rand/v2"
)

// employer is an invented one with its posts.
type employer struct {
	zh, ko           string
	county           county
	placeZh, placeKo string
	trade            trade
	contact, phone   string
	posts            []vacancy
}

// vacancy is one post as the generator knows it, before a sheet writes it in its own untidy way.
type vacancy struct {
	post      post
	head      int // 0: several
	low, high int // 0, 0: to be talked over
	month     int // it closes in 2026-month-day; 0: open until it is filled
	day       int
}

// seasons makes the two seasons' employers: 94 with 167 posts and 83 with 286. Six employers of the first stand in the
// second too, three of them with a post of the same name and pay, as it happens when nobody was found.
func seasons() (first, second []employer) {
	r := rand.New(rand.NewPCG(94, 167))
	names := nameStems(r)
	ts := trades()
	for i := range 94 {
		t := ts[0]
		switch {
		case i >= 70:
			t = ts[2]
		case i >= 40:
			t = ts[1]
		}
		first = append(first, newEmployer(r, names[i], t))
	}
	fill(r, first, 167)
	for i := range 77 {
		second = append(second, newEmployer(r, names[94+i], ts[3+i*(len(ts)-3)/77]))
	}
	fill(r, second, 286-10)
	for i, from := range []int{2, 11, 25, 44, 58, 80} {
		e := first[from]
		if i < 3 {
			e.posts = append([]vacancy{}, e.posts[0])
		} else {
			e.posts = []vacancy{newVacancy(r, e.trade, 3)}
		}
		for len(e.posts) < 1+(i+1)%2+btoi(i == 5) {
			e.posts = append(e.posts, newVacancy(r, e.trade, 4+len(e.posts)%2))
		}
		second = append(second, e)
	}
	for n := count(second); n < 286; n++ {
		e := &second[n%77]
		e.posts = append(e.posts, newVacancy(r, e.trade, len(e.posts)))
	}
	return first, second
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func count(es []employer) (n int) {
	for _, e := range es {
		n += len(e.posts)
	}
	return n
}

// fill gives each employer one post and hands out the rest at random, never the same post twice to one employer.
func fill(r *rand.Rand, es []employer, total int) {
	for i := range es {
		es[i].posts = append(es[i].posts, newVacancy(r, es[i].trade, r.IntN(len(es[i].trade.posts))))
	}
	for n := len(es); n < total; {
		e := &es[r.IntN(len(es))]
		k := r.IntN(len(e.trade.posts))
		if len(e.posts) >= 5 || e.has(e.trade.posts[k].zh) {
			continue
		}
		e.posts = append(e.posts, newVacancy(r, e.trade, k))
		n++
	}
}

func (e *employer) has(post string) bool {
	for _, v := range e.posts {
		if v.post.zh == post {
			return true
		}
	}
	return false
}

func newEmployer(r *rand.Rand, stem pair, t trade) employer {
	all := counties()
	// Half of the employers sit in the prefecture's capital, as they do in such lists.
	c := all[0]
	if r.IntN(2) == 1 {
		c = all[r.IntN(len(all))]
	}
	town := pick(r, c.places)
	ending := t.endings[r.IntN(len(t.endings))]
	street, no := streets[r.IntN(len(streets))], 1+r.IntN(399)
	person := surnames[r.IntN(len(surnames))]
	e := employer{
		zh: stem.zh + ending.zh, ko: stem.ko + ending.ko, county: c, trade: t,
		placeZh: fmt.Sprintf("%s%s%d号", town.zh, street.zh, no),
		placeKo: fmt.Sprintf("%s %s %d호", town.ko, street.ko, no),
		contact: person.zh + []string{"经理", "女士", "主任", "先生"}[r.IntN(4)],
		phone:   fmt.Sprintf("0433-%d%06d", 2+r.IntN(7), r.IntN(1000000)),
	}
	if r.IntN(2) == 0 {
		prefix := []string{"130", "131", "133", "138", "139", "150", "155", "156", "176", "177", "186", "188", "189"}
		e.phone = fmt.Sprintf("%s%08d", prefix[r.IntN(len(prefix))], r.IntN(100000000))
	}
	return e
}

func newVacancy(r *rand.Rand, t trade, k int) vacancy {
	p := t.posts[k%len(t.posts)]
	v := vacancy{post: p, head: []int{1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 15, 20, 0}[r.IntN(13)]}
	if r.IntN(12) > 0 {
		step := max(1, p.pay/20)
		v.low = p.pay + step*r.IntN(8)
		v.high = v.low
		if r.IntN(5) > 0 {
			v.high = v.low + step*(2+r.IntN(8))
		}
	}
	if r.IntN(6) > 0 {
		v.month, v.day = 12, 10+r.IntN(22)
	}
	return v
}
