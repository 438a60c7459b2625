// Kind to eyes and panels: the theme, a picture that wanders so that nothing burns in, and rest outside working hours.
// It needs no server: the hours of the next two weeks came with the last state. If this file is lost, the wall stays on.
(function () {
  "use strict";

  const wall = window.tabloWall, root = document.documentElement, sleeping = document.getElementById("sleep");
  // Part of the shorter side by which the picture leaves its place, at most (its margins are wider); minutes there and
  // back, without a common measure.
  const REACH = .012, ACROSS = 46, DOWN = 34, SLEEP_REACH = .3;
  const MOVING = ["wall", "wall-chart-layer"];
  const PEEK = 5 * 60000, MINUTE = 60000;
  // A miniature in the settings is looked at whenever it is there.
  const PREVIEW = /[?&]preview=/.test(location.search);
  let awakeUntil = 0;

  // A second copy may come where the first was thought to be lost.
  if (wall.wake) return;

  // ---- the picture wanders: one small step a minute

  // -1 … 1 and back in so many minutes, by equal steps.
  function swing(minute, period) { return 1 - 4 * Math.abs(minute % period / period - .5); }

  function shift(minute) {
    const reach = REACH * Math.min(innerWidth, innerHeight);
    const x = Math.round(swing(minute, ACROSS) * reach), y = Math.round(swing(minute, DOWN) * reach);
    MOVING.forEach((id) => move(document.getElementById(id), x, y));
    // The clock of a sleeping wall is all there is: it wanders far.
    move(sleeping.firstChild, Math.round(swing(minute, ACROSS) * SLEEP_REACH * innerWidth / 2), Math.round(swing(minute, DOWN) * SLEEP_REACH * innerHeight));
  }

  function move(node, x, y) {
    const place = "translate(" + x + "px," + y + "px)";
    if (node && node.style.transform !== place) node.style.transform = place;
  }

  // ---- rest: dim or asleep while nobody works

  // The stretch that is under way or comes next; null when nothing is known of the time: then the wall is on.
  function stretch(calm, now) {
    for (const span of calm.awake) if (now < span[1]) return span;
    return null;
  }

  function resting(calm, now) {
    const span = stretch(calm, now);
    return calm.after_hours === "on" || PREVIEW || !span || now >= span[0] || Date.now() < awakeUntil ? "" : calm.after_hours;
  }

  function sleep(state, now) {
    const span = stretch(state.calm, now);
    const sentence = span[0] - now < 12 * 3600000 ? state.words.back : state.words.back_day;
    put(sleeping.querySelector(".hour"), wall.clockAt(now));
    put(sleeping.querySelector(".back"), sentence.replace("{time}", span[3]).replace("{day}", span[2]));
  }

  function put(node, text) { if (node.textContent !== text) node.textContent = text; }

  function set(name, value) {
    if (root.dataset[name] === value) return;
    root.dataset[name] = value;
    // The chart takes its colours and its place from the page.
    if (wall.chart) wall.chart();
  }

  function tick() {
    setTimeout(tick, 1000);
    const state = wall.state(), now = wall.now(), rest = resting(state.calm, now);
    if (rest === "sleep") sleep(state, now);
    set("rest", rest);
    // A dimmed wall is a dark one.
    set("theme", rest ? "dark" : state.calm.theme);
    shift(Math.floor(now / MINUTE));
  }

  // Whoever touches a key or the screen wants to see the wall.
  function wake() { awakeUntil = Date.now() + PEEK; }

  wall.wake = wake;
  ["keydown", "pointerdown"].forEach((name) => window.addEventListener(name, wake));
  window.addEventListener("resize", () => shift(Math.floor(wall.now() / MINUTE)));
  tick();
})();
