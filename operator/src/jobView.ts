import type { GPUJob } from '@gridlease/crds/gpujob';
import type { ChangeHandler, Informer } from '@gridlease/kube/informer';
import { objectKey } from '@gridlease/kube/object';

export type JobView = {
  /** A stored job as it is seen. */
  get(stored: GPUJob): GPUJob;
  /** To be called when `seen` has more to say of a job; tells those who watch, returns what they see. */
  changed(stored: GPUJob, before: GPUJob): GPUJob;
  /** To be called when `seen` has less to say of a job. */
  refresh(stored: GPUJob): void;
  /** The informer with every job as it is seen. */
  readonly jobs: Informer<GPUJob>;
};

/**
 * An informer's jobs with what is known beyond what is stored: `seen` adds it. Who watches is told of
 * each change once, when it is known; that it has been stored is no change.
 */
export function createJobView(
  informer: Informer<GPUJob>,
  seen: (stored: GPUJob) => GPUJob,
): JobView {
  const handlers = new Set<ChangeHandler<GPUJob>>();
  /** What was shown last of jobs that are seen differently from how they are stored. */
  const shown = new Map<string, { readonly stored: GPUJob; readonly job: GPUJob }>();

  const show = (stored: GPUJob): GPUJob => {
    const uid = stored.metadata.uid!;
    const job = seen(stored);
    if (job === stored) shown.delete(uid);
    else shown.set(uid, { stored, job });
    return job;
  };
  const get = (stored: GPUJob): GPUJob => {
    const known = shown.get(stored.metadata.uid!);
    return known?.stored === stored ? known.job : seen(stored);
  };
  const tell: ChangeHandler<GPUJob> = (object, old, change) => {
    for (const handler of handlers) handler(object, old, change);
  };
  let isFollowing = false;
  const follow = (): void => {
    isFollowing = true;
    informer.onChange((stored, old, change) => {
      const uid = stored.metadata.uid!;
      const before = shown.get(uid)?.job ?? old;
      if (change.type !== 'deleted') return tell(show(stored), before, change);
      shown.delete(uid);
      return tell(before ?? stored, before, change);
    });
  };

  const overrides: Partial<Informer<GPUJob>> = {
    get: (key) => {
      const stored = informer.get(key);
      return stored && get(stored);
    },
    list: (namespace) => informer.list(namespace).map(get),
    byIndex: (name, value) => informer.byIndex(name, value).map(get),
    onChange: (handler) => {
      // Before the handler is added: what is there is told to it once, below.
      if (!isFollowing) follow();
      for (const stored of informer.list()) {
        handler(get(stored), undefined, { type: 'added', initial: true });
      }
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
  };
  return {
    get,
    changed(stored, before) {
      const job = show(stored);
      tell(job, before, { type: 'updated', initial: false });
      return job;
    },
    refresh: (stored) => void show(informer.get(objectKey(stored)) ?? stored),
    jobs: overlaid(informer, overrides),
  };
}

function overlaid<T extends object>(target: T, overrides: Partial<T>): T {
  const bound = new Map<PropertyKey, unknown>(Object.entries(overrides));
  return new Proxy(target, {
    get(_, key) {
      if (bound.has(key)) return bound.get(key);
      // On the target itself: private fields are not reached through a proxy.
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      const method = value.bind(target);
      bound.set(key, method);
      return method;
    },
  });
}
