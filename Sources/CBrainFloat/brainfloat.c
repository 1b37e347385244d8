#include "CBrainFloat.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#define WITH_BF16 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")))
#define INLINE_BF16 WITH_BF16 __attribute__((always_inline)) static inline

int facet_has_bf16_dots(void) {
  return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

/// The lanes below `count`.
INLINE_BF16 __mmask16 lanes_below(long count) {
  return count >= 16 ? 0xffff : count <= 0 ? 0 : (__mmask16)((1u << count) - 1);
}

/// `rows` is a constant wherever this is called, so that every sum is a register of its own.
INLINE_BF16 void tile(const facet_bf16_product *p, const uint16_t *a, float *c, const int rows) {
  const __mmask16 low_mask = lanes_below(p->columns), high_mask = lanes_below(p->columns - 16);
  __m512 low[14], high[14];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    const float *from = p->accumulate ? c + r * p->c_row : p->bias;
    low[r] = from ? _mm512_maskz_loadu_ps(low_mask, from) : _mm512_setzero_ps();
    high[r] = from ? _mm512_maskz_loadu_ps(high_mask, from + 16) : _mm512_setzero_ps();
  }
  const long a_row = p->a_row, a_pair = p->a_pair, b_row = p->b_row, pairs = p->pairs;
  for (long segment = 0; segment < p->segments; segment++) {
    const uint16_t *x = a + segment * p->a_segment;
    const uint32_t *b = p->b + segment * p->b_segment;
    for (long pair = 0; pair < pairs; pair++) {
      const __m512bh b_low = (__m512bh)_mm512_loadu_si512(b), b_high = (__m512bh)_mm512_loadu_si512(b + 16);
#pragma clang loop unroll(full)
      for (int r = 0; r < rows; r++) {
        int word;
        memcpy(&word, x + r * a_row, sizeof word);
        const __m512bh both = (__m512bh)_mm512_set1_epi32(word);
        low[r] = _mm512_dpbf16_ps(low[r], both, b_low);
        high[r] = _mm512_dpbf16_ps(high[r], both, b_high);
      }
      x += a_pair;
      b += b_row;
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    _mm512_mask_storeu_ps(c + r * p->c_row, low_mask, low[r]);
    _mm512_mask_storeu_ps(c + r * p->c_row + 16, high_mask, high[r]);
  }
}

WITH_BF16 __attribute__((noinline)) static void facet_bf16_tile14(const facet_bf16_product *p, const uint16_t *a, float *c) {
  tile(p, a, c, 14);
}
WITH_BF16 __attribute__((noinline)) static void facet_bf16_tile8(const facet_bf16_product *p, const uint16_t *a, float *c) {
  tile(p, a, c, 8);
}
WITH_BF16 __attribute__((noinline)) static void facet_bf16_tile4(const facet_bf16_product *p, const uint16_t *a, float *c) {
  tile(p, a, c, 4);
}
WITH_BF16 __attribute__((noinline)) static void facet_bf16_tile1(const facet_bf16_product *p, const uint16_t *a, float *c) {
  tile(p, a, c, 1);
}

WITH_BF16 void facet_bf16_multiply(const facet_bf16_product *product, long rows) {
  const uint16_t *a = product->a;
  float *c = product->c;
  while (rows > 0) {
    const long done = rows >= 14 ? 14 : rows >= 8 ? 8 : rows >= 4 ? 4 : 1;
    switch (done) {
      case 14: facet_bf16_tile14(product, a, c); break;
      case 8: facet_bf16_tile8(product, a, c); break;
      case 4: facet_bf16_tile4(product, a, c); break;
      default: facet_bf16_tile1(product, a, c);
    }
    rows -= done;
    a += done * product->a_row;
    c += done * product->c_row;
  }
}

WITH_BF16 void facet_bf16_round_row(const float *source, uint16_t *target, long count) {
  long i = 0;
  for (; i + 32 <= count; i += 32) {
    const __m512bh both = _mm512_cvtne2ps_pbh(_mm512_loadu_ps(source + i + 16), _mm512_loadu_ps(source + i));
    _mm512_storeu_si512(target + i, (__m512i)both);
  }
  for (; i < count; i += 16) {
    const __m256i half = (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(lanes_below(count - i), source + i));
    _mm256_mask_storeu_epi16(target + i, lanes_below(count - i + (count & 1)), half);
  }
}

/// Words of rounded elements.
INLINE_BF16 __m512i interleave(__m512 even, __m512 odd) {
  const __m512i low = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(even));
  const __m512i high = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(odd));
  return _mm512_or_si512(low, _mm512_slli_epi32(high, 16));
}

WITH_BF16 void facet_bf16_pair_rows(const float *even, const float *odd, uint32_t *target, long count) {
  for (long i = 0; i < count; i += 16) {
    const __mmask16 mask = lanes_below(count - i);
    const __m512 second = odd ? _mm512_maskz_loadu_ps(mask, odd + i) : _mm512_setzero_ps();
    _mm512_mask_storeu_epi32(target + i, mask, interleave(_mm512_maskz_loadu_ps(mask, even + i), second));
  }
}

WITH_BF16 void facet_bf16_pack_rows(
    const float *source, long stride, long rows, long columns, uint32_t *target) {
  const __mmask16 low = lanes_below(columns), high = lanes_below(columns - 16);
  for (long row = 0; row < rows; row += 2) {
    const float *even = source + row * stride;
    const __mmask16 low_odd = row + 1 < rows ? low : 0, high_odd = row + 1 < rows ? high : 0;
    const __m512i first = interleave(_mm512_maskz_loadu_ps(low, even), _mm512_maskz_loadu_ps(low_odd, even + stride));
    const __m512i second =
        interleave(_mm512_maskz_loadu_ps(high, even + 16), _mm512_maskz_loadu_ps(high_odd, even + stride + 16));
    _mm512_storeu_si512(target + row / 2 * 32, first);
    _mm512_storeu_si512(target + row / 2 * 32 + 16, second);
  }
}

/// Transposes 16 x 16 words.
INLINE_BF16 void transpose(__m512i r[16]) {
  __m512i t[16];
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  // r[4 g + j] holds, in its 128-bit quarter q, word 4 q + j of rows 4 g ..< 4 g + 4.
#pragma clang loop unroll(full)
  for (int j = 0; j < 4; j++) {
    const __m512i a = _mm512_shuffle_i32x4(r[j], r[4 + j], 0x88), b = _mm512_shuffle_i32x4(r[8 + j], r[12 + j], 0x88);
    const __m512i c = _mm512_shuffle_i32x4(r[j], r[4 + j], 0xdd), d = _mm512_shuffle_i32x4(r[8 + j], r[12 + j], 0xdd);
    t[j] = _mm512_shuffle_i32x4(a, b, 0x88);
    t[8 + j] = _mm512_shuffle_i32x4(a, b, 0xdd);
    t[4 + j] = _mm512_shuffle_i32x4(c, d, 0x88);
    t[12 + j] = _mm512_shuffle_i32x4(c, d, 0xdd);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i++) r[i] = t[i];
}

WITH_BF16 void facet_bf16_pack_columns(
    const float *source, long stride, long rows, long columns, uint32_t *target) {
  for (long row = 0; row < rows; row += 32) {
    const __mmask16 first = lanes_below(rows - row), second = lanes_below(rows - row - 16);
    const long words = (rows - row + 1) / 2;
    for (int half = 0; half < 32; half += 16) {
      __m512i r[16];
#pragma clang loop unroll(full)
      for (int i = 0; i < 16; i++) {
        if (half + i < columns) {
          const float *line = source + (half + i) * stride + row;
          r[i] = (__m512i)_mm512_cvtne2ps_pbh(
              _mm512_maskz_loadu_ps(second, line + 16), _mm512_maskz_loadu_ps(first, line));
        } else {
          r[i] = _mm512_setzero_si512();
        }
      }
      transpose(r);
      uint32_t *out = target + row / 2 * 32 + half;
#pragma clang loop unroll(full)
      for (int i = 0; i < 16; i++) {
        if (i < words) _mm512_storeu_si512(out + i * 32, r[i]);
      }
    }
  }
}

#else

int facet_has_bf16_dots(void) { return 0; }

#endif
