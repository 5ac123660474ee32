package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/job"
	"crosscheck/engine/report"
	"crosscheck/engine/verdict"

	"github.com/spf13/cobra"
)

// diffFlags are the flags of `diff`.
type diffFlags struct {
	key, keyType, fields, ignore, carry []string
	typo, encoding                      []string
	latestBy, output                    string
	workers                             int
	exact                               bool
	room                                room
	profiles                            profiles
}

// diff is the command `diff`: the engine with no job file.
func (a *app) diff() *cobra.Command {
	var f diffFlags
	c := &cobra.Command{
		Use:   "diff NAME=PATH NAME=PATH... --key COL[,COL]",
		Short: "Compare 2 to 16 levels without a job file",
		Long: "diff compares 2 to 16 levels. PATH is a Parquet or CSV file, a folder of them or a glob; the same NAME with several\n" +
			"paths is one level, and a PATH alone is a level named after the file. It has no job, and what -o writes stands in no audit\n" +
			"trail. A column that is CSV on all levels is compared as decimal, date, timestamp or boolean if all its first values are; a\n" +
			"job file (init) can say otherwise.\n\n" +
			"Exit codes: 0 no difference; 1 differences found; 2 usage; 3 input; 5 could not write; 70 internal error;\n" +
			"130 interrupted.",
		Example: "  crosscheck diff city=city.parquet street=street.csv --key id_number\n" +
			"  crosscheck diff 'city=city/*.parquet' district=district.parquet street=street.csv \\\n" +
			"      --key id_number --ignore updated_at --carry street_code -o mismatches.parquet",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("name the levels to compare as NAME=PATH NAME=PATH")
			}
			return nil
		},
		RunE: a.runs(a.profiled(&f.profiles, func(ctx context.Context, args []string) error { return a.compare(ctx, args, f) })),
	}
	c.Flags().StringSliceVar(&f.key, "key", nil, "the column or columns that identify a record (required)")
	c.Flags().StringSliceVar(&f.keyType, "key-type", nil, "cn_id, string or int64; one for all key columns or one each (default by type and content)")
	c.Flags().StringSliceVar(&f.fields, "fields", nil, "columns to compare (default all that at least two levels share)")
	c.Flags().StringSliceVar(&f.ignore, "ignore", nil, "columns not to compare")
	c.Flags().StringSliceVar(&f.carry, "carry", nil, "columns to report beside each finding")
	c.Flags().StringSliceVar(&f.typo, "typo", nil, "look for records that are probably one: keys one edit apart, and these columns the same")
	c.Flags().StringVar(&f.latestBy, "latest-by", "", "of several rows of a key, the one with the greatest value of this column stands for its level (default the first)")
	c.Flags().StringVarP(&f.output, "output", "o", "", "where the findings go: a .parquet, .csv or .jsonl file, or a folder; it holds full values, mode 0600")
	c.Flags().IntVar(&f.workers, "workers", 0, "goroutines (default one a processor)")
	c.Flags().BoolVar(&f.exact, "exact", false, "compare keys and values themselves where their hashes agree; reads all levels once more")
	f.room.flags(c)
	f.profiles.flags(c)
	if err := c.MarkFlagRequired("key"); err != nil {
		panic(err) // the flag does not exist: a mistake in this package
	}
	mustComplete(c, "key-type", job.KeyTypes()...)
	flagEncoding(c, &f.encoding)
	a.flagFormat(c)
	a.flagQuiet(c)
	return c
}

// diffDocument is the document of `diff --format json`.
type diffDocument struct {
	Command       string          `json:"command"`
	ExitCode      int             `json:"exit_code"`
	Key           []string        `json:"key"`
	Inputs        []job.Input     `json:"inputs"`
	Summary       *engine.Summary `json:"summary"`
	RowsPerSecond float64         `json:"rows_per_second"`
	PeakMemory    int64           `json:"peak_memory_bytes"`
	Output        string          `json:"output,omitempty"` // the file of the findings
}

// compare runs `diff`: errDiffers if there is a finding.
func (a *app) compare(ctx context.Context, args []string, f diffFlags) (err error) {
	names, err := levelsOf(args)
	if err != nil {
		return err
	}
	options := engine.Options{Ignore: f.ignore, Carry: f.carry, Typo: f.typo, Workers: f.workers, Exact: f.exact}
	for _, name := range f.fields {
		options.Fields = append(options.Fields, engine.Field{Name: name})
	}
	if options.Key, err = keyOf(f.key, f.keyType); err != nil {
		return err
	}
	output, folder, err := outputFile(f.output)
	if err = errors.Join(err, checkWorkers(f.workers)); err != nil {
		return err
	}
	if options.Memory, options.SpillDir, err = f.room.decide(0, spillBeside(output)); err != nil {
		return err
	}
	for i := range names {
		names[i].LatestBy = f.latestBy
	}
	if err := setEncodings(names, f.encoding); err != nil {
		return err
	}
	levels, err := job.Open(names)
	defer func() { err = errors.Join(err, job.Close(levels)) }()
	if err != nil {
		return err
	}
	doc := diffDocument{Command: "diff", Key: f.key, Inputs: job.Inputs(levels), Output: output}
	if err := notAnInput(output, doc.Inputs); err != nil {
		return err
	}
	unmake, err := makeFolder(folder, 0o700)
	if err != nil {
		return err
	}
	if doc.Summary, err = a.compareShown(ctx, levels, options, doc.Inputs, output); err != nil {
		unmake()
		return err
	}
	doc.PeakMemory = job.PeakMemory()
	var differs error
	if doc.Summary.Findings > 0 {
		differs = errDiffers
	}
	if a.format == "json" {
		for i, l := range doc.Summary.Levels {
			doc.Inputs[i].Rows = l.Rows
		}
		doc.RowsPerSecond = speed(doc.Summary)
		doc.ExitCode, _ = exitCode(differs)
		if a.printJSON(doc) != nil {
			return a.out.failed()
		}
		return differs
	}
	o := outcome{summary: doc.Summary, bytes: bytesOf(doc.Inputs), peak: doc.PeakMemory}
	if info, err := os.Stat(output); err == nil {
		o.reports = []reportFile{{path: output, rows: doc.Summary.Findings, bytes: info.Size()}}
	}
	if o.write(a.out, a.outStyle) != nil {
		return a.out.failed()
	}
	return differs
}

// compareShown compares with the progress shown; the findings go to the output, or nowhere if it is "".
func (a *app) compareShown(ctx context.Context, levels []engine.Level, options engine.Options, inputs []job.Input, output string) (*engine.Summary, error) {
	p := a.startProgress()
	defer p.end()
	p.opened(inputs)
	options.Progress = p.engine
	options.Fitted = p.fitted
	if output == "" {
		return engine.Run(ctx, levels, options, nowhere{})
	}
	today, err := a.runDate("")
	if err != nil {
		return nil, err
	}
	return job.Compare(ctx, levels, options, output, report.Options{RunDate: today, Mode: 0o600, Workers: options.Workers})
}

// spillBeside is the folder of the output, which has room for it, or "".
func spillBeside(output string) string {
	if output == "" {
		return ""
	}
	return filepath.Dir(output)
}

// nowhere is a sink for those who want the summary alone.
type nowhere struct{}

func (nowhere) Begin(verdict.Header) error                      { return nil }
func (nowhere) Write(_ context.Context, b *verdict.Block) error { b.Done(); return nil }

// outputFile gives the file that -o means, itself or mismatches.parquet in a folder, and that folder; "" where there is none.
func outputFile(output string) (file, folder string, err error) {
	if output == "" {
		return "", "", nil
	}
	info, err := os.Stat(output)
	isDir := err == nil && info.IsDir()
	ext := strings.ToLower(filepath.Ext(output))
	switch {
	case !isDir && slices.Contains([]string{".parquet", ".csv", ".jsonl"}, ext):
		return output, "", nil
	case !isDir && err == nil:
		return "", "", usagef("-o %s is a file of no known kind; name a .parquet, .csv or .jsonl file, or a folder", output)
	case !isDir && ext != "" && !strings.HasSuffix(output, string(filepath.Separator)):
		return "", "", usagef("-o %s: unknown extension %s; name a .parquet, .csv or .jsonl file, or a folder with / at its end", output, ext)
	}
	return filepath.Join(output, "mismatches.parquet"), output, nil
}

// notAnInput holds that the report does not take the place of a file that is compared.
func notAnInput(output string, inputs []job.Input) error {
	report, err := os.Stat(output)
	if err != nil {
		return nil // it is new, or Create says what is wrong with it
	}
	for _, in := range inputs {
		for _, file := range in.Files {
			if info, err := os.Stat(file); err == nil && os.SameFile(info, report) {
				return usagef("-o %s would overwrite an input of level %s; name another file", output, in.Level)
			}
		}
	}
	return nil
}

// speed is rows a second.
func speed(s *engine.Summary) float64 {
	if s.Elapsed < time.Microsecond {
		return 0
	}
	return float64(s.Rows()) / s.Elapsed.Seconds()
}
