import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ROOT } from '../cluster/paths.ts';
import { planted, SABOTAGES } from './sabotages.ts';

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

describe('the planted sabotages', () => {
  test('are ten, each another mistake', () => {
    expect(new Set(SABOTAGES.map(({ name }) => name)).size).toBe(10);
  });

  test.each(SABOTAGES)('"$name" still has its line, once, and its test', (sabotage) => {
    const text = read(sabotage.file);
    expect(planted(text, sabotage)).not.toBe(text);
    // The last words of a full name are the test's own, or those of its block.
    const source = read(sabotage.test.file).replaceAll(/\s+/g, ' ');
    const words = sabotage.test.name.split(' ');
    const isThere = words.some((_, from) => source.includes(`'${words.slice(from).join(' ')}`));
    expect([sabotage.test, isThere]).toEqual([sabotage.test, true]);
  });

  test('are refused where the line has gone or stands twice', () => {
    const [sabotage] = SABOTAGES;
    expect(() => planted('', sabotage!)).toThrow('0 times');
    expect(() => planted(`${sabotage!.line}\n${sabotage!.line}`, sabotage!)).toThrow('2 times');
  });
});
