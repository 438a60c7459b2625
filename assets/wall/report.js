// What a screen says of itself on its requests, soon after its start and then once a minute, and what this one screen is
// told to do. A command is taken first and obeyed when the server has heard that it was taken: so it is obeyed once,
// whoever restarts.
(function () {
  "use strict";

  // A script that was slow to come is asked for again, and may then come twice.
  if (window.tabloWall.told) return;

  const wall = window.tabloWall, EVERY = 55000, FIRST = 8000;
  let said = Date.now() - EVERY + FIRST, taken = null, obeyed = 0;

  // What is added to the address of the next request for the state; mostly nothing.
  wall.ask = function () {
    const parts = [];
    if (Math.abs(Date.now() - said) >= EVERY || taken) {
      const memory = window.performance && performance.memory;
      said = Date.now();
      parts.push("panel=" + encodeURIComponent(wall.slot().key), "errors=" + wall.known.errors);
      if (memory) parts.push("heap=" + memory.usedJSHeapSize);
    }
    if (taken) {
      parts.push("done=" + taken.number);
      taken.told = true;
    }
    return parts.length ? "?" + parts.join("&") : "";
  };

  // The headers of every answer come here.
  wall.told = function (headers) {
    if (taken && taken.told) {
      obeyed = taken.number;
      const command = taken.command;
      taken = null;
      obey(command);
    }
    const words = (headers.get("Tablo-Command") || "").split(" "), number = Number(words[0]);
    if (number > obeyed && !(taken && taken.number === number)) {
      taken = { number: number, command: words.slice(1), told: false };
      wall.soon();
    }
  };

  function obey(command) {
    if (command[0] === "reload") wall.reload();
    if (command[0] === "show") {
      if (wall.wake) wall.wake();
      wall.show(command[1]);
    }
  }
})();
