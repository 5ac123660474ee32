// Package nearest finds the name that was probably meant: of a column, a key of the job file, a file.
package nearest

import "strings"

// Name gives the one of the names that is most like word, whatever their case, or "" if none is near enough.
func Name(word string, names []string) string {
	best, distance := "", len([]rune(word))/3+2
	for _, n := range names {
		if d := edits(strings.ToLower(word), strings.ToLower(n)); d < distance {
			best, distance = n, d
		}
	}
	return best
}

// edits counts the characters to insert, drop, replace or swap with their neighbour to get from a to b (optimal string
// alignment, after Damerau and Levenshtein).
func edits(a, b string) int {
	s, t := []rune(a), []rune(b)
	var before, last []int // the two rows above
	for i := range len(s) + 1 {
		row := make([]int, len(t)+1)
		for j := range row {
			switch {
			case i == 0 || j == 0:
				row[j] = i + j
			case s[i-1] == t[j-1]:
				row[j] = last[j-1]
			default:
				row[j] = 1 + min(last[j], row[j-1], last[j-1])
				if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
					row[j] = min(row[j], before[j-2]+1)
				}
			}
		}
		before, last = last, row
	}
	return last[len(t)]
}
