package job

import _ "embed"

//go:embed job.schema.json
var schema string

// Schema is the JSON Schema (draft 2020-12) of the job file. It accepts what Load accepts, as far as one value alone can tell: that
// a gate's level exists, that names do not repeat and that variables are set is for Load to find.
func Schema() string { return schema }

//go:embed waivers.schema.json
var waiverSchema string

// WaiverSchema is the JSON Schema of the waiver file. What the job must have, such as the levels and fields that a waiver names, that
// a date exists and that a regular expression is sound is for Load and CheckWaivers to find.
func WaiverSchema() string { return waiverSchema }
