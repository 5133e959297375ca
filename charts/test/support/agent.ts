/** The six values that a provider has to give. */
export const required = {
  provider: { name: 'alpha' },
  hub: { url: 'https://hub.example.org:6443' },
  credentials: { secretName: 'gridlease-hub' },
  chain: {
    rpcURL: 'https://rpc.example.org',
    escrow: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
  },
  offers: [{ product: 'H100', pricePerGPUHour: '2.10' }],
} as const;
