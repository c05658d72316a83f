/* The same loads and stores whatever runs it: pseudo-random words of 1 to 8 bytes in 64 pages at a fixed address. */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/mman.h>

int main(void) {
    char *region = mmap((void *)0x10000000, 64 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    uint64_t state = 88172645463325252u;
    for (int step = 0; step < 20000; step++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char *at = region + (state >> 20) % (64 * 4096 - 8);
        switch (state & 7) {
        case 0: *(volatile uint8_t *)at = 1; break;
        case 1: *(volatile uint16_t *)at = 2; break;
        case 2: *(volatile uint32_t *)at = 4; break;
        case 3: *(volatile uint64_t *)at = 8; break;
        case 4: (void)*(volatile uint8_t *)at; break;
        case 5: (void)*(volatile uint32_t *)at; break;
        case 6: *(volatile uint64_t *)at += 1; break;
        case 7: __asm__ volatile("lock addl $1, (%0)" : : "r"((uintptr_t)at & ~(uintptr_t)3) : "memory", "cc"); break;
        }
    }
    return 0;
}
