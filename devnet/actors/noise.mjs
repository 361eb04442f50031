// noise: seeded small trades on every chain that push prices apart and let them come back.
import { theirs } from '../artifacts.mjs';
import { quantity } from '../abi.mjs';
import { accountOf } from '../chains.mjs';
import { normal, uniform } from './random.mjs';
import { Sender } from './sender.mjs';

const deviation = 0.012;
const pull = 0.15;
const largestShare = 0.03;
const deadline = 2 ** 40;

const v2Router = () => theirs('v2-periphery', 'UniswapV2Router02').abi;
const v3Router = () => theirs('v3-periphery', 'SwapRouter').abi;
const pairAbi = () => theirs('v2-core', 'UniswapV2Pair').abi;
const poolAbi = () => theirs('v3-core', 'UniswapV3Pool').abi;

/** The trades of one chain; each turn makes `perTurn` of them. */
export class Noise {
  trades = 0;

  constructor(chain, seed, perTurn, turnMs) {
    this.chain = chain;
    this.turnMs = turnMs;
    this.perTurn = perTurn;
    this.next = uniform(seed ^ chain.chainId);
    this.sender = new Sender(chain.rpc, accountOf('noise'));
    const traded = new Set(chain.tokens.filter(({ usdE18 }) => usdE18)
      .map(({ address }) => address));
    const known = ({ token0, token1 }) => traded.has(token0) && traded.has(token1);
    this.forks = chain.pools.filter((pool) => pool.protocol === 'uniswap-v2-fork' && known(pool));
    this.ranges = chain.pools.filter((pool) => pool.family === 'concentrated' && known(pool));
    this.router = (protocol) =>
      chain.routers.find((each) => each.protocol === protocol).router;
    this.lean = new Map();
  }

  #pick(list) {
    return list[Math.floor(this.next() * list.length)];
  }

  async #read(address, abi, name) {
    const data = abi.encodeFunctionData(name);
    return abi.decodeFunctionResult(name,
      await this.chain.rpc.call('eth_call', { to: address, data }, 'latest'));
  }

  async #reserves(address) {
    const [reserve0, reserve1] = await this.#read(address, pairAbi(), 'getReserves');
    return [Number(reserve0), Number(reserve1)];
  }

  /** A fork is drawn to the pair it follows, times a lean that wanders around one. */
  async #tradeFork(pool) {
    const [held0, held1] = await this.#reserves(pool.address);
    const state = this.lean.get(pool.address) ?? { price: held1 / held0, lean: 0 };
    state.lean = state.lean * (1 - pull) + deviation * Math.sqrt(2 * pull) * normal(this.next);
    this.lean.set(pool.address, state);
    const [other0, other1] = pool.follows ? await this.#reserves(pool.follows)
      : [1, state.price];
    const wanted0 = Math.sqrt(held0 * held1 / (other1 / other0 * Math.exp(state.lean)));
    const isZeroIn = wanted0 > held0;
    const held = isZeroIn ? held0 : held1;
    const gap = isZeroIn ? wanted0 - held0 : held0 * held1 / wanted0 - held1;
    const amount = BigInt(Math.floor(Math.min(gap, held * largestShare)));
    if (amount <= 0n) return null;
    const path = isZeroIn ? [pool.token0, pool.token1] : [pool.token1, pool.token0];
    return { to: this.router('uniswap-v2-fork'),
      data: v2Router().encodeFunctionData('swapExactTokensForTokens',
        [amount, 0, path, this.sender.from, deadline]) };
  }

  /** A concentrated pool is pushed a little, rather back to where it began than away from it. */
  async #tradeRange(pool) {
    const { tick, sqrtPriceX96 } = await this.#read(pool.address, poolAbi(), 'slot0');
    const [liquidity] = await this.#read(pool.address, poolAbi(), 'liquidity');
    const start = this.lean.get(pool.address) ?? Number(tick);
    this.lean.set(pool.address, start);
    const backwards = 0.5 + Math.max(-0.45, Math.min(0.45, (Number(tick) - start) / 200));
    const zeroForOne = this.next() < backwards;
    // A move of some ticks: amount = L * (change of the square root of the price). Where the
    // liquidity thins out on the way, the limit ends the trade at that price.
    const root = Number(sqrtPriceX96) / 2 ** 96;
    const shift = this.next() ** 2 * 0.001;
    const amount = zeroForOne ? Number(liquidity) / root * shift : Number(liquidity) * root * shift;
    if (!(amount >= 1)) return null;
    const limit = sqrtPriceX96 * BigInt(zeroForOne ? 998 : 1002) / 1000n;
    const [tokenIn, tokenOut] = zeroForOne ? [pool.token0, pool.token1]
      : [pool.token1, pool.token0];
    return { to: this.router('uniswap-v3'),
      data: v3Router().encodeFunctionData('exactInputSingle', [[tokenIn, tokenOut, pool.feePips,
        this.sender.from, deadline, quantity(Math.floor(amount)), 0, limit]]) };
  }

  async turn() {
    for (let i = 0; i < this.perTurn; i++) {
      const isFork = this.forks.length > 0 && (this.ranges.length === 0 || this.next() < 0.5);
      const trade = isFork ? await this.#tradeFork(this.#pick(this.forks))
        : this.ranges.length > 0 ? await this.#tradeRange(this.#pick(this.ranges)) : null;
      if (trade && await this.sender.send(trade.to, trade.data)) this.trades += 1;
    }
    await this.sender.tend();
  }

  figures() {
    return { trades: this.trades, replaced: this.sender.replaced };
  }
}
