// Switches telling on and off in this browser: the browser asks the person, its maker's push
// service gives an address, and that is what the form sends.

const form = document.getElementById("push");
const refusal = document.getElementById("push-refused");
const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

async function subscribe() {
  const worker = await navigator.serviceWorker.ready;
  if ((await Notification.requestPermission()) !== "granted") throw new Error("not granted");
  const applicationServerKey = bytes(form.dataset.key);
  return worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
}

if (form && "PushManager" in window) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.endpoint.value) return; // asked, and answered
    event.preventDefault();
    try {
      const given = await subscribe();
      form.elements.endpoint.value = given.endpoint;
      form.elements.p256dh.value = text(given.getKey("p256dh"));
      form.elements.auth.value = text(given.getKey("auth"));
      form.submit();
    } catch {
      refusal.hidden = false;
    }
  });
}
