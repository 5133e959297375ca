import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { createWalletClient, type Hex, http, keccak256, type LocalAccount, zeroHash } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { deployPlacementAnchor } from '../ts/deploy.ts';
import {
  batchDigests,
  encodeAnchor,
  headAfter,
  placementLeaf,
  placementRoot,
  provePlacement,
  readAnchored,
  readHead,
  verifyPlacement,
} from '../ts/placementAnchor.ts';
import { aChain } from './transactions.ts';

jest.setTimeout(120_000);

const bytes32 = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes): Hex => `0x${Buffer.from(bytes).toString('hex')}`);
const digests = fc.array(bytes32, { minLength: 1, maxLength: 40 });
const hub = keccak256('0x01');

describe('a batch of placements', () => {
  test('has one root, whatever the order of its digests and however often one is named', () => {
    fc.assert(
      fc.property(digests, fc.infiniteStream(fc.nat()), (list, random) => {
        const shuffled = [...list, ...list].sort(() => (random.next().value! % 2) - 0.5);
        expect(placementRoot(hub, shuffled)).toBe(placementRoot(hub, list));
        const upper = list.map((one) => `0x${one.slice(2).toUpperCase()}` as Hex);
        expect(placementRoot(hub, upper)).toBe(placementRoot(hub, list));
      }),
    );
  });

  test('proves each of its digests, and nothing of another batch, hub or kind', () => {
    fc.assert(
      fc.property(digests, bytes32, (list, stranger) => {
        fc.pre(!list.includes(stranger));
        const root = placementRoot(hub, list);
        for (const digest of list) {
          const proof = provePlacement(hub, list, digest);
          expect(verifyPlacement({ root, hub, digest, proof })).toBe(true);
          expect(verifyPlacement({ root, hub, digest: stranger, proof })).toBe(false);
          expect(verifyPlacement({ root, hub: stranger, digest, proof })).toBe(false);
          // A leaf is not a digest: what a tree hashes can't be passed off as a record.
          const leaf = placementLeaf(hub, digest);
          expect(verifyPlacement({ root, hub, digest: leaf, proof })).toBe(false);
        }
        expect(() => provePlacement(hub, list, stranger)).toThrow(RangeError);
        expect(verifyPlacement({ root, hub, digest: root, proof: [] })).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  test('has another root for every other set', () => {
    fc.assert(
      fc.property(digests, digests, (one, two) => {
        const isSame = String(batchDigests(one)) === String(batchDigests(two));
        expect(placementRoot(hub, one) === placementRoot(hub, two)).toBe(isSame);
      }),
    );
  });
});

describe('on a chain', () => {
  let chain: Awaited<ReturnType<typeof aChain>>;
  let anchor: Hex;
  let send: (account: LocalAccount, data: Hex) => Promise<string>;
  beforeAll(async () => {
    chain = await aChain();
    const mnemonic = 'test test test test test test test test test test test junk';
    const transport = http(chain.client.transport.url);
    const wallet = createWalletClient({ account: mnemonicToAccount(mnemonic), transport });
    await chain.control.setAutomine(true);
    anchor = (await deployPlacementAnchor({ wallet, publicClient: chain.client })).address;
    send = async (account, data) => {
      const call = { account: account.address, to: anchor, data };
      const refused = await chain.client.call(call).then(
        () => undefined,
        (error: Error) => error.message,
      );
      if (refused !== undefined) return refused;
      const own = createWalletClient({ account, transport });
      const hash = await own.sendTransaction({ chain: null, to: anchor, data });
      return (await chain.client.waitForTransactionReceipt({ hash, timeout: 20_000 })).status;
    };
  });
  afterAll(async () => {
    await chain?.[Symbol.asyncDispose]();
  });

  test('a publisher’s batches follow each other, each once, and are read back in order', async () => {
    const publisher = await chain.key();
    const batches = [1, 2, 3].map((count) => ({
      root: placementRoot(hub, [keccak256(`0x0${count}`)]),
      count,
      firstTime: 100 * count,
      lastTime: 100 * count + 50,
    }));
    let head: Hex = zeroHash;
    for (const batch of batches) {
      expect(await readHead(chain.client, anchor, publisher.address)).toBe(head);
      expect(await send(publisher, encodeAnchor(head, batch))).toBe('success');
      // Sent twice it is anchored once.
      expect(await send(publisher, encodeAnchor(head, batch))).toMatch(/revert/);
      head = headAfter(head, batch);
    }
    const read = await readAnchored(chain.client, anchor, publisher.address, { fromBlock: 0n });
    expect(read).toMatchObject(batches);
    expect(read.at(-1)!.head).toBe(await readHead(chain.client, anchor, publisher.address));
    expect(read.map(({ previousHead }) => previousHead).slice(1)).toEqual(
      read.map((batch) => batch.head).slice(0, -1),
    );
    const other = await chain.key();
    expect(await send(other, encodeAnchor(head, batches[0]!))).toMatch(/revert/);
    expect(await send(other, encodeAnchor(zeroHash, batches[0]!))).toBe('success');
    expect(await readHead(chain.client, anchor, publisher.address)).toBe(head);
  });
});
