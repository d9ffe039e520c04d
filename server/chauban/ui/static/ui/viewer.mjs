// The viewer of a document's pages: pdf.js draws, this shows. What it says stands in the page
// (`ui/viewer.html`). Without this module the page has a link to the file.

const PDFJS = new URL("../vendor/pdfjs-dist@6.5.438/", import.meta.url);
const STEP = 1.2;
const SMALLEST = 0.25;
const LARGEST = 5;
const WIDEST_FIT = 1.8; // a letter on a wide screen is not blown up
const NEAR = "600px"; // pages this far from sight are drawn
const MOST_DRAWN = 12; // pages kept as pictures; further ones are drawn again when they come
const MOST_PIXELS = 2 ** 24; // of one picture; phones refuse more
const SEARCHED_PAGES = 80; // their words are in the page before they are seen, for Ctrl+F
const THUMBNAIL_WIDTH = 110;
const PIECE_BYTES = 2 ** 18; // of a large file, asked for as its pages are

let library; // pdf.js, once somebody looks at a page
const pdfjs = () =>
  (library ??= import(new URL("pdf.min.mjs", PDFJS)).then((it) => {
    it.GlobalWorkerOptions.workerSrc = new URL("pdf.worker.min.mjs", PDFJS).href;
    return it;
  }));

const element = (tag, name, attributes = {}) => {
  const made = document.createElement(tag);
  if (name) made.className = name;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};
const between = (least, value, most) => Math.min(Math.max(value, least), most);

/** One page: its place in the document, its picture and its words. */
class Sheet {
  constructor(number, size, label) {
    this.number = number;
    this.size = size; // in points, until the page itself is known
    this.box = element("div", "viewer-page", { role: "group", "aria-label": label });
    this.box.sheet = this;
    this.words = null; // the promise of its text layer
    this.drawn = 0; // the scale of its picture in device pixels; 0: none
    this.task = null;
  }

  fit(scale) {
    const { style } = this.box;
    style.width = `${Math.floor(this.size.width * scale)}px`;
    style.height = `${Math.floor(this.size.height * scale)}px`;
    style.setProperty("--total-scale-factor", scale);
    style.setProperty("--scale-round-x", "1px");
    style.setProperty("--scale-round-y", "1px");
  }

  erase() {
    this.task?.cancel();
    this.box.querySelector("canvas")?.remove();
    this.drawn = 0;
  }
}

class Viewer {
  constructor(root) {
    this.root = root;
    this.bar = root.querySelector(".viewer-bar");
    this.scroller = root.querySelector(".viewer-pages");
    this.strip = root.querySelector(".viewer-thumbnails");
    this.input = root.querySelector("#viewer-page");
    this.said = root.querySelector("[data-said]");
    this.files = root.querySelector("[data-files]");
    this.plain = root.querySelector(".viewer-plain");
    this.url = this.files?.value ?? this.plain.querySelector("a").href;
    this.sheets = [];
    this.scale = 1;
    this.isFitted = true;
    this.acts = {
      thumbnails: () => this.toggleStrip(),
      previous: () => this.show(this.page - 1),
      next: () => this.show(this.page + 1),
      smaller: () => this.zoom(this.scale / STEP),
      larger: () => this.zoom(this.scale * STEP),
      fit: () => this.fit(),
      whole: () => this.open(),
      close: () => history.back(),
    };
    this.listen();
    this.bar.hidden = false;
    this.plain.hidden = true;
    root.classList.add("is-ready");
  }

  listen() {
    this.root.addEventListener("click", (event) => {
      this.acts[event.target.closest("[data-act]")?.dataset.act]?.();
    });
    this.input.addEventListener("change", () => this.show(Number(this.input.value) || 1));
    this.files?.addEventListener("change", () => this.load(this.files.value));
    this.scroller.addEventListener("scroll", () => this.follow(), { passive: true });
    this.scroller.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.seen = new IntersectionObserver((entries) => this.see(entries), {
      root: this.scroller,
      rootMargin: NEAR,
    });
    this.stripSeen = new IntersectionObserver(
      (entries) => {
        for (const one of entries) if (one.isIntersecting) this.drawThumbnail(one.target);
      },
      { root: this.strip, rootMargin: "200px" },
    );
    // It opens a file when there is room to show it: on a narrow screen when one asks for it.
    new ResizeObserver(() => {
      if (!this.scroller.clientWidth) return;
      if (!this.loading) this.load(this.url);
      else if (this.isFitted) this.fit();
    }).observe(this.scroller);
  }

  // Opening

  load(url) {
    this.url = url;
    this.loading = this.read(url).catch((error) => this.fail(error));
    return this.loading;
  }

  async read(url) {
    this.close();
    const chosen = this.files && [...this.files.options].find((one) => one.value === url);
    if (chosen) {
      this.files.value = url;
      this.scroller.setAttribute("aria-label", chosen.text);
      for (const one of this.root.querySelectorAll("[data-download][href]"))
        one.href = chosen.dataset.download;
    }
    const { getDocument } = await pdfjs();
    const task = getDocument({
      url,
      useWasm: false, // the page's policy forbids it; plain JavaScript does the same
      wasmUrl: PDFJS.href,
      standardFontDataUrl: new URL("standard_fonts/", PDFJS).href,
      disableWorkerRendering: true,
      disableAutoFetch: true,
      disableStream: true,
      rangeChunkSize: PIECE_BYTES,
      enableXfa: false,
      verbosity: 0, // what is wrong with a file is said in the page
    });
    this.task = task;
    const pdf = await task.promise;
    if (this.task !== task) return; // another file was asked for meanwhile
    this.pdf = pdf;
    const first = (await pdf.getPage(1)).getViewport({ scale: 1 });
    this.sheets = Array.from(
      { length: pdf.numPages },
      (_, at) => new Sheet(at + 1, first, this.name(at + 1, pdf.numPages)),
    );
    this.scroller.append(...this.sheets.map((one) => one.box));
    this.root.querySelector("[data-total]").textContent = `/ ${pdf.numPages}`;
    this.isFitted = true;
    this.layOut(this.fitting());
    for (const one of this.sheets) this.seen.observe(one.box);
    this.fillStrip();
    this.follow();
    await this.draw(this.sheets[0]);
    this.root.dataset.pages = pdf.numPages; // all is there
    this.readAhead(pdf);
  }

  /** The words of all pages of a document of ordinary length, for the browser's own search. */
  async readAhead(pdf) {
    for (const sheet of this.sheets.slice(0, SEARCHED_PAGES)) {
      if (this.pdf !== pdf) return;
      await this.write(sheet).catch(() => null);
    }
  }

  close() {
    this.task?.destroy();
    this.seen.disconnect();
    this.stripSeen.disconnect();
    for (const one of this.sheets) one.box.remove();
    this.sheets = [];
    this.pdf = null;
    delete this.root.dataset.pages;
    this.strip.replaceChildren();
    this.trouble("");
  }

  fail(error) {
    if (error?.name === "AbortException" || /destroyed/.test(error?.message)) return;
    const kinds = { PasswordException: "locked", ResponseException: "absent", TypeError: "absent" };
    this.trouble(kinds[error?.name] ?? "broken");
    console.info(`viewer: ${error}`);
  }

  trouble(kind) {
    const panel = this.root.querySelector(".viewer-trouble");
    panel.hidden = !kind;
    for (const one of panel.querySelectorAll("[data-trouble]"))
      one.hidden = one.dataset.trouble !== kind;
  }

  // Drawing

  see(entries) {
    for (const one of entries) {
      one.target.sheet.isNear = one.isIntersecting;
      if (one.isIntersecting) this.draw(one.target.sheet).catch((error) => this.quiet(error));
    }
  }

  quiet(error) {
    if (this.pdf) this.fail(error);
  }

  async draw(sheet) {
    const { pdf } = this;
    const page = await pdf.getPage(sheet.number);
    if (this.pdf !== pdf) return;
    const own = page.getViewport({ scale: 1 });
    if (own.width !== sheet.size.width || own.height !== sheet.size.height) {
      sheet.size = own;
      sheet.fit(this.scale);
    }
    const most = Math.sqrt(MOST_PIXELS / (own.width * own.height));
    const scale = Math.min(this.scale * devicePixelRatio, most);
    if (sheet.drawn === scale) return;
    sheet.task?.cancel();
    sheet.drawn = scale;
    const viewport = page.getViewport({ scale });
    const canvas = element("canvas", "", { "aria-hidden": "true" });
    canvas.width = Math.floor(viewport.width);
    canvas.height = Math.floor(viewport.height);
    sheet.task = page.render({ canvas, viewport });
    try {
      await sheet.task.promise;
    } catch (error) {
      if (error?.name === "RenderingCancelledException") return; // drawn anew, or far from sight
      sheet.drawn = 0;
      throw error;
    }
    sheet.box.querySelector("canvas")?.remove();
    sheet.box.prepend(canvas);
    sheet.task = null;
    this.forget(sheet);
    await this.write(sheet);
  }

  /** Pictures far from what is seen go, so that a long document does not fill the memory. */
  forget(kept) {
    const drawn = this.sheets.filter((one) => one.drawn && !one.isNear && one !== kept);
    drawn.sort((a, b) => Math.abs(b.number - kept.number) - Math.abs(a.number - kept.number));
    for (const one of drawn.slice(0, Math.max(0, drawn.length - MOST_DRAWN))) one.erase();
  }

  write(sheet) {
    sheet.words ??= this.writeWords(sheet);
    return sheet.words;
  }

  async writeWords(sheet) {
    const [{ TextLayer }, page] = await Promise.all([pdfjs(), this.pdf.getPage(sheet.number)]);
    const viewport = page.getViewport({ scale: 1 });
    const container = element("div", "textLayer");
    const textContentSource = await page.getTextContent();
    await new TextLayer({ textContentSource, container, viewport }).render();
    // What fields hold (number and date of a document) is no text of the page itself.
    for (const field of await page.getAnnotations()) {
      if (field.fieldType !== "Tx" || !field.fieldValue || field.hidden) continue;
      const words = element("span", "", { role: "presentation" });
      words.textContent = field.fieldValue;
      place(words, field.rect, viewport);
      container.append(words);
    }
    sheet.box.append(container);
  }

  // Size

  fitting() {
    const style = getComputedStyle(this.scroller);
    const room =
      this.scroller.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const widest = Math.max(...this.sheets.map((one) => one.size.width));
    return between(SMALLEST, room / widest, WIDEST_FIT);
  }

  fit() {
    if (!this.sheets.length) return;
    this.isFitted = true;
    this.layOut(this.fitting());
  }

  zoom(scale) {
    this.isFitted = false;
    this.layOut(between(SMALLEST, scale, LARGEST));
  }

  /** Show all pages at that scale; what stands at the top stays there. */
  layOut(scale) {
    const sheet = this.sheets[this.page - 1];
    const before = sheet && this.scroller.scrollTop - sheet.box.offsetTop;
    const grown = scale / this.scale;
    this.scale = scale;
    for (const one of this.sheets) one.fit(scale);
    if (sheet) this.scroller.scrollTop = sheet.box.offsetTop + before * grown;
    this.root.querySelector("[data-scale]").textContent = `${Math.round(scale * 75)} %`;
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      for (const one of this.sheets)
        if (one.isNear) this.draw(one).catch((error) => this.quiet(error));
    }, 120);
  }

  wheel(event) {
    if (!event.ctrlKey) return;
    event.preventDefault();
    this.zoom(this.scale * Math.exp(-event.deltaY / 300));
  }

  // Where one is

  name(number, total) {
    return `${this.root.dataset.pageName} ${number}/${total}`;
  }

  /** The page that stands at a third of the height. */
  get page() {
    const line = this.scroller.scrollTop + this.scroller.clientHeight / 3;
    const below = this.sheets.findIndex((one) => one.box.offsetTop + one.box.offsetHeight > line);
    return below < 0 ? Math.max(1, this.sheets.length) : below + 1;
  }

  follow() {
    const { page } = this;
    if (document.activeElement !== this.input) this.input.value = page;
    const buttons = [...this.strip.querySelectorAll("button")];
    for (const [at, one] of buttons.entries()) {
      if (at + 1 === page) one.setAttribute("aria-current", "true");
      else one.removeAttribute("aria-current");
    }
    if (!this.strip.hidden) buttons[page - 1]?.scrollIntoView({ block: "nearest" });
  }

  show(number) {
    const sheet = this.sheets[between(1, Math.round(number), this.sheets.length) - 1];
    if (!sheet) return;
    this.scroller.scrollTop = sheet.box.offsetTop - parseFloat(getComputedStyle(this.scroller).paddingTop);
    this.input.value = sheet.number;
  }

  // The strip of small pictures

  toggleStrip() {
    this.strip.hidden = !this.strip.hidden;
    const button = this.bar.querySelector('[data-act="thumbnails"]');
    button.setAttribute("aria-expanded", String(!this.strip.hidden));
    this.follow();
  }

  fillStrip() {
    for (const sheet of this.sheets) {
      const [item, button] = [element("li"), element("button", "", { type: "button" })];
      const blank = element("canvas", "viewer-blank", { "aria-hidden": "true" });
      blank.width = THUMBNAIL_WIDTH;
      blank.height = Math.round((THUMBNAIL_WIDTH * sheet.size.height) / sheet.size.width);
      const label = element("span");
      label.textContent = sheet.number;
      const spoken = element("span", "visually-hidden");
      spoken.textContent = `${this.root.dataset.pageName} `;
      button.append(blank, spoken, label);
      button.addEventListener("click", () => this.show(sheet.number));
      item.append(button);
      item.sheet = sheet;
      this.strip.append(item);
      this.stripSeen.observe(item);
    }
  }

  async drawThumbnail(item) {
    this.stripSeen.unobserve(item);
    const page = await this.pdf.getPage(item.sheet.number);
    const canvas = item.querySelector("canvas");
    const width = THUMBNAIL_WIDTH * devicePixelRatio;
    const viewport = page.getViewport({ scale: width / page.getViewport({ scale: 1 }).width });
    canvas.width = Math.floor(viewport.width);
    canvas.height = Math.floor(viewport.height);
    await page.render({ canvas, viewport }).promise.catch(() => null);
  }

  // A field of the document

  async mark(name, file) {
    if (file && new URL(file, location.href).href !== new URL(this.url, location.href).href)
      this.load(file);
    if (!this.scroller.clientWidth) this.open();
    await (this.loading ?? this.load(this.url));
    for (const one of this.root.querySelectorAll(".viewer-mark")) one.remove();
    const { sheet, page, field } = await this.find(name);
    const [left, bottom, right, top] = field?.rect ?? [0, 0, 0, 0];
    if (left === right || bottom === top) {
      this.said.textContent = this.root.dataset.unmarked;
      return;
    }
    const box = element("div", "viewer-mark");
    place(box, field.rect, page.getViewport({ scale: 1 }));
    sheet.box.append(box);
    box.scrollIntoView({ block: "center", inline: "nearest" });
    this.said.textContent = `${this.root.dataset.marked} ${sheet.number}.`;
  }

  /** The field of that name, and the page on which it shows. */
  async find(name) {
    for (const sheet of this.sheets) {
      const page = await this.pdf.getPage(sheet.number);
      const field = (await page.getAnnotations()).find((one) => one.fieldName === name);
      if (field) return { sheet, page, field };
    }
    return {};
  }

  // Over the whole page

  get isWhole() {
    return this.root.classList.contains("is-whole");
  }

  open() {
    if (this.isWhole) return history.back();
    this.back = document.activeElement;
    history.pushState({ viewer: true }, "");
    this.root.classList.add("is-whole");
    this.root.setAttribute("role", "dialog");
    this.root.setAttribute("aria-modal", "true");
    this.others = around(this.root).filter((one) => !one.inert);
    for (const one of this.others) one.inert = true;
    this.scroller.focus({ preventScroll: true });
  }

  leave() {
    if (!this.isWhole) return;
    this.root.classList.remove("is-whole");
    this.root.removeAttribute("role");
    this.root.removeAttribute("aria-modal");
    for (const one of this.others) one.inert = false;
    this.back?.focus();
  }
}

/** What stands beside an element, up to the page's body. */
function around(one) {
  const found = [];
  for (let at = one; at !== document.body; at = at.parentElement)
    found.push(...[...at.parentElement.children].filter((other) => other !== at));
  return found;
}

/** Put an element over a rectangle of the page (points, from the lower left). */
function place(one, rect, viewport) {
  const [x1, y1] = viewport.convertToViewportPoint(rect[0], rect[1]);
  const [x2, y2] = viewport.convertToViewportPoint(rect[2], rect[3]);
  const share = (value, whole) => `${((100 * value) / whole).toFixed(3)}%`;
  one.style.left = share(Math.min(x1, x2), viewport.width);
  one.style.top = share(Math.min(y1, y2), viewport.height);
  one.style.width = share(Math.abs(x2 - x1), viewport.width);
  one.style.height = share(Math.abs(y2 - y1), viewport.height);
  if (one.matches("span")) one.style.setProperty("--font-height", `${Math.abs(y2 - y1) * 0.7}px`);
}

const viewers = new Map();
function start() {
  for (const root of document.querySelectorAll(".viewer"))
    if (!viewers.has(root)) viewers.set(root, new Viewer(root));
  for (const root of viewers.keys()) if (!root.isConnected) viewers.delete(root);
  for (const one of document.querySelectorAll("button[data-field]")) one.hidden = !viewers.size;
}
const current = () => [...viewers.values()].at(-1);

document.addEventListener("click", (event) => {
  const viewer = current();
  const opener = event.target.closest("[data-opens-viewer], [data-field]");
  if (!viewer || !opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (opener.dataset.field) viewer.mark(opener.dataset.field, opener.dataset.file);
  else {
    const file = opener.getAttribute("href");
    if (viewer.files && file && file !== viewer.url) viewer.load(file);
    if (!viewer.scroller.clientWidth) viewer.open();
    else viewer.scroller.focus();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && current()?.isWhole && !document.querySelector("dialog[open]"))
    history.back();
});
addEventListener("popstate", () => current()?.leave());
document.addEventListener("htmx:load", start); // a part of the page was drawn anew
start();
