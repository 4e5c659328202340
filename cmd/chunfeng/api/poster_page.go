package api

import (
	"net/http"
	"strconv"

	"chunfeng/templates/words"
)

// posterPage answers one page of a poster as a picture, for a page of the web that shows them one by one. What was drawn a
// moment ago is not drawn again.
func (a *API) posterPage(r request) (any, error) {
	n, err := strconv.Atoi(r.PathValue("page"))
	if err != nil {
		n = 0
	}
	pages, err := a.poster(r)
	if err != nil {
		return nil, err
	}
	if n < 1 || n > len(pages) {
		return nil, words.Refuse("page_batches.no_page", len(pages), r.PathValue("page")).Of(words.Missing)
	}
	return stream(func(w http.ResponseWriter) error {
		w.Header().Set("Content-Type", "image/png")
		_, err := w.Write(pages[n-1].PNG)
		return err
	}), nil
}
