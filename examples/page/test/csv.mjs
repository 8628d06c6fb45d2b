// What is said of tables that cannot be read, and what is read of others.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readTable } from "../web/csv.js";

const LIMITS = { columns: 16, classes: 8 };
const read = (text) => readTable(text, LIMITS);
const lines = (...texts) => texts.join("\n");

test("the last column has the labels, or the one that is named label", () => {
  const right = { columns: ["x", "y"], classes: ["a", "b"], values: [1, 2, 3, 4, 5, 6, -0.5, 8e3], labels: [0, 1, 0, 1] };
  assert.deepEqual(read("x,y,kind\n1,2,a\n3,4,b\n5,6,a\n-.5,8e3,b\n"), right);
  assert.deepEqual(read("x,Label,y\n1,a,2\n3,b,4\n5,a,6\n-0.5,b,8000"), right);
});

test("separators, quotation marks, line ends and empty lines are understood", () => {
  const right = read("x,kind\n1,a\n2,b\n3,a\n4,b\n");
  assert.deepEqual(read("x;kind\r\n1;a\r\n2;b\r\n\r\n3;a\r\n4;b\r\n"), right);
  assert.deepEqual(read('x\tkind\n"1"\ta\n 2 \tb\n3\t"a"\n4\tb'), right);
  assert.deepEqual(read('x,kind\n1,"a, or ""A"""\n2,"b\nc"\n3,d\n4,d').classes, ['a, or "A"', "b\nc", "d"]);
});

const wide = (columns) => Array.from({ length: columns }, (_, index) => `c${index}`).join(",");
const REFUSED = {
  "": /file is empty/,
  " \n \n": /file is empty/,
  "PK\u0003\0\0": /no text file/,
  "x\n1\n2\n3\n4": /only one column/,
  "1,2\n3,4\n5,6\n7,8\n9,9": /Line 1 has numbers .* add a header/,
  "x,kind": /There are 0 rows .* at least 4/,
  "x,kind\n1,a\n2,b\n3,a": /There are 3 rows .* at least 4/,
  [lines("x,y,kind", "1,2,a", "1,2", "1,2,a", "1,2,b")]: /Line 3 has 2 cells, but the header has 3/,
  [lines("x,y,kind", "1,2,a", "1,2,b", "1,two,a", "1,2,b")]: /Line 4, column “y”: “two” is not a number/,
  [lines("x,kind", '1,"a\n"', "2,b", "three,b", "4,b")]: /Line 5, column “x”: “three”/,
  [lines("x,kind", "1,a", "", "2,b", "1e,b", "4,b")]: /Line 5, column “x”: “1e”/,
  [lines("x,kind", "1,a", "0x10,b", "3,b", "4,b")]: /Line 3, column “x”: “0x10”/,
  [lines("x,kind", "1,a", "NaN,b", "3,b", "4,b")]: /Line 3, column “x”: “NaN”/,
  [lines("x,kind", "1,a", "1e39,b", "3,b", "4,b")]: /Line 3, column “x”: 1e39 is too large/,
  [lines("x,kind", "1,a", ",b", "3,b", "4,b")]: /Line 3, column “x”: the cell is empty/,
  [lines("x,kind", "1,a", "2,", "3,b", "4,b")]: /Line 3, column “kind”: the label is empty/,
  [lines("x,kind", "1,a", "2,a", "3,a", "4,a")]: /column “kind” has only one label, “a”/,
  [lines("x,kind", ..."abcdefghi".split("").map((label) => `1,${label}`))]: /Line 10, .* “i” is label number 9, but at most 8/,
  [lines(`${wide(17)},kind`, "1,a", "2,b", "3,a", "4,b")]: /There are 17 columns .* at most 16/,
  [lines("x,kind", "1,a", "2,a", "3,a", "4,b", "5,a", "6,a", "7,a", "8,b")]: /All rows of “b” are for the test/,
  [lines("x,kind", "1,a", '2,"b', "3,a", "4,b")]: /Line 3: a quotation mark is never closed/,
};

for (const [text, message] of Object.entries(REFUSED)) {
  test(`refused: ${JSON.stringify(text).slice(0, 60)}`, () => assert.throws(() => read(text), { message }));
}
