/* File systems that lack something, imitated below one folder: FSFAULT names what (words with commas between),
 * FSFAULT_ROOT the folder. To be preloaded (LD_PRELOAD). The errors are those of public reports:
 *
 *   noflock, nolck, lockunsupported, lockinvalid   flock: Lustre without -o flock, NFS without a lock daemon, FUSE
 *   nofcntl                                        the locks that SQLite takes
 *   dirfsync, filefsync                            fsync of folders (CIFS, vboxsf, FUSE) and files: EINVAL
 *   dirfsyncio                                     the disk fails when a name is to be made durable
 *   mode777, otherowner                            modes and owners are the mount's: WSL, CIFS, Docker Desktop
 *   nochmod, nochown, nolink                       forbidden, or not there
 *   nofutimens                                     the times of a file can't be set
 *   heldfull                                       no room for what stands in a lock's file
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int has(const char *fault) {
    const char *list = getenv("FSFAULT");
    size_t length = strlen(fault);
    for (const char *word = list; word && *word; word = strchr(word, ',') ? strchr(word, ',') + 1 : NULL) {
        if (!strncmp(word, fault, length) && (word[length] == 0 || word[length] == ',')) return 1;
    }
    return 0;
}

static int below(const char *path) {
    char whole[2 * PATH_MAX];
    const char *root = getenv("FSFAULT_ROOT");
    if (!root || !path) return 0;
    if (path[0] != '/') {
        char here[PATH_MAX];
        if (!getcwd(here, sizeof here)) return 0;
        snprintf(whole, sizeof whole, "%s/%s", here, path);
        path = whole;
    }
    return !strncmp(path, root, strlen(root));
}

static int below_fd(int fd) {
    char name[64], path[PATH_MAX];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(name, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path);
}

static int failed(int number) {
    errno = number;
    return -1;
}

static int is_folder(int fd) {
    struct stat found;
    return REAL(fstat)(fd, &found) == 0 && S_ISDIR(found.st_mode);
}

int flock(int fd, int operation) {
    if (below_fd(fd)) {
        if (has("noflock")) return failed(ENOSYS);
        if (has("nolck")) return failed(ENOLCK);
        if (has("lockunsupported")) return failed(EOPNOTSUPP);
        if (has("lockinvalid")) return failed(EINVAL);
    }
    return REAL(flock)(fd, operation);
}

static int refuses_lock(int fd, int command) {
    int locks = command == F_SETLK || command == F_SETLKW || command == F_GETLK || command == F_OFD_SETLK
        || command == F_OFD_SETLKW || command == F_OFD_GETLK;
    return locks && has("nofcntl") && below_fd(fd);
}

int fcntl(int fd, int command, ...) {
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    return refuses_lock(fd, command) ? failed(ENOLCK) : REAL(fcntl)(fd, command, argument);
}

int fcntl64(int fd, int command, ...) {
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    return refuses_lock(fd, command) ? failed(ENOLCK) : REAL(fcntl64)(fd, command, argument);
}

static int sync_error(int fd) {
    if (!below_fd(fd)) return 0;
    if (is_folder(fd)) return has("dirfsync") ? EINVAL : has("dirfsyncio") ? EIO : 0;
    return has("filefsync") ? EINVAL : 0;
}

int fsync(int fd) {
    int error = sync_error(fd);
    return error ? failed(error) : REAL(fsync)(fd);
}

int fdatasync(int fd) {
    int error = sync_error(fd);
    return error ? failed(error) : REAL(fdatasync)(fd);
}

int fchmod(int fd, mode_t mode) {
    if (below_fd(fd) && has("nochmod")) return failed(EPERM);
    return below_fd(fd) && has("mode777") ? 0 : REAL(fchmod)(fd, mode);
}

int chmod(const char *path, mode_t mode) {
    if (below(path) && has("nochmod")) return failed(EPERM);
    return below(path) && has("mode777") ? 0 : REAL(chmod)(path, mode);
}

int fchown(int fd, uid_t user, gid_t group) {
    return below_fd(fd) && has("nochown") ? failed(EPERM) : REAL(fchown)(fd, user, group);
}

int futimens(int fd, const struct timespec times[2]) {
    return below_fd(fd) && has("nofutimens") ? failed(ENOSYS) : REAL(futimens)(fd, times);
}

static int is_held_file(int fd) {
    char name[64], path[PATH_MAX];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(name, path, sizeof path - 1);
    return length > 5 && !memcmp(path + length - 5, ".held", 5);
}

ssize_t write(int fd, const void *bytes, size_t count) {
    return has("heldfull") && below_fd(fd) && is_held_file(fd) ? failed(ENOSPC) : REAL(write)(fd, bytes, count);
}

int link(const char *from, const char *to) {
    return below(to) && has("nolink") ? failed(EPERM) : REAL(link)(from, to);
}

int linkat(int from, const char *source, int to, const char *target, int flags) {
    return has("nolink") ? failed(EPERM) : REAL(linkat)(from, source, to, target, flags);
}

#define SHOW(found, result)                                                                  \
    do {                                                                                     \
        if ((result) == 0 && has("mode777")) (found)->st_mode |= 0777;                       \
        if ((result) == 0 && has("otherowner") && !S_ISDIR((found)->st_mode)) (found)->st_uid = 4711; \
    } while (0)

#define STATS(suffix)                                                                        \
    int stat##suffix(const char *path, struct stat##suffix *found) {                         \
        int result = REAL(stat##suffix)(path, found);                                        \
        if (below(path)) SHOW(found, result);                                                \
        return result;                                                                       \
    }                                                                                        \
    int lstat##suffix(const char *path, struct stat##suffix *found) {                        \
        int result = REAL(lstat##suffix)(path, found);                                       \
        if (below(path)) SHOW(found, result);                                                \
        return result;                                                                       \
    }                                                                                        \
    int fstat##suffix(int fd, struct stat##suffix *found) {                                  \
        int result = REAL(fstat##suffix)(fd, found);                                         \
        if (below_fd(fd)) SHOW(found, result);                                               \
        return result;                                                                       \
    }                                                                                        \
    int fstatat##suffix(int fd, const char *path, struct stat##suffix *found, int flags) {   \
        int result = REAL(fstatat##suffix)(fd, path, found, flags);                          \
        int is_here = path[0] == '/' || fd == AT_FDCWD ? below(path) : below_fd(fd);         \
        if (is_here) SHOW(found, result);                                                    \
        return result;                                                                       \
    }

STATS()
STATS(64)
