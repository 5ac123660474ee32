//go:build !purego

#include "textflag.h"

// How long a text must be for each byte of its view to mean something.
DATA cleanNeeds<>+0(SB)/8, $0x0403020100000000
DATA cleanNeeds<>+8(SB)/8, $0x0c0b0a0908070605
GLOBL cleanNeeds<>(SB), RODATA|NOPTR, $16

#define LOW Y15
#define HIGH Y14
#define REFUSED Y13
#define NEEDS Y12
#define ZERO Y11

// Which bytes of two views show that they are not as asked, with the length in each byte of them.
#define LOOK(views, length, outside, means) \
	VPSHUFB ZERO, views, length;     \
	VPMAXUB NEEDS, length, means;    \
	VPCMPEQB length, means, means;   \
	VPMAXUB LOW, views, outside;     \
	VPMINUB HIGH, outside, outside;  \
	VPXOR views, outside, outside;   \
	VPAND means, outside, outside;   \
	VPSHUFB length, REFUSED, length; \
	VPOR length, outside, outside

// func countClean(views *byte, low, high, refused *[16]byte, n int) (count int)
TEXT ·countClean(SB), NOSPLIT, $0-48
	MOVQ views+0(FP), SI
	MOVQ low+8(FP), AX
	MOVQ high+16(FP), BX
	MOVQ refused+24(FP), CX
	VBROADCASTI128 (AX), LOW
	VBROADCASTI128 (BX), HIGH
	VBROADCASTI128 (CX), REFUSED
	VBROADCASTI128 cleanNeeds<>(SB), NEEDS
	VPXOR ZERO, ZERO, ZERO
	MOVQ n+32(FP), CX
	XORQ DX, DX

four:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	LOOK(Y0, Y2, Y3, Y4)
	LOOK(Y1, Y5, Y6, Y7)
	VPOR Y3, Y6, Y3
	VPTEST Y3, Y3
	JNZ done
	ADDQ $64, SI
	ADDQ $4, DX
	CMPQ DX, CX
	JLT four

done:
	VZEROUPPER
	MOVQ DX, count+40(FP)
	RET

DATA cleanLeads<>+0(SB)/1, $0xe4 // the first lead
DATA cleanLeads<>+1(SB)/1, $0x05 // how many follow it
DATA cleanLeads<>+2(SB)/1, $0xc0 // what is behind the continuations
GLOBL cleanLeads<>(SB), RODATA|NOPTR, $3

// KINDS has the bytes of text that are leads in leads, continuations in rests, ASCII or neither in highs, and those below LEAST in few, a bit each.
#define KINDS(text, leads, rests, highs, few) \
	VPSUBB Y1, text, Y5;   \
	VPMINUB Y2, Y5, Y6;    \
	VPCMPEQB Y5, Y6, Y6;   \
	VPMOVMSKB Y6, leads;   \
	VPCMPGTB text, Y3, Y6; \
	VPMOVMSKB Y6, rests;   \
	VPMOVMSKB text, highs; \
	VPMAXUB Y4, text, Y6;  \
	VPCMPEQB text, Y6, Y6; \
	VPMOVMSKB Y6, few

// func allClean(text *[64]byte, least byte) bool
TEXT ·allClean(SB), NOSPLIT, $0-17
	MOVQ text+0(FP), SI
	VPBROADCASTB cleanLeads<>+0(SB), Y1
	VPBROADCASTB cleanLeads<>+1(SB), Y2
	VPBROADCASTB cleanLeads<>+2(SB), Y3
	VPBROADCASTB least+8(FP), Y4
	VMOVDQU (SI), Y7
	VMOVDQU 32(SI), Y8
	KINDS(Y7, AX, BX, CX, DX)
	KINDS(Y8, R8, R9, R10, R11)
	ANDL R11, DX
	NOTL DX                     // bytes that are below least
	SHLQ $32, R8
	SHLQ $32, R9
	SHLQ $32, R10
	ORQ  R8, AX
	ORQ  R9, BX
	ORQ  R10, CX
	LEAQ (AX)(AX*1), R8         // two continuations behind each lead, and no others
	LEAQ (AX*4), R9
	ORQ  R9, R8
	XORQ BX, R8
	ORQ  BX, AX                 // and nothing else that is no ASCII
	XORQ CX, AX
	ORQ  R8, AX
	ORQ  DX, AX
	SETEQ ret+16(FP)
	VZEROUPPER
	RET
