// BundleCrossings: fills in each crossing of a bundle by least expected cost, and says why.
using System.Collections.Immutable;
using Lockstep.Bundles.Bridges;
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Writing;

/// <summary>Goes through a bundle once. Every <c>bridge</c> step gets a way across in place of
/// <c>auto</c>; a kind or way that it names itself is priced and stays; every block whose legs
/// settle without a bridge is held against the ways there are.</summary>
public sealed class BundleCrossings
{
    private const string Auto = "auto";

    private readonly Bundle bundle;
    private readonly CrossingSettings settings;
    private readonly BridgeKind? forcedKind;
    private readonly List<BundleCrossing> crossings = [];
    private WireBook wires;
    private string? refusal;

    private BundleCrossings(Bundle bundle, CrossingSettings settings)
    {
        (this.bundle, this.settings) = (bundle, settings);
        wires = new WireBook(bundle);
        if (settings.Policy.Forced is { } forced) forcedKind = KindOf(forced);
    }

    /// <summary>Chooses for a whole bundle.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="settings">What the choice rests on.</param>
    /// <param name="crossings">Every crossing met so far, the refused one last.</param>
    /// <param name="refusal">Why there is no answer, in one line; null when there is one.</param>
    /// <returns>The bundle with every crossing filled in; null when it is refused.</returns>
    public static Bundle? Choose(
        Bundle bundle,
        CrossingSettings settings,
        out ImmutableArray<BundleCrossing> crossings,
        out string? refusal)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(settings);
        BundleCrossings run = new(bundle, settings);
        run.CheckPolicy();
        SyntaxList<Block> blocks = run.Blocks(bundle.Blocks, "block ");
        crossings = [.. run.crossings];
        refusal = run.refusal;
        return refusal is null ? bundle with { Blocks = blocks } : null;
    }

    private void CheckPolicy()
    {
        string? unknown = settings.Policy.Forbidden.Append(settings.Policy.Forced ?? Auto)
            .FirstOrDefault(name => name != Auto && !settings.Table.Knows(name));
        if (unknown is not null)
            refusal = $"{CrossingReason.UnknownName.Code()}: the policy names '{unknown}'";
    }

    private BridgeKind? KindOf(string name) =>
        BridgeKinds.IsWord(name) ? BridgeKinds.Parse(name)
        : settings.Table.Candidates.FirstOrDefault(way => way.Id == name)?.Kind;

    private SyntaxList<Block> Blocks(SyntaxList<Block> blocks, string place)
    {
        List<Block> filled = [];
        foreach (Block block in blocks)
        {
            wires = new WireBook(bundle);
            string here = $"{place}{filled.Count + 1}";
            filled.Add(block switch
            {
                TransactionBlock tx => tx with { Body = Steps(tx.Body, tx.Chain, here) },
                InventoryBlock own =>
                    own with { Legs = Legs(own.Legs, here, BridgeKind.Inventory) },
                SettledBlock htlb => htlb with { Legs = Legs(htlb.Legs, here, BridgeKind.Htlb) },
                BridgedBlock bridged => bridged with { Legs = Legs(bridged.Legs, here, null) },
                ParallelBlock par => par with
                {
                    Branches =
                    [
                        .. par.Branches.Select((branch, n) => branch with
                        {
                            Blocks = Blocks(branch.Blocks, $"{here}, branch {n + 1}, "),
                        }),
                    ],
                },
                _ => block,
            });
        }
        return [.. filled];
    }

    private SyntaxList<Leg> Legs(SyntaxList<Leg> legs, string place, BridgeKind? settlement)
    {
        List<Leg> filled = [];
        List<HeldWire?> ends = [];
        foreach (Leg leg in legs)
        {
            filled.Add(leg with { Body = Steps(leg.Body, leg.Chain, $"{place}, leg {leg.Name}") });
            // Now, for the next leg may use the same names.
            ends.Add(End(leg));
        }
        if (settlement is { } kind)
            for (int i = 0; i < legs.Count; i++)
                Settle(legs[i], ends[i], legs[(i + 1) % legs.Count], place, kind);
        return [.. filled];
    }

    private SyntaxList<Statement> Steps(SyntaxList<Statement> body, Name on, string place)
    {
        List<Statement> filled = [];
        foreach (Statement step in body)
        {
            wires.Take(step, on);
            filled.Add(step switch
            {
                BridgeStatement bridge => Bridge(bridge, on, place),
                ParallelStatement par => par with
                {
                    Branches =
                    [
                        .. par.Branches.Select(branch =>
                            branch with { Body = Steps(branch.Body, on, place) }),
                    ],
                },
                _ => step,
            });
        }
        return [.. filled];
    }

    private BridgeStatement Bridge(BridgeStatement step, Name on, string place)
    {
        HeldWire? held = wires.Find(step.Input);
        string via = step.Via.Text;
        place = $"{place}, {step.Result} <- bridge {step.Input}";
        bool own = via != Auto && !settings.Table.Knows(via);
        CrossingChoice? choice = refusal is not null || own ? null
            : Ask(held, on, step.To, place, BridgePolicy(via), mustValue: true);
        if (held is { } left)
            wires.Arrive(step.Result, left, step.To, choice?.AmountArrivingFloor ?? left.Units);
        return choice?.Chosen is { } chosen && via == Auto
            ? step with { Via = new Name(Called(chosen, on)) { Span = step.Via.Span } }
            : step;
    }

    /// <summary>A way is called as the bundle declares its contract, by its name or its kind; where
    /// it declares none, by its name.</summary>
    private string Called(BridgeCandidate way, Name on)
    {
        string kind = way.Kind.Word();
        bool named = Declares(way.Id, on), ofKind = Declares(kind, on);
        return ofKind && !named ? kind : way.Id;
    }

    private bool Declares(string name, Name on) => bundle.Contracts.Any(contract =>
        contract.Role == ContractRole.Bridge && contract.Name.Text == name && contract.On == on);

    /// <summary>A bridge step moves what it has: settling without moving is no answer to it. What
    /// the bundle itself names stands before what the policy forces.</summary>
    private CrossingPolicy BridgePolicy(string via)
    {
        bool forcesBridge = forcedKind is not (null or BridgeKind.Htlb or BridgeKind.Inventory);
        return new(
            [
                .. settings.Policy.Forbidden,
                BridgeKind.Htlb.Word(),
                BridgeKind.Inventory.Word(),
            ],
            via != Auto ? via : forcesBridge ? settings.Policy.Forced : null);
    }

    /// <summary>What one leg ends with is what the next one starts with, on another chain: the
    /// block's form says how that is made good, and here what it costs beside the others.</summary>
    private void Settle(Leg leg, HeldWire? end, Leg next, string place, BridgeKind form)
    {
        if (leg.Chain == next.Chain || refusal is not null) return;
        place = $"{place}, leg {leg.Name} to leg {next.Name}";
        bool forcesForm = forcedKind is BridgeKind.Htlb or BridgeKind.Inventory;
        if (forcesForm && forcedKind != form)
        {
            refusal = $"{place}: the block is {form.Word()}, the policy forces "
                + settings.Policy.Forced;
            return;
        }
        string forced = forcesForm ? settings.Policy.Forced! : form.Word();
        Ask(end, leg.Chain, next.Chain, place, new(settings.Policy.Forbidden, forced), false);
    }

    /// <summary>What a leg ends with: what it keeps or locks last.</summary>
    private HeldWire? End(Leg leg)
    {
        Name? wire = null;
        foreach (Statement step in leg.Body)
            wire = step switch
            {
                KeepStatement keep => keep.Input,
                EscrowStatement escrow => escrow.Input,
                _ => wire,
            };
        return wire is null ? null : wires.Find(wire);
    }

    /// <summary>Asks for a way, keeps the answer, and refuses the bundle where there is none.
    /// </summary>
    private CrossingChoice? Ask(
        HeldWire? held, Name from, Name to, string place, CrossingPolicy policy, bool mustValue)
    {
        string? words = Value(held, from, to, out CrossingRequest? request);
        CrossingChoice? choice = request is null ? null
            : BridgeSelection.Select(request, settings.Table, policy);
        crossings.Add(new BundleCrossing(place, request, choice, words));
        bool unpriced = choice?.Refusal
            is CrossingReason.AssetNotPriced or CrossingReason.ValueOutOfRange;
        if (words is not null && mustValue) refusal = $"{place}: {words}";
        else if (choice?.Refusal is not null && (mustValue || !unpriced))
            refusal = $"{place}: {string.Join("; ", choice.Explain())}";
        return choice;
    }

    /// <summary>What has to cross and what it is worth, or why that is not known.</summary>
    private string? Value(HeldWire? held, Name from, Name to, out CrossingRequest? request)
    {
        request = null;
        if (held is not { } wire) return "nothing says what crosses here";
        if (wires.Chain(from) is not { } start || wires.Chain(to) is not { } end)
            return "a chain is not declared";
        if (wire.Units is not { } units)
            return $"nothing says how much {wire.Symbol} crosses: give its swap a min";
        if (!settings.Groups.TryGetValue(wire.Asset, out string? group))
            return $"{wire.Asset} is in no group, so what carries it is not known";
        if (!settings.PriceMicroUsd.TryGetValue(group, out ulong price))
            return $"no price of {group} is known: add it to the policy";
        bool fits = UInt256.TryMulDivCeiling(
            units, price, UInt256.Pow10(wire.Decimals), out UInt256 value)
            && value <= (UInt256)CrossingRequest.MaxValueMicroUsd;
        request = new CrossingRequest(
            group, start, end, units, fits ? (ulong)value : CrossingRequest.MaxValueMicroUsd + 1,
            settings.DeadlineSeconds, settings.CapitalLimitMicroUsd);
        return null;
    }
}
