// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {GpuEscrow} from "../../src/GpuEscrow.sol";
import {Harness} from "./Harness.sol";

contract GpuEscrowTest is Harness {
    // Funding

    function test_fund_raisesToTheTargetAndIsANoOpWhenThere() public {
        openChannel(100);
        vm.prank(tenant);
        escrow.fund(provider, tenant, 1, 100);
        eq(escrow.channel(tenant, provider, tenant).reserved, 100, "reserved");
        eq(escrow.free(tenant), 0, "free");
    }

    function test_fund_refusesAnotherGeneration() public {
        depositFor(tenant, 100);
        vm.prank(tenant);
        vm.expectRevert(abi.encodeWithSelector(GpuEscrow.WrongGeneration.selector, 1));
        escrow.fund(provider, tenant, 2, 100);
    }

    function test_fund_refusesMoreThanThePool() public {
        depositFor(tenant, 100);
        vm.prank(tenant);
        vm.expectRevert(abi.encodeWithSelector(GpuEscrow.InsufficientFree.selector, 100, 101));
        escrow.fund(provider, tenant, 1, 101);
    }

    function test_fund_refusesZeroAddresses() public {
        vm.expectRevert(GpuEscrow.InvalidAddress.selector);
        escrow.fund(address(0), tenant, 1, 1);
        vm.expectRevert(GpuEscrow.InvalidAddress.selector);
        escrow.fund(provider, address(0), 1, 1);
    }

    function test_fund_refusesAClosingChannel() public {
        openChannel(100);
        depositFor(tenant, 100);
        vm.prank(tenant);
        escrow.requestClose(tenant, provider, tenant, 1);
        vm.prank(tenant);
        vm.expectRevert(abi.encodeWithSelector(GpuEscrow.ChannelIsClosing.selector, block.timestamp + WINDOW));
        escrow.fund(provider, tenant, 1, 200);
    }

    function test_fundTo_refusesAStrangerAndALimitOverrun() public {
        depositFor(tenant, 1_000);
        vm.prank(delegate);
        vm.expectRevert(abi.encodeWithSelector(GpuEscrow.LimitExceeded.selector, 0, 0, 10));
        escrow.fundTo(tenant, provider, 1, 10);
        vm.prank(tenant);
        escrow.authorize(delegate, 100);
        vm.prank(delegate);
        escrow.fundTo(tenant, provider, 1, 60);
        vm.prank(delegate);
        vm.expectRevert(abi.encodeWithSelector(GpuEscrow.LimitExceeded.selector, 100, 60, 41));
        escrow.fundTo(tenant, provider, 1, 101);
    }

    function test_fundTo_refundGivesTheLimitBack() public {
        depositFor(tenant, 1_000);
        vm.prank(tenant);
        escrow.authorize(delegate, 100);
        vm.prank(delegate);
        escrow.fundTo(tenant, provider, 1, 100);
        settle(provider, voucher(DELEGATE_KEY, tenant, provider, 1, 30));
        vm.prank(provider);
        escrow.closeAsProvider(tenant, delegate, 1);
        (, uint256 spent,) = escrow.delegateOf(tenant, delegate);
        eq(spent, 30, "only what was paid stays spent");
        eq(escrow.free(tenant), 970, "free");
    }

    function test_fundTo_tenantsOwnMoneyNeverRestoresALimit() public {
        depositFor(tenant, 1_000);
        vm.prank(tenant);
        escrow.authorize(delegate, 100);
        vm.prank(delegate);
        escrow.fundTo(tenant, provider, 1, 100);
        settle(provider, voucher(DELEGATE_KEY, tenant, provider, 1, 100));
        vm.prank(tenant);
        escrow.fund(provider, delegate, 1, 300);
        vm.prank(provider);
        escrow.closeAsProvider(tenant, delegate, 1);
        vm.prank(delegate);
        vm.expectRevert(abi.encodeWithSelector(GpuEscrow.LimitExceeded.selector, 100, 100, 1));
        escrow.fundTo(tenant, provider, 2, 1);
    }

    function test_fundTo_withARootAllowsOnlyItsProviders() public {
        depositFor(tenant, 1_000);
        bytes32 leaf = keccak256(abi.encodePacked(bytes1(0), bytes32(uint256(uint160(provider)))));
        bytes32 other = keccak256("another provider");
        bytes32 root = leaf < other ? keccak256(abi.encode(leaf, other)) : keccak256(abi.encode(other, leaf));
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = other;
        vm.prank(tenant);
        escrow.authorize(delegate, 100, root);
        vm.prank(delegate);
        vm.expectRevert(GpuEscrow.ProviderNotAllowed.selector);
        escrow.fundTo(tenant, provider, 1, 10);
        vm.prank(delegate);
        vm.expectRevert(GpuEscrow.ProviderNotAllowed.selector);
        escrow.fundTo(tenant, address(0xBAD), 1, 10, proof);
        vm.prank(delegate);
        escrow.fundTo(tenant, provider, 1, 10, proof);
        vm.prank(tenant);
        escrow.authorize(delegate, 200);
        vm.prank(delegate);
        vm.expectRevert(GpuEscrow.ProviderNotAllowed.selector);
        escrow.fundTo(tenant, provider, 1, 20);
    }

    // Settling

    function test_settle_paysTheRestOfAVoucherAfterATopUp() public {
        openChannel(100);
        GpuEscrow.SettleRow memory row = voucher(TENANT_KEY, tenant, provider, 1, 150);
        (uint256 paid,) = settle(provider, row);
        eq(paid, 100, "capped by the reserve");
        openChannel(150);
        (paid,) = settle(provider, row);
        eq(paid, 50, "the rest");
    }

    function test_settle_skipsEachKindOfBadRowAndPaysTheGoodOne() public {
        openChannel(100);
        settle(provider, voucher(TENANT_KEY, tenant, provider, 1, 10));
        GpuEscrow.SettleRow[] memory rows = new GpuEscrow.SettleRow[](6);
        rows[0] = voucher(TENANT_KEY, tenant, provider, 1, 50);
        rows[0].vs = bytes32(type(uint256).max);
        rows[1] = voucher(DELEGATE_KEY, tenant, provider, 1, 50);
        rows[2] = voucher(TENANT_KEY, tenant, provider, 2, 50);
        rows[3] = voucher(TENANT_KEY, tenant, provider, 1, 10);
        rows[4] = voucher(TENANT_KEY, tenant, provider, 1, 200);
        rows[5] = voucher(TENANT_KEY, tenant, provider, 1, 201);
        (uint256 paid, uint256 skipped) = escrow.settle(provider, rows);
        eq(paid, 90, "paid");
        eq(skipped, 5, "skipped");
    }

    function test_settle_ignoresBitsBeyondAMembersType() public {
        openChannel(100);
        GpuEscrow.SettleRow memory row = voucher(TENANT_KEY, tenant, provider, 1, 40);
        bytes memory data = abi.encodeWithSelector(
            GpuEscrow.settle.selector,
            provider,
            uint256(64),
            uint256(1),
            uint256(uint160(tenant)) | (uint256(0xdead) << 160),
            uint256(1) | (uint256(0xdead) << 64),
            uint256(40) | (uint256(0xdead) << 128),
            row.r,
            row.vs
        );
        (bool success,) = address(escrow).call(data);
        require(success, "a malformed row must not revert");
        eq(escrow.accrued(provider), 40, "accrued");
    }

    function test_settle_creditsNobodyElseWithAVoucher() public {
        openChannel(100);
        (uint256 paid,) = settle(address(0xBAD), voucher(TENANT_KEY, tenant, provider, 1, 50));
        eq(paid, 0, "another provider's batch");
    }

    function test_settle_refusesASignatureOfAnotherChain() public {
        openChannel(100);
        GpuEscrow.SettleRow memory row = voucher(TENANT_KEY, tenant, provider, 1, 50);
        vm.chainId(4242);
        (uint256 paid,) = settle(provider, row);
        eq(paid, 0, "after a chain split the separator differs");
        (paid,) = settle(provider, voucher(TENANT_KEY, tenant, provider, 1, 50));
        eq(paid, 50, "a signature of this chain");
    }

    // Closing

    function test_close_needsTheWindowAndRefundsToThePoolOnly() public {
        openChannel(100);
        vm.expectRevert(GpuEscrow.NotTenantOrSigner.selector);
        escrow.requestClose(tenant, provider, tenant, 1);
        vm.expectRevert(GpuEscrow.ChannelIsOpen.selector);
        escrow.finalizeClose(tenant, provider, tenant);
        vm.prank(tenant);
        escrow.requestClose(tenant, provider, tenant, 1);
        uint256 closeAt = block.timestamp + WINDOW;
        vm.warp(closeAt - 1);
        vm.expectRevert(abi.encodeWithSelector(GpuEscrow.CloseWindowRunning.selector, closeAt));
        escrow.finalizeClose(tenant, provider, tenant);
        settle(provider, voucher(TENANT_KEY, tenant, provider, 1, 30));
        vm.warp(closeAt);
        escrow.finalizeClose(tenant, provider, tenant);
        eq(escrow.free(tenant), 70, "refund");
        eq(escrow.channel(tenant, provider, tenant).generation, 2, "generation");
        eq(escrow.channel(tenant, provider, tenant).reserved, 0, "reserved");
    }

    function test_close_canNotBeRequestedTwiceOrForAnUnknownChannel() public {
        openChannel(100);
        vm.prank(tenant);
        vm.expectRevert(GpuEscrow.UnknownChannel.selector);
        escrow.requestClose(tenant, address(0xBAD), tenant, 1);
        vm.prank(tenant);
        escrow.requestClose(tenant, provider, tenant, 1);
        vm.prank(tenant);
        vm.expectRevert(abi.encodeWithSelector(GpuEscrow.ChannelIsClosing.selector, block.timestamp + WINDOW));
        escrow.requestClose(tenant, provider, tenant, 1);
    }

    function test_close_endsTheVouchersOfItsGeneration() public {
        openChannel(100);
        GpuEscrow.SettleRow memory row = voucher(TENANT_KEY, tenant, provider, 1, 80);
        vm.prank(provider);
        escrow.closeAsProvider(tenant, tenant, 1);
        vm.prank(tenant);
        escrow.fund(provider, tenant, 2, 100);
        (uint256 paid,) = settle(provider, row);
        eq(paid, 0, "an old voucher");
    }

    function test_close_stillWorksInTheLastGenerationWhichTakesNoMoney() public {
        openChannel(100);
        bytes32 key = keccak256(abi.encode(tenant, provider, tenant));
        uint256 last = type(uint24).max - 1;
        // EIP712 keeps two slots for itself; free is at 2 and the channels at 3.
        vm.store(address(escrow), keccak256(abi.encode(key, 3)), bytes32(100 | (last << 192)));
        vm.prank(provider);
        escrow.closeAsProvider(tenant, tenant, uint32(last));
        eq(escrow.channel(tenant, provider, tenant).generation, type(uint24).max, "generation");
        vm.prank(tenant);
        vm.expectRevert(GpuEscrow.ChannelRetired.selector);
        escrow.fund(provider, tenant, type(uint24).max, 1);
    }

    function test_consent_closesAtOnceWhenPaid() public {
        openChannel(100);
        uint40 until = uint40(block.timestamp);
        (bytes32 r, bytes32 vs) = consent(PROVIDER_KEY, tenant, 1, 30, until);
        vm.expectRevert(abi.encodeWithSelector(GpuEscrow.ConsentUnpaid.selector, 0, 30));
        escrow.closeWithConsent(GpuEscrow.CloseConsent(tenant, provider, tenant, 1, 30, until), r, vs);
        settle(provider, voucher(TENANT_KEY, tenant, provider, 1, 30));
        escrow.closeWithConsent(GpuEscrow.CloseConsent(tenant, provider, tenant, 1, 30, until), r, vs);
        eq(escrow.free(tenant), 70, "refund");
        vm.expectRevert(abi.encodeWithSelector(GpuEscrow.WrongGeneration.selector, 2));
        escrow.closeWithConsent(GpuEscrow.CloseConsent(tenant, provider, tenant, 1, 30, until), r, vs);
    }

    function test_consent_refusesAStrangersSignatureAndALateUse() public {
        openChannel(100);
        uint40 until = uint40(block.timestamp);
        (bytes32 r, bytes32 vs) = consent(TENANT_KEY, tenant, 1, 0, until);
        vm.expectRevert(GpuEscrow.InvalidConsent.selector);
        escrow.closeWithConsent(GpuEscrow.CloseConsent(tenant, provider, tenant, 1, 0, until), r, vs);
        vm.expectRevert(GpuEscrow.InvalidConsent.selector);
        escrow.closeWithConsent(GpuEscrow.CloseConsent(tenant, provider, tenant, 1, 0, until), bytes32(0), bytes32(0));
        (r, vs) = consent(PROVIDER_KEY, tenant, 1, 0, until);
        vm.warp(uint256(until) + 1);
        vm.expectRevert(abi.encodeWithSelector(GpuEscrow.ConsentExpired.selector, until));
        escrow.closeWithConsent(GpuEscrow.CloseConsent(tenant, provider, tenant, 1, 0, until), r, vs);
    }

    // Withdrawing

    function test_withdraw_paysThePayoutAddressAndKeepsTheMark() public {
        openChannel(100);
        settle(provider, voucher(TENANT_KEY, tenant, provider, 1, 60));
        vm.prank(provider);
        escrow.setPayout(address(0xCAFE));
        escrow.withdraw(provider);
        eq(token.balanceOf(address(0xCAFE)), 60, "payout");
        eq(escrow.accrued(provider), 0, "accrued");
        vm.expectRevert(GpuEscrow.NothingToWithdraw.selector);
        escrow.withdraw(provider);
        settle(provider, voucher(TENANT_KEY, tenant, provider, 1, 61));
        eq(escrow.accrued(provider), 1, "one unit");
        escrow.withdraw(provider);
        eq(token.balanceOf(address(0xCAFE)), 61, "payout");
    }

    function test_fee_risesOnlyAfterTheWindowAndIsTheTreasurysCredit() public {
        openChannel(30_000);
        settle(provider, voucher(TENANT_KEY, tenant, provider, 1, 10_000));
        vm.expectRevert(GpuEscrow.NotTreasury.selector);
        escrow.setFee(1);
        vm.prank(treasury);
        vm.expectRevert(abi.encodeWithSelector(GpuEscrow.FeeTooHigh.selector, 300));
        escrow.setFee(301);
        vm.prank(treasury);
        escrow.setFee(300);
        eq(escrow.withdraw(provider), 10_000, "the old fee holds in the window");
        settle(provider, voucher(TENANT_KEY, tenant, provider, 1, 20_000));
        vm.warp(block.timestamp + WINDOW);
        eq(escrow.withdraw(provider), 9_700, "the new fee");
        eq(escrow.withdraw(treasury), 300, "the treasury pays no fee");
        vm.prank(treasury);
        escrow.setFee(0);
        eq(escrow.feeBps(), 0, "a lower fee holds at once");
    }

    function test_withdrawFree_takesOnlyTheCallersPool() public {
        depositFor(tenant, 100);
        vm.expectRevert(abi.encodeWithSelector(GpuEscrow.InsufficientFree.selector, 0, 1));
        escrow.withdrawFree(1, address(this));
        vm.prank(tenant);
        vm.expectRevert(GpuEscrow.InvalidAddress.selector);
        escrow.withdrawFree(1, address(escrow));
        vm.prank(tenant);
        vm.expectRevert(GpuEscrow.ZeroAmount.selector);
        escrow.withdrawFree(0, tenant);
        vm.prank(tenant);
        escrow.withdrawFree(100, tenant);
        eq(token.balanceOf(tenant), 100, "back");
    }

    function test_constructor_keepsItsBounds() public {
        vm.expectRevert(abi.encodeWithSelector(GpuEscrow.InvalidCloseWindow.selector, 1 hours, 7 days));
        newEscrow(token, treasury, 1 hours - 1);
        vm.expectRevert(abi.encodeWithSelector(GpuEscrow.InvalidCloseWindow.selector, 1 hours, 7 days));
        newEscrow(token, treasury, 7 days + 1);
        vm.expectRevert(GpuEscrow.InvalidAddress.selector);
        newEscrow(token, address(0), WINDOW);
        vm.expectRevert(GpuEscrow.TokenWithoutCode.selector);
        newEscrow(IERC20(address(0x1234)), WINDOW);
    }
}
