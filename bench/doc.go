// Command bench says how long nights take on this machine, which machine a night needs, and on which data a run would be slow or large; its tests are
// the benchmarks of every phase.
//
//	go run ./bench capacity                                     measure, fit and answer: some 15 minutes
//	go run ./bench capacity --quick                             the same at a small size, in less than a minute: to see that it works
//	go run ./bench capacity --like job.yaml --records 8000000   data shaped like a job's, 8 million records a night
//	go run ./bench capacity --window 20m --growth 0.3           a window of 20 minutes, 30 % more records a year
//	go run ./bench cliffs                                       awkward data against plain: some 15 minutes
//	go run ./bench cliffs --quick                               the same at a small size, in less than a minute
//	go test ./bench -run '^$' -bench . -records 1000000         benchmarks of decoding, joining, gathering, writing, whole runs
//
// bench/capacity says what capacity measures, fits and writes, bench/cliffs what cliffs runs. The benchmarks run on synthetic levels of bench/synth, and each checks its
// answer against the ledger of planted faults. bench/peers, a module of its own, runs the same task beside other programs.
package main
