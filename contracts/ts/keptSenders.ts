import type { TransactionSender } from './transactionSender.ts';

/**
 * Keeps one sender an id, and makes another when the client of its chain is another: a chain whose RPC has changed has
 * closed the client before, and everything sent through that would fail for ever. What was sent is in the store.
 */
export function keptSenders<Client extends object, Signer>(
  create: (client: Client, signer: Signer) => TransactionSender,
): (id: string, client: Client, signer: Signer) => TransactionSender {
  const kept = new Map<string, { readonly client: Client; readonly sender: TransactionSender }>();
  return (id, client, signer) => {
    const known = kept.get(id);
    if (known?.client === client) return known.sender;
    const sender = create(client, signer);
    kept.set(id, { client, sender });
    return sender;
  };
}
