// day: the recorded day as the devnet needs it: tokens, pools with usable states, prices, events.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import * as places from './places.mjs';
import { rungsOf, activeAt } from './ladder.mjs';
import { sha } from './install.mjs';

/** The day's first second, in slots. */
export const dayStart = 1_730_419_200;

const hashesByName = () => Object.fromEntries(
  JSON.parse(fs.readFileSync(path.join(places.day, 'manifest.json'), 'utf8')).files
    .map(({ name, sha256 }) => [name, sha256]));

/** The lines of one file of the recording; its hash is checked first. */
function lines(name) {
  const bytes = fs.readFileSync(path.join(places.day, name));
  if (sha('sha256', bytes, 'hex') !== hashesByName()[name]) {
    throw new Error(`${name} is not the file its manifest names: the recording was changed`);
  }
  return zlib.gunzipSync(bytes).toString().trimEnd().split('\n').map((line) => JSON.parse(line));
}

/** What identifies the recording: the hash of its manifest. */
export const dayKey = () =>
  sha('sha256', fs.readFileSync(path.join(places.day, 'manifest.json')), 'hex').slice(0, 16);

const chainOf = (id) => Number(id.split(':')[1].split('/')[0]);
const addressOf = (id) => id.split(':').at(-1);

/** Why a recorded pool can't stand on a devnet, or null. Broken states are refused, not mended. */
function refusal(quote, tokens) {
  if (!tokens.has(quote.asset0) || !tokens.has(quote.asset1)) return 'unknown-token';
  if (quote.reserve0 === undefined && quote.sqrtPriceX96 === undefined) return 'no-state';
  if (quote.family !== 'concentrated') return null;
  try {
    const rungs = rungsOf(quote.ticks, quote.liquidityNet.map(BigInt));
    const isWhole = activeAt(rungs, quote.tick) === BigInt(quote.liquidity);
    return isWhole ? null : 'liquidity-mismatch';
  } catch {
    return 'invariant-broken';
  }
}

function poolOf(quote) {
  const common = {
    id: quote.pool, chain: chainOf(quote.pool), address: addressOf(quote.pool),
    family: quote.family, feePips: quote.feePips, live: quote.live,
    token0: addressOf(quote.asset0), token1: addressOf(quote.asset1),
  };
  return quote.family === 'concentrated'
    ? { ...common, sqrtPriceX96: BigInt(quote.sqrtPriceX96), tick: quote.tick,
      tickSpacing: quote.tickSpacing, liquidity: BigInt(quote.liquidity), ticks: quote.ticks,
      nets: quote.liquidityNet.map(BigInt) }
    : { ...common, reserve0: BigInt(quote.reserve0), reserve1: BigInt(quote.reserve1) };
}

/** The day's start: `{tokens, pools, refused}`, in the order of the recording. */
export function readMarkets() {
  const tokens = new Map();
  const pools = [];
  const refused = [];
  for (const line of lines('markets.ndjson.gz')) {
    if (line.kind === 'token') {
      tokens.set(line.asset, { chain: chainOf(line.asset), address: addressOf(line.asset),
        symbol: line.symbol, decimals: line.decimals });
    } else if (line.kind === 'quote') {
      const reason = refusal(line, tokens);
      if (reason) refused.push({ pool: line.pool, reason });
      else pools.push(poolOf(line));
    }
  }
  return { tokens: [...tokens.values()], pools, refused };
}

/** The first price of the day by token: `chain:address` to US dollars times 10^18. */
export function readPrices() {
  const prices = new Map();
  for (const line of lines('prices.ndjson.gz')) {
    const key = `${chainOf(line.asset)}:${addressOf(line.asset)}`;
    if (!prices.has(key)) prices.set(key, BigInt(line.usdE18));
  }
  return prices;
}

/** The reserves after each event of the day: `{slot, pool, reserve0, reserve1}`, in order. */
export function readEvents() {
  return lines('events.ndjson.gz').filter(({ kind }) => kind === 'sync').map((line) => ({
    slot: line.slot, pool: addressOf(line.pool),
    reserve0: BigInt(line.reserve0), reserve1: BigInt(line.reserve1),
  }));
}
