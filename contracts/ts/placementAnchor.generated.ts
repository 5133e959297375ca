// Generated from PlacementAnchor.sol by contracts/build.ts; run `npm run contracts` instead of editing.
export const placementAnchorAbi = [
  {
    "inputs": [],
    "name": "InvalidBatch",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "head",
        "type": "bytes32"
      }
    ],
    "name": "WrongHead",
    "type": "error"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "publisher",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "root",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "previousHead",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "bytes32",
        "name": "head",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "uint64",
        "name": "count",
        "type": "uint64"
      },
      {
        "indexed": false,
        "internalType": "uint64",
        "name": "firstTime",
        "type": "uint64"
      },
      {
        "indexed": false,
        "internalType": "uint64",
        "name": "lastTime",
        "type": "uint64"
      }
    ],
    "name": "Anchored",
    "type": "event"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "previousHead",
        "type": "bytes32"
      },
      {
        "internalType": "bytes32",
        "name": "root",
        "type": "bytes32"
      },
      {
        "internalType": "uint64",
        "name": "count",
        "type": "uint64"
      },
      {
        "internalType": "uint64",
        "name": "firstTime",
        "type": "uint64"
      },
      {
        "internalType": "uint64",
        "name": "lastTime",
        "type": "uint64"
      }
    ],
    "name": "anchor",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "head",
        "type": "bytes32"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "publisher",
        "type": "address"
      }
    ],
    "name": "headOf",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "head",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  }
] as const;

export const placementAnchorBytecode =
  '0x6080806040523460155761026e908161001a8239f35b5f80fdfe6080806040526004361015610012575f80fd5b5f3560e01c9081631db0e136146101ff57506339b55dfe14610032575f80fd5b346101fb5760a07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101fb57600435602435906044359067ffffffffffffffff82168092036101fb576064359267ffffffffffffffff84168094036101fb5760843567ffffffffffffffff81168091036101fb57335f525f60205260405f20548381036101d05750811580156101c8575b80156101bf575b6101975760405190602082018481528360408401528560608401528660808401528160a084015260a0835260c083019280841067ffffffffffffffff85111761016a5760209761012092856040528251902097335f525f8a528860405f205588865260e083015261010082015201527f86101c45f25764b2e02cd429564f7f16abc5737b880b5b546538d6785215d97f60803392a4604051908152f35b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b7f33b094a1000000000000000000000000000000000000000000000000000000005f5260045ffd5b508085116100cd565b5083156100c6565b7f49cb178f000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b5f80fd5b346101fb5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101fb576004359073ffffffffffffffffffffffffffffffffffffffff82168092036101fb576020915f525f825260405f20548152f3fea164736f6c6343000825000a';
