// test: the devnet as its users see it; what is true is asked of the protocols and the recording.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { isAlive } from './process.mjs';
import { bringUp, devnet, listens, runOf, until } from './test/ground.mjs';

const stillName = 'test-still';
const movingName = 'test-moving';
const quiet = ['--speed', '0', '--noise', '0'];
let ground;
let still;

// The first run needs the registry; where there is none, what stands on it is skipped.
const built = await devnet('build');
process.stderr.write(built.stderr);
const skip = built.code !== 0
  && /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/.test(built.stderr)
  && 'the packages are not installed and the registry cannot be reached';
const check = (name, work) => test(name, { skip }, work);

before(async () => {
  if (skip) return;
  still = await bringUp(stillName, ...quiet, '--block-time', '0.2');
  ground = await import('./test/protocols.mjs');
});
after(() => skip || devnet('down', '--name', stillName));

const onEach = (work) => Promise.all(ground.chainsOf(still.world).map(work));

check('Up_GivesFourChainsThatGrow', async () => {
  assert.deepEqual(still.status.chains.map(({ chainId }) => chainId), [8453, 42161, 10, 1]);
  await onEach(async ({ rpc, world }) => {
    assert.equal(Number(await rpc.call('eth_chainId')), world.chainId);
    await until('a second block', async () => Number(await rpc.call('eth_blockNumber')) >= 2);
  });
});

check('World_NamesContractsThatExist', async () => {
  await onEach((chain) => ground.checkAddresses(chain));
});

check('WebSocket_TellsNewHeads', async () => {
  await onEach((chain) => ground.checkWebSocket(chain));
});

check('Created_StandWhereTheRealOnesDo', async () => {
  await onEach((chain) => ground.checkCreated(chain));
});

check('RecordedPools_StandAtTheirRealAddressesInTheirRecordedStates', async () => {
  const checked = await onEach((chain) => ground.checkRecorded(chain));
  const { readMarkets } = await import('./day.mjs');
  assert.equal(checked.reduce((sum, count) => sum + count), readMarkets().pools.length);
});

check('Tokens_CarryTheirRecordedSymbolsAndDecimals', async () => {
  await onEach((chain) => ground.checkTokens(chain));
});

check('SwapV2_GivesWhatItsRouterQuotes', async () => {
  await onEach((chain) => ground.swapV2(chain));
});

check('SwapV3_GivesWhatItsQuoterQuotes', async () => {
  await onEach((chain) => ground.swapV3(chain));
});

check('SwapWeighted_GivesWhatTheVaultQuotes', async () => {
  await onEach((chain) => ground.swapWeighted(chain));
});

check('FlashLoan_IsGivenAndTakenBackByEachLender', async () => {
  await onEach((chain) => ground.borrow(chain));
});

check('Deposit_IsFilledOnItsOtherChainAndRepaid', async () => {
  await ground.crossOver(ground.chainsOf(still.world), () => runOf(stillName).actors.relayer);
});

check('Deposit_WhenItPaysOutTooMuch_IsLeftAlone', async () => {
  await ground.overask(ground.chainsOf(still.world), () => runOf(stillName).actors.relayer);
});

check('Sender_ReplacesWhatIsStuck', async () => {
  await ground.unstick(ground.chainsOf(still.world)[0]);
});

test('Ladder_AddsUpToTheRecordedLiquidity', async () => {
  const { readMarkets } = await import('./day.mjs');
  const { activeAt, rungsOf } = await import('./ladder.mjs');
  for (const pool of readMarkets().pools.filter(({ ticks }) => ticks)) {
    const nets = new Map();
    const add = (tick, change) => nets.set(tick, (nets.get(tick) ?? 0n) + change);
    const rungs = rungsOf(pool.ticks, pool.nets);
    for (const { lower, upper, liquidity } of rungs) {
      add(lower, liquidity);
      add(upper, -liquidity);
    }
    for (const [i, tick] of pool.ticks.entries()) {
      assert.equal(nets.get(tick) ?? 0n, pool.nets[i], `${pool.id} at tick ${tick}`);
    }
    assert.equal(activeAt(rungs, pool.tick), pool.liquidity, pool.id);
  }
});

test('Ladder_WhenLiquidityFallsBelowZero_IsRefused', async () => {
  const { rungsOf } = await import('./ladder.mjs');
  assert.throws(() => rungsOf([0, 10, 20], [5n, -6n, 1n]), /below zero at tick 10/);
  assert.throws(() => rungsOf([0, 10], [5n, -4n]), /tick 0 never ends/);
});

check('Replay_MovesLivePoolsThroughTheirRecordedReserves', async () => {
  const { world } = await bringUp(movingName, '--chains', 'base', '--speed', '600', '--noise', '2',
    '--block-time', '0.5');
  try {
    const chain = ground.chainsOf(world)[0];
    await until('thirty moves', async () => (await ground.movesOf(chain)).length >= 30);
    await ground.checkReplay(chain);
    await ground.checkNoise(chain);
  } finally {
    await devnet('down', '--name', movingName);
  }
});

check('Down_LeavesNoProcessAndNoPort', async () => {
  const name = 'test-down';
  const { port, status } = await bringUp(name, '--chains', 'optimism', ...quiet);
  assert.equal(await listens(port + 3), true);
  assert.equal((await devnet('up', '--name', name, '--port', String(port))).code, 1);
  assert.equal((await devnet('down', '--name', name)).code, 0);
  assert.equal(await listens(port + 3), false);
  await until('the host is gone', () => !isAlive(status.pid));
  const { code, stdout } = await devnet('status', '--name', name);
  assert.deepEqual([code, JSON.parse(stdout).running], [1, false]);
});

check('Nodes_EndWhenTheirHostIsKilled', async () => {
  const name = 'test-killed';
  const { port, status } = await bringUp(name, '--chains', 'optimism', ...quiet);
  process.kill(status.pid, 'SIGKILL');
  await until('the port is free', async () => !await listens(port + 3));
  assert.equal((await devnet('status', '--name', name)).code, 1);
  assert.equal((await devnet('down', '--name', name)).code, 0);
});

check('Devnet_EndsByItself', async () => {
  const parent = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 1e6)']);
  const [byTime, byParent] = await Promise.all([
    bringUp('test-minutes', '--chains', 'optimism', ...quiet, '--minutes', '0.1'),
    bringUp('test-parent', '--chains', 'optimism', ...quiet, '--parent', String(parent.pid)),
  ]);
  parent.kill('SIGKILL');
  for (const { port } of [byParent, byTime]) {
    await until('the port is free', async () => !await listens(port + 3));
  }
});

check('Up_WhenAPortIsTaken_SaysSo', async () => {
  const { code, stderr } = await devnet('up', '--name', 'test-taken', '--port',
    String(still.port));
  assert.equal(code, 1);
  assert.match(stderr, /port \d+ of 127\.0\.0\.1 is taken/);
});

test('CommandLine_WhenWrong_EndsWithTwo', async () => {
  for (const [words, reason] of [
    [[], /a command is missing/],
    [['fly'], /no command "fly"/],
    [['up', '--chains', '5'], /from 1 to 4, not "5"/],
    [['up', '--chains', 'base,mars'], /not "mars"/],
    [['up', '--block-time', '0'], /from 0\.1 to 60/],
    [['up', '--minutes', ''], /from 0\.1 to 1440/],
    [['up', '--port'], /--port needs a value/],
    [['down', '--chains', '2'], /down takes no "--chains"/],
    [['status', '--name', '../x'], /small letters/],
  ]) {
    const { code, stdout, stderr } = await devnet(...words);
    assert.deepEqual([code, stdout], [2, ''], words.join(' '));
    assert.match(stderr, reason);
  }
});
