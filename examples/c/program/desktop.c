/* Prints on a desktop. */

#include <stdio.h>

#include "print.h"

void print_text(const char *text) {
    fputs(text, stdout);
}
