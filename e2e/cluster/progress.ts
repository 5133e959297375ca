/** Tells people what goes on. Everything goes to standard error: standard output belongs to results. */
export type Progress = {
  /** A line that stays. */
  line(text: string): void;
  /** Something under way: rewritten in place on a terminal, said once elsewhere. Call the answer when it is done. */
  step(text: string): () => void;
};

const seconds = (since: number): string => `${Math.round((performance.now() - since) / 1000)} s`;

export const terminalProgress = (out: NodeJS.WriteStream = process.stderr): Progress => ({
  line: (text) => {
    out.write(`${text}\n`);
  },
  step: (text) => {
    const start = performance.now();
    if (!out.isTTY) {
      out.write(`${text} …\n`);
      // A log without a sign of life for minutes looks hung.
      const timer = setInterval(() => out.write(`${text} … ${seconds(start)}\n`), 60_000);
      timer.unref();
      return () => clearInterval(timer);
    }
    const draw = () => out.write(`\r\u001b[K${text} … ${seconds(start)}`);
    draw();
    const timer = setInterval(draw, 1_000);
    timer.unref();
    return () => {
      clearInterval(timer);
      out.write(`\r\u001b[K${text}: ${seconds(start)}\n`);
    };
  },
});

export const silentProgress: Progress = { line: () => {}, step: () => () => {} };
