package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"chunfeng/store"
)

// receive is B10: replies stored and read, twenty a commit against one a commit.
func receive(ctx context.Context, b *bench) ([]*result, error) {
	const epoch = "1/@self"
	n := b.size(4_000, 400)
	s, done, err := b.ledger(1, 300)
	if err != nil {
		return nil, err
	}
	defer done()
	if _, err := s.StartSession(accountName(0), epoch, 1, "春风"); err != nil {
		return nil, err
	}
	bound := make([]store.Binding, 300)
	for i := range bound {
		bound[i] = store.Binding{Account: accountName(0), Epoch: epoch, Group: uint32(i + 1), UserName: chat(i), Evidence: "name", State: store.Bound, At: time.Now()}
	}
	if err := s.Bind(accountName(0), epoch, bound...); err != nil {
		return nil, err
	}
	next := 0
	r := &result{what: "replies stored and read, 20 a commit", unit: "/s", baseline: "one a commit", target: 5,
		note: "One account's messages one behind the other, each 1 KB as WeChat sends it, sealed; each handful is stored with its cursor and then read back as the registrar reads it."}
	many := func(size int) measure {
		return func(context.Context, int) (float64, error) { return receiveAll(s, epoch, &next, n, size) }
	}
	return []*result{r}, b.compare(ctx, r, many(20), many(1))
}

func chat(n int) string { return fmt.Sprintf("@@%064x", n+1) }

// receiveAll stores n messages, size a commit, and reads each handful back. next counts all messages ever.
func receiveAll(s *store.Store, epoch string, next *int, n, size int) (float64, error) {
	batches := make([][]store.Inbound, 0, n/size)
	for range n / size {
		batch := make([]store.Inbound, size)
		for i := range batch {
			*next++
			batch[i] = inbound(*next)
		}
		batches = append(batches, batch)
	}
	after, err := newestReply(s)
	if err != nil {
		return 0, err
	}
	read, begin := 0, time.Now()
	for i, batch := range batches {
		if _, err := s.Receive(accountName(0), epoch, batch, []byte(fmt.Sprintf(`{"Count":1,"List":[{"Key":1,"Val":%d}]}`, i))); err != nil {
			return 0, err
		}
		replies, err := s.NextReplies(store.ForRegistrar, "", after, size)
		if err != nil {
			return 0, err
		}
		read += len(replies)
		after = replies[len(replies)-1].Number
	}
	rate := float64(n) / time.Since(begin).Seconds()
	return rate, agree("replies read", read, n)
}

func newestReply(s *store.Store) (uint64, error) {
	list, err := s.Replies(false, 0, 1)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[0].Number, nil
}

// inbound is the nth message: a resident's sign-up with the fields that WeChat sends along.
func inbound(n int) store.Inbound {
	id := fmt.Sprint(8_000_000_000_000_000_000 + n)
	user := chat(n % 300)
	raw := fmt.Sprintf(`{"MsgId":"%s","FromUserName":"%s","ToUserName":"@%064x","MsgType":1,"Content":"@%032x:<br/>A017 김화 138443%05d","CreateTime":1795300000,"RecommendInfo":{%s}}`,
		id, user, 7, n, n%100000, strings.Repeat(`"NickName":"","Sex":0,"Signature":"","Alias":"",`, 10)+`"Ticket":""`)
	return store.Inbound{MsgID: id, UserName: user, Raw: []byte(raw), Class: store.ForRegistrar}
}
