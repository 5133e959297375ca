import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contractsFolder } from './compile.ts';
import { gasMarkdown, measureGas } from './test/gasTable.ts';
import { aWorld } from './test/world.ts';

/* `node contracts/gas.ts` measures every transaction on a local chain and rewrites gas.json and README.md's table. */

await using world = await aWorld();
const lines = await measureGas(world);
writeFileSync(join(contractsFolder, 'gas.json'), `${JSON.stringify(lines, null, 2)}\n`);
const readme = join(contractsFolder, 'README.md');
const between = /(<!-- gas -->\n)[\s\S]*?(\n<!-- \/gas -->)/;
const text = readFileSync(readme, 'utf8');
if (!between.test(text)) throw new Error('contracts/README.md has lost its <!-- gas --> markers');
writeFileSync(readme, text.replace(between, `$1${gasMarkdown(lines)}$2`));
for (const { action, gas, target } of lines) {
  console.log(`${String(gas).padStart(9)} ${String(target).padStart(9)}  ${action}`);
}
