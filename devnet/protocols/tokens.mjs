// tokens: every token at its real address, WETH9 where it is wrapped ether, and their pricing.
import { ours, theirs, permit2 } from '../artifacts.mjs';
import { quantity } from '../abi.mjs';
import { everywhere, majorDecimals } from '../chains.mjs';

const wrappedEther = 10n ** 25n;

/** The tokens of one chain: the recorded ones and the majors, each with a dollar price or none. */
export function listTokens(chain, markets, prices) {
  const recorded = markets.tokens.filter((token) => token.chain === chain.id);
  const majors = Object.entries(chain.majors).map(([symbol, address]) =>
    ({ address: address.toLowerCase(), symbol, decimals: majorDecimals[symbol], major: true }));
  const byAddress = new Map(majors.map((token) => [token.address, { ...token, recorded: false }]));
  for (const token of recorded) {
    byAddress.set(token.address,
      { ...byAddress.get(token.address), ...token, recorded: true });
  }
  // A major that was not priced on its own chain that day is priced as on another.
  const fallback = (token) => token.major && markets.tokens
    .filter(({ symbol }) => symbol === token.symbol)
    .map((other) => prices.get(`${other.chain}:${other.address}`)).find(Boolean);
  return [...byAddress.values()].map((token) => ({
    ...token,
    usdE18: prices.get(`${chain.id}:${token.address}`) ?? (fallback(token) || null),
    wrapsEther: token.address === chain.majors.WETH.toLowerCase(),
  }));
}

/** Puts the tokens, Multicall3 and Permit2 where they belong; the builder holds much ether. */
export async function placeTokens(builder, tokens) {
  const contracts = new Map();
  for (const token of tokens) {
    contracts.set(token.address, token.wrapsEther
      ? await builder.place(token.address, theirs('v2-periphery', 'WETH9'))
      : await builder.place(token.address, ours().Token, [token.symbol, token.decimals]));
  }
  const weth = contracts.get(tokens.find((token) => token.wrapsEther).address);
  await builder.send({ to: weth.address, data: weth.data('deposit'),
    value: quantity(wrappedEther) }, 'wrapping ether');
  await builder.place(everywhere.multicall3, ours().Multicall3);
  await builder.place(everywhere.permit2, permit2());
  return contracts;
}

/** Gives an account base units of a token: newly made ones, or wrapped ether from the builder. */
export const give = (contracts, token, account, units) =>
  contracts.get(token.address).send(token.wrapsEther ? 'transfer' : 'mint', account, units);
