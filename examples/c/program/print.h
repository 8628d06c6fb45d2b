/* What the program prints with: a desktop and a board have each their own `print_text`. */

#ifndef PRINT_H
#define PRINT_H

#include <stdint.h>

void print_text(const char *text);

/* The lowest digits of a number, at least `least` of them. */
static inline void print_digits(uint32_t number, uint32_t base, int least) {
    char digits[11];
    int i = sizeof digits - 1;
    for (digits[i] = 0; number > 0 || least > 0; number /= base, least--) {
        digits[--i] = "0123456789abcdef"[number % base];
    }
    print_text(&digits[i]);
}

static inline void print_number(uint32_t number) {
    print_digits(number, 10, 1);
}

static inline void print_hex(uint32_t number) {
    print_digits(number, 16, 8);
}

#endif
