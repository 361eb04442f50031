// Watches: looks that only inform: own funds and the committee's sockets, every few seconds.
using System.Collections.Concurrent;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Execution.Running;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Service.Board;
using Lockstep.Tools.Config;
using Lockstep.Tools.Live;

namespace Lockstep.Service.Stages;

/// <summary>Nothing waits for them, and nothing is decided by what they see.</summary>
internal sealed class Watches(
    EvmSettings settings, ReferencePrices prices, BoardState board, TimeProvider clock)
{
    private const int MostAssets = 16;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly AbiFunction BalanceOf =
        AbiFunction.Parse("balanceOf(address)(uint256)");

    private readonly ConcurrentDictionary<string, (bool Answers, long At)> signers = [];
    private readonly ConcurrentDictionary<AssetId, HoldingWords> funds = [];

    /// <summary>The committee.</summary>
    public IReadOnlyList<SignerWords> Signers =>
    [
        .. signers.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => new SignerWords(
            one.Key, one.Value.Answers,
            (long)clock.GetElapsedTime(one.Value.At).TotalMilliseconds)),
    ];

    /// <summary>Own funds of the assets that the file names.</summary>
    public IReadOnlyList<HoldingWords> Funds =>
    [
        .. funds.OrderBy(one => one.Key.ToString(), StringComparer.Ordinal)
            .Select(one => one.Value),
    ];

    /// <summary>Looks until it is stopped.</summary>
    public async Task RunAsync(Stage stage, CancellationToken stop)
    {
        List<(EvmChain Chain, RpcEndpoint Node)> nodes = [];
        try
        {
            foreach (EvmChain chain in settings.Chains.Where(one => settings.MaySend(one.Id)))
                nodes.Add((chain, ChainNodes.Endpoint($"{chain.Id} funds", chain.Rpc[0], clock)));
            stage.Ready();
            while (true)
            {
                stage.Beat();
                LookAtSigners();
                foreach ((EvmChain chain, RpcEndpoint node) in nodes)
                    await LookAsync(chain, node, stop).ConfigureAwait(false);
                await Task.Delay(Turn, clock, stop).ConfigureAwait(false);
            }
        }
        finally
        {
            foreach ((_, RpcEndpoint node) in nodes)
                await node.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void LookAtSigners()
    {
        if (settings.Committee is not { } committee) return;
        foreach ((EvmAddress signer, var endpoint) in committee.Endpoints)
            signers[signer.ToString()] = (endpoint.IsListenedOn(), clock.GetTimestamp());
    }

    private async Task LookAsync(EvmChain chain, RpcEndpoint node, CancellationToken stop)
    {
        using var most = CancellationTokenSource.CreateLinkedTokenSource(stop);
        most.CancelAfter(Patience);
        try
        {
            EvmAddress owner = chain.Contracts.Owner;
            foreach (EvmAddress token in settings.Assets.On(chain.Id).Keys.Take(MostAssets))
            {
                RpcReply reply = await node.CallAsync(
                    EthCalls.Call(
                        new CallFrame
                        {
                            To = token, Data = BalanceOf.Encode(owner),
                        }, BlockRef.Latest), most.Token).ConfigureAwait(false);
                if (reply.Fault is null && JsonHex.TryData(reply.Result, out byte[]? answer))
                    Put(chain.Id, AssetId.Parse($"{chain.Id}/erc20:{token}"),
                        BalanceOf.DecodeOutputs(answer)[0].AsUInt256());
            }
        }
        catch (Exception e) when (e is CodecException
            || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            // What was seen before stays.
        }
    }

    private void Put(ChainId chain, AssetId asset, in Numerics.UInt256 units)
    {
        TokenLine? token = board.Token(asset);
        funds[asset] = new HoldingWords(
            chain.ToString(), token?.Symbol ?? PathText.Short(asset.Reference), units.ToString(),
            token?.Decimals ?? 0,
            prices.MicroUsd([(asset, ReferencePrices.Big(units))], ceiling: false));
    }
}
