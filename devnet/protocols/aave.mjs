// aave: a V3 pool at its real address, with reserves that can be flash-borrowed.
import { bytes32Of, maxUint256, ZeroAddress } from '../abi.mjs';
import { theirs } from '../artifacts.mjs';
import { unitsOf } from '../money.mjs';

const ray = 10n ** 27n;
const suppliedUsd = 20_000_000;
export const flashFeePips = 500;
const symbols = ['WETH', 'USDC', 'USDT', 'DAI'];

async function deployLibraries(builder) {
  const libraries = {};
  for (const name of ['BorrowLogic', 'BridgeLogic', 'EModeLogic', 'LiquidationLogic', 'PoolLogic',
    'SupplyLogic', 'ConfiguratorLogic', 'FlashLoanLogic']) {
    const artifact = theirs('aave', `protocol/libraries/logic/${name}`);
    libraries[name] = (await builder.deploy(artifact, [], libraries)).address;
  }
  return libraries;
}

async function buildRegistry(builder) {
  const registry = await builder.deploy(
    theirs('aave', 'protocol/configuration/PoolAddressesProvider'), ['devnet', builder.from]);
  await registry.send('setACLAdmin', builder.from);
  const roles = await builder.deploy(
    theirs('aave', 'protocol/configuration/ACLManager'), [registry.address]);
  await registry.send('setACLManager', roles.address);
  await roles.send('addPoolAdmin', builder.from);
  await roles.send('addAssetListingAdmin', builder.from);
  return registry;
}

/** The pool's proxy, constructed where the real one stands and entered in the registry. */
async function placePool(builder, address, registry, libraries) {
  const artifact = theirs('aave', 'protocol/pool/Pool');
  const logic = await builder.deploy(artifact, [registry.address], libraries);
  await logic.send('initialize', registry.address);
  const proxy = await builder.place(address, theirs('aave', 'protocol/libraries/'
    + 'aave-upgradeability/InitializableImmutableAdminUpgradeabilityProxy'), [registry.address]);
  await proxy.send('initialize', logic.address,
    artifact.abi.encodeFunctionData('initialize', [registry.address]));
  await registry.send('setAddress', bytes32Of('POOL'), address);
  return builder.at(address, artifact.abi);
}

async function buildConfigurator(builder, registry, libraries) {
  const artifact = theirs('aave', 'protocol/pool/PoolConfigurator');
  const logic = await builder.deploy(artifact, [], libraries);
  await registry.send('setPoolConfiguratorImpl', logic.address);
  return builder.at(await registry.read('getPoolConfigurator'), artifact.abi);
}

async function buildTemplates(builder, registry, pool) {
  const templates = [];
  for (const name of ['AToken', 'StableDebtToken', 'VariableDebtToken']) {
    const artifact = theirs('aave', `protocol/tokenization/${name}`);
    templates.push((await builder.deploy(artifact, [pool.address])).address);
  }
  const rates = await builder.deploy(
    theirs('aave', 'protocol/pool/DefaultReserveInterestRateStrategy'),
    [registry.address, ray * 8n / 10n, 0, ray * 4n / 100n, ray * 75n / 100n, 0, 0, 0, 0, 0]);
  return { templates, rates: rates.address };
}

/** The pool with a reserve of each major it lends. */
export async function buildAave(builder, address, contracts, majors) {
  const libraries = await deployLibraries(builder);
  const registry = await buildRegistry(builder);
  const pool = await placePool(builder, address, registry, libraries);
  const configurator = await buildConfigurator(builder, registry, libraries);
  const oracle = await builder.deploy(theirs('aave', 'mocks/oracle/PriceOracle'));
  await registry.send('setPriceOracle', oracle.address);
  const { templates, rates } = await buildTemplates(builder, registry, pool);
  const reserves = symbols.map((symbol) => majors.find((token) => token.symbol === symbol));
  await configurator.send('initReserves', reserves.map(({ address: asset, symbol, decimals }) =>
    [...templates, decimals, rates, asset, builder.from, ZeroAddress,
      `Aave ${symbol}`, `a${symbol}`, `Aave variable ${symbol}`, `v${symbol}`,
      `Aave stable ${symbol}`, `s${symbol}`, '0x']));
  for (const token of reserves) {
    const supplied = unitsOf(suppliedUsd, token);
    const contract = contracts.get(token.address);
    await configurator.send('setReserveFlashLoaning', token.address, true);
    await oracle.send('setAssetPrice', token.address, token.usdE18 / 10n ** 10n);
    if (!token.wrapsEther) await contract.send('mint', builder.from, supplied);
    await contract.send('approve', pool.address, maxUint256);
    await pool.send('supply', token.address, supplied, builder.from, 0);
  }
  await configurator.send('updateFlashloanPremiumTotal', flashFeePips / 100);
  return { pool, reserves: reserves.map((token) => token.address) };
}
