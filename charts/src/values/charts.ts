import type { z } from 'zod';
import { agentValues } from './agent.ts';
import { crdValues } from './crds.ts';
import { operatorValues } from './operator.ts';

/** Each chart with the source of its values. */
export const CHARTS: readonly { readonly name: string; readonly values: z.ZodObject }[] = [
  { name: 'gridlease-crds', values: crdValues },
  { name: 'gridlease-operator', values: operatorValues },
  { name: 'gridlease-provider-agent', values: agentValues },
];
