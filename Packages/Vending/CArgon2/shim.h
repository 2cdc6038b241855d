#include <argon2.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

/// Has the memory of a hash go back to the system after it. glibc raises its own threshold to the size of what was
/// freed last, and then keeps 19 MiB per thread for good.
static inline void bursar_return_large_blocks(void) {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}
