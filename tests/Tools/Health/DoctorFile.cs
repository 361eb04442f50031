// DoctorFile: an evm.toml of one chain for doctor to look at, and what a finding has to say.
using System.Globalization;
using Lockstep.Crypto;
using Lockstep.Tools.Config;
using Lockstep.Tools.Health;
using Xunit;

namespace Lockstep.Tests.Tools.Health;

internal static class DoctorFile
{
    /// <summary>A journal without rows.</summary>
    public static ReadJournal Nothing { get; } = new("none", true, []);

    public static async Task<List<Finding>> LookAsync(
        EvmSettings settings, TimeProvider clock, params OwnAccount[] accounts)
    {
        List<Finding> found = [];
        await new ChainChecks(settings, Assert.Single(settings.Chains), clock, found.Add)
            .LookAsync(accounts, CancellationToken.None);
        return found;
    }

    public static void AssertOdd(
        Finding one, FindingLevel level, string words, string wayOut)
    {
        Assert.Equal(level, one.Level);
        Assert.NotEqual("", one.Words);
        Assert.Contains(words, one.Words, StringComparison.Ordinal);
        Assert.Contains(wayOut, one.WayOut, StringComparison.Ordinal);
    }

    public static EvmSettings Settings(
        Uri[] rpc, int quorum, (EvmAddress Usd, EvmAddress Eth) tokens, EvmAddress owner,
        EvmAddress executor, (EvmAddress Escrow, EvmAddress Verifier) settles = default,
        EvmAddress? signer = null, EvmAddress? vault = null) => EvmFile.Parse(
            string.Create(CultureInfo.InvariantCulture, $"""
            version = 1
            [live]
            allow = ["eip155:8453"]
            journal = "sent.journal"
            keyFile = "keeper.json"
            passwordFile = ""
            settlementKeyFile = ""
            settlementJournal = ""
            {(signer is null ? "" : $"""
            [escrow]
            loanFeePips = 500
            ltvPips = 1010000
            rewardCapPips = 1000
            rewardDelaySeconds = 60
            rewardSpanSeconds = 600
            auctionStartPips = 1050000
            auctionSpanSeconds = 1800
            [committee]
            quorum = 1
            signers = ["{signer}"]
            endpoints = ["127.0.0.1:7003"]
            """)}
            [[asset]]
            name = "USD"
            decimals = 6
            tokens = ["eip155:8453/erc20:{tokens.Usd.ToLowerHex()}"]
            [[asset]]
            name = "ETH"
            decimals = 18
            tokens = ["eip155:8453/erc20:{tokens.Eth.ToLowerHex()}"]
            [[chain]]
            id = "eip155:8453"
            rpc = [{string.Join(", ", rpc.Select(one => $"\"{one}\""))}]
            quorum = {quorum}
            finalityBlocks = 3
            blockTimeMs = 2000
            executor = "{executor}"
            owner = "{owner}"
            escrow = "{settles.Escrow}"
            verifier = "{settles.Verifier}"
            vaults = [{(vault is { } one ? $"\"{one}\"" : "")}]
            maxFeeGwei = 5
            maxTipGwei = 1
            patienceBlocks = 3
            actSeconds = 120
            """), "evm.toml", Path.GetTempPath());

    /// <summary>The machine's clock, set to a second when the test began.</summary>
    public sealed class ShiftedClock(long seconds) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(seconds);
    }
}
