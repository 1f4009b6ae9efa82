// Sorting by a column: numbers by the table's own digits, gaps always last.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  table.tHead.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const header = button.parentElement;
    const column = header.cellIndex;
    const first = header.dataset.first || "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    const order = header.getAttribute("aria-sort") === first ? other : first;
    const sign = order === "ascending" ? 1 : -1;
    const keyed = Array.from(body.rows, (row) => {
      const cell = row.cells[column];
      return { row, key: cell.dataset.value ?? cell.textContent.trim() };
    });
    keyed.sort((a, b) => {
      if (a.key === "" || b.key === "") return (a.key === "") - (b.key === "");
      const x = Number(a.key), y = Number(b.key);
      const numbers = !Number.isNaN(x) && !Number.isNaN(y);
      return sign * (numbers ? x - y : a.key.localeCompare(b.key, "en", { numeric: true }));
    });
    body.append(...keyed.map(({ row }) => row));
    for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", order);
  });
}
// What is folded away on the screen is printed all the same.
const folded = [];
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("details:not([open])")) { each.open = true; folded.push(each); }
});
addEventListener("afterprint", () => { for (const each of folded.splice(0)) each.open = false; });
// A link into a folded part opens it.
addEventListener("hashchange", () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  target?.closest("details")?.setAttribute("open", "");
});
