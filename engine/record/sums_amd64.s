//go:build !purego

#include "textflag.h"

#define FACTOR1 Z31
#define FACTOR2 Z30
#define SALT Z29
#define NULL Z28
#define HASH Z0
#define T Z1

// What both functions have from their arguments: null in NULL, fp in DI, sig in BX, valid in R9, n in CX, and the bytes of one, three,
// five and seven strides in R10 to R13.
#define ROWS(fp, sig, stride, valid, null, n) \
	MOVQ fp, DI;          \
	MOVQ sig, BX;         \
	MOVQ stride, R10;     \
	MOVQ valid, R9;       \
	VPBROADCASTQ null, NULL; \
	MOVQ n, CX;           \
	SHLQ $1, R10;         \
	LEAQ (R10)(R10*2), R11; \
	LEAQ (R10)(R10*4), R12; \
	LEAQ (R11)(R10*4), R13

// Eight hashes into fp, their signatures into sig, and on to the next eight.
#define ADD8 \
	VPADDQ (DI), HASH, T;          \
	VMOVDQU64 T, (DI);             \
	VPSRLQ $48, HASH, HASH;        \
	VPMOVQW HASH, X0;              \
	VPEXTRW $0, X0, (BX);          \
	VPEXTRW $1, X0, (BX)(R10*1);   \
	VPEXTRW $2, X0, (BX)(R10*2);   \
	VPEXTRW $3, X0, (BX)(R11*1);   \
	VPEXTRW $4, X0, (BX)(R10*4);   \
	VPEXTRW $5, X0, (BX)(R12*1);   \
	VPEXTRW $6, X0, (BX)(R11*2);   \
	VPEXTRW $7, X0, (BX)(R13*1);   \
	LEAQ (BX)(R10*8), BX;          \
	ADDQ $64, DI

// func addSalted(values *uint64, salt uint64, fp *uint64, sig *uint16, stride int, valid *byte, null uint64, n int)
TEXT ·addSalted(SB), NOSPLIT, $0-64
	MOVQ values+0(FP), SI
	VPBROADCASTQ salt+8(FP), SALT
	ROWS(fp+16(FP), sig+24(FP), stride+32(FP), valid+40(FP), null+48(FP), n+56(FP))
	MOVQ $0xff51afd7ed558ccd, AX
	VPBROADCASTQ AX, FACTOR1
	MOVQ $0xc4ceb9fe1a85ec53, AX
	VPBROADCASTQ AX, FACTOR2

salted:
	VPXORQ (SI), SALT, HASH // Mix
	VPSRLQ $33, HASH, T
	VPXORQ T, HASH, HASH
	VPMULLQ FACTOR1, HASH, HASH
	VPSRLQ $33, HASH, T
	VPXORQ T, HASH, HASH
	VPMULLQ FACTOR2, HASH, HASH
	VPSRLQ $33, HASH, T
	VPXORQ T, HASH, HASH
	TESTQ R9, R9
	JZ present
	KMOVB (R9), K1
	KNOTB K1, K1
	VMOVDQA64 NULL, K1, HASH
	INCQ R9

present:
	ADD8
	ADDQ $64, SI
	SUBQ $8, CX
	JA salted
	VZEROUPPER
	RET

// func addEntries(hashes *uint64, entries int, indices *int32, fp *uint64, sig *uint16, stride int, valid *byte, null uint64, n int) (done int)
TEXT ·addEntries(SB), NOSPLIT, $0-80
	MOVQ hashes+0(FP), R8
	VPBROADCASTQ entries+8(FP), Z27
	MOVQ indices+16(FP), SI
	ROWS(fp+24(FP), sig+32(FP), stride+40(FP), valid+48(FP), null+56(FP), n+64(FP))
	XORQ DX, DX
	KXNORB K2, K2, K2

entries:
	VPMOVZXDQ (SI), Z2 // a negative one is beyond all entries
	TESTQ R9, R9
	JZ present
	KMOVB (R9), K2
	INCQ R9

present:
	VPCMPUQ $5, Z27, Z2, K2, K1
	KORTESTB K1, K1
	JNZ done
	KMOVB K2, K1
	VMOVDQA64 NULL, HASH
	VPGATHERQQ (R8)(Z2*8), K1, HASH
	ADD8
	ADDQ $32, SI
	ADDQ $8, DX
	SUBQ $8, CX
	JA entries

done:
	VZEROUPPER
	MOVQ DX, done+72(FP)
	RET
