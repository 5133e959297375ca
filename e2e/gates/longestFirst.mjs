import Sequencer from '@jest/test-sequencer';

/** Files that take minutes: a worker that comes to one last would be waited for alone. */
const LONG = /\/(e2e\/observability|charts\/test)\//;

/** As Jest orders them, but the longest first on a machine that has not seen how long they take. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    return [
      ...sorted.filter(({ path }) => LONG.test(path)),
      ...sorted.filter(({ path }) => !LONG.test(path)),
    ];
  }
}
