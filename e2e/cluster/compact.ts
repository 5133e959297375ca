type Revision = { readonly header: { readonly revision: string } };

const call = async <T>(url: string, body: object): Promise<T> => {
  const answer = await fetch(url, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  if (!answer.ok) throw new Error(`${url} was answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
};

/**
 * Has etcd forget its history up to this moment, as an API server does every five minutes: whoever asks it for
 * something older is told that it is gone. Returns the revision.
 */
export const compact = async (etcdURL: string): Promise<string> => {
  const key = Buffer.from('/').toString('base64');
  const { header } = await call<Revision>(`${etcdURL}/v3/kv/range`, { key });
  await call(`${etcdURL}/v3/kv/compaction`, { revision: header.revision, physical: true });
  return header.revision;
};
