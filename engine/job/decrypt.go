package job

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"

	"crosscheck/engine/audit"
	"crosscheck/engine/encrypt"
	"crosscheck/engine/privacy"
	"crosscheck/engine/report"
)

// DecryptOptions says which table is decrypted, whereto and why.
type DecryptOptions struct {
	Date  string              // the night, as 2026-11-23; "": the last one
	Table string              // one of RestrictedTables
	To    string              // the file to write
	Why   string              // the reason, for the trail
	With  *encrypt.Identities // nil: what the job names
}

// Decrypted is what Decrypt wrote.
type Decrypted struct {
	Date  string
	From  string // the encrypted file
	Rows  int64
	Bytes int64 // written
	Entry int64 // of the trail
}

// RestrictedTables lists the tables of the restricted tier by their last names.
func RestrictedTables() []string {
	var all []string
	for _, t := range []table{mismatchesTable, resolvedTable, reliabilityTable, rostersTable, linksTable} {
		all = append(all, filepath.Base(t.name))
	}
	return all
}

// Decrypt writes an encrypted table of a night as the Parquet file it is, for its owner alone. An entry of the audit trail says so before.
//
// Errors: *RefusedError; *Error from Unlock; *level.InputError where a manifest cannot be read; *audit.BrokenError, *audit.ReadError, *audit.WriteError;
// *report.ReadError; *report.WriteError.
func Decrypt(ctx context.Context, j *Job, opt DecryptOptions) (*Decrypted, error) {
	if within(j.Reports.Dir)(opt.To) {
		return nil, refused("name a file elsewhere", "%s lies in the reports folder, where nobody else may write", opt.To)
	}
	nights, err := nightsAsked(j.Reports.Dir, LookupOptions{Date: opt.Date})
	if err != nil {
		return nil, err
	}
	trail, err := audit.Open(j.Reports.Dir)
	if err != nil {
		return nil, err
	}
	defer trail.Close()
	check, err := j.checked(trail, nil)
	if err != nil {
		return nil, err
	}
	night := &nights[0]
	if err := night.settled(check); err != nil {
		return nil, err
	}
	files := night.files(table{name: string(privacy.Restricted) + "/" + opt.Table})
	if len(files) == 0 {
		return nil, refused("", "the night %s has no table %s, or it was purged", night.date, opt.Table)
	}
	f := files[0]
	path := filepath.Join(j.Reports.Dir, filepath.FromSlash(f.Path))
	if !strings.HasSuffix(f.Path, encrypt.Extension) {
		return nil, refused("read "+path+" as it is", "the table %s of the night %s is not encrypted", opt.Table, night.date)
	}
	decrypt, err := (&unlocked{j: j, with: opt.With}).forFile(ctx, f, night.date)
	if err != nil {
		return nil, err
	}
	in, err := os.Open(path)
	if err != nil {
		return nil, &report.ReadError{Path: path, Err: err}
	}
	defer in.Close()
	plain, size, err := decrypt(in, f.Bytes)
	switch {
	case err == encrypt.ErrOther:
		return nil, otherIdentity(night.date)
	case err != nil:
		return nil, &report.ReadError{Path: path, Err: err}
	}
	anchor, err := trail.Append(audit.Entry{What: audit.Export, Why: opt.Why, Tiers: []string{string(privacy.Restricted)}, Job: j.Name, Nights: []string{night.date},
		Rows: f.Rows, Files: []audit.File{{Path: f.Path, Rows: f.Rows, SHA256: f.SHA256}}})
	if err != nil {
		return nil, err
	}
	if err := report.WriteFrom(opt.To, io.NewSectionReader(plain, 0, size), report.Options{}); err != nil {
		if _, writing := err.(*report.WriteError); !writing {
			err = &report.ReadError{Path: path, Err: err}
		}
		return nil, err
	}
	return &Decrypted{Date: night.date, From: path, Rows: f.Rows, Bytes: size, Entry: anchor.Seq}, nil
}
