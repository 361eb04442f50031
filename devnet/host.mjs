// host: the process behind a running devnet: nodes, actors, a heartbeat, and the end of it all.
import fs from 'node:fs';
import path from 'node:path';
import { startAnvil } from './anvil.mjs';
import { Dataworker } from './actors/dataworker.mjs';
import { Market } from './actors/market.mjs';
import { Noise } from './actors/noise.mjs';
import { Relayer } from './actors/relayer.mjs';
import { chains } from './chains.mjs';
import { dayStart } from './day.mjs';
import { runPlaces } from './places.mjs';
import { isAlive } from './process.mjs';
import { describeWorld } from './world.mjs';

const beatMs = 500;
const turnMs = 250;
const maxFaults = 20;
const keptStates = 64;

const settings = JSON.parse(process.argv[2]);
const places = runPlaces(settings.name);
const stopFile = path.join(places.folder, 'stop');
const chosen = settings.chains.map((id) => chains.find((chain) => chain.id === id));
const started = Date.now();
const until = started + settings.minutes * 60_000;
const nodes = new Map();
const actors = {};
let ending = null;

const say = (words) => console.error(`${new Date().toISOString()} ${words}`);

/** Writes a file so that a reader sees the old one or the new one, whole. */
function put(file, value) {
  fs.writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`);
  fs.renameSync(`${file}.new`, file);
}

function end(why, code = 0) {
  ending ??= (async () => {
    say(`ending: ${why}`);
    await Promise.all([...nodes.values()].map((node) => node.end()));
    for (const file of [places.world, places.run, stopFile]) fs.rmSync(file, { force: true });
    process.exit(code);
  })();
  return ending;
}

async function startChain(chain) {
  const port = settings.port + chain.portOffset;
  const node = await startAnvil(port, chain.id, [
    '--init', path.join(settings.genesis, `genesis-${chain.id}.json`),
    '--timestamp', String(Math.floor(Date.now() / 1000)), '--balance', '1000000',
    '--gas-limit', '60000000', '--no-mining', '--prune-history', String(keptStates)]);
  nodes.set(chain.id, node);
  node.ended.then(() => end(`the node of ${chain.name} has ended`, 1));
}

/** Figures of several actors of one kind, added up by name. */
const sums = (list) => list.reduce((all, figures) => Object.fromEntries(
  Object.entries(figures).map(([name, count]) => [name, (all[name] ?? 0) + count])), {});

/** Works again and again; a failure may pass, but many in a row end the devnet. */
async function repeat(name, work, pauseMs) {
  for (let faults = 0; !ending;) {
    await new Promise((wake) => { setTimeout(wake, pauseMs()); });
    try {
      await work();
      faults = 0;
    } catch (error) {
      if (ending) return;
      say(`${name}: ${error.message}`);
      if (++faults >= maxFaults) end(`${name} failed ${maxFaults} times in a row`, 1);
    }
  }
}

/**
 * Mines in step with the clock. Anvil's own --block-time would do, but under two seconds it keeps
 * 1500 states in memory whatever it is told, which is gigabytes here.
 */
function mine(chain, { rpc }) {
  const step = settings.blockTime * 1000;
  let next = Date.now();
  repeat(`mining ${chain.name}`, () => rpc.call('evm_mine'), () => {
    next = Math.max(next + step, Date.now());
    return next - Date.now();
  });
}

function beat() {
  put(places.run, { v: 1, kind: 'devnet-run', name: settings.name, pid: process.pid,
    startedMs: started, untilMs: until, beatMs: Date.now(),
    actors: Object.fromEntries(Object.entries(actors)
      .map(([name, list]) => [name, sums(list.map((actor) => actor.figures()))])) });
  if (fs.existsSync(stopFile)) end('asked to');
  else if (Date.now() >= until) end(`${settings.minutes} minutes are over`);
  else if (settings.parent && !isAlive(settings.parent)) end('its parent has ended');
}

function startActors(world) {
  const live = world.chains.map((chain) => ({ ...chain, rpc: nodes.get(chain.chainId).rpc }));
  actors.relayer = [new Relayer(world, live)];
  actors.dataworker = [new Dataworker(world, live)];
  if (settings.speed > 0) actors.market = [new Market(live, dayStart, settings.speed)];
  if (settings.noise > 0) {
    actors.noise = live.map((chain) =>
      new Noise(chain, settings.seed, settings.noise, settings.blockTime * 1000));
  }
  for (const [name, list] of Object.entries(actors)) {
    for (const actor of list) {
      repeat(name, () => actor.turn(Date.now() - started), () => actor.turnMs ?? turnMs);
    }
  }
}

process.on('SIGINT', () => end('interrupted'));
process.on('SIGTERM', () => end('asked to'));
process.on('SIGHUP', () => {});
try {
  fs.rmSync(stopFile, { force: true });
  await Promise.all(chosen.map(startChain));
  const urls = new Map(chosen.map((chain) => {
    const at = `127.0.0.1:${settings.port + chain.portOffset}`;
    return [chain.id, { http: `http://${at}`, ws: `ws://${at}` }];
  }));
  const world = describeWorld(settings.genesis, chosen, urls, {
    name: settings.name, blockTimeMs: Math.round(settings.blockTime * 1000),
    day: '2024-11-01-rollups', dayStart, speed: settings.speed, seed: settings.seed,
  });
  for (const chain of chosen) mine(chain, nodes.get(chain.id));
  startActors(world);
  beat();
  put(places.world, world);
  setInterval(beat, beatMs);
} catch (error) {
  await end(error.message, 1);
}
