import type { AssetRecipe } from './assetRecipes.ts';
import { type AssetOptions, ensureRecipes } from './assets.ts';

/** Absolute path of the S3 server's binary. */
export type S3AssetPaths = Readonly<Record<'versitygw', string>>;

/** A set of its own with a key of its own: who needs no checkpoints and no outputs never builds it. */
const S3_RECIPES: readonly AssetRecipe<'versitygw'>[] = [
  {
    name: 'versitygw',
    module: 'versitygw',
    package: 'github.com/versity/versitygw/cmd/versitygw',
    linkerFlags: '-s -w',
    aboutSeconds: 60,
  },
];

/** What an S3-compatible store needs, see ensureRecipes. */
export const ensureS3Asset = (options: AssetOptions = {}): Promise<S3AssetPaths> =>
  ensureRecipes(S3_RECIPES, options);
