// Package spell finds the name that a misspelt one stands for.
package spell

import "iter"

// far is the number of slips that is too many to explain a difference.
const far = 3

// Nearest gives the one name of names that is so close to a misspelt one that a
// slip of the fingers explains the difference; "" when there is none, or
// several that are as close.
func Nearest(misspelt string, names iter.Seq[string]) string {
	best, found := far, ""
	for name := range names {
		switch d := distance(misspelt, name, best+1); {
		case d < best:
			best, found = d, name
		case d == best:
			found = ""
		}
	}
	if best >= len(misspelt) {
		return "" // nothing is left of the name
	}
	return found
}

// distance is the edit distance of two names, or limit when that is less.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diag := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diag
			if a[i] != b[j] {
				cost++
			}
			diag = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return min(row[len(b)], limit)
}
