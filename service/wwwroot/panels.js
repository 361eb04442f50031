// panels.js: each part of the page from one word of the service; nothing is kept between words.
import { ago, at, chain, count, h, meter, ms, rows, say, units, usd, utc } from "./dom.js";
import { ask } from "./why.js";

const steps = [
  ["detected", "Detected", "gaps that pay after every cost"],
  ["chosen", "Chosen", "share no pool, ranked"],
  ["planned", "Planned", "typed, checked, compiled"],
  ["simulated", "Simulated", "tried out on the newest block"],
  ["submitted", "Submitted", "handed to a node"],
  ["landed", "Landed", "did all they were to do"],
  ["profitable", "Profitable", "brought more than they cost"],
];

export function funnel(words) {
  const most = Math.max(1, ...steps.map(([key]) => words[key]));
  rows(at("steps"), steps, ([key]) => key, ([key, name, hint], before) => {
    const item = before ?? h("li", {}, h("div", { class: "num" }), h("div", { class: "name" },
      name), h("div", { class: "hint" }, hint), h("i", { class: "fill" }));
    item.children[0].textContent = count(words[key]);
    // Orders of magnitude lie between the steps: the bar is of the logarithm.
    const part = Math.log1p(words[key]) / Math.log1p(most) * 100;
    item.lastChild.style.setProperty("--part", part.toFixed(1));
    return item;
  });
}

export function money(pnl) {
  say("pnl-lead", pnl.bundles === 0 ? "Of bundles that were sent and can be valued."
    : `${usd(pnl.realisedMicroUsd)} of ${usd(pnl.expectedMicroUsd)} expected, after `
      + `${usd(pnl.feeMicroUsd)} in fees; ${count(pnl.bundles)} bundles.`);
  let level = 0;
  const bars = pnl.waterfall.map((one, i) => {
    const isSum = i === 0 || i === pnl.waterfall.length - 1;
    const from = isSum ? 0 : level, to = isSum ? one.microUsd : level + one.microUsd;
    level = to;
    return { ...one, isSum, low: Math.min(from, to), high: Math.max(from, to) };
  });
  const low = Math.min(0, ...bars.map((one) => one.low));
  const span = Math.max(1, ...bars.map((one) => one.high)) - low;
  const items = pnl.bundles === 0 ? [] : bars;
  rows(at("fall"), items, (one) => one.name, (one) => h("div", {},
    h("span", {}, one.name),
    h("span", { class: `track ${one.isSum ? "sum" : one.microUsd < 0 ? "down" : "up"}` },
      one.microUsd === 0 ? null : h("i", { vars: {
        "--from": (one.low - low) / span * 100, "--part": (one.high - one.low) / span * 100 } })),
    h("span", { class: `n ${one.microUsd < 0 ? "bad" : ""}` }, usd(one.microUsd))),
  "No bundle has ended yet that was sent.");
}

export function paths(items, sends) {
  rows(at("paths"), items, (one) => one.id, (one, before) => {
    const row = before ?? h("tr", {}, h("td", {}, path(one)), h("td"), h("td", { class: "n" }),
      h("td", { class: "n soft" }), h("td", { class: "n" }, ask(one.id, one.assets.join(" to "))));
    // The path is what its key says; its figures are this second's.
    row.querySelector(".route").replaceChildren(...route(one));
    row.children[1].replaceChildren(
      h("span", { class: "tag accent" }, one.guarantee), " ",
      one.isChosen ? h("span", { class: "tag good" }, sends ? "chosen" : "would go") : "");
    row.children[2].textContent = usd(one.netMicroUsd);
    row.children[3].textContent = `${ago(one.ageMs)} ago`;
    return row;
  }, "None in the last ten seconds. That is usual: gaps that pay are rare and close fast.");
}

function path(one) {
  const names = one.assets.flatMap((asset, i) => i === 0 ? [h("b", {}, asset)]
    : [h("span", { class: "hop" }, "\u2192"), h("b", {}, asset)]);
  return h("details", {}, h("summary", { class: "path" }, names,
    h("span", { class: "tag" }, one.chains.map(chain).join(" \u00b7 "))),
  h("div", { class: "route" }));
}

function route(one) {
  return [
    ...one.hops.map((hop) => h("span", {}, `${hop.in} \u2192 ${hop.out} on ${chain(hop.chain)}, `
      + `${hop.family}, `, h("code", {}, hop.pool))),
    h("span", {}, `gross ${usd(one.grossMicroUsd)}`, one.costs.map((cost) =>
      `, ${cost.name} ${usd(-cost.microUsd)}`), one.staleSeconds > 0
      ? `; rests on a state of ${ago(one.staleSeconds * 1000)} ago` : ""),
  ];
}

export function refused(items) {
  const most = Math.max(1, ...items.map((one) => one.count));
  rows(at("refused"), items.slice(0, 10), (one) => `${one.by} ${one.name}`, (one) => h("div", {},
    h("span", {}, one.name.replaceAll("-", " "), " ", h("span", { class: "soft" }, one.by)),
    h("span", { class: "n" }, count(one.count)), meter(one.count / most * 100)),
  "Nothing was passed over so far.");
}

export function open(items, all, now) {
  say("open-count", all === 0 ? "" : all > items.length ? `${all}, ${items.length} shown`
    : String(all));
  rows(at("open"), items, (one) => one.name, (one, before) => {
    const end = Math.max(...one.legs.map((leg) => leg.deadlineMs ?? 0), now);
    const span = Math.max(1, end - one.seenMs);
    const item = before ?? h("div", { class: "bundle" },
      h("div", { class: "path" }, h("code", {}, one.name),
        h("span", { class: "tag accent" }, one.guarantee), h("span"), ask(one.name, one.name)),
      h("div"));
    item.firstChild.children[2].replaceChildren(
      one.events.length === 0 ? h("span", { class: "tag" }, "waits its turn") : "",
      h("span", { class: "soft" }, ` for ${ago(now - one.seenMs)}`));
    item.lastChild.replaceChildren(
      h("div", { class: "legs" }, one.legs.filter((leg) => leg.phase === "run").map((leg) => {
        const left = leg.deadlineMs ? leg.deadlineMs - now : null;
        return h("div", { class: "leg" }, h("span", {}, chain(leg.chain)),
          h("span", { class: `line ${left !== null && left < 0 ? "late" : ""}` },
            h("i", { vars: { "--part": Math.min(100, (now - one.seenMs) / span * 100) } }),
            leg.deadlineMs ? h("b", { vars: {
              "--at": Math.min(100, (leg.deadlineMs - one.seenMs) / span * 100) } }) : null),
          h("span", { class: `n ${left !== null && left < 0 ? "bad" : "soft"}` },
            left === null ? "no deadline" : left < 0 ? `${ago(-left)} late`
              : `${ago(left)} left`));
      })),
      h("div", { class: "events" }, one.events.map((event) =>
        `${utc(event.atMs)} ${event.leg >= 0 ? `leg ${event.leg + 1}: ` : ""}${event.what}`)
        .join(" \u00b7 ")));
    return item;
  }, "Nothing is open.");
}

export function ends(items) {
  rows(at("ends"), items, (one) => `${one.name} ${one.endedMs}`, (one, before) => before
    ?? h("tr", {}, h("td", { class: "soft" }, utc(one.endedMs)),
      h("td", {}, h("span", { class: `tag ${one.success ? "good" : one.wasSent ? "bad" : ""}` },
        one.success ? "done" : one.reason), " ", h("span", { class: "soft" }, one.guarantee),
      " ", h("code", { class: "soft" }, one.name),
      one.success || one.reason === "dry-run" ? null : h("div", { class: "soft" }, one.detail)),
      h("td", { class: `n ${one.realisedMicroUsd < 0 ? "bad" : ""}` },
        one.wasSent && one.realisedMicroUsd !== undefined ? usd(one.realisedMicroUsd) : "",
        one.expectedMicroUsd === undefined ? null : h("div", { class: "soft" },
          `${one.wasSent ? "of" : "expected"} ${usd(one.expectedMicroUsd)}`)),
      h("td", { class: "n" }, ask(one.name, one.name))),
  "No bundle has ended yet.");
}

export function feeds(items, signers, run) {
  say("feeds-lead", run.feed === "live" ? "Age of each chain's newest block."
    : run.feed === "recorded" ? "A recorded day is played: there are no live chains."
      : "No chains are followed here.");
  rows(at("feeds"), items, (one) => one.chain, (one) => h("div", { class: "row" },
    h("span", {}, chain(one.chain), " ", one.block === undefined ? ""
      : h("span", { class: "soft" }, `block ${count(one.block)}`)),
    h("span", { class: `n ${one.isStale ? "bad" : "good"}` }, one.ageMs === undefined
      ? "waiting" : `${ago(one.ageMs)}${one.isStale ? " stale" : ""}`),
    meter((one.ageMs ?? 0) / 100, one.isStale ? "bad" : "good"),
    one.mismatched === 0 ? null
      : h("span", { class: "warn" }, `${count(one.mismatched)} states differed`)), null);
  rows(at("signers"), signers, (one) => one.name, (one) => h("div", { class: "row" },
    h("span", {}, "Signer ", h("code", {}, `${one.name.slice(0, 8)}..`)),
    h("span", { class: one.answers ? "good" : "bad" },
      one.answers ? "answers" : "does not answer")), null);
}

export function risk(words, run) {
  say("risk-mode", words ? words.mode : "");
  at("risk-mode").className = `count ${!words || words.mode === "active" ? "" : "bad"}`;
  say("risk-lead", words ? words.why ?? "Use of each bound; new bundles stop at the end of it."
    : run.sends ? "The executor is not open." : "Nothing is sent, so nothing is at risk.");
  rows(at("risk"), words?.limits ?? [], (one) => one.name, (one) => {
    const part = one.most === 0 ? 0 : one.used / one.most * 100;
    const text = one.unit === "usd" ? usd : count;
    return h("div", { class: "row" }, h("span", {}, one.name),
      h("span", { class: "n" }, `${text(one.used)} of ${text(one.most)}`),
      meter(part, part > 90 ? "bad" : part > 60 ? "warn" : "accent"));
  }, null);
}

export function funds(items, run) {
  say("funds-lead", items.length > 0 ? "Own funds, by chain and token."
    : run.sends ? "Own funds are being read." : "Own funds show when sending is on.");
  rows(at("funds"), items, (one) => `${one.chain} ${one.symbol}`, (one) =>
    h("div", { class: "row" }, h("span", {}, one.symbol, " ",
      h("span", { class: "soft" }, chain(one.chain))),
    h("span", { class: "n" }, units(one.units, one.decimals), one.microUsd === undefined ? ""
      : h("span", { class: "soft" }, ` ${usd(one.microUsd)}`))), null);
}

const states = { running: "good", starting: "warn", waiting: "bad", ended: "" };

export function stages(items, lost) {
  const some = lost.filter((one) => one.count > 0);
  say("lost", items.length === 0 ? "" : some.length === 0 ? "No line was lost."
    : `Lost: ${some.map((one) => `${count(one.count)} ${one.name} lines`).join(", ")}.`);
  at("lost").className = some.length === 0 ? "" : "bad";
  rows(at("stages"), items, (one) => one.name, (one) => h("tr", {},
    h("td", {}, one.name, one.fault && one.state !== "running"
      ? h("div", { class: "bad" }, one.fault) : null),
    h("td", {}, h("span", { class: `tag ${states[one.state]}` },
      one.state === "waiting" ? "down" : one.state)),
    h("td", { class: "n" }, one.mostWaits === 0 ? "" : `${count(one.waits)} of `
      + count(one.mostWaits)),
    h("td", { class: "n" }, count(one.dropped)), h("td", { class: "n" }, ms(one.p50Ms)),
    h("td", { class: "n" }, ms(one.p99Ms)), h("td", { class: "n" }, count(one.restarts))),
  "Lines are shown here, not stages.");
}

export function clusters(items, aside) {
  say("aside", aside.length === 0 ? "" : "Set aside: "
    + aside.map((one) => `${one.count} ${one.name.replaceAll("-", " ")}`).join(", ") + ".");
  rows(at("clusters"), items, (one) => one.name, (one) => h("div", { class: "tile" },
    h("b", {}, one.name),
    h("div", {}, `${count(one.touched)} pools changed, ${count(one.scored)} cycles scored, `
      + `${count(one.found)} found`),
    h("div", { class: one.ageMs > 3000 ? "bad" : "soft" },
      `${count(one.slots)} slots; the last ${ago(one.ageMs)} ago`)),
  "No cluster has ended a slot yet.");
}
