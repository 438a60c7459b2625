// Inline in the page, because a script file can itself fail to come. Brings the wall's script when the first panel has
// been painted. That says every few seconds that it lives; when it has not for a minute, the page is loaded anew, but
// only from a server that answers.
(function () {
  window.tabloBeat = Date.now();
  function look() {
    setTimeout(look, 15000);
    if (Date.now() - window.tabloBeat < 60000) return;
    var ask = new XMLHttpRequest();
    ask.open("GET", "/healthz");
    ask.timeout = 8000;
    ask.onload = function () { if (ask.status === 200) location.reload(); };
    ask.send();
  }
  setTimeout(look, 15000);

  // A script that has not come is asked for again.
  function bring(address) {
    var script = document.createElement("script");
    function again() {
      script.parentNode.removeChild(script);
      bring(address);
    }
    var patience = setTimeout(again, 20000);
    script.onload = function () { clearTimeout(patience); };
    script.onerror = function () { clearTimeout(patience); setTimeout(again, 8000); };
    script.src = address;
    document.body.appendChild(script);
  }
  window.tabloBring = bring;

  var begun = false;
  function begin() {
    if (!begun) bring(document.getElementById("wall-script").href);
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
