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
  '0x6101c08060405234610253576060816133a580380380916100208285610257565b8339810103126102535780516001600160a01b038116908181036102535760208301516001600160a01b0381169390929084840361025357604001519360405161006b604082610257565b60098152602081019068477075457363726f7760b81b825260405191610092604084610257565b600183526020830191603160f81b83526100ab8161028e565b610120526100b88461028e565b61014052519020918260e05251902080610100524660a0526040519060208201927f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f8452604083015260608201524660808201523060a082015260a0815261012160c082610257565b5190206080523060c0528015908115610249575b5061023a573b1561022b57610e108310801561021f575b6102035761016052610180526101a0526040516130ab90816102fa823960805181612ee2015260a05181612f9f015260c05181612eb3015260e05181612f3101526101005181612f57015261012051816110340152610140518161105d0152610160518181816102750152818161037a01528181611727015281816118fe0152612600015261018051818181610a8b015281816112ec01526116b001526101a051818181610a3d01528181610af80152611cf30152f35b63b1879bf960e01b5f52610e1060045262093a8060245260445ffd5b5062093a80831161014c565b63bd48a9af60e01b5f5260045ffd5b63e6c4247b60e01b5f5260045ffd5b905030145f610135565b5f80fd5b601f909101601f19168101906001600160401b0382119082101761027a57604052565b634e487b7160e01b5f52604160045260245ffd5b601f8151116102b95760208151910151602082106102aa571790565b5f198260200360031b1b161790565b604460209160405192839163305a27a960e01b83528160048401528051918291826024860152018484015e5f828201840152601f01601f19168101030190fdfe6080806040526004361015610012575f80fd5b5f3560e01c9081630564a80414611d8a575080631262620214611c3b57806312e72ddc14611bc45780631854d88514611a3c57806324a9d85314611a22578063267755ae146119e85780632dfa3947146119cd5780632f4f21e21461194a57806334db454c1461188b57806337e96b8b14611870578063437d82fe1461185457806343fd80fd1461180a57806351cff8d914611601578063577a0a8a1461131057806361d027b3146112cd5780636908e72e146111ff5780636d82b57d146111e45780636da61d1e1461118f5780637a8ab9481461117557806384a6c2c41461113057806384b0196e1461101c578063876c85c214610c135780638cc4674f14610bf65780638e00555314610a605780638fb16f8714610a2657806394739e87146109ec578063a09304f9146109bf578063a3ff39b214610927578063b148440f14610901578063b5f783a81461085e578063b6b55f25146107c4578063c9b5bb171461078c578063d55be8c614610770578063d81b5fbe146106ae578063e3dcebb51461052c578063f2ecdd6614610511578063f9cf798c14610299578063fc0c546a146102565763fc351637146101c9575f80fd5b346102525760606003193601126102525760806101fd6101e7611da3565b6101ef611db9565b6101f7611dcf565b91612245565b610250604051809264ffffffffff606080926bffffffffffffffffffffffff81511685526bffffffffffffffffffffffff602082015116602086015262ffffff6040820151166040860152015116910152565bf35b5f80fd5b34610252575f6003193601126102525760206040516001600160a01b037f0000000000000000000000000000000000000000000000000000000000000000168152f35b346102525760606003193601126102525760043567ffffffffffffffff8111610252576102ca903690600401611efa565b9060243567ffffffffffffffff8111610252576102eb903690600401611e0b565b919060443567ffffffffffffffff8111610252578361030f86923690600401611efa565b915f945f945f975f915b8083106104ca575050505f915b808310610438575050505f915b80831061040557505050604051927f70a082310000000000000000000000000000000000000000000000000000000084523060048501526020846024816001600160a01b037f0000000000000000000000000000000000000000000000000000000000000000165afa9182156103fa575f926103c5575b60809450604051938452602084015260408301526060820152f35b91506020843d6020116103f2575b816103e060209383611f90565b810103126102525760809351916103aa565b3d91506103d3565b6040513d5f823e3d90fd5b90919461042f60019161042961042461041f8a8789612235565b61204a565b6121d8565b906120bc565b95019190610333565b9091946104be60019161049561045561041f8a87899b9a9b61200d565b61046b60206104658c898b61200d565b0161204a565b61047b60406104658d8a8c61200d565b919091606092604051928352602083015260408201522090565b5f52600360205261042960405f20546bffffffffffffffffffffffff808260601c1691166120c9565b95019190939293610326565b9091976105026001916001600160a01b036104ef61041f8d87899d9c9d9b9a9b612235565b165f52600260205260405f2054906120bc565b98019190959495939293610319565b34610252575f60031936011261025257602060405160018152f35b3461025257608060031936011261025257610545611da3565b61054d611db9565b610555611df8565b60643591610561612538565b61056a836125f8565b61057c63ffffffff8316828633612ae4565b9091610596856bffffffffffffffffffffffff84166120bc565b6bffffffffffffffffffffffff8111610686577fdf639a8b66fd8646db9ea7908644b06f1562047b1198e78bc2545b9bf6a41be4936001600160a01b03937f8000000000000000000000000000000000000000000000000000000000000000927fffffffffff000000ffffffffffffffffffffffff00000000000000000000000061062083612e92565b60c01b92161717905f5260036020521760405f205561065e82604051938493169716953395836020909392919363ffffffff60408201951681520152565b0390a45f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d005b7f670d0f94000000000000000000000000000000000000000000000000000000005f5260045ffd5b346102525760a0600319360112610252576106c7611da3565b6106cf611db9565b906106d8611df8565b90606435906bffffffffffffffffffffffff82168092036102525760843567ffffffffffffffff811161025257610713903690600401611efa565b94909361071f86611fd1565b9461072d6040519687611f90565b868652602086019660051b81019036821161025257965b81881061076057505061075e955063ffffffff1691612b6f565b005b8735815260209788019701610744565b34610252575f60031936011261025257602060405161012c8152f35b34610252576020600319360112610252576001600160a01b036107ad611da3565b165f526002602052602060405f2054604051908152f35b34610252576020600319360112610252576004356107e0612538565b6107e9336125ac565b6107f2816125f8565b60405181815233907f8752a472e571a816aea92eec8dae9baf628e840f4929fbcc2d155e6233ff68a760203392a3335f52600260205261083760405f209182546120bc565b90555f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d005b34610252576040600319360112610252576060610879611da3565b6001600160a01b03610889611db9565b911690815f52600460205260405f206001600160a01b0382165f5260205260405f2054915f5260056020526001600160a01b0360405f2091165f5260205260405f20546fffffffffffffffffffffffffffffffff604051926bffffffffffffffffffffffff81168452841c1660208301526040820152f35b3461025257602060031936011261025257602061091f610424611da3565b604051908152f35b34610252576020600319360112610252576001600160a01b03610948611da3565b610951816125ac565b335f52600660205260405f2080546bffffffffffffffffffffffff7fffffffffffffffffffffffffffffffffffffffff0000000000000000000000008460601b16911617905516337f58a5ff072be0c939808b8ba8c3c7009527337e9b9a3b050f8cc0221b09e1a3c15f80a3005b346102525760606003193601126102525761075e6109db611da3565b6109e3611e3c565b6044359161294b565b34610252575f6003193601126102525760206040517f9ec5d5ae8bb573de5a11727fb18527cc4d2229f56ed1c68057c4872d17c52d388152f35b34610252575f6003193601126102525760206040517f00000000000000000000000000000000000000000000000000000000000000008152f35b346102525760206003193601126102525760043561ffff811690818103610252576001600160a01b037f0000000000000000000000000000000000000000000000000000000000000000163303610bce5761012c8211610ba0577f5fc463da23c1b063e66f9e352006a7fbe8db7223c455dc429e881a2dfe2f94f191604091610ae7612072565b9081831115610b945761ffff610b1e7f00000000000000000000000000000000000000000000000000000000000000005b426120bc565b9216908451610b2c81611f2b565b8281528460208201528564ffffffffff851691015263ffff0000600754927fffffffffffffffffffffffffffffffffffffffffffffff00000000000000000068ffffffffff000000008660201b169416179160101b16171760075582519182526020820152a1005b61ffff610b1e5f610b18565b7f7b931420000000000000000000000000000000000000000000000000000000005f5261012c60045260245ffd5b7fb90cdbb1000000000000000000000000000000000000000000000000000000005f5260045ffd5b34610252575f60031936011261025257602060405162093a808152f35b3461025257604060031936011261025257610c2c611da3565b67ffffffffffffffff60243511610252573660236024350112156102525767ffffffffffffffff60243560040135116102525736602460a0813560040135028135010111610252575f5f610c7e612ea9565b90604051916101e083016040527f9ec5d5ae8bb573de5a11727fb18527cc4d2229f56ed1c68057c4872d17c52d38835284604084015261190160a084015260c0830152836101a08301525f905b60243560040135821015610ff2576001916001600160a01b03602460a08302813501013516602085015263ffffffff604460a083026024350101351660608501526bffffffffffffffffffffffff606460a0830260243501013516608085015260a0842060e08501527f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff60a460a08302602435010135604260be8701206101008701528060ff1c601b01610120870152608460a084026024350101356101408701521661016085015260205f60806101008701865afa5060203d145f51026001600160a01b03602460a08402813501013516610180860152806101c08601526060610180860120906001600160a01b038116610e3d575b505082610df4575b6001019150610ccb565b6001809201926040519082825260208201527fbe686bc77550f64c0aa684ca6e23472d407fa362e6573fb274792beb6d2e585c60406001600160a01b03891692a2829150610dea565b5f828152600360205260409020549294509082610e62575050506002915b8680610de2565b63ffffffff604460a0870260243501013516610e7d84612e92565b14610e8d57505050600391610e5b565b6bffffffffffffffffffffffff8360601c166bffffffffffffffffffffffff606460a088026024350101351611155f14610ecc57505050600491610e5b565b6bffffffffffffffffffffffff8360601c166bffffffffffffffffffffffff8416145f14610eff57505050600591610e5b565b6bffffffffffffffffffffffff5f959381811682606460a0880260243501013516105f14610fe95781606460a0870260243501013516925b5f5260036020528260601b7fffffffffffffffff000000000000000000000000ffffffffffffffffffffffff82161760405f205560601c169003809601956001600160a01b036040519216825263ffffffff604460a0850260243501013516602083015260408201526001600160a01b038716907f92dcc749214f12101675e014aafbf361005431576bbd400c6d676d5a6fad9d4560606001600160a01b03602460a0870281350101351692a3610e5b565b81811692610f37565b8360409186828061100c575b505082519182526020820152f35b61101591612a71565b8382610ffe565b34610252575f600319360112610252576110d46110587f0000000000000000000000000000000000000000000000000000000000000000613047565b6110817f0000000000000000000000000000000000000000000000000000000000000000613047565b60206110e2604051926110948385611f90565b5f84525f3681376040519586957f0f00000000000000000000000000000000000000000000000000000000000000875260e08588015260e0870190611eb7565b908582036040870152611eb7565b4660608501523060808501525f60a085015283810360c08501528180845192838152019301915f5b82811061111957505050500390f35b83518552869550938101939281019260010161110a565b346102525761075e61114136611e57565b92909163ffffffff6bffffffffffffffffffffffff60405195611165602088611f90565b5f87525f36813716931691612b6f565b346102525761075e61118636611e57565b929190916120d6565b346102525760206003193601126102525760206111aa611da3565b6001600160a01b0381165f526006825260405f205460601c80155f146111dd57505b6001600160a01b0360405191168152f35b90506111cc565b34610252575f60031936011261025257602060405160048152f35b3461025257606060031936011261025257611218611da3565b611220611db9565b611228611dcf565b906112488282859091606092604051928352602083015260408201522090565b92835f52600360205260405f2054647fffffffff8160d81c169485156112a5578542106112795761075e9550612359565b857f028ab60e000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b7fbf8085db000000000000000000000000000000000000000000000000000000005f5260045ffd5b34610252575f6003193601126102525760206040516001600160a01b037f0000000000000000000000000000000000000000000000000000000000000000168152f35b34610252576101006003193601126102525761132a611da3565b611332611db9565b61133a611dcf565b90611343611de5565b92608435936bffffffffffffffffffffffff85168095036102525760a43564ffffffffff81168091036102525760e4356113928686869091606092604051928352602083015260408201522090565b96875f52600360205260405f20549384156115d95763ffffffff16926113b8848661231b565b8042116115ae576bffffffffffffffffffffffff8516808310156115a95750815b6bffffffffffffffffffffffff8660601c1690811061157957506114ea92916042916040519060208201927f82b36d8c106b3cbaf525195b9c522bfdaaf76b142b256dc28791f044732ff56984526001600160a01b038a1660408401526001600160a01b038b16978860608501526001600160a01b038d16608085015260a084015260c083015260e082015260e0815261147561010082611f90565b519020611480612ea9565b90604051917f190100000000000000000000000000000000000000000000000000000000000083526002830152602282015220907f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff81169160ff601b60c43593821c011690612fc5565b50600481939293101561154c571591821592611538575b50506115105761075e94612359565b7fdf0f4e90000000000000000000000000000000000000000000000000000000005f5260045ffd5b6001600160a01b0316141590508680611501565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52602160045260245ffd5b90507f5524111e000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b6113d9565b7f992b5308000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b7f7d18f3da000000000000000000000000000000000000000000000000000000005f5260045ffd5b346102525760206003193601126102525761161a611da3565b6001600160a01b038116805f52600660205260405f20906bffffffffffffffffffffffff82541690600282106117e2577fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff82019182116117ad57819260017fffffffffffffffffffffffffffffffffffffffff0000000000000000000000008254161781555460601c9384156117da575b505f917f0000000000000000000000000000000000000000000000000000000000000000906001600160a01b038216830361174b575b60208561091f8189888860405191848352878301527fe605989a8caab777eb3a95ecd6ef718fc7c5a3a9dd47b88a74494aa1263f6b1460406001600160a01b03851693a37f000000000000000000000000000000000000000000000000000000000000000061289b565b9392509390611758612072565b948585029585870414851517156117ad57612710602096049485611784575b50819295509392936116e1565b61091f9450916117a261179a87809496956120c9565b968795612a71565b919293819550611777565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b9350846116ab565b7fd0d04f60000000000000000000000000000000000000000000000000000000005f5260045ffd5b346102525760406003193601126102525761075e611826611da3565b61182e611e3c565b335f52600560205260405f206001600160a01b0383165f5260205260405f20549161294b565b34610252575f600319360112610252576020604051610e108152f35b34610252575f60031936011261025257602060405160038152f35b34610252576040600319360112610252576004356118a7611db9565b906118b1826125ac565b80156119225761075e916118c5823361283f565b6040518281526001600160a01b038216907ffa8108024f4f7887035187feaca3278c17f396991a30549c70ff27781cf2e22e60203392a37f000000000000000000000000000000000000000000000000000000000000000061289b565b7f1f2a2005000000000000000000000000000000000000000000000000000000005f5260045ffd5b3461025257604060031936011261025257611963611da3565b6001600160a01b0360243591611977612538565b611980816125ac565b611989836125f8565b16604051828152817f8752a472e571a816aea92eec8dae9baf628e840f4929fbcc2d155e6233ff68a760203393a35f52600260205261083760405f209182546120bc565b34610252575f60031936011261025257602060405160058152f35b34610252575f6003193601126102525760206040517f82b36d8c106b3cbaf525195b9c522bfdaaf76b142b256dc28791f044732ff5698152f35b34610252575f60031936011261025257602061091f612072565b346102525760206003193601126102525760043567ffffffffffffffff811161025257611a6d903690600401611e0b565b90611a7782611fd1565b91611a856040519384611f90565b8083527fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0611ab282611fd1565b015f5b818110611bad5750505f5b818110611b5d57836040518091602082016020835281518091526020604084019201905f5b818110611af3575050500390f35b919350916020608082611b4f600194885164ffffffffff606080926bffffffffffffffffffffffff81511685526bffffffffffffffffffffffff602082015116602086015262ffffff6040820151166040860152015116910152565b019401910191849392611ae5565b80611b91611b7161041f600194868861200d565b611b81602061046585888a61200d565b6101f7604061046586898b61200d565b611b9b828761205e565b52611ba6818661205e565b5001611ac0565b602090611bb8611fe9565b82828801015201611ab5565b3461025257606060031936011261025257611bdd611da3565b611be5611db9565b611bed611df8565b91611c0d8233839091606092604051928352602083015260408201522090565b90815f52600360205260405f205480156115d957611c3463ffffffff61075e96168261231b565b3392612359565b3461025257608060031936011261025257611c54611da3565b611c5c611db9565b90611c65611dcf565b90611c6e611de5565b916001600160a01b038216918233141580611d77575b611d4f576040805191825260208201869052810182905260609020805f52600360205260405f20549182156115d957611d4a6001600160a01b03927fc2d49ee61844fc45a251ac0627f79c53357ad0f2355375d11cda71c971f5952f94611cf163ffffffff8916826122d4565b7f00000000000000000000000000000000000000000000000000000000000000004201915f5260036020528160d81b1760405f20558360405194859416981696836020909392919363ffffffff60408201951681520152565b0390a4005b7f6aecfc9a000000000000000000000000000000000000000000000000000000005f5260045ffd5b506001600160a01b038216331415611c84565b34610252575f6003193601126102525780600260209252f35b600435906001600160a01b038216820361025257565b602435906001600160a01b038216820361025257565b604435906001600160a01b038216820361025257565b6064359063ffffffff8216820361025257565b6044359063ffffffff8216820361025257565b9181601f840112156102525782359167ffffffffffffffff8311610252576020808501946060850201011161025257565b602435906bffffffffffffffffffffffff8216820361025257565b6003196080910112610252576004356001600160a01b038116810361025257906024356001600160a01b0381168103610252579060443563ffffffff8116810361025257906064356bffffffffffffffffffffffff811681036102525790565b907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f602080948051918291828752018686015e5f8582860101520116010190565b9181601f840112156102525782359167ffffffffffffffff8311610252576020808501948460051b01011161025257565b6060810190811067ffffffffffffffff821117611f4757604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b6080810190811067ffffffffffffffff821117611f4757604052565b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff821117611f4757604052565b67ffffffffffffffff8111611f475760051b60200190565b60405190611ff682611f74565b5f6060838281528260208201528260408201520152565b919081101561201d576060020190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b356001600160a01b03811681036102525790565b805182101561201d5760209160051b010190565b61ffff60405161208181611f2b565b60075460408382169283815264ffffffffff858460101c169384602084015260201c16918291015242105f146120b657501690565b90501690565b919082018092116117ad57565b919082039182116117ad57565b9291906120eb63ffffffff8316828633612ae4565b90916bffffffffffffffffffffffff808316951694808611156121cf577fae331dd7a6fa7ba110b14793bd9a1f822bb8828aa2534acafeec8ec2c30a5b96936001600160a01b03937f800000000000000000000000000000000000000000000000000000000000000092880397612162893361283f565b7fffffffffff000000ffffffffffffffffffffffff00000000000000000000000061218c83612e92565b60c01b92161717905f5260036020521760405f20556121ca82604051938493169716953395836020909392919363ffffffff60408201951681520152565b0390a4565b50505050505050565b6001600160a01b03165f5260066020526bffffffffffffffffffffffff60405f20541680155f1461220857505f90565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff81019081116117ad5790565b919081101561201d5760051b0190565b9061226d9291612253611fe9565b509091606092604051928352602083015260408201522090565b5f52600360205260405f2054647fffffffff62ffffff61228c83612e92565b16916040519261229b84611f74565b6bffffffffffffffffffffffff821684526bffffffffffffffffffffffff8260601c166020850152604084015260d81c16606082015290565b6122e4647fffffffff928261231b565b60d81c16806122f05750565b7fec6940b3000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b61232490612e92565b90810361232e5750565b7fc37e1a79000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b919293906bffffffffffffffffffffffff8116906bffffffffffffffffffffffff8160601c168083039261238c83612e92565b9562ffffff87036124ef57946040946001600160a01b0394859485947f55a948b280207147d289a870f94c52f1e7a83da43d486136ae5eb1a022f8a6da998b905b5f52600360205260c01b895f2055036123f5575b5085519788526020880152169616941692a4565b7f8000000000000000000000000000000000000000000000000000000000000000848b1691825f526002602052885f20848154019055166123e1575f526004602052855f208383165f526020526124d0865f20826fffffffffffffffffffffffffffffffff825460601c168181115f146124d6576fffffffffffffffffffffffffffffffff91612484916120c9565b82547fffffffff00000000000000000000000000000000ffffffffffffffffffffffff16911660601b7bffffffffffffffffffffffffffffffff00000000000000000000000016179055565b5f6123e1565b50506fffffffffffffffffffffffffffffffff5f612484565b919390929460018701918288116117ad577f55a948b280207147d289a870f94c52f1e7a83da43d486136ae5eb1a022f8a6da966040966001600160a01b039687968796906123cd565b7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005c6125845760017f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d565b7f3ee5aeb5000000000000000000000000000000000000000000000000000000005f5260045ffd5b6001600160a01b031680159081156125ee575b506125c657565b7fe6c4247b000000000000000000000000000000000000000000000000000000005f5260045ffd5b905030145f6125bf565b8015611922577f0000000000000000000000000000000000000000000000000000000000000000906001600160a01b038216604051907f70a08231000000000000000000000000000000000000000000000000000000008252306004830152602082602481845afa9182156103fa575f9261280b575b50604051937f23b872dd000000000000000000000000000000000000000000000000000000005f5233600452306024528360445260205f60648180855af19060015f51148216156127ec575b50846040525f606052156127c157836024816020937f70a082310000000000000000000000000000000000000000000000000000000082523060048301525afa9283156103fa575f9361278d575b5080831080801561277a575b612730575050506bffffffffffffffffffffffff111561068657565b9192911561276b5750505f905b7fad48e590000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b612774916120c9565b9061273d565b508261278683866120c9565b1415612714565b9092506020813d6020116127b9575b816127a960209383611f90565b810103126102525751915f612708565b3d915061279c565b7f5274afe7000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b6001821516612802573b15153d1516165f6126ba565b853d5f823e3d90fd5b9091506020813d602011612837575b8161282760209383611f90565b810103126102525751905f61266e565b3d915061281a565b6001600160a01b0316805f52600260205260405f20549082821061286c575f5260026020520360405f2055565b507f62b244c0000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b916001600160a01b03604051927fa9059cbb000000000000000000000000000000000000000000000000000000005f521660045260245260205f60448180865af19060015f511482161561292a575b604052156128f55750565b6001600160a01b03907f5274afe7000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b90600181151661294257823b15153d151616906128ea565b503d5f823e3d90fd5b6001600160a01b03919261295e826125ac565b335f52600460205260405f208383165f526020526fffffffffffffffffffffffffffffffff60405f206bffffffffffffffffffffffff86167fffffffffffffffffffffffffffffffffffffffff00000000000000000000000082541617815580547fffffff00ffffffffffffffffffffffffffffffffffffffffffffffffffffffff7cff0000000000000000000000000000000000000000000000000000000085151560e01b169116178155335f52600560205260405f208585165f526020528260405f20555460601c166bffffffffffffffffffffffff604051951685526020850152604084015216907fe447c66a0997536b3b80b4e6a21b93daa59b499d7a59591f8228a9bee4bcc64560603392a3565b6bffffffffffffffffffffffff6001600160a01b0381921692835f5260066020528160405f20541680155f14612ade57506001935b5f52600660205260405f20930116167fffffffffffffffffffffffffffffffffffffffff000000000000000000000000825416179055565b93612aa6565b91906001600160a01b038116158015612b5e575b6125c6576040805193845260208401919091528201526060902091825f52600360205262ffffff60405f205492612b2f81856122d4565b14612b3657565b7f067cd3ef000000000000000000000000000000000000000000000000000000005f5260045ffd5b506001600160a01b03821615612af8565b90939192612b7f84338785612ae4565b90916bffffffffffffffffffffffff821680821115612e8857612ba290826120c9565b936001600160a01b03811695865f52600460205260405f206001600160a01b0333165f5260205260405f209060405191612bdb83611f2b565b54906bffffffffffffffffffffffff8216835260ff60208401926fffffffffffffffffffffffffffffffff8160601c16845260e01c161515806040850152612da5575b506bffffffffffffffffffffffff612c49886fffffffffffffffffffffffffffffffff8451166120bc565b92511690818311612d5d575050612ce291612cdd8792895f52600460205260405f206001600160a01b0333165f526020526fffffffffffffffffffffffffffffffff60405f2091167fffffffff00000000000000000000000000000000ffffffffffffffffffffffff7bffffffffffffffffffffffffffffffff00000000000000000000000083549260601b169116179055565b61283f565b7fffffffffff000000ffffffffffffffffffffffff000000000000000000000000612d0c83612e92565b60c01b92161717905f52600360205260405f205560405192835260208301527fae331dd7a6fa7ba110b14793bd9a1f822bb8828aa2534acafeec8ec2c30a5b9660406001600160a01b0333951693a4565b906fffffffffffffffffffffffffffffffff88925116907f89ef2ab2000000000000000000000000000000000000000000000000000000005f5260045260245260445260645ffd5b98959260409b9895929a9794919b5160208101905f82526001600160a01b038a16602182015260218152612dda604182611f90565b5190209a865f52600560205260405f206001600160a01b0333165f5260205260405f20549b9c5f9d8e5b8d511115612e4657612e168f8e61205e565b519081811015612e35575f52602052600160405f205b9e019d8e612e04565b905f52602052600160405f20612e2c565b9194979a9d509295989b9194979a5003612e60575f612c1e565b7f11216f46000000000000000000000000000000000000000000000000000000005f5260045ffd5b5050505050505050565b60c01c62ffffff16908115612ea357565b60019150565b6001600160a01b037f000000000000000000000000000000000000000000000000000000000000000016301480612f9c575b15612f04577f000000000000000000000000000000000000000000000000000000000000000090565b60405160208101907f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f82527f000000000000000000000000000000000000000000000000000000000000000060408201527f000000000000000000000000000000000000000000000000000000000000000060608201524660808201523060a082015260a08152612f9660c082611f90565b51902090565b507f00000000000000000000000000000000000000000000000000000000000000004614612edb565b91907f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0841161303c579160209360809260ff5f9560405194855216868401526040830152606082015282805260015afa156103fa575f516001600160a01b0381161561303257905f905f90565b505f906001905f90565b5050505f9160039190565b60ff811690601f82116130765760405191613063604084611f90565b6020808452838101919036833783525290565b7fb3512b0c000000000000000000000000000000000000000000000000000000005f5260045ffdfea164736f6c6343000825000a';
