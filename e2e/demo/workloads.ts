/** What the examples' programs say on standard output, as a person would read it. */

export type Loss = { readonly step: number; readonly loss: string };
export type Frame = { readonly index: number; readonly sha256: string; readonly bytes: number };

/** `step=10 loss=0.6512345678`, in the order said. */
export const lossesOf = (log: string): readonly Loss[] =>
  [...log.matchAll(/^step=(\d+) loss=(\S+)/gm)].map(([, step, loss]) => ({
    step: Number(step),
    loss: loss!,
  }));

/** `frame=0 sha256=… bytes=…`, by index. */
export const frameLines = (log: string): readonly Frame[] =>
  [...log.matchAll(/^frame=(\d+) sha256=([0-9a-f]{64}) bytes=(\d+)/gm)]
    .map(([, index, sha256, bytes]) => ({
      index: Number(index),
      sha256: sha256!,
      bytes: Number(bytes),
    }))
    .sort((a, b) => a.index - b.index);

/** Digest of the weights that a training ended with, or that a service loaded. */
export const weightsOf = (log: string): string | undefined =>
  /\bweights=(sha256:\S+)/.exec(log)?.[1];

/** One sentence for each loss that a container said and the same program outside of it does not say. */
export const trainingProblems = (log: string, outside: string): readonly string[] => {
  const [inside, expected] = [lossesOf(log), lossesOf(outside)];
  const problems = expected.flatMap(({ step, loss }) => {
    const said = inside.find((one) => one.step === step)?.loss;
    return said === loss ? [] : [`train: step ${step} has loss ${said ?? 'unsaid'}, not ${loss}`];
  });
  if (expected.length < 2) problems.push('train: nothing to compare with');
  if (weightsOf(log) === undefined || weightsOf(log) !== weightsOf(outside)) {
    problems.push(`train: its weights are ${weightsOf(log)}, not ${weightsOf(outside)}`);
  }
  return problems;
};

/** One sentence for each frame that isn't what it has to be. */
export const frameProblems = (
  frames: readonly Frame[],
  expected: readonly Frame[],
): readonly string[] =>
  expected.flatMap(({ index, sha256 }) => {
    const found = frames.filter((frame) => frame.index === index);
    if (found.length === 1 && found[0]!.sha256 === sha256) return [];
    const has = found.map((frame) => frame.sha256).join(' and ') || 'no checksum';
    return [`render: frame ${index} has ${has}, not ${sha256}`];
  });
