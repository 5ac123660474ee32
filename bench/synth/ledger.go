package synth

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// planted is a row of the ledger. Empty texts are nulls.
type planted struct {
	Key   string `parquet:"record_key,optional,plain"`
	Kind  string `parquet:"kind,optional,dict"`
	Field string `parquet:"field,optional,dict"`
	Level string `parquet:"level,optional,dict"`
	Note  string `parquet:"note,optional,dict"`
}

var ledgerColumns = []string{"record_key", "kind", "field", "level", "note"}

// writeLedger writes every planted fault to f and counts them in m.
func (p *plan) writeLedger(ctx context.Context, f *file, m *Manifest) error {
	var err error
	if p.opt.Format == CSV {
		if _, err = f.WriteString(strings.Join(ledgerColumns, ",") + "\n"); err == nil {
			err = p.faultsOf(ctx, m, func(x planted) error {
				_, err := f.WriteString(strings.Join([]string{x.Key, x.Kind, x.Field, x.Level, x.Note}, ",") + "\n")
				return err
			})
		}
	} else {
		w := parquet.NewGenericWriter[planted](f, conventions)
		batch, group := make([]planted, 0, batchRows), 0
		flush := func() error {
			n, err := w.Write(batch)
			batch = batch[:0]
			if group += n; group >= DefaultRowGroupRows && err == nil {
				group = 0
				err = w.Flush()
			}
			return err
		}
		err = p.faultsOf(ctx, m, func(x planted) error {
			if batch = append(batch, x); len(batch) == batchRows {
				return flush()
			}
			return nil
		})
		if err == nil {
			err = flush()
		}
		if err == nil {
			err = w.Close()
		}
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	m.Ledger = f.path
	return nil
}

// faultsOf gives every planted fault to take, in the order of the ledger, and counts them in m.
func (p *plan) faultsOf(ctx context.Context, m *Manifest, take func(planted) error) error {
	kinds := p.kindsOf()
	for _, k := range kinds {
		m.Kinds = append(m.Kinds, FaultCount{Name: k})
	}
	for _, name := range columnNames[1:] {
		m.Fields = append(m.Fields, FaultCount{Name: name})
	}
	for _, l := range p.opt.Levels {
		m.FaultLevel = append(m.FaultLevel, FaultCount{Name: l})
	}
	note := func(x planted, field, level int) error {
		m.Findings++
		m.Kinds[slices.Index(kinds, x.Kind)].Count++
		if field != 0 {
			m.Fields[field-1].Count++
			x.Field = columnNames[field]
		}
		if level != allLevels {
			m.FaultLevel[level].Count++
			x.Level = p.opt.Levels[level]
		}
		return take(x)
	}

	var w row
	for r := range p.records {
		if r%often == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		f := p.fault(r)
		if f.kind == "" {
			continue
		}
		m.Faulty++
		if f.kind != duplicate {
			m.Mismatches++
		}
		p.fill(&w, r)
		x := planted{Key: string(w.appendID(nil)), Kind: f.kind}
		var err error
		switch f.kind {
		case missing:
			x.Note = "not there"
			err = note(x, 0, f.level)
		case keyTypo:
			// Two records: the one with the right key, and the one that the level made of it.
			m.Faulty++
			m.Mismatches++
			err = p.typoOf(&w, x.Key, f.level, note)
		case duplicate:
			x.Note = "the same row twice"
			if f.conflict {
				x.Note = "two rows that disagree in " + columnNames[f.fields[0]]
			}
			err = note(x, 0, f.level)
		case differs:
			for _, field := range f.fields {
				if field != 0 && err == nil {
					x.Note = w.change(field, 1, &f)
					if f.level == allLevels {
						x.Note = "another value on every level"
					}
					err = note(x, field, f.level)
				}
			}
		}
		if err != nil {
			return err
		}
	}
	for l := range p.levels {
		salt := p.noKeySalt(l)
		for slot := range p.slots {
			if slot%often == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			x := planted{Kind: invalidKey, Note: "no key"}
			switch p.noKeyAt(salt, slot) {
			case keyPresent:
				continue
			case keyBlank:
				x.Note = "a key of spaces"
			}
			if err := note(x, 0, l); err != nil {
				return err
			}
		}
	}
	return nil
}

// typoOf notes what a typo in the key of a record on a level leads to; w is the record. key_typo is about the key that more levels hold, on
// two levels about the lesser one.
func (p *plan) typoOf(w *row, key string, level int, note func(x planted, field, level int) error) error {
	w.typo = true
	wrong := string(w.appendID(nil))
	about := key
	if p.levels == 2 {
		about = min(key, wrong)
	}
	const typo = "two digits of the key swapped or one changed"
	for _, x := range []struct {
		planted
		level int
	}{
		{planted{Key: key, Kind: missing, Note: typo}, level},
		{planted{Key: wrong, Kind: missing, Note: "there under this key alone: " + typo}, allLevels},
		{planted{Key: wrong, Kind: invalidKey, Note: typo}, level},
		{planted{Key: about, Kind: keyTypo, Note: typo}, level},
	} {
		if err := note(x.planted, 0, x.level); err != nil {
			return err
		}
	}
	return nil
}
