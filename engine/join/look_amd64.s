//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// func lookNear(slots []uint32, skip, number uint, rows []row, recs *uint32, entries *uint64, stride int)
TEXT ·lookNear(SB), NOSPLIT, $0-88
	MOVQ slots_base+0(FP), R8
	MOVQ slots_len+8(FP), R10
	MOVQ skip+24(FP), CX
	MOVQ number+32(FP), R11
	MOVQ rows_base+40(FP), SI
	MOVQ rows_len+48(FP), DI
	MOVQ recs+64(FP), R9
	MOVQ entries+72(FP), R13
	MOVQ stride+80(FP), R15
	SHLQ $3, R15            // bytes of an entry
	TESTQ DI, DI
	JEQ  done
	VMOVQ R11, X5
	VPXOR Y4, Y4, Y4
	MOVL $-1, R14
	SHLXL R11, R14, R14
	NOTL R14                // bits of a record's number

loop:
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
	DECQ DI
	JNE  loop
	VZEROUPPER

done:
	RET

// func fetchSlots(slots []uint32, skip uint, rows []row)
TEXT ·fetchSlots(SB), NOSPLIT, $0-56
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
	PREFETCHT0 (R8)(DX*4)
	PREFETCHT0 31(R8)(DX*4) // the last of eight may lie in another line
	DECQ DI
	JNE  loop

done:
	RET

// func enterNear(e *entering)
TEXT ·enterNear(SB), NOSPLIT, $8-8
	MOVQ e+0(FP), DI
	MOVQ entering_slots(DI), R8
	MOVQ entering_skip(DI), CX
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
