package console

import (
	"errors"
	"io"
	"net/http"
	"net/url"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/templates/words"
)

// importRoutes take a registry of groups in: a file is checked first, and stored when somebody said yes to what it would
// change.
func (c *Console) importRoutes() {
	c.page("GET /groups/import", api.Prepare, func(w http.ResponseWriter, r *request) error {
		return c.show(w, r, "groups", "groups-import", r.say("page_groups.import"), nil)
	})
	c.page("GET /groups/template", api.Read, func(w http.ResponseWriter, r *request) error {
		return api.Copy(w, r.Request, c.API, r.Caller, "/v1/registry/template", nil)
	})
	c.page("POST /groups/import", api.Prepare, c.checkGroups)
	c.page("POST /groups/import/confirm", api.Prepare, c.confirmGroups)
}

// forGroups names the uploads of this page.
const forGroups = "groups"

// groupsChecked is what a check of a file found.
type groupsChecked struct {
	api.GroupsImported
	File   string
	Upload string // under what the file is kept; empty when it cannot be stored
	More   int    // changes that are not listed
}

func (c *Console) checkGroups(w http.ResponseWriter, r *request) error {
	name, data, err := c.uploaded(r, "file")
	var v api.GroupsImported
	if err == nil {
		v, err = ask[api.GroupsImported](c, r, http.MethodPost, "/v1/groups", url.Values{"name": {name}, "dry_run": {"1"}}, data)
	}
	if err != nil {
		return c.showError(w, r, "groups", "groups-import", r.say("page_groups.import"), nil, err)
	}
	p := groupsChecked{GroupsImported: v, File: name, More: v.Added + v.Changed - len(v.Changes)}
	if len(v.Errors) == 0 && v.Added+v.Changed > 0 {
		p.Upload = c.uploads.keep(r.User.Name, forGroups, name, data)
	}
	return c.show(w, r, "groups", "groups-checked", r.say("page_groups.checked"), p)
}

// uploaded reads a file of a form.
func (c *Console) uploaded(r *request, field string) (name string, data []byte, err error) {
	f, h, err := r.FormFile(field)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return "", nil, words.Refuse("page_groups.no_file").Of(words.Usage)
	}
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	data, err = io.ReadAll(f)
	return h.Filename, data, err
}

func (c *Console) confirmGroups(w http.ResponseWriter, r *request) error {
	file, ok := c.uploads.find(r.User.Name, forGroups, r.PostForm.Get("upload"))
	if !ok {
		return c.showError(w, r, "groups", "groups-import", r.say("page_groups.import"), nil, words.Refuse("page_groups.upload_gone").Of(words.Conflict))
	}
	v, err := ask[api.GroupsImported](c, r, http.MethodPost, "/v1/groups", url.Values{"name": {file.name}}, file.data)
	if err != nil {
		return c.showError(w, r, "groups", "groups-import", r.say("page_groups.import"), nil, err)
	}
	if !v.Taken {
		// The registry is another one than when the file was checked.
		return c.show(w, r, "groups", "groups-checked", r.say("page_groups.checked"), groupsChecked{GroupsImported: v, File: file.name})
	}
	c.uploads.drop(file.id)
	c.tell(r, r.say("page_groups.imported", file.name, v.Added, v.Changed, v.Unchanged))
	return c.back(w, r, "/groups")
}
