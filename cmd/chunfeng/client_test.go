package main

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/templates/words"
)

func TestInProcessStreams(t *testing.T) {
	read := make(chan bool)
	var written atomic.Int32
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/cut" {
			io.WriteString(w, "half")
			panic(http.ErrAbortHandler)
		}
		for range 3 {
			io.WriteString(w, "x")
			written.Add(1)
			<-read
		}
	})
	cl := http.Client{Transport: inProcess{h}}
	res, err := cl.Get("http://chunfeng/")
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1)
	for i := range 3 {
		if _, err := io.ReadFull(res.Body, b); err != nil {
			t.Fatal(err)
		}
		if i == 0 && written.Load() > 1 {
			t.Error("the whole answer was gathered first")
		}
		read <- true
	}
	if _, err := io.ReadFull(res.Body, b); err != io.EOF {
		t.Error("the answer ends with", err)
	}
	if res, err = cl.Get("http://chunfeng/cut"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(res.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("an answer that broke off is taken for whole: %v", err)
	}
}

func TestKindsAreExitCodes(t *testing.T) {
	for kind, want := range map[words.Kind]int{
		words.Refused: exitFailed, words.Missing: exitFailed, words.Conflict: exitFailed, words.Usage: exitUsage, words.Later: exitLater, words.Settings: exitConfig,
	} {
		if got := exitCode(words.Refuse("cmd.bad_body").Of(kind)); got != want {
			t.Errorf("%q here: %d, want %d", kind, got, want)
		}
		if got := exitCode(&api.Problem{Kind: kind, Text: "x"}); got != want {
			t.Errorf("%q from the daemon: %d, want %d", kind, got, want)
		}
	}
}
