// Inline in the page that stands in for one that could not be made: asks for that, and goes to it when it is there. A
// page that loaded itself anew while the server is down would leave the screen with the browser's own error. ES5.
(function () {
  "use strict";
  var PAUSE = 10000, PATIENCE = 8000;

  function ask() {
    var request = new XMLHttpRequest(), over = false;
    var patience = setTimeout(function () { request.abort(); end(); }, PATIENCE);
    function end() {
      if (over) return;
      over = true;
      clearTimeout(patience);
      if (request.status === 200 && request.responseText.indexOf("<title>" + document.title + "</title>") > 0) location.reload();
      setTimeout(ask, PAUSE);
    }
    request.open("GET", location.href, true);
    request.onreadystatechange = function () {
      if (request.readyState === 4) end();
    };
    request.send(null);
  }

  setTimeout(ask, PAUSE);
})();
