package api

import (
	_ "embed"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"chunfeng/broadcast/report"
	"chunfeng/templates/words"
)

//go:generate go test -run ^TestOpenAPIFile$ . -update

// described is the OpenAPI description of every route: made by go generate from what each registration says of itself and
// from the Go types of bodies and answers, and held against them by the tests.
//
//go:embed openapi.yaml
var described []byte

// Route is one thing that the API does, with what its description says of it.
type Route struct {
	Pattern string // method and path, as http.ServeMux takes them
	Right   Right  // what a caller's role must allow
	Fresh   bool   // it asks people at the console for a fresh code of the second factor

	Summary string   // one sentence in English; empty: not described yet
	Params  []Param  // what it takes in the address's query
	Body    any      // a value of the type that it takes as JSON; nil: none
	Files   []string // media types of the file that it takes instead
	Answers []any    // a value of each type that it may answer as JSON
	Streams []string // media types of the file that it answers instead
}

// Param is something that a route takes in the address's query.
type Param struct {
	Name   string
	About  string   // in English
	Needed bool     // without it the route refuses
	Many   bool     // it may be given several times: any of them will do
	OneOf  []string // empty: any text
}

// says describes a route in one English sentence. The chain of calls behind a registration goes on with what it takes and
// answers; go generate then writes openapi.yaml anew.
func (r *Route) says(summary string) *Route { r.Summary = summary; return r }

// fresh has the route ask for a code of the second factor that is no older than FreshFor. What makes less happen, above all
// the emergency stop, never does.
func (r *Route) fresh() *Route { r.Fresh = true; return r }

// asks adds a parameter of the query that may be left out. oneOf lists its values where not every text is one.
func (r *Route) asks(name, about string, oneOf ...string) *Route {
	r.Params = append(r.Params, Param{Name: name, About: about, OneOf: oneOf})
	return r
}

// needs adds a parameter of the query without which the route refuses.
func (r *Route) needs(name, about string, oneOf ...string) *Route {
	r.Params = append(r.Params, Param{Name: name, About: about, OneOf: oneOf, Needed: true})
	return r
}

// with adds parameters that several routes share.
func (r *Route) with(shared ...Param) *Route { r.Params = append(r.Params, shared...); return r }

// takes tells the type of the JSON body, by a value of it.
func (r *Route) takes(body any) *Route { r.Body = body; return r }

// takesFile tells the media types of the file that is the body.
func (r *Route) takesFile(media ...string) *Route { r.Files = media; return r }

// answers tells the types of the JSON answer, by a value of each.
func (r *Route) answers(values ...any) *Route { r.Answers = values; return r }

// streams tells the media types of the file that is the answer.
func (r *Route) streams(media ...string) *Route { r.Streams = media; return r }

// exports tells that the answer is a table, in the form of file that is asked for.
func (r *Route) exports() *Route {
	return r.needs("form", "the form of file", string(report.CSV), string(report.XLSX)).streams(mediaType(report.CSV), mediaType(report.XLSX))
}

// tables are the media types of a table that staff upload. What a file really is, is told by its bytes.
func tables() []string { return []string{mediaType(report.XLSX), mediaType(report.CSV)} }

// mediaType is a form's type without its charset.
func mediaType(f report.Form) string {
	m, _, _ := strings.Cut(f.MediaType(), ";")
	return m
}

// check refuses a query with a parameter that the route does not know: a filter whose name is mistyped would be believed to
// have been applied. It is also what keeps the description whole, for what is not described is not taken.
func (r *Route) check(q url.Values) error {
	if r.Summary == "" {
		return nil
	}
	var known []string
	for _, p := range r.Params {
		known = append(known, p.Name)
	}
	for name := range q {
		switch {
		case slices.Contains(known, name):
		case len(known) == 0:
			return words.Refuse("api.no_params", name).Of(words.Usage)
		default:
			return words.Refuse("api.no_param", name, strings.Join(known, ", ")).Of(words.Usage)
		}
	}
	return nil
}

func (a *API) openapiRoutes() {
	a.on(Read, "GET /v1/openapi.yaml", func(request) (any, error) {
		return stream(func(w http.ResponseWriter) error {
			w.Header().Set("Content-Type", "application/yaml")
			_, err := w.Write(described)
			return err
		}), nil
	}).says("Answers this description.").streams("application/yaml")
}
