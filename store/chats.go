package store

import (
	"fmt"
)

// chatsMost is how many chats of a session are kept for people to choose from.
const chatsMost = 1000

// chatList is what is kept of a session's chats. It is sealed, for the name of a private chat may be a person's.
type chatList struct {
	Epoch string `cbor:"1,keyasint"`
	Chats []Chat `cbor:"2,keyasint"`
}

// SaveChats keeps which chats an account's session sees that are no registered group, instead of those that were kept
// before: the first thousand. A new session forgets them, and so does the removal of the account.
func (s *Store) SaveChats(account, epoch string, chats []Chat) error {
	return s.update(housekeeping, func(t *txn) error {
		if _, err := t.session(account, epoch); err != nil {
			return err
		}
		if len(chats) == 0 {
			return t.del(bChats, key(account))
		}
		data, err := encoder.Marshal(chatList{epoch, chats[:min(len(chats), chatsMost)]})
		if err != nil {
			return fmt.Errorf("encode chats: %w", err)
		}
		return t.putSealed(bChats, account, data)
	})
}

// Chats lists the chats that an account's present session sees and that are bound to no group.
func (s *Store) Chats(account string) (out []Chat, err error) {
	err = s.view(func(t *txn) error {
		a, err := t.account(account)
		if err == nil {
			out, err = t.chats(a)
		}
		return err
	})
	return out, err
}

func (t *txn) chats(a Account) (out []Chat, err error) {
	var r sealedRecord
	if found, err := t.get(bChats, key(a.Name), &r); err != nil || !found {
		return nil, err
	}
	data, err := t.s.sealer.open(bChats, key(a.Name), r.Sealed)
	if err != nil {
		return nil, err
	}
	var list chatList
	if err := decoder.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("%s %s: %w: %w", bChats, a.Name, ErrDamaged, err)
	}
	if list.Epoch != a.Epoch {
		return nil, nil
	}
	for _, c := range list.Chats {
		// The list is as old as the account's last look at its groups.
		if t.in(bBoundNames).Get(k32(a.Number).str(c.UserName)) == nil {
			out = append(out, c)
		}
	}
	return out, nil
}
