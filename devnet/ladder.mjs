// ladder: turns a pool's recorded net liquidity by tick into positions that add up to exactly it.

/** A position: ticks [lower, upper) and liquidity. */
const rung = (lower, upper, liquidity) => ({ lower, upper, liquidity });

/**
 * Positions whose net liquidity at every tick is the recorded one. Amounts that open and close
 * alike are paired first, since most of them were one position; the rest closes what opened last.
 * Ticks of net zero take no part: whether they were initialised is not recorded.
 * @param {number[]} ticks ascending
 * @param {bigint[]} nets what is added to the active liquidity when its tick is crossed upwards
 */
export function rungsOf(ticks, nets) {
  const open = [];
  const rungs = [];
  for (let i = 0; i < ticks.length; i++) {
    if (nets[i] > 0n) open.push({ tick: ticks[i], left: nets[i] });
    let closing = nets[i] < 0n ? -nets[i] : 0n;
    const twin = closing === 0n ? -1 : open.findLastIndex(({ left }) => left === closing);
    if (twin >= 0) {
      rungs.push(rung(open[twin].tick, ticks[i], closing));
      open.splice(twin, 1);
      closing = 0n;
    }
    while (closing > 0n) {
      const last = open.at(-1);
      if (!last) throw new Error(`liquidity falls below zero at tick ${ticks[i]}`);
      const part = last.left < closing ? last.left : closing;
      rungs.push(rung(last.tick, ticks[i], part));
      last.left -= part;
      closing -= part;
      if (last.left === 0n) open.pop();
    }
  }
  if (open.length > 0) throw new Error(`liquidity of tick ${open.at(-1).tick} never ends`);
  return rungs;
}

/** The liquidity that is active at a tick. */
export const activeAt = (rungs, tick) => rungs
  .filter(({ lower, upper }) => lower <= tick && tick < upper)
  .reduce((sum, { liquidity }) => sum + liquidity, 0n);

const bits24 = (tick) => BigInt(tick & 0xffffff);

/** A rung as contracts/Ladder.sol reads it. */
export const packed = ({ lower, upper, liquidity }) =>
  bits24(lower) << 152n | bits24(upper) << 128n | liquidity;
