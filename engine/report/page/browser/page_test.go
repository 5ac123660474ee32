package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crosscheck/engine/report/page"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func ptr[T any](x T) *T { return &x }

// night is a page with everything that moves: tables to sort and filter, a chart, counts that are withheld.
func night() *page.Night {
	n := &page.Night{
		Job: "residents", Date: "2026-11-18", Version: "test", Records: 400000,
		Matched: ptr(int64(396790)), Missing: ptr(int64(738)), Differing: ptr(int64(2472)), Mismatch: ptr(0.008025),
		Gates: []page.Gate{
			{Metric: "mismatch_rate", Unit: page.Share, Value: ptr(0.008025), Limits: []page.Limit{{Kind: page.AtMost, Value: 0.03}}, Passed: true},
			{Metric: "rows", Of: "street", Value: ptr(300000.0), Limits: []page.Limit{{Kind: page.LessBy, Value: -0.2}}},
		},
		Changes: page.Changes{Against: "2026-11-17", New: ptr(int64(12)), Persisting: ptr(int64(3992))},
		Kinds:   []page.Kind{{Kind: "differs", Count: ptr(int64(2660))}, {Kind: "missing", Count: ptr(int64(738))}},
		Levels: []page.Level{{Level: "city", Rows: 399955, Missing: ptr(int64(240))}, {Level: "district", Rows: 399942, Duplicates: ptr(int64(11))},
			{Level: "street", Rows: 399959, Missing: ptr(int64(246)), InvalidKey: ptr(int64(76))}},
		Inputs:  []page.Input{{Level: "city", Files: []string{strings.Repeat("a-long-folder/", 12) + "city.parquet"}, Rows: 399955, Bytes: 24_100_000}},
		Started: time.Date(2026, 11, 18, 2, 0, 0, 0, time.UTC), Seconds: 0.31, Rows: 1199856, Memory: 187_000_000,
	}
	for i, field := range []string{"name", "phone", "address", "test_time", "institution"} {
		n.Fields = append(n.Fields, page.Field{Field: field, Differs: ptr(int64(100 + 37*i%90)), Of: 400000, Holds: []bool{true, true, true},
			Alone: []*int64{ptr(int64(10 * i)), nil, ptr(int64(40 - 9*i))}})
	}
	g := page.Group{Column: "street_code", More: 5}
	for i := range 40 {
		g.Values = append(g.Values, page.GroupValue{Value: fmt.Sprintf("07%02d", i), Wrong: []*int64{ptr(int64(90 - i)), nil, ptr(int64(i))}})
	}
	n.Groups = []page.Group{g}
	for i := range 30 {
		n.Nights = append(n.Nights, page.Past{Date: fmt.Sprintf("2026-11-%02d", 1+i), Records: 400000, Mismatch: ptr(0.005 + 0.001*float64(i%7)), Passed: i%9 != 4})
	}
	return n
}

// tab is a page open in a browser, with what it did that it should not.
type tab struct {
	ctx      context.Context
	requests []string
	faults   []string
}

// profile makes a folder for a browser. The browser's own children may write there a moment longer than it lives, so it is removed again and again.
func profile(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "browser")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for until := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
			if err := os.RemoveAll(folder); err == nil {
				return
			} else if time.Now().After(until) {
				t.Errorf("the browser's folder stays: %v", err)
				return
			}
		}
	})
	return folder
}

// open opens a page in a browser of a language, a width and a colour scheme. Without a browser the test is skipped; .ci/run installs one where it can.
func open(t *testing.T, language string, width int64, scheme string) *tab {
	t.Helper()
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
			break
		}
	}
	if browser == "" {
		t.Skip("there is no Chromium on the PATH: install it to run this test")
	}
	path := filepath.Join(t.TempDir(), "index.html")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := page.Write(f, night()); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	alloc, stop := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.NoSandbox,
		chromedp.UserDataDir(profile(t)))...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) }) // waits until the browser is gone
	ctx, cancelTime := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancelTime)
	b := &tab{ctx: ctx}
	chromedp.ListenTarget(ctx, func(event any) {
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(e.Request.URL, "data:") {
				b.requests = append(b.requests, e.Request.URL)
			}
		case *log.EventEntryAdded:
			b.faults = append(b.faults, e.Entry.Text)
		case *runtime.EventExceptionThrown:
			b.faults = append(b.faults, e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			b.faults = append(b.faults, "the console was used")
		}
	})
	b.run(t, network.Enable(), log.Enable(), runtime.Enable(),
		emulation.SetUserAgentOverride("test").WithAcceptLanguage(language),
		emulation.SetDeviceMetricsOverride(width, 900, 1, false),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
		chromedp.Navigate("file://"+path), chromedp.WaitReady("footer", chromedp.ByQuery))
	return b
}

func (b *tab) run(t *testing.T, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// eval gives the value of an expression in the page.
func eval[T any](t *testing.T, b *tab, expression string) (value T) {
	t.Helper()
	var text string
	b.run(t, chromedp.Evaluate("JSON.stringify("+expression+")", &text))
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// TestQuiet: the page asks for nothing, says nothing on the console, and fits its width, at a desk and on a telephone.
func TestQuiet(t *testing.T) {
	for _, width := range []int64{1280, 390} {
		b := open(t, "en-GB", width, "light")
		if wide := eval[int64](t, b, "document.documentElement.scrollWidth"); wide > width {
			t.Errorf("at %d pixels the page is %d wide", width, wide)
		}
		if len(b.requests) != 1 || len(b.faults) > 0 {
			t.Errorf("at %d pixels: requests %q, console %q", width, b.requests, b.faults)
		}
	}
}

// TestLanguage: the browser's language says which is shown, the button changes it.
func TestLanguage(t *testing.T) {
	for language, want := range map[string]string{"zh-CN,zh": "门槛", "en-GB,en": "Gates", "fr-FR": "Gates"} {
		b := open(t, language, 1280, "light")
		if got := eval[string](t, b, "document.querySelector('#gates').innerText"); got != want {
			t.Errorf("%s: the heading is %q, want %q", language, got, want)
		}
		b.run(t, chromedp.Click("button.lang", chromedp.ByQuery))
		if got := eval[string](t, b, "document.querySelector('#gates').innerText"); got == want {
			t.Errorf("%s: the button changes nothing", language)
		}
		if len(b.faults) > 0 {
			t.Errorf("%s: console %q", language, b.faults)
		}
	}
}

const shown = "Array.from(document.querySelectorAll('#group-0 tbody tr')).filter(r => !r.hidden).map(r => r.cells[0].innerText)"

// TestTables: tables are filtered by what is typed, and sorted by mouse and by keyboard.
func TestTables(t *testing.T) {
	b := open(t, "en", 1280, "light")
	b.run(t, chromedp.SendKeys("input[aria-controls=group-0]", "0713", chromedp.ByQuery))
	if got := eval[[]string](t, b, shown); len(got) != 1 || got[0] != "0713" {
		t.Errorf("filtered by 0713: %q", got)
	}
	b.run(t, chromedp.SendKeys("input[aria-controls=group-0]", strings.Repeat(kb.Backspace, 4), chromedp.ByQuery))
	if got := eval[[]string](t, b, shown); len(got) != 40 {
		t.Errorf("with the filter empty again there are %d rows", len(got))
	}
	b.run(t, chromedp.Click("#group-0 thead th:nth-child(4) button", chromedp.ByQuery))
	if got := eval[[]string](t, b, shown); got[0] != "0739" {
		t.Errorf("sorted by the last level, most first, the first is %s", got[0])
	}
	b.run(t, chromedp.Focus("#group-0 thead th:nth-child(1) button", chromedp.ByQuery), chromedp.KeyEvent(kb.Enter), chromedp.KeyEvent(kb.Enter))
	if got := eval[[]string](t, b, shown); got[0] != "0700" {
		t.Errorf("sorted by name by keyboard, the first is %s", got[0])
	}
	if got := eval[string](t, b, "document.querySelector('#group-0 thead th').getAttribute('aria-sort')"); got != "ascending" {
		t.Errorf("who listens hears that the table is sorted %s", got)
	}
	if len(b.faults) > 0 {
		t.Errorf("console %q", b.faults)
	}
}

// contrasts gives the texts of the page whose contrast with what is behind them is below 4.5, by the formula of WCAG 2.
const contrasts = `(() => {
  const parse = c => (c.match(/[\d.]+/g) || []).map(Number);
  const light = c => { const [r, g, b] = c.slice(0, 3).map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4) }); return 0.2126 * r + 0.7152 * g + 0.0722 * b };
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length && (c.length < 4 || c[3] > 0)) return c } return [255, 255, 255] };
  const bad = [];
  let looked = 0;
  for (const e of document.querySelectorAll('body *')) {
    const own = Array.from(e.childNodes).some(n => n.nodeType === 3 && n.data.trim());
    if (!own || e.closest('script,.unseen') || !e.getClientRects().length) continue;
    const style = getComputedStyle(e), text = e.closest('svg') ? style.fill : style.color;
    const a = light(parse(text)), b = light(behind(e)), ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    looked++;
    if (ratio < 4.5) bad.push(e.tagName + '.' + e.className + ' ' + ratio.toFixed(2));
  }
  return {looked, bad};
})()`

func TestContrast(t *testing.T) {
	for _, scheme := range []string{"light", "dark"} {
		got := eval[struct {
			Looked int
			Bad    []string
		}](t, open(t, "en", 1280, scheme), contrasts)
		if got.Looked < 200 || len(got.Bad) > 0 {
			t.Errorf("%s: of %d texts these are too faint: %q", scheme, got.Looked, got.Bad)
		}
	}
}

// TestPrint: the page prints, with the tables behind its charts open.
func TestPrint(t *testing.T) {
	b := open(t, "en", 1280, "light")
	var pdf []byte
	b.run(t, chromedp.ActionFunc(func(ctx context.Context) (err error) {
		pdf, _, err = cdppage.PrintToPDF().Do(ctx)
		return err
	}))
	if !strings.HasPrefix(string(pdf), "%PDF") {
		t.Error("the page does not print")
	}
	if !eval[bool](t, b, "Array.from(document.querySelectorAll('details')).every(d => d.open)") {
		t.Error("the numbers behind the chart are not printed")
	}
}
