/* Four threads, each with pages of its own, that also add to one word together. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

enum { PAGE = 4096, PAGES = 8, ROUNDS = 2000 };

static char *region;
static _Atomic int *sum;

static void *work(void *which) {
    volatile char *own = region + (long)which * PAGES * PAGE;
    for (int round = 0; round < ROUNDS; round++) {
        own[round % PAGES * PAGE] = 1;
        ++*sum;
    }
    return 0;
}

int main(void) {
    region = mmap((void *)0x200000000000, (4 * PAGES + 1) * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    sum = (_Atomic int *)(region + 4 * PAGES * PAGE);
    pthread_t threads[4];
    for (long which = 0; which < 4; which++) pthread_create(&threads[which], 0, work, (void *)which);
    for (int which = 0; which < 4; which++) pthread_join(threads[which], 0);
    return *sum != 4 * ROUNDS;
}
