// Guarantee: what Lockstep promises of a trade whose execution stops half-way.
using System.Text.Json.Serialization;

namespace Lockstep.Model;

/// <summary>What holds when execution stops half-way, from strongest to weakest.</summary>
[JsonConverter(typeof(Lines.CodeConverter<Guarantee>))]
public enum Guarantee
{
    /// <summary>One transaction on one chain: the VM rolls everything back, but for gas.</summary>
    [JsonStringEnumMemberName("transaction")] Transaction,

    /// <summary>Legs on several chains behind one lock: all claimed or all unwound, the loss
    /// bounded by the bond, under stated assumptions.</summary>
    [JsonStringEnumMemberName("settled")] Settled,

    /// <summary>Both legs sent at once from own funds: one leg can fail.</summary>
    [JsonStringEnumMemberName("inventory")] Inventory,

    /// <summary>Legs one after the other over a bridge: a priced risk.</summary>
    [JsonStringEnumMemberName("bridged")] Bridged,
}
