// What Swift's and C++'s runtimes ask of the C library and glibc 2.28 doesn't have; Scripts/portable links it in.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

// From 2.32: false means that there may be more than one thread, which is always safe.
char __libc_single_threaded = 0;

// From 2.36. The kernel's randomness never runs out once there is some, so what fails here can't be mended.
void arc4random_buf(void *buffer, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t got = getrandom((char *)buffer + done, size - done, 0);
        if (got < 0 && errno != EINTR) abort();
        if (got > 0) done += (size_t)got;
    }
}

uint32_t arc4random(void) {
    uint32_t number;
    arc4random_buf(&number, sizeof number);
    return number;
}

// From 2.35: libgcc's unwinder asks it where the tables of an address are. The same from what every glibc tells.
struct sought {
    uintptr_t address;
    struct dl_find_object *found;
};

static int is_within(struct dl_phdr_info *object, size_t size, void *context) {
    (void)size;
    struct sought *sought = context;
    struct dl_find_object here = {0};
    int holds = 0;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        uintptr_t start = object->dlpi_addr + part->p_vaddr;
        if (part->p_type == PT_GNU_EH_FRAME) here.dlfo_eh_frame = (void *)start;
        if (part->p_type != PT_LOAD || sought->address - start >= part->p_memsz) continue;
        holds = 1;
        here.dlfo_map_start = (void *)start;
        here.dlfo_map_end = (void *)(start + part->p_memsz);
    }
    if (!holds || !here.dlfo_eh_frame) return 0;
    *sought->found = here;
    return 1;
}

int _dl_find_object(void *address, struct dl_find_object *found) {
    struct sought sought = {(uintptr_t)address, found};
    return dl_iterate_phdr(is_within, &sought) == 1 ? 0 : -1;
}
