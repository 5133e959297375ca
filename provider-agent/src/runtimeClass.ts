/** The RuntimeClass for an isolation: NVIDIA's where plain containers need it, else none. */
export function runtimeClassFor(
  classes: readonly { readonly name: string; readonly handler: string }[],
  isolation: 'runc' | 'gvisor' | 'kata',
): string | undefined {
  const byName = classes.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (isolation === 'runc') return byName.find(({ name }) => name === 'nvidia')?.name;
  const kata = byName.find(({ handler }) => handler.startsWith('kata'))?.name;
  if (isolation === 'kata') return kata;
  return byName.find(({ handler }) => handler === 'runsc')?.name ?? kata;
}
