package loaders

import (
	"crosscheck/loaders/csvio"
)

// Encodings are the values of Spec.Encoding beside "".
func Encodings() []string { return csvio.Encodings() }

// Likely gives the encoding that must be said for the text files of spec to be read, going by what they look like: "" where none
// needs to be, since they are UTF-8, tell it themselves or are of another sort of format, and where they look like nothing known.
// Errors are left for Open to find.
func Likely(spec Spec) string {
	paths, err := expand(spec.Paths, spec.Format)
	if err != nil {
		return ""
	}
	if f, err := formatOf(paths, spec.Format); err != nil || !f.text {
		return ""
	}
	for _, p := range paths {
		if name, err := csvio.Sniff(p); err == nil && name != "" && name != "utf-8" {
			return name
		}
	}
	return ""
}
