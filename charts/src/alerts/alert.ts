/** Whose chart a rule is in: the hub's operator or a provider's agent. */
export type Program = 'operator' | 'provider-agent';

export type Severity = 'critical' | 'warning';

/** Seconds of a rule to the seconds that are written; see shorten.ts. */
export type Scale = (seconds: number) => number;

/** One level of one alert. Levels of one name differ in severity and share their runbook page. */
export type Alert = {
  readonly name: `Gridlease${string}`;
  readonly program: Program;
  readonly severity: Severity;
  /**
   * PromQL. Thresholds in seconds go through `scale`. Windows don't, and neither does what follows from a rhythm of the
   * programs: heartbeats, words on a watch, tokens.
   */
  readonly expr: (scale: Scale) => string;
  /** Seconds that the expression must hold. */
  readonly forSeconds: number;
  /** Seconds that it goes on after the expression ended, where it would flap otherwise. */
  readonly keepFiringSeconds?: number;
  /** Beside severity: what tells levels of the same severity apart. */
  readonly labels?: Readonly<Record<string, string>>;
  /** One line, with labels. */
  readonly summary: string;
  /** The value, and what it means for money or tenants. */
  readonly description: string;
  /** What passes between the fault and the first sample that shows it, beside a scrape and an evaluation. */
  readonly seenAfter: { readonly seconds: number; readonly because: string };
};

/** A series that is written down once, under a name that says its labels, for several rules to read. */
export type Recording = {
  readonly name: `gridlease:${string}`;
  readonly program: Program;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
};

/** Rules that are evaluated one after the other: recordings first, so that alerts see what is new. */
export type RuleGroup = {
  readonly name: string;
  readonly program: Program;
  readonly recordings: readonly Recording[];
  readonly alerts: readonly Alert[];
};

/** What the reader's Prometheus is assumed to do: seconds between scrapes, and between evaluations. */
export const SCRAPE_SECONDS = 30;
export const EVALUATION_SECONDS = 30;

/** The longest time from the fault to the notification, with Prometheus as assumed. */
export const secondsToNotice = (alert: Alert): number =>
  alert.seenAfter.seconds + SCRAPE_SECONDS + EVALUATION_SECONDS + alert.forSeconds;

/** Page of an alert, below docs/runbooks/. */
export const runbookOf = (name: string): string => `${name.toLowerCase()}.md`;

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** As Prometheus writes durations: 90 is "1m30s"; fractions are milliseconds. */
export const durationText = (seconds: number): string => {
  let rest = Math.floor(seconds);
  const parts = UNITS.map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? '' : `${count}${unit}`;
  });
  const milliseconds = Math.round((seconds - Math.floor(seconds)) * 1000);
  const text = `${parts.join('')}${milliseconds === 0 ? '' : `${milliseconds}ms`}`;
  return text === '' ? '0s' : text;
};
