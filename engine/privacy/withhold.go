package privacy

import "slices"

// Withhold says which counts of a list are not to be public where their sum is, or may be found out: those that are above zero and below
// least (primary suppression), those that withheld says, and as many of the smallest others as it takes for none of these to follow from
// the sum less what is shown (complementary suppression, Cox 1980): there are two or more that are withheld, and together they are
// at least least-1, so that each of the small ones could be anything from 0 to least-1. Zeros are shown: they say that there is
// nothing to know, and hiding them would hide nothing.
//
// It is what [Counts.Protect] does for one list with a known sum, in linear time: a carried column may have 65,536 values.
//
// total says that there are not enough others for that, so that the sum must be withheld as well; all counts above zero then are.
// The result depends on the counts alone: equal ones are withheld from the front.
func Withhold(counts []int64, withheld []bool, least int64) (hidden []bool, total bool) {
	hidden = make([]bool, len(counts))
	number, sum := 0, int64(0)
	for i, n := range counts {
		if n > 0 && n < least || withheld != nil && withheld[i] {
			hidden[i] = true
			number++
			sum += n
		}
	}
	if number == 0 {
		return hidden, false
	}
	others := make([]int, 0, len(counts))
	for i, n := range counts {
		if n > 0 && !hidden[i] {
			others = append(others, i)
		}
	}
	slices.SortStableFunc(others, func(a, b int) int {
		switch {
		case counts[a] < counts[b]:
			return -1
		case counts[a] > counts[b]:
			return 1
		}
		return 0
	})
	for _, i := range others {
		if number >= 2 && sum >= least-1 {
			return hidden, false
		}
		hidden[i] = true
		number++
		sum += counts[i]
	}
	return hidden, number < 2 || sum < least-1
}
