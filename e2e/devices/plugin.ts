import { rmSync } from 'node:fs';
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import {
  allocate,
  type ContainerRequest,
  InvalidAllocation,
  type PreferenceRequest,
  prefer,
} from './allocation.ts';
import type { DeviceSet } from './device.ts';
import { DevicePlugin, unixTarget } from './wire.ts';

/** What the plugin tells the kubelet of itself, on registration and when asked. */
export const pluginOptions = {
  pre_start_required: false,
  get_preferred_allocation_available: true,
} as const;

/** A plugin that the kubelet can reach. Disposing it closes the streams and removes the socket. */
export type ServedPlugin = Disposable & {
  /** How many kubelets watch the list right now. */
  watchers(): number;
};

/** Serves the devices on `socket`, in place of whatever lies there: the kubelet that knew it is gone. */
export async function servePlugin(devices: DeviceSet, socket: string): Promise<ServedPlugin> {
  const server = new Server();
  const ids = () => devices.list().map(({ uuid }) => uuid);
  let watchers = 0;
  server.addService(DevicePlugin.service, {
    GetDevicePluginOptions: answering(() => pluginOptions),
    ListAndWatch: (call: ServerWritableStream<unknown, unknown>) => {
      watchers += 1;
      const stop = devices.watch((list) => {
        call.write({ devices: list.map(({ uuid, health }) => ({ ID: uuid, health })) });
      });
      // Both may come, in either order.
      let open = true;
      const end = () => {
        if (!open) return;
        open = false;
        watchers -= 1;
        stop();
      };
      call.on('cancelled', end);
      call.on('close', end);
    },
    GetPreferredAllocation: answering(
      (request: { readonly container_requests: readonly PreferenceRequest[] }) => ({
        container_responses: request.container_requests.map((one) => ({
          deviceIDs: prefer(one, ids()),
        })),
      }),
    ),
    Allocate: answering(
      (request: { readonly container_requests: readonly ContainerRequest[] }) => ({
        container_responses: request.container_requests.map((one) => allocate(one, ids())),
      }),
    ),
    PreStartContainer: answering(() => ({})),
  });
  rmSync(socket, { force: true });
  await new Promise<void>((done, fail) => {
    server.bindAsync(unixTarget(socket), ServerCredentials.createInsecure(), (error) => {
      if (error) fail(error);
      else done();
    });
  });
  return {
    watchers: () => watchers,
    [Symbol.dispose]: () => server.forceShutdown(),
  };
}

/** A method that answers one request with one response; what it can't do goes back with the reason. */
function answering<Request>(answer: (request: Request) => object) {
  return (call: ServerUnaryCall<Request, object>, done: sendUnaryData<object>): void => {
    try {
      done(null, answer(call.request));
    } catch (error) {
      const code = error instanceof InvalidAllocation ? status.INVALID_ARGUMENT : status.INTERNAL;
      done({ code, details: error instanceof Error ? error.message : String(error) });
    }
  };
}
