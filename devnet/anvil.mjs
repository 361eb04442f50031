// anvil: one local node as a child that can't outlive this process, not even when it is killed.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { createRequire } from 'node:module';
import * as places from './places.mjs';
import { isAlive } from './process.mjs';
import { Rpc } from './rpc.mjs';

const pause = (ms) => new Promise((wake) => { setTimeout(wake, ms); });

// The shell holds our end of a pipe: when it closes, however that came about, the node is ended.
const leash = '"$@" </dev/null & node=$!; echo $node; read -r word; kill $node 2>/dev/null; '
  + 'wait $node';

/** The pinned node of this machine's kind; where npm has none, the one on the PATH. */
function binary() {
  const require = createRequire(path.join(places.packages, 'package.json'));
  const kind = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  try {
    const file = require.resolve(`@foundry-rs/anvil-${kind}/bin/anvil`);
    fs.chmodSync(file, 0o755);
    return file;
  } catch {
    return 'anvil';
  }
}

/** Whether nothing listens on a port of 127.0.0.1. */
export function isFree(port) {
  return new Promise((done) => {
    const probe = net.createServer();
    probe.once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}

/** A port of 127.0.0.1 on which nothing listens now. */
export function freePort() {
  return new Promise((done, fail) => {
    const probe = net.createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

/**
 * Starts a node and waits until it answers.
 * @returns {Promise<{rpc: Rpc, pid: number, ended: Promise<void>, end: () => Promise<void>}>}
 */
export async function startAnvil(port, chainId, options) {
  if (!await isFree(port)) {
    throw new Error(`port ${port} of 127.0.0.1 is taken: end what holds it, or choose --port`);
  }
  const child = spawn('/bin/sh', ['-c', leash, 'anvil', binary(), '--host', '127.0.0.1',
    '--port', String(port), '--chain-id', String(chainId), '--silent', ...options],
  { stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk) => { errors = (errors + chunk).slice(-2000); });
  child.stdin.on('error', () => {});
  const pid = await new Promise((done, fail) => {
    child.stdout.once('data', (line) => done(Number(String(line).trim())));
    child.once('error', fail);
  });
  const ended = new Promise((done) => { child.once('close', () => done()); });
  const end = async () => { child.stdin.end(); await ended; };
  const rpc = new Rpc(`http://127.0.0.1:${port}`);
  for (let tries = 0; tries < 6000; tries++) {
    const answer = await rpc.call('eth_chainId').catch(() => null);
    if (answer !== null) return { rpc, pid, ended, end };
    if (!isAlive(pid)) break;
    await pause(10);
  }
  await end();
  throw new Error(`anvil for chain ${chainId} did not start: ${errors.trim()
    || 'no answer'}`);
}
