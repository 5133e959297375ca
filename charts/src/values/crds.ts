import { z } from 'zod';
import { everywhere } from './common.ts';

/** values.yaml of gridlease-crds. */
export const crdValues = z.strictObject({
  ...everywhere,
  role: z
    .enum(['all', 'hub', 'provider'])
    .default('all')
    .describe('What the cluster is, of which it needs the kinds: a hub, a provider, or both.'),
});
