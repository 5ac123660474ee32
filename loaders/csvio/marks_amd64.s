//go:build !purego

#include "textflag.h"

// func findMarksWide(dst []marks, text []byte, a, b, c byte)
TEXT ·findMarksWide(SB), NOSPLIT, $0-51
	MOVQ dst_base+0(FP), DI
	MOVQ dst_len+8(FP), CX
	MOVQ text_base+24(FP), SI
	VPBROADCASTB a+48(FP), Y0
	VPBROADCASTB b+49(FP), Y1
	VPBROADCASTB c+50(FP), Y2
	TESTQ CX, CX
	JEQ  done

loop:
	VMOVDQU (SI), Y3
	VMOVDQU 32(SI), Y4
	VPCMPEQB Y0, Y3, Y5
	VPCMPEQB Y0, Y4, Y6
	VPCMPEQB Y1, Y3, Y7
	VPCMPEQB Y1, Y4, Y8
	VPCMPEQB Y2, Y3, Y9
	VPCMPEQB Y2, Y4, Y10
	VPMOVMSKB Y5, AX
	VPMOVMSKB Y6, BX
	VPMOVMSKB Y7, DX
	VPMOVMSKB Y8, R8
	VPMOVMSKB Y9, R9
	VPMOVMSKB Y10, R10
	SHLQ $32, BX
	SHLQ $32, R8
	SHLQ $32, R10
	ORQ  BX, AX
	ORQ  R8, DX
	ORQ  R10, R9
	MOVQ AX, (DI)
	MOVQ DX, 8(DI)
	MOVQ R9, 16(DI)
	ADDQ $64, SI
	ADDQ $24, DI
	DECQ CX
	JNE  loop

done:
	VZEROUPPER
	RET

// END puts where the lowest bit of AX is, from R11 on, in an element of DI, and clears it.
#define END(i) \
	TZCNTQ AX, R9; \
	ADDL R11, R9; \
	MOVL R9, 4*i(DI); \
	BLSRQ AX, AX

// func findEndsWide(to []uint32, text []byte, at int, delimiter byte, limit int, inside uint64) (n, lines, done int, within, quotes uint64)
TEXT ·findEndsWide(SB), NOSPLIT, $0-120
	MOVQ to_base+0(FP), DI
	MOVQ text_base+24(FP), SI
	MOVQ text_len+32(FP), CX
	MOVQ at+48(FP), R11
	VPBROADCASTB delimiter+56(FP), Y0
	MOVL $0x0a0a0a0a, AX
	VMOVD AX, X1
	VPBROADCASTD X1, Y1
	MOVL $0x22222222, AX
	VMOVD AX, X2
	VPBROADCASTD X2, Y2
	VPCMPEQB Y9, Y9, Y9             // all bits
	MOVQ limit+64(FP), R12
	MOVQ inside+72(FP), R15
	XORQ R13, R13                   // lines
	XORQ R10, R10                   // quotes
	ADDQ SI, CX
	SUBQ $64, CX                    // where the last block begins

block:
	CMPQ SI, CX
	JHI  done
	CMPQ R13, R12
	JGE  done
	VMOVDQU (SI), Y3
	VMOVDQU 32(SI), Y4
	VPCMPEQB Y2, Y3, Y5
	VPCMPEQB Y2, Y4, Y6
	VPMOVMSKB Y5, AX
	VPMOVMSKB Y6, BX
	SHLQ $32, BX
	ORQ  BX, AX
	ORQ  AX, R10
	MOVQ R15, R9
	TESTQ AX, AX
	JEQ  plain
	VMOVQ AX, X7
	VPCLMULQDQ $0, X9, X7, X7       // whether the quotes up to each byte are odd
	VMOVQ X7, R9
	XORQ R15, R9
	MOVQ R9, R15
	SARQ $63, R15                   // what the next block begins with

plain:
	VPCMPEQB Y1, Y3, Y5
	VPCMPEQB Y1, Y4, Y6
	VPCMPEQB Y0, Y3, Y3
	VPCMPEQB Y0, Y4, Y4
	VPOR Y5, Y3, Y3
	VPOR Y6, Y4, Y4
	VPMOVMSKB Y5, DX
	VPMOVMSKB Y6, BX
	VPMOVMSKB Y3, AX
	VPMOVMSKB Y4, R8
	SHLQ $32, BX
	SHLQ $32, R8
	ORQ  BX, DX                     // line ends
	ORQ  R8, AX                     // and delimiters
	ANDNQ DX, R9, DX
	ANDNQ AX, R9, AX
	POPCNTQ DX, DX
	ADDQ DX, R13
	POPCNTQ AX, R14

eight:                                  // are written, whether there are: that they are some more or less is no branch
	END(0)
	END(1)
	END(2)
	END(3)
	END(4)
	END(5)
	END(6)
	END(7)
	CMPQ R14, $8
	JHI  more
	LEAQ (DI)(R14*4), DI
	ADDQ $64, SI
	ADDQ $64, R11
	JMP  block

more:
	ADDQ $32, DI
	SUBQ $8, R14
	JMP  eight

done:
	SUBQ to_base+0(FP), DI
	SHRQ $2, DI
	SUBQ text_base+24(FP), SI
	MOVQ DI, n+80(FP)
	MOVQ R13, lines+88(FP)
	MOVQ SI, done+96(FP)
	MOVQ R15, within+104(FP)
	MOVQ R10, quotes+112(FP)
	VZEROUPPER
	RET

// func behindWide(dst, places []uint32)
TEXT ·behindWide(SB), NOSPLIT, $0-48
	MOVQ dst_base+0(FP), DI
	MOVQ dst_len+8(FP), CX
	MOVQ places_base+24(FP), SI
	VPCMPEQB Y1, Y1, Y1             // -1

eight:
	SUBQ $8, CX
	JLT  rest
	VMOVDQU (SI), Y0
	VPSUBD Y1, Y0, Y0
	VMOVDQU Y0, (DI)
	ADDQ $32, SI
	ADDQ $32, DI
	JMP  eight

rest:
	ADDQ $8, CX
	JEQ  done

one:
	MOVL (SI), AX
	INCL AX
	MOVL AX, (DI)
	ADDQ $4, SI
	ADDQ $4, DI
	DECQ CX
	JNE  one

done:
	VZEROUPPER
	RET

// func fillWide(views []uint64, from, to []uint32, step int, buf []byte, keep *[13][2]uint64) (empty uint64)
TEXT ·fillWide(SB), NOSPLIT, $0-120
	MOVQ views_base+0(FP), DI
	MOVQ views_len+8(FP), CX
	MOVQ from_base+24(FP), SI
	MOVQ to_base+48(FP), DX
	MOVQ step+72(FP), BX
	MOVQ buf_base+80(FP), R8
	MOVQ keep+104(FP), R9
	SHLQ $2, BX
	SHRQ $1, CX                     // views
	MOVQ CX, R15
	XORQ R14, R14                   // which are empty, the last at the top
	TESTQ CX, CX
	JEQ  done

view:
	MOVL (SI), R10
	MOVL (DX), R11
	ADDQ BX, SI
	ADDQ BX, DX
	SUBL R10, R11
	MOVQ (R8)(R10*1), R12
	SHLQ $32, R12
	ORQ  R11, R12
	CMPL R11, $1
	RCRQ $1, R14
	CMPL R11, $12
	JHI  apart
	MOVQ 4(R8)(R10*1), R13
	SHLL $4, R11
	ANDQ (R9)(R11*1), R12
	ANDQ 8(R9)(R11*1), R13

store:
	MOVQ R12, (DI)
	MOVQ R13, 8(DI)
	ADDQ $16, DI
	DECQ CX
	JNE  view
	MOVQ $64, CX
	SUBQ R15, CX
	SHRQ CX, R14

done:
	MOVQ R14, empty+112(FP)
	RET

apart:
	MOVQ R10, R13
	SHLQ $32, R13
	JMP  store

// What a byte and the high half of the one behind it may not be, a bit a fault; a fault is what all three tables say. Bits: 0x01 a lead
// without a continuation, 0x02 a continuation behind ASCII, 0x20 two bytes that one would do for, 0x04 three, 0x40 four or beyond U+13FFFF,
// 0x10 surrogates, 0x08 beyond U+10FFFF, 0x80 two continuations, which is right behind a lead of three or four alone.
DATA firstHigh<>+0(SB)/8, $0x0202020202020202
DATA firstHigh<>+8(SB)/8, $0x4915012180808080
DATA firstHigh<>+16(SB)/8, $0x0202020202020202
DATA firstHigh<>+24(SB)/8, $0x4915012180808080
GLOBL firstHigh<>(SB), RODATA|NOPTR, $32

DATA firstLow<>+0(SB)/8, $0xcbcbcb8b8383a3e7
DATA firstLow<>+8(SB)/8, $0xcbcbdbcbcbcbcbcb
DATA firstLow<>+16(SB)/8, $0xcbcbcb8b8383a3e7
DATA firstLow<>+24(SB)/8, $0xcbcbdbcbcbcbcbcb
GLOBL firstLow<>(SB), RODATA|NOPTR, $32

DATA secondHigh<>+0(SB)/8, $0x0101010101010101
DATA secondHigh<>+8(SB)/8, $0x01010101babaaee6
DATA secondHigh<>+16(SB)/8, $0x0101010101010101
DATA secondHigh<>+24(SB)/8, $0x01010101babaaee6
GLOBL secondHigh<>(SB), RODATA|NOPTR, $32

DATA bytes<>+0(SB)/1, $0x0f
DATA bytes<>+1(SB)/1, $0x60
DATA bytes<>+2(SB)/1, $0x70
DATA bytes<>+3(SB)/1, $0x80
GLOBL bytes<>(SB), RODATA|NOPTR, $4

// func isWideText(b []byte, blocks int) bool
TEXT ·isWideText(SB), NOSPLIT, $0-33
	MOVQ b_base+0(FP), SI
	MOVQ blocks+24(FP), CX
	VMOVDQU firstHigh<>(SB), Y0
	VMOVDQU firstLow<>(SB), Y1
	VMOVDQU secondHigh<>(SB), Y2
	VPBROADCASTB bytes<>+0(SB), Y3  // the low half of a byte
	VPBROADCASTB bytes<>+1(SB), Y4  // 0xe0 - 0x80
	VPBROADCASTB bytes<>+2(SB), Y5  // 0xf0 - 0x80
	VPBROADCASTB bytes<>+3(SB), Y6
	VPXOR Y7, Y7, Y7                // zero
	VPXOR Y8, Y8, Y8                // faults
	VPXOR Y9, Y9, Y9                // the block before
	TESTQ CX, CX
	JEQ  done

loop:
	VMOVDQU (SI), Y10
	VPERM2I128 $0x21, Y10, Y9, Y11  // the end of the block before, the beginning of this one
	VPALIGNR $15, Y11, Y10, Y12     // the byte before each
	VPALIGNR $14, Y11, Y10, Y13     // two before
	VPALIGNR $13, Y11, Y10, Y14     // three before
	VMOVDQA Y10, Y9
	VPCMPEQB Y7, Y10, Y15
	VPOR Y15, Y8, Y8
	VPSUBUSB Y4, Y13, Y13           // the high bit: it leads three or four bytes
	VPSUBUSB Y5, Y14, Y14           // four
	VPOR Y14, Y13, Y13
	VPAND Y6, Y13, Y13
	VPAND Y3, Y12, Y14
	VPSHUFB Y14, Y1, Y14
	VPSRLW $4, Y12, Y12
	VPAND Y3, Y12, Y12
	VPSHUFB Y12, Y0, Y12
	VPSRLW $4, Y10, Y10
	VPAND Y3, Y10, Y10
	VPSHUFB Y10, Y2, Y10
	VPAND Y14, Y12, Y12
	VPAND Y12, Y10, Y10
	VPXOR Y13, Y10, Y10
	VPOR Y10, Y8, Y8
	ADDQ $32, SI
	DECQ CX
	JNE  loop

done:
	VPTEST Y8, Y8
	SETEQ ret+32(FP)
	VZEROUPPER
	RET
