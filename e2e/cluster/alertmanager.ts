import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LocalServer, startLocalServer } from './localServer.ts';
import { claimPort } from './ports.ts';
import { lostItsPort, type Processes } from './processes.ts';
import { answersAt } from './prometheus.ts';
import { alertmanagerFolder, type PrometheusAssetPaths } from './prometheusAsset.ts';

/** One alert as Alertmanager's webhook brings it. */
export type Notification = {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** When it arrived, milliseconds since 1970. */
  readonly receivedAtMs: number;
};

/** What somebody on call has: a place where notifications arrive. */
export type AlertReceiver = LocalServer & {
  /** All that arrived, oldest first. */
  readonly notifications: readonly Notification[];
};

/** Listens on loopback for Alertmanager's webhook. */
export const startAlertReceiver = async (): Promise<AlertReceiver> => {
  const notifications: Notification[] = [];
  const server = await startLocalServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    const { alerts } = JSON.parse(body) as { alerts: readonly Notification[] };
    notifications.push(...alerts.map((alert) => ({ ...alert, receivedAtMs: Date.now() })));
    response.end();
  });
  return { ...server, notifications };
};

export type AlertmanagerOptions = {
  readonly dir: string;
  readonly processes: Processes;
  readonly assets: PrometheusAssetPaths;
  /** Where notifications go. */
  readonly webhookURL: string;
  readonly signal?: AbortSignal | undefined;
};

export type Alertmanager = { readonly url: string; stop(): Promise<void> };

/** JSON is YAML. Each alert is a group of its own and is told at once, firing and resolved. */
const configuration = (webhookURL: string): string =>
  JSON.stringify({
    route: {
      receiver: 'webhook',
      group_by: ['...'],
      group_wait: '0s',
      group_interval: '1s',
      repeat_interval: '1h',
    },
    receivers: [{ name: 'webhook', webhook_configs: [{ url: webhookURL, send_resolved: true }] }],
  });

/** Starts Alertmanager on loopback, without the ports of a cluster of several, and returns once it serves. */
export const startAlertmanager = async (options: AlertmanagerOptions): Promise<Alertmanager> => {
  const { dir, processes } = options;
  mkdirSync(dir, { recursive: true });
  const configFile = join(dir, 'alertmanager.json');
  writeFileSync(configFile, configuration(options.webhookURL));
  for (let attempt = 1; ; attempt++) {
    const claim = await claimPort();
    const url = `http://127.0.0.1:${claim.port}`;
    const program = processes.start({
      name: 'alertmanager',
      layer: 3,
      command: options.assets.alertmanager,
      args: [
        `--config.file=${configFile}`,
        `--storage.path=${join(dir, 'data')}`,
        `--web.listen-address=127.0.0.1:${claim.port}`,
        '--cluster.listen-address=',
        '--log.level=warn',
      ],
      cwd: alertmanagerFolder(options.assets),
    });
    try {
      await processes.ready(program, () => answersAt(`${url}/-/ready`), { signal: options.signal });
      return { url, stop: () => processes.stopOne(program) };
    } catch (error) {
      if (!lostItsPort(error) || attempt === 5) throw error;
    } finally {
      claim.release();
    }
  }
};
