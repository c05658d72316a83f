/* Becomes another user, and then stores: to page 1 in a child, to page 2 as another program. */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void store(long page) {
    char *region = mmap((void *)0x200000000000, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    *(volatile char *)(region + page * 4096) = 1;
}

int main(int count, char **arguments) {
    if (count > 1) {
        store(2);
        return 0;
    }
    if (setgid(65534) || setuid(65534)) return 1;
    int status, child = fork();
    if (child == 0) {
        store(1);
        _exit(0);
    }
    if (waitpid(child, &status, 0) != child || status) return 2;
    char *again[] = {arguments[0], "again", 0};
    execv("/proc/self/exe", again);
    return 3;
}
