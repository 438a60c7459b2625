/* What the desk's pages do by themselves: mark what is not saved, move through the table, notice a lost login. */
(function () {
  "use strict";

  var LOST = 401;
  var send = window.fetch;

  function desk() { return document.querySelector(".desk"); }
  function cellOf(node) { return node.closest ? node.closest(".grid td") : null; }
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
    if (line) {
      line.textContent = is ? desk().dataset.away : "";
      line.classList.toggle("now", is);
    }
  }

  function typed(is) {
    var place = desk();
    if (place) { place.classList.toggle("typed", is); }
  }

  // Rows of a long list that do not have what is typed above it are put away.
  function seek(field) {
    var wanted = field.value.trim().toLowerCase();
    document.querySelectorAll("#" + field.closest(".seek").dataset.table + " [data-find]").forEach(function (row) {
      row.hidden = !!row.dataset.find && row.dataset.find.indexOf(wanted) < 0;
    });
  }

  // A cell counts as changed when it differs from what is stored; any other field as soon as it is touched.
  function onInput(event) {
    var cell = cellOf(event.target);
    if (event.target.closest(".seek")) {
      seek(event.target);
    } else if (cell) {
      cell.classList.toggle("changed", event.target.value.trim() !== cell.dataset.was);
      typed(!!document.querySelector(".grid td.changed"));
    } else if (event.isTrusted && event.target.closest("main") && !event.target.closest(".adding, #targets-form .foot")) {
      typed(true);
    }
  }

  // The table was drawn anew: a refused save keeps what was typed, a good one leaves nothing to mark.
  function onDrawn() {
    var cells = document.querySelectorAll(".grid td");
    if (cells.length) {
      cells.forEach(function (cell) {
        cell.classList.toggle("changed", cell.querySelector("input").value.trim() !== cell.dataset.was);
      });
      typed(!!document.querySelector(".grid td.changed"));
    } else if (document.querySelector(".said.good")) {
      typed(false);
    }
    document.querySelectorAll(".seek input").forEach(seek);
    document.querySelectorAll("input.as-day").forEach(function (input) { input.type = "date"; });
  }

  // What Save sends: the changed cells, and the press itself, so that the same cells may be sent again.
  function collect(presses) {
    if (!presses) { return window.dash_clientside.no_update; }
    var cells = [];
    document.querySelectorAll(".grid td").forEach(function (cell) {
      var value = cell.querySelector("input").value;
      if (value.trim() !== cell.dataset.was) {
        cells.push([cell.dataset.metric, cell.dataset.scope, cell.dataset.key, value]);
      }
    });
    return { cells: cells, press: Date.now() };
  }
  window.dash_clientside = Object.assign(window.dash_clientside || {}, { desk: { collect: collect } });

  // Up, down and Enter go through a column, as in a spreadsheet.
  function onKey(event) {
    var cell = cellOf(event.target);
    var step = { ArrowUp: -1, ArrowDown: 1, Enter: event.shiftKey ? -1 : 1 }[event.key];
    if (!cell || !step || event.isComposing) { return; }
    var next = below(cell, step);
    event.preventDefault();
    if (next) { next.focus(); next.select(); }
  }

  function below(cell, step) {
    var row = cell.parentNode;
    var other = row.parentNode.rows[row.sectionRowIndex + step];
    return other ? other.cells[cell.cellIndex].querySelector("input") : null;
  }

  // A block copied from a spreadsheet fills cells from here to the right and down.
  function onPaste(event) {
    var cell = cellOf(event.target);
    var text = event.clipboardData ? event.clipboardData.getData("text/plain").replace(/\r?\n$/, "") : "";
    if (!cell || !/[\t\n]/.test(text)) { return; }
    event.preventDefault();
    var row = cell.parentNode;
    text.split(/\r?\n/).forEach(function (line, down) {
      var into = row.parentNode.rows[row.sectionRowIndex + down];
      line.split("\t").forEach(function (value, right) {
        var target = into && into.cells[cell.cellIndex + right];
        if (target) { fill(target.querySelector("input"), value.trim()); }
      });
    });
  }

  // React listens to the native setter, not to the property.
  function fill(input, value) {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, value);
    input.dispatchEvent(new Event("input", { bubbles: true }));
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

  function showWhere() {
    document.querySelectorAll(".nav-link").forEach(function (link) {
      var here = window.location.pathname.replace(/\/$/, "/targets") === new URL(link.href).pathname;
      if (here) { link.setAttribute("aria-current", "page"); } else { link.removeAttribute("aria-current"); }
    });
  }

  var waiting = false;
  function onMutation() {
    if (waiting) { return; }
    waiting = true;
    window.requestAnimationFrame(function () { waiting = false; onDrawn(); showWhere(); refocus(); });
  }

  document.addEventListener("input", onInput);
  document.addEventListener("keydown", onKey);
  document.addEventListener("paste", onPaste);
  document.addEventListener("click", onClick, true);
  document.addEventListener("focusin", onFocus);
  window.addEventListener("beforeunload", onLeave);
  new MutationObserver(onMutation).observe(document.documentElement, { childList: true, subtree: true });
})();
