#include "CArguments.h"

// One of libc's own, which says whether it is glibc.
#include <stdlib.h>

static int count;
static char **values;

#ifdef __linux__
extern char **environ;
static char *none[1];
#endif

// glibc and Apple's dyld call constructors with main's arguments; musl with none. The macro is for the test of that case.
#if (defined(__GLIBC__) || defined(__APPLE__)) && !defined(CARGUMENTS_NOT_HANDED_OVER)
// 101 is the first of the priorities that programs may take: this runs before the constructors of Swift's runtime.
__attribute__((constructor(101))) static void capture(int argc, char **argv) {
    count = argc;
    values = argv;
#ifdef __linux__
    // After clearenv it is NULL, which Swift's runtime doesn't expect and crashes on.
    if (!environ) environ = none;
#endif
}
#endif

int carguments_count(void) { return count; }

const char *carguments_at(int index) { return values && index >= 0 && index < count ? values[index] : NULL; }
