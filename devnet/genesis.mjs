// genesis: a node's dumped state as the genesis a new node starts from: same accounts, block zero.
import { quantity, ZeroAddress } from './abi.mjs';

const gasLimit = 60_000_000;
const baseFeeWei = 10_000_000;
const fullWord = (value) => `0x${BigInt(value).toString(16).padStart(64, '0')}`;

/** Returns the genesis as JSON text, and how many storage slots it fills. */
export function genesisOf(chainId, { accounts }) {
  const alloc = {};
  let slots = 0;
  for (const [address, { nonce, balance, code, storage }] of Object.entries(accounts)) {
    const filled = Object.entries(storage ?? {}).filter(([, value]) => BigInt(value) !== 0n);
    slots += filled.length;
    alloc[address] = {
      balance: quantity(balance),
      nonce: quantity(nonce ?? 0),
      ...(code && code !== '0x' ? { code } : {}),
      ...(filled.length === 0 ? {} : { storage: Object.fromEntries(
        filled.map(([slot, value]) => [fullWord(slot), fullWord(value)])) }),
    };
  }
  const text = JSON.stringify({
    config: { chainId }, nonce: '0x0', timestamp: '0x0', extraData: '0x',
    gasLimit: quantity(gasLimit), difficulty: '0x0', baseFeePerGas: quantity(baseFeeWei),
    coinbase: ZeroAddress, alloc,
  });
  return { text, slots };
}
