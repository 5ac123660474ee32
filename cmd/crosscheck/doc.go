// Command crosscheck compares records that several levels hold and reports every one that is missing, differs or is held twice.
//
// Standard output holds the result of a command and nothing else; progress and messages go to standard error. Exit codes are in
// exit.go.
//
// # From a slow night to its cause
//
//  1. Is it slow, or is there more of it? `crosscheck history -c job.yaml` puts rows and seconds of the nights side by side. Where both
//     grew alike, the machine is outgrown: `go run ./bench capacity` says when, and which machine is enough.
//  2. Which phase? `crosscheck run --format json`, the manifest in _committed and the page of the night tell how long each took. The
//     first two have rows and rows_per_second too: load reads all levels, gather reads again what mismatching records need, write makes
//     the findings and encodes the report. Hold them against those of a good night: a load with fewer rows a second is slow storage,
//     a change of format (CSV for Parquet, another compression) or a busy machine; a long gather or write is more mismatches. What the
//     manifest has between started and finished beyond elapsed_ns went into the lock, the other tiers, and hashing and syncing files.
//  3. Waiting or working? `crosscheck diff` of the same files a second time finds them in the page cache: if it is fast then, the storage
//     is slow. With --trace, `go tool trace FILE` shows the phases as regions ("User-defined regions") and the goroutines that wait in
//     them, for a file or a lock.
//  4. Working on what? `--cpuprofile cpu.pprof`, then `go tool pprof -tags cpu.pprof` for the share of each phase, and
//     `go tool pprof -http : -tagfocus phase=load crosscheck cpu.pprof` for the functions of one: decompression (snappy, zstd), csvio,
//     record (hashing and canonical values: formats, normalize) or join (the table of records; a cache that others use too).
//  5. Where is the memory? peak_memory_bytes and the progress lines tell how much; `--memprofile mem.pprof`, then `go tool pprof -top mem.pprof`
//     who allocated it. The table of records lies outside of the Go heap and is in no profile: some 80 bytes a record, see
//     engine/DESIGN.md.
//
// Profiles and traces hold names of functions and phases, no keys and no values; they may be shown to anybody who may see the program. They
// are written also when the run fails. A second interrupt ends the program before they are.
package main
