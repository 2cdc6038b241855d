#include "CExpat.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

static cexpat_functions functions;
static bool is_loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
#ifdef __APPLE__
#define LINKED(name) functions.name = name;
    CEXPAT_FUNCTIONS(LINKED)
    is_loaded = true;
#else
    // Never closed: the functions are used until the process ends.
    void *library = dlopen("libexpat.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
#define FOUND(name) && (functions.name = (__typeof__(&name))dlsym(library, #name))
    is_loaded = true CEXPAT_FUNCTIONS(FOUND);
#endif
}

const cexpat_functions *cexpat_load(void) {
    pthread_once(&once, load);
    return is_loaded ? &functions : NULL;
}
