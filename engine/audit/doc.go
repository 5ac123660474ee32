// Package audit is the trail of what was done with the data of a job: who did what, when, why, with how much of which tier. It holds
// no key and no value of a record, nor a secret.
//
// # Where it lies
//
//	restricted/audit/                    mode 0700, below the reports folder
//	restricted/audit/SSSS-YYYY-MM.jsonl  mode 0600: the entries, a line each; of segment SSSS, begun in that month (UTC)
//	restricted/audit/_lock               mode 0600, empty: whoever appends holds it alone (flock), whoever verifies holds it shared
//
// The trail is the lines of these files, the files in the order of their names. The first entry of a month opens a new file; an
// entry whose clock lies before the month of the newest file stays in that file. A segment is a chain; a second one is there only if
// the first was found broken and sealed, see below. Files get longer and are never written over, but for a torn last line.
//
// # A line
//
// One JSON object (RFC 8259, UTF-8, no white space between tokens) and LF. It has the keys of [Entry], in that order, those that say
// nothing left out; a reader accepts keys that it does not know. The first is seq, the last two are prev and sum:
//
//	{"seq":12,"time":"2026-11-23T01:00:05.123Z","what":"publish",…,"prev":"PREV","sum":"SUM"}
//
//	seq   counts the entries of the trail from 1, without a gap
//	PREV  SHA-256 of the line before with its LF, 64 hexadecimal digits in lower case; of the first line of a segment, 64 zeros
//	SUM   SHA-256 of this line up to and without the 8 bytes ,"sum":" that stand 75 bytes before its end, in the same digits
//
// So `sed -n 11p FILE | sha256sum` gives the PREV of line 12. SUM alone tells a damaged line from its neighbours; it is PREV that makes
// it impossible to change, drop, insert or move a line without all lines after it being written anew.
//
// # Anchors
//
// The manifest of each night, _committed/D.json, has the seq and the SHA-256 of the entry that says it was published, which at that time
// is the last one:
//
//	"audit": {"seq": 12, "sha256": "…"}
//
// It is appended before the manifest gets its name, under the same lock. A trail that was written anew, or whose end was cut
// off, does not agree with the manifests. What an owner of the reports folder does who puts back an older copy of all of it, or cuts
// off entries that are younger than the last night, cannot show in the folder itself: `audit verify` prints the head, to be
// kept elsewhere and compared.
//
// # What is recorded
//
//	publish        a night was published: its files by path, rows and SHA-256, the tiers they belong to, the files of the configuration
//	run            a run read data and published nothing: outcome failed or interrupted with the class of the error and the exit code, or
//	               killed, which the next run finds and records as its own; undoes is the publish entry that did not come to be
//	config_change  the job file or its waivers are not those of the job's entry before; variables of the environment are not looked at
//	key_use        a run is about to read data and to give pseudonyms under the key of that id, whatever becomes of the run
//	lookup         findings about one record were shown, or refused for the user had looked up too many: tier, nights, rows, why, and the
//	               pseudonym of the record where the job has a key, which is all that is said of it
//	purge          before: tables of old nights, and manifests, are about to be removed, by file; after, with outcome done: they are. One without the other
//	               tells of a purge that was killed, or failed, and that the next one ends
//	export         of the command of that name
//	repair         the last line was torn: an append was cut short, as by a power cut; torn says what became of it
//	seal           the chain is broken, and somebody said why it goes on: see below
//
// # A torn last line
//
// Appending writes one line with one write and makes it durable before it reports success. What a killed process or a power cut leaves
// is a beginning of the next line, bytes of zero after it perhaps, and no LF. The next append completes a line that lacks its LF alone and drops any other
// beginning, together with an entry repair that has its length and SHA-256, by a new copy of the file that takes its place as a whole. A last line that
// does not end and is no beginning of the entry that is due, or is one that a manifest anchors, is no accident but a break.
//
// # A break
//
// Runs refuse to begin over a broken trail. [SealBreak] starts a new segment in a file of its own, whose first entry records who
// goes on and why, what was wrong, and the bytes and SHA-256 of all older files, which are kept as they are. From there on the
// older files are held to these, and the chain begins anew; the break stays on record.
package audit
