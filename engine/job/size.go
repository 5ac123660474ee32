package job

import (
	"fmt"
	"math"

	"github.com/dustin/go-humanize"
)

// ParseSize reads a number of bytes as a person writes it: 4GiB, 500 MB, 1073741824.
func ParseSize(text string) (int64, error) {
	n, err := humanize.ParseBytes(text)
	if err != nil || n == 0 || n > math.MaxInt64 {
		return 0, fmt.Errorf("%q is no size; write it as 4GiB or 500MB", text)
	}
	return int64(n), nil
}
