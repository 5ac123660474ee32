//go:build !amd64 || purego

package snappy

// fast: there are no steps for this processor.
const fast = false

func stepThree(a, b, c *lane, table *steps, n int) (stopped int) { return 0 }

func stepEnds(a, b, c *lane, table *steps) (stopped int) { return 0 }

func stepTwo(a, b *lane, table *steps, n int) (stopped int) { return 0 }

func stepOne(a *lane, table *steps, n int) (stopped int) { return 0 }

func stepThreeFar(a, b, c *lane, table *steps, n int) (stopped int) { return 0 }

func stepTwoFar(a, b *lane, table *steps, n int) (stopped int) { return 0 }

func stepOneFar(a *lane, table *steps, n int) (stopped int) { return 0 }
