// market: replays the recorded day's events: each moves its real pool to the recorded reserves.
import { ours } from '../artifacts.mjs';
import { Sender } from './sender.mjs';
import { accountOf } from '../chains.mjs';
import { readEvents } from '../day.mjs';

const perTurn = 48;

/** Keeps the last event of each pool, in the order of the chain. */
function latestOfEach(events) {
  const last = new Map(events.map((event) => [event.pool, event]));
  return events.filter((event) => last.get(event.pool) === event);
}

export class Market {
  #next = 0;
  skipped = 0;

  /** @param chains world entries with their `rpc`; @param speed day seconds a second */
  constructor(chains, from, speed) {
    this.speed = speed;
    this.slot = from;
    this.from = from;
    const homes = new Map(chains.flatMap((chain) => chain.pools
      .filter(({ live }) => live).map(({ address }) => [address, chain])));
    this.events = readEvents().filter((event) => homes.has(event.pool));
    this.senders = new Map();
    for (const [pool, chain] of homes) {
      this.senders.set(pool, { mover: chain.mover, sender: this.#senderOf(chain) });
    }
  }

  #senderOf(chain) {
    const found = [...this.senders.values()].find(({ sender }) => sender.rpc === chain.rpc);
    return found?.sender ?? new Sender(chain.rpc, accountOf('market'));
  }

  /** Sends the events that have come to pass; called again and again. */
  async turn(elapsedMs) {
    this.slot = this.from + Math.floor(elapsedMs / 1000 * this.speed);
    let due = [];
    while (this.events[this.#next]?.slot <= this.slot) due.push(this.events[this.#next++]);
    if (due.length > perTurn) {
      const kept = latestOfEach(due);
      this.skipped += due.length - kept.length;
      due = kept;
    }
    for (const { pool, reserve0, reserve1 } of due) {
      const { mover, sender } = this.senders.get(pool);
      const data = ours().Mover.abi.encodeFunctionData('move', [pool, reserve0, reserve1]);
      if (await sender.send(mover, data) === null) this.skipped += 1;
    }
    for (const sender of this.#senders()) await sender.tend();
  }

  #senders() {
    return new Set([...this.senders.values()].map(({ sender }) => sender));
  }

  /** What it has done so far. */
  figures() {
    const senders = [...this.#senders()];
    return { slot: this.slot, events: this.#next, skipped: this.skipped,
      replaced: senders.reduce((sum, { replaced }) => sum + replaced, 0) };
  }
}
