package loaders

import (
	"context"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crosscheck/engine/level"
	"crosscheck/loaders/loadertest"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go"
)

// What Open wraps around a loader keeps every promise of it.
func TestSuite(t *testing.T) {
	loadertest.Run(t, loadertest.Format{
		Ext: ".csv", AllText: true, EmptyIsNull: true,
		Write: func(t testing.TB, path string, table loadertest.Table) {
			file, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			w := csv.NewWriter(file)
			line := make([]string, len(table.Columns))
			for row := -1; row < table.Rows(); row++ {
				for i, c := range table.Columns {
					if line[i] = c.Name; row >= 0 {
						line[i], _ = c.Values[row].(string)
					}
				}
				w.Write(line)
			}
			w.Flush()
		},
		Open: func(paths []string, batchRows int, mem memory.Allocator) (level.Source, error) {
			return Open("city", Spec{Paths: paths, Delimiter: ',', BatchRows: batchRows, Allocator: mem})
		},
	})
}

type row struct {
	ID string `parquet:"id"`
}

// tree makes files below a new folder and goes there. A name that ends in / is a folder. Parquet files have one row; others
// hold the text.
func tree(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		var err error
		switch {
		case strings.HasSuffix(name, "/"):
			err = os.MkdirAll(name, 0o700)
		case text == "parquet":
			err = parquet.WriteFile(name, []row{{"990001"}})
		default:
			err = os.WriteFile(name, []byte(text), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

const text = "id\n990001\n"

var forest = map[string]string{
	"city/b.parquet": "parquet", "city/a.parquet": "parquet", "city/_SUCCESS": "", "city/.a.parquet.crc": "x", "city/notes.md": "x",
	"street/2.csv": text, "street/1.csv": text, "street/10.tsv": text, "street/old/3.csv": text, "street/old/older/4.csv": text,
	"noted/1.csv": text, "noted/notes.txt": "Ask Ada", "odd/0.txt": "What Ada said", "odd/1.csv": text, "odd/2.txt": "",
	"mixed/a.csv": text, "mixed/b.parquet": "parquet", "deep/run=1/x.parquet": "parquet", "empty/": "",
	"noname": "parquet", "data.bin": "some text", "UPPER.CSV": text, "a[1].csv": text, "packed.csv.gz": "\x1f\x8b\x08", "lies.csv": "parquet",
}

func TestPaths(t *testing.T) {
	tree(t, forest)
	for _, test := range []struct {
		paths  []string
		format string
		want   []string
	}{
		{[]string{"city/a.parquet"}, "", []string{"city/a.parquet"}},
		{[]string{"city"}, "", []string{"city/a.parquet", "city/b.parquet"}},
		{[]string{"city/"}, "", []string{"city/a.parquet", "city/b.parquet"}},
		{[]string{"city/*.parquet"}, "", []string{"city/a.parquet", "city/b.parquet"}},
		{[]string{"city/b.parquet", "city/*.parquet", "./city/a.parquet"}, "", []string{"./city/a.parquet", "city/b.parquet"}},
		{[]string{"street"}, "", []string{"street/1.csv", "street/10.tsv", "street/2.csv"}},
		{[]string{"street/**/*.csv"}, "", []string{"street/1.csv", "street/2.csv", "street/old/3.csv", "street/old/older/4.csv"}},
		{[]string{"street/{1,2}.csv"}, "", []string{"street/1.csv", "street/2.csv"}},
		{[]string{"deep/**"}, "", []string{"deep/run=1/x.parquet"}},
		{[]string{"mixed"}, "csv", []string{"mixed/a.csv"}},
		{[]string{"mixed"}, "parquet", []string{"mixed/b.parquet"}},
		{[]string{"noname"}, "", []string{"noname"}},
		{[]string{"noname", "city/a.parquet"}, "", []string{"city/a.parquet", "noname"}},
		{[]string{"lies.csv"}, "parquet", []string{"lies.csv"}},
		{[]string{"UPPER.CSV"}, "", []string{"UPPER.CSV"}},
		{[]string{"a[1].csv"}, "", []string{"a[1].csv"}},
		{[]string{"data.bin"}, "csv", []string{"data.bin"}},
	} {
		found := 0
		s, err := Open("city", Spec{Paths: test.paths, Format: test.format, Found: func(files int) { found = files }})
		if err != nil {
			t.Errorf("paths %q: %v", test.paths, err)
			continue
		}
		if found != len(test.want) {
			t.Errorf("paths %q: told of %d files, want %d", test.paths, found, len(test.want))
		}
		var got []string
		for _, p := range s.Parts() {
			if len(got) == 0 || got[len(got)-1] != p.File {
				got = append(got, p.File)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("paths %q: files %q, want %q", test.paths, got, test.want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestInputErrors(t *testing.T) {
	tree(t, forest)
	for _, test := range []struct {
		spec       Spec
		want, hint string
	}{
		{Spec{}, "level city: has no path", "glob"},
		{Spec{Paths: []string{"city/c.parquet"}}, "level city: city/c.parquet: file does not exist", "did you mean city/"},
		{Spec{Paths: []string{"city/a.parqet"}}, "level city: city/a.parqet: file does not exist", "did you mean city/a.parquet?"},
		{Spec{Paths: []string{"sreet/old/3.csv"}}, "level city: sreet/old/3.csv: file does not exist", "did you mean street?"},
		{Spec{Paths: []string{"quite/another"}}, "level city: quite/another: file does not exist", "folder . has no quite"},
		{Spec{Paths: []string{"city", "city/zz.csv"}}, "level city: city/zz.csv: file does not exist", "folder city has no zz.csv"},
		{Spec{Paths: []string{"street/*.parquet"}}, "level city: street/*.parquet: matches no file", "folder street has no file of such a name"},
		{Spec{Paths: []string{"strete/*.csv"}}, "level city: strete/*.csv: matches no file", "did you mean street?"},
		{Spec{Paths: []string{"street/nn*.tsv"}}, "level city: street/nn*.tsv: matches no file", "the nearest is street/10.tsv"},
		{Spec{Paths: []string{"city/[a.parquet"}}, "level city: city/[a.parquet: is not a valid glob", "close every"},
		{Spec{Paths: []string{"empty"}}, "level city: empty: is a folder without a file that ends in .parquet, .pq, .csv, .tsv, .txt", "name the files"},
		{Spec{Paths: []string{"deep"}}, "level city: deep: is a folder without a file that ends in .parquet, .pq, .csv, .tsv, .txt", "deep/**/*.parquet"},
		{Spec{Paths: []string{"city"}, Format: "csv"}, "level city: city: is a folder without a file that ends in .csv, .tsv, .txt", "name the files"},
		{Spec{Paths: []string{"mixed"}}, "level city: mixed/b.parquet: is of format parquet, while mixed/a.csv is of format csv", "as to mixed/*.csv, or write format: csv in the job file"},
		{Spec{Paths: []string{"noted"}}, "level city: noted/notes.txt: has no column that noted/1.csv has", "narrow the path, as to noted/*.csv"},
		{Spec{Paths: []string{"odd/0.txt", "odd/1.csv"}}, "level city: odd/1.csv: has no column that odd/0.txt has", "narrow the path, as to odd/*.csv"},
		{Spec{Paths: []string{"noted", "street"}}, "level city: noted/notes.txt: has no column that noted/1.csv has", "in any order"},
		{Spec{Paths: []string{"odd/1.csv", "odd/2.txt"}}, "level city: odd/2.txt: has no header line", "narrow the path, as to odd/*.csv"},
		{Spec{Paths: []string{"street/1.csv", "data.bin"}}, "level city: data.bin: neither its name nor its first bytes tell a known format", "narrow the path, as to "},
		{Spec{Paths: []string{"city/*"}}, "level city: city/notes.md: neither its name nor its first bytes tell a known format", "parquet or csv"},
		{Spec{Paths: []string{"data.bin"}}, "level city: data.bin: neither its name nor its first bytes tell a known format", "ends in .parquet, .pq, .csv, .tsv, .txt, or write in the job file which format it has: parquet or csv"},
		{Spec{Paths: []string{"packed.csv.gz"}}, "level city: packed.csv.gz: is compressed with gzip", "gunzip"},
		{Spec{Paths: []string{"lies.csv"}}, "level city: lies.csv: is a Parquet file", "format is parquet"},
		{Spec{Paths: []string{"city"}, Format: "orc"}, `level city: there is no format "orc"`, "parquet and csv"},
		{Spec{Paths: []string{"street"}, Encoding: "gb18300"}, `level city: there is no encoding "gb18300"`, "gb18030, gbk"},
		{Spec{Paths: []string{"city"}, Encoding: "gb18030"}, "level city: city/a.parquet: a delimiter, null values or an encoding are given for a file of format parquet", "leave them out"},
		{Spec{Paths: []string{"city"}, Delimiter: ';'}, "level city: city/a.parquet: a delimiter, null values or an encoding are given for a file of format parquet", "leave them out"},
		{Spec{Paths: []string{"city"}, NullValues: []string{"-"}}, "level city: city/a.parquet: a delimiter, null values or an encoding are given for a file of format parquet", "leave them out"},
	} {
		_, err := Open("city", test.spec)
		var in *level.InputError
		if !errors.As(err, &in) {
			t.Errorf("%+v: error %v, want a *level.InputError", test.spec, err)
			continue
		}
		if err.Error() != test.want || !strings.Contains(in.Hint, test.hint) {
			t.Errorf("error %q\nwant  %q\nhint  %q, want one with %q", err, test.want, in.Hint, test.hint)
		}
	}
	if _, err := Open("city", Spec{Paths: []string{"city/zz"}}); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the error of a missing file is not fs.ErrNotExist")
	}
	if err := unreadable("a", &fs.PathError{Path: "a/b", Err: fs.ErrPermission}); !errors.Is(err, fs.ErrPermission) || err.(*level.InputError).File != "a/b" {
		t.Errorf("a path that may not be read: error %v", err)
	}
}

// Errors that come with reading name the level, or the roster, and do not change the error that the loader keeps.
func TestReadErrorsNameTheLevel(t *testing.T) {
	for _, roster := range []bool{false, true} {
		called := map[bool]string{false: "level", true: "roster"}[roster]
		t.Run(called, func(t *testing.T) { readErrors(t, called, roster) })
	}
}

func readErrors(t *testing.T, called string, roster bool) {
	tree(t, map[string]string{"a.csv": "id,name\n990001,a\n990002\n"})
	s, err := Open("street", Spec{Paths: []string{"a.csv"}, Encoding: "utf-8", Roster: roster})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for range 2 {
		r, err := s.Read(context.Background(), 0, []int{0})
		if err != nil {
			t.Fatal(err)
		}
		for r.Next() {
		}
		if want := called + " street: a.csv: row 2 (line 3): has too few fields: 1, expected 2"; r.Err() == nil || r.Err().Error() != want {
			t.Errorf("error %v, want %s", r.Err(), want)
		}
		r.Release()
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Read(ctx, 0, nil); !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), called+" street: ") {
		t.Errorf("a cancelled reading: error %v", err)
	}
	if err := os.Truncate("a.csv", 3); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(context.Background(), 0, nil); err == nil || !strings.HasPrefix(err.Error(), called+" street: a.csv: changed") {
		t.Errorf("a changed file: error %v", err)
	}
}

// The end .tsv means tabs, whatever the header line holds. Text has no types.
func TestTSV(t *testing.T) {
	tree(t, map[string]string{"a.tsv": "id,nr\tname\n1\t2\n", "b.csv": "id,nr\n1,2\n"})
	for file, want := range map[string]string{"a.tsv": "name", "b.csv": "nr"} {
		s, err := Open("street", Spec{Paths: []string{file}})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Schema().Field(s.Schema().NumFields() - 1).Name; got != want {
			t.Errorf("%s: last column %q, want %q", file, got, want)
		}
		if !level.Untyped(s) {
			t.Errorf("%s: text has types", file)
		}
		s.Close()
	}
}
