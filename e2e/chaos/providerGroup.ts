import type { Federation } from '../cluster/federation.ts';

/** Everything that runs at one provider: its agents, and its whole control plane with its nodes. */
const programsOf = ({ processes }: Federation, provider: string): readonly string[] =>
  processes
    .records()
    .map(({ name }) => name)
    .filter((name) => name.startsWith(`${provider}-`));

/** Stands a whole provider still, as when its site lost power or network: nothing there runs, answers or ends. */
export function freeze(federation: Federation, provider: string): void {
  for (const name of programsOf(federation, provider)) federation.processes.signal(name, 'SIGSTOP');
}

export function thaw(federation: Federation, provider: string): void {
  for (const name of programsOf(federation, provider)) federation.processes.signal(name, 'SIGCONT');
}
