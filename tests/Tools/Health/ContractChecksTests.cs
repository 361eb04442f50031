// ContractChecksTests: doctor holds our contracts against the file; each difference is named.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Tests.Evm;
using Lockstep.Tests.Execution.Running;
using Lockstep.Tools.Config;
using Lockstep.Tools.Health;
using Xunit;
using static Lockstep.Tests.Tools.Health.DoctorFile;

namespace Lockstep.Tests.Tools.Health;

public sealed class ContractChecksTests
{
    private const string Executor = "eip155:8453 executor", Verifier = "eip155:8453 verifier",
        Vault = "eip155:8453 vault";

    private static readonly EvmAddress Stranger =
        EvmAddress.Parse("0x00000000000000000000000000000000000000aa");

    /// <summary>What is left of a run is its owner's, and only keepers run.</summary>
    [LocalChainFact]
    public async Task Executor_OfAnotherOwnerOrWithoutOurKeeper_IsNamed()
    {
        await using PlanChain chain = await PlanChain.StartAsync(8453);
        Assert.Equal(
            FindingLevel.Ok,
            Assert.Single(await LookAsync(chain.Owner, chain.Executor)).Level);

        AssertOdd(
            Assert.Single(await LookAsync(Stranger, chain.Executor), IsBad), FindingLevel.Fail,
            $"belongs to {chain.Owner}, the file says {Stranger}", "put owner or executor right");

        await chain.KeepAsync(false);
        AssertOdd(
            Assert.Single(await LookAsync(chain.Owner, chain.Executor), IsBad), FindingLevel.Fail,
            $"{PlanChain.Keeper.Address} is none of its keepers", "setKeeper(");

        // A token is a contract too.
        AssertOdd(
            Assert.Single(await LookAsync(chain.Owner, chain.Usd), IsBad), FindingLevel.Fail, "",
            "see whether the address is that contract's");

        async Task<List<Finding>> LookAsync(EvmAddress owner, EvmAddress executor) =>
        [
            .. (await DoctorFile.LookAsync(
                    Settings([chain.Http], 1, (chain.Usd, chain.Eth), owner, executor),
                    new ShiftedClock(await chain.SecondsAsync()),
                    new OwnAccount(OwnAccount.Keeper, PlanChain.Keeper.Address, Nothing)))
                .Where(one => one.Place == Executor),
        ];
    }

    /// <summary>The chain believes whom it was deployed for. A file of another committee would
    /// collect certificates that no escrow takes.</summary>
    [LocalChainFact]
    public async Task Committee_OfTheFile_IsHeldAgainstTheVerifier()
    {
        using SigningKey first = new(Keccak.HashText("first").ToArray()),
            second = new(Keccak.HashText("second").ToArray());
        await using SettledChain chain =
            await SettledChain.StartAsync(8453, 2500, new Committee([first.Address], 1));

        List<Finding> right = await LookAsync(first.Address, chain.Verifier);
        Finding believed = Assert.Single(right, one => one.Place == Verifier
            && one.Check == "committee");
        Assert.Equal(FindingLevel.Ok, believed.Level);
        Assert.Contains("1 of the 1 signers", believed.Words, StringComparison.Ordinal);

        AssertOdd(
            Assert.Single(
                await LookAsync(second.Address, chain.Verifier), one => one.Check == "committee"),
            FindingLevel.Fail,
            $"believes 1 of [{first.Address}], the file says 1 of [{second.Address}]",
            "put [committee] right");
        AssertOdd(
            Assert.Single(
                await LookAsync(first.Address, chain.Usd),
                one => one.Place == Verifier && IsBad(one)),
            FindingLevel.Fail, "", "see whether the address is that contract's");
        Assert.DoesNotContain(right, one => one.Place == Vault && IsBad(one));

        await chain.WriteAsync(chain.Vault, "setVerifier(address,bool)", chain.Verifier, false);
        AssertOdd(
            Assert.Single(
                await LookAsync(first.Address, chain.Verifier),
                one => one.Place == Vault && IsBad(one)),
            FindingLevel.Fail,
            $"{chain.Vault} does not believe the verifier {chain.Verifier}", "setVerifier");

        async Task<List<Finding>> LookAsync(EvmAddress signer, EvmAddress verifier) =>
            await DoctorFile.LookAsync(
                Settings(
                    [chain.Node.Http], 1, (chain.Usd, chain.Eth), SettledChain.Keeper.Address,
                    chain.Escrow, (chain.Escrow, verifier), signer, chain.Vault),
                new ShiftedClock(await chain.SecondsAsync()));
    }

    private static bool IsBad(Finding one) => one.Level != FindingLevel.Ok;
}
