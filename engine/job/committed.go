package job

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"crosscheck/engine/audit"
	"crosscheck/engine/privacy"
)

// committed is what those who look up or purge want to know of the manifest of a night.
type committed struct {
	date    string // the run date
	damaged bool   // there is nothing else to know: what has its name is no manifest

	Key          []string `json:"key"`
	KeyType      []string `json:"key_types"`
	PseudonymKey string   `json:"pseudonym_key_id"`
	Files        []File   `json:"files"`
	Purged       []Purged `json:"purged"`
}

// readCommitted gives the nights that have a manifest, in their order. The error is an *audit.ReadError.
func readCommitted(reports string) ([]committed, error) {
	dir := filepath.Join(reports, committedDir)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, &audit.ReadError{Path: dir, Err: errors.New(cause(err))}
	}
	var nights []committed
	for _, e := range entries { // by name, and so by date
		date, isManifest := strings.CutSuffix(e.Name(), ".json")
		if _, err := time.Parse(DateLayout, date); err != nil || !isManifest {
			continue
		}
		path := filepath.Join(dir, e.Name())
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, &audit.ReadError{Path: path, Err: errors.New(cause(err))}
		}
		var night committed
		if json.Unmarshal(text, &night) != nil {
			night = committed{damaged: true}
		}
		night.date = date
		nights = append(nights, night)
	}
	return nights, nil
}

// files gives the files of a table that are still there.
func (c *committed) files(t table) []File {
	tier, _, _ := strings.Cut(t.name, "/")
	if c.purged(privacy.Tier(tier)) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.Files), func(f File) bool { return !strings.HasPrefix(f.Path, t.name+"/run_date=") })
}

// purged says whether the tables of a tier were removed.
func (c *committed) purged(tier privacy.Tier) bool {
	return slices.ContainsFunc(c.Purged, func(p Purged) bool { return p.Tier == string(tier) })
}

// RefusedError says why something that was asked for is not done. Nothing was shown and nothing changed.
type RefusedError struct {
	Msg  string
	Hint string // what to try, or ""
}

// Error gives the message.
func (e *RefusedError) Error() string { return e.Msg }

func refused(hint, format string, args ...any) error {
	return &RefusedError{Msg: fmt.Sprintf(format, args...), Hint: hint}
}
