/** Signals that end a process, by number, as Linux counts them on every architecture we meet. */
const signals: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
};

/** What the common ones mean for who has to mend it; the others speak through the program's output. */
const hints: Readonly<Record<number, string>> = {
  126: 'its command can’t be executed: check workload.command and the file’s rights',
  127: 'its command was not found in the image: check workload.command',
  134: 'it aborted: its output says why',
  135: 'a bus error: often shared memory ran out, raise workload.resources.sharedMemory',
  137: 'it was killed, and not for the memory of the whole container: by itself, or its node ran short',
  139: 'a segmentation fault: its output or a core dump says where',
  143: 'something inside the container or its node asked it to end',
};

/** An exit code in words: "exit code 143 (SIGTERM)". Above 128 it is the signal that ended the process. */
export function describeExit(exitCode: number): string {
  const signal = signals[exitCode - 128];
  return signal === undefined ? `exit code ${exitCode}` : `exit code ${exitCode} (${signal})`;
}

/** What to do about it. */
export function exitHint(exitCode: number): string {
  return hints[exitCode] ?? 'its output says why';
}
