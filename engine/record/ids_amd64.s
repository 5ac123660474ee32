//go:build !purego

#include "textflag.h"

// A constant of 32 bytes: the same word four times, or the same two twice.
#define FOURTIMES(name, word) \
	DATA name+0(SB)/8, word;  \
	DATA name+8(SB)/8, word;  \
	DATA name+16(SB)/8, word; \
	DATA name+24(SB)/8, word; \
	GLOBL name(SB), RODATA|NOPTR, $32

#define TWICE(name, first, second) \
	DATA name+0(SB)/8, first;   \
	DATA name+8(SB)/8, second;  \
	DATA name+16(SB)/8, first;  \
	DATA name+24(SB)/8, second; \
	GLOBL name(SB), RODATA|NOPTR, $32

// Bytes of digits.
FOURTIMES(idASCII<>, $0x3030303030303030)
FOURTIMES(idNines<>, $0x0909090909090909)
FOURTIMES(idTens<>, $0x010a010a010a010a)                       // 10, 1: digits to pairs
TWICE(idWeights16<>, $0x01020408050a0907, $0x0408050a09070306) // idWeights of the first 16

// Bytes of pairs: the fourth is the century, the sixth the month, the seventh the day.
FOURTIMES(idLeast<>, $0x0001010012000000)
FOURTIMES(idSpan<>, $0xff000bff03ffffff)                       // the most less the least, but of the day
FOURTIMES(idDayAlone<>, $0x8000808080808080)
TWICE(idDays<>, $0x1e1d1e1d1e1b1e00, $0x0000001e1d1e1d1e)      // days of the months 0 to 15, less 1; 29 February is not plain
FOURTIMES(idHundreds<>, $0x0164016401640164)                   // 100, 1
FOURTIMES(idTenThousands<>, $0x0001271000012710)               // 10,000, 1: eight digits in 32 bits, twice

// The first eight digits × 11·10^9 are × 11·5^9·10^0, shifted by 9; the second eight × 110; the last × 11, and the check value.
FOURTIMES(idFirst<>, $21484375)
FOURTIMES(idSecond<>, $110)
FOURTIMES(idLast<>, $0x010b)

// The seventeenth digit and the check character, less ASCII '0'.
FOURTIMES(idCase<>, $0x2020202020202020)
FOURTIMES(idX<>, $0x6800)
FOURTIMES(idTen<>, $0x0a0a0a0a0a0a0a0a)

// A sum of words is a multiple of 11 if times the inverse of 11 modulo 2^16 it is at most 65535/11.
FOURTIMES(idLastWeights<>, $0x0102)
FOURTIMES(idLess1<>, $10)
FOURTIMES(idInverse<>, $0x8ba3)
FOURTIMES(idMultiple<>, $5957)

#define LOW Y15
#define HIGH Y14
#define ZERO Y13
#define DAYS Y12
#define ASCII Y11
#define NINES Y10
#define BAD Y9

// Whether the headers are between the bounds.
#define BETWEEN(headers, outside) \
	VPMAXUD LOW, headers, outside;  \
	VPMINUD HIGH, outside, outside; \
	VPXOR headers, outside, outside

// func packPlain(views *byte, low, high *[4]uint32, base *byte, keys *Key, states *KeyState, n int) (done int)
TEXT ·packPlain(SB), NOSPLIT, $0-64
	MOVQ views+0(FP), SI
	MOVQ low+8(FP), AX
	MOVQ high+16(FP), BX
	MOVQ base+24(FP), R8
	MOVQ keys+32(FP), DI
	MOVQ states+40(FP), R9
	MOVQ n+48(FP), CX
	XORQ DX, DX
	VBROADCASTI128 (AX), LOW
	VBROADCASTI128 (BX), HIGH
	VPXOR ZERO, ZERO, ZERO
	VMOVDQU idDays<>(SB), DAYS
	VMOVDQU idASCII<>(SB), ASCII
	VMOVDQU idNines<>(SB), NINES

four:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	BETWEEN(Y0, Y2)
	BETWEEN(Y1, Y3)
	VPOR Y2, Y3, Y2
	VPTEST Y2, Y2
	JNZ done
	MOVL 12(SI), R10
	MOVL 28(SI), R11
	MOVL 44(SI), R12
	MOVL 60(SI), R13

	// The first 16 characters of the first and the third ID, of the second and the fourth, and the last two of all.
	VMOVDQU (R8)(R10*1), X0
	VINSERTI128 $1, (R8)(R12*1), Y0, Y0
	VMOVDQU (R8)(R11*1), X1
	VINSERTI128 $1, (R8)(R13*1), Y1, Y1
	VMOVDQU 2(R8)(R10*1), X2
	VINSERTI128 $1, 2(R8)(R12*1), Y2, Y2
	VMOVDQU 2(R8)(R11*1), X3
	VINSERTI128 $1, 2(R8)(R13*1), Y3, Y3
	VPUNPCKHQDQ Y3, Y2, Y2
	VPXOR ASCII, Y2, Y2
	VPSRLQ $48, Y2, Y2
	VPXOR ASCII, Y0, Y0
	VPXOR ASCII, Y1, Y1
	VPMAXUB Y0, Y1, BAD
	VPSUBUSB NINES, BAD, BAD

	// X and x are 10.
	VPOR idCase<>(SB), Y2, Y3
	VPCMPEQB idX<>(SB), Y3, Y3
	VPANDN Y2, Y3, Y2
	VPSUBUSB NINES, Y2, Y4
	VPOR Y4, BAD, BAD
	VPAND idTen<>(SB), Y3, Y3
	VPOR Y3, Y2, Y2

	// Pairs of digits, and sums of pairs by weight: eight bytes an ID, the IDs in order.
	VPMADDUBSW idTens<>(SB), Y0, Y3
	VPMADDUBSW idTens<>(SB), Y1, Y4
	VPACKUSWB Y4, Y3, Y3
	VPMADDUBSW idWeights16<>(SB), Y0, Y4
	VPMADDUBSW idWeights16<>(SB), Y1, Y5
	VPACKUSWB Y5, Y4, Y4

	// The birth date.
	VPSUBB idLeast<>(SB), Y3, Y5
	VPSLLQ $8, Y3, Y6
	VPOR idDayAlone<>(SB), Y6, Y6
	VPSHUFB Y6, DAYS, Y6
	VPOR idSpan<>(SB), Y6, Y6
	VPSUBUSB Y6, Y5, Y5
	VPOR Y5, BAD, BAD

	// The check character.
	VPSADBW ZERO, Y4, Y4
	VPMADDUBSW idLastWeights<>(SB), Y2, Y5
	VPADDW Y5, Y4, Y4
	VPADDW idLess1<>(SB), Y4, Y4
	VPMULLW idInverse<>(SB), Y4, Y4
	VPSUBUSW idMultiple<>(SB), Y4, Y4
	VPOR Y4, BAD, BAD
	VPTEST BAD, BAD
	JNZ done

	// The number.
	VPMADDUBSW idHundreds<>(SB), Y3, Y3
	VPMADDWD idTenThousands<>(SB), Y3, Y3
	VPSRLQ $32, Y3, Y4
	VPMULUDQ idFirst<>(SB), Y3, Y3
	VPSLLQ $9, Y3, Y3
	VPMULUDQ idSecond<>(SB), Y4, Y4
	VPMADDUBSW idLast<>(SB), Y2, Y2
	VPADDQ Y4, Y3, Y3
	VPADDQ Y2, Y3, Y3

	VPUNPCKLQDQ ZERO, Y3, Y0
	VPUNPCKHQDQ ZERO, Y3, Y1
	VMOVDQU X0, (DI)
	VMOVDQU X1, 16(DI)
	VEXTRACTI128 $1, Y0, 32(DI)
	VEXTRACTI128 $1, Y1, 48(DI)
	MOVL $0, (R9) // KeyValid
	ADDQ $64, SI
	ADDQ $64, DI
	ADDQ $4, R9
	ADDQ $4, DX
	SUBQ $4, CX
	JA four

done:
	VZEROUPPER
	MOVQ DX, done+56(FP)
	RET
