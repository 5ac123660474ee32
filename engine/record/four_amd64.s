//go:build !purego

#include "textflag.h"

// The bits of a byte.
DATA ·bitsOf+0(SB)/8, $1
DATA ·bitsOf+8(SB)/8, $2
DATA ·bitsOf+16(SB)/8, $4
DATA ·bitsOf+24(SB)/8, $8
DATA ·bitsOf+32(SB)/8, $16
DATA ·bitsOf+40(SB)/8, $32
DATA ·bitsOf+48(SB)/8, $64
DATA ·bitsOf+56(SB)/8, $128
GLOBL ·bitsOf(SB), RODATA|NOPTR, $64

#define FACTOR1 Y15
#define CROSSED1 Y14 // the same, halves swapped
#define FACTOR2 Y13
#define CROSSED2 Y12
#define HIGHS Y11
#define SALT Y10
#define NULL Y9
#define WEIGHTS Y8
#define FIRST Y7 // bits of the first four rows
#define SECOND Y6

#define BROADCAST(from, x, y) \
	VMOVQ from, x; \
	VPBROADCASTQ x, y

// The low 64 bits of four products: the cross products of the halves, of which the low 32 bits are wanted, come from one multiplication.
#define MULTIPLY(x, factor, crossed, t, u) \
	VPMULLD crossed, x, t; \
	VPMULUDQ factor, x, x; \
	VPSLLQ $32, t, u;      \
	VPAND HIGHS, t, t;     \
	VPADDD u, x, x;        \
	VPADDD t, x, x

#define SHIFT(x, t) \
	VPSRLQ $33, x, t; \
	VPXOR t, x, x

// Mix of four.
#define MIX(x, t, u) \
	SHIFT(x, t);                            \
	MULTIPLY(x, FACTOR1, CROSSED1, t, u);   \
	SHIFT(x, t);                            \
	MULTIPLY(x, FACTOR2, CROSSED2, t, u);   \
	SHIFT(x, t)

#define MIXING \
	MOVQ $0xff51afd7ed558ccd, AX;  \
	BROADCAST(AX, X15, FACTOR1);   \
	VPSHUFD $0xb1, FACTOR1, CROSSED1; \
	MOVQ $0xc4ceb9fe1a85ec53, AX;  \
	BROADCAST(AX, X13, FACTOR2);   \
	VPSHUFD $0xb1, FACTOR2, CROSSED2; \
	VPCMPEQD HIGHS, HIGHS, HIGHS;  \
	VPSLLQ $32, HIGHS, HIGHS

// What both functions have from their arguments: null in NULL, weights in WEIGHTS, fp in DI, syn in BX, valid in R9, n in CX.
#define ROWS(fp, syn, weights, valid, null, n) \
	MOVQ fp, DI;                  \
	MOVQ syn, BX;                 \
	MOVQ valid, R9;               \
	VPBROADCASTQ weights, WEIGHTS; \
	VPBROADCASTQ null, NULL;      \
	MOVQ n, CX

// Four hashes into fp, weighted into syn.
#define ADD4(at, x, t) \
	VPADDQ at(DI), x, t;   \
	VPSHUFD $0xa0, x, x;   \
	VMOVDQU t, at(DI);     \
	VPMULLD WEIGHTS, x, x; \
	VPADDD at(BX), x, x;   \
	VMOVDQU x, at(BX)

// Null in place of those whose bits are 0.
#define NULLS(x, bits, t) \
	VPAND bits, Y5, t;    \
	VPCMPEQQ bits, t, t;  \
	VPBLENDVB t, x, NULL, x

// func addSaltedFour(values *uint64, salt uint64, fp, syn *uint64, weights Weights, valid *byte, null uint64, n int)
TEXT ·addSaltedFour(SB), NOSPLIT, $0-64
	MOVQ values+0(FP), SI
	VPBROADCASTQ salt+8(FP), SALT
	ROWS(fp+16(FP), syn+24(FP), weights+32(FP), valid+40(FP), null+48(FP), n+56(FP))
	MIXING
	VMOVDQU ·bitsOf+0(SB), FIRST
	VMOVDQU ·bitsOf+32(SB), SECOND

salted:
	VPXOR (SI), SALT, Y0
	VPXOR 32(SI), SALT, Y1
	MIX(Y0, Y2, Y3)
	MIX(Y1, Y4, Y5)
	TESTQ R9, R9
	JZ present
	VPBROADCASTB (R9), Y5
	INCQ R9
	NULLS(Y0, FIRST, Y2)
	NULLS(Y1, SECOND, Y3)

present:
	ADD4(0, Y0, Y2)
	ADD4(32, Y1, Y3)
	ADDQ $64, SI
	ADDQ $64, DI
	ADDQ $64, BX
	SUBQ $8, CX
	JA salted
	VZEROUPPER
	RET

#define LAST Y15

// The hashes at four indices.
#define LOOK(at, x, y) \
	MOVL at+0(SI), AX;        \
	MOVL at+4(SI), R10;       \
	MOVL at+8(SI), R11;       \
	MOVL at+12(SI), R12;      \
	VMOVQ (R8)(AX*8), x;      \
	VMOVQ (R8)(R11*8), y;     \
	VMOVHPS (R8)(R10*8), x, x; \
	VMOVHPS (R8)(R12*8), y, y

// func addEntriesFour(hashes *uint64, entries int, indices *int32, fp, syn *uint64, weights Weights, valid *byte, null uint64, n int) (done int)
TEXT ·addEntriesFour(SB), NOSPLIT, $0-80
	MOVQ hashes+0(FP), R8
	MOVQ entries+8(FP), AX
	DECQ AX
	VMOVQ AX, X15
	VPBROADCASTD X15, LAST
	MOVQ indices+16(FP), SI
	ROWS(fp+24(FP), syn+32(FP), weights+40(FP), valid+48(FP), null+56(FP), n+64(FP))
	VMOVDQU ·bitsOf+0(SB), FIRST
	VMOVDQU ·bitsOf+32(SB), SECOND
	XORQ DX, DX

entries:
	VMOVDQU (SI), Y2
	VPMINUD LAST, Y2, Y3 // a negative one is beyond all entries
	VPCMPEQD Y2, Y3, Y3
	VMOVMSKPS Y3, AX
	CMPL AX, $0xff
	JNE done
	LOOK(0, X0, X4)
	VINSERTI128 $1, X4, Y0, Y0
	LOOK(16, X1, X5)
	VINSERTI128 $1, X5, Y1, Y1
	TESTQ R9, R9
	JZ present
	VPBROADCASTB (R9), Y5
	INCQ R9
	NULLS(Y0, FIRST, Y2)
	NULLS(Y1, SECOND, Y3)

present:
	ADD4(0, Y0, Y2)
	ADD4(32, Y1, Y3)
	ADDQ $32, SI
	ADDQ $64, DI
	ADDQ $64, BX
	ADDQ $8, DX
	CMPQ DX, CX
	JB entries

done:
	VZEROUPPER
	MOVQ DX, done+72(FP)
	RET

// func hashKeysFour(keys *Key, hashes *uint64, n int)
TEXT ·hashKeysFour(SB), NOSPLIT, $0-24
	MOVQ keys+0(FP), SI
	MOVQ hashes+8(FP), DI
	MOVQ n+16(FP), CX
	MIXING

keys:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	VPUNPCKHQDQ Y1, Y0, Y2
	VPUNPCKLQDQ Y1, Y0, Y0 // keys 0, 2, 1, 3
	VPSHUFD $0xb1, Y2, Y2
	VPXOR Y2, Y0, Y0
	MIX(Y0, Y2, Y3)
	VPERMQ $0xd8, Y0, Y0
	VMOVDQU Y0, (DI)
	ADDQ $64, SI
	ADDQ $32, DI
	SUBQ $4, CX
	JA keys
	VZEROUPPER
	RET

// Words of timeWords, which R8 points to.
#define BIAS 0(R8)
#define BEYOND 32(R8)
#define EXPONENT 64(R8)
#define BASE 96(R8)
#define INVERSE 128(R8)
#define WHOLE 160(R8)
#define PERSECOND 192(R8)
#define LASTOFSECOND 224(R8)
#define PARTS 256(R8)
#define PARTSHIGH 288(R8)
#define DOMAIN 320(R8)
#define DROPPED 352(R8)

// func hashTimesFour(times *arrow.Timestamp, hashes *uint64, words *timeWords, n int) (all bool)
TEXT ·hashTimesFour(SB), NOSPLIT, $0-33
	MOVQ times+0(FP), SI
	MOVQ hashes+8(FP), DI
	MOVQ words+16(FP), R8
	MOVQ n+24(FP), CX
	MIXING
	VPXOR Y10, Y10, Y10 // bits of what goes beyond
	VMOVDQU WHOLE, Y9
	VMOVDQU PERSECOND, Y8
	VMOVQ DROPPED, X7

times:
	VMOVDQU (SI), Y0
	VPADDQ BIAS, Y0, Y1
	VPOR Y1, Y10, Y10
	VPSRLQ X7, Y1, Y1
	VPOR EXPONENT, Y1, Y1
	VSUBPD BASE, Y1, Y1
	VMULPD INVERSE, Y1, Y1
	VADDPD Y9, Y1, Y1
	VPSUBQ Y9, Y1, Y1     // seconds, or one less
	VPMULUDQ Y8, Y1, Y2
	VPSUBD Y2, Y0, Y0     // what is left, in the low halves
	VPCMPGTD LASTOFSECOND, Y0, Y2
	VPAND Y8, Y2, Y3
	VPSUBD Y3, Y0, Y0
	VPSRLD $31, Y2, Y2
	VPADDQ Y2, Y1, Y1
	VPXOR DOMAIN, Y1, Y1
	MIX(Y1, Y2, Y3)
	VPMULUDQ PARTS, Y0, Y2
	VPMULUDQ PARTSHIGH, Y0, Y3
	VPSLLQ $32, Y3, Y3
	VPADDQ Y2, Y1, Y1
	VPADDQ Y3, Y1, Y1
	VMOVDQU Y1, (DI)
	ADDQ $32, SI
	ADDQ $32, DI
	SUBQ $4, CX
	JA times
	VPTEST BEYOND, Y10
	SETEQ all+32(FP)
	VZEROUPPER
	RET
