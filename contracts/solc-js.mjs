// solc-js: answers `--version` and `--standard-json` with the solc of node_modules; stdin, stdout.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);
const args = process.argv.slice(2);

if (args.includes('--version')) {
  const version = load('solc').version().replace('.Emscripten.clang', '.Linux.g++');
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`);
} else if (args.includes('--standard-json')) {
  process.stdout.write(load('solc').compile(readFileSync(0, 'utf8')));
} else {
  process.stderr.write('solc: only --version and --standard-json are answered here\n');
  process.exitCode = 2;
}
