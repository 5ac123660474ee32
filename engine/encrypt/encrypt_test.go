package encrypt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

func pair(t *testing.T) (*Identities, *Recipients, []byte) {
	t.Helper()
	text, name, err := NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	ids, err := ParseIdentities(text)
	if err != nil {
		t.Fatal(err)
	}
	r := &Recipients{}
	if err := r.Add(name); err != nil {
		t.Fatal(err)
	}
	return ids, r, text
}

func encrypted(t *testing.T, r *Recipients, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := r.Encrypt(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestReadInPlace holds that any part of a file comes back, whatever its size, and that nothing of it stands in what is written.
func TestReadInPlace(t *testing.T) {
	ids, to, _ := pair(t)
	r := rand.New(rand.NewPCG(99, 3))
	for _, size := range []int{0, 1, 100, 64<<10 - 1, 64 << 10, 64<<10 + 1, 200_000} {
		plain := bytes.Repeat([]byte("99canary"), size/8+1)[:size]
		file := encrypted(t, to, plain)
		if size >= 8 && bytes.Contains(file, []byte("canary")) {
			t.Errorf("%d bytes: they stand in the file", size)
		}
		at, n, err := ids.Open(bytes.NewReader(file), int64(len(file)))
		if err != nil || n != int64(size) {
			t.Fatalf("%d bytes: %d, %v", size, n, err)
		}
		for range 20 {
			from := r.IntN(size + 1)
			got := make([]byte, r.IntN(size-from+1))
			if k, err := at.ReadAt(got, int64(from)); k != len(got) || err != nil && err != io.EOF || !bytes.Equal(got, plain[from:from+k]) {
				t.Fatalf("%d bytes from %d: %d, %v", len(got), from, k, err)
			}
		}
	}
}

func TestWrongAndDamaged(t *testing.T) {
	ids, to, _ := pair(t)
	others, _, _ := pair(t)
	file := encrypted(t, to, make([]byte, 150_000))
	if _, _, err := others.Open(bytes.NewReader(file), int64(len(file))); !errors.Is(err, ErrOther) {
		t.Errorf("another identity: %v", err)
	}
	if others.Reads(to) || !ids.Reads(to) {
		t.Error("who reads what is wrong")
	}
	for _, broken := range [][]byte{{}, []byte("PAR1"), file[:50], file[:len(file)-1], file[:len(file)-(70<<10)]} {
		_, n, err := ids.Open(bytes.NewReader(broken), int64(len(broken)))
		if err == nil {
			t.Errorf("%d of %d bytes are taken for %d", len(broken), len(file), n)
		}
	}
	flipped := bytes.Clone(file)
	flipped[len(flipped)/2] ^= 1
	at, n, err := ids.Open(bytes.NewReader(flipped), int64(len(flipped)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(io.NewSectionReader(at, 0, n)); err == nil {
		t.Error("a bit that was turned is not noticed")
	}
}

func TestRecipients(t *testing.T) {
	_, one, text := pair(t)
	_, two, _ := pair(t)
	r := &Recipients{}
	if err := r.AddLines("# of the office\n\n" + one.Names()[0] + "\n  " + two.Names()[0] + "\r\n"); err != nil || len(r.Names()) != 2 || r.Check() != nil {
		t.Errorf("%v %v", r.Names(), err)
	}
	for _, bad := range []string{"", "# none\n", "age1", "ssh-ed25519 AAAA", string(text), one.Names()[0] + "x"} {
		if err := (&Recipients{}).AddLines(bad); !errors.Is(err, ErrNoRecipient) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%d bytes: %v", len(bad), err)
		}
	}
}

// TestIdentitiesArePrivate holds that identities never print, nor what is wrong with them.
func TestIdentitiesArePrivate(t *testing.T) {
	ids, _, text := pair(t)
	key := strings.TrimSpace(string(text[bytes.IndexByte(text, '\n'):]))
	out := fmt.Sprintf("%v %+v %#v %v", ids, *ids, ids, struct{ i *Identities }{ids})
	encoded, err := json.Marshal(map[string]any{"identities": ids})
	if err != nil {
		t.Fatal(err)
	}
	out += string(encoded)
	for _, bad := range []string{key + "x", strings.ToLower(key) + key, key[:40], "x" + key, ""} {
		if _, err := ParseIdentities([]byte(bad)); !errors.Is(err, ErrNoIdentity) {
			t.Errorf("%d bytes: %v", len(bad), err)
		} else {
			out += err.Error()
		}
	}
	if strings.Contains(out, key[20:40]) || strings.Contains(strings.ToUpper(out), key[20:40]) {
		t.Error("a key is printed")
	}
}
