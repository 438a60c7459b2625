// Inline in the page, because a script file can itself fail to come. Brings the wall's script when the first panel has
// been painted. That says every few seconds that it lives; when it has stopped, or has not begun within a minute, the
// page is loaded anew, but only from a server that answers.
(function () {
  var EVERY = 3000, SILENT = 15000, NOT_BEGUN = 60000, missed = 0;
  window.tabloBeat = Date.now();
  function look() {
    setTimeout(look, EVERY);
    // Twice: a machine that slept, or a clock that was set, is no silence. Nobody minds a page that is not seen.
    missed = document.hidden || Date.now() - window.tabloBeat < (window.tabloWall ? SILENT : NOT_BEGUN) ? 0 : missed + 1;
    if (missed < 2) return;
    var ask = new XMLHttpRequest();
    ask.open("GET", "/healthz");
    ask.timeout = 8000;
    ask.onload = function () { if (ask.status === 200) location.reload(); };
    ask.send();
  }
  setTimeout(look, EVERY);

  // A script that has not come is asked for again; `has` tells of one that came as something else.
  function bring(address, has) {
    var script = document.createElement("script");
    function again() {
      script.parentNode.removeChild(script);
      bring(address, has);
    }
    var patience = setTimeout(again, 20000);
    script.onload = function () { clearTimeout(patience); if (has && !has()) setTimeout(again, 8000); };
    script.onerror = function () { clearTimeout(patience); setTimeout(again, 8000); };
    script.src = address;
    document.body.appendChild(script);
  }
  window.tabloBring = bring;

  var begun = false;
  function begin() {
    if (!begun) bring(document.getElementById("wall-script").href, function () { return window.tabloWall; });
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
