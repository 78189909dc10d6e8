// Passkeys (WebAuthn): sign in with one, or add one to the account.
(() => {
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const post = async (path, body, token) => {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token ? { "x-form-token": token } : {}) },
      body: JSON.stringify(body),
    });
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.fault || "");
    return told;
  };

  const told = (credential) => {
    const response = { clientDataJSON: text(credential.response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"])
      if (credential.response[name]) response[name] = text(credential.response[name]);
    return {
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credential.getClientExtensionResults(),
      response,
    };
  };

  const opened = (options) => {
    const asked = options.publicKey;
    asked.challenge = bytes(asked.challenge);
    if (asked.user) asked.user.id = bytes(asked.user.id);
    for (const list of ["allowCredentials", "excludeCredentials"])
      for (const one of asked[list] || []) one.id = bytes(one.id);
    return { publicKey: asked };
  };

  const enter = async () => {
    const { step, options } = await post("/sign-in/passkey/options", {});
    const credential = await navigator.credentials.get(opened(options));
    return post("/sign-in/passkey", { step, credential: told(credential) });
  };

  const add = async (button) => {
    const token = button.dataset.token;
    const { step, options } = await post("/account/passkeys/options", {}, token);
    const credential = await navigator.credentials.create(opened(options));
    const name = document.getElementById("key-name").value;
    return post("/account/passkeys", { step, name, credential: told(credential) }, token);
  };

  for (const button of document.querySelectorAll("[data-passkey]"))
    button.addEventListener("click", async () => {
      const fault = document.querySelector("[data-passkey-fault]");
      fault.hidden = true;
      button.disabled = true;
      try {
        const { go } = await (button.dataset.passkey === "add" ? add(button) : enter());
        location.assign(go);
      } catch (error) {
        const own = error instanceof DOMException || error instanceof TypeError;
        fault.textContent = (!own && error.message) || fault.dataset.none;
        fault.hidden = false;
        button.disabled = false;
      }
    });
})();
