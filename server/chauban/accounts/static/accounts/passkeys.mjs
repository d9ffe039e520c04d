// Passkeys (WebAuthn): a form with data-passkey="get|create" asks the browser for a credential and
// sends it. What to ask for stands in data-options, or is fetched from data-ask.
// Where the browser knows no passkeys the buttons stay hidden and the other ways remain.

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function decoded(options) {
  const listed = (name) => options[name]?.map((one) => ({ ...one, id: bytes(one.id) }));
  return {
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
    ...(options.allowCredentials && { allowCredentials: listed("allowCredentials") }),
    ...(options.excludeCredentials && { excludeCredentials: listed("excludeCredentials") }),
  };
}

function encoded(credential) {
  const given = credential.response;
  const response = { clientDataJSON: text(given.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (given[name]) response[name] = text(given[name]);
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function asked(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options).publicKey;
  const answer = await fetch(form.dataset.ask, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).request_options.publicKey;
}

async function perform(form) {
  const publicKey = decoded(await asked(form));
  if (form.dataset.passkey === "create") {
    const alone = form.elements.passwordless?.checked;
    publicKey.authenticatorSelection = {
      ...publicKey.authenticatorSelection,
      residentKey: alone ? "required" : "discouraged",
      requireResidentKey: Boolean(alone),
      userVerification: alone ? "required" : "preferred",
    };
    return navigator.credentials.create({ publicKey });
  }
  return navigator.credentials.get({ publicKey });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const told = form.querySelector("[data-told]");
  if (!window.PublicKeyCredential) {
    told.hidden = false;
    continue;
  }
  const button = form.querySelector("button");
  button.hidden = false;
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    told.hidden = true;
    button.disabled = true;
    try {
      form.elements.credential.value = JSON.stringify(encoded(await perform(form)));
      form.submit();
    } catch {
      told.textContent = form.dataset.failed; // cancelled, timed out, or no key that fits
      told.hidden = false;
      button.disabled = false;
    }
  });
}
