//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// FETCH fetches the slots of the row that lies ahead of SI, the last of eight too, which may lie in another line. The homes are that far from DI; CX is
// their skip. It changes AX, DX and R12.
#define FETCH(homes) \
	MOVQ (const_ahead*row__size+row_hash)(SI), AX; \
	MOVQ homes+homes_shift(DI), R12; \
	SHRXQ R12, AX, R12; \
	SHLXQ CX, AX, AX; \
	IMULQ homes+homes_share(DI), R12; \
	ADDQ homes+homes_first(DI), R12; \
	MULQ homes+homes_size(DI); \
	PREFETCHT0 (R12)(DX*4); \
	PREFETCHT0 31(R12)(DX*4)

// FIND looks for the row at SI in the slots from R8 on, size many, fetches the entry of the record that it most likely belongs to, the last word
// too, which may lie in another line, and moves SI to the next row. BX is the record then, which is 0 for a free slot and the ninth for none of eight; AX is
// where its entry of so many bytes ends, from R13 on. CX is the skip, R11 and X5 the bits of a record's number, R14 a mask of them, Y4 zero. It
// changes DX, R12, Y0 and Y1.
#define FIND(size, stride) \
	MOVQ row_hash(SI), BX; \
	SHLXQ CX, BX, AX; \
	MULQ size(DI); \
	SHLXL R11, BX, BX; \
	VMOVD BX, X0; \
	VPBROADCASTD X0, Y0; \
	VPXOR (R8)(DX*4), Y0, Y1; \
	VPSRLD X5, Y1, Y1; \
	VPCMPEQD Y4, Y1, Y1; \
	VMOVMSKPS Y1, R12; \
	ORL  $0x100, R12; \
	TZCNTL R12, R12; \
	ADDQ R12, DX; \
	MOVL (R8)(DX*4), BX; \
	ANDL R14, BX; \
	SUBL $1, BX; \
	ADCL $0, BX; \
	MOVQ BX, AX; \
	IMULQ stride(DI), AX; \
	PREFETCHT0 (R13)(AX*1); \
	ADDQ stride(DI), AX; \
	PREFETCHT0 -8(R13)(AX*1); \
	ADDQ $row__size, SI

// LOOK loads what FETCH and FIND need of a looking at that distance from DI.
#define LOOK(l) \
	MOVQ l+looking_slots(DI), R8; \
	MOVQ l+looking_homes+homes_skip(DI), CX; \
	MOVQ l+looking_number(DI), R11; \
	MOVQ l+looking_rows(DI), SI; \
	MOVQ l+looking_recs(DI), R9; \
	MOVQ l+looking_entries(DI), R13; \
	VMOVQ R11, X5; \
	VPXOR Y4, Y4, Y4; \
	MOVL $-1, R14; \
	SHLXL R11, R14, R14; \
	NOTL R14

// func lookNear(l *looking)
TEXT ·lookNear(SB), NOSPLIT, $0-8
	MOVQ l+0(FP), DI
	LOOK(0)

loop:
	FETCH(looking_homes)
	FIND(looking_size, looking_stride)
	MOVL BX, (R9)
	ADDQ $4, R9
	DECQ looking_left(DI)
	JNE  loop
	VZEROUPPER
	RET

// func matchNear(m *matching)
TEXT ·matchNear(SB), NOSPLIT, $8-8
	MOVQ m+0(FP), DI
	MOVQ $0, found-8(SP)    // rows whose entries are fetched, but not looked at
	LOOK(matching_looking)
	MOVQ SI, R10            // the row that is compared next
	MOVQ R9, R15            // where its entry ends

loop:
	CMPQ matching_looking+looking_left(DI), $0
	JEQ  compare
	FETCH(matching_looking+looking_homes)
	FIND(matching_looking+looking_size, matching_looking+looking_stride)
	MOVL AX, (R9)
	ADDQ $4, R9
	DECQ matching_looking+looking_left(DI)
	INCQ found-8(SP)
	CMPQ found-8(SP), $32   // an entry is looked at so many rows after it was fetched
	JCS  loop

compare:
	CMPQ found-8(SP), $0
	JEQ  done
	DECQ found-8(SP)
	MOVL (R15), AX
	ADDQ R13, AX
	SUBQ matching_looking+looking_stride(DI), AX
	ADDQ $4, R15
	MOVQ matching_refAt(DI), R12
	MOVQ row_hash(R10), BX
	XORQ (AX), BX
	MOVQ row_fp(R10), DX
	XORQ 8(AX), DX
	ORQ  DX, BX
	MOVL (AX)(R12*1), DX
	ORQ  DX, BX
	MOVBLZX row_told(R10), DX
	ORQ  DX, BX
	JNE  other
	MOVL row_index(R10), BX
	MOVQ matching_refs(DI), DX
	TESTQ DX, DX
	JEQ  follows
	MOVL (DX)(BX*4), BX
	JMP  referred

follows:
	ADDL matching_ref(DI), BX

referred:
	MOVL BX, (AX)(R12*1)
	ADDQ $row__size, R10
	JMP  loop

other:
	MOVQ matching_rest(DI), DX
	VMOVDQU (R10), X0       // a row
	MOVQ 16(R10), BX
	VMOVDQU X0, (DX)
	MOVQ BX, 16(DX)
	ADDQ $row__size, DX
	MOVQ DX, matching_rest(DI)
	MOVQ matching_rested(DI), BX
	MOVL -4(R15), AX        // where its entry ends
	MOVQ matching_looking+looking_recs(DI), DX
	MOVL AX, (DX)(BX*4)
	INCQ matching_rested(DI)
	ADDQ $row__size, R10
	JMP  loop

done:
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
	TESTQ R10, R10
	JEQ  begun
	LEAQ (R10)(R14*8), R10

begun:
	VMOVQ R11, X5
	VPXOR Y4, Y4, Y4

loop:
	FETCH(entering_homes)
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
	MOVL BX, (R9)(R12*1)
	ADDQ entering_stride(DI), R9
	TESTQ R10, R10
	JEQ  located
	MOVQ entering_syns(DI), R12
	MOVQ (R12)(AX*8), AX
	MOVQ AX, (R10)
	ADDQ $8, R10

located:
	ADDQ $row__size, SI
	DECQ left-8(SP)
	JNE  loop

stop:
	VZEROUPPER
	MOVQ left-8(SP), AX
	MOVQ AX, entering_left(DI)
	MOVQ R14, entering_records(DI)
	RET
