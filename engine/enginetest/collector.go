package enginetest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"crosscheck/engine/verdict"
)

// Collector is an engine.Sink that keeps copies of all findings.
type Collector struct {
	Header   verdict.Header
	Findings []Finding
	Blocks   []int // findings of each block

	begun bool
}

// Begin implements engine.Sink.
func (c *Collector) Begin(h verdict.Header) error {
	if c.begun {
		return errors.New("the sink was begun twice")
	}
	c.begun = true
	c.Header = h
	return nil
}

// Write implements engine.Sink. It holds what every finding promises by its shape.
func (c *Collector) Write(ctx context.Context, b *verdict.Block) error {
	if !c.begun {
		return errors.New("a block came before the sink was begun")
	}
	if len(b.Findings) == 0 {
		return errors.New("a block is empty")
	}
	if key := string(b.Findings[0].Key); key != "" && len(c.Findings) > 0 && c.Findings[len(c.Findings)-1].Key == key {
		return fmt.Errorf("finding %d: the record has findings in the block before", len(c.Findings))
	}
	for i := range b.Findings {
		f, err := c.copied(&b.Findings[i])
		if err != nil {
			return fmt.Errorf("finding %d: %w", len(c.Findings), err)
		}
		c.Findings = append(c.Findings, f)
	}
	c.Blocks = append(c.Blocks, len(b.Findings))
	b.Done()
	return ctx.Err()
}

func (c *Collector) copied(f *verdict.Finding) (Finding, error) {
	n := len(c.Header.Levels)
	out := Finding{
		Key: string(f.Key), Kind: f.Kind, In: f.In, Outlier: f.Outlier, Consensus: textOf(f.Consensus), Count: f.Count,
		Reason: f.Reason, Group: textOf(f.Group),
		Values: textsOf(f.Values), Carry: textsOf(f.Carry), Rows: make([]int64, len(f.Rows)),
	}
	switch {
	case f.Key == nil:
		return out, errors.New("the key is nil")
	case len(f.Rows) != n || f.Values != nil && len(f.Values) != n:
		return out, fmt.Errorf("%d rows and %d values for %d levels", len(f.Rows), len(f.Values), n)
	case (f.Kind == verdict.Differs) != (len(f.Hashes) == n):
		return out, fmt.Errorf("%s with %d hashes for %d levels", f.Kind, len(f.Hashes), n)
	case f.Carry != nil && len(f.Carry) != len(c.Header.Carry):
		return out, fmt.Errorf("%d carried values for %d columns", len(f.Carry), len(c.Header.Carry))
	case f.Field < verdict.NoField || f.Field >= len(c.Header.Fields):
		return out, fmt.Errorf("field %d of %d", f.Field, len(c.Header.Fields))
	}
	distinct := map[uint64]bool{}
	for l, h := range f.Hashes {
		if f.In>>l&1 != 0 && h != 0 {
			distinct[h] = true
		}
	}
	if f.Kind == verdict.Differs && len(distinct) < 2 {
		return out, errors.New("the hashes of values that differ do not")
	}
	if f.Field != verdict.NoField {
		out.Field = c.Header.Fields[f.Field]
	}
	for l, ref := range f.Rows {
		if ref == 0 {
			continue
		}
		file, row := c.Header.Locate(l, ref)
		if c.Header.Files[file] != c.Header.Levels[l] {
			return out, fmt.Errorf("a row of level %d lies in the file of another level", l)
		}
		out.Rows[l] = row
	}
	return out, nil
}

func textsOf(texts [][]byte) []Text {
	if texts == nil {
		return nil
	}
	out := make([]Text, 0, len(texts))
	for _, t := range texts {
		out = append(out, textOf(t))
	}
	return slices.Clip(out)
}
