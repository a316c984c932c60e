// What neither HTML nor htmx can do: times in the reader's zone, the drawer, spoken changes, where the focus goes, and
// hearing of a run's events.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const formats = {
    minute: new Intl.DateTimeFormat(language, {
      day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
    }),
    day: new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric" }),
  };

  function localiseTimes(root) {
    for (const time of root.querySelectorAll("time[data-form]")) {
      time.title = time.textContent.trim();
      time.textContent = formats[time.dataset.form].format(new Date(time.dateTime));
      delete time.dataset.form;
    }
  }

  function announce(root) {
    const spoken = root.matches("[data-announce]") ? root : root.querySelector("[data-announce]");
    // The same words again would be read out at every poll.
    if (spoken && byId("announcer").textContent !== spoken.dataset.announce) {
      byId("announcer").textContent = spoken.dataset.announce;
    }
  }

  function keepFocus(root) {
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (root.id === "board" && isLost && !byId("drawer")?.open) {
      (byId("working-title") ?? byId("board-title")).focus({ preventScroll: true });
    }
    // The button that was pressed is gone: its row takes the focus, so that Tab goes on from there.
    if (isLost && root.dataset.focus) byId(root.dataset.focus)?.focus({ preventScroll: true });
  }

  // A chip is a link: with a modifier it opens the post's own page in a new tab, and htmx must not see the click.
  document.addEventListener("click", (event) => {
    const isModified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (isModified && event.target.closest("[data-drawer]")) event.stopImmediatePropagation();
  }, { capture: true });

  document.addEventListener("click", (event) => {
    if (event.target === byId("drawer")) event.target.close();
  });

  function openDrawer(opener) {
    const drawer = byId("drawer");
    byId("drawer-body").replaceChildren(byId("drawer-loading").content.cloneNode(true));
    if (drawer.open) return;
    drawer.showModal();
    // A board that arrived meanwhile took the chip with it.
    drawer.addEventListener("close", () => (opener.isConnected ? opener : byId("board-title"))?.focus(), { once: true });
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target?.id === "drawer-body") openDrawer(event.detail.elt);
  });

  // A fragment about a live run asks again as soon as the run has a new event; without the stream it asks by the clock.
  const EVENTS = [
    "step", "run_complete", "run_fail", "end",
    "department_started", "iteration_complete", "department_complete", "department_evaluated",
    "automation_complete", "automation_cancelled", "automation_failed",
  ];
  const streams = new Map();

  function followRuns() {
    const wanted = new Set(document.hidden ? [] : [...document.querySelectorAll("[data-run]")].map((at) => at.dataset.run));
    for (const [run, stream] of streams) {
      if (!wanted.has(run)) {
        stream.close();
        streams.delete(run);
      }
    }
    for (const run of wanted) {
      if (!streams.has(run)) streams.set(run, follow(run));
    }
  }

  function follow(run) {
    const stream = new EventSource(`/api/runs/${run}/events`);
    for (const type of EVENTS) stream.addEventListener(type, () => tellOf(run));
    stream.addEventListener("end", () => stream.close());
    return stream;
  }

  function tellOf(run) {
    for (const at of document.querySelectorAll(`[data-run="${run}"]`)) {
      const asking = at.closest("[hx-trigger*='run-event']");
      if (asking) htmx.trigger(asking, "run-event");
    }
  }

  document.addEventListener("visibilitychange", followRuns);

  document.addEventListener("htmx:load", (event) => {
    localiseTimes(event.detail.elt);
    followRuns();
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    announce(event.detail.elt);
    keepFocus(event.detail.elt);
  });

  function tellOffline() {
    byId("offline").hidden = false;
    if (byId("drawer")?.open) byId("drawer").close();
  }

  document.addEventListener("htmx:sendError", tellOffline);

  document.addEventListener("htmx:beforeSwap", (event) => {
    // A whole page in place of a fragment is an outage told by something that knows no fragments, a proxy for one.
    if (event.detail.isError && /^\s*<(!doctype|html)/i.test(event.detail.serverResponse)) {
      event.detail.shouldSwap = false;
      tellOffline();
    }
  });

  document.addEventListener("htmx:afterOnLoad", (event) => {
    if (event.detail.successful) byId("offline").hidden = true;
  });

  for (const field of document.querySelectorAll("[data-zone]")) {
    field.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  }

  localiseTimes(document);
})();
