package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"crosscheck/engine/encrypt"
	"crosscheck/engine/privacy"
	"crosscheck/engine/report"

	"github.com/spf13/cobra"
)

// keygen is the command `keygen`: a key for the pseudonyms of the internal tier.
func (a *app) keygen() *cobra.Command {
	var output string
	var identity bool
	c := &cobra.Command{
		Use:   "keygen [-o FILE]",
		Short: "Make a key for pseudonyms, or an identity for encryption",
		Long: "keygen writes a random key of 32 bytes to a new file that you alone may read, as a line of hexadecimal digits. It never\n" +
			"replaces a file: without its key nobody can tell which records the pseudonyms of past nights are about. Keep a copy\n" +
			"where the reports are not.\n\n" +
			"--identity makes an identity of age (age-encryption.org) instead: with it one reads what is encrypted to its recipient, which\n" +
			"is printed for privacy.encrypt in the job. Who may read the restricted tier makes one, and hands over the recipient alone.\n\n" +
			"Exit codes: 0 written; 2 usage, or the file is there; 5 could not write; 70 internal error.",
		Example: "  crosscheck keygen -o pseudonym.key\n  crosscheck keygen --identity -o identity.txt",
		Args:    flagsAlone,
		RunE: a.runs(func(context.Context, []string) error {
			if identity {
				return a.writeIdentity(cmp.Or(output, "identity.txt"))
			}
			return a.writeKey(cmp.Or(output, "pseudonym.key"))
		}),
	}
	c.Flags().StringVarP(&output, "output", "o", "", "the file to write (default pseudonym.key; with --identity identity.txt)")
	c.Flags().BoolVar(&identity, "identity", false, "make an identity for encryption")
	return c
}

// writeIdentity runs `keygen --identity`.
func (a *app) writeIdentity(path string) error {
	text, recipient, err := encrypt.NewIdentity()
	if err != nil {
		return err
	}
	if err := writeSecret(path, text); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "%s: an identity, mode 0600; in the job file:\n\nprivacy:\n  encrypt:\n    recipients: [%s]\n    identity: {file: %s}%s\n",
		a.outStyle.good("✓ "+path), recipient, quoted(path), relativeNote(path))
	if err != nil {
		return a.out.failed()
	}
	return nil
}

// relativeNote says what a path is relative to, where it is.
func relativeNote(path string) string {
	if filepath.IsAbs(path) {
		return ""
	}
	return "   # relative to the job file"
}

// writeKey runs `keygen`.
func (a *app) writeKey(path string) error {
	text := privacy.NewKey()
	key, err := privacy.ParseKey(text)
	if err != nil {
		return err
	}
	if err := writeSecret(path, text); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "%s: a key with the id %s, mode 0600; in the job file:\n\nprivacy:\n  pseudonym_key:\n    file: %s\n",
		a.outStyle.good("✓ "+path), key.ID(), quoted(path)+relativeNote(path))
	if err != nil {
		return a.out.failed()
	}
	return nil
}

// writeSecret writes a secret to a new file that its owner alone may read.
func writeSecret(path string, text []byte) error {
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
	return nil
}
