import { describe, expect, test } from '@jest/globals';
import type { Cluster } from './cluster.ts';
import type { ApiRequest } from './request.ts';
import { resourceClient } from './resources.ts';
import { aWidget, type Widget, widgets } from './testing/widget.ts';

/** A client whose requests are written down instead of sent. */
function aClient() {
  const sent: ApiRequest[] = [];
  const cluster = {
    request: async (request: ApiRequest) => {
      sent.push(request);
      return {};
    },
  } as unknown as Cluster;
  return { sent, client: resourceClient<Widget>(cluster, widgets) };
}

const seen = { ...aWidget('team-a', 'one').metadata, uid: 'u-1', resourceVersion: '7' };

describe('a write says what it was decided on', () => {
  test('a delete names the life that was seen', async () => {
    const { sent, client } = aClient();
    await client.delete(seen, { uid: seen.uid });
    expect(sent[0]?.body).toMatchObject({ preconditions: { uid: 'u-1' } });
  });

  test('a delete names the state that was seen, when that is what was decided on', async () => {
    const { sent, client } = aClient();
    await client.delete(seen, seen);
    expect(sent[0]?.body).toMatchObject({ preconditions: { uid: 'u-1', resourceVersion: '7' } });
  });

  test.each(['replace', 'replaceStatus'] as const)(
    '%s carries the resourceVersion, and is not sent without one',
    async (verb) => {
      const { sent, client } = aClient();
      const widget = aWidget('team-a', 'one');
      await client[verb]({ ...widget, metadata: seen });
      expect(sent[0]?.body).toMatchObject({ metadata: { uid: 'u-1', resourceVersion: '7' } });
      await expect(client[verb](widget)).rejects.toThrow('needs a resourceVersion');
      expect(sent).toHaveLength(1);
    },
  );
});
