/**
 * GPU products as people name them. GPU Feature Discovery labels differ between drivers and cards
 * ("NVIDIA-H100-80GB-HBM3", "NVIDIA-GeForce-RTX-4090", "A100-SXM4-80GB"); offers, inventories and wishes
 * are compared in one normal form.
 */

const VARIANT = /-(MIG-|SHARED$)/i;

/**
 * The normal form of the node label nvidia.com/gpu.product: separators become single dashes, and the
 * words NVIDIA, GeForce and Tesla in front are dropped. "NVIDIA-GeForce-RTX-4090" → "RTX-4090".
 */
export function normaliseProduct(rawLabel: string): string {
  const dashed = rawLabel.trim().replaceAll(/[\s_-]+/g, '-');
  return dashed.replace(/^-+|-+$/g, '').replace(/^((NVIDIA|GeForce|Tesla)-)+/i, '');
}

/**
 * Whether a wish ("H100") is met by a normalised product ("H100-80GB-HBM3"): equal, or its beginning up
 * to a dash, in any case of letters and with or without separators ("RTX4090" means RTX-4090). A MIG
 * slice or shared GPU is met only by a wish that names it: less than a whole GPU must not come as a
 * surprise.
 */
export function productMatches(wanted: string, offered: string): boolean {
  const wish = withoutDashes(normaliseProduct(wanted));
  if (wish === '') return false;
  const words = normaliseProduct(offered).split('-');
  const length = words.findIndex(
    (_, end) => withoutDashes(words.slice(0, end + 1).join('-')) === wish,
  );
  if (length < 0) return false;
  const rest = words.slice(length + 1);
  return rest.length === 0 || !VARIANT.test(`-${rest.join('-')}`);
}

function withoutDashes(name: string): string {
  return name.replaceAll('-', '').toLowerCase();
}

/** Whether a product is a MIG slice or a shared GPU: never offered to a job that names no product. */
export function isPartialGpu(product: string): boolean {
  return VARIANT.test(normaliseProduct(product));
}
