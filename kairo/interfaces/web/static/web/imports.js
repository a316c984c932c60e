// The form that sends a file: dropping one, what was chosen, how many bytes are sent, and stopping.
"use strict";

(() => {
  const form = document.querySelector("[data-import]");
  if (!form) return;
  const part = (name) => form.querySelector(`[data-${name}]`);
  const input = form.elements.file;
  const complaint = form.querySelector("#import-complaint");
  const panel = form.closest("details");
  const language = document.documentElement.lang;

  function bytes(count) {
    const [size, unit] = count >= 1e6 ? [1e6, "megabyte"] : count >= 1e3 ? [1e3, "kilobyte"] : [1, "byte"];
    const style = { style: "unit", unit, unitDisplay: unit === "byte" ? "long" : "short", maximumSignificantDigits: 3 };
    return new Intl.NumberFormat(language, style).format(count / size);
  }

  function complain(words) {
    complaint.replaceChildren();
    if (!words) return;
    const banner = document.createElement("p");
    banner.className = "banner banner-error";
    banner.setAttribute("role", "alert");
    banner.textContent = words;
    complaint.append(banner);
  }

  function wrongWith(file) {
    if (file.size > Number(form.dataset.maxBytes)) return form.dataset.tooLarge.replace("{size}", bytes(file.size));
    return file.size === 0 ? form.dataset.empty : "";
  }

  function look() {
    const file = input.files[0];
    part("chosen").textContent = file ? `${file.name}, ${bytes(file.size)}` : "";
    complain(file ? wrongWith(file) : "");
  }

  input.addEventListener("change", look);

  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");

  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    if (panel) panel.open = true;
    part("drop").classList.add("drop-over");
  });

  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) part("drop").classList.remove("drop-over");
  });

  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    part("drop").classList.remove("drop-over");
    if (event.dataTransfer.files.length !== 1) {
      complain(form.dataset.one);
      return;
    }
    input.files = event.dataTransfer.files;
    look();
    form.querySelector("button[type=submit]").focus();
  });

  function showSending(isSending) {
    part("sending").hidden = !isSending;
    part("stop").hidden = !isSending;
    if (isSending) {
      part("sending").querySelector("progress").removeAttribute("value");
      part("sent-words").textContent = "";
    }
  }

  form.addEventListener("htmx:confirm", (event) => {
    const file = input.files[0];
    if (event.target === form && file && wrongWith(file)) {
      event.preventDefault();
      complain(wrongWith(file));
    }
  });

  form.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target !== form) return;
    complain("");
    showSending(true);
  });

  form.addEventListener("htmx:xhr:progress", (event) => {
    const { loaded, total, lengthComputable } = event.detail;
    if (!lengthComputable || event.target !== form) return;
    const bar = part("sending").querySelector("progress");
    bar.max = total;
    bar.value = loaded;
    const words = form.dataset.sent.replace("{sent}", bytes(loaded)).replace("{total}", bytes(total));
    part("sent-words").textContent = loaded < total ? words : form.dataset.arrived;
  });

  form.addEventListener("htmx:afterRequest", (event) => {
    // On success the browser is on its way to the import's own page.
    if (event.target === form && !event.detail.xhr.getResponseHeader("HX-Redirect")) showSending(false);
  });

  part("stop").addEventListener("click", () => {
    htmx.trigger(form, "htmx:abort");
    form.querySelector("button[type=submit]").focus();
  });
})();
