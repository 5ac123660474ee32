package engine

// MaskSignatures gives the options with the fields' signatures cut down to the bits of mask, so that they collide.
func MaskSignatures(opt Options, mask uint16) Options {
	opt.signatures = mask
	return opt
}
