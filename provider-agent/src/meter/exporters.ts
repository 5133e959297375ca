import { delay, linkedAbort } from '@gridlease/kube/abort';
import type { Clock } from '@gridlease/kube/clock';
import { describeError, GridleaseError } from '@gridlease/kube/errors';
import type { Logger } from '@gridlease/kube/log';
import {
  type ExporterDevice,
  type ExporterView,
  exporterView,
  parseExporterPage,
} from './exporterPage.ts';
import type { ExporterSource } from './exporterPods.ts';

export type Exporters = {
  start(signal: AbortSignal): void;
  readonly stopped: Promise<void>;
  /** What the exporters of a node last said; undefined while there is none to ask. */
  view(nodeName: string): ExporterView | undefined;
};

export type ExportersOptions = {
  /** Where the pages are now; undefined: nowhere. Of two that show the same device the last counts. */
  readonly sources: (() => readonly ExporterSource[]) | undefined;
  /** Between two readings. */
  readonly intervalMs: number;
  /** Called when another device, holder or health is shown than before. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly log: Logger;
};

const timeoutMs = 3_000;
/** After that what a silent exporter said is not believed any more: its devices are unknown. */
const longestAgeMs = 60_000;
/** A page is some kilobytes for each GPU; what is beyond this is not read. */
const longestPage = 4 * 1024 * 1024;

/**
 * Reads the pages of NVIDIA's DCGM exporters again and again, each on its own: one that hangs keeps
 * neither the others nor the meter waiting.
 */
export function createExporters(options: ExportersOptions): Exporters {
  const { clock, log } = options;
  const pages = new Map<string, { readonly devices: readonly ExporterDevice[]; atMs: number }>();
  const failed = new Set<string>();
  let sources: readonly ExporterSource[] = [];
  const views = new Map<string, ExporterView>();
  let said = '';

  const read = async (url: string, signal: AbortSignal): Promise<void> => {
    using limit = linkedAbort([signal], timeoutMs, `Reading ${url}`);
    try {
      const devices = parseExporterPage(await readPage(url, limit.signal));
      pages.set(url, { devices, atMs: clock.monotonicMs() });
      if (failed.delete(url)) log.info({ url }, 'The DCGM exporter answers again');
    } catch (error) {
      if (signal.aborted || failed.has(url)) return;
      failed.add(url);
      log.warn({ url, error: describeError(error) }, 'The DCGM exporter can’t be read');
    }
  };

  const readAll = async (wanted: readonly ExporterSource[], signal: AbortSignal): Promise<void> => {
    const urls = [...new Set(wanted.map(({ url }) => url))];
    for (const url of pages.keys()) if (!urls.includes(url)) pages.delete(url);
    await Promise.all(urls.map((url) => read(url, signal)));
    const oldestMs = clock.monotonicMs() - longestAgeMs;
    for (const [url, { atMs }] of pages) if (atMs < oldestMs) pages.delete(url);
    sources = wanted;
    views.clear();
    const now = JSON.stringify(wanted.map(({ url, nodeName }) => [nodeName, devicesOn(url)]));
    if (now === said) return;
    said = now;
    options.onChange();
  };

  const devicesOn = (url: string): readonly ExporterDevice[] => pages.get(url)?.devices ?? [];

  const view = (nodeName: string): ExporterView | undefined => {
    if (sources.length === 0) return undefined;
    const known = views.get(nodeName);
    if (known !== undefined) return known;
    const about = sources.filter(
      (source) => source.nodeName === undefined || source.nodeName === nodeName,
    );
    const fresh = exporterView(about.flatMap(({ url }) => devicesOn(url)));
    views.set(nodeName, fresh);
    return fresh;
  };

  const loop = async (
    wanted: () => readonly ExporterSource[],
    signal: AbortSignal,
  ): Promise<void> => {
    while (!signal.aborted) {
      await readAll(wanted(), signal);
      // Ends with the signal, as it should.
      await delay(options.intervalMs, signal).catch(() => undefined);
    }
  };

  let stopped: Promise<void> = Promise.resolve();
  return {
    start(signal) {
      if (options.sources !== undefined) stopped = loop(options.sources, signal);
    },
    get stopped() {
      return stopped;
    },
    view,
  };
}

/** The beginning of a page. The signal also ends a body that drips; whoever answers can't send us elsewhere. */
async function readPage(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal, redirect: 'error' });
  if (!response.ok) {
    await response.body?.cancel();
    throw new GridleaseError(`${url} answered ${response.status}`);
  }
  const decoder = new TextDecoder();
  let text = '';
  // Leaving the loop early closes the connection.
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= longestPage) break;
  }
  return text.slice(0, longestPage);
}
