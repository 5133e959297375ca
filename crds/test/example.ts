/**
 * For each rule one value that is accepted and one that is refused, with what the refusal must say: the
 * field, the value, the remedy. The keys are `Kind path rule`; a rule without an entry fails the test.
 */
export type Example = {
  /** Where the value goes, in an otherwise valid object. */
  readonly path: string;
  readonly accepted: readonly unknown[];
  readonly refused: readonly unknown[];
  /** Besides the path and the refused value (when it is text or a number). */
  readonly says: readonly string[];
  /** For rules over a change: the object exists with its sample value first. */
  readonly update?: true;
  /** The sample is a service instead of a batch. */
  readonly service?: true;
  /** The refused value is an object or list: what of it is in the message. */
  readonly shows?: readonly string[];
};

const noMoney = ['-1', '1.0000001', '1e3', '', '+1', '.5', '01', '1,5'];
export const money = (path: string): Example => ({
  path,
  accepted: ['0', '2.10', '0.000001', '1000000'],
  refused: noMoney,
  says: ['at most 6 decimals'],
});
export const name = (path: string): Example => ({
  path,
  accepted: ['a', 'my.secret-1'],
  refused: ['My_Secret', '-a', 'a/b'],
  says: ['lower-case'],
});
export const provider = (path: string): Example => ({
  path,
  accepted: ['delta', 'd'.repeat(40)],
  refused: ['Delta', 'd'.repeat(41), 'a.b'],
  says: ['at most 40'],
});
export const address = (path: string): Example => ({
  path,
  accepted: [`0x${'9'.repeat(40)}`, `0x${'aB'.repeat(20)}`],
  refused: ['0x12', 'alice.eth', '9'.repeat(40), `0x${'0'.repeat(40)}`, `0x${'g'.repeat(40)}`],
  says: ['40 hexadecimal digits'],
});
export const quantity = (path: string): Example => ({
  path,
  accepted: ['8', '500m', '64Gi'],
  refused: ['0', '-1', 'many', '64GB'],
  says: ['64Gi'],
});
export const place = (path: string): Example => ({
  path,
  accepted: ['s3://bucket/path', 'https://example.org/x'],
  refused: ['bucket/path', 's3:/bucket', 's3://a b'],
  says: ['scheme://place'],
});
export const setOnce = (path: string, value: unknown, remedy: string): Example => ({
  path,
  accepted: [],
  refused: [value],
  says: ["can't change from", `create a new ${remedy}`],
  update: true,
});
