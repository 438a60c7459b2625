/* What the desk's pages do by themselves: mark what is not saved, keep the focus, notice a lost login. */
(function () {
  "use strict";

  var LOST = 401;
  var MOST_BYTES = 2 * 1024 * 1024;
  var send = window.fetch;

  function desk() { return document.querySelector(".desk"); }
  function isTyped() { var place = desk(); return !!place && place.classList.contains("typed"); }

  // Dash answers a lost login with silence, and a lost server with an error in the console.
  window.fetch = function () {
    return send.apply(window, arguments).then(function (answer) {
      if (answer.status === LOST) { leaveForLogin(); }
      away(answer.status >= 500);
      return answer;
    }, function (error) {
      away(true);
      throw error;
    });
  };

  function leaveForLogin() {
    typed(false);
    window.location.assign("/login?next=" + window.location.pathname.replace("/settings/", ""));
  }

  function away(is) {
    var line = document.querySelector(".away");
    if (line && (is || line.textContent === desk().dataset.away)) { tell(is ? desk().dataset.away : ""); }
  }

  function tell(words) {
    var line = document.querySelector(".away");
    line.textContent = words;
    line.classList.toggle("now", !!words);
  }

  // The server does not read what is too large, and Dash tells nobody of the refusal.
  function onFile(event) {
    var given = event.type === "drop" ? event.dataTransfer.files : event.target.files;
    if (!given || !given.length || !event.target.closest("main")) { return; }
    var large = Array.prototype.some.call(given, function (file) { return file.size > MOST_BYTES; });
    tell(large ? desk().dataset.large : "");
    if (large) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (event.type !== "drop") { event.target.value = ""; }
    }
  }

  window.deskTyped = typed;
  function typed(is) {
    var place = desk();
    if (place) { place.classList.toggle("typed", is); }
  }

  // Rows of a long list that do not have what is typed above it are put away.
  function seek(field) {
    var wanted = field.value.trim().toLowerCase();
    document.querySelectorAll("main [data-find]").forEach(function (row) {
      row.hidden = !!row.dataset.find && row.dataset.find.indexOf(wanted) < 0;
    });
  }

  // The table of targets marks its own cells; any other field counts as changed as soon as it is touched.
  function onInput(event) {
    var own = ".adding, .tools, #targets-grid, #targets-form .foot";
    if (event.target.closest(".seek")) {
      seek(event.target);
    } else if (event.isTrusted && event.target.closest("main") && !event.target.closest(own)) {
      typed(true);
    }
  }

  // What a good save drew anew leaves nothing to mark. A message that stood there already says nothing of what was
  // typed since, and one from beside the form nothing of the form.
  var heard = new WeakSet();
  function isNews(said) {
    var is = !heard.has(said);
    heard.add(said);
    return is;
  }

  function onDrawn() {
    var news = Array.prototype.filter.call(document.querySelectorAll(".said.good:not(.beside)"), isNews);
    if (news.length && !document.querySelector("#targets-grid")) { typed(false); }
    document.querySelectorAll(".seek input").forEach(seek);
    // Even the same language given anew has the browser work out the look of the whole page again.
    if (desk() && document.documentElement.lang !== desk().lang) { document.documentElement.lang = desk().lang; }
    document.querySelectorAll("input.as-day:not([type=date])").forEach(function (input) { input.type = "date"; });
  }

  function onClick(event) {
    var link = event.target.closest ? event.target.closest("a[href^='/settings']") : null;
    if (!link || !isTyped()) { return; }
    if (window.confirm(desk().dataset.leave)) { typed(false); } else { event.preventDefault(); event.stopPropagation(); }
  }

  function onLeave(event) {
    if (isTyped()) { event.preventDefault(); }
  }

  // A drawn-anew button loses the focus, which somebody at the keyboard would have to look for.
  var focused = "";
  function onFocus(event) { focused = event.target.id; }
  function refocus() {
    if (focused && document.activeElement === document.body) {
      var again = document.getElementById(focused);
      if (again && !again.disabled) { again.focus(); }
    }
  }

  // On a phone the menu is a line that goes on beyond the edge.
  function reveal(link) {
    var menu = link.parentNode;
    menu.scrollLeft += link.getBoundingClientRect().left - menu.getBoundingClientRect().left
      - (menu.clientWidth - link.offsetWidth) / 2;
  }

  function showWhere() {
    document.querySelectorAll(".nav-link").forEach(function (link) {
      var here = window.location.pathname.replace(/\/$/, "/targets") === new URL(link.href).pathname;
      if (here && !link.hasAttribute("aria-current")) { reveal(link); }
      if (here) { link.setAttribute("aria-current", "page"); } else { link.removeAttribute("aria-current"); }
    });
  }

  // Dash gives the field of an upload no name of its own: it is called as the button that stands in it.
  function nameUploads() {
    document.querySelectorAll("main input[type=file]:not([aria-label])").forEach(function (input) {
      input.setAttribute("aria-label", input.parentNode.textContent.trim());
    });
  }

  var waiting = false;
  function onMutation() {
    nameUploads();
    if (waiting) { return; }
    waiting = true;
    window.requestAnimationFrame(function () { waiting = false; onDrawn(); showWhere(); refocus(); });
  }

  document.addEventListener("input", onInput);
  document.addEventListener("click", onClick, true);
  document.addEventListener("change", onFile, true);
  document.addEventListener("drop", onFile, true);
  document.addEventListener("focusin", onFocus);
  window.addEventListener("beforeunload", onLeave);
  new MutationObserver(onMutation).observe(document.documentElement, { childList: true, subtree: true });
})();
