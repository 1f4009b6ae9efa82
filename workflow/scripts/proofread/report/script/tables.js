// Tables: sorted by a column, filtered by words, saved as TSV with all their digits.
const FEW_ROWS = 5; // which need no filter
const NOTHING = "–";

// What a cell is sorted by: the number that it rounds, else its words.
function valueOf(cell) {
  if (!cell) return "";
  const text = cell.dataset.value ?? words(cell, { small: false });
  return text === NOTHING ? "" : text;
}

// "8,000", "−0.02", "60 %", "0.49 ± 0.03" and "3e-14" are numbers; NaN is none.
function numberOf(text) {
  const plain = text.replace("−", "-").replace(/,(?=\d{3})/g, "").replace(/\s*[%±([].*$/, "");
  return plain === "" ? NaN : Number(plain);
}

// Empty cells stay last. Rows that are alike keep their order.
function sortRows(table, column, order) {
  const sign = order === "ascending" ? 1 : -1;
  const rows = Array.from(table.tBodies[0].rows, (row) => {
    const text = valueOf(row.cells[column]);
    return { row, text, number: numberOf(text) };
  });
  const numeric = rows.every(({ text, number }) => text === "" || !Number.isNaN(number));
  rows.sort((a, b) => {
    if (a.text === "" || b.text === "") return (a.text === "") - (b.text === "");
    if (numeric) return sign * (a.number - b.number);
    return sign * a.text.localeCompare(b.text, "en", { numeric: true });
  });
  table.tBodies[0].append(...rows.map(({ row }) => row));
  for (const cell of table.tHead.rows[0].cells) cell.removeAttribute("aria-sort");
  table.tHead.rows[0].cells[column].setAttribute("aria-sort", order);
}

function makeSortable(table, header) {
  const rows = Array.from(table.tBodies[0].rows);
  // A column of logos has no order.
  if (rows.every((row) => valueOf(row.cells[header.cellIndex]) === "")) return;
  const button = document.createElement("button");
  button.type = "button";
  const link = header.querySelector("a");
  if (link) {
    // A link inside a button could not be reached.
    button.setAttribute("aria-label", `Sort by ${words(header)}`);
    link.after(button);
  } else {
    button.append(...header.childNodes);
    header.append(button);
  }
  button.addEventListener("click", () => {
    const first = header.dataset.first ?? "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    const again = header.getAttribute("aria-sort") === first;
    sortRows(table, header.cellIndex, again ? other : first);
  });
}

// A row stays if it has every word, in any of its cells.
function filterRows(table, query) {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of table.tBodies[0].rows) {
    const text = words(row).toLowerCase();
    row.hidden = !wanted.every((word) => text.includes(word));
    shown += !row.hidden;
  }
  return wanted.length ? `${shown} of ${table.tBodies[0].rows.length} rows` : "";
}

function filterFor(table, about) {
  const box = document.createElement("input");
  box.type = "search";
  box.placeholder = "Filter rows";
  box.setAttribute("aria-label", `Filter rows: ${about}`);
  const count = document.createElement("span");
  count.setAttribute("role", "status");
  box.addEventListener("input", () => { count.textContent = filterRows(table, box.value); });
  return [box, count];
}

// A cell for each column, also where one spans several.
function cellsOf(row) {
  return Array.from(row.cells).flatMap((cell) => [cell, ...Array(cell.colSpan - 1).fill(null)]);
}

function written(cell) {
  if (!cell) return "";
  const text = valueOf(cell);
  if (text === "") return cell.querySelector("svg[aria-label]")?.getAttribute("aria-label") ?? "";
  const number = cell.classList.contains("num") || cell.dataset.value !== undefined;
  if (!number || Number.isNaN(numberOf(text))) return text;
  return text.replaceAll("−", "-").replace(/,(?=\d{3})/g, "");
}

function note(cell) {
  return Array.from(cell?.querySelectorAll("small, .word") ?? [], (part) => words(part)).join("; ");
}

// The rows that are shown, in their order; small type and verdicts have a column of their own.
function asTsv(table) {
  const rows = Array.from(table.tBodies[0].rows).filter((row) => !row.hidden).map(cellsOf);
  const columns = cellsOf(table.tHead.rows[0]).flatMap((header, column) => {
    const name = header ? words(header) : "";
    const plain = [name, ...rows.map((cells) => written(cells[column]))];
    const notes = rows.map((cells) => note(cells[column]));
    return notes.some(Boolean) ? [plain, [`${name}, note`, ...notes]] : [plain];
  });
  const lines = columns[0].map((_, line) => columns.map((column) => column[line]).join("\t"));
  return `${lines.join("\n")}\n`;
}

function addTools(table, about) {
  const rows = table.tBodies[0].rows.length;
  if (rows > 1) for (const header of table.tHead.rows[0].cells) makeSortable(table, header);
  const type = "text/tab-separated-values;charset=utf-8";
  const download = toolButton("TSV", `Save as TSV: ${about}`, () => {
    save(new Blob([asTsv(table)], { type }), fileName(about, "tsv"));
  });
  const tools = toolbar(...(rows > FEW_ROWS ? filterFor(table, about) : []), download);
  (table.closest(".scroll") ?? table).before(tools);
}

let lastTitle = "";
for (const place of document.querySelectorAll("main :is(h2, h3, h4, h5, summary, table)")) {
  if (place.tagName !== "TABLE") lastTitle = titleOf(place);
  else if (place.tHead?.rows.length === 1 && place.tBodies[0]?.rows.length) {
    addTools(place, whereIs(place, lastTitle));
  }
}
