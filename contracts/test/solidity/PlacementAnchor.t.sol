// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PlacementAnchor} from "../../src/PlacementAnchor.sol";
import {Harness} from "./Harness.sol";

contract PlacementAnchorTest is Harness {
    PlacementAnchor internal placements = new PlacementAnchor();
    address internal publisher = address(0xA11CE);
    address internal other = address(0xB0B);

    function batch(address from, bytes32 previous, bytes32 root) internal returns (bytes32) {
        vm.prank(from);
        return placements.anchor(previous, root, 2, 10, 20);
    }

    function test_anchor_movesTheHeadByTheWholeBatch() public {
        bytes32 head = batch(publisher, 0, "one");
        require(head == keccak256(abi.encode(bytes32(0), bytes32("one"), uint64(2), uint64(10), uint64(20))), "head");
        require(placements.headOf(publisher) == head, "stored");
        bytes32 next = batch(publisher, head, "two");
        require(next == keccak256(abi.encode(head, bytes32("two"), uint64(2), uint64(10), uint64(20))), "next");
    }

    function test_anchor_refusesARepetitionAndAnotherPast() public {
        bytes32 head = batch(publisher, 0, "one");
        vm.prank(publisher);
        vm.expectRevert(abi.encodeWithSelector(PlacementAnchor.WrongHead.selector, head));
        placements.anchor(0, "one", 2, 10, 20);
        vm.prank(publisher);
        vm.expectRevert(abi.encodeWithSelector(PlacementAnchor.WrongHead.selector, head));
        placements.anchor("forged", "two", 2, 10, 20);
    }

    function test_anchor_leavesOtherPublishersAlone() public {
        bytes32 head = batch(publisher, 0, "one");
        bytes32 others = batch(other, 0, "two");
        require(placements.headOf(publisher) == head, "another publisher moved it");
        vm.prank(other);
        vm.expectRevert(abi.encodeWithSelector(PlacementAnchor.WrongHead.selector, others));
        placements.anchor(head, "three", 1, 1, 1);
    }

    function test_anchor_refusesEmptyBatchesAndTimesThatRunBackwards() public {
        bytes4 invalid = PlacementAnchor.InvalidBatch.selector;
        vm.expectRevert(invalid);
        placements.anchor(0, 0, 1, 1, 1);
        vm.expectRevert(invalid);
        placements.anchor(0, "one", 0, 1, 1);
        vm.expectRevert(invalid);
        placements.anchor(0, "one", 1, 2, 1);
    }

    /// A head is never reached twice: whatever is anchored, the past stays in it.
    function testFuzz_anchor_neverReturnsToAHead(bytes32[4] memory roots, uint64 count, uint64 time) public {
        bytes32[5] memory heads;
        for (uint256 i = 0; i < roots.length; i++) {
            if (roots[i] == 0) roots[i] = bytes32(i + 1);
            vm.prank(publisher);
            heads[i + 1] = placements.anchor(heads[i], roots[i], count == 0 ? 1 : count, time, time);
            for (uint256 j = 0; j <= i; j++) {
                require(heads[j] != heads[i + 1], "a head came back");
            }
        }
    }
}
