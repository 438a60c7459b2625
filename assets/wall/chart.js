// The Plotly chart, which comes last and may fail to come: loads Dash, dresses figures in the colours of the CSS, and
// lays the one graph over the card of the panel that is shown. Until it is ready the card's own columns stay.
(function () {
  "use strict";

  const GRAPH = "wall-chart", BOOTED = 120;
  const wall = window.tabloWall, layer = document.getElementById("wall-chart-layer");
  let shown = "", tries = 0, uncovering = 0;

  // A second copy may come where the first was thought to be lost.
  if (wall.woken) return;
  wall.woken = true;

  function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim(); }

  function faded(hex, part) {
    const number = parseInt(hex.slice(1), 16);
    return "rgba(" + [number >> 16, number >> 8 & 255, number & 255, part].join(",") + ")";
  }

  // Dash's own scripts, asleep in a template, one after the other.
  function wake() {
    const sleeping = document.getElementById("wall-late").content.querySelectorAll("script[src]");
    let left = sleeping.length;
    sleeping.forEach((script) => {
      const awake = document.createElement("script");
      awake.src = script.getAttribute("src");
      awake.async = false;
      awake.onload = () => { left -= 1; if (!left) begin(); };
      document.body.appendChild(awake);
    });
  }

  function begin() {
    window.renderer = new window.DashRenderer();
    look();
  }

  // Plotly is there when the graph has been drawn once; a screen where it never is keeps its columns.
  function look() {
    tries += 1;
    if (window.Plotly && document.querySelector("#" + GRAPH + " .js-plotly-plot")) {
      wall.chart = draw;
      draw();
    } else if (tries < BOOTED) {
      setTimeout(look, 500);
    }
  }

  function hide() {
    layer.classList.remove("ready");
    document.querySelectorAll(".chart.drawn").forEach((card) => card.classList.remove("drawn"));
  }

  function draw() {
    const slot = wall.slot(), figure = wall.figure(slot.id), card = wall.card();
    if (shown !== slot.id) hide();
    shown = slot.id;
    if (!figure || !card) { hide(); return; }
    const box = card.getBoundingClientRect(), rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    // An entering card has not arrived: its place is where the layout puts it, without the movement.
    layer.style.left = offset(card, "offsetLeft") + "px";
    layer.style.top = offset(card, "offsetTop") + "px";
    layer.style.width = card.offsetWidth + "px";
    layer.style.height = card.offsetHeight + "px";
    if (!box.width) return;
    // New columns would be seen for a moment through the chart that is there already.
    card.classList.toggle("drawn", layer.classList.contains("ready"));
    const dress = dressed(figure, rem, card.offsetWidth, card.offsetHeight);
    dress.layout.meta = slot.id;
    window.dash_clientside.set_props(GRAPH, { figure: dress });
    later(slot.id);
  }

  function later(id) {
    clearTimeout(uncovering);
    uncovering = setTimeout(uncover, 350, id);
  }

  function offset(node, side) { return node ? node[side] + offset(node.offsetParent, side) : 0; }

  function uncover(id) {
    const card = wall.card(), plot = document.querySelector("#" + GRAPH + " .js-plotly-plot");
    if (!card || wall.slot().id !== id) return;
    // A slow device may still show the chart of the panel before.
    if (!plot || !plot.layout || plot.layout.meta !== id || !plot.querySelector(".scatterlayer .trace")) {
      later(id);
      return;
    }
    card.classList.add("drawn");
    layer.classList.add("ready");
  }

  function dressed(figure, rem, width, height) {
    const font = { family: "Inter, system-ui, sans-serif", size: 1.5 * rem, color: colour("soft") };
    const axis = { gridcolor: colour("hair"), zeroline: false, showline: false, ticks: "", ticklabelstandoff: Math.round(.6 * rem), fixedrange: true };
    const place = figure.layout.yaxis.ticktext.reduce((most, text) => Math.max(most, text.length), 1);
    const layout = {
      width: width, height: height, font: font, showlegend: false, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      margin: { l: (place * .92 + 3) * rem, r: 2.6 * rem, t: 2 * rem, b: 3.8 * rem },
      xaxis: Object.assign({}, axis, figure.layout.xaxis, { showgrid: false }),
      yaxis: Object.assign({}, axis, figure.layout.yaxis),
      annotations: figure.layout.annotations.map((note) => Object.assign({}, note, {
        font: { family: font.family, size: 1.5 * rem, color: note.name === "plan" ? colour("ink") : colour("soft") },
      })),
    };
    return { data: [].concat.apply([], figure.data.map((line) => traces(line, rem))), layout: layout };
  }

  function traces(line, rem) {
    if (line.meta.role === "usual") return [Object.assign({}, line, { line: { color: faded(colour("soft"), .55), width: .22 * rem } })];
    if (line.meta.role === "plan") return [Object.assign({}, line, { line: { color: colour("ink"), width: .24 * rem, dash: "dash" } })];
    const tone = colour(line.meta.tone), last = line.x.length - 1;
    return [
      Object.assign({}, line, {
        line: { color: tone, width: .45 * rem, shape: "linear" }, fill: "tozeroy",
        fillgradient: { type: "vertical", colorscale: [[0, faded(tone, .02)], [1, faded(tone, .42)]] },
      }),
      {
        type: "scatter", mode: "markers", x: [line.x[last]], y: [line.y[last]], cliponaxis: false,
        marker: { size: 1.25 * rem, color: tone, line: { color: colour("night"), width: .28 * rem } },
      },
    ];
  }

  window.addEventListener("resize", () => { if (wall.chart) draw(); });
  wake();
})();
