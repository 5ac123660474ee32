package audit

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// TestSeal breaks a trail in every way, seals it, goes on, and holds that the break stays on record and older files stay as they are.
func TestSeal(t *testing.T) {
	october, november := Folder+"/0001-2026-10.jsonl", Folder+"/0001-2026-11.jsonl"
	for what, do := range map[string]func(files map[string][]byte) map[string][]byte{
		"changed": func(f map[string][]byte) map[string][]byte {
			return map[string][]byte{october: bytes.ToUpper(f[october])}
		},
		"cut":             func(f map[string][]byte) map[string][]byte { return map[string][]byte{november: f[november][:100]} },
		"first file lost": func(map[string][]byte) map[string][]byte { return map[string][]byte{october: nil} },
		"last file lost":  func(map[string][]byte) map[string][]byte { return map[string][]byte{november: nil} },
		"all lost":        func(map[string][]byte) map[string][]byte { return map[string][]byte{october: nil, november: nil} },
		"stray": func(map[string][]byte) map[string][]byte {
			return map[string][]byte{Folder + "/x.jsonl": []byte("x\n")}
		},
		"damaged manifest": func(map[string][]byte) map[string][]byte {
			return map[string][]byte{committedFolder + "/2026-11-02.json": []byte("x\n")}
		},
	} {
		t.Run(what, func(t *testing.T) {
			reports := t.TempDir()
			twoMonths(t, reports)
			put(t, reports, do(trailFiles(t, reports)))
			fault := check(t, reports).Fault
			if fault == nil {
				t.Fatal("not broken")
			}
			sealed, err := SealBreak(reports, "disk 2 was lost", "test")
			if err != nil {
				t.Fatal(err)
			}
			if sealed.Break == nil || *sealed.Break != *fault || sealed.Why != "disk 2 was lost" || sealed.Seq < 7 {
				t.Errorf("%+v", sealed)
			}
			if _, err := SealBreak(reports, "again", "test"); !errors.Is(err, ErrSound) {
				t.Errorf("got %v, want ErrSound", err)
			}
			c := sound(t, reports)
			if len(c.Notes) == 0 || !strings.Contains(c.Notes[0], "goes on after a break: "+fault.String()) || c.Head.Seq != sealed.Seq {
				t.Errorf("%+v", c)
			}
			now := sealed.Time.AddDate(0, 0, 1)
			publish(t, reports, "2026-11-02", now) // the same night again
			publish(t, reports, "2027-01-01", now)
			if c := sound(t, reports); c.Entries != 3 || c.Manifests != 2 {
				t.Errorf("%+v", c)
			}
			for name, content := range trailFiles(t, reports) {
				if !strings.HasPrefix(name, Folder+"/0001") || sealed.Prev == noPrev && len(sealed.Sealed) == 0 {
					continue
				}
				put(t, reports, map[string][]byte{name: append(bytes.Clone(content), '\n')})
				names(t, reports, "changing a sealed file", name)
				put(t, reports, map[string][]byte{name: nil})
				names(t, reports, "removing a sealed file", name)
				put(t, reports, map[string][]byte{name: content})
			}
			if what != "all lost" {
				put(t, reports, map[string][]byte{Folder + "/0001-2026-01.jsonl": []byte("x\n")})
				names(t, reports, "adding to the sealed files", Folder+"/0001-2026-01.jsonl")
			}
		})
	}
}
