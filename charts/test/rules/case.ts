/** One look at what an alert does: series as promtool writes them, one value a minute. */
export type Look = {
  /** "metric{labels}" → values, in promtool’s notation. */
  readonly series: Readonly<Record<string, string>>;
  /** First minute at which the expression is true; of a quiet one: the minute at which nothing must fire. */
  readonly minute: number;
};

/** A level of an alert that fires in one look and stays quiet in another, which is alike in all but the fault. */
export type AlertCase = {
  readonly alert: string;
  readonly severity: 'critical' | 'warning';
  /** All labels that the firing alert has, beside its name and severity. */
  readonly labels: Readonly<Record<string, string>>;
  readonly fires: Look;
  readonly quiet: Look;
};

/** A gauge that stays what it is, for two days. */
export const steady = (value: number): string => `${value}+0x2880`;

/** One value for some minutes, then another. */
export const changing = (before: number, minutes: number, after: number): string =>
  `${before}+0x${minutes - 1} ${after}+0x${2880 - minutes}`;

/** A page that says which program it is, as each replica’s does. */
export const build = (program: string, instance = 'a') => ({
  [`gridlease_build_info{program="${program}", instance="${instance}", version="1"}`]: steady(1),
});
