package record

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

// TestOrder: of two keys the one with the lesser text has no greater number, whether they are what their type says or stand for a text.
func TestOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	plain := withCheck("99010119900307001")
	texts := map[Type][]string{
		Int: {"0", "-0", "-", "--1", "-1", "-10", "-1x", "/", "+", "a", "1", "10", "100", "19", "1x", "1:", "1/", "12345678901234567890", "-12345678901234567890", "99999999999999999999",
			strconv.Itoa(math.MaxInt64), strconv.Itoa(math.MinInt64), strconv.Itoa(math.MaxInt64 - 1), strconv.Itoa(math.MinInt64 + 1), "1000000000000000000", "999999999999999999", "99999999999999999"},
		CNID: {plain, plain[:17], plain[:17] + "Y", plain[:17] + ":", plain[:17] + "/", plain + "0", plain[:16] + "x", plain[:5], "E12345678", "1", "", "00000000000000000X", "99999999999999999X",
			"99999999999999999XX", "99999999999999999Y", "99999999999999999", "999999999999999990", "00000000000000000", "~", "\xff"},
	}
	for range 300 {
		n := random.Int64() >> random.IntN(63)
		texts[Int] = append(texts[Int], strconv.FormatInt(n, 10), strconv.FormatInt(-n, 10))
		b := []byte(plain)
		for range random.IntN(4) {
			b[random.IntN(len(b))] = "0123456789Xx/:-"[random.IntN(15)]
		}
		texts[CNID] = append(texts[CNID], string(b[:len(b)-random.IntN(4)/3*random.IntN(18)]))
	}
	for typ, texts := range texts {
		t.Run(fmt.Sprint(typ), func(t *testing.T) {
			var intern Interner
			packer, text := NewKeyPacker([]Type{typ}, &intern), NewKeyText([]Type{typ}, &intern)
			arr := build(t, arrow.BinaryTypes.String, texts...)
			keys, states := make([]Key, len(texts)), make([]KeyState, len(texts))
			packer.Pack([]arrow.Array{arr}, keys, states)
			for i, a := range keys {
				if x := text.Append(nil, a); typ == Int && states[i] != KeyNone && OrderOfInt(x) != text.Order(a) {
					t.Fatal("an integer and its text have two numbers")
				}
				for j, b := range keys {
					if states[i] == KeyNone || states[j] == KeyNone {
						continue
					}
					x, y := text.Append(nil, a), text.Append(nil, b)
					if bytes.Compare(x, y)*cmp.Compare(text.Order(a), text.Order(b)) < 0 {
						t.Fatal("numbers of integers are not in the order of their texts")
					}
				}
			}
		})
	}
}
