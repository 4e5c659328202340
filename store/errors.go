package store

import (
	"errors"

	"chunfeng/templates/words"
)

// Errors of opening.
var (
	ErrInUse   = errors.New("another process holds the data folder")
	ErrNewer   = errors.New("the data was written by a newer version")
	ErrDamaged = errors.New("the data is damaged")
)

// Errors of writing.
var (
	ErrClosed  = errors.New("the ledger is closed")
	ErrStorage = errors.New("the disk does not take what is written")
)

// notFound refuses a thing that does not exist.
func notFound(what, id string) error { return words.Refuse("store.no_"+what, id).Of(words.Missing) }
