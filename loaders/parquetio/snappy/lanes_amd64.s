//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// One step decodes one element of a lane. IP is at its tag, OP where its bytes go, BASE where the output begins; R15 is the table of steps. All
// common elements take the same way: whether the bytes come from the input or from the output is chosen by a conditional move, and 16 bytes are
// copied whatever the length. An element that begins before the output, which a literal seems to do in its first 64 bytes, jumps to EARLY with the lane as it
// was before the element, from where a literal comes back to AFTER; one that needs care to RARE: it is longer than 16 bytes, or not for this loop, or its source overlaps its bytes. That
// comes back to DONE, or goes to STOP too. It leaves the length in CX, the offset in BX, the source in DX.
// The line of the output some hundred elements ahead is fetched, for stores wait for each other in the order of the elements.
//
// What lanes wait for is the way from tag to tag. NEAR, for which the tag is in TAG, works out how many bytes the element has behind it, those of a literal or
// one or two of an offset, and loads the next tag. FAR looks it up, for offsets of four bytes too; its TAG is AX.
#define NEAR(IP, OP, BASE, TAG, RARE, EARLY, AFTER, DONE) \
	MOVL    (R15)(TAG*8), CX \
	BZHIL   CX, 1(IP), BX \
	ADDL    element_high(R15)(TAG*8), BX \
	MOVQ    OP, DX \
	SUBQ    BX, DX \
	CMPQ    DX, BASE \
	JCS     EARLY \
AFTER: \
	MOVL    steps_lengths(R15)(TAG*4), CX \
	LEAL    4(TAG), AX \
	SHRL    $2, AX \
	ANDL    $3, TAG \
	CMOVLEQ AX, TAG \
	LEAQ    1(IP), AX \
	CMOVQEQ AX, DX \
	CMPL    BX, CX \
	JCS     RARE \
	VMOVDQU (DX), X0 \
	PREFETCHT0 512(OP) \
	VMOVDQU X0, (OP) \
DONE: \
	ADDQ    CX, OP \
	LEAQ    1(IP)(TAG*1), IP \
	MOVBLZX (IP), TAG

#define FAR(IP, OP, BASE, TAG, RARE, EARLY, AFTER, DONE) \
	MOVBLZX (IP), TAG \
	MOVL    (R15)(TAG*8), CX \
	BZHIL   CX, 1(IP), BX \
	ADDL    element_high(R15)(TAG*8), BX \
	LEAQ    1(IP), CX \
	MOVQ    OP, DX \
	SUBQ    BX, DX \
	CMPQ    DX, BASE \
	JCS     EARLY \
AFTER: \
	TESTB   $3, TAG \
	CMOVQEQ CX, DX \
	MOVL    steps_lengths(R15)(TAG*4), CX \
	CMPL    BX, CX \
	JCS     RARE \
	VMOVDQU (DX), X0 \
	VMOVDQU X0, (OP) \
DONE: \
	ADDQ    CX, OP \
	MOVBLZX element_advance(R15)(TAG*8), TAG \
	ADDQ    TAG, IP

#define LITERAL(TAG, AFTER) \
	TESTB $3, TAG \
	JEQ   AFTER

// RARE_STEP copies 17 to 64 bytes, or up to 64 that overlap: it repeats the BX bytes before OP, eight at a time; while fewer than eight are there to
// be repeated, each turn makes them twice as many. It writes at most 7 bytes beyond the 64 of an element.
#define RARE_STEP(OP, STOP, DONE, OVERLAP, DOUBLE, EIGHT, COPY, COPIED) \
	CMPL    CX, $16 \
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

#define LOAD(L, IP, OP, BASE, TAG) \
	MOVQ    L, AX \
	MOVQ    lane_src(AX), IP \
	ADDQ    lane_s(AX), IP \
	MOVQ    lane_dst(AX), OP \
	MOVQ    OP, BASE \
	ADDQ    lane_d(AX), OP \
	MOVBLZX (IP), TAG

#define STORE(L, IP, OP) \
	MOVQ L, AX \
	SUBQ lane_src(AX), IP \
	MOVQ IP, lane_s(AX) \
	SUBQ lane_dst(AX), OP \
	MOVQ OP, lane_d(AX)

#define THREE(STEP, BASE_A, BASE_B, BASE_C, TAG_A, TAG_B, TAG_C) \
	LOAD(a+0(FP), R8, R9, BASE_A, TAG_A) \
	LOAD(b+8(FP), R11, R12, BASE_B, TAG_B) \
	LOAD(c+16(FP), SI, DI, BASE_C, TAG_C) \
	MOVQ table+24(FP), R15 \
	MOVQ n+32(FP), AX \
	MOVQ AX, left-8(SP) \
loop: \
	STEP(R8, R9, BASE_A, TAG_A, rare_a, early_a, after_a, done_a) \
	STEP(R11, R12, BASE_B, TAG_B, rare_b, early_b, after_b, done_b) \
	STEP(SI, DI, BASE_C, TAG_C, rare_c, early_c, after_c, done_c) \
	DECQ left-8(SP) \
	JNE  loop \
	XORL DX, DX \
	JMP  end \
rare_a: \
	RARE_STEP(R9, stop_a, done_a, overlap_a, double_a, eight_a, copy_a, copied_a) \
rare_b: \
	RARE_STEP(R12, stop_b, done_b, overlap_b, double_b, eight_b, copy_b, copied_b) \
rare_c: \
	RARE_STEP(DI, stop_c, done_c, overlap_c, double_c, eight_c, copy_c, copied_c) \
early_a: \
	LITERAL(TAG_A, after_a) \
stop_a: \
	MOVL $1, DX \
	JMP  end \
early_b: \
	LITERAL(TAG_B, after_b) \
stop_b: \
	MOVL $2, DX \
	JMP  end \
early_c: \
	LITERAL(TAG_C, after_c) \
stop_c: \
	MOVL $3, DX \
end: \
	VZEROUPPER \
	STORE(a+0(FP), R8, R9) \
	STORE(b+8(FP), R11, R12) \
	STORE(c+16(FP), SI, DI) \
	MOVQ DX, stopped+40(FP) \
	RET

// ENDS jumps to STOP where a lane is at its end.
#define ENDS(IP, OP, END_S, END_D, STOP) \
	CMPQ IP, END_S \
	JCC  STOP \
	CMPQ OP, END_D \
	JCC  STOP

// LOAD_ENDS loads the ends of lane L.
#define LOAD_ENDS(L, END_S, END_D) \
	MOVQ L, AX \
	MOVQ lane_src(AX), BX \
	ADDQ lane_endS(AX), BX \
	MOVQ BX, END_S \
	MOVQ lane_dst(AX), BX \
	ADDQ lane_endD(AX), BX \
	MOVQ BX, END_D

#define TWO(STEP, TAG_A, TAG_B) \
	LOAD(a+0(FP), R8, R9, R10, TAG_A) \
	LOAD(b+8(FP), R11, R12, R13, TAG_B) \
	MOVQ table+16(FP), R15 \
	MOVQ n+24(FP), DI \
loop: \
	STEP(R8, R9, R10, TAG_A, rare_a, early_a, after_a, done_a) \
	STEP(R11, R12, R13, TAG_B, rare_b, early_b, after_b, done_b) \
	DECQ DI \
	JNE  loop \
	XORL DX, DX \
	JMP  end \
rare_a: \
	RARE_STEP(R9, stop_a, done_a, overlap_a, double_a, eight_a, copy_a, copied_a) \
rare_b: \
	RARE_STEP(R12, stop_b, done_b, overlap_b, double_b, eight_b, copy_b, copied_b) \
early_a: \
	LITERAL(TAG_A, after_a) \
stop_a: \
	MOVL $1, DX \
	JMP  end \
early_b: \
	LITERAL(TAG_B, after_b) \
stop_b: \
	MOVL $2, DX \
end: \
	VZEROUPPER \
	STORE(a+0(FP), R8, R9) \
	STORE(b+8(FP), R11, R12) \
	MOVQ DX, stopped+32(FP) \
	RET

#define ONE(STEP, TAG) \
	LOAD(a+0(FP), R8, R9, R10, TAG) \
	MOVQ table+8(FP), R15 \
	MOVQ n+16(FP), DI \
loop: \
	STEP(R8, R9, R10, TAG, rare, early, after, done) \
	DECQ DI \
	JNE  loop \
	XORL DX, DX \
	JMP  end \
rare: \
	RARE_STEP(R9, stop, done, overlap, double, eight, copy, copied) \
early: \
	LITERAL(TAG, after) \
stop: \
	MOVL $1, DX \
end: \
	VZEROUPPER \
	STORE(a+0(FP), R8, R9) \
	MOVQ DX, stopped+24(FP) \
	RET

// func stepThree(a, b, c *lane, table *steps, n int) (stopped int)
TEXT ·stepThree(SB), NOSPLIT, $48-48
	THREE(NEAR, base_a-32(SP), base_b-40(SP), base_c-48(SP), R10, R13, R14)

// func stepEnds(a, b, c *lane, table *steps) (stopped int)
TEXT ·stepEnds(SB), NOSPLIT, $96-40
	LOAD(a+0(FP), R8, R9, base_a-32(SP), R10)
	LOAD(b+8(FP), R11, R12, base_b-40(SP), R13)
	LOAD(c+16(FP), SI, DI, base_c-48(SP), R14)
	LOAD_ENDS(a+0(FP), in_a-56(SP), out_a-64(SP))
	LOAD_ENDS(b+8(FP), in_b-72(SP), out_b-80(SP))
	LOAD_ENDS(c+16(FP), in_c-88(SP), out_c-96(SP))
	MOVQ table+24(FP), R15

loop:
	ENDS(R8, R9, in_a-56(SP), out_a-64(SP), stop_a)
	NEAR(R8, R9, base_a-32(SP), R10, rare_a, early_a, after_a, done_a)
	ENDS(R11, R12, in_b-72(SP), out_b-80(SP), stop_b)
	NEAR(R11, R12, base_b-40(SP), R13, rare_b, early_b, after_b, done_b)
	ENDS(SI, DI, in_c-88(SP), out_c-96(SP), stop_c)
	NEAR(SI, DI, base_c-48(SP), R14, rare_c, early_c, after_c, done_c)
	JMP loop

rare_a:
	RARE_STEP(R9, stop_a, done_a, overlap_a, double_a, eight_a, copy_a, copied_a)

rare_b:
	RARE_STEP(R12, stop_b, done_b, overlap_b, double_b, eight_b, copy_b, copied_b)

rare_c:
	RARE_STEP(DI, stop_c, done_c, overlap_c, double_c, eight_c, copy_c, copied_c)

early_a:
	LITERAL(R10, after_a)

stop_a:
	MOVL $1, DX
	JMP  end

early_b:
	LITERAL(R13, after_b)

stop_b:
	MOVL $2, DX
	JMP  end

early_c:
	LITERAL(R14, after_c)

stop_c:
	MOVL $3, DX

end:
	VZEROUPPER
	STORE(a+0(FP), R8, R9)
	STORE(b+8(FP), R11, R12)
	STORE(c+16(FP), SI, DI)
	MOVQ DX, stopped+32(FP)
	RET

// func stepThreeFar(a, b, c *lane, table *steps, n int) (stopped int)
TEXT ·stepThreeFar(SB), NOSPLIT, $24-48
	THREE(FAR, R10, R13, R14, AX, AX, AX)

// func stepTwo(a, b *lane, table *steps, n int) (stopped int)
TEXT ·stepTwo(SB), NOSPLIT, $24-40
	TWO(NEAR, R14, SI)

// func stepTwoFar(a, b *lane, table *steps, n int) (stopped int)
TEXT ·stepTwoFar(SB), NOSPLIT, $24-40
	TWO(FAR, AX, AX)

// func stepOne(a *lane, table *steps, n int) (stopped int)
TEXT ·stepOne(SB), NOSPLIT, $24-32
	ONE(NEAR, R11)

// func stepOneFar(a *lane, table *steps, n int) (stopped int)
TEXT ·stepOneFar(SB), NOSPLIT, $24-32
	ONE(FAR, AX)
