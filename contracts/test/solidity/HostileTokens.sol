// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {GpuEscrow} from "../../src/GpuEscrow.sol";

/// @notice Keeps one unit in a hundred of every transfer.
contract FeeOnTransferToken is ERC20("Fee", "FEE") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && to != address(0)) super._update(to, address(0xFEE), amount / 100);
    }
}

/// @notice Says false instead of reverting, and moves nothing.
contract FalseReturningToken is ERC20("False", "FALSE") {
    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return false;
    }
}

/// @notice Says true and moves nothing.
contract LyingToken is ERC20("Lie", "LIE") {
    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return true;
    }
}

/// @notice Refuses transfers to listed addresses, as stablecoins do.
contract BlocklistToken is ERC20("Block", "BLK") {
    mapping(address account => bool blocked) public isBlocked;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setBlocked(address account, bool blocked) external {
        isBlocked[account] = blocked;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!isBlocked[to], "blocked");
        super._update(from, to, amount);
    }
}

/// @notice Calls back while it transfers, as tokens with hooks do; the target is set by the test.
contract ReentrantToken is ERC20("Reenter", "RE") {
    address public target;
    bytes public data;
    bool public reenterFailed;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function arm(address newTarget, bytes calldata newData) external {
        target = newTarget;
        data = newData;
        reenterFailed = false;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        address armed = target;
        if (armed == address(0) || from == address(0)) return;
        target = address(0);
        (bool success,) = armed.call(data);
        reenterFailed = !success;
    }
}

/// @notice Moves nothing when it is armed, but deposits its own tokens meanwhile: the escrow sees the right
/// difference and would credit it twice.
contract ForwardingToken is ERC20("Forward", "FWD") {
    GpuEscrow public target;
    bool public reenterFailed;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function arm(GpuEscrow newTarget) external {
        target = newTarget;
        _approve(address(this), address(newTarget), type(uint256).max);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        GpuEscrow armed = target;
        if (address(armed) == address(0)) return super.transferFrom(from, to, amount);
        target = GpuEscrow(address(0));
        try armed.depositFor(from, amount) {}
        catch {
            reenterFailed = true;
        }
        return true;
    }
}
