package examples

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Reply is one line of the file of labelled replies: what a resident writes, and what a person would decide. Its texts
// hold places for what a group was told: {code}, {code2}, {n} and {n2} for vacancies' codes and their bare numbers,
// {employer}, {post} and {employer_phone} for what the first vacancy names.
type Reply struct {
	ID    string `json:"id"`
	Set   string `json:"set"`
	Lang  string `json:"group_lang"`
	Text  string `json:"text"`
	Quote *Quote `json:"quote"`
	Want  Want   `json:"want"`
	Why   string `json:"why"`
}

// Quote is what a reply quotes.
type Quote struct {
	By   string `json:"by"`
	Text string `json:"text"`
	As   string `json:"as"` // text or app: the two forms in which WeChat carries a quotation
}

// Want is what a person would decide, in the words of package signup.
type Want struct {
	Intent    string   `json:"intent"`
	People    []Person `json:"people"`
	Vacancies []string `json:"vacancies"`
	Review    string   `json:"review"`
}

// Person is somebody who signs up or withdraws.
type Person struct {
	Name      string   `json:"name"`
	Phone     string   `json:"phone"`
	Vacancies []string `json:"vacancies"`
}

// ReadReplies reads the file of labelled replies.
func ReadReplies() ([]Reply, error) {
	data, err := FS.ReadFile(Replies)
	if err != nil {
		return nil, err
	}
	var all []Reply
	for line := range bytes.Lines(data) {
		var r Reply
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&r); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", Replies, len(all)+1, err)
		}
		all = append(all, r)
	}
	return all, nil
}
