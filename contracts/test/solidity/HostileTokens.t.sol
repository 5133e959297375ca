// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {GpuEscrow} from "../../src/GpuEscrow.sol";
import {
    BlocklistToken,
    FalseReturningToken,
    FeeOnTransferToken,
    ForwardingToken,
    LyingToken,
    ReentrantToken
} from "./HostileTokens.sol";
import {Harness} from "./Harness.sol";

contract HostileTokensTest is Harness {
    function test_deposit_refusesATokenThatKeepsAFee() public {
        FeeOnTransferToken fee = new FeeOnTransferToken();
        GpuEscrow over = newEscrow(fee, WINDOW);
        fee.mint(tenant, 1_000);
        vm.prank(tenant);
        fee.approve(address(over), 1_000);
        vm.prank(tenant);
        vm.expectRevert(abi.encodeWithSelector(GpuEscrow.TransferMismatch.selector, 1_000, 990));
        over.deposit(1_000);
    }

    function test_deposit_refusesATokenThatSaysFalse() public {
        FalseReturningToken falseToken = new FalseReturningToken();
        GpuEscrow over = newEscrow(falseToken, WINDOW);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(falseToken)));
        over.deposit(1_000);
    }

    function test_deposit_refusesATokenThatLies() public {
        GpuEscrow over = newEscrow(new LyingToken(), WINDOW);
        vm.expectRevert(abi.encodeWithSelector(GpuEscrow.TransferMismatch.selector, 1_000, 0));
        over.deposit(1_000);
    }

    function test_withdraw_aBlockedProviderHarmsOnlyItself() public {
        BlocklistToken blocklist = new BlocklistToken();
        escrow = newEscrow(blocklist, WINDOW);
        blocklist.mint(tenant, 1_000);
        vm.prank(tenant);
        blocklist.approve(address(escrow), 1_000);
        vm.prank(tenant);
        escrow.deposit(1_000);
        vm.prank(tenant);
        escrow.fund(provider, tenant, 1, 500);
        blocklist.setBlocked(provider, true);
        (uint256 paid,) = settle(provider, voucher(TENANT_KEY, tenant, provider, 1, 200));
        eq(paid, 200, "settling goes on");
        vm.expectRevert(bytes("blocked"));
        escrow.withdraw(provider);
        eq(escrow.accrued(provider), 200, "the credit stays");
        vm.prank(tenant);
        escrow.withdrawFree(500, tenant);
        vm.prank(provider);
        escrow.setPayout(address(0xCAFE));
        escrow.withdraw(provider);
        eq(blocklist.balanceOf(address(0xCAFE)), 200, "another payout address helps");
    }

    function test_deposit_cannotBeReenteredByAHook() public {
        ReentrantToken hooked = new ReentrantToken();
        GpuEscrow over = newEscrow(hooked, WINDOW);
        hooked.mint(tenant, 2_000);
        hooked.mint(address(hooked), 1_000);
        vm.prank(tenant);
        hooked.approve(address(over), 2_000);
        hooked.arm(address(over), abi.encodeCall(GpuEscrow.depositFor, (tenant, 1_000)));
        vm.prank(tenant);
        over.deposit(1_000);
        require(hooked.reenterFailed(), "the nested deposit must fail");
        eq(over.free(tenant), 1_000, "credited once");
    }

    function test_deposit_isNotCreditedTwiceForOneMovement() public {
        ForwardingToken forwarding = new ForwardingToken();
        GpuEscrow over = newEscrow(forwarding, WINDOW);
        forwarding.mint(address(forwarding), 2_000);
        forwarding.arm(over);
        vm.prank(tenant);
        vm.expectRevert(abi.encodeWithSelector(GpuEscrow.TransferMismatch.selector, 1_000, 0));
        over.deposit(1_000);
        vm.prank(tenant);
        vm.expectRevert(abi.encodeWithSelector(GpuEscrow.TransferMismatch.selector, 1_000, 0));
        over.depositAndFund(provider, tenant, 1, 1_000);
    }

    function test_withdraw_cannotBeReenteredForMore() public {
        ReentrantToken hooked = new ReentrantToken();
        escrow = newEscrow(hooked, WINDOW);
        hooked.mint(tenant, 1_000);
        vm.prank(tenant);
        hooked.approve(address(escrow), 1_000);
        vm.prank(tenant);
        escrow.deposit(1_000);
        vm.prank(tenant);
        escrow.fund(provider, tenant, 1, 500);
        settle(provider, voucher(TENANT_KEY, tenant, provider, 1, 200));
        hooked.arm(address(escrow), abi.encodeCall(GpuEscrow.withdraw, (provider)));
        escrow.withdraw(provider);
        require(hooked.reenterFailed(), "nothing is left to withdraw");
        eq(hooked.balanceOf(provider), 200, "paid once");
    }
}
