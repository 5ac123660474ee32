//go:build !purego

package snappy

import "golang.org/x/sys/cpu"

// fast tells whether this processor has the instructions of these steps.
var fast = cpu.X86.HasAVX2 && cpu.X86.HasBMI2

// stepThree decodes n elements of each lane, n > 0, or fewer: it stops at an element that it does not know, a long literal or a
// corrupt one, and gives 1 if it is of lane a, 2 of lane b, 3 of lane c, else 0. Each lane has
// room for n elements: Slack bytes of input and as many of output each. The table is &near.
//
//go:noescape
func stepThree(a, b, c *lane, table *steps, n int) (stopped int)

// stepEnds is stepThree until a lane is at its end, or beyond, or stops; it gives which.
//
//go:noescape
func stepEnds(a, b, c *lane, table *steps) (stopped int)

// stepTwo is stepThree of two lanes.
//
//go:noescape
func stepTwo(a, b *lane, table *steps, n int) (stopped int)

// stepOne is stepThree of one lane.
//
//go:noescape
func stepOne(a *lane, table *steps, n int) (stopped int)

// stepThreeFar is stepThree for blocks that have offsets of four bytes, a little slower. The table is &far.
//
//go:noescape
func stepThreeFar(a, b, c *lane, table *steps, n int) (stopped int)

// stepTwoFar is stepThreeFar of two lanes.
//
//go:noescape
func stepTwoFar(a, b *lane, table *steps, n int) (stopped int)

// stepOneFar is stepThreeFar of one lane.
//
//go:noescape
func stepOneFar(a *lane, table *steps, n int) (stopped int)
