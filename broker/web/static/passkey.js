// Asks the browser for a passkey and sends its answer with the form. Without it the page says what else can be done.
"use strict";

(() => {
  const form = document.querySelector("form[data-passkey]");
  if (!form || !window.PublicKeyCredential || !navigator.credentials) {
    return;
  }
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  const asked = async () => {
    const body = new URLSearchParams(new FormData(form));
    body.delete("huidig"); // the password goes with the answer only
    const answer = await fetch(form.dataset.passkey, { method: "POST", body });
    if (!answer.ok || answer.redirected) {
      return null;
    }
    const options = await answer.json();
    options.challenge = bytes(options.challenge);
    return options;
  };
  const made = (options) => {
    options.user.id = bytes(options.user.id);
    return navigator.credentials.create({ publicKey: { ...options, excludeCredentials: known(options.excludeCredentials) } });
  };
  const signed = (options) =>
    navigator.credentials.get({ publicKey: { ...options, allowCredentials: known(options.allowCredentials) } });
  const written = ({ id, rawId, type, response }) => {
    const said = { clientDataJSON: text(response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[part]) {
        said[part] = text(response[part]);
      }
    }
    return JSON.stringify({ id, rawId: text(rawId), type, response: said });
  };

  const failed = form.querySelector("[data-passkey-failed]");
  let busy = false;
  form.addEventListener("submit", async (event) => {
    // What must be filled in first is for the server to say.
    const [name, password, box] = [form.elements.naam, form.elements.huidig, form.elements.akkoord];
    if ((name && !name.value.trim()) || (password && !password.value) || (box && !box.checked)) {
      return;
    }
    event.preventDefault();
    if (busy) {
      return;
    }
    busy = true;
    failed.hidden = true;
    try {
      const options = await asked();
      if (options === null) {
        window.location.reload();
        return;
      }
      form.elements.antwoord.value = written(await (options.user ? made(options) : signed(options)));
      form.submit();
    } catch {
      failed.hidden = false; // nothing was chosen, it took too long, or the device has one already
    } finally {
      busy = false;
    }
  });

  for (const part of form.querySelectorAll("[data-passkey-with]")) {
    part.hidden = false;
  }
  for (const part of form.querySelectorAll("[data-passkey-without]")) {
    part.hidden = true;
  }
})();
