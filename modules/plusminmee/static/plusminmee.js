// Small help on top of pages that work without it: a row opens by double click, a dot is dragged to its place, and the page of
// changes keeps the keyboard until it is closed.
"use strict";

(() => {
  for (const row of document.querySelectorAll("tr[data-open]")) {
    row.addEventListener("dblclick", () => {
      window.location.assign(row.dataset.open);
    });
  }

  const modal = document.querySelector("[data-modal]");
  if (modal) {
    const close = modal.querySelector("button");
    close.focus();
    // The button is all there is to reach: Tab stays on it, Escape is the X, wherever the pointer was put down meanwhile.
    document.addEventListener("keydown", (event) => {
      if (event.key === "Tab") {
        event.preventDefault();
        close.focus();
      } else if (event.key === "Escape") {
        close.form.requestSubmit();
      }
    });
  }

  const form = document.querySelector("form[data-moves]");
  if (form) {
    document.body.classList.add("pmm-can-drag");
    let dragged = null;
    let moved = false;
    let begin = null;
    const targetAt = (event) => {
      const under = document.elementsFromPoint(event.clientX, event.clientY);
      return under.map((element) => element.closest("[data-place]")).find(Boolean) || null;
    };
    const mark = (target) => {
      for (const each of document.querySelectorAll(".pmm-target")) {
        each.classList.remove("pmm-target");
      }
      if (target) {
        target.classList.add("pmm-target");
      }
    };
    const end = () => {
      if (dragged) {
        dragged.classList.remove("pmm-dragged");
      }
      mark(null);
      dragged = null;
    };
    for (const each of document.querySelectorAll("[data-youngster]")) {
      each.addEventListener("dragstart", (event) => event.preventDefault());
      each.addEventListener("pointerdown", (event) => {
        dragged = each;
        moved = false;
        begin = [event.clientX, event.clientY];
      });
      each.addEventListener("click", (event) => {
        if (moved) {
          event.preventDefault();
        }
      });
    }
    window.addEventListener("pointermove", (event) => {
      if (!dragged) {
        return;
      }
      if (!moved && Math.hypot(event.clientX - begin[0], event.clientY - begin[1]) > 6) {
        moved = true;
        dragged.classList.add("pmm-dragged");
      }
      if (moved) {
        mark(targetAt(event));
      }
    });
    window.addEventListener("pointerup", (event) => {
      const target = dragged && moved ? targetAt(event) : null;
      if (target) {
        form.elements.youngster.value = dragged.dataset.youngster;
        form.elements.place.value = target.dataset.place;
        form.requestSubmit();
      }
      end();
    });
    window.addEventListener("pointercancel", end);
  }
})();
