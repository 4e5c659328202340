package store

import (
	"bytes"
	"slices"
	"sync"
)

// waveCache remembers waves as they were last decoded: every claim and every look for work reads its wave, whose record
// seldom changes. A remembered one is used only while the stored bytes are the same, so that nothing has to be thrown
// away when a wave changes or a commit is undone.
type waveCache struct {
	mu    sync.RWMutex
	known map[uint32]knownWave
}

type knownWave struct {
	raw  []byte
	wave Wave
}

// cached is how many waves are remembered; few are ever active at once.
const cached = 64

func (c *waveCache) find(n uint32, raw []byte) (Wave, bool) {
	c.mu.RLock()
	k, ok := c.known[n]
	c.mu.RUnlock()
	if !ok || !bytes.Equal(k.raw, raw) {
		return Wave{}, false
	}
	return k.wave.own(), true
}

func (c *waveCache) keep(n uint32, raw []byte, w Wave) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= cached {
		c.known = map[uint32]knownWave{}
	}
	c.known[n] = knownWave{bytes.Clone(raw), w.own()}
}

// own is the wave with lists of its own, for callers sort them.
func (w Wave) own() Wave {
	a := &w.Plan.Audience
	for _, list := range []*[]string{&a.Counties, &a.Townships, &a.Kinds, &a.Languages, &a.Tags, &a.Groups} {
		*list = slices.Clone(*list)
	}
	return w
}
