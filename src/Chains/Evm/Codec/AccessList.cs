// AccessList: the accounts and storage slots a transaction announces (EIP-2930), in order.
using Lockstep.Crypto;

namespace Lockstep.Chains.Evm.Codec;

/// <summary>One account of an access list.</summary>
/// <param name="Address">The account, which is warm from the start.</param>
/// <param name="StorageKeys">Its slots that are warm from the start.</param>
public sealed record AccessListEntry(EvmAddress Address, params IReadOnlyList<Hash32> StorageKeys);

/// <summary>An access list in RLP: [[address, [key, ...]], ...].</summary>
/// <remarks>https://eips.ethereum.org/EIPS/eip-2930</remarks>
internal static class AccessList
{
    /// <summary>Writes the list.</summary>
    public static void Write(RlpWriter writer, IReadOnlyList<AccessListEntry> entries)
    {
        int list = writer.BeginList();
        foreach (AccessListEntry entry in entries)
        {
            int pair = writer.BeginList();
            writer.Address(entry.Address);
            int keys = writer.BeginList();
            foreach (Hash32 key in entry.StorageKeys) writer.Hash(key);
            writer.EndList(keys);
            writer.EndList(pair);
        }
        writer.EndList(list);
    }

    /// <summary>Reads the list.</summary>
    /// <exception cref="CodecException">It is none.</exception>
    public static IReadOnlyList<AccessListEntry> Read(ref RlpReader reader)
    {
        RlpReader list = reader.List();
        List<AccessListEntry> entries = [];
        while (!list.IsAtEnd)
        {
            RlpReader pair = list.List();
            EvmAddress address = pair.Address();
            RlpReader slots = pair.List();
            pair.RequireEnd();
            List<Hash32> keys = [];
            while (!slots.IsAtEnd) keys.Add(slots.Hash());
            entries.Add(new AccessListEntry(address, keys));
        }
        return entries;
    }
}
