// Package bench holds the benchmarks of every phase on synthetic levels: decoding, hashing and joining, gathering and
// writing, and whole runs. Each checks its answer against the ledger of planted faults. See its tests:
//
//	go test ./bench -run '^$' -bench . -records 1000000
//
// bench/synth makes the levels; bench/peers, a module of its own, runs the same task beside DuckDB.
package bench
