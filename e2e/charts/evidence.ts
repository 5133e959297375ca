import { OPERATOR_NAMESPACE } from '@gridlease/crds/labels';
import { AGENT_NAMESPACE } from '../cluster/providerCluster.ts';
import type { Kubectl } from '../demo/kubectl.ts';
import type { Scene } from '../scenarios/verbs.ts';

/** Runs one part of a story; when it fails, the error carries what both clusters can still tell. */
export const withEvidence = async (scene: () => Scene, act: () => Promise<void>): Promise<void> => {
  try {
    await act();
  } catch (error) {
    throw new Error(`${error}\n${await evidenceOf(scene())}`, { cause: error });
  }
};

const evidenceOf = async (scene: Scene): Promise<string> => {
  const provider = scene.provider(scene.environment.providers[0]!.name);
  const logs = (namespace: string, name: string) => [
    'logs',
    '-n',
    namespace,
    '-l',
    `app.kubernetes.io/name=${name}`,
    '--tail=150',
    '--prefix',
  ];
  const asked: readonly (readonly [Kubectl, readonly string[]])[] = [
    [scene.hub, ['get', 'gpujobs,gpuleases', '-A', '-o', 'yaml']],
    [scene.hub, ['get', 'events', '-A', '--sort-by=.lastTimestamp']],
    [scene.hub, logs(OPERATOR_NAMESPACE, 'gridlease-operator')],
    [provider, ['get', 'jobs,pods', '-A', '-o', 'yaml', '-l', 'gridlease.dev/lease-uid']],
    [provider, ['get', 'events', '-A', '--sort-by=.lastTimestamp']],
    [provider, logs(AGENT_NAMESPACE, 'gridlease-provider-agent')],
  ];
  const answers = asked.map(async ([kubectl, args]) => {
    const answer = await kubectl(...args).catch((error: unknown) => String(error));
    return `── kubectl ${args.join(' ')}\n${answer}`;
  });
  return (await Promise.all(answers)).join('\n');
};
