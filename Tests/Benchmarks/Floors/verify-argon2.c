// libargon2 alone: verifies a secret of a key's length, and prints what each time took, in milliseconds.
#include <argon2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int main(int count, char **arguments) {
    if (count != 2) return 64;
    const char *secret = "bursar_0123456789ab_0123456789012345678901234567890123456789012abcdef";
    const unsigned char salt[16] = {0};
    char encoded[256];
    if (argon2id_hash_encoded(2, 19456, 1, secret, strlen(secret), salt, sizeof salt, 32, encoded, sizeof encoded))
        return 1;
    for (int runs = atoi(arguments[1]); runs > 0; runs--) {
        double start = milliseconds();
        if (argon2id_verify(encoded, secret, strlen(secret))) return 1;
        printf("%.3f\n", milliseconds() - start);
    }
    return 0;
}
