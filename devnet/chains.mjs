// chains: the four chains: ids, ports, and the real addresses at which the devnet puts things.

// Addresses were checked against @uniswap/sdk-core 7.19.4, @bgd-labs/aave-address-book 4.44.22,
// @across-protocol/contracts 5.0.27 and constants 3.1.127, @balancer-labs/v2-deployments 3.2.0 and
// @uniswap/default-token-list 22.21.0. No package was found that lists QuoterV2 off Base: there it
// is Uniswap's published one. Factories and tokens prove themselves by the pools' addresses.

const uniswapV3 = {
  factory: '0x1F98431c8aD98523631AE4a59f267346ea31F984',
  router: '0xE592427A0AEce92De3Edee1F18E0157C05861564',
  quoter: '0x61fFE014bA17989E743c5F6cB21bF9697530B21e',
  positions: '0xC36442b4a4522E871399CD717aBDD847Ab11FE88',
};

/** Contracts that have one address on every chain. */
export const everywhere = {
  multicall3: '0xcA11bde05977b3631167028862bE2a173976CA11',
  permit2: '0x000000000022D473030F116dDEE9F6B43aC78BA3',
  balancerVault: '0xBA12222222228d8Ba445958a75a0704d566BF2C8',
};

/**
 * In the order in which `--chains N` takes them: those with a recorded day come first. A chain's
 * port is the base port plus its `portOffset`. `majors` are the tokens that our own pools, the
 * lenders and the relayer deal in.
 */
export const chains = [
  {
    name: 'base', id: 8453, portOffset: 2, recorded: true,
    uniswapV2: {
      factory: '0x8909Dc15e40173Ff4699343b6eB8132c65e18eC6',
      router: '0x4752ba5DBc23f44D87826276BF6Fd6b1C372aD24',
    },
    // Uniswap runs another router on Base; this one stands where it does on the other chains.
    uniswapV3: {
      factory: '0x33128a8fC17869897dcE68Ed026d694621f6FDfD',
      router: uniswapV3.router,
      quoter: '0x3d4e44Eb1374240CE5F1B871ab261CD16335B76a',
      positions: '0x03a520b32C04BF3bEEf7BEb72E919cf822Ed34f1',
    },
    aavePool: '0xA238Dd80C259a72e81d7e4664a9801593F98d1c5',
    spokePool: '0x09aea4b2242abC8bb4BB78D537A67a245A7bEC64',
    majors: {
      WETH: '0x4200000000000000000000000000000000000006',
      USDC: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
      USDT: '0xfde4C96c8593536E31F229EA8f37b2ADa2699bb2',
      DAI: '0x50c5725949A6F0c72E6C4a641F24049A917DB0Cb',
    },
  },
  {
    name: 'arbitrum', id: 42161, portOffset: 1, recorded: true,
    uniswapV2: {
      factory: '0xf1D7CC64Fb4452F05c498126312eBE29f30Fbcf9',
      router: '0x4752ba5DBc23f44D87826276BF6Fd6b1C372aD24',
    },
    uniswapV3,
    aavePool: '0x794a61358D6845594F94dc1DB02A252b5b4814aD',
    spokePool: '0xe35e9842fceaCA96570B734083f4a58e8F7C5f2A',
    majors: {
      WETH: '0x82aF49447D8a07e3bd95BD0d56f35241523fBab1',
      USDC: '0xaf88d065e77c8cC2239327C5EDb3A432268e5831',
      USDT: '0xFd086bC7CD5C481DCC9C85ebE478A1C0b69FCbb9',
      DAI: '0xDA10009cBd5D07dd0CeCc66161FC93D7c9000da1',
      WBTC: '0x2f2a2543B76A4166549F7aaB2e75Bef0aefC5B0f',
    },
  },
  {
    name: 'optimism', id: 10, portOffset: 3, recorded: true,
    uniswapV2: {
      factory: '0x0c3c1c532F1e39EdF36BE9Fe0bE1410313E074Bf',
      router: '0x4A7b5Da61326A6379179b40d00F57E5bbDC962c2',
    },
    uniswapV3,
    aavePool: '0x794a61358D6845594F94dc1DB02A252b5b4814aD',
    spokePool: '0x6f26Bf09B1C792e3228e5467807a900A503c0281',
    majors: {
      WETH: '0x4200000000000000000000000000000000000006',
      USDC: '0x0b2C639c533813f4Aa9D7837CAf62653d097Ff85',
      USDT: '0x94b008aA00579c1307B0EF2c499aD98a8ce58e58',
      DAI: '0xDA10009cBd5D07dd0CeCc66161FC93D7c9000da1',
      WBTC: '0x68f180fcCe6836688e9084f035309E29Bf0A2095',
    },
  },
  {
    name: 'ethereum', id: 1, portOffset: 0, recorded: false,
    uniswapV2: {
      factory: '0x5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f',
      router: '0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D',
    },
    uniswapV3,
    aavePool: '0x87870Bca3F3fD6335C3F4ce8392D69350B4fA4E2',
    spokePool: '0x5c7BCd6E7De5423a257D81B442095A1a6ced35C5',
    majors: {
      WETH: '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2',
      USDC: '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48',
      USDT: '0xdAC17F958D2ee523a2206206994597C13D831ec7',
      DAI: '0x6B175474E89094C44Da98b954EedeAC495271d0F',
      WBTC: '0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599',
    },
  },
];

/** Decimals of the majors, by symbol; those of recorded tokens come from the recording. */
export const majorDecimals = { WETH: 18, USDC: 6, USDT: 6, DAI: 18, WBTC: 8 };

/** Anvil's own accounts, of the published test mnemonic, and what each is for. */
export const mnemonic = 'test test test test test test test test test test test junk';
export const derivation = "m/44'/60'/0'/0/";
export const roles = ['deployer', 'searcher', 'second', 'market', 'noise', 'relayer', 'spare-6',
  'spare-7', 'spare-8', 'spare-9'];
export const accounts = [
  '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266', '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC', '0x90F79bf6EB2c4f870365E785982E1f101E93b906',
  '0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65', '0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc',
  '0x976EA74026E726554dB657fA54763abd0C3a0aa9', '0x14dC79964da2C08b23698B3D3cc7Ca32193d9955',
  '0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f', '0xa0Ee7A142d267C1f36714E4a8F75612F20a79720',
];
export const accountOf = (role) => accounts[roles.indexOf(role)];
