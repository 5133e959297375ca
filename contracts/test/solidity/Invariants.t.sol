// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {GpuEscrow} from "../../src/GpuEscrow.sol";
import {Handler} from "./Handler.sol";

/// @notice What holds after any sequence of actions. The numbers are those of contracts/README.md.
contract InvariantsTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Handler internal handler;
    GpuEscrow internal escrow;

    function setUp() public {
        handler = new Handler();
        escrow = handler.escrowUnderTest();
    }

    function targetContracts() public view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(handler);
    }

    /// @dev The actions only: views of the handler would be wasted calls.
    function targetSelectors() public view returns (FuzzSelector[] memory list) {
        bytes4[] memory selectors = new bytes4[](18);
        selectors[0] = Handler.deposit.selector;
        selectors[1] = Handler.donate.selector;
        selectors[2] = Handler.withdrawFree.selector;
        selectors[3] = Handler.authorize.selector;
        selectors[4] = Handler.fund.selector;
        selectors[5] = Handler.depositAndFund.selector;
        selectors[6] = Handler.fundTo.selector;
        selectors[7] = Handler.settleBatch.selector;
        selectors[8] = Handler.replay.selector;
        selectors[9] = Handler.requestClose.selector;
        selectors[10] = Handler.finalizeClose.selector;
        selectors[11] = Handler.closeAsProvider.selector;
        selectors[12] = Handler.withdraw.selector;
        selectors[13] = Handler.setPayout.selector;
        selectors[14] = Handler.setFee.selector;
        selectors[15] = Handler.wait.selector;
        // Twice, so that money moves between two closes.
        selectors[16] = Handler.settleBatch.selector;
        selectors[17] = Handler.deposit.selector;
        list = new FuzzSelector[](1);
        list[0] = FuzzSelector(address(handler), selectors);
    }

    /// @dev One function, so that a run's calls are made once for all of them.
    function invariant_money() public view {
        (uint256 free, uint256 inChannels, uint256 accrued, uint256 held) =
            escrow.totalsOf(handler.tenants(), handler.channelKeys(), handler.providers());
        require(held == free + inChannels + accrued + handler.donated(), "1: the tokens held are the sum of all claims");
        require(
            handler.deposited()
                == free + inChannels + accrued + handler.withdrawnByTenants() + handler.withdrawnByProviders(),
            "2: the books balance"
        );
        GpuEscrow.ChannelKey[] memory keys = handler.channelKeys();
        GpuEscrow.ChannelView[] memory channels = escrow.channels(keys);
        for (uint256 index = 0; index < keys.length; ++index) {
            require(channels[index].claimed <= channels[index].reserved, "3: claimed is within reserved");
            bytes32 id = keccak256(abi.encode(keys[index].tenant, keys[index].provider, keys[index].signer));
            require(
                channels[index].closeAt == handler.closeAtSeen(id), "4: only its request and its end change a close"
            );
        }
        address[] memory tenants = handler.tenants();
        address[] memory delegates = handler.delegates();
        for (uint256 t = 0; t < tenants.length; ++t) {
            for (uint256 d = 0; d < delegates.length; ++d) {
                (, uint256 spent,) = escrow.delegateOf(tenants[t], delegates[d]);
                uint256 moved = handler.movedByDelegate(tenants[t], delegates[d]);
                uint256 refunded = handler.refundedToDelegate(tenants[t], delegates[d]);
                require(spent == moved - refunded, "5: spent is what a delegate moved, less what came back");
                require(spent <= handler.highestLimit(tenants[t], delegates[d]), "6: within the limit");
            }
        }
    }

    /// @dev A handler whose actions quietly return early would prove nothing.
    function test_handler_everyActionCanSucceed() public {
        handler.deposit(0, 1_000);
        handler.authorize(0, 0, 500);
        handler.fundTo(0, 0, 0, 100);
        handler.fund(0, 100);
        handler.depositAndFund(0, 100);
        handler.settleBatch(0, [uint96(50), 60, 70, 80, 90], 1);
        for (uint256 seed = 0; handler.calls("settle") == 0; ++seed) {
            handler.fund(uint256(keccak256(abi.encode(uint256(0), seed % 5))), 10);
            handler.settleBatch(0, [uint96(5), 6, 7, 8, 9], 1);
        }
        handler.withdraw(0);
        handler.requestClose(0, false);
        handler.finalizeClose(0);
        handler.fund(0, 10);
        handler.closeAsProvider(0);
        handler.withdrawFree(0, 1);
        string[11] memory actions = [
            "deposit",
            "authorize",
            "fundTo",
            "fund",
            "depositAndFund",
            "settle",
            "withdraw",
            "requestClose",
            "finalizeClose",
            "closeAsProvider",
            "withdrawFree"
        ];
        for (uint256 index = 0; index < actions.length; ++index) {
            require(handler.calls(actions[index]) != 0, actions[index]);
        }
    }

    /// @dev 7: from whatever state the run reached, everyone gets all of their money out alone.
    function afterInvariant() public {
        handler.exitAll();
        require(handler.balanceHeld() == handler.donated(), "7: nothing but donations stays");
    }
}
