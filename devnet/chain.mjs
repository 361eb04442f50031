// chain: one node as a builder sees it: send and wait, deploy, read, and construct in place.
import { concat, getAddress, quantity } from './abi.mjs';
import { link } from './artifacts.mjs';
import { RpcError } from './rpc.mjs';

const pause = (ms) => new Promise((wake) => { setTimeout(wake, ms); });

/** A deployed contract: its address and its interface. */
export class Contract {
  constructor(chain, address, abi) {
    this.chain = chain;
    this.address = getAddress(address);
    this.abi = abi;
  }

  data(name, args = []) {
    return this.abi.encodeFunctionData(name, args);
  }

  /** Calls a function without sending; one result comes bare, several as a tuple. */
  async read(name, ...args) {
    const call = { to: this.address, data: this.data(name, args), from: this.chain.from };
    const answer = this.abi.decodeFunctionResult(name,
      await this.chain.rpc.call('eth_call', call, 'latest'));
    return answer.length === 1 ? answer[0] : answer;
  }

  /** Sends a transaction and waits for its receipt; throws when it reverts. */
  send(name, ...args) {
    return this.chain.send({ to: this.address, data: this.data(name, args) },
      `${name} of ${this.address}`);
  }

  /** The arguments of the first event of this name in a receipt. */
  event(receipt, name) {
    const topic = this.abi.getEvent(name).topicHash;
    const log = receipt.logs.find((entry) => entry.topics[0] === topic
      && getAddress(entry.address) === this.address);
    return this.abi.parseLog(log).args;
  }
}

export class Chain {
  /** @param from the account that signs, one the node holds the key of */
  constructor(rpc, from, gasLimit = 20_000_000) {
    this.gas = quantity(gasLimit);
    this.rpc = rpc;
    this.from = from;
    this.transactions = 0;
    this.gasUsed = 0n;
  }

  async receipt(hash) {
    for (;;) {
      const receipt = await this.rpc.call('eth_getTransactionReceipt', hash);
      if (receipt) return receipt;
      await pause(3);
    }
  }

  async send(transaction, what) {
    const full = { from: this.from, gas: this.gas, ...transaction };
    const receipt = await this.receipt(await this.rpc.call('eth_sendTransaction', full));
    this.transactions += 1;
    this.gasUsed += BigInt(receipt.gasUsed);
    if (receipt.status !== '0x1') throw await this.#reason(full, what);
    return receipt;
  }

  async #reason(transaction, what) {
    const why = await this.rpc.call('eth_call', transaction, 'latest')
      .then(() => 'no reason given', (error) =>
        error instanceof RpcError ? `${error.message} ${error.data ?? ''}` : String(error));
    return new Error(`${what} reverted: ${why}`);
  }

  at(address, abi) {
    return new Contract(this, address, abi);
  }

  /** Deploys in the ordinary way; the address follows from the sender's nonce. */
  async deploy(artifact, args = [], libraries = {}) {
    const data = concat([link(artifact, libraries), artifact.abi.encodeDeploy(args)]);
    const receipt = await this.send({ data }, `deploying ${artifact.name}`);
    return this.at(receipt.contractAddress, artifact.abi);
  }

  /**
   * Constructs a contract at an address of choice, the real one: its creation code is put there
   * and called, so the constructor runs where it should and writes that storage; what it returns
   * is the runtime code, with its immutables (its own address too) filled in.
   */
  async place(address, artifact, args = [], libraries = {}) {
    const creation = concat([link(artifact, libraries), artifact.abi.encodeDeploy(args)]);
    await this.rpc.call('anvil_setNonce', address, '0x1');
    await this.rpc.call('anvil_setCode', address, creation);
    const call = { from: this.from, to: address, gas: this.gas };
    const runtime = await this.rpc.call('eth_call', call, 'latest');
    await this.send(call, `constructing ${artifact.name} at ${address}`);
    await this.rpc.call('anvil_setCode', address, runtime);
    return this.at(address, artifact.abi);
  }
}
