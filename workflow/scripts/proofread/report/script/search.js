// Search in headings, rows of tables and captions: "/" starts it, Escape ends it.
const MOST_FOUND = 30;
const searchBox = document.getElementById("search");
const foundCount = document.getElementById("found-count");
const foundList = document.getElementById("found");
let searched = null; // made once, when it is first needed

function searchable() {
  const kinds = "main :is(h2, h3, h4, h5, summary, tbody tr, figcaption)";
  let last = "";
  return Array.from(document.querySelectorAll(kinds), (place) => {
    const rank = { TR: 2, FIGCAPTION: 2, SUMMARY: 1 }[place.tagName] ?? 0;
    const parts = place.cells ? Array.from(place.cells, (cell) => words(cell)) : [words(place)];
    const text = parts.filter(Boolean).join(" · ");
    const under = whereIs(place, rank < 2 ? "" : last);
    if (rank < 2) last = titleOf(place);
    return { place, text, rank, under: [text, last].includes(under) && rank < 2 ? "" : under };
  });
}

// Every word is in the text or in the titles above it, one at least in the text.
// Headings come first, then folds.
function search(query) {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return [];
  searched ??= searchable();
  const found = searched.filter(({ text, under }) => {
    const own = text.toLowerCase(), all = `${own} ${under.toLowerCase()}`;
    return wanted.every((word) => all.includes(word)) && wanted.some((word) => own.includes(word));
  });
  return found.sort((a, b) => a.rank - b.rank);
}

function goTo(place) {
  unfold(place);
  place.hidden = false; // where a filter hides its row
  for (const each of document.querySelectorAll(".hit")) each.classList.remove("hit");
  place.classList.add("hit");
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
  place.scrollIntoView({ block: "center" });
}

function showFound() {
  const found = search(searchBox.value);
  foundList.replaceChildren(...found.slice(0, MOST_FOUND).map(({ place, text, under }) => {
    const item = document.createElement("li"), button = document.createElement("button");
    const where = document.createElement("small");
    button.type = "button";
    where.textContent = under;
    button.append(text.slice(0, 90), where);
    button.addEventListener("click", () => { foundList.hidden = true; goTo(place); });
    item.append(button);
    return item;
  }));
  foundList.hidden = found.length === 0;
  const more = found.length > MOST_FOUND ? `, the first ${MOST_FOUND} are listed` : "";
  foundCount.textContent = searchBox.value.trim() ? `${found.length} found${more}` : "";
}

function clearSearch() {
  searchBox.value = "";
  showFound();
}

searchBox.hidden = false;
searchBox.addEventListener("input", showFound);
searchBox.addEventListener("keydown", (event) => {
  if (event.key === "Enter") foundList.querySelector("button")?.click();
  if (event.key === "ArrowDown") foundList.querySelector("button")?.focus();
  if (event.key === "Enter" || event.key === "ArrowDown") event.preventDefault();
});
foundList.addEventListener("keydown", (event) => {
  const items = Array.from(foundList.querySelectorAll("button"));
  const next = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!next) return;
  event.preventDefault();
  (items[items.indexOf(document.activeElement) + next] ?? searchBox).focus();
});
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    searchBox.focus();
    searchBox.select();
  }
  if (event.key === "Escape" && event.target.closest(".side") && searchBox.value) {
    clearSearch();
    searchBox.focus();
  }
});
