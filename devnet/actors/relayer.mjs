// relayer: fills Across deposits between the devnet's chains from its own stock of tokens.
import { word, ZeroHash } from '../abi.mjs';
import { accountOf } from '../chains.mjs';
import { Sender } from './sender.mjs';
import { addressIn, spokeAbi, SpokeEvents } from './spoke.mjs';

const relayer = accountOf('relayer');

/** The relay data of a deposit, as fillRelay takes it. */
const relayOf = (deposit, originChainId) => [deposit.depositor, deposit.recipient,
  deposit.exclusiveRelayer, deposit.inputToken, deposit.outputToken, deposit.inputAmount,
  deposit.outputAmount, BigInt(originChainId), deposit.depositId, deposit.fillDeadline,
  deposit.exclusivityDeadline, deposit.message];

export class Relayer {
  filled = 0;
  refused = 0;

  constructor(world, chains) {
    this.routes = world.routes;
    this.chains = chains.map((chain) => ({ ...chain,
      deposits: new SpokeEvents(chain, 'FundsDeposited'),
      sender: new Sender(chain.rpc, relayer) }));
  }

  /** Why a deposit is not filled, or null. */
  #refusal(deposit, origin, target) {
    if (!target) return 'its chain is not on this devnet';
    const [input, output] = [deposit.inputToken, deposit.outputToken].map(addressIn);
    const isRoute = this.routes.some(({ tokens }) =>
      tokens[origin.chain] === input && tokens[target.chain] === output);
    if (!isRoute) return 'its tokens are not two of the same';
    if (deposit.outputAmount > deposit.inputAmount) return 'it pays out more than it takes in';
    const now = BigInt(Math.floor(Date.now() / 1000));
    if (deposit.fillDeadline <= now) return 'its deadline has passed';
    const isOpen = [ZeroHash, word(relayer).toLowerCase()].includes(deposit.exclusiveRelayer)
      || deposit.exclusivityDeadline <= now;
    return isOpen ? null : 'it is for another relayer';
  }

  async #fill(origin, deposit) {
    const target = this.chains.find(({ chainId }) =>
      BigInt(chainId) === deposit.destinationChainId);
    const reason = this.#refusal(deposit, origin, target);
    if (reason) {
      this.refused += 1;
      console.error(`relayer: deposit ${deposit.depositId} of ${origin.name}: ${reason}`);
      return;
    }
    const data = spokeAbi().encodeFunctionData('fillRelay',
      [relayOf(deposit, origin.chainId), BigInt(origin.chainId), word(relayer)]);
    if (await target.sender.send(target.spokePool, data)) this.filled += 1;
  }

  async turn() {
    for (const chain of this.chains) {
      for (const deposit of await chain.deposits.next()) await this.#fill(chain, deposit);
      await chain.sender.tend();
    }
  }

  figures() {
    return { filled: this.filled, refused: this.refused };
  }
}
