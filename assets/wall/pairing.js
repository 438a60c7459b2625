// Asks whether this screen has been bound. It is loaded anew only when the server has just answered. ES5, for old
// televisions too.
(function () {
  "use strict";
  var PAUSE = 3000, PATIENCE = 8000;

  function show(answer) {
    document.body.className = "";
    if (answer.bound) {
      window.location.reload();
      return;
    }
    var code = document.querySelector("[data-role=code]");
    if (code.getAttribute("data-code") !== answer.code) {
      code.setAttribute("data-code", answer.code);
      code.innerHTML = answer.code.slice(0, 3) + " " + answer.code.slice(3);
    }
  }

  function ask() {
    var request = new XMLHttpRequest(), over = false;
    var patience = setTimeout(function () { request.abort(); end(); }, PATIENCE);
    function end() {
      if (over) return;
      over = true;
      clearTimeout(patience);
      try {
        if (request.status !== 200) throw new Error("no answer");
        show(JSON.parse(request.responseText));
      } catch (error) {
        document.body.className = "lost";
      }
      setTimeout(ask, PAUSE);
    }
    // Some old engines keep what they were given once, whatever the headers say.
    request.open("GET", "/pairing?at=" + new Date().getTime(), true);
    request.onreadystatechange = function () {
      if (request.readyState === 4) end();
    };
    request.send(null);
  }

  setTimeout(ask, PAUSE);
})();
