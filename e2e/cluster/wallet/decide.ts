export type PaymentAccount = {
  readonly spec: { readonly address: string };
  readonly status?: { readonly delegateAddress?: string };
};

/** The delegate addresses of those accounts that this wallet's address pays for, each once. */
export const delegatesToServe = (
  accounts: readonly PaymentAccount[],
  ownAddress: string,
): `0x${string}`[] => [
  ...new Set(
    accounts
      .filter((account) => account.spec.address.toLowerCase() === ownAddress.toLowerCase())
      .map((account) => account.status?.delegateAddress)
      .filter((address): address is `0x${string}` => address !== undefined),
  ),
];
