package api

import (
	"crypto/sha256"
	_ "embed"
	"sort"
)

// commonHashes holds the beginnings of the SHA-256 of common passwords, four bytes each, in order: those of ten characters and
// more, and what of the shorter ones is left without the digits and signs around it. They are of the dictionary of passwords in
// @zxcvbn-ts/language-common 4.1.3 (MIT, see common.LICENSE), 49,233 heads of published lists of leaked passwords. As hashes,
// because many are words that nobody wants to read here, and some may be somebody's number. TestCommonPasswords writes the file
// anew from a JSON list with -passwords. One password in a hundred thousand is refused without being on the list.
//
//go:embed common.bin
var commonHashes string

// commonBytes is how much of a hash is kept.
const commonBytes = 4

// common tells whether a word in lower case is among the common passwords.
func common(word string) bool {
	h := hashCommon(word)
	n := len(commonHashes) / commonBytes
	at := func(i int) string { return commonHashes[i*commonBytes : (i+1)*commonBytes] }
	i := sort.Search(n, func(i int) bool { return at(i) >= h })
	return i < n && at(i) == h
}

// hashCommon is what of a word stands in the list.
func hashCommon(word string) string {
	h := sha256.Sum256([]byte(word))
	return string(h[:commonBytes])
}
