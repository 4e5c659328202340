package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"chunfeng/bot/phone"
	"chunfeng/templates/words"
)

// letters are the prefixes of batches; I and O look like digits and are left out.
const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"

// AddBatch stores a batch that was read, with its vacancies, and gives them their codes in the order given. The same
// file twice is one batch: existed is then true and nothing is stored.
func (s *Store) AddBatch(b Batch, vacancies []Vacancy, who string) (added Batch, existed bool, err error) {
	err = s.update(housekeeping, func(t *txn) error {
		added, existed = b, false
		if id := t.in(bBatchFiles).Get([]byte(b.FileHash)); id != nil {
			existed = true
			_, err := t.get(bBatches, key(id), &added)
			return err
		}
		n, err := t.next(bBatches)
		if err != nil {
			return err
		}
		added.ID = batchID(int(n))
		added.State, added.CreatedAt, added.CreatedBy, added.Vacancies = BatchDraft, now(), who, len(vacancies)
		if err := t.put(bBatches, key(added.ID), added); err != nil {
			return err
		}
		if err := t.set(bBatchFiles, key(b.FileHash), []byte(added.ID)); err != nil {
			return err
		}
		for i, v := range vacancies {
			v.Batch, v.Code, v.State = added.ID, fmt.Sprintf("%s%03d", added.ID, i+1), VacancyOpen
			if err := t.putVacancy(v); err != nil {
				return err
			}
		}
		return t.audit(who, "batch.import", added.ID, fmt.Sprintf("%d employers, %d vacancies, file %.12s", b.Employers, len(vacancies), b.FileHash))
	})
	return added, existed, err
}

// batchID is the letter of the nth batch: A … Z, then AA, AB …
func batchID(n int) string {
	id := ""
	for ; n > 0; n = (n - 1) / len(letters) {
		id = string(letters[(n-1)%len(letters)]) + id
	}
	return id
}

func (t *txn) putVacancy(v Vacancy) error {
	k := key(v.Code)
	plain := make([]string, len(v.Phones))
	for i, p := range v.Phones {
		plain[i] = p.Reveal()
	}
	v.Sealed = nil
	if len(plain) > 0 {
		b, err := json.Marshal(plain)
		if err != nil {
			return err
		}
		v.Sealed = t.s.sealer.seal(bVacancies, k, b)
	}
	return t.put(bVacancies, k, v)
}

func (t *txn) openVacancy(v *Vacancy) error {
	plain, err := t.s.sealer.open(bVacancies, key(v.Code), v.Sealed)
	if err != nil || plain == nil {
		return err
	}
	var numbers []string
	if err := json.Unmarshal(plain, &numbers); err != nil {
		return err
	}
	v.Phones = v.Phones[:0]
	for _, n := range numbers {
		if p, err := phone.Parse(n); err == nil {
			v.Phones = append(v.Phones, p)
		}
	}
	return nil
}

// Batch answers a batch by its letters.
func (s *Store) Batch(id string) (b Batch, err error) {
	id = strings.ToUpper(id)
	err = s.view(func(t *txn) error { return t.need(bBatches, key(id), &b, "batch", id) })
	return b, err
}

// Batches lists all batches in the order of their import.
func (s *Store) Batches() (out []Batch, err error) {
	err = s.view(func(t *txn) error {
		out, err = records[Batch](t, bBatches, nil)
		return err
	})
	return out, err
}

// Vacancies lists a batch's vacancies in the order of their codes.
func (s *Store) Vacancies(batch string) (out []Vacancy, err error) {
	batch = strings.ToUpper(batch)
	err = s.view(func(t *txn) error {
		all, err := records[Vacancy](t, bVacancies, key(batch))
		if err != nil {
			return err
		}
		for _, v := range all {
			if v.Batch != batch {
				continue // AA001 begins with A
			}
			if err := t.openVacancy(&v); err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

// Vacancy answers a vacancy by its code.
func (s *Store) Vacancy(code string) (v Vacancy, err error) {
	code = strings.ToUpper(code)
	err = s.view(func(t *txn) error {
		if err := t.need(bVacancies, key(code), &v, "vacancy", code); err != nil {
			return err
		}
		return t.openVacancy(&v)
	})
	return v, err
}

// ApproveBatch makes a batch immutable and fit to be sent. Approving it again changes nothing.
func (s *Store) ApproveBatch(id, who string) (b Batch, err error) {
	id = strings.ToUpper(id)
	err = s.update(housekeeping, func(t *txn) error {
		b = Batch{}
		err := t.need(bBatches, key(id), &b, "batch", id)
		if err != nil || b.State == BatchApproved {
			return err
		}
		b.State, b.ApprovedAt, b.ApprovedBy = BatchApproved, now(), who
		if err := t.put(bBatches, key(id), b); err != nil {
			return err
		}
		return t.audit(who, "batch.approve", id, "")
	})
	return b, err
}

// SetVacancy moves vacancies to a state, with the reason that staff gave. Deliveries that still wait leave out what is no
// longer open. from is the state in which whoever decides saw them, empty for any: when one of them is in another by now,
// somebody else was first. Nothing is changed then, nor when one of the codes does not exist.
func (s *Store) SetVacancy(from VacancyState, codes []string, state VacancyState, why, who string) (out []Vacancy, err error) {
	err = s.update(housekeeping, func(t *txn) error {
		out = nil
		for _, code := range codes {
			code = strings.ToUpper(code)
			var v Vacancy
			if err := t.need(bVacancies, key(code), &v, "vacancy", code); err != nil {
				return err
			}
			if from != "" && v.State != from {
				return words.Refuse("store.vacancy_moved", code, words.T("state."+string(v.State))).Of(words.Conflict)
			}
			if state == VacancyOpen && !v.Expires.IsZero() && time.Now().After(v.Expires) {
				return words.Refuse("store.vacancy_expired", code, v.Expires.Format(time.DateOnly))
			}
			if err := t.openVacancy(&v); err != nil {
				return err
			}
			v.State, v.StateWhy = state, why
			if err := t.putVacancy(v); err != nil {
				return err
			}
			if err := t.audit(who, "vacancy."+string(state), code, why); err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}
