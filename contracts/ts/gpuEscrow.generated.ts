// Generated from GpuEscrow.sol by contracts/build.ts; run `npm run contracts` instead of editing.
export const gpuEscrowAbi = [
  {
    "inputs": [
      {
        "internalType": "contract IERC20",
        "name": "token_",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "treasury_",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "closeWindow_",
        "type": "uint256"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "constructor"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "closeAt",
        "type": "uint256"
      }
    ],
    "name": "ChannelIsClosing",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "ChannelIsOpen",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "ChannelRetired",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "closeAt",
        "type": "uint256"
      }
    ],
    "name": "CloseWindowRunning",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "validUntil",
        "type": "uint256"
      }
    ],
    "name": "ConsentExpired",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "claimed",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "finalCumulative",
        "type": "uint256"
      }
    ],
    "name": "ConsentUnpaid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "maximum",
        "type": "uint256"
      }
    ],
    "name": "FeeTooHigh",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "HoldsTooMuch",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "free",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "needed",
        "type": "uint256"
      }
    ],
    "name": "InsufficientFree",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidAddress",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "minimum",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "maximum",
        "type": "uint256"
      }
    ],
    "name": "InvalidCloseWindow",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidConsent",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidShortString",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "limit",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "spent",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "needed",
        "type": "uint256"
      }
    ],
    "name": "LimitExceeded",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NotTenantOrSigner",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NotTreasury",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NothingToWithdraw",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "ProviderNotAllowed",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "ReentrancyGuardReentrantCall",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "token",
        "type": "address"
      }
    ],
    "name": "SafeERC20FailedOperation",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "string",
        "name": "str",
        "type": "string"
      }
    ],
    "name": "StringTooLong",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "TokenWithoutCode",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "expected",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "received",
        "type": "uint256"
      }
    ],
    "name": "TransferMismatch",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "UnknownChannel",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "current",
        "type": "uint256"
      }
    ],
    "name": "WrongGeneration",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "ZeroAmount",
    "type": "error"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "tenant",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "delegate",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "limit",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "spent",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "bytes32",
        "name": "providersRoot",
        "type": "bytes32"
      }
    ],
    "name": "Authorized",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "tenant",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "provider",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "signer",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "generation",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "refund",
        "type": "uint256"
      }
    ],
    "name": "ChannelClosed",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "tenant",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "provider",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "signer",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "generation",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "closeAt",
        "type": "uint256"
      }
    ],
    "name": "CloseRequested",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "tenant",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "payer",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "Deposited",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [],
    "name": "EIP712DomainChanged",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "feeBps",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "effectiveAt",
        "type": "uint256"
      }
    ],
    "name": "FeeChanged",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "tenant",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "provider",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "signer",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "generation",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "Funded",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "tenant",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "provider",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "signer",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "generation",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "FundedDirectly",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "provider",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "payout",
        "type": "address"
      }
    ],
    "name": "PayoutChanged",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "provider",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "payout",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "fee",
        "type": "uint256"
      }
    ],
    "name": "ProviderWithdrawn",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "provider",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "index",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "code",
        "type": "uint256"
      }
    ],
    "name": "RowSkipped",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "tenant",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "provider",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "signer",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "generation",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "paid",
        "type": "uint256"
      }
    ],
    "name": "Settled",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "tenant",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "to",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "TenantWithdrawn",
    "type": "event"
  },
  {
    "inputs": [],
    "name": "CLOSE_CONSENT_TYPEHASH",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "MAX_CLOSE_WINDOW",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "MAX_FEE_BPS",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "MIN_CLOSE_WINDOW",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "SKIPPED_ALREADY_CLAIMED",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "SKIPPED_INVALID_SIGNATURE",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "SKIPPED_RESERVE_EXHAUSTED",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "SKIPPED_UNKNOWN_CHANNEL",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "SKIPPED_WRONG_GENERATION",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "VOUCHER_TYPEHASH",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "provider",
        "type": "address"
      }
    ],
    "name": "accrued",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "delegate",
        "type": "address"
      },
      {
        "internalType": "uint96",
        "name": "limit",
        "type": "uint96"
      }
    ],
    "name": "authorize",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "delegate",
        "type": "address"
      },
      {
        "internalType": "uint96",
        "name": "limit",
        "type": "uint96"
      },
      {
        "internalType": "bytes32",
        "name": "providersRoot",
        "type": "bytes32"
      }
    ],
    "name": "authorize",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "tenant",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "provider",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "signer",
        "type": "address"
      }
    ],
    "name": "channel",
    "outputs": [
      {
        "components": [
          {
            "internalType": "uint96",
            "name": "reserved",
            "type": "uint96"
          },
          {
            "internalType": "uint96",
            "name": "claimed",
            "type": "uint96"
          },
          {
            "internalType": "uint24",
            "name": "generation",
            "type": "uint24"
          },
          {
            "internalType": "uint40",
            "name": "closeAt",
            "type": "uint40"
          }
        ],
        "internalType": "struct GpuEscrow.ChannelView",
        "name": "",
        "type": "tuple"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "address",
            "name": "tenant",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "provider",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "signer",
            "type": "address"
          }
        ],
        "internalType": "struct GpuEscrow.ChannelKey[]",
        "name": "keys",
        "type": "tuple[]"
      }
    ],
    "name": "channels",
    "outputs": [
      {
        "components": [
          {
            "internalType": "uint96",
            "name": "reserved",
            "type": "uint96"
          },
          {
            "internalType": "uint96",
            "name": "claimed",
            "type": "uint96"
          },
          {
            "internalType": "uint24",
            "name": "generation",
            "type": "uint24"
          },
          {
            "internalType": "uint40",
            "name": "closeAt",
            "type": "uint40"
          }
        ],
        "internalType": "struct GpuEscrow.ChannelView[]",
        "name": "result",
        "type": "tuple[]"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "tenant",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "signer",
        "type": "address"
      },
      {
        "internalType": "uint32",
        "name": "generation",
        "type": "uint32"
      }
    ],
    "name": "closeAsProvider",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "closeWindow",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "address",
            "name": "tenant",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "provider",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "signer",
            "type": "address"
          },
          {
            "internalType": "uint32",
            "name": "generation",
            "type": "uint32"
          },
          {
            "internalType": "uint96",
            "name": "finalCumulative",
            "type": "uint96"
          },
          {
            "internalType": "uint40",
            "name": "validUntil",
            "type": "uint40"
          }
        ],
        "internalType": "struct GpuEscrow.CloseConsent",
        "name": "consent",
        "type": "tuple"
      },
      {
        "internalType": "bytes32",
        "name": "r",
        "type": "bytes32"
      },
      {
        "internalType": "bytes32",
        "name": "vs",
        "type": "bytes32"
      }
    ],
    "name": "closeWithConsent",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "tenant",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "delegate",
        "type": "address"
      }
    ],
    "name": "delegateOf",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "limit",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "spent",
        "type": "uint256"
      },
      {
        "internalType": "bytes32",
        "name": "providersRoot",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "deposit",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "provider",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "signer",
        "type": "address"
      },
      {
        "internalType": "uint32",
        "name": "generation",
        "type": "uint32"
      },
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "depositAndFund",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "tenant",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "depositFor",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "eip712Domain",
    "outputs": [
      {
        "internalType": "bytes1",
        "name": "fields",
        "type": "bytes1"
      },
      {
        "internalType": "string",
        "name": "name",
        "type": "string"
      },
      {
        "internalType": "string",
        "name": "version",
        "type": "string"
      },
      {
        "internalType": "uint256",
        "name": "chainId",
        "type": "uint256"
      },
      {
        "internalType": "address",
        "name": "verifyingContract",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "salt",
        "type": "bytes32"
      },
      {
        "internalType": "uint256[]",
        "name": "extensions",
        "type": "uint256[]"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "feeBps",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "tenant",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "provider",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "signer",
        "type": "address"
      }
    ],
    "name": "finalizeClose",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "tenant",
        "type": "address"
      }
    ],
    "name": "free",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "provider",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "signer",
        "type": "address"
      },
      {
        "internalType": "uint32",
        "name": "generation",
        "type": "uint32"
      },
      {
        "internalType": "uint96",
        "name": "targetReserved",
        "type": "uint96"
      }
    ],
    "name": "fund",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "tenant",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "provider",
        "type": "address"
      },
      {
        "internalType": "uint32",
        "name": "generation",
        "type": "uint32"
      },
      {
        "internalType": "uint96",
        "name": "targetReserved",
        "type": "uint96"
      }
    ],
    "name": "fundTo",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "tenant",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "provider",
        "type": "address"
      },
      {
        "internalType": "uint32",
        "name": "generation",
        "type": "uint32"
      },
      {
        "internalType": "uint96",
        "name": "targetReserved",
        "type": "uint96"
      },
      {
        "internalType": "bytes32[]",
        "name": "proof",
        "type": "bytes32[]"
      }
    ],
    "name": "fundTo",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "provider",
        "type": "address"
      }
    ],
    "name": "payoutOf",
    "outputs": [
      {
        "internalType": "address",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "tenant",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "provider",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "signer",
        "type": "address"
      },
      {
        "internalType": "uint32",
        "name": "generation",
        "type": "uint32"
      }
    ],
    "name": "requestClose",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint16",
        "name": "newFeeBps",
        "type": "uint16"
      }
    ],
    "name": "setFee",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "payout",
        "type": "address"
      }
    ],
    "name": "setPayout",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "provider",
        "type": "address"
      },
      {
        "components": [
          {
            "internalType": "address",
            "name": "tenant",
            "type": "address"
          },
          {
            "internalType": "uint32",
            "name": "generation",
            "type": "uint32"
          },
          {
            "internalType": "uint96",
            "name": "cumulative",
            "type": "uint96"
          },
          {
            "internalType": "bytes32",
            "name": "r",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "vs",
            "type": "bytes32"
          }
        ],
        "internalType": "struct GpuEscrow.SettleRow[]",
        "name": "rows",
        "type": "tuple[]"
      }
    ],
    "name": "settle",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "paid",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "skipped",
        "type": "uint256"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "token",
    "outputs": [
      {
        "internalType": "contract IERC20",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address[]",
        "name": "tenants",
        "type": "address[]"
      },
      {
        "components": [
          {
            "internalType": "address",
            "name": "tenant",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "provider",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "signer",
            "type": "address"
          }
        ],
        "internalType": "struct GpuEscrow.ChannelKey[]",
        "name": "keys",
        "type": "tuple[]"
      },
      {
        "internalType": "address[]",
        "name": "providers",
        "type": "address[]"
      }
    ],
    "name": "totalsOf",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "freeTotal",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "inChannels",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "accruedTotal",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "held",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "treasury",
    "outputs": [
      {
        "internalType": "address",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "provider",
        "type": "address"
      }
    ],
    "name": "withdraw",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      },
      {
        "internalType": "address",
        "name": "to",
        "type": "address"
      }
    ],
    "name": "withdrawFree",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  }
] as const;

export const gpuEscrowBytecode =
  '0x6101c0806040523461025357606081613b7580380380916100208285610257565b8339810103126102535780516001600160a01b038116908181036102535760208301516001600160a01b0381169390929084840361025357604001519360405161006b604082610257565b60098152602081019068477075457363726f7760b81b825260405191610092604084610257565b600183526020830191603160f81b83526100ab8161028e565b610120526100b88461028e565b61014052519020918260e05251902080610100524660a0526040519060208201927f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f8452604083015260608201524660808201523060a082015260a0815261012160c082610257565b5190206080523060c0528015908115610249575b5061023a573b1561022b57610e108310801561021f575b6102035761016052610180526101a05260405161387b90816102fa8239608051816136fc015260a051816137b9015260c051816136cd015260e0518161374b0152610100518161377101526101205181611417015261014051816114400152610160518181816102be015281816103ee015281816118fd01528181611b660152612ad1015261018051818181610ced0152818161176e015261186c01526101a051818181610c7401528181610d5a01526120540152f35b63b1879bf960e01b5f52610e1060045262093a8060245260445ffd5b5062093a80831161014c565b63bd48a9af60e01b5f5260045ffd5b63e6c4247b60e01b5f5260045ffd5b905030145f610135565b5f80fd5b601f909101601f19168101906001600160401b0382119082101761027a57604052565b634e487b7160e01b5f52604160045260245ffd5b601f8151116102b95760208151910151602082106102aa571790565b5f198260200360031b1b161790565b604460209160405192839163305a27a960e01b83528160048401528051918291826024860152018484015e5f828201840152601f01601f19168101030190fdfe6080806040526004361015610012575f80fd5b5f3560e01c9081630564a804146120f8575080631262620214611f6457806312e72ddc14611ecf5780631854d88514611d2957806324a9d85314611cf1578063267755ae14611c995780632dfa394714611c605780632f4f21e214611bb257806334db454c14611ac857806337e96b8b14611a8f578063437d82fe14611a5557806343fd80fd146119e057806351cff8d91461179257806361d027b3146117245780636908e72e146116385780636d82b57d146115ff5780636da61d1e146115725780637a8ab9481461155857806384a6c2c41461151357806384b0196e146113e1578063856458eb14611017578063876c85c214610e935780638cc4674f14610e585780638e00555314610c975780638fb16f8714610c3f57806394739e8714610be7578063a09304f914610b9c578063a3ff39b214610ad9578063b148440f14610a95578063b5f783a8146109ad578063b6b55f25146108f5578063c9b5bb1714610892578063d55be8c614610858578063d81b5fbe14610778578063e3dcebb5146105cb578063f2ecdd6614610592578063f9cf798c146102e2578063fc0c546a146102745763fc351637146101c9575f80fd5b346102705760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057608061021b61020561212f565b61020d612152565b610215612175565b916126ef565b61026e604051809264ffffffffff606080926bffffffffffffffffffffffff81511685526bffffffffffffffffffffffff602082015116602086015262ffffff6040820151166040860152015116910152565bf35b5f80fd5b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b346102705760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760043567ffffffffffffffff8111610270576103319036906004016122e5565b9060243567ffffffffffffffff8111610270576103529036906004016121be565b919060443567ffffffffffffffff81116102705783610376869236906004016122e5565b915f945f945f975f915b80831061053e575050505f915b8083106104ac575050505f915b80831061047957505050604051927f70a0823100000000000000000000000000000000000000000000000000000000845230600485015260208460248173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa91821561046e575f92610439575b60809450604051938452602084015260408301526060820152f35b91506020843d602011610466575b816104546020938361237b565b8101031261027057608093519161041e565b3d9150610447565b6040513d5f823e3d90fd5b9091946104a360019161049d6104986104938a87896126df565b61249e565b612675565b9061251d565b9501919061039a565b9091946105326001916105096104c96104938a87899b9a9b6123f8565b6104df60206104d98c898b6123f8565b0161249e565b6104ef60406104d98d8a8c6123f8565b919091606092604051928352602083015260408201522090565b5f52600360205261049d60405f20546bffffffffffffffffffffffff808260601c16911661252a565b9501919093929361038d565b90919761058360019173ffffffffffffffffffffffffffffffffffffffff6105706104938d87899d9c9d9b9a9b6126df565b165f52600260205260405f20549061251d565b98019190959495939293610380565b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057602060405160018152f35b346102705760807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705761060261212f565b61060a612152565b6106126121ab565b6064359161061e6129fc565b61062783612ac9565b61063963ffffffff8316828633613003565b9091610653856bffffffffffffffffffffffff841661251d565b6bffffffffffffffffffffffff8111610750577fdf639a8b66fd8646db9ea7908644b06f1562047b1198e78bc2545b9bf6a41be49373ffffffffffffffffffffffffffffffffffffffff937f8000000000000000000000000000000000000000000000000000000000000000927fffffffffff000000ffffffffffffffffffffffff0000000000000000000000006106ea83613648565b60c01b92161717905f5260036020521760405f205561072882604051938493169716953395836020909392919363ffffffff60408201951681520152565b0390a45f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d005b7f670d0f94000000000000000000000000000000000000000000000000000000005f5260045ffd5b346102705760a07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610270576107af61212f565b6107b7612152565b906107c06121ab565b90606435906bffffffffffffffffffffffff82168092036102705760843567ffffffffffffffff8111610270576107fb9036906004016122e5565b949093610807866123bc565b94610815604051968761237b565b868652602086019660051b81019036821161027057965b818810610848575050610846955063ffffffff16916130a8565b005b873581526020978801970161082c565b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057602060405161012c8152f35b346102705760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705773ffffffffffffffffffffffffffffffffffffffff6108de61212f565b165f526002602052602060405f2054604051908152f35b346102705760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760043561092f6129fc565b61093833612a70565b61094181612ac9565b60405181815233907f8752a472e571a816aea92eec8dae9baf628e840f4929fbcc2d155e6233ff68a760203392a3335f52600260205261098660405f2091825461251d565b90555f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d005b346102705760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760606109e661212f565b73ffffffffffffffffffffffffffffffffffffffff610a03612152565b911690815f52600460205260405f2073ffffffffffffffffffffffffffffffffffffffff82165f5260205260405f2054915f52600560205273ffffffffffffffffffffffffffffffffffffffff60405f2091165f5260205260405f20546fffffffffffffffffffffffffffffffff604051926bffffffffffffffffffffffff81168452841c1660208301526040820152f35b346102705760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610270576020610ad161049861212f565b604051908152f35b346102705760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705773ffffffffffffffffffffffffffffffffffffffff610b2561212f565b610b2e81612a70565b335f52600660205260405f2080546bffffffffffffffffffffffff7fffffffffffffffffffffffffffffffffffffffff0000000000000000000000008460601b16911617905516337f58a5ff072be0c939808b8ba8c3c7009527337e9b9a3b050f8cc0221b09e1a3c15f80a3005b346102705760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057610846610bd661212f565b610bde6121ef565b60443591612e50565b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760206040517f9ec5d5ae8bb573de5a11727fb18527cc4d2229f56ed1c68057c4872d17c52d388152f35b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760206040517f00000000000000000000000000000000000000000000000000000000000000008152f35b346102705760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760043561ffff8116908181036102705773ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000163303610e305761012c8211610e02577f5fc463da23c1b063e66f9e352006a7fbe8db7223c455dc429e881a2dfe2f94f191604091610d496124d3565b9081831115610df65761ffff610d807f00000000000000000000000000000000000000000000000000000000000000005b4261251d565b9216908451610d8e81612316565b8281528460208201528564ffffffffff851691015263ffff0000600754927fffffffffffffffffffffffffffffffffffffffffffffff00000000000000000068ffffffffff000000008660201b169416179160101b16171760075582519182526020820152a1005b61ffff610d805f610d7a565b7f7b931420000000000000000000000000000000000000000000000000000000005f5261012c60045260245ffd5b7fb90cdbb1000000000000000000000000000000000000000000000000000000005f5260045ffd5b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057602060405162093a808152f35b346102705760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057610eca61212f565b60243567ffffffffffffffff811161027057366023820112156102705780600401359067ffffffffffffffff82116102705736602460a0840283010111610270575f5f91610f166136b6565b90604051916101e083016040527f9ec5d5ae8bb573de5a11727fb18527cc4d2229f56ed1c68057c4872d17c52d38835286604084015261190160a084015260c0830152856101a08301525f925b85841015610fed57610f7e602460a086028401018885613419565b90919080610f94575001926001905b0192610f63565b9560019250829095919501956040519082825260208201527fbe686bc77550f64c0aa684ca6e23472d407fa362e6573fb274792beb6d2e585c604073ffffffffffffffffffffffffffffffffffffffff8b1692a2610f8d565b60409085888280611007575b505082519182526020820152f35b61101091612f83565b8382610ff9565b34610270577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360161010081126102705760c0136102705760e43561106d61105d612435565b611065612458565b6104ef61247b565b805f52600360205260405f20549182156113b95760643563ffffffff81168091036102705761109c90846127c5565b64ffffffffff6110aa612646565b16421161137f576bffffffffffffffffffffffff8316806bffffffffffffffffffffffff6110d661265a565b16101561137a57506bffffffffffffffffffffffff6110f361265a565b165b6bffffffffffffffffffffffff8460601c16908110611334575060405190602082017f82b36d8c106b3cbaf525195b9c522bfdaaf76b142b256dc28791f044732ff569815273ffffffffffffffffffffffffffffffffffffffff61115761212f565b16604084015273ffffffffffffffffffffffffffffffffffffffff61117a612152565b16606084015273ffffffffffffffffffffffffffffffffffffffff61119d612175565b16608084015263ffffffff6111b0612198565b1660a08401526084356bffffffffffffffffffffffff81168091036102705760c084015260a4359064ffffffffff8216809203610270578360429260e061127896015260e081526112036101008261237b565b51902061120e6136b6565b90604051917f190100000000000000000000000000000000000000000000000000000000000083526002830152602282015220907f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff81169160ff601b60c43593821c0116906137df565b5060048110156113075715908115916112dc575b506112b4576108469161129d612435565b6112a5612458565b916112ae61247b565b93612803565b7fdf0f4e90000000000000000000000000000000000000000000000000000000005f5260045ffd5b905073ffffffffffffffffffffffffffffffffffffffff806112fc612458565b16911614158361128c565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52602160045260245ffd5b6bffffffffffffffffffffffff9061134a61265a565b907f5524111e000000000000000000000000000000000000000000000000000000005f526004521660245260445ffd5b6110f5565b64ffffffffff61138d612646565b7f992b5308000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b7f7d18f3da000000000000000000000000000000000000000000000000000000005f5260045ffd5b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610270576114b761143b7f000000000000000000000000000000000000000000000000000000000000000061365f565b6114647f000000000000000000000000000000000000000000000000000000000000000061365f565b60206114c560405192611477838561237b565b5f84525f3681376040519586957f0f00000000000000000000000000000000000000000000000000000000000000875260e08588015260e08701906122a2565b9085820360408701526122a2565b4660608501523060808501525f60a085015283810360c08501528180845192838152019301915f5b8281106114fc57505050500390f35b8351855286955093810193928101926001016114ed565b34610270576108466115243661220a565b92909163ffffffff6bffffffffffffffffffffffff6040519561154860208861237b565b5f87525f368137169316916130a8565b34610270576108466115693661220a565b92919091612537565b346102705760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760206115ab61212f565b73ffffffffffffffffffffffffffffffffffffffff81165f526006825260405f205460601c80155f146115f857505b73ffffffffffffffffffffffffffffffffffffffff60405191168152f35b90506115da565b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057602060405160048152f35b346102705760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705761166f61212f565b611677612152565b61167f612175565b9061169f8282859091606092604051928352602083015260408201522090565b92835f52600360205260405f2054647fffffffff8160d81c169485156116fc578542106116d0576108469550612803565b857f028ab60e000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b7fbf8085db000000000000000000000000000000000000000000000000000000005f5260045ffd5b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b346102705760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610270576117c961212f565b73ffffffffffffffffffffffffffffffffffffffff8116805f52600660205260405f20906bffffffffffffffffffffffff82541690600282106119b8577fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff820191821161198357819260017fffffffffffffffffffffffffffffffffffffffff0000000000000000000000008254161781555460601c9384156119b0575b505f917f00000000000000000000000000000000000000000000000000000000000000009073ffffffffffffffffffffffffffffffffffffffff82168303611921575b602085610ad18189888860405191848352878301527fe605989a8caab777eb3a95ecd6ef718fc7c5a3a9dd47b88a74494aa1263f6b14604073ffffffffffffffffffffffffffffffffffffffff851693a37f0000000000000000000000000000000000000000000000000000000000000000612d86565b939250939061192e6124d3565b948585029585870414851517156119835761271060209604948561195a575b50819295509392936118aa565b610ad1945091611978611970878094969561252a565b968795612f83565b91929381955061194d565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b935084611867565b7fd0d04f60000000000000000000000000000000000000000000000000000000005f5260045ffd5b346102705760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057610846611a1a61212f565b611a226121ef565b335f52600560205260405f2073ffffffffffffffffffffffffffffffffffffffff83165f5260205260405f205491612e50565b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610270576020604051610e108152f35b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057602060405160038152f35b346102705760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057600435611b02612152565b90611b0c82612a70565b8015611b8a5761084691611b208233612d1d565b60405182815273ffffffffffffffffffffffffffffffffffffffff8216907ffa8108024f4f7887035187feaca3278c17f396991a30549c70ff27781cf2e22e60203392a37f0000000000000000000000000000000000000000000000000000000000000000612d86565b7f1f2a2005000000000000000000000000000000000000000000000000000000005f5260045ffd5b346102705760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057611be961212f565b73ffffffffffffffffffffffffffffffffffffffff60243591611c0a6129fc565b611c1381612a70565b611c1c83612ac9565b16604051828152817f8752a472e571a816aea92eec8dae9baf628e840f4929fbcc2d155e6233ff68a760203393a35f52600260205261098660405f2091825461251d565b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057602060405160058152f35b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760206040517f82b36d8c106b3cbaf525195b9c522bfdaaf76b142b256dc28791f044732ff5698152f35b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610270576020610ad16124d3565b346102705760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760043567ffffffffffffffff811161027057611d789036906004016121be565b90611d82826123bc565b91611d90604051938461237b565b8083527fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0611dbd826123bc565b015f5b818110611eb85750505f5b818110611e6857836040518091602082016020835281518091526020604084019201905f5b818110611dfe575050500390f35b919350916020608082611e5a600194885164ffffffffff606080926bffffffffffffffffffffffff81511685526bffffffffffffffffffffffff602082015116602086015262ffffff6040820151166040860152015116910152565b019401910191849392611df0565b80611e9c611e7c61049360019486886123f8565b611e8c60206104d985888a6123f8565b61021560406104d986898b6123f8565b611ea682876124bf565b52611eb181866124bf565b5001611dcb565b602090611ec36123d4565b82828801015201611dc0565b346102705760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057611f0661212f565b611f0e612152565b611f166121ab565b91611f368233839091606092604051928352602083015260408201522090565b90815f52600360205260405f205480156113b957611f5d63ffffffff6108469616826127c5565b3392612803565b346102705760807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057611f9b61212f565b611fa3612152565b90611fac612175565b90611fb5612198565b9173ffffffffffffffffffffffffffffffffffffffff82169182331415806120d8575b6120b0576040805191825260208201869052810182905260609020805f52600360205260405f20549182156113b9576120ab73ffffffffffffffffffffffffffffffffffffffff927fc2d49ee61844fc45a251ac0627f79c53357ad0f2355375d11cda71c971f5952f9461205263ffffffff89168261277e565b7f00000000000000000000000000000000000000000000000000000000000000004201915f5260036020528160d81b1760405f20558360405194859416981696836020909392919363ffffffff60408201951681520152565b0390a4005b7f6aecfc9a000000000000000000000000000000000000000000000000000000005f5260045ffd5b5073ffffffffffffffffffffffffffffffffffffffff8216331415611fd8565b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705780600260209252f35b6004359073ffffffffffffffffffffffffffffffffffffffff8216820361027057565b6024359073ffffffffffffffffffffffffffffffffffffffff8216820361027057565b6044359073ffffffffffffffffffffffffffffffffffffffff8216820361027057565b6064359063ffffffff8216820361027057565b6044359063ffffffff8216820361027057565b9181601f840112156102705782359167ffffffffffffffff8311610270576020808501946060850201011161027057565b602435906bffffffffffffffffffffffff8216820361027057565b7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc60809101126102705760043573ffffffffffffffffffffffffffffffffffffffff81168103610270579060243573ffffffffffffffffffffffffffffffffffffffff81168103610270579060443563ffffffff8116810361027057906064356bffffffffffffffffffffffff811681036102705790565b907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f602080948051918291828752018686015e5f8582860101520116010190565b9181601f840112156102705782359167ffffffffffffffff8311610270576020808501948460051b01011161027057565b6060810190811067ffffffffffffffff82111761233257604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b6080810190811067ffffffffffffffff82111761233257604052565b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff82111761233257604052565b67ffffffffffffffff81116123325760051b60200190565b604051906123e18261235f565b5f6060838281528260208201528260408201520152565b9190811015612408576060020190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b60043573ffffffffffffffffffffffffffffffffffffffff811681036102705790565b60243573ffffffffffffffffffffffffffffffffffffffff811681036102705790565b60443573ffffffffffffffffffffffffffffffffffffffff811681036102705790565b3573ffffffffffffffffffffffffffffffffffffffff811681036102705790565b80518210156124085760209160051b010190565b61ffff6040516124e281612316565b60075460408382169283815264ffffffffff858460101c169384602084015260201c16918291015242105f1461251757501690565b90501690565b9190820180921161198357565b9190820391821161198357565b92919061254c63ffffffff8316828633613003565b90916bffffffffffffffffffffffff8083169516948086111561263d577fae331dd7a6fa7ba110b14793bd9a1f822bb8828aa2534acafeec8ec2c30a5b969373ffffffffffffffffffffffffffffffffffffffff937f8000000000000000000000000000000000000000000000000000000000000000928803976125d08933612d1d565b7fffffffffff000000ffffffffffffffffffffffff0000000000000000000000006125fa83613648565b60c01b92161717905f5260036020521760405f205561263882604051938493169716953395836020909392919363ffffffff60408201951681520152565b0390a4565b50505050505050565b60a43564ffffffffff811681036102705790565b6084356bffffffffffffffffffffffff811681036102705790565b73ffffffffffffffffffffffffffffffffffffffff165f5260066020526bffffffffffffffffffffffff60405f20541680155f146126b257505f90565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff81019081116119835790565b91908110156124085760051b0190565b9061271792916126fd6123d4565b509091606092604051928352602083015260408201522090565b5f52600360205260405f2054647fffffffff62ffffff61273683613648565b1691604051926127458461235f565b6bffffffffffffffffffffffff821684526bffffffffffffffffffffffff8260601c166020850152604084015260d81c16606082015290565b61278e647fffffffff92826127c5565b60d81c168061279a5750565b7fec6940b3000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b6127ce90613648565b9081036127d85750565b7fc37e1a79000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b919293906bffffffffffffffffffffffff8116906bffffffffffffffffffffffff8160601c168083039261283683613648565b9562ffffff87036129a6579460409473ffffffffffffffffffffffffffffffffffffffff94859485947f55a948b280207147d289a870f94c52f1e7a83da43d486136ae5eb1a022f8a6da998b905b5f52600360205260c01b895f2055036128ac575b5085519788526020880152169616941692a4565b7f8000000000000000000000000000000000000000000000000000000000000000848b1691825f526002602052885f2084815401905516612898575f526004602052855f208383165f52602052612987865f20826fffffffffffffffffffffffffffffffff825460601c168181115f1461298d576fffffffffffffffffffffffffffffffff9161293b9161252a565b82547fffffffff00000000000000000000000000000000ffffffffffffffffffffffff16911660601b7bffffffffffffffffffffffffffffffff00000000000000000000000016179055565b5f612898565b50506fffffffffffffffffffffffffffffffff5f61293b565b91939092946001870191828811611983577f55a948b280207147d289a870f94c52f1e7a83da43d486136ae5eb1a022f8a6da9660409673ffffffffffffffffffffffffffffffffffffffff968796879690612884565b7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005c612a485760017f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d565b7f3ee5aeb5000000000000000000000000000000000000000000000000000000005f5260045ffd5b73ffffffffffffffffffffffffffffffffffffffff168015908115612abf575b50612a9757565b7fe6c4247b000000000000000000000000000000000000000000000000000000005f5260045ffd5b905030145f612a90565b8015611b8a577f00000000000000000000000000000000000000000000000000000000000000009073ffffffffffffffffffffffffffffffffffffffff8216604051907f70a08231000000000000000000000000000000000000000000000000000000008252306004830152602082602481845afa91821561046e575f92612ce9575b50604051937f23b872dd000000000000000000000000000000000000000000000000000000005f5233600452306024528360445260205f60648180855af19060015f5114821615612cca575b50846040525f60605215612c9f57836024816020937f70a082310000000000000000000000000000000000000000000000000000000082523060048301525afa92831561046e575f93612c6b575b50808310808015612c58575b612c0e575050506bffffffffffffffffffffffff111561075057565b91929115612c495750505f905b7fad48e590000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b612c529161252a565b90612c1b565b5082612c64838661252a565b1415612bf2565b9092506020813d602011612c97575b81612c876020938361237b565b810103126102705751915f612be6565b3d9150612c7a565b7f5274afe7000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b6001821516612ce0573b15153d1516165f612b98565b853d5f823e3d90fd5b9091506020813d602011612d15575b81612d056020938361237b565b810103126102705751905f612b4c565b3d9150612cf8565b73ffffffffffffffffffffffffffffffffffffffff16805f52600260205260405f205490828210612d57575f5260026020520360405f2055565b507f62b244c0000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b9173ffffffffffffffffffffffffffffffffffffffff604051927fa9059cbb000000000000000000000000000000000000000000000000000000005f521660045260245260205f60448180865af19060015f5114821615612e2f575b60405215612ded5750565b73ffffffffffffffffffffffffffffffffffffffff907f5274afe7000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b906001811516612e4757823b15153d15161690612de2565b503d5f823e3d90fd5b73ffffffffffffffffffffffffffffffffffffffff9192612e7082612a70565b335f52600460205260405f208383165f526020526fffffffffffffffffffffffffffffffff60405f206bffffffffffffffffffffffff86167fffffffffffffffffffffffffffffffffffffffff00000000000000000000000082541617815580547fffffff00ffffffffffffffffffffffffffffffffffffffffffffffffffffffff7cff0000000000000000000000000000000000000000000000000000000085151560e01b169116178155335f52600560205260405f208585165f526020528260405f20555460601c166bffffffffffffffffffffffff604051951685526020850152604084015216907fe447c66a0997536b3b80b4e6a21b93daa59b499d7a59591f8228a9bee4bcc64560603392a3565b6bffffffffffffffffffffffff73ffffffffffffffffffffffffffffffffffffffff81921692835f5260066020528160405f20541680155f14612ffd57506001935b5f52600660205260405f20930116167fffffffffffffffffffffffffffffffffffffffff000000000000000000000000825416179055565b93612fc5565b919073ffffffffffffffffffffffffffffffffffffffff811615801561308a575b612a97576040805193845260208401919091528201526060902091825f52600360205262ffffff60405f20549261305b818561277e565b1461306257565b7f067cd3ef000000000000000000000000000000000000000000000000000000005f5260045ffd5b5073ffffffffffffffffffffffffffffffffffffffff821615613024565b909391926130b884338785613003565b90916bffffffffffffffffffffffff82168082111561340f576130db908261252a565b9373ffffffffffffffffffffffffffffffffffffffff811695865f52600460205260405f2073ffffffffffffffffffffffffffffffffffffffff33165f5260205260405f20906040519161312e83612316565b54906bffffffffffffffffffffffff8216835260ff60208401926fffffffffffffffffffffffffffffffff8160601c16845260e01c161515806040850152613312575b506bffffffffffffffffffffffff61319c886fffffffffffffffffffffffffffffffff84511661251d565b925116908183116132ca5750506132429161323d8792895f52600460205260405f2073ffffffffffffffffffffffffffffffffffffffff33165f526020526fffffffffffffffffffffffffffffffff60405f2091167fffffffff00000000000000000000000000000000ffffffffffffffffffffffff7bffffffffffffffffffffffffffffffff00000000000000000000000083549260601b169116179055565b612d1d565b7fffffffffff000000ffffffffffffffffffffffff00000000000000000000000061326c83613648565b60c01b92161717905f52600360205260405f205560405192835260208301527fae331dd7a6fa7ba110b14793bd9a1f822bb8828aa2534acafeec8ec2c30a5b96604073ffffffffffffffffffffffffffffffffffffffff33951693a4565b906fffffffffffffffffffffffffffffffff88925116907f89ef2ab2000000000000000000000000000000000000000000000000000000005f5260045260245260445260645ffd5b98959260409b9895929a9794919b5160208101905f825273ffffffffffffffffffffffffffffffffffffffff8a1660218201526021815261335460418261237b565b5190209a865f52600560205260405f2073ffffffffffffffffffffffffffffffffffffffff33165f5260205260405f20549b9c5f9d8e5b8d5111156133cd5761339d8f8e6124bf565b5190818110156133bc575f52602052600160405f205b9e019d8e61338b565b905f52602052600160405f206133b3565b9194979a9d509295989b9194979a50036133e7575f613171565b7f11216f46000000000000000000000000000000000000000000000000000000005f5260045ffd5b5050505050505050565b6101c09391925f9373ffffffffffffffffffffffffffffffffffffffff8235169173ffffffffffffffffffffffffffffffffffffffff606060208601948086528187019663ffffffff602086013516885260205f6080808401976bffffffffffffffffffffffff604082013516895260a0852060e08601527f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff8282013588610100880193604260be8a012085528260ff1c601b016101208a015201356101408801521661016086015260015afa5060203d145f51029a816101808d9301938452015220971692831561363a57875f52600360205260405f205490811561362b5751945191518261352883613648565b0361361c576bffffffffffffffffffffffff8260601c168082111561360c576bffffffffffffffffffffffff8316918183146135fb579373ffffffffffffffffffffffffffffffffffffffff937fffffffffffffffff000000000000000000000000ffffffffffffffffffffffff847f92dcc749214f12101675e014aafbf361005431576bbd400c6d676d5a6fad9d45989488889760609a106135f3575b5081039d5f526003602052871b91161760405f2055604051968752602087015289604087015216941692a3565b91505f6135c6565b505f99506005985050505050505050565b505f985060049750505050505050565b505f9750600396505050505050565b505f9750600296505050505050565b505f96506001955050505050565b60c01c62ffffff1690811561365957565b60019150565b60ff811690601f821161368e576040519161367b60408461237b565b6020808452838101919036833783525290565b7fb3512b0c000000000000000000000000000000000000000000000000000000005f5260045ffd5b73ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000163014806137b6575b1561371e577f000000000000000000000000000000000000000000000000000000000000000090565b60405160208101907f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f82527f000000000000000000000000000000000000000000000000000000000000000060408201527f000000000000000000000000000000000000000000000000000000000000000060608201524660808201523060a082015260a081526137b060c08261237b565b51902090565b507f000000000000000000000000000000000000000000000000000000000000000046146136f5565b91907f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a08411613863579160209360809260ff5f9560405194855216868401526040830152606082015282805260015afa1561046e575f5173ffffffffffffffffffffffffffffffffffffffff81161561385957905f905f90565b505f906001905f90565b5050505f916003919056fea164736f6c6343000825000a';
