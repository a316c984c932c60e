// Draws the links of each [data-lineage] behind its boxes, as the table that it names tells them, and shows the start.
"use strict";

(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const HEAD_PX = 6;
  const BETWEEN_PX = 18; // so far above a box is free of others

  function made(name, attributes) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  }

  // To a box further right: from side to side. To one in a later line: down, between the lines, and down again.
  function drawnFrom(source, target, origin) {
    const from = source.getBoundingClientRect();
    const to = target.getBoundingClientRect();
    if (to.left >= from.right) {
      const [x, y] = [from.right - origin.left, (from.top + from.bottom) / 2 - origin.top];
      const [toX, toY] = [to.left - origin.left, (to.top + to.bottom) / 2 - origin.top];
      const middle = (x + toX) / 2;
      return [
        `M${x} ${y} C${middle} ${y} ${middle} ${toY} ${toX - HEAD_PX} ${toY}`,
        `M${toX} ${toY} l${-HEAD_PX} ${-HEAD_PX / 2} v${HEAD_PX} z`,
      ];
    }
    const [x, y] = [(from.left + from.right) / 2 - origin.left, from.bottom - origin.top];
    const [toX, toY] = [(to.left + to.right) / 2 - origin.left, to.top - origin.top];
    return [
      `M${x} ${y} V${toY - BETWEEN_PX} H${toX} V${toY - HEAD_PX}`,
      `M${toX} ${toY} l${-HEAD_PX / 2} ${-HEAD_PX} h${HEAD_PX} z`,
    ];
  }

  function draw(frame) {
    const chain = frame.querySelector(".lineage");
    const boxes = new Map([...chain.querySelectorAll("[data-node]")].map((box) => [box.dataset.node, box]));
    const arrows = made("svg", { class: "lineage-arrows", "aria-hidden": "true" });
    const origin = chain.getBoundingClientRect();
    for (const row of document.querySelectorAll(`#${frame.dataset.lineage} tr[data-from]`)) {
      const ends = [boxes.get(row.dataset.from), boxes.get(row.dataset.to)];
      const [curve, head] = drawnFrom(...ends, origin);
      arrows.append(made("path", { class: "lineage-arrow", d: curve }), made("path", { class: "lineage-head", d: head }));
    }
    chain.parentElement.querySelector(".lineage-arrows")?.remove();
    chain.before(arrows);
  }

  function showStart(frame) {
    const start = frame.querySelector(".lineage-start").getBoundingClientRect();
    const shown = frame.getBoundingClientRect();
    frame.scrollTop += (start.top + start.bottom) / 2 - (shown.top + shown.bottom) / 2;
  }

  for (const frame of document.querySelectorAll("[data-lineage]")) {
    new ResizeObserver(() => draw(frame)).observe(frame.querySelector(".lineage"));
    draw(frame);
    showStart(frame);
  }
})();
