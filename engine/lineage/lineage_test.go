package lineage

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// shape says what the specification requires of an event, in the least words: every facet names its producer and its schema.
const shape = `{
  "type": "object",
  "required": ["eventType", "eventTime", "producer", "schemaURL", "run", "job"],
  "additionalProperties": false,
  "properties": {
    "eventType": {"enum": ["START", "COMPLETE", "FAIL", "ABORT"]},
    "eventTime": {"type": "string", "format": "date-time"},
    "producer": {"type": "string", "format": "uri"},
    "schemaURL": {"const": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"},
    "run": {"type": "object", "required": ["runId"], "additionalProperties": false,
      "properties": {"runId": {"type": "string", "format": "uuid"}, "facets": {"$ref": "#/$defs/facets"}}},
    "job": {"type": "object", "required": ["namespace", "name"], "additionalProperties": false,
      "properties": {"namespace": {"type": "string", "minLength": 1}, "name": {"type": "string", "minLength": 1}, "facets": {"$ref": "#/$defs/facets"}}},
    "inputs": {"type": "array", "items": {"$ref": "#/$defs/dataset"}},
    "outputs": {"type": "array", "items": {"$ref": "#/$defs/dataset"}}
  },
  "$defs": {
    "dataset": {"type": "object", "required": ["namespace", "name"], "additionalProperties": false,
      "properties": {"namespace": {"const": "file"}, "name": {"type": "string", "pattern": "^/"}, "facets": {"$ref": "#/$defs/facets"},
        "inputFacets": {"$ref": "#/$defs/facets"}, "outputFacets": {"$ref": "#/$defs/facets"}}},
    "facets": {"type": "object", "additionalProperties": {"type": "object", "required": ["_producer", "_schemaURL"],
      "properties": {"_producer": {"type": "string", "format": "uri"}, "_schemaURL": {"type": "string", "format": "uri", "pattern": "^https://openlineage.io/spec/facets/[0-9]-[0-9]-[0-9]/[A-Za-z]+Facet.json#/\\$defs/[A-Za-z]+Facet$"}}}}
  }
}`

// compiled gives a compiler with the published schemas of a folder, if the environment names one: OpenLineage.json and facets/*.json.
func compiled(t *testing.T) (c *jsonschema.Compiler, published bool) {
	t.Helper()
	c = jsonschema.NewCompiler()
	c.AssertFormat()
	add := func(url string, text []byte) {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
		if err == nil {
			if of, ok := doc.(map[string]any); ok && url == "" {
				url = of["$id"].(string)
			}
			err = c.AddResource(url, doc)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	add("shape.json", []byte(shape))
	dir := os.Getenv("OPENLINEAGE_SPEC")
	if dir == "" {
		return c, false
	}
	facets, err := filepath.Glob(filepath.Join(dir, "facets", "*.json"))
	if err != nil || len(facets) == 0 {
		t.Fatalf("%s has no facets, %v", dir, err)
	}
	for _, file := range append(facets, filepath.Join(dir, "OpenLineage.json")) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		add("", text)
	}
	return c, true
}

// TestEvents holds all events to the shape and, where OPENLINEAGE_SPEC names a folder with the published schemas, events and facets to those.
func TestEvents(t *testing.T) {
	c, published := compiled(t)
	check := func(schema string, value any) {
		t.Helper()
		s, err := c.Compile(schema)
		if err == nil {
			err = s.Validate(value)
		}
		if err != nil {
			t.Errorf("%s: %v", schema, err)
		}
	}
	source := &Source{Version: "v1.2.3", Namespace: "nightly", Job: "residents", RunID: "0199e5a4-4b60-4b3e-8f6a-0f3c2f6d1a55", Night: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
	rows := int64(7)
	inputs := []Dataset{source.Input("/data/city.parquet", []Column{{"id", "utf8"}, {"born", "date32"}}, 10, 1000, 1), source.Input("/data", nil, 0, 0, 0)}
	outputs := []Dataset{source.Output("/reports/restricted/mismatches", nil), source.Output("/reports/public/runs", &rows)}
	failed := source.Event(Fail, time.Now(), inputs, nil)
	source.Failed(failed, "an input is missing")
	for _, e := range []*Event{source.Event(Start, time.Now(), nil, nil), source.Event(Complete, time.Now(), inputs, outputs), failed, source.Event(Abort, time.Now(), inputs, nil)} {
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		check("shape.json", value)
		facets := 0
		eachFacet(value, func(name string, facet map[string]any) {
			facets++
			if published {
				check(facet["_schemaURL"].(string), facet)
				holder, _, _ := strings.Cut(facet["_schemaURL"].(string), "#")
				check(holder, map[string]any{name: facet})
			}
		})
		if facets < 3 {
			t.Errorf("%s has %d facets", e.Type, facets)
		}
		if published {
			check(e.SchemaURL, value)
		}
	}
	// That the shape finds a fault.
	s, err := c.Compile("shape.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(map[string]any{"eventType": "START"}); err == nil {
		t.Error("the shape accepts an event without a run")
	}
}

// eachFacet calls do with every facet of an event.
func eachFacet(value any, do func(name string, facet map[string]any)) {
	switch v := value.(type) {
	case []any:
		for _, x := range v {
			eachFacet(x, do)
		}
	case map[string]any:
		for key, x := range v {
			if facets, ok := x.(map[string]any); ok && strings.HasSuffix(strings.ToLower(key), "facets") {
				for name, facet := range facets {
					do(name, facet.(map[string]any))
				}
				continue
			}
			eachFacet(x, do)
		}
	}
}
