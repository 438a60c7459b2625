// Inline in the page, because a script file can itself fail to come. The wall's script says every few seconds that it
// lives; when it has not for a minute, the page is loaded anew, but only from a server that answers.
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
})();
