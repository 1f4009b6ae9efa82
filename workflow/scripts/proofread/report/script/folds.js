// Folded parts: a link into one opens it, and all of them are printed.
function unfold(element) {
  let opened = false;
  for (let fold = element?.closest("details"); fold; fold = fold.parentElement.closest("details")) {
    opened ||= !fold.open;
    fold.open = true;
  }
  return opened;
}

// The element that an address names; null also where the address is malformed ("#100%").
function targetOf(hash) {
  try {
    return document.getElementById(decodeURIComponent(hash.slice(1)));
  } catch {
    return null;
  }
}

function unfoldTarget() {
  const target = targetOf(location.hash);
  // The browser does not scroll to what was folded.
  if (unfold(target)) target.scrollIntoView();
}

addEventListener("hashchange", unfoldTarget);
// The address stays as it is where a link is followed again.
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (link) unfold(targetOf(link.hash));
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
