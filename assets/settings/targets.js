/* The table of targets: drawn from the sheet that the server sends, typed into, filled, collected for Save. */
(function () {
  "use strict";

  var sheet = null;
  var drawn = null;
  // A sheet that came before the page had a place for it.
  var waiting = false;

  function table() { return document.querySelector("#targets-grid table"); }
  function cellOf(node) { return node && node.closest ? node.closest("#targets-grid td.cell") : null; }
  function field(cell) { return cell.firstChild; }
  function every(what) { return Array.prototype.slice.call(document.querySelectorAll("#targets-grid " + what)); }
  function place(cell) {
    var head = sheet.heads[cell.column];
    return [head.metric, cell.row.scope, cell.row.key, head.first];
  }
  function make(name, className, text) {
    var node = document.createElement(name);
    if (className) { node.className = className; }
    if (text) { node.textContent = text; }
    return node;
  }

  // ---- drawing

  function draw(data) {
    sheet = data;
    waiting = true;
    show();
    return "scroll";
  }

  function show() {
    var ground = document.getElementById("targets-grid");
    if (!waiting || !ground) { return; }
    waiting = false;
    if (table() && outline(sheet) === outline(drawn)) { renew(); } else { build(ground); }
    drawn = sheet;
    settle();
  }

  function build(ground) {
    var held = holding();
    var grid = make("table", "grid");
    grid.append(head(), body());
    ground.replaceChildren(grid);
    weigh();
    again(held);
  }

  // A save changes what stands in the cells, and seldom whose they are. To lay out thousands of them anew takes the
  // browser half a second, so they are written into, and only where something is other.
  function renew() {
    every("td.cell").forEach(function (node) {
      var row = sheet.rows[node.parentNode.sectionRowIndex];
      write(node, row, row.cells[node.column]);
    });
    // What stands at the foot was drawn anew, and the focus stayed.
    var cell = cellOf(document.activeElement);
    if (cell) { tell(cell); }
  }

  function outline(of) {
    var rows = of.rows.map(function (row) { return [row.scope, row.key, row.name]; });
    return JSON.stringify([of.heads, rows, of.words]);
  }

  // Where somebody was is where they go on.
  function holding() {
    var cell = cellOf(document.activeElement);
    return cell ? place(cell).join("\n") : "";
  }

  function again(held) {
    var cell = held && every("td.cell").filter(function (each) { return place(each).join("\n") === held; })[0];
    if (cell) { field(cell).focus({ preventScroll: true }); }
  }

  function head() {
    var row = make("tr");
    [sheet.words.whose, sheet.words.weight].forEach(function (name, number) {
      var cell = make("th", number ? "weight" : "", name);
      cell.scope = "col";
      row.append(cell);
    });
    sheet.heads.forEach(function (each) {
      var cell = make("th", "", each.name);
      cell.scope = "col";
      if (each.unit) { cell.append(make("small", "", each.unit)); }
      row.append(cell);
    });
    var part = make("thead");
    part.append(row);
    return part;
  }

  function body() {
    var part = make("tbody");
    sheet.rows.forEach(function (row) {
      var line = make("tr", row.scope);
      var name = make("th");
      name.scope = "row";
      name.append(make("bdi", "", row.name));
      line.append(name, weight(row));
      row.cells.forEach(function (values, column) { line.append(cell(row, values, column)); });
      part.append(line);
    });
    return part;
  }

  function weight(row) {
    var cell = make("td", "weight");
    if (row.scope === "rep") {
      var input = entry(row.name + ", " + sheet.words.weight);
      input.placeholder = "1";
      input.dataset.weight = row.key;
      cell.append(input);
    }
    return cell;
  }

  function cell(row, values, column) {
    var node = make("td", "cell");
    var about = sheet.heads[column];
    node.column = column;
    node.dataset.metric = about.metric;
    node.dataset.key = row.key;
    node.append(entry(row.name + ", " + about.name), make("small", "reached"));
    write(node, row, values);
    return node;
  }

  function write(node, row, values) {
    var value = values[1] === null ? values[0] : values[1];
    var input = field(node);
    node.row = row;
    node.was = values[0];
    node.told = sheet.told[values[3]];
    if (input.value !== value) { input.value = value; }
    if (input.placeholder !== values[2]) { input.placeholder = values[2]; }
    blame(node, values[4]);
    mark(node);
  }

  function blame(node, problem) {
    var input = field(node);
    var old = node.querySelector(".problem");
    if (!problem && !old) { return; }
    if (old) { old.remove(); }
    input.classList.toggle("is-invalid", !!problem);
    if (!problem) {
      input.removeAttribute("aria-invalid");
      return;
    }
    input.setAttribute("aria-invalid", "true");
    var said = make("span", "problem", problem);
    said.setAttribute("role", "alert");
    node.append(said);
  }

  function entry(label) {
    var input = make("input", "form-control");
    input.type = "text";
    input.inputMode = "decimal";
    input.autocomplete = "off";
    input.maxLength = 20;
    input.setAttribute("aria-label", label);
    return input;
  }

  // ---- how hard a plan is

  function number(text) {
    var plain = text.replace(/[\s\u00a0\u202f'’]/g, "").replace(",", ".");
    return plain && /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
  }

  function reached(node) {
    var about = sheet.heads[node.column];
    var plan = number(field(node).value);
    var past = (node.row.past[about.metric] || []).filter(function (value) { return value !== null; });
    if (plan === null || !past.length) { return null; }
    var good = past.filter(function (value) { return about.more ? Number(value) >= plan : Number(value) <= plan; });
    return { value: field(node).value.trim(), n: good.length, of: past.length };
  }

  function filled(message, values) {
    return message.replace(/\{(\w+)\}/g, function (_, name) { return values[name]; });
  }

  // The mark of a changed cell, and how often its value was reached.
  function mark(node) {
    var found = reached(node);
    var short = found ? filled(sheet.words.short, found) : "";
    node.classList.toggle("changed", field(node).value.trim() !== node.was);
    if (node.children[1].textContent !== short) { node.children[1].textContent = short; }
    node.classList.toggle("never", !!found && found.n === 0);
  }

  // What is known about the cell that has the focus stands at the foot of the table, and is read aloud.
  function tell(node) {
    var line = document.querySelector("#targets-form .about");
    if (!line) { return; }
    line.replaceChildren();
    if (!node) { return; }
    var about = sheet.heads[node.column];
    var past = node.row.past[about.metric] || [];
    var figures = sheet.times.map(function (name, at) {
      return past[at] === null || past[at] === undefined ? null : name + " " + past[at];
    }).filter(Boolean);
    var found = reached(node);
    line.append(make("strong", "", node.row.name + ", " + about.name));
    line.append(make("span", "", figures.length ? figures.join(" · ") : sheet.words.none));
    if (found) { line.append(make("span", "often", filled(sheet.words.reached, found))); }
    if (node.told) { line.append(make("span", "", node.told)); }
    var button = make("button", "btn btn-link ask", sheet.words.history);
    button.type = "button";
    button.place = place(node);
    line.append(button, make("span", "keys", sheet.words.keys));
  }

  function ask(where) {
    window.dash_clientside.set_props("targets-asked", { data: { place: where, press: Date.now() } });
  }

  // ---- what is sent

  function collect(presses) {
    if (!presses) { return window.dash_clientside.no_update; }
    var cells = every("td.cell").filter(function (cell) { return field(cell).value.trim() !== cell.was; });
    return { cells: cells.map(sent), press: Date.now() };
  }

  function order(presses) {
    if (!presses) { return window.dash_clientside.no_update; }
    var cells = every("td.cell").filter(function (cell) { return field(cell).value.trim(); });
    var weights = {};
    every("input[data-weight]").forEach(function (input) {
      if (input.value.trim()) { weights[input.dataset.weight] = input.value; }
    });
    return { cells: cells.map(sent), weights: weights, press: Date.now() };
  }

  function sent(cell) { return place(cell).concat(field(cell).value); }

  // ---- filling

  function take(fills) {
    if (fills && drawn) {
      var wanted = {};
      fills.cells.forEach(function (each) { wanted[each.slice(0, 4).join("\n")] = each[4]; });
      every("td.cell").forEach(function (cell) {
        var key = place(cell).join("\n");
        if (key in wanted) { fill(cell, wanted[key]); }
      });
      settle();
    }
    return "btn-light";
  }

  function fill(cell, value) {
    field(cell).value = value;
    mark(cell);
  }

  function settle() { window.deskTyped(!!document.querySelector("#targets-grid td.changed")); }

  function weigh() {
    var what = document.getElementById("targets-do");
    if (table()) { table().classList.toggle("weighing", !!what && what.value === "weight"); }
  }

  function beside(cell, down, right) {
    var body = cell.parentNode.parentNode;
    var line = body.rows[cell.parentNode.sectionRowIndex + down];
    var found = line && line.cells[cell.cellIndex + right];
    return found && found.classList.contains("cell") ? found : null;
  }

  // To the end of the team, or of the year.
  function fillOn(cell, down, right) {
    var next = beside(cell, down, right);
    while (next && (!down || next.row.scope === "rep")) {
      fill(next, field(cell).value.trim());
      next = beside(next, down, right);
    }
    settle();
  }

  // ---- events

  function onInput(event) {
    var cell = cellOf(event.target);
    if (cell) {
      mark(cell);
      settle();
      tell(cell);
    }
    if (event.target.id === "targets-do") { weigh(); }
  }

  // Up, down and Enter go through a column, as in a spreadsheet.
  function onKey(event) {
    var command = event.ctrlKey || event.metaKey;
    if (command && event.code === "KeyS" && table()) {
      event.preventDefault();
      document.getElementById("targets-save").click();
      return;
    }
    var cell = cellOf(event.target);
    if (!cell || event.isComposing) { return; }
    if (command && (event.code === "KeyD" || event.code === "KeyR") && !event.shiftKey) {
      event.preventDefault();
      fillOn(cell, event.code === "KeyD" ? 1 : 0, event.code === "KeyR" ? 1 : 0);
      return;
    }
    if (event.key === "F2") {
      event.preventDefault();
      ask(place(cell));
      return;
    }
    var step = { ArrowUp: -1, ArrowDown: 1, Enter: event.shiftKey ? -1 : 1 }[event.key];
    if (!step) { return; }
    var next = beside(cell, step, 0);
    event.preventDefault();
    if (next) {
      field(next).focus();
      field(next).select();
    }
  }

  // A block copied from a spreadsheet fills cells from here to the right and down.
  function onPaste(event) {
    var cell = cellOf(event.target);
    var text = event.clipboardData ? event.clipboardData.getData("text/plain").replace(/\r?\n$/, "") : "";
    if (!cell || !/[\t\n]/.test(text)) { return; }
    event.preventDefault();
    text.split(/\r?\n/).forEach(function (line, down) {
      line.split("\t").forEach(function (value, right) {
        var into = beside(cell, down, right);
        if (into) { fill(into, value.trim()); }
      });
    });
    settle();
  }

  function onFocus(event) {
    var cell = cellOf(event.target);
    if (cell) { tell(cell); }
  }

  // An earlier value of the history goes into its cell, and is saved as any other.
  function onClick(event) {
    var button = event.target.closest ? event.target.closest(".ask, [data-take]") : null;
    if (!button) { return; }
    if (button.place) {
      ask(button.place);
      return;
    }
    var wanted = button.dataset.place;
    var cell = every("td.cell").filter(function (each) { return place(each).join("\n") === wanted; })[0];
    if (cell) {
      fill(cell, button.dataset.take);
      settle();
      field(cell).focus();
    }
  }

  // The history opens far from its cell: the focus goes there, once.
  var told = null;
  function onMutation() {
    show();
    var story = document.querySelector("#targets-story .story-head");
    if (story !== told) {
      told = story;
      if (story) { story.focus(); }
    }
  }

  document.addEventListener("input", onInput);
  document.addEventListener("change", onInput);
  document.addEventListener("keydown", onKey);
  document.addEventListener("paste", onPaste);
  document.addEventListener("focusin", onFocus);
  document.addEventListener("click", onClick);
  new MutationObserver(onMutation).observe(document.documentElement, { childList: true, subtree: true });
  window.dash_clientside = Object.assign(window.dash_clientside || {}, {
    targets: { collect: collect, order: order, draw: draw, take: take },
  });
})();
