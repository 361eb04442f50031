// Refusal: why two parts do not compose or a bundle does not close; a value, never an exception.
namespace Lockstep.Bundles.Algebra;

/// <summary>What is wrong, one code each.</summary>
public enum Fault
{
    /// <summary>The number of wires on the two sides of the cut differs.</summary>
    WireCount,

    /// <summary>The wires carry different assets, or the asset is on another chain.</summary>
    AssetMismatch,

    /// <summary>Both amounts are known and differ.</summary>
    AmountMismatch,

    /// <summary>An asset meets a debt.</summary>
    DebtMeetsAsset,

    /// <summary>The debts belong to different scopes.</summary>
    ScopeMismatch,

    /// <summary>A debt of a transaction would have to exist on another chain: the impossible
    /// cross-chain flash loan.</summary>
    TxDebtCrossesChain,

    /// <summary>A debt of a transaction would outlive it on its own chain.</summary>
    TxDebtLeavesTransaction,

    /// <summary>A transaction would have to stop, let another run, and go on.</summary>
    TransactionSplit,

    /// <summary>A wire or a resource of a local step is on another chain.</summary>
    ForeignChain,

    /// <summary>A crossing has no wire that arrives on another chain.</summary>
    NothingCrosses,

    /// <summary>A step other than a loan makes a debt.</summary>
    DebtMade,

    /// <summary>A step other than a repayment makes a debt vanish.</summary>
    DebtErased,

    /// <summary>What is lent is itself a debt.</summary>
    DebtLent,

    /// <summary>A repayment of less than the debt, or in other assets inside a
    /// transaction.</summary>
    Underpaid,

    /// <summary>A wire that nothing takes up.</summary>
    WireDropped,

    /// <summary>A wire that is taken up twice.</summary>
    WireDuplicated,

    /// <summary>A step takes a wire that does not exist, or that only comes later.</summary>
    WireUnknown,

    /// <summary>The two sides touch one resource and one of them writes it.</summary>
    FootprintsOverlap,

    /// <summary>The bundle ends with a debt that nobody repaid.</summary>
    DebtOpen,

    /// <summary>More steps or wires than a diagram may have.</summary>
    TooLarge,
}

/// <summary>A fault with its place and the way out, in one line.</summary>
public sealed record Refusal(Fault Fault, string Words)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Fault}: {Words}";
}

/// <summary>A value, or the reason why there is none.</summary>
public readonly struct Attempt<T>
    where T : notnull
{
    private readonly T? value;

    private Attempt(T? value, Refusal? refusal)
    {
        this.value = value;
        Refusal = refusal;
    }

    /// <summary>The reason, or null when there is a value.</summary>
    public Refusal? Refusal { get; }

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">It was refused; the message says why.
    /// </exception>
    public T Value => value is not null && Refusal is null
        ? value
        : throw new InvalidOperationException(Refusal?.ToString() ?? "nothing was attempted");

    /// <summary>Goes on with the value; a refusal stays what it is.</summary>
    public Attempt<TNext> Then<TNext>(Func<T, Attempt<TNext>> next)
        where TNext : notnull => Refusal is { } refusal ? refusal : next(Value);

    /// <summary>A success.</summary>
    public static implicit operator Attempt<T>(T value) => new(value, null);

    /// <summary>A refusal.</summary>
    public static implicit operator Attempt<T>(Refusal refusal) => new(default, refusal);

    /// <inheritdoc/>
    public override string ToString() => Refusal?.ToString() ?? value?.ToString() ?? "";
}
