// EscrowEvents: how a leg ended and who got what, from the escrow's own events; base units.
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Execution.Evm;

/// <summary>What the events of a leg say of its end.</summary>
/// <param name="Surplus">To the searcher, of assetOut: of a claim, or of a settling in kind what
/// the vault did not take.</param>
/// <param name="ToSearcher">To the searcher, of assetIn: bond, and what a sale brought above what
/// was owed.</param>
/// <param name="Rewards">To keepers, of assetIn, with who earned each.</param>
/// <param name="Shortfall">Of assetIn, what liquidity providers bear.</param>
public sealed record LegEnding(
    UInt256 Surplus, UInt256 ToSearcher, IReadOnlyList<(EvmAddress Keeper, UInt256 Amount)> Rewards,
    UInt256 Shortfall)
{
    /// <summary>What one account has more or less of than before the lock, rewards included.
    /// </summary>
    /// <param name="account">The account.</param>
    /// <param name="terms">The leg's terms.</param>
    /// <returns>Of assetIn and of assetOut.</returns>
    /// <exception cref="OverflowException">An amount is beyond 127 bits.</exception>
    public (Int128 In, Int128 Out) FlowsOf(EvmAddress account, EscrowLeg terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        Int128 flowIn = 0, flowOut = 0;
        if (account == terms.Searcher)
        {
            flowIn = Signed(ToSearcher) - Signed(terms.Bond);
            flowOut = Signed(Surplus);
        }
        foreach ((EvmAddress keeper, UInt256 amount) in Rewards)
            if (keeper == account) flowIn += Signed(amount);
        return (flowIn, flowOut);
    }

    private static Int128 Signed(in UInt256 amount) =>
        amount.U2 == 0 && amount.U3 == 0
            ? checked((Int128)new UInt128(amount.U1, amount.U0))
            : throw new OverflowException($"{amount} is no amount of a leg");
}

/// <summary>The events.</summary>
public static class EscrowEvents
{
    private const ulong InKind = 2;

    private static readonly AbiEvent Claimed = AbiEvent.Parse(
        "Claimed(bytes32 indexed legId,bytes32 indexed bundleId,address indexed keeper,"
        + "bytes32 preimage,uint256 due,uint256 surplus,uint256 reward)");

    private static readonly AbiEvent Unwinding = AbiEvent.Parse(
        "Unwinding(bytes32 indexed legId,bytes32 indexed bundleId,address indexed keeper,"
        + "bool expired,uint256 reward)");

    private static readonly AbiEvent Refunded = AbiEvent.Parse(
        "Refunded(bytes32 indexed legId,bytes32 indexed bundleId,address indexed closer,"
        + "uint8 path,uint256 paidIn,uint256 paidOut,uint256 fromBond,uint256 shortfall,"
        + "uint256 toSearcher,uint256 reward)");

    /// <summary>Asks for the events of one leg.</summary>
    /// <param name="escrow">The escrow.</param>
    /// <param name="legId">The leg.</param>
    /// <param name="from">The block of its lock.</param>
    /// <param name="to">The last block.</param>
    public static RpcCall Ask(EvmAddress escrow, in Hash32 legId, long from, long to) =>
        RpcCall.Of("eth_getLogs", (escrow, legId, from, to), static (writer, ask) =>
        {
            writer.WriteStartObject();
            writer.WriteString("fromBlock"u8, Hex.Quantity((ulong)ask.from));
            writer.WriteString("toBlock"u8, Hex.Quantity((ulong)ask.to));
            writer.WriteString("address"u8, ask.escrow.ToLowerHex());
            writer.WriteStartArray("topics"u8);
            writer.WriteStartArray();
            foreach (AbiEvent one in (ReadOnlySpan<AbiEvent>)[Claimed, Unwinding, Refunded])
                writer.WriteStringValue(one.Topic.ToString());
            writer.WriteEndArray();
            writer.WriteStringValue(ask.legId.ToString());
            writer.WriteEndArray();
            writer.WriteEndObject();
        });

    /// <summary>Reads the answer to <see cref="Ask"/>.</summary>
    /// <param name="answer">The logs.</param>
    /// <param name="terms">The leg's terms.</param>
    /// <param name="amountOut">What the lock's swap brought.</param>
    /// <returns>Null where the leg did not end in these blocks.</returns>
    /// <exception cref="CodecException">These are no events of an escrow.</exception>
    public static LegEnding? Read(JsonElement answer, EscrowLeg terms, in UInt256 amountOut)
    {
        ArgumentNullException.ThrowIfNull(terms);
        if (answer.ValueKind != JsonValueKind.Array) throw new CodecException(0, "no logs");
        List<(EvmAddress Keeper, UInt256 Amount)> rewards = [];
        LegEnding? end = null;
        foreach (JsonElement one in answer.EnumerateArray())
        {
            if (!EvmLog.TryRead(one, out EvmLog? log)) throw new CodecException(0, "no log");
            Hash32 topic = log.Topics.IsEmpty ? default : log.Topics[0];
            if (topic == Claimed.Topic)
            {
                AbiValue told = Claimed.Decode(log.Topics.AsSpan(), log.Data.Span);
                rewards.Add((told[2].AsAddress(), told[6].AsUInt256()));
                end = new LegEnding(
                    told[5].AsUInt256(), terms.Bond - told[6].AsUInt256(), rewards, default);
            }
            else if (topic == Unwinding.Topic)
            {
                AbiValue told = Unwinding.Decode(log.Topics.AsSpan(), log.Data.Span);
                rewards.Add((told[2].AsAddress(), told[4].AsUInt256()));
            }
            else if (topic == Refunded.Topic)
            {
                AbiValue told = Refunded.Decode(log.Topics.AsSpan(), log.Data.Span);
                rewards.Add((told[2].AsAddress(), told[9].AsUInt256()));
                UInt256 rest = told[3].AsUInt64() == InKind
                    ? amountOut - told[5].AsUInt256() : UInt256.Zero;
                end = new LegEnding(rest, told[8].AsUInt256(), rewards, told[7].AsUInt256());
            }
        }
        return end;
    }
}
