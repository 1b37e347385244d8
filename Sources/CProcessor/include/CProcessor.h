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

#endif
