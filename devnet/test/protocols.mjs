// protocols: checks of one running chain against the protocols' own quoters and the recording.
import assert from 'node:assert/strict';
import { erc20, HDNodeWallet, Interface, maxUint256, Mnemonic, require, word, ZeroHash }
  from '../abi.mjs';
import { ours, theirs } from '../artifacts.mjs';
import { Chain } from '../chain.mjs';
import { accountOf } from '../chains.mjs';
import { readEvents, readMarkets } from '../day.mjs';
import { Rpc } from '../rpc.mjs';
import { Sender } from '../actors/sender.mjs';
import { until } from './ground.mjs';

const trader = accountOf('second');
const farOff = 2 ** 40;
const markets = readMarkets();

/** The chains of a world, each to be read and written by the second account. */
export const chainsOf = (world) => world.chains.map((chain) => {
  const rpc = new Rpc(chain.http);
  const live = new Chain(rpc, trader);
  live.world = chain;
  live.routes = world.routes;
  live.accounts = world.accounts;
  live.mnemonic = world.mnemonic;
  return live;
});

const poolOf = (chain, protocol, which = () => true) =>
  chain.world.pools.find((pool) => pool.protocol === protocol && which(pool));
const routersOf = (chain, protocol) =>
  chain.world.routers.find((each) => each.protocol === protocol);
const balance = (chain, token, owner) => chain.at(token, erc20).read('balanceOf', owner);
const call = (chain, to, abi, name, ...args) => chain.at(to, abi).read(name, ...args);

/** Reads many functions in one call through the devnet's Multicall3. */
async function readAll(chain, calls) {
  const aggregate = chain.at(chain.world.multicall3, ours().Multicall3.abi);
  const answers = await aggregate.read('aggregate3', calls.map(([to, abi, name, ...args]) =>
    [to, false, abi.encodeFunctionData(name, args)]));
  return answers.map(({ returnData }, i) =>
    calls[i][1].decodeFunctionResult(calls[i][2], returnData));
}

/** Every address of the world has code, and every account the key that is told. */
export async function checkAddresses(chain) {
  const { world } = chain;
  const addresses = [world.weth, world.multicall3, world.permit2, world.spokePool, world.mover,
    ...world.routers.flatMap(({ protocol, ...rest }) => Object.values(rest)),
    ...world.lenders.map(({ address }) => address),
    ...world.tokens.map(({ address }) => address), ...world.pools.map(({ address }) => address)];
  const codes = await chain.rpc.batch(addresses.map((at) => ['eth_getCode', at, 'latest']));
  for (const [i, code] of codes.entries()) assert.ok(code.length > 2, addresses[i]);
  const held = await chain.rpc.call('eth_accounts');
  assert.deepEqual(chain.accounts.map(({ address }) => address), held.map((a) => a.toLowerCase()));
  const domain = await call(chain, world.permit2,
    new Interface(['function DOMAIN_SEPARATOR() view returns (bytes32)']), 'DOMAIN_SEPARATOR');
  assert.notEqual(domain, ZeroHash);
  const root = HDNodeWallet.fromSeed(Mnemonic.fromPhrase(chain.mnemonic).computeSeed());
  assert.equal(root.derivePath("m/44'/60'/0'/0/1").address.toLowerCase(),
    chain.accounts[1].address);
}

/** New heads arrive over the WebSocket. */
export function checkWebSocket(chain) {
  const socket = new (require('ws'))(chain.world.ws);
  return new Promise((done, fail) => {
    socket.on('error', fail);
    socket.on('open', () => socket.send(JSON.stringify(
      { jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] })));
    socket.on('message', (text) => {
      const { params } = JSON.parse(text);
      if (params) done(Number(params.result.number));
    });
  }).finally(() => socket.close());
}

/**
 * What was created by code that we only placed stands where it does in reality: Balancer's fee
 * collector (its package's address list) and Ethereum's USDC/WETH pair (Aave's address book).
 */
export async function checkCreated(chain) {
  const vault = theirs('balancer', '20210418-vault/Vault').abi;
  assert.equal(await call(chain, routersOf(chain, 'balancer-v2').router, vault,
    'getProtocolFeesCollector'), '0xce88686553686DA562CE7Cea497CE749DA109f9F');
  if (chain.world.chainId !== 1) return;
  const usdc = chain.routes.find(({ symbol }) => symbol === 'USDC').tokens[chain.world.chain];
  assert.equal(poolOf(chain, 'uniswap-v2', ({ token0, token1 }) =>
    token0 === usdc && token1 === chain.world.weth).address,
  '0xb4e16d0168e52d35cacd2c6185b44281ec28c9dc');
}

async function checkPair(chain, pool) {
  const abi = theirs('v2-core', 'UniswapV2Pair').abi;
  const [[reserve0, reserve1], [token0], [token1]] = await readAll(chain, [
    [pool.address, abi, 'getReserves'], [pool.address, abi, 'token0'],
    [pool.address, abi, 'token1']]);
  assert.deepEqual([reserve0, reserve1], [pool.reserve0, pool.reserve1], pool.id);
  assert.deepEqual([token0, token1].map((token) => token.toLowerCase()),
    [pool.token0, pool.token1], pool.id);
}

/** The net liquidity of many ticks; coded by hand, for there are ten thousands of them. */
async function netsOf(chain, pool, ticks) {
  const { selector } = theirs('v3-core', 'UniswapV3Pool').abi.getFunction('ticks');
  const calls = ticks.map((tick) => ['eth_call', { to: pool, data: selector
    + BigInt.asUintN(256, BigInt(tick)).toString(16).padStart(64, '0') }, 'latest']);
  const answers = [];
  for (let i = 0; i < calls.length; i += 500) {
    answers.push(...await chain.rpc.batch(calls.slice(i, i + 500)));
  }
  return answers.map((answer) => BigInt.asIntN(128, BigInt(`0x${answer.slice(66, 130)}`)));
}

/** Price, liquidity and, strictly inside the window, the net liquidity of every recorded tick. */
async function checkRange(chain, pool) {
  const abi = theirs('v3-core', 'UniswapV3Pool').abi;
  const window = chain.world.windowTicks ?? Infinity;
  const inside = pool.ticks.map((tick, i) => ({ tick, net: pool.nets[i] }))
    .filter(({ tick }) => Math.abs(tick - pool.tick) < window);
  const [slot0, [liquidity], [fee]] = await readAll(chain, [
    [pool.address, abi, 'slot0'], [pool.address, abi, 'liquidity'], [pool.address, abi, 'fee']]);
  assert.deepEqual([slot0.sqrtPriceX96, Number(slot0.tick), liquidity, Number(fee)],
    [pool.sqrtPriceX96, pool.tick, pool.liquidity, pool.feePips], pool.id);
  const found = await netsOf(chain, pool.address, inside.map(({ tick }) => tick));
  for (const [i, { tick, net }] of inside.entries()) {
    assert.equal(found[i], net, `${pool.id} at tick ${tick}`);
  }
}

/** Compares every recorded pool of a chain with its recorded state; returns how many. */
export async function checkRecorded(chain) {
  const pools = markets.pools.filter((pool) => pool.chain === chain.world.chainId);
  for (const pool of pools) {
    assert.equal(poolOf(chain, pool.ticks ? 'uniswap-v3' : 'uniswap-v2',
      ({ address }) => address === pool.address)?.origin, 'recorded', pool.id);
    await (pool.ticks ? checkRange : checkPair)(chain, pool);
  }
  return pools.length;
}

export async function checkTokens(chain) {
  const recorded = markets.tokens.filter((token) => token.chain === chain.world.chainId);
  for (const token of recorded) {
    const at = chain.at(token.address, erc20);
    assert.equal(Number(await at.read('decimals')), token.decimals, token.address);
    if (token.symbol !== 'WETH') assert.equal(await at.read('symbol'), token.symbol);
  }
}

/** The trader's gain in one token over some work. */
async function gained(chain, token, work) {
  const held = await balance(chain, token, trader);
  await work();
  return await balance(chain, token, trader) - held;
}

const approve = (chain, token, spender) =>
  chain.at(token, erc20).send('approve', spender, maxUint256);

export async function swapV2(chain) {
  const abi = theirs('v2-periphery', 'UniswapV2Router02').abi;
  for (const protocol of ['uniswap-v2', 'uniswap-v2-fork']) {
    const pool = poolOf(chain, protocol);
    if (!pool) continue;
    const router = chain.at(routersOf(chain, protocol).router, abi);
    await approve(chain, pool.token0, router.address);
    const path = [pool.token0, pool.token1];
    const amount = await balance(chain, pool.token0, pool.address) / 1000n;
    const [, quoted] = await router.read('getAmountsOut', amount, path);
    const got = await gained(chain, pool.token1, () =>
      router.send('swapExactTokensForTokens', amount, quoted, path, trader, farOff));
    assert.equal(got, quoted, pool.pool);
  }
}

export async function swapV3(chain) {
  const at = routersOf(chain, 'uniswap-v3');
  const quoter = chain.at(at.quoter, theirs('v3-periphery', 'lens/QuoterV2').abi);
  const router = chain.at(at.router, theirs('v3-periphery', 'SwapRouter').abi);
  const pools = chain.world.pools.filter(({ protocol }) => protocol === 'uniswap-v3').slice(0, 3);
  for (const pool of pools) {
    await approve(chain, pool.token0, router.address);
    const amount = await balance(chain, pool.token0, trader) / 1000n;
    const [quoted] = await quoter.read('quoteExactInputSingle',
      [pool.token0, pool.token1, amount, pool.feePips, 0]);
    const got = await gained(chain, pool.token1, () => router.send('exactInputSingle',
      [pool.token0, pool.token1, pool.feePips, trader, farOff, amount, quoted, 0]));
    assert.ok(quoted > 0n, pool.pool);
    assert.equal(got, quoted, pool.pool);
  }
}

export async function swapWeighted(chain) {
  const vault = chain.at(routersOf(chain, 'balancer-v2').router,
    theirs('balancer', '20210418-vault/Vault').abi);
  for (const pool of chain.world.pools.filter(({ family }) => family === 'weighted')) {
    await approve(chain, pool.token0, vault.address);
    const amount = await balance(chain, pool.token0, trader) / 10_000n;
    const funds = [trader, false, trader, false];
    const deltas = await vault.read('queryBatchSwap', 0, [[pool.poolId, 0, 1, amount, '0x']],
      [pool.token0, pool.token1], funds);
    const got = await gained(chain, pool.token1, () => vault.send('swap',
      [pool.poolId, 0, pool.token0, pool.token1, amount, '0x'], funds, 0, farOff));
    assert.ok(got > 0n, pool.pool);
    assert.equal(got, -deltas[1], pool.pool);
  }
}

/** Lends every token that a lender is said to lend, at the fee that is told. */
export async function borrow(chain) {
  const borrower = await chain.deploy(ours().Borrower);
  for (const lender of chain.world.lenders) {
    const probe = lender.protocol === 'aave-v3' ? 'fromAave' : 'fromBalancer';
    for (const token of lender.tokens) {
      const held = await balance(chain, token, trader);
      const amount = held / 100n;
      const fee = (amount * BigInt(lender.feePips) + 999_999n) / 1_000_000n;
      await chain.at(token, erc20).send('transfer', borrower.address, fee);
      const receipt = await borrower.send(probe, lender.address, token, amount);
      const told = borrower.event(receipt, 'Borrowed');
      assert.equal(told.amount, amount);
      assert.ok(told.fee >= fee - 1n && told.fee <= fee, `${lender.protocol} took ${told.fee}`);
    }
  }
}

const spokeAbi = () => theirs('across', 'Ethereum_SpokePool').abi;

async function deposit(from, to, symbol, amountIn, amountOut) {
  const { tokens } = from.routes.find((route) => route.symbol === symbol);
  const [input, output] = [tokens[from.world.chain], tokens[to.world.chain]];
  await approve(from, input, from.world.spokePool);
  const { timestamp } = await from.rpc.call('eth_getBlockByNumber', 'latest', false);
  await from.at(from.world.spokePool, spokeAbi()).send('deposit', word(trader), word(trader),
    word(input), word(output), amountIn, amountOut, to.world.chainId, ZeroHash,
    Number(timestamp), Number(timestamp) + 7200, 0, '0x');
  return { input, output };
}

/** Eight deposits a way: all are filled, and the relayer is repaid where they were paid in. */
export async function crossOver([base, arbitrum, optimism, ethereum], figures) {
  const [amountIn, amountOut] = [1_000_000_000n, 999_000_000n];
  for (const [from, to] of [[base, arbitrum], [optimism, ethereum]]) {
    const relayed = accountOf('relayer');
    const usdc = (chain) => chain.routes.find(({ symbol }) => symbol === 'USDC')
      .tokens[chain.world.chain];
    const [held, owned] = [await balance(to, usdc(to), trader),
      await balance(from, usdc(from), relayed)];
    for (let i = 0; i < 8; i++) await deposit(from, to, 'USDC', amountIn, amountOut);
    await until('eight fills', async () =>
      await balance(to, usdc(to), trader) === held + 8n * amountOut);
    await until('the repayment', async () =>
      await balance(from, usdc(from), relayed) === owned + 8n * amountIn);
  }
  assert.equal(figures().refused, 0);
}

export async function overask([base, arbitrum], figures) {
  const { output } = await deposit(base, arbitrum, 'USDC', 1_000_000n, 1_000_001n);
  const held = await balance(arbitrum, output, trader);
  await until('the refusal', () => figures().refused === 1);
  assert.equal(await balance(arbitrum, output, trader), held);
}

/** A transaction that the node has lost blocks those behind it until it is sent again. */
export async function unstick(chain) {
  const from = accountOf('spare-6');
  const sender = new Sender(chain.rpc, from, 300);
  const before = Number(await chain.rpc.call('eth_getTransactionCount', from, 'latest'));
  const lost = await sender.send(trader, '0x');
  await chain.rpc.call('anvil_dropTransaction', lost);
  const behind = await sender.send(trader, '0x');
  await until('both are mined', async () => {
    await sender.tend();
    return Number(await chain.rpc.call('eth_getTransactionCount', from, 'latest')) === before + 2;
  });
  assert.equal((await chain.receipt(behind)).status, '0x1');
}

/** What the market actor has done so far. */
export async function movesOf(chain) {
  const { abi } = ours().Mover;
  const logs = await chain.rpc.call('eth_getLogs', { fromBlock: '0x0', toBlock: 'latest',
    address: chain.world.mover, topics: [abi.getEvent('Moved').topicHash] });
  return logs.map((log) => abi.parseLog(log).args);
}

/** Every move came out exactly, and the live pools hold reserves that were recorded. */
export async function checkReplay(chain) {
  const abi = theirs('v2-core', 'UniswapV2Pair').abi;
  const live = chain.world.pools.filter((pool) => pool.live);
  for (const { exact } of await movesOf(chain)) assert.equal(exact, true);
  for (const { address } of live) {
    const wanted = readEvents().filter(({ pool }) => pool === address)
      .map(({ reserve0, reserve1 }) => `${reserve0} ${reserve1}`);
    const [reserve0, reserve1] = await call(chain, address, abi, 'getReserves');
    const start = markets.pools.find((pool) => pool.address === address);
    const isStart = reserve0 === start.reserve0 && reserve1 === start.reserve1;
    assert.ok(isStart || wanted.includes(`${reserve0} ${reserve1}`), address);
  }
}

/** Noise has traded on the forks, and prices there have left those of the pairs they follow. */
export async function checkNoise(chain) {
  const abi = theirs('v2-core', 'UniswapV2Pair').abi;
  const forks = chain.world.pools.filter((pool) => pool.follows);
  await until('a gap on a fork', async () => {
    const gaps = await Promise.all(forks.map(async (fork) => {
      const [[a0, a1], [b0, b1]] = await readAll(chain, [[fork.address, abi, 'getReserves'],
        [fork.follows, abi, 'getReserves']]);
      return Math.abs(Math.log(Number(a1) / Number(a0) / (Number(b1) / Number(b0))));
    }));
    return gaps.some((gap) => gap > 0.0005);
  });
}
