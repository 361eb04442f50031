// WireBook: what each wire of a block holds at least, followed from step to step; base units.
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Writing;

/// <summary>Follows wires through a block. A part that is paid away is not subtracted: what is held
/// stays an estimate from above then, which is what a cost is for.</summary>
internal sealed class WireBook(Bundle bundle)
{
    private readonly Dictionary<string, HeldWire> wires = new(StringComparer.Ordinal);

    /// <summary>The chain's id, or null.</summary>
    public ChainId? Chain(Name name)
    {
        foreach (ChainDeclaration chain in bundle.Chains)
            if (chain.Name == name) return chain.Chain;
        return null;
    }

    /// <summary>What is under a name, or null.</summary>
    public HeldWire? Find(Name wire) =>
        wires.TryGetValue(wire.Text, out HeldWire held) ? held : null;

    /// <summary>Notes what a step makes; a bridge's result is noted by its chooser.</summary>
    public void Take(Statement step, Name on)
    {
        switch (step)
        {
            case TakeStatement { Amount: var amount } s: Hold(s.Result, on, amount); break;
            case LendStatement { Amount: var amount } s: Hold(s.Result, on, amount); break;
            case FlashStatement { Amount: var amount } s: Hold(s.Result, on, amount); break;
            case SwapStatement s: Hold(s.Result, s.To, on, s.Min); break;
        }
    }

    /// <summary>Notes what arrives on another chain under the same short name.</summary>
    public void Arrive(Name result, HeldWire left, Name on, UInt256? units)
    {
        wires.Remove(result.Text);
        if (Declared(new Name(left.Symbol), on) is not { } asset) return;
        if (asset.Decimals != left.Decimals) units = null;
        wires[result.Text] = new(asset.Asset, asset.Decimals, asset.Symbol.Text, units);
    }

    private void Hold(Name result, Name on, Amount amount) =>
        Hold(result, amount.Asset, on, amount.Quantity);

    private void Hold(Name result, AssetRef asset, Name on, Quantity? quantity)
    {
        wires.Remove(result.Text);
        if (Declared(asset.Symbol, asset.Chain ?? on) is not { } known) return;
        UInt256? units = quantity is not null
            && quantity.TryToBaseUnits(known.Decimals, out UInt256 exact) ? exact : null;
        wires[result.Text] = new(known.Asset, known.Decimals, known.Symbol.Text, units);
    }

    private AssetDeclaration? Declared(Name symbol, Name on)
    {
        foreach (AssetDeclaration asset in bundle.Assets)
            if (asset.Symbol == symbol && asset.On == on) return asset;
        return null;
    }
}
