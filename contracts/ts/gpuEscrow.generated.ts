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
        "name": "claimed",
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
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "reserved",
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
  '0x6101c0806040523461025357606081613af380380380916100208285610257565b8339810103126102535780516001600160a01b038116908181036102535760208301516001600160a01b0381169390929084840361025357604001519360405161006b604082610257565b60098152602081019068477075457363726f7760b81b825260405191610092604084610257565b600183526020830191603160f81b83526100ab8161028e565b610120526100b88461028e565b61014052519020918260e05251902080610100524660a0526040519060208201927f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f8452604083015260608201524660808201523060a082015260a0815261012160c082610257565b5190206080523060c0528015908115610249575b5061023a573b1561022b57610e108310801561021f575b6102035761016052610180526101a0526040516137f990816102fa823960805181613629015260a051816136e0015260c051816135fa015260e051816136780152610100518161369e01526101205181611229015261014051816112520152610160518181816102be015281816103ee01528181611a9d01528181611d580152612afb015261018051818181610bcb015281816115650152611a0d01526101a051818181610b5201528181610c3801526121ff0152f35b63b1879bf960e01b5f52610e1060045262093a8060245260445ffd5b5062093a80831161014c565b63bd48a9af60e01b5f5260045ffd5b63e6c4247b60e01b5f5260045ffd5b905030145f610135565b5f80fd5b601f909101601f19168101906001600160401b0382119082101761027a57604052565b634e487b7160e01b5f52604160045260245ffd5b601f8151116102b95760208151910151602082106102aa571790565b5f198260200360031b1b161790565b604460209160405192839163305a27a960e01b83528160048401528051918291826024860152018484015e5f828201840152601f01601f19168101030190fdfe6080806040526004361015610012575f80fd5b5f3560e01c9081630564a8041461228e57508063126262021461211657806312e72ddc146120955780631854d88514611eef57806324a9d85314611eb7578063267755ae14611e5f5780632dfa394714611e265780632f4f21e214611da457806334db454c14611cb257806337e96b8b14611c79578063437d82fe14611c3f57806343fd80fd14611bca57806351cff8d9146118b8578063577a0a8a1461158957806361d027b31461151b5780636908e72e1461144a5780636d82b57d146114115780636da61d1e146113845780637a8ab9481461136a57806384a6c2c41461132557806384b0196e146111f3578063876c85c214610d715780638cc4674f14610d365780638e00555314610b755780638fb16f8714610b1d57806394739e8714610ac5578063a09304f914610a7a578063a3ff39b2146109b7578063b148440f14610973578063b5f783a81461088b578063b6b55f2514610800578063c9b5bb171461079d578063d55be8c614610763578063d81b5fbe14610683578063e3dcebb5146105b7578063f2ecdd661461057e578063f9cf798c146102e2578063fc0c546a146102745763fc351637146101c9575f80fd5b346102705760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057608061021b6102056122c5565b61020d6122e8565b61021561230b565b916126f4565b61026e604051809264ffffffffff606080926bffffffffffffffffffffffff81511685526bffffffffffffffffffffffff602082015116602086015262ffffff6040820151166040860152015116910152565bf35b5f80fd5b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b346102705760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760043567ffffffffffffffff81116102705761033190369060040161247b565b9060243567ffffffffffffffff811161027057610352903690600401612354565b919060443567ffffffffffffffff811161027057836103768692369060040161247b565b915f945f945f975f915b80831061052a575050505f915b8083106104ac575050505f915b80831061047957505050604051927f70a0823100000000000000000000000000000000000000000000000000000000845230600485015260208460248173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa91821561046e575f92610439575b60809450604051938452602084015260408301526060820152f35b91506020843d602011610466575b81610454602093836124f1565b8101031261027057608093519161041e565b3d9150610447565b6040513d5f823e3d90fd5b9091946104a360019161049d6104986104938a87896126e4565b6125ab565b61267a565b906124ac565b9501919061039a565b90919461051e6001916104f56104c96104938a87899b9a9b61256e565b6104df60206104d98c898b61256e565b016125ab565b6104ef60406104d98d8a8c61256e565b91612768565b5f52600360205261049d60405f20546bffffffffffffffffffffffff808260601c16911661262a565b9501919093929361038d565b90919761056f60019173ffffffffffffffffffffffffffffffffffffffff61055c6104938d87899d9c9d9b9a9b6126e4565b165f52600260205260405f2054906124ac565b98019190959495939293610380565b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057602060405160018152f35b346102705760807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705761065e6105f16122c5565b6105f96122e8565b610657610604612341565b60643593610610612a25565b61061a8533612af2565b610625848233612768565b5f5260036020528363ffffffff61064e876bffffffffffffffffffffffff60405f2054166124ac565b93169133613093565b5033613207565b5f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d005b346102705760a07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610270576106ba6122c5565b6106c26122e8565b906106cb612341565b90606435906bffffffffffffffffffffffff82168092036102705760843567ffffffffffffffff81116102705761070690369060040161247b565b94909361071286612532565b9461072060405196876124f1565b868652602086019660051b81019036821161027057965b818810610753575050610751955063ffffffff1691613309565b005b8735815260209788019701610737565b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057602060405161012c8152f35b346102705760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705773ffffffffffffffffffffffffffffffffffffffff6107e96122c5565b165f526002602052602060405f2054604051908152f35b346102705760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760043561083a612a25565b61084333612a99565b61084d8133612af2565b335f52600260205261086460405f209182546124ac565b90555f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d005b346102705760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760606108c46122c5565b73ffffffffffffffffffffffffffffffffffffffff6108e16122e8565b911690815f52600460205260405f2073ffffffffffffffffffffffffffffffffffffffff82165f5260205260405f2054915f52600560205273ffffffffffffffffffffffffffffffffffffffff60405f2091165f5260205260405f20546fffffffffffffffffffffffffffffffff604051926bffffffffffffffffffffffff81168452841c1660208301526040820152f35b346102705760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760206109af6104986122c5565b604051908152f35b346102705760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705773ffffffffffffffffffffffffffffffffffffffff610a036122c5565b610a0c81612a99565b335f52600660205260405f2080546bffffffffffffffffffffffff7fffffffffffffffffffffffffffffffffffffffff0000000000000000000000008460601b16911617905516337f58a5ff072be0c939808b8ba8c3c7009527337e9b9a3b050f8cc0221b09e1a3c15f80a3005b346102705760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057610751610ab46122c5565b610abc612385565b60443591612ee0565b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760206040517f9ec5d5ae8bb573de5a11727fb18527cc4d2229f56ed1c68057c4872d17c52d388152f35b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760206040517f00000000000000000000000000000000000000000000000000000000000000008152f35b346102705760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760043561ffff8116908181036102705773ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000163303610d0e5761012c8211610ce0577f5fc463da23c1b063e66f9e352006a7fbe8db7223c455dc429e881a2dfe2f94f191604091610c276125e0565b9081831115610cd45761ffff610c5e7f00000000000000000000000000000000000000000000000000000000000000005b426124ac565b9216908451610c6c816124b9565b8281528460208201528564ffffffffff851691015263ffff0000600754927fffffffffffffffffffffffffffffffffffffffffffffff00000000000000000068ffffffffff000000008660201b169416179160101b16171760075582519182526020820152a1005b61ffff610c5e5f610c58565b7f7b931420000000000000000000000000000000000000000000000000000000005f5261012c60045260245ffd5b7fb90cdbb1000000000000000000000000000000000000000000000000000000005f5260045ffd5b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057602060405162093a808152f35b346102705760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057610da86122c5565b67ffffffffffffffff60243511610270573660236024350112156102705767ffffffffffffffff60243560040135116102705736602460a0813560040135028135010111610270575f5f610dfa6135e3565b90604051916101e083016040527f9ec5d5ae8bb573de5a11727fb18527cc4d2229f56ed1c68057c4872d17c52d38835284604084015261190160a084015260c0830152836101a08301525f905b602435600401358210156111c95760019173ffffffffffffffffffffffffffffffffffffffff602460a08302813501013516602085015263ffffffff604460a083026024350101351660608501526bffffffffffffffffffffffff606460a0830260243501013516608085015260a0842060e08501527f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff60a460a08302602435010135604260be8701206101008701528060ff1c601b01610120870152608460a084026024350101356101408701521661016085015260205f60806101008701865afa5060203d145f510273ffffffffffffffffffffffffffffffffffffffff602460a08402813501013516610180860152806101c086015260606101808601209073ffffffffffffffffffffffffffffffffffffffff8116610fed575b505082610f97575b6001019150610e47565b6001809201926040519082825260208201527fbe686bc77550f64c0aa684ca6e23472d407fa362e6573fb274792beb6d2e585c604073ffffffffffffffffffffffffffffffffffffffff891692a2829150610f8d565b5f828152600360205260409020549294509082611012575050506002915b8680610f85565b63ffffffff604460a087026024350101351661102d846135cc565b1461103d5750505060039161100b565b6bffffffffffffffffffffffff8360601c166bffffffffffffffffffffffff606460a088026024350101351611155f1461107c5750505060049161100b565b6bffffffffffffffffffffffff8360601c166bffffffffffffffffffffffff8416145f146110af5750505060059161100b565b6bffffffffffffffffffffffff5f959381811682606460a0880260243501013516105f146111c05781606460a0870260243501013516925b5f5260036020528260601b7fffffffffffffffff000000000000000000000000ffffffffffffffffffffffff82161760405f205560601c1690038096019573ffffffffffffffffffffffffffffffffffffffff6040519216825263ffffffff604460a08502602435010135166020830152604082015273ffffffffffffffffffffffffffffffffffffffff8716907f92dcc749214f12101675e014aafbf361005431576bbd400c6d676d5a6fad9d45606073ffffffffffffffffffffffffffffffffffffffff602460a0870281350101351692a361100b565b818116926110e7565b836040918682806111e3575b505082519182526020820152f35b6111ec91613013565b83826111d5565b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610270576112c961124d7f0000000000000000000000000000000000000000000000000000000000000000613795565b6112767f0000000000000000000000000000000000000000000000000000000000000000613795565b60206112d76040519261128983856124f1565b5f84525f3681376040519586957f0f00000000000000000000000000000000000000000000000000000000000000875260e08588015260e0870190612438565b908582036040870152612438565b4660608501523060808501525f60a085015283810360c08501528180845192838152019301915f5b82811061130e57505050500390f35b8351855286955093810193928101926001016112ff565b3461027057610751611336366123a0565b92909163ffffffff6bffffffffffffffffffffffff6040519561135a6020886124f1565b5f87525f36813716931691613309565b346102705761075161137b366123a0565b92919091612637565b346102705760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760206113bd6122c5565b73ffffffffffffffffffffffffffffffffffffffff81165f526006825260405f205460601c80155f1461140a57505b73ffffffffffffffffffffffffffffffffffffffff60405191168152f35b90506113ec565b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057602060405160048152f35b346102705760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610270576114816122c5565b6114896122e8565b61149161230b565b9061149d828285612768565b92835f52600360205260405f20548060d81c9485156114f3578542106114c757610751955061282d565b857f028ab60e000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b7fbf8085db000000000000000000000000000000000000000000000000000000005f5260045ffd5b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b34610270576101007ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610270576115c16122c5565b6115c96122e8565b6115d161230b565b906115da61232e565b92608435936bffffffffffffffffffffffff85168095036102705760a43564ffffffffff81168091036102705760e435611615868686612768565b96875f52600360205260405f20549384156118905763ffffffff169261163b84866127ef565b804211611865576bffffffffffffffffffffffff8516808310156118605750815b6bffffffffffffffffffffffff8660601c16908110611830575061179492916042916040519060208201927f82b36d8c106b3cbaf525195b9c522bfdaaf76b142b256dc28791f044732ff569845273ffffffffffffffffffffffffffffffffffffffff8a16604084015273ffffffffffffffffffffffffffffffffffffffff8b169788606085015273ffffffffffffffffffffffffffffffffffffffff8d16608085015260a084015260c083015260e082015260e0815261171f610100826124f1565b51902061172a6135e3565b90604051917f190100000000000000000000000000000000000000000000000000000000000083526002830152602282015220907f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff81169160ff601b60c43593821c011690613706565b5060048193929310156118035715918215926117e2575b50506117ba576107519461282d565b7fdf0f4e90000000000000000000000000000000000000000000000000000000005f5260045ffd5b73ffffffffffffffffffffffffffffffffffffffff161415905086806117ab565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52602160045260245ffd5b90507f5524111e000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b61165c565b7f992b5308000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b7f7d18f3da000000000000000000000000000000000000000000000000000000005f5260045ffd5b346102705760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610270576118ef6122c5565b6118f7612a25565b73ffffffffffffffffffffffffffffffffffffffff811690815f52600660205260405f2090604051916040830183811067ffffffffffffffff821117611b9d57604052549160026bffffffffffffffffffffffff8416808352602083019460601c855210611b75576bffffffffffffffffffffffff7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff915116016bffffffffffffffffffffffff8111611b41576bffffffffffffffffffffffff73ffffffffffffffffffffffffffffffffffffffff911692845f52600660205260405f2060017fffffffffffffffffffffffffffffffffffffffff000000000000000000000000825416179055511680155f14611b6e57505b5f7f000000000000000000000000000000000000000000000000000000000000000073ffffffffffffffffffffffffffffffffffffffff81168503611aec575b50611ac191839160209560405191848352878301527fe605989a8caab777eb3a95ecd6ef718fc7c5a3a9dd47b88a74494aa1263f6b14604073ffffffffffffffffffffffffffffffffffffffff851693a37f0000000000000000000000000000000000000000000000000000000000000000612e16565b5f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d604051908152f35b9050611af66125e0565b93848402948486041484151715611b4157612710602095049182611b1c575b5093611a4a565b91611ac19391611b38611b3083809861262a565b968795613013565b91935091611b15565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b9050611a0a565b7fd0d04f60000000000000000000000000000000000000000000000000000000005f5260045ffd5b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b346102705760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057610751611c046122c5565b611c0c612385565b335f52600560205260405f2073ffffffffffffffffffffffffffffffffffffffff83165f5260205260405f205491612ee0565b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610270576020604051610e108152f35b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057602060405160038152f35b346102705760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057600435611cec6122e8565b90611cf5612a25565b611cfe82612a99565b8015611d7c5761065e91611d128233612dad565b60405182815273ffffffffffffffffffffffffffffffffffffffff8216907ffa8108024f4f7887035187feaca3278c17f396991a30549c70ff27781cf2e22e60203392a37f0000000000000000000000000000000000000000000000000000000000000000612e16565b7f1f2a2005000000000000000000000000000000000000000000000000000000005f5260045ffd5b346102705760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057611ddb6122c5565b73ffffffffffffffffffffffffffffffffffffffff60243591611dfc612a25565b611e0581612a99565b611e0f8382612af2565b165f52600260205261086460405f209182546124ac565b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027057602060405160058152f35b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760206040517f82b36d8c106b3cbaf525195b9c522bfdaaf76b142b256dc28791f044732ff5698152f35b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760206109af6125e0565b346102705760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705760043567ffffffffffffffff811161027057611f3e903690600401612354565b90611f4882612532565b91611f5660405193846124f1565b8083527fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0611f8382612532565b015f5b81811061207e5750505f5b81811061202e57836040518091602082016020835281518091526020604084019201905f5b818110611fc4575050500390f35b919350916020608082612020600194885164ffffffffff606080926bffffffffffffffffffffffff81511685526bffffffffffffffffffffffff602082015116602086015262ffffff6040820151166040860152015116910152565b019401910191849392611fb6565b80612062612042610493600194868861256e565b61205260206104d985888a61256e565b61021560406104d986898b61256e565b61206c82876125cc565b5261207781866125cc565b5001611f91565b60209061208961254a565b82828801015201611f86565b346102705760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610270576120cc6122c5565b6120d46122e8565b6120dc612341565b916120e8823383612768565b90815f52600360205260405f205480156118905761210f63ffffffff6107519616826127ef565b339261282d565b346102705760807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705761214d6122c5565b6121556122e8565b9061215e61230b565b9061216761232e565b73ffffffffffffffffffffffffffffffffffffffff821691823314158061226e575b61224657838561219892612768565b92835f52600360205260405f20549384156118905773ffffffffffffffffffffffffffffffffffffffff604092819263ffffffff7fc2d49ee61844fc45a251ac0627f79c53357ad0f2355375d11cda71c971f5952f9616976121fa89826127ae565b6122247f0000000000000000000000000000000000000000000000000000000000000000426124ac565b915f5260036020528160d81b17855f20558451978852602088015216951693a4005b7f6aecfc9a000000000000000000000000000000000000000000000000000000005f5260045ffd5b5073ffffffffffffffffffffffffffffffffffffffff8416331415612189565b34610270575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102705780600260209252f35b6004359073ffffffffffffffffffffffffffffffffffffffff8216820361027057565b6024359073ffffffffffffffffffffffffffffffffffffffff8216820361027057565b6044359073ffffffffffffffffffffffffffffffffffffffff8216820361027057565b6064359063ffffffff8216820361027057565b6044359063ffffffff8216820361027057565b9181601f840112156102705782359167ffffffffffffffff8311610270576020808501946060850201011161027057565b602435906bffffffffffffffffffffffff8216820361027057565b7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc60809101126102705760043573ffffffffffffffffffffffffffffffffffffffff81168103610270579060243573ffffffffffffffffffffffffffffffffffffffff81168103610270579060443563ffffffff8116810361027057906064356bffffffffffffffffffffffff811681036102705790565b907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f602080948051918291828752018686015e5f8582860101520116010190565b9181601f840112156102705782359167ffffffffffffffff8311610270576020808501948460051b01011161027057565b91908201809211611b4157565b6060810190811067ffffffffffffffff821117611b9d57604052565b6080810190811067ffffffffffffffff821117611b9d57604052565b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff821117611b9d57604052565b67ffffffffffffffff8111611b9d5760051b60200190565b60405190612557826124d5565b5f6060838281528260208201528260408201520152565b919081101561257e576060020190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b3573ffffffffffffffffffffffffffffffffffffffff811681036102705790565b805182101561257e5760209160051b010190565b61ffff6040516125ef816124b9565b60075460408382169283815264ffffffffff858460101c169384602084015260201c16918291015242105f1461262457501690565b90501690565b91908203918211611b4157565b8163ffffffff6bffffffffffffffffffffffff61265a9594961693169133613093565b8015612676576126749161266e8233612dad565b33613207565b565b5050565b73ffffffffffffffffffffffffffffffffffffffff165f5260066020526bffffffffffffffffffffffff60405f20541680155f146126b757505f90565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff8101908111611b415790565b919081101561257e5760051b0190565b90612708929161270261254a565b50612768565b5f52600360205260405f205462ffffff612721826135cc565b169060405191612730836124d5565b6bffffffffffffffffffffffff821683526bffffffffffffffffffffffff8260601c166020840152604083015260d81c606082015290565b9173ffffffffffffffffffffffffffffffffffffffff908160405193816020860196168652166040840152166060820152606081526127a86080826124f1565b51902090565b906127b990826127ef565b60d81c806127c45750565b7fec6940b3000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b6127f8906135cc565b9081036128025750565b7fc37e1a79000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b9192936bffffffffffffffffffffffff8216916bffffffffffffffffffffffff8160601c169261285f848203926135cc565b9462ffffff86036129d35791847f3a6e26f67beeceabb38c9b467f33d9fca66317f30d72233aafc0d89a01176cfc956128e69373ffffffffffffffffffffffffffffffffffffffff969589905b5f52600360205260c01b60405f2055036128eb575b8480604051968796169a16981696846040919493926060820195825260208201520152565b0390a4565b848816805f52600260205260405f208381540190555f52600460205260405f208585165f5260205260405f206fffffffffffffffffffffffffffffffff815460601c1690838261293e575b5050506128c1565b6129ab92818110156129b35750506fffffffffffffffffffffffffffffffff5f5b82547fffffffff00000000000000000000000000000000ffffffffffffffffffffffff16911660601b7bffffffffffffffffffffffffffffffff00000000000000000000000016179055565b5f8083612936565b6fffffffffffffffffffffffffffffffff916129ce9161262a565b61295f565b9092916001860194858711611b41578073ffffffffffffffffffffffffffffffffffffffff956128e6947f3a6e26f67beeceabb38c9b467f33d9fca66317f30d72233aafc0d89a01176cfc98906128ac565b7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005c612a715760017f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d565b7f3ee5aeb5000000000000000000000000000000000000000000000000000000005f5260045ffd5b73ffffffffffffffffffffffffffffffffffffffff168015908115612ae8575b50612ac057565b7fe6c4247b000000000000000000000000000000000000000000000000000000005f5260045ffd5b905030145f612ab9565b908015611d7c577f000000000000000000000000000000000000000000000000000000000000000073ffffffffffffffffffffffffffffffffffffffff8116604051907f70a08231000000000000000000000000000000000000000000000000000000008252306004830152602082602481845afa91821561046e575f92612d79575b50604051927f23b872dd000000000000000000000000000000000000000000000000000000005f5233600452306024528460445260205f60648180855af19060015f5114821615612d5a575b50836040525f60605215612d2f57826024816020937f70a082310000000000000000000000000000000000000000000000000000000082523060048301525afa91821561046e575f92612cfb575b50808210808015612ce8575b612ca15750506bffffffffffffffffffffffff1115612c79576040519081527f8752a472e571a816aea92eec8dae9baf628e840f4929fbcc2d155e6233ff68a7602073ffffffffffffffffffffffffffffffffffffffff33941692a3565b7f670d0f94000000000000000000000000000000000000000000000000000000005f5260045ffd5b15612cd95750505f905b7fad48e590000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b612ce29161262a565b90612cab565b5083612cf4838561262a565b1415612c1b565b9091506020813d602011612d27575b81612d17602093836124f1565b810103126102705751905f612c0f565b3d9150612d0a565b7f5274afe7000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b6001821516612d70573b15153d1516165f612bc1565b843d5f823e3d90fd5b9091506020813d602011612da5575b81612d95602093836124f1565b810103126102705751905f612b75565b3d9150612d88565b73ffffffffffffffffffffffffffffffffffffffff16805f52600260205260405f205490828210612de7575f5260026020520360405f2055565b507f62b244c0000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b9173ffffffffffffffffffffffffffffffffffffffff604051927fa9059cbb000000000000000000000000000000000000000000000000000000005f521660045260245260205f60448180865af19060015f5114821615612ebf575b60405215612e7d5750565b73ffffffffffffffffffffffffffffffffffffffff907f5274afe7000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b906001811516612ed757823b15153d15161690612e72565b503d5f823e3d90fd5b73ffffffffffffffffffffffffffffffffffffffff9192612f0082612a99565b335f52600460205260405f208383165f526020526fffffffffffffffffffffffffffffffff60405f206bffffffffffffffffffffffff86167fffffffffffffffffffffffffffffffffffffffff00000000000000000000000082541617815580547fffffff00ffffffffffffffffffffffffffffffffffffffffffffffffffffffff7cff0000000000000000000000000000000000000000000000000000000085151560e01b169116178155335f52600560205260405f208585165f526020528260405f20555460601c166bffffffffffffffffffffffff604051951685526020850152604084015216907fe447c66a0997536b3b80b4e6a21b93daa59b499d7a59591f8228a9bee4bcc64560603392a3565b6bffffffffffffffffffffffff73ffffffffffffffffffffffffffffffffffffffff81921692835f5260066020528160405f20541680155f1461308d57506001935b5f52600660205260405f20930116167fffffffffffffffffffffffffffffffffffffffff000000000000000000000000825416179055565b93613055565b929091949373ffffffffffffffffffffffffffffffffffffffff831692831580156131e9575b612ac057866130c89186612768565b805f52600360205260405f2054966130e084896127ae565b62ffffff84146131c1576bffffffffffffffffffffffff8816808411156131b5576bffffffffffffffffffffffff8411612c79578373ffffffffffffffffffffffffffffffffffffffff936128e6927f5432f6be38552d05e21e8411e99fbac007058e96f6561aec5bf79e42ff9c4ede96039a827fffffffffff000000ffffffffffffffffffffffff00000000000000000000000061317e836135cc565b60c01b92161717905f52600360205260405f2055898460405195869516991696846040919493926060820195825260208201520152565b505f9750505050505050565b7f067cd3ef000000000000000000000000000000000000000000000000000000005f5260045ffd5b5073ffffffffffffffffffffffffffffffffffffffff8716156130b9565b73ffffffffffffffffffffffffffffffffffffffff165f52600460205273ffffffffffffffffffffffffffffffffffffffff60405f2091165f5260205260405f20908154906bffffffffffffffffffffffff8216158015906132eb575b61326d57505050565b6fffffffffffffffffffffffffffffffff8091169160601c16016fffffffffffffffffffffffffffffffff8111611b415781547fffffffff00000000000000000000000000000000ffffffffffffffffffffffff1660609190911b7bffffffffffffffffffffffffffffffff00000000000000000000000016179055565b506fffffffffffffffffffffffffffffffff8260601c161515613264565b919261331b9193959495338585613093565b9182156135c55773ffffffffffffffffffffffffffffffffffffffff821690815f52600460205260405f2073ffffffffffffffffffffffffffffffffffffffff33165f5260205260405f209560405196613374886124b9565b54916bffffffffffffffffffffffff8316885260ff60208901936fffffffffffffffffffffffffffffffff8160601c16855260e01c1615158060408a01526134d0575b50506bffffffffffffffffffffffff6133e3856fffffffffffffffffffffffffffffffff8451166124ac565b965116908187116134885750506126749394613483915f52600460205260405f2073ffffffffffffffffffffffffffffffffffffffff33165f526020526fffffffffffffffffffffffffffffffff60405f2091167fffffffff00000000000000000000000000000000ffffffffffffffffffffffff7bffffffffffffffffffffffffffffffff00000000000000000000000083549260601b169116179055565b612dad565b906fffffffffffffffffffffffffffffffff85925116907f89ef2ab2000000000000000000000000000000000000000000000000000000005f5260045260245260445260645ffd5b6040979491979693969592955173ffffffffffffffffffffffffffffffffffffffff60208201925f84521660218201526021815261350f6041826124f1565b51902095805f52600560205260405f2073ffffffffffffffffffffffffffffffffffffffff33165f5260205260405f205496955f965b895188101561358757613558888b6125cc565b519081811015613576575f52602052600160405f205b970196613545565b905f52602052600160405f2061356e565b919497929598509295500361359d575f806133b7565b7f11216f46000000000000000000000000000000000000000000000000000000005f5260045ffd5b5050509050565b60c01c62ffffff169081156135dd57565b60019150565b73ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000163014806136dd575b1561364b577f000000000000000000000000000000000000000000000000000000000000000090565b60405160208101907f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f82527f000000000000000000000000000000000000000000000000000000000000000060408201527f000000000000000000000000000000000000000000000000000000000000000060608201524660808201523060a082015260a081526127a860c0826124f1565b507f00000000000000000000000000000000000000000000000000000000000000004614613622565b91907f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0841161378a579160209360809260ff5f9560405194855216868401526040830152606082015282805260015afa1561046e575f5173ffffffffffffffffffffffffffffffffffffffff81161561378057905f905f90565b505f906001905f90565b5050505f9160039190565b60ff811690601f82116137c457604051916137b16040846124f1565b6020808452838101919036833783525290565b7fb3512b0c000000000000000000000000000000000000000000000000000000005f5260045ffdfea164736f6c6343000825000a';
