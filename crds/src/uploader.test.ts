import { expect, test } from '@jest/globals';
import { type CopyingPod, isCopying } from './uploader.ts';

const running = { running: {} };
const terminated = { terminated: {} };
type State = { readonly running?: object; readonly terminated?: object };

const aPodWith = (task: State | undefined, uploader: State | undefined): CopyingPod => ({
  status: {
    containerStatuses: task === undefined ? [] : [{ name: 'task', state: task }],
    initContainerStatuses: uploader === undefined ? [] : [{ name: 'outputs', state: uploader }],
  },
});

test.each([
  ['whose task has ended and whose uploader runs', terminated, running, true],
  ['whose task runs', running, running, false],
  ['whose task has not begun', {}, running, false],
  ['whose task nobody has seen', undefined, running, false],
  ['whose uploader has ended too', terminated, terminated, false],
  ['without outputs', terminated, undefined, false],
])('a pod %s', (_name, task, uploader, expected) => {
  expect(isCopying(aPodWith(task, uploader))).toBe(expected);
});
