// uniswap: V2 (and a fork of it) and V3, with the recorded pools at their real addresses.
import { bytes32Of } from '../abi.mjs';
import { ours, theirs } from '../artifacts.mjs';
import { packed, rungsOf } from '../ladder.mjs';
import { sqrtFloor, unitsOf } from '../money.mjs';
import { give } from './tokens.mjs';

const rungsPerTransaction = 200;
const tickSpacings = { 100: 1, 500: 10, 3000: 60, 10000: 200 };

/** The V2 factory and router at their real addresses, and a fork of both at ordinary ones. */
export async function buildV2(builder, chain, weth) {
  const factory = await builder.place(chain.uniswapV2.factory,
    theirs('v2-core', 'UniswapV2Factory'), [builder.from]);
  const router = await builder.place(chain.uniswapV2.router,
    theirs('v2-periphery', 'UniswapV2Router02'), [factory.address, weth]);
  const forkFactory = await builder.deploy(theirs('v2-core', 'UniswapV2Factory'), [builder.from]);
  const forkRouter = await builder.deploy(theirs('v2-periphery', 'UniswapV2Router02'),
    [forkFactory.address, weth]);
  return { factory, router, forkFactory, forkRouter };
}

/** Makes a pair with these reserves; the liquidity tokens go to `keeper`. */
export async function seedPair(builder, factory, contracts, token0, token1, reserves, keeper) {
  await factory.send('createPair', token0.address, token1.address);
  const address = await factory.read('getPair', token0.address, token1.address);
  await give(contracts, token0, address, reserves[0]);
  await give(contracts, token1, address, reserves[1]);
  const pair = builder.at(address, theirs('v2-core', 'UniswapV2Pair').abi);
  await pair.send('mint', keeper);
  return pair;
}

/** Reserves worth `usd` dollars a side. */
export const pricedReserves = (token0, token1, usd) => [unitsOf(usd, token0), unitsOf(usd, token1)];

/** The V3 factory, router, quoter and position contract at their real addresses. */
export async function buildV3(builder, chain, weth) {
  const at = chain.uniswapV3;
  const factory = await builder.place(at.factory, theirs('v3-core', 'UniswapV3Factory'));
  await factory.send('enableFeeAmount', 100, 1);
  const around = [factory.address, weth];
  const router = await builder.place(at.router, theirs('v3-periphery', 'SwapRouter'), around);
  const quoter = await builder.place(at.quoter, theirs('v3-periphery', 'lens/QuoterV2'), around);
  const drawing = await builder.deploy(theirs('v3-periphery', 'libraries/NFTDescriptor'));
  const descriptor = await builder.deploy(
    theirs('v3-periphery', 'NonfungibleTokenPositionDescriptor'), [weth, bytes32Of('ETH')],
    { NFTDescriptor: drawing.address });
  const positions = await builder.place(at.positions,
    theirs('v3-periphery', 'NonfungiblePositionManager'), [...around, descriptor.address]);
  const ladder = await builder.deploy(ours().Ladder);
  return { factory, router, quoter, positions, ladder };
}

/** The recorded ladder within `window` ticks of the price; what lies beyond ends at its edges. */
export function rungsWithin(pool, window) {
  const spacing = pool.tickSpacing;
  const lowest = Math.floor((pool.tick - window) / spacing) * spacing;
  const highest = Math.ceil((pool.tick + window) / spacing) * spacing;
  const merged = new Map();
  for (const { lower, upper, liquidity } of rungsOf(pool.ticks, pool.nets)) {
    const cut = { lower: Math.max(lower, lowest), upper: Math.min(upper, highest) };
    if (cut.lower >= cut.upper) continue;
    const key = `${cut.lower}/${cut.upper}`;
    merged.set(key, { ...cut, liquidity: liquidity + (merged.get(key)?.liquidity ?? 0n) });
  }
  return [...merged.values()];
}

/** Positions of our own around the price: the whole range, ten percent, and one percent. */
export function ourRungs(token0, token1, feePips, tick, usd) {
  const spacing = tickSpacings[feePips];
  const whole = sqrtFloor(unitsOf(usd, token0) * unitsOf(usd, token1));
  const edge = Math.floor(887272 / spacing) * spacing;
  const band = (width, times) => ({
    lower: Math.floor((tick - width) / spacing) * spacing,
    upper: Math.ceil((tick + width) / spacing) * spacing,
    liquidity: whole * times,
  });
  return [{ lower: -edge, upper: edge, liquidity: whole }, band(1000, 20n), band(100, 100n)];
}

/** Creates a V3 pool at a price; its address follows from the factory's, the tokens and the fee. */
export async function createV3(builder, v3, token0, token1, feePips, sqrtPriceX96) {
  await v3.factory.send('createPool', token0.address, token1.address, feePips);
  const address = await v3.factory.read('getPool', token0.address, token1.address,
    feePips);
  const pool = builder.at(address, theirs('v3-core', 'UniswapV3Pool').abi);
  await pool.send('initialize', sqrtPriceX96);
  return pool;
}

/** Lays many pools' rungs, in few blocks: the node hashes its whole state at the end of each. */
export async function layRungs(builder, v3, work) {
  await builder.rpc.call('evm_setAutomine', false);
  for (const { pool, rungs } of work) {
    const hashes = [];
    for (let i = 0; i < rungs.length; i += rungsPerTransaction) {
      const data = v3.ladder.data('lay',
        [pool, rungs.slice(i, i + rungsPerTransaction).map(packed)]);
      hashes.push(await builder.rpc.call('eth_sendTransaction',
        { from: builder.from, to: v3.ladder.address, data, gas: '0x5f5e100' }));
    }
    await builder.rpc.call('evm_mine');
    for (const hash of hashes) {
      const receipt = await builder.receipt(hash);
      builder.transactions += 1;
      builder.gasUsed += BigInt(receipt.gasUsed);
      if (receipt.status !== '0x1') throw new Error(`the ladder of ${pool} was refused`);
    }
  }
  await builder.rpc.call('evm_setAutomine', true);
}
