package capacity

import (
	"cmp"
	"context"
	"errors"
	"math"
	"os"
	"strings"
	"time"

	"crosscheck/bench/synth"
	"crosscheck/engine"
	"crosscheck/engine/job"
	"crosscheck/engine/profile"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/parquet-go/parquet-go"
)

// Like is what a job's data look like. It holds no value of it, and no name.
type Like struct {
	Records int64       `json:"records"` // rows of the largest level
	Shape   synth.Shape `json:"shape"`
}

// LikeJob reads the levels of a job once and gives their shape. What a field is on the levels that hold it is averaged; a field that a level
// lacks is taken to be there too. Keys of several columns count as one string. Rosters, rules and keys with typos are left aside.
func LikeJob(ctx context.Context, path string, env func(string) (string, bool)) (like *Like, err error) {
	j, err := job.Load(path, env)
	if err != nil {
		return nil, err
	}
	levels, err := job.Open(j.Levels)
	defer func() { err = errors.Join(err, job.Close(levels)) }()
	if err != nil {
		return nil, err
	}
	options := j.Options(time.Now(), nil)
	options.Rules = nil
	plan, err := engine.NewPlan(ctx, levels, options)
	if err != nil {
		return nil, err
	}
	like = &Like{}
	var columns []map[string]*profile.Column
	for i, l := range levels {
		all, err := profile.Columns(ctx, profile.Level{Name: l.Name, Source: l.Source})
		if err != nil {
			return nil, err
		}
		byName := map[string]*profile.Column{}
		for c := range all {
			byName[all[c].Name] = &all[c]
			like.Records = max(like.Records, all[c].Rows)
		}
		columns = append(columns, byName)
		stored, err := storedAs(job.Inputs(levels)[i].Files)
		if err != nil {
			return nil, err
		}
		like.Shape.Levels = append(like.Shape.Levels, stored)
	}
	like.Shape.Key = keyType(plan.Key)
	for _, k := range plan.Key {
		like.Shape.Width += math.Round(columnLike(k, columns, like.Records).Width)
	}
	for _, f := range plan.Fields {
		like.Shape.Columns = append(like.Shape.Columns, columnLike(f, columns, like.Records))
	}
	return like, nil
}

func keyType(key []engine.PlannedField) string {
	if len(key) > 1 {
		return record.String.String()
	}
	return key[0].Type.String()
}

// columnLike averages a field over the levels that hold it.
func columnLike(f engine.PlannedField, levels []map[string]*profile.Column, records int64) synth.Column {
	c := synth.Column{Type: f.Type.String(), Normalize: strings.FieldsFunc(f.Canon.Steps.String(), func(r rune) bool { return r == ',' || r == ' ' })}
	var rows, nulls, values, bytes float64
	for l, source := range f.Source {
		p := levels[l][source]
		if source == "" || p == nil {
			continue
		}
		rows, nulls = rows+float64(p.Rows), nulls+float64(p.Nulls)
		bytes += p.Width * float64(p.Rows-p.Nulls)
		c.Distinct = max(c.Distinct, p.Distinct)
		c.Wide = c.Wide || p.Wide
		switch t := p.Stored.(type) {
		case *arrow.Decimal128Type:
			c.Scale = int(t.Scale)
		case *arrow.StringType:
			c.Text = true
		}
	}
	values = rows - nulls
	c.Nulls = nulls / max(1, rows)
	c.Width = bytes / max(1, values)
	c.Distinct = max(1, math.Round(c.Distinct))
	// What hardly repeats is taken to grow with the records.
	if share := c.Distinct / float64(max(1, records)); share > 0.2 && c.Distinct > 1000 {
		c.Distinct = min(share, 0.999)
	}
	if c.Type == record.Decimal.String() && c.Text {
		c.Scale = 1
	}
	return c
}

// storedAs says how the first file of a level is kept.
func storedAs(files []string) (synth.Stored, error) {
	if len(files) == 0 {
		return synth.Stored{Format: synth.Parquet, Codec: "snappy"}, nil
	}
	file, err := os.Open(files[0])
	if err != nil {
		return synth.Stored{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return synth.Stored{}, err
	}
	f, err := parquet.OpenFile(file, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return synth.Stored{Format: synth.CSV}, nil // what is no Parquet is text
	}
	stored := synth.Stored{Format: synth.Parquet, Codec: "snappy"}
	for _, g := range f.Metadata().RowGroups {
		stored.Group = max(stored.Group, int(g.NumRows))
		for _, c := range g.Columns {
			switch name := strings.ToLower(c.MetaData.Codec.String()); name {
			case "uncompressed":
				stored.Codec = "none"
			case "lz4_raw":
				stored.Codec = "lz4"
			default:
				stored.Codec = name
			}
		}
	}
	stored.Group = cmp.Or(stored.Group, synth.DefaultRowGroupRows)
	return stored, nil
}

// rowBytes is the mean of the bytes of a row's values in memory, the key among them.
func rowBytes(s *synth.Shape) float64 {
	n := s.Width
	for _, c := range s.Columns {
		switch {
		case c.Text || c.Type == "string" || c.Type == "cn_id":
			n += c.Width * (1 - c.Nulls)
		default:
			n += 8
		}
	}
	return n
}
