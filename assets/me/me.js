// Keeps the open page fresh: asks for the cards, puts in those that changed, and says how old the numbers are.
// The page is whole without it; nothing here draws a number.
(function () {
  "use strict";
  const POLL = 10000, TIMEOUT = 8000, RETRY_MOST = 20000, LOST_AFTER = 25000;
  const root = document.getElementById("me"), main = root.querySelector("main");
  const boot = JSON.parse(document.getElementById("me-boot").textContent);
  const known = { skew: boot.now - Date.now(), asOf: boot.as_of, heard: Date.now(), etag: null, failures: 0, said: "" };
  let state = boot, timer = 0, asking = false;

  // ---- freshness

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

  function condition(age) {
    if (known.failures && Date.now() - known.heard > POLL * 1.5 || Date.now() - known.heard > LOST_AFTER) return "offline";
    if (known.asOf === null) return "stale";
    return age < state.live_seconds * 1000 ? "live" : age < state.stale_seconds * 1000 ? "late" : "stale";
  }

  function put(node, text) { if (node.textContent !== text) node.textContent = text; }

  function tick() {
    const age = serverNow() - known.asOf, now = condition(age), words = state.words;
    const sentence = now === "live" ? words.live : now === "offline" ? words.lost : words.old;
    const said = known.asOf === null ? words.first : filled(sentence, { age: aged(age), time: clockAt(known.asOf) });
    put(root.querySelector(".fresh"), said);
    if (root.dataset.state !== now) {
      // The first one is read out with the page.
      if (root.dataset.state) put(root.querySelector(".told"), said);
      root.dataset.state = now;
    }
  }

  // ---- cards

  function cardOf(key) { return main.querySelector('[data-card="' + key + '"]'); }

  function parsed(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    return holder.content.firstElementChild;
  }

  // What can have the focus, and what it is known by in the card's next drawing.
  const WAYS = "a[href], summary";

  function called(way) { return way.matches("summary") ? way.parentNode.dataset.details : way.getAttribute("href"); }

  // Where the focus goes that is in a card which is drawn anew: to the same way, else to the one in its place.
  function heir(old, fresh) {
    const at = document.activeElement, ways = [...fresh.querySelectorAll(WAYS)];
    const place = [...old.querySelectorAll(WAYS)].indexOf(at);
    if (place < 0) return null;
    const same = ways.filter((way) => called(way) === called(at));
    return same.includes(ways[place]) ? ways[place] : same[0] || ways[Math.min(place, ways.length - 1)] || null;
  }

  function redrawn(old, html) {
    const fresh = parsed(html);
    old.querySelectorAll("details[open]").forEach((open) => {
      const same = fresh.querySelector('[data-details="' + open.dataset.details + '"]');
      if (same) same.open = true;
    });
    return fresh;
  }

  function adopt(news) {
    state = news;
    put(root.querySelector("h1 bdi"), news.name);
    put(root.querySelector(".about"), news.about);
    document.title = news.title;
    const keys = news.cards.map((each) => each.key), there = [...main.children].map((each) => each.dataset.card);
    let focused = document.activeElement;
    const cards = news.cards.map((each) => {
      const old = cardOf(each.key);
      if (!old) return parsed(each.html);
      if (marks[each.key] === each.mark) return old;
      const fresh = redrawn(old, each.html);
      focused = heir(old, fresh) || focused;
      return fresh;
    });
    if (keys.join() !== there.join()) main.replaceChildren(...cards);
    else cards.forEach((card, n) => { if (main.children[n] !== card) main.children[n].replaceWith(card); });
    news.cards.forEach((each) => { marks[each.key] = each.mark; });
    if (focused) focused.focus({ preventScroll: true });
    root.dataset.version = news.version;
  }

  const marks = Object.assign({}, boot.marks);

  // ---- one loop, the next try after the last has ended; nothing is asked while nobody looks

  function poll() {
    clearTimeout(timer);
    if (asking || document.visibilityState === "hidden") return;
    asking = true;
    const stop = new AbortController(), patience = setTimeout(() => stop.abort(), TIMEOUT);
    const headers = known.etag ? { "If-None-Match": known.etag } : {};
    fetch("/me/state" + location.search, { headers: headers, cache: "no-store", credentials: "same-origin", signal: stop.signal })
      .then((answer) => {
        // Logged out, ended by the team lead, or no manager any more: the page itself says which.
        if (answer.status === 401 || answer.status === 404) { location.replace("/me"); return null; }
        if (answer.status !== 200 && answer.status !== 304) throw new Error("HTTP " + answer.status);
        return (answer.status === 200 ? answer.json() : Promise.resolve(null)).then((news) => heard(answer, news));
      })
      .catch(() => { known.failures += 1; })
      .then(() => {
        clearTimeout(patience);
        asking = false;
        timer = setTimeout(poll, known.failures ? Math.min(RETRY_MOST, 2000 * Math.pow(1.7, known.failures - 1)) : POLL);
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
    remember();
  }

  // For the page that is shown without a connection: how old the numbers are, and none of them.
  function remember() {
    if (known.asOf === null) return;
    try {
      localStorage.setItem("tablo-last-seen", JSON.stringify({ as_of: known.asOf, offset: state.offset }));
    } catch (error) {
      // A browser that keeps nothing: the page without a connection will say no time.
    }
  }

  // ---- begin

  remember();
  setInterval(tick, 1000);
  tick();
  timer = setTimeout(poll, 1500);
  document.addEventListener("visibilitychange", poll);
  window.addEventListener("online", poll);
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/me/files/sw.js", { scope: "/me" }).catch(() => undefined);
})();
