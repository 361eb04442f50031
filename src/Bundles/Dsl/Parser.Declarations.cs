// Parser.Declarations: the head of a bundle: what names mean, and its limits.
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Bundles.Dsl;

public sealed partial class Parser
{
    private static readonly HashSet<string> BundleStarters =
        [.. Words.Declarations, "limits", .. Words.Blocks];

    private static readonly HashSet<string> LimitStarters = [.. Words.Limits];

    private Bundle ParseBundle()
    {
        Token start = Now;
        at++;
        Name name = ParseName("the bundle's name");
        List<ChainDeclaration> chains = [];
        List<AssetDeclaration> assets = [];
        List<PoolDeclaration> pools = [];
        List<ContractDeclaration> contracts = [];
        List<Block> blocks = [];
        Limits? limits = null;
        bool limited = false;
        Body<Syntax>(start, BundleStarters, () =>
        {
            Token item = Now;
            switch (item.Text)
            {
                case "limits" when item.Kind == TokenKind.Word:
                    Once(ref limited, item);
                    return limits = ParseLimits();
                case "chain" when item.Kind == TokenKind.Word: chains.Add(ParseChain()); break;
                case "asset" when item.Kind == TokenKind.Word: assets.Add(ParseAsset()); break;
                case "pool" when item.Kind == TokenKind.Word: pools.Add(ParsePool()); break;
                default:
                    if (item.Kind == TokenKind.Word && Role(item.Text) is { } role)
                        contracts.Add(ParseContract(role));
                    else if (ParseBlock(BundleStarters) is { } block) blocks.Add(block);
                    break;
            }
            return null;
        });
        return new Bundle(
            name, [.. chains], [.. assets], [.. pools], [.. contracts], limits, [.. blocks])
        {
            Span = From(start),
        };
    }

    private static ContractRole? Role(string word) => word switch
    {
        "vault" => ContractRole.Vault,
        "lender" => ContractRole.Lender,
        "bridge" => ContractRole.Bridge,
        "committee" => ContractRole.Committee,
        "account" => ContractRole.Account,
        _ => null,
    };

    private ChainDeclaration ParseChain()
    {
        Token start = Now;
        at++;
        Name name = ParseName("the chain's short name");
        string id = ParseId("a chain, such as eip155:8453");
        if (!ChainId.TryParse(id, out ChainId chain))
            ComplainId(DiagnosticCode.NotAChain, id, "CAIP-2 chain", "eip155:8453");
        return new ChainDeclaration(name, chain) { Span = From(start) };
    }

    private AssetDeclaration ParseAsset()
    {
        Token start = Now;
        at++;
        Name symbol = ParseName("the asset's short name");
        Name on = ParseOn();
        string id = ParseId("an asset, such as eip155:8453/erc20:0x4200...0006");
        if (!AssetId.TryParse(id, out AssetId asset))
            ComplainId(DiagnosticCode.NotAnAsset, id, "CAIP-19 asset",
                "eip155:8453/erc20:0x4200000000000000000000000000000000000006");
        Expect("decimals", "say what a base unit is: decimals 18");
        int decimals = ParseCount("the decimals", TokenLine.MaxDecimals);
        return new AssetDeclaration(symbol, on, asset, decimals) { Span = From(start) };
    }

    private PoolDeclaration ParsePool()
    {
        Token start = Now;
        at++;
        Name name = ParseName("the pool's short name");
        Name on = ParseOn();
        string id = ParseId("a pool's contract, such as eip155:8453:0x88a4...bb9c");
        if (!PoolId.TryParse(id, out PoolId pool)) ComplainContract(id);
        Expect("family", "say how it prices: family constant-product");
        Name family = ParseName("the pool's family");
        Expect("fee", "say what a swap costs: fee 0.3%");
        Percent fee = ParsePercent("the fee");
        if (!failed && (!fee.TryToPips(out uint pips) || pips >= 1_000_000))
            Complain(DiagnosticCode.FeeNotPips, fee.Span,
                $"a pool fee of {fee.Value}% is no whole number of pips below 100%",
                "a pip is 0.0001%: 0.3%, 0.05% and 0.0025% are fees");
        return new PoolDeclaration(name, on, pool, family, fee) { Span = From(start) };
    }

    private ContractDeclaration ParseContract(ContractRole role)
    {
        Token start = Now;
        at++;
        Name name = ParseName($"the {start.Text}'s short name");
        Name on = ParseOn();
        string id = ParseId("a contract, such as eip155:8453:0xba12...f2c8");
        if (!AccountId.TryParse(id, out AccountId account)) ComplainContract(id);
        Percent? fee = Accept("fee") ? ParsePercent("the fee") : null;
        return new ContractDeclaration(role, name, on, account, fee) { Span = From(start) };
    }

    private Name ParseOn()
    {
        Expect("on", "say the chain: on base");
        return ParseName("the chain's short name");
    }

    private string ParseId(string what)
    {
        Expect(TokenKind.Equals, "=", $"the declaration goes on with '=' and {what}");
        if (failed) return "";
        if (Now.Kind != TokenKind.Id)
        {
            FailExpected(what, "an identifier stands in one piece behind '='");
            return "";
        }
        at++;
        return tokens[at - 1].Text;
    }

    private void ComplainContract(string id) =>
        ComplainId(DiagnosticCode.NotAContract, id, "CAIP-10 contract",
            "eip155:8453:0x88a43bbdf9d098eec7bceda4e2494615dfd9bb9c");

    private void ComplainId(DiagnosticCode code, string id, string what, string example) =>
        Complain(code, tokens[Math.Max(0, at - 1)].Span, $"'{Short(id)}' is no {what}",
            $"such as {example}");

    private Limits ParseLimits()
    {
        Token start = Now;
        at++;
        Amount? net = null;
        Duration? ttl = null;
        List<GasLimit> gas = [];
        long? found = null;
        Amount? expected = null;
        bool netSeen = false;
        bool ttlSeen = false;
        bool foundSeen = false;
        bool expectSeen = false;
        Body<Syntax>(start, LimitStarters, () =>
        {
            Token item = Now;
            if (Accept("net"))
            {
                Once(ref netSeen, item);
                Expect(TokenKind.AtLeast, ">=", "the least that has to remain: net >= 25 USDC");
                net = ParseAmount("the least net");
            }
            else if (Accept("ttl"))
            {
                Once(ref ttlSeen, item);
                ttl = ParseDuration("the time to live");
            }
            else if (Accept("gas")) gas.Add(ParseGas(item));
            else if (Accept("found"))
            {
                Once(ref foundSeen, item);
                found = ParseInstant();
            }
            else if (Accept("expect"))
            {
                Once(ref expectSeen, item);
                expected = ParseAmount("what is expected to remain");
            }
            else FailItem("limit", Words.Limits);
            return null;
        });
        return new Limits(net, ttl, [.. gas])
        {
            FoundSeconds = found, Expected = expected, Span = From(start),
        };
    }

    private GasLimit ParseGas(Token start)
    {
        Name chain = ParseName("the chain's short name");
        Expect(TokenKind.AtMost, "<=", "the most gas: gas base <= 900k @ 0.2 gwei");
        ulong units = ParseGasUnits();
        Expect(TokenKind.At, "@", "the highest price of a unit: @ 0.2 gwei");
        return new GasLimit(chain, units, ParseGasPrice()) { Span = From(start) };
    }
}
