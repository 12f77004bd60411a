// Says two minutes before somebody is signed out for doing nothing, and what to do. Without it they are signed out all the same.
// The server is asked before anything is said, as work in another tab counts; asking is no activity, pressing the button is.
"use strict";

(() => {
  const bar = document.getElementById("afmelden-over-twee-minuten");
  if (!bar) {
    return;
  }
  const over = document.getElementById("afgemeld");
  const words = bar.querySelector("[data-words]");
  const said = document.getElementById("afmelden-gezegd");
  const { leftUrl, stayUrl, cover } = bar.dataset;
  const WARNING = 120;
  const LOOK_AGAIN = 15;
  const LONGEST_WAIT = 3600;
  let endsAt = Date.now() + Number(bar.dataset.left) * 1000;
  let timer = 0;
  let ended = false;
  let hushed = false;
  let before = null;

  const left = () => (endsAt - Date.now()) / 1000;
  const covered = (yes) => document.documentElement.classList.toggle("pw-covered", yes);

  const wait = (seconds) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(look, Math.min(Math.max(seconds, 1), LONGEST_WAIT) * 1000);
  };

  // What the server says is left, in seconds, counted from when it was asked; null where it cannot be asked.
  const ask = async (address, options) => {
    const asked = Date.now();
    try {
      const answer = await fetch(address, { credentials: "same-origin", cache: "no-store", redirect: "error", ...options });
      if (!answer.ok && answer.status !== 401) {
        return null;
      }
      const seconds = answer.ok ? Number((await answer.json()).left) : 0;
      endsAt = asked + seconds * 1000;
      return seconds;
    } catch {
      return null;
    }
  };

  const typing = (element) => element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));

  const warn = () => {
    if (!bar.hidden || hushed) {
      return;
    }
    before = document.activeElement;
    bar.hidden = false;
    words.textContent = words.dataset.first;
    if (typing(before)) {
      said.textContent = bar.querySelector("h2").textContent + ". " + words.textContent;
    } else {
      bar.querySelector("[data-stay]").focus();
    }
  };

  const hide = () => {
    if (bar.hidden) {
      return;
    }
    const inside = bar.contains(document.activeElement);
    bar.hidden = true;
    said.textContent = "";
    if (inside && before && before.isConnected) {
      before.focus();
    }
  };

  const end = () => {
    ended = true;
    window.clearTimeout(timer);
    hide();
    if (cover) {
      covered(true);
      for (const element of [...document.body.children]) {
        if (element !== over && element.tagName !== "SCRIPT") {
          element.remove();
        }
      }
      document.title = over.dataset.title;
    }
    over.hidden = false;
    over.focus();
  };

  // The moment has come to look: is there really so little left, or did another tab go on?
  const look = async () => {
    if (ended) {
      return;
    }
    if (cover && left() <= 0) {
      covered(true);
    }
    await ask(leftUrl);
    if (left() <= 0) {
      end();
      return;
    }
    covered(false);
    if (left() > WARNING) {
      hushed = false;
      hide();
      wait(left() - WARNING);
    } else {
      warn();
      wait(Math.min(LOOK_AGAIN, left()));
    }
  };

  const stay = async () => {
    const token = bar.querySelector("[name=csrf_token]").value;
    const found = await ask(stayUrl, { method: "POST", body: new URLSearchParams({ csrf_token: token }) });
    if (found === null) {
      words.textContent = words.dataset.failed;
      return;
    }
    if (left() <= 0) {
      end();
    } else if (left() <= WARNING) {
      words.textContent = words.dataset.longest;
    } else {
      hide();
      wait(left() - WARNING);
    }
  };

  bar.querySelector("[data-stay]").addEventListener("click", stay);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !bar.hidden) {
      hushed = true;
      hide();
    }
  });
  // A machine that slept, or a page that comes back from the browser's own store, looks at once.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && left() <= WARNING) {
      look();
    }
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      look();
    }
  });
  wait(left() - WARNING);
})();
