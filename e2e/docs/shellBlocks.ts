/** One fenced block of a page that a reader types into a shell. */
export type ShellBlock = {
  /** Of its first line of text in the page, from 1. */
  readonly line: number;
  readonly text: string;
};

/** The blocks of a Markdown page that begin with ```sh, in their order. Others (```yaml, ```text, plain) are no commands. */
export const shellBlocksOf = (markdown: string): readonly ShellBlock[] => {
  const blocks: ShellBlock[] = [];
  let open: { readonly isShell: boolean; readonly line: number; readonly lines: string[] } | null =
    null;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(\w*)/.exec(line);
    if (fence === null) open?.lines.push(line);
    else if (open === null) open = { isShell: fence[1] === 'sh', line: index + 2, lines: [] };
    else {
      if (open.isShell) blocks.push({ line: open.line, text: open.lines.join('\n') });
      open = null;
    }
  }
  if (open !== null) throw new Error(`the block that begins in line ${open.line} never ends`);
  return blocks;
};
