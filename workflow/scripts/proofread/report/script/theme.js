// Light or dark: as the system has it, until the button says otherwise. The choice is
// remembered where the browser lets a page of the disk store anything.
const THEME = "proofread-theme";

function rememberedTheme() {
  try { return localStorage.getItem(THEME); } catch { return null; }
}

function rememberTheme(name) {
  try { localStorage.setItem(THEME, name); } catch { /* for this visit alone, then */ }
}

function setTheme(name) {
  if (name === "light" || name === "dark") document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
}

function shownTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  return document.documentElement.dataset.theme ?? system;
}

// Before anything is drawn: this script stands in the head.
setTheme(rememberedTheme());

addEventListener("DOMContentLoaded", () => {
  const button = document.getElementById("theme");
  const name = () => { button.textContent = shownTheme() === "dark" ? "Light" : "Dark"; };
  button.addEventListener("click", () => {
    setTheme(shownTheme() === "dark" ? "light" : "dark");
    rememberTheme(shownTheme());
    name();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
  name();
  button.hidden = false;
});
