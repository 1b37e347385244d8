#ifndef FACET_CBRAINFLOAT_H
#define FACET_CBRAINFLOAT_H

#include <stdint.h>

// Products of bfloat16 numbers by vdpbf16ps (AVX512-BF16), which no Swift type stands for. Everything but the question
// whether the processor has it needs a processor that has.

/// 1 if the processor and the operating system support AVX512-BF16, else 0.
int facet_has_bf16_dots(void);

#if defined(__x86_64__)

/// Operands of a product of some rows with one panel of 32 columns: C (+)= A B + bias.
///
/// The inner extent is `segments` runs of `pairs` pairs of consecutive k. Element (m, s, k) of A stands at
/// `m * a_row + s * a_segment + k / 2 * a_pair + k % 2`; a row of B holds 32 words, each with k in its lower and k + 1 in
/// its upper half, and stands at `s * b_segment + k / 2 * b_row`.
typedef struct {
  const uint16_t *_Nonnull a;
  long a_row, a_pair, a_segment;
  const uint32_t *_Nonnull b;
  long b_row, b_segment;
  long segments, pairs;
  float *_Nonnull c;
  long c_row;
  /// Columns of C in use, 1 to 32.
  long columns;
  const float *_Nullable bias;
  int accumulate;
} facet_bf16_product;

/// Computes `rows` rows.
void facet_bf16_multiply(const facet_bf16_product *_Nonnull product, long rows);

/// Rounds `count` elements to the nearest bfloat16, ties to even; a zero follows an odd number of them.
void facet_bf16_round_row(const float *_Nonnull source, uint16_t *_Nonnull target, long count);

/// Words of the rounded elements of two rows, zeros for a row that is not there.
void facet_bf16_pair_rows(const float *_Nonnull even, const float *_Nullable odd, uint32_t *_Nonnull target, long count);

/// The panel of a matrix whose rows are `stride` apart and have up to 32 adjacent columns.
void facet_bf16_pack_rows(
    const float *_Nonnull source, long stride, long rows, long columns, uint32_t *_Nonnull target);

/// The panel of a matrix whose columns, up to 32, are `stride` apart and have `rows` adjacent elements.
void facet_bf16_pack_columns(
    const float *_Nonnull source, long stride, long rows, long columns, uint32_t *_Nonnull target);

#endif

#endif
