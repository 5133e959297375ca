import {
  type Alert,
  durationText,
  EVALUATION_SECONDS,
  type Program,
  runbookOf,
  SCRAPE_SECONDS,
  secondsToNotice,
} from './alert.ts';
import { ALERTS, RULE_GROUPS } from './groups.ts';
import { BUDGET_DAYS, OBJECTIVES, WINDOWS } from './slo.ts';

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Spaces as in prose: "1h 5m". */
const spoken = (seconds: number): string =>
  durationText(seconds).replaceAll(/([a-z])(?=\d)/g, '$1 ');

/** A template’s values are told by their labels’ names. */
const plain = (text: string): string =>
  text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, '`$1`').replaceAll(/\{\{ \$value[^}]*\}\}/g, '*n*');

const isBurn = ({ name }: Alert): boolean => name.endsWith('Burn');

const row = (alert: Alert): readonly string[] => [
  `[${alert.name}](../runbooks/${runbookOf(alert.name)})`,
  alert.severity,
  plain(alert.summary),
  spoken(secondsToNotice(alert)),
  `${spoken(alert.seenAfter.seconds)}: ${alert.seenAfter.because}${alert.forSeconds > 0 ? `; held for ${spoken(alert.forSeconds)}` : ''}`,
];

const alertTable = (program: Program): string =>
  table(
    ['Alert', 'Severity', 'Says', 'Noticed within', 'Of which'],
    ALERTS.filter((alert) => alert.program === program && !isBurn(alert)).map(row),
  );

const objectiveTable = (): string =>
  table(
    ['Promise', 'Alert', 'Of'],
    OBJECTIVES.map(({ promise, alert, program }) => [
      promise,
      `[${alert}](../runbooks/${runbookOf(alert)})`,
      program === 'operator' ? 'the hub’s operator' : 'a provider’s agent',
    ]),
  );

const windowTable = (): string =>
  table(
    ['Burns at', 'Over', 'And still over', 'Held for', 'Severity', 'Of the budget is gone'],
    WINDOWS.map(({ factor, long, short, forSeconds, severity, budget }) => [
      `${factor}×`,
      long,
      short,
      spoken(forSeconds),
      severity,
      budget,
    ]),
  );

const recordingTable = (): string =>
  table(
    ['Series', 'From'],
    RULE_GROUPS.flatMap(({ recordings }) => recordings)
      .filter(({ name }) => !name.startsWith('gridlease:slo_'))
      .map(({ name, expr }) => [`\`${name}\``, `\`${expr}\``]),
  );

/** docs/reference/alerts.md. */
export const alertsReference =
  (): string => `<!-- Generated from charts/src/alerts by \`npm run charts\`. Do not edit. -->
# Alerts

The charts bring these rules as PrometheusRules: those of the hub with \`gridlease-operator\`, those of a provider with \`gridlease-provider-agent\`. Each has a severity, a summary, a description with its figures, and a link to its page under [runbooks](../runbooks/README.md). \`critical\` means that money is lost or work stands still now; \`warning\` that it will.

**Noticed within** is the longest time from the fault to the notification, with a scrape each ${SCRAPE_SECONDS} s, an evaluation each ${EVALUATION_SECONDS} s and the programs' default settings: the time until a metric shows it, a scrape, an evaluation, and the time that it must hold. Alertmanager adds its \`group_wait\`.

Only the replica that leads serves the metrics of the stages; rules about these take the maximum or the sum over all pages, so followers change nothing. Where a rule looks back, it reads a series recorded without the instance, which goes on when another replica leads.

## At the hub

${alertTable('operator')}

## At a provider

${alertTable('provider-agent')}

## Objectives

Each promise is over ${BUDGET_DAYS} days. Its alert has four levels, told apart by the labels \`long\` and \`short\`. GPU time counts as bad where statement and payment differ. Jobs that never start are not in the second: see [GridleaseJobsStuckWaiting](../runbooks/gridleasejobsstuckwaiting.md) and [GridleaseLeaseNotStarting](../runbooks/gridleaseleasenotstarting.md). The second and third say nothing about fewer than five events in the long window.

${objectiveTable()}

${windowTable()}

## Recorded series

Beside these, the share of bad events of each objective: \`gridlease:slo_NAME_errors_PROGRAM:ratio_rateWINDOW\`.

${recordingTable()}
`;
