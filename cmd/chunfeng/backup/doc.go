// Package backup makes sealed copies of the ledger while it works, checks them, lets old ones expire, and opens them again.
//
// # Promise
//
// A backup has its name only after all of this held: the copy of the database, made in one reading transaction, opened
// together with the key file and every law of the ledger was recounted in it; the sealed file was written, synced, dropped
// from the page cache as far as the system lets it, read back, hashed to what was written, opened, and every file in it was
// the one that had been checked, byte for byte. The name is given by a rename within the folder, and the folder is synced.
//
// Nothing is ever written to the folder of the backups in the clear: the plain copy lies in the data folder, readable by
// its owner, for as long as it is checked and sealed.
//
// # How a sealed file is opened without its key
//
// The private keys of the recipients are not on the machine. Each file is therefore sealed to one more key, which is made
// for that one file, lives in memory until the file was read back, and is forgotten; it is written nowhere. What stays
// unproven is that the recipients' own copies of the file's key (age's stanzas) open: only a restore shows that the
// private key which somebody keeps is the right one. Practise it.
//
// # Failure cases
//
// A folder that is missing (a disk that is not mounted) is never made. Whatever fails leaves no file behind; what a crash
// leaves is removed by the next run. A full disk is an error of that run, and the ledger goes on.
//
// # Caveats
//
// What a person had erased lives on in older backups until these expire; therefore no backup may be kept longer than
// residents were told that their numbers are kept (the configuration refuses it). The newest good backup is kept whatever
// its age: the last one is never removed for being old.
package backup
