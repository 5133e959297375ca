import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Abi, Hex } from 'viem';

const require = createRequire(import.meta.url);

/** npm's JavaScript build of the Solidity compiler; it brings no types of its own. */
type SolidityCompiler = {
  version(): string;
  compile(
    input: string,
    callbacks: { import(path: string): { contents: string } | { error: string } },
  ): string;
};

type CompilerMessage = {
  readonly severity: string;
  readonly formattedMessage: string;
  readonly sourceLocation?: { readonly file: string };
};
type CompilerOutput = {
  readonly errors?: readonly CompilerMessage[];
  readonly contracts?: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          { abi: Abi; evm: { bytecode: { object: string }; deployedBytecode: { object: string } } }
        >
      >
    >
  >;
};

/** A compiled contract: `bytecode` deploys it. `deployedSize` is in bytes; the limit is 24,576 (EIP-170). */
export type CompiledContract = {
  readonly abi: Abi;
  readonly bytecode: Hex;
  readonly deployedSize: number;
};

/**
 * Settings of every build, so that tests, the committed artifacts and a chain explorer's verification
 * see the same code. Prague is the oldest rule set named by the chains we test; no newer opcode is used.
 */
const compilerSettings = {
  optimizer: { enabled: true, runs: 1_000_000 },
  viaIR: true,
  evmVersion: 'prague',
  metadata: { bytecodeHash: 'none' },
} as const;

/** This folder. */
export const contractsFolder = dirname(fileURLToPath(import.meta.url));

/** The compiler; loaded when needed because it is 9 MB of WebAssembly. */
function solidityCompiler(): SolidityCompiler {
  return require('solc') as SolidityCompiler;
}

function readImport(path: string): { contents: string } | { error: string } {
  try {
    const file = path.startsWith('@') ? require.resolve(path) : join(contractsFolder, path);
    return { contents: readFileSync(file, 'utf8') };
  } catch (error) {
    return { error: `cannot read ${path}: ${String(error)}` };
  }
}

/** Compiles `contracts` (name → path below this folder). Throws with the compiler's words on any error or warning. */
export function compileContracts<Name extends string>(
  contracts: Readonly<Record<Name, string>>,
): Record<Name, CompiledContract> {
  const entries = Object.entries(contracts) as [Name, string][];
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(
      entries.map(([, path]) => [
        path,
        { content: readFileSync(join(contractsFolder, path), 'utf8') },
      ]),
    ),
    settings: {
      ...compilerSettings,
      outputSelection: {
        '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] },
      },
    },
  };
  const output = JSON.parse(
    solidityCompiler().compile(JSON.stringify(input), { import: readImport }),
  ) as CompilerOutput;
  // A warning about a package's own source is its authors' to judge; one about ours fails the build.
  const problems = (output.errors ?? []).filter(
    (message) =>
      message.severity === 'error' ||
      (message.severity === 'warning' && !message.sourceLocation?.file.startsWith('@')),
  );
  if (problems.length > 0) {
    throw new Error(problems.map((message) => message.formattedMessage).join('\n'));
  }
  const compiled = entries.map(([name, path]): [Name, CompiledContract] => {
    const contract = output.contracts?.[path]?.[name];
    if (contract === undefined) throw new Error(`${path} defines no contract ${name}`);
    return [
      name,
      {
        abi: contract.abi,
        bytecode: `0x${contract.evm.bytecode.object}`,
        deployedSize: contract.evm.deployedBytecode.object.length / 2,
      },
    ];
  });
  return Object.fromEntries(compiled) as Record<Name, CompiledContract>;
}
