//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// func lookNear(l *looking)
TEXT ·lookNear(SB), NOSPLIT, $0-8
	MOVQ l+0(FP), DI
	MOVQ looking_slots(DI), R8
	MOVQ looking_size(DI), R10
	MOVQ looking_homes+homes_skip(DI), CX
	MOVQ looking_number(DI), R11
	MOVQ looking_rows(DI), SI
	MOVQ looking_recs(DI), R9
	MOVQ looking_entries(DI), R13
	MOVQ looking_stride(DI), R15
	VMOVQ R11, X5
	VPXOR Y4, Y4, Y4
	MOVL $-1, R14
	SHLXL R11, R14, R14
	NOTL R14                // bits of a record's number

loop:
	MOVQ (const_ahead*row__size+row_hash)(SI), AX // the slots of a row ahead
	MOVQ looking_homes+homes_shift(DI), R12
	SHRXQ R12, AX, R12
	SHLXQ CX, AX, AX
	IMULQ looking_homes+homes_share(DI), R12
	ADDQ looking_homes+homes_first(DI), R12
	MULQ looking_homes+homes_size(DI)
	PREFETCHT0 (R12)(DX*4)
	PREFETCHT0 31(R12)(DX*4) // the last of eight may lie in another line

	MOVQ row_hash(SI), BX
	SHLXQ CX, BX, AX
	MULQ R10                // DX: the slot
	SHLXL R11, BX, BX       // the tag
	VMOVD BX, X0
	VPBROADCASTD X0, Y0
	VPXOR (R8)(DX*4), Y0, Y1
	VPSRLD X5, Y1, Y1
	VPCMPEQD Y4, Y1, Y1
	VMOVMSKPS Y1, R12
	ORL  $0x100, R12        // the ninth, if it is none of eight
	TZCNTL R12, R12
	ADDQ R12, DX
	MOVL (R8)(DX*4), AX
	ANDL R14, AX
	SUBL $1, AX
	ADCL $0, AX             // record 0 for a free slot
	MOVL AX, (R9)
	IMULQ R15, AX
	PREFETCHT0 (R13)(AX*1)
	ADDQ R15, AX
	PREFETCHT0 -8(R13)(AX*1) // the last word may lie in another line
	ADDQ $4, R9
	ADDQ $row__size, SI
	DECQ looking_left(DI)
	JNE  loop
	VZEROUPPER
	RET

// func fetchSlots(h *homes, rows []row)
TEXT ·fetchSlots(SB), NOSPLIT, $0-32
	MOVQ h+0(FP), DI
	MOVQ homes_skip(DI), CX
	MOVQ homes_shift(DI), R8
	MOVQ rows_base+8(FP), SI
	MOVQ rows_len+16(FP), R9
	TESTQ R9, R9
	JEQ  done

loop:
	MOVQ row_hash(SI), AX
	SHRXQ R8, AX, R12
	SHLXQ CX, AX, AX
	IMULQ homes_share(DI), R12
	ADDQ homes_first(DI), R12
	MULQ homes_size(DI)     // DX: the slot
	PREFETCHT0 (R12)(DX*4)
	PREFETCHT0 31(R12)(DX*4)
	ADDQ $row__size, SI
	DECQ R9
	JNE  loop

done:
	RET

// func enterNear(e *entering)
TEXT ·enterNear(SB), NOSPLIT, $8-8
	MOVQ e+0(FP), DI
	MOVQ entering_slots(DI), R8
	MOVQ entering_homes+homes_skip(DI), CX
	MOVQ entering_number(DI), R11
	MOVQ entering_rows(DI), SI
	MOVQ entering_left(DI), AX
	MOVQ AX, left-8(SP)
	MOVQ entering_records(DI), R14
	MOVQ R14, R9
	IMULQ entering_stride(DI), R9
	ADDQ entering_entries(DI), R9
	MOVQ entering_syndromes(DI), R10
	LEAQ (R10)(R14*8), R10
	VMOVQ R11, X5
	VPXOR Y4, Y4, Y4

loop:
	MOVQ (const_ahead*row__size+row_hash)(SI), AX // the slots of a row ahead
	MOVQ entering_homes+homes_shift(DI), R12
	SHRXQ R12, AX, R12
	SHLXQ CX, AX, AX
	IMULQ entering_homes+homes_share(DI), R12
	ADDQ entering_homes+homes_first(DI), R12
	MULQ entering_homes+homes_size(DI)
	PREFETCHT0 (R12)(DX*4)
	PREFETCHT0 31(R12)(DX*4) // the last of eight may lie in another line

	MOVQ row_hash(SI), BX
	SHLXQ CX, BX, AX
	MULQ entering_size(DI)
	MOVQ DX, R15            // the slot
	SHLXL R11, BX, DX       // the tag
	VMOVD DX, X0
	VPBROADCASTD X0, Y0
	VMOVDQU (R8)(R15*4), Y2
	VPXOR Y2, Y0, Y1
	VPSRLD X5, Y1, Y1
	VPCMPEQD Y4, Y1, Y1
	VPCMPEQD Y4, Y2, Y2
	VPANDN Y1, Y2, Y1       // slots with the tag
	VMOVMSKPS Y2, R12       // free ones
	VMOVMSKPS Y1, R13
	CMPB row_told(SI), $0
	JNE  stop
	TESTL R13, R13
	JNE  stop
	TZCNTL R12, R12
	JCS  stop               // none is free
	ADDQ R12, R15
	CMPQ R15, entering_size(DI)
	JCC  stop
	INCQ R14
	PREFETCHT0 512(R9)
	PREFETCHT0 256(R10)
	ORL  R14, DX
	MOVL DX, (R8)(R15*4)
	MOVQ BX, (R9)
	MOVQ row_fp(SI), AX
	MOVQ AX, 8(R9)
	MOVL row_index(SI), AX
	MOVQ entering_refs(DI), BX
	TESTQ BX, BX
	JEQ  follows
	MOVL (BX)(AX*4), BX
	JMP  referred

follows:
	MOVL entering_ref(DI), BX
	ADDL AX, BX

referred:
	MOVQ entering_refAt(DI), R12
	MOVQ BX, (R9)(R12*1)
	ADDQ entering_stride(DI), R9
	MOVQ entering_syns(DI), R12
	MOVQ (R12)(AX*8), AX
	MOVQ AX, (R10)
	ADDQ $8, R10
	ADDQ $row__size, SI
	DECQ left-8(SP)
	JNE  loop

stop:
	VZEROUPPER
	MOVQ left-8(SP), AX
	MOVQ AX, entering_left(DI)
	MOVQ R14, entering_records(DI)
	RET
