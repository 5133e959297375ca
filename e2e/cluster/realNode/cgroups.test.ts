import { expect, test } from '@jest/globals';
import { parseHierarchies } from './cgroups.ts';

test.each([
  [
    'version 1, with version 2 beside it',
    `31 24 0:27 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
36 31 0:33 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
37 31 0:34 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
39 31 0:36 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw`,
    [
      { path: '/sys/fs/cgroup/memory', controllers: ['memory'] },
      { path: '/sys/fs/cgroup/cpu,cpuacct', controllers: ['cpu', 'cpuacct'] },
      { path: '/sys/fs/cgroup/unified', controllers: 'unified' },
    ],
  ],
  [
    'version 2',
    '26 25 0:23 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate',
    [{ path: '/sys/fs/cgroup', controllers: 'unified' }],
  ],
  ['none', '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw', []],
])('control groups of %s are found', (_, mountinfo, expected) => {
  expect(parseHierarchies(mountinfo)).toEqual(expected);
});
