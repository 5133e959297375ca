import { callOnce, PodResourcesLister } from './wire.ts';

/** The container that holds a device. */
export type Holder = {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
};

/** The kubelet's answer, as far as it is read here. */
export type PodResourcesList = {
  readonly pod_resources: readonly {
    readonly name: string;
    readonly namespace: string;
    readonly containers: readonly {
      readonly name: string;
      readonly devices: readonly {
        readonly resource_name: string;
        readonly device_ids: readonly string[];
      }[];
    }[];
  }[];
};

/** Who holds which device of a resource, by device id. Pure. */
export function holdersOf(
  list: PodResourcesList,
  resourceName: string,
): ReadonlyMap<string, Holder> {
  const pairs = list.pod_resources.flatMap((pod) =>
    pod.containers.flatMap((container) =>
      container.devices
        .filter((devices) => devices.resource_name === resourceName)
        .flatMap(({ device_ids }) =>
          device_ids.map((id): readonly [string, Holder] => [
            id,
            { namespace: pod.namespace, pod: pod.name, container: container.name },
          ]),
        ),
    ),
  );
  return new Map(pairs);
}

/** Asks the kubelet on its pod-resources socket. Throws when it doesn't answer within 2 s. */
export async function readHolders(
  socket: string,
  resourceName: string,
): Promise<ReadonlyMap<string, Holder>> {
  const call = { socket, method: 'List', request: {}, timeoutMilliseconds: 2_000 };
  return holdersOf(await callOnce<PodResourcesList>(PodResourcesLister, call), resourceName);
}
