// devnet: the command: up, down, status and build; data on stdout, words on stderr.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as places from './places.mjs';
import { isAlive } from './process.mjs';
import { readOptions, UsageError, usage } from './options.mjs';
import { ensureInstalled, sha } from './install.mjs';

const staleMs = 10_000;
const startLimitMs = 60_000;
const endLimitMs = 20_000;
const lockLimitMs = 300_000;
const say = (words) => process.stderr.write(`devnet: ${words}\n`);
const pause = (ms) => new Promise((wake) => { setTimeout(wake, ms); });

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** The heartbeat of a running devnet, or null; a pid alone may be another's by now. */
function running(at) {
  const run = readJson(at.run);
  return run && isAlive(run.pid) && Date.now() - run.beatMs < staleMs ? run : null;
}

/** Holds one build at a time; a lock whose holder is gone is taken over. */
async function locked(work) {
  fs.mkdirSync(places.kept, { recursive: true });
  const lock = path.join(places.kept, 'lock');
  for (const from = Date.now(); ;) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = Number(fs.existsSync(lock) ? fs.readFileSync(lock, 'utf8') : 0);
    if (holder > 0 && !isAlive(holder)) fs.rmSync(lock, { force: true });
    else if (Date.now() - from > lockLimitMs) {
      throw new Error(`another build holds ${lock}: remove it if none runs`);
    } else await pause(200);
  }
  try {
    return await work();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

/** What a built world depends on: every source that builds it, the pins, and the recorded day. */
function worldKey(pins, dayKey, windowTicks) {
  const skipped = new Set(['devnet.mjs', 'options.mjs', 'host.mjs', 'process.mjs', 'test.mjs',
    'actors', 'test']);
  const files = fs.readdirSync(places.source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(places.source, path.join(entry.parentPath, entry.name)))
    .filter((file) => !skipped.has(file.split(path.sep)[0])).sort();
  const texts = files.map((file) =>
    [file, fs.readFileSync(path.join(places.source, file), 'utf8')]);
  return sha('sha256', JSON.stringify([pins, dayKey, windowTicks, texts]), 'hex').slice(0, 16);
}

/** Installs and builds what is missing. Returns the folder with each chain's genesis. */
const ensureWorld = ({ windowTicks }) => locked(async () => {
  const pins = await ensureInstalled(say);
  const [{ dayKey }, { chains }] = [await import('./day.mjs'), await import('./chains.mjs')];
  const worlds = path.join(places.kept, 'worlds');
  const folder = path.join(worlds, `${windowTicks}-${worldKey(pins, dayKey(), windowTicks)}`);
  if (fs.existsSync(folder)) return folder;
  say('building the world (once)');
  const { buildWorld } = await import('./build.mjs');
  fs.mkdirSync(worlds, { recursive: true });
  for (const old of fs.readdirSync(worlds)) {
    if (old.startsWith(`${windowTicks}-`)) fs.rmSync(path.join(worlds, old), { recursive: true });
  }
  await buildWorld(chains, windowTicks === 'all' ? Infinity : windowTicks, folder, say);
  return folder;
});

async function statusOf(at, run) {
  const world = readJson(at.world);
  const { Rpc } = await import('./rpc.mjs');
  const chains = await Promise.all((world?.chains ?? []).map(async (chain) => {
    const rpc = new Rpc(chain.http);
    const block = await rpc.call('eth_getBlockByNumber', 'latest', false).catch(() => null);
    rpc.close();
    return { chain: chain.chain, name: chain.name, chainId: chain.chainId, http: chain.http,
      ws: chain.ws, block: block && Number(block.number),
      timestamp: block && Number(block.timestamp), addresses: at.world };
  }));
  return { v: 1, kind: 'devnet-status', name: run.name, running: true, pid: run.pid,
    startedMs: run.startedMs, untilMs: run.untilMs, chains, actors: run.actors };
}

const print = (value) => process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);

async function up(options) {
  const at = places.runPlaces(options.name);
  if (running(at)) throw new Error(`already up: ./lockstep devnet down${nameHint(options)} first`);
  const { chains } = await import('./chains.mjs');
  const { isFree } = await import('./anvil.mjs');
  const chosen = chains.filter(({ name }) => options.chains.includes(name));
  for (const { portOffset } of chosen) {
    if (!await isFree(options.port + portOffset)) {
      throw new Error(`port ${options.port + portOffset} of 127.0.0.1 is taken: end what holds `
        + 'it, or choose others with --port');
    }
  }
  const genesis = await ensureWorld(options);
  fs.mkdirSync(at.folder, { recursive: true });
  fs.rmSync(at.world, { force: true });
  const log = fs.openSync(at.log, 'w');
  const { windowTicks, chains: names, ...rest } = options;
  const settings = { ...rest, genesis, chains: chosen.map(({ id }) => id) };
  const host = spawn(process.execPath,
    [path.join(places.source, 'host.mjs'), JSON.stringify(settings)],
    { detached: true, stdio: ['ignore', log, log], cwd: places.home });
  let code = null;
  host.once('exit', (exit) => { code = exit ?? 1; });
  for (const from = Date.now(); !fs.existsSync(at.world); await pause(20)) {
    if (code !== null || Date.now() - from > startLimitMs) {
      if (code === null) host.kill('SIGTERM');
      throw new Error(`it did not come up: ${fs.readFileSync(at.log, 'utf8').trim().slice(-500)}`);
    }
  }
  host.unref();
  print(await statusOf(at, running(at)));
}

const nameHint = ({ name }) => name === 'main' ? '' : ` --name ${name}`;

async function down(options) {
  const at = places.runPlaces(options.name);
  if (!running(at)) {
    for (const file of [at.run, at.world]) fs.rmSync(file, { force: true });
    say('nothing is up');
    return;
  }
  fs.writeFileSync(path.join(at.folder, 'stop'), '');
  for (const from = Date.now(); fs.existsSync(at.run); await pause(20)) {
    if (!running(at)) break;
    if (Date.now() - from > endLimitMs) throw new Error(`it does not end; see ${at.log}`);
  }
  say('down');
}

async function status(options) {
  const at = places.runPlaces(options.name);
  const run = running(at);
  if (run) {
    print(await statusOf(at, run));
    return;
  }
  print({ v: 1, kind: 'devnet-status', name: options.name, running: false, chains: [] });
  process.exitCode = 1;
}

/** Runs the tests; the last line counts them. */
function test() {
  const reporter = path.join(places.source, 'test', 'reporter.mjs');
  const child = spawn(process.execPath, ['--test', `--test-reporter=${reporter}`,
    path.join(places.source, 'test.mjs')], { stdio: 'inherit', cwd: places.home });
  return new Promise((done) => {
    child.once('exit', (code) => {
      process.exitCode = code === 0 ? 0 : 1;
      done();
    });
  });
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 12)) return;
  throw new Error(`the devnet needs Node 20.12 or later, not ${process.versions.node}`);
}

const build = async (options) => { await ensureWorld(options); };
const commands = { up, down, status, build, test };

try {
  const { command, options } = readOptions(process.argv.slice(2));
  requireNode();
  if (command === 'help') process.stdout.write(usage);
  else await commands[command](options);
} catch (error) {
  if (!(error instanceof UsageError)) {
    say(error.message);
    process.exitCode = 1;
  } else {
    say(`${error.message}; see ./lockstep devnet --help`);
    process.exitCode = 2;
  }
}
