// Package job is the job file and the night: it reads what shall be compared, runs the engine over it and publishes what
// was found so that a reader sees a whole night or none.
//
// # The job file
//
// A YAML file of one mapping; job.schema.json in this folder describes it and [Schema] gives it. [Load] reports every fault at
// once, each with line, column and the nearest right word. Relative paths are relative to the file, and ${NAME} in a text
// stands for a variable of the environment; the words of a fixed list (types, formats, metrics) are written out.
//
// # The reports folder
//
// [Run] writes below reports.dir; D is the run date, as 2026-11-23:
//
//	restricted/                                        mode 0700
//	restricted/mismatches/run_date=D/part-00000.parquet  mode 0600: the findings, as package report describes
//	restricted/reliability/run_date=D/part-00000.parquet  mode 0600: which level is the odd one out where, see [ReliabilityRow]
//	restricted/rosters/run_date=D/part-00000.parquet   mode 0600: how the groups of rosters fare, see [RosterRow]; only with rosters
//	public/summary/run_date=D/part-00000.parquet         mode 0644: counts, see [SummaryRow]
//	public/runs/run_date=D/part-00000.parquet            mode 0644: one row about the run, see [RunRow]
//	_committed/D.json                                  mode 0640: the manifest, see [Manifest]
//	_staging/D-PID/                                    mode 0700: a run under way; the same tree, to be renamed
//	_lock                                              who runs now: flock and a line of JSON, see [Holder]
//
// A night counts once its manifest is there. The tables are written in _staging, made durable, renamed into place, and the
// manifest follows last; what a rerun replaces is kept in _staging until then. A run that fails or is interrupted on the
// way puts everything back; one that is killed leaves its folder in _staging, and the next run puts everything back before
// it starts. Under the folder of a table lie Parquet files and nothing else, at any moment.
//
// The public tables and the manifest hold counts and names of columns, levels and files, never a key or a value. A count from 1
// to 9 in a public table is suppressed: the cell is null.
package job
