/* Long lists of people: drawn from what the server sends in one attribute, because the page's own renderer needs
   seconds for some hundred rows. Only text and addresses of our own become elements, never markup. */
(function () {
  "use strict";

  function make(name, className, text) {
    var node = document.createElement(name);
    if (className) { node.className = className; }
    if (text) { node.textContent = text; }
    return node;
  }

  function draw(place) {
    var data = JSON.parse(place.dataset.drawn);
    var table = make("table", data.marks ? "month" : "list-table");
    var head = make("tr");
    data.heads.forEach(function (each) { head.append(headOf(each)); });
    table.append(make("thead"), make("tbody"));
    table.tHead.append(head);
    data.rows.forEach(function (row) { table.tBodies[0].append(data.marks ? month(row, data.marks) : line(row)); });
    place.replaceChildren(table);
  }

  function headOf(each) {
    var cell = make("th", each.now ? "today" : "");
    cell.scope = "col";
    if (each.above) { cell.append(make("small", "", each.above)); }
    cell.append(each.text);
    return cell;
  }

  function line(row) {
    var made = make("tr");
    made.dataset.find = row.find;
    row.cells.forEach(function (each) {
      var cell = make("td");
      cell.append(content(each));
      made.append(cell);
    });
    return made;
  }

  function content(each) {
    var place = make("span", each.acts ? "act ends" : "who");
    if (each.text) { place.append(named(each)); }
    (each.small || []).forEach(function (words) { place.append(make("small", "", words)); });
    (each.acts || []).forEach(function (act) { place.append(button(act)); });
    return place;
  }

  function named(each) {
    var name = make("bdi", "", each.text);
    if (!each.href) { return name; }
    var link = make("a");
    link.href = each.href;
    link.append(name);
    return link;
  }

  function button(act) {
    var made = make("button", "btn btn-light", act.words + " ");
    made.type = "button";
    made.id = [act.into, act.action, act.key].join(" ");
    made.dataset.about = act.into + " " + act.key;
    made.append(make("span", "unseen", act.spoken));
    made.addEventListener("click", function (event) {
      pressed = { id: made.id, about: made.dataset.about, byHand: event.detail > 0 };
      window.dash_clientside.set_props(act.into, { data: { action: act.action, key: act.key, press: Date.now() } });
    });
    return made;
  }

  // A month has a letter for each day; `marks` says what it looks like and is called.
  function month(row, marks) {
    var made = make("tr", row.kind);
    made.dataset.find = row.find;
    var who = make("th");
    who.scope = "row";
    who.append(named(row));
    made.append(who);
    row.marks.split("").forEach(function (letter) {
      var mark = marks[letter];
      var cell = make("td", mark.look, mark.sign);
      if (mark.words) { cell.title = mark.words; }
      made.append(cell);
    });
    row.ends.forEach(function (sum) { made.append(make("td", "sum", sum)); });
    return made;
  }

  // A press draws the lists anew, and its button may then say the contrary, in another list: who stood on it stands
  // there. Somebody with a mouse looks elsewhere already.
  var pressed = null;
  function again() {
    if (!pressed || document.activeElement !== document.body) { return; }
    var all = Array.prototype.slice.call(document.querySelectorAll("[data-drawn] button"));
    var found = document.getElementById(pressed.id) || all.filter(function (each) {
      return each.dataset.about === pressed.about;
    })[0];
    if (found) { found.focus({ preventScroll: pressed.byHand }); }
    pressed = null;
  }

  function drawAll() {
    var drew = false;
    document.querySelectorAll("[data-drawn]").forEach(function (place) {
      if (place.drawnFrom !== place.dataset.drawn) {
        place.drawnFrom = place.dataset.drawn;
        draw(place);
        drew = true;
      }
    });
    if (drew) { again(); }
  }

  new MutationObserver(drawAll).observe(document.documentElement, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["data-drawn"]
  });
})();
