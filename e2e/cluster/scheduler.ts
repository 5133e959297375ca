import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControllerOptions } from './controllerManager.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import type { RunningProcess } from './processes.ts';

/** Starts the real kube-scheduler, which places pods on nvidia.com/gpu like in any cluster. */
export const startScheduler = (options: ControllerOptions): RunningProcess => {
  const kubeconfig = join(options.dir, `${options.name}-scheduler.kubeconfig`);
  writeKubeconfig(kubeconfig, options.apiServer.accessAs('scheduler'), {
    cluster: options.name,
    user: 'system:kube-scheduler',
  });
  const config = join(options.dir, `${options.name}-scheduler.json`);
  writeFileSync(
    config,
    JSON.stringify({
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      clientConnection: { kubeconfig, qps: 500, burst: 1000 },
      leaderElection: { leaderElect: false },
      // Fast retries of pods that didn't fit: people watch these federations.
      podInitialBackoffSeconds: 1,
      podMaxBackoffSeconds: 2,
    }),
  );
  return options.processes.start({
    name: `${options.name}-scheduler`,
    layer: 2,
    command: options.assets['kube-scheduler'],
    args: [`--config=${config}`, '--secure-port=0', '--v=1'],
  });
};
