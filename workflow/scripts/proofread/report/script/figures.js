// Figures, saved as SVG or, at 300 dots per inch, as PNG: in light colours, for paper.
const PIXELS = 300 / 96; // per pixel of CSS, of which an inch has 96
const STYLES = [
  "fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "opacity",
  "font-family", "font-size", "font-weight", "text-anchor",
];

// A drawing of the page outside of it: its style goes along.
function standalone(drawing) {
  const chosen = document.documentElement.dataset.theme;
  setTheme("light");
  const copy = drawing.cloneNode(true);
  const copies = copy.querySelectorAll("*");
  drawing.querySelectorAll("*").forEach((element, index) => {
    const style = getComputedStyle(element);
    for (const name of STYLES) copies[index].setAttribute(name, style.getPropertyValue(name));
  });
  setTheme(chosen);
  return new XMLSerializer().serializeToString(copy);
}

function svgOf(figure) {
  if (figure.tagName !== "IMG") return standalone(figure);
  const bytes = Uint8Array.from(atob(figure.src.split(",")[1]), (letter) => letter.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}

async function pngOf(figure) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgOf(figure))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(PIXELS * image.naturalWidth);
  canvas.height = Math.round(PIXELS * image.naturalHeight);
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

for (const figure of document.querySelectorAll("main img.paper, main svg.fig")) {
  const about = figure.alt ?? figure.getAttribute("aria-label");
  const tools = toolbar(
    toolButton("SVG", `Save as SVG: ${about}`, () => {
      save(new Blob([svgOf(figure)], { type: "image/svg+xml" }), fileName(about, "svg"));
    }),
    toolButton("PNG", `Save as PNG: ${about}`, async () => {
      save(await pngOf(figure), fileName(about, "png"));
    }),
  );
  if (figure.parentElement.classList.contains("panels")) {
    const panel = document.createElement("div");
    figure.replaceWith(panel);
    panel.append(figure, tools);
  } else (figure.closest(".scroll") ?? figure).after(tools);
}
