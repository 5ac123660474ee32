// Package secret holds values that must not get out by being printed: keys of records, keys of pseudonyms, what a person typed. However a
// [Value] is formatted, logged, encoded or wrapped in an error or in another struct, it comes out as [redacted] or, where fmt may not call
// its methods (a field that is not exported), as an address.
//
// The columns of a run are not held in it: they are byte slices in structs that nobody prints, of which there are millions.
package secret

import (
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what a secret prints as.
const Redacted = "[redacted]"

// Value is something that never prints. The zero Value holds the zero T. Copies share what they hold.
type Value[T any] struct{ held func() T } // fmt has nothing but an address to print of a function; a pointer it follows where a verb is wrong

var (
	_ fmt.Formatter          = Value[int]{}
	_ fmt.Stringer           = Value[int]{}
	_ fmt.GoStringer         = Value[int]{}
	_ json.Marshaler         = Value[int]{}
	_ encoding.TextMarshaler = Value[int]{}
	_ slog.LogValuer         = Value[int]{}
)

// New holds a value.
func New[T any](v T) Value[T] { return Value[T]{held: func() T { return v }} }

// Reveal gives what is held. It is for those who compute with it.
func (v Value[T]) Reveal() (held T) {
	if v.held != nil {
		held = v.held()
	}
	return held
}

// Format implements fmt.Formatter for every verb.
func (v Value[T]) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, Redacted) }

// String implements fmt.Stringer.
func (v Value[T]) String() string { return Redacted }

// GoString implements fmt.GoStringer.
func (v Value[T]) GoString() string { return Redacted }

// MarshalJSON implements json.Marshaler.
func (v Value[T]) MarshalJSON() ([]byte, error) { return []byte(`"` + Redacted + `"`), nil }

// MarshalText implements encoding.TextMarshaler.
func (v Value[T]) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// LogValue implements slog.LogValuer.
func (v Value[T]) LogValue() slog.Value { return slog.StringValue(Redacted) }
