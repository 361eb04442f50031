// AccessListRule: lists accounts and slots in advance (EIP-2930) where that costs less gas.
using System.Collections.Immutable;
using Lockstep.Bundles.Algebra;

namespace Lockstep.Bundles.Gas.Rules;

/// <summary>Fills access lists. Side condition: an entry costs less than the first touch it saves,
/// the data fee of its bytes included: 100 gas are gained an entry, and on most rollups the bytes
/// cost more. The executor itself is never listed: it is warm as the target.</summary>
internal static class AccessListRule
{
    public static Plan Apply(Plan plan, GasModel model) => PlanRule.Each(plan, one =>
    {
        if (model.Table.Find(one.Chain) is not { } chain) return one;
        GasFork fork = chain.Fork;
        bool accountsPay = fork.ListAccount + GasModel.AccountBytes * chain.ListGasPerByte
            + fork.Warm < fork.ColdAccount;
        bool slotsPay = accountsPay && fork.ListSlot + GasModel.SlotBytes * chain.ListGasPerByte
            + fork.Warm < fork.ColdSlot;
        var accounts = ImmutableSortedSet.CreateRange(
            StringComparer.Ordinal, accountsPay ? one.Steps.SelectMany(GasModel.Accounts) : []);
        ImmutableSortedSet<Resource> slots =
            slotsPay ? [.. one.Steps.SelectMany(GasModel.Slots)] : [];
        return accounts.SetEquals(one.ListedAccounts) && slots.SetEquals(one.ListedSlots)
            ? one
            : one with { ListedAccounts = accounts, ListedSlots = slots };
    });
}
