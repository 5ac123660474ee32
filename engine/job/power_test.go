package job

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"syscall"
	"testing"

	"crosscheck/engine/durable"
	"crosscheck/engine/durable/durabletest"
)

// TestPowerCutAtEveryCall cuts the power before each call by which a night or a purge writes something in turn, and after the last; see
// campaign.step. Of what was not synced then nothing is left, or all names and no content, or a mixture. It holds that at once all other nights
// are as they were and the trail is sound, that a job that does nothing else puts the night whole in its place or not at all, that the next run
// publishes what it should, also after another cut on its way, and that nothing is left over.
func TestPowerCutAtEveryCall(t *testing.T) {
	c := newCampaign(t)
	lucks := []string{"lost", "named", "mixed"}
	points := 0
	for _, of := range c.cases {
		before, want := c.outcome(of)
		for at, done := 1, false; !done; at += c.step() {
			for i := range lucks {
				if c.step() > 1 && i != at/c.step()%len(lucks) {
					continue
				}
				where := fmt.Sprintf("%s, power cut before call %d, names and contents %s", of.name, at, lucks[i])
				r := rand.New(rand.NewPCG(uint64(at), 99))
				luck := func() durabletest.Luck {
					return []func() durabletest.Luck{durabletest.Lost, durabletest.Named, func() durabletest.Luck { return durabletest.Mixed(r.Uint64()) }}[i]()
				}
				c.again(of.base)
				calls, err := c.cut(of.do, at, luck())
				points++
				if done = calls < at; done && err != nil {
					t.Fatalf("%s: %v", where, err)
				}
				if err := CheckTrail(c.reports); err != nil {
					t.Errorf("%s: %v", where, err)
				}
				if done {
					c.sound(where+", which is after the last", want)
				}
				c.intact(where, of.date)
				if r.IntN(2) == 0 { // perhaps after what the next one did, which is then found done below
					_, _ = c.cut(of.do, 1+r.IntN(calls), luck())
					where += ", and once more"
				}
				// A purge of nothing puts back what is half done.
				if err := c.purge(-100); err != nil {
					t.Fatalf("%s: %v", where, err)
				}
				if got := findings(t, c.reports); of.name == "purge" {
					c.sound(where, got)
				} else if maps.Equal(got, want) {
					c.sound(where, want)
				} else {
					c.sound(where, before)
				}
				if err := of.do(); err != nil {
					t.Fatalf("%s: the next run: %v", where, err)
				}
				c.sound(where+", after the next run", want)
			}
		}
	}
	t.Logf("%d points, all survived unless said otherwise", points)
	if points < 100 {
		t.Errorf("only %d points were tried", points)
	}
}

// TestKilledThenPowerCut kills before each call in turn, has the next run succeed and cuts the power then: what the killed one left must not
// pass for durable.
func TestKilledThenPowerCut(t *testing.T) {
	c := newCampaign(t)
	points := 0
	for _, of := range c.cases {
		_, want := c.outcome(of)
		for at := 1; ; at += c.step() {
			where := fmt.Sprintf("%s, killed before call %d, run again, power cut", of.name, at)
			c.again(of.base)
			power, err := durabletest.NewPower(c.disk)
			if err != nil {
				t.Fatal(err)
			}
			killed := &durabletest.FS{At: at, Err: syscall.EIO, Sticky: true, Under: power}
			real := durable.Use(killed)
			_ = of.do()
			durable.Use(power)
			err = of.do()
			durable.Use(real)
			if err != nil {
				t.Fatalf("%s: the next run: %v", where, err)
			}
			if killed.Calls() < at {
				break
			}
			points++
			if err := power.Cut(durabletest.Lost()); err != nil {
				t.Fatal(err)
			}
			c.sound(where, want)
		}
	}
	t.Logf("%d points, all survived unless said otherwise", points)
}

// cut does something, stops at a call and cuts the power. It gives the number of calls that there were.
func (c *campaign) cut(do func() error, at int, luck durabletest.Luck) (calls int, err error) {
	c.Helper()
	power, err := durabletest.NewPower(c.disk)
	if err != nil {
		c.Fatal(err)
	}
	disk := &durabletest.FS{At: at, Err: syscall.EIO, Sticky: true, Under: power}
	real := durable.Use(disk)
	err = do()
	durable.Use(real)
	if cutErr := power.Cut(luck); cutErr != nil {
		c.Fatal(cutErr)
	}
	return disk.Calls(), err
}
