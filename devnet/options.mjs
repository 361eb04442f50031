// options: what the devnet's command line means; every value has a range and every refusal a hint.

export class UsageError extends Error {}

export const usage = `usage: ./lockstep devnet COMMAND [options]

Local chains with real protocols on them, seeded from the recorded day; docs/devnet.md.

commands:
  up       start the chains and their actors; print their status; return
  down     end them
  status   print where they are, as JSON; exit 1 when nothing is up
  build    install and build what up needs, and start nothing
  test     run the devnet's own tests; the last line counts them

options of up:
  --chains N | A,B     how many (1 to 4, recorded ones first), or which: base, arbitrum,
                       optimism, ethereum                                    default 4
  --block-time S       seconds between blocks, 0.1 to 60                     default 1
  --minutes M          end after so long, 0.1 to 1440                        default 10
  --port P             first of four ports: ethereum P, arbitrum P+1, base P+2,
                       optimism P+3                                          default 8545
  --speed X            seconds of the recorded day a second, 0 to 3600; 0 replays nothing
                                                                             default 60
  --noise N            noise trades a block and chain, 0 to 20               default 1
  --seed N             seed of the noise                                     default 1
  --parent PID         end when this process ends
options of up and build:
  --window T | all     ticks around the price for which recorded liquidity is laid out,
                       500 to 20000                                          default 2000
options of up, down and status:
  --name NAME          which devnet, where several run side by side          default main
`;

const names = ['base', 'arbitrum', 'optimism', 'ethereum'];

function number(option, text, low, high, isWhole) {
  const value = Number(text);
  const isGood = text.trim() !== '' && value >= low && value <= high
    && (!isWhole || Number.isInteger(value));
  if (isGood) return value;
  throw new UsageError(`${option} takes a${isWhole ? ' whole' : ''} number from ${low} to ${high}, `
    + `not "${text}"`);
}

function chainNames(text) {
  if (/^\d+$/.test(text)) return names.slice(0, number('--chains', text, 1, 4, true));
  const wanted = text.split(',');
  const wrong = wanted.find((name) => !names.includes(name));
  if (wrong !== undefined) {
    throw new UsageError(`--chains knows ${names.join(', ')}, or 1 to 4; not "${wrong}"`);
  }
  return wanted;
}

function runName(text) {
  if (/^[a-z0-9-]{1,32}$/.test(text)) return text;
  throw new UsageError(`--name takes small letters, digits and "-", not "${text}"`);
}

const readers = {
  '--chains': ['chains', chainNames],
  '--block-time': ['blockTime', (text) => number('--block-time', text, 0.1, 60)],
  '--minutes': ['minutes', (text) => number('--minutes', text, 0.1, 1440)],
  '--port': ['port', (text) => number('--port', text, 1024, 65_532, true)],
  '--speed': ['speed', (text) => number('--speed', text, 0, 3600)],
  '--noise': ['noise', (text) => number('--noise', text, 0, 20, true)],
  '--seed': ['seed', (text) => number('--seed', text, 0, 2 ** 32 - 1, true)],
  '--parent': ['parent', (text) => number('--parent', text, 1, 2 ** 31, true)],
  '--window': ['windowTicks', (text) =>
    text === 'all' ? text : number('--window', text, 500, 20_000, true)],
  '--name': ['name', runName],
};

const taken = {
  up: Object.keys(readers),
  build: ['--window'],
  down: ['--name'],
  status: ['--name'],
  test: [],
};

const known = 'up, down, status, build or test';

const defaults = { chains: names, blockTime: 1, minutes: 10, port: 8545, speed: 60, noise: 1,
  seed: 1, windowTicks: 2000, name: 'main' };

/** The command and its options; throws UsageError. */
export function readOptions(words) {
  const [command, ...rest] = words;
  if (['help', '--help', '-h'].includes(command) || rest.includes('--help')) {
    return { command: 'help' };
  }
  if (!Object.hasOwn(taken, command ?? '')) {
    throw new UsageError(command === undefined ? `a command is missing: ${known}`
      : `there is no command "${command}": ${known}`);
  }
  const options = { ...defaults };
  for (let i = 0; i < rest.length; i++) {
    const [option, joined] = rest[i].split(/=(.*)/s);
    if (!taken[command].includes(option)) {
      throw new UsageError(`${command} takes no "${option}"`);
    }
    const text = joined ?? rest[++i];
    if (text === undefined) throw new UsageError(`${option} needs a value`);
    const [field, read] = readers[option];
    options[field] = read(text);
  }
  return { command, options };
}
