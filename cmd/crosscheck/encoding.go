package main

import (
	"fmt"
	"slices"
	"strings"

	"crosscheck/engine/job"
	"crosscheck/engine/nearest"
	"crosscheck/loaders"

	"github.com/spf13/cobra"
)

// flagEncoding adds the flag by which a command line says the encodings of levels.
func flagEncoding(c *cobra.Command, to *[]string) {
	c.Flags().StringSliceVar(to, "encoding", nil, "encoding of CSV files, as NAME=gb18030 for a level or gb18030 for all: "+strings.Join(loaders.Encodings(), ", ")+" (default utf-8, or what a byte order mark says)")
	mustComplete(c, "encoding", loaders.Encodings()...)
}

// setEncodings gives the levels the encodings that --encoding says.
func setEncodings(levels []job.Level, said []string) error {
	for _, s := range said {
		name, encoding, one := strings.Cut(s, "=")
		if !one {
			name, encoding = "", s
		}
		encoding = strings.ToLower(encoding)
		if !slices.Contains(loaders.Encodings(), encoding) {
			return usagef("--encoding %s: unknown encoding %q%s", s, encoding, orNearest(encoding, loaders.Encodings()))
		}
		var names []string
		found := false
		for i := range levels {
			names = append(names, levels[i].Name)
			if !one || levels[i].Name == name {
				levels[i].Encoding, found = encoding, true
			}
		}
		if !found {
			return usagef("--encoding %s: there is no level %q%s", s, name, orNearest(name, names))
		}
	}
	return nil
}

// orNearest says which of the words was probably meant, or what they are.
func orNearest(word string, words []string) string {
	if near := nearest.Name(word, words); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return "; it can be " + strings.Join(words, ", ")
}
