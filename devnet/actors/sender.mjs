// sender: one account's transactions in nonce order, few at a time; what sticks is sent dearer.
import { quantity } from '../abi.mjs';

const maxInFlight = 64;
const gasLimit = 5_000_000;
const tipWei = 1_000_000_000n;
const maxFeeWei = 20_000_000_000n;

/**
 * An account that only this process uses. Nonces are given one after the other: concurrent sends
 * can leave a transaction queued for good, so `tend` replaces the lowest one that has not moved.
 */
export class Sender {
  #tail = Promise.resolve();
  #inFlight = new Map();
  #nonce = null;
  replaced = 0;
  sent = 0;

  constructor(rpc, from, stuckAfterMs = 4_000) {
    this.rpc = rpc;
    this.from = from;
    this.stuckAfterMs = stuckAfterMs;
  }

  /** Sends; resolves to the hash, or to null when too much is under way or the node refuses. */
  send(to, data) {
    const turn = this.#tail.then(() => this.#sendNow({ to, data }));
    this.#tail = turn.then(() => {}, () => {});
    return turn;
  }

  async #sendNow(transaction) {
    if (this.#inFlight.size >= maxInFlight) return null;
    this.#nonce ??= Number(await this.rpc.call('eth_getTransactionCount', this.from, 'latest'));
    const entry = { transaction, priceTimes: 1n, at: performance.now() };
    const hash = await this.#submit(this.#nonce, entry);
    this.#inFlight.set(this.#nonce, entry);
    this.#nonce += 1;
    this.sent += 1;
    return hash;
  }

  #submit(nonce, { transaction, priceTimes }) {
    return this.rpc.call('eth_sendTransaction', {
      from: this.from, nonce: quantity(nonce), gas: quantity(gasLimit),
      maxFeePerGas: quantity(maxFeeWei * priceTimes),
      maxPriorityFeePerGas: quantity(tipWei * priceTimes), ...transaction,
    });
  }

  /** Forgets what is mined and replaces the lowest transaction when it has been waiting long. */
  async tend() {
    const mined = Number(await this.rpc.call('eth_getTransactionCount', this.from, 'latest'));
    for (const nonce of this.#inFlight.keys()) if (nonce < mined) this.#inFlight.delete(nonce);
    const lowest = this.#inFlight.get(mined);
    if (!lowest || performance.now() - lowest.at < this.stuckAfterMs) return;
    lowest.priceTimes *= 2n;
    lowest.at = performance.now();
    this.replaced += 1;
    await this.#submit(mined, lowest);
  }
}
