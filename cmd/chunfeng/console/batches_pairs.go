package console

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"chunfeng/broadcast/intake"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
)

// pairsShown is how many pairs stand on a page.
const pairsShown = 20

// pairList is a page of near-duplicates.
type pairList struct {
	Pairs          []pairView
	From, To, All  int
	Before, Behind string // addresses of the pages around it
}

// pairView is two vacancies side by side.
type pairView struct {
	api.Pair
	HeadA, HeadB string
	Fields       []pairField
	Names        string // of the fields that differ
}

// pairField is one field of both.
type pairField struct {
	Name    string // the last part of a key page_batches.field_…
	A, B    store.Both
	Differs bool
}

// pairsOf lays out the pairs that the address asks for.
func pairsOf(r *request, zone *time.Location, all []api.Pair, path string) (p pairList) {
	p.All = len(all)
	from, err := strconv.Atoi(r.URL.Query().Get("from"))
	if err != nil || from < 0 || from >= len(all) {
		from = 0
	}
	to := min(from+pairsShown, len(all))
	p.From, p.To = from+1, to
	if from > 0 {
		p.Before = fmt.Sprintf("%s?from=%d#pairs", path, max(0, from-pairsShown))
	}
	if to < len(all) {
		p.Behind = fmt.Sprintf("%s?from=%d#pairs", path, to)
	}
	for _, one := range all[from:to] {
		v := pairView{Pair: one, HeadA: sideOf(r, one.A), HeadB: sideOf(r, one.B)}
		var names []string
		for _, f := range pairFields() {
			a, b := fieldOf(f, one.A, zone), fieldOf(f, one.B, zone)
			differs := slices.Contains(one.Differs, f)
			if differs {
				names = append(names, r.say("page_batches.field_"+string(f)))
			}
			if differs || a != (store.Both{}) {
				v.Fields = append(v.Fields, pairField{string(f), a, b, differs})
			}
		}
		v.Names = strings.Join(names, ", ")
		p.Pairs = append(p.Pairs, v)
	}
	return p
}

// sideOf says where a vacancy of a pair stands.
func sideOf(r *request, v api.Vacancy) string {
	switch {
	case v.Code != "":
		return v.Code
	case v.Sheet != "":
		return r.say("page_batches.pair_sheet_row", v.Sheet, v.Row)
	}
	return r.say("page_batches.pair_row", v.Row)
}

// pairFields are the fields of a pair, in the order of a workbook's columns.
func pairFields() []intake.Field {
	return []intake.Field{
		intake.Employer, intake.Post, intake.Headcount, intake.PayRange, intake.CountyField, intake.Place, intake.Industry, intake.Hours, intake.Requirements,
		intake.Benefits, intake.Contact, intake.Phone, intake.Expires,
	}
}

// fieldOf answers a field of a vacancy as it is shown. What has no language is in both.
func fieldOf(f intake.Field, v api.Vacancy, zone *time.Location) store.Both {
	plain := func(s string) store.Both { return store.Both{Zh: s, Ko: s} }
	switch f {
	case intake.Employer:
		return v.Employer
	case intake.Post:
		return v.Post
	case intake.Headcount:
		if v.Headcount > 0 {
			return plain(strconv.Itoa(v.Headcount))
		}
	case intake.PayRange:
		return plain(v.Pay.Text)
	case intake.CountyField:
		return plain(v.County)
	case intake.Place:
		return v.Place
	case intake.Industry:
		return v.Industry
	case intake.Hours:
		return v.Hours
	case intake.Requirements:
		return v.Requirements
	case intake.Benefits:
		return v.Benefits
	case intake.Contact:
		return plain(v.Contact)
	case intake.Phone:
		return plain(strings.Join(v.Phones, " "))
	case intake.Expires:
		if !v.Expires.IsZero() {
			return plain(v.Expires.In(zone).AddDate(0, 0, -1).Format(time.DateOnly))
		}
	}
	return store.Both{}
}

// batchPairs is what the page of a batch's near-duplicates shows.
type batchPairs struct {
	batchPage
	Pairs pairList
}

func (c *Console) showDuplicates(w http.ResponseWriter, r *request) error {
	p, err := c.batch(r, "duplicates")
	if err != nil {
		return err
	}
	path := "/batches/" + seg(p.ID) + "/duplicates"
	all, err := get[[]api.Pair](c, r, "/v1/batches/"+seg(p.ID)+"/duplicates", nil)
	if err != nil {
		return err
	}
	return c.show(w, r, "batches", "batch-duplicates", p.title(r), batchPairs{p, pairsOf(r, c.Config().Zone, all, path)})
}
