// Package job is the job file and the night: it reads what shall be compared, runs the engine over it and publishes what
// was found so that a reader sees a whole night or none.
//
// # The job file
//
// A YAML file of one mapping; job.schema.json in this folder describes it and [Schema] gives it. [Load] reports every fault at
// once, each with line, column and the nearest right word. Relative paths are relative to the file, and ${NAME} in a text
// stands for a variable of the environment; the words of a fixed list (types, formats, metrics) are written out.
//
// # The file of waivers
//
// The job's waivers names a YAML file: a list of known findings, each a mapping. A finding is waived if all that an entry names
// is so:
//
//   - reason: the office moved, its records follow    required: why
//     author: li.ming                                  required: by whom
//     until: 2026-12-31                                required: the last run date on which it holds
//     kind: [missing, differs]                         one kind or several
//     level: street                                    the level that lacks the record, is the odd one out, or holds what is shown
//     field: phone
//     key: "99…"                                       or keys: [...], in any spelling; a key of several columns is a list of its parts
//     key_pattern: ^9901                               a regular expression (RE2) of the canonical key
//     value_pattern: ^$                                of the value that the level holds, or any level
//     carry: {street_code: "0101"}                     values of carried columns
//     group: E00012                                    of a roster
//     rule: tested                                     the reason column: a rule, a roster, why a key is invalid
//
// A waived finding stays in the report with the status waived and is counted apart; rates and gates leave waived records out. An entry
// whose day is over waives nothing any more and is told, as is one that waives nothing.
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
