/**
 * What a program calls this replica of it: as its configuration says, or else GRIDLEASE_REPLICA_NAME, which a
 * Deployment sets to the pod's name, since its replicas share one configuration. It outlasts a restart in the same pod.
 */
export const replicaNameOf = (
  configured: string | undefined,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined => configured ?? (env['GRIDLEASE_REPLICA_NAME'] || undefined);
