package store

// BeginProof records that an account is about to send something to its own file helper, for staff to look at: a line in
// the audit trail and what the account's pacing must remember (nil: nothing), on disk when it returns. It answers the
// idempotency key of that one message. A proof is no delivery: no resident sees it.
func (s *Store) BeginProof(account, who, detail string, pace *Pace) (clientID int64, err error) {
	err = s.update(claims, func(t *txn) error {
		if _, err := t.accountNumber(account); err != nil {
			return err
		}
		clientID = t.s.nextClientID()
		if pace != nil {
			if err := t.put(bPaces, key(pace.Account), pace); err != nil {
				return err
			}
		}
		return t.audit(who, "account.proof", account, detail)
	})
	return clientID, err
}

// EndProof records what became of a proof.
func (s *Store) EndProof(account, who, detail string) error {
	return s.update(outcomes, func(t *txn) error { return t.audit(who, "account.proof_ended", account, detail) })
}
