package engine_test

import (
	"context"
	"fmt"

	"crosscheck/engine"
	"crosscheck/engine/record"
	"crosscheck/engine/verdict"
	"crosscheck/loaders"
)

// printer is a sink that prints where findings lie.
type printer struct{ verdict.Header }

func (p *printer) Begin(h verdict.Header) error { p.Header = h; return nil }

func (p *printer) Write(_ context.Context, b *verdict.Block) error {
	for _, f := range b.Findings {
		fmt.Print(f.Kind)
		if f.Field != verdict.NoField {
			fmt.Printf(" %s: %q", p.Fields[f.Field], f.Values)
		}
		for l, ref := range f.Rows {
			if ref != 0 {
				_, row := p.Locate(l, ref)
				fmt.Printf(", %s row %d", p.Levels[l], row)
			}
		}
		fmt.Println()
	}
	return nil
}

// Two CSV files are compared by resident ID: the name as text, the temperature as a number.
func Example() {
	var levels []engine.Level
	for _, name := range []string{"city", "street"} {
		source, err := loaders.Open(name, loaders.Spec{Paths: []string{"../testdata/datasets/residents/" + name + ".csv"}})
		if err != nil {
			fmt.Println(err)
			return
		}
		defer source.Close()
		levels = append(levels, engine.Level{Name: name, Source: source})
	}
	options := engine.Options{
		Key:    []engine.Field{{Name: "id_number", Type: record.CNID}},
		Fields: []engine.Field{{Name: "name"}, {Name: "body_temp", Type: record.Decimal}},
	}
	summary, err := engine.Run(context.Background(), levels, options, &printer{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d of %d records match\n", summary.Matched, summary.Records)
	// Output:
	// differs name: ["王小明" "王小名"], city row 1, street row 2
	// differs body_temp: ["36.80" "38.6"], city row 2, street row 3
	// missing, city row 4
	// duplicate, city row 5, street row 4
	// missing, street row 6
	// 2 of 6 records match
}
