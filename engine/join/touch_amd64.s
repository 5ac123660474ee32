//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// func touchPairs(entries []uint64, pairs, stride, partBits int, rows []row)
TEXT ·touchPairs(SB), NOSPLIT, $0-72
	MOVQ entries_base+0(FP), R8
	MOVQ pairs+24(FP), R10
	MOVQ stride+32(FP), R9
	SHLQ $4, R9              // bytes of a pair of slots
	MOVQ partBits+40(FP), CX
	MOVQ rows_base+48(FP), SI
	MOVQ rows_len+56(FP), DI
	TESTQ DI, DI
	JEQ  done

loop:
	MOVQ  row_hash(SI), AX
	SHLQ  CX, AX
	MULQ  R10                // DX: the pair
	IMULQ R9, DX
	ADDQ  $row__size, SI
	MOVQ  (R8)(DX*1), BX
	CMPQ  R9, $64
	JLS   next
	LEAQ  (R8)(DX*1), BX
	MOVQ  -8(BX)(R9*1), BX   // the last word may lie in another line

next:
	DECQ  DI
	JNE   loop

done:
	RET
