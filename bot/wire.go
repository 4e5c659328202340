package bot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"path"
	"strconv"

	"github.com/eatmoreapple/openwechat"
)

// maxBody is the most of one answer that is read, in bytes; a contact list of 1,700 people has about 2 MB.
const maxBody = 64 << 20

// whole reads a whole number from a JSON number or from a string of digits: the server has been seen to send either.
type whole int64

// UnmarshalJSON refuses what is no whole number.
func (n *whole) UnmarshalJSON(b []byte) error {
	s := string(bytes.Trim(b, `"`))
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return fmt.Errorf("not a whole number: %.20q", s)
	}
	*n = whole(v)
	return nil
}

// loose reads a string or a number as text, anything else as nothing.
type loose string

// UnmarshalJSON refuses nothing.
func (l *loose) UnmarshalJSON(b []byte) error {
	var s string
	switch {
	case len(b) == 0:
	case b[0] == '"':
		if json.Unmarshal(b, &s) == nil {
			*l = loose(s)
		}
	case b[0] == '-' || b[0] >= '0' && b[0] <= '9':
		*l = loose(b)
	}
	return nil
}

func (l loose) int() int {
	n, err := strconv.Atoi(string(l))
	if err != nil {
		return 0
	}
	return n
}

// baseAnswer is the head of nearly every answer. Ret is nil when the answer has none.
type baseAnswer struct {
	BaseResponse struct{ Ret *whole }
}

// retError is a refusal by the server, with its code.
type retError struct {
	what string // which request
	ret  int
}

// Error names the request and the code.
func (e *retError) Error() string { return fmt.Sprintf("%s: Ret %d", e.what, e.ret) }

// retOf answers the server's code within an error, whether the tap or the library made it.
func retOf(err error) (int, bool) {
	var r *retError
	var lib openwechat.Ret
	switch {
	case errors.As(err, &r):
		return r.ret, true
	case errors.As(err, &lib):
		return int(lib), true
	}
	return 0, false
}

// bare is an error without the address that was asked for: the library's addresses hold the keys of the session, and
// errors are logged, shown and kept.
func bare(err error) error {
	var u *url.Error
	if !errors.As(err, &u) {
		return err
	}
	at := "request"
	if parsed, perr := url.Parse(u.URL); perr == nil {
		at = path.Base(parsed.Path)
	}
	return fmt.Errorf("%s: %w", at, u.Err)
}

// undialled tells whether an error says that no connection was made: nothing of the request can have left.
func undialled(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// over tells whether a code says that the session has ended.
func over(ret int) bool { return ret == 1100 || ret == 1101 || ret == 1102 }

// errOdd is an answer that is none: HTML, a wrong status, JSON of another shape.
var errOdd = errors.New("odd answer")

// odd makes an error of an answer that is none.
func odd(what, why string, args ...any) error {
	return fmt.Errorf("%s: %w: %s", what, errOdd, fmt.Sprintf(why, args...))
}

// syncKey is how far the account came, as the server counts. It is kept in the order in which it came.
type syncKey struct {
	Count int
	List  []pair
}

type pair struct{ Key, Val whole }

// readKey reads a key and refuses one that would end the process: missing, empty, or with a count that is not its length.
func readKey(raw json.RawMessage) (syncKey, error) {
	var k struct {
		Count whole
		List  []pair
	}
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return syncKey{}, errors.New("no key")
	}
	if err := json.Unmarshal(raw, &k); err != nil {
		return syncKey{}, err
	}
	if len(k.List) == 0 || int(k.Count) != len(k.List) {
		return syncKey{}, fmt.Errorf("a key with Count %d and %d entries", k.Count, len(k.List))
	}
	return syncKey{len(k.List), k.List}, nil
}

func (k syncKey) equal(o syncKey) bool {
	if len(k.List) != len(o.List) {
		return false
	}
	for i, p := range k.List {
		if o.List[i] != p {
			return false
		}
	}
	return true
}

// cursor is what the ledger keeps: a key means nothing in another session.
type cursor struct {
	Epoch string
	Key   syncKey
}

// cursor is how far the session came, as the ledger keeps it.
func (s *session) cursor(key syncKey) ([]byte, error) { return json.Marshal(cursor{s.epoch, key}) }

func readCursor(b []byte, epoch string) (syncKey, bool) {
	var c cursor
	if len(b) == 0 || json.Unmarshal(b, &c) != nil || c.Epoch != epoch || len(c.Key.List) == 0 || c.Key.Count != len(c.Key.List) {
		return syncKey{}, false
	}
	return c.Key, true
}

// contact is a chat of the contact list, as far as it matters.
type contact struct {
	UserName    loose
	NickName    loose
	MemberCount loose
	MemberList  []struct{ UserName, NickName loose }
}

// group tells whether it is a group, by the user name alone: a dissolved one has lost everything else.
func (c contact) group() bool { return isGroup(string(c.UserName)) }

func isGroup(userName string) bool { return len(userName) > 2 && userName[:2] == "@@" }

// contacts reads the elements that can be read. One that cannot does not spoil the others.
func contacts(raw []json.RawMessage) (out []contact) {
	for _, r := range raw {
		var c contact
		if json.Unmarshal(r, &c) == nil && c.group() {
			out = append(out, c)
		}
	}
	return out
}

// readAll reads an answer's body to its end and closes it.
func readAll(body io.ReadCloser) ([]byte, error) {
	defer body.Close()
	b, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	if err == nil && len(b) > maxBody {
		err = odd("answer", "more than %d bytes", maxBody)
	}
	return b, err
}
