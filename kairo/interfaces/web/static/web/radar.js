// Draws each [data-radar] from the table that it names: a spoke a row, its score against what is good enough.
"use strict";

(() => {
  const RADIUS_PX = 124;
  const FULL = 100;
  const RINGS = [25, 50, 75, 100];
  const ABOVE_PX = 26; // room for a name above and below
  const BESIDE_PX = 12;
  const drawn = new Map();

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function spokesOf(table) {
    return [...table.querySelectorAll("tr[data-axis]")].map((row) => ({
      name: row.dataset.axis,
      score: Number(row.dataset.score ?? 0),
      threshold: Number(row.dataset.threshold),
    }));
  }

  function place(chart, spoke, count, value) {
    const angle = (spoke / count) * 2 * Math.PI - Math.PI / 2;
    const reach = value / FULL;
    return [chart.valToPos(Math.cos(angle) * reach, "x", true), chart.valToPos(-Math.sin(angle) * reach, "y", true)];
  }

  function polygon(chart, values) {
    const path = new Path2D();
    values.forEach((value, spoke) => path[spoke ? "lineTo" : "moveTo"](...place(chart, spoke, values.length, value)));
    path.closePath();
    return path;
  }

  function paint(chart, spokes) {
    const { ctx } = chart;
    const scale = devicePixelRatio || 1;
    const around = (value) => polygon(chart, spokes.map(() => value));
    ctx.save();
    ctx.lineWidth = scale;
    ctx.strokeStyle = token("--line");
    for (const ring of RINGS) ctx.stroke(around(ring));
    spokes.forEach((_, spoke) => {
      ctx.beginPath();
      ctx.moveTo(...place(chart, spoke, spokes.length, 0));
      ctx.lineTo(...place(chart, spoke, spokes.length, FULL));
      ctx.stroke();
    });
    const scores = polygon(chart, spokes.map((one) => one.score));
    ctx.fillStyle = token("--link");
    ctx.globalAlpha = 0.18;
    ctx.fill(scores);
    ctx.globalAlpha = 1;
    ctx.strokeStyle = token("--link");
    ctx.lineWidth = 2 * scale;
    ctx.stroke(scores);
    ctx.strokeStyle = token("--strong-line");
    ctx.setLineDash([5 * scale, 4 * scale]);
    ctx.lineWidth = 1.5 * scale;
    ctx.stroke(polygon(chart, spokes.map((one) => one.threshold)));
    ctx.setLineDash([]);
    names(chart, spokes, scale);
    ctx.restore();
  }

  function names(chart, spokes, scale) {
    const { ctx } = chart;
    ctx.fillStyle = token("--soft-ink");
    ctx.font = `${12 * scale}px ${token("--font")}`;
    spokes.forEach((one, spoke) => {
      const [x, y] = place(chart, spoke, spokes.length, FULL * 1.08);
      const sideways = x - place(chart, spoke, spokes.length, 0)[0];
      ctx.textAlign = Math.abs(sideways) < 8 * scale ? "center" : sideways > 0 ? "left" : "right";
      const upwards = y - place(chart, spoke, spokes.length, 0)[1];
      ctx.textBaseline = Math.abs(upwards) < 8 * scale ? "middle" : upwards > 0 ? "top" : "bottom";
      ctx.fillText(one.name, x, y);
    });
  }

  function widest(spokes) {
    const ctx = document.createElement("canvas").getContext("2d");
    ctx.font = `12px ${token("--font")}`;
    return Math.max(...spokes.map((one) => ctx.measureText(one.name).width));
  }

  function optionsOf(figure, spokes) {
    const width = figure.clientWidth;
    const radius = Math.max(40, Math.min(RADIUS_PX, width / 2 - widest(spokes) - BESIDE_PX));
    const height = 2 * (radius + ABOVE_PX);
    const [wide, high] = [width / 2 / radius, height / 2 / radius];
    const still = { legend: { show: false }, cursor: { show: false } };
    return {
      ...still,
      width,
      height,
      scales: { x: { time: false, range: () => [-wide, wide] }, y: { range: () => [-high, high] } },
      axes: [{ show: false }, { show: false }],
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: { draw: [(chart) => paint(chart, spokes)] },
    };
  }

  function draw(figure) {
    const table = document.getElementById(figure.dataset.radar);
    if (!table || !figure.clientWidth) return;
    drawn.get(figure)?.destroy();
    drawn.set(figure, new uPlot(optionsOf(figure, spokesOf(table)), [[-1, 1], [0, 0]], figure));
  }

  const fit = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      if (contentRect.width && drawn.get(target)?.width !== contentRect.width) draw(target);
    }
  });

  function look() {
    for (const figure of drawn.keys()) {
      if (figure.isConnected) continue;
      drawn.get(figure).destroy();
      drawn.delete(figure);
      fit.unobserve(figure);
    }
    for (const figure of document.querySelectorAll("[data-radar]")) {
      if (drawn.has(figure)) continue;
      draw(figure);
      fit.observe(figure);
    }
  }

  // The colours are drawn into a canvas, which no stylesheet reaches.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => [...drawn.keys()].forEach(draw));
  document.addEventListener("htmx:load", look);
  look();
})();
