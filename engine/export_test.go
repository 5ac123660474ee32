package engine

import "crosscheck/engine/record"

// MaskWeights gives the options with the weights of syndromes cut down to the bits of mask in each half, so that fields have the same.
func MaskWeights(opt Options, mask uint32) Options {
	opt.weights = uint64(mask)<<32 | uint64(mask)
	return opt
}

// ForceSpill gives the options with rows spilled by some ranges of keys, whatever memory there is: with so little for tables and suspects
// that there are many of them where there is 1 byte.
func ForceSpill(opt Options, ranges int, memory int64) Options {
	opt.forceSpill, opt.small, opt.Memory = ranges, true, memory
	return opt
}

// Hold gives the options of ForceSpill with so many bytes for spilled rows that stay in memory.
func Hold(opt Options, bytes int64) Options {
	opt.held = bytes
	return opt
}

// DiskFree gives the options with so many bytes free where rows are spilled.
func DiskFree(opt Options, bytes int64) Options {
	opt.diskFree = bytes
	return opt
}

// Within gives the options with so much memory for what a run keeps of records, which begins in memory.
func Within(opt Options, memory int64) Options {
	opt.small, opt.Memory = true, memory
	return opt
}

// Weaken gives the options with hashes of which so many bits are used, in the first tries of a run that verifies them or, without Exact, at all.
func Weaken(opt Options, values, keys, tries int) Options {
	opt.weak = nil
	for range tries {
		opt.weak = append(opt.weak, record.NewSeed(values, keys))
	}
	if !opt.Exact {
		opt.seed = opt.weak[0]
	}
	return opt
}

// VerifyTries is how many hashes a run with Options.Exact tries.
const VerifyTries = verifyTries
