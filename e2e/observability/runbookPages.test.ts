import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runbookOf } from '@gridlease/charts/alerts/alert';
import { ALERT_NAMES } from '@gridlease/charts/alerts/groups';
import { expect, test } from '@jest/globals';
import { root } from '../gates/step.ts';

const pages = join(root, 'docs/runbooks');

test('every alert has its page, and every page its alert', () => {
  const written = readdirSync(pages).filter((file) => file !== 'README.md');
  expect(written.sort()).toEqual(ALERT_NAMES.map(runbookOf).sort());
});

test.each(ALERT_NAMES)(
  'the page of %s says what it means, what it costs, how to find out and how to mend',
  (name) => {
    const text = readFileSync(join(pages, runbookOf(name)), 'utf8');
    expect(text).toMatch(
      new RegExp(
        `^# ${name}\n[^]+\\*\\*Impact\\.\\*\\*[^]+\n## Diagnosis\n[^]+\`\`\`sh\n[^]+\n## Mending\n`,
      ),
    );
  },
);
