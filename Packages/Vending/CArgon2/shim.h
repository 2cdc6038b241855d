#include <argon2.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

/// Gives memory that is free back to the system: glibc keeps the 19 MiB of a hash per thread for the next one.
static inline void bursar_return_free_memory(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}
