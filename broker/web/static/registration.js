// Searches for the organisation while somebody types. Without it the button "Zoek" does the same.
(function () {
  "use strict";
  const results = document.getElementById("gevonden");
  const box = document.getElementById("zoek");
  if (!results || !box || !window.fetch) return;
  let waiting = 0;
  let asked = box.value;
  box.addEventListener("input", function () {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(function () {
      const words = box.value.trim();
      if (words === asked || words.length < 2) return;
      asked = words;
      fetch(results.dataset.address + "&zoek=" + encodeURIComponent(words), { credentials: "same-origin" })
        .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(new Error(String(answer.status))); })
        .then(function (html) { if (box.value.trim() === words) results.innerHTML = html; })
        .catch(function () { asked = ""; });
    }, 250);
  });
})();
