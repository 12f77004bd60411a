// Small help on top of pages that work without it: the focus goes to what must be put in order, and the stone bar counts along.
"use strict";

(() => {
  const summary = document.getElementById("fouten");
  if (summary) {
    summary.focus();
  }

  for (const words of document.querySelectorAll("[data-count-words]")) {
    const form = words.closest("form");
    if (!form) {
      continue;
    }
    const boxes = () => [...form.elements].filter((element) => element.type === "checkbox" && element.closest(".pw-row-tick"));
    const tell = () => {
      const chosen = boxes().filter((box) => box.checked).length;
      const { none, one, many } = words.dataset;
      words.textContent = chosen === 0 ? none : chosen === 1 ? one : many.replace("{n}", String(chosen));
    };
    form.addEventListener("change", tell);
    // The browser may give back boxes that were ticked before the page was left.
    window.addEventListener("pageshow", tell);
  }

  // A second press on the same button sends nothing a second time; where a file comes and the page stays, it may.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "post" && !("again" in form.dataset)) {
      if (form.dataset.sent) {
        event.preventDefault();
      }
      form.dataset.sent = "yes";
    }
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
    }
  });
})();
