// A button that copies a field. Without it the words are selected and copied by hand, so the button only shows where it works.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  if (field && navigator.clipboard) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(field.value);
      button.firstElementChild.textContent = button.dataset.copied;
    });
  }
}
