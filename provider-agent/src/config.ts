import { TerminalError } from '@gridlease/kube/errors';
import { z } from 'zod';
import { readJSON, readText } from './configFiles.ts';
import { agentConfigSchema, grant, hubUid } from './configSchema.ts';

/** As it is written in the file. */
export type AgentConfigInput = z.input<typeof agentConfigSchema>;

type Written = z.output<typeof agentConfigSchema>;

/** With what stands in the files that it names, and what follows from the rest. */
export type AgentConfig = Omit<Written, 'hub' | 'chain' | 'owner' | 'grant' | 'grantPath'> & {
  readonly hub: Omit<Written['hub'], 'uid' | 'uidPath' | 'namespace'> & {
    readonly uid: string;
    readonly namespace: string;
  };
  readonly chain: Omit<Written['chain'], 'rpcURL' | 'rpcURLPath'> & { readonly rpcURL: string };
  readonly owner: `0x${string}`;
  readonly grant: z.output<typeof grant>;
};

/**
 * Checks a configuration and reads the files that it names, keys and certificates apart. Throws a
 * TerminalError that names every field that is wrong.
 */
export function parseConfig(value: unknown): AgentConfig {
  const { hub, chain, owner, grantPath, ...rest } = check(agentConfigSchema, value, '');
  const { uidPath, ...hubRest } = hub;
  const { rpcURLPath, ...chainRest } = chain;
  const given = rest.grant ?? check(grant, readJSON('grantPath', grantPath!), 'grantPath');
  return {
    ...rest,
    hub: {
      ...hubRest,
      uid: hub.uid ?? check(hubUid, readText('hub.uidPath', uidPath!), 'hub.uidPath'),
      namespace: hub.namespace ?? `gridlease-provider-${rest.providerName}`,
    },
    chain: {
      ...chainRest,
      rpcURL:
        chain.rpcURL ??
        check(z.url(), readText('chain.rpcURLPath', rpcURLPath!), 'chain.rpcURLPath'),
    },
    owner: owner ?? given.provider,
    grant: given,
  };
}

function check<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  field: string,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path: at, message }) => {
    const name = [...(field === '' ? [] : [field]), ...at].join('.');
    return `${name || 'the file'}: ${message}`;
  });
  throw new TerminalError(`The configuration is not valid: ${problems.join('; ')}`);
}

/** Reads and checks a configuration file. Throws a TerminalError that says what to do. */
export function loadConfig(path: string): AgentConfig {
  return parseConfig(readJSON('--config FILE', path));
}
