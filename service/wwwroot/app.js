// app.js: hears the service once a second and shows it; control only with the token that is typed.
import * as charts from "./charts.js";
import * as panels from "./panels.js";
import { at, h, say } from "./dom.js";
import "./why.js";

let last = null;
let heardAt = 0;

function show(words) {
  last = words;
  heardAt = performance.now();
  const { run, health } = words;
  const day = run.slot ? new Date(run.slot * 1000).toISOString() : "";
  say("mode", run.sends ? "LIVE" : run.feed === "recorded" ? "Recorded day, dry run"
    : run.feed === "lines" ? "Lines of a pipe" : run.feed === "load" ? "Load" : "Dry run");
  at("mode").className = `pill ${run.sends ? "bad" : ""}`;
  say("clock", run.feed === "recorded"
    ? `${day.slice(0, 10)} ${day.slice(11, 19)} UTC`
    : `${new Date(words.atMs).toISOString().slice(11, 19)} UTC`);
  say("health", run.isPaused ? "paused" : health.word === "well" ? "all is well"
    : health.why.length === 1 ? "1 thing to look at" : `${health.why.length} things to look at`);
  at("health").className = `pill ${health.word === "well" ? "good" : "warn"}`;
  at("why").hidden = health.why.length === 0;
  if (at("why").textContent !== health.why.join(""))
    at("why").replaceChildren(...health.why.map((one) => h("li", {}, one)));
  at("control").hidden = !run.hasControl;
  panels.funnel(words.funnel);
  panels.money(words.pnl);
  panels.paths(words.opportunities, run.sends);
  panels.refused(words.refusals);
  panels.open(words.open, words.openCount, words.atMs);
  panels.ends(words.ends);
  panels.feeds(words.feeds, words.signers, run);
  panels.risk(words.risk, run);
  panels.funds(words.inventory, run);
  panels.stages(words.stages, words.lost);
  panels.clusters(words.clusters, words.setAside);
  charts.add(words.point);
  charts.draw();
  const hours = (words.atMs - run.startedMs) / 3600000;
  say("foot", `Lockstep ${run.version}, up for ${hours < 1
    ? `${Math.floor(hours * 60)} min` : `${hours.toFixed(1)} h`}. `
    + (run.routing ? `Routes are searched on ${run.routing}. ` : "")
    + "Amounts are settled in integers; what is shown is cut to cents.");
}

function lost() {
  say("health", "no word from the service");
  at("health").className = "pill bad";
}

// The browser dials again by itself; the first word of a new connection has all the curves.
function listen() {
  const events = new EventSource("events");
  events.addEventListener("series", (event) => charts.begin(JSON.parse(event.data).points));
  events.addEventListener("board", (event) => show(JSON.parse(event.data)));
  events.addEventListener("error", () => {
    lost();
    // A refusal ends an EventSource for good: too many watch, or the service was away.
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
  });
}

setInterval(() => {
  if (last && performance.now() - heardAt > 4000) lost();
}, 1000);

const themes = window.matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;
const kept = localStorage.getItem("theme");
if (kept === "light" || kept === "dark") root.dataset.theme = kept;
at("theme").addEventListener("click", () => {
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : themes.matches;
  root.dataset.theme = isDark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
  charts.redraw();
});
themes.addEventListener("change", () => charts.redraw());

let width = window.innerWidth;
window.addEventListener("resize", () => {
  if (window.innerWidth === width) return;
  width = window.innerWidth;
  charts.redraw();
});
document.addEventListener("visibilitychange", () => charts.draw());

for (const button of document.querySelectorAll("[data-act]"))
  button.addEventListener("click", async () => {
    const act = button.dataset.act;
    if (act === "halt" && !window.confirm("Halt: nothing new is signed from now on. Go on?"))
      return;
    try {
      const answer = await fetch(`api/control/${act}`, {
        method: "POST", headers: { "X-Lockstep-Token": at("token").value },
      });
      const text = await answer.text();
      say("answer", answer.status === 403 ? text.trim() : JSON.parse(text).words.join("; "));
    } catch {
      say("answer", "the service did not answer");
    }
  });

listen();
