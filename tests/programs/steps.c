/* Known changes of an address space, in pages of one region whose address is printed first. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096 };

static void touch(volatile char *at, int pages) {
    for (int page = 0; page < pages; page++) at[page * PAGE] = 1;
}

int main(int count, char **arguments) {
    (void)arguments;
    char *home = mmap((void *)0x200000000000, 64 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    printf("%p\n", (void *)home);
    fflush(stdout);
    char *region = mmap(home, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    touch(region, 16);
    mprotect(region + PAGE, 2 * PAGE, PROT_READ);
    madvise(region + 4 * PAGE, 2 * PAGE, MADV_DONTNEED);
    touch(region + 4 * PAGE, 2);
    munmap(region + 12 * PAGE, 4 * PAGE);
    munmap(region, 0); /* fails: no row */
    char *grown = mremap(region + 8 * PAGE, 4 * PAGE, 6 * PAGE, 0);
    touch(grown + 4 * PAGE, 2);
    mremap(grown, 6 * PAGE, 4 * PAGE, 0);
    mremap(grown, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, home + 32 * PAGE);
    touch(home + 32 * PAGE, 1);
    if (fork() == 0) {
        touch(region, 1);
        _exit(0);
    }
    wait(NULL);
    touch(region, 1);
    if (count > 1) raise(SIGABRT);
    return 5;
}
