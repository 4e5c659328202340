package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/eatmoreapple/openwechat"

	"chunfeng/broadcast"
	"chunfeng/store"
)

// The reasons that an account gives beside those of the ledger.
const (
	ReasonOffline        store.Reason = "offline"         // the account is not logged in
	ReasonLoggedOut      store.Reason = "logged_out"      // the server says that the session is over (1100, 1101, 1102)
	ReasonForbidden      store.Reason = "forbidden"       // the server forbids the account (1203)
	ReasonNotAddressable store.Reason = "not_addressable" // the server knows no such chat for this account (1204)
	ReasonRefused        store.Reason = "refused"         // the server refused for no reason that it gives (-1)
	ReasonMalformed      store.Reason = "malformed"       // the server does not understand the message (1)
	ReasonNotConnected   store.Reason = "not_connected"   // no connection was made, or it broke before anything was written
	ReasonInterrupted    store.Reason = "interrupted"     // the program was told to stop before anything was written
	ReasonOddAnswer      store.Reason = "odd_answer"      // an answer that says neither yes nor no
	ReasonTooLong        store.Reason = "too_long"        // more characters than a message may have
	ReasonTooBig         store.Reason = "too_big"         // more bytes than a picture or a file may have
	ReasonUpload         store.Reason = "upload"          // the upload of a picture or a file failed: nothing was posted
	ReasonTooLate        store.Reason = "recall_late"     // the two minutes in which a message can be taken back are over
)

// errNoID is an acceptance without the id that proves it.
var errNoID = errors.New("accepted without an id")

// answerTo is what came of a request that changes something: an answer, or a break.
type answerTo struct {
	wrote  bool // bytes may have left
	status int
	body   []byte
	err    error // the break
}

// classify is the one table from an answer or a break to what is known of a message: nil when the server took it. What
// stands nowhere in it is uncertain. what names the request.
func classify(what string, in answerTo) (serverID string, _ error) {
	certain := func(why store.Reason, err error) *broadcast.SendError {
		return &broadcast.SendError{Reason: why, Certain: true, Err: err}
	}
	later := func(why store.Reason, after time.Duration, signal broadcast.Signal, err error) *broadcast.SendError {
		return &broadcast.SendError{Reason: why, Certain: true, Temporary: true, After: after, Signal: signal, Err: err}
	}
	unsure := func(why store.Reason, err error) *broadcast.SendError {
		return &broadcast.SendError{Reason: why, Err: err}
	}
	switch {
	case errors.Is(in.err, openwechat.ErrWebWxDataTicketNotFound):
		return "", certain(ReasonUpload, in.err)
	case in.err != nil && in.wrote:
		return "", unsure(store.ReasonNotAnswered, bare(in.err))
	case errors.Is(in.err, errClosed):
		return "", later(ReasonOffline, 0, broadcast.LoggedOut, bare(in.err))
	case errors.Is(in.err, context.Canceled):
		return "", later(ReasonInterrupted, 0, broadcast.NoSignal, bare(in.err))
	case in.err != nil:
		return "", later(ReasonNotConnected, 10*time.Second, broadcast.NoSignal, bare(in.err))
	case in.status != http.StatusOK:
		return "", unsure(ReasonOddAnswer, odd(what, "status %d", in.status))
	}
	var w struct {
		baseAnswer
		MsgID loose
	}
	if err := json.Unmarshal(in.body, &w); err != nil || w.BaseResponse.Ret == nil {
		return "", unsure(ReasonOddAnswer, odd(what, "%.60q", in.body))
	}
	ret := int(*w.BaseResponse.Ret)
	refusal := &retError{what, ret}
	switch {
	case ret == 0 && w.MsgID != "" && w.MsgID != "0":
		return string(w.MsgID), nil
	case ret == 0:
		return "", unsure(ReasonOddAnswer, fmt.Errorf("%s: %w", what, errNoID))
	case over(ret):
		// The lane waits for the next login by itself.
		return "", later(ReasonLoggedOut, time.Second, broadcast.LoggedOut, refusal)
	case ret == 1203:
		return "", later(ReasonForbidden, time.Hour, broadcast.Forbidden, refusal)
	case ret == 1205:
		// How long the account rests is for its pacing to say, which knows how often it was told before.
		return "", later(store.ReasonTooOften, 0, broadcast.TooOften, refusal)
	case ret == 1204:
		return "", certain(ReasonNotAddressable, refusal)
	case ret == 1:
		return "", certain(ReasonMalformed, refusal)
	case ret == -1:
		// Reports say that such a message was not delivered, and that it sometimes helps to try once more later.
		return "", later(ReasonRefused, 10*time.Minute, broadcast.NoSignal, refusal)
	}
	return "", unsure(ReasonOddAnswer, refusal)
}
