//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// One step decodes one element of a lane. IP is at its tag, OP where its bytes go, BASE where the output begins; R15 is the table of steps. All
// common elements take the same way: whether the bytes come from the input or from the output is chosen by a conditional move, and 32 bytes are
// copied whatever the length. An element that begins before the output, which a literal seems to do in its first 64 bytes, jumps to STOP with the lane as it
// was before the element; one that needs care to RARE: it is longer than 32 bytes, or not for this loop, or its source overlaps its bytes. That
// comes back to DONE, or goes to STOP too. It leaves the length in CX, the offset in BX, the source in DX, the tag in AX.
#define STEP(IP, OP, BASE, RARE, STOP, DONE) \
	MOVBLZX (IP), AX \
	MOVL    (R15)(AX*8), CX \
	BZHIL   CX, 1(IP), BX \
	ADDL    element_high(R15)(AX*8), BX \
	LEAQ    1(IP), CX \
	MOVQ    OP, DX \
	SUBQ    BX, DX \
	CMPQ    DX, BASE \
	JCS     STOP \
	TESTB   $3, AX \
	CMOVQEQ CX, DX \
	MOVL    steps_lengths(R15)(AX*4), CX \
	CMPL    BX, CX \
	JCS     RARE \
	VMOVDQU (DX), Y0 \
	VMOVDQU Y0, (OP) \
DONE: \
	ADDQ    CX, OP \
	MOVBLZX element_advance(R15)(AX*8), AX \
	ADDQ    AX, IP

// RARE_STEP copies 33 to 64 bytes, or up to 64 that overlap: it repeats the BX bytes before OP, eight at a time; while fewer than eight are there to
// be repeated, each turn makes them twice as many. It writes at most 7 bytes beyond the 64 of an element.
#define RARE_STEP(OP, STOP, DONE, OVERLAP, DOUBLE, EIGHT, COPY, COPIED) \
	CMPL    CX, $32 \
	JLS     OVERLAP \
	ANDL    $0xff, CX \
	CMPL    CX, $64 \
	JHI     STOP \
	CMPL    BX, CX \
	JCS     OVERLAP \
	VMOVDQU (DX), Y0 \
	VMOVDQU 32(DX), Y1 \
	VMOVDQU Y0, (OP) \
	VMOVDQU Y1, 32(OP) \
	JMP     DONE \
OVERLAP: \
	TESTQ   BX, BX \
	JEQ     STOP \
	MOVQ    AX, tag-16(SP) \
	MOVQ    CX, length-24(SP) \
	MOVQ    OP, AX \
	ADDQ    OP, CX \
DOUBLE: \
	CMPQ    BX, $8 \
	JCC     EIGHT \
	VMOVQ   (DX), X0 \
	VMOVQ   X0, (AX) \
	ADDQ    BX, AX \
	ADDQ    BX, BX \
	JMP     DOUBLE \
EIGHT: \
	CMPQ    AX, CX \
	JCC     COPIED \
	MOVQ    AX, DX \
	SUBQ    BX, DX \
COPY: \
	VMOVQ   (DX), X0 \
	VMOVQ   X0, (AX) \
	ADDQ    $8, DX \
	ADDQ    $8, AX \
	CMPQ    AX, CX \
	JCS     COPY \
COPIED: \
	MOVQ    tag-16(SP), AX \
	MOVQ    length-24(SP), CX \
	JMP     DONE

#define LOAD(L, IP, OP, BASE) \
	MOVQ L, AX \
	MOVQ lane_src(AX), IP \
	ADDQ lane_s(AX), IP \
	MOVQ lane_dst(AX), BASE \
	MOVQ BASE, OP \
	ADDQ lane_d(AX), OP

#define STORE(L, IP, OP) \
	MOVQ L, AX \
	SUBQ lane_src(AX), IP \
	MOVQ IP, lane_s(AX) \
	SUBQ lane_dst(AX), OP \
	MOVQ OP, lane_d(AX)

// func stepThree(a, b, c *lane, table *steps, n int) (stopped int)
TEXT ·stepThree(SB), NOSPLIT, $24-48
	LOAD(a+0(FP), R8, R9, R10)
	LOAD(b+8(FP), R11, R12, R13)
	LOAD(c+16(FP), SI, DI, R14)
	MOVQ table+24(FP), R15
	MOVQ n+32(FP), AX
	MOVQ AX, left-8(SP)

loop:
	STEP(R8, R9, R10, rare_a, stop_a, done_a)
	STEP(R11, R12, R13, rare_b, stop_b, done_b)
	STEP(SI, DI, R14, rare_c, stop_c, done_c)
	DECQ left-8(SP)
	JNE  loop
	XORL DX, DX
	JMP  end

rare_a:
	RARE_STEP(R9, stop_a, done_a, overlap_a, double_a, eight_a, copy_a, copied_a)

rare_b:
	RARE_STEP(R12, stop_b, done_b, overlap_b, double_b, eight_b, copy_b, copied_b)

rare_c:
	RARE_STEP(DI, stop_c, done_c, overlap_c, double_c, eight_c, copy_c, copied_c)

stop_a:
	MOVL $1, DX
	JMP  end

stop_b:
	MOVL $2, DX
	JMP  end

stop_c:
	MOVL $3, DX

end:
	VZEROUPPER
	STORE(a+0(FP), R8, R9)
	STORE(b+8(FP), R11, R12)
	STORE(c+16(FP), SI, DI)
	MOVQ DX, stopped+40(FP)
	RET

// func stepTwo(a, b *lane, table *steps, n int) (stopped int)
TEXT ·stepTwo(SB), NOSPLIT, $24-40
	LOAD(a+0(FP), R8, R9, R10)
	LOAD(b+8(FP), R11, R12, R13)
	MOVQ table+16(FP), R15
	MOVQ n+24(FP), DI

loop:
	STEP(R8, R9, R10, rare_a, stop_a, done_a)
	STEP(R11, R12, R13, rare_b, stop_b, done_b)
	DECQ DI
	JNE  loop
	XORL DX, DX
	JMP  end

rare_a:
	RARE_STEP(R9, stop_a, done_a, overlap_a, double_a, eight_a, copy_a, copied_a)

rare_b:
	RARE_STEP(R12, stop_b, done_b, overlap_b, double_b, eight_b, copy_b, copied_b)

stop_a:
	MOVL $1, DX
	JMP  end

stop_b:
	MOVL $2, DX

end:
	VZEROUPPER
	STORE(a+0(FP), R8, R9)
	STORE(b+8(FP), R11, R12)
	MOVQ DX, stopped+32(FP)
	RET

// func stepOne(a *lane, table *steps, n int) (stopped int)
TEXT ·stepOne(SB), NOSPLIT, $24-32
	LOAD(a+0(FP), R8, R9, R10)
	MOVQ table+8(FP), R15
	MOVQ n+16(FP), DI

loop:
	STEP(R8, R9, R10, rare, stop, done)
	DECQ DI
	JNE  loop
	XORL DX, DX
	JMP  end

rare:
	RARE_STEP(R9, stop, done, overlap, double, eight, copy, copied)

stop:
	MOVL $1, DX

end:
	VZEROUPPER
	STORE(a+0(FP), R8, R9)
	MOVQ DX, stopped+24(FP)
	RET
