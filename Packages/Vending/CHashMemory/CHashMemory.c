#include "CHashMemory.h"

#include <sys/mman.h>

static _Thread_local struct {
    uint8_t *start;
    size_t size;
} block;

void hash_memory_release(void) {
    if (block.start != NULL) munmap(block.start, block.size);
    block.start = NULL;
    block.size = 0;
}

int hash_memory_take(uint8_t **memory, size_t size) {
    if (block.size < size) {
        hash_memory_release();
        void *start = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (start == MAP_FAILED) return -1;
#ifdef MADV_HUGEPAGE
        // Ten pages to be filled in instead of five thousand; where the system has none so large, nothing changes.
        (void)madvise(start, size, MADV_HUGEPAGE);
#endif
        block.start = start;
        block.size = size;
    }
    *memory = block.start;
    return 0;
}

void hash_memory_keep(uint8_t *memory, size_t size) {
    (void)memory;
    (void)size;
}
