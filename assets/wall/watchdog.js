// Inline in the page, because a script file can itself fail to come. Brings the wall's script when the first panel has
// been painted. That says every few seconds that it lives; when it has stopped, or has not begun within a minute, the
// page is loaded anew, but only from a server that has it to give.
(function () {
  var EVERY = 3000, SILENT = 15000, NOT_BEGUN = 60000, missed = 0;
  window.tabloBeat = Date.now();
  function look() {
    setTimeout(look, EVERY);
    var silence = Date.now() - window.tabloBeat;
    if (silence > SILENT) own();
    // Twice: a machine that slept, or a clock that was set, is no silence. Nobody minds a page that is not seen.
    missed = document.hidden || silence < (window.tabloWall ? SILENT : NOT_BEGUN) ? 0 : missed + 1;
    if (missed > 1) reload();
  }
  setTimeout(look, EVERY);

  // Nobody counts the age of the numbers any more: the wall says when they were true, and shows no clock that stands.
  function own() {
    var wall = document.getElementById("wall"), fresh = document.querySelector(".fresh"), clock = document.querySelector(".clock");
    if (!wall || !fresh || !clock) return;
    wall.setAttribute("data-state", "offline");
    fresh.textContent = fresh.getAttribute("data-lost");
    clock.textContent = "";
  }

  // What is asked for is the page itself: a server may live and not have it. A page that is on its way is waited for:
  // to ask for it again would be to begin anew, and from a slow server it would never come.
  var leaving = false;
  function reload() {
    if (leaving) return;
    leaving = true;
    function stay() { leaving = false; }
    var ask = new XMLHttpRequest();
    ask.open("GET", location.pathname + location.search);
    ask.timeout = 8000;
    ask.onload = function () {
      var has = ask.status === 200 && ask.responseText.indexOf("<title>" + document.title + "</title>") > 0;
      if (has) location.reload();
      setTimeout(stay, has ? 60000 : 0);
    };
    ask.onerror = ask.ontimeout = stay;
    ask.send();
  }
  window.tabloReload = reload;

  // A script that has not come is asked for again, by another name: what came in its place may have been kept. `has`
  // tells of one that came as something else.
  function bring(address, has, tries) {
    var script = document.createElement("script"), nth = tries || 1;
    function again() {
      script.parentNode.removeChild(script);
      bring(address, has, nth + 1);
    }
    var patience = setTimeout(again, 20000);
    script.onload = function () { clearTimeout(patience); if (has && !has()) setTimeout(again, 8000); };
    script.onerror = function () { clearTimeout(patience); setTimeout(again, 8000); };
    script.src = nth > 1 ? address + "&again=" + nth : address;
    document.body.appendChild(script);
  }
  window.tabloBring = bring;

  var begun = false;
  function begin() {
    var script = document.getElementById("wall-script");
    // A page that came in half, or stands in for one that could not be made.
    if (!script) window.tabloBeat = 0;
    else if (!begun) bring(script.href, function () { return window.tabloWall; });
    begun = true;
  }
  document.addEventListener("DOMContentLoaded", function () {
    // For browsers that do not say when they have painted, and for a page that nobody sees.
    setTimeout(begin, 1500);
    if (!window.PerformanceObserver) return;
    new PerformanceObserver(function (painted) {
      if (painted.getEntriesByName("first-contentful-paint").length) begin();
    }).observe({ entryTypes: ["paint"] });
  });
})();
