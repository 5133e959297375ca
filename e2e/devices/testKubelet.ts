import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Client,
  type ClientReadableStream,
  credentials,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import type { PodResourcesList } from './podResources.ts';
import { callOnce, DevicePlugin, PodResourcesLister, Registration, unixTarget } from './wire.ts';

export type RegisterRequest = {
  readonly version: string;
  readonly endpoint: string;
  readonly resource_name: string;
  readonly options: object;
};
export type ListedDevice = { readonly ID: string; readonly health: string };

/**
 * The kubelet's side of the sockets and nothing else of it: takes a registration, watches the list, asks as the
 * kubelet asks. What a kubelet makes of the answers is proven with a real one.
 */
export class TestKubelet implements Disposable {
  readonly #dir: string;
  readonly #server = new Server();
  readonly registered: RegisterRequest[] = [];
  /** Every list that the plugin sent to this kubelet. */
  readonly lists: (readonly ListedDevice[])[] = [];
  /** What it says on its pod-resources socket. */
  pods: PodResourcesList = { pod_resources: [] };
  #watch: { readonly client: Client; readonly stream: ClientReadableStream<unknown> } | undefined;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** As a kubelet starts: whatever is in the folder goes, then its own socket appears. */
  static async start(dir: string): Promise<TestKubelet> {
    for (const file of readdirSync(dir)) rmSync(join(dir, file), { recursive: true });
    const kubelet = new TestKubelet(dir);
    const server = kubelet.#server;
    server.addService(Registration.service, {
      Register: (call: ServerUnaryCall<RegisterRequest, object>, done: sendUnaryData<object>) => {
        kubelet.registered.push(call.request);
        done(null, {});
        kubelet.#listen(call.request.endpoint);
      },
    });
    server.addService(PodResourcesLister.service, {
      List: (_call: unknown, done: sendUnaryData<object>) => done(null, kubelet.pods),
    });
    for (const name of ['kubelet.sock', 'pods.sock']) {
      await new Promise<void>((done, fail) => {
        const target = unixTarget(join(dir, name));
        server.bindAsync(target, ServerCredentials.createInsecure(), (error) =>
          error ? fail(error) : done(),
        );
      });
    }
    return kubelet;
  }

  /** Calls the plugin that registered last. */
  ask<Response>(method: string, request: object): Promise<Response> {
    const socket = join(this.#dir, this.registered.at(-1)?.endpoint ?? 'none');
    return callOnce(DevicePlugin, { socket, method, request, timeoutMilliseconds: 20_000 });
  }

  #listen(endpoint: string): void {
    this.#unwatch();
    const target = unixTarget(join(this.#dir, endpoint));
    const client = new DevicePlugin(target, credentials.createInsecure());
    const stream = (client['ListAndWatch'] as (request: object) => ClientReadableStream<unknown>)(
      {},
    );
    stream.on('data', (response: { readonly devices: readonly ListedDevice[] }) => {
      this.lists.push(response.devices);
    });
    // The stream ends with the plugin or with this kubelet; either is the test's doing.
    stream.on('error', () => undefined);
    this.#watch = { client, stream };
  }

  #unwatch(): void {
    this.#watch?.stream.cancel();
    this.#watch?.client.close();
  }

  [Symbol.dispose](): void {
    this.#unwatch();
    this.#server.forceShutdown();
  }
}
