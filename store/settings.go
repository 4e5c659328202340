package store

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"chunfeng/templates/words"
)

// Setting is one key of the configuration as somebody set it in the console.
type Setting struct {
	Key   string    `cbor:"1,keyasint" json:"key"`
	Value string    `cbor:"2,keyasint" json:"value"` // as it was written; what it means is the configuration's to say
	At    time.Time `cbor:"3,keyasint" json:"at"`
	Who   string    `cbor:"4,keyasint" json:"who"`
}

// longestSetting is in bytes.
const longestSetting = 1000

// SetSettings sets several keys together, all or none; the empty value forgets what was set. Whether keys and values mean
// anything is for the caller to know beforehand. Each change is in the audit trail with the value before; of the warned keys
// the trail tells too that the person was told of a risk and confirmed.
func (s *Store) SetSettings(changes map[string]string, who string, warned ...string) error {
	for name, value := range changes {
		if name == "" || len(name) > longestSetting || len(value) > longestSetting || !printable(name) || !printable(value) {
			return words.Refuse("store.bad_setting", name, longestSetting)
		}
	}
	return s.update(housekeeping, func(t *txn) error {
		for _, name := range slices.Sorted(maps.Keys(changes)) {
			if err := t.setSetting(Setting{Key: name, Value: changes[name], At: now(), Who: who}); err != nil {
				return err
			}
		}
		for _, name := range warned {
			if err := t.audit(who, "setting.confirm", name, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *txn) setSetting(v Setting) error {
	var was Setting
	if _, err := t.get(bSettings, key(v.Key), &was); err != nil || was.Value == v.Value {
		return err
	}
	if v.Value == "" {
		if err := t.del(bSettings, key(v.Key)); err != nil {
			return err
		}
		return t.audit(v.Who, "setting.remove", v.Key, fmt.Sprintf("%q", was.Value))
	}
	if err := t.put(bSettings, key(v.Key), v); err != nil {
		return err
	}
	return t.audit(v.Who, "setting.set", v.Key, fmt.Sprintf("%q → %q", was.Value, v.Value))
}

// Settings lists what is set in the console, by key.
func (s *Store) Settings() (out []Setting, err error) {
	err = s.view(func(t *txn) error { out, err = records[Setting](t, bSettings, nil); return err })
	return out, err
}
