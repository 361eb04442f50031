// pools: the recorded pools in their recorded states, and our own beside them at recorded prices.
import { ordered, sqrtPriceX96Of } from '../money.mjs';
import { createV3, layRungs, ourRungs, pricedReserves, rungsWithin, seedPair }
  from './uniswap.mjs';

const forkUsd = 1_000_000;
const officialUsd = 5_000_000;
const concentratedUsd = 1_000_000;
const v2FeePips = 3000;

/** How many observations pools of two majors keep: a minute's mean takes one a second at most. */
const observations = 128;

/** Pairs of majors that our own constant-product pools join, and our own concentrated ones. */
const pairSymbols = [['WETH', 'USDC'], ['WETH', 'USDT'], ['WETH', 'DAI'], ['WETH', 'WBTC']];
const concentratedPlans = [
  ['WETH', 'USDC', 500], ['WETH', 'USDC', 3000], ['WETH', 'USDT', 500], ['WETH', 'WBTC', 3000],
  ['USDC', 'USDT', 100], ['DAI', 'USDC', 100],
];

const bySymbols = (tokens, symbols) => {
  const found = symbols.map((symbol) =>
    tokens.find((token) => token.major && token.symbol === symbol));
  return found.every(Boolean) ? ordered(...found) : null;
};

const entry = (protocol, family, contract, token0, token1, feePips, more) => ({
  protocol, family, address: contract.address, token0: token0.address, token1: token1.address,
  feePips, origin: 'ours', live: false, ...more,
});

/** The recorded constant-product pools, and a fork of each that has events, half as deep. */
async function seedRecordedPairs(world) {
  const { builder, v2, contracts, recorded, mover } = world;
  const pools = [];
  for (const pool of recorded.filter(({ family }) => family === 'constant-product')) {
    const [token0, token1] = [pool.token0, pool.token1].map(world.token);
    const reserves = [pool.reserve0, pool.reserve1];
    const pair = await seedPair(builder, v2.factory, contracts, token0, token1, reserves,
      mover.address);
    requireAddress(pair, pool);
    pools.push(entry('uniswap-v2', 'constant-product', pair, token0, token1, v2FeePips,
      { origin: 'recorded', live: pool.live }));
    if (!pool.live) continue;
    const twin = await seedPair(builder, v2.forkFactory, contracts, token0, token1,
      reserves.map((reserve) => reserve / 2n), mover.address);
    pools.push(entry('uniswap-v2-fork', 'constant-product', twin, token0, token1, v2FeePips,
      { follows: pair.address }));
  }
  return pools;
}

/** Our own pairs of majors: on the fork, and where nothing is recorded on Uniswap's factory too. */
async function seedOurPairs(world, taken) {
  const { builder, v2, contracts, mover, tokens, isRecorded } = world;
  const pools = [];
  for (const pair of pairSymbols.map((symbols) => bySymbols(tokens, symbols)).filter(Boolean)) {
    const [token0, token1] = pair;
    const isTaken = taken.some((pool) =>
      pool.token0 === token0.address && pool.token1 === token1.address);
    if (isTaken) continue;
    const sides = isRecorded ? [['uniswap-v2-fork', v2.forkFactory, forkUsd]]
      : [['uniswap-v2', v2.factory, officialUsd], ['uniswap-v2-fork', v2.forkFactory, forkUsd]];
    for (const [protocol, factory, usd] of sides) {
      const contract = await seedPair(builder, factory, contracts, token0, token1,
        pricedReserves(token0, token1, usd), mover.address);
      pools.push(entry(protocol, 'constant-product', contract, token0, token1, v2FeePips));
    }
  }
  return pools;
}

async function createRecordedV3(world) {
  const { builder, v3, recorded, window } = world;
  const work = [];
  for (const pool of recorded.filter(({ family }) => family === 'concentrated')) {
    const [token0, token1] = [pool.token0, pool.token1].map(world.token);
    const contract = await createV3(builder, v3, token0, token1, pool.feePips,
      pool.sqrtPriceX96);
    requireAddress(contract, pool);
    await growOracle(contract, token0, token1);
    work.push({ pool: contract.address, rungs: rungsWithin(pool, window),
      entry: entry('uniswap-v3', 'concentrated', contract, token0, token1, pool.feePips,
        { origin: 'recorded', tickSpacing: pool.tickSpacing }) });
  }
  return work;
}

async function createOurV3(world) {
  const { builder, v3, tokens } = world;
  const work = [];
  for (const [a, b, feePips] of concentratedPlans) {
    const pair = bySymbols(tokens, [a, b]);
    if (!pair) continue;
    const contract = await createV3(builder, v3, ...pair, feePips, sqrtPriceX96Of(...pair));
    await growOracle(contract, ...pair);
    const { tick } = await contract.read('slot0');
    work.push({ pool: contract.address,
      rungs: ourRungs(...pair, feePips, Number(tick), concentratedUsd),
      entry: entry('uniswap-v3', 'concentrated', contract, ...pair, feePips,
        { tickSpacing: Number(await contract.read('tickSpacing')) }) });
  }
  return work;
}

/** Lets a V3 pool of two majors answer for its mean price; nobody but us would pay for that. */
async function growOracle(pool, token0, token1) {
  if (token0.major && token1.major) {
    await pool.send('increaseObservationCardinalityNext', observations);
  }
}

function requireAddress(contract, pool) {
  if (contract.address.toLowerCase() !== pool.address) {
    throw new Error(`${pool.id} came to stand at ${contract.address}: the packages' code is not `
      + 'the one that is deployed there');
  }
}

/** Creates and fills every pool of a chain; returns their descriptions. */
export async function seedPools(world) {
  const byAddress = new Map(world.tokens.map((token) => [token.address, token]));
  const full = { ...world, token: (address) => byAddress.get(address) };
  const pairs = await seedRecordedPairs(full);
  const ownPairs = await seedOurPairs(full, pairs);
  const work = [...await createRecordedV3(full),
    ...(world.isRecorded ? [] : await createOurV3(full))];
  await layRungs(world.builder, world.v3, work);
  return [...pairs, ...ownPairs, ...work.map((each) => each.entry)];
}
