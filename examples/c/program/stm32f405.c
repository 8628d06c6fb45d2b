/* Start and end of the program on an STM32F405, or in QEMU's netduinoplus2, and a debugger's line to print on. Without a C library: what
   else the compiler calls is in the library of the trainer. */

#include <stdint.h>

#include "print.h"

extern uint32_t bss_start[], bss_end[], data_start[], data_end[], data_load[], stack_top[];
int main(void);
void start(void);

/* Semihosting: operation and argument go to the debugger. */
enum { WRITE0 = 4, EXIT = 0x18, STOPPED = 0x20026, FAILED = 0x20023 };

static void debugger(uint32_t operation, const void *argument) {
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

void print_text(const char *text) {
    debugger(WRITE0, text);
}

__attribute__((section(".vectors"), used)) static const void *const vectors[] = {stack_top, start};

void start(void) {
    volatile uint32_t *cpacr = (uint32_t *)0xe000ed88;
    *cpacr |= 0xf << 20; /* The FPU is off until then. */
    __asm__ volatile("dsb\n isb" ::: "memory");
    for (uint32_t *to = data_start, *from = data_load; to < data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = bss_start; to < bss_end;) {
        *to++ = 0;
    }
    debugger(EXIT, (const void *)(main() == 0 ? STOPPED : FAILED));
    for (;;) {
    }
}
