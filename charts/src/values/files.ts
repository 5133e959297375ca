import type { Generated } from '../generated.ts';
import { CHARTS } from './charts.ts';
import { valuesSchema } from './schemaFile.ts';
import { valuesYaml } from './valuesFile.ts';

/** values.yaml and values.schema.json of each chart. */
export const valuesFiles = (): readonly Generated[] =>
  CHARTS.flatMap(({ name, values }) => [
    { path: `charts/${name}/values.yaml`, text: valuesYaml(values) },
    {
      path: `charts/${name}/values.schema.json`,
      text: `${JSON.stringify(valuesSchema(name, values), null, 2)}\n`,
    },
  ]);
