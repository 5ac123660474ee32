//go:build !purego

#include "textflag.h"

// func fillPlain(dst, data []byte, pos, end, rows int, buffer uint32, masks *[13][2]uint64) (newPos, left int)
TEXT ·fillPlain(SB), NOSPLIT, $0-104
	MOVQ dst_base+0(FP), DI
	MOVQ data_base+24(FP), SI
	MOVQ pos+48(FP), AX
	MOVQ end+56(FP), BX
	MOVQ rows+64(FP), CX
	MOVL buffer+72(FP), R8
	MOVQ masks+80(FP), R9
	SUBQ $4, BX              // the last place of a length
	TESTQ CX, CX
	JEQ  done

loop:
	CMPQ AX, BX
	JGT  done
	MOVQ (SI)(AX*1), R10     // the length and the first four bytes
	MOVL R10, R11
	LEAQ 4(AX)(R11*1), DX    // where the next length is
	SUBQ R11, BX             // end-4-n: the text ends by end if it begins by that, at AX
	CMPQ AX, BX
	JGT  long_text
	ADDQ R11, BX
	CMPQ R11, $12
	JHI  apart
	MOVQ 8(SI)(AX*1), R12
	SHLQ $4, R11
	ANDQ (R9)(R11*1), R10
	ANDQ 8(R9)(R11*1), R12

store:
	MOVQ R10, (DI)
	MOVQ R12, 8(DI)
	ADDQ $16, DI
	MOVQ DX, AX
	DECQ CX
	JNE  loop
	JMP  done

apart:
	LEAQ 4(AX), R12
	SHLQ $32, R12
	ORQ  R8, R12
	JMP  store

long_text:
	NOTQ CX                  // left is negative: a text is longer than the page

done:
	MOVQ AX, newPos+88(FP)
	MOVQ CX, left+96(FP)
	RET
