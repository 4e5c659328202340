package store

import (
	"encoding/binary"
	"time"
)

// bucket is a table of the ledger.
type bucket string

// The tables, each with its key. Numbers are big-endian, so that keys sort as they count.
const (
	bMeta       bucket = "meta"         // name
	bBatches    bucket = "batches"      // id
	bBatchFiles bucket = "batch_files"  // file hash → id
	bVacancies  bucket = "vacancies"    // code
	bGroups     bucket = "groups"       // number
	bGroupCodes bucket = "group_codes"  // code → number
	bPhrases    bucket = "phrases"      // pairing phrase → number
	bSketches   bucket = "sketches"     // group
	bAccounts   bucket = "accounts"     // name
	bSessions   bucket = "sessions"     // account name: sealed login data
	bCursors    bucket = "cursors"      // account name: how far its messages were taken
	bPaces      bucket = "paces"        // account name
	bBindings   bucket = "bindings"     // account number, group
	bBoundNames bucket = "bound_names"  // account number, user name → group
	bChats      bucket = "chats"        // account name: the chats of its session that are no registered group, sealed
	bSchedules  bucket = "schedules"    // number
	bWaves      bucket = "waves"        // number
	bWaveIDs    bucket = "wave_ids"     // id → number
	bOccurs     bucket = "occurrences"  // schedule, time → wave number: no double fire
	bTallies    bucket = "tallies"      // wave
	bActive     bucket = "active"       // wave: those that are not at their end
	bLanes      bucket = "lanes"        // wave, account number
	bContents   bucket = "contents"     // number
	bHashes     bucket = "hashes"       // content hash → number
	bDeliveries bucket = "deliveries"   // wave, seq
	bOpen       bucket = "open"         // wave, seq: attempts in flight
	bAccepted   bucket = "accepted"     // time, wave, seq: they wait to be confirmed
	bQueue      bucket = "queue"        // account number, class, time, wave, seq: they wait for a time
	bMarked     bucket = "marked"       // wave, state, seq: the states that people look for
	bHistory    bucket = "history"      // group, wave, seq: what a group was to be told
	bReplies    bucket = "replies"      // number
	bReplyIDs   bucket = "reply_ids"    // account, message id → number
	bInbox      bucket = "inbox"        // class, account number, reply: not yet read
	bReview     bucket = "review"       // reply: a person decides
	bSignups    bucket = "signups"      // number
	bByPhone    bucket = "by_phone"     // keyed hash of a number, sign-up
	bByGroup    bucket = "signup_group" // group, sign-up
	bGaps       bucket = "gaps"         // number
	bAudit      bucket = "audit"        // number
	bUsers      bucket = "users"        // login name in lower case
	bInvites    bucket = "invitations"  // hash of the link's token
	bWebs       bucket = "web_sessions" // hash of the cookie's token
	bSettings   bucket = "settings"     // key of the configuration
	bVersions   bucket = "versions"     // template's name, 0, number
	bDays       bucket = "days"         // date
	bConsents   bucket = "consents"     // hash of a consent notice's words
	bErased     bucket = "erased"       // keyed hash of a number that was erased
	bShown      bucket = "shown"        // sign-up, line of the audit trail: whose number was shown or handed out
	bAlerts     bucket = "alerts"       // number
	bHearing    bucket = "hearing"      // account name: how long it hears nothing at which hour
	bBackups    bucket = "backups"      // number
)

var buckets = []bucket{bMeta, bBatches, bBatchFiles, bVacancies, bGroups, bGroupCodes, bPhrases, bSketches, bAccounts,
	bSessions, bCursors, bPaces, bBindings, bBoundNames, bChats, bSchedules, bWaves, bWaveIDs, bOccurs, bTallies, bActive, bLanes,
	bContents, bHashes, bDeliveries, bOpen, bAccepted, bQueue, bMarked, bHistory, bReplies, bReplyIDs, bInbox, bReview,
	bSignups, bByPhone, bByGroup, bGaps, bAudit, bUsers, bInvites, bWebs, bSettings, bVersions, bDays, bAlerts, bHearing, bConsents, bErased, bShown, bBackups}

// registry tells whether Store.Registry counts what is written to a table.
func (b bucket) registry() bool { return b == bGroups || b == bBindings || b == bSketches }

// waits tells whether Store.Waits counts what is written to a table.
func (b bucket) waits() bool { return b == bReview || b == bGaps }

// ordered tells of the tables whose keys only grow, so that their pages may be filled to the brim.
func (b bucket) ordered() bool {
	switch b {
	case bDeliveries, bReplies, bContents, bAudit, bSignups, bHistory:
		return true
	}
	return false
}

// brim is how full pages of ordered tables are made: 0.95 stores a record in half the bytes of bbolt's default.
const brim = 0.95

type key []byte

func k32(parts ...uint32) key {
	k := make(key, 0, 4*len(parts)+12)
	for _, p := range parts {
		k = binary.BigEndian.AppendUint32(k, p)
	}
	return k
}

func k64(n uint64) key { return binary.BigEndian.AppendUint64(make(key, 0, 8), n) }

func (k key) u8(n uint8) key       { return append(k, n) }
func (k key) u32(n uint32) key     { return binary.BigEndian.AppendUint32(k, n) }
func (k key) u64(n uint64) key     { return binary.BigEndian.AppendUint64(k, n) }
func (k key) time(t time.Time) key { return k.u64(micros(t)) }
func (k key) str(s string) key     { return append(k, s...) }

// micros is a time as the ledger sorts it; the zero time and everything before 1970 is 0.
func micros(t time.Time) uint64 {
	if n := t.UnixMicro(); !t.IsZero() && n > 0 {
		return uint64(n)
	}
	return 0
}

func u32at(k []byte, i int) uint32 { return binary.BigEndian.Uint32(k[i:]) }
func u64at(k []byte, i int) uint64 { return binary.BigEndian.Uint64(k[i:]) }

// upTo is the first key behind every key that begins with prefix.
func upTo(prefix []byte) []byte {
	end := append([]byte(nil), prefix...)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i]++; end[i] != 0 {
			return end[:i+1]
		}
	}
	return nil
}
