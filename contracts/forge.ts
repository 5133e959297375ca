import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { contractsFolder } from './compile.ts';
import { foundryBinary } from './test/anvil.ts';
import { gpuEscrowBytecode } from './ts/gpuEscrow.generated.ts';

/*
 * `node contracts/forge.ts [arguments]` runs forge on the contracts, `test` when nothing else is named:
 * unit, fuzz and invariant tests. No network: the compiler is npm's (tools/solc.mjs).
 */

const require = createRequire(import.meta.url);
const [command = 'test', ...rest] = process.argv.slice(2);

let binary: string;
try {
  binary = foundryBinary('forge');
} catch (error) {
  console.error(`the Solidity tests can't run: ${(error as Error).message}`);
  process.exit(1);
}

const openZeppelin = dirname(require.resolve('@openzeppelin/contracts/package.json'));
const child = spawn(binary, [command, '--root', contractsFolder, ...rest], {
  stdio: 'inherit',
  // forge keeps its notes on failures below the working directory.
  cwd: contractsFolder,
  env: {
    ...process.env,
    // The compiler shim starts `node`: it has to be this one.
    PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
    FOUNDRY_SOLC: join(contractsFolder, 'tools', 'solc.mjs'),
    // The tests run the very code that is deployed, not what forge compiles for its own types.
    GPU_ESCROW_BYTECODE: process.env['GPU_ESCROW_BYTECODE'] ?? gpuEscrowBytecode,
    // Absolute: with a path that leaves forge's root, the JavaScript compiler asks for files by callback.
    FOUNDRY_REMAPPINGS: `@openzeppelin/contracts/=${openZeppelin}/`,
  },
});
child.once('error', (error) => {
  console.error(`forge did not start: ${error.message}`);
  process.exitCode = 1;
});
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});
