package backup

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

const stamp = "20060102T150405Z"

// fileName is the name of a backup: of which ledger, and of when.
func fileName(installation string, at time.Time) string {
	return fmt.Sprintf("chunfeng-%s-%s.age", installation, at.UTC().Format(stamp))
}

// Expired lists the files of one ledger's backups that the rule keeps no longer, the oldest first. Only names that Take
// gives are looked at, whatever else lies in the folder; the newest is never among them.
func Expired(r Rule, installation string, now time.Time) (out []string, err error) {
	all, err := os.ReadDir(r.Folder)
	if err != nil {
		return nil, err
	}
	ours := regexp.MustCompile(`^chunfeng-` + regexp.QuoteMeta(installation) + `-(\d{8}T\d{6}Z)\.age$`)
	var names []string
	for _, e := range all {
		if m := ours.FindStringSubmatch(e.Name()); m != nil && e.Type().IsRegular() {
			if _, err := time.Parse(stamp, m[1]); err == nil {
				names = append(names, e.Name())
			}
		}
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(b, a) })
	for i, name := range names {
		at, _ := time.Parse(stamp, ours.FindStringSubmatch(name)[1])
		if i > 0 && (now.Sub(at) > r.Keep || r.Copies > 0 && i >= r.Copies) {
			out = append(out, filepath.Join(r.Folder, name))
		}
	}
	slices.Reverse(out)
	return out, nil
}

// Due answers the newest time at or before now at which the rule wants a backup, and the next one.
func (r Rule) Due(now time.Time) (last, next time.Time) {
	now = now.In(r.Zone)
	first := func(days int) time.Time {
		y, m, d := now.Date()
		return time.Date(y, m, d+days, int(r.At/time.Hour), int(r.At%time.Hour/time.Minute), 0, 0, r.Zone)
	}
	from, to := first(0), first(1)
	if from.After(now) {
		from, to = first(-1), from
	}
	last = from.Add(now.Sub(from) / r.Every * r.Every)
	if next = last.Add(r.Every); next.After(to) {
		next = to
	}
	return last, next
}
