package privacy

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"crosscheck/engine/privacy/secret"
)

func secretOf(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*37 + 200)
	}
	return b
}

func keyOf(b []byte) *Key { return &Key{secret.New(b)} }

func TestParseKey(t *testing.T) {
	raw := secretOf(33)
	want := keyOf(raw).ID()
	for name, text := range map[string]string{
		"raw":                string(raw),
		"hex":                hex.EncodeToString(raw),
		"hex, a line":        hex.EncodeToString(raw) + "\r\n",
		"hex, upper case":    strings.ToUpper(hex.EncodeToString(raw)),
		"base64":             base64.StdEncoding.EncodeToString(raw),
		"base64, no padding": base64.RawStdEncoding.EncodeToString(raw) + "\n",
		"base64, url":        base64.URLEncoding.EncodeToString(raw),
		"base64, lines":      base64.StdEncoding.EncodeToString(raw)[:20] + "\n" + base64.StdEncoding.EncodeToString(raw)[20:],
	} {
		if k, err := ParseKey([]byte(text)); err != nil || k.ID() != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		text []byte
		err  error
	}{
		"nothing":              {nil, ErrShortKey},
		"31 bytes":             {secretOf(31), ErrShortKey},
		"31 bytes in hex":      {[]byte(hex.EncodeToString(secretOf(31))), ErrShortKey},
		"16 bytes in hex":      {[]byte(hex.EncodeToString(secretOf(16))), ErrShortKey},
		"24 bytes in base64":   {[]byte(base64.StdEncoding.EncodeToString(secretOf(24))), ErrShortKey},
		"zeros":                {make([]byte, 64), ErrWeakKey},
		"a pattern":            {[]byte(strings.Repeat("0123", 30)), ErrWeakKey},
		"a whole file of some": {secretOf(MaxKeyBytes + 1), ErrLongKey},
	} {
		if _, err := ParseKey(c.text); !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", name, err, c.err)
		}
	}
	a, b := NewKey(), NewKey()
	ka, err := ParseKey(a)
	kb, err2 := ParseKey(b)
	if err != nil || err2 != nil || bytes.Equal(a, b) || ka.ID() == kb.ID() || len(a) != 65 {
		t.Error("new keys:", err, err2)
	}
}

// TestKeyIsNeverPrinted holds that no way of printing a key shows it.
func TestKeyIsNeverPrinted(t *testing.T) {
	raw := []byte("canary-canary-0123456789-abcdefgh")
	k, err := ParseKey(raw)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", k)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", k, "in", struct{ K *Key }{k})
	text, err := json.Marshal(map[string]any{"key": k})
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprintf("%v %+v %#v %s %q %x %d %v %v %+v %+v", k, k, k, k, k, k, k, []*Key{k}, struct{ K *Key }{k}, *k, struct{ k Key }{*k}) + log.String() + string(text)
	for _, form := range []string{"canary", hex.EncodeToString([]byte("canary")), "99 97 110"} {
		if strings.Contains(all, form) {
			t.Errorf("%s", all)
		}
	}
}

// TestPseudonyms holds pseudonyms to what doc.go says, byte by byte, by another way to get there.
func TestPseudonyms(t *testing.T) {
	k := keyOf(secretOf(32))
	p, other := k.Pseudonyms(), keyOf(secretOf(40)).Pseudonyms()
	var a, b Pseudonym
	seen := map[string]bool{}
	var texts []string
	for i := range 2000 {
		key := fmt.Appendf(nil, "99%016d", i)
		p.Of(key, fmt.Appendf(nil, "99%016d", i+i%3), &a) // every third key is followed by the one foretold
		mac := hmac.New(sha256.New, secretOf(32))
		mac.Write(key)
		sum := mac.Sum(nil)
		want := make([]byte, 0, PseudonymLen)
		for bit := 0; bit < 130; bit += 5 {
			v := 0
			for j := bit; j < bit+5; j++ {
				v <<= 1
				if j < 128 {
					v |= int(sum[j/8] >> (7 - j%8) & 1)
				}
			}
			want = append(want, "0123456789abcdefghijklmnopqrstuv"[v])
		}
		text := string(AppendPseudonym(nil, a.Shown()))
		if text != string(want) {
			t.Fatalf("%s: %s, want %s", key, text, want)
		}
		other.Of(key, nil, &b)
		if text == string(AppendPseudonym(nil, b.Shown())) || seen[text] {
			t.Fatalf("%s: %s is not its own", key, text)
		}
		seen[text] = true
		texts = append(texts, text+string(sum))
	}
	// The order of texts is that of the bits.
	slices.Sort(texts)
	if !slices.IsSortedFunc(texts, func(a, b string) int { return strings.Compare(a[PseudonymLen:][:16], b[PseudonymLen:][:16]) }) {
		t.Error("texts do not sort as bits do")
	}
	key := []byte("99010119900101006X")
	if n := testing.AllocsPerRun(100, func() { p.Of(key, nil, &a) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
