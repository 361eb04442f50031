// why.js: what each stage decided of one thing, in a dialog that any [data-why] opens.
import { at, chain, h, say, utc } from "./dom.js";

let asked = 0;

/** The button that asks about a thing. */
export const ask = (id, words) => h("button", {
  type: "button", class: "ask", "data-why": id, "aria-haspopup": "dialog",
  "aria-label": `Why: ${words}`,
}, "why");

const verdicts = {
  found: "accent", chosen: "good", dropped: "warn", written: "accent", planned: "accent",
  done: "good", refused: "warn", failed: "bad",
};

function step(one) {
  return h("li", {},
    h("div", { class: "path" }, h("b", {}, one.stage),
      h("span", { class: `tag ${verdicts[one.decision] ?? ""}` }, one.decision),
      one.reason === "none" ? null : h("span", { class: "reason" },
        one.reason.replaceAll("-", " "))),
    h("dl", {}, one.numbers.flatMap((number) => [h("dt", {}, number.name),
      h("dd", { class: number.value.length > 40 ? "mono" : null }, chain(number.value))])));
}

/** Steps of one slot belong together; a bundle's later steps follow those of its slot. */
function slots(steps) {
  const all = [];
  for (const one of steps) {
    const last = all.at(-1);
    if (last && (one.slot === undefined || one.slot === last.slot)) last.steps.push(one);
    else all.push({ slot: one.slot, steps: [one] });
  }
  return all.reverse();
}

function answer(words) {
  const groups = slots(words.steps);
  at("ask-body").replaceChildren(
    ...(words.note ? [h("p", { class: "warn" }, words.note)] : []),
    ...groups.map((group, i) => {
      const title = group.slot === undefined ? "without a slot"
        : `slot ${group.slot}, ${new Date(group.slot * 1000).toISOString().slice(0, 10)} `
          + `${utc(group.slot * 1000)} UTC`;
      return h("details", { open: i === 0 }, h("summary", {}, title,
        h("span", { class: "soft" }, ` ${group.steps.map((one) => one.decision).join(", ")}`)),
      h("ol", { class: "verdicts" }, group.steps.map(step)));
    }));
}

async function open(id) {
  const mine = ++asked;
  say("ask-id", id);
  say("ask-state", "asking");
  at("ask-body").replaceChildren();
  if (!at("ask").open) at("ask").showModal();
  try {
    const reply = await fetch(`api/why?id=${encodeURIComponent(id)}`);
    const words = await reply.json();
    if (mine !== asked) return;
    say("ask-state", reply.ok ? `${words.steps.length} steps` : words.words.join("; "));
    if (reply.ok) answer(words);
  } catch {
    if (mine === asked) say("ask-state", "the service did not answer");
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-why]");
  if (button) open(button.dataset.why);
});
at("ask-close").addEventListener("click", () => at("ask").close());
// A click beside the dialog closes it, as Escape does.
at("ask").addEventListener("click", (event) => {
  if (event.target === at("ask")) at("ask").close();
});
