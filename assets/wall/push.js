// The line to the server: what is new, or a word that there is something to be fetched, and a beat every few seconds.
// Where it breaks, falls silent or is kept back by a proxy, the wall asks every few seconds as it does without one.
(function () {
  "use strict";

  // A script that was slow to come is asked for again, and may then come twice.
  if (window.tabloWall.pushes) return;
  window.tabloWall.pushes = true;

  const wall = window.tabloWall, known = wall.known, QUIET = 9000, AGAIN = 5000, AGAIN_MOST = 300000;
  let line = null, heard = 0, pause = AGAIN;

  function open() {
    if (known.failures) { setTimeout(open, AGAIN); return; }
    line = new EventSource("/wall/events");
    heard = Date.now();
    line.onmessage = (event) => {
      alive();
      wall.beat(event.data);
      pause = AGAIN;
    };
    line.addEventListener("change", (event) => {
      alive();
      if (event.data !== known.etag) wall.soon();
    });
    line.addEventListener("news", (event) => {
      alive();
      wall.take(JSON.parse(event.data), Number(event.lastEventId));
    });
    line.onerror = close;
  }

  function alive() {
    heard = Date.now();
    if (!known.line) {
      known.line = true;
      wall.rarely();
    }
  }

  function close() {
    line.close();
    line = null;
    if (known.line) {
      known.line = false;
      wall.soon();
    }
    setTimeout(open, pause * (1 + Math.random() * .5));
    pause = Math.min(AGAIN_MOST, pause * 2);
  }

  function look() {
    setTimeout(look, 1000);
    // Or the clock was set back: nothing can be heard in the future.
    if (line && Math.abs(Date.now() - heard) > QUIET) close();
  }

  if (typeof EventSource === "function" && !/[?&]preview=/.test(location.search)) {
    open();
    look();
  }
})();
