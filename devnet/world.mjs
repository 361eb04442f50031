// world: what docs/devnet.md calls world.json: where everything on the devnet is, for machines.
import fs from 'node:fs';
import path from 'node:path';
import { HDNodeWallet, Mnemonic } from './abi.mjs';
import { accounts, derivation, everywhere, mnemonic, roles } from './chains.mjs';
import { flashFeePips } from './protocols/aave.mjs';

const low = (address) => address.toLowerCase();
const caip = (chainId, address) => `eip155:${chainId}:${low(address)}`;
const caipAsset = (chainId, address) => `eip155:${chainId}/erc20:${low(address)}`;

const describeToken = (chainId) => (token) => ({
  asset: caipAsset(chainId, token.address), address: token.address, symbol: token.symbol,
  decimals: token.decimals, recorded: token.recorded, major: token.major ?? false,
  wrapsEther: token.wrapsEther, ...(token.usdE18 ? { usdE18: String(token.usdE18) } : {}),
});

const describePool = (chainId) => ({ address, follows, ...rest }) => ({
  pool: caip(chainId, address), address: low(address), ...rest,
  ...(follows ? { follows: low(follows) } : {}),
});

const describeWeighted = (chainId) => (pool) => ({
  pool: caip(chainId, pool.address), address: low(pool.address), protocol: 'balancer-v2',
  family: 'weighted', token0: low(pool.tokens[0]), token1: low(pool.tokens[1]),
  feePips: pool.feePips, origin: 'ours', live: false, poolId: pool.poolId,
  weightsE18: pool.weightsE18.map(String),
});

/** What is fixed about a chain's world when it is built; ports come when it is started. */
export function describeChain(chain, built) {
  const { tokens, pools, v2, v3, mover, balancer, aave, spokePool, refused, window } = built;
  return {
    chain: `eip155:${chain.id}`, name: chain.name, chainId: chain.id, recorded: chain.recorded,
    windowTicks: Number.isFinite(window) ? window : null,
    weth: low(chain.majors.WETH), multicall3: low(everywhere.multicall3),
    permit2: low(everywhere.permit2), spokePool: low(spokePool.address),
    mover: low(mover.address),
    routers: [
      { protocol: 'uniswap-v2', router: low(v2.router.address), factory: low(v2.factory.address) },
      { protocol: 'uniswap-v2-fork', router: low(v2.forkRouter.address),
        factory: low(v2.forkFactory.address) },
      { protocol: 'uniswap-v3', router: low(v3.router.address), factory: low(v3.factory.address),
        quoter: low(v3.quoter.address), positions: low(v3.positions.address) },
      { protocol: 'balancer-v2', router: low(balancer.vault.address),
        factory: low(balancer.factory.address) },
    ],
    lenders: [
      { protocol: 'balancer-v2', address: low(balancer.vault.address), feePips: 0,
        tokens: [...new Set(balancer.pools.flatMap((pool) => pool.tokens))].map(low) },
      { protocol: 'aave-v3', address: low(aave.pool.address), feePips: flashFeePips,
        tokens: aave.reserves.map(low) },
    ],
    tokens: tokens.map(describeToken(chain.id)),
    pools: [...pools.map(describePool(chain.id)),
      ...balancer.pools.map(describeWeighted(chain.id))],
    refused,
  };
}

/** Tokens that the relayer takes for one another, by symbol and chain. */
function routesOf(descriptions) {
  const routes = {};
  for (const { chain, tokens } of descriptions) {
    for (const { symbol, address } of tokens.filter((token) => token.major)) {
      routes[symbol] = { ...routes[symbol], [chain]: address };
    }
  }
  return Object.entries(routes).map(([symbol, tokens]) => ({ symbol, tokens }));
}

/** Anvil's published test accounts; nothing of worth must ever be sent to them elsewhere. */
function describeAccounts() {
  const seed = Mnemonic.fromPhrase(mnemonic).computeSeed();
  const root = HDNodeWallet.fromSeed(seed);
  return roles.map((role, index) => ({ role, index, address: low(accounts[index]),
    privateKey: root.derivePath(`${derivation}${index}`).privateKey }));
}

/** The whole world; `nodes` adds each chain's urls, by chain id. */
export function describeWorld(folder, chainList, nodes, settings) {
  const descriptions = chainList.map(({ id }) =>
    JSON.parse(fs.readFileSync(path.join(folder, `chain-${id}.json`), 'utf8')));
  return {
    v: 1, kind: 'devnet', ...settings, mnemonic, derivation: `${derivation}{index}`,
    accounts: describeAccounts(),
    routes: routesOf(descriptions),
    chains: descriptions.map(({ chain, name, chainId, ...rest }) =>
      ({ chain, name, chainId, ...nodes.get(chainId), ...rest })),
  };
}
