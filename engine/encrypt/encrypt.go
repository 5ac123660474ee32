// Package encrypt encrypts files to recipients, and reads them with an identity, in the format of age (age-encryption.org/v1, by
// filippo.io/age): a header that wraps the key of the file for each recipient, then chunks of 64 KiB under ChaCha20-Poly1305. A file is written as a
// stream; no part of it is ever on disk as it was. It is read in place: a look-up decrypts the chunks that it needs.
//
// A Parquet file has the name it would have and [Extension] behind it: part-00000.parquet.age. What 'age -d -i identity.txt' or 'crosscheck
// decrypt' makes of it is the Parquet file, byte for byte. The encrypted file differs from run to run, since the key of a file is random.
//
// # Why not Parquet's own encryption
//
// Parquet has modular encryption, by which readers such as DuckDB could open the files themselves with a key. What there is does not fit
// together: files of parquet-go 0.32 are refused by DuckDB 1.5.6 ("Computed AES tag differs from read AES tag, are you using the right key?");
// row groups that parquet-go encodes side by side (BeginRowGroup), as reports do, get no key and are written in the clear under an encrypted footer,
// which not even parquet-go reads; and its writer has no place for a key that is wrapped for recipients (key_metadata), without which all
// nights would lie under one symmetric key that the machine of the nightly run holds.
package encrypt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"crosscheck/engine/privacy/secret"

	"filippo.io/age"
)

// Extension is what the name of an encrypted file ends in.
const Extension = ".age"

// Errors. None holds anything of an identity.
var (
	ErrNoRecipient = errors.New("this is no recipient of age: age1… or age1pq1…, as 'crosscheck keygen --identity' and age-keygen print it")
	ErrNoIdentity  = errors.New("it holds no identity of age: a line AGE-SECRET-KEY-…, as 'crosscheck keygen --identity' and age-keygen write it")
	ErrOther       = errors.New("it was encrypted to other recipients than this identity")
	ErrDamaged     = errors.New("it is no file that age encrypted, or damaged")
)

// Recipients are those who can read what is encrypted.
type Recipients struct {
	all   []age.Recipient
	names []string
}

// Add takes up a recipient. The error is ErrNoRecipient.
func (r *Recipients) Add(text string) error {
	of, err := age.ParseRecipients(strings.NewReader(text))
	if err != nil || len(of) != 1 {
		return ErrNoRecipient
	}
	r.all, r.names = append(r.all, of[0]), append(r.names, strings.TrimSpace(text))
	return nil
}

// AddLines takes up the recipients of a file: one a line, but for blank lines and those that begin with #. The error is ErrNoRecipient with the line.
func (r *Recipients) AddLines(text string) error {
	before := len(r.all)
	line := 0
	for l := range strings.Lines(text) {
		line++
		l = strings.TrimSpace(l)
		if l == "" || l[0] == '#' {
			continue
		}
		if err := r.Add(l); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
	if len(r.all) == before {
		return ErrNoRecipient
	}
	return nil
}

// Names gives the recipients as texts. They are public keys.
func (r *Recipients) Names() []string { return r.names }

// Check says whether they can be recipients of one file: age mixes no recipients that are safe from quantum computers with others.
func (r *Recipients) Check() error {
	_, err := age.Encrypt(io.Discard, r.all...)
	return err
}

// Encrypt gives a writer whose bytes arrive at w encrypted. Its Close writes the end, and does not close w.
func (r *Recipients) Encrypt(w io.Writer) (io.WriteCloser, error) { return age.Encrypt(w, r.all...) }

// Identities are private keys. However they are printed, they say nothing.
type Identities struct {
	all secret.Value[[]age.Identity] // age prints an identity as its key
}

// ParseIdentities reads identities, one a line, but for blank lines and those that begin with #. The error is ErrNoIdentity.
func ParseIdentities(text []byte) (*Identities, error) {
	all, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		return nil, ErrNoIdentity // what age says of it may quote it
	}
	return &Identities{secret.New(all)}, nil
}

// Open gives what is encrypted in r, of size bytes, and its size. Errors are ErrOther and ErrDamaged; those of reading on are ErrDamaged and r's.
func (i *Identities) Open(r io.ReaderAt, size int64) (io.ReaderAt, int64, error) {
	plain, n, err := age.DecryptReaderAt(r, size, i.all.Reveal()...)
	if other := (*age.NoIdentityMatchError)(nil); errors.As(err, &other) {
		return nil, 0, ErrOther
	}
	if err != nil {
		return nil, 0, ErrDamaged
	}
	return plain, n, nil
}

// Reads says whether they can read what is encrypted to the recipients.
func (i *Identities) Reads(r *Recipients) bool {
	var b bytes.Buffer
	w, err := r.Encrypt(&b)
	if err != nil || w.Close() != nil {
		return false
	}
	_, _, err = i.Open(bytes.NewReader(b.Bytes()), int64(b.Len()))
	return err == nil
}

// NewIdentity makes an identity: the text to store, and the recipient that belongs to it.
func NewIdentity() (text []byte, recipient string, err error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, "", err
	}
	recipient = id.Recipient().String()
	return fmt.Appendf(nil, "# public key: %s\n%s\n", recipient, id), recipient, nil
}
