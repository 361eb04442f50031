// build: makes each chain's world by transactions on an empty node, once, and keeps its genesis.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { erc20, maxUint256, quantity } from './abi.mjs';
import { freePort, startAnvil } from './anvil.mjs';
import { ours } from './artifacts.mjs';
import { Chain } from './chain.mjs';
import { accountOf, accounts, everywhere } from './chains.mjs';
import { dayStart, readMarkets, readPrices } from './day.mjs';
import { genesisOf } from './genesis.mjs';
import { unitsOf } from './money.mjs';
import { describeChain } from './world.mjs';
import { buildAave } from './protocols/aave.mjs';
import { buildAcross } from './protocols/across.mjs';
import { buildBalancer } from './protocols/balancer.mjs';
import { seedPools } from './protocols/pools.mjs';
import { listTokens, placeTokens } from './protocols/tokens.mjs';
import { buildV2, buildV3 } from './protocols/uniswap.mjs';

const etherEach = 10n ** 24n;
const fundedUsd = 10_000_000;
const unpricedWhole = 1_000_000n;
const buildLimitMs = 180_000;
const buildGas = 500_000_000;
const multicall = () => ours().Multicall3.abi;

/** Gives every actor, and the movers of pools, tokens of each kind in one transaction. */
async function fund(builder, contracts, tokens, stocks) {
  const actors = ['searcher', 'second', 'noise', 'relayer'].map(accountOf);
  const mints = [];
  for (const token of tokens) {
    const units = token.usdE18 ? unitsOf(fundedUsd, token)
      : unpricedWhole * 10n ** BigInt(token.decimals);
    for (const actor of actors) {
      if (token.wrapsEther) await contracts.get(token.address).send('transfer', actor, units);
      else mints.push([token.address, false, erc20.encodeFunctionData('mint', [actor, units])]);
    }
  }
  const aggregate = builder.at(everywhere.multicall3, multicall());
  await aggregate.send('aggregate3', mints);
  const weth = contracts.get(tokens.find((token) => token.wrapsEther).address);
  for (const { address } of stocks) await weth.send('transfer', address, etherEach);
}

/** The actors let the contracts they use take what they hold. */
async function approveAll(builder, contracts, tokens, { noise, relayer }) {
  const approve = (owner, token, spender) => builder.send({ from: accountOf(owner),
    to: token.address, data: contracts.get(token.address).data('approve', [spender, maxUint256]),
  }, `approving ${token.symbol}`);
  for (const token of tokens) {
    for (const spender of token.usdE18 ? noise : []) await approve('noise', token, spender);
    if (token.major) await approve('relayer', token, relayer);
  }
}

async function buildOn(builder, chain, day, window) {
  const tokens = listTokens(chain, day.markets, day.prices);
  const majors = tokens.filter((token) => token.major);
  const weth = chain.majors.WETH;
  const contracts = await placeTokens(builder, tokens);
  const v2 = await buildV2(builder, chain, weth);
  const v3 = await buildV3(builder, chain, weth);
  const mover = await builder.deploy(ours().Mover);
  await fund(builder, contracts, tokens, [mover, v3.ladder]);
  const balancer = await buildBalancer(builder, contracts, majors);
  const aave = await buildAave(builder, chain.aavePool, contracts, majors);
  const spokePool = await buildAcross(builder, chain.spokePool, weth);
  await approveAll(builder, contracts, tokens, { relayer: spokePool.address,
    noise: [v2.forkRouter.address, v3.router.address] });
  const recorded = day.markets.pools.filter((pool) => pool.chain === chain.id);
  const pools = await seedPools({ builder, v2, v3, mover, contracts, tokens, recorded, window,
    isRecorded: chain.recorded });
  const refused = day.markets.refused.filter(({ pool }) => Number(pool.split(':')[1]) === chain.id);
  return describeChain(chain,
    { tokens, pools, v2, v3, mover, balancer, aave, spokePool, refused, window });
}

async function buildChain(chain, day, window, folder) {
  const started = performance.now();
  const node = await startAnvil(await freePort(), chain.id,
    ['--gas-limit', '2000000000', '--timestamp', String(dayStart), '--balance', '1000000']);
  try {
    node.rpc.limitMs = buildLimitMs;
    const builder = new Chain(node.rpc, accountOf('deployer'), buildGas);
    await node.rpc.call('anvil_setBalance', builder.from, quantity(etherEach * 1000n));
    const description = await buildOn(builder, chain, day, window);
    for (const account of accounts) {
      await node.rpc.call('anvil_setBalance', account, quantity(etherEach));
    }
    const dump = zlib.gunzipSync(Buffer.from(
      (await node.rpc.call('anvil_dumpState')).slice(2), 'hex'));
    const { text, slots } = genesisOf(chain.id, JSON.parse(dump));
    fs.writeFileSync(path.join(folder, `genesis-${chain.id}.json`), text);
    return { description, figures: { chain: chain.name, transactions: builder.transactions,
      gas: builder.gasUsed.toString(), slots, genesisBytes: text.length,
      ms: Math.round(performance.now() - started) } };
  } finally {
    await node.end();
  }
}

/** Builds the worlds of these chains side by side into a new folder, which then takes its name. */
export async function buildWorld(chainList, window, folder, say) {
  const fresh = `${folder}.${process.pid}`;
  fs.rmSync(fresh, { recursive: true, force: true });
  fs.mkdirSync(fresh, { recursive: true });
  const day = { markets: readMarkets(), prices: readPrices() };
  const built = await Promise.all(chainList.map((chain) => buildChain(chain, day, window, fresh)));
  for (const { figures } of built) {
    say(`built ${figures.chain}: ${figures.transactions} transactions, ${figures.gas} gas, `
      + `${figures.slots} storage slots, ${figures.genesisBytes} bytes, ${figures.ms} ms`);
  }
  for (const { description } of built) {
    fs.writeFileSync(path.join(fresh, `chain-${description.chainId}.json`),
      `${JSON.stringify(description)}\n`);
  }
  fs.rmSync(folder, { recursive: true, force: true });
  fs.renameSync(fresh, folder);
}
