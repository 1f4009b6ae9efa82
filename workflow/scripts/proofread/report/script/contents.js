// The table of contents: all headings that have an id, the one that is read marked.
const contents = document.getElementById("contents");
const contentsButton = document.getElementById("contents-button");
const headings = Array.from(document.querySelectorAll("main h2[id], main h3[id], main h4[id]"));
const entries = new Map();
const TOP = 120; // pixels; below the bar of a narrow screen

function listContents() {
  const top = document.createElement("ul");
  const lists = [{ level: 2, list: top }];
  for (const heading of headings) {
    const level = Number(heading.tagName[1]);
    while (lists.at(-1).level > level) lists.pop();
    if (lists.at(-1).level < level) {
      const inner = document.createElement("ul");
      (lists.at(-1).list.lastElementChild ?? lists.at(-1).list).append(inner);
      lists.push({ level, list: inner });
    }
    const item = document.createElement("li"), link = document.createElement("a");
    link.href = `#${encodeURIComponent(heading.id)}`;
    link.textContent = titleOf(heading);
    item.append(link);
    lists.at(-1).list.append(item);
    entries.set(heading, link);
  }
  contents.replaceChildren(top);
}

// The last heading at the top of the window or above it; at the end, the last of all.
function currentHeading() {
  const shown = headings.filter((heading) => heading.checkVisibility());
  const root = document.documentElement;
  if (root.scrollHeight > innerHeight && innerHeight + scrollY >= root.scrollHeight - 2) {
    return shown.at(-1);
  }
  const passed = shown.filter((each) => each.getBoundingClientRect().top < TOP);
  return passed.at(-1) ?? shown[0];
}

function markCurrent() {
  const current = entries.get(currentHeading());
  for (const link of entries.values()) {
    if (link !== current) link.removeAttribute("aria-current");
  }
  if (!current || current.hasAttribute("aria-current")) return;
  current.setAttribute("aria-current", "location");
  const { top, bottom } = current.getBoundingClientRect(), frame = contents.getBoundingClientRect();
  if (top < frame.top || bottom > frame.bottom) contents.scrollTop += top - frame.top - 60;
}

function showContents(on) { contentsButton.setAttribute("aria-expanded", on); }

listContents();
markCurrent();
showContents(false);
contentsButton.hidden = false;
let waiting = false;
addEventListener("scroll", () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; markCurrent(); });
}, { passive: true });
contentsButton.addEventListener("click", () => {
  showContents(contentsButton.getAttribute("aria-expanded") !== "true");
});
contents.addEventListener("click", (event) => { if (event.target.closest("a")) showContents(false); });
contents.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  showContents(false);
  contentsButton.focus();
});
