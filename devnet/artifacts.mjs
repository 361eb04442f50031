// artifacts: compiled contracts by name: the protocols' own, from their packages, and ours.
import fs from 'node:fs';
import path from 'node:path';
import * as places from './places.mjs';
import { Interface, require } from './abi.mjs';
import { sha } from './install.mjs';

const evmVersion = 'paris';

const folders = {
  'v2-core': (name) => `v2-core/build/${name}.json`,
  'v2-periphery': (name) => `v2-periphery/build/${name}.json`,
  'v3-core': (name) => `v3-core/artifacts/contracts/${name}.sol/${leaf(name)}.json`,
  'v3-periphery': (name) => `v3-periphery/artifacts/contracts/${name}.sol/${leaf(name)}.json`,
  balancer: (name) => `balancer/dist/tasks/${path.dirname(name)}/artifact/${leaf(name)}.json`,
  aave: (name) => `aave/artifacts/contracts/${name}.sol/${leaf(name)}.json`,
  across: (name) => `across/dist/evm/artifacts/${name}.sol/${name}.json`,
};
const leaf = (name) => path.basename(name);
const loaded = new Map();

const hex = (text) => text.startsWith('0x') ? text : `0x${text}`;

/** An artifact: its name, interface, creation code, and the places where libraries are linked. */
function shape(name, raw) {
  return {
    name: leaf(name),
    abi: new Interface(raw.abi),
    code: hex(raw.bytecode.object ?? raw.bytecode),
    links: raw.linkReferences ?? raw.bytecode.linkReferences ?? {},
  };
}

/** A protocol's artifact, such as `theirs('v3-core', 'UniswapV3Factory')`. */
export function theirs(parcel, name) {
  const file = path.join(places.parcels, folders[parcel](name));
  if (!loaded.has(file)) loaded.set(file, shape(name, JSON.parse(fs.readFileSync(file, 'utf8'))));
  return loaded.get(file);
}

/** Permit2's creation code; its package carries it inside a generated source file. */
export function permit2() {
  const file = path.join(places.parcels,
    'universal-router/typechain/factories/Permit2__factory.ts');
  const [, code] = /_bytecode =\s+"(0x[0-9a-f]+)"/.exec(fs.readFileSync(file, 'utf8'));
  return { name: 'Permit2', abi: new Interface([]), code, links: {} };
}

function compile(sources) {
  const answer = JSON.parse(require('solc').compile(JSON.stringify({
    language: 'Solidity',
    sources,
    settings: {
      evmVersion,
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
    },
  })));
  const errors = (answer.errors ?? []).filter((error) => error.severity === 'error');
  if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join('\n'));
  return Object.fromEntries(Object.values(answer.contracts).flatMap((file) =>
    Object.entries(file).map(([name, { abi, evm }]) =>
      [name, { abi, bytecode: hex(evm.bytecode.object) }])));
}

/** Our own contracts by name, compiled when their sources have changed. */
export function ours() {
  if (loaded.has('ours')) return loaded.get('ours');
  const folder = path.join(places.source, 'contracts');
  const sources = Object.fromEntries(fs.readdirSync(folder).sort().map((file) =>
    [file, { content: fs.readFileSync(path.join(folder, file), 'utf8') }]));
  const key = sha('sha256', JSON.stringify([evmVersion, sources]), 'hex').slice(0, 16);
  const kept = path.join(places.kept, 'contracts', `${key}.json`);
  if (!fs.existsSync(kept)) {
    fs.mkdirSync(path.dirname(kept), { recursive: true });
    fs.writeFileSync(`${kept}.new`, JSON.stringify(compile(sources)));
    fs.renameSync(`${kept}.new`, kept);
  }
  const contracts = Object.fromEntries(Object.entries(JSON.parse(fs.readFileSync(kept, 'utf8')))
    .map(([name, raw]) => [name, shape(name, raw)]));
  loaded.set('ours', contracts);
  return contracts;
}

/** Creation code with its libraries' addresses put in. */
export function link(artifact, libraries) {
  let code = artifact.code;
  for (const file of Object.values(artifact.links)) {
    for (const [library, spots] of Object.entries(file)) {
      if (!libraries[library]) throw new Error(`${artifact.name} needs the library ${library}`);
      const address = libraries[library].slice(2).toLowerCase();
      for (const { start, length } of spots) {
        code = code.slice(0, 2 + 2 * start) + address + code.slice(2 + 2 * (start + length));
      }
    }
  }
  return code;
}
