// solc-js: answers `--version` and `--standard-json` with the solc of node_modules; stdin, stdout.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);
const args = process.argv.slice(2);

// forge asks for the version many times; the package's own files answer without loading 9 MB.
if (args.includes('--version')) {
  const { version } = load('solc/package.json');
  const text = readFileSync(load.resolve('solc/soljson.js'), 'latin1');
  const at = text.indexOf(`${version}+commit.`);
  const name = at < 0 ? version : text.slice(at, at + version.length + '+commit.00000000'.length);
  process.stdout.write('solc, the solidity compiler commandline interface\n');
  process.stdout.write(`Version: ${name}.Linux.g++\n`);
} else if (args.includes('--standard-json')) {
  process.stdout.write(load('solc').compile(readFileSync(0, 'utf8')));
} else {
  process.stderr.write('solc: only --version and --standard-json are answered here\n');
  process.exitCode = 2;
}
