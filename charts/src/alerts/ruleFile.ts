import { stringify } from 'yaml';
import {
  type Alert,
  durationText,
  type Recording,
  type RuleGroup,
  runbookOf,
  type Scale,
} from './alert.ts';

/** Time constants as they are shipped. */
export const unchanged: Scale = (seconds) => seconds;

const recordingRule = ({ name, expr, labels }: Recording) => ({
  record: name,
  expr,
  ...(labels && { labels }),
});

const alertingRule = (alert: Alert, scale: Scale) => ({
  alert: alert.name,
  expr: alert.expr(scale),
  ...(alert.forSeconds > 0 && { for: durationText(scale(alert.forSeconds)) }),
  ...(alert.keepFiringSeconds && {
    keep_firing_for: durationText(scale(alert.keepFiringSeconds)),
  }),
  labels: { severity: alert.severity, ...alert.labels },
  annotations: {
    summary: alert.summary,
    description: alert.description,
    runbook_url: runbookOf(alert.name),
  },
});

/** A file of Prometheus rules with one group. */
export const ruleFile = (group: RuleGroup, scale: Scale = unchanged): string =>
  stringify(
    {
      groups: [
        {
          name: group.name,
          rules: [
            ...group.recordings.map(recordingRule),
            ...group.alerts.map((alert) => alertingRule(alert, scale)),
          ],
        },
      ],
    },
    { lineWidth: 0 },
  );
