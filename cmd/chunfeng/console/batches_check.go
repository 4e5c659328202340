package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"chunfeng/broadcast/intake"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/templates/words"
)

// checkRoutes take a workbook in: it is checked, and stored when somebody has seen the report and said yes. Until then it
// waits in memory, one file a person, for an hour at most.
func (c *Console) checkRoutes() {
	c.page("POST /batches", api.Prepare, c.uploadBatch)
	c.page("GET /batches/check", api.Prepare, func(w http.ResponseWriter, r *request) error { return c.showCheck(w, r, nil) })
	c.page("GET /batches/check/marked", api.Prepare, func(w http.ResponseWriter, r *request) error {
		file, err := c.waitingBatch(r)
		if err != nil {
			return err
		}
		write, err := api.File(r.Context(), c.API, r.Caller, http.MethodPost, "/v1/batches/marked", url.Values{"name": {file.name}}, file.data)
		if err != nil {
			return err
		}
		return write(w)
	})
	c.page("POST /batches/check", api.Prepare, c.confirmBatch)
	c.page("POST /batches/check/discard", api.Prepare, func(w http.ResponseWriter, r *request) error {
		if file, ok := c.uploads.last(r.User.Name, forBatches); ok {
			c.uploads.drop(file.id)
		}
		c.tell(r, r.say("page_batches.discarded"))
		return c.back(w, r, "/batches")
	})
}

// forBatches names the uploads of these pages.
const forBatches = "batches"

// waitingBatch answers the person's file that waits to be confirmed.
func (c *Console) waitingBatch(r *request) (upload, error) {
	file, ok := c.uploads.last(r.User.Name, forBatches)
	if !ok {
		return file, words.Refuse("page_batches.nothing_waits", int(uploadLife/time.Minute)).Of(words.Missing)
	}
	return file, nil
}

// read has a workbook checked.
func (c *Console) readBatch(r *request, name string, data []byte) (api.CheckReport, error) {
	return ask[api.CheckReport](c, r, http.MethodPost, "/v1/batches/read", url.Values{"name": {name}}, data)
}

func (c *Console) uploadBatch(w http.ResponseWriter, r *request) error {
	name, data, err := c.uploaded(r, "file")
	name = fileName(name)
	if err == nil {
		_, err = c.readBatch(r, name, data)
	}
	if err != nil {
		return c.showBatches(w, r, err)
	}
	if old, ok := c.uploads.last(r.User.Name, forBatches); ok {
		c.uploads.drop(old.id) // there is one page to look at what waits
	}
	c.uploads.keep(r.User.Name, forBatches, name, data)
	return c.back(w, r, "/batches/check")
}

// fileName is an uploaded file's name without what cannot be seen and could turn the text around it, and not too long.
func fileName(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if all := []rune(s); len(all) > 120 {
		s = "…" + string(all[len(all)-120:]) // the ending says what it is
	}
	return s
}

// checkShown is how many errors, and how many doubts, stand on the page; the marked copy has all.
const checkShown = 200

// batchCheck is what the check report shows.
type batchCheck struct {
	api.CheckReport
	File       string
	Title      string // proposed for the batch
	Minutes    int    // for which the file waits
	Limit      int    // of a file, in bytes
	Errors     []api.Fault
	Doubts     []api.Fault // without the near-duplicates, which have their own part
	MoreErrors int
	MoreDoubts int
	Pairs      pairList
}

func (c *Console) showCheck(w http.ResponseWriter, r *request, refused error) error {
	file, err := c.waitingBatch(r)
	if err != nil {
		return c.showBatches(w, r, err)
	}
	v, err := c.readBatch(r, file.name, file.data)
	if err != nil {
		return c.showBatches(w, r, err)
	}
	p := batchCheck{CheckReport: v, File: file.name, Title: strings.TrimSuffix(strings.TrimSuffix(file.name, ".xlsx"), ".csv"), Minutes: int(uploadLife / time.Minute), Limit: intake.MaxBytes}
	p.Errors, p.MoreErrors = firstOf(v.Errors)
	p.Doubts, p.MoreDoubts = firstOf(withoutPairs(v.Doubts, v.Pairs))
	p.Pairs = pairsOf(r, c.Config().Zone, v.Pairs, "/batches/check")
	if refused != nil {
		return c.showError(w, r, "batches", "batch-check", r.say("page_batches.checked"), p, refused)
	}
	return c.show(w, r, "batches", "batch-check", r.say("page_batches.checked"), p)
}

// firstOf answers as many faults as a page shows, and how many more there are.
func firstOf(all []api.Fault) (shown []api.Fault, more int) {
	if len(all) <= checkShown {
		return all, 0
	}
	return all[:checkShown], len(all) - checkShown
}

// withoutPairs leaves out the doubts that the pairs show side by side.
func withoutPairs(doubts []api.Fault, pairs []api.Pair) (out []api.Fault) {
	shown := map[api.Fault]bool{}
	for _, p := range pairs {
		shown[api.Fault{Sheet: p.A.Sheet, Row: p.A.Row, Message: p.Message}] = true
	}
next:
	for _, d := range doubts {
		for p := range shown {
			if p.Sheet == d.Sheet && p.Row == d.Row && strings.Contains(d.Message, p.Message) {
				continue next
			}
		}
		out = append(out, d)
	}
	return out
}

func (c *Console) confirmBatch(w http.ResponseWriter, r *request) error {
	f := r.PostForm
	file, err := c.waitingBatch(r)
	if err != nil {
		return c.showBatches(w, r, err)
	}
	v, err := c.readBatch(r, file.name, file.data)
	switch {
	case err != nil:
		return c.showCheck(w, r, err)
	case v.FileHash != f.Get("hash"):
		return c.showCheck(w, r, words.Refuse("page_batches.other_file").Of(words.Conflict))
	case len(v.Errors) > 0:
		return c.showCheck(w, r, words.Refuse("page_batches.errors_left", len(v.Errors)))
	case strings.TrimSpace(f.Get("title")) == "":
		return c.showCheck(w, r, words.Refuse("page_batches.name_missing").Of(words.Usage))
	}
	for _, field := range []string{"employers", "vacancies"} {
		if n := strings.TrimSpace(f.Get(field)); n != "" {
			if _, err := strconv.Atoi(n); err != nil {
				return c.showCheck(w, r, words.Refuse("page_batches.no_number", words.T("page_batches.total_"+field), n).Of(words.Usage))
			}
		}
	}
	b, err := ask[api.Batch](c, r, http.MethodPost, "/v1/batches", url.Values{
		"name": {file.name}, "title": {f.Get("title")}, "employers": {strings.TrimSpace(f.Get("employers"))}, "vacancies": {strings.TrimSpace(f.Get("vacancies"))},
	}, file.data)
	if err != nil {
		return c.showCheck(w, r, err)
	}
	c.uploads.drop(file.id)
	if b.Existed {
		c.tell(r, r.say("page_batches.existed", b.ID))
	} else {
		c.tell(r, r.say("page_batches.imported_as", b.ID, number(b.Batch.Vacancies)))
	}
	return c.back(w, r, "/batches/"+seg(b.ID))
}
