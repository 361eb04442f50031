// AccountId: one account or contract on one chain, named by CAIP-10 (`eip155:8453:0x...`).
using System.Diagnostics.CodeAnalysis;

namespace Lockstep.Model;

/// <summary>An account or contract by its CAIP-10 name: <c>chain:address</c>.</summary>
/// <remarks>Grammar: https://chainagnostic.org/CAIPs/caip-10. Hex addresses are kept lower case so
/// that equal accounts have equal text. A pool's contract is a <see cref="PoolId"/>.</remarks>
public readonly record struct AccountId : IComparable<AccountId>
{
    private readonly PoolId contract;

    private AccountId(PoolId contract) => this.contract = contract;

    /// <summary>The chain the account lives on.</summary>
    public ChainId Chain => contract.Chain;

    /// <summary>The address alone.</summary>
    public string Address => contract.Address;

    /// <summary>Parses CAIP-10 text.</summary>
    /// <exception cref="FormatException">The text is not CAIP-10.</exception>
    public static AccountId Parse(string text) => TryParse(text, out AccountId account)
        ? account
        : throw new FormatException(
            $"'{text}' is not a CAIP-10 account such as eip155:8453:0x88a4");

    /// <summary>Parses CAIP-10 text; false when it is not CAIP-10.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out AccountId account)
    {
        bool ok = PoolId.TryParse(text, out PoolId contract);
        account = new AccountId(contract);
        return ok;
    }

    /// <inheritdoc/>
    public int CompareTo(AccountId other) => contract.CompareTo(other.contract);

    /// <summary>The CAIP-10 text.</summary>
    public override string ToString() => contract.ToString();
}
