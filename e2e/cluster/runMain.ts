/** Runs a program of the command line and ends the process: with 0, or with one sentence and 1. */
export const runMain = async (main: () => Promise<void>): Promise<never> => {
  try {
    await main();
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
};
