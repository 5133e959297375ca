import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Generated } from './generated.ts';
import { repository } from './repository.ts';

const header = '{{- /* Copied from charts/shared by `npm run charts`. Do not edit. */ -}}\n';

/**
 * What both programs' charts have in common is written once, in charts/shared. It is copied, and not a library chart:
 * a chart then is one folder that needs no other to be fetched.
 */
export function sharedFiles(): readonly Generated[] {
  const folder = join(repository, 'charts/shared/templates');
  const files = readdirSync(folder).sort();
  const copies = ['gridlease-operator', 'gridlease-provider-agent'].flatMap((chart) =>
    files.map((file) => ({
      path: `charts/${chart}/templates/${file}`,
      text: header + readFileSync(join(folder, file), 'utf8'),
    })),
  );
  // Of these the CRDs need no more than their labels.
  const labels = readFileSync(join(folder, '_labels.tpl'), 'utf8');
  return [
    ...copies,
    { path: 'charts/gridlease-crds/templates/_labels.tpl', text: header + labels },
  ];
}
