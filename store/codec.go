package store

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/fxamacker/cbor/v2"
)

// format is the version byte in front of every value. A reader keeps reading every older one.
const format = 1

// grain is the step in bytes to which delivery rows are filled up, and a row without an attempt leaves room for its first
// one: claiming and settling then change a row in place instead of splitting a page that was filled to the brim. Without
// that room a delivery cost seven times its bytes, for each split leaves a page of three or four rows behind.
const grain = 32

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var encoder = func() cbor.EncMode {
	m, err := cbor.EncOptions{Sort: cbor.SortNone, Time: cbor.TimeRFC3339NanoUTC}.EncMode()
	if err != nil {
		panic(err)
	}
	return m
}()

var decoder = func() cbor.DecMode {
	// Text is taken as it was written: the checksum knows what is damage, and a name that is no UTF-8 must not leave a
	// record that was accepted and cannot be read back.
	m, err := cbor.DecOptions{TimeTag: cbor.DecTagIgnored, UTF8: cbor.UTF8DecodeInvalid}.DecMode()
	if err != nil {
		panic(err)
	}
	return m
}()

// frame makes a value of a record: version byte, the record (CBOR, or packed), zero bytes up to a multiple of step, CRC32C over key and everything before.
func frame(key []byte, record any, step int) ([]byte, error) {
	var body []byte
	if r, ok := record.(packed); ok {
		body = packRecord(r)
	} else {
		var err error
		if body, err = encoder.Marshal(record); err != nil {
			return nil, fmt.Errorf("encode %T: %w", record, err)
		}
	}
	n := 1 + len(body) + 4
	if d, ok := record.(*Delivery); ok && len(d.Attempts) == 0 {
		n += roomForAttempt + len(d.Account)
	}
	if step > 0 {
		n = (n + step - 1) / step * step
	}
	v := make([]byte, n)
	v[0] = format
	copy(v[1:], body)
	binary.BigEndian.PutUint32(v[n-4:], checksum(key, v[:n-4]))
	return v, nil
}

// unframe checks a value and decodes it into record; a nil record is checked only.
func unframe(key, value []byte, record any) error {
	if len(value) < 5 {
		return fmt.Errorf("%w: a value of %d bytes", ErrDamaged, len(value))
	}
	n := len(value)
	if got, want := checksum(key, value[:n-4]), binary.BigEndian.Uint32(value[n-4:]); got != want {
		return fmt.Errorf("%w: checksum %08x, recorded %08x", ErrDamaged, got, want)
	}
	if value[0] != format {
		return fmt.Errorf("%w: record format %d, this program knows up to %d", ErrNewer, value[0], format)
	}
	switch r := record.(type) {
	case nil:
		return nil
	case packed:
		if err := unpackRecord(value[1:n-4], r); err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		return nil
	}
	if _, err := decoder.UnmarshalFirst(value[1:n-4], record); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

func checksum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
}
