package main

import (
	"context"
	"encoding/binary"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"

	"chunfeng/store"
)

// bytesOnDisk is B5: what a delivery costs on the disk once it was opened, claimed, settled and confirmed, against its
// key and its record.
func bytesOnDisk(ctx context.Context, b *bench) ([]*result, error) {
	n := b.size(50_000, 3_000)
	rows := &result{what: "bytes a delivery, table of deliveries", unit: "B", baseline: "key and record, unfilled", target: 1.5, atMost: true,
		note: "All pages of the table, inner ones too, after every delivery was opened, claimed, settled and confirmed by 12 lanes. Rows are filled up to multiples of 32 bytes, and leave room for an attempt, so that a settlement changes them in place; that filling counts as ours."}
	file := &result{what: "bytes a delivery, whole file", unit: "B", baseline: "key and record, unfilled", untold: true,
		note: "How far the file's pages reach, less how far they reached before the wave: the history of groups, the indexes and the free pages that commits leave behind are in it. Told for honesty; there is no target."}
	var whole []float64
	err := b.compare(ctx, rows,
		func(context.Context, int) (float64, error) {
			d, err := diskRound(b, n)
			if err != nil {
				return 0, err
			}
			whole = append(whole, float64(d.file)/float64(n))
			rows.against = append(rows.against, float64(d.encoded)/float64(n))
			return float64(d.table) / float64(n), nil
		}, nil)
	file.ours, file.against, file.syncs = whole, rows.against, rows.syncs
	return []*result{rows, file}, err
}

type disk struct{ table, encoded, file int64 }

func diskRound(b *bench, n int) (d disk, err error) {
	const accounts = 12
	s, done, err := b.ledger(accounts, 2971)
	if err != nil {
		return d, err
	}
	defer done()
	path := filepath.Join(s.Dir(), store.DatabaseFile)
	if err := s.Close(); err != nil {
		return d, err
	}
	before, err := reach(path)
	if err != nil {
		return d, err
	}
	if s, err = store.Open(store.Options{Dir: s.Dir()}); err != nil {
		return d, err
	}
	defer s.Close()
	w, err := openWave(s, accounts, 2971, n)
	if err != nil {
		return d, err
	}
	if err := release(s, w); err != nil {
		return d, err
	}
	if err := sendAll(s, accounts); err != nil {
		return d, err
	}
	if err := confirmAll(s); err != nil {
		return d, err
	}
	if w, err = s.Wave(w.ID); err != nil {
		return d, err
	}
	if err := agree("deliveries sent", w.Counts[store.Sent], n); err != nil {
		return d, err
	}
	if err := s.Close(); err != nil {
		return d, err
	}
	after, err := reach(path)
	if err != nil {
		return d, err
	}
	d.file = after - before
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return d, err
	}
	defer db.Close()
	rows := 0
	err = db.View(func(tx *bolt.Tx) error {
		table := tx.Bucket([]byte("deliveries"))
		st := table.Stats()
		d.table = int64(st.LeafAlloc + st.BranchAlloc)
		return table.ForEach(func(k, v []byte) error {
			rows++
			d.encoded += int64(len(k) + unfilled(v))
			return nil
		})
	})
	if err == nil {
		err = agree("rows of the table", rows, n)
	}
	return d, err
}

// reach is how many bytes of a file its pages take; the file itself grows ahead of them.
func reach(path string) (n int64, err error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return 0, err
	}
	defer db.Close()
	err = db.View(func(tx *bolt.Tx) error { n = tx.Size(); return nil })
	return n, err
}

// unfilled is the length of a packed value without what it is filled up with: version, length, record, checksum.
func unfilled(v []byte) int {
	n, k := binary.Uvarint(v[1:])
	return 1 + k + int(n) + 4
}
