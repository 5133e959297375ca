import { describe, expect, test } from '@jest/globals';
import { frameLines, frameProblems, lossesOf, trainingProblems } from './workloads.ts';

const log = `train index=0 attempt=1
step=0 loss=0.7012345678
checkpoint step=50
step=50 loss=0.1000000000
final step=50 loss=0.1000000000 accuracy=0.9 weights=sha256:ab model=s3://b/m
`;
const frame = (index: number, digit: string) =>
  `frame=${index} sha256=${digit.repeat(64)} bytes=12 seconds=1 file=/outputs/frame-${index}.png\n`;

describe('training', () => {
  test('its losses are read in order', () => {
    expect(lossesOf(log)).toEqual([
      { step: 0, loss: '0.7012345678' },
      { step: 50, loss: '0.1000000000' },
    ]);
  });

  test.each([
    ['the same is no problem', log, []],
    [
      'another loss',
      log.replace('step=50 loss=0.1', 'step=50 loss=0.2'),
      [/step 50 has loss 0\.2/],
    ],
    ['a step unsaid', log.replace(/^step=50.*\n/m, ''), [/step 50 has loss unsaid/]],
    ['other weights', log.replace('sha256:ab', 'sha256:cd'), [/weights are sha256:cd/]],
    ['no end', log.replace(/^final.*\n/m, ''), [/weights are undefined/]],
  ])('%s', (_, said, problems) => {
    const found = trainingProblems(said, log);
    expect(found).toEqual(problems.map((one) => expect.stringMatching(one)));
  });

  test('nothing to compare with is a problem', () => {
    expect(trainingProblems('', '')).not.toEqual([]);
  });
});

describe('frames', () => {
  const expected = frameLines(frame(1, 'b') + frame(0, 'a'));
  test.each([
    ['the same is no problem', frame(0, 'a') + frame(1, 'b'), []],
    ['another checksum', frame(0, 'a') + frame(1, 'c'), [/^render: frame 1 has c+, not b+$/]],
    ['one that is missing', frame(0, 'a'), [/frame 1 has no checksum/]],
    ['one twice', frame(0, 'a') + frame(1, 'b') + frame(1, 'b'), [/frame 1 has b+ and b+/]],
  ])('%s', (_, said, problems) => {
    const found = frameProblems(frameLines(said), expected);
    expect(found).toEqual(problems.map((one) => expect.stringMatching(one)));
  });
});
