// A button that was pressed shows at once that it works, and does its work once. A file on its way
// shows how far it is. Without this module forms are sent as forms are.

const SLOW_MS = 1000;
const LARGE_BYTES = 1_000_000;
const LONGEST_MS = 120_000; // an answer that is a file leaves the page where it is
const told = document.getElementById("working");

const buttonsOf = (form) => [...form.elements].filter((one) => one.type === "submit");

function begin(form, submitter) {
  form.setAttribute("aria-busy", "true");
  submitter?.setAttribute("data-working", "");
  // Not before the browser has read which button it was.
  setTimeout(() => buttonsOf(form).forEach((one) => (one.disabled = true)));
  const slow = setTimeout(() => tell(), SLOW_MS);
  setTimeout(() => end(form, slow), LONGEST_MS);
  return slow;
}

function end(form, slow) {
  clearTimeout(slow);
  form.removeAttribute("aria-busy");
  for (const one of buttonsOf(form)) {
    one.disabled = false;
    one.removeAttribute("data-working");
  }
  told.hidden = true;
}

function tell(sent, total) {
  const bar = told.querySelector("progress");
  if (total) {
    bar.max = total;
    bar.value = sent;
  } else {
    bar.removeAttribute("value");
  }
  told.hidden = false;
}

const bytesOf = (form) =>
  [...form.elements]
    .flatMap((one) => (one.type === "file" ? [...one.files] : []))
    .reduce((sum, file) => sum + file.size, 0);

// A large file is sent by a request that tells how far it is; where a form would lead elsewhere,
// the answer names the address (`ui.middleware.SentByScript`).
function send(form, submitter, slow) {
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) tell(event.loaded, event.total);
  });
  request.upload.addEventListener("load", () => tell());
  request.addEventListener("load", () => show(request));
  request.addEventListener("error", () => {
    end(form, slow);
    HTMLFormElement.prototype.submit.call(form); // the browser's own words for what is wrong
  });
  request.open("POST", form.action);
  request.setRequestHeader("Chauban-Upload", "1");
  request.responseType = "document";
  request.send(new FormData(form, submitter));
}

function show(request) {
  const next = request.getResponseHeader("Chauban-Next");
  const main = request.response?.querySelector("main");
  if (next) {
    location.assign(next);
  } else if (main) {
    // A refusal, or what was found: in place of this page, as after a form.
    document.title = request.response.title;
    history.pushState(null, "", request.responseURL);
    document.querySelector("main").replaceWith(document.adoptNode(main));
    told.hidden = true;
    window.htmx?.process(main);
    main.focus();
    scrollTo(0, 0);
  } else {
    location.reload();
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post]")) return;
  if (form.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    return;
  }
  const slow = begin(form, event.submitter);
  if (bytesOf(form) > LARGE_BYTES && !form.target) {
    event.preventDefault();
    send(form, event.submitter, slow);
  }
});
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[aria-busy]")) end(form);
});
