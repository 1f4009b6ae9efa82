// What an element says, in words, and files to save.

// Texts of different elements are apart; an interval in small type can be left out.
function words(element, { small = true } = {}) {
  let result = "", last = null;
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode, parent = text.parentElement;
    if (parent.closest("svg, button.tool") || (!small && parent.closest("small"))) continue;
    result += (last && parent !== last ? " " : "") + text.data;
    last = parent;
  }
  return result.replace(/\s+/g, " ").trim();
}

// A heading, by the longer name that the contents give it.
function titleOf(heading) { return heading.dataset.contents ?? words(heading); }

// Where an element is: its section, and the heading or fold right before it.
function whereIs(place, lastTitle) {
  const section = place.closest("section")?.querySelector("h2, h3, h4");
  const titles = new Set([section ? titleOf(section) : "", lastTitle]);
  return Array.from(titles).filter(Boolean).join(", ");
}

function fileName(text, ending) {
  const name = text.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_|_$/g, "");
  return `${name.slice(0, 80) || "proofread"}.${ending}`;
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function toolButton(text, label, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "tool";
  button.textContent = text;
  button.setAttribute("aria-label", label);
  button.addEventListener("click", act);
  return button;
}

function toolbar(...tools) {
  const bar = document.createElement("div");
  bar.className = "tools";
  bar.append(...tools);
  return bar;
}
