// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice A channel in one storage word, from the lowest bit:
/// `uint96 reserved | uint96 claimed | uint24 generation | uint40 closeAt`.
/// The topmost bit of `closeAt` is a flag instead: the tenant itself put money in during this generation.
/// @dev `claimed <= reserved` always. A word of zero is a channel that was never funded; it reads as
/// generation 1. A stored generation is never 0, so a used word is never zeroed and a slot is paid for once.
type ChannelWord is uint256;

using {
    reserved,
    claimed,
    generation,
    closeAt,
    hasTenantsOwn,
    isUnset,
    withReserved,
    withClaimed,
    withCloseAt,
    withTenantsOwn,
    nextGeneration
} for ChannelWord global;

uint256 constant MASK96 = type(uint96).max;
uint256 constant CLAIMED_SHIFT = 96;
uint256 constant GENERATION_SHIFT = 192;
uint256 constant CLOSE_AT_SHIFT = 216;
uint256 constant CLOSE_AT_MASK = (1 << 39) - 1;
uint256 constant TENANTS_OWN = 1 << 255;

/// @notice What was put into the channel in this generation, paid out or not.
function reserved(ChannelWord word) pure returns (uint256) {
    return ChannelWord.unwrap(word) & MASK96;
}

/// @notice What the provider was credited in this generation.
function claimed(ChannelWord word) pure returns (uint256) {
    return (ChannelWord.unwrap(word) >> CLAIMED_SHIFT) & MASK96;
}

/// @notice The running generation, from 1.
function generation(ChannelWord word) pure returns (uint256 value) {
    value = (ChannelWord.unwrap(word) >> GENERATION_SHIFT) & type(uint24).max;
    if (value == 0) value = 1;
}

/// @notice Unix seconds from which a requested close may be finalized; 0 while the channel is open.
function closeAt(ChannelWord word) pure returns (uint256) {
    return (ChannelWord.unwrap(word) >> CLOSE_AT_SHIFT) & CLOSE_AT_MASK;
}

/// @notice Whether the tenant itself, and not only its delegate, put money in during this generation.
function hasTenantsOwn(ChannelWord word) pure returns (bool) {
    return ChannelWord.unwrap(word) & TENANTS_OWN != 0;
}

/// @notice Whether the channel was never funded.
function isUnset(ChannelWord word) pure returns (bool) {
    return ChannelWord.unwrap(word) == 0;
}

/// @notice The word with another `reserved`; writes the generation out, so that it is never 0 in storage.
/// @dev The caller has checked that `value` fits 96 bits.
function withReserved(ChannelWord word, uint256 value) pure returns (ChannelWord) {
    uint256 rest = ChannelWord.unwrap(word) & ~MASK96 & ~(uint256(type(uint24).max) << GENERATION_SHIFT);
    return ChannelWord.wrap(rest | value | (generation(word) << GENERATION_SHIFT));
}

/// @notice The word with another `claimed`.
/// @dev The caller has checked that `value <= reserved`.
function withClaimed(ChannelWord word, uint256 value) pure returns (ChannelWord) {
    uint256 rest = ChannelWord.unwrap(word) & ~(MASK96 << CLAIMED_SHIFT);
    return ChannelWord.wrap(rest | (value << CLAIMED_SHIFT));
}

/// @notice The word with the time from which the close may be finalized.
/// @dev The caller has checked that `value` fits 39 bits and that none was set.
function withCloseAt(ChannelWord word, uint256 value) pure returns (ChannelWord) {
    return ChannelWord.wrap(ChannelWord.unwrap(word) | (value << CLOSE_AT_SHIFT));
}

/// @notice The word marked as holding the tenant's own money.
function withTenantsOwn(ChannelWord word) pure returns (ChannelWord) {
    return ChannelWord.wrap(ChannelWord.unwrap(word) | TENANTS_OWN);
}

/// @notice The empty, open channel of the next generation. The last generation stays what it is: it can
/// never be funded again, and a close must not be able to fail.
function nextGeneration(ChannelWord word) pure returns (ChannelWord) {
    uint256 current = generation(word);
    uint256 next = current == type(uint24).max ? current : current + 1;
    return ChannelWord.wrap(next << GENERATION_SHIFT);
}
