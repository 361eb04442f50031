// ProgramCompiler: one transaction of a plan as the program that an executor contract runs.
using Lockstep.Crypto;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Execution.Compile;

/// <summary>A program and what it has to earn.</summary>
/// <param name="Bytes">The packed steps.</param>
/// <param name="ProfitAsset">What profit is counted in.</param>
/// <param name="MinProfit">The least of it: what the plan's own bounds leave.</param>
public sealed record CompiledProgram(byte[] Bytes, EvmAddress ProfitAsset, UInt256 MinProfit);

/// <summary>Compiles transactions of the phases <c>run</c> and <c>failed</c> that need no escrow.
/// </summary>
/// <remarks>
/// The contract pays pools itself, so approvals compile to nothing, and what is kept goes to its
/// owner at the end. A flash loan holds what stands between it and its repayment. An amount that
/// only running tells is the whole balance: so each asset may be on one wire at a time.
/// </remarks>
public sealed class ProgramCompiler
{
    private const string Weighted = "weighted";

    private readonly Deployment at;
    private readonly Dictionary<string, (AssetId Asset, UInt256 Least)> wires = [];
    private readonly Stack<(PlanCall Loan, ProgramBuilder Outer)> loans = [];
    private ProgramBuilder program = new();
    private AssetId profitAsset;
    private UInt256 gained;
    private UInt256 spent;

    private ProgramCompiler(Deployment at) => this.at = at;

    /// <summary>Compiles.</summary>
    /// <param name="transaction">Of a plan.</param>
    /// <param name="at">Its chain's contracts.</param>
    /// <param name="fault">Why it can't be; null where a program is given.</param>
    public static CompiledProgram? Compile(
        PlanTransactionLine transaction, Deployment at, out string? fault)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(at);
        if (transaction.Chain != at.Chain)
        {
            fault = $"{transaction.Id} is on {transaction.Chain}, the contracts on {at.Chain}";
            return null;
        }
        ProgramCompiler compiler = new(at);
        compiler.profitAsset = ProfitAsset(transaction);
        for (int i = 0; i < transaction.Calls.Length; i++)
        {
            fault = compiler.Take(transaction.Calls[i]);
            if (fault is null) continue;
            fault = $"{transaction.Id}, call {i + 1} ({transaction.Calls[i].Op}): {fault}";
            return null;
        }
        fault = compiler.loans.Count > 0 ? $"{transaction.Id}: a flash loan is not repaid"
            : compiler.gained < compiler.spent
                ? $"{transaction.Id}: its own bounds allow a loss of "
                    + $"{compiler.spent - compiler.gained} base units of {compiler.profitAsset}"
                : null;
        return fault is not null ? null : new CompiledProgram(
            compiler.program.ToArray(), Address(compiler.profitAsset),
            compiler.gained - compiler.spent);
    }

    /// <summary>A loan's asset where there is one, else what the last swap brings: own funds of
    /// another asset are bounded by the swaps' minima.</summary>
    private static AssetId ProfitAsset(PlanTransactionLine transaction)
    {
        PlanCall? loan = transaction.Calls.FirstOrDefault(call => call.Op == "flash");
        if (loan is not null) return loan.Asset;
        PlanCall? swap = transaction.Calls.LastOrDefault(call => call.Op == "swap");
        return swap?.AssetOut ?? transaction.Calls[0].Asset;
    }

    private string? Take(PlanCall call) => call.Op switch
    {
        "approve" => null,
        "take" => Pull(call),
        "flash" => Borrow(call),
        "swap" => Swap(call),
        "repay" => Repay(call),
        "transfer" => Pay(call),
        _ => "an executor contract does not do this",
    };

    private string? Pull(PlanCall call)
    {
        if (call.Contract is not { } from || Address(from) != at.Owner)
            return $"own funds are with {at.Owner}, the executor's owner, not {call.Contract}";
        if (!Known(call.Amount, out UInt256 units)) return $"{call.Amount} is not a number";
        // The contract counts what it pulls off the profit, so here it is neither gain nor loss.
        program.Pull(Address(call.Asset), units);
        return null;
    }

    private string? Borrow(PlanCall call)
    {
        if (call.Contract is null) return "the lender's contract is not known";
        if (!Known(call.Amount, out UInt256 principal)) return $"{call.Amount} is not a number";
        if (call.Asset == profitAsset) gained += principal;
        loans.Push((call, program));
        program = new ProgramBuilder();
        return null;
    }

    private string? Repay(PlanCall call)
    {
        if (!loans.TryPop(out (PlanCall Loan, ProgramBuilder Outer) open)
            || open.Loan.Contract != call.Contract || open.Loan.Asset != call.Asset)
            return "it repays another loan than the one that was taken last";
        Known(open.Loan.Amount, out UInt256 principal);
        UInt256 fee = call.Fee ?? UInt256.Zero;
        if (!Known(call.Amount, out UInt256 paid) || paid != principal + fee)
            return $"it repays {call.Amount}, owed are {principal + fee}";
        EvmAddress lender = Address(call.Contract!.Value);
        if (Kind(open.Loan, lender) is not { } kind)
            return $"what kind of lender {lender} is, the configuration does not say";
        if (call.Asset == profitAsset) spent += paid;
        open.Outer.Flash(
            kind, lender, Address(call.Asset), principal, open.Loan.FeePips ?? 0,
            program.ToArray());
        program = open.Outer;
        return null;
    }

    private string? Swap(PlanCall call)
    {
        if (call.Contract is not { } pool) return "the pool's contract is not known";
        if (call.AssetOut is not { } assetOut) return "what comes out is not said";
        if (call.MinOut is not { } least) return "it has no minimum";
        VaultPool? weighted = null;
        if (call.Family == Weighted && !at.VaultPools.TryGetValue(Address(pool), out weighted))
            return $"which vault and id weighted pool {pool} has, the configuration does not say";
        if (weighted is null && Kind(call.Family) is null)
            return $"no contract of ours swaps in a {call.Family ?? "pool of no family"}";
        StepAmount amount = StepAmount.All;
        if (Known(call.Amount, out UInt256 units)) amount = StepAmount.Exactly(units);
        else if (!wires.Remove(call.Amount, out var wireIn))
            return $"{call.Amount} is no amount that a call before it brings whole";
        else units = wireIn.Least;
        if (call.Asset == profitAsset) spent += units;
        if (call.AmountOut is { } wire)
        {
            if (wires.Values.Any(other => other.Asset == assetOut))
                return $"two wires of {assetOut} at a time";
            wires[wire] = (assetOut, least);
        }
        if (weighted is not null)
            program.BalancerSwap(
                weighted.Vault, weighted.Id, Address(call.Asset), Address(assetOut), amount, least);
        else
            program.Swap(
                new Venue(Kind(call.Family)!.Value, call.FeePips ?? 0, Address(pool)),
                Address(call.Asset), Address(assetOut), amount, least);
        if (assetOut == profitAsset) gained += least;
        return null;
    }

    private string? Pay(PlanCall call)
    {
        if (call.Contract is not { } to) return "whom it pays, is not known";
        // What is left goes to the owner anyway.
        if (Address(to) == at.Owner) return null;
        if (!Known(call.Amount, out UInt256 units)) return $"{call.Amount} is not a number";
        program.Pay(Address(call.Asset), Address(to), StepAmount.Exactly(units));
        if (call.Asset == profitAsset) spent += units;
        return null;
    }

    private LenderKind? Kind(PlanCall loan, EvmAddress lender) =>
        at.Lenders.TryGetValue(lender, out LenderKind kind) ? kind : loan.Family switch
        {
            "balancer" => LenderKind.BalancerV2,
            "aave" => LenderKind.AaveV3,
            "univ3" => LenderKind.UniswapV3,
            "univ2" => LenderKind.UniswapV2,
            _ => null,
        };

    private static VenueKind? Kind(string? family) => family switch
    {
        "constant-product" => VenueKind.UniswapV2,
        "concentrated" => VenueKind.UniswapV3,
        "solidly-volatile" or "solidly-stable" => VenueKind.Solidly,
        _ => null,
    };

    private static bool Known(string amount, out UInt256 units) =>
        UInt256.TryParse(amount, null, out units);

    private static EvmAddress Address(AssetId asset) => EvmAddress.Parse(asset.Reference);

    private static EvmAddress Address(AccountId account) => EvmAddress.Parse(account.Address);
}
