// Runs a program and prints the most memory it had at once, in KiB: asked here, since a child of a large program is
// counted as large as that was.
// usage: peak-memory PROGRAM [ARGUMENT…]
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments) {
    if (count < 2) return 64;
    pid_t child = fork();
    if (child < 0) return 1;
    if (child == 0) {
        int sink = open("/dev/null", O_WRONLY);
        if (sink < 0 || dup2(sink, STDOUT_FILENO) < 0) _exit(126);
        execv(arguments[1], arguments + 1);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) return 1;
#ifdef __APPLE__
    usage.ru_maxrss /= 1024;
#endif
    printf("%ld\n", (long)usage.ru_maxrss);
    return 0;
}
