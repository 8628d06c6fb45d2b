// Reads a table: a header, columns of numbers, and a column of labels.

/** A largest file in bytes: the page would stand still for longer ones. */
export const MAX_BYTES = 50e6;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** Every row of this number is for the test. */
const TEST_EVERY = 4;

/**
 * `{ columns, classes, values, labels }`: names of both, the numbers row by row, the class of each row.
 * Throws an error that says what is wrong with the table, and where.
 * @param limits `{ columns, classes }`: how many there may be
 */
export function readTable(text, limits) {
  if (text.trim() === "") throw new Error("The file is empty.");
  if (text.includes("\0")) throw new Error("This is no text file: save the table as CSV.");
  const [header, ...rows] = readLines(text);
  const names = header.cells.map((name) => name.trim());
  const label = labelColumn(names, limits);
  checkRows(header, rows);
  const columns = names.filter((_, index) => index !== label);
  const values = rows.flatMap(({ cells, line }) =>
    cells.filter((_, index) => index !== label).map((cell, index) => readNumber(cell, line, columns[index])));
  const classes = findClasses(rows, label, names[label], limits.classes);
  const labels = rows.map(({ cells }) => classes.indexOf(cells[label].trim()));
  checkLearnt(classes, labels);
  return { columns, classes, values, labels };
}

/** A label whose rows are all for the test could not be learnt. */
function checkLearnt(classes, labels) {
  const learnt = labels.filter((_, index) => index % TEST_EVERY < TEST_EVERY - 1);
  const unknown = classes.find((_, index) => !learnt.includes(index));
  if (unknown !== undefined) {
    throw new Error(`All rows of “${unknown}” are for the test, as every fourth row is: add rows, or put them in another order.`);
  }
}

function labelColumn(names, limits) {
  if (names.every((name) => NUMBER.test(name))) {
    throw new Error("Line 1 has numbers where the names of the columns should be: add a header.");
  }
  const numbers = names.length - 1;
  if (numbers < 1) throw new Error("There is only one column: columns of numbers and one of labels are needed.");
  if (numbers > limits.columns) {
    throw new Error(`There are ${numbers} columns beside the labels, but at most ${limits.columns} are possible: leave some out.`);
  }
  const named = names.findIndex((name) => name.toLowerCase() === "label");
  return named < 0 ? numbers : named;
}

function checkRows(header, rows) {
  if (rows.length < TEST_EVERY) {
    throw new Error(`There are ${rows.length} rows below the header, but at least ${TEST_EVERY} are needed.`);
  }
  const width = header.cells.length;
  const odd = rows.find(({ cells }) => cells.length !== width);
  if (odd) throw new Error(`Line ${odd.line} has ${odd.cells.length} cells, but the header has ${width}.`);
}

function readNumber(cell, line, column) {
  const trimmed = cell.trim();
  const where = `Line ${line}, column “${column}”`;
  if (trimmed === "") throw new Error(`${where}: the cell is empty; a number is needed.`);
  if (!NUMBER.test(trimmed)) throw new Error(`${where}: “${trimmed}” is not a number.`);
  if (!Number.isFinite(Math.fround(trimmed))) throw new Error(`${where}: ${trimmed} is too large.`);
  return Number(trimmed);
}

function findClasses(rows, label, name, most) {
  const classes = new Set();
  for (const { cells, line } of rows) {
    const found = cells[label].trim();
    if (found === "") throw new Error(`Line ${line}, column “${name}”: the label is empty.`);
    classes.add(found);
    if (classes.size > most) {
      throw new Error(`Line ${line}, column “${name}”: “${found}” is label number ${classes.size}, but at most ${most} are possible.`);
    }
  }
  if (classes.size < 2) {
    throw new Error(`The column “${name}” has only one label, “${[...classes][0]}”: at least 2 are needed.`);
  }
  return [...classes].sort();
}

/** `[{ line, cells }]`, without empty lines. Cells may stand in quotation marks. */
function readLines(text) {
  const separator = findSeparator(text);
  const lines = [];
  let [cells, cell, line, first, quotedSince] = [[], "", 1, 1, 0];
  const endLine = () => {
    cells.push(cell);
    if (cells.length > 1 || cell.trim() !== "") lines.push({ line: first, cells });
    [cells, cell, first] = [[], "", line + 1];
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quotedSince > 0) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') cell += text[++at];
      else quotedSince = 0;
    } else if (character === '"' && cell.trim() === "") {
      [quotedSince, cell] = [line, ""];
    } else if (character === separator) {
      cells.push(cell);
      cell = "";
    } else if (character === "\n") {
      endLine();
    } else if (character !== "\r") {
      cell += character;
    }
    if (character === "\n") line++;
  }
  if (quotedSince > 0) throw new Error(`Line ${quotedSince}: a quotation mark is never closed.`);
  endLine();
  return lines;
}

/** The one that comes most often in the first line. */
function findSeparator(text) {
  const header = text.trimStart().split("\n", 1)[0];
  const count = (separator) => header.split(separator).length;
  return [",", ";", "\t"].reduce((best, separator) => (count(separator) > count(best) ? separator : best));
}
