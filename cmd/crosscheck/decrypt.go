package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"crosscheck/engine/encrypt"
	"crosscheck/engine/job"

	"github.com/spf13/cobra"
)

// decrypt is the command `decrypt`: a table of a night that was encrypted, as Parquet.
func (a *app) decrypt() *cobra.Command {
	var file, identity string
	var opt job.DecryptOptions
	c := &cobra.Command{
		Use:   "decrypt -c job.yaml --reason TEXT -o FILE",
		Short: "Write an encrypted table of a night as Parquet",
		Long: "decrypt writes a table of the restricted tier that was encrypted (privacy.encrypt in the job) as the Parquet file it is, which\n" +
			"you alone may read (mode 0600). An entry of the audit trail says so before. Remove the file when you are done with it.\n\n" +
			"Exit codes: 0 written; 2 usage, configuration, broken trail, no identity or not the right one; 3 the table cannot be\n" +
			"read; 5 could not write; 70 internal error.",
		Example: "  crosscheck decrypt -c job.yaml --reason 'complaint 4711' -o mismatches.parquet\n" +
			"  crosscheck decrypt -c job.yaml --identity officer.txt --date 2026-11-23 --table resolved --reason review -o resolved.parquet",
		Args: flagsAlone,
		RunE: a.runs(func(ctx context.Context, _ []string) (err error) {
			switch {
			case strings.TrimSpace(opt.Why) == "":
				return usagef("--reason is empty: say why you decrypt this table")
			case !slices.Contains(job.RestrictedTables(), opt.Table):
				return usagef("unknown --table %q; it can be %s", opt.Table, strings.Join(job.RestrictedTables(), ", "))
			}
			if opt.Date != "" {
				if _, err := a.runDate(opt.Date); err != nil {
					return err
				}
			}
			j, err := job.Load(file, a.env)
			if err != nil {
				return err
			}
			if opt.With, err = identityFile(identity); err != nil {
				return err
			}
			done, err := job.Decrypt(ctx, j, opt)
			if err != nil {
				return err
			}
			return a.decrypted(opt.To, done)
		}),
	}
	flagConfig(c, &file)
	flagIdentity(c, &identity)
	c.Flags().StringVar(&opt.Why, "reason", "", "why, for the audit trail, without a key or a value of a record (required)")
	c.Flags().StringVarP(&opt.To, "output", "o", "", "the file to write (required)")
	for _, name := range []string{"reason", "output"} {
		if err := c.MarkFlagRequired(name); err != nil {
			panic(err) // the flag does not exist: a mistake in this package
		}
	}
	c.Flags().StringVar(&opt.Date, "date", "", "the night, as 2026-11-23 (default the last one)")
	c.Flags().StringVar(&opt.Table, "table", job.RestrictedTables()[0], "the table: "+strings.Join(job.RestrictedTables(), ", "))
	mustComplete(c, "table", job.RestrictedTables()...)
	mustComplete(c, "reason")
	a.flagFormat(c)
	return c
}

// decrypted says what was written.
func (a *app) decrypted(to string, d *job.Decrypted) (err error) {
	if a.format == "json" {
		err = a.printJSON(struct {
			Command string `json:"command"`
			Night   string `json:"night"`
			From    string `json:"from"`
			Output  string `json:"output"`
			Rows    int64  `json:"rows"`
			Bytes   int64  `json:"bytes"`
			Entry   int64  `json:"audit_entry"`
		}{"decrypt", d.Date, d.From, to, d.Rows, d.Bytes, d.Entry})
	} else {
		_, err = fmt.Fprintf(a.out, "%s: %s of the night %s, %s, mode 0600 (entry %d of the trail)\n",
			a.outStyle.good("✓ "+to), plural(d.Rows, "row"), d.Date, size(d.Bytes), d.Entry)
	}
	if err != nil {
		return a.out.failed()
	}
	return nil
}

// flagIdentity adds the flag of who opens what is encrypted.
func flagIdentity(c *cobra.Command, file *string) {
	c.Flags().StringVar(file, "identity", "", "a file of age identities that opens what is encrypted (default what the job names)")
}

// identityFile reads the file of the flag, nil for none.
func identityFile(path string) (*encrypt.Identities, error) {
	if path == "" {
		return nil, nil
	}
	return job.IdentityFile(path)
}
