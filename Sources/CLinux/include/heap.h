// The parameters of the C library's memory allocator.
#ifndef TRIBUTARY_HEAP_H
#define TRIBUTARY_HEAP_H

/// Sets the size from which an allocation is mapped by itself, at most 32 MiB, and the free memory
/// at the end of the heap that is kept. Returns 1, or 0 on failure.
int cheap_keep(int mapping_bytes, int trim_bytes);

#endif
