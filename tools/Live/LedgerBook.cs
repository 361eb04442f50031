// LedgerBook: the ledger of an evm.toml's journals as a page or as lines, held against the chains.
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Running;
using Lockstep.Model;
using Lockstep.Numerics;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;

namespace Lockstep.Tools.Live;

/// <summary>Prints and reconciles.</summary>
internal static class LedgerBook
{
    private static readonly AbiFunction BalanceOf =
        AbiFunction.Parse("balanceOf(address)(uint256)");

    /// <summary>Shows it.</summary>
    /// <param name="host">Where.</param>
    /// <param name="settings">Names the journals.</param>
    /// <param name="live">Whether balances are counted on chain, and differences named.</param>
    /// <param name="json">Lines of kind <c>posting</c> instead of a page; words go to stderr.
    /// </param>
    /// <returns>1 where an entry does not balance, or a chain has other balances.</returns>
    /// <exception cref="RefusedException">A journal is held by another process, or damaged.
    /// </exception>
    public static int Show(ToolHost host, EvmSettings settings, bool live, bool json)
    {
        Ledger ledger = Read(settings);
        bool clean = true;
        foreach (LedgerEntry entry in ledger.Entries)
        {
            if (!json)
                host.WriteLine($"{entry.Bundle}  {entry.What}  "
                    + DateTimeOffset.FromUnixTimeMilliseconds(entry.AtMs).ToString(
                        "yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            foreach (Posting one in entry.Postings)
                if (json) entry.WriteLine(one, null, host.Out);
                else host.WriteLine(Row(one.Account, one.Asset, one.Units));
            if (entry.IsBalanced) continue;
            clean = false;
            host.Say($"{entry.Bundle}: its {entry.What} does not balance");
        }
        if (!json)
        {
            host.WriteLine("balances");
            foreach (var one in ledger.Balances.Where(one => !one.Value.IsZero))
                host.WriteLine(Row(one.Key.Account, one.Key.Asset, one.Value));
        }
        if (live) clean &= ReconcileAsync(host, settings, ledger, json).GetAwaiter().GetResult();
        return clean ? ExitCode.Ok : ExitCode.Failed;
    }

    private static Ledger Read(EvmSettings settings)
    {
        List<SettlementJournal> journals = [];
        try
        {
            foreach (string file in OpenWork.Files(settings).Where(File.Exists))
                journals.Add(LiveDesks.OpenJournal(file, TimeProvider.System));
            return Ledger.Of(journals);
        }
        catch (JournalException e)
        {
            throw new RefusedException($"{e.Message}; lockstep doctor says more");
        }
        finally
        {
            foreach (SettlementJournal one in journals) one.Dispose();
        }
    }

    /// <summary>Counts on chain what the ledger has on chain.</summary>
    private static async Task<bool> ReconcileAsync(
        ToolHost host, EvmSettings settings, Ledger ledger, bool json)
    {
        await using ChainNodes nodes = new(TimeProvider.System);
        Dictionary<ChainId, IRpc> rpc = [];
        Dictionary<LedgerAccount, EvmAddress> accounts = [];
        bool clean = true;
        if (!json) host.WriteLine("on chain");
        foreach (((LedgerAccount account, AssetId asset), BigInteger books) in ledger.Balances)
        {
            if (account > LedgerAccount.Searcher) continue;
            if (settings.Chain(asset.Chain) is not { } chain)
            {
                host.Say($"{asset.Chain} is no [[chain]] of the file: not counted");
                clean = false;
                continue;
            }
            if (!rpc.TryGetValue(asset.Chain, out IRpc? node))
                rpc[asset.Chain] = node = await nodes.OpenAsync(
                    chain.Id, (long)chain.Contracts.ChainNumber, chain.Rpc, chain.Quorum, default);
            if (!accounts.TryGetValue(account, out EvmAddress at) || account is LedgerAccount.Owner)
                accounts[account] = at = account is LedgerAccount.Owner ? chain.Contracts.Owner
                    : Address(settings, account);
            BigInteger counted = await CountAsync(node, asset, at);
            string words = !ledger.IsOpened(account, asset)
                ? $"no opening balance known; {counted - books} before the first entry"
                : counted == books ? "agrees" : $"DIFFERS by {counted - books}: moved otherwise "
                    + "since the last entry, or the journal is not all there is";
            if (counted != books && ledger.IsOpened(account, asset)
                || !ledger.IsOpened(account, asset) && counted < books)
                clean = false;
            if (json)
                host.Say(PlainText.OneLine($"{account} {asset}: {counted} on chain, {words}"));
            else host.WriteLine(Row(account, asset, counted) + "  " + words);
        }
        return clean;
    }

    private static EvmAddress Address(EvmSettings settings, LedgerAccount account)
    {
        string file = account is LedgerAccount.Keeper ? settings.Live.KeyPath
            : settings.Live.Settlement?.KeyPath ?? throw new RefusedException(
                "[live] names no settlementKeyFile, but the journal has settled bundles");
        using SigningKey key = KeyFile.Open(
            file, settings.Live.PasswordPath,
            new PasswordSource(LiveDesks.PasswordVariable, null));
        return key.Address;
    }

    private static async Task<BigInteger> CountAsync(IRpc node, AssetId asset, EvmAddress account)
    {
        bool token = EvmAddress.TryParse(asset.Reference, out EvmAddress at);
        RpcReply reply = await node.CallAsync(
            token ? EthCalls.Call(
                new CallFrame { To = at, Data = BalanceOf.Encode(account) }, BlockRef.Latest)
                : EthCalls.Balance(account, BlockRef.Latest), default);
        if (reply.Fault is { } fault) throw new RefusedException($"{asset}: {fault}");
        if (!token && JsonHex.TryQuantity(reply.Result, out UInt256 wei))
            return ReferencePrices.Big(wei);
        return token && JsonHex.TryData(reply.Result, out byte[]? word) && word.Length == 32
            ? ReferencePrices.Big(BigEndian.Read(word))
            : throw new RefusedException($"{asset}: the balance is no number");
    }

    private static string Row(LedgerAccount account, AssetId asset, BigInteger units) =>
        string.Create(CultureInfo.InvariantCulture,
            $"  {LedgerEntry.Name(account),-9}{units,32:+0;-0;0}  {asset}");
}
