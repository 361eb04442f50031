// ChainChecks: nodes, clocks, funds and nonces of one chain, asked node by node.
using System.Globalization;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Execution.Journal;
using Lockstep.Model;
using Lockstep.Numerics;
using Lockstep.Tools.Config;
using Lockstep.Tools.Live;

namespace Lockstep.Tools.Health;

/// <summary>An account of ours on a chain.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Address">Its address; null where its key can't be opened.</param>
/// <param name="Journal">Where what it signed is written down.</param>
internal sealed record OwnAccount(string Name, EvmAddress? Address, ReadJournal Journal)
{
    /// <summary>Who runs plans.</summary>
    public const string Keeper = "keeper";

    /// <summary>Who locks settled bundles.</summary>
    public const string Searcher = "searcher";
}

/// <summary>Looks at a chain, sends nothing.</summary>
internal sealed class ChainChecks(
    EvmSettings settings, EvmChain chain, TimeProvider clock, Action<Finding> tell)
{
    private const long LeastHeadAgeS = 10, MostHeadAgeBlocks = 5, MostFutureS = 2, MostLag = 3;
    private const ulong TransactionGas = 1_000_000;
    private const string SomebodyElse = "somebody else signs for the account, or the journal is an "
        + "older copy: no start is believed; stop, and see docs/operations.md";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly AbiFunction BalanceOf =
        AbiFunction.Parse("balanceOf(address)(uint256)");

    private static readonly AbiFunction Allowance =
        AbiFunction.Parse("allowance(address,address)(uint256)");

    private string Place => chain.Id.ToString();

    /// <summary>Looks at everything; what can't be read is one failure each.</summary>
    public async Task LookAsync(IReadOnlyList<OwnAccount> accounts, CancellationToken cancel)
    {
        List<RpcEndpoint> nodes = [];
        try
        {
            List<(RpcEndpoint Node, long Head)> alive = [];
            for (int i = 0; i < chain.Rpc.Length; i++)
            {
                RpcEndpoint node = ChainNodes.Endpoint($"{chain.Id}#{i + 1}", chain.Rpc[i], clock);
                nodes.Add(node);
                if (await HeadAsync(node, cancel) is { } head) alive.Add((node, head));
            }
            Agreement([.. alive.Select(one => (one.Node.Name, one.Head))]);
            if (alive.Count == 0) return;
            IRpc best = alive.MaxBy(one => one.Head).Node;
            await new ContractChecks(
                chain, settings.Committee?.Committee, call => AskAsync(best, call, cancel), tell)
                .LookAsync(accounts.FirstOrDefault(one => one.Name == OwnAccount.Keeper)?.Address);
            foreach (OwnAccount one in accounts)
            {
                // Nothing is locked where there is no escrow.
                if (one.Address is not { } address
                    || (one.Name == OwnAccount.Searcher && chain.Contracts.Escrow.IsZero))
                    continue;
                await GasMoneyAsync(best, one.Name, address, cancel);
                await NoncesAsync(best, one, address, cancel);
            }
            await AllowancesAsync(best, accounts, cancel);
        }
        finally
        {
            foreach (RpcEndpoint node in nodes) await node.DisposeAsync();
        }
    }

    /// <summary>Whether a node answers, for this chain, at this time.</summary>
    /// <returns>Its newest block's number; null where it is of no use.</returns>
    private async Task<long?> HeadAsync(RpcEndpoint node, CancellationToken cancel)
    {
        RpcReply id = await AskAsync(node, RpcCall.Of("eth_chainId"), cancel);
        if (id.Fault is { } fault || !JsonHex.TryQuantity(id.Result, out ulong number))
        {
            tell(new Finding("node", node.Name, FindingLevel.Fail,
                id.Fault?.ToString() ?? "its chain id is no quantity",
                "start it, or name another one under rpc"));
            return null;
        }
        if (number != chain.Contracts.ChainNumber)
        {
            tell(new Finding("node", node.Name, FindingLevel.Fail,
                $"serves eip155:{number}, the file says {chain.Id}", "name a node of that chain"));
            return null;
        }
        RpcReply reply = await AskAsync(node, EthCalls.Block(null), cancel);
        if (!reply.IsOk || !BlockHeader.TryRead(reply.Result, out BlockHeader? head))
        {
            tell(new Finding("node", node.Name, FindingLevel.Fail,
                reply.Fault?.ToString() ?? "its newest block can't be read", "look at its log"));
            return null;
        }
        tell(Finding.Ok("node", node.Name, $"serves {chain.Id}, block {head.Number}"));
        Clock(node.Name, head);
        return head.Number;
    }

    private void Clock(string node, BlockHeader head)
    {
        long ageS = clock.GetUtcNow().ToUnixTimeSeconds() - head.TimestampS;
        long mostS = Math.Max(
            LeastHeadAgeS, MostHeadAgeBlocks * chain.BlockTimeMs / 1000);
        if (ageS > mostS)
            tell(new Finding("clock", node, FindingLevel.Fail,
                $"its newest block is {ageS} s old, more than {mostS}",
                "the node lags, the chain stands, or this clock is fast: compare with another "
                + "node and with an NTP server; plans are refused as stale-chain meanwhile"));
        else if (ageS < -MostFutureS)
            tell(new Finding("clock", node, FindingLevel.Fail,
                $"its newest block is {-ageS} s in the future",
                "this clock is slow, or the chain's is fast: set it by NTP, for deadlines count "
                + "by it"));
        else tell(Finding.Ok("clock", node, $"its newest block is {Math.Max(0, ageS)} s old"));
    }

    private void Agreement((string Name, long Head)[] heads)
    {
        if (heads.Length < chain.Quorum)
            tell(new Finding("quorum", Place, FindingLevel.Fail,
                $"{heads.Length} of {chain.Rpc.Length} nodes answer, {chain.Quorum} have to agree",
                "bring the others back, or lower quorum knowing what that means"));
        else if (heads.Length < chain.Rpc.Length)
            tell(new Finding("quorum", Place, FindingLevel.Warn,
                $"{heads.Length} of {chain.Rpc.Length} nodes answer, {chain.Quorum} have to agree",
                "bring the others back before one more is lost"));
        else tell(Finding.Ok("quorum", Place, $"{heads.Length} answer, {chain.Quorum} needed"));
        foreach ((string name, long head) in heads)
            if (heads.Max(one => one.Head) - head is > MostLag and long lag)
                tell(new Finding("node", name, FindingLevel.Warn, $"{lag} blocks behind the others",
                    "let it catch up: where it is asked, plans look stale"));
    }

    /// <summary>Ether for three transactions at the highest price allowed.</summary>
    private async Task GasMoneyAsync(
        IRpc node, string name, EvmAddress account, CancellationToken cancel)
    {
        RpcReply reply = await AskAsync(
            node, EthCalls.Balance(account, BlockRef.Latest), cancel);
        UInt256 wei = default;
        if (!reply.IsOk || !JsonHex.TryQuantity(reply.Result, out wei))
        {
            Unread("funds", name, reply);
            return;
        }
        UInt256 least = chain.Fees.MaxFeePerGas * (3 * TransactionGas);
        tell(wei >= least ? Finding.Ok("funds", $"{Place} {name}", $"{wei} wei for gas")
            : new Finding("funds", $"{Place} {name}",
                wei.IsZero ? FindingLevel.Fail : FindingLevel.Warn,
                $"{wei} wei for gas; {least} pay {3 * TransactionGas} gas at maxFeeGwei",
                $"send ether to {account}"));
    }

    /// <summary>What waits, and whether the journal knows of all that was signed.</summary>
    private async Task NoncesAsync(
        IRpc node, OwnAccount own, EvmAddress account, CancellationToken cancel)
    {
        RpcReply now = await AskAsync(
            node, EthCalls.TransactionCount(account, BlockRef.Latest), cancel);
        RpcReply later = await AskAsync(
            node, EthCalls.TransactionCount(account, BlockRef.Pending), cancel);
        ulong used = 0, pending = 0;
        if (!now.IsOk || !later.IsOk || !JsonHex.TryQuantity(now.Result, out used)
            || !JsonHex.TryQuantity(later.Result, out pending))
        {
            Unread("nonces", own.Name, now.IsOk ? later : now);
            return;
        }
        string place = $"{Place} {own.Name}";
        SortedSet<ulong> signed = [.. Signed(own.Journal, account).Select(one => one.Nonce)];
        ulong behind = signed.Count == 0 ? 0 : signed.Max + 1;
        bool isRead = own.Journal.IsRead;
        if (isRead && signed.Count > 0 && used > behind)
            tell(new Finding("nonces", place, FindingLevel.Fail,
                $"the chain used nonces up to {used - 1}, the journal knows {behind - 1}",
                SomebodyElse));
        else if (isRead && pending > Math.Max(used, behind))
            tell(new Finding("nonces", place, FindingLevel.Fail,
                $"nonce {pending - 1} waits at a node, the journal does not know it",
                SomebodyElse));
        else if (isRead && behind > used && !signed.Contains(used))
            tell(new Finding("nonces", place, FindingLevel.Fail,
                $"the chain waits for nonce {used}, of which the journal knows nothing but later "
                + "ones", "the journal is of another chain or has lost rows, or the node is far "
                + "behind: stop, and see docs/operations.md"));
        else if (isRead && signed.Contains(used) && IsOver(own.Journal, used, account))
            tell(new Finding("nonces", place, FindingLevel.Fail,
                $"the chain waits for nonce {used} of a bundle that is over: it took back what was "
                + "final", "no start is believed; see docs/operations.md"));
        else if (pending > used)
            tell(new Finding("nonces", place, FindingLevel.Warn,
                $"{pending - used} transactions wait, the first is nonce {used}",
                (isRead ? "executor recover --live sees to them"
                    : "the executor that runs sees to them")
                + "; where gas costs more than maxFeeGwei, raise that or wait"));
        else if (isRead && behind > used)
            tell(new Finding("nonces", place, FindingLevel.Warn,
                $"nonces {used} to {behind - 1} are signed and no node has them",
                "executor recover --live hands them over again, or cancels them"));
        else tell(Finding.Ok("nonces", place, $"{used} used, none waits"));
    }

    /// <summary>Of every token of the file: what could be moved, and whether it may.</summary>
    private async Task AllowancesAsync(
        IRpc node, IReadOnlyList<OwnAccount> accounts, CancellationToken cancel)
    {
        List<(string Name, EvmAddress From, EvmAddress To)> pairs =
            [("owner", chain.Contracts.Owner, chain.Contracts.Executor)];
        if (!chain.Contracts.Escrow.IsZero
            && accounts.FirstOrDefault(one => one.Name == OwnAccount.Searcher) is
                { Address: { } searcher })
            pairs.Add((OwnAccount.Searcher, searcher, chain.Contracts.Escrow));
        foreach (var (token, its) in settings.Assets.On(chain.Id))
            foreach ((string name, EvmAddress from, EvmAddress to) in pairs)
            {
                UInt256? held = await NumberAsync(node, token, BalanceOf.Encode(from), cancel);
                UInt256? may = await NumberAsync(node, token, Allowance.Encode(from, to), cancel);
                string place = $"{Place} {name} {its.Name}";
                if (held is not { } has || may is not { } allowed)
                    tell(new Finding("funds", place, FindingLevel.Fail, $"{token} can't be read",
                        "see whether [[asset]] names a token of this chain"));
                else if (allowed < has)
                    tell(new Finding("allowance", place, FindingLevel.Warn,
                        $"holds {has}, {to} may take {allowed}",
                        $"approve {to} to use the rest; plans beyond are refused"));
                else tell(Finding.Ok("allowance", place, $"holds {has}, all of it may be used"));
            }
    }

    private static async Task<UInt256?> NumberAsync(
        IRpc node, EvmAddress token, byte[] data, CancellationToken cancel)
    {
        RpcReply reply = await AskAsync(
            node, EthCalls.Call(new CallFrame { To = token, Data = data }, BlockRef.Latest),
            cancel);
        return reply.IsOk && JsonHex.TryData(reply.Result, out byte[]? word) && word.Length == 32
            ? BigEndian.Read(word) : null;
    }

    /// <summary>The nonces that a journal has of this account here.</summary>
    private IEnumerable<(string Bundle, ulong Nonce)> Signed(
        ReadJournal journal, EvmAddress account) =>
        from row in journal.Rows
        let one = row.Entry as TransactionSigned
        where one is not null
        let raw = SignedTransaction.Decode(Hex.Parse(one.Raw))
        where raw.Sender == account
            && raw.Transaction.ChainId == chain.Contracts.ChainNumber
        select (row.Bundle, one.Nonce);

    private bool IsOver(ReadJournal journal, ulong nonce, EvmAddress account)
    {
        string bundle = Signed(journal, account).Last(one => one.Nonce == nonce).Bundle;
        return journal.Rows.Any(row => row.Entry is BundleEnded && row.Bundle == bundle);
    }

    private void Unread(string check, string name, in RpcReply reply) => tell(new Finding(
        check, $"{Place} {name}", FindingLevel.Fail,
        reply.Fault?.ToString() ?? "the answer is no quantity", "ask another node"));

    private static async Task<RpcReply> AskAsync(
        IRpc node, RpcCall call, CancellationToken cancel)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(Patience);
        try
        {
            return await node.CallAsync(call, late.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return RpcReply.Failed(RpcReason.Timeout, node.Name, string.Create(
                CultureInfo.InvariantCulture, $"no answer in {Patience.TotalSeconds} s"));
        }
    }
}
