package bot

import (
	"context"
	"slices"
	"time"
)

// asked is when the details of a chat were last asked for, and how often.
type asked struct {
	at time.Time
	n  int
}

// due tells whether details may be asked for: at once, then after ten minutes, then each time after twice as long, up to
// some eleven hours. The server leaves chats out now and then, and some it never shows.
func (q asked) due() bool { return q.n == 0 || !time.Now().Before(q.next()) }

func (q asked) next() time.Time { return q.at.Add(10 * time.Minute << min(max(q.n-1, 0), 6)) }

// next is when the first of those chats may be asked for again whose members are still not known; zero: never.
func (r *roster) next(names []string) (first time.Time) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, n := range names {
		if c := r.chats[n]; c != nil && c.members == nil {
			if at := r.asked[n].next(); first.IsZero() || at.Before(first) {
				first = at
			}
		}
	}
	return first
}

// details asks for what is not known of chats, as far as it is due. learned tells whether anything was, whole whether
// everything was asked.
func (r *roster) details(ctx context.Context, names []string) (learned, whole bool) {
	r.mu.RLock()
	names = slices.DeleteFunc(dedupe(names), func(n string) bool { return !r.asked[n].due() })
	r.mu.RUnlock()
	for part := range slices.Chunk(names, batchSize) {
		list, err := r.desk.batch(ctx, part)
		if err != nil {
			if ctx.Err() == nil {
				r.s.log.Debug().Err(err).Msg("chats were not asked for")
			}
			return learned, false
		}
		r.mu.Lock()
		for _, n := range part {
			r.asked[n] = asked{time.Now(), r.asked[n].n + 1}
		}
		r.mu.Unlock()
		learned = r.learn(list) || learned
	}
	return learned, true
}
