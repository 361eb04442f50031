// spoke: reading the SpokePools' logs once each, in order, chain by chain.
import { quantity } from '../abi.mjs';
import { theirs } from '../artifacts.mjs';

const maxBlocks = 500;

export const spokeAbi = () => theirs('across', 'Ethereum_SpokePool').abi;
export const addressIn = (bytes32) => `0x${bytes32.slice(26)}`.toLowerCase();

/** The events of one name on one chain, each given once. */
export class SpokeEvents {
  #seen = 0;

  constructor(chain, name) {
    this.chain = chain;
    this.topic = spokeAbi().getEvent(name).topicHash;
  }

  /** The events since the last call. */
  async next() {
    const head = Number(await this.chain.rpc.call('eth_blockNumber'));
    const last = Math.min(head, this.#seen + maxBlocks);
    if (last <= this.#seen) return [];
    const logs = await this.chain.rpc.call('eth_getLogs', { address: this.chain.spokePool,
      fromBlock: quantity(this.#seen + 1), toBlock: quantity(last), topics: [this.topic] });
    this.#seen = last;
    return logs.map((log) => spokeAbi().parseLog(log).args);
  }
}
