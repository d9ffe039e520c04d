// The keyboard: what each key does stands in the page (`ui/keyboard.html`, `aria-keyshortcuts`).
// Without this module every page works: the palette's button is a link to the same search.

const palette = document.getElementById("palette");
const sheet = document.getElementById("shortcuts");
const single = document.getElementById("single-keys");
const KEPT = "chauban-single-keys"; // "off": letters alone do nothing here (WCAG 2.1.4)
const TYPING_MS = 120;
const SEQUENCE_MS = 1200;

const rows = () =>
  [...document.querySelectorAll("main .rows > li > a, main table.cards tbody th a")].filter(
    (one) => one.offsetParent,
  );

function step(by) {
  const found = rows();
  const at = found.indexOf(document.activeElement);
  const next = found[at < 0 ? (by > 0 ? 0 : found.length - 1) : at + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

const acts = {
  find: () => open(palette),
  list: () => open(sheet),
  next: () => step(1),
  previous: () => step(-1),
};

function open(dialog) {
  if (dialog.open) return;
  for (const one of document.querySelectorAll("dialog[open]")) one.close();
  if (dialog === sheet) listPageKeys();
  dialog.showModal();
  if (dialog === palette) {
    input.select();
    seek();
  }
}

// The palette

const input = palette.querySelector("input");
const list = palette.querySelector("[role=listbox]");
const told = palette.querySelector("[data-told]");
let asked = 0;
let typing;

const options = () => [...list.querySelectorAll("[role=option]")];

function choose(one) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === one));
  if (one) {
    input.setAttribute("aria-activedescendant", one.id);
    one.scrollIntoView({ block: "nearest" });
  } else {
    input.removeAttribute("aria-activedescendant");
  }
}

async function seek() {
  const turn = ++asked;
  const address = `${palette.dataset.find}?q=${encodeURIComponent(input.value)}`;
  let answer;
  try {
    answer = await fetch(address, { headers: { "HX-Request": "true" } });
  } catch {
    return; // the page stays as it is; the next letter asks again
  }
  if (!answer.ok || answer.redirected) {
    location.reload(); // signed out meanwhile: the server says so
    return;
  }
  const found = await answer.text();
  if (turn !== asked) return; // a later question has been asked
  list.innerHTML = found; // our own server's template, every word in it escaped there
  choose(options()[0]);
  const amount = options().length;
  told.textContent = amount ? `${palette.dataset.some} ${amount}` : palette.dataset.none;
}

input.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(seek, TYPING_MS);
});

input.addEventListener("keydown", (event) => {
  const found = options();
  const at = found.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
  if (to !== undefined && found.length) {
    event.preventDefault();
    choose(found[(to + found.length) % found.length]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    found[at]?.click();
  }
});

for (const dialog of [palette, sheet]) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
}

// Keys

function listPageKeys() {
  const there = sheet.querySelector("[data-page]");
  there.replaceChildren(
    ...[...document.querySelectorAll("main [aria-keyshortcuts]")].map((one) => {
      const [row, keys, words] = ["div", "dt", "dd"].map((tag) => document.createElement(tag));
      const key = document.createElement("kbd");
      key.textContent = one.getAttribute("aria-keyshortcuts");
      keys.append(key);
      words.textContent = one.textContent.trim();
      row.append(keys, words);
      return row;
    }),
  );
}

const table = new Map(
  [...sheet.querySelectorAll("[data-keys]")].map((one) => [one.dataset.keys, one.dataset]),
);
let before = "";
let forgetting;

function perform(keys) {
  const known = table.get(keys);
  if (known?.act) acts[known.act]();
  else if (known?.go) location.assign(known.go);
  else {
    const own = document.querySelector(`main [aria-keyshortcuts="${CSS.escape(keys)}"]`);
    own?.focus();
    own?.click();
    return Boolean(own);
  }
  return true;
}

const isTyping = (one) =>
  one.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus();
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    perform("Ctrl+K");
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
  if (!single.checked || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const keys = before ? `${before} ${event.key}` : event.key;
  clearTimeout(forgetting);
  before = "";
  if (perform(keys) || (keys !== event.key && perform(event.key))) {
    event.preventDefault();
  } else if ([...table.keys()].some((one) => one.startsWith(`${event.key} `))) {
    before = event.key;
    forgetting = setTimeout(() => (before = ""), SEQUENCE_MS);
  }
});

const chosen = document.documentElement.dataset.singleKeys; // by the account, for every machine
single.checked = chosen !== "off" && localStorage.getItem(KEPT) !== "off";
single.addEventListener("change", () => localStorage.setItem(KEPT, single.checked ? "on" : "off"));

for (const one of document.querySelectorAll("[data-opens]")) {
  one.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    acts[one.dataset.opens]();
  });
}

// A menu closes when one is done with it.

function closeMenus(but) {
  for (const one of document.querySelectorAll("details.who[open]")) {
    if (one === but) continue;
    if (one.contains(document.activeElement)) one.querySelector("summary").focus();
    one.open = false;
  }
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.who")));
