// The wall on an old television: turns the panels, fetches them anew, says how old they are. ES5, and only what engines
// of 2011 know. Everything is in the page already; without this script the page loads itself anew for each panel.
(function () {
  "use strict";

  var POLL = 5000, PATIENCE = 8000, LOST_AFTER = 13000, REPORT = 60000, LONGEST = 12 * 3600000, TAKEN_OVER = 240000;
  var wall = document.getElementById("wall"), words = JSON.parse(document.getElementById("wall-boot").innerHTML);
  var came = new Date().getTime(), heard = came, failures = 0, errors = 0, reported = 0;
  var skew = Number(fact("now")) - came, asOf = fact("as-of") ? Number(fact("as-of")) : null;
  var version = fact("version"), build = fact("build"), wanted = false;
  var place = 0, turning = 0, asking = 0, taken = null, obeyed = 0;

  window.onerror = function () { errors += 1; };

  function now() { return new Date().getTime(); }
  function fact(name) { return wall.getAttribute("data-" + name); }
  function one(selector) { return wall.querySelector(selector); }
  function panels() { return wall.querySelectorAll(".panel"); }

  // ---- time

  function two(n) { return (n < 10 ? "0" : "") + n; }

  function clockAt(ms) {
    var local = new Date(ms + Number(fact("offset")) * 1000);
    return two(local.getUTCHours()) + ":" + two(local.getUTCMinutes());
  }

  function filled(sentence, values) {
    return sentence.replace(/\{(\w+)\}/g, function (whole, name) { return name in values ? values[name] : whole; });
  }

  function aged(ms) {
    var s = Math.max(0, Math.floor(ms / 1000)), min = Math.floor(s / 60), h = Math.floor(min / 60);
    if (s < 60) return filled(words.s, { n: s });
    if (min < 60) return filled(words.min, { n: min });
    if (h < 24) return filled(words.h, { n: h }) + " " + filled(words.min, { n: min % 60 });
    return filled(words.d, { n: Math.floor(h / 24) }) + " " + filled(words.h, { n: h % 24 });
  }

  // ---- freshness

  function condition(age) {
    if (failures > 1 || now() - heard > LOST_AFTER) return "offline";
    if (asOf === null) return "stale";
    return age < Number(fact("live")) * 1000 ? "live" : age < Number(fact("stale")) * 1000 ? "late" : "stale";
  }

  function sentence(state) {
    if (asOf === null) return words.first;
    var values = { age: aged(now() + skew - asOf), time: clockAt(asOf) };
    return filled(state === "live" ? words.live : state === "offline" ? words.lost : words.old, values);
  }

  function put(node, text) { if (node && node.innerHTML !== text) node.innerHTML = text; }

  function tick() {
    setTimeout(tick, 1000);
    var state = condition(now() + skew - asOf), ago = wall.querySelectorAll("[data-ago]"), at, age;
    if (fact("state") !== state) {
      wall.setAttribute("data-state", state);
      wall.className = state;
    }
    put(one(".clock"), clockAt(now() + skew));
    put(one(".fresh"), sentence(state));
    for (at = 0; at < ago.length; at += 1) {
      age = now() + skew - Number(ago[at].getAttribute("data-ago"));
      put(ago[at], age < 60000 ? words.now : filled(words.ago, { age: aged(age - age % 60000) }));
    }
  }

  // ---- rotation

  function show(next) {
    var all = panels(), at;
    place = next % all.length;
    for (at = 0; at < all.length; at += 1) all[at].className = at === place ? "panel on" : "panel";
    wall.setAttribute("data-panel", all[place].getAttribute("data-slot"));
    clearTimeout(turning);
    turning = setTimeout(turn, stay(all[place]));
  }

  // Another page is not kept waiting by a panel that stays for ten minutes.
  function stay(panel) {
    var whole = Number(panel.getAttribute("data-seconds")) * 1000;
    return wanted ? Math.min(whole, TAKEN_OVER) : whole;
  }

  function turn() {
    show(place + 1);
    if (wanted || now() - came > LONGEST) renew();
  }

  function idOf(panel) { return panel ? panel.getAttribute("data-id") : null; }

  function placeOf(id) {
    var all = panels(), at;
    for (at = 0; at < all.length; at += 1) if (idOf(all[at]) === id) return at;
    return -1;
  }

  // The panel that is shown stays and its time runs on; where it is gone, the turn begins anew.
  function adopt(inside) {
    var shown = idOf(panels()[place]), at;
    if (inside.indexOf("data-slot=") < 0) throw new Error("no panels");
    wall.innerHTML = inside;
    at = placeOf(shown);
    if (at < 0) return show(0);
    panels()[0].className = "panel";
    panels()[at].className = "panel on";
    place = at;
  }

  // ---- one loop, the next try after the last has ended

  function address() {
    var shown = panels()[place], parts = ["version=" + version, "at=" + now()];
    if (taken || now() - reported > REPORT) {
      reported = now();
      parts.push("panel=" + encodeURIComponent(shown.getAttribute("data-slot")), "errors=" + errors);
    }
    if (taken) {
      parts.push("done=" + taken.number);
      taken.told = true;
    }
    return "/tv-lite/inside?" + parts.join("&");
  }

  // Calls back once, in time, whatever becomes of the request; status 0 = no answer.
  function get(address, then) {
    var request = new XMLHttpRequest(), over = false;
    var patience = setTimeout(function () { end(0); request.abort(); }, PATIENCE);
    function end(status) {
      over = true;
      clearTimeout(patience);
      then(request, status);
    }
    request.open("GET", address, true);
    request.onreadystatechange = function () {
      if (request.readyState === 4 && !over) end(request.status);
    };
    request.send(null);
  }

  function later(ms) {
    clearTimeout(asking);
    asking = setTimeout(ask, ms);
  }

  // The next try is sure before anything else is done, and an answer is a failure until all of it has been taken.
  function ask() {
    later(PATIENCE + POLL);
    get(address(), function (request, status) {
      later(POLL);
      failures += 1;
      // Not a screen of this office any more: the page says what to do.
      if (status === 401) renew();
      // Some engines call a 204 by another name.
      if ((status === 200 || status === 204 || status === 1223) && request.getResponseHeader("Tablo-Now")) answered(request, status);
    });
  }

  function answered(request, status) {
    var told = request.getResponseHeader("Tablo-As-Of");
    if (status === 200) {
      adopt(request.responseText);
      version = request.getResponseHeader("Tablo-Version");
      wall.setAttribute("data-version", version);
    }
    if (build !== request.getResponseHeader("Tablo-Build") && !wanted) {
      wanted = true;
      clearTimeout(turning);
      turning = setTimeout(turn, stay(panels()[place]));
    }
    heard = now();
    skew = Number(request.getResponseHeader("Tablo-Now")) - heard;
    asOf = told ? Number(told) : null;
    command(request.getResponseHeader("Tablo-Command"));
    failures = 0;
  }

  // A browser's own page of errors would stay for ever: it leaves only when Tablo's page, or that with the code, is there.
  function renew() {
    get("/tv-lite?now=" + now(), function (request, status) {
      if (status === 200 && /data-(build|code)=/.test(request.responseText)) location.replace("/tv-lite");
    });
  }

  // What this one screen is told to do: taken, reported as taken, and only then done, so that it is done once.
  function command(given) {
    var parts = (given || "").split(" "), order = taken;
    if (order && order.told) {
      obeyed = order.number;
      taken = null;
      if (order.parts[1] === "reload") {
        wanted = true;
        renew();
      }
      if (order.parts[1] === "show" && placeOf(order.parts[2]) >= 0) show(placeOf(order.parts[2]));
    }
    if (Number(parts[0]) > obeyed) taken = { number: Number(parts[0]), parts: parts, told: false };
  }

  show(Math.max(0, placeOf(idOf(one(".panel.on")))));
  tick();
  setTimeout(ask, 500);
})();
