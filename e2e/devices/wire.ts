import { join } from 'node:path';
import {
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  Metadata,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

// Field names as they are in the interface, and absent lists as empty ones.
const load = (file: string): GrpcObject =>
  loadPackageDefinition(
    loadSync(join(import.meta.dirname, file), {
      keepCase: true,
      longs: Number,
      defaults: true,
    }),
  );

const member = (root: GrpcObject, path: readonly string[]): ServiceClientConstructor =>
  path.reduce<unknown>(
    (value, key) => (value as GrpcObject)[key],
    root,
  ) as ServiceClientConstructor;

const devicePlugin = load('deviceplugin.proto');

/** The kubelet's side, on kubelet.sock. */
export const Registration = member(devicePlugin, ['v1beta1', 'Registration']);
/** The plugin's side, on a socket of its own. */
export const DevicePlugin = member(devicePlugin, ['v1beta1', 'DevicePlugin']);
/** The kubelet's answer to who has which device. */
export const PodResourcesLister = member(load('podresources.proto'), ['v1', 'PodResourcesLister']);

/** gRPC's name for a socket of this machine. */
export const unixTarget = (path: string): string => `unix:${path}`;

export type CallOptions = {
  /** The server's socket. */
  readonly socket: string;
  readonly method: string;
  readonly request: object;
  readonly timeoutMilliseconds: number;
};

/** One call over a connection of its own, which is closed again: what is at a socket's path may be another server soon. */
export async function callOnce<Response>(
  Service: ServiceClientConstructor,
  { socket, method, request, timeoutMilliseconds }: CallOptions,
): Promise<Response> {
  // Connections are shared by address otherwise, and so is the pause after one that failed: up to two minutes.
  const own = { 'grpc.use_local_subchannel_pool': 1 };
  const client = new Service(unixTarget(socket), credentials.createInsecure(), own);
  try {
    return await new Promise<Response>((done, fail) => {
      const answer = (error: ServiceError | null, response: Response) => {
        if (error) fail(error);
        else done(response);
      };
      const deadline = Date.now() + timeoutMilliseconds;
      // gRPC makes the methods from the interface's text, so TypeScript can't know them.
      const call = client[method] as (...args: readonly unknown[]) => unknown;
      call.call(client, request, new Metadata(), { deadline }, answer);
    });
  } finally {
    client.close();
  }
}
