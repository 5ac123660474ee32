package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"crosscheck/engine/privacy"
	"crosscheck/engine/report"

	"github.com/spf13/cobra"
)

// keygen is the command `keygen`: a key for the pseudonyms of the internal tier.
func (a *app) keygen() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "keygen [-o FILE]",
		Short: "Make a key for pseudonyms",
		Long: "keygen writes a random key of 32 bytes to a new file that you alone may read, as a line of hexadecimal digits. It never\n" +
			"replaces a file: without its key nobody can tell which records the pseudonyms of past nights are about. Keep a copy\n" +
			"where the reports are not.\n\n" +
			"Exit codes: 0 written; 2 usage, or the file is there; 5 could not write; 70 internal error.",
		Example: "  crosscheck keygen -o pseudonym.key",
		Args:    cobra.NoArgs,
		RunE:    a.runs(func(context.Context, []string) error { return a.writeKey(output) }),
	}
	c.Flags().StringVarP(&output, "output", "o", "pseudonym.key", "the file to write")
	return c
}

// writeKey runs `keygen`.
func (a *app) writeKey(path string) error {
	text := privacy.NewKey()
	key, err := privacy.ParseKey(text)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return usagef("%s is there already, and a key that is lost cannot be made again; name another file with -o", path)
	}
	if err == nil {
		_, err = f.Write(text)
		// The umask can only have taken rights away; the mode is set so that it is known.
		if err = errors.Join(err, f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
			err = errors.Join(err, os.Remove(path)) // half a key is none
		}
	}
	if err != nil {
		var pathErr *fs.PathError
		if errors.As(err, &pathErr) {
			err = pathErr.Err
		}
		return &report.WriteError{Path: path, Err: err}
	}
	shown := quoted(path)
	if !filepath.IsAbs(path) {
		shown += "   # relative to the job file"
	}
	_, err = fmt.Fprintf(a.out, "%s: a key with the id %s, mode 0600; in the job file:\n\nprivacy:\n  pseudonym_key:\n    file: %s\n",
		a.outStyle.good("✓ "+path), key.ID(), shown)
	if err != nil {
		return a.out.failed()
	}
	return nil
}
