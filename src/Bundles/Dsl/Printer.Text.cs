// Printer.Text: statements and quantities in their one canonical spelling; exact both ways.
using System.Text;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Dsl;

public sealed partial class Printer
{
    /// <summary>An amount: <c>250_000 USDC</c>.</summary>
    public static string Text(Amount amount)
    {
        ArgumentNullException.ThrowIfNull(amount);
        return $"{Text(amount.Quantity)} {amount.Asset}";
    }

    /// <summary>A quantity: <c>99.62</c>, <c>36_035_756_952 units</c>.</summary>
    public static string Text(Quantity quantity)
    {
        ArgumentNullException.ThrowIfNull(quantity);
        return Grouped(quantity.Value) + (quantity.IsBaseUnits ? " units" : "");
    }

    /// <summary>A share: <c>0.05%</c>.</summary>
    public static string Text(Percent percent)
    {
        ArgumentNullException.ThrowIfNull(percent);
        return Grouped(percent.Value) + "%";
    }

    private static string Text(Statement statement) => statement switch
    {
        TakeStatement s => $"{s.Result} <- take {Text(s.Amount)} from {s.From}",
        LendStatement s => $"{s.Result} <- lend {Text(s.Amount)} from {s.From}",
        FlashStatement s => $"{s.Result} <- flash {Text(s.Amount)} from {s.From}",
        SwapStatement s =>
            $"{s.Result} <- swap {s.Input} -> {s.To} via {Text(s.Via)}{Minimum(s.Min)}",
        BridgeStatement s =>
            $"{s.Result} <- bridge {s.Input} -> {s.To} via {s.Via}{Minimum(s.Min)}",
        EscrowStatement s => $"escrow {s.Input} backing debt({s.Debt}) ltv <= {Text(s.MaxLtv)}",
        RepayStatement s => $"repay {s.Debt} from {s.From}",
        KeepStatement s => $"keep {s.Input}{(s.To is null ? "" : $" to {s.To}")}",
        PayStatement { Amount: { } amount } s => $"pay {Text(amount)} from {s.Input} to {s.To}",
        PayStatement s => $"pay {(s.Input is null ? "surplus" : s.Input.Text)} to {s.To}",
        NovateStatement s => $"novate {s.Leg}",
        UnwindStatement s => $"unwind {s.Leg}{Minimum(s.Min)}",
        ShortfallStatement s => $"shortfall from {(s.From is null ? "bond" : s.From.Text)}",
        SwapBackStatement s =>
            $"swap back {s.Input} -> {s.To} via {Text(s.Via)}{Minimum(s.Min)}",
        HoldStatement s => $"hold {s.Input} <= {Text(s.Max)} for {s.Longest}",
        HedgeStatement s => $"hedge {s.Input} via {Text(s.Via)} loss <= {Text(s.MaxLoss)}",
        _ => throw new ArgumentException($"no spelling for {statement.GetType().Name}"),
    };

    private static string Minimum(Quantity? min) => min is null ? "" : $" min {Text(min)}";

    private static string Text(VenueRef via) =>
        via.FeeTier is { } fee ? $"{via.Name}({Text(fee)})" : via.Name.Text;

    /// <summary>Gas in thousands where that is whole: 900k.</summary>
    private static string GasUnits(ulong units) => units switch
    {
        > 0 when units % 1_000_000 == 0 => Grouped(ExactDecimal.Of(units / 1_000_000)) + "M",
        > 0 when units % 1000 == 0 => Grouped(ExactDecimal.Of(units / 1000)) + "k",
        _ => Grouped(ExactDecimal.Of(units)),
    };

    /// <summary>In gwei from 0.000001 gwei up, where the number allows it; else in wei.</summary>
    private static string GasPrice(UInt256 wei) =>
        wei >= (UInt256)1000ul
            ? $"{Grouped(ExactDecimal.Of(wei, 9))} gwei"
            : $"{Grouped(ExactDecimal.Of(wei))} wei";

    private static string Grouped(long count) => Grouped(ExactDecimal.Of((UInt256)(ulong)count));

    /// <summary>Digits before the point in threes from five on: 1_750 is 1750, 25_000 is 25_000.
    /// </summary>
    private static string Grouped(ExactDecimal value)
    {
        string plain = value.ToString();
        int point = plain.IndexOf('.', StringComparison.Ordinal);
        string whole = point < 0 ? plain : plain[..point];
        if (whole.Length < 5) return plain;
        StringBuilder grouped = new();
        foreach ((int index, char digit) in whole.Index())
        {
            if (index > 0 && (whole.Length - index) % 3 == 0) grouped.Append('_');
            grouped.Append(digit);
        }
        return grouped.Append(plain.AsSpan(whole.Length)).ToString();
    }
}
