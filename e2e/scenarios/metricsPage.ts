/** One sample of a /metrics page. */
export type Sample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

/** What a program showed at one look. */
export type MetricsPage = {
  readonly text: string;
  readonly samples: readonly Sample[];
  /** The sum of all series with these labels; 0 where there is none. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
  /** The one series with these labels; undefined where there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
};

const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/** Reads a page in the text format of Prometheus. */
function parsePage(text: string): MetricsPage {
  const samples = text.split('\n').flatMap((row): readonly Sample[] => {
    const found = line.exec(row);
    if (found === null) return [];
    const labels = [...(found[2] ?? '').matchAll(label)].map(([, name, value]) => [name!, value!]);
    const value = found[3] === '+Inf' ? Number.POSITIVE_INFINITY : Number(found[3]);
    return [{ name: found[1]!, labels: Object.fromEntries(labels), value }];
  });
  const matching = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    samples.filter(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    );
  return {
    text,
    samples,
    sum: (name, labels) => matching(name, labels).reduce((sum, { value }) => sum + value, 0),
    value: (name, labels) => matching(name, labels)[0]?.value,
  };
}

/** Looks at a program's page now. */
export async function scrape(url: string): Promise<MetricsPage> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(20_000) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return parsePage(await answer.text());
}
