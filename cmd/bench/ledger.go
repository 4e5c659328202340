package main

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"sync"
	"time"

	"chunfeng/store"
	"chunfeng/templates/place"
)

// body is a message as long as a digest is.
const body = "【春风】延吉 · 이번 주 일자리\nA017 용접공 6,500–8,000 元, 숙식 제공\nA018 服务员 3,800–4,500 元，包吃住\nA019 포장공 4,200 元, 통근차\nA021 保洁 2,600 元，双休\n" +
	"신청: 번호와 이름, 전화번호를 이 방에 적어 주십시오. 报名请在群里回复编号、姓名、电话。\n개인정보는 취업 알선에만 쓰이고 90일 뒤 지워집니다."

// ledger makes a ledger with accounts and groups in a folder of its own; done closes it and removes the folder.
func (b *bench) ledger(accounts, groups int) (s *store.Store, done func(), err error) {
	dir, err := b.folder()
	if err != nil {
		return nil, nil, err
	}
	s, err = store.Open(store.Options{Dir: dir})
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	done = func() { s.Close(); os.RemoveAll(dir) }
	if err := fill(s, accounts, groups); err != nil {
		done()
		return nil, nil, err
	}
	return s, done, nil
}

// accountName is the name of the nth account, from 0.
func accountName(n int) string { return fmt.Sprintf("a%03d", n+1) }

// fill registers accounts and groups, each account serving one run of groups.
func fill(s *store.Store, accounts, groups int) error {
	for i := range accounts {
		if _, err := s.AddAccount(accountName(i), "", "bench"); err != nil {
			return err
		}
	}
	list := make([]store.Group, 0, 5000)
	counties, languages := place.All(), []string{"ko", "zh", "both"}
	for i := range groups {
		list = append(list, store.Group{Code: fmt.Sprintf("G%07d", i+1), Name: groupName(i), Language: languages[i%3], County: counties[i%8].Code, Account: accountName(i * accounts / groups)})
		if len(list) == cap(list) || i == groups-1 {
			if _, err := s.PutGroups(list, "bench"); err != nil {
				return err
			}
			list = list[:0]
		}
	}
	return nil
}

// groupName is the name of the nth group, from 0, as the simulator shows it too.
func groupName(n int) string { return fmt.Sprintf("연변 취업 %07d 招工", n+1) }

// openWave opens a wave of n deliveries that waits to be released. They go round the groups of each account in turn.
func openWave(s *store.Store, accounts, groups, n int) (store.Wave, error) {
	return openRows(s, func(yield func(store.Row) bool) {
		for i := range accounts {
			first, behind := firstOf(i, accounts, groups), firstOf(i+1, accounts, groups)
			for k := range firstOf(i+1, accounts, n) - firstOf(i, accounts, n) {
				g := uint32(first + k%(behind-first) + 1)
				if !yield(store.Row{Group: g, Account: accountName(i)}) {
					return
				}
			}
		}
	})
}

// openRows opens a wave of these deliveries, all of one message, that waits to be released.
func openRows(s *store.Store, rows iter.Seq[store.Row]) (store.Wave, error) {
	// Its time is tomorrow, so that the scheduler leaves it alone until it is opened here.
	w, _, err := s.AddWave(store.Wave{Schedule: "S1", At: time.Now().Add(24 * time.Hour), Hash: "h"}, "kim")
	if err != nil {
		return w, err
	}
	if _, err := s.ApproveWave(w.ID, "h", "li", true); err != nil {
		return w, err
	}
	c := store.Content{Kind: store.Text, Body: []byte(body)}
	hash := store.HashContent(c.Kind, c.Name, c.Body)
	return s.OpenWave(store.Opening{Wave: w.ID, Hash: "h", HoldUntil: time.Now().Add(time.Hour), Contents: []store.Content{c}, Rows: func(yield func(store.Row) bool) {
		for r := range rows {
			r.Content, r.Part, r.Kind = hash, 1, store.Text
			if !yield(r) {
				return
			}
		}
	}})
}

// firstOf is the first of the nth account's share of so many things.
func firstOf(n, accounts, things int) int { return (n*things + accounts - 1) / accounts }

// release lets a held wave run.
func release(s *store.Store, w store.Wave) error {
	_, err := s.MoveWave(w.ID, store.WaveRunning, "", "kim")
	return err
}

// sendAll claims and settles whatever the accounts have, without a wire: the ledger's road and nothing else.
func sendAll(s *store.Store, accounts int) error {
	return each(accounts, func(i int) error {
		for {
			if found, _, err := sendOne(s, accountName(i)); err != nil || !found {
				return err
			}
		}
	})
}

// confirmAll makes Sent all that was accepted.
func confirmAll(s *store.Store) error {
	for {
		n, _, err := s.ConfirmDue(store.Due{Before: time.Now().Add(time.Minute)})
		if err != nil || n == 0 {
			return err
		}
	}
}

// each runs a function for 0 … n-1 at once and answers the first error.
func each(n int, do func(int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = do(i) })
	}
	wg.Wait()
	return errors.Join(slices.DeleteFunc(errs, func(err error) bool { return err == nil })...)
}
