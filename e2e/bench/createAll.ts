import type { ApiClient, Manifest } from '../cluster/apiClient.ts';
import { ApiClient as Client } from '../cluster/apiClient.ts';

/**
 * Creates all objects of one collection, `concurrency` at a time, each creator over a kept-alive
 * connection of its own. Returns the times of the first request and of the last answer.
 */
export async function createAll(
  client: ApiClient,
  path: string,
  objects: readonly Manifest[],
  concurrency: number,
): Promise<{ readonly firstMs: number; readonly lastMs: number }> {
  const firstMs = performance.now();
  let next = 0;
  const creator = async (): Promise<void> => {
    const own = new Client(client.access);
    try {
      for (let object = objects[next++]; object !== undefined; object = objects[next++]) {
        await own.request('POST', path, object);
      }
    } finally {
      own.close();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, creator));
  return { firstMs, lastMs: performance.now() };
}
