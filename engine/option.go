package engine

import "crosscheck/engine/rule"

// Option says what an OptionError is about: a part of Options or of the levels.
type Option struct {
	List   string // "key", "levels", "fields", "ignore", "carry", "typo", "rosters", "rules" or "memory"; "": nothing that was given
	Index  int    // in the list
	Part   string // of that element: "name", "tolerance", "latest_by", ...; "": the whole
	Column string // of the part "columns": which column of the source
}

// part is a part of an element of a list.
func (o Option) part(name string) Option {
	if o.List != "" {
		o.Part = name
	}
	return o
}

// OptionError is one thing that is wrong with what was asked for, found when the levels were known; it is an ErrOptions.
type OptionError struct {
	Option Option
	Msg    string      // what is wrong, and the nearest right word
	Expr   *rule.Error // what is wrong with the expression of a rule, and where in it; nil for all else
}

// Error says what is wrong.
func (e *OptionError) Error() string { return ErrOptions.Error() + ": " + e.Msg }

// Is tells that it is an ErrOptions.
func (e *OptionError) Is(target error) bool { return target == ErrOptions }
