package store

// people holds everybody against the laws of their records.
func (k *checker) people() error {
	numbers := map[uint32]string{}
	return k.t.each(bUsers, nil, nil, func(at, v []byte) (bool, error) {
		var r userRecord
		if unframe(at, v, &r) != nil {
			return true, nil // told by sums
		}
		u, err := k.t.s.openUser(at, r)
		switch {
		case err != nil:
			k.broken("user %s: %v", u.Name, err)
		case string(userKey(u.Name)) != string(at):
			k.broken("user %s lies under the key %s", u.Name, at)
		case u.check() != nil:
			k.broken("user %s: %v", u.Name, u.check())
		case numbers[u.Number] != "":
			k.broken("users %s and %s have the number %d", numbers[u.Number], u.Name, u.Number)
		}
		numbers[u.Number] = u.Name
		return true, k.ctx.Err()
	})
}

// calendar holds each day against its key.
func (k *checker) calendar() error {
	return k.t.each(bDays, nil, nil, func(at, v []byte) (bool, error) {
		var d Day
		if unframe(at, v, &d) != nil {
			return true, nil // told by sums
		}
		if err := d.check(); err != nil || d.Date != string(at) {
			k.broken("day %s lies under the key %s: %v", d.Date, at, err)
		}
		return true, k.ctx.Err()
	})
}
