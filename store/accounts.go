package store

import (
	"crypto/rand"
	"time"

	"chunfeng/templates/words"
)

// account reads an account within a transaction. A removed one does not exist.
func (t *txn) account(name string) (a Account, err error) {
	found, err := t.get(bAccounts, key(name), &a)
	if err == nil && (!found || a.Removed) {
		err = notFound("account", name)
	}
	return a, err
}

// accountNumber is the number under which an account sorts; the same in every transaction.
func (t *txn) accountNumber(name string) (uint32, error) {
	t.s.mu.RLock()
	n, ok := t.s.accounts[name]
	t.s.mu.RUnlock()
	if ok {
		return n, nil
	}
	var a Account
	if err := t.need(bAccounts, key(name), &a, "account", name); err != nil {
		return 0, err
	}
	t.s.mu.Lock()
	t.s.accounts[name] = a.Number
	t.s.mu.Unlock()
	return a.Number, nil
}

// AddAccount registers an account and gives it the device id that it keeps for ever. A removed one of the same name comes
// back as it was.
func (s *Store) AddAccount(name, county, who string) (a Account, err error) {
	err = s.update(housekeeping, func(t *txn) error {
		a = Account{}
		found, err := t.get(bAccounts, key(name), &a)
		switch {
		case err != nil:
			return err
		case found && !a.Removed:
			return words.Refuse("store.account_exists", name).Of(words.Conflict)
		case !found:
			n, err := t.next(bAccounts)
			if err != nil {
				return err
			}
			a = Account{Number: uint32(n), Name: name, DeviceID: deviceID(), AddedAt: now()}
		}
		a.State, a.Why, a.Removed, a.Paused, a.County = AccountNew, "", false, false, county
		if err := t.put(bAccounts, key(name), a); err != nil {
			return err
		}
		t.wakes()
		return t.audit(who, "account.add", name, county)
	})
	return a, err
}

// deviceID is "e" and fifteen digits from 0 to 8, as the web client makes them. It is made once and kept: a new one at
// each login looks like a new device.
func deviceID() string {
	b := make([]byte, 15)
	rand.Read(b)
	for i := range b {
		b[i] = '0' + b[i]%9
	}
	return "e" + string(b)
}

// Account answers an account by its name.
func (s *Store) Account(name string) (a Account, err error) {
	err = s.view(func(t *txn) error { a, err = t.account(name); return err })
	return a, err
}

// Accounts lists the accounts that were not removed, by name.
func (s *Store) Accounts() (out []Account, err error) {
	err = s.view(func(t *txn) error {
		all, err := records[Account](t, bAccounts, nil)
		for _, a := range all {
			if !a.Removed {
				out = append(out, a)
			}
		}
		return err
	})
	return out, err
}

// ChangeAccount changes an account's record. what names the change in the audit trail; empty leaves no trace there, for
// what the machine itself notes. The name, number, device and epoch stay; StartSession changes the epoch.
func (s *Store) ChangeAccount(name, who, what string, change func(*Account) error) (a Account, err error) {
	err = s.update(housekeeping, func(t *txn) error {
		if a, err = t.account(name); err != nil {
			return err
		}
		was := a
		if err := change(&a); err != nil {
			return err
		}
		a.Name, a.Number, a.DeviceID, a.Epoch = was.Name, was.Number, was.DeviceID, was.Epoch
		if a == was {
			return nil
		}
		if err := t.put(bAccounts, key(name), a); err != nil {
			return err
		}
		if a.Removed {
			if err := t.del(bChats, key(name)); err != nil {
				return err
			}
		}
		t.wakes()
		if what == "" {
			return nil
		}
		return t.audit(who, what, name, a.Why)
	})
	return a, err
}

// StartSession makes an epoch the account's present one. Another epoch than before drops every binding: the
// user names of the session before mean nothing in this one. The cursor stays; who wrote it keeps the epoch in it.
func (s *Store) StartSession(name, epoch string, uin int64, nickName string) (rebind bool, err error) {
	err = s.update(housekeeping, func(t *txn) error {
		a, err := t.account(name)
		if err != nil {
			return err
		}
		rebind = a.Epoch != epoch
		a.Epoch, a.Uin, a.NickName, a.State, a.Why, a.OnlineSince = epoch, uin, nickName, AccountOnline, "", now()
		if rebind {
			for _, b := range []bucket{bBindings, bBoundNames} {
				var old []key
				if err := t.each(b, k32(a.Number), nil, func(k, _ []byte) (bool, error) {
					old = append(old, append(key(nil), k...))
					return true, nil
				}); err != nil {
					return err
				}
				for _, k := range old {
					if err := t.del(b, k); err != nil {
						return err
					}
				}
			}
			if err := t.del(bChats, key(name)); err != nil {
				return err
			}
		}
		if err := t.put(bAccounts, key(name), a); err != nil {
			return err
		}
		t.wakes()
		return nil
	})
	return rebind, err
}

type sealedRecord struct {
	Sealed []byte    `cbor:"1,keyasint,omitempty"`
	At     time.Time `cbor:"2,keyasint"`
}

// SaveSession keeps an account's login data, sealed: who has them is that account. nil forgets them.
func (s *Store) SaveSession(name string, data []byte) error {
	return s.saveSealed(bSessions, name, data)
}

// Session answers an account's login data, nil when there are none.
func (s *Store) Session(name string) ([]byte, error) { return s.sealedData(bSessions, name) }

func (s *Store) saveSealed(b bucket, name string, data []byte) error {
	return s.update(housekeeping, func(t *txn) error { return t.putSealed(b, name, data) })
}

func (t *txn) putSealed(b bucket, name string, data []byte) error {
	if len(data) == 0 {
		return t.del(b, key(name))
	}
	return t.put(b, key(name), sealedRecord{t.s.sealer.seal(b, key(name), data), now()})
}

func (s *Store) sealedData(b bucket, name string) (data []byte, err error) {
	err = s.view(func(t *txn) error {
		var r sealedRecord
		if found, err := t.get(b, key(name), &r); err != nil || !found {
			return err
		}
		data, err = s.sealer.open(b, key(name), r.Sealed)
		return err
	})
	return data, err
}

// Cursor answers how far an account's messages were taken, nil when its session starts anew.
func (s *Store) Cursor(name string) ([]byte, error) { return s.sealedData(bCursors, name) }

// Pace answers what an account's pacing remembers.
func (s *Store) Pace(name string) (p Pace, err error) {
	err = s.view(func(t *txn) error {
		_, err := t.get(bPaces, key(name), &p)
		p.Account = name
		return err
	})
	return p, err
}

// SavePace keeps an account's pacing outside a claim: a cool-down, say.
func (s *Store) SavePace(p Pace) error {
	return s.update(outcomes, func(t *txn) error {
		t.wakes()
		return t.put(bPaces, key(p.Account), p)
	})
}
