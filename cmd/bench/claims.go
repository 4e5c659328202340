package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"

	"chunfeng/store"
)

// claims is B4: intents a second with a hundred producers, against db.Batch of bbolt as it comes.
func claims(ctx context.Context, b *bench) ([]*result, error) {
	const producers = 100
	n := b.size(50_000, 2_000)
	dir, err := b.folder()
	if err != nil {
		return nil, err
	}
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := fill(s, producers, 3000); err != nil {
		return nil, err
	}
	r := &result{what: "intents a second, 100 producers", unit: "/s", baseline: "`db.Batch` as it comes", target: 5,
		note: "Each producer claims its own deliveries, one at a time. Ours checks wave and state, moves the delivery, its tally and its lane, and opens the attempt; the baseline only puts a row of the same size over the old one and an index entry, which flatters it. Both sync each commit."}
	err = b.compare(ctx, r,
		func(context.Context, int) (float64, error) { return claimAll(s, producers, n) },
		func(context.Context, int) (float64, error) { return batchAll(b, producers, n) })
	return []*result{r}, err
}

func claimAll(s *store.Store, producers, n int) (float64, error) {
	w, err := openWave(s, producers, 3000, n)
	if err != nil {
		return 0, err
	}
	if err := release(s, w); err != nil {
		return 0, err
	}
	// Read beforehand: a claim is measured, not the look for work.
	rows := make([][]store.Delivery, producers)
	for i := range rows {
		f := store.Filter{Account: accountName(i), Start: i == 0, After: uint32(max(firstOf(i, producers, n)-1, 0)), Limit: firstOf(i+1, producers, n) - firstOf(i, producers, n)}
		p, err := s.Deliveries(w.Number, f)
		if err != nil {
			return 0, err
		}
		rows[i] = p.Deliveries
	}
	begin := time.Now()
	if err := each(producers, func(i int) error {
		for _, d := range rows[i] {
			if _, _, err := s.Claim(d, 0, nil); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return 0, err
	}
	rate := float64(n) / time.Since(begin).Seconds()
	if w, err = s.Wave(w.ID); err != nil {
		return 0, err
	}
	if _, err := s.MoveWave(w.ID, store.WavePaused, "", "kim"); err != nil {
		return 0, err
	}
	return rate, agree("claims in the ledger", w.Counts[store.Sending], n)
}

// rowSize is a claimed delivery's row, filled up as the ledger does it.
const rowSize = 128

func batchAll(b *bench, producers, n int) (float64, error) {
	dir, err := b.folder()
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	db, err := openBolt(filepath.Join(dir, "batch.db"))
	if err != nil {
		return 0, err
	}
	defer db.Close()
	if err := plainRows(db, n); err != nil {
		return 0, err
	}
	begin := time.Now()
	err = each(producers, func(i int) error {
		for seq := firstOf(i, producers, n); seq < firstOf(i+1, producers, n); seq++ {
			if err := db.Batch(func(tx *bolt.Tx) error { return claimPlain(tx, seq, uint64(time.Now().UnixNano())) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	rate := float64(n) / time.Since(begin).Seconds()
	claimed := 0
	err = db.View(func(tx *bolt.Tx) error { claimed = tx.Bucket([]byte("open")).Stats().KeyN; return nil })
	if err == nil {
		err = agree("claims of the baseline", claimed, n)
	}
	return rate, err
}

// openBolt opens a database as the ledger does, so that a baseline differs in how it writes and in nothing else.
func openBolt(path string) (*bolt.DB, error) {
	return bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second, FreelistType: bolt.FreelistMapType, NoFreelistSync: true, InitialMmapSize: 1 << 30})
}

func plainKey(seq int) []byte { return binary.BigEndian.AppendUint64(nil, 1<<32|uint64(seq)) }

// plainRows writes n planned deliveries of a baseline.
func plainRows(db *bolt.DB, n int) error {
	for from := 0; from < n; from += 5000 {
		err := db.Update(func(tx *bolt.Tx) error {
			rows, err := tx.CreateBucketIfNotExists([]byte("deliveries"))
			if err != nil {
				return err
			}
			if _, err := tx.CreateBucketIfNotExists([]byte("open")); err != nil {
				return err
			}
			rows.FillPercent = 0.95
			for seq := from; seq < min(n, from+5000); seq++ {
				if err := rows.Put(plainKey(seq), make([]byte, rowSize)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// claimPlain is a claim at its simplest: the row says so, and an index of open attempts knows it.
func claimPlain(tx *bolt.Tx, seq int, clientID uint64) error {
	rows, k := tx.Bucket([]byte("deliveries")), plainKey(seq)
	old := rows.Get(k)
	if len(old) != rowSize || old[0] != 0 {
		return fmt.Errorf("row %d is not planned", seq)
	}
	row := append([]byte(nil), old...)
	row[0] = 1
	binary.BigEndian.PutUint64(row[1:], clientID)
	if err := rows.Put(k, row); err != nil {
		return err
	}
	return tx.Bucket([]byte("open")).Put(k, nil)
}

// settlePlain is the end of such an attempt.
func settlePlain(tx *bolt.Tx, seq int, serverID string) error {
	rows, k := tx.Bucket([]byte("deliveries")), plainKey(seq)
	old := rows.Get(k)
	if len(old) != rowSize || old[0] != 1 {
		return fmt.Errorf("row %d is not claimed", seq)
	}
	row := append([]byte(nil), old...)
	row[0] = 2
	copy(row[9:], serverID)
	if err := rows.Put(k, row); err != nil {
		return err
	}
	return tx.Bucket([]byte("open")).Delete(k)
}
