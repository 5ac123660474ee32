//go:build !purego

#include "funcdata.h"
#include "textflag.h"

// The primes of XXH64 and what goes with them, four times each.
#define FOUR(at, x) \
DATA fours<>+at(SB)/8, x;      \
DATA fours<>+(at+8)(SB)/8, x;  \
DATA fours<>+(at+16)(SB)/8, x; \
DATA fours<>+(at+24)(SB)/8, x

FOUR(0, $0x9e3779b185ebca87)
FOUR(32, $0xc2b2ae3d27d4eb4f)
FOUR(64, $0x165667b19e3779f9)
FOUR(96, $0x85ebca77c2b2ae63)
FOUR(128, $0x27d4eb2f165667c5)
FOUR(160, $0x85ebca879e3779b1) // PRIME1, its halves turned round
FOUR(192, $0x27d4eb4fc2b2ae3d)
FOUR(224, $0x9e3779f9165667b1)
FOUR(256, $0x9e3779b100000000) // the high half of PRIME1
FOUR(288, $0x27d4eb2f00000000)
FOUR(320, $0x60ea27eeadc0b5d6) // PRIME1 + PRIME2
FOUR(352, $0x61c8864e7a143579) // -PRIME1
FOUR(384, $0x00000000ffffffff)
FOUR(416, $0xffffffff00000000)
FOUR(448, $2)
FOUR(480, $3)
FOUR(512, $4)
FOUR(544, $7)
FOUR(576, $8)
FOUR(608, $12)
FOUR(640, $31)
FOUR(672, $32)
DATA fours<>+704(SB)/8, $0xffffff00ffffff00 // a byte of each word, for both halves
DATA fours<>+712(SB)/8, $0xffffff08ffffff08
DATA fours<>+720(SB)/8, $0xffffff00ffffff00
DATA fours<>+728(SB)/8, $0xffffff08ffffff08
DATA fours<>+736(SB)/8, $0xffffff01ffffff01
DATA fours<>+744(SB)/8, $0xffffff09ffffff09
DATA fours<>+752(SB)/8, $0xffffff01ffffff01
DATA fours<>+760(SB)/8, $0xffffff09ffffff09
DATA fours<>+768(SB)/8, $0xffffff02ffffff02
DATA fours<>+776(SB)/8, $0xffffff0affffff0a
DATA fours<>+784(SB)/8, $0xffffff02ffffff02
DATA fours<>+792(SB)/8, $0xffffff0affffff0a
// Where the texts of headers begin, in the order 0, 2, 1, 3.
DATA fours<>+800(SB)/8, $4
DATA fours<>+808(SB)/8, $36
DATA fours<>+816(SB)/8, $20
DATA fours<>+824(SB)/8, $52
DATA fours<>+832(SB)/8, $68
DATA fours<>+840(SB)/8, $100
DATA fours<>+848(SB)/8, $84
DATA fours<>+856(SB)/8, $116
DATA fours<>+864(SB)/8, $132
DATA fours<>+872(SB)/8, $164
DATA fours<>+880(SB)/8, $148
DATA fours<>+888(SB)/8, $180
DATA fours<>+896(SB)/8, $196
DATA fours<>+904(SB)/8, $228
DATA fours<>+912(SB)/8, $212
DATA fours<>+920(SB)/8, $244
GLOBL fours<>(SB), RODATA|NOPTR, $928

#define PRIME1 fours<>+0(SB)
#define PRIME2 fours<>+32(SB)
#define PRIME3 fours<>+64(SB)
#define PRIME4 fours<>+96(SB)
#define PRIME5 fours<>+128(SB)
#define TURNED1 fours<>+160(SB)
#define TURNED2 fours<>+192(SB)
#define TURNED3 fours<>+224(SB)
#define HIGH1 fours<>+256(SB)
#define HIGH5 fours<>+288(SB)
#define START1 fours<>+320(SB)
#define START4 fours<>+352(SB)
#define LOW32 fours<>+384(SB)
#define HIGH32 fours<>+416(SB)
#define TWO fours<>+448(SB)
#define THREE fours<>+480(SB)
#define EXACTLY4 fours<>+512(SB)
#define SEVEN fours<>+544(SB)
#define EXACTLY8 fours<>+576(SB)
#define INLINE fours<>+608(SB)
#define THIRTYONE fours<>+640(SB)
#define THIRTYTWO fours<>+672(SB)
#define BYTE1 fours<>+704(SB)
#define BYTE2 fours<>+736(SB)
#define BYTE3 fours<>+768(SB)
#define BESIDE(k) fours<>+(800+k*32)(SB)

// Sixteen texts are hashed at a time, four to a vector and these in the order 0, 2, 1, 3: a step of a hash waits for the one before, so that
// with one vector or two the processor would wait too. A step is a macro of the number of a vector, its hashes, a word of each text, and
// scratch; ALL does it for all four. What else is known of a vector is in memory, aligned, at R9: in LEFT the length of each text, or
// what of it is left, in LEFT4 the four bytes that follow the last word of eight, twice, and in LEFT1TO3 those that follow them.
#define LEFT(k) (k*96)(R9)
#define LEFT4(k) (k*96+32)(R9)
#define LEFT1TO3(k) (k*96+64)(R9)

#define S Y8
#define T Y9
#define U Y10
#define V Y11

#define ALL(step) \
	step(0, Y0, Y4, Y8, Y9);   \
	step(1, Y1, Y5, Y10, Y11); \
	step(2, Y2, Y6, Y8, Y9);   \
	step(3, Y3, Y7, Y10, Y11)

// x times a prime: the lower halves multiplied with one another, and the other products of halves, as far as they matter, on top.
#define TIMES(prime, turned, x, s, t) \
	VPMULLD turned, x, s; \
	VPMULUDQ prime, x, x; \
	VPSLLQ $32, s, t;     \
	VPAND HIGH32, s, s;   \
	VPADDD t, s, s;       \
	VPADDD s, x, x

#define TIMESPLUS(prime, turned, more, x, s, t) \
	VPMULLD turned, x, s; \
	VPMULUDQ prime, x, x; \
	VPSLLQ $32, s, t;     \
	VPADDQ more, x, x;    \
	VPAND HIGH32, s, s;   \
	VPADDD t, s, s;       \
	VPADDD s, x, x

#define ROTATE(n, x, s) \
	VPSLLQ $n, x, s;      \
	VPSRLQ $(64-n), x, x; \
	VPOR s, x, x

#define WORDTIMES1(k, hash, word, s, t) TIMES(PRIME1, TURNED1, word, s, t)
#define WORDTIMES2(k, hash, word, s, t) TIMES(PRIME2, TURNED2, word, s, t)
#define WORDROTATE31(k, hash, word, s, t) ROTATE(31, word, s)
#define WORDTIMES1PLUS4(k, hash, word, s, t) TIMESPLUS(PRIME1, TURNED1, PRIME4, word, s, t)
#define WORDTIMES2PLUS3(k, hash, word, s, t) TIMESPLUS(PRIME2, TURNED2, PRIME3, word, s, t)
#define HASHTIMES2(k, hash, word, s, t) TIMES(PRIME2, TURNED2, hash, s, t)
#define HASHTIMES3(k, hash, word, s, t) TIMES(PRIME3, TURNED3, hash, s, t)
#define HASHTIMES1PLUS4(k, hash, word, s, t) TIMESPLUS(PRIME1, TURNED1, PRIME4, hash, s, t)
#define FOLD33(k, hash, word, s, t) VPSRLQ $33, hash, s; VPXOR s, hash, hash
#define FOLD29(k, hash, word, s, t) VPSRLQ $29, hash, s; VPXOR s, hash, hash
#define FOLD32(k, hash, word, s, t) VPSRLQ $32, hash, s; VPXOR s, hash, hash

// Eight more bytes into the hashes, of which the word is what they come to before they meet.
#define MEET8(k, hash, word, s, t) \
	VPXOR hash, word, word; \
	ROTATE(27, word, s)

#define MEET4(k, hash, word, s, t) \
	VMOVDQA LEFT4(k), word; \
	VPMULLD HIGH1, word, s;   \
	VPMULUDQ PRIME1, word, word; \
	VPADDD s, word, word;     \
	VPXOR hash, word, word;   \
	ROTATE(23, word, s)

#define MEET1(byte, k, hash, word, s) \
	VMOVDQA LEFT1TO3(k), word; \
	VPSHUFB byte, word, word; \
	VPMULLD HIGH5, word, s;   \
	VPMULUDQ PRIME5, word, word; \
	VPADDD s, word, word;     \
	VPXOR hash, word, word;   \
	ROTATE(11, word, s)

#define FIRST(k, hash, word, s, t) MEET1(BYTE1, k, hash, word, s)
#define SECOND(k, hash, word, s, t) MEET1(BYTE2, k, hash, word, s)
#define THIRD(k, hash, word, s, t) MEET1(BYTE3, k, hash, word, s)

// The word becomes the hash of the texts of whose LEFT a bit is set, one of two, both of two.
#define KEEP(shift, k, hash, word, s) \
	VMOVDQA LEFT(k), s;   \
	VPSLLQ $shift, s, s;  \
	VBLENDVPD s, word, hash, hash

#define KEEPEITHER(shift, k, hash, word, s, t) \
	VMOVDQA LEFT(k), s;      \
	VPSLLQ $(shift+1), s, t; \
	VPSLLQ $shift, s, s;     \
	VPOR t, s, s;            \
	VBLENDVPD s, word, hash, hash

#define KEEPBOTH(shift, k, hash, word, s, t) \
	VMOVDQA LEFT(k), s;      \
	VPSLLQ $(shift+1), s, t; \
	VPSLLQ $shift, s, s;     \
	VPAND t, s, s;           \
	VBLENDVPD s, word, hash, hash

#define KEEP16(k, hash, word, s, t) KEEP(59, k, hash, word, s)
#define KEEP8(k, hash, word, s, t) KEEP(60, k, hash, word, s)
#define KEEP4(k, hash, word, s, t) KEEP(61, k, hash, word, s)
#define KEEP2(k, hash, word, s, t) KEEP(62, k, hash, word, s)
#define KEEP8OR16(k, hash, word, s, t) KEEPEITHER(59, k, hash, word, s, t)
#define KEEP1OR2(k, hash, word, s, t) KEEPEITHER(62, k, hash, word, s, t)
#define KEEP8AND16(k, hash, word, s, t) KEEPBOTH(59, k, hash, word, s, t)
#define KEEP1AND2(k, hash, word, s, t) KEEPBOTH(62, k, hash, word, s, t)

// Whether a text has some bytes left, by the bits of LEFT that count them, or both of two bits.
#define ANYLEFT(bits, none) \
	VMOVDQA LEFT(0), S;    \
	VPOR LEFT(1), S, S;    \
	VPOR LEFT(2), S, S;    \
	VPOR LEFT(3), S, S;    \
	VPTEST bits, S;        \
	JZ none

#define BOTH(k, s) \
	VMOVDQA LEFT(k), s;    \
	VPSLLQ $1, s, V;       \
	VPAND V, s, s

#define ANYBOTH(shift, none) \
	BOTH(0, S);            \
	BOTH(1, T);            \
	BOTH(2, U);            \
	VPOR T, S, S;          \
	BOTH(3, T);            \
	VPOR U, S, S;          \
	VPOR T, S, S;          \
	VPSLLQ $shift, S, S;   \
	VTESTPD S, S;          \
	JZ none

#define STORE(k, hash, word, s, t) \
	VPERMQ $0xd8, hash, hash; \
	VMOVDQU hash, (k*32)(DI)

// What is left below eight bytes, the end of the hashes, and on to the next sixteen texts.
#define END16(ones, finish) \
	ANYLEFT(EXACTLY4, ones);  \
	ALL(MEET4);               \
	ALL(WORDTIMES2PLUS3);     \
	ALL(KEEP4);               \
ones: \
	ANYLEFT(THREE, finish);   \
	ALL(FIRST);               \
	ALL(WORDTIMES1);          \
	ALL(KEEP1OR2);            \
	ANYLEFT(TWO, finish);     \
	ALL(SECOND);              \
	ALL(WORDTIMES1);          \
	ALL(KEEP2);               \
	ANYBOTH(62, finish);      \
	ALL(THIRD);               \
	ALL(WORDTIMES1);          \
	ALL(KEEP1AND2);           \
finish: \
	ALL(FOLD33);              \
	ALL(HASHTIMES2);          \
	ALL(FOLD29);              \
	ALL(HASHTIMES3);          \
	ALL(FOLD32);              \
	ALL(STORE);               \
	ADDQ $256, SI;            \
	ADDQ $128, DI

// The headers of four texts: how long they are, the longest so far in Y12, and their bytes.
#define HEADERS(k, hash, word, s, t) \
	VMOVDQU (k*64)(SI), word;        \
	VMOVDQU (k*64+32)(SI), Y15;      \
	VPUNPCKLQDQ Y15, word, s;        \
	VPUNPCKHQDQ Y15, word, t;        \ // bytes 4 to 11
	VPSHUFD $0xf5, s, Y14;           \ // bytes 0 to 3, twice
	VPSHUFD $0xf5, t, Y15;           \ // bytes 8 to 11, twice
	VPAND LOW32, s, s;               \
	VPMAXUD s, Y12, Y12;             \
	VMOVDQA s, LEFT(k);              \
	VPSLLQ $32, t, word;             \
	VPBLENDD $0x55, Y14, word, word; \
	VPSLLQ $61, s, hash;             \
	VBLENDVPD hash, t, Y14, t;       \
	VPSLLQ $60, s, hash;             \
	VBLENDVPD hash, Y15, Y14, Y14;   \
	VBLENDVPD hash, Y15, t, t;       \
	VMOVDQA Y14, LEFT4(k);           \
	VMOVDQA t, LEFT1TO3(k);          \
	VPADDQ PRIME5, s, hash

// func hashShortFours(views *byte, out *uint64, n int) (longer bool)
TEXT ·hashShortFours(SB), NOSPLIT, $416-25
	MOVQ views+0(FP), SI
	MOVQ out+8(FP), DI
	MOVQ n+16(FP), CX
	LEAQ known-416(SP), R9
	ADDQ $31, R9
	ANDQ $~31, R9
	VPXOR Y12, Y12, Y12

sixteen:
	ALL(HEADERS)
	ANYLEFT(EXACTLY8, four)
	ALL(WORDTIMES2)
	ALL(WORDROTATE31)
	ALL(WORDTIMES1)
	ALL(MEET8)
	ALL(WORDTIMES1PLUS4)
	ALL(KEEP8)

four:
	END16(ones, finish)
	SUBQ $16, CX
	JA sixteen
	VPCMPGTQ INLINE, Y12, Y12
	VPTEST Y12, Y12
	SETNE longer+24(FP)
	VZEROUPPER
	RET

// What is known of four long texts beside LEFT: the sums of their accumulators, and what these come to before they meet the hash, or their
// next words do; where their next words are, and how long they are.
#define SUM(k) (384+k*224)(R9)
#define MEETING(k, i) (384+k*224+32+i*32)(R9)
#define POS(k) (384+k*224+160)(R9)
#define LENGTH(k) (384+k*224+192)(R9)

#define HEADER(k) (1280+k*64)(R9)

// Where four texts are, from R8 on: in the buffer there, or in a copy of their headers, behind which may be read on. Y13 tells which of
// them are in another buffer or too near the end of this one; Y11 is where the copies are.
#define PLACES(k) \
	VMOVDQU (k*64)(SI), Y0;    \
	VMOVDQU (k*64+32)(SI), Y1; \
	VMOVDQA Y0, HEADER(k);     \
	VMOVDQA Y1, 32+HEADER(k);  \
	VPUNPCKLQDQ Y1, Y0, Y2;    \
	VPUNPCKHQDQ Y1, Y0, Y3;    \
	VPAND LOW32, Y2, Y2;       \ // lengths
	VPAND LOW32, Y3, Y4;       \ // buffers
	VPSRLQ $32, Y3, Y3;        \ // offsets
	VPCMPGTQ INLINE, Y2, Y5;   \
	VPCMPEQQ Y14, Y4, Y4;      \
	VPADDQ Y2, Y3, Y6;         \
	VPCMPGTQ Y15, Y6, Y6;      \
	VPANDN Y5, Y4, Y4;         \
	VPAND Y5, Y6, Y6;          \
	VPOR Y4, Y13, Y13;         \
	VPOR Y6, Y13, Y13;         \
	VPOR Y2, Y12, Y12;         \
	VPADDQ BESIDE(k), Y11, Y4; \
	VPBLENDVB Y5, Y3, Y4, Y3;  \
	VMOVDQA Y2, LEFT(k);       \
	VMOVDQA Y2, LENGTH(k);     \
	VMOVDQA Y3, POS(k)

// The next four words of four texts, whose places are at R12, wherever they are, into Y4 to Y7.
#define WORDS \
	MOVQ 160(R12), AX;                      \
	MOVQ 176(R12), BX;                      \
	VMOVDQU (R8)(AX*1), X8;                 \
	VMOVDQU 16(R8)(AX*1), X9;               \
	VINSERTI128 $1, (R8)(BX*1), Y8, Y8;     \
	VINSERTI128 $1, 16(R8)(BX*1), Y9, Y9;   \
	MOVQ 168(R12), AX;                      \
	MOVQ 184(R12), BX;                      \
	VMOVDQU (R8)(AX*1), X10;                \
	VMOVDQU 16(R8)(AX*1), X11;              \
	VINSERTI128 $1, (R8)(BX*1), Y10, Y10;   \
	VINSERTI128 $1, 16(R8)(BX*1), Y11, Y11; \
	VPUNPCKLQDQ Y10, Y8, Y4;                \
	VPUNPCKHQDQ Y10, Y8, Y5;                \
	VPUNPCKLQDQ Y11, Y9, Y6;                \
	VPUNPCKHQDQ Y11, Y9, Y7

// Four words and accumulators.
#define ADDED(k, acc, word, s, t) VPADDQ acc, word, word
#define KEEPSTRIPE(k, acc, word, s, t) VPBLENDVB Y12, word, acc, acc
#define ACCROTATE31(k, acc, word, s, t) ROTATE(31, acc, s)
#define ACCTIMES1(k, acc, word, s, t) TIMES(PRIME1, TURNED1, acc, s, t)
#define ACCTIMES2(k, acc, word, s, t) TIMES(PRIME2, TURNED2, acc, s, t)
#define ACCSTORE(k, acc, word, s, t) VMOVDQA acc, (32+k*32)(R12)

#define ADDROTATED(n, acc) \
	VPSLLQ $n, acc, Y8;      \
	VPSRLQ $(64-n), acc, Y9; \
	VPADDQ Y8, Y4, Y4;       \
	VPADDQ Y9, Y4, Y4

// Steps of the hashes of long texts.
#define SUMS(k, hash, word, s, t) VMOVDQA SUM(k), hash
#define MERGE1(k, hash, word, s, t) VPXOR MEETING(k, 0), hash, hash
#define MERGE2(k, hash, word, s, t) VPXOR MEETING(k, 1), hash, hash
#define MERGE3(k, hash, word, s, t) VPXOR MEETING(k, 2), hash, hash
#define MERGE4(k, hash, word, s, t) VPXOR MEETING(k, 3), hash, hash

#define BEGIN(k, hash, word, s, t) \
	VMOVDQA LENGTH(k), word;      \
	VPCMPGTQ THIRTYONE, word, s;  \
	VMOVDQU PRIME5, t;            \
	VPBLENDVB s, hash, t, hash;   \
	VPADDQ word, hash, hash;      \
	VMOVDQA hash, SUM(k)

#define BEGINSHORT(k, hash, word, s, t) \
	VMOVDQU PRIME5, hash;          \
	VPADDQ LENGTH(k), hash, hash;  \
	VMOVDQA hash, SUM(k)

#define WORD1(k, hash, word, s, t) VMOVDQA MEETING(k, 0), word
#define WORD2(k, hash, word, s, t) VMOVDQA MEETING(k, 1), word
#define WORD3(k, hash, word, s, t) VMOVDQA MEETING(k, 2), word

// func hashLongFours(views, base *byte, size, buffer uint64, out *uint64, n int) (done int)
TEXT ·hashLongFours(SB), 0, $1600-56
	NO_LOCAL_POINTERS
	MOVQ views+0(FP), SI
	MOVQ base+8(FP), R8
	MOVQ size+16(FP), R10
	MOVQ out+32(FP), DI
	MOVQ n+40(FP), CX
	XORQ DX, DX
	SUBQ $32, R10
	JB none
	LEAQ known-1600(SP), R9
	ADDQ $31, R9
	ANDQ $~31, R9

sixteen:
	VPBROADCASTQ buffer+24(FP), Y14
	VMOVQ R10, X15 // where a text ends at the latest
	VPBROADCASTQ X15, Y15
	LEAQ HEADER(0), AX
	SUBQ R8, AX
	VMOVQ AX, X11
	VPBROADCASTQ X11, Y11
	VPXOR Y12, Y12, Y12
	VPXOR Y13, Y13, Y13
	PLACES(0)
	PLACES(1)
	PLACES(2)
	PLACES(3)
	VPTEST Y13, Y13
	JNZ done
	VPCMPGTQ THIRTYONE, Y12, Y12
	VPTEST Y12, Y12
	JZ short

	MOVQ R9, R11
	LEAQ 384(R9), R12
	MOVL $4, BP

stripes:
	VMOVDQU START1, Y0
	VMOVDQU PRIME2, Y1
	VPXOR Y2, Y2, Y2
	VMOVDQU START4, Y3
	VMOVDQA (R11), Y13
	VPCMPGTQ THIRTYONE, Y13, Y12

stripe:
	WORDS
	ALL(WORDTIMES2)
	ALL(ADDED)
	ALL(WORDROTATE31)
	ALL(WORDTIMES1)
	ALL(KEEPSTRIPE)
	VPAND THIRTYTWO, Y12, Y12
	VPSUBQ Y12, Y13, Y13
	VPADDQ 160(R12), Y12, Y12
	VMOVDQA Y12, 160(R12)
	VPCMPGTQ THIRTYONE, Y13, Y12
	VPTEST Y12, Y12
	JNZ stripe

	VMOVDQA Y13, (R11)
	VPXOR Y4, Y4, Y4
	ADDROTATED(1, Y0)
	ADDROTATED(7, Y1)
	ADDROTATED(12, Y2)
	ADDROTATED(18, Y3)
	VMOVDQA Y4, (R12)
	ALL(ACCTIMES2)
	ALL(ACCROTATE31)
	ALL(ACCTIMES1)
	ALL(ACCSTORE)
	ADDQ $96, R11
	ADDQ $224, R12
	DECL BP
	JNZ stripes

	ALL(SUMS)
	ALL(MERGE1)
	ALL(HASHTIMES1PLUS4)
	ALL(MERGE2)
	ALL(HASHTIMES1PLUS4)
	ALL(MERGE3)
	ALL(HASHTIMES1PLUS4)
	ALL(MERGE4)
	ALL(HASHTIMES1PLUS4)
	ALL(BEGIN)
	JMP begun

short:
	ALL(BEGINSHORT)

begun:
	MOVQ R9, R11
	LEAQ 384(R9), R12
	MOVL $4, BP

words:
	WORDS
	VMOVDQA (R11), Y0
	VPSLLQ $60, Y0, Y8
	VPSLLQ $59, Y0, Y9
	VBLENDVPD Y8, Y5, Y4, Y10
	VBLENDVPD Y8, Y7, Y6, Y11
	VBLENDVPD Y9, Y11, Y10, Y10 // the word behind the last whole one
	VPSHUFD $0xa0, Y10, Y8
	VMOVDQA Y8, 32(R11)
	VPSLLQ $61, Y0, Y9
	VPSRLQ $32, Y10, Y8
	VBLENDVPD Y9, Y8, Y10, Y10
	VMOVDQA Y10, 64(R11)
	VMOVDQA Y6, 96(R12)
	TIMES(PRIME2, TURNED2, Y4, Y8, Y9)
	TIMES(PRIME2, TURNED2, Y5, Y10, Y11)
	ROTATE(31, Y4, Y8)
	ROTATE(31, Y5, Y10)
	TIMES(PRIME1, TURNED1, Y4, Y8, Y9)
	TIMES(PRIME1, TURNED1, Y5, Y10, Y11)
	VMOVDQA Y4, 32(R12)
	VMOVDQA Y5, 64(R12)
	ADDQ $96, R11
	ADDQ $224, R12
	DECL BP
	JNZ words

	ALL(SUMS)
	ALL(WORD1)
	ALL(MEET8)
	ALL(WORDTIMES1PLUS4)
	ALL(KEEP8OR16)
	ALL(WORD2)
	ALL(MEET8)
	ALL(WORDTIMES1PLUS4)
	ALL(KEEP16)
	ANYBOTH(59, four)
	ALL(WORD3)
	ALL(WORDTIMES2)
	ALL(WORDROTATE31)
	ALL(WORDTIMES1)
	ALL(MEET8)
	ALL(WORDTIMES1PLUS4)
	ALL(KEEP8AND16)

four:
	END16(ones, finish)
	ADDQ $16, DX
	SUBQ $16, CX
	JA sixteen

done:
	VZEROUPPER

none:
	MOVQ DX, done+48(FP)
	RET
