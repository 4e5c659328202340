package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"

	"chunfeng/store"
)

// turn is how many deliveries a producer claims before everybody waits and they are settled: more would leave an index of
// open attempts that no fleet ever has.
const turn = 10

// claims is B4: intents a second with a hundred producers, against db.Batch of bbolt as it comes.
func claims(ctx context.Context, b *bench) ([]*result, error) {
	const producers = 100
	n := b.size(30_000, 2_000)
	s, done, err := b.ledger(producers, 3000)
	if err != nil {
		return nil, err
	}
	defer done()
	r := &result{what: "intents a second, 100 producers", unit: "/s", baseline: "`db.Batch` as it comes", target: 5,
		note: "Each producer claims its own deliveries, one at a time; after ten each they are settled, which is not timed. Ours checks wave and state, moves the delivery, its tally and its lane, and opens the attempt; the baseline only puts a row of the same size over the old one and an index entry, which flatters it. Both sync each commit."}
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
	var timed time.Duration
	granted := make([]int, producers)
	for from := 0; from < n/producers; from += turn {
		open := make([][]store.Attempt, producers)
		mine := func(i int) []store.Delivery { return rows[i][min(from, len(rows[i])):min(from+turn, len(rows[i]))] }
		begin := time.Now()
		if err := each(producers, func(i int) error {
			for _, d := range mine(i) {
				_, a, err := s.Claim(d, 0, nil)
				if err != nil {
					return err
				}
				open[i] = append(open[i], a)
				granted[i]++
			}
			return nil
		}); err != nil {
			return 0, err
		}
		timed += time.Since(begin)
		if err := each(producers, func(i int) error {
			for k, d := range mine(i) {
				if _, err := s.Settle(d.Wave, d.Seq, open[i][k].ClientID, store.Settlement{Outcome: store.Taken, ServerID: serverID}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return 0, err
		}
	}
	if w, err = s.Wave(w.ID); err != nil {
		return 0, err
	}
	sum := 0
	for _, g := range granted {
		sum += g
	}
	return float64(n) / timed.Seconds(), errors.Join(agree("claims granted", sum, n), agree("deliveries settled in the ledger", w.Counts[store.Accepted], n))
}

// serverID is as long as WeChat's are.
const serverID = "7654321987654321987"

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
	var timed time.Duration
	inTurn := func(from int, do func(tx *bolt.Tx, seq int) error) error {
		return each(producers, func(i int) error {
			first, behind := firstOf(i, producers, n), firstOf(i+1, producers, n)
			for seq := first + from; seq < min(first+from+turn, behind); seq++ {
				if err := db.Batch(func(tx *bolt.Tx) error { return do(tx, seq) }); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for from := 0; from < n/producers; from += turn {
		begin := time.Now()
		if err := inTurn(from, func(tx *bolt.Tx, seq int) error { return claimPlain(tx, seq, uint64(time.Now().UnixNano())) }); err != nil {
			return 0, err
		}
		timed += time.Since(begin)
		if err := inTurn(from, func(tx *bolt.Tx, seq int) error { return settlePlain(tx, seq, serverID) }); err != nil {
			return 0, err
		}
	}
	settled, err := settledRows(db)
	if err == nil {
		err = agree("settled rows of the baseline", settled, n)
	}
	return float64(n) / timed.Seconds(), err
}

// settledRows counts the settled rows of a baseline.
func settledRows(db *bolt.DB) (n int, err error) {
	err = db.View(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte("deliveries")).ForEach(func(_, v []byte) error {
			if v[0] == 2 {
				n++
			}
			return nil
		})
	})
	return n, err
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
