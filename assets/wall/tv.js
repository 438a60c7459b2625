// The wall in the browser: rotation, clock, freshness, and one loop that fetches the state. ES2015, no framework.
// The panels are in the page already; nothing here draws one, and nothing here waits for the server.
(function () {
  "use strict";

  // A script that was slow to come is asked for again, and may then come twice.
  if (window.tabloWall) return;

  const POLL = 3000, TIMEOUT = 8000, TIMEOUT_LOST = 5000, RETRY_MOST = 8500, LOST_AFTER = 11000;
  // While a line is open that says when there is something new, the server is asked once a minute.
  const RARELY = 65000;
  const ENTRY = 900, NIGHT_HOUR = 4, TAKEN_OVER = 240000, PARTY = 5000;
  const wall = document.getElementById("wall");
  const find = (selector, root) => (root || wall).querySelector(selector);
  const boot = JSON.parse(document.getElementById("wall-boot").textContent);

  // What the server said last, and when we heard it.
  const known = { skew: 0, asOf: boot.as_of, heard: Date.now(), etag: '"' + boot.version + "-" + boot.build + '"', line: false, failures: 0, errors: 0, gap: Date.now() - performance.now() };
  let state = boot;
  let slots = bare(boot.panels);
  let place = 0, shownAt = Date.now(), turning = 0;
  let wanted = "", loaded = Date.now();
  const waiting = {};
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let able = null;

  window.addEventListener("error", () => { known.errors += 1; });
  window.tabloWall = { known: known, news: [], drawn: [], chart: null, state: () => state, now: serverNow, clockAt: clockAt, slot: () => slots[place], figure: (id) => state.charts[id], card: () => find(".panel.on .chart"),
    reload: window.tabloReload, show: (id) => { const at = slots.findIndex((slot) => slot.id === id); if (at >= 0) show(at); }, soon: soon, rarely: rarely, beat: beat, take: take };
  // A miniature in the settings brings along what it shows; it says nothing of itself and is told nothing.
  const preview = /[?&]preview=/.test(location.search) ? location.search : "";

  function bare(panels) { return panels.map((slot) => ({ id: slot.id, key: slot.key, seconds: slot.seconds })); }

  // Who listens to news of the server, and to a panel that was drawn. What fails there must not stop the wall.
  function tell(listeners, about) {
    listeners.forEach((listener) => {
      try { listener(about); } catch (error) { known.errors += 1; }
    });
  }

  // Without a graphics card every frame of what glides is drawn by the processor: a whole core of it at each turn.
  function drawsWell() {
    const drawing = document.createElement("canvas").getContext("webgl", { failIfMajorPerformanceCaveat: true });
    if (!drawing) return false;
    const told = drawing.getExtension("WEBGL_debug_renderer_info"), ending = drawing.getExtension("WEBGL_lose_context");
    const by = told ? drawing.getParameter(told.UNMASKED_RENDERER_WEBGL) : "";
    if (ending) ending.loseContext();
    return !/swiftshader|llvmpipe|softpipe|software|basic render/i.test(by);
  }

  function glides() {
    if (able === null) able = drawsWell();
    return able && !still.matches;
  }

  // ---- time: the server's clock, the office's zone

  function serverNow() { return Date.now() + known.skew; }

  function two(n) { return (n < 10 ? "0" : "") + n; }

  function clockAt(ms) {
    const local = new Date(ms + state.offset * 1000);
    return two(local.getUTCHours()) + ":" + two(local.getUTCMinutes());
  }

  function filled(sentence, values) {
    return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  }

  function aged(ms) {
    const words = state.words, s = Math.max(0, Math.floor(ms / 1000)), min = Math.floor(s / 60), h = Math.floor(min / 60);
    if (s < 60) return filled(words.s, { n: s });
    if (min < 60) return filled(words.min, { n: min });
    const large = h < 24 ? [words.h, h, words.min, min % 60] : [words.d, Math.floor(h / 24), words.h, h % 24];
    return filled(large[0], { n: large[1] }) + (large[3] ? " " + filled(large[2], { n: large[3] }) : "");
  }

  // ---- freshness: live, late, stale by the age of the numbers; offline when the server is gone

  function condition(age) {
    // Three times failed is lost, whatever a clock says that was set meanwhile.
    if (known.failures > 2 || known.failures && Date.now() - known.heard > POLL * 2 || Date.now() - known.heard > LOST_AFTER) return "offline";
    if (known.asOf === null) return "stale";
    return age < state.live_seconds * 1000 ? "live" : age < state.stale_seconds * 1000 ? "late" : "stale";
  }

  function freshness(now) {
    const words = state.words;
    if (now === "never") return words.first;
    const age = aged(serverNow() - known.asOf);
    if (now === "live") return filled(words.live, { age: age });
    return filled(now === "offline" ? words.lost : words.old, { age: age, time: clockAt(known.asOf) });
  }

  function put(node, text) { if (node && node.textContent !== text) node.textContent = text; }

  // A device that sets its clock back has not heard from the server in the future: all instants go back with it.
  function follows() {
    const gap = Date.now() - performance.now(), back = known.gap - gap;
    known.gap = gap;
    if (!(back > 2000)) return;
    known.skew += back;
    [known.heard, shownAt, loaded, asked] = [known.heard, shownAt, loaded, asked].map((at) => at - back);
    soon();
  }

  function tick() {
    follows();
    setTimeout(tick, 1000 - serverNow() % 1000);
    const now = condition(serverNow() - known.asOf);
    if (wall.dataset.state !== now) wall.dataset.state = now;
    put(find(".clock"), clockAt(serverNow()));
    put(find(".fresh"), freshness(known.asOf === null ? "never" : now));
    // Titles end where the status begins, however long its words are.
    const width = find(".status").offsetWidth + "px";
    if (known.width !== width) wall.style.setProperty("--status", known.width = width);
    ages();
    elapsed();
    midnight();
  }

  // The dot of the panel that is shown fills second by second: an animation would have the browser draw sixty times more.
  function elapsed() {
    find(".dots").style.setProperty("--gone", Math.min(1, (Date.now() - shownAt) / (slots[place].seconds * 1000)).toFixed(3));
  }

  function ages() {
    wall.querySelectorAll("[data-ago]").forEach((node) => {
      const age = serverNow() - Number(node.dataset.ago);
      put(node, age < 60000 ? state.words.now : filled(state.words.ago, { age: aged(age - age % 60000) }));
    });
  }

  // ---- rotation: goes on whatever the server does

  function panelOf(id) { return find('[data-id="' + id + '"]'); }

  function show(next, entering) {
    place = next % slots.length;
    shownAt = Date.now();
    const slot = slots[place];
    wall.querySelectorAll(".panel.on").forEach((panel) => panel.classList.remove("on", "enter", "bump"));
    swap(slot.id);
    panelOf(slot.id).classList.add("on");
    const enters = entering !== false && glides();
    panelOf(slot.id).classList.toggle("enter", enters);
    wall.classList.toggle("gliding", enters);
    wall.dataset.panel = slot.key;
    const dots = find(".dots").children;
    for (let at = 0; at < dots.length; at += 1) dots[at].classList.toggle("on", at === place);
    elapsed();
    setTimeout(settle, ENTRY, slot.id);
    if (window.tabloWall.chart) window.tabloWall.chart();
    tell(window.tabloWall.drawn, panelOf(slot.id));
    clearTimeout(turning);
    turning = setTimeout(turn, stay());
  }

  // How long the panel stays yet: another release is not kept waiting by one that stays for ten minutes.
  function stay() {
    const left = Math.max(0, shownAt + slots[place].seconds * 1000 - Date.now());
    return wanted === "build" ? Math.min(left, TAKEN_OVER) : left;
  }

  function turn() {
    if (wanted && document.getElementById("celebration")) { turning = setTimeout(turn, PARTY); return; }
    if (wanted) window.tabloReload();
    show(place + 1);
  }

  // The entry is over: its animations must not run again when the numbers change.
  function settle(id) {
    const panel = panelOf(id);
    if (panel) panel.classList.remove("enter");
    swap(id);
  }

  // ---- new numbers: only panels that changed, and never in the middle of an entry

  function swap(id) {
    const fresh = waiting[id], panel = panelOf(id);
    if (!fresh || !panel || panel.classList.contains("enter") && panel.classList.contains("on")) return;
    delete waiting[id];
    const before = find('[data-role="actual"]', panel), old = before && before.dataset.value;
    panel.innerHTML = fresh.html;
    panel.dataset.mark = fresh.mark;
    const after = find('[data-role="actual"]', panel);
    panel.classList.toggle("bump", glides() && Boolean(after) && old !== after.dataset.value);
    if (!panel.classList.contains("on")) return;
    if (window.tabloWall.chart) window.tabloWall.chart();
    tell(window.tabloWall.drawn, panel);
  }

  function added(slot) {
    const panel = document.createElement("section");
    panel.className = "panel";
    panel.dataset.slot = slot.key;
    panel.dataset.id = slot.id;
    return wall.insertBefore(panel, find(".status"));
  }

  function adopt(news) {
    const shown = slots[place].id;
    state = news;
    document.documentElement.lang = news.language;
    news.panels.forEach((fresh) => {
      const panel = panelOf(fresh.id) || added(fresh);
      // What waits for an entry to end may be out of date again by then.
      if (panel.dataset.mark === fresh.mark) delete waiting[fresh.id];
      else if ("html" in fresh) waiting[fresh.id] = fresh;
      swap(fresh.id);
    });
    // The page brings its frame along as HTML, and has none to be told.
    if (news.frame) [["badges", ".badges"], ["dots", ".dots"], ["line", "footer .line"]].forEach((part) => {
      const node = find(part[1]), html = news.frame[part[0]];
      if (node.tabloHtml !== html) { node.innerHTML = html; node.tabloHtml = html; }
    });
    ages();
    follow(news.panels, shown);
    wall.dataset.version = news.version;
    if (news.build !== boot.build && wanted !== "build") {
      wanted = "build";
      clearTimeout(turning);
      turning = setTimeout(turn, stay());
    }
    tell(window.tabloWall.news, news);
  }

  // The playlist may be another now: stay on the panel that is shown, or begin anew where it is gone.
  function follow(next, shown) {
    const same = next.length === slots.length && next.every((slot, at) => slot.id === slots[at].id && slot.seconds === slots[at].seconds);
    slots = bare(next);
    if (same) {
      const dots = find(".dots").children;
      if (dots[place]) dots[place].classList.add("on");
      return;
    }
    wall.querySelectorAll(".panel").forEach((panel) => {
      if (!slots.some((slot) => slot.id === panel.dataset.id)) panel.remove();
    });
    const at = slots.findIndex((slot) => slot.id === shown);
    show(Math.max(at, 0));
  }

  // ---- one loop, the next try after the last has ended

  let next = 0, asking = false, asked = 0;

  function later(wait) {
    clearTimeout(next);
    next = setTimeout(poll, wait);
  }

  function soon() {
    if (asking) known.soon = true;
    else later(0);
  }

  // Somebody else listens from now on: what was going to be asked in a moment is not needed any more.
  function rarely() {
    if (asked && !asking && !known.failures) later(RARELY);
  }

  // A sign of life with the age of the numbers; where the state cannot be had, or a question never ends, it is none.
  function beat(age) {
    if (known.failures || asking && Date.now() - asked > TIMEOUT * 1.5) return;
    window.tabloBeat = known.heard = Date.now();
    const asOf = age === "" ? null : serverNow() - Number(age) * 1000;
    // Ages come in whole seconds: what differs by less is the same instant.
    if (asOf === null || known.asOf === null || Math.abs(asOf - known.asOf) > 2000) known.asOf = asOf;
  }

  // What is new since the state that we have, and the server's time; whoever has another one asks for all of it.
  function take(step, now) {
    if (asking || known.failures || step.since !== known.etag) { soon(); return; }
    adopt(Object.assign({}, state, step, { charts: Object.assign({}, state.charts, step.charts) }));
    known.etag = step.mark;
    known.asOf = step.as_of;
    window.tabloBeat = known.heard = Date.now();
    known.skew = now - known.heard;
  }

  function poll() {
    asking = true;
    window.tabloBeat = asked = Date.now();
    const stop = typeof AbortController === "function" ? new AbortController() : null;
    const headers = known.etag ? { "If-None-Match": known.etag } : {};
    const patience = setTimeout(() => { if (stop) stop.abort(); }, known.failures ? TIMEOUT_LOST : TIMEOUT);
    const parts = preview || (window.tabloWall.ask ? window.tabloWall.ask() : "");
    fetch("/wall/state" + parts, { headers: headers, cache: "no-store", credentials: "same-origin", signal: stop ? stop.signal : undefined })
      .then((answer) => {
        // Not a screen of this office any more: the page says what to do.
        if (answer.status === 401 && !preview) window.tabloReload();
        if (answer.status !== 200 && answer.status !== 304) throw new Error("HTTP " + answer.status);
        return (answer.status === 200 ? answer.json() : Promise.resolve(null)).then((news) => heard(answer, news));
      })
      .catch(() => { known.failures += 1; })
      .then(() => {
        clearTimeout(patience);
        const wait = known.failures ? Math.min(RETRY_MOST, 2000 * Math.pow(1.6, known.failures - 1)) : known.line ? RARELY : POLL;
        later(known.soon ? 0 : wait * (.85 + Math.random() * .15));
        asking = known.soon = false;
      });
  }

  function heard(answer, news) {
    const now = Number(answer.headers.get("Tablo-Now")), asOf = answer.headers.get("Tablo-As-Of");
    if (!now) throw new Error("not Tablo's answer");
    if (news) adopt(news);
    known.etag = answer.headers.get("ETag");
    known.skew = now - Date.now();
    known.asOf = asOf ? Number(asOf) : null;
    known.heard = Date.now();
    known.failures = 0;
    if (window.tabloWall.told && !preview) window.tabloWall.told(answer.headers);
  }

  // ---- a new page: for another release or another day, at a turn

  const jitter = Math.random() * 25 * 60000;

  function midnight() {
    const hour = new Date(serverNow() - jitter + state.offset * 1000).getUTCHours();
    if (hour === NIGHT_HOUR && Date.now() - loaded > 2 * 3600000) wanted = "night";
  }

  // ---- begin

  // The first panel has been painted; what it can do without for a moment comes now: the other panels, fonts, glow.
  boot.panels.forEach((slot) => {
    if (panelOf(slot.id)) return;
    const panel = added(slot);
    panel.innerHTML = slot.html;
    panel.dataset.mark = slot.mark;
  });
  document.getElementById("wall-dress").media = "all";
  known.skew = boot.now - window.tabloBeat;
  window.tabloBeat = Date.now();
  ["badges", "dots", "line"].forEach((part) => {
    const node = find(part === "line" ? "footer .line" : "." + part);
    node.tabloHtml = node.innerHTML;
  });
  show(0, false);
  tick();
  later(400);
  // The last brings Dash and Plotly, when the first panel has been on the screen for a while.
  boot.scripts.forEach((address, at) => setTimeout(window.tabloBring, at + 1 < boot.scripts.length ? 0 : 1500, address));
})();
