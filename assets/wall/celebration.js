// Won deals, celebrated: each once on this screen, in order, at most one every 15 seconds, together where more wait.
// What was shown is remembered in the browser, so that a reload shows nothing twice and loses nothing. ES2015.
(function () {
  "use strict";

  const KEPT = "tablo-celebrated", KEPT_FOR = 6 * 3600000, APPEAR = 350, LEAVE = 400, PROBE_AFTER = 2500, ASLEEP = 20000;
  const PIECES = 28, FLIGHT = 3, PER_SECOND = 14;
  const wall = document.getElementById("wall");
  const boot = JSON.parse(document.getElementById("wall-boot").textContent);
  const tv = window.tabloWall || { now: () => boot.now, state: () => boot, news: [] };
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let party = tv.state().party, wins = tv.state().celebrations, next = 0, blocked = false;

  // A script that was slow to come is asked for again, and may then come twice.
  if (tv.celebrates) return;
  tv.celebrates = true;

  // ---- what this screen has shown: deal -> when it was won (ms), and when the last celebration began

  const stored = read();
  const shown = stored ? stored.deals : {};
  let began = stored ? stored.began : 0;

  function read() {
    try { return JSON.parse(localStorage.getItem(KEPT)); } catch (error) { return null; }
  }

  function remember(list) {
    if (boot.rehearsal) return;
    list.forEach((win) => { shown[win.deal] = win.at; });
    Object.keys(shown).forEach((deal) => { if (tv.now() - shown[deal] > KEPT_FOR) delete shown[deal]; });
    // Without a place to write to, the page itself remembers until it is loaded anew.
    try { localStorage.setItem(KEPT, JSON.stringify({ began: began, deals: shown })); } catch (error) { return; }
  }

  // ---- whose turn it is

  function plan() {
    clearTimeout(next);
    const due = wins.filter((win) => !(win.deal in shown) && tv.now() < win.until);
    if (!due.length || document.getElementById("celebration")) return;
    // A sleeping wall shows nothing and wakes nobody; what is still news when it wakes is shown then.
    if (document.documentElement.dataset.rest === "sleep") {
      next = setTimeout(plan, ASLEEP);
      return;
    }
    const rest = Math.min(began + party.apart * 1000 - Date.now(), party.apart * 1000);
    if (rest > 0) next = setTimeout(plan, rest);
    else celebrate(due.slice(0, party.together));
  }

  function celebrate(list) {
    began = Date.now();
    remember(list);
    const box = document.createElement("div");
    box.id = "celebration";
    box.dataset.deal = list.map((win) => win.deal).join(" ");
    box.innerHTML = list.length === 1 ? list[0].html : together(list);
    // Beside the wall: the chart lies over that, and it wanders.
    document.body.appendChild(box);
    if (!still.matches) confetti(box);
    sound(list);
    // A second more for every other name to read, and gone before the next one may begin.
    const length = Math.min(party.seconds + list.length - 1, party.apart - 1) * 1000;
    setTimeout(() => wall.classList.add("covered"), APPEAR);
    setTimeout(() => { box.classList.add("leave"); wall.classList.remove("covered"); }, length);
    setTimeout(() => { box.remove(); plan(); }, length + LEAVE);
  }

  function together(list) {
    const title = document.createElement("b");
    title.textContent = party.titles[list.length - 1];
    return '<div class="toasts"><p class="won">' + title.outerHTML + "</p>" + list.map((win) => win.line).join("") + "</div>";
  }

  // ---- confetti: pieces that jump along their paths 14 times a second, all at the same instant. Without a graphics
  // card the browser draws as often as anything moves, and a canvas costs it four times as much.

  function confetti(box) {
    if (!box.animate) return;
    const tones = getComputedStyle(box).getPropertyValue("--confetti").trim().split(/\s+/), pieces = document.createElement("div");
    pieces.className = "pieces";
    for (let n = 0; n < PIECES; n += 1) {
      const piece = document.createElement("i"), left = n % 2 === 0;
      piece.style.background = tones[n % tones.length];
      piece.style.left = left ? "-2%" : "102%";
      pieces.appendChild(piece);
      piece.animate(path(left ? 1 : -1, innerWidth, innerHeight), { duration: FLIGHT * 1000, fill: "both" });
    }
    box.appendChild(pieces);
    setTimeout(() => pieces.remove(), FLIGHT * 1000);
  }

  // Out of a corner, up, slowed by the air, and down again.
  function path(way, width, height) {
    const across = way * width * (.15 + Math.random() * .5), up = height * (.5 + Math.random() * .55);
    const start = height * (.5 + Math.random() * .2), after = Math.random() * .4, spin = (Math.random() - .5) * 1100;
    const frames = [];
    for (let n = 0; n <= FLIGHT * PER_SECOND; n += 1) {
      const s = Math.max(0, n / PER_SECOND - after), slowed = 1 - Math.exp(-1.8 * s);
      const x = across * slowed, y = start - up * slowed + height * .15 * s * s;
      const flip = Math.cos(spin / 90 * s).toFixed(2);
      frames.push({
        transform: "translate(" + x.toFixed(0) + "px," + y.toFixed(0) + "px) rotate(" + (spin * s).toFixed(0) + "deg) scaleX(" + flip + ")",
        easing: "steps(1, end)",
      });
    }
    return frames;
  }

  // ---- sound, and a mark where the browser lets none be heard

  function sound(list) {
    const first = list.find((win) => win.sound);
    if (first && party.volume > 0) play(first.sound);
  }

  function play(address) {
    const player = new Audio(address);
    player.volume = party.volume / 100;
    const playing = player.play();
    if (playing) playing.then(() => mark(false), (error) => { if (error.name === "NotAllowedError") mark(true); });
  }

  function mark(on) {
    blocked = on && party.audible;
    const old = document.getElementById("sound-mark");
    if (!blocked && old) old.remove();
    if (!blocked || old) return;
    const said = document.createElement("p");
    said.id = "sound-mark";
    said.setAttribute("role", "status");
    said.textContent = party.words.blocked;
    const status = wall.querySelector(".status");
    (status || wall).insertBefore(said, status ? status.firstChild : null);
  }

  // A moment of silence tells whether sound may be heard, before there is anything to celebrate.
  function probe() { if (party.audible) play("/sounds/silence"); }

  // ---- begin

  if (boot.rehearsal) {
    celebrate(wins);
    return;
  }
  // A miniature in the settings is no screen.
  if (/[?&]preview=/.test(location.search)) return;
  // A screen that is new here has missed nothing: what was won before it came is not shown.
  remember(stored ? [] : boot.celebrations);
  tv.news.push((news) => {
    const asked = !party.audible && news.party.audible;
    party = news.party;
    wins = news.celebrations;
    if (asked) probe();
    mark(blocked);
    plan();
  });
  ["pointerdown", "keydown"].forEach((touch) => window.addEventListener(touch, () => { if (blocked) probe(); }));
  setTimeout(probe, PROBE_AFTER);
  plan();
})();
