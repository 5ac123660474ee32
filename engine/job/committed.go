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

	"crosscheck/engine/durable"
	"crosscheck/engine/level"
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

// nightsOf lists the dates of the nights of a reports folder that have a manifest, oldest first. The error is a *level.InputError.
func nightsOf(reports string) ([]string, error) {
	dir := filepath.Join(reports, committedDir)
	entries, err := os.ReadDir(dir) // by name, and so by date
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, cannotRead(dir, err)
	}
	var dates []string
	for _, e := range entries {
		date, isManifest := strings.CutSuffix(e.Name(), ".json")
		if _, err := time.Parse(DateLayout, date); err == nil && isManifest {
			dates = append(dates, date)
		}
	}
	return dates, nil
}

// manifestOf is where the manifest of a night lies.
func manifestOf(reports, date string) string {
	return filepath.Join(reports, committedDir, date+".json")
}

// cannotRead is the *level.InputError about a file or folder below the reports folder.
func cannotRead(path string, err error) error {
	return &level.InputError{File: path, Msg: "cannot be read", Err: durable.Cause(err)}
}

// readManifest gives the manifest of a night. The error is a *level.InputError.
func readManifest(reports, date string) (*Manifest, error) {
	path := manifestOf(reports, date)
	text, err := os.ReadFile(path)
	m := &Manifest{}
	if err == nil {
		err = json.Unmarshal(text, m)
	}
	if err == nil && (m.Summary == nil || m.Date != date) {
		err = errors.New("it is no manifest of that night")
	}
	if err != nil {
		return nil, cannotRead(path, err)
	}
	return m, nil
}

// readCommitted gives what the manifests of all nights say, in their order. The error is a *level.InputError.
func readCommitted(reports string) ([]committed, error) {
	dates, err := nightsOf(reports)
	if err != nil {
		return nil, err
	}
	var nights []committed
	for _, date := range dates {
		path := manifestOf(reports, date)
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, cannotRead(path, err)
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
	return slices.DeleteFunc(slices.Clone(c.Files), func(f File) bool { return !strings.HasPrefix(f.Path, t.name+"/"+partition) })
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
