// The memory that argon2 works in: one block per thread, kept from one hash to the next.
//
// glibc would keep such a block in the arena of whichever thread freed it, and give none back. This one is the thread's
// own, so that it can be given back when there is nothing to hash.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Has the form of argon2's `allocate_fptr`: 0, or -1 when there is no memory.
int hash_memory_take(uint8_t **memory, size_t size);

/// Has the form of argon2's `deallocate_fptr`: the block stays the thread's.
void hash_memory_keep(uint8_t *memory, size_t size);

/// Gives the calling thread's block back to the system.
void hash_memory_release(void);
