// Draws each [data-chart] from the table that it names: a bar a day, of one count or of several, stacked in [data-colours].
// Who has no script reads the table.
"use strict";

(() => {
  const HEIGHT_PX = 160;
  const HALF_A_DAY_S = 43_200;
  const drawn = new Map();

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // Each series stands on those before it; the tallest is drawn first, so that all are seen.
  function seriesOf(table) {
    const rows = [...table.querySelectorAll("tr[data-day]")];
    const counts = rows.map((row) => row.dataset.counts.split(" ").map(Number));
    const stacked = [...Array(counts[0]?.length ?? 1).keys()].map((last) =>
      counts.map((day) => day.slice(0, last + 1).reduce((sum, count) => sum + count, 0)),
    );
    return [rows.map((row) => Date.parse(`${row.dataset.day}T00:00:00Z`) / 1000), ...stacked.reverse()];
  }

  function axis(format) {
    const font = `12px ${token("--font")}`;
    const line = { stroke: token("--line"), width: 1 };
    return { stroke: token("--soft-ink"), font, grid: line, ticks: { ...line, size: 4 }, values: format };
  }

  function optionsOf(figure) {
    const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
    const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });
    const count = new Intl.NumberFormat(language);
    return {
      width: figure.clientWidth,
      height: HEIGHT_PX,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { range: (chart, first, last) => [first - HALF_A_DAY_S, last + HALF_A_DAY_S] },
        y: { range: (chart, low, high) => [0, Math.max(4, high * 1.08)] },
      },
      axes: [
        { ...axis((chart, ticks) => ticks.map((tick) => day.format(new Date(tick * 1000)))), grid: { show: false }, space: 64 },
        {
          ...axis((chart, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? count.format(tick) : ""))),
          size: 44,
          space: 36,
        },
      ],
      series: [
        {},
        ...(figure.dataset.colours ?? "--soft-ink").split(" ").reverse().map((name) => ({
          paths: uPlot.paths.bars({ size: [0.75, 28], radius: figure.dataset.colours ? 0 : 0.15 }),
          fill: token(name),
          points: { show: false },
        })),
      ],
    };
  }

  function draw(figure) {
    drawn.get(figure)?.destroy();
    drawn.set(figure, new uPlot(optionsOf(figure), seriesOf(document.getElementById(figure.dataset.chart)), figure));
  }

  const fit = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const chart = drawn.get(target);
      if (chart && contentRect.width && chart.width !== contentRect.width) {
        chart.setSize({ width: contentRect.width, height: HEIGHT_PX });
      }
    }
  });

  const figures = [...document.querySelectorAll("[data-chart]")];
  for (const figure of figures) {
    draw(figure);
    fit.observe(figure);
  }
  // The colours are drawn into a canvas, which no stylesheet reaches.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => figures.forEach(draw));
})();
