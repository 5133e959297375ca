// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ChannelWord} from "../../src/ChannelWord.sol";
import {GpuEscrow} from "../../src/GpuEscrow.sol";
import {Harness} from "./Harness.sol";

contract FuzzTest is Harness {
    function testFuzz_word_keepsItsMembersApart(uint96 reserved, uint96 claimed, uint24 generation, uint64 time)
        public
        pure
    {
        vm.assume(generation != 0);
        uint256 closeAt = time % (1 << 39);
        ChannelWord word = ChannelWord.wrap(uint256(generation) << 192);
        word = word.withTenantsOwn().withCloseAt(closeAt).withReserved(reserved).withClaimed(claimed);
        eq(word.reserved(), reserved, "reserved");
        eq(word.claimed(), claimed, "claimed");
        eq(word.generation(), generation, "generation");
        eq(word.closeAt(), closeAt, "closeAt");
        require(word.hasTenantsOwn(), "flag");
        ChannelWord next = word.nextGeneration();
        eq(next.reserved() + next.claimed() + next.closeAt(), 0, "empty");
        eq(next.generation(), generation == type(uint24).max ? generation : generation + 1, "next");
        require(!next.hasTenantsOwn(), "flag cleared");
    }

    function testFuzz_settle_paysTheVoucherUpToTheReserve(uint96 reserve, uint96 first, uint96 second) public {
        reserve = uint96(bound(reserve, 1, 1e24));
        openChannel(reserve);
        settle(provider, voucher(TENANT_KEY, tenant, provider, 1, first));
        uint256 before = escrow.accrued(provider);
        eq(before, first < reserve ? first : reserve, "first");
        settle(provider, voucher(TENANT_KEY, tenant, provider, 1, second));
        uint256 best = first > second ? first : second;
        eq(escrow.accrued(provider), best < reserve ? best : reserve, "the best voucher counts");
    }

    function testFuzz_settle_orderAndRepetitionChangeNothing(uint96[6] memory cumulatives, uint256 seed) public {
        openChannel(1_000_000);
        GpuEscrow.SettleRow[] memory rows = new GpuEscrow.SettleRow[](12);
        uint256 best;
        for (uint256 index = 0; index < 12; ++index) {
            uint96 cumulative = uint96(cumulatives[(index + seed % 12) % 6] % 2_000_000);
            rows[index] = voucher(TENANT_KEY, tenant, provider, 1, cumulative);
            if (cumulative > best) best = cumulative;
        }
        (uint256 paid,) = escrow.settle(provider, rows);
        eq(paid, best < 1_000_000 ? best : 1_000_000, "paid");
        (paid,) = escrow.settle(provider, rows);
        eq(paid, 0, "replayed");
    }

    function testFuzz_settle_aBrokenSignatureNeverPaysOrReverts(bytes32 r, bytes32 vs, uint96 cumulative) public {
        openChannel(1_000_000);
        GpuEscrow.SettleRow memory row;
        row.tenant = tenant;
        row.generation = 1;
        row.cumulative = cumulative;
        (row.r, row.vs) = (r, vs);
        (uint256 paid, uint256 skipped) = settle(provider, row);
        eq(paid, 0, "paid");
        eq(skipped, 1, "skipped");
    }

    function testFuzz_close_refundsExactlyTheUnclaimed(uint96 reserve, uint96 cumulative) public {
        reserve = uint96(bound(reserve, 1, 1e24));
        openChannel(reserve);
        settle(provider, voucher(TENANT_KEY, tenant, provider, 1, cumulative));
        uint256 claimed = escrow.channel(tenant, provider, tenant).claimed;
        vm.prank(provider);
        escrow.closeAsProvider(tenant, tenant, 1);
        eq(escrow.free(tenant), reserve - claimed, "refund");
    }

    function testFuzz_settle_gasOfARowIsConstant(uint8 others) public {
        depositFor(tenant, 1_000_000);
        for (uint256 index = 0; index < uint256(others) % 16; ++index) {
            vm.prank(tenant);
            escrow.fund(address(uint160(0x1000 + index)), tenant, 1, 10);
        }
        vm.prank(tenant);
        escrow.fund(provider, tenant, 1, 1_000);
        GpuEscrow.SettleRow[] memory rows = new GpuEscrow.SettleRow[](1);
        rows[0] = voucher(TENANT_KEY, tenant, provider, 1, 10);
        escrow.settle(provider, rows);
        rows[0] = voucher(TENANT_KEY, tenant, provider, 1, 20);
        uint256 before = gasleft();
        escrow.settle(provider, rows);
        require(before - gasleft() < 13_500, "a row depends on nothing but itself");
    }
}
