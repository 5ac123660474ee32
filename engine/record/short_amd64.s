//go:build !purego

#include "textflag.h"

// The primes of XXH64, what is tested of a length, and which words of two vectors of headers are the first and the second of each.
DATA ·shortWords+0(SB)/8, $0x9e3779b185ebca87
DATA ·shortWords+8(SB)/8, $0xc2b2ae3d27d4eb4f
DATA ·shortWords+16(SB)/8, $0x165667b19e3779f9
DATA ·shortWords+24(SB)/8, $0x85ebca77c2b2ae63
DATA ·shortWords+32(SB)/8, $0x27d4eb2f165667c5
DATA ·shortWords+40(SB)/8, $0x00000000ffffffff
DATA ·shortWords+48(SB)/8, $7
DATA ·shortWords+56(SB)/8, $4
DATA ·shortWords+64(SB)/8, $3
DATA ·shortWords+72(SB)/8, $2
DATA ·shortWords+80(SB)/8, $0xff
DATA ·shortWords+88(SB)/8, $0
DATA ·shortWords+96(SB)/8, $2
DATA ·shortWords+104(SB)/8, $4
DATA ·shortWords+112(SB)/8, $6
DATA ·shortWords+120(SB)/8, $8
DATA ·shortWords+128(SB)/8, $10
DATA ·shortWords+136(SB)/8, $12
DATA ·shortWords+144(SB)/8, $14
DATA ·shortWords+152(SB)/8, $1
DATA ·shortWords+160(SB)/8, $3
DATA ·shortWords+168(SB)/8, $5
DATA ·shortWords+176(SB)/8, $7
DATA ·shortWords+184(SB)/8, $9
DATA ·shortWords+192(SB)/8, $11
DATA ·shortWords+200(SB)/8, $13
DATA ·shortWords+208(SB)/8, $15
DATA ·shortWords+216(SB)/8, $0x60ea27eeadc0b5d6 // PRIME1 + PRIME2
DATA ·shortWords+224(SB)/8, $0x61c8864e7a143579 // -PRIME1
DATA ·shortWords+232(SB)/8, $32
DATA ·shortWords+240(SB)/8, $8
DATA ·shortWords+248(SB)/8, $12
DATA ·shortWords+256(SB)/8, $4 // where the texts of headers begin
DATA ·shortWords+264(SB)/8, $20
DATA ·shortWords+272(SB)/8, $36
DATA ·shortWords+280(SB)/8, $52
DATA ·shortWords+288(SB)/8, $68
DATA ·shortWords+296(SB)/8, $84
DATA ·shortWords+304(SB)/8, $100
DATA ·shortWords+312(SB)/8, $116
GLOBL ·shortWords(SB), RODATA|NOPTR, $320

#define PRIME1 Z31
#define PRIME2 Z30
#define PRIME3 Z29
#define PRIME4 Z28
#define PRIME5 Z27
#define LOW32 Z26
#define SEVEN Z25
#define FOUR Z24
#define THREE Z23
#define TWO Z22
#define BYTE Z21
#define FIRSTS Z20
#define SECONDS Z19

#define LENGTH Z4
#define BYTES0TO3 Z5
#define BYTES0TO7 Z6
#define BYTES4TO11 Z3
#define BYTES8TO11 Z7
#define HASH Z8
#define T Z9
#define REST Z10

// The hash of eight more bytes, four, one: of the lanes of a mask.
#define EIGHT(word, mask) \
	VPMULLQ PRIME2, word, T;    \
	VPROLQ $31, T, T;           \
	VPMULLQ PRIME1, T, T;       \
	VPXORQ T, HASH, T;          \
	VPROLQ $27, T, T;           \
	VPMULLQ PRIME1, T, T;       \
	VPADDQ PRIME4, T, mask, HASH

#define FOURMORE(word, mask) \
	VPMULLQ PRIME1, word, T;    \
	VPXORQ T, HASH, T;          \
	VPROLQ $23, T, T;           \
	VPMULLQ PRIME2, T, T;       \
	VPADDQ PRIME3, T, mask, HASH

#define ONE(mask) \
	VPANDQ BYTE, REST, T;       \
	VPMULLQ PRIME5, T, T;       \
	VPXORQ T, HASH, T;          \
	VPROLQ $11, T, T;           \
	VPMULLQ PRIME1, T, mask, HASH; \
	VPSRLQ $8, REST, REST

#define FINISH \
	VPSRLQ $33, HASH, T;        \
	VPXORQ T, HASH, HASH;       \
	VPMULLQ PRIME2, HASH, HASH; \
	VPSRLQ $29, HASH, T;        \
	VPXORQ T, HASH, HASH;       \
	VPMULLQ PRIME3, HASH, HASH; \
	VPSRLQ $32, HASH, T;        \
	VPXORQ T, HASH, HASH

#define LOAD \
	LEAQ ·shortWords(SB), AX;       \
	VPBROADCASTQ 0(AX), PRIME1;     \
	VPBROADCASTQ 8(AX), PRIME2;     \
	VPBROADCASTQ 16(AX), PRIME3;    \
	VPBROADCASTQ 24(AX), PRIME4;    \
	VPBROADCASTQ 32(AX), PRIME5;    \
	VPBROADCASTQ 40(AX), LOW32;     \
	VPBROADCASTQ 48(AX), SEVEN;     \
	VPBROADCASTQ 56(AX), FOUR;      \
	VPBROADCASTQ 64(AX), THREE;     \
	VPBROADCASTQ 72(AX), TWO;       \
	VPBROADCASTQ 80(AX), BYTE;      \
	VMOVDQU64 88(AX), FIRSTS;       \
	VMOVDQU64 152(AX), SECONDS

// Which lanes have four bytes left, one, two, three, of a number of bytes below eight or the low bits of a length.
#define LEFTOVERS(n) \
	VPTESTMQ FOUR, n, K2;       \
	VPTESTMQ THREE, n, K3;      \
	VPTESTMQ TWO, n, K4;        \
	VPANDQ THREE, n, T;         \
	VPCMPEQQ THREE, T, K5

// The last bytes, the end of the hash, and on to the next eight texts.
#define END8 \
	ONE(K3);                    \
	ONE(K4);                    \
	ONE(K5);                    \
	FINISH;                     \
	VMOVDQU64 HASH, (DI);       \
	ADDQ $128, SI;              \
	ADDQ $64, DI

// func hashShortEights(views *byte, out *uint64, n int)
TEXT ·hashShortEights(SB), NOSPLIT, $0-24
	MOVQ views+0(FP), SI
	MOVQ out+8(FP), DI
	MOVQ n+16(FP), CX
	LOAD

loop:
	VMOVDQU64 (SI), Z0
	VMOVDQU64 64(SI), Z1
	VMOVDQA64 FIRSTS, Z2
	VPERMI2Q Z1, Z0, Z2
	VMOVDQA64 SECONDS, BYTES4TO11
	VPERMI2Q Z1, Z0, BYTES4TO11
	VPANDQ LOW32, Z2, LENGTH
	VPSRLQ $32, Z2, BYTES0TO3
	VPSLLQ $32, BYTES4TO11, BYTES0TO7
	VPORQ BYTES0TO3, BYTES0TO7, BYTES0TO7
	VPSRLQ $32, BYTES4TO11, BYTES8TO11
	VPCMPUQ $6, SEVEN, LENGTH, K1    // eight bytes or more
	LEFTOVERS(LENGTH)
	VPADDQ PRIME5, LENGTH, HASH

	EIGHT(BYTES0TO7, K1)
	VMOVDQA64 BYTES0TO3, REST
	VMOVDQA64 BYTES8TO11, K1, REST
	FOURMORE(REST, K2)
	VMOVDQA64 BYTES0TO3, REST
	VMOVDQA64 BYTES4TO11, K2, REST
	VMOVDQA64 BYTES8TO11, K1, REST
	END8
	SUBQ $8, CX
	JA loop
	VZEROUPPER
	RET

#define THIRTYTWO Z18
#define EIGHTS Z17
#define INLINE Z16
#define BUFFER Z15
#define LAST Z25 // where a text ends at the latest
#define POS Z2
#define LEFT Z3
#define V1 Z11
#define V2 Z12
#define V3 Z13
#define V4 Z14
#define W1 Z0
#define W2 Z1
#define W3 Z5
#define W4 Z6
#define PAIRS Z7

// The next four words of each text, wherever it is, into W1 to W4: two texts side by side in each of the four, and then turned about. A
// gather would load word by word, and takes some instructions more for each.
#define WORDS \
	VMOVDQU64 POS, pos-64(SP);           \
	MOVQ pos-64(SP), AX;                 \
	VMOVDQU (R8)(AX*1), Y0;              \
	MOVQ pos-48(SP), AX;                 \
	VINSERTI64X4 $1, (R8)(AX*1), W1, W1; \
	MOVQ pos-56(SP), AX;                 \
	VMOVDQU (R8)(AX*1), Y1;              \
	MOVQ pos-40(SP), AX;                 \
	VINSERTI64X4 $1, (R8)(AX*1), W2, W2; \
	MOVQ pos-32(SP), AX;                 \
	VMOVDQU (R8)(AX*1), Y5;              \
	MOVQ pos-16(SP), AX;                 \
	VINSERTI64X4 $1, (R8)(AX*1), W3, W3; \
	MOVQ pos-24(SP), AX;                 \
	VMOVDQU (R8)(AX*1), Y6;              \
	MOVQ pos-8(SP), AX;                  \
	VINSERTI64X4 $1, (R8)(AX*1), W4, W4; \
	VPUNPCKLQDQ W2, W1, PAIRS;           \
	VPUNPCKHQDQ W2, W1, W2;              \
	VPUNPCKLQDQ W4, W3, T;               \
	VPUNPCKHQDQ W4, W3, W4;              \
	VSHUFI64X2 $0x88, T, PAIRS, W1;      \
	VSHUFI64X2 $0xdd, T, PAIRS, W3;      \
	VSHUFI64X2 $0x88, W4, W2, T;         \
	VSHUFI64X2 $0xdd, W4, W2, W4;        \
	VMOVDQA64 T, W2

// A word of the lanes of K2 into its accumulator.
#define STRIPE(word, v) \
	VPMULLQ PRIME2, word, T; \
	VPADDQ T, v, T;          \
	VPROLQ $31, T, T;        \
	VPMULLQ PRIME1, T, K2, v

#define MERGE(v) \
	VPMULLQ PRIME2, v, T;       \
	VPROLQ $31, T, T;           \
	VPMULLQ PRIME1, T, T;       \
	VPXORQ T, REST, REST;       \
	VPMULLQ PRIME1, REST, REST; \
	VPADDQ PRIME4, REST, REST

// A word of the lanes that have eight bytes left, and the next one, with what is left behind.
#define WORD(word, next) \
	VPCMPUQ $5, EIGHTS, LEFT, K2; \
	KORTESTB K2, K2;              \
	JZ tail;                      \
	EIGHT(word, K2);              \
	VMOVDQA64 next, K2, REST;     \
	VPSUBQ EIGHTS, LEFT, K2, LEFT

// func hashLongEights(views, base *byte, size, buffer uint64, out *uint64, n int) (done int)
//
// Texts that stand in their headers are read from a copy of these, with room behind it for the words that are read at once.
TEXT ·hashLongEights(SB), NOSPLIT, $288-56
	MOVQ views+0(FP), SI
	MOVQ base+8(FP), R8
	MOVQ size+16(FP), R9
	MOVQ out+32(FP), DI
	MOVQ n+40(FP), CX
	XORQ DX, DX
	SUBQ $32, R9
	JB none
	LOAD
	VPBROADCASTQ 232(AX), THIRTYTWO
	VPBROADCASTQ 240(AX), EIGHTS
	VPBROADCASTQ 248(AX), INLINE
	VPBROADCASTQ buffer+24(FP), BUFFER
	VPBROADCASTQ R9, LAST
	MOVQ AX, R10
	LEAQ heads-224(SP), AX
	SUBQ R8, AX
	VPBROADCASTQ AX, T
	VPADDQ 256(R10), T, T
	VMOVDQU64 T, inheads-288(SP)     // positions of the texts in the copy

group:
	VMOVDQU64 (SI), Z0
	VMOVDQU64 64(SI), Z1
	VMOVDQU64 Z0, heads-224(SP)
	VMOVDQU64 Z1, heads-160(SP)
	VMOVDQA64 FIRSTS, LENGTH
	VPERMI2Q Z1, Z0, LENGTH
	VMOVDQA64 SECONDS, Z6
	VPERMI2Q Z1, Z0, Z6
	VPANDQ LOW32, LENGTH, LENGTH
	VPCMPUQ $6, INLINE, LENGTH, K1   // not in the header
	VPANDQ LOW32, Z6, T              // buffers
	VPCMPUQ $4, BUFFER, T, K1, K2    // another one
	VPSRLQ.Z $32, Z6, K1, POS        // offsets, 0 for those that are
	VPADDQ LENGTH, POS, T
	VPCMPUQ $6, LAST, T, K3
	KORTESTB K2, K3
	JNZ done
	KNOTB K1, K1
	VMOVDQU64 inheads-288(SP), K1, POS
	VMOVDQA64 LENGTH, LEFT
	VMOVDQA64 PRIME5, HASH
	VPCMPUQ $5, THIRTYTWO, LENGTH, K1
	KORTESTB K1, K1
	JZ words

	VPBROADCASTQ 216(R10), V1
	VMOVDQA64 PRIME2, V2
	VPXORQ V3, V3, V3
	VPBROADCASTQ 224(R10), V4
	KMOVB K1, K2

stripes:
	WORDS
	STRIPE(W1, V1)
	STRIPE(W2, V2)
	STRIPE(W3, V3)
	STRIPE(W4, V4)
	VPADDQ THIRTYTWO, POS, K2, POS
	VPSUBQ THIRTYTWO, LEFT, K2, LEFT
	VPCMPUQ $5, THIRTYTWO, LEFT, K2
	KORTESTB K2, K2
	JNZ stripes

	VPROLQ $1, V1, REST
	VPROLQ $7, V2, T
	VPADDQ T, REST, REST
	VPROLQ $12, V3, T
	VPADDQ T, REST, REST
	VPROLQ $18, V4, T
	VPADDQ T, REST, REST
	MERGE(V1)
	MERGE(V2)
	MERGE(V3)
	MERGE(V4)
	VMOVDQA64 REST, K1, HASH

words:
	WORDS
	VPADDQ LENGTH, HASH, HASH
	VMOVDQA64 W1, REST
	WORD(W1, W2)
	WORD(W2, W3)
	WORD(W3, W4)

tail:
	LEFTOVERS(LEFT)
	VPANDQ LOW32, REST, W1
	FOURMORE(W1, K2)
	VPSRLQ $32, REST, K2, REST
	END8
	ADDQ $8, DX
	SUBQ $8, CX
	JA group

done:
	VZEROUPPER

none:
	MOVQ DX, done+48(FP)
	RET
