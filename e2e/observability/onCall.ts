import type { AlertReceiver, Notification } from '../cluster/alertmanager.ts';
import { waitFor } from '../cluster/waitFor.ts';

/** Which notification: the alert's name, and labels that it must have. */
export type Wanted = {
  readonly alert: string;
  readonly labels?: Readonly<Record<string, string>>;
};

const fits = ({ labels }: Notification, wanted: Wanted): boolean =>
  labels['alertname'] === wanted.alert &&
  Object.entries(wanted.labels ?? {}).every(([name, value]) => labels[name] === value);

const said = (notifications: readonly Notification[]): string =>
  notifications
    .map(({ status, labels }) => `${status} ${JSON.stringify(labels)}`)
    .slice(-20)
    .join('\n');

/** Somebody who looks at nothing but the notifications. */
export const onCall = (receiver: AlertReceiver) => {
  const until = async (wanted: Wanted, status: Notification['status'], seconds: number) =>
    waitFor(
      () => {
        const last = receiver.notifications.findLast((notification) => fits(notification, wanted));
        return last?.status === status ? last : undefined;
      },
      {
        what: `${wanted.alert} ${status}`,
        timeoutMilliseconds: seconds * 1_000,
      },
    ).catch((cause: unknown) => {
      throw new Error(`${String(cause)}; notified were:\n${said(receiver.notifications)}`, {
        cause,
      });
    });
  return {
    /** Waits until it is the last word about this alert that it fires. */
    fires: (wanted: Wanted, seconds = 60) => until(wanted, 'firing', seconds),
    /** Waits until it is the last word that it is over. */
    resolves: (wanted: Wanted, seconds = 60) => until(wanted, 'resolved', seconds),
    /** Alerts that fire, or were told of since then, by name. `sinceMs`: milliseconds since 1970. */
    hears: (sinceMs: number): readonly string[] => {
      const nameOf = ({ labels }: Notification): string => labels['alertname'] ?? '';
      const last = new Map(receiver.notifications.map((one) => [JSON.stringify(one.labels), one]));
      const firing = [...last.values()].filter(({ status }) => status === 'firing');
      const told = receiver.notifications.filter((one) => one.receivedAtMs >= sinceMs);
      return [...new Set([...firing, ...told].map(nameOf))];
    },
  };
};
