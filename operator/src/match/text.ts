import { formatTokenAmount } from '@gridlease/contracts/amount';

type Token = { readonly symbol: string; readonly decimals: number };

/** The API server's limit for a condition message is 4096; people stop reading long before. */
const longestMessage = 1024;

/** "48.000000 tUSD": amounts line up when two are compared in one sentence. */
export function amountText(amount: bigint, token: Token): string {
  return `${padded(amount, token.decimals, 6)} ${token.symbol}`;
}

/** "2.10 tUSD": a price per GPU-hour the way people write it. */
export function priceText(price: bigint, token: Token): string {
  return `${padded(price, token.decimals, 2)} ${token.symbol}`;
}

/** "a; b; c and 4 more": sorted and without repetition, so the same facts give the same sentence. */
export function listed(items: readonly string[], separator = '; ', most = 8): string {
  const unique = [...new Set(items)].sort();
  const shown = unique.slice(0, most).join(separator);
  return unique.length > most ? `${shown} and ${unique.length - most} more` : shown;
}

/** "1 task", "2 tasks". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Cut to what a condition may hold; the end of a list is the least interesting part. */
export function shortened(message: string, most = longestMessage): string {
  return message.length <= most ? message : `${message.slice(0, most - 1)}…`;
}

function padded(amount: bigint, decimals: number, places: number): string {
  const text = formatTokenAmount(amount, decimals);
  const [whole, fraction = ''] = text.split('.');
  return `${whole}.${fraction.padEnd(places, '0')}`;
}
