// Tokens: a plain ERC-20 and the hostile kinds that exist. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice Plain, mintable by anyone.
contract Token {
    mapping(address account => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;
    uint256 public totalSupply;

    function mint(address to, uint256 value) external {
        balanceOf[to] += value;
        totalSupply += value;
    }

    function approve(address spender, uint256 value) public virtual returns (bool) {
        allowance[msg.sender][spender] = value;
        return true;
    }

    function transfer(address to, uint256 value) public virtual returns (bool) {
        _move(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) public virtual returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed != type(uint256).max) allowance[from][msg.sender] = allowed - value;
        _move(from, to, value);
        return true;
    }

    function _move(address from, address to, uint256 value) internal virtual {
        balanceOf[from] -= value;
        balanceOf[to] += value;
    }
}

/// @notice Burns one percent of what moves, once it is switched on.
contract FeeToken is Token {
    bool public on = true;

    function setOn(bool on_) external {
        on = on_;
    }

    function _move(address from, address to, uint256 value) internal override {
        balanceOf[from] -= value;
        balanceOf[to] += on ? value - value / 100 : value;
    }
}

/// @notice Says false instead of reverting.
contract FalseToken is Token {
    function transfer(address to, uint256 value) public override returns (bool) {
        if (balanceOf[msg.sender] < value) return false;
        return super.transfer(to, value);
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        if (balanceOf[from] < value || allowance[from][msg.sender] < value) return false;
        return super.transferFrom(from, to, value);
    }
}

/// @notice Returns nothing to those on its list, and refuses to change an allowance that is not
/// zero (USDT). Others get the bool that the compiler wants to see.
contract SilentToken is Token {
    mapping(address account => bool) public silentTo;

    function setSilent(address account) external {
        silentTo[account] = true;
    }

    function approve(address spender, uint256 value) public override returns (bool) {
        require(value == 0 || allowance[msg.sender][spender] == 0, "reset first");
        return _answer(super.approve(spender, value));
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        return _answer(super.transfer(to, value));
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        return _answer(super.transferFrom(from, to, value));
    }

    function _answer(bool answer) private view returns (bool) {
        if (!silentTo[msg.sender]) return answer;
        assembly {
            return(0, 0)
        }
    }
}

/// @notice Refuses payments to listed accounts (USDC).
contract BlockingToken is Token {
    mapping(address account => bool) public blocked;

    function setBlocked(address account, bool on) external {
        blocked[account] = on;
    }

    function _move(address from, address to, uint256 value) internal override {
        require(!blocked[to], "blocked");
        super._move(from, to, value);
    }
}

/// @notice Calls whoever asked for it on every payment (ERC-777), with a payload of its choice.
contract HookToken is Token {
    mapping(address account => address) public hookOf;

    function setHook(address hook) external {
        hookOf[msg.sender] = hook;
    }

    function _move(address from, address to, uint256 value) internal override {
        super._move(from, to, value);
        address hook = hookOf[to];
        if (hook != address(0)) IHook(hook).onPayment(from, value);
    }
}

interface IHook {
    function onPayment(address from, uint256 value) external;
}

/// @notice Plain, and tells of each payment as ERC-20 says.
contract LoggedToken is Token {
    event Transfer(address indexed from, address indexed to, uint256 value);

    function _move(address from, address to, uint256 value) internal override {
        super._move(from, to, value);
        emit Transfer(from, to, value);
    }
}
