export type Instruction = { readonly name: string; readonly rest: string };

/** The stages of a Dockerfile, each beginning with its FROM; comments are left out, continued lines joined. */
export const stagesOf = (dockerfile: string): readonly (readonly Instruction[])[] => {
  const lines = dockerfile
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: Instruction[][] = [];
  for (const line of lines) {
    const [name = '', ...words] = line.split(' ');
    if (name === 'FROM') stages.push([]);
    stages.at(-1)!.push({ name, rest: words.join(' ') });
  }
  return stages;
};

/** `KEY=value` and `KEY="a value"`, as ENV and LABEL take them. */
const pairsOf = (rest: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...rest.matchAll(/([^\s=]+)=(?:"([^"]*)"|(\S+))/g)].map(([, key, quoted, bare]) => [
      key!,
      quoted ?? bare!,
    ]),
  );

/** What the last stage of a Dockerfile says of how the image is run, as an image's own configuration has it. */
export const runConfigOf = (stage: readonly Instruction[]) => {
  const last = (name: string): string | undefined =>
    stage.findLast((instruction) => instruction.name === name)?.rest;
  const pairs = (name: string) =>
    Object.assign({}, ...stage.filter((one) => one.name === name).map(({ rest }) => pairsOf(rest)));
  return {
    User: last('USER'),
    Env: Object.entries(pairs('ENV')).map(([name, value]) => `${name}=${value}`),
    Entrypoint: JSON.parse(last('ENTRYPOINT') ?? 'null'),
    Cmd: JSON.parse(last('CMD') ?? 'null'),
    WorkingDir: last('WORKDIR'),
    Labels: pairs('LABEL'),
  };
};
