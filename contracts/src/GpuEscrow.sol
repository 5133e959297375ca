// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {ChannelWord} from "./ChannelWord.sol";

/// @title GpuEscrow
/// @notice Pays GPU providers from tenants' escrow by cumulative vouchers. One immutable instance holds one
/// token on one chain. A tenant's deposits form a pool; money moves from the pool into channels, one per
/// (tenant, provider, signer); a voucher by the channel's signer lets anyone credit the provider with
/// `min(cumulative, reserved) - claimed`. Nothing can be paused and nothing can be upgraded.
/// @dev At every moment: deposited = sum of free + sum of (reserved - claimed) + sum of accrued + withdrawn.
/// No total is stored; every movement is in the events, and `totalsOf` sums what the events name.
/// Settling, closing and withdrawing call no other contract than the token.
contract GpuEscrow is EIP712, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice Names a channel.
    struct ChannelKey {
        address tenant;
        address provider;
        address signer;
    }

    /// @notice A channel as views return it.
    struct ChannelView {
        uint96 reserved;
        uint96 claimed;
        uint24 generation;
        uint40 closeAt;
    }

    /// @notice One voucher to settle; `r` and `vs` are the EIP-2098 form of its 64-byte signature.
    struct SettleRow {
        address tenant;
        uint32 generation;
        uint96 cumulative;
        bytes32 r;
        bytes32 vs;
    }

    /// @notice A provider's consent to close a channel generation at once, until `validUntil` (Unix seconds).
    struct CloseConsent {
        address tenant;
        address provider;
        address signer;
        uint32 generation;
        uint96 finalCumulative;
        uint40 validUntil;
    }

    /// @notice What a tenant allows a delegate. `spent` counts what the delegate moved, less what came back
    /// from channels that held nothing else.
    struct Delegation {
        uint96 limit;
        uint128 spent;
        bool restricted;
    }

    /// @notice A provider's credit, kept with 1 unit more than is owed so that its slot is paid for once,
    /// and where to pay it; a payout of zero means the provider itself.
    struct Account {
        uint96 accruedAndMark;
        address payout;
    }

    /// @notice The fee in 1/10,000: `next` replaces `current` at `effectiveAt`.
    struct Fee {
        uint16 current;
        uint16 next;
        uint40 effectiveAt;
    }

    /*//////////////////////////////////////////////////////////////
                                 ERRORS
    //////////////////////////////////////////////////////////////*/

    /// @notice An address is zero or this contract where neither can be.
    error InvalidAddress();
    /// @notice The amount is zero.
    error ZeroAmount();
    /// @notice The token's address holds no code.
    error TokenWithoutCode();
    /// @notice The close window is outside its bounds.
    error InvalidCloseWindow(uint256 minimum, uint256 maximum);
    /// @notice The token moved another amount than was asked for; such a token can't be held exactly.
    error TransferMismatch(uint256 expected, uint256 received);
    /// @notice The escrow would hold more than its 96-bit amounts can count.
    error HoldsTooMuch();
    /// @notice The tenant's pool is short: deposit the difference.
    error InsufficientFree(uint256 free, uint256 needed);
    /// @notice The delegate's limit is reached: the tenant may raise it.
    error LimitExceeded(uint256 limit, uint256 spent, uint256 needed);
    /// @notice The delegate may fund only providers under its root; a proof was missing or wrong.
    error ProviderNotAllowed();
    /// @notice The channel is in another generation.
    error WrongGeneration(uint256 current);
    /// @notice The channel has used up its generations: use another signer.
    error ChannelRetired();
    /// @notice The channel was never funded.
    error UnknownChannel();
    /// @notice The channel is closing; it takes no money and no second request.
    error ChannelIsClosing(uint256 closeAt);
    /// @notice No close was requested.
    error ChannelIsOpen();
    /// @notice The close window has not passed.
    error CloseWindowRunning(uint256 closeAt);
    /// @notice Only the channel's tenant or signer may do this.
    error NotTenantOrSigner();
    /// @notice The consent was not signed by the channel's provider.
    error InvalidConsent();
    /// @notice The consent was valid until an earlier time.
    error ConsentExpired(uint256 validUntil);
    /// @notice The provider consented to close after more was claimed: settle its last voucher first.
    error ConsentUnpaid(uint256 claimed, uint256 finalCumulative);
    /// @notice The provider has no credit.
    error NothingToWithdraw();
    /// @notice Only the treasury may do this.
    error NotTreasury();
    /// @notice The fee is above the maximum.
    error FeeTooHigh(uint256 maximum);

    /*//////////////////////////////////////////////////////////////
                                 EVENTS
    //////////////////////////////////////////////////////////////*/

    /// @notice `payer` added `amount` to the tenant's pool.
    event Deposited(address indexed tenant, address indexed payer, uint256 amount);
    /// @notice The tenant took `amount` out of its pool.
    event TenantWithdrawn(address indexed tenant, address indexed to, uint256 amount);
    /// @notice The tenant set what the delegate may move; `spent` is unchanged by it.
    event Authorized(
        address indexed tenant, address indexed delegate, uint256 limit, uint256 spent, bytes32 providersRoot
    );
    /// @notice `amount` moved from the tenant's pool into the channel.
    event Funded(
        address indexed tenant, address indexed provider, address indexed signer, uint256 generation, uint256 amount
    );
    /// @notice `amount` came from the tenant straight into the channel, as if deposited and funded.
    event FundedDirectly(
        address indexed tenant, address indexed provider, address indexed signer, uint256 generation, uint256 amount
    );
    /// @notice A voucher moved `paid` from the channel to the provider's credit.
    event Settled(address indexed tenant, address indexed provider, address signer, uint256 generation, uint256 paid);
    /// @notice Row `index` of a batch for `provider` paid nothing; see the SKIPPED_ constants for `code`.
    event RowSkipped(address indexed provider, uint256 index, uint256 code);
    /// @notice A close was requested; anyone may finalize it from `closeAt` on.
    event CloseRequested(
        address indexed tenant, address indexed provider, address indexed signer, uint256 generation, uint256 closeAt
    );
    /// @notice The generation ended; `refund` went back to the tenant's pool.
    event ChannelClosed(
        address indexed tenant, address indexed provider, address indexed signer, uint256 generation, uint256 refund
    );
    /// @notice The provider's credit goes to `payout` from now on.
    event PayoutChanged(address indexed provider, address indexed payout);
    /// @notice `amount` of the provider's credit went to `payout`, and `fee` to the treasury's credit.
    event ProviderWithdrawn(address indexed provider, address indexed payout, uint256 amount, uint256 fee);
    /// @notice The fee becomes `feeBps` at `effectiveAt`.
    event FeeChanged(uint256 feeBps, uint256 effectiveAt);

    /*//////////////////////////////////////////////////////////////
                                CONSTANTS
    //////////////////////////////////////////////////////////////*/

    /// @notice EIP-712 type hash of a voucher, signed by the channel's signer.
    bytes32 public constant VOUCHER_TYPEHASH =
        keccak256("Voucher(address tenant,address provider,uint32 generation,uint96 cumulative)");
    /// @notice EIP-712 type hash of a provider's consent to an immediate close.
    bytes32 public constant CLOSE_CONSENT_TYPEHASH = keccak256(
        "CloseConsent(address tenant,address provider,address signer,uint32 generation,uint96 finalCumulative,uint40 validUntil)"
    );
    /// @notice The shortest close window that an instance may be deployed with, in seconds.
    uint256 public constant MIN_CLOSE_WINDOW = 1 hours;
    /// @notice The longest one.
    uint256 public constant MAX_CLOSE_WINDOW = 7 days;
    /// @notice The highest fee, in 1/10,000.
    uint256 public constant MAX_FEE_BPS = 300;

    /// @notice The signature recovers to no address.
    uint256 public constant SKIPPED_INVALID_SIGNATURE = 1;
    /// @notice No channel of this tenant and provider was ever funded for the recovered signer.
    uint256 public constant SKIPPED_UNKNOWN_CHANNEL = 2;
    /// @notice The voucher belongs to another generation.
    uint256 public constant SKIPPED_WRONG_GENERATION = 3;
    /// @notice As much or more was claimed before.
    uint256 public constant SKIPPED_ALREADY_CLAIMED = 4;
    /// @notice All that is reserved was claimed; the voucher can be settled after a top-up.
    uint256 public constant SKIPPED_RESERVE_EXHAUSTED = 5;

    /*//////////////////////////////////////////////////////////////
                                 STORAGE
    //////////////////////////////////////////////////////////////*/

    /// @notice The only token held.
    IERC20 public immutable token;
    /// @notice Receives fees as a credit and sets the fee within its bounds; has no other right.
    address public immutable treasury;
    /// @notice Seconds between a close request and the refund.
    uint256 public immutable closeWindow;

    /// @notice The tenant's pool: deposited, refunded, and in no channel.
    mapping(address tenant => uint256 amount) public free;
    mapping(bytes32 key => ChannelWord word) private _channels;
    mapping(address tenant => mapping(address delegate => Delegation)) private _delegations;
    mapping(address tenant => mapping(address delegate => bytes32 root)) private _providersRoots;
    mapping(address provider => Account) private _accounts;
    Fee private _fee;

    /// @param token_ A plain ERC-20: exact transfers, no rebasing.
    /// @param treasury_ Receives fees and sets the fee.
    /// @param closeWindow_ Seconds, from MIN_CLOSE_WINDOW to MAX_CLOSE_WINDOW.
    constructor(IERC20 token_, address treasury_, uint256 closeWindow_) EIP712("GpuEscrow", "1") {
        if (treasury_ == address(0) || treasury_ == address(this)) revert InvalidAddress();
        if (address(token_).code.length == 0) revert TokenWithoutCode();
        if (closeWindow_ < MIN_CLOSE_WINDOW || closeWindow_ > MAX_CLOSE_WINDOW) {
            revert InvalidCloseWindow(MIN_CLOSE_WINDOW, MAX_CLOSE_WINDOW);
        }
        token = token_;
        treasury = treasury_;
        closeWindow = closeWindow_;
    }

    /*//////////////////////////////////////////////////////////////
                               TENANT POOL
    //////////////////////////////////////////////////////////////*/

    /// @notice Adds the caller's tokens to its own pool; needs the token's approval first.
    function deposit(uint256 amount) external {
        depositFor(msg.sender, amount);
    }

    /// @notice Adds the caller's tokens to another tenant's pool. They are the tenant's from then on.
    function depositFor(address tenant, uint256 amount) public nonReentrant {
        _requireAddress(tenant);
        _pull(amount);
        emit Deposited(tenant, msg.sender, amount);
        free[tenant] += amount;
    }

    /// @notice Takes `amount` out of the caller's pool. Money in channels comes back by closing them.
    function withdrawFree(uint256 amount, address to) external {
        _requireAddress(to);
        if (amount == 0) revert ZeroAmount();
        _takeFree(msg.sender, amount);
        emit TenantWithdrawn(msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    /// @notice Lets `delegate` move up to `limit` in all from the caller's pool into the delegate's own
    /// channels; 0 revokes. What it has spent still counts; its list of providers stays.
    function authorize(address delegate, uint96 limit) external {
        _authorize(delegate, limit, _providersRoots[msg.sender][delegate]);
    }

    /// @notice The same, and limits whom the delegate may fund to the leaves of `providersRoot`; zero for
    /// any provider. A leaf is `keccak256(0x00 || bytes32(provider))`, pairs are sorted.
    function authorize(address delegate, uint96 limit, bytes32 providersRoot) external {
        _authorize(delegate, limit, providersRoot);
    }

    /*//////////////////////////////////////////////////////////////
                             FUNDING CHANNELS
    //////////////////////////////////////////////////////////////*/

    /// @notice Raises the caller's channel to `targetReserved` from its pool; nothing happens when it is there.
    /// A target instead of an amount makes a repeated transaction harmless.
    function fund(address provider, address signer, uint32 generation, uint96 targetReserved) external {
        (bytes32 key, ChannelWord word) = _openChannel(msg.sender, provider, signer, generation);
        uint256 reserved = word.reserved();
        if (targetReserved <= reserved) return;
        uint256 added;
        unchecked {
            added = targetReserved - reserved;
        }
        _takeFree(msg.sender, added);
        _channels[key] = word.withReserved(targetReserved).withTenantsOwn();
        emit Funded(msg.sender, provider, signer, generation, added);
    }

    /// @notice Puts the caller's tokens straight into its channel; `amount` is added to what is reserved.
    function depositAndFund(address provider, address signer, uint32 generation, uint256 amount) external nonReentrant {
        _pull(amount);
        (bytes32 key, ChannelWord word) = _openChannel(msg.sender, provider, signer, generation);
        uint256 target = word.reserved() + amount;
        if (target > type(uint96).max) revert HoldsTooMuch();
        _channels[key] = word.withReserved(target).withTenantsOwn();
        emit FundedDirectly(msg.sender, provider, signer, generation, amount);
    }

    /// @notice As the tenant's delegate: raises the channel (tenant, provider, caller) to `targetReserved`
    /// from the tenant's pool, within the limit. Nothing happens when it is there; reverts in another
    /// generation and while the channel is closing.
    function fundTo(address tenant, address provider, uint32 generation, uint96 targetReserved) external {
        _fundTo(tenant, provider, generation, targetReserved, new bytes32[](0));
    }

    /// @notice The same for a delegate with a list of providers; `proof` leads from the provider to the root.
    function fundTo(
        address tenant,
        address provider,
        uint32 generation,
        uint96 targetReserved,
        bytes32[] calldata proof
    ) external {
        _fundTo(tenant, provider, generation, targetReserved, proof);
    }

    /*//////////////////////////////////////////////////////////////
                                SETTLING
    //////////////////////////////////////////////////////////////*/

    /// @notice Credits `provider` with what vouchers of any number of channels are worth. Anyone may call it.
    /// A row that pays nothing is skipped and reported, never reverted: one bad row can't hold up the others.
    /// Replaying a voucher pays nothing; after a top-up the same voucher pays the rest.
    /// @param provider The provider of every row's channel.
    /// @param rows Vouchers; keep to 1,000 so that the transaction stays within 16.7 million gas.
    /// @return paid What was credited.
    /// @return skipped How many rows paid nothing.
    function settle(address provider, SettleRow[] calldata rows) external returns (uint256 paid, uint256 skipped) {
        uint256 buffer = _prepareRecovery(provider);
        uint256 count = rows.length;
        unchecked {
            for (uint256 index = 0; index < count; ++index) {
                (uint256 delta, uint256 code) = _settleRow(buffer, provider, rows[index]);
                if (code == 0) {
                    paid += delta;
                } else {
                    ++skipped;
                    emit RowSkipped(provider, index, code);
                }
            }
        }
        if (paid != 0) _credit(provider, paid);
    }

    /*//////////////////////////////////////////////////////////////
                                 CLOSING
    //////////////////////////////////////////////////////////////*/

    /// @notice As tenant or signer: starts the close window. Vouchers still settle; no money can be added.
    function requestClose(address tenant, address provider, address signer, uint32 generation) external {
        if (msg.sender != tenant && msg.sender != signer) revert NotTenantOrSigner();
        bytes32 key = _key(tenant, provider, signer);
        ChannelWord word = _channels[key];
        if (word.isUnset()) revert UnknownChannel();
        _requireOpen(word, generation);
        uint256 closeAt;
        unchecked {
            closeAt = block.timestamp + closeWindow;
        }
        _channels[key] = word.withCloseAt(closeAt);
        emit CloseRequested(tenant, provider, signer, generation, closeAt);
    }

    /// @notice Ends a close whose window has passed; anyone may call it. The rest goes to the tenant's pool.
    function finalizeClose(address tenant, address provider, address signer) external {
        bytes32 key = _key(tenant, provider, signer);
        ChannelWord word = _channels[key];
        uint256 closeAt = word.closeAt();
        if (closeAt == 0) revert ChannelIsOpen();
        if (block.timestamp < closeAt) revert CloseWindowRunning(closeAt);
        _close(key, word, tenant, provider, signer);
    }

    /// @notice As the provider: closes at once and gives up what it has not claimed.
    function closeAsProvider(address tenant, address signer, uint32 generation) external {
        bytes32 key = _key(tenant, msg.sender, signer);
        ChannelWord word = _channels[key];
        if (word.isUnset()) revert UnknownChannel();
        _requireGeneration(word, generation);
        _close(key, word, tenant, msg.sender, signer);
    }

    /// @notice Closes at once with the provider's signed consent; anyone may bring it. It holds only when
    /// `finalCumulative`, or all that is reserved, has been claimed.
    function closeWithConsent(CloseConsent calldata consent, bytes32 r, bytes32 vs) external {
        bytes32 key = _key(consent.tenant, consent.provider, consent.signer);
        ChannelWord word = _channels[key];
        if (word.isUnset()) revert UnknownChannel();
        _requireGeneration(word, consent.generation);
        if (block.timestamp > consent.validUntil) revert ConsentExpired(consent.validUntil);
        uint256 reserved = word.reserved();
        uint256 due = consent.finalCumulative < reserved ? consent.finalCumulative : reserved;
        if (word.claimed() < due) revert ConsentUnpaid(word.claimed(), consent.finalCumulative);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(CLOSE_CONSENT_TYPEHASH, consent)));
        (address recovered, ECDSA.RecoverError failure,) = ECDSA.tryRecover(digest, r, vs);
        if (failure != ECDSA.RecoverError.NoError || recovered != consent.provider) revert InvalidConsent();
        _close(key, word, consent.tenant, consent.provider, consent.signer);
    }

    /*//////////////////////////////////////////////////////////////
                               WITHDRAWING
    //////////////////////////////////////////////////////////////*/

    /// @notice Names where the caller's credit is paid to: for a cold wallet, or when the token refuses the
    /// old address. Name the caller itself to undo it.
    function setPayout(address payout) external {
        _requireAddress(payout);
        _accounts[msg.sender].payout = payout;
        emit PayoutChanged(msg.sender, payout);
    }

    /// @notice Pays a provider's whole credit to its payout address; anyone may call it.
    /// @dev The fee becomes a credit of the treasury, so that no second transfer can fail on this path.
    function withdraw(address provider) external returns (uint256 amount) {
        Account storage account = _accounts[provider];
        uint256 stored = account.accruedAndMark;
        if (stored < 2) revert NothingToWithdraw();
        amount = stored - 1;
        account.accruedAndMark = 1;
        address payout = account.payout;
        if (payout == address(0)) payout = provider;
        uint256 fee;
        if (provider != treasury) {
            fee = amount * feeBps() / 10_000;
            if (fee != 0) {
                amount -= fee;
                _credit(treasury, fee);
            }
        }
        emit ProviderWithdrawn(provider, payout, amount, fee);
        token.safeTransfer(payout, amount);
    }

    /// @notice As the treasury: sets the fee. A lower fee holds at once; a higher one after the close window,
    /// so that every provider can settle and withdraw at the old fee first.
    function setFee(uint16 newFeeBps) external {
        if (msg.sender != treasury) revert NotTreasury();
        if (newFeeBps > MAX_FEE_BPS) revert FeeTooHigh(MAX_FEE_BPS);
        uint256 current = feeBps();
        uint256 effectiveAt = block.timestamp + (newFeeBps > current ? closeWindow : 0);
        _fee = Fee(uint16(current), newFeeBps, uint40(effectiveAt));
        emit FeeChanged(newFeeBps, effectiveAt);
    }

    /*//////////////////////////////////////////////////////////////
                                  VIEWS
    //////////////////////////////////////////////////////////////*/

    /// @notice One channel; one that was never funded is empty and in generation 1.
    function channel(address tenant, address provider, address signer) public view returns (ChannelView memory) {
        ChannelWord word = _channels[_key(tenant, provider, signer)];
        return
            ChannelView(
                uint96(word.reserved()), uint96(word.claimed()), uint24(word.generation()), uint40(word.closeAt())
            );
    }

    /// @notice Many channels at one block.
    function channels(ChannelKey[] calldata keys) external view returns (ChannelView[] memory result) {
        result = new ChannelView[](keys.length);
        for (uint256 index = 0; index < keys.length; ++index) {
            result[index] = channel(keys[index].tenant, keys[index].provider, keys[index].signer);
        }
    }

    /// @notice What the delegate may move in all, what counts against it, and its list of providers (zero: any).
    function delegateOf(address tenant, address delegate)
        external
        view
        returns (uint256 limit, uint256 spent, bytes32 providersRoot)
    {
        Delegation storage delegation = _delegations[tenant][delegate];
        return (delegation.limit, delegation.spent, _providersRoots[tenant][delegate]);
    }

    /// @notice What the provider can withdraw, before the fee.
    function accrued(address provider) public view returns (uint256) {
        uint256 stored = _accounts[provider].accruedAndMark;
        return stored == 0 ? 0 : stored - 1;
    }

    /// @notice Where the provider's credit is paid to.
    function payoutOf(address provider) external view returns (address) {
        address payout = _accounts[provider].payout;
        return payout == address(0) ? provider : payout;
    }

    /// @notice The fee on withdrawals now, in 1/10,000.
    function feeBps() public view returns (uint256) {
        Fee memory fee = _fee;
        return block.timestamp < fee.effectiveAt ? fee.current : fee.next;
    }

    /// @notice Sums the given tenants' pools, channels and providers' credits. With every party that the
    /// events name (and the treasury), the three sums are at most `held`, and equal without donations.
    function totalsOf(address[] calldata tenants, ChannelKey[] calldata keys, address[] calldata providers)
        external
        view
        returns (uint256 freeTotal, uint256 inChannels, uint256 accruedTotal, uint256 held)
    {
        for (uint256 index = 0; index < tenants.length; ++index) {
            freeTotal += free[tenants[index]];
        }
        for (uint256 index = 0; index < keys.length; ++index) {
            ChannelWord word = _channels[_key(keys[index].tenant, keys[index].provider, keys[index].signer)];
            inChannels += word.reserved() - word.claimed();
        }
        for (uint256 index = 0; index < providers.length; ++index) {
            accruedTotal += accrued(providers[index]);
        }
        held = token.balanceOf(address(this));
    }

    /*//////////////////////////////////////////////////////////////
                                INTERNALS
    //////////////////////////////////////////////////////////////*/

    function _requireAddress(address account) private view {
        if (account == address(0) || account == address(this)) revert InvalidAddress();
    }

    function _requireGeneration(ChannelWord word, uint256 generation) private pure {
        if (word.generation() != generation) revert WrongGeneration(word.generation());
    }

    function _requireOpen(ChannelWord word, uint256 generation) private pure {
        _requireGeneration(word, generation);
        if (word.closeAt() != 0) revert ChannelIsClosing(word.closeAt());
    }

    /// @dev keccak256(abi.encode(tenant, provider, signer))
    function _key(address tenant, address provider, address signer) private pure returns (bytes32 key) {
        assembly ("memory-safe") {
            let scratch := mload(0x40)
            mstore(scratch, tenant)
            mstore(add(scratch, 0x20), provider)
            mstore(add(scratch, 0x40), signer)
            key := keccak256(scratch, 0x60)
        }
    }

    /// @dev Takes tokens from the caller and insists on the exact amount: what a fee-on-transfer token keeps
    /// back would be missing for somebody else later. The bound keeps every sum within 96 bits.
    function _pull(uint256 amount) private {
        if (amount == 0) revert ZeroAmount();
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 held = token.balanceOf(address(this));
        if (held < before || held - before != amount) {
            revert TransferMismatch(amount, held < before ? 0 : held - before);
        }
        if (held >= type(uint96).max) revert HoldsTooMuch();
    }

    function _takeFree(address tenant, uint256 amount) private {
        uint256 available = free[tenant];
        if (available < amount) revert InsufficientFree(available, amount);
        unchecked {
            free[tenant] = available - amount;
        }
    }

    /// @dev Reads a channel that may be funded now.
    function _openChannel(address tenant, address provider, address signer, uint256 generation)
        private
        view
        returns (bytes32 key, ChannelWord word)
    {
        if (provider == address(0) || signer == address(0)) revert InvalidAddress();
        key = _key(tenant, provider, signer);
        word = _channels[key];
        _requireOpen(word, generation);
        if (generation == type(uint24).max) revert ChannelRetired();
    }

    function _authorize(address delegate, uint96 limit, bytes32 providersRoot) private {
        _requireAddress(delegate);
        Delegation storage delegation = _delegations[msg.sender][delegate];
        delegation.limit = limit;
        delegation.restricted = providersRoot != bytes32(0);
        _providersRoots[msg.sender][delegate] = providersRoot;
        emit Authorized(msg.sender, delegate, limit, delegation.spent, providersRoot);
    }

    function _fundTo(
        address tenant,
        address provider,
        uint256 generation,
        uint256 targetReserved,
        bytes32[] memory proof
    ) private {
        (bytes32 key, ChannelWord word) = _openChannel(tenant, provider, msg.sender, generation);
        if (targetReserved <= word.reserved()) return;
        uint256 added = targetReserved - word.reserved();
        Delegation memory delegation = _delegations[tenant][msg.sender];
        if (delegation.restricted) {
            bytes32 leaf = keccak256(abi.encodePacked(bytes1(0), bytes32(uint256(uint160(provider)))));
            if (!MerkleProof.verify(proof, _providersRoots[tenant][msg.sender], leaf)) revert ProviderNotAllowed();
        }
        uint256 spent = delegation.spent + added;
        if (spent > delegation.limit) revert LimitExceeded(delegation.limit, delegation.spent, added);
        _delegations[tenant][msg.sender].spent = uint128(spent);
        _takeFree(tenant, added);
        _channels[key] = word.withReserved(targetReserved);
        emit Funded(tenant, provider, msg.sender, generation, added);
    }

    /// @dev Moves what one voucher is worth from `reserved` to `claimed`, or says why it is worth nothing.
    /// No sum here can overflow: claimed < covered <= reserved, and deposits bound the sum of all reserves.
    function _settleRow(uint256 buffer, address provider, SettleRow calldata row)
        private
        returns (uint256 delta, uint256 code)
    {
        (address signer, bytes32 key) = _recoverVoucher(buffer, row);
        if (signer == address(0)) return (0, SKIPPED_INVALID_SIGNATURE);
        ChannelWord word = _channels[key];
        if (word.isUnset()) return (0, SKIPPED_UNKNOWN_CHANNEL);
        (address tenant, uint256 generation, uint256 cumulative) = _voucherOf(buffer);
        if (word.generation() != generation) return (0, SKIPPED_WRONG_GENERATION);
        uint256 claimed = word.claimed();
        if (cumulative <= claimed) return (0, SKIPPED_ALREADY_CLAIMED);
        uint256 covered = word.reserved();
        if (covered == claimed) return (0, SKIPPED_RESERVE_EXHAUSTED);
        if (cumulative < covered) covered = cumulative;
        unchecked {
            delta = covered - claimed;
        }
        _channels[key] = word.withClaimed(covered);
        emit Settled(tenant, provider, signer, generation, delta);
    }

    /// @dev Ends the generation and refunds what is unclaimed to the tenant's pool. The refund gives a
    /// delegate's limit back only when all of the channel's money was the delegate's doing: if the tenant's
    /// own money counted, funding and closing by the tenant would let a delegate move more than its limit.
    function _close(bytes32 key, ChannelWord word, address tenant, address provider, address signer) private {
        uint256 refund;
        unchecked {
            refund = word.reserved() - word.claimed();
        }
        _channels[key] = word.nextGeneration();
        if (refund != 0) {
            unchecked {
                free[tenant] += refund;
            }
            if (!word.hasTenantsOwn()) {
                // All that was moved in was counted, so this can't fall below zero; if it could, a close must not fail.
                Delegation storage delegation = _delegations[tenant][signer];
                uint256 spent = delegation.spent;
                delegation.spent = uint128(spent > refund ? spent - refund : 0);
            }
        }
        emit ChannelClosed(tenant, provider, signer, word.generation(), refund);
    }

    /// @dev Adds to an account's credit, and the mark when it is the first.
    function _credit(address provider, uint256 amount) private {
        uint256 stored = _accounts[provider].accruedAndMark;
        // The sum of all credits is at most the tokens held, which deposits keep below type(uint96).max.
        unchecked {
            _accounts[provider].accruedAndMark = uint96((stored == 0 ? 1 : stored) + amount);
        }
    }

    /// @dev Lays out memory for `_recoverVoucher` once per batch. From `buffer`:
    /// 0x00 struct hash input: type hash, tenant, provider, generation, cumulative;
    /// 0xa0 digest input: 0x1901, domain separator, struct hash (66 bytes, right-aligned at 0xbe);
    /// 0x100 ecrecover input: digest, v, r, s; 0x180 channel key input: tenant, provider, signer.
    function _prepareRecovery(address provider) private view returns (uint256 buffer) {
        bytes32 separator = _domainSeparatorV4();
        bytes32 typeHash = VOUCHER_TYPEHASH;
        assembly ("memory-safe") {
            buffer := mload(0x40)
            mstore(0x40, add(buffer, 0x1e0))
            mstore(buffer, typeHash)
            mstore(add(buffer, 0x40), provider)
            mstore(add(buffer, 0xa0), 0x1901)
            mstore(add(buffer, 0xc0), separator)
            mstore(add(buffer, 0x1a0), provider)
        }
    }

    /// @dev Recovers a voucher's signer without allocating memory: this runs a thousand times per batch.
    /// Reads the row raw, so that bits beyond a member's type are cut off instead of reverting the batch.
    /// `s` has 255 bits; that no other signature of the same voucher can matter follows from `claimed`.
    /// @return signer Zero when the signature is invalid.
    /// @return key The channel's key.
    function _recoverVoucher(uint256 buffer, SettleRow calldata row)
        private
        view
        returns (address signer, bytes32 key)
    {
        assembly ("memory-safe") {
            let tenant := shr(96, shl(96, calldataload(row)))
            mstore(add(buffer, 0x20), tenant)
            mstore(add(buffer, 0x60), and(calldataload(add(row, 0x20)), 0xffffffff))
            mstore(add(buffer, 0x80), and(calldataload(add(row, 0x40)), 0xffffffffffffffffffffffff))
            mstore(add(buffer, 0xe0), keccak256(buffer, 0xa0))
            let vs := calldataload(add(row, 0x80))
            let request := add(buffer, 0x100)
            mstore(request, keccak256(add(buffer, 0xbe), 0x42))
            mstore(add(request, 0x20), add(27, shr(255, vs)))
            mstore(add(request, 0x40), calldataload(add(row, 0x60)))
            mstore(add(request, 0x60), shr(1, shl(1, vs)))
            // ecrecover gives no data for an invalid signature.
            pop(staticcall(gas(), 1, request, 0x80, 0x00, 0x20))
            signer := mul(mload(0x00), eq(returndatasize(), 0x20))
            mstore(add(buffer, 0x180), tenant)
            mstore(add(buffer, 0x1c0), signer)
            key := keccak256(add(buffer, 0x180), 0x60)
        }
    }

    /// @dev The members of the voucher that `_recoverVoucher` left in memory, cut to their types.
    function _voucherOf(uint256 buffer) private pure returns (address tenant, uint256 generation, uint256 cumulative) {
        assembly ("memory-safe") {
            tenant := mload(add(buffer, 0x20))
            generation := mload(add(buffer, 0x60))
            cumulative := mload(add(buffer, 0x80))
        }
    }
}
