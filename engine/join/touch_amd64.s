//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// func touchSlots(slots []uint32, skip uint, rows []row)
TEXT ·touchSlots(SB), NOSPLIT, $0-56
	MOVQ slots_base+0(FP), R8
	MOVQ slots_len+8(FP), R10
	MOVQ skip+24(FP), CX
	MOVQ rows_base+32(FP), SI
	MOVQ rows_len+40(FP), DI
	TESTQ DI, DI
	JEQ  done

loop:
	MOVQ row_hash(SI), AX
	SHLQ CX, AX
	MULQ R10                // DX: the slot
	ADDQ $row__size, SI
	MOVL (R8)(DX*4), BX
	DECQ DI
	JNE  loop

done:
	RET

// func touchEntries(entries []uint64, stride int, recs []uint32)
TEXT ·touchEntries(SB), NOSPLIT, $0-56
	MOVQ entries_base+0(FP), R8
	MOVQ stride+24(FP), R9
	MOVQ recs_base+32(FP), SI
	MOVQ recs_len+40(FP), DI
	SHLQ $3, R9              // bytes of an entry
	TESTQ DI, DI
	JEQ  done

loop:
	MOVL  (SI), AX
	IMULQ R9, AX
	ADDQ  $4, SI
	MOVQ  (R8)(AX*1), BX
	CMPQ  R9, $32
	JEQ   next               // two of which are a cache line
	ADDQ  R9, AX
	MOVQ  -8(R8)(AX*1), BX

next:
	DECQ DI
	JNE  loop

done:
	RET
