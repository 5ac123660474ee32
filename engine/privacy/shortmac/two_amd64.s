//go:build !purego

#include "textflag.h"

// The constants of SHA-256 (FIPS 180-4, 4.2.2).
DATA ·rounds+0x00(SB)/8, $0x71374491428a2f98
DATA ·rounds+0x08(SB)/8, $0xe9b5dba5b5c0fbcf
DATA ·rounds+0x10(SB)/8, $0x59f111f13956c25b
DATA ·rounds+0x18(SB)/8, $0xab1c5ed5923f82a4
DATA ·rounds+0x20(SB)/8, $0x12835b01d807aa98
DATA ·rounds+0x28(SB)/8, $0x550c7dc3243185be
DATA ·rounds+0x30(SB)/8, $0x80deb1fe72be5d74
DATA ·rounds+0x38(SB)/8, $0xc19bf1749bdc06a7
DATA ·rounds+0x40(SB)/8, $0xefbe4786e49b69c1
DATA ·rounds+0x48(SB)/8, $0x240ca1cc0fc19dc6
DATA ·rounds+0x50(SB)/8, $0x4a7484aa2de92c6f
DATA ·rounds+0x58(SB)/8, $0x76f988da5cb0a9dc
DATA ·rounds+0x60(SB)/8, $0xa831c66d983e5152
DATA ·rounds+0x68(SB)/8, $0xbf597fc7b00327c8
DATA ·rounds+0x70(SB)/8, $0xd5a79147c6e00bf3
DATA ·rounds+0x78(SB)/8, $0x1429296706ca6351
DATA ·rounds+0x80(SB)/8, $0x2e1b213827b70a85
DATA ·rounds+0x88(SB)/8, $0x53380d134d2c6dfc
DATA ·rounds+0x90(SB)/8, $0x766a0abb650a7354
DATA ·rounds+0x98(SB)/8, $0x92722c8581c2c92e
DATA ·rounds+0xa0(SB)/8, $0xa81a664ba2bfe8a1
DATA ·rounds+0xa8(SB)/8, $0xc76c51a3c24b8b70
DATA ·rounds+0xb0(SB)/8, $0xd6990624d192e819
DATA ·rounds+0xb8(SB)/8, $0x106aa070f40e3585
DATA ·rounds+0xc0(SB)/8, $0x1e376c0819a4c116
DATA ·rounds+0xc8(SB)/8, $0x34b0bcb52748774c
DATA ·rounds+0xd0(SB)/8, $0x4ed8aa4a391c0cb3
DATA ·rounds+0xd8(SB)/8, $0x682e6ff35b9cca4f
DATA ·rounds+0xe0(SB)/8, $0x78a5636f748f82ee
DATA ·rounds+0xe8(SB)/8, $0x8cc7020884c87814
DATA ·rounds+0xf0(SB)/8, $0xa4506ceb90befffa
DATA ·rounds+0xf8(SB)/8, $0xc67178f2bef9a3f7
GLOBL ·rounds(SB), RODATA|NOPTR, $256

// The bytes of each word the other way round.
DATA ·swap+0(SB)/8, $0x0405060700010203
DATA ·swap+8(SB)/8, $0x0c0d0e0f08090a0b
GLOBL ·swap(SB), RODATA|NOPTR, $16

// The two lanes: half of the state each, as the instructions have it, and 16 words of the message that move on.
#define ABEF1 X1
#define CDGH1 X2
#define A1 X3
#define B1 X4
#define C1 X5
#define D1 X6
#define ABEF2 X7
#define CDGH2 X8
#define A2 X9
#define B2 X10
#define C2 X11
#define D2 X12
#define T X13
#define FROM1 X14 // the state that both began with
#define FROM2 X15

// LOAD loads 16 words of a message; T has swap.
#define LOAD(at, a, b, c, d) \
	MOVOU 0(at), a; \
	MOVOU 16(at), b; \
	MOVOU 32(at), c; \
	MOVOU 48(at), d; \
	PSHUFB T, a; \
	PSHUFB T, b; \
	PSHUFB T, c; \
	PSHUFB T, d

// FOUR does four rounds of a lane with words w of the message.
#define FOUR(k, w, abef, cdgh) \
	MOVOU k(AX), X0; \
	PADDL w, X0; \
	SHA256RNDS2 X0, abef, cdgh; \
	PSHUFD $0x0e, X0, X0; \
	SHA256RNDS2 X0, cdgh, abef

// NEXT makes the four words behind w, of which it has half in next: last and w are those before.
#define NEXT(last, w, next) \
	MOVO w, T; \
	PALIGNR $4, last, T; \
	PADDL T, next; \
	SHA256MSG2 w, next

// SIXTEEN does 16 rounds of both lanes and makes the words of the 16 rounds behind them.
#define SIXTEEN(k) \
	NEXT(C1, D1, A1); \
	SHA256MSG1 D1, C1; \
	NEXT(C2, D2, A2); \
	SHA256MSG1 D2, C2; \
	FOUR(k, A1, ABEF1, CDGH1); \
	FOUR(k, A2, ABEF2, CDGH2); \
	NEXT(D1, A1, B1); \
	SHA256MSG1 A1, D1; \
	NEXT(D2, A2, B2); \
	SHA256MSG1 A2, D2; \
	FOUR(k+16, B1, ABEF1, CDGH1); \
	FOUR(k+16, B2, ABEF2, CDGH2); \
	NEXT(A1, B1, C1); \
	SHA256MSG1 B1, A1; \
	NEXT(A2, B2, C2); \
	SHA256MSG1 B2, A2; \
	FOUR(k+32, C1, ABEF1, CDGH1); \
	FOUR(k+32, C2, ABEF2, CDGH2); \
	NEXT(B1, C1, D1); \
	SHA256MSG1 C1, B1; \
	NEXT(B2, C2, D2); \
	SHA256MSG1 C2, B2; \
	FOUR(k+48, D1, ABEF1, CDGH1); \
	FOUR(k+48, D2, ABEF2, CDGH2)

// STORE adds what both began with to a lane's state and stores it as bytes.
#define STORE(at, abef, cdgh) \
	PADDL FROM1, abef; \
	PADDL FROM2, cdgh; \
	PSHUFD $0x1b, abef, X0; \
	PSHUFD $0xb1, cdgh, T; \
	MOVO T, abef; \
	PALIGNR $8, X0, abef; \
	PBLENDW $0xf0, T, X0; \
	PSHUFB ·swap(SB), X0; \
	PSHUFB ·swap(SB), abef; \
	MOVOU X0, 0(at); \
	MOVOU abef, 16(at)

// func compressTwo(out *[2]digest, from *digest, blocks *[2]block)
TEXT ·compressTwo(SB), NOSPLIT, $0-24
	MOVQ out+0(FP), DI
	MOVQ from+8(FP), SI
	MOVQ blocks+16(FP), DX
	LEAQ ·rounds(SB), AX
	MOVOU ·swap(SB), T
	LEAQ 64(DX), CX
	LOAD(DX, A1, B1, C1, D1)
	LOAD(CX, A2, B2, C2, D2)

	MOVOU 0(SI), X0
	MOVOU 16(SI), CDGH1
	PSHUFB T, X0
	PSHUFB T, CDGH1
	PSHUFD $0xb1, X0, X0
	PSHUFD $0x1b, CDGH1, CDGH1
	MOVO X0, ABEF1
	PALIGNR $8, CDGH1, ABEF1
	PBLENDW $0xf0, X0, CDGH1
	MOVO ABEF1, FROM1
	MOVO CDGH1, FROM2
	MOVO ABEF1, ABEF2
	MOVO CDGH1, CDGH2

	FOUR(0x00, A1, ABEF1, CDGH1)
	FOUR(0x00, A2, ABEF2, CDGH2)
	SHA256MSG1 B1, A1
	SHA256MSG1 B2, A2
	FOUR(0x10, B1, ABEF1, CDGH1)
	FOUR(0x10, B2, ABEF2, CDGH2)
	SHA256MSG1 C1, B1
	SHA256MSG1 C2, B2
	FOUR(0x20, C1, ABEF1, CDGH1)
	FOUR(0x20, C2, ABEF2, CDGH2)
	FOUR(0x30, D1, ABEF1, CDGH1)
	FOUR(0x30, D2, ABEF2, CDGH2)
	SIXTEEN(0x40)
	SIXTEEN(0x80)
	SIXTEEN(0xc0)

	STORE(DI, ABEF1, CDGH1)
	ADDQ $32, DI
	STORE(DI, ABEF2, CDGH2)
	RET
