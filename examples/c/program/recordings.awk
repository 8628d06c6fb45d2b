# The list of recordings as a table for C; the classes are in the order of watch_12x1_classes.
BEGIN {
    FS = ","
    split("PEN ABD FEL IR ER TRAP ROW", names, " ")
    for (i in names) number[names[i]] = i - 1
    print "#include <stdint.h>\n"
    print "typedef struct {\n    uint32_t subject, class_number, first_frame, frames;\n} recording;\n"
    print "static const recording recordings[] = {"
}
NR > 1 { printf "    {%d, %d, %d, %d},\n", $2, number[$4], $5, $6 }
END { print "};\n" }
