package console

import (
	"strings"

	"chunfeng/store"
)

// moveOf reads what a button of a vacancy asks for: its code, the state that it is to have, and the one in which the person
// saw it.
func moveOf(s string) (code string, to, from store.VacancyState, ok bool) {
	parts := strings.Split(s, " ")
	if len(parts) != 3 {
		return "", "", "", false
	}
	return parts[0], store.VacancyState(parts[1]), store.VacancyState(parts[2]), true
}
