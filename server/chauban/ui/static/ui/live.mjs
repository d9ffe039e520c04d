// An open page stays true: its counters are asked again now and then, and what has come meanwhile
// is said beside what one reads, which never moves. Nothing is asked while nobody looks.

const nav = document.getElementById("places");
const news = document.getElementById("news");
const EVERY_MS = Number(nav.dataset.every) * 1000;
const LONGEST_MS = 600_000;
const MOST_SHOWN = 3;
const came = new Map(); // how many have come to a list since one opened the page, by its key
let mark = nav.dataset.mark;
let pause = EVERY_MS;
let asked = Date.now();
let timer;
let signedIn = true;

function plan() {
  clearTimeout(timer);
  // Not all at the same moment.
  if (signedIn && !document.hidden) timer = setTimeout(ask, pause * (0.8 + 0.4 * Math.random()));
}

async function ask() {
  asked = Date.now();
  try {
    const answer = await fetch(nav.dataset.live, {
      headers: { "If-None-Match": mark },
      redirect: "error",
    });
    if (answer.status === 200) {
      mark = answer.headers.get("ETag");
      show(await answer.json());
    } else if (answer.status === 204) {
      signedIn = false; // the page one reads stays as it is
    } else if (answer.status !== 304) {
      throw new Error(answer.status);
    }
    pause = EVERY_MS;
  } catch {
    pause = Math.min(2 * pause, LONGEST_MS);
  }
  plan();
}

function show(counts) {
  for (const [key, count] of Object.entries(counts)) {
    const counter = nav.querySelector(`[data-count="${CSS.escape(key)}"]`);
    if (!counter) continue;
    const more = count - Number(counter.textContent);
    for (const one of document.querySelectorAll(`[data-count="${CSS.escape(key)}"]`)) {
      one.textContent = count;
      one.closest("[data-zero], .count, .tile").toggleAttribute("data-zero", !count);
    }
    if (more && !counter.hasAttribute("data-quiet")) {
      came.set(key, Math.max(0, (came.get(key) ?? 0) + more));
    }
  }
  tell();
}

function tell() {
  const shown = [...came].filter(([, count]) => count).slice(0, MOST_SHOWN);
  const said = shown.map(([key, count]) => `${key} ${count}`).join();
  if (said === news.dataset.said) return;
  news.dataset.said = said;
  news.replaceChildren(...shown.map(([key, count]) => linkTo(key, count)));
  if (shown.length) news.append(closing());
}

function linkTo(key, count) {
  const link = document.createElement("a");
  const place = document.getElementById(`to-${key}`);
  const isHere = document.querySelector(`main [data-lists="${CSS.escape(key)}"]`);
  link.href = isHere ? location.pathname + location.search : place.href;
  link.className = "btn btn-small btn-primary";
  const name = place.querySelector("[data-name]").textContent;
  link.textContent = `${news.dataset.some.replace("{n}", count)}: ${name}`;
  return link;
}

function closing() {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-small";
  button.textContent = news.dataset.close;
  button.addEventListener("click", () => {
    came.clear();
    tell();
    document.getElementById("content").focus({ preventScroll: true });
  });
  return button;
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (document.hidden || !signedIn) return;
  if (Date.now() - asked >= pause) ask();
  else plan();
});
addEventListener("pageshow", (event) => {
  if (event.persisted) ask(); // out of the browser's memory, after going back
});
plan();

// Where no page can be fetched, one of ours says so; see `ui/service-worker.js`.
navigator.serviceWorker?.register(nav.dataset.worker);
