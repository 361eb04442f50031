// abi: ethers, from where install put it, for ABI coding, hashes and the test accounts' keys.
import path from 'node:path';
import { createRequire } from 'node:module';
import * as places from './places.mjs';

export const require = createRequire(path.join(places.packages, 'package.json'));
const ethers = require('ethers');
export const { AbiCoder, HDNodeWallet, Interface, Mnemonic, ZeroAddress, ZeroHash, concat,
  getAddress, keccak256, zeroPadValue } = ethers;

export const coder = AbiCoder.defaultAbiCoder();
export const quantity = (value) => `0x${BigInt(value).toString(16)}`;
export const word = (address) => zeroPadValue(address, 32);
export const bytes32Of = (text) =>
  concat([new TextEncoder().encode(text), new Uint8Array(32 - text.length)]);
export const maxUint256 = (1n << 256n) - 1n;

/** The interface of an ERC-20, as far as the devnet speaks it. */
export const erc20 = new Interface([
  'function symbol() view returns (string)',
  'function decimals() view returns (uint8)',
  'function totalSupply() view returns (uint256)',
  'function balanceOf(address) view returns (uint256)',
  'function allowance(address,address) view returns (uint256)',
  'function approve(address,uint256) returns (bool)',
  'function transfer(address,uint256) returns (bool)',
  'function mint(address,uint256)',
  'function deposit() payable',
]);
