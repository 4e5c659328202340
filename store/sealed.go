package store

// sealing lists the tables that hold something sealed. TestSealingIsComplete holds it against the places that seal.
var sealing = []bucket{bMeta, bSessions, bCursors, bChats, bContents, bReplies, bSignups, bVacancies, bUsers, bWebs}

// sealedIn answers an empty record of a table, and where what is sealed lies in it; nil for a row that seals nothing.
func sealedIn(b bucket, k key) (record any, sealed *[]byte) {
	switch b {
	case bMeta:
		if string(k) == "meta" {
			r := new(meta)
			return r, &r.Proof
		}
		if string(k) != string(headKey) && string(k) != string(fixedKey) {
			return nil, nil
		}
		r := new(sealedRecord)
		return r, &r.Sealed
	case bSessions, bCursors, bChats:
		r := new(sealedRecord)
		return r, &r.Sealed
	case bContents:
		r := new(Content)
		return r, &r.Sealed
	case bReplies:
		r := new(Reply)
		return r, &r.Sealed
	case bSignups:
		r := new(Signup)
		return r, &r.Sealed
	case bVacancies:
		r := new(Vacancy)
		return r, &r.Sealed
	case bUsers:
		r := new(userRecord)
		return r, &r.Sealed
	case bWebs:
		r := new(webRecord)
		return r, &r.Sealed
	}
	return nil, nil
}

// sealed opens everything that is sealed: with a key that is here, and in its own place.
func (k *checker) sealed() error {
	for _, b := range sealing {
		err := k.t.each(b, nil, nil, func(at, v []byte) (bool, error) {
			record, sealed := sealedIn(b, at)
			if record == nil || unframe(at, v, record) != nil {
				return true, nil // the one seals nothing, the other is told by sums
			}
			if _, err := k.t.s.sealer.open(b, at, *sealed); err != nil {
				k.broken("%v", err)
			}
			return true, k.ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}
