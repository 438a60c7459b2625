// Overtaking on the leaderboard, shown moving: a row slides from the place where this screen showed it last to its new
// one, and who went up is marked for some seconds. ES2015.
(function () {
  "use strict";

  const WAIT = 700, SLIDE = 900, MARKED = 6000, AGAIN = 400, EASE = "cubic-bezier(.3, .1, .2, 1)";
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  // By slot: rep -> its order, and its place in the panel (px) while the window has this size.
  const last = {};

  // A script that was slow to come is asked for again, and may then come twice.
  if (window.tabloWall.overtakes) return;
  window.tabloWall.overtakes = true;

  function places(panel) {
    const found = {};
    panel.querySelectorAll("[data-rep]").forEach((row, order) => {
      found[row.dataset.rep] = { row: row, order: order, x: row.offsetLeft, y: row.offsetTop };
    });
    return found;
  }

  // A deal that changes the order is celebrated over it: who moved is seen when that is over, or the next time that the
  // leaderboard is shown.
  function moved(panel) {
    if (panel.dataset.slot !== "leaderboard" || !panel.classList.contains("on")) return;
    if (document.getElementById("celebration")) { setTimeout(moved, AGAIN, panel); return; }
    const before = last[panel.dataset.id], after = places(panel), width = panel.offsetWidth;
    last[panel.dataset.id] = { width: width, of: after };
    if (!before) return;
    Object.keys(after).forEach((rep) => {
      const old = before.of[rep], now = after[rep];
      if (!old || old.order === now.order) return;
      if (now.order < old.order) mark(now.row);
      if (!still.matches && before.width === width && now.row.animate) slide(now.row, old.x - now.x, old.y - now.y);
    });
  }

  function mark(row) {
    row.classList.add("overtook");
    setTimeout(() => row.classList.remove("overtook"), MARKED);
  }

  // The row stands where it was for a moment, so that one sees it go.
  function slide(row, x, y) {
    const from = "translate(" + x + "px, " + y + "px)";
    row.animate([{ transform: from }, { transform: "none" }], { delay: WAIT, duration: SLIDE, easing: EASE, fill: "backwards" });
  }

  document.querySelectorAll(".panel.on").forEach(moved);
  // What is celebrated begins when all of the news has been told.
  window.tabloWall.drawn.push((panel) => setTimeout(moved, 0, panel));
})();
