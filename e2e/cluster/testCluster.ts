import { existsSync } from 'node:fs';
import {
  defaultTestEnvironmentFolder,
  environmentFile,
  readTestEnvironment,
  type TestEnvironment,
  testEnvironmentIsUp,
} from './testEnvironment.ts';

/**
 * The clusters and the chain that the tests of this run share, by the file that GRIDLEASE_TEST_ENV names (the test
 * runner sets it), else the one that `node e2e/cluster/testEnv.ts start` left running. They are shared: a test makes
 * namespaces and accounts of its own. Throws, saying what to do, when there is neither.
 */
export const acquireTestCluster = async (): Promise<TestEnvironment> => {
  const named = process.env['GRIDLEASE_TEST_ENV'];
  if (named) return readTestEnvironment(named);
  const folder = defaultTestEnvironmentFolder();
  const file = environmentFile(folder);
  if (existsSync(file) && testEnvironmentIsUp(folder)) return readTestEnvironment(file);
  throw new Error(
    'no clusters for tests: run the tests with npm test, or leave clusters running with node e2e/cluster/testEnv.ts start',
  );
};
