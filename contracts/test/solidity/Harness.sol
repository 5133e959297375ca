// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {GpuEscrow} from "../../src/GpuEscrow.sol";
import {TestToken} from "../../src/TestToken.sol";

/// @notice The cheat codes of forge that these tests use.
interface Vm {
    function addr(uint256 privateKey) external pure returns (address);
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function prank(address sender) external;
    function warp(uint256 timestamp) external;
    function chainId(uint256 id) external;
    function store(address target, bytes32 slot, bytes32 value) external;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata data) external;
    function assume(bool condition) external pure;
    function envOr(string calldata name, bytes calldata defaultValue) external view returns (bytes memory);
}

/// @notice An escrow over a test token, named parties with keys, and shorthand for what they sign.
abstract contract Harness {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint256 internal constant WINDOW = 1 days;
    uint256 internal constant TENANT_KEY = 0xA11CE;
    uint256 internal constant DELEGATE_KEY = 0xDE1E;
    uint256 internal constant PROVIDER_KEY = 0xB0B;

    TestToken internal token;
    GpuEscrow internal escrow;
    address internal treasury = address(0x7EA5);
    address internal tenant = vm.addr(TENANT_KEY);
    address internal delegate = vm.addr(DELEGATE_KEY);
    address internal provider = vm.addr(PROVIDER_KEY);

    constructor() {
        vm.warp(1_900_000_000);
        token = new TestToken();
        escrow = newEscrow(token, WINDOW);
    }

    /// @dev Deploys the committed bytecode that contracts/forge.ts passes, so that the tests run exactly what
    /// is deployed; without it (coverage, mutation testing) what forge has compiled.
    function newEscrow(IERC20 over, uint256 window) internal returns (GpuEscrow deployed) {
        return newEscrow(over, treasury, window);
    }

    function newEscrow(IERC20 over, address feesTo, uint256 window) internal returns (GpuEscrow deployed) {
        bytes memory code = vm.envOr("GPU_ESCROW_BYTECODE", bytes(""));
        if (code.length == 0) return new GpuEscrow(over, feesTo, window);
        code = bytes.concat(code, abi.encode(over, feesTo, window));
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
        }
        // forge swallows a revert that a test expects and returns no address; a test that goes on would fail.
    }

    function enrich(address account, uint256 amount) internal {
        token.mint(account, amount);
        vm.prank(account);
        token.approve(address(escrow), type(uint256).max);
    }

    function depositFor(address account, uint256 amount) internal {
        enrich(account, amount);
        vm.prank(account);
        escrow.deposit(amount);
    }

    /// @dev A tenant-signed channel with this much reserved.
    function openChannel(uint96 amount) internal {
        depositFor(tenant, amount);
        vm.prank(tenant);
        escrow.fund(provider, tenant, 1, amount);
    }

    function domainSeparator() internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("GpuEscrow"),
                keccak256("1"),
                block.chainid,
                address(escrow)
            )
        );
    }

    function signDigest(uint256 key, bytes32 structHash) internal view returns (bytes32 r, bytes32 vs) {
        uint8 v;
        bytes32 s;
        (v, r, s) = vm.sign(key, keccak256(abi.encodePacked(hex"1901", domainSeparator(), structHash)));
        vs = bytes32(uint256(s) | (uint256(v - 27) << 255));
    }

    function voucher(uint256 key, address forTenant, address forProvider, uint32 generation, uint96 cumulative)
        internal
        view
        returns (GpuEscrow.SettleRow memory row)
    {
        row.tenant = forTenant;
        row.generation = generation;
        row.cumulative = cumulative;
        (row.r, row.vs) = signDigest(
            key, keccak256(abi.encode(escrow.VOUCHER_TYPEHASH(), forTenant, forProvider, generation, cumulative))
        );
    }

    function settle(address forProvider, GpuEscrow.SettleRow memory row)
        internal
        returns (uint256 paid, uint256 skipped)
    {
        GpuEscrow.SettleRow[] memory rows = new GpuEscrow.SettleRow[](1);
        rows[0] = row;
        return escrow.settle(forProvider, rows);
    }

    function consent(uint256 key, address signer, uint32 generation, uint96 finalCumulative, uint40 validUntil)
        internal
        view
        returns (bytes32 r, bytes32 vs)
    {
        return signDigest(
            key,
            keccak256(
                abi.encode(
                    escrow.CLOSE_CONSENT_TYPEHASH(), tenant, provider, signer, generation, finalCumulative, validUntil
                )
            )
        );
    }

    function eq(uint256 actual, uint256 expected, string memory what) internal pure {
        require(actual == expected, what);
    }

    function bound(uint256 value, uint256 lowest, uint256 highest) internal pure returns (uint256) {
        return lowest + value % (highest - lowest + 1);
    }
}
