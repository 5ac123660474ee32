//go:build !purego

#include "textflag.h"

// func spreadBlocks(dst, src, valid *byte, blocks int) (taken int)
TEXT ·spreadBlocks(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ valid+16(FP), BX
	MOVQ blocks+24(FP), CX
	MOVQ SI, DX

loop:
	MOVWLZX     (BX), AX
	KMOVW       AX, K1
	VPEXPANDD.Z (SI), K1, Z0 // it reads as many values as there are bits
	VMOVDQU32   Z0, (DI)
	POPCNTL     AX, AX
	LEAQ        (SI)(AX*4), SI
	ADDQ        $2, BX
	ADDQ        $64, DI
	DECQ        CX
	JNE         loop
	VZEROUPPER
	SUBQ        DX, SI
	MOVQ        SI, taken+32(FP)
	RET
