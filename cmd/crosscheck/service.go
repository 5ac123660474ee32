package main

import (
	"context"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"crosscheck/engine/job"

	"github.com/spf13/cobra"
)

//go:embed service/*
var serviceFiles embed.FS

// serviceKinds are what a job can be run by every night.
var serviceKinds = []string{"systemd", "cron", "kubernetes", "airflow"}

// service is what the templates of the command `service` are filled in with.
type service struct {
	Job      string // the job's name
	Unit     string // the same as the name of a unit
	Program  string // where this program is
	Config   string // the job file, absolute
	Folder   string // its folder
	Reports  string // the reports folder, absolute
	Metrics  string // the flag of run for metrics, with a space before it, or ""
	MetricsD string // the folder of the file of metrics, or ""
	Hour     int
	Minute   int
}

// service is the command `service`: what runs a job every night.
func (a *app) service() *cobra.Command {
	var file, at, metricsFile string
	c := &cobra.Command{
		Use:   "service " + strings.Join(serviceKinds, "|") + " -c job.yaml",
		Short: "Print what runs a job every night: a systemd timer, a crontab line and others",
		Long: "service prints the configuration that runs a job at a time of day, with the paths of the job filled in: to look at,\n" +
			"to change, and to put where the scheduler reads it. It changes nothing.\n\n" +
			"Exit codes: 0 printed; 2 usage or configuration.",
		Example: "  crosscheck service systemd -c job.yaml --at 02:00\n  crosscheck service cron -c job.yaml >> /etc/cron.d/crosscheck",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("name one of %s", strings.Join(serviceKinds, ", "))
			}
			return nil
		},
		ValidArgs: serviceKinds,
		RunE: a.runs(func(_ context.Context, args []string) error {
			if !slices.Contains(serviceKinds, args[0]) {
				return usagef("unknown service %q; it can be %s", args[0], strings.Join(serviceKinds, ", "))
			}
			if err := checkMetrics(metricsFile); err != nil {
				return err
			}
			j, err := job.Load(file, a.env)
			if err != nil {
				return err
			}
			s, err := newService(j, at, metricsFile)
			if err != nil {
				return err
			}
			return s.write(a.out, args[0])
		}),
	}
	flagConfig(c, &file)
	c.Flags().StringVar(&at, "at", "02:00", "time of day, as 02:00")
	c.Flags().StringVar(&metricsFile, "metrics", "", "have the run write metrics for Prometheus to this .prom file")
	return c
}

var timeOfDay = regexp.MustCompile(`^([01]?[0-9]|2[0-3]):([0-5][0-9])$`)

func newService(j *job.Job, at, metricsFile string) (*service, error) {
	when := timeOfDay.FindStringSubmatch(at)
	if when == nil {
		return nil, usagef("--at %q is no time of day; write it as 02:00", at)
	}
	s := &service{Job: j.Name, Unit: "crosscheck-" + regexp.MustCompile(`[^A-Za-z0-9_.-]+`).ReplaceAllString(strings.ToLower(j.Name), "-")}
	fmt.Sscan(when[1], &s.Hour)
	fmt.Sscan(when[2], &s.Minute)
	var err error
	if s.Program, err = os.Executable(); err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	for _, p := range []struct {
		to   *string
		from string
	}{{&s.Config, j.File}, {&s.Reports, j.Reports.Dir}, {&s.MetricsD, metricsFile}} {
		if p.from == "" {
			continue
		}
		if *p.to, err = filepath.Abs(p.from); err != nil {
			return nil, fmt.Errorf("finding %s: %w", p.from, err)
		}
	}
	if s.MetricsD != "" {
		s.Metrics = " --metrics " + shellWord(s.MetricsD)
		s.MetricsD = filepath.Dir(s.MetricsD)
	}
	s.Folder = filepath.Dir(s.Config)
	return s, nil
}

// shellWord gives a word that a shell, systemd and YAML's flow lists of quoted texts take for one.
func shellWord(word string) string {
	if !strings.ContainsAny(word, " \t'\"\\$%&;()<>|*?[]#~`") {
		return word
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(word) + `"`
}

func (s *service) write(out *tracked, kind string) error {
	t, err := template.New("").Funcs(template.FuncMap{"q": shellWord}).ParseFS(serviceFiles, "service/"+kind+".tmpl")
	if err != nil {
		return err
	}
	if err := t.ExecuteTemplate(out, kind+".tmpl", s); err != nil {
		return out.failed()
	}
	return out.failed()
}
