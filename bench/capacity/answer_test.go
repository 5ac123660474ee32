package capacity

import (
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"crosscheck/bench/child"
	"crosscheck/bench/synth"
)

// madeUp is a study of a machine of 2 cores and 16 GB on which a night takes 1 s a million records and core, 0.2 s alone, and 100 MB a million.
func madeUp() *Study {
	s := &Study{Machine: child.Machine{Cores: 2, CPU: "a <processor>", Memory: 16e9, System: "linux/amd64", Go: "go1.26", Commit: "abc"}}
	s.Shape = synth.Shape{Key: "cn_id", Width: 18, Levels: []synth.Stored{{Format: synth.Parquet, Codec: "snappy"}, {Format: synth.CSV}, {Format: synth.Parquet, Codec: "zstd"}}}
	for range 4 {
		s.Shape.Columns = append(s.Shape.Columns, synth.Column{Type: "string", Width: 10, Distinct: 0.5, Nulls: 0.1})
	}
	for round := range 2 {
		for _, n := range grid([]int64{250_000, 500_000, 1_000_000, 2_000_000, 4_000_000}, s.Shape, 0.01, 2) {
			m := float64(n.Records) / 1e6
			s.Measurements = append(s.Measurements, Measurement{
				Records: n.Records, Levels: int64(n.Levels), Columns: int64(n.Columns), RowBytes: n.RowBytes, Mismatch: n.Mismatch, Workers: int64(n.Workers), Round: int64(round + 1),
				Seconds: (m/float64(n.Workers)+0.2*m)*float64(n.Levels)/3 + float64(round), CPU: 1.2 * m * float64(n.Levels) / 3, Peak: int64(100e6 * m), Report: int64(1e6 * m), InputBytes: int64(50e6 * m),
				Spilled: n.Spilled, Spill: spilledBytes(n.Spilled, m),
				Processor: s.Machine.CPU, Cores: 2, Memory: 16e9, System: "linux/amd64", Go: "go1.26", Commit: "abc",
			})
		}
	}
	s.fit()
	return s
}

func spilledBytes(is bool, millions float64) int64 {
	if !is {
		return 0
	}
	return int64(150e6 * millions)
}

// TestAnswerSpilled: a night that does not fit into memory spills, takes longer, and is one that this machine can do.
func TestAnswerSpilled(t *testing.T) {
	s := madeUp()
	for i := range s.Measurements {
		if m := &s.Measurements[i]; m.Spilled {
			m.Seconds, m.CPU = 2*m.Seconds, 2*m.CPU
		}
	}
	s.fit()
	a := s.Answer(Question{Records: 200_000_000, Mismatch: 0.01, Window: time.Hour})
	if n := a.Tonight; !n.Spilled || n.Beyond || math.Abs(n.Spill.Value/30e9-1) > 0.02 || n.Seconds.Value < 250 || n.Seconds.Value > 310 {
		t.Errorf("the night: %+v", n)
	}
	if !strings.Contains(a.Tonight.note(), "spills 30 GB to disk") || a.Most() != a.MostByTime || a.Most() <= a.MostByMemory {
		t.Errorf("%q; most %d, by time %d, by memory %d", a.Tonight.note(), a.Most(), a.MostByTime, a.MostByMemory)
	}
	s.Spill = nil
	if b := s.Answer(Question{Records: 200_000_000, Mismatch: 0.01, Window: time.Hour}); !b.Tonight.Beyond || b.Most() != b.MostByMemory || b.Years != 0 {
		t.Errorf("without a night that spilled: %+v", b.Tonight)
	}
}

// TestAnswer: the answers are those that the made-up machine gives by hand.
func TestAnswer(t *testing.T) {
	a := madeUp().Answer(Question{Records: 100_000_000, Mismatch: 0.01, Window: 10 * time.Minute, Growth: 0.25})
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got/want-1) > 0.02 {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	near("the time", a.Tonight.Seconds.Value, 70)
	near("the memory", a.Tonight.Memory.Value, 10e9)
	near("records in the window", float64(a.MostByTime), 600/0.7*1e6) // this machine spills for nothing
	near("records in the memory", float64(a.MostByMemory), 128e6)
	near("years until the window is too small", a.Years, math.Log(600/70.0)/math.Log(1.25))
	near("records that 64 cores do", float64(a.Spread), 600/(0.2+1.0/64)*1e6)
	if a.Machine.Cores != 1 || a.Larger.Cores != 3 { // 1,000 million records: 200 s alone, 1,000 s to be divided by 3
		t.Errorf("machines of %d and %d cores", a.Machine.Cores, a.Larger.Cores)
	}
	near("what storage must give", a.Larger.Read, 50*1e9/600)
	if a.Tonight.Spilled || !a.Nights[len(a.Nights)-1].Spilled {
		t.Error("the wrong nights fit into the memory")
	}
	b := madeUp().Answer(Question{Records: 2_000_000_000, Mismatch: 0.01, Window: time.Minute})
	if b.Years != 0 || b.Machine.Cores != 0 || !strings.Contains(b.outgrown("1 min"), "outgrown today") || !strings.Contains(b.Machine.String("1 min"), "none of up to 64 cores") {
		t.Errorf("what no machine does is not told: %+v", b.Machine)
	}
	if c := madeUp().Answer(Question{Records: 1_000_000, Window: time.Hour}); !math.IsInf(c.Years, 1) || !strings.Contains(c.outgrown("1 h"), ": never.") {
		t.Errorf("without growth the machine is outgrown in %v years", c.Years)
	}
}

// TestRoundTrip: what was published is read again and gives the same answers.
func TestRoundTrip(t *testing.T) {
	dir, q := t.TempDir(), Question{Records: 3_500_000, Mismatch: 0.01, Window: time.Minute, Growth: 0.1}
	var first, second strings.Builder
	if err := madeUp().Publish(dir, q, &first); err != nil {
		t.Fatal(err)
	}
	s, err := ReadStudy(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(dir, q, &second); err != nil {
		t.Fatal(err)
	}
	if first.String() != second.String() {
		t.Errorf("the answers differ:\n%s\n%s", first.String(), second.String())
	}
}

// TestBenchmarks: each line has the form that benchstat reads.
func TestBenchmarks(t *testing.T) {
	var out strings.Builder
	s := madeUp()
	s.writeBenchmarks(&out)
	line := regexp.MustCompile(`^(Benchmark\S+-\d+ 1( \d+ [^ ]+)+|[a-z]+: .+)$`)
	n := 0
	for text := range strings.Lines(out.String()) {
		if text = strings.TrimSuffix(text, "\n"); !line.MatchString(text) {
			t.Errorf("%q", text)
		}
		if strings.HasPrefix(text, "Benchmark") {
			n++
		}
	}
	for _, want := range []string{"\ncpu: a <processor>\n", "\ngo: go1.26\n", "\ncommit: abc\n", "goos: linux\ngoarch: amd64\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the head lacks %q", want)
		}
	}
	if n != len(s.Measurements) {
		t.Errorf("%d benchmarks of %d nights", n, len(s.Measurements))
	}
}

// TestPage: the page loads nothing, escapes what the machine says of itself, and draws every chart within its box.
func TestPage(t *testing.T) {
	s := madeUp()
	var out strings.Builder
	if err := s.writePage(&out, s.Answer(Question{Records: 3_500_000, Mismatch: 0.01, Window: 30 * time.Minute, Growth: 0.1})); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for _, bad := range []string{"<script", "http://", "https://", "<processor>", "NaN", "Inf", "ZgotmplZ", "%!"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	for _, want := range []string{"Content-Security-Policy", "default-src &#39;none&#39;", "prefers-color-scheme:dark", `class="verdict good"`, "There is no distributed runner yet."} {
		if !strings.Contains(page, want) && !strings.Contains(page, strings.ReplaceAll(want, "&#39;", "'")) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if n := strings.Count(page, "<svg"); n != 6 {
		t.Errorf("%d charts", n)
	}
	if n := strings.Count(page, "<circle"); n < 20 {
		t.Errorf("%d dots", n)
	}
	for _, m := range regexp.MustCompile(`points="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		for _, at := range strings.Fields(m[1]) {
			if strings.Contains(at, "-") {
				t.Fatalf("a chart leaves its box at %s", at)
			}
		}
	}
}

// TestTicks: the lines of an axis stand at round values within it, and are some.
func TestTicks(t *testing.T) {
	for _, a := range []axis{{low: 0, high: 0.21}, {low: 2, high: 6}, {low: 0, high: 2.3}, {low: 55, high: 380}, {low: 250_000, high: 35e6, Log: true}, {low: 3, high: 30, Log: true}, {low: 0.4, high: 5000, Log: true}} {
		all := a.ticks(6)
		if len(all) < 3 || len(all) > 13 {
			t.Errorf("%v to %v: %v", a.low, a.high, all)
		}
		for _, v := range all {
			if v < a.low*0.99 || v > a.high*1.01 {
				t.Errorf("%v to %v: %v", a.low, a.high, all)
			}
		}
	}
}

// TestWords: numbers as people read them.
func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		count(350): "350", count(1_050_000): "1,050,000", count(3_500_000): "3.5 million", count(174_400_000): "174.4 million", count(2_490_000_000): "2.49 billion",
		size(999): "999 B", size(4.58e6): "4.58 MB", lasting(0.57): "0.57 s", lasting(95): "1 min 35 s", lasting(317): "5 min 17 s", lasting(1800): "30 min",
		lasting(7800): "2 h 10 min", lasting(7200): "2 h", plural(1, "core"): "1 core", plural(2, "core"): "2 cores",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestLargest holds that the largest number is found whatever it is, small ones exactly.
func TestLargest(t *testing.T) {
	for want := int64(0); want <= mostAsked; want += 1 + want/700 {
		got := largest(func(n int64) bool { return n <= want })
		if got > want || want-got > want/1000 {
			t.Fatalf("%d in place of %d", got, want)
		}
	}
}
