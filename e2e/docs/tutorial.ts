import { ROOT } from '../cluster/paths.ts';
import { type BlockRun, runPage } from './runPage.ts';
import { notPrinted } from './shellBlocks.ts';

/** What a tutorial did: its blocks, and each line that the page shows and that was not printed. */
export type TutorialRun = {
  readonly ran: readonly BlockRun[];
  readonly brokenPromises: readonly string[];
};

/**
 * Types a tutorial into a shell as it stands, for the federation in `dir`. The blocks that begin and end a federation
 * are left out. What the page keeps in a folder of mktemp goes with the federation.
 */
export const runTutorial = async (
  path: string,
  options: { readonly dir: string; readonly timeoutSeconds: number; readonly leaveOut: string[] },
): Promise<TutorialRun> => {
  const { dir, ...rest } = options;
  const env = { ...process.env, GRIDLEASE_FEDERATION: dir, TMPDIR: dir };
  const ran = await runPage({ path, cwd: ROOT, env, ...rest });
  const brokenPromises = ran.flatMap((block) =>
    notPrinted(block, block.output).map(
      (line) => `${path}:${block.line} does not print: ${line}\n--- but:\n${block.output}`,
    ),
  );
  return { ran, brokenPromises };
};
