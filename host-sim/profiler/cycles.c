/* A plugin for QEMU that counts what a program executes between two of its functions.
 *
 * Arguments: begin=ADDRESS,end=ADDRESS,output=FILE. Each time the program comes to `begin` all counts start at 0; each
 * time it comes to `end` they are written: a line `window`, then a line `ADDRESS BYTES COUNT TAKEN` for each block, which
 * is a piece of code without a jump into it or out of it. It was executed COUNT times, and TAKEN times something else
 * than the code behind it followed.
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
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t plugin, on_translation callback);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *block, on_execution callback, int registers, void *data);

VISIBLE int qemu_plugin_version = API_VERSION;

struct block {
    struct block *next;
    uint64_t start, end, count, taken;
};

static struct block *blocks, *previous;
static uint64_t begin_address, end_address;
static FILE *output;

static void start_window(void) {
    for (struct block *block = blocks; block; block = block->next)
        block->count = block->taken = 0;
}

static void end_window(void) {
    fputs("window\n", output);
    for (struct block *block = blocks; block; block = block->next)
        if (block->count)
            fprintf(output, "%" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", block->start, block->end - block->start,
                    block->count, block->taken);
    fflush(output);
}

/* A call leads to either function, so that each is the start of a block. */
static void executed(unsigned processor, void *data) {
    struct block *block = data;
    (void)processor;
    if (previous && previous->end != block->start)
        previous->taken++;
    previous = block;
    if (block->start == begin_address)
        start_window();
    else if (block->start == end_address)
        end_window();
    else
        block->count++;
}

static void translated(uint64_t plugin, struct qemu_plugin_tb *translation) {
    struct qemu_plugin_insn *first = qemu_plugin_tb_get_insn(translation, 0);
    struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(translation, qemu_plugin_tb_n_insns(translation) - 1);
    struct block *block = calloc(1, sizeof *block);
    (void)plugin;
    if (!block)
        abort();
    block->start = qemu_plugin_insn_vaddr(first);
    block->end = qemu_plugin_insn_vaddr(last) + qemu_plugin_insn_size(last);
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
