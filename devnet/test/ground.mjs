// ground: what the tests stand on: the command as its users call it, ports, waiting, and worlds.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import * as places from '../places.mjs';

const program = path.join(places.source, 'devnet.mjs');
const limitMs = 170_000;

/** Runs the command; resolves to its exit code and both streams. */
export const devnet = (...words) => new Promise((done) => {
  execFile(process.execPath, [program, ...words], { timeout: limitMs, maxBuffer: 1 << 24 },
    (error, stdout, stderr) => done({ code: error ? error.code ?? -1 : 0, stdout, stderr }));
});

/** Brings up a devnet that ends with this process, and reads its world. */
export async function bringUp(name, ...words) {
  const port = await freePorts();
  const { code, stdout, stderr } = await devnet('up', '--name', name, '--port', String(port),
    '--parent', String(process.pid), ...words);
  if (code !== 0) throw new Error(`up ended with ${code}: ${stderr}`);
  return { port, status: JSON.parse(stdout), world: worldOf(name) };
}

export const worldOf = (name) =>
  JSON.parse(fs.readFileSync(places.runPlaces(name).world, 'utf8'));

export const runOf = (name) => JSON.parse(fs.readFileSync(places.runPlaces(name).run, 'utf8'));

/** Whether something accepts connections on a port of 127.0.0.1. */
export const listens = (port) => new Promise((done) => {
  const socket = net.connect(port, '127.0.0.1');
  socket.once('connect', () => { socket.destroy(); done(true); });
  socket.once('error', () => done(false));
});

/** The first of four neighbouring ports that are free now. */
export async function freePorts() {
  for (let tries = 0; tries < 200; tries++) {
    const port = 20_000 + 4 * Math.floor(Math.random() * 10_000);
    const taken = await Promise.all([0, 1, 2, 3].map((offset) => listens(port + offset)));
    if (!taken.includes(true)) return port;
  }
  throw new Error('no four neighbouring ports are free');
}

/** Waits until `check` gives something true; throws after the limit. */
export async function until(what, check, withinMs = 20_000) {
  for (const from = Date.now(); ; await new Promise((wake) => { setTimeout(wake, 50); })) {
    const found = await check();
    if (found) return found;
    if (Date.now() - from > withinMs) throw new Error(`${what}: not in ${withinMs} ms`);
  }
}
