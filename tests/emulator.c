/* Stands in for QEMU: runs a plugin as QEMU does for a program of which two threads store, one on virtual processor 1 and one
   on 65537, as there is where more than 65,536 threads have lived, each of which began before the last one ended. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { STORES = 100000, PAGE = 4096 };

typedef void (*access_call)(unsigned, uint32_t, uint64_t, void *);
typedef void (*id_call)(uint64_t, void *);
typedef int (*install_call)(uint64_t, const void *, int, char **);

static access_call on_access;
static id_call on_block, on_exit_of_all;

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, id_call call) { on_block = call; }
void qemu_plugin_register_vcpu_syscall_cb(uint64_t id, void *call) {}
void qemu_plugin_register_vcpu_syscall_ret_cb(uint64_t id, void *call) {}
void qemu_plugin_register_atexit_cb(uint64_t id, id_call call, void *with) { on_exit_of_all = call; }
void qemu_plugin_register_vcpu_tb_exec_cb(void *block, void *call, int flags, void *with) {}
void qemu_plugin_register_vcpu_mem_cb(void *instruction, access_call call, int flags, int kinds, void *with) { on_access = call; }
size_t qemu_plugin_tb_n_insns(void *block) { return 1; }
uint64_t qemu_plugin_tb_vaddr(void *block) { return 0x401000; }
void *qemu_plugin_tb_get_insn(void *block, size_t index) { return block; }
uint64_t qemu_plugin_insn_vaddr(void *instruction) { return 0x401000; }
size_t qemu_plugin_insn_size(void *instruction) { return 4; }
void *qemu_plugin_insn_haddr(void *instruction) { return 0; }
unsigned qemu_plugin_mem_size_shift(uint32_t info) { return 3; }
_Bool qemu_plugin_mem_is_store(uint32_t info) { return 1; }

static void *run(void *processor) {
    uint64_t page = processor == (void *)1 ? 0 : 1;
    for (int i = 0; i < STORES; i++) on_access((uintptr_t)processor, 3, 0x200000000000 + page * PAGE, 0);
    return 0;
}

int main(int count, char **arguments) {
    if (count < 3 || strcmp(arguments[1], "-plugin")) {
        puts("qemu-x86_64 version 9.9 (a stand-in), with -plugin");
        return 0;
    }
    char *words[16];
    int used = 0;
    for (char *word = strtok(arguments[2], ","); word && used < 16; word = strtok(0, ",")) words[used++] = word;
    void *plugin = dlopen(words[0], RTLD_NOW);
    install_call install = plugin ? (install_call)dlsym(plugin, "qemu_plugin_install") : 0;
    if (!install || install(1, 0, used - 1, words + 1)) return 1;
    int block;
    on_block(1, &block);
    pthread_t threads[2];
    pthread_create(&threads[0], 0, run, (void *)1);
    pthread_create(&threads[1], 0, run, (void *)65537);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], 0);
    on_exit_of_all(1, 0);
    return 0;
}
