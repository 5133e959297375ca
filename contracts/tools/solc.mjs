#!/usr/bin/env node
// Makes npm's JavaScript build of the Solidity compiler look like the native one to forge, which
// otherwise downloads a binary: `--version`, and standard JSON from standard input.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const solc = createRequire(import.meta.url)('solc');

if (process.argv.includes('--version')) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
} else if (process.argv.includes('--standard-json')) {
  process.stdout.write(solc.compile(readFileSync(0, 'utf8')));
} else {
  console.error('solc.mjs: only --version and --standard-json are supported');
  process.exitCode = 1;
}
