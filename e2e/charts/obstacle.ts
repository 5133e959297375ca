import type { AssetOptions } from '../cluster/assets.ts';
import { ensureHelm } from '../cluster/helmAsset.ts';
import { MissingToolError } from '../cluster/missingTool.ts';
import { prepareRealNodes } from '../cluster/realNode/prepare.ts';
import { prepareServices } from '../cluster/realNode/prepareServices.ts';

/** Why Helm can't run Gridlease here, after building what that needs; undefined where it can. */
export const chartObstacle = async (options: AssetOptions = {}): Promise<string | undefined> => {
  for (const prepare of [prepareRealNodes, prepareServices]) {
    const support = await prepare(options);
    if (!support.supported) return support.reason;
  }
  try {
    await ensureHelm(options);
    return undefined;
  } catch (error) {
    if (error instanceof MissingToolError) return error.message;
    throw error;
  }
};
