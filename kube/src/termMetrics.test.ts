import { expect, test } from '@jest/globals';
import { Counter, Registry } from 'prom-client';
import { silentLogger } from './log.ts';
import { termMetrics } from './termMetrics.ts';

const counted = (registry: Registry, name: string) =>
  new Counter({ name, help: 'Things.', registers: [registry] }).inc();

test('the page shows what the stages count while their term lasts, and the program all the time', async () => {
  const base = new Registry();
  counted(base, 'program_total');
  const metrics = termMetrics(base, silentLogger);
  const shown = await metrics.during(async (ofTerm) => {
    counted(ofTerm, 'stage_total');
    return metrics.page.metrics();
  });
  expect(shown).toMatch(/^stage_total 1$/m);
  const page = await metrics.page.metrics();
  expect(page).not.toContain('stage_total');
  expect(page).toMatch(/^program_total 1$/m);
});

test('a term that fails takes its metrics with it, and its error is told', async () => {
  const metrics = termMetrics(new Registry(), silentLogger);
  const failing = metrics.during(async (ofTerm) => {
    counted(ofTerm, 'stage_total');
    throw new Error('lost');
  });
  await expect(failing).rejects.toThrow('lost');
  expect(await metrics.page.metrics()).not.toContain('stage_total');
});
