//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// One step decodes one element of a lane. IP is at its tag, OP where its bytes go, BASE where the output begins; R15 is &elements, eight
// bytes an element. All common elements take the same way: whether the bytes come from the input or from the output is chosen by
// a conditional move, and 32 bytes are copied whatever the length. An element that needs care jumps to LONG (more than 32
// bytes, or not for this loop) or to OVERLAP (its source overlaps its bytes), which come back to DONE, or to STOP with the lane as
// it was before the element. It leaves the length in SI, the offset in BX, the source in DX, the tag in AX.
#define STEP(IP, OP, BASE, LONG, OVERLAP, STOP, DONE) \
	MOVBLZX (IP), AX \
	MOVL    1(IP), BX \
	MOVL    (R15)(AX*8), CX \
	BZHIL   CX, BX, BX \
	ADDL    element_high(R15)(AX*8), BX \
	MOVQ    OP, DX \
	SUBQ    BX, DX \
	LEAQ    1(IP), SI \
	TESTB   $3, AX \
	CMOVQEQ SI, DX \
	MOVBLZX element_length(R15)(AX*8), SI \
	CMPL    SI, $32 \
	JHI     LONG \
	CMPL    BX, SI \
	JCS     OVERLAP \
	MOVQ    OP, DI \
	SUBQ    BASE, DI \
	CMPQ    BX, DI \
	JHI     STOP \
	VMOVDQU (DX), Y0 \
	VMOVDQU Y0, (OP) \
DONE: \
	ADDQ    SI, OP \
	MOVBLZX element_advance(R15)(AX*8), AX \
	ADDQ    AX, IP

// LONG_ELEMENT copies 33 to 64 bytes.
#define LONG_ELEMENT(OP, BASE, OVERLAP, STOP, DONE) \
	CMPL    SI, $64 \
	JHI     STOP \
	CMPL    BX, SI \
	JCS     OVERLAP \
	MOVQ    OP, DI \
	SUBQ    BASE, DI \
	CMPQ    BX, DI \
	JHI     STOP \
	VMOVDQU (DX), Y0 \
	VMOVDQU 32(DX), Y1 \
	VMOVDQU Y0, (OP) \
	VMOVDQU Y1, 32(OP) \
	JMP     DONE

// OVERLAP_COPY repeats the BX bytes before OP until there are SI bytes. Eight bytes at a time: while fewer than eight are there to
// be repeated, each turn makes them twice as many. It writes at most 7 bytes beyond the 64 of an element.
#define OVERLAP_COPY(OP, BASE, STOP, DONE, DOUBLE, EIGHT, COPY) \
	MOVQ    OP, DI \
	SUBQ    BASE, DI \
	CMPQ    BX, DI \
	JHI     STOP \
	TESTQ   BX, BX \
	JEQ     STOP \
	MOVQ    OP, DI \
	LEAQ    (OP)(SI*1), CX \
DOUBLE: \
	CMPQ    BX, $8 \
	JCC     EIGHT \
	MOVQ    (DX), R14 \
	MOVQ    R14, (DI) \
	ADDQ    BX, DI \
	ADDQ    BX, BX \
	JMP     DOUBLE \
EIGHT: \
	CMPQ    DI, CX \
	JCC     DONE \
	MOVQ    DI, DX \
	SUBQ    BX, DX \
COPY: \
	MOVQ    (DX), R14 \
	MOVQ    R14, (DI) \
	ADDQ    $8, DX \
	ADDQ    $8, DI \
	CMPQ    DI, CX \
	JCS     COPY \
	JMP     DONE

#define LOAD(L, IP, OP, BASE) \
	MOVQ lane_src(L), IP \
	ADDQ lane_s(L), IP \
	MOVQ lane_dst(L), BASE \
	MOVQ BASE, OP \
	ADDQ lane_d(L), OP

#define STORE(L, IP, OP) \
	SUBQ lane_src(L), IP \
	MOVQ IP, lane_s(L) \
	SUBQ lane_dst(L), OP \
	MOVQ OP, lane_d(L)

// func stepTwo(a, b *lane, table *[256]element, n int) (stopped int)
TEXT ·stepTwo(SB), NOSPLIT, $8-40
	MOVQ a+0(FP), AX
	LOAD(AX, R8, R9, R10)
	MOVQ b+8(FP), AX
	LOAD(AX, R11, R12, R13)
	MOVQ table+16(FP), R15
	MOVQ n+24(FP), AX
	MOVQ AX, left-8(SP)

loop:
	STEP(R8, R9, R10, long_a, overlap_a, stop_a, done_a)
	STEP(R11, R12, R13, long_b, overlap_b, stop_b, done_b)
	DECQ left-8(SP)
	JNE  loop
	XORL DX, DX
	JMP  end

long_a:
	LONG_ELEMENT(R9, R10, overlap_a, stop_a, done_a)

overlap_a:
	OVERLAP_COPY(R9, R10, stop_a, done_a, double_a, eight_a, copy_a)

long_b:
	LONG_ELEMENT(R12, R13, overlap_b, stop_b, done_b)

overlap_b:
	OVERLAP_COPY(R12, R13, stop_b, done_b, double_b, eight_b, copy_b)

stop_a:
	MOVL $1, DX
	JMP  end

stop_b:
	MOVL $2, DX

end:
	VZEROUPPER
	MOVQ a+0(FP), AX
	STORE(AX, R8, R9)
	MOVQ b+8(FP), AX
	STORE(AX, R11, R12)
	MOVQ DX, stopped+32(FP)
	RET

// func stepOne(a *lane, table *[256]element, n int) (stopped int)
TEXT ·stepOne(SB), NOSPLIT, $0-32
	MOVQ a+0(FP), AX
	LOAD(AX, R8, R9, R10)
	MOVQ table+8(FP), R15
	MOVQ n+16(FP), R11

loop:
	STEP(R8, R9, R10, long, overlap, stop, done)
	DECQ R11
	JNE  loop
	XORL DX, DX
	JMP  end

long:
	LONG_ELEMENT(R9, R10, overlap, stop, done)

overlap:
	OVERLAP_COPY(R9, R10, stop, done, double, eight, copy)

stop:
	MOVL $1, DX

end:
	VZEROUPPER
	MOVQ a+0(FP), AX
	STORE(AX, R8, R9)
	MOVQ DX, stopped+24(FP)
	RET
