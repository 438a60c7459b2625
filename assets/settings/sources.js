/* What a button of a connection opens stands at the top of the page: it is brought into sight. */
(function () {
  "use strict";

  var shown = null;
  new MutationObserver(function () {
    var now = document.querySelector("#source-desk > .card") || document.querySelector("#source-desk > .said");
    if (now === shown) { return; }
    shown = now;
    if (now) { now.scrollIntoView({ block: "nearest" }); }
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
