/** What the kubelet asks for one container: ids that it chose itself. */
export type ContainerRequest = { readonly devices_ids: readonly string[] };

/** What the kubelet adds to one container. A simulated GPU has no device files or libraries to mount. */
export type ContainerResponse = { readonly envs: Readonly<Record<string, string>> };

/** What the kubelet would like advice on before it chooses. */
export type PreferenceRequest = {
  readonly available_deviceIDs: readonly string[];
  readonly must_include_deviceIDs: readonly string[];
  readonly allocation_size: number;
};

/** A request that names what isn't there, or asks for more than there is. The kubelet refuses the pod with this text. */
export class InvalidAllocation extends Error {
  override readonly name = 'InvalidAllocation';
}

/**
 * NVIDIA's container runtime gives a container the GPUs in this variable, so its device plugin sets it. An unhealthy
 * device is not refused: the kubelet doesn't offer it, and NVIDIA's plugin doesn't look either.
 */
export function allocate(request: ContainerRequest, known: readonly string[]): ContainerResponse {
  const foreign = request.devices_ids.filter((id) => !known.includes(id));
  if (foreign.length > 0) {
    throw new InvalidAllocation(
      `this node has no device ${foreign.join(', ')}; it has ${known.join(', ')}`,
    );
  }
  return { envs: { NVIDIA_VISIBLE_DEVICES: request.devices_ids.join(',') } };
}

/** The devices that must be in, then the first others in the node's own order: neighbours, and always the same ones. */
export function prefer(request: PreferenceRequest, order: readonly string[]): readonly string[] {
  const { available_deviceIDs: available, must_include_deviceIDs: must, allocation_size } = request;
  const absent = must.filter((id) => !available.includes(id));
  if (absent.length > 0) {
    throw new InvalidAllocation(`${absent.join(', ')} must be included, but is not available`);
  }
  if (allocation_size < must.length || allocation_size > available.length) {
    throw new InvalidAllocation(
      `can't choose ${allocation_size} of ${available.length} devices, ${must.length} of which must be included`,
    );
  }
  const rank = new Map(order.map((id, position) => [id, position]));
  const rest = available
    .filter((id) => !must.includes(id))
    .sort((a, b) => (rank.get(a) ?? Infinity) - (rank.get(b) ?? Infinity));
  return [...must, ...rest].slice(0, allocation_size);
}
