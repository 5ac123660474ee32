package secret_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"crosscheck/engine/privacy/secret"

	"github.com/goccy/go-yaml"
)

// canary is what no output may hold, in any spelling: as text, in hexadecimal, as numbers of bytes.
const canary = "99canary"

var spellings = []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), fmt.Sprintf("% x", canary),
	strings.Trim(fmt.Sprint([]byte(canary)), "[]"), "99, 97", "0x39, 0x39", "57, 57"}

type open struct {
	Name string
	Key  secret.Value[[]byte]
	Part secret.Value[[]string]
	In   map[string]secret.Value[string]
}

type closed struct {
	name string
	key  secret.Value[[]byte]
	in   *open
	of   []secret.Value[string]
}

// everywhere gives a secret alone and in all that may hold one.
func everywhere() map[string]any {
	bytesOf, text := secret.New([]byte(canary)), secret.New(canary)
	o := open{"n", bytesOf, secret.New([]string{canary}), map[string]secret.Value[string]{"k": text}}
	return map[string]any{
		"bytes": bytesOf, "text": text, "number": secret.New(struct{ S string }{canary}), "pointer": &text,
		"exported fields": o, "pointer to a struct": &o, "other fields": closed{"n", bytesOf, &o, []secret.Value[string]{text}},
		"slice": []secret.Value[string]{text}, "map": map[string]any{"k": text}, "array": [1]secret.Value[string]{text},
	}
}

func hold(t *testing.T, what, out string) {
	t.Helper()
	for i, s := range spellings {
		if strings.Contains(out, s) {
			t.Errorf("%s: holds the secret (spelling %d)", what, i)
		}
	}
}

func TestNeverPrinted(t *testing.T) {
	for what, v := range everywhere() {
		for _, verb := range "vTtbcdoOqxXUeEfFgGsp%w!z" {
			for _, flags := range []string{"", "+", "#", "-20", "020", ".3", " ", "+#"} {
				format := "%" + flags + string(verb)
				hold(t, what+" "+format, fmt.Sprintf(format, v))
			}
		}
		hold(t, what+" Sprint", fmt.Sprint(v)+fmt.Sprintln(v))
		hold(t, what+" Errorf", fmt.Errorf("cannot: %v, %+v: %w", v, v, errors.New("cause")).Error())
		hold(t, what+" joined", errors.Join(fmt.Errorf("%v", v), fmt.Errorf("%#v", v)).Error())
		if text, err := json.Marshal(v); err == nil {
			hold(t, what+" json", string(text))
		}
		if text, err := json.MarshalIndent(v, "", " "); err == nil {
			hold(t, what+" json", string(text))
		}
		if text, err := yaml.Marshal(v); err == nil {
			hold(t, what+" yaml", string(text))
		}
		if text, err := xml.Marshal(v); err == nil {
			hold(t, what+" xml", string(text))
		}
		for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
			"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
			"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var b bytes.Buffer
			slog.New(handler(&b)).With("with", v).WithGroup("g").Error("msg", "key", v, slog.Any("any", v))
			hold(t, what+" slog "+name, b.String())
			if !strings.Contains(b.String(), "msg") {
				t.Errorf("%s: slog %s wrote nothing", what, name)
			}
		}
		func() {
			defer func() { hold(t, what+" panic", fmt.Sprint(recover())) }()
			panic(v)
		}()
	}
}

// TestPrintsThatItIsSecret holds what is printed in its place, and that the spellings above would be found.
func TestPrintsThatItIsSecret(t *testing.T) {
	v := secret.New(canary)
	for _, got := range []string{fmt.Sprint(v), fmt.Sprintf("%#v", v), fmt.Sprintf("%d", v), v.String(), v.GoString(), v.LogValue().String()} {
		if got != secret.Redacted {
			t.Errorf("printed as %q", got)
		}
	}
	if got, err := json.Marshal(map[string]any{"k": v}); string(got) != `{"k":"[redacted]"}` || err != nil {
		t.Errorf("json: %s %v", got, err)
	}
	if v.Reveal() != canary || (secret.Value[string]{}).Reveal() != "" {
		t.Error("it does not hold what it was given")
	}
	raw := fmt.Sprint([]byte(canary), canary) + fmt.Sprintf("%x %#v", canary, []byte(canary))
	for _, i := range []int{0, 1, 4, 6} {
		if !strings.Contains(raw, spellings[i]) {
			t.Errorf("spelling %d is not one: %s", i, raw)
		}
	}
}
