import { expect, test } from '@jest/globals';
import { notPrinted, shellBlocksOf } from './shellBlocks.ts';

const sh = (...lines: readonly string[]) => ['```sh', ...lines, '```', ''].join('\n');

test('only blocks that are marked as sh are commands, with their line and what the page says they print', () => {
  const page = `# Title\n\n${sh('a', '', 'b')}\n\`\`\`\nprinted\n\n\`\`\`\n\`\`\`yaml\na: 1\n\`\`\`\n${sh('c')}`;
  expect(shellBlocksOf(page)).toEqual([
    { line: 4, text: 'a\n\nb', shown: ['printed'] },
    { line: 17, text: 'c', shown: [] },
  ]);
  expect(() => shellBlocksOf('```sh\nls')).toThrow(/line 2 never ends/);
});

const showing = (...shown: readonly string[]) => ({ line: 1, text: '', shown });

test.each([
  ['sent 5 tUSD in 0xabc123', 'sent 12.5 tUSD in 0xffe'],
  ['hello   Completed   alpha   3/3   0.0175   18s', 'hello  Completed  alpha  3/3  0.02  1m5s'],
  [
    'gridlease-provider-alpha   h100-80gb-hbm3-c0029fbf   2026-11-22T17:32:58Z   95s',
    'gridlease-provider-alpha   h100-80gb-hbm3-841aed07   2027-01-01T00:00:01Z   2m',
  ],
  ['lease/hello-b9b28f7c-1 met', 'lease/hello-0011aabb-1 met'],
  [
    'ch-f9a14f8931564a751c4cbd7f32d0cae026728923 ok',
    'ch-0000000000000000000cbd7f32d0cae026728923 ok',
  ],
  ['alpha …/.gridlease/admin.kubeconfig', 'alpha /home/a/b/.gridlease/admin.kubeconfig'],
])('"%s" was printed as "%s"', (shown, printed) => {
  expect(notPrinted(showing(shown), `before\n${printed}\nafter`)).toEqual([]);
});

test.each([
  ['team-b   Funded   60', 'team-b   EscrowEmpty   0'],
  ['sent it 1 coin', 'sent 1 coin'],
  ['job/hello deleted', 'job/other deleted'],
])('"%s" was not printed as "%s"', (shown, printed) => {
  expect(notPrinted(showing(shown), printed)).toEqual([shown]);
});

test('the order counts', () => {
  expect(notPrinted(showing('a', 'b'), 'b\na')).toEqual(['b']);
  expect(notPrinted(showing('a', 'b'), 'x\na\ny\nb')).toEqual([]);
});
