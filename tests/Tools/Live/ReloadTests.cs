// ReloadTests: an executor that runs reads its bounds anew on SIGHUP; wrong ones change nothing.
using System.Buffers;
using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using Lockstep.Model.Lines;
using Lockstep.Tests.Execution.Running;
using Xunit;

namespace Lockstep.Tests.Tools.Live;

[UnsupportedOSPlatform("windows")]
public sealed class ReloadTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [LocalChainFact]
    public async Task Bounds_AreReadAnewOnSighup_AndWrongOnesChangeNothing()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        using RecoverFolder folder = RecoverFolder.Of(world);
        foreach (PlanChain chain in world.Chains)
            await WallTime.SetAsync(chain.Rpc, WallTime.Now);
        await world.AlignAsync();
        // Only what it touches matters: unpriced, it is denied even where no list holds it back.
        PlanLine plan = (await world.FlashAsync(ttlMs: 600_000)).Plan;
        folder.Deny("\"eip155:8453\"");
        // Under nohup the signal is ignored, in children too: here it is as usual.
        using Process executor = Process.Start(new ProcessStartInfo(
            "env",
            [
                "--default-signal=HUP", "dotnet",
                Path.Combine(AppContext.BaseDirectory, "lockstep.dll"), "executor", "--live",
                "--evm", folder.Evm,
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            Assert.Contains("eip155:8453 is set aside", await AskAsync(executor, plan));

            folder.Deny("\"eip155:10\"");
            Hang(executor);
            Assert.Contains("the bounds were read anew", await SaidAsync(executor));
            Assert.Contains("can't be valued", await AskAsync(executor, plan));

            folder.Deny("\"eip155:8453\", 7");
            Hang(executor);
            string said = await SaidAsync(executor);
            Assert.Contains("the bounds stay as they were", said);
            Assert.Contains("risk.toml:", said);
            Assert.Contains("can't be valued", await AskAsync(executor, plan));

            executor.StandardInput.Close();
            await executor.WaitForExitAsync().WaitAsync(Patience);
            Assert.Equal(1, executor.ExitCode);
        }
        finally
        {
            if (!executor.HasExited) executor.Kill();
        }
    }

    /// <summary>Gives it a plan; what its outcome says.</summary>
    private static async Task<string> AskAsync(Process executor, PlanLine plan)
    {
        ArrayBufferWriter<byte> line = new();
        LineCodec.Write(plan, line);
        await executor.StandardInput.WriteAsync(Encoding.UTF8.GetString(line.WrittenSpan));
        await executor.StandardInput.FlushAsync();
        while (true)
        {
            string told = await executor.StandardOutput.ReadLineAsync().WaitAsync(Patience)
                ?? throw new EndOfStreamException(await executor.StandardError.ReadToEndAsync());
            if (LineCodec.Read(Encoding.UTF8.GetBytes(told), out _) is OutcomeLine outcome)
                return $"{outcome.Reason} {outcome.Detail}";
        }
    }

    private static async Task<string> SaidAsync(Process executor)
    {
        while (true)
        {
            string said = await executor.StandardError.ReadLineAsync().WaitAsync(Patience)
                ?? throw new EndOfStreamException();
            if (said.Contains("the bounds", StringComparison.Ordinal)) return said;
        }
    }

    private static void Hang(Process executor)
    {
        using Process kill = Process.Start("kill", ["-HUP", $"{executor.Id}"])!;
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
