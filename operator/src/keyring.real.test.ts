import { randomUUID } from 'node:crypto';
import * as builtins from '@gridlease/kube/builtins';
import { Informer } from '@gridlease/kube/informer';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createKeyring, type Keyring, type Secret } from './keyring.ts';
import { clientsOf, openTestHub, type TestHub } from './testing/testHub.ts';

const namespace = 'gridlease-system';
const stopping = new AbortController();
let hub: TestHub;

/** As each start of the operator makes it; the informer is the only memory they could share. */
function aKeyring(): Keyring {
  const informer = new Informer<Secret>({
    cluster: hub.admin,
    definition: builtins.secrets,
    namespace,
    labelSelector: 'gridlease.dev/managed-by=gridlease-operator',
  });
  informer.start(stopping.signal);
  return createKeyring({ client: clientsOf(hub).secrets, informer, namespace });
}

beforeAll(async () => {
  hub = await openTestHub();
}, 60_000);

afterAll(async () => {
  stopping.abort(new Error('the test is over'));
  await hub?.close();
});

test('an account has one key for ever, whoever asks first and however often', async () => {
  const uid = randomUUID();
  const [one, other] = [aKeyring(), aKeyring()];
  // Both find no Secret and make a key; the API server keeps one of them.
  const signers = await Promise.all([one, one, other, other].map((ring) => ring.signerFor(uid)));
  expect(new Set(signers.map(({ address }) => address)).size).toBe(1);
  const afterRestart = await aKeyring().signerFor(uid);
  expect(afterRestart.address).toBe(signers[0]!.address);
  const another = await one.signerFor(randomUUID());
  expect(another.address).not.toBe(afterRestart.address);
});

test('a key can’t be changed, and a Secret without one is said to be damaged', async () => {
  const uid = randomUUID();
  await aKeyring().signerFor(uid);
  const { secrets } = clientsOf(hub);
  const stored = await secrets.get({ namespace, name: `delegate-${uid}` });
  expect(stored.immutable).toBe(true);

  const damaged = randomUUID();
  const name = `delegate-${damaged}`;
  const metadata = { namespace, name, labels: stored.metadata.labels ?? {} };
  await secrets.create({ apiVersion: 'v1', kind: 'Secret', metadata });
  await expect(aKeyring().signerFor(damaged)).rejects.toThrow(/has no key privateKey: restore it/);
});
