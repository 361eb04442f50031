// BundleCheck: what the type-checker found of a bundle: type, guarantee, assumptions, losses.
using System.Collections.Immutable;

namespace Lockstep.Model.Lines;

/// <summary>The <c>check</c> part of a checked bundle's line.</summary>
/// <param name="Guarantee">What the whole bundle promises.</param>
/// <param name="Scopes">The type of each transaction and leg, in order.</param>
/// <param name="Net">What the stated minimums leave, by asset name.</param>
/// <param name="Assumptions">What the guarantee rests on.</param>
/// <param name="Losses">The worst case, by party.</param>
public sealed record BundleCheck(
    Guarantee Guarantee,
    ImmutableArray<BundleScope> Scopes,
    ImmutableArray<BundleNet> Net,
    ImmutableArray<BundleAssumption> Assumptions,
    ImmutableArray<BundleLoss> Losses);

/// <summary>The type of one scope: inputs to outputs on one chain.</summary>
/// <param name="Path">Where it stands: <c>blocks[0].legs[1]</c>.</param>
/// <param name="Name">The leg's name, or <c>tx</c>.</param>
/// <param name="On">The chain's short name.</param>
/// <param name="Guarantee">What its block promises.</param>
/// <param name="Inputs">The wires it takes: own funds, loans of vaults, arrivals.</param>
/// <param name="Outputs">The wires it leaves: kept, paid, locked or sent on.</param>
public sealed record BundleScope(
    string Path,
    string Name,
    string On,
    Guarantee Guarantee,
    ImmutableArray<BundleWire> Inputs,
    ImmutableArray<BundleWire> Outputs);

/// <summary>A wire at the edge of a scope.</summary>
/// <param name="Wire">Its name.</param>
/// <param name="Asset">Its type, <c>USDC@base</c>.</param>
/// <param name="Via">What it comes from or goes to: <c>take</c>, <c>lend</c>, <c>bridge</c>,
/// <c>wire</c>, <c>keep</c>, <c>pay</c> or <c>escrow</c>.</param>
/// <param name="AtLeast">The least it holds, in tokens; left out when nothing says.</param>
public sealed record BundleWire(string Wire, string Asset, string Via, string? AtLeast = null);

/// <summary>What the stated minimums leave of an asset, over all chains.</summary>
/// <param name="Asset">The asset's name.</param>
/// <param name="AtLeast">In tokens, before gas; may be below zero. Left out when some end has no
/// minimum.</param>
public sealed record BundleNet(string Asset, string? AtLeast = null);

/// <summary>Something the guarantee rests on.</summary>
/// <param name="Code">A stable word.</param>
/// <param name="Words">What is assumed.</param>
/// <param name="Figures">How much of it.</param>
public sealed record BundleAssumption(
    string Code, string Words, ImmutableArray<BundleFigure> Figures);

/// <summary>A number of an assumption, with its unit in its name.</summary>
/// <param name="Name">What, such as <c>escapeSeconds</c>.</param>
/// <param name="Value">How much, decimal.</param>
public sealed record BundleFigure(string Name, string Value);

/// <summary>The most a party can lose while the assumptions hold.</summary>
/// <param name="Party">Who.</param>
/// <param name="Words">When, and why no more.</param>
/// <param name="Asset">In what; left out with <paramref name="AtMost"/>.</param>
/// <param name="AtMost">In tokens; left out when nothing bounds it.</param>
public sealed record BundleLoss(
    string Party, string Words, string? Asset = null, string? AtMost = null);
