// Borrower: takes a flash loan from Aave V3 or Balancer V2 and pays it back: a probe for tests.
// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

interface IERC20 {
    function approve(address spender, uint256 value) external returns (bool);
    function transfer(address to, uint256 value) external returns (bool);
}

interface IAavePool {
    function flashLoanSimple(
        address receiver,
        address asset,
        uint256 amount,
        bytes calldata params,
        uint16 referral
    ) external;
}

interface IVault {
    function flashLoan(
        address recipient,
        address[] calldata tokens,
        uint256[] calldata amounts,
        bytes calldata userData
    ) external;
}

contract Borrower {
    event Borrowed(address lender, address token, uint256 amount, uint256 fee);

    function fromAave(address pool, address token, uint256 amount) external {
        IAavePool(pool).flashLoanSimple(address(this), token, amount, "", 0);
    }

    function fromBalancer(address vault, address token, uint256 amount) external {
        address[] memory tokens = new address[](1);
        uint256[] memory amounts = new uint256[](1);
        (tokens[0], amounts[0]) = (token, amount);
        IVault(vault).flashLoan(address(this), tokens, amounts, "");
    }

    function executeOperation(
        address token,
        uint256 amount,
        uint256 fee,
        address,
        bytes calldata
    ) external returns (bool) {
        IERC20(token).approve(msg.sender, amount + fee);
        emit Borrowed(msg.sender, token, amount, fee);
        return true;
    }

    function receiveFlashLoan(
        address[] calldata tokens,
        uint256[] calldata amounts,
        uint256[] calldata fees,
        bytes calldata
    ) external {
        IERC20(tokens[0]).transfer(msg.sender, amounts[0] + fees[0]);
        emit Borrowed(msg.sender, tokens[0], amounts[0], fees[0]);
    }
}
