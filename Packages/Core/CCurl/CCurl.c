#define _GNU_SOURCE
#define CURL_DISABLE_DEPRECATION
#include "CCurl.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

// typecheck-gcc.h wraps these in macros, which can't be taken apart into names.
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

// Those that libcurl 7.61 has.
#define SYMBOLS(X)                                                                                                     \
    X(curl_version_info)                                                                                               \
    X(curl_global_init)                                                                                                \
    X(curl_easy_init)                                                                                                  \
    X(curl_easy_cleanup)                                                                                               \
    X(curl_easy_setopt)                                                                                                \
    X(curl_easy_getinfo)                                                                                               \
    X(curl_easy_pause)                                                                                                 \
    X(curl_easy_strerror)                                                                                              \
    X(curl_slist_append)                                                                                               \
    X(curl_slist_free_all)                                                                                             \
    X(curl_multi_init)                                                                                                 \
    X(curl_multi_cleanup)                                                                                              \
    X(curl_multi_setopt)                                                                                               \
    X(curl_multi_add_handle)                                                                                           \
    X(curl_multi_remove_handle)                                                                                        \
    X(curl_multi_perform)                                                                                              \
    X(curl_multi_wait)                                                                                                 \
    X(curl_multi_info_read)

// Those that came later (7.66 and 7.68), and are used where they are found.
#define LATER_SYMBOLS(X)                                                                                               \
    X(curl_multi_poll)                                                                                                 \
    X(curl_multi_wakeup)

#define FIELD(name) __typeof__(&name) name;
static struct {
    SYMBOLS(FIELD)
    LATER_SYMBOLS(FIELD)
} table;

static ccurl_state state;
static pthread_once_t once = PTHREAD_ONCE_INIT;

#ifdef __APPLE__

static bool fill(void) {
#define LINKED(name) table.name = name;
    SYMBOLS(LINKED)
    LATER_SYMBOLS(LINKED)
    return true;
}

#else

// Never closed: libcurl's own threads may still run while the process ends.
static bool fill(void) {
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) library = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) return false;
#define SOUGHT(name) table.name = (__typeof__(&name))dlsym(library, #name);
    LATER_SYMBOLS(SOUGHT)
#define FOUND(name) && (table.name = (__typeof__(&name))dlsym(library, #name))
    return true SYMBOLS(FOUND);
}

#endif

static void load(void) {
    if (!fill()) {
        // A library that lacks one of the functions is older than all that have them.
        state = table.curl_version_info ? CCURL_TOO_OLD : CCURL_MISSING;
    } else if (table.curl_version_info(CURLVERSION_NOW)->version_num < 0x073d00) {
        state = CCURL_TOO_OLD;
    } else if (table.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        state = CCURL_NOT_STARTED;
    } else {
        state = CCURL_LOADED;
    }
}

ccurl_state ccurl_load(void) {
    pthread_once(&once, load);
    return state;
}

CURL *ccurl_easy_init(void) { return table.curl_easy_init(); }

void ccurl_easy_cleanup(CURL *easy) { table.curl_easy_cleanup(easy); }

CURLcode ccurl_easy_set_long(CURL *easy, CURLoption option, long value) {
    return table.curl_easy_setopt(easy, option, value);
}

CURLcode ccurl_easy_set_text(CURL *easy, CURLoption option, const char *value) {
    return table.curl_easy_setopt(easy, option, value);
}

CURLcode ccurl_easy_set_protocols(CURL *easy) {
    CURLcode code = table.curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    if (code != CURLE_UNKNOWN_OPTION) return code;
    return table.curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
}

CURLcode ccurl_easy_set_headers(CURL *easy, struct curl_slist *headers) {
    return table.curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
}

CURLcode ccurl_easy_set_body(CURL *easy, const void *body, size_t length) {
    CURLcode code = table.curl_easy_setopt(easy, CURLOPT_POST, 1L);
    if (!code) code = table.curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
    if (!code) code = table.curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, length ? body : "");
    return code;
}

CURLcode ccurl_easy_set_source(CURL *easy, curl_off_t length, curl_read_callback read, void *context) {
    CURLcode code = table.curl_easy_setopt(easy, CURLOPT_POST, 1L);
    if (!code) code = table.curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, length < 0 ? (curl_off_t)-1 : length);
    if (!code) code = table.curl_easy_setopt(easy, CURLOPT_READFUNCTION, read);
    if (!code) code = table.curl_easy_setopt(easy, CURLOPT_READDATA, context);
    return code;
}

CURLcode ccurl_easy_set_receivers(CURL *easy, curl_write_callback header, curl_write_callback body, void *context) {
    CURLcode code = table.curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header);
    if (!code) code = table.curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
    if (!code) code = table.curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body);
    if (!code) code = table.curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
    return code;
}

CURLcode ccurl_easy_set_observers(
    CURL *easy, curl_prereq_callback connected, curl_xferinfo_callback progress, void *context) {
    CURLcode code = table.curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, connected);
    if (!code) code = table.curl_easy_setopt(easy, CURLOPT_PREREQDATA, context);
    if (code == CURLE_UNKNOWN_OPTION) code = CURLE_OK;
    if (!code) code = table.curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, progress);
    if (!code) code = table.curl_easy_setopt(easy, CURLOPT_XFERINFODATA, context);
    if (!code) code = table.curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    return code;
}

void ccurl_easy_abandon_lookups(CURL *easy) {
    // CURLOPT_QUICK_EXIT by its number, which headers before 7.87 don't name; an older library says that it's unknown.
    table.curl_easy_setopt(easy, (CURLoption)(CURLOPTTYPE_LONG + 322), 1L);
}

CURLcode ccurl_easy_status(CURL *easy, long *status) {
    return table.curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, status);
}

CURLcode ccurl_easy_tunnel_status(CURL *easy, long *status) {
    return table.curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, status);
}

bool ccurl_easy_has_reached(CURL *easy, CURLINFO moment) {
    double seconds = 0;
    return table.curl_easy_getinfo(easy, moment, &seconds) == CURLE_OK && seconds > 0;
}

CURLcode ccurl_easy_pause(CURL *easy, int directions) { return table.curl_easy_pause(easy, directions); }

const char *ccurl_easy_text(CURLcode code) { return table.curl_easy_strerror(code); }

struct curl_slist *ccurl_list_append(struct curl_slist *list, const char *line) {
    return table.curl_slist_append(list, line);
}

void ccurl_list_free(struct curl_slist *list) { table.curl_slist_free_all(list); }

struct ccurl_multi {
    CURLM *handle;
    // The ends of a pipe, where libcurl can't be woken itself: what is written to the second ends a wait for the first.
    int bell[2];
};

static bool can_be_woken(void) { return table.curl_multi_poll && table.curl_multi_wakeup; }

static bool open_bell(int bell[2]) {
#ifdef __APPLE__
    return false;
#else
    return pipe2(bell, O_CLOEXEC | O_NONBLOCK) == 0;
#endif
}

ccurl_multi *ccurl_multi_init(void) {
    ccurl_multi *multi = malloc(sizeof *multi);
    if (!multi) return NULL;
    *multi = (ccurl_multi){.handle = table.curl_multi_init(), .bell = {-1, -1}};
    if (multi->handle && (can_be_woken() || open_bell(multi->bell))) return multi;
    if (multi->handle) table.curl_multi_cleanup(multi->handle);
    free(multi);
    return NULL;
}

void ccurl_multi_cleanup(ccurl_multi *multi) {
    table.curl_multi_cleanup(multi->handle);
    for (int end = 0; end < 2; end++)
        if (multi->bell[end] >= 0) close(multi->bell[end]);
    free(multi);
}

CURLMcode ccurl_multi_set_long(ccurl_multi *multi, CURLMoption option, long value) {
    return table.curl_multi_setopt(multi->handle, option, value);
}

CURLMcode ccurl_multi_add(ccurl_multi *multi, CURL *easy) { return table.curl_multi_add_handle(multi->handle, easy); }

CURLMcode ccurl_multi_remove(ccurl_multi *multi, CURL *easy) {
    return table.curl_multi_remove_handle(multi->handle, easy);
}

CURLMcode ccurl_multi_perform(ccurl_multi *multi) {
    int running;
    return table.curl_multi_perform(multi->handle, &running);
}

CURLMcode ccurl_multi_poll(ccurl_multi *multi, int milliseconds) {
    if (can_be_woken()) return table.curl_multi_poll(multi->handle, NULL, 0, milliseconds, NULL);
    struct curl_waitfd bell = {.fd = multi->bell[0], .events = CURL_WAIT_POLLIN};
    CURLMcode code = table.curl_multi_wait(multi->handle, &bell, 1, milliseconds, NULL);
    char rung[64];
    while (read(multi->bell[0], rung, sizeof rung) > 0) {}
    return code;
}

void ccurl_multi_wakeup(ccurl_multi *multi) {
    if (can_be_woken()) {
        table.curl_multi_wakeup(multi->handle);
    } else if (write(multi->bell[1], "", 1) < 0) {
        // It is full, so the wait ends without this byte.
    }
}

bool ccurl_multi_take_finished(ccurl_multi *multi, CURL **easy, CURLcode *result) {
    int left;
    for (CURLMsg *message; (message = table.curl_multi_info_read(multi->handle, &left));) {
        if (message->msg != CURLMSG_DONE) continue;
        *easy = message->easy_handle;
        *result = message->data.result;
        return true;
    }
    return false;
}

struct ccurl_thread {
    pthread_t id;
    void (*body)(void *context);
    void *context;
};

static void *run(void *argument) {
    ccurl_thread *thread = argument;
    thread->body(thread->context);
    return NULL;
}

ccurl_thread *ccurl_thread_start(void (*body)(void *context), void *context) {
    ccurl_thread *thread = malloc(sizeof *thread);
    if (!thread) return NULL;
    thread->body = body;
    thread->context = context;

    // The new thread inherits the mask; faults of the program itself must still end it.
    sigset_t blocked, before;
    sigfillset(&blocked);
    const int faults[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP, SIGSYS};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&blocked, faults[i]);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    bool started = pthread_create(&thread->id, NULL, run, thread) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started) return thread;
    free(thread);
    return NULL;
}

void ccurl_thread_join(ccurl_thread *thread) {
    pthread_join(thread->id, NULL);
    free(thread);
}
