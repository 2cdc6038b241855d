#ifndef CCURL_H
#define CCURL_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#if LIBCURL_VERSION_NUM < 0x075500
#error "Bursar needs the headers of libcurl 7.85 or newer (Debian: libcurl4-openssl-dev)"
#endif

// libcurl for Swift: its functions through one table that is filled once per process, since libcurl itself is
// process-wide, and its variadic setters and getters as plain functions. Types and constants are libcurl's own, of the
// headers; the library that is found when the program runs may be as old as 7.61.

typedef enum {
    CCURL_LOADED,
    CCURL_MISSING,
    CCURL_TOO_OLD,
    CCURL_NOT_STARTED,
} ccurl_state;

// Opens libcurl at the first call, and only then; call it, and see CCURL_LOADED, before anything below.
ccurl_state ccurl_load(void);

CURL *ccurl_easy_init(void);
void ccurl_easy_cleanup(CURL *easy);
CURLcode ccurl_easy_set_long(CURL *easy, CURLoption option, long value);
CURLcode ccurl_easy_set_text(CURL *easy, CURLoption option, const char *value);
// Takes http and https alone.
CURLcode ccurl_easy_set_protocols(CURL *easy);
CURLcode ccurl_easy_set_headers(CURL *easy, struct curl_slist *headers);
// A copy of `body` is sent, with its length.
CURLcode ccurl_easy_set_body(CURL *easy, const void *body, size_t length);
// What `read` hands out is sent: with `length` as its length, or in chunks when that is negative.
CURLcode ccurl_easy_set_source(CURL *easy, curl_off_t length, curl_read_callback read, void *context);
// `header` is handed each line of the answer's head, `body` its bytes, both with `context`.
CURLcode ccurl_easy_set_receivers(CURL *easy, curl_write_callback header, curl_write_callback body, void *context);
// `connected` is called when a connection is there and the request about to go out (from 7.80 on), `progress` at least
// once a second, and whenever the transfer gets a step further.
CURLcode ccurl_easy_set_observers(
    CURL *easy, curl_prereq_callback connected, curl_xferinfo_callback progress, void *context);
// A name look-up that is given up goes on by itself, where it would hold up the calling thread (from 7.87 on).
void ccurl_easy_abandon_lookups(CURL *easy);
CURLcode ccurl_easy_status(CURL *easy, long *status);
// What the proxy answered to CONNECT; 0 when there was no such answer.
CURLcode ccurl_easy_tunnel_status(CURL *easy, long *status);
// Whether the transfer got as far as `moment` (one of CURLINFO_…_TIME).
bool ccurl_easy_has_reached(CURL *easy, CURLINFO moment);
// Pauses the directions in `directions` (CURLPAUSE_…) and lets the others go on.
CURLcode ccurl_easy_pause(CURL *easy, int directions);
const char *ccurl_easy_text(CURLcode code);

// Adds a copy of `line` at the end; NULL when there is no memory, and then `list` is as it was.
struct curl_slist *ccurl_list_append(struct curl_slist *list, const char *line);
void ccurl_list_free(struct curl_slist *list);

// Many transfers at once: libcurl's multi handle, and what wakes a thread that waits for it.
typedef struct ccurl_multi ccurl_multi;

ccurl_multi *ccurl_multi_init(void);
void ccurl_multi_cleanup(ccurl_multi *multi);
CURLMcode ccurl_multi_set_long(ccurl_multi *multi, CURLMoption option, long value);
CURLMcode ccurl_multi_add(ccurl_multi *multi, CURL *easy);
CURLMcode ccurl_multi_remove(ccurl_multi *multi, CURL *easy);
CURLMcode ccurl_multi_perform(ccurl_multi *multi);
CURLMcode ccurl_multi_poll(ccurl_multi *multi, int milliseconds);
// The only function that another thread may call while one is inside `multi`.
void ccurl_multi_wakeup(ccurl_multi *multi);
// Takes one finished transfer and its result; false when there is none.
bool ccurl_multi_take_finished(ccurl_multi *multi, CURL **easy, CURLcode *result);

typedef struct ccurl_thread ccurl_thread;

// Runs `body` on a new thread that takes no signals (SIGPIPE neither, which a TLS library may raise); NULL when there
// is no thread to be had, and then `body` never runs.
ccurl_thread *ccurl_thread_start(void (*body)(void *context), void *context);
// Waits for the end of `body`. To be called once.
void ccurl_thread_join(ccurl_thread *thread);

#endif
