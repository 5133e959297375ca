// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title PlacementAnchor
/// @notice Where publishers put down, for good, Merkle roots over digests of their placement decisions.
/// Anybody may publish, under its own address only. Each publisher's batches form one hash chain: a batch names
/// the head that it follows, so that it can be anchored once, in one order, and none can be changed, left out or
/// put in between later. Leaves and proofs: contracts/ts/placementAnchor.ts.
/// @dev No owner, no upgrade, no money, no foreign call. One slot a publisher, so that a batch costs the same
/// however many came before; what the slot commits to is in the events.
contract PlacementAnchor {
    /// @notice A batch was anchored. `head` is `keccak256(abi.encode(previousHead, root, count, firstTime, lastTime))`.
    /// @param root Merkle root over the batch's leaves.
    /// @param count Number of leaves.
    /// @param firstTime When the earliest decision of the batch was made, unix seconds, as the publisher says.
    /// @param lastTime When the latest one was made.
    event Anchored(
        address indexed publisher,
        bytes32 indexed root,
        bytes32 indexed previousHead,
        bytes32 head,
        uint64 count,
        uint64 firstTime,
        uint64 lastTime
    );

    /// @notice The batch follows another head than the publisher's newest one.
    error WrongHead(bytes32 head);
    /// @notice A batch has at least one leaf, and its times are in order.
    error InvalidBatch();

    /// @notice Commits to all batches of a publisher, in order; zero before the first.
    mapping(address publisher => bytes32 head) public headOf;

    /// @notice Anchors the sender's next batch.
    /// @param previousHead The sender's newest head; zero for its first batch.
    /// @return head The new head.
    function anchor(bytes32 previousHead, bytes32 root, uint64 count, uint64 firstTime, uint64 lastTime)
        external
        returns (bytes32 head)
    {
        bytes32 current = headOf[msg.sender];
        if (current != previousHead) revert WrongHead(current);
        if (root == 0 || count == 0 || firstTime > lastTime) revert InvalidBatch();
        head = keccak256(abi.encode(previousHead, root, count, firstTime, lastTime));
        headOf[msg.sender] = head;
        emit Anchored(msg.sender, root, previousHead, head, count, firstTime, lastTime);
    }
}
