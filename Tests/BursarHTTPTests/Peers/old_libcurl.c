// libcurl as a system of 2018 has it, for tests: the real one, without what came after 7.61.
//
// It says that it is 7.61.1 (or -DVERSION=0x073c00), has no curl_multi_poll and no curl_multi_wakeup, refuses every
// option and every question that is newer, and gives the results that were newer by their old numbers. Built with
// -DREAL="…/libcurl.so.4" and the soname libcurl.so.4, in a folder that LD_LIBRARY_PATH names.

#define _GNU_SOURCE
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

#ifndef VERSION
#define VERSION 0x073d01
#endif

// CURLOPT_DISALLOW_USERNAME_IN_URL and CURLINFO_APPCONNECT_TIME_T, the last of 7.61.
#define LAST_OPTION 278
#define LAST_INFO 56

static void *library;

__attribute__((constructor)) static void open_real(void) { library = dlopen(REAL, RTLD_NOW | RTLD_LOCAL); }

#define REAL_ONE(name) ((__typeof__(&name))dlsym(library, #name))

curl_version_info_data *curl_version_info(CURLversion age) {
    static curl_version_info_data data;
    static char text[16];
    data = *REAL_ONE(curl_version_info)(age);
    snprintf(text, sizeof text, "%d.%d.%d", VERSION >> 16, VERSION >> 8 & 0xff, VERSION & 0xff);
    data.version = text;
    data.version_num = VERSION;
    return &data;
}

CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...) {
    va_list given;
    va_start(given, option);
    void *value = va_arg(given, void *);
    va_end(given);
    if (option % 10000 > LAST_OPTION) return CURLE_UNKNOWN_OPTION;
    return REAL_ONE(curl_easy_setopt)(easy, option, value);
}

CURLcode curl_easy_getinfo(CURL *easy, CURLINFO info, ...) {
    va_list given;
    va_start(given, info);
    void *place = va_arg(given, void *);
    va_end(given);
    if ((info & CURLINFO_MASK) > LAST_INFO) return CURLE_UNKNOWN_OPTION;
    return REAL_ONE(curl_easy_getinfo)(easy, info, place);
}

CURLMcode curl_multi_setopt(CURLM *multi, CURLMoption option, ...) {
    va_list given;
    va_start(given, option);
    void *value = va_arg(given, void *);
    va_end(given);
    return REAL_ONE(curl_multi_setopt)(multi, option, value);
}

CURLMsg *curl_multi_info_read(CURLM *multi, int *left) {
    CURLMsg *message = REAL_ONE(curl_multi_info_read)(multi, left);
    if (!message || message->msg != CURLMSG_DONE) return message;
    static __thread CURLMsg old;
    old = *message;
    // A certificate of another name was 51 until 7.62, a SOCKS proxy's no was 7 until 7.73.
    if (old.data.result == CURLE_PEER_FAILED_VERIFICATION) old.data.result = (CURLcode)51;
    if (old.data.result == CURLE_PROXY) old.data.result = CURLE_COULDNT_CONNECT;
    return &old;
}

CURLcode curl_global_init(long flags) { return REAL_ONE(curl_global_init)(flags); }
CURL *curl_easy_init(void) { return REAL_ONE(curl_easy_init)(); }
void curl_easy_cleanup(CURL *easy) { REAL_ONE(curl_easy_cleanup)(easy); }
CURLcode curl_easy_pause(CURL *easy, int directions) { return REAL_ONE(curl_easy_pause)(easy, directions); }
const char *curl_easy_strerror(CURLcode code) { return REAL_ONE(curl_easy_strerror)(code); }
struct curl_slist *curl_slist_append(struct curl_slist *list, const char *line) {
    return REAL_ONE(curl_slist_append)(list, line);
}
void curl_slist_free_all(struct curl_slist *list) { REAL_ONE(curl_slist_free_all)(list); }
CURLM *curl_multi_init(void) { return REAL_ONE(curl_multi_init)(); }
CURLMcode curl_multi_cleanup(CURLM *multi) { return REAL_ONE(curl_multi_cleanup)(multi); }
CURLMcode curl_multi_add_handle(CURLM *multi, CURL *easy) { return REAL_ONE(curl_multi_add_handle)(multi, easy); }
CURLMcode curl_multi_remove_handle(CURLM *multi, CURL *easy) {
    return REAL_ONE(curl_multi_remove_handle)(multi, easy);
}
CURLMcode curl_multi_perform(CURLM *multi, int *running) { return REAL_ONE(curl_multi_perform)(multi, running); }
CURLMcode curl_multi_wait(CURLM *multi, struct curl_waitfd fds[], unsigned count, int milliseconds, int *ready) {
    return REAL_ONE(curl_multi_wait)(multi, fds, count, milliseconds, ready);
}
