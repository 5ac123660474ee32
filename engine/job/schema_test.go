package job

import (
	"strings"
	"testing"

	"crosscheck/loaders"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// agreement gives a check that a schema and a parser accept a text, or that neither does.
func agreement(t *testing.T, schema string, parse func(src []byte) error) func(t *testing.T, src string, want bool) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T, src string, want bool) {
		t.Helper()
		json, err := yaml.YAMLToJSON([]byte(src))
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(json)))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(value); (err == nil) != want {
			t.Errorf("the schema: %v, want accepted = %v\n%s", err, want, src)
		}
		if err := parse([]byte(src)); (err == nil) != want {
			t.Errorf("the parser: %v, want accepted = %v\n%s", err, want, src)
		}
	}
}

// TestSchema holds the published schema and Parse to the same answer.
func TestSchema(t *testing.T) {
	check := agreement(t, Schema(), func(src []byte) error {
		_, err := Parse("job.yaml", src, env)
		return err
	})
	const head, levels = "job: j\nkey: id\n", "levels: {a: {path: a.csv}, b: {path: b.csv}}\n"
	const staff = head + levels + "rosters: {staff: {path: s.csv}}\n"
	level := func(settings string) string { return head + "levels: {a: {path: a.csv}, b: {" + settings + "}}\n" }
	for _, src := range []string{
		strings.Replace(whole, "1e-2", "0.01", 1),
		head + levels,
		"job: a b.c-d_1\nkey: [a, {column: b, type: cn_id}]\n" + levels,
		"job: ${NAME}\nkey: id\n" + levels,
		"job: j\nkey: [{column: a, type: cn_id, regions: strict}, {column: b, regions: any, type: cn_id}]\n" + levels,
		head + levels + "workers: 1\ncache: true\n",
		head + levels + "waivers: waivers.yaml\n",
		head + levels + "key_typo: {agree: [name, birth_date]}\n",
		head + levels + "workers: 2.0\n",
		head + levels + "workers: 1024\n",
		head + levels + "ignore: []\ngates: []\nreports: {}\n",
		head + levels + "reports: {dir: \"${DATA}/x\", carry: []}\n",
		head + levels + "reports: {dir: a$b}\n",
		head + levels + "gates: [{metric: missing_rate, max: 0, level: b}, {max: 1, metric: mismatch_rate}]\n",
		head + levels + "gates: [{metric: new_mismatches, max_change: 0.5}, {metric: new_mismatches, max: 10, max_change: 2}]\n",
		head + levels + "gates: [{metric: rows, level: a, min_change: -0.2, before: publish}, {metric: records, min: 10, max: 20, min_change: -1, max_change: 0.5}]\n",
		head + levels + "gates: [{metric: age, level: b, max_age: 36h}, {metric: age, max_age: 2d, before: publish}]\n",
		staff + "gates: [{metric: not_covered_rate, max: 0.1}, {metric: not_covered_rate, roster: staff, max: 1, before: publish}]\n",
		head + levels + "rosters: {staff: {path: s.csv, group: firm}}\ngates: [{metric: not_covered_rate, group: F1, max: 0.1}]\n",
		head + levels + "notify: {webhook: 'https://hooks.example/x?y'}\nlineage: {file: events.jsonl}\n",
		head + levels + "notify: {webhook: {command: [pass, hook]}, on: [gate]}\nlineage: {url: {command: [pass]}, namespace: n}\n",
		head + levels + "notify: {on: [failure, gate], webhook: 'http://h'}\n",
		head + levels + "fields: [{name: a, type: decimal}, b]\n",
		head + levels + "fields: [{name: a, type: decimal, tolerance: 0.05}, {name: b, type: timestamp, tolerance: 1s}, {name: c, tolerance: 1%}, {name: d, type: date, tolerance: 2}]\n",
		head + levels + "fields: [{name: a, normalize: [trim, width, nfc], null_values: ['', '无', '-'], map: {'男': M, F: '女'}, ignore_null: true}]\n",
		head + levels + "fields: [{name: a, normalize: []}, {name: b, list: ','}, {name: c, type: date, formats: ['2006/1/2', '20060102']}]\n",
		head + levels + "privacy: {}\n",
		head + levels + "privacy: {pseudonym_key: {file: \"${DATA}/key\"}, rotate_from: k0123456789av, min_cell: 5, lookups_per_hour: 20}\n",
		head + levels + "privacy: {pseudonym_key: {env: PSEUDONYM_KEY}, classes: {a: name, b: none}, tiers: {}}\n",
		head + levels + "privacy: {pseudonym_key: {command: [vault, '${x', '']}, tiers: {internal: {name: full, none: masked, resident_id: hidden}}}\n",
		head + levels + "privacy: {encrypt: {recipients: age16ms6adznk77zj6gpq662ntkjyh5nwz3ad5sg8eaamh4qz6cn7uzslc325l}}\n",
		head + levels + "privacy: {encrypt: {recipients: [age16ms6adznk77zj6gpq662ntkjyh5nwz3ad5sg8eaamh4qz6cn7uzslc325l, of.txt, \"${DATA}/of.txt\"], identity: none}}\n",
		head + levels + "privacy: {encrypt: {recipients: of.txt, identity: {command: [pass, identity]}}}\n",
		head + levels + "cache: false\nprivacy: {encrypt: {recipients: of.txt}}\n",
		head + levels + "privacy: {tiers: {restricted: {owner: root, group: '0'}, internal: {group: root, name: full}, public: {}}}\n",
		head + levels + "rosters: {}\nrules: []\n",
		head + levels + "rosters: {staff: {path: s.csv, key: id2, group: firm, levels: [a]}, others: {path: [s.csv], key: [id2], columns: {x: y}}}\n",
		staff + "rules: [{name: t, kind: overdue, level: a, field: f, roster: staff, max_age: 72h}]\n",
		staff + "rules: [{name: t, kind: overdue, level: a, field: f, roster: staff, max_age: 1.5d}, {name: u, kind: overdue, level: a, field: f, roster: staff, cadence: weekly}]\n",
		staff + "rules: [{name: t, kind: inconsistent, field: f, against: sex}, {name: u, kind: inconsistent, field: f, level: a, against: birth_date}]\n",
		staff + "rules: [{name: t, level: a, expr: 'x > 2'}, {name: u, kind: expr, level: b, expr: \"x == nil or $env['a b'] == '${'\"}]\n",
		level("path: [a, b], format: csv, encoding: utf-8, delimiter: ';', null_values: [], columns: {}"),
		level("path: a, latest_by: x") + "latest_by: y\n",
		level(`path: a, delimiter: "\t", null_values: ["", "${"]`),
	} {
		check(t, src, true)
	}
	for _, e := range loaders.Encodings() {
		check(t, level("path: a, encoding: "+e), true)
	}
	for _, src := range []string{
		"[]", "text", "{}",
		"job: j\nkey: id\n",
		"job: j\n" + levels,
		"key: id\n" + levels,
		"job: ''\nkey: id\n" + levels,
		head + levels + "privacy: {encrypt: {}}\n",
		head + levels + "cache: true\nprivacy: {encrypt: {recipients: of.txt}}\n",
		head + levels + "privacy: {tiers: {restricted: {name: full}}}\n",
		head + levels + "privacy: {tiers: {public: {owner: 5}}}\n",
		head + levels + "privacy: {tiers: {public: {owner: ''}}}\n",
		head + levels + "privacy: {encrypt: {recipients: []}}\n",
		head + levels + "privacy: {encrypt: {recipients: [1]}}\n",
		head + levels + "privacy: {encrypt: {recipients: of.txt, identity: some}}\n",
		head + levels + "privacy: {encrypt: {recipients: of.txt, identity: {}}}\n",
		head + levels + "privacy: {encrypt: {recipients: of.txt, identity: {file: a, env: B}}}\n",
		head + levels + "privacy: {encrypt: {recipients: of.txt, identities: none}}\n",
		"job: 1\nkey: id\n" + levels,
		"job: -x\nkey: id\n" + levels,
		"job: \"a\\nb\"\nkey: id\n" + levels,
		"job: j\nkey: []\n" + levels,
		"job: j\nkey: 5\n" + levels,
		"job: j\nkey: {}\n" + levels,
		"job: j\nkey: {column: a, type: date}\n" + levels,
		"job: j\nkey: {column: a, typ: cn_id}\n" + levels,
		"job: j\nkey: {column: a, regions: strict}\n" + levels,
		"job: j\nkey: {column: a, type: string, regions: strict}\n" + levels,
		"job: j\nkey: {column: a, type: cn_id, regions: some}\n" + levels,
		"job: j\nkey: [a, a]\n" + levels,
		head + "levels: [a, b]\n",
		head + "levels: {a: {path: a.csv}}\n",
		head + "levels: {a: {path: a.csv}, b-c: {path: b.csv}}\n",
		head + "levels: {a: {path: a.csv}, b: b.csv}\n",
		head + "levels: {" + strings.Repeat("x", 65) + ": {path: a.csv}, b: {path: b.csv}}\n",
		head + levels + "unknown: 1\n",
		head + levels + "rosters: []\n",
		head + levels + "rosters: {staff: {key: id2}}\n",
		head + levels + "rosters: {'a/b': {path: s.csv}}\n",
		head + levels + "rosters: {staff: {path: s.csv, key: []}}\n",
		head + levels + "rosters: {staff: {path: s.csv, levels: []}}\n",
		head + levels + "rosters: {staff: {path: s.csv, groups: firm}}\n",
		staff + "rules: [{kind: overdue, level: a, field: f, roster: staff, max_age: 72h}]\n",
		staff + "rules: [{name: t, level: a, field: f, roster: staff, max_age: 72h}]\n",
		staff + "rules: [{name: t, kind: overdue, level: a, field: f, roster: staff}]\n",
		staff + "rules: [{name: t, kind: overdue, level: a, field: f, roster: staff, max_age: 1h, cadence: daily}]\n",
		staff + "rules: [{name: t, kind: overdue, level: a, field: f, roster: staff, max_age: 72}]\n",
		staff + "rules: [{name: t, kind: overdue, level: a, field: f, roster: staff, max_age: soon}]\n",
		staff + "rules: [{name: t, kind: overdue, level: a, field: f, roster: staff, cadence: hourly}]\n",
		staff + "rules: [{name: t, kind: overdue, level: a, field: f, roster: staff, max_age: 1h, expr: a}]\n",
		staff + "rules: [{name: t, kind: inconsistent, field: f}]\n",
		staff + "rules: [{name: t, kind: inconsistent, field: f, against: age}]\n",
		staff + "rules: [{name: t, kind: inconsistent, field: f, against: sex, roster: staff}]\n",
		staff + "rules: [{name: t, expr: a}]\n",
		staff + "rules: [{name: t, level: a, expr: ' '}]\n",
		staff + "rules: [{name: t, level: a, kind: late}]\n",
		staff + "rules: {}\n",
		head + levels + "privacy: {pseudonym_key: /etc/key}\n",
		head + levels + "privacy: {pseudonym_key: {}}\n",
		head + levels + "privacy: {pseudonym_key: {file: a, env: B}}\n",
		head + levels + "privacy: {pseudonym_key: {file: ''}}\n",
		head + levels + "privacy: {pseudonym_key: {env: a-b}}\n",
		head + levels + "privacy: {pseudonym_key: {env: ''}}\n",
		head + levels + "privacy: {pseudonym_key: {command: []}}\n",
		head + levels + "privacy: {pseudonym_key: {command: ['', a]}}\n",
		head + levels + "privacy: {pseudonym_key: {command: vault}}\n",
		head + levels + "privacy: {rotate_from: yesterday}\n",
		head + levels + "privacy: {rotate_from: ''}\n",
		head + levels + "privacy: {classes: {a: nam}}\n",
		head + levels + "privacy: {classes: [a]}\n",
		head + levels + "privacy: {tiers: {public: {name: full}}}\n",
		head + levels + "privacy: {tiers: {internal: {name: counted}}}\n",
		head + levels + "privacy: {tiers: {internal: {resident_id: full}}}\n",
		head + levels + "privacy: {tiers: {internal: {person: full}}}\n",
		head + levels + "privacy: {min_cell: 1}\n",
		head + levels + "privacy: {min_cell: 2.5}\n",
		head + levels + "privacy: {lookups_per_hour: 0}\n",
		head + levels + "privacy: {lookups_per_hour: 1.5}\n",
		head + levels + "waivers: ''\n",
		head + levels + "waivers: [w.yaml]\n",
		head + levels + "workers: 0\n",
		head + levels + "key_typo: {agree: []}\n",
		head + levels + "key_typo: {}\n",
		head + levels + "key_typo: [name]\n",
		head + levels + "workers: 1025\n",
		head + levels + "workers: 1.5\n",
		head + levels + "workers: \"4\"\n",
		head + levels + "fields: []\n",
		head + levels + "fields: {a: b}\n",
		head + levels + "fields: [1]\n",
		head + levels + "fields: [a, a]\n",
		head + levels + "fields: [{name: a, tolerance: [1]}]\n",
		head + levels + "fields: [{name: a, normalize: [trimm]}]\n",
		head + levels + "fields: [{name: a, normalize: trim}]\n",
		head + levels + "fields: [{name: a, formats: '2006'}]\n",
		head + levels + "fields: [{name: a, ignore_null: 1}]\n",
		head + levels + "fields: [{name: a, null_values: [1]}]\n",
		head + levels + "fields: [{name: a, map: [x]}]\n",
		head + levels + "fields: [{name: a, list: ''}]\n",
		head + levels + "fields: [{name: a, type: text}]\n",
		head + levels + "ignore: a\n",
		head + levels + "ignore: ['']\n",
		head + levels + "reports: out\n",
		head + levels + "reports: {dir: ''}\n",
		head + levels + "reports: {dir: 'a/${}'}\n",
		head + levels + "reports: {dir: 'a/${b'}\n",
		head + levels + "reports: {directory: a}\n",
		head + levels + "gates: {metric: missing_rate, max: 0}\n",
		head + levels + "gates: [{metric: missing_rate}]\n",
		head + levels + "cache: 1\n",
		head + levels + "notify: {}\n",
		head + levels + "notify: {webhook: hooks.example}\n",
		head + levels + "notify: {webhook: {}}\n",
		head + levels + "notify: {webhook: {command: []}}\n",
		head + levels + "notify: {webhook: 'http://h', on: []}\n",
		head + levels + "notify: {webhook: 'http://h', on: [gate, gate]}\n",
		head + levels + "notify: {webhook: 'http://h', on: [never]}\n",
		head + levels + "lineage: {}\n",
		head + levels + "lineage: {namespace: n}\n",
		head + levels + "lineage: {url: x}\n",
		staff + "gates: [{metric: not_covered_rate}]\n",
		staff + "gates: [{metric: not_covered_rate, max: 2}]\n",
		staff + "gates: [{metric: not_covered_rate, max: 1, level: a}]\n",
		staff + "gates: [{metric: mismatch_rate, max: 1, roster: staff}]\n",
		staff + "gates: [{metric: rows, min: 1, group: x}]\n",
		head + levels + "gates: [{max: 0.1}]\n",
		head + levels + "gates: [{metric: missing_rate, max: 1.1}]\n",
		head + levels + "gates: [{metric: missing_rate, max: -0.1}]\n",
		head + levels + "gates: [{metric: missing_rate, max: '0.1'}]\n",
		head + levels + "gates: [{metric: mismatch_rate, max: 0.1, level: a}]\n",
		head + levels + "gates: [{metric: new_mismatches, max: 10, level: a}]\n",
		head + levels + "gates: [{metric: new_mismatches, min: 10}]\n",
		head + levels + "gates: [{metric: new_mismatches}]\n",
		head + levels + "gates: [{metric: rows, level: a}]\n",
		head + levels + "gates: [{metric: rows, min_change: 0.2}]\n",
		head + levels + "gates: [{metric: rows, max_change: -0.2}]\n",
		head + levels + "gates: [{metric: records, max_age: 2d}]\n",
		head + levels + "gates: [{metric: age, max: 3}]\n",
		head + levels + "gates: [{metric: age, max_age: soon}]\n",
		head + levels + "gates: [{metric: age, max_age: 2d, before: reading}]\n",
		head + levels + "gates: [{metric: mismatch_rate, max: 0.1, max_change: 0.5}]\n",
		level("path: []"), level("path: ''"), level("path: 7"), level("path: [a, 7]"), level("format: csv"),
		level("path: a, format: xlsx"), level("path: a, encoding: latin1"), level("path: a, encoding: GB18030"), level("path: a, delimiter: ''"),
		level("path: a, delimiter: ',,'"), level("path: a, delimiter: '，'"), level(`path: a, delimiter: '"'`), level(`path: a, delimiter: "\n"`),
		level("path: a, null_values: NA"), level("path: a, null_values: [0]"), level("path: a, columns: [a]"),
		level("path: a, columns: {a: 1}"), level("path: a, columns: {a: ''}"), level("path: a, latest_by: ''"),
	} {
		check(t, src, false)
	}
}
