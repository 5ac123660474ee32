package job

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
)

// notePurged has a manifest say of which tiers the tables are gone. All else in it stays as it is, key by key, also what a later version
// wrote; one that is not there, or is none, is left so.
func notePurged(path string, tiers []string, entry int64) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // what a run that was killed left behind
	}
	if err != nil {
		return writeError(path, err)
	}
	var m committed
	keys, values, err := topLevel(text)
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		return nil // it is no manifest, which is on record: a trail that a seal does not tell of it is broken
	}
	for _, tier := range tiers {
		m.Purged = slices.DeleteFunc(m.Purged, func(p Purged) bool { return p.Tier == tier })
		m.Purged = append(m.Purged, Purged{Tier: tier, Entry: entry})
	}
	note, err := json.Marshal(m.Purged)
	if err != nil {
		return writeError(path, err)
	}
	const key = "purged"
	if at := slices.Index(keys, key); at >= 0 {
		values[at] = note
	} else {
		keys, values = append(keys, key), append(values, note)
	}
	var b bytes.Buffer
	for i, key := range keys {
		b.WriteString(map[bool]string{true: "{", false: ","}[i == 0])
		name, err := json.Marshal(key)
		if err != nil {
			return writeError(path, err)
		}
		b.Write(append(append(name, ':'), values[i]...))
	}
	b.WriteByte('}')
	var out bytes.Buffer
	if err := json.Indent(&out, b.Bytes(), "", "  "); err != nil {
		return writeError(path, err)
	}
	return writeDurably(path, append(out.Bytes(), '\n'), 0o640)
}

// topLevel gives the keys of a JSON object, in their order, and their values as they are written.
func topLevel(text []byte) (keys []string, values []json.RawMessage, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, nil, errors.New("this is no object")
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, nil, err
		}
		key, _ := t.(string) // the decoder takes nothing else here
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, nil, err
		}
		keys, values = append(keys, key), append(values, value)
	}
	return keys, values, nil
}
