// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {GpuEscrow} from "../../src/GpuEscrow.sol";
import {Harness} from "./Harness.sol";

/// @notice Drives an escrow with every party and every entry point, and keeps its own books beside it.
/// Each action is shaped to succeed, so that a revert fails the run instead of hiding a dead action.
contract Handler is Harness {
    uint256 internal constant PARTIES = 3;

    uint256[] internal tenantKeys;
    uint256[] internal delegateKeys;
    // Addresses are derived once: deriving one costs more than most calls.
    address[] internal tenantList;
    address[] internal delegateList;
    address[] internal providerList;
    GpuEscrow.ChannelKey[] internal keyList;
    mapping(uint256 privateKey => address account) internal addressOf;

    uint256 public deposited;
    uint256 public donated;
    uint256 public withdrawnByTenants;
    uint256 public withdrawnByProviders;
    mapping(address tenant => mapping(address delegate => uint256)) public highestLimit;
    mapping(address tenant => mapping(address delegate => uint256)) public movedByDelegate;
    mapping(address tenant => mapping(address delegate => uint256)) public refundedToDelegate;
    mapping(bytes32 channelGeneration => uint256) public highestSigned;
    mapping(bytes32 channelGeneration => uint256) public paidIn;
    mapping(bytes32 channel => uint256) public closeAtSeen;
    mapping(bytes32 channel => bool) internal hasTenantsOwn;
    mapping(string action => uint256) public calls;
    GpuEscrow.SettleRow[] internal lastRows;
    address internal lastProvider;

    constructor() {
        for (uint256 index = 0; index < PARTIES; ++index) {
            tenantKeys.push(0x1000 + index);
            delegateKeys.push(0x2000 + index);
            tenantList.push(_derive(0x1000 + index));
            delegateList.push(_derive(0x2000 + index));
            providerList.push(_derive(0x3000 + index));
        }
        // Every channel that can exist: each tenant signs for itself or lets any delegate sign.
        for (uint256 t = 0; t < PARTIES; ++t) {
            for (uint256 p = 0; p < PARTIES; ++p) {
                for (uint256 s = 0; s <= PARTIES; ++s) {
                    keyList.push(GpuEscrow.ChannelKey(tenantList[t], providerList[p], addressOf[_signerKey(t, s)]));
                }
            }
        }
    }

    function escrowUnderTest() external view returns (GpuEscrow) {
        return escrow;
    }

    function balanceHeld() external view returns (uint256) {
        return token.balanceOf(address(escrow));
    }

    function tenants() public view returns (address[] memory) {
        return tenantList;
    }

    function delegates() public view returns (address[] memory) {
        return delegateList;
    }

    function providers() public view returns (address[] memory list) {
        list = new address[](PARTIES + 1);
        for (uint256 index = 0; index < PARTIES; ++index) {
            list[index] = providerList[index];
        }
        list[PARTIES] = treasury;
    }

    function channelKeys() public view returns (GpuEscrow.ChannelKey[] memory) {
        return keyList;
    }

    // Actions

    function deposit(uint256 who, uint256 amount) external {
        address account = tenantList[who % PARTIES];
        amount = bound(amount, 1, 1e12);
        depositFor(account, amount);
        deposited += amount;
        ++calls["deposit"];
    }

    function donate(uint256 amount) external {
        amount = bound(amount, 1, 1e6);
        token.mint(address(escrow), amount);
        donated += amount;
    }

    function withdrawFree(uint256 who, uint256 amount) external {
        address account = tenantList[who % PARTIES];
        uint256 available = escrow.free(account);
        if (available == 0) return;
        amount = bound(amount, 1, available);
        vm.prank(account);
        escrow.withdrawFree(amount, account);
        withdrawnByTenants += amount;
        ++calls["withdrawFree"];
    }

    function authorize(uint256 who, uint256 which, uint96 limit) external {
        address account = tenantList[who % PARTIES];
        address hotKey = delegateList[which % PARTIES];
        limit = uint96(bound(limit, 0, 1e12));
        vm.prank(account);
        escrow.authorize(hotKey, limit);
        if (limit > highestLimit[account][hotKey]) highestLimit[account][hotKey] = limit;
        ++calls["authorize"];
    }

    function fund(uint256 seed, uint256 amount) external {
        (address account, address to, uint256 signerKey) = _parties(seed);
        address signer = addressOf[signerKey];
        GpuEscrow.ChannelView memory channel = escrow.channel(account, to, signer);
        uint256 available = escrow.free(account);
        if (channel.closeAt != 0 || available == 0) return;
        amount = bound(amount, 1, available);
        vm.prank(account);
        escrow.fund(to, signer, channel.generation, uint96(channel.reserved + amount));
        hasTenantsOwn[_id(account, to, signer)] = true;
        ++calls["fund"];
    }

    function depositAndFund(uint256 seed, uint256 amount) external {
        (address account, address to, uint256 signerKey) = _parties(seed);
        address signer = addressOf[signerKey];
        GpuEscrow.ChannelView memory channel = escrow.channel(account, to, signer);
        if (channel.closeAt != 0) return;
        amount = bound(amount, 1, 1e12);
        enrich(account, amount);
        vm.prank(account);
        escrow.depositAndFund(to, signer, channel.generation, amount);
        deposited += amount;
        hasTenantsOwn[_id(account, to, signer)] = true;
        ++calls["depositAndFund"];
    }

    function fundTo(uint256 who, uint256 which, uint256 toWhom, uint256 amount) external {
        address account = tenantList[who % PARTIES];
        address hotKey = delegateList[which % PARTIES];
        address to = providerList[toWhom % PARTIES];
        GpuEscrow.ChannelView memory channel = escrow.channel(account, to, hotKey);
        (uint256 limit, uint256 spent,) = escrow.delegateOf(account, hotKey);
        uint256 available = escrow.free(account);
        if (limit <= spent || available == 0 || channel.closeAt != 0) return;
        uint256 most = limit - spent < available ? limit - spent : available;
        amount = bound(amount, 1, most);
        vm.prank(hotKey);
        escrow.fundTo(account, to, channel.generation, uint96(channel.reserved + amount));
        movedByDelegate[account][hotKey] += amount;
        ++calls["fundTo"];
    }

    function settleBatch(uint256 seed, uint96[5] memory cumulatives, uint256 badRow) external {
        address to = providerList[seed % PARTIES];
        delete lastRows;
        lastProvider = to;
        for (uint256 index = 0; index < 5; ++index) {
            (address account,, uint256 signerKey) = _parties(uint256(keccak256(abi.encode(seed, index))));
            _pushRow(account, to, signerKey, uint96(bound(cumulatives[index], 0, 2e12)));
        }
        if (badRow % 3 == 0) lastRows[badRow % 5].vs ^= bytes32(uint256(1));
        GpuEscrow.ChannelView[] memory before = escrow.channels(channelKeys());
        (uint256 paid,) = escrow.settle(to, lastRows);
        if (paid != 0) ++calls["settle"];
        _bookPayments(before);
    }

    function replay() external {
        if (lastRows.length == 0) return;
        bytes32 before = _stateDigest();
        (uint256 paid,) = escrow.settle(lastProvider, lastRows);
        if (paid == 0) require(_stateDigest() == before, "a replay without payment must change nothing");
        else _afterReplayPaid();
    }

    function requestClose(uint256 seed, bool bySigner) external {
        (address account, address to, uint256 signerKey) = _parties(seed);
        address signer = addressOf[signerKey];
        GpuEscrow.ChannelView memory channel = escrow.channel(account, to, signer);
        if (channel.closeAt != 0 || channel.reserved == 0) return;
        vm.prank(bySigner ? signer : account);
        escrow.requestClose(account, to, signer, channel.generation);
        closeAtSeen[_id(account, to, signer)] = block.timestamp + WINDOW;
        ++calls["requestClose"];
    }

    function finalizeClose(uint256 seed) external {
        GpuEscrow.ChannelKey[] memory keys = channelKeys();
        for (uint256 offset = 0; offset < keys.length; ++offset) {
            GpuEscrow.ChannelKey memory key = keys[(seed % keys.length + offset) % keys.length];
            uint256 closeAt = escrow.channel(key.tenant, key.provider, key.signer).closeAt;
            if (closeAt == 0) continue;
            if (block.timestamp < closeAt) vm.warp(closeAt);
            _bookRefund(key);
            escrow.finalizeClose(key.tenant, key.provider, key.signer);
            ++calls["finalizeClose"];
            return;
        }
    }

    function closeAsProvider(uint256 seed) external {
        (address account, address to, uint256 signerKey) = _parties(seed);
        address signer = addressOf[signerKey];
        GpuEscrow.ChannelView memory channel = escrow.channel(account, to, signer);
        if (channel.reserved == 0 || seed % 4 != 0) return;
        _bookRefund(GpuEscrow.ChannelKey(account, to, signer));
        vm.prank(to);
        escrow.closeAsProvider(account, signer, channel.generation);
        ++calls["closeAsProvider"];
    }

    function withdraw(uint256 which) external {
        address[] memory list = providers();
        address account = list[which % list.length];
        if (escrow.accrued(account) == 0) return;
        withdrawnByProviders += escrow.withdraw(account);
        ++calls["withdraw"];
    }

    function setPayout(uint256 which, address payout) external {
        if (payout == address(0) || payout == address(escrow)) return;
        vm.prank(providerList[which % PARTIES]);
        escrow.setPayout(payout);
    }

    function setFee(uint256 feeBps) external {
        vm.prank(treasury);
        escrow.setFee(uint16(bound(feeBps, 0, 300)));
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 2 hours));
    }

    /// @dev Everybody leaves: no party needs another one's help, and nothing is left behind but donations.
    function exitAll() external {
        GpuEscrow.ChannelKey[] memory keys = channelKeys();
        for (uint256 index = 0; index < keys.length; ++index) {
            GpuEscrow.ChannelView memory channel =
                escrow.channel(keys[index].tenant, keys[index].provider, keys[index].signer);
            if (channel.reserved == 0 || channel.closeAt != 0) continue;
            vm.prank(keys[index].tenant);
            escrow.requestClose(keys[index].tenant, keys[index].provider, keys[index].signer, channel.generation);
        }
        vm.warp(block.timestamp + WINDOW);
        for (uint256 index = 0; index < keys.length; ++index) {
            if (escrow.channel(keys[index].tenant, keys[index].provider, keys[index].signer).closeAt == 0) continue;
            escrow.finalizeClose(keys[index].tenant, keys[index].provider, keys[index].signer);
        }
        address[] memory payers = tenants();
        for (uint256 index = 0; index < payers.length; ++index) {
            uint256 available = escrow.free(payers[index]);
            if (available == 0) continue;
            vm.prank(payers[index]);
            escrow.withdrawFree(available, payers[index]);
        }
        address[] memory payees = providers();
        for (uint256 index = 0; index < payees.length; ++index) {
            // The treasury is last: the others' fees are its credit.
            if (escrow.accrued(payees[index]) != 0) escrow.withdraw(payees[index]);
        }
    }

    // Books

    function _pushRow(address account, address to, uint256 signerKey, uint96 cumulative) private {
        address signer = addressOf[signerKey];
        uint32 generation = escrow.channel(account, to, signer).generation;
        bytes32 id = _generationId(account, to, signer, generation);
        if (cumulative > highestSigned[id]) highestSigned[id] = cumulative;
        lastRows.push(voucher(signerKey, account, to, generation, cumulative));
    }

    function _bookPayments(GpuEscrow.ChannelView[] memory before) private {
        GpuEscrow.ChannelKey[] memory keys = channelKeys();
        GpuEscrow.ChannelView[] memory later = escrow.channels(keys);
        for (uint256 index = 0; index < keys.length; ++index) {
            require(later[index].claimed >= before[index].claimed, "claimed fell");
            require(later[index].reserved == before[index].reserved, "settling changed what is reserved");
            require(later[index].closeAt == before[index].closeAt, "settling changed a close");
            bytes32 id =
                _generationId(keys[index].tenant, keys[index].provider, keys[index].signer, later[index].generation);
            paidIn[id] += later[index].claimed - before[index].claimed;
            require(paidIn[id] <= highestSigned[id], "paid more than was signed");
        }
    }

    /// @dev A replay pays only what a top-up since then has made room for.
    function _afterReplayPaid() private {
        GpuEscrow.ChannelKey[] memory keys = channelKeys();
        GpuEscrow.ChannelView[] memory later = escrow.channels(keys);
        for (uint256 index = 0; index < keys.length; ++index) {
            bytes32 id =
                _generationId(keys[index].tenant, keys[index].provider, keys[index].signer, later[index].generation);
            require(later[index].claimed <= highestSigned[id], "a replay paid more than was signed");
            paidIn[id] = later[index].claimed;
        }
    }

    function _bookRefund(GpuEscrow.ChannelKey memory key) private {
        GpuEscrow.ChannelView memory channel = escrow.channel(key.tenant, key.provider, key.signer);
        bytes32 id = _id(key.tenant, key.provider, key.signer);
        if (!hasTenantsOwn[id]) refundedToDelegate[key.tenant][key.signer] += channel.reserved - channel.claimed;
        hasTenantsOwn[id] = false;
        closeAtSeen[id] = 0;
    }

    function _stateDigest() private view returns (bytes32) {
        (uint256 a, uint256 b, uint256 c, uint256 d) = escrow.totalsOf(tenants(), channelKeys(), providers());
        return keccak256(abi.encode(a, b, c, d, escrow.channels(channelKeys())));
    }

    function _parties(uint256 seed) private view returns (address account, address to, uint256 signerKey) {
        uint256 t = seed % PARTIES;
        account = tenantList[t];
        to = providerList[(seed >> 8) % PARTIES];
        signerKey = _signerKey(t, (seed >> 16) % (PARTIES + 1));
    }

    function _signerKey(uint256 t, uint256 s) private view returns (uint256) {
        return s == PARTIES ? tenantKeys[t] : delegateKeys[s];
    }

    function _id(address account, address to, address signer) private pure returns (bytes32) {
        return keccak256(abi.encode(account, to, signer));
    }

    function _generationId(address account, address to, address signer, uint256 generation)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(account, to, signer, generation));
    }

    function _derive(uint256 privateKey) private returns (address account) {
        account = vm.addr(privateKey);
        addressOf[privateKey] = account;
    }
}
