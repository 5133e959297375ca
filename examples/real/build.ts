import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildExamples, EXAMPLES, type ExampleName } from './images.ts';

/**
 * `node examples/real/build.ts --out DIR [NAME …]` makes the images of the examples, without a container engine, and
 * prints {name: {reference, archivePath}}. On a node: `ctr -n k8s.io images import <archivePath>`.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string' } },
});

const isExample = (name: string): name is ExampleName =>
  (EXAMPLES as readonly string[]).includes(name);
const unknown = positionals.find((name) => !isExample(name));

if (values.out === undefined || unknown !== undefined) {
  process.stderr.write(
    `${unknown === undefined ? '--out is missing' : `there is no example ${unknown}`}: node examples/real/build.ts --out DIR [${EXAMPLES.join(' ')}]\n`,
  );
  process.exit(2);
}

const names = positionals.length === 0 ? EXAMPLES : positionals.filter(isExample);
const images = await buildExamples(resolve(values.out), names);
process.stdout.write(
  `${JSON.stringify(
    Object.fromEntries(
      names.map((name) => [
        name,
        { reference: images[name].reference, archivePath: images[name].archivePath },
      ]),
    ),
    null,
    2,
  )}\n`,
);
