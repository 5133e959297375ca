/** A signal that aborts when the user or the system asks this program to end (Ctrl-C, SIGTERM, a closed terminal). */
export const interruptSignal = (): AbortSignal => {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => controller.abort(new Error(`interrupted by ${name}`)));
  }
  return controller.signal;
};
