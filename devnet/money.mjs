// money: amounts from dollars and start prices from recorded ones, in whole numbers throughout.

/** The largest integer whose square is at most n. */
export function sqrtFloor(n) {
  if (n < 2n) return n;
  let root = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Base units of a token for this many whole US dollars, rounded down. */
export const unitsOf = (usd, token) =>
  BigInt(usd) * 10n ** (18n + BigInt(token.decimals)) / token.usdE18;

/** sqrt(token1 per token0) as Uniswap V3 keeps it, from two tokens' dollar prices. */
export const sqrtPriceX96Of = (token0, token1) => sqrtFloor(
  ((token0.usdE18 * 10n ** BigInt(token1.decimals)) << 192n)
  / (token1.usdE18 * 10n ** BigInt(token0.decimals)));

/** Two tokens in the order of their addresses, which is the order in every pool. */
export const ordered = (a, b) => BigInt(a.address) < BigInt(b.address) ? [a, b] : [b, a];
