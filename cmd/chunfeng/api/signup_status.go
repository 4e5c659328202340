package api

import (
	"slices"
	"strings"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// SignupChange is how far a sign-up has come.
type SignupChange struct {
	Status store.SignupStatus `json:"status"`
	Note   string             `json:"note,omitempty"`
}

// SignupStatuses lists the statuses in the order of a sign-up's life.
func SignupStatuses() []store.SignupStatus {
	return []store.SignupStatus{store.SignupNew, store.SignupCalled, store.SignupRefused, store.SignupInterview, store.SignupHired, store.SignupUnfit, store.SignupWithdrawn}
}

func statusNames() (out []string) {
	for _, s := range SignupStatuses() {
		out = append(out, string(s))
	}
	return out
}

// knownStatus refuses what is no status.
func knownStatus(s store.SignupStatus) error {
	if slices.Contains(SignupStatuses(), s) {
		return nil
	}
	return words.Refuse("cmd.bad_choice", "status", s, strings.Join(statusNames(), ", ")).Of(words.Usage)
}
