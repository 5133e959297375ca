// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title TestToken
/// @notice A stand-in for a stablecoin on local chains: six decimals, and anyone may mint. Worth nothing anywhere.
contract TestToken is ERC20("Test USD", "tUSD") {
    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    /// @notice Creates `amount` for `to`; open to everyone.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}
