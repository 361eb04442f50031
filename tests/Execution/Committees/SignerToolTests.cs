// SignerToolTests: the tool signer as a process: votes over its socket, remembers, ends when told.
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Settlement;
using Lockstep.Tests.Evm;
using Lockstep.Tests.Execution.Running;
using Lockstep.Tests.Feeds;
using Lockstep.Tests.Tools;
using Xunit;

namespace Lockstep.Tests.Execution.Committees;

[UnsupportedOSPlatform("windows")]
public sealed class SignerToolTests : IDisposable
{
    private const int PatienceMs = 30_000;
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TempFolder folder = new();
    private readonly VoteWorld world = new();

    public void Dispose()
    {
        world.Dispose();
        folder.Dispose();
    }

    [LocalChainFact]
    public async Task Process_VotesRemembersAndEnds()
    {
        await using AnvilNode node = await AnvilNode.StartAsync("--chain-id", "7");
        await using AnvilNode other = await AnvilNode.StartAsync("--chain-id", "8");
        WriteFiles(node.Http, other.Http);
        SignerEndpoint place = SignerEndpoint.Parse(folder["signer.sock"]);

        using (Process signer = Start(place))
        {
            VoteAnswer abort = await AskAsync(signer, place, world.Request(Decision.Abort));
            Assert.True(abort.Signature is not null, abort.Detail);
            Assert.True(EcdsaSignature.TryRead(
                Hex.Parse(abort.Signature), out EcdsaSignature signature));
            Assert.True(Secp256k1.TryRecover(
                world.Digest(Decision.Abort), signature, out EvmAddress by));
            Assert.Equal(world.Keys[0].Address, by);
            Assert.Equal(Owner, File.GetUnixFileMode(folder["signer.sock"]));
            await SayNonsenseAsync(place);
            Kill(signer, "-KILL");
        }
        using (Process sleep = Process.Start("sleep", "60"))
        using (Process signer = Start(place, "--parent", $"{sleep.Id}"))
        {
            // Nothing is deployed on these nodes; it is the vote of before that speaks first.
            VoteAnswer commit = await AskAsync(signer, place, world.Request(Decision.Commit));
            Assert.Null(commit.Signature);
            VoteAnswer abort = await AskAsync(signer, place, world.Request(Decision.Abort));
            Assert.NotNull(abort.Signature);
            Assert.True(await RefusesAsync(place), "a second one listens at the same place");
            sleep.Kill();
            Assert.True(signer.WaitForExit(PatienceMs), "it outlived its parent");
            Assert.Equal(0, signer.ExitCode);
        }
        using (Process signer = Start(place))
        {
            await AskAsync(signer, place, world.Request(Decision.Abort));
            Kill(signer, "-TERM");
            Assert.Equal(0, signer.ExitCode);
        }
    }

    [Fact]
    public void Key_WhenOthersMayReadIt_IsRefused()
    {
        WriteFiles(new Uri("http://127.0.0.1:1"), new Uri("http://127.0.0.1:1"));
        File.SetUnixFileMode(folder["key.json"], Owner | UnixFileMode.OtherRead);
        using Process signer = Start(SignerEndpoint.Parse(folder["signer.sock"]));
        Assert.True(signer.WaitForExit(PatienceMs));
        Assert.Equal(1, signer.ExitCode);
        Assert.Contains(
            "chmod 600", signer.StandardError.ReadToEnd(), StringComparison.Ordinal);
    }

    private void WriteFiles(Uri first, Uri second)
    {
        VoteLeg leg = world.Request(Decision.Abort).Legs[0];
        StringBuilder text = new();
        text.Append("version = 1\nquorum = 3\nsigners = [")
            .AppendJoin(", ", world.Keys.Select(key => $"\"{key.Address}\"")).Append("]\n");
        foreach ((int number, Uri rpc) in new[] { (7, first), (8, second) })
            text.Append(
                $"""

                [[chain]]
                id = "eip155:{number}"
                rpc = ["{rpc}"]
                quorum = 1
                finalityBlocks = 1
                escrow = "{leg.Escrow}"
                verifier = "{world.Verifier}"
                actSeconds = 40

                """);
        File.WriteAllText(folder["signer.toml"], text.ToString());
        byte[] password = Encoding.UTF8.GetBytes("of no worth");
        File.WriteAllBytes(folder["key.json"], Keystore.Seal(
            world.Keys[0], password, new byte[Keystore.RandomBytes], KeystoreCost.Light));
        File.WriteAllText(folder["password"], "of no worth\n");
        File.SetUnixFileMode(folder["key.json"], Owner);
        File.SetUnixFileMode(folder["password"], Owner);
    }

    private Process Start(SignerEndpoint place, params string[] more)
    {
        ProcessStartInfo start = new("dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "lockstep.dll"), "signer",
                "--config", folder["signer.toml"], "--key", folder["key.json"],
                "--password-file", folder["password"], "--journal", folder["votes.db"],
                "--listen", place.Text,
                // Also a failed test leaves none behind.
                .. more.Length > 0 ? more : ["--parent", $"{Environment.ProcessId}"],
            ])
        {
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        return Process.Start(start)!;
    }

    /// <summary>Asks as soon as it listens.</summary>
    private static async Task<VoteAnswer> AskAsync(
        Process signer, SignerEndpoint place, VoteRequest request)
    {
        using CancellationTokenSource patience = new(PatienceMs);
        while (true)
        {
            try
            {
                return (await place.AskAsync(request, patience.Token))!;
            }
            catch (SocketException)
            {
                Assert.False(
                    signer.HasExited, signer.HasExited ? signer.StandardError.ReadToEnd() : "");
                await Task.Delay(50, patience.Token);
            }
        }
    }

    /// <summary>What is no request gets an answer, and does no harm.</summary>
    private static async Task SayNonsenseAsync(SignerEndpoint place)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(place.Text));
        using NetworkStream stream = new(socket);
        await stream.WriteAsync("{\"bundle\":7}\n"u8.ToArray());
        byte[] answer = new byte[4096];
        int length = await stream.ReadAsync(answer);
        Assert.Contains(
            nameof(VoteRefusal.Malformed), Encoding.UTF8.GetString(answer, 0, length),
            StringComparison.Ordinal);
    }

    private async Task<bool> RefusesAsync(SignerEndpoint place)
    {
        using Process second = Start(place);
        await second.WaitForExitAsync(new CancellationTokenSource(PatienceMs).Token);
        return second.ExitCode == 1;
    }

    private static void Kill(Process process, string signal)
    {
        using Process kill = Process.Start("kill", [signal, $"{process.Id}"]);
        Assert.True(process.WaitForExit(PatienceMs));
    }
}
