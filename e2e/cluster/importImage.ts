import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { federationFolder } from './paths.ts';
import { attachRealNodes } from './realNode/attach.ts';
import { runMain } from './runMain.ts';

type Index = {
  readonly manifests: readonly { readonly annotations?: Readonly<Record<string, string>> }[];
};

/** The names that an OCI archive gives its images. */
const referencesIn = (archive: string): readonly string[] => {
  const index = execFileSync('tar', ['--extract', '--to-stdout', '--file', archive, 'index.json']);
  return (JSON.parse(index.toString()) as Index).manifests.flatMap(
    ({ annotations }) => annotations?.['io.containerd.image.name'] ?? [],
  );
};

/**
 * `node e2e/cluster/importImage.ts [--dir FOLDER] ARCHIVE …`: makes the images of OCI archives (e2e/images) runnable on
 * every real node of a federation, since there is no registry. Prints the names that jobs can give.
 */
const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      dir: { type: 'string', default: federationFolder() },
    },
  });
  const nodes = await attachRealNodes(resolve(values.dir));
  for (const archive of positionals.map((path) => resolve(path))) {
    for (const reference of referencesIn(archive)) {
      await Promise.all(nodes.map((node) => node.importImage(archive, reference)));
      process.stdout.write(`${reference}\n`);
    }
  }
};

await runMain(main);
