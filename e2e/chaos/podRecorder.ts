import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../cluster/apiClient.ts';
import type { PodList } from '../demo/checker/pods.ts';

type Pod = PodList['items'][number];
type Listed = {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly Pod[];
};
type Event = {
  readonly type: string;
  readonly object: Pod & { readonly metadata: { readonly resourceVersion: string } };
};

const path = '/api/v1/pods?labelSelector=gridlease.dev%2Flease-uid';

/**
 * Writes down each task pod of one provider as it was last seen, also after it was deleted: what was delivered is told
 * by pods, and agents clear away. It goes on from the last resourceVersion when its watch breaks, so that it misses
 * nothing while an API server is down.
 */
export class PodRecorder {
  readonly provider: string;
  readonly #client: ApiClient;
  readonly #pods = new Map<string, Pod>();

  constructor(provider: string, client: ApiClient) {
    this.provider = provider;
    this.#client = client;
  }

  pods(): readonly Pod[] {
    return [...this.#pods.values()];
  }

  /** Reads what is there now; for the moment of judgement, when a watch event may still be on its way. */
  async refresh(): Promise<string> {
    const list = await this.#client.get<Listed>(path);
    for (const pod of list.items) this.#pods.set(pod.metadata.uid, pod);
    return list.metadata.resourceVersion;
  }

  /** Records until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    let version: string | undefined;
    while (!signal.aborted) {
      try {
        version ??= await this.refresh();
        version = await this.#follow(version, signal);
      } catch {
        // The server is down or starting; that is what these runs are about.
        await sleep(200, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Follows one watch to its end. Returns the version to go on from; undefined when the server forgot it. */
  #follow(from: string, signal: AbortSignal): Promise<string | undefined> {
    const { server, certificateAuthority, token } = this.#client.access;
    const agent = new Agent({ ca: certificateAuthority });
    let version: string | undefined = from;
    const onLine = (line: string): void => {
      const event = JSON.parse(line) as Event;
      if (event.type === 'ERROR') {
        version = undefined;
        return;
      }
      if (event.type !== 'BOOKMARK') this.#pods.set(event.object.metadata.uid, event.object);
      version = event.object.metadata.resourceVersion;
    };
    return new Promise<string | undefined>((resolve) => {
      const ended = () => resolve(version);
      const call = request(
        new URL(`${path}&watch=1&allowWatchBookmarks=true&resourceVersion=${from}`, server),
        { agent, signal, headers: { authorization: `Bearer ${token}` } },
        (answer) => {
          if (answer.statusCode === 410) version = undefined;
          if (answer.statusCode !== 200) answer.resume();
          let rest = '';
          answer.setEncoding('utf8');
          answer.on('data', (part: string) => {
            if (answer.statusCode !== 200) return;
            const lines = (rest + part).split('\n');
            rest = lines.pop() ?? '';
            for (const line of lines) if (line !== '') onLine(line);
          });
          answer.on('error', ended);
          answer.on('close', ended);
        },
      );
      call.on('error', ended);
      call.end();
    }).finally(() => {
      agent.destroy();
      return sleep(100, undefined, { signal }).catch(() => undefined);
    });
  }
}
