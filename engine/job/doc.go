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
// The job's waivers names a YAML file: a list of known findings, each a mapping; waivers.schema.json in this folder describes it and
// [WaiverSchema] gives it. A waiver covers the findings that meet all that it names; of a list, one is enough:
//
//   - reason: the office moved, its records follow    required: why
//     author: li.ming                                  required: by whom
//     until: 2026-12-31                                required: the last run date on which it holds
//     kind: [missing, differs]
//     level: street                                    that the finding is about, and no other: see package waiver
//     field: phone
//     key: "99…"                                       or keys: [...], in any spelling; a key of several columns is a list of its parts
//     key_pattern: ^9901                               a regular expression (RE2) that finds something in the canonical key
//     value_pattern: ^$                                in the value that one of the levels named, or any level, holds
//     carry: {street_code: ["0101", "0102"]}           values of carried columns
//     group: E00012                                    of a roster
//     rule: tested                                     the reason column: a rule, a roster, why a key is invalid
//
// All texts stand as they are: ${ has no meaning. No message holds anything that stands in the file. Keys that share a reason belong in
// one waiver: 100,000 of them in one list are read in a fifth of a second, as waivers of their own in some three.
//
// A waived finding stays in the report with the status waived. All counts are of what was found, so that they add up with waivers as
// without; how much of each is waived stands beside it. Rates and gates leave waived records out: for mismatch_rate a record is waived
// if every missing and differs finding about it is, for missing_rate if its missing finding is. A waiver whose day is over covers
// nothing any more, which is warned of; those that no finding meets are listed.
//
// # The reports folder
//
// [Run] writes below reports.dir; D is the run date, as 2026-11-23:
//
//	restricted/                                        mode 0700
//	restricted/mismatches/run_date=D/part-00000.parquet  mode 0600: the findings, as package report describes
//	restricted/resolved/run_date=D/part-00000.parquet    mode 0600: the findings of the last night that are gone, see below
//	restricted/reliability/run_date=D/part-00000.parquet  mode 0600: which level is the odd one out where, see [ReliabilityRow]
//	restricted/rosters/run_date=D/part-00000.parquet   mode 0600: how the groups of rosters fare, see [RosterRow]; only with rosters
//	restricted/fingerprints/*.fingerprints             mode 0600: of the levels, see below; only where the job says cache
//	restricted/fingerprints/index.json                 mode 0600: which content the files of the levels had
//	restricted/…/part-00000.parquet.age                  mode 0600: these tables in a job that encrypts, see below
//	restricted/audit/*.jsonl                           mode 0600: who did what, see package audit
//	internal/                                          mode 0750; only with a pseudonym key
//	internal/mismatches/run_date=D/part-00000.parquet  mode 0640: the same findings under pseudonyms, masked, as package privacy describes
//	internal/resolved/run_date=D/part-00000.parquet    mode 0640: as restricted/resolved, under pseudonyms, masked
//	public/summary/run_date=D/part-00000.parquet         mode 0644: counts, see [SummaryRow]
//	public/runs/run_date=D/part-00000.parquet            mode 0644: one row about the run, see [RunRow]
//	public/report/run_date=D/index.html                  mode 0644: the same for people, see package page
//	public/report/index.html                             mode 0644: all nights; no part of any, made anew of the manifests after each run and purge
//	_committed/D.json                                  mode 0640: the manifest, see [Manifest]
//	_staging/D-PID/                                    mode 0700: a run under way; its files, to be renamed, with ~ in place of /
//	_staging/done-D-PID/                               the same when it is over: to be removed
//	_staging/purge-PID/                                mode 0700: tables on their way out
//	_lock                                              who runs now: flock and a line of JSON, see [Holder]
//
// A night counts once its manifest is there. The tables are written in _staging, made durable, renamed into place, and the
// manifest follows last; what a rerun replaces is kept in _staging until then, and so is a table that the date had and has no more.
// Before anything changes undo.json in the run's folder says what the date had, and it and what is kept are made durable first: a power cut
// that loses names that were not yet synced is undone all the same. Each table changes by one rename; between those of one
// night lie milliseconds, in which who reads several tables looks at _committed to know which night counts. A run
// that fails or is interrupted on the way puts everything back; one that is killed leaves its folder in _staging, and the next run puts
// everything back before it starts.
//
// The audit trail says what will be published just before the manifest, which anchors that entry, takes its place; a run that read data
// and published nothing is recorded when it ends, one that was killed by the next run, before its folder in _staging goes. A run begins by
// verifying the trail, and refuses where it is broken. Under the folder of a table lie Parquet files and nothing else, at any moment.
//
// Modes hold whatever the umask. A folder of a tier that somebody opened wider is closed again; a file takes the group of its folder, so
// that "chgrp GROUP internal; chmod g+s internal", once, says who the readers of a tier are. Or the job says it: privacy.tiers has an owner and
// a group for each tier, to whom its folders and files are given before a file has its place; the files of the trail and of _committed stay with
// whoever runs. Where that may not be done the run refuses before it reads.
//
// The public tables and the manifest hold counts and names of columns, levels and files, never a key or a value; a file whose name looks
// like an identifier is *.
//
// A count above zero and below privacy.min_cell, 10 by default, is withheld in a public table: the cell is null. So is what it could be worked out
// from: other counts of its sums, percentages, values of gates, what is new, persisting or resolved, of the last night too ([Manifest].OpenPublic
// says what that made public). Package privacy ([privacy.Counts]) says how that is found: who has all public tables of all nights knows a small
// count at best to be one of min_cell numbers in a row, unless the rows of the levels and the records of the job, which are always public, tell
// it alone. TestAttack tries: of 11,500 small counts in 1,200
// made-up nights it finds none, and 11,100 where only the small counts themselves are withheld. A night without small counts has all its numbers
// shown. Not looked at is which side of its limit a gate is on.
//
// # Nights
//
// The last night of a run is the committed one with the greatest date before its own, so that missed nights can be run in any order and a rerun
// is never held against itself. What was published for a later date is left as it is, also if it looked past a night that was filled in
// since, or at one that was published anew; [ReadHistory] tells, and once no night is stale any more, every table but public/runs has the bytes
// that it has where all nights were run in the order of their dates. Runs and pages tell when a run was and how long it took. Package past says when a finding of two nights is the same one. It then has the status persisting, or waived, and
// the first_seen of the last night; all others are new. The same inputs, date and last night give the same bytes.
//
// resolved has the columns of mismatches and one row for each finding that was new or persisting on the last night and is gone, as the
// last night had it, with the status resolved and no source. Both tiers have it on every night, empty where nothing is gone. In the internal tier its
// tags tell equal spellings, not equal values, as those of internal/mismatches do.
//
// A last night of other levels, of another key or of another version of the columns, or one whose findings were removed, is held against nothing:
// all findings are new, nothing is resolved, and the manifest (changes.note) and the run say so. One whose findings cannot be read is an
// input error, since going on would forget all first nights.
//
// # Gates
//
// A gate that is broken leaves the night published, unless it says "before: publish": then nothing is published and the run ends with a
// *[StoppedError]. That is for deliveries that are probably broken (metrics rows, records, age), but any gate can say it. What a change
// is relative to stands at [NewMismatches] and [RowsMetric]; without a last night to hold against, changes are not judged and pass.
//
// # Fingerprints
//
// Where the job says "cache: true", what a run works out of each part of a level (package engine says what, it holds keys) and the values of the
// columns that findings may show (package cells) are kept in a file that is named after the SHA-256 of the content of the part's file, how it is
// read and how its values are compared. The next run takes it where all of that is the same, and so does not read the part: what it works out is
// there, and so are, row by row, the values that findings show. The findings are the same, byte for byte. The file begins with "crossfp3"; then
// come XXH64 of what was worked out, how long that is and how long the values are, 8 bytes each, and both. Values have checksums of their own, block by block. The
// first rows of a level, by which types and sensitive columns are found, and where the rows of a text file lie are kept in files of the same kind. A file is known to be the same if its device, inode, size and times of change are, and else
// its content is read to see; one that was changed less than 100 ms before a run, or during it, is not kept. What a run did not use is
// removed when it ends, so that there is never more than of one night, and all of it by a purge of the restricted tier of later nights, or by a
// run of a job that does not want it any more. What is damaged is made anew, values the next night, and said; meanwhile the input is read. Nothing that goes
// wrong with it fails a run.
//
// # Encryption
//
// With privacy.encrypt the tables of the restricted tier are encrypted to its recipients as they are written, in staging already, and have the
// name part-00000.parquet.age; package encrypt describes the format. The manifest and the trail have the hash of the file as it lies there, which
// differs from run to run: the same bytes for the same inputs are those of the Parquet file within. The trail itself, which holds no value, and
// the other tiers are not encrypted; fingerprints and values of levels cannot be kept with it.
//
// Whether a finding is new only the findings of the night before can tell, so a run needs an identity: privacy.encrypt.identity, as it is found
// where the run begins. One that is missing, that is no recipient or that does not open the last night is an *[Error] before anything is read. With
// "identity: none" the machine of the nightly run cannot read what it has written; such a night is held against nothing. Who loses all
// identities loses the tables: there is no other way in.
//
// # Look-ups and retention
//
// [Lookup] finds one record by its key, in the types that the manifest's key_types say, and shows nothing before the trail says who looked and
// why. [Purge] removes tables of old nights, a tier at a time or all, under the lock of a run: first the manifest of the night goes, or gets
// a key purged with the tiers and the entry of the trail, then each table leaves its folder by one rename to _staging. The trail says what is
// about to be removed before, by file, and that it is done after; what a purge that was killed left, the next one removes.
//
// # The internal tier
//
// It is there if the job names a pseudonym key: privacy.pseudonym_key is a file that its owner alone may use, a variable of the environment
// or a command. The key is read before anything else and held against the id of the key (pseudonym_key_id) in the manifest of the last
// night that had one: another one is refused unless privacy.rotate_from is that id. It so allows one change of keys, and not the next.
// internal/mismatches has the columns of restricted/mismatches and the metadata crosscheck.tier and crosscheck.pseudonym_key_id;
// source_<level> holds the file without the row, since the place of a row in a sorted file tells whose it is.
//
// How a column is shown depends on its class: the one that privacy.classes gives it, else the one that its name and its first values
// tell. [Job.Columns] decides and check prints it. Sensitive columns are masked, or what privacy.tiers.internal says of their class. A
// column in which nothing was found, and of which the job says nothing, is shown in full but for values that look like an identifier.
package job
