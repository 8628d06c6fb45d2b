// The RAM of a board, and what fills it.

const ROLES = {
  weights: "Weights",
  gradients: "Gradients",
  optimizer: "Optimiser",
  copies: "Copies of the weights",
  stream: "Arena: token stream",
  saved: "Arena: saved for the backward pass",
  scratch: "Arena: scratch",
  settings: "Settings and counters",
  data: "One sample",
  stack: "Stack, at most",
};

const bytes = (number) => number.toLocaleString("en");

/** Draws a budget, whose roles are bytes, with the stack beside it, as the share of a board's RAM. */
export function showBudget({ bar, rows, fits }, budget, stack, board) {
  const all = { ...budget, stack };
  const roles = Object.entries(ROLES).filter(([role]) => all[role] > 0);
  const total = budget.total + stack;
  const scale = Math.max(total, board.ram);
  bar.replaceChildren(...roles.map(([role]) => part(role, all[role] / scale)), mark(board.ram / scale));
  rows.replaceChildren(...roles.map(([role, name]) => row(name, all[role], role)), row("Together", total));
  fits.textContent =
    total <= board.ram
      ? `${bytes(total)} of ${bytes(board.ram)} bytes: it fits, and ${bytes(board.ram - total)} are left.`
      : `${bytes(total)} of ${bytes(board.ram)} bytes: it does not fit; ${bytes(total - board.ram)} are missing.`;
}

function part(role, share) {
  const node = document.createElement("div");
  node.className = `part ${role}`;
  node.style.setProperty("width", `${100 * share}%`);
  return node;
}

/** Where the RAM ends. */
function mark(share) {
  const node = document.createElement("div");
  node.className = "mark";
  node.style.setProperty("left", `${100 * share}%`);
  return node;
}

function row(name, count, role) {
  const node = document.createElement("tr");
  const [title, number] = [document.createElement("th"), document.createElement("td")];
  title.scope = "row";
  if (role) {
    const swatch = document.createElement("span");
    swatch.className = `swatch ${role}`;
    title.append(swatch);
  }
  title.append(name);
  number.className = "number";
  number.textContent = bytes(count);
  node.append(title, number);
  return node;
}
