// The texts of a package: whether what was typed is saved, the reader's zone, and leaving with something unsaved.
"use strict";

(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const unsaved = new Set();

  function nameZone(root) {
    for (const field of root.querySelectorAll("[data-zone]")) field.value = zone;
    for (const words of root.querySelectorAll("[data-utc]")) words.remove();
  }

  const formOf = (element) => element?.closest?.("form[data-autosave]");

  document.addEventListener("input", (event) => {
    const form = event.target.closest(".variant-text") && formOf(event.target);
    if (!form) return;
    unsaved.add(form.id);
    const state = form.querySelector("[data-save-state]");
    if (state) state.textContent = document.body.querySelector("[data-unsaved-words]").dataset.unsavedWords;
  });

  // A button decides once, when it is pressed: a save while somebody types must not repeat it.
  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, triggeringEvent, parameters } = event.detail;
    if (!elt.matches("form[data-autosave]") || triggeringEvent?.type === "submit") return;
    delete parameters.decision;
    delete parameters.overwrite;
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = formOf(event.detail.elt);
    if (!form || event.detail.elt !== form || !event.detail.successful) return;
    // What was typed while the answer was on its way is saved by the next request.
    const sent = event.detail.requestConfig.parameters.body;
    const field = form.elements.body;
    if (!field || field.value === sent) unsaved.delete(form.id);
  });

  document.addEventListener("click", (event) => {
    const taken = event.target.closest("[data-take]");
    if (taken) unsaved.delete(formOf(taken)?.id);
  });

  window.addEventListener("beforeunload", (event) => {
    if ([...unsaved].some((id) => document.getElementById(id))) event.preventDefault();
  });

  document.addEventListener("htmx:load", (event) => nameZone(event.detail.elt));
  nameZone(document);
})();
