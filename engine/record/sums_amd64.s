//go:build !purego

#include "textflag.h"

#define FACTOR1 Z31
#define FACTOR2 Z30
#define SALT Z29
#define NULL Z28
#define HASH Z0
#define T Z1
#define WEIGHTS Z26

// What both functions have from their arguments: null in NULL, weights in WEIGHTS, fp in DI, syn in BX, valid in R9, n in CX.
#define ROWS(fp, syn, weights, valid, null, n) \
	MOVQ fp, DI;          \
	MOVQ syn, BX;         \
	MOVQ valid, R9;       \
	VPBROADCASTQ weights, WEIGHTS; \
	VPBROADCASTQ null, NULL; \
	MOVQ n, CX

// Eight hashes into fp, weighted into syn, and on to the next eight.
#define ADD8 \
	VPADDQ (DI), HASH, T;       \
	VMOVDQU64 T, (DI);          \
	VPSHUFD $0xa0, HASH, HASH;  \
	VPMULLD WEIGHTS, HASH, HASH; \
	VPADDD (BX), HASH, HASH;    \
	VMOVDQU64 HASH, (BX);       \
	ADDQ $64, BX;               \
	ADDQ $64, DI

// func addSaltedEight(values *uint64, salt uint64, fp, syn *uint64, weights Weights, valid *byte, null uint64, n int)
TEXT ·addSaltedEight(SB), NOSPLIT, $0-64
	MOVQ values+0(FP), SI
	VPBROADCASTQ salt+8(FP), SALT
	ROWS(fp+16(FP), syn+24(FP), weights+32(FP), valid+40(FP), null+48(FP), n+56(FP))
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

// func addEntriesEight(hashes *uint64, entries int, indices *int32, fp, syn *uint64, weights Weights, valid *byte, null uint64, n int) (done int)
TEXT ·addEntriesEight(SB), NOSPLIT, $0-80
	MOVQ hashes+0(FP), R8
	VPBROADCASTQ entries+8(FP), Z27
	MOVQ indices+16(FP), SI
	ROWS(fp+24(FP), syn+32(FP), weights+40(FP), valid+48(FP), null+56(FP), n+64(FP))
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
