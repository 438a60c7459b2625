// Asks whether this screen has been bound. It is loaded anew only when the server has just answered.
(function () {
  "use strict";
  var pause = 3000;

  function show(answer) {
    document.body.classList.remove("lost");
    if (answer.bound) {
      window.location.reload();
      return;
    }
    var code = document.querySelector("[data-role=code]");
    if (code.getAttribute("data-code") !== answer.code) {
      code.setAttribute("data-code", answer.code);
      code.textContent = answer.code.slice(0, 3) + " " + answer.code.slice(3);
    }
  }

  function ask() {
    var request = new XMLHttpRequest();
    request.open("GET", "/pairing");
    request.timeout = 8000;
    request.onloadend = function () {
      try {
        if (request.status !== 200) throw new Error("no answer");
        show(JSON.parse(request.responseText));
      } catch (error) {
        document.body.classList.add("lost");
      }
      setTimeout(ask, pause);
    };
    request.send();
  }

  setTimeout(ask, pause);
})();
