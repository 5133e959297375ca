/** The container beside a task's that copies its outputs away. */
export const UPLOADER = 'outputs';

type Container<State> = { readonly name: string; readonly state?: State };

/** As much of a Pod as says whether it copies. */
export type CopyingPod = {
  readonly status?: {
    readonly containerStatuses?: readonly Container<{ readonly terminated?: object }>[];
    readonly initContainerStatuses?: readonly Container<{ readonly running?: object }>[];
  };
};

/**
 * Whether a pod's task has ended and its outputs are being copied. It holds its GPUs unbilled for no
 * fault of anybody, and its node ends it after its grace.
 */
export function isCopying({ status }: CopyingPod): boolean {
  const tasks = status?.containerStatuses ?? [];
  const uploader = status?.initContainerStatuses?.find(({ name }) => name === UPLOADER);
  const haveEnded = tasks.length > 0 && tasks.every(({ state }) => state?.terminated !== undefined);
  return haveEnded && uploader?.state?.running !== undefined;
}
