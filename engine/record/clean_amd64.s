//go:build !purego

#include "textflag.h"

// How long a text must be for each byte of its view to mean something.
DATA cleanNeeds<>+0(SB)/8, $0x0403020100000000
DATA cleanNeeds<>+8(SB)/8, $0x0c0b0a0908070605
GLOBL cleanNeeds<>(SB), RODATA|NOPTR, $16

#define LOW Y15
#define HIGH Y14
#define REFUSED Y13
#define NEEDS Y12
#define ZERO Y11

// Which bytes of two views show that they are not as asked, with the length in each byte of them.
#define LOOK(views, length, outside, means) \
	VPSHUFB ZERO, views, length;     \
	VPMAXUB NEEDS, length, means;    \
	VPCMPEQB length, means, means;   \
	VPMAXUB LOW, views, outside;     \
	VPMINUB HIGH, outside, outside;  \
	VPXOR views, outside, outside;   \
	VPAND means, outside, outside;   \
	VPSHUFB length, REFUSED, length; \
	VPOR length, outside, outside

// func countClean(views *byte, low, high, refused *[16]byte, n int) (count int)
TEXT ·countClean(SB), NOSPLIT, $0-48
	MOVQ views+0(FP), SI
	MOVQ low+8(FP), AX
	MOVQ high+16(FP), BX
	MOVQ refused+24(FP), CX
	VBROADCASTI128 (AX), LOW
	VBROADCASTI128 (BX), HIGH
	VBROADCASTI128 (CX), REFUSED
	VBROADCASTI128 cleanNeeds<>(SB), NEEDS
	VPXOR ZERO, ZERO, ZERO
	MOVQ n+32(FP), CX
	XORQ DX, DX

four:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	LOOK(Y0, Y2, Y3, Y4)
	LOOK(Y1, Y5, Y6, Y7)
	VPOR Y3, Y6, Y3
	VPTEST Y3, Y3
	JNZ done
	ADDQ $64, SI
	ADDQ $4, DX
	CMPQ DX, CX
	JLT four

done:
	VZEROUPPER
	MOVQ DX, count+40(FP)
	RET
