#ifndef FACET_ALLOCATION_COUNTER_H
#define FACET_ALLOCATION_COUNTER_H

/// Whether allocations can be counted here: only where glibc lets a program stand in for its allocator.
int facet_counts_allocations(void);

/// Allocations (malloc, calloc, realloc, aligned forms) that the calling thread has made so far.
long facet_allocation_count(void);

#endif
