import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CompiledContract, compileContracts, contractsFolder } from './compile.ts';

/*
 * `node contracts/build.ts` compiles the contracts into the committed modules under ts/;
 * `--check` only compares, and exits 1 naming each file that is out of date.
 */

function moduleText(name: string, variable: string, contract: CompiledContract): string {
  return [
    `// Generated from ${name}.sol by contracts/build.ts; run \`npm run contracts\` instead of editing.`,
    `export const ${variable}Abi = ${JSON.stringify(contract.abi, null, 2)} as const;`,
    '',
    `export const ${variable}Bytecode =\n  '${contract.bytecode}';`,
    '',
  ].join('\n');
}

const compiled = compileContracts({
  GpuEscrow: 'src/GpuEscrow.sol',
  PlacementAnchor: 'src/PlacementAnchor.sol',
  TestToken: 'src/TestToken.sol',
});
const modules = {
  'ts/gpuEscrow.generated.ts': moduleText('GpuEscrow', 'gpuEscrow', compiled.GpuEscrow),
  'ts/placementAnchor.generated.ts': moduleText(
    'PlacementAnchor',
    'placementAnchor',
    compiled.PlacementAnchor,
  ),
  'ts/testToken.generated.ts': moduleText('TestToken', 'testToken', compiled.TestToken),
};

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // A file that does not exist yet is out of date like any other.
    return '';
  }
}

const checkOnly = process.argv.includes('--check');
const outdated = Object.entries(modules).filter(
  ([path, text]) => readOrEmpty(join(contractsFolder, path)) !== text,
);
for (const [path, text] of outdated) {
  if (checkOnly)
    console.error(`contracts/${path} is out of date: run \`npm run contracts\` and commit it`);
  else writeFileSync(join(contractsFolder, path), text);
}
console.log(
  `GpuEscrow ${compiled.GpuEscrow.deployedSize} bytes; ${outdated.length} of ${Object.keys(modules).length} modules ${checkOnly ? 'out of date' : 'written'}`,
);
if (checkOnly && outdated.length > 0) process.exitCode = 1;
