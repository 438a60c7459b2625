// Looks at every panel in turn and lists what is wrong with it. Text may be no smaller than 24 px on 1080 lines; a text
// box may be wider than its element only where an ellipsis ends it, and leaves neither the screen nor its card.
() => {
  const found = [], rem = innerHeight / 1080, root = document.documentElement, wall = document.getElementById("wall");
  let shown = null;
  const bad = (node, why) => found.push([shown.dataset.id, node.className || node.tagName, node.textContent.slice(0, 30), why]);
  const within = (box, edge, slack) =>
    box.left >= edge.left - slack && box.top >= edge.top - slack && box.right <= edge.right + slack && box.bottom <= edge.bottom + slack;
  const apart = (a, b) =>
    !a.width || !b.width || a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
  const whole = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
  const speaks = (node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());

  function elided(node) {
    for (let at = node; at && at !== wall; at = at.parentElement)
      if (getComputedStyle(at).textOverflow === "ellipsis") return true;
    return false;
  }

  function look(node) {
    const style = getComputedStyle(node), box = node.getBoundingClientRect(), card = node.closest(".card");
    if (!box.width || style.visibility === "hidden") return;
    if (parseFloat(style.fontSize) < 24 * rem - .2) bad(node, "is small: " + style.fontSize);
    if (elided(node)) return;
    if (!within(box, whole, 1)) bad(node, "leaves the screen");
    if (card && !within(box, card.getBoundingClientRect(), 1)) bad(node, "leaves its card");
    const range = document.createRange();
    range.selectNodeContents(node);
    const ink = range.getBoundingClientRect();
    if (style.overflow === "hidden" && (ink.right > box.right + 2 || ink.bottom > box.bottom + 4)) bad(node, "is cut");
  }

  function neighbours(node) {
    const next = node.nextElementSibling;
    if (next && !apart(node.getBoundingClientRect(), next.getBoundingClientRect())) bad(node, "lies on " + next.className);
  }

  if (root.scrollWidth > innerWidth || root.scrollHeight > innerHeight) found.push(["page", "html", "", "scrolls"]);
  for (shown of wall.querySelectorAll(".panel")) {
    wall.querySelectorAll(".panel").forEach((other) => other.classList.toggle("on", other === shown));
    shown.classList.remove("enter");
    [...shown.querySelectorAll("*"), ...wall.querySelectorAll(".status *, footer *")].filter(speaks).forEach(look);
    shown.querySelectorAll(".hero > *, .podium > *, .glance > *, .row > *, .rep > *").forEach(neighbours);
    const about = shown.querySelector(".about"), status = wall.querySelector(".status");
    if (about && !apart(about.getBoundingClientRect(), status.getBoundingClientRect())) bad(about, "runs under the status");
  }
  return found;
}
