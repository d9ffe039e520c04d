// Draws a picture anew, by what a person can point at and save as an image, from the table below
// it: what is drawn is what the table says, and each mark leads where its figure does. Until
// somebody asks, and without this module, the picture is the server's drawing.

import { canDrawMap, drawMap } from "./map.mjs";

const table = document.getElementById("figures");
const figure = document.getElementById("drawing");
const narrow = () => figure.clientWidth < 560;
const MOST_BARS = 25;

const probe = document.createElement("span");
probe.hidden = true;
figure.append(probe);

export function colour(name) {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

const TONES = {
  good: "good-edge",
  wait: "wait-edge",
  bad: "bad-edge",
  go: "accent-past",
  rest: "edge",
  share: "text",
};

/** The table's rows: their heads, figures and where each leads. */
export const rows = [...table.tBodies[0].rows].map((row) => ({
  facts: row.dataset,
  heads: [...row.querySelectorAll("th, td:not([data-value])")].map((it) => it.textContent),
  cells: [...row.querySelectorAll("td[data-value]")].map((it) => ({
    value: it.dataset.value === "" ? null : Number(it.dataset.value),
    href: it.querySelector("a")?.href,
  })),
}));
const columns = [...table.tHead.querySelectorAll("[data-tone]")].map((it) => ({
  name: it.textContent,
  tone: it.dataset.tone,
}));

const words = () => ({
  color: colour("text"),
  fontFamily: getComputedStyle(document.body).fontFamily,
  fontSize: 13,
});

function common() {
  return {
    animation: false,
    textStyle: words(),
    aria: { enabled: true, decal: { show: true }, label: { description: figure.dataset.about } },
    tooltip: {
      renderMode: "richText",
      confine: true,
      backgroundColor: colour("raised"),
      borderColor: colour("edge"),
      textStyle: words(),
    },
  };
}

const axis = () => ({
  axisLabel: { color: colour("text") },
  axisLine: { lineStyle: { color: colour("edge") } },
  splitLine: { lineStyle: { color: colour("line") } },
});

const legend = (names) => ({
  data: names,
  top: 0,
  left: 0,
  itemGap: 14,
  itemWidth: 22,
  itemHeight: 14,
  textStyle: words(),
  selectedMode: false,
});

/** Which columns are drawn, with their series' colour. */
const drawn = (...tones) =>
  columns
    .map((column, at) => ({ ...column, at }))
    .filter((column) => tones.includes(column.tone));

const bar = (column, found, more) => ({
  type: "bar",
  name: column.name,
  color: colour(TONES[column.tone]),
  data: found.map((row) => ({ value: row.cells[column.at].value || null, href: row.cells[column.at].href })),
  barMaxWidth: 28,
  ...more,
});

const kinds = {
  flow() {
    const wide = Math.min(220, figure.clientWidth * 0.34);
    const ends = new Map();
    const end = (side, name, href) => {
      const key = `${side}:${name}`;
      if (!ends.has(key)) {
        const label = { position: side === "from" ? "left" : "right", formatter: () => brief(name) };
        ends.set(key, { name: key, label, href, itemStyle: { color: colour("accent") } });
      }
      return key;
    };
    const whole = (href, without) => {
      const there = new URL(href);
      there.searchParams.delete(without);
      return there.href;
    };
    // Others stand below all that have a name, whatever their number.
    const isOther = (name) => name === figure.dataset.others;
    const inOrder = (at) => [...rows].sort((a, b) => isOther(a.heads[at]) - isOther(b.heads[at]));
    for (const { heads, cells } of inOrder(0)) end("from", heads[0], whole(cells[0].href, "receiver"));
    for (const { heads, cells } of inOrder(1)) end("to", heads[1], whole(cells[0].href, "sender"));
    const links = rows.map(({ heads: [from, to], cells: [amount, , share] }) => ({
      source: end("from", from),
      target: end("to", to),
      value: amount.value,
      href: amount.href,
      words: `${from} → ${to}: ${amount.value}\n${columns[2].name}: ${share.value}`,
      lineStyle: {
        color: colour(share.value === 100 ? "accent-past" : "wait-edge"),
        opacity: share.value === 100 ? 0.45 : 0.7,
      },
    }));
    const sides = [new Set(links.map((it) => it.source)).size, new Set(links.map((it) => it.target)).size];
    return [
      Math.max(220, Math.max(...sides) * (narrow() ? 34 : 38) + 40),
      {
        ...common(),
        tooltip: { ...common().tooltip, formatter: ({ data }) => data.words ?? data.name.replace(/^\w+:/, "") },
        series: {
          type: "sankey",
          data: [...ends.values()],
          links,
          left: wide,
          right: wide,
          top: 10,
          bottom: 10,
          nodeGap: 14,
          nodeWidth: 12,
          layoutIterations: 0,
          draggable: false,
          emphasis: { focus: "adjacency" },
          label: { ...words(), fontSize: narrow() ? 11 : 13, width: wide - 12, overflow: "truncate" },
        },
      },
    ];
  },

  workload() {
    const found = rows.slice(0, MOST_BARS);
    const series = drawn("bad", "wait", "go", "rest");
    const top = narrow() ? 68 : 40;
    return [
      found.length * (narrow() ? 52 : 34) + top + 40,
      {
        ...common(),
        legend: legend(series.map((it) => it.name)),
        grid: { left: 0, right: 12, top, bottom: 0, containLabel: true },
        xAxis: { type: "value", minInterval: 1, ...axis() },
        yAxis: {
          type: "category",
          inverse: true,
          data: found.map((row) => brief(row.heads[0])),
          ...axis(),
          axisLabel: { ...words(), width: narrow() ? 120 : 260, lineHeight: 15, overflow: "break", interval: 0 },
        },
        series: series.map((column) => bar(column, found, { stack: "all" })),
      },
    ];
  },

  punctuality() {
    const series = drawn("good", "wait", "bad", "rest");
    const [share] = drawn("share");
    const top = narrow() ? 112 : 64;
    return [
      380,
      {
        ...common(),
        legend: legend([...series, share].map((it) => it.name)),
        grid: { left: 0, right: 0, top, bottom: 0, containLabel: true },
        xAxis: {
          type: "category",
          data: rows.map((row) => row.heads[0].slice(0, 5)),
          ...axis(),
        },
        yAxis: [
          { type: "value", minInterval: 1, ...axis() },
          { type: "value", min: 0, max: 100, ...axis(), splitLine: { show: false }, axisLabel: { ...words(), formatter: "{value}%" } },
        ],
        series: [
          ...series.map((column) => bar(column, rows, { stack: "all" })),
          {
            type: "line",
            name: share.name,
            yAxisIndex: 1,
            color: colour("text"),
            symbol: "diamond",
            symbolSize: 9,
            data: rows.map((row) => ({ value: row.cells[share.at].value, href: row.cells[0].href })),
          },
        ],
      },
    ];
  },

  hours() {
    const spans = columns.map((column, at) => ({ name: column.name, at }));
    const most = Math.max(...rows.flatMap((row) => row.cells.map((cell) => cell.value)));
    const [from, to] = [colour("surface"), colour("accent-past")];
    const data = rows.flatMap((row, day) =>
      spans.map(({ at }) => {
        const { value, href } = row.cells[at];
        return {
          value: [day, at, value],
          href,
          words: `${row.heads[0]}, ${spans[at].name}: ${value}`,
          itemStyle: { color: mixed(from, to, value / most), borderColor: colour("line"), borderWidth: 1 },
        };
      }),
    );
    return [
      spans.length * 30 + 40,
      {
        ...common(),
        aria: { ...common().aria, decal: { show: false } }, // each cell says its number
        tooltip: { ...common().tooltip, formatter: ({ data: it }) => it.words },
        grid: { left: 0, right: 4, top: 28, bottom: 0, containLabel: true },
        xAxis: { type: "category", position: "top", data: rows.map((row) => (narrow() ? row.facts.short : row.heads[0])), ...axis(), axisLabel: { ...words(), interval: 0 } },
        yAxis: { type: "category", inverse: true, data: spans.map((it) => it.name), ...axis() },
        series: {
          type: "heatmap",
          data,
          label: { show: true, color: colour("text"), formatter: ({ value }) => value[2] || "" },
        },
      },
    ];
  },
};

/** A committee's name as offices abbreviate it: there is little room beside a mark. */
const brief = (name) => name.replace(/^Ủy ban nhân dân/, "UBND");

/** A colour between two, both as `rgb(…)`. */
function mixed(from, to, share) {
  const [a, b] = [from, to].map((it) => it.match(/[\d.]+/g).map(Number));
  return `rgb(${a.slice(0, 3).map((one, at) => Math.round(one + (b[at] - one) * share)).join(", ")})`;
}

/** The picture under its title, on the ground of the page, as a blob of PNG. */
function titled(canvas, ratio) {
  const made = document.createElement("canvas");
  const head = 64 * ratio;
  made.width = canvas.width + 32 * ratio;
  made.height = canvas.height + head + 16 * ratio;
  const pen = made.getContext("2d");
  pen.fillStyle = colour("surface");
  pen.fillRect(0, 0, made.width, made.height);
  pen.fillStyle = colour("text");
  const face = words().fontFamily;
  pen.font = `600 ${18 * ratio}px ${face}`;
  pen.fillText(figure.dataset.title, 16 * ratio, 28 * ratio, made.width - 32 * ratio);
  pen.font = `${12 * ratio}px ${face}`;
  pen.fillText(figure.dataset.about, 16 * ratio, 48 * ratio, made.width - 32 * ratio);
  pen.drawImage(canvas, 16 * ratio, head);
  return new Promise((done) => made.toBlob(done, "image/png"));
}

function save(blob, extension) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `chau-ban-${figure.dataset.name}.${extension}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function drawChart(kind) {
  const { init } = await import("../vendor/echarts@6.1.0/charts.mjs");
  await document.fonts.ready;
  const place = figure.querySelector(".canvas");
  place.replaceChildren();
  place.tabIndex = -1; // whoever asked for the chart is led to it
  const chart = init(place, null, { renderer: "canvas" });
  const draw = () => {
    const [height, option] = kinds[kind]();
    place.style.height = `${height}px`;
    chart.resize();
    chart.setOption(option, true);
  };
  draw();
  chart.on("click", ({ data }) => data?.href && location.assign(data.href));
  let drawnAt = figure.clientWidth;
  new ResizeObserver(() => {
    if (figure.clientWidth === drawnAt) return;
    drawnAt = figure.clientWidth;
    draw();
  }).observe(figure);
  window.addEventListener("beforeprint", () => chart.resize());
  return {
    draw,
    png: () => titled(chart.renderToCanvas({ pixelRatio: 2, backgroundColor: colour("surface") }), 2),
    svg: async () => {
      const [height, option] = kinds[kind]();
      const apart = init(null, null, { renderer: "svg", ssr: true, width: figure.clientWidth, height });
      apart.setOption({ ...option, backgroundColor: colour("surface") });
      return new Blob([apart.renderToSVGString()], { type: "image/svg+xml" });
    },
  };
}

const kind = table.dataset.picture;
const acts = figure.querySelector(".acts-row");
let coming;

/** The picture, drawn once. */
const picture = () => (coming ??= draw());

async function draw() {
  const made = kind === "map" ? await drawMap({ figure, rows, colour, words, titled }) : await drawChart(kind);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", made.draw);
  new MutationObserver(made.draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  await made.ready;
  figure.dataset.drawn = kind;
  acts.querySelector("[data-open]")?.remove();
  return made;
}

for (const button of acts.querySelectorAll("button"))
  button.addEventListener("click", async () => {
    button.disabled = true;
    const made = await picture();
    const { save: form } = button.dataset;
    if (form) save(await made[form](), form);
    else figure.querySelector(".canvas[tabindex], .canvas [tabindex]").focus();
    button.disabled = false;
  });

// ECharts and MapLibre weigh more than all else here: they come when somebody asks for them.
acts.hidden = kind === "map" && !canDrawMap();
