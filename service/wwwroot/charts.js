// charts.js: the curves, by uPlot: a point a second, fifteen minutes; in the colours of the page.
/* global uPlot */
import { at, h, usd, utc } from "./dom.js";

const most = 900;
const points = [];
let drawn = null;

/** The curves so far, as a page gets them first. */
export function begin(series) {
  points.splice(0, points.length, ...series.slice(-most));
  drawn = null;
}

/** One more second. */
export function add(point) {
  const last = points[points.length - 1];
  if (last && point.atS <= last.atS) return;
  points.push(point);
  if (points.length > most) points.shift();
}

export const hasMoney = () => points.some((one) => one.submitted > 0);

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function axis(format) {
  return {
    stroke: colour("--soft"), font: "11px system-ui, sans-serif", size: 58,
    grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false },
    values: (_, all) => all.map(format),
  };
}

function chart(id, height, series, format) {
  const place = at(id);
  place.replaceChildren();
  place.classList.remove("empty");
  const x = { ...axis((s) => utc(s * 1000)), size: 26, space: 90 };
  return new uPlot({
    width: Math.max(200, place.clientWidth), height,
    cursor: { y: false, points: { size: 6 } },
    legend: { show: series.length > 1, live: false },
    tzDate: (s) => uPlot.tzDate(new Date(s * 1000), "Etc/UTC"),
    scales: { x: { time: true }, y: { range: span } },
    axes: [x, axis(format)],
    series: [{}, ...series],
  }, [[], ...series.map(() => [])], place);
}

/** Never a flat scale of nothing, and zero is always in it. */
function span(_, low, high) {
  const least = Math.min(0, low ?? 0), top = Math.max(0, high ?? 1);
  const room = (top - least || 1) * 0.08;
  return [least < 0 ? least - room : 0, top + room];
}

/** Draws everything anew after a change of theme or width, else sets the data. */
export function draw() {
  if (document.hidden || points.length === 0) return;
  const money = hasMoney();
  if (!drawn || drawn.money !== money) {
    const thin = { width: 1.8, points: { show: false } };
    drawn = {
      money,
      rate: chart("chart-rate", 105,
        [{ ...thin, label: "a second", stroke: colour("--accent"),
          fill: colour("--accent-soft") }], (v) => String(v)),
      cycle: chart("chart-cycle", 105,
        [{ ...thin, label: "ms", stroke: colour("--good") }], (v) => `${v} ms`),
      pnl: money ? chart("chart-pnl", 185, [
        { ...thin, label: "expected", stroke: colour("--soft"), dash: [5, 4] },
        { ...thin, label: "realised", stroke: colour("--accent"), width: 2.4 },
      ], (v) => usd(v * 1e6)) : null,
    };
    if (!money) {
      at("chart-pnl").classList.add("empty");
      at("chart-pnl").replaceChildren(h("p", { class: "none" },
        "Nothing has been sent yet. The two curves begin with the first bundle that ends."));
    }
  }
  const x = points.map((one) => one.atS);
  const rate = points.map((one, i) => i === 0 ? 0
    : Math.max(0, one.detected - points[i - 1].detected));
  drawn.rate.setData([x, rate]);
  drawn.cycle.setData([x, points.map((one) => one.cycleMs)]);
  drawn.pnl?.setData([x, points.map((one) => one.expectedMicroUsd / 1e6),
    points.map((one) => one.realisedMicroUsd / 1e6)]);
}

export function redraw() {
  drawn = null;
  draw();
}
