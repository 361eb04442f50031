// ContractsWalk: random calls by many hands, made on a real EVM and on the model, states compared.
using System.Collections.Immutable;
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Execution.Compile;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Settlement;
using Lockstep.Numerics;
using Lockstep.Simulator.Kernel;
using Lockstep.Simulator.Model;
using Lockstep.Simulator.Running;
using Lockstep.Tests.Execution.Running;
using Xunit;

namespace Lockstep.Tests.Simulator;

/// <summary>One chain twice: our contracts on anvil, and the model.</summary>
internal sealed class ContractsWalk
{
    private static readonly AbiFunction
        BalanceOf = AbiFunction.Parse("balanceOf(address)(uint256)"),
        Mint = AbiFunction.Parse("mint(address,uint256)"),
        Approve = AbiFunction.Parse("approve(address,uint256)"),
        Sync = AbiFunction.Parse("sync()"),
        SourceOf = AbiFunction.Parse("priceSource()(address)"),
        SetPrice = AbiFunction.Parse("setPrice(uint256)"),
        LegOf = AbiFunction.Parse(
            "leg(bytes32)((bytes32 bundle,uint128 out,uint40 locked,uint40 unwound,uint24 pips,"
            + "uint8 status))");

    private static readonly string[] Books = ["idle", "lent", "distressed"];

    private readonly SettledChain chain;
    private readonly Prng random;
    private readonly EvmAddress[] hands;
    private readonly EvmAddress source;
    private readonly UInt256 price;
    private readonly List<(EscrowLeg Terms, byte[] Secret)> legs = [];
    private readonly Dictionary<EvmAddress, Committee> committees;
    private ChainState state;
    private long now;

    private ContractsWalk(
        SettledChain chain, Prng random, EvmAddress[] hands, EvmAddress source, UInt256 price,
        ChainState state, long now)
    {
        (this.chain, this.random, this.hands) = (chain, random, hands);
        (this.source, this.price, this.state, this.now) = (source, price, state, now);
        committees = new() { [chain.Verifier] = Cast.Committee };
    }

    /// <summary>How often each call went through, and how often each error was met.</summary>
    public SortedDictionary<string, int> Met { get; } = new(StringComparer.Ordinal);

    /// <summary>Takes the model to where the deployed contracts are.</summary>
    public static async Task<ContractsWalk> StartAsync(SettledChain chain, ulong seed)
    {
        JsonElement accounts = await chain.Node.AskAsync(RpcCall.Of("eth_accounts"));
        // 0 is the searcher, 1 deployed everything and owns the price; 2 and 3 are strangers.
        EvmAddress[] hands =
            [.. Enumerable.Range(0, 4).Select(n => EvmAddress.Parse(accounts[n].GetString()))];
        UInt256 price = (UInt256.Pow10(12) << 128) / 2500u, much = UInt256.Pow10(30);
        EvmAddress source = SourceOf.DecodeOutputs(
            await CallAsync(chain, chain.Vault, SourceOf.Encode()))[0].AsAddress();
        foreach (EvmAddress token in (EvmAddress[])[chain.Usd, chain.Eth])
            foreach (EvmAddress hand in hands)
            {
                await SendAsync(chain, hands[1], token, Mint.Encode(hand, UInt256.Pow10(22)));
                await SendAsync(chain, hand, token, Approve.Encode(chain.Escrow, much));
            }
        await chain.MineAsync();
        var balances = ImmutableDictionary.CreateBuilder<(EvmAddress, EvmAddress), UInt256>();
        foreach (EvmAddress token in (EvmAddress[])[chain.Usd, chain.Eth])
            foreach (EvmAddress one in
                (EvmAddress[])[.. hands, chain.Vault, chain.Pool, chain.Escrow])
                balances[(token, one)] = await BalanceAsync(chain, token, one);
        bool usdFirst = chain.Usd.CompareTo(chain.Eth) < 0;
        Vault vault = new()
        {
            Asset0 = chain.Usd,
            Asset1 = chain.Eth,
            Policy = new VaultPolicy(
                much, much, much, much, 500, 20_000, 1_020_000, 30_000, 1000, 172_800),
            PriceX128 = price,
            Book0 = new VaultBook(balances[(chain.Usd, chain.Vault)], default, default),
            Book1 = new VaultBook(balances[(chain.Eth, chain.Vault)], default, default),
            Venues = [new Venue(VenueKind.UniswapV2, 3000, chain.Pool).ToWord()],
            Verifiers = [chain.Verifier],
        };
        ChainState state = new()
        {
            ChainNumber = chain.Number,
            Escrow = chain.Escrow,
            Balances = balances.ToImmutable(),
            Vaults = ImmutableDictionary<EvmAddress, Vault>.Empty.Add(chain.Vault, vault),
            Pairs = ImmutableDictionary<EvmAddress, Pair>.Empty.Add(chain.Pool, usdFirst
                ? new Pair(chain.Usd, chain.Eth, 3000) : new Pair(chain.Eth, chain.Usd, 3000)),
        };
        return new ContractsWalk(
            chain, new Prng(seed, "walk"), hands, source, price, state,
            await chain.SecondsAsync());
    }

    /// <summary>One step: time goes on, the market moves or somebody calls; both sides answer the
    /// same, byte for byte where they refuse, and are the same after it.</summary>
    public async Task StepAsync()
    {
        now += random.Chance(700_000) ? random.Between(1, 4) : random.Between(5, 60);
        await BlockAsync(now);
        if (random.Chance(120_000)) await MarketAsync();
        EvmAddress caller = hands[random.Chance(700_000) ? 0 : random.Between(2, 3)];
        byte[] data = Data(caller);
        EscrowCall call = EscrowDispatch.Read(data)!;
        (string? refused, _) = Imagine(call, caller, now);
        RpcReply real = await chain.Node.Rpc.CallAsync(
            EthCalls.Call(
                new CallFrame { From = caller, To = chain.Escrow, Data = data, Gas = 8_000_000 },
                BlockRef.Latest),
            CancellationToken.None);
        string? reverted = real.Fault is { } fault ? Hex.Format(fault.Data.Span) : null;
        Assert.True(refused == reverted, $"{call.Name}: the model says {refused}, the EVM "
            + $"{reverted} {real.Fault?.Detail}");
        Count(call.Name, refused);
        now++;
        await NextAsync(now);
        await SendAsync(chain, caller, chain.Escrow, data);
        (_, state) = Imagine(call, caller, now);
        await CompareAsync();
    }

    private void Count(string name, string? refused)
    {
        string met = refused is null ? name : $"{name} {refused[..Math.Min(10, refused.Length)]}";
        Met[met] = Met.GetValueOrDefault(met) + 1;
    }

    private (string? Refused, ChainState After) Imagine(
        EscrowCall call, EvmAddress caller, long seconds)
    {
        Machine machine = new(state, seconds, caller, committees, Secp256k1.TryRecover);
        try
        {
            call.Run(machine);
            return (null, machine.State);
        }
        catch (RevertException e)
        {
            return (Hex.Format(e.RevertData()), state);
        }
    }

    private byte[] Data(EvmAddress caller)
    {
        (EscrowLeg Terms, byte[] Secret)[] open =
        [
            .. legs.Where(one => StatusOf(one.Terms) is LegStatus.Locked or LegStatus.Unwinding),
        ];
        if (open.Length == 0 || random.Chance(250_000)) return LockData();
        (EscrowLeg terms, byte[] secret) = random.Chance(850_000)
            ? open[random.Between(0, open.Length - 1)]
            : legs[random.Between(0, legs.Count - 1)];
        bool inAuction = StatusOf(terms) is LegStatus.Unwinding;
        int kind = random.Chance(150_000) ? random.Between(3, 9)
            : inAuction ? random.Between(8, 9)
            : now >= terms.DeadlineSeconds ? 7 : random.Between(3, 6);
        Hash32 legsHash = EscrowLeg.LegsHash([terms.Id(chain.Number, chain.Escrow)]);
        Decision decision = kind < 5 ? Decision.Commit : Decision.Abort;
        if (random.Chance(80_000))
            decision = decision is Decision.Commit ? Decision.Abort : Decision.Commit;
        CommitCertificate certificate = new(
            EscrowLeg.BundleId(terms.HashLock, legsHash), legsHash, decision);
        byte[] proof = Proof(certificate);
        if (random.Chance(60_000)) secret = [.. secret.Reverse()];
        return kind switch
        {
            3 or 4 => EscrowCalls.Claim(terms, secret, certificate, proof),
            5 or 6 => EscrowCalls.Unwind(terms, certificate, proof),
            7 => EscrowCalls.UnwindExpired(terms),
            8 => EscrowDispatch.EncodeBid(
                terms, terms.Principal * (ulong)random.Between(1, 2), caller),
            _ => EscrowCalls.SettleInKind(terms),
        };
    }

    private LegStatus StatusOf(EscrowLeg terms) =>
        state.Leg(terms.Id(chain.Number, chain.Escrow)).Status;

    /// <summary>Terms that fit, or with one of them spoilt.</summary>
    private byte[] LockData()
    {
        byte[] secret = new byte[32];
        random.Fill(secret);
        bool buysEth = random.Chance(500_000);
        UInt256 units = (ulong)random.Between(1_000_000, 900_000_000);
        UInt256 principal = buysEth ? units : units * 400_000_000u;
        UInt256 x128 = state.Vaults[chain.Vault].PriceX128;
        if (x128.IsZero) x128 = price;
        UInt256 fair = buysEth ? UInt256.MulDivFloor(principal, x128, VaultModel.OneX128)
            : UInt256.MulDivFloor(principal, VaultModel.OneX128, x128);
        EscrowLeg terms = chain.Terms(
            buysEth, principal, fair * 98u / 100u, now + random.Between(2, 120),
            Keccak.Hash(secret)) with
        {
            HashLock = HashLock.Of(secret),
            RewardDelaySeconds = (uint)random.Between(0, 10),
            RewardSpanSeconds = (uint)random.Between(1, 60),
            AuctionSpanSeconds = (uint)random.Between(5, 60),
        };
        terms = random.Between(0, 24) switch
        {
            0 => terms with { MinOut = fair * 2u },
            1 => terms with { Due = fair * 9u / 10u },
            2 => terms with { Fee = default },
            3 => terms with { Bond = terms.RewardCap },
            4 => terms with { LtvPips = 1_020_001 },
            5 => terms with { LtvPips = 900_000 },
            6 => terms with { DeadlineSeconds = now + 200_000 },
            7 => terms with { DeadlineSeconds = now - 1 },
            8 => terms with { Principal = UInt256.Pow10(29) },
            9 => terms with { AuctionStart = terms.Principal },
            10 => terms with { AssetOut = terms.AssetIn },
            11 => terms with { MinBack = terms.Principal * 2u },
            12 => terms with { Venue = terms.Venue with { FeePips = 500 } },
            _ => terms,
        };
        Hash32 id = terms.Id(chain.Number, chain.Escrow);
        if (random.Chance(30_000)) id = Keccak.HashText("another leg");
        legs.Add((terms, secret));
        return EscrowCalls.Lock(terms, [id], random.Chance(30_000) ? 1 : 0);
    }

    private byte[] Proof(CommitCertificate certificate)
    {
        Hash32 digest = certificate.Digest(Cast.Committee);
        IEnumerable<SigningKey> keys = Cast.SignerKeys.OrderBy(key => key.Address);
        keys = random.Between(0, 12) switch
        {
            0 => keys.Take(2),
            1 => keys.Reverse(),
            2 => keys.Take(2).Append(keys.First()).OrderBy(key => key.Address),
            3 => keys.Take(2).Append(Cast.Thief).OrderBy(key => key.Address),
            4 => keys,
            _ => keys.Skip(random.Between(0, 1)).Take(3),
        };
        return [.. keys.SelectMany(key => key.Sign(digest).ToArray())];
    }

    /// <summary>Somebody gives the pool of one token, and the price follows it or not; or there
    /// is no price for a while.</summary>
    private async Task MarketAsync()
    {
        bool isEth = random.Chance(500_000);
        EvmAddress token = isEth ? chain.Eth : chain.Usd;
        UInt256 more = isEth ? UInt256.Pow10(18) * (ulong)random.Between(10, 900)
            : (UInt256)1_000_000u * (ulong)random.Between(10_000, 2_000_000);
        now += 2;
        await SendAsync(chain, hands[1], token, Mint.Encode(chain.Pool, more));
        await SendAsync(chain, hands[1], chain.Pool, Sync.Encode());
        state = state with
        {
            Balances = state.Balances.SetItem(
                (token, chain.Pool), state.Balance(token, chain.Pool) + more),
        };
        if (random.Chance(300_000)) return;
        UInt256 next = random.Chance(150_000) ? default : UInt256.MulDivFloor(
            state.Balance(chain.Eth, chain.Pool), VaultModel.OneX128,
            state.Balance(chain.Usd, chain.Pool));
        now++;
        await SendAsync(chain, hands[1], source, SetPrice.Encode(next));
        Vault vault = state.Vaults[chain.Vault] with { PriceX128 = next };
        state = state with { Vaults = state.Vaults.SetItem(chain.Vault, vault) };
    }

    private async Task CompareAsync()
    {
        foreach ((EscrowLeg terms, _) in legs.TakeLast(3))
        {
            Hash32 id = terms.Id(chain.Number, chain.Escrow);
            AbiValue real = LegOf.DecodeOutputs(
                await CallAsync(chain, chain.Escrow, LegOf.Encode(id)))[0];
            Leg leg = state.Leg(id);
            Assert.Equal(AbiValue.List(
                leg.BundleId, leg.AmountOut, (ulong)leg.LockedAt, (ulong)leg.UnwoundAt,
                (ulong)leg.RewardPips, (ulong)leg.Status), real);
        }
        foreach (EvmAddress token in (EvmAddress[])[chain.Usd, chain.Eth])
            foreach (EvmAddress one in
                (EvmAddress[])[.. hands, chain.Vault, chain.Pool, chain.Escrow])
                Assert.Equal(state.Balance(token, one), await BalanceAsync(chain, token, one));
        Vault vault = state.Vaults[chain.Vault];
        (UInt256 At0, UInt256 At1)[] books =
        [
            (vault.Book0.Idle, vault.Book1.Idle), (vault.Book0.Lent, vault.Book1.Lent),
            (vault.Book0.Distressed, vault.Book1.Distressed),
        ];
        for (int i = 0; i < Books.Length; i++)
        {
            AbiFunction form = AbiFunction.Parse($"{Books[i]}()(uint256,uint256)");
            AbiValue real = form.DecodeOutputs(
                await CallAsync(chain, chain.Vault, form.Encode()));
            Assert.Equal(books[i], (real[0].AsUInt256(), real[1].AsUInt256()));
        }
    }

    private Task BlockAsync(long seconds) => MineAtAsync(seconds, mine: true);

    private Task NextAsync(long seconds) => MineAtAsync(seconds, mine: false);

    private async Task MineAtAsync(long seconds, bool mine)
    {
        await chain.Node.AskAsync(RpcCall.Of(
            "evm_setNextBlockTimestamp", seconds,
            static (writer, at) => writer.WriteNumberValue(at)));
        if (mine) await chain.MineAsync();
    }

    private static async Task<UInt256> BalanceAsync(
        SettledChain chain, EvmAddress token, EvmAddress account) => BalanceOf.DecodeOutputs(
            await CallAsync(chain, token, BalanceOf.Encode(account)))[0].AsUInt256();

    private static async Task<byte[]> CallAsync(
        SettledChain chain, EvmAddress to, byte[] data) => Hex.Parse((await chain.Node.AskAsync(
            EthCalls.Call(new CallFrame { To = to, Data = data }, BlockRef.Latest)))
            .GetString());

    /// <summary>Into a block of its own, whether it succeeds or not.</summary>
    private static async Task SendAsync(
        SettledChain chain, EvmAddress from, EvmAddress to, byte[] data)
    {
        await chain.Node.AskAsync(RpcCall.Of(
            "eth_sendTransaction", (from, to, data), static (writer, ask) =>
            {
                writer.WriteStartObject();
                writer.WriteString("from"u8, ask.from.ToLowerHex());
                writer.WriteString("to"u8, ask.to.ToLowerHex());
                writer.WriteString("gas"u8, "0x7a1200");
                writer.WriteString("data"u8, Hex.Format(ask.data));
                writer.WriteEndObject();
            }));
        await chain.MineAsync();
    }
}
