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

// func spreadEights(dst, src, valid *byte, size, eights int) (done, taken int)
TEXT ·spreadEights(SB), NOSPLIT, $0-56
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ valid+16(FP), BX
	MOVQ size+24(FP), R9
	MOVQ eights+32(FP), CX
	LEAQ -32(SI)(R9*1), R9 // the last place of which 32 bytes are read
	MOVQ SI, DX
	MOVQ BX, R8
	MOVQ $0x0101010101010101, R10
	MOVQ $0x8040201008040201, R11
	MOVQ $0x7f7f7f7f7f7f7f7f, R12

loop:
	CMPQ      SI, R9
	JHI       done
	MOVBQZX   (BX), AX
	IMULQ     R10, AX        // bits of a byte as bytes, 0 or 1
	ANDQ      R11, AX
	ADDQ      R12, AX
	SHRQ      $7, AX
	ANDQ      R10, AX
	VMOVQ     AX, X1
	MOVQ      AX, R13
	IMULQ     R10, AX        // how many are set up to each
	MOVQ      AX, R14
	SUBQ      R13, AX        // and before it
	SHRQ      $56, R14
	VMOVQ     AX, X0
	VPMOVZXBD X0, Y0
	VPMOVZXBD X1, Y1
	VPERMD    (SI), Y0, Y0
	VPSIGND   Y1, Y0, Y0
	VMOVDQU   Y0, (DI)
	LEAQ      (SI)(R14*4), SI
	INCQ      BX
	ADDQ      $32, DI
	DECQ      CX
	JNE       loop

done:
	VZEROUPPER
	SUBQ R8, BX
	MOVQ BX, done+40(FP)
	SUBQ DX, SI
	MOVQ SI, taken+48(FP)
	RET
