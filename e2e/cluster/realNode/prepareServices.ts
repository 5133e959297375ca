import { type AssetOptions, ensureServiceAssets } from '../assets.ts';
import { MissingToolError } from '../missingTool.ts';
import { ensureNft } from './nft.ts';
import type { NodeServices } from './services.ts';

export type ServiceSupport =
  | { readonly supported: true; readonly services: NodeServices }
  | { readonly supported: false; readonly reason: string };

/** Variable with a reason why Services shall not work on real nodes. */
export const NO_SERVICES = 'GRIDLEASE_NO_SERVICES';

/**
 * Whether addresses and names of Services can work on real nodes here, after building and fetching what they need.
 * What can't be had is a reason; a build that fails is an error.
 */
export const prepareServices = async (options: AssetOptions = {}): Promise<ServiceSupport> => {
  const told = (options.env ?? process.env)[NO_SERVICES];
  if (told) return { supported: false, reason: told };
  try {
    const nftFolder = await ensureNft(options);
    const assets = await ensureServiceAssets(options);
    return { supported: true, services: { assets, nftFolder } };
  } catch (error) {
    if (error instanceof MissingToolError) return { supported: false, reason: error.message };
    throw error;
  }
};
