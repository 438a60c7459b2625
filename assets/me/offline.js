// Says how old the last numbers were that this phone has seen, and goes back as soon as the server answers.
(function () {
  "use strict";
  const PAUSE = 5000;
  const note = document.getElementById("last-seen");

  function two(n) { return (n < 10 ? "0" : "") + n; }

  function last() {
    try {
      return JSON.parse(localStorage.getItem("tablo-last-seen") || "null");
    } catch (error) {
      return null;
    }
  }

  function tell() {
    const seen = last();
    if (!seen) return;
    const at = new Date(seen.as_of + seen.offset * 1000);
    const day = two(at.getUTCDate()) + "." + two(at.getUTCMonth() + 1) + "." + at.getUTCFullYear();
    const time = two(at.getUTCHours()) + ":" + two(at.getUTCMinutes());
    note.textContent = note.dataset.words.replace("{day}", day).replace("{time}", time);
  }

  function ask() {
    fetch("/healthz", { cache: "no-store" })
      .then((answer) => { if (answer.ok) location.replace("/me"); else setTimeout(ask, PAUSE); })
      .catch(() => setTimeout(ask, PAUSE));
  }

  tell();
  setTimeout(ask, PAUSE);
  window.addEventListener("online", ask);
})();
