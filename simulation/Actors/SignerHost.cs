// SignerHost: the product's Signer as a process with nodes and a journal of its own; or a traitor.
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Evm;
using Lockstep.Model;
using Lockstep.Simulator.Chains;
using Lockstep.Simulator.Kernel;
using Lockstep.Simulator.Running;

namespace Lockstep.Simulator.Actors;

/// <summary>A signer. It answers one request at a time, as the product's does.</summary>
public sealed class SignerHost : IDisposable
{
    private const int MaxWaiting = 256;
    private readonly World world;
    private readonly SigningKey key;
    private readonly VirtualClock clock;
    private readonly Prng network;
    private readonly Dictionary<ChainId, SignerChain> chains = [];
    private readonly Queue<(VoteRequest Request, Action<VoteAnswer> Deliver)> waiting = [];
    private Signer signer;
    private bool busy;

    public SignerHost(World world, int place)
    {
        (this.world, Place, key) = (world, place, Cast.SignerKeys[place]);
        Process = new Process($"signer {place}");
        network = world.Stream($"signer {place}");
        long skew = world.Scenario.Has(Faults.Skew) ? network.Between(-1000, 1000) : 0;
        clock = new VirtualClock(world.Time, Process, skew);
        Disk = new Disk(clock);
        Nodes = [.. world.Chains.Select(chain => new VirtualNode(chain, world.Decode))];
        for (int i = 0; i < Nodes.Length; i++)
            chains[world.Realms[i].Id] = new SignerChain(
                world.Realms[i].Served, world.LinkTo(i, Process, Nodes[i]),
                world.Realms[i].Manners.Finality);
        signer = New();
    }

    public int Place { get; }

    public Process Process { get; }

    public EvmAddress Address => key.Address;

    public VirtualNode[] Nodes { get; }

    public Disk Disk { get; }

    /// <summary>Never answers.</summary>
    public bool IsDead { get; set; }

    /// <summary>Signs whatever it is asked.</summary>
    public bool IsTraitor { get; set; }

    /// <summary>What an answer takes besides, ms.</summary>
    public long SlowMs { get; set; }

    /// <summary>Answers nothing before.</summary>
    public long SilentUntilMs { get; set; }

    /// <summary>How a process asks it.</summary>
    public AskSigner AskFrom(Process client) => (request, _) =>
    {
        world.Time.RequireThread();
        TaskCompletionSource<VoteAnswer?> answer = new();
        int life = client.Life;
        if (waiting.Count < MaxWaiting) world.Time.After(network.Between(2, 60), () =>
        {
            waiting.Enqueue((request, made => world.Time.After(
                network.Between(2, 60) + SlowMs, () =>
                {
                    if (life == client.Life) answer.TrySetResult(made);
                })));
            Work();
        });
        return new ValueTask<VoteAnswer?>(answer.Task);
    };

    /// <summary>Dies and starts again: what waited is lost.</summary>
    public void Restart()
    {
        world.Say($"{Process.Name} restarts");
        Process.Die();
        waiting.Clear();
        busy = false;
        signer = New();
    }

    public void Dispose()
    {
        Process.Die();
        Disk.Dispose();
    }

    private Signer New() => new(key, Cast.Committee, chains, Disk.Journal, clock);

    private void Work()
    {
        if (world.Time.NowMs < SilentUntilMs)
        {
            world.Time.At(SilentUntilMs, Work);
            return;
        }
        if (busy || IsDead || !waiting.TryDequeue(out var one)) return;
        busy = true;
        _ = WorkAsync(one.Request, one.Deliver);
    }

    private async Task WorkAsync(VoteRequest request, Action<VoteAnswer> deliver)
    {
        int life = Process.Life;
        try
        {
            VoteAnswer answer = IsTraitor ? Betray(request)
                : await signer.AnswerAsync(request, CancellationToken.None).ConfigureAwait(false);
            world.Say($"{Process.Name}: {request.Decision} of {Short(request.Bundle)}: {(
                answer.Signature is null ? $"{answer.Reason} {answer.Detail}" : "signed")}");
            if (answer.Signature is not null) Signed(request, answer.Signature);
            deliver(answer);
        }
        catch (KilledException)
        {
            Restart();
            return;
        }
        catch (Exception e)
        {
            world.Watch.Fail("exception", e.ToString());
        }
        if (life != Process.Life) return;
        busy = false;
        Work();
    }

    private void Signed(VoteRequest request, string signature)
    {
        world.Watch.Voted(this, request.Bundle, request.Decision);
        if (world.Watch.LegsHashOf(request.Bundle) is { } legs
            && EcdsaSignature.TryRead(Hex.Parse(signature), out EcdsaSignature vote))
            world.Knows(
                new CommitCertificate(Hash32.Parse(request.Bundle), legs, request.Decision)
                    .Digest(Cast.Committee), vote, Address);
    }

    private VoteAnswer Betray(VoteRequest request)
    {
        VoteCase? asked = VoteCase.Of(request, out string? fault);
        return asked is null
            ? new VoteAnswer(request.Bundle, request.Decision, $"{Address}", null, fault, fault)
            : new VoteAnswer(
                request.Bundle, request.Decision, $"{Address}",
                Hex.Format(key.Sign(asked.Certificate.Digest(Cast.Committee)).ToArray()));
    }

    private static string Short(string bundle) => bundle[..10];
}
