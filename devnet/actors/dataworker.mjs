// dataworker: repays relayers for their fills with root bundles, as Across does, only sooner.
import { coder, erc20, keccak256, quantity, ZeroHash } from '../abi.mjs';
import { accountOf } from '../chains.mjs';
import { Sender } from './sender.mjs';
import { addressIn, spokeAbi, SpokeEvents } from './spoke.mjs';

const everyMs = 5_000;
const maxRelayers = 25;
const leafType = 'tuple(uint256 amountToReturn,uint256 chainId,uint256[] refundAmounts,'
  + 'uint32 leafId,address l2TokenAddress,address[] refundAddresses)';

export class Dataworker {
  repaid = 0;
  turnMs = 500;
  #lastMs = 0;

  constructor(world, chains) {
    this.routes = world.routes;
    this.chains = chains.map((chain) => ({ ...chain, bundles: null, owed: new Map(),
      fills: new SpokeEvents(chain, 'FilledRelay'),
      sender: new Sender(chain.rpc, accountOf('deployer')) }));
  }

  /** Notes what a fill has earned: the whole input, in that token where it is to be repaid. */
  #note(fill) {
    const payer = this.chains.find(({ chainId }) => BigInt(chainId) === fill.repaymentChainId);
    const origin = `eip155:${fill.originChainId}`;
    const token = this.routes.find(({ tokens }) =>
      tokens[origin] === addressIn(fill.inputToken))?.tokens[payer?.chain];
    if (!token) return;
    const relayers = payer.owed.get(token) ?? new Map();
    const relayer = addressIn(fill.relayer);
    const { amount = 0n, fills = 0 } = relayers.get(relayer) ?? {};
    relayers.set(relayer, { amount: amount + fill.inputAmount, fills: fills + 1 });
    payer.owed.set(token, relayers);
  }

  async #held(chain, token) {
    const data = erc20.encodeFunctionData('balanceOf', [chain.spokePool]);
    return BigInt(await chain.rpc.call('eth_call', { to: token, data }, 'latest'));
  }

  /** Relays a root of one leaf and executes it; what the pool does not hold has to wait. */
  async #repay(chain, token, relayers) {
    const due = [...relayers].slice(0, maxRelayers);
    const total = due.reduce((sum, [, { amount }]) => sum + amount, 0n);
    if (total > await this.#held(chain, token)) return;
    chain.bundles ??= await this.#countBundles(chain);
    const leaf = [0, chain.chainId, due.map(([, { amount }]) => amount), 0, token,
      due.map(([relayer]) => relayer)];
    const root = keccak256(coder.encode([leafType], [leaf]));
    const calls = [['relayRootBundle', [root, ZeroHash]],
      ['executeRelayerRefundLeaf', [chain.bundles, leaf, []]]];
    for (const [name, args] of calls) {
      await chain.sender.send(chain.spokePool, spokeAbi().encodeFunctionData(name, args));
    }
    chain.bundles += 1;
    for (const [relayer, { fills }] of due) {
      relayers.delete(relayer);
      this.repaid += fills;
    }
    if (relayers.size === 0) chain.owed.delete(token);
  }

  async #countBundles(chain) {
    const logs = await chain.rpc.call('eth_getLogs', { address: chain.spokePool,
      fromBlock: quantity(0), toBlock: 'latest',
      topics: [spokeAbi().getEvent('RelayedRootBundle').topicHash] });
    return logs.length;
  }

  async turn(elapsedMs) {
    const isTime = elapsedMs - this.#lastMs >= everyMs;
    for (const chain of this.chains) {
      for (const fill of await chain.fills.next()) this.#note(fill);
      for (const [token, relayers] of isTime ? chain.owed : []) {
        await this.#repay(chain, token, relayers);
      }
      await chain.sender.tend();
    }
    if (isTime) this.#lastMs = elapsedMs;
  }

  figures() {
    return { repaid: this.repaid };
  }
}
