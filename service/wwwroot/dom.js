// dom.js: elements and figures: text is always text, never markup; money is in micro-dollars.

/** Makes an element. A class goes by `class`, custom properties by `vars`; children are text or
 * elements. */
export function h(tag, props, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "vars") {
      for (const [key, to] of Object.entries(value)) made.style.setProperty(key, String(to));
    } else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.flat().filter((one) => one !== null && one !== undefined));
  return made;
}

export const at = (id) => document.getElementById(id);

/** Sets text, only where it differs: screen readers hear of no change that is none. */
export function say(id, text) {
  const element = at(id);
  if (element.textContent !== text) element.textContent = text;
}

/** Rows by key: one that stays keeps its element, and with it focus and what is unfolded. */
export function rows(parent, items, keyOf, make, empty) {
  const before = new Map([...parent.children].map((one) => [one.dataset.key, one]));
  const now = items.map((item) => {
    const key = String(keyOf(item));
    const made = make(item, before.get(key));
    made.dataset.key = key;
    return made;
  });
  if (now.length === 0 && empty) {
    if (parent.dataset.empty !== empty || parent.children.length !== 1)
      parent.replaceChildren(none(empty, parent.tagName));
    parent.dataset.empty = empty;
    return;
  }
  delete parent.dataset.empty;
  const held = parent.contains(document.activeElement) ? document.activeElement : null;
  now.forEach((one, i) => {
    if (parent.children[i] !== one) parent.insertBefore(one, parent.children[i] ?? null);
  });
  while (parent.children.length > now.length) parent.lastChild.remove();
  // What moves loses focus: whoever goes by keyboard keeps it.
  if (held?.isConnected && document.activeElement !== held) held.focus();
}

function none(words, tag) {
  const text = h("p", { class: "none" }, words);
  return tag === "TBODY" ? h("tr", {}, h("td", { colspan: 9 }, text)) : text;
}

const whole = new Intl.NumberFormat("en-US");
const cents = new Intl.NumberFormat("en-US", {
  style: "currency", currency: "USD", minimumFractionDigits: 2,
});

export const count = (n) => whole.format(n);

/** Dollars, cut towards zero as everywhere in this house. */
export function usd(microUsd) {
  const cut = Math.trunc(microUsd / 10000) / 100;
  return cents.format(cut === 0 ? 0 : cut).replace("-", "\u2212");
}

export function ms(value) {
  if (value >= 10000) return `${(value / 1000).toFixed(0)} s`;
  if (value >= 1000) return `${(value / 1000).toFixed(1)} s`;
  return value >= 10 ? `${value.toFixed(0)} ms` : `${value.toFixed(value >= 1 ? 1 : 2)} ms`;
}

export function ago(value) {
  if (value < 60000) return `${Math.max(0, value / 1000).toFixed(value < 10000 ? 1 : 0)} s`;
  if (value < 3600000) return `${Math.floor(value / 60000)} min`;
  return `${Math.floor(value / 3600000)} h`;
}

/** An amount of base units with its point in place; digits beyond the sixth are cut. */
export function units(digits, decimals) {
  const padded = digits.padStart(decimals + 1, "0");
  const head = padded.slice(0, padded.length - decimals);
  const tail = padded.slice(padded.length - decimals).slice(0, 6).replace(/0+$/, "");
  return whole.format(BigInt(head)) + (tail ? "." + tail : "");
}

const chains = {
  "eip155:1": "Ethereum", "eip155:10": "Optimism", "eip155:8453": "Base",
  "eip155:42161": "Arbitrum", "eip155:137": "Polygon",
};

export const chain = (id) => chains[id] ?? id;

export const utc = (ms) => new Date(ms).toISOString().slice(11, 19);

export const meter = (part, kind) => h("div", { class: `meter ${kind ?? ""}` },
  h("i", { vars: { "--part": Math.max(0, Math.min(100, part)) } }));
