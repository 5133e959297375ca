import { type AssetOptions, ensureNodeAssets } from '../assets.ts';
import { MissingToolError } from '../missingTool.ts';
import { ensureS3Asset } from '../s3Asset.ts';
import { prepareServices } from './prepareServices.ts';
import { type RealNodeSupport, realNodeSupport } from './support.ts';

/**
 * Whether real containers can run here, after building what they need. A library that can't be fetched is a reason
 * like any other; a build that fails is an error.
 */
export const prepareRealNodes = async (options: AssetOptions = {}): Promise<RealNodeSupport> => {
  const support = realNodeSupport();
  if (!support.supported) return support;
  try {
    await ensureNodeAssets(options);
    await ensureS3Asset(options);
    // Nodes do without where it can't be had; who starts them says why. Built now, it delays nothing that is timed.
    await prepareServices(options);
    return support;
  } catch (error) {
    if (error instanceof MissingToolError) return { supported: false, reason: error.message };
    throw error;
  }
};
