import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { contractsFolder } from '../compile.ts';
import { type GasLine, gasMarkdown, measureGas } from './gasTable.ts';
import { aWorld } from './world.ts';

/** Signature bytes are zero now and then; nothing else may move a figure. */
const TOLERANCE = 60;

test('gas stays within its budget and equals the committed table', async () => {
  const committed = JSON.parse(
    readFileSync(join(contractsFolder, 'gas.json'), 'utf8'),
  ) as GasLine[];
  await using world = await aWorld();
  const measured = await measureGas(world);

  expect(measured.filter(({ gas, target }) => gas > target)).toEqual([]);
  expect(measured.map(({ action }) => action)).toEqual(committed.map(({ action }) => action));
  const drifted = measured.filter(
    ({ gas }, index) => Math.abs(gas - committed[index]!.gas) > TOLERANCE,
  );
  expect(drifted).toEqual([]);
  // Run `node contracts/gas.ts` and commit the result when a change of gas is meant.
  expect(readFileSync(join(contractsFolder, 'README.md'), 'utf8')).toContain(
    gasMarkdown(committed),
  );
}, 120_000);
