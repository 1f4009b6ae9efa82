// Folded parts: a link into one opens it, and all of them are printed.
function unfold(element) {
  for (let fold = element?.closest("details"); fold; fold = fold.parentElement.closest("details")) {
    fold.open = true;
  }
}

function unfoldTarget() {
  unfold(document.getElementById(decodeURIComponent(location.hash.slice(1))));
}

addEventListener("hashchange", unfoldTarget);
// The address stays as it is where a link is followed again.
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (link) unfold(document.getElementById(decodeURIComponent(link.hash.slice(1))));
});
unfoldTarget();

const closed = [];
addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details:not([open])")) {
    fold.open = true;
    closed.push(fold);
  }
});
addEventListener("afterprint", () => { for (const fold of closed.splice(0)) fold.open = false; });
