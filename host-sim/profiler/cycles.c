/* A plugin for QEMU that counts what a program executes between two of its functions.
 *
 * Arguments: begin=ADDRESS,end=ADDRESS,output=FILE. Each time the program comes to `begin` all counts start at 0; each
 * time it comes to `end` they are written: a line `window`, then for each block, a piece of code without a jump into it
 * or out of it, a line `FIRST LAST COUNT AFTER2 AFTER4`. FIRST and LAST are the addresses of its first and its last
 * instruction. It was executed COUNT times; AFTER2 times the next instruction was that 2 bytes behind LAST, AFTER4
 * times that 4 bytes behind. Which of the two means that there was no jump depends on the length of LAST. QEMU cannot
 * be asked for it: at the end of a page it counts the bytes of the next instruction as well.
 *
 * What of QEMU's interface for plugins is needed is declared here, since not every distribution has its header.
 * API_VERSION comes from the compiler's command line. */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VISIBLE __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*on_translation)(uint64_t plugin, struct qemu_plugin_tb *block);
typedef void (*on_execution)(unsigned processor, void *data);
enum { NO_REGISTERS = 0 };

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t plugin, on_translation callback);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *block, on_execution callback, int registers,
                                          void *data);

VISIBLE int qemu_plugin_version = API_VERSION;

struct block {
    struct block *next;
    uint64_t first, last, count, after2, after4;
};

static struct block *blocks, *previous;
static uint64_t begin_address, end_address;
static FILE *output;

static void start_window(void) {
    for (struct block *block = blocks; block; block = block->next)
        block->count = block->after2 = block->after4 = 0;
}

static void end_window(void) {
    fputs("window\n", output);
    for (struct block *block = blocks; block; block = block->next)
        if (block->count)
            fprintf(output, "%" PRIx64 " %" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", block->first, block->last,
                    block->count, block->after2, block->after4);
    fflush(output);
}

/* A call leads to either function, so that each is the start of a block. */
static void executed(unsigned processor, void *data) {
    struct block *block = data;
    (void)processor;
    if (previous) {
        previous->after2 += block->first == previous->last + 2;
        previous->after4 += block->first == previous->last + 4;
    }
    previous = block;
    if (block->first == begin_address)
        start_window();
    else if (block->first == end_address)
        end_window();
    else
        block->count++;
}

static void translated(uint64_t plugin, struct qemu_plugin_tb *translation) {
    size_t length = qemu_plugin_tb_n_insns(translation);
    struct block *block = calloc(1, sizeof *block);
    (void)plugin;
    if (!block)
        abort();
    block->first = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(translation, 0));
    block->last = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(translation, length - 1));
    block->next = blocks;
    blocks = block;
    qemu_plugin_register_vcpu_tb_exec_cb(translation, executed, NO_REGISTERS, block);
}

static const char *value(const char *argument, const char *name) {
    size_t length = strlen(name);
    return strncmp(argument, name, length) ? NULL : argument + length;
}

VISIBLE int qemu_plugin_install(uint64_t plugin, const void *info, int count, char **arguments) {
    (void)info;
    for (int i = 0; i < count; i++) {
        const char *text;
        if ((text = value(arguments[i], "begin=")))
            begin_address = strtoull(text, NULL, 0);
        else if ((text = value(arguments[i], "end=")))
            end_address = strtoull(text, NULL, 0);
        else if ((text = value(arguments[i], "output=")))
            output = fopen(text, "w");
    }
    if (!begin_address || !end_address || !output) {
        fputs("cycles: begin=ADDRESS, end=ADDRESS and output=FILE are needed, a file that can be written\n", stderr);
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(plugin, translated);
    return 0;
}
