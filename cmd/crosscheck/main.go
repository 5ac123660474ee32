package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"crosscheck/engine/footprint"
	"crosscheck/engine/guard"
	"crosscheck/engine/nearest"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func main() {
	footprint.CollectLater()
	os.Exit(start(os.Stderr, time.Now))
}

// start runs the command line of this process, with this standard error and clock, and gives its exit code. The first interrupt lets the
// command clean up, a second one ends the process at once.
func start(stderr io.Writer, now func() time.Time) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	dumpOnQuit(stderr)
	a := &app{
		in:        os.Stdin,
		out:       &tracked{w: os.Stdout},
		err:       stderr,
		outStyle:  styleFor(os.Stdout),
		errStyle:  styleFor(stderr),
		errScreen: isScreen(stderr),
		env:       os.LookupEnv,
		now:       now,
	}
	return a.main(ctx, os.Args[1:])
}

// app is what the commands share: where they write and what the flags of all of them say.
type app struct {
	in        *os.File // standard input; nil: there is none
	out       *tracked // the result
	err       io.Writer
	outStyle  style
	errStyle  style
	errScreen bool // standard error is a terminal
	env       func(string) (string, bool)
	now       func() time.Time

	log     *slog.Logger // nil: what goes to standard error is for people
	format  string       // text or json
	quiet   bool
	started bool // the command line was understood
}

// main runs one command line and gives the exit code.
func (a *app) main(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	command := root
	err := guard.Do(func() (err error) {
		command, err = root.ExecuteContextC(ctx)
		return err
	})
	if panicked := (*guard.PanicError)(nil); err != nil && !a.started && !errors.As(err, &panicked) {
		if unwritten := a.out.failed(); unwritten != nil { // of a completion script, which cobra writes
			err = unwritten
		} else {
			err = &usageError{err: err, command: command.CommandPath()}
		}
	}
	if err == nil {
		err = a.out.failed()
	}
	// What the flags say is not known where they could not be read.
	asJSON := a.format == "json" || !a.started && wantsJSON(args)
	return a.fail(err, asJSON && a.out.n == 0)
}

func wantsJSON(args []string) bool {
	at := slices.Index(args, "--format")
	return slices.Contains(args, "--format=json") || at >= 0 && at+1 < len(args) && args[at+1] == "json"
}

// root is the command line.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "crosscheck",
		Short: "Cross-check records that several levels hold",
		Long: "crosscheck joins any number of data sets that describe the same records and reports every record that is\n" +
			"missing on one of them, differs between them, or is held twice.",
		Example: "  # see it work on made-up data\n  crosscheck demo\n\n" +
			"  # compare files\n  crosscheck diff city=city.parquet street=street.csv --key id -o mismatches.parquet",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.AddCommand(a.demo(), a.draft(), a.generate(), a.diff(), a.check(), a.run(), a.history(), a.audit(), a.keygen(), a.lookup(), a.decrypt(), a.purge(), a.service())
	strict(root)
	root.SetFlagErrorFunc(nearestFlag)
	all := append(root.Commands(), root)
	for _, c := range root.Commands() {
		all = append(all, c.Commands()...)
	}
	for _, c := range all {
		c.Version = version()
		c.SetVersionTemplate("crosscheck {{.Version}}\n")
		c.DisableFlagsInUseLine = true
	}
	return root
}

// strict has the commands that cobra adds take an unknown word for an error.
func strict(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion":
			c.Args, c.RunE = cobra.ArbitraryArgs, choose("shell")
		case "help":
			show := c.Run
			c.RunE = func(c *cobra.Command, args []string) error {
				if _, _, err := root.Find(args); err != nil {
					return err
				}
				show(c, args)
				return nil
			}
		}
	}
}

// nearestFlag adds the flag that was probably meant to an error about one that does not exist.
func nearestFlag(c *cobra.Command, err error) error {
	word, ok := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !ok {
		return err
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := nearest.Name(word, names); near != "" {
		return fmt.Errorf("%w; did you mean --%s?", err, near)
	}
	return err
}

// runs wraps what a command does: from here on an error is not about the command line.
func (a *app) runs(do func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		if a.format != "" && a.format != "text" && a.format != "json" {
			return usagef("unknown format %q; it can be text or json", a.format)
		}
		a.started = true
		return do(c.Context(), args)
	}
}

// flagFormat and flagQuiet add the flags that several commands have.
func (a *app) flagFormat(c *cobra.Command) {
	c.Flags().StringVar(&a.format, "format", "text", "how the result is written: text or json")
	mustComplete(c, "format", "text", "json")
}

func (a *app) flagQuiet(c *cobra.Command) {
	c.Flags().BoolVarP(&a.quiet, "quiet", "q", false, "write no progress")
}

// mustComplete has the shell complete a flag of the command with fixed words.
func mustComplete(c *cobra.Command, flag string, words ...string) {
	if err := c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag does not exist: a mistake in this package
	}
}

// printJSON writes the one document of a command.
func (a *app) printJSON(v any) error {
	e := json.NewEncoder(a.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// tracked is standard output: it notes whether something was written and what went wrong.
type tracked struct {
	w   io.Writer
	n   int64
	err error
}

func (t *tracked) Write(p []byte) (int, error) {
	n, err := t.w.Write(p)
	t.n += int64(n)
	if err != nil && t.err == nil {
		t.err = err
	}
	return n, err
}

// version is the version that the Go toolchain stamped into the program, "dev" in a build from a work tree.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || strings.HasPrefix(info.Main.Version, "(") {
		return "dev"
	}
	return info.Main.Version
}
