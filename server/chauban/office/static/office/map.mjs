// The map of agencies that one moves and enlarges, by MapLibre where the machine has WebGL; else,
// and until somebody asks, the page keeps the drawing that the server made.

const LIBRARY = new URL("../vendor/maplibre-gl@6.17.0/", import.meta.url);
const FRAME = [106.98, 15.98, 108.36, 16.88];
const TONES = { all: "good-edge", some: "wait-edge", none: "bad-edge", nothing: "edge" };
const SPOT = 28;
const NEAR = 10; // from this zoom on, names stand beside the marks

export const canDrawMap = () => Boolean(document.createElement("canvas").getContext("webgl2"));

export async function drawMap({ figure, rows, colour, words, titled }) {
  const [{ Map, NavigationControl, Popup, setWorkerUrl }] = await Promise.all([
    import(new URL("maplibre-gl.mjs", LIBRARY)),
    styled(new URL("maplibre-gl.css", LIBRARY)),
  ]);
  setWorkerUrl(new URL("maplibre-gl-worker.mjs", LIBRARY).href);
  await document.fonts.ready;
  const place = figure.querySelector(".canvas");
  const fallback = [...place.children];
  for (const one of fallback) one.classList.add("visually-hidden");
  const map = new Map({
    container: place,
    bounds: FRAME,
    fitBoundsOptions: { padding: 12 },
    maxBounds: [FRAME[0] - 0.8, FRAME[1] - 0.6, FRAME[2] + 0.8, FRAME[3] + 0.6],
    maxZoom: 13,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    cooperativeGestures: true,
    fadeDuration: 0,
    canvasContextAttributes: { preserveDrawingBuffer: true },
    attributionControl: { compact: false, customAttribution: figure.dataset.credit },
    locale: {
      "Map.Title": figure.dataset.title,
      "NavigationControl.ZoomIn": figure.dataset.zoomIn,
      "NavigationControl.ZoomOut": figure.dataset.zoomOut,
      "CooperativeGesturesHandler.WindowsHelpText": figure.dataset.two,
      "CooperativeGesturesHandler.MacHelpText": figure.dataset.two,
      "CooperativeGesturesHandler.MobileHelpText": figure.dataset.two,
    },
    style: { version: 8, sources: {}, layers: [] },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  await map.once("load");
  const ground = new URL(figure.dataset.ground, location.href).href;
  const agencies = { type: "FeatureCollection", features: rows.map(feature) };
  const city = { type: "Point", coordinates: figure.dataset.cityAt.split(",").map(Number) };

  const ratio = Math.max(2, devicePixelRatio);
  const image = (id) => {
    const [what, which] = id.split("-");
    if (what === "spot") return spot(which, colour, ratio);
    return named(what === "city" ? figure.dataset.city : rows[which].heads[0], colour, words, ratio);
  };
  map.setMissingStyleImageResolver((id) => map.addImage(id, image(id), { pixelRatio: ratio }));
  const draw = () => {
    map.setStyle(
      {
        version: 8,
        sources: {
          ground: { type: "geojson", data: ground },
          agencies: { type: "geojson", data: agencies },
          city: { type: "geojson", data: city },
        },
        layers: layers(colour),
      },
      { diff: false },
    );
  };
  draw();
  const hint = new Popup({ closeButton: false, closeOnClick: false, offset: 14 });
  map.on("mousemove", "spots", ({ features: [it] }) => {
    map.getCanvas().style.cursor = it.properties.href ? "pointer" : "default";
    hint.setLngLat(it.geometry.coordinates).setText(it.properties.words).addTo(map);
  });
  map.on("mouseleave", "spots", () => {
    map.getCanvas().style.cursor = "";
    hint.remove();
  });
  map.on("click", "spots", ({ features: [it] }) => it.properties.href && location.assign(it.properties.href));
  figure.map = map; // where a test, or a person at the console, finds it
  return { draw, ready: map.once("idle"), png: () => titled(map.getCanvas(), devicePixelRatio) };
}

function styled(href) {
  const link = document.createElement("link");
  Object.assign(link, { rel: "stylesheet", href });
  document.head.append(link);
  return new Promise((done) => link.addEventListener("load", done, { once: true }));
}

const feature = ({ facts, heads, cells: [issued, signed] }, at) => ({
  type: "Feature",
  geometry: { type: "Point", coordinates: [Number(facts.lon), Number(facts.lat)] },
  properties: {
    spot: `spot-${facts.state}`,
    name: `name-${at}`,
    amount: issued.value,
    href: issued.href ?? "",
    words: `${heads.join(": ")} (${signed.value}/${issued.value})`,
  },
});

const layers = (colour) => [
  { id: "sea", type: "background", paint: { "background-color": colour("sunken") } },
  { id: "land", type: "fill", source: "ground", filter: ["==", ["get", "kind"], "land"], paint: { "fill-color": colour("surface"), "fill-outline-color": colour("edge") } },
  { id: "border", type: "line", source: "ground", filter: ["==", ["get", "kind"], "border"], paint: { "line-color": colour("edge"), "line-width": 1.5, "line-dasharray": [4, 3] } },
  { id: "outlines", type: "line", source: "ground", filter: ["==", ["get", "kind"], "outline"], paint: { "line-color": colour("edge"), "line-width": 1 } },
  {
    id: "spots",
    type: "symbol",
    source: "agencies",
    layout: {
      "icon-image": ["get", "spot"],
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
      "icon-size": ["interpolate", ["linear"], ["ln", ["+", 1, ["get", "amount"]]], 0, 0.6, 7, 1.5],
    },
  },
  { id: "city", type: "symbol", source: "city", layout: { "icon-image": "city-0", "icon-anchor": "left", "icon-allow-overlap": true } },
  {
    id: "names",
    type: "symbol",
    source: "agencies",
    minzoom: NEAR,
    layout: { "icon-image": ["get", "name"], "icon-anchor": "top", "icon-offset": [0, 14] },
  },
];

/** A mark: what it says by its colour it says by its form as well. */
function spot(state, colour, ratio) {
  const made = document.createElement("canvas");
  made.width = made.height = SPOT * ratio;
  const pen = made.getContext("2d");
  pen.scale(ratio, ratio);
  pen.translate(SPOT / 2, SPOT / 2);
  const tone = colour(TONES[state]);
  pen.fillStyle = state === "all" ? tone : colour("surface");
  pen.strokeStyle = tone;
  pen.lineWidth = 2.5;
  pen.beginPath();
  pen.arc(0, 0, state === "nothing" ? 7 : 11, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
  pen.beginPath();
  if (state === "some") {
    pen.fillStyle = tone;
    pen.arc(0, 0, 11, -Math.PI / 2, Math.PI / 2);
    pen.fill();
  }
  if (state === "all") pen.strokeStyle = colour("surface");
  if (state === "all") pen.stroke(new Path2D("M-5 0l3.5 4l6.5-8"));
  if (state === "none") pen.stroke(new Path2D("M-4-4l8 8M-4 4l8-8"));
  return pen.getImageData(0, 0, made.width, made.height);
}

function named(name, colour, words, ratio) {
  const made = document.createElement("canvas");
  const pen = made.getContext("2d");
  const font = `600 ${12 * ratio}px ${words().fontFamily}`;
  pen.font = font;
  made.width = Math.ceil(pen.measureText(name).width) + 8 * ratio;
  made.height = 18 * ratio;
  pen.font = font;
  pen.textBaseline = "middle";
  pen.lineWidth = 3 * ratio;
  pen.lineJoin = "round";
  pen.strokeStyle = colour("surface");
  pen.strokeText(name, 4 * ratio, made.height / 2);
  pen.fillStyle = colour("text");
  pen.fillText(name, 4 * ratio, made.height / 2);
  return pen.getImageData(0, 0, made.width, made.height);
}
