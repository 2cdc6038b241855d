#define _GNU_SOURCE
#include "CPQ.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static cpq_functions functions;
static cpq_state state;
static pthread_once_t once = PTHREAD_ONCE_INIT;

#ifdef __APPLE__
static const char *const names[] = {
    "/opt/homebrew/opt/libpq/lib/libpq.5.dylib",
    "/usr/local/opt/libpq/lib/libpq.5.dylib",
    "/opt/local/lib/postgresql17/libpq.5.dylib",
};
#else
static const char *const names[] = {"libpq.so.5"};
#endif

// Never closed: connections use the functions until the process ends.
static bool fill(void) {
    void *library = NULL;
    for (size_t i = 0; !library && i < sizeof names / sizeof *names; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!library) return false;
#define FOUND(result, name, parameters) &&(functions.name = (__typeof__(functions.name))dlsym(library, #name))
    return true CPQ_FUNCTIONS(FOUND);
}

static void load(void) {
    if (!fill()) {
        // The functions are sought in their order: one without the pipeline has those before it.
        state = functions.PQlibVersion ? CPQ_TOO_OLD : CPQ_MISSING;
        return;
    }
    const char *const variables[] = {"PGSERVICE", "PGTZ", "PGDATESTYLE", "PGGEQO"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        if (getenv(variables[i])) unsetenv(variables[i]);
    state = functions.PQlibVersion() < 140000 ? CPQ_TOO_OLD : CPQ_LOADED;
}

cpq_state cpq_load(void) {
    pthread_once(&once, load);
    return state;
}

const cpq_functions *cpq_library(void) { return cpq_load() == CPQ_LOADED ? &functions : NULL; }

// A look-up, shared by its thread and the one that waits; the last of them frees it.
typedef struct {
    pthread_mutex_t mutex;
    pthread_cond_t done;
    bool is_done;
    int users;
    int code;
    struct addrinfo *found;
    char host[];
} lookup;

static void leave(lookup *lookup) {
    bool is_last = --lookup->users == 0;
    pthread_mutex_unlock(&lookup->mutex);
    if (!is_last) return;
    if (lookup->found) freeaddrinfo(lookup->found);
    pthread_cond_destroy(&lookup->done);
    pthread_mutex_destroy(&lookup->mutex);
    free(lookup);
}

static void *look_up(void *argument) {
    lookup *lookup = argument;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *found = NULL;
    int code = getaddrinfo(lookup->host, NULL, &hints, &found);
    pthread_mutex_lock(&lookup->mutex);
    lookup->code = code;
    lookup->found = code == 0 ? found : NULL;
    lookup->is_done = true;
    pthread_cond_signal(&lookup->done);
    leave(lookup);
    return NULL;
}

static int texts(const struct addrinfo *found, char *addresses, int capacity) {
    int count = 0;
    for (; found && count < capacity; found = found->ai_next) {
        const void *address;
        if (found->ai_family == AF_INET) {
            address = &((const struct sockaddr_in *)found->ai_addr)->sin_addr;
        } else if (found->ai_family == AF_INET6) {
            address = &((const struct sockaddr_in6 *)found->ai_addr)->sin6_addr;
        } else {
            continue;
        }
        char *text = addresses + (size_t)count * CPQ_ADDRESS_LENGTH;
        if (inet_ntop(found->ai_family, address, text, CPQ_ADDRESS_LENGTH)) count++;
    }
    return count;
}

int cpq_resolve(const char *host, int milliseconds, char *addresses, int capacity) {
    size_t length = strlen(host) + 1;
    lookup *lookup = calloc(1, sizeof *lookup + length);
    if (!lookup) return -abs(EAI_MEMORY);
    memcpy(lookup->host, host, length);
    lookup->users = 2;
    pthread_mutex_init(&lookup->mutex, NULL);
    pthread_cond_init(&lookup->done, NULL);

    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += milliseconds / 1000;
    end.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (end.tv_nsec >= 1000000000) {
        end.tv_sec++;
        end.tv_nsec -= 1000000000;
    }

    pthread_mutex_lock(&lookup->mutex);
    pthread_t thread;
    if (pthread_create(&thread, NULL, look_up, lookup) != 0) {
        lookup->users--;
        leave(lookup);
        return -abs(EAI_AGAIN);
    }
    pthread_detach(thread);
    while (!lookup->is_done)
        if (pthread_cond_timedwait(&lookup->done, &lookup->mutex, &end) == ETIMEDOUT) break;
    int count = 0;
    if (lookup->is_done) {
        count = lookup->code ? -abs(lookup->code) : texts(lookup->found, addresses, capacity);
        if (count == 0) count = -abs(EAI_NONAME);
    }
    leave(lookup);
    return count;
}

const char *cpq_resolver_text(int code) { return gai_strerror(EAI_NONAME < 0 ? code : -code); }
