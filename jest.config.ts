import type { Config } from 'jest';

/** ESM through @swc/jest: TypeScript 7 has no compiler API, so ts-jest can't be used. */
const config: Config = {
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript' },
          target: 'es2024',
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  testPathIgnorePatterns: ['/node_modules/', '/.gridlease/'],
  modulePathIgnorePatterns: ['/.gridlease/'],
  testSequencer: './e2e/gates/longestFirst.mjs',
  testTimeout: 30_000,
};

export default config;
