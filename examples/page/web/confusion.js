// The confusion matrix as a table.

/** Shows counts by `[truth][predicted]`; without any, only the names of the classes. */
export function showConfusion(table, names, counts) {
  const head = document.createElement("thead");
  const first = document.createElement("tr");
  const corner = cell("th", "is / taken for");
  corner.scope = "col";
  first.append(corner, ...names.map((name) => heading(name, "col")));
  head.append(first);
  const body = document.createElement("tbody");
  body.append(...names.map((name, truth) => row(name, counts?.[truth] ?? names.map(() => null), truth)));
  table.replaceChildren(head, body);
}

function row(name, counts, truth) {
  const node = document.createElement("tr");
  const sum = counts.reduce((sum, count) => sum + count, 0);
  const cells = counts.map((count, predicted) => {
    const node = cell("td", count ?? "–");
    const share = sum > 0 ? count / sum : 0;
    node.className = predicted === truth ? "count right" : "count wrong";
    // The style sheet has a shade for each tenth.
    node.dataset.shade = Math.ceil(10 * share);
    return node;
  });
  node.append(heading(name, "row"), ...cells);
  return node;
}

function heading(name, scope) {
  const node = cell("th", name);
  node.scope = scope;
  return node;
}

function cell(kind, content) {
  const node = document.createElement(kind);
  node.textContent = content;
  return node;
}
