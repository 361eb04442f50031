// install: fetches what the devnet runs and deploys, pinned and checked by hash, once.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import * as places from './places.mjs';

const npmFlags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

/** The first lines of what a program said, without the stacks in it. */
const gist = (words) => words.split('\n')
  .filter((line) => line.trim() && !/ {4}at |\{$/.test(line)).slice(0, 5).join('\n');

/** Runs a program to its end; its words are kept and shown only when it fails. */
function runToEnd(program, args, cwd) {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let words = '';
    const keep = (chunk) => { words = (words + chunk).slice(-4000); };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => fail(new Error(`${program} cannot be run: ${error.message}`)));
    child.on('close', (code) => code === 0 ? done()
      : fail(new Error(`${program} ${args[0]} ended with ${code}: ${gist(words)}`)));
  });
}

export const sha = (algorithm, bytes, form) => createHash(algorithm).update(bytes).digest(form);

async function installTools() {
  for (const file of ['package.json', 'package-lock.json']) {
    await fs.copyFile(path.join(places.source, file), path.join(places.packages, file));
  }
  await runToEnd('npm', ['ci', ...npmFlags], places.packages);
}

async function unpack(parcel, tarballs) {
  const file = `${parcel.name.replace('@', '').replace('/', '-')}-${parcel.version}.tgz`;
  const tarball = path.join(tarballs, file);
  const integrity = `sha512-${sha('sha512', await fs.readFile(tarball), 'base64')}`;
  if (integrity !== parcel.integrity) {
    throw new Error(`${parcel.name}@${parcel.version} has hash ${integrity}, not the one in `
      + 'devnet/parcels.json: the registry serves something else than what was pinned');
  }
  const folder = path.join(places.parcels, parcel.folder);
  await fs.mkdir(folder, { recursive: true });
  await runToEnd('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1',
    ...parcel.take.map((entry) => `package/${entry}`)], folder);
}

async function installParcels(list) {
  const tarballs = path.join(places.packages, 'tarballs');
  await fs.mkdir(tarballs, { recursive: true });
  await runToEnd('npm', ['pack', '--silent', '--loglevel=error', '--pack-destination', tarballs,
    ...list.map((parcel) => `${parcel.name}@${parcel.version}`)], tarballs);
  await Promise.all(list.map((parcel) => unpack(parcel, tarballs)));
  await fs.rm(tarballs, { recursive: true });
}

/** Installs unless what is pinned is already there. Returns the hash of all pins. */
export async function ensureInstalled(say) {
  const pins = await Promise.all(['package-lock.json', 'parcels.json']
    .map((file) => fs.readFile(path.join(places.source, file))));
  const key = sha('sha256', Buffer.concat(pins), 'hex').slice(0, 16);
  const stamp = path.join(places.packages, 'installed');
  const found = await fs.readFile(stamp, 'utf8').catch(() => '');
  if (found !== key) {
    say('installing the node, the compiler and the protocol packages (once)');
    await fs.rm(places.packages, { recursive: true, force: true });
    await fs.mkdir(places.packages, { recursive: true });
    await Promise.all([installTools(), installParcels(JSON.parse(pins[1]).parcels)]);
    await fs.writeFile(stamp, key);
  }
  return key;
}
