// balancer: the V2 vault at its real address, lending without a fee, and two weighted pools.
import { coder, maxUint256, ZeroAddress } from '../abi.mjs';
import { theirs } from '../artifacts.mjs';
import { everywhere } from '../chains.mjs';
import { ordered, unitsOf } from '../money.mjs';

const day = 86_400;
const one = 10n ** 18n;
const feePips = 3000;

/** The weighted pools of a chain: symbols with their weights in percent, and dollars inside. */
const plans = [
  { weights: { WETH: 50n, USDC: 50n }, usd: 2_000_000 },
  { weights: { WETH: 80n, USDT: 20n }, usd: 1_000_000 },
];

const bySymbol = (majors, weights) => ordered(...Object.keys(weights)
  .map((symbol) => majors.find((token) => token.symbol === symbol)));

async function buildPool(builder, vault, factory, contracts, majors, { weights, usd }) {
  const tokens = bySymbol(majors, weights);
  const addresses = tokens.map((token) => token.address);
  const shares = tokens.map((token) => weights[token.symbol] * one / 100n);
  const name = tokens.map((token) => `${weights[token.symbol]}${token.symbol}`).join('-');
  const receipt = await factory.send('create', name, name, addresses, shares,
    addresses.map(() => ZeroAddress), BigInt(feePips) * one / 1_000_000n, builder.from);
  const address = factory.event(receipt, 'PoolCreated').pool;
  const pool = builder.at(address,
    theirs('balancer', '20230206-weighted-pool-v3/WeightedPool').abi);
  const poolId = await pool.read('getPoolId');
  const amounts = tokens.map((token) =>
    unitsOf(usd, token) * weights[token.symbol] / 100n);
  for (const [i, token] of tokens.entries()) {
    const contract = contracts.get(token.address);
    if (!token.wrapsEther) await contract.send('mint', builder.from, amounts[i]);
    await contract.send('approve', vault.address, maxUint256);
  }
  const join = coder.encode(['uint256', 'uint256[]'], [0, amounts]);
  await vault.send('joinPool', poolId, builder.from, builder.from,
    [addresses, amounts, join, false]);
  return { address, poolId, tokens: addresses, weightsE18: shares, feePips };
}

/** The vault, its factory of weighted pools, and those pools. */
export async function buildBalancer(builder, contracts, majors) {
  const weth = majors.find((token) => token.wrapsEther).address;
  const authorizer = await builder.deploy(
    theirs('balancer', '20210418-authorizer/Authorizer'), [builder.from]);
  const vault = await builder.place(everywhere.balancerVault,
    theirs('balancer', '20210418-vault/Vault'), [authorizer.address, weth, 90 * day, 30 * day]);
  const fees = await builder.deploy(theirs('balancer',
    '20220725-protocol-fee-percentages-provider/ProtocolFeePercentagesProvider'),
  [vault.address, one, one]);
  const factory = await builder.deploy(
    theirs('balancer', '20230206-weighted-pool-v3/WeightedPoolFactory'),
    [vault.address, fees.address, 'devnet', 'devnet']);
  const pools = [];
  for (const plan of plans) {
    pools.push(await buildPool(builder, vault, factory, contracts, majors, plan));
  }
  return { vault, factory, pools };
}
