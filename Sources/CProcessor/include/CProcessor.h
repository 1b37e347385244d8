#ifndef FACET_CPROCESSOR_H
#define FACET_CPROCESSOR_H

/// 1 if the processor and the operating system support x86-64-v4 (AVX-512 F, BW, CD, DQ, VL), else 0.
int facet_has_avx512(void);

/// 1 if the processor and the operating system support x86-64-v3 (AVX2, FMA, BMI), else 0.
int facet_has_avx2(void);

/// Tells the processor that the caller is spinning.
void facet_spin_pause(void);

/// Asks for the cache line at an address, which need not be mapped.
static inline void facet_prefetch(const void *_Nonnull address) { __builtin_prefetch(address); }

// Selection by comparison, on vectors as wide as the registers of the set that includes this.
#if defined(__AVX512F__)
#define FACET_LANES 16
#elif defined(__AVX2__)
#define FACET_LANES 8
#else
#define FACET_LANES 4
#endif
typedef float facet_vector __attribute__((ext_vector_type(FACET_LANES)));

/// x in the lanes where a < b, else y; y where either is NaN.
static inline __attribute__((always_inline)) facet_vector facet_select_less(
    facet_vector a, facet_vector b, facet_vector x, facet_vector y) {
  return a < b ? x : y;
}

/// a / b in every lane.
static inline __attribute__((always_inline)) facet_vector facet_divide(facet_vector a, facet_vector b) { return a / b; }

/// The first `count` elements, zeros after them. Through memory, so that the vector stays whole: one built lane by lane
/// would be computed with in quarters.
static inline __attribute__((always_inline)) facet_vector facet_load_partial(const float *_Nonnull source, long count) {
  facet_vector value = 0;
  if (count > FACET_LANES) count = FACET_LANES;
  if (count > 0) __builtin_memcpy(&value, source, (unsigned long)count * sizeof(float));
  return value;
}

/// Stores the first `count` elements.
static inline __attribute__((always_inline)) void facet_store_partial(
    facet_vector value, float *_Nonnull target, long count) {
  if (count > FACET_LANES) count = FACET_LANES;
  if (count > 0) __builtin_memcpy(target, &value, (unsigned long)count * sizeof(float));
}

/// As many numbers in double precision.
typedef double facet_wide __attribute__((ext_vector_type(FACET_LANES)));

/// Every lane in double precision.
static inline __attribute__((always_inline)) facet_wide facet_widen(facet_vector a) {
  return __builtin_convertvector(a, facet_wide);
}

/// Every lane rounded to single precision.
static inline __attribute__((always_inline)) facet_vector facet_narrow(facet_wide a) {
  return __builtin_convertvector(a, facet_vector);
}

/// a * b + c, where a and b are single precision, whose product is exact.
static inline __attribute__((always_inline)) facet_wide facet_multiply_add_wide(float a, facet_wide b, facet_wide c) {
#if defined(__FMA__) || defined(__aarch64__)
  return __builtin_elementwise_fma((facet_wide)(double)a, b, c);
#else
  return (double)a * b + c;
#endif
}

#if defined(__FMA__) || defined(__aarch64__)
/// a * b + c, rounded once.
static inline __attribute__((always_inline)) facet_vector facet_multiply_add(
    facet_vector a, facet_vector b, facet_vector c) {
  return __builtin_elementwise_fma(a, b, c);
}
#endif

#endif
