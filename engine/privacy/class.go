package privacy

import (
	"fmt"
	"slices"
)

// Class is what a sensitive column holds. Its text is the word for it in a job file, but for None, whose word is "none".
type Class string

// The classes. None is a column that holds nothing sensitive, or of which that is not known.
const (
	None       Class = ""
	ResidentID Class = "resident_id"
	BankCard   Class = "bank_card"
	Phone      Class = "phone"
	Email      Class = "email"
	Address    Class = "address"
	Name       Class = "name"
	Health     Class = "health" // what a person has, was tested for or was given
	Other      Class = "other"  // anything else that is about a person
)

// Classes lists all classes in the order in which they are told, None last.
func Classes() []Class {
	return []Class{ResidentID, BankCard, Phone, Email, Address, Name, Health, Other, None}
}

// Word gives the class as a job file has it.
func (c Class) Word() string {
	if c == None {
		return "none"
	}
	return string(c)
}

// String gives the class as a person reads it.
func (c Class) String() string {
	switch c {
	case ResidentID:
		return "resident ID"
	case BankCard:
		return "bank card"
	case Email:
		return "e-mail"
	}
	return c.Word()
}

// ParseClass gives the class of a word.
func ParseClass(word string) (Class, error) {
	for _, c := range Classes() {
		if c.Word() == word {
			return c, nil
		}
	}
	return None, fmt.Errorf("there is no class %q", word)
}

// Tier is who may read an output.
type Tier string

// The tiers, the narrowest first.
const (
	Restricted Tier = "restricted"
	Internal   Tier = "internal"
	Public     Tier = "public"
)

// Tiers lists the tiers, the narrowest first.
func Tiers() []Tier { return []Tier{Restricted, Internal, Public} }

// Show is how a tier shows the values of a class.
type Show string

// The ways to show a value.
const (
	Full    Show = "full"    // as the level holds it
	Masked  Show = "masked"  // as AppendMasked leaves it, with a tag that tells it from others of its finding
	Hidden  Show = "hidden"  // null, like a value that is not there
	Counted Show = "counted" // not at all: the column takes part in counts
)

// Policy says how the internal tier shows each class; a class that it leaves out is shown as by default. The other tiers are not open to
// choice: restricted shows all in full, public nothing but counts.
type Policy map[Class]Show

// Show says how a tier shows a class. By default the internal tier masks whatever is sensitive and shows the rest.
func (p Policy) Show(c Class, t Tier) Show {
	switch t {
	case Restricted:
		return Full
	case Public:
		return Counted
	}
	if s, ok := p[c]; ok {
		return s
	}
	if c == None {
		return Full
	}
	return Masked
}

// Choices lists how a class may be shown in the internal tier: a resident ID never in full, beside pseudonyms that hide it.
func (c Class) Choices() []Show {
	if c == ResidentID {
		return []Show{Masked, Hidden}
	}
	return []Show{Full, Masked, Hidden}
}

// Allows says whether a class may be shown so in the internal tier.
func (c Class) Allows(s Show) bool { return slices.Contains(c.Choices(), s) }

// Treatment is how a column is treated in the internal tier.
type Treatment struct {
	Class Class
	Show  Show // Full, Masked or Hidden
	// Guarded says that nobody vouches for the column: it is shown in full since nothing sensitive was found in it, so a value in it that
	// looks like an identifier is masked all the same. Such values come with columns that slipped, and with free text.
	Guarded bool
}

// Stricter gives the one of two treatments that shows less.
func Stricter(a, b Treatment) Treatment {
	rank := func(t Treatment) int { return slices.Index([]Show{Full, Masked, Hidden}, t.Show) }
	switch {
	case rank(a) > rank(b), rank(a) == rank(b) && a.Guarded:
		return a
	case rank(a) == rank(b) && a.Show == Masked && a.Class != b.Class:
		return Treatment{Class: Other, Show: Masked}
	}
	return b
}
