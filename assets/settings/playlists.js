/* The wall page: rows are dragged by their grip, by mouse, pen or finger; the miniature keeps its shape. */
(function () {
  "use strict";

  var WIDE = 1920, MARGIN = 40;
  var drag = null;

  function rows() { return Array.prototype.slice.call(document.querySelectorAll("#wall-rows .slot")); }

  // The row before which the dragged one would stand; null = at the end.
  function before(y) {
    return rows().filter(function (row) { return row !== drag.row; }).find(function (row) {
      var box = row.getBoundingClientRect();
      return y < box.top + box.height / 2;
    }) || null;
  }

  function mark(row) {
    rows().forEach(function (each) { each.classList.toggle("before", each === row); });
    var last = rows()[rows().length - 1];
    if (last) { last.classList.toggle("after", !row); }
  }

  function onDown(event) {
    var grip = event.target.closest ? event.target.closest("#wall-rows .grip") : null;
    if (!grip || event.button) { return; }
    event.preventDefault();
    drag = { row: grip.closest(".slot"), from: event.clientY, to: undefined };
    drag.row.classList.add("dragged");
    grip.setPointerCapture(event.pointerId);
  }

  function onMove(event) {
    if (!drag) { return; }
    drag.to = before(event.clientY);
    drag.row.style.transform = "translateY(" + (event.clientY - drag.from) + "px)";
    mark(drag.to);
    if (event.clientY < MARGIN) { window.scrollBy(0, -12); }
    if (event.clientY > window.innerHeight - MARGIN) { window.scrollBy(0, 12); }
  }

  function onUp(event) {
    if (!drag) { return; }
    var moved = drag;
    drag = null;
    moved.row.style.transform = "";
    rows().forEach(function (each) { each.classList.remove("before", "after", "dragged"); });
    if (event.type === "pointerup" && moved.to !== undefined) { order(moved.row, moved.to); }
  }

  // The server draws the rows anew: what React has drawn is moved by nobody else.
  function order(row, next) {
    var keys = [];
    rows().forEach(function (each) {
      if (each === next) { keys.push(Number(row.dataset.row)); }
      if (each !== row) { keys.push(Number(each.dataset.row)); }
    });
    if (!next) { keys.push(Number(row.dataset.row)); }
    window.dash_clientside.set_props("wall-order", { data: { order: keys, at: Date.now() } });
  }

  // The wall is made for a large screen: it is drawn in full and made smaller as a whole.
  function fit() {
    var box = document.querySelector(".miniature");
    if (box) { box.style.setProperty("--scale", box.clientWidth / WIDE); }
  }

  var watched = null, sizes = window.ResizeObserver ? new ResizeObserver(fit) : null;
  function onDrawn() {
    var box = document.querySelector(".miniature");
    if (box !== watched) {
      watched = box;
      if (sizes && box) { sizes.observe(box); }
      fit();
    }
    // A row that was moved, added or removed waits for Save like one that was typed in.
    var state = document.querySelector("#wall-rows > [data-changed]");
    if (state && state.dataset.changed === "true") { document.querySelector(".desk").classList.add("typed"); }
    rows().forEach(function (row) {
      var metric = row.querySelector("select[id*='slot-metric']");
      row.classList.toggle("by-office", !!metric && row.querySelector(".of-period") && metric.value === "-");
    });
  }

  document.addEventListener("pointerdown", onDown);
  document.addEventListener("pointermove", onMove);
  document.addEventListener("pointerup", onUp);
  document.addEventListener("pointercancel", onUp);
  document.addEventListener("change", onDrawn);
  window.addEventListener("resize", fit);
  new MutationObserver(onDrawn).observe(document.documentElement, { childList: true, subtree: true });
})();
