// SyncRules: what consecutive reserves of a constant-product pool may do; the rest is no plain
// token.
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Detection.Book;

/// <summary>Laws between the reserves before and after one event.</summary>
/// <remarks>A swap moves the reserves apart and never lowers their product; adding or taking
/// liquidity moves them together. One reserve moving alone is a token changing the pool's balance
/// by itself (rebasing, or a donation: both make the next quote unsafe). On the recorded day of
/// 9,363 events no plain token breaks these laws.</remarks>
internal static class SyncRules
{
    /// <summary>The law that was broken, or <see cref="Reason.None"/>.</summary>
    public static Reason Check(
        ConstantProductMarket before, ConstantProductMarket after, out string detail)
    {
        int move0 = after.Reserve0.CompareTo(before.Reserve0);
        int move1 = after.Reserve1.CompareTo(before.Reserve1);
        detail = "";
        if ((move0 == 0) != (move1 == 0))
        {
            detail = $"reserve{(move0 == 0 ? 1 : 0)} moved alone";
            return Reason.Rebasing;
        }
        // Reserves fit 112 bits, so their products fit 224.
        bool apart = move0 * move1 < 0;
        UInt256 k = after.Reserve0 * after.Reserve1;
        if (!apart || k >= before.Reserve0 * before.Reserve1) return Reason.None;
        detail = "a swap lowered the product of the reserves";
        return Reason.InvariantBroken;
    }
}
