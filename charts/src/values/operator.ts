import { operatorConfigSchema } from '@gridlease/operator/config';
import { z } from 'zod';
import { programValues } from './common.ts';
import { layersOf } from './describe.ts';
import { flag, optionalName, quantityText, resources } from './pieces.ts';

/** What the chart itself decides: where files are, what the pod's address and name are, and tracing's own value. */
const DECIDED = ['kubeconfigPath', 'namespace', 'listen', 'stateDir', 'tracing'];

const electionOf = (schema: z.core.$ZodType): z.ZodObject => {
  const core = layersOf(schema).at(-1);
  if (!(core instanceof z.ZodObject)) throw new Error('leaderElection is not a mapping any more');
  return core;
};

/** A program's settings without those of the chart. A replica's own name is its pod's. */
export const settingsOf = (shape: z.core.$ZodLooseShape, decided: readonly string[]) => {
  const { leaderElection, ...rest } = shape;
  const { replicaName: _, ...election } = electionOf(leaderElection!).shape;
  const entries = Object.entries(rest).filter(([key]) => !decided.includes(key));
  return z
    .strictObject({
      ...Object.fromEntries(entries),
      leaderElection: z
        .strictObject(election)
        .prefault({})
        .describe('Of several replicas one acts; the others take over when it is gone.'),
    })
    .prefault({});
};

/** values.yaml of gridlease-operator. */
export const operatorValues = z.strictObject({
  ...programValues('gridlease/operator'),
  resources: resources('100m', '256Mi', '1Gi'),
  persistence: z
    .strictObject({
      enabled: flag(
        false,
        'Keep the inputs of placements and the anchored batches on a volume. Off, they go with the pod: leases and money never depend on them, only the proof of why a placement was made.',
      ),
      existingClaim: optionalName.describe(
        'A claim of yours. Empty: the chart makes one, and leaves it at an uninstall.',
      ),
      storageClassName: optionalName.describe(
        "StorageClass of the chart's claim. Empty: the cluster's default.",
      ),
      accessModes: z
        .array(z.enum(['ReadWriteOnce', 'ReadWriteOncePod', 'ReadWriteMany']))
        .min(1)
        .default(['ReadWriteMany'])
        .describe('All replicas share it, so that several need ReadWriteMany.'),
      size: quantityText.default('5Gi').describe("Size of the chart's claim."),
    })
    .prefault({})
    .describe("Volume of the operator's files."),
  rbac: z
    .strictObject({
      aggregateToView: flag(
        true,
        "Let Kubernetes' role `view` read jobs, leases, accounts and offers.",
      ),
      aggregateToEdit: flag(true, "Let Kubernetes' role `edit` write jobs."),
      aggregateToAdmin: flag(true, "Let Kubernetes' role `admin` write payment accounts."),
    })
    .prefault({})
    .describe("What people's roles learn of the kinds."),
  config: settingsOf(operatorConfigSchema.shape, DECIDED).describe(
    "The operator's own settings. Left out, they have the operator's defaults.",
  ),
});
