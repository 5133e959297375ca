/** One fenced block of a page that a reader types into a shell. */
export type ShellBlock = {
  /** Of its first line of text in the page, from 1. */
  readonly line: number;
  readonly text: string;
  /** The lines of the plain block right after it: what the page says it prints. Empty where it shows nothing. */
  readonly shown: readonly string[];
};

type Fence = { readonly language: string; readonly line: number; readonly lines: string[] };

const fencesOf = (markdown: string): readonly Fence[] => {
  const fences: Fence[] = [];
  let open: Fence | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(\w*)/.exec(line);
    if (fence === null) open?.lines.push(line);
    else if (open === undefined) open = { language: fence[1] ?? '', line: index + 2, lines: [] };
    else {
      fences.push(open);
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`the block that begins in line ${open.line} never ends`);
  return fences;
};

/** The blocks of a Markdown page that begin with ```sh, in their order. Others (```yaml, plain) are no commands. */
export const shellBlocksOf = (markdown: string): readonly ShellBlock[] => {
  const fences = fencesOf(markdown);
  return fences.flatMap(({ language, line, lines }, index) => {
    if (language !== 'sh') return [];
    const next = fences[index + 1];
    const shown = next?.language === '' ? next.lines.filter((shown) => shown.trim() !== '') : [];
    return [{ line, text: lines.join('\n'), shown }];
  });
};

/** Without what differs from run to run: hashes, the ends of generated names, folders, times, ages, numbers, the width of columns. */
const steady = (line: string): string =>
  line
    .trim()
    .split(/\s+/)
    .map((word) =>
      word
        .replace(/^[…/].*\/(?=[^/]+$)/, '…/')
        .replace(/0x[0-9a-fA-F]+|[0-9a-f]{8,}/g, '#')
        .replace(/\d+(\.\d+)?/g, '#')
        .replace(/^(#[smhd])+$/, '#'),
    )
    .join(' ');

/** The shown lines that were not printed, in their order; what was printed besides doesn't matter. */
export const notPrinted = ({ shown }: ShellBlock, output: string): readonly string[] => {
  const printed = output.split('\n').map(steady);
  let from = 0;
  return shown.filter((line) => {
    const at = printed.indexOf(steady(line), from);
    if (at < 0) return true;
    from = at + 1;
    return false;
  });
};
