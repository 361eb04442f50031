// relayer: fills Across deposits between the devnet's chains, and is repaid by root bundles.
import { coder, keccak256, quantity, word, ZeroHash } from '../abi.mjs';
import { theirs } from '../artifacts.mjs';
import { accountOf } from '../chains.mjs';
import { Sender } from './sender.mjs';

const abi = () => theirs('across', 'Ethereum_SpokePool').abi;
const leafType = 'tuple(uint256 amountToReturn,uint256 chainId,uint256[] refundAmounts,'
  + 'uint32 leafId,address l2TokenAddress,address[] refundAddresses)';
const refundAfter = 8;
const relayer = accountOf('relayer');
const addressIn = (bytes32) => `0x${bytes32.slice(26)}`.toLowerCase();

export class Relayer {
  filled = 0;
  refused = 0;
  refunded = 0;

  constructor(world, chains) {
    this.chains = chains;
    this.byId = new Map(chains.map((chain) => [chain.chainId, chain]));
    this.routes = world.routes;
    this.state = new Map(chains.map((chain) => [chain, {
      seen: 0, owed: new Map(), bundles: null,
      filler: new Sender(chain.rpc, relayer),
      worker: new Sender(chain.rpc, accountOf('deployer')),
    }]));
  }

  /** Why a deposit is not filled, or null. */
  #refusal(deposit, origin, target, now) {
    if (!target) return 'its chain is not on this devnet';
    const [input, output] = [deposit.inputToken, deposit.outputToken].map(addressIn);
    const isRoute = this.routes.some(({ tokens }) =>
      tokens[origin.chain] === input && tokens[target.chain] === output);
    if (!isRoute) return 'its tokens are not two of the same';
    if (deposit.outputAmount > deposit.inputAmount) return 'it pays out more than it takes in';
    if (deposit.fillDeadline <= now) return 'its deadline has passed';
    const isOurs = [ZeroHash, word(relayer).toLowerCase()].includes(deposit.exclusiveRelayer)
      || deposit.exclusivityDeadline <= now;
    return isOurs ? null : 'it is another relayer\'s for now';
  }

  async #fill(origin, deposit) {
    const target = this.byId.get(Number(deposit.destinationChainId));
    const now = BigInt(Math.floor(Date.now() / 1000));
    if (this.#refusal(deposit, origin, target, now)) {
      this.refused += 1;
      return;
    }
    const relay = [deposit.depositor, deposit.recipient, deposit.exclusiveRelayer,
      deposit.inputToken, deposit.outputToken, deposit.inputAmount, deposit.outputAmount,
      BigInt(origin.chainId), deposit.depositId, deposit.fillDeadline,
      deposit.exclusivityDeadline, deposit.message];
    const data = abi().encodeFunctionData('fillRelay',
      [relay, BigInt(origin.chainId), word(relayer)]);
    if (await this.state.get(target).filler.send(target.spokePool, data) === null) return;
    this.filled += 1;
    const { owed } = this.state.get(origin);
    const token = addressIn(deposit.inputToken);
    owed.set(token, [...owed.get(token) ?? [], deposit.inputAmount]);
  }

  async #deposits(chain) {
    const state = this.state.get(chain);
    const head = Number(await chain.rpc.call('eth_blockNumber'));
    if (head <= state.seen) return [];
    const logs = await chain.rpc.call('eth_getLogs', { address: chain.spokePool,
      fromBlock: quantity(state.seen + 1), toBlock: quantity(head),
      topics: [abi().getEvent('FundsDeposited').topicHash] });
    state.seen = head;
    return logs.map((log) => abi().parseLog(log).args);
  }

  /** Repays fills where they were paid in: a root of one leaf, relayed and executed. */
  async #refund(chain) {
    const state = this.state.get(chain);
    for (const [token, amounts] of state.owed) {
      if (amounts.length < refundAfter) continue;
      state.owed.delete(token);
      state.bundles ??= await this.#countBundles(chain);
      const total = amounts.reduce((sum, amount) => sum + amount, 0n);
      const leaf = [0, chain.chainId, [total], 0, token, [relayer]];
      const root = keccak256(coder.encode([leafType], [leaf]));
      const calls = [['relayRootBundle', [root, ZeroHash]],
        ['executeRelayerRefundLeaf', [state.bundles++, leaf, []]]];
      for (const [name, args] of calls) {
        await state.worker.send(chain.spokePool, abi().encodeFunctionData(name, args));
      }
      this.refunded += amounts.length;
    }
  }

  async #countBundles(chain) {
    const topics = [abi().getEvent('RelayedRootBundle').topicHash];
    const logs = await chain.rpc.call('eth_getLogs',
      { address: chain.spokePool, fromBlock: '0x0', toBlock: 'latest', topics });
    return logs.length;
  }

  async turn() {
    for (const chain of this.chains) {
      for (const deposit of await this.#deposits(chain)) await this.#fill(chain, deposit);
      await this.#refund(chain);
      const { filler, worker } = this.state.get(chain);
      await filler.tend();
      await worker.tend();
    }
  }

  figures() {
    return { filled: this.filled, refused: this.refused, refunded: this.refunded };
  }
}
